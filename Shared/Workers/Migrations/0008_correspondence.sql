SET LOCAL ROLE quorate_owner;

-- Every word on who is who, kept: what stands is the newest in effect, and what stood before can still be read.
CREATE TABLE notifications.directory_word (
    authority text NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'person', 'team', 'role_mailbox', 'allocation', 'family_member', 'meeting', 'chair', 'deputy', 'invitees', 'plan', 'case')),
    entry_id text NOT NULL,
    subject text NOT NULL,
    child_ids text[] NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    event_source text NOT NULL,
    event_id text NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (authority, kind, entry_id, recorded_at, event_source, event_id)
);
CREATE INDEX directory_word_subject ON notifications.directory_word (authority, subject);
CREATE INDEX directory_word_child ON notifications.directory_word USING gin (child_ids);
COMMENT ON TABLE notifications.directory_word IS 'Who is who, with its history: every word on a person, team, shared mailbox, allocation, family member, meeting and plan';
COMMENT ON COLUMN notifications.directory_word.entry_id IS 'Of a person, team, role, meeting or plan; of an allocation <child>/<role>; of a deputy <meeting>/<person>';
COMMENT ON COLUMN notifications.directory_word.subject IS 'Case reference; of the directory the person, team or role';
COMMENT ON COLUMN notifications.directory_word.effective_at IS 'From when it holds: of an allocation its own instant, else when it was recorded';
COMMENT ON COLUMN notifications.directory_word.recorded_at IS 'The envelope''s time; of words in effect from the same instant the greatest (recorded_at, event_source, event_id) stands';
COMMENT ON COLUMN notifications.directory_word.body IS 'The payload of the event that said it';

CREATE TABLE notifications.directory_void (
    authority text NOT NULL,
    event_source text NOT NULL,
    event_id text NOT NULL,
    by_event_id text NOT NULL,
    PRIMARY KEY (authority, event_source, event_id, by_event_id)
);
COMMENT ON TABLE notifications.directory_void IS 'Words that were retracted or superseded, whether they have arrived or not';
COMMENT ON COLUMN notifications.directory_void.by_event_id IS 'What took it back; void itself, it takes nothing back';

CREATE VIEW notifications.directory_live AS
SELECT * FROM notifications.directory_word w
 WHERE NOT EXISTS (
    SELECT FROM notifications.directory_void v
     WHERE v.authority = w.authority AND v.event_source = w.event_source AND v.event_id = w.event_id
       AND NOT EXISTS (SELECT FROM notifications.directory_void u
                        WHERE u.authority = v.authority AND u.event_source = v.event_source AND u.event_id = v.by_event_id));
COMMENT ON VIEW notifications.directory_live IS 'Words that nothing took back';

INSERT INTO notifications.directory_word (authority, kind, entry_id, subject, child_ids, effective_at, recorded_at,
    event_source, event_id, body)
SELECT authority, kind, entry_id, entry_id,
       CASE kind WHEN 'allocation' THEN ARRAY[split_part(entry_id, '/', 1)]
                 WHEN 'family_member' THEN coalesce(ARRAY(SELECT jsonb_array_elements_text(body->'childIds')), '{}')
                 ELSE '{}' END,
       recorded_at, recorded_at, event_source, event_id, body
  FROM notifications.directory_entry;
DROP TABLE notifications.directory_entry;

CREATE TABLE notifications.finding (
    finding_id uuid PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    code text NOT NULL,
    role text NOT NULL,
    person_id text,
    message text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    cleared_at timestamptz
);
CREATE INDEX finding_case ON notifications.finding (authority, subject) WHERE cleared_at IS NULL;
COMMENT ON TABLE notifications.finding IS 'What the directory lacks to reach the right person, by case and role; cleared once it no longer lacks it';
COMMENT ON COLUMN notifications.finding.subject IS 'Case reference; lists where a list is the matter';
COMMENT ON COLUMN notifications.finding.code IS 'role_unheld, person_left, no_address, several_hold, not_safe or unreachable';
COMMENT ON COLUMN notifications.finding.message IS 'For the people who keep the directory: what is missing and who was told instead';

-- A message may wait for a person: held, with the reason. Digests are messages too; what they hold is in digest_item.
ALTER TABLE notifications.message DROP CONSTRAINT message_state_check;
ALTER TABLE notifications.message
    ADD CONSTRAINT message_state_check CHECK (state IN (
        'intended', 'sending', 'sent', 'failed', 'unknown', 'withdrawn', 'held', 'discarded')),
    ADD COLUMN hold text CHECK (hold IN ('not_safe', 'letter', 'cap', 'dry_run')),
    ADD COLUMN released_at timestamptz,
    ADD COLUMN in_doubt boolean NOT NULL DEFAULT false,
    ADD COLUMN occasion_at timestamptz,
    ADD COLUMN digest_on date,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX message_list ON notifications.message (list_id) WHERE list_id IS NOT NULL;
CREATE INDEX message_held ON notifications.message (intended_at) WHERE state IN ('held', 'unknown');
CREATE INDEX message_under_way ON notifications.message (next_attempt_at) WHERE state = 'sending';
CREATE UNIQUE INDEX message_digest ON notifications.message (authority, recipient_id, digest_on) WHERE digest_on IS NOT NULL;
CREATE INDEX notice_case ON notifications.notice (authority, subject);
COMMENT ON COLUMN notifications.message.hold IS 'Why it waits for a person, or waited: not safe to contact, a letter that could distress, over the hour''s cap, a dry run';
COMMENT ON COLUMN notifications.message.released_at IS 'When a person let it go, or had it sent again';
COMMENT ON COLUMN notifications.message.in_doubt IS 'An attempt may have got through: the channel is asked before the next';
COMMENT ON COLUMN notifications.message.occasion_at IS 'Of what it is about: the same after a restore from backup, unlike intended_at';
COMMENT ON COLUMN notifications.message.digest_on IS 'Of a digest, the London day that it is for: one a person';
COMMENT ON COLUMN notifications.message.changed_at IS 'When anything of it changed last';

CREATE TABLE notifications.digest_item (
    item_id uuid PRIMARY KEY,
    notice_id uuid NOT NULL,
    authority text NOT NULL,
    subject text NOT NULL,
    source_partition int NOT NULL,
    recipient_id text NOT NULL,
    recipient_role text NOT NULL,
    recipient_partition int NOT NULL,
    template text NOT NULL,
    rule text,
    body jsonb NOT NULL,
    rhythm text NOT NULL CHECK (rhythm IN ('daily', 'weekly')),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'withdrawn', 'passed_on')),
    message_id uuid,
    added_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'taken') = (message_id IS NOT NULL))
);
CREATE INDEX digest_item_waiting ON notifications.digest_item (authority, recipient_id) WHERE state = 'waiting';
CREATE INDEX digest_item_message ON notifications.digest_item (message_id);
CREATE INDEX digest_item_notice ON notifications.digest_item (notice_id);
COMMENT ON TABLE notifications.digest_item IS 'What waits for a person''s next digest, and what each digest held';
COMMENT ON COLUMN notifications.digest_item.recipient_partition IS 'Of the person: whoever holds it writes the digest, so that there is one';
COMMENT ON COLUMN notifications.digest_item.state IS 'passed_on: the person holds the role no longer, and who does was told instead';
COMMENT ON COLUMN notifications.digest_item.message_id IS 'The digest that took it';
COMMENT ON COLUMN notifications.digest_item.changed_at IS 'When anything of it changed last';

CREATE FUNCTION notifications.note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := now();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION notifications.note_change IS 'Keeps when a row changed last, for the log of everything sent';
CREATE TRIGGER note_change BEFORE UPDATE ON notifications.message
    FOR EACH ROW EXECUTE FUNCTION notifications.note_change();
CREATE TRIGGER note_change BEFORE UPDATE ON notifications.digest_item
    FOR EACH ROW EXECUTE FUNCTION notifications.note_change();

CREATE TABLE notifications.hourly_count (
    authority text NOT NULL,
    recipient_id text NOT NULL,
    hour timestamptz NOT NULL,
    messages int NOT NULL,
    PRIMARY KEY (authority, recipient_id, hour)
);
COMMENT ON TABLE notifications.hourly_count IS 'Messages that were to be sent in an hour of the clock, by authority and person; against the caps';
COMMENT ON COLUMN notifications.hourly_count.recipient_id IS '* stands for the whole authority';

CREATE TABLE notifications.pause (
    authority text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now(),
    login text NOT NULL DEFAULT session_user,
    reason text NOT NULL
);
COMMENT ON TABLE notifications.pause IS 'While a row is here nothing is sent for its authority; what falls due waits';
COMMENT ON COLUMN notifications.pause.authority IS '* stands for all';

GRANT SELECT, INSERT, UPDATE ON notifications.directory_word, notifications.directory_void, notifications.finding,
    notifications.digest_item, notifications.hourly_count TO quorate_notifications;
GRANT DELETE ON notifications.hourly_count TO quorate_notifications;
GRANT SELECT ON notifications.directory_live, notifications.pause TO quorate_notifications;

GRANT USAGE ON SCHEMA notifications TO quorate_views;
GRANT SELECT ON notifications.message, notifications.digest_item, notifications.notice TO quorate_views;
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['message', 'digest_item', 'notice'] LOOP
        EXECUTE format('ALTER TABLE notifications.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY worker ON notifications.%I TO quorate_notifications USING (true) WITH CHECK (true)', t);
        -- The operator, who owns the tables, reads the log by the same view.
        EXECUTE format('CREATE POLICY analyst ON notifications.%I FOR SELECT TO quorate_views
            USING (configuration.may_see(authority) OR pg_has_role(session_user, ''quorate_owner'', ''MEMBER''))', t);
    END LOOP;
END $$;

RESET ROLE;
SET LOCAL ROLE quorate_views;
CREATE VIEW analysis.notification_log AS
SELECT m.authority, coalesce(i.subject, m.subject) AS case_reference, m.message_id,
       coalesce(i.notice_id, m.notice_id) AS notice_id, m.list_id, coalesce(i.rule, m.rule) AS rule,
       coalesce(i.template, m.template) AS template,
       coalesce(i.body, m.body)->'deadline'->>'duty' AS duty, coalesce(i.body, m.body)->'deadline'->>'due' AS duty_due,
       m.recipient_id, coalesce(i.recipient_role, m.recipient_role) AS recipient_role, m.channel,
       m.digest_on, m.state, m.hold, m.outcome, m.attempts, m.intended_at, m.released_at, m.sent_at,
       greatest(m.changed_at, i.changed_at) AS changed_at, now() AS data_as_at
  FROM notifications.message m LEFT JOIN notifications.digest_item i ON i.message_id = m.message_id
UNION ALL
SELECT authority, subject, NULL, notice_id, NULL, rule, template, body->'deadline'->>'duty', body->'deadline'->>'due',
       recipient_id, recipient_role, 'email', NULL, state, NULL, NULL, 0,
       added_at, NULL, NULL, changed_at, now()
  FROM notifications.digest_item WHERE message_id IS NULL;
COMMENT ON VIEW analysis.notification_log IS 'Everything that was or will be sent: what, to whom, why, when, by which channel, with which outcome; of a digest a row for each thing in it';
COMMENT ON COLUMN analysis.notification_log.authority IS 'ONS code of the authority';
COMMENT ON COLUMN analysis.notification_log.case_reference IS 'Case reference of the producing system; empty for a list';
COMMENT ON COLUMN analysis.notification_log.message_id IS 'The message: before @quorate its Message-ID, and the reference on GOV.UK Notify; empty while it waits for a digest';
COMMENT ON COLUMN analysis.notification_log.notice_id IS 'The notice that it tells of';
COMMENT ON COLUMN analysis.notification_log.list_id IS 'The list that it brings';
COMMENT ON COLUMN analysis.notification_log.rule IS 'Rulebook id that asks for it';
COMMENT ON COLUMN analysis.notification_log.template IS 'What is said';
COMMENT ON COLUMN analysis.notification_log.duty IS 'The duty that it is about, where it is about one';
COMMENT ON COLUMN analysis.notification_log.duty_due IS 'When that duty is due: a date, or an instant';
COMMENT ON COLUMN analysis.notification_log.recipient_id IS 'The person, or mailbox:<role>; nobody where none was found';
COMMENT ON COLUMN analysis.notification_log.recipient_role IS 'The role in which they are told';
COMMENT ON COLUMN analysis.notification_log.channel IS 'email; none where nobody was found';
COMMENT ON COLUMN analysis.notification_log.digest_on IS 'The day of the digest that it was in';
COMMENT ON COLUMN analysis.notification_log.state IS 'waiting for a digest, intended, sending, sent, failed, unknown, withdrawn, held, discarded, or passed_on to who holds the role now';
COMMENT ON COLUMN analysis.notification_log.hold IS 'Why it waits for a person, or waited';
COMMENT ON COLUMN analysis.notification_log.outcome IS 'What the channel said last, in words';
COMMENT ON COLUMN analysis.notification_log.attempts IS 'How often the channel was called';
COMMENT ON COLUMN analysis.notification_log.intended_at IS 'When the intent was committed';
COMMENT ON COLUMN analysis.notification_log.released_at IS 'When a person let it go, or had it sent again';
COMMENT ON COLUMN analysis.notification_log.sent_at IS 'When the channel took it';
COMMENT ON COLUMN analysis.notification_log.changed_at IS 'When anything of it changed last';
COMMENT ON COLUMN analysis.notification_log.data_as_at IS 'When this was read';
GRANT SELECT ON analysis.notification_log TO quorate_analyst;
