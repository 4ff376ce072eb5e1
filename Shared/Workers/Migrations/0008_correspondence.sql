SET LOCAL ROLE quorate_owner;

-- Every word on who is who, kept: what stands is the newest in effect, and what stood before can still be read.
CREATE TABLE notifications.directory_word (
    word_id bigint GENERATED ALWAYS AS IDENTITY,
    authority text NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'person', 'team', 'role_mailbox', 'allocation', 'family_member', 'meeting', 'chair', 'deputy', 'invitees', 'plan')),
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
CREATE INDEX directory_word_newest ON notifications.directory_word (authority, word_id);
CREATE INDEX directory_word_subject ON notifications.directory_word (authority, subject);
CREATE INDEX directory_word_child ON notifications.directory_word USING gin (child_ids);
COMMENT ON TABLE notifications.directory_word IS 'Who is who, with its history: every word on a person, team, shared mailbox, allocation, family member, meeting and plan';
COMMENT ON COLUMN notifications.directory_word.word_id IS 'Rises with each word that arrives; a reader that has seen the greatest of an authority has seen all';
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

-- Workers of the release before write to directory_entry alone: what they hear is a word too.
INSERT INTO notifications.directory_word (authority, kind, entry_id, subject, child_ids, effective_at, recorded_at,
    event_source, event_id, body)
SELECT authority, kind, entry_id, entry_id,
       CASE kind WHEN 'allocation' THEN ARRAY[split_part(entry_id, '/', 1)]
                 WHEN 'family_member' THEN coalesce(ARRAY(SELECT jsonb_array_elements_text(body->'childIds')), '{}')
                 ELSE '{}' END,
       recorded_at, recorded_at, event_source, event_id, body
  FROM notifications.directory_entry;

CREATE FUNCTION notifications.keep_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notifications.directory_word (authority, kind, entry_id, subject, child_ids, effective_at, recorded_at,
        event_source, event_id, body)
    VALUES (NEW.authority, NEW.kind, NEW.entry_id, NEW.entry_id,
        CASE NEW.kind WHEN 'allocation' THEN ARRAY[split_part(NEW.entry_id, '/', 1)]
            WHEN 'family_member' THEN coalesce(ARRAY(SELECT jsonb_array_elements_text(NEW.body->'childIds')), '{}')
            ELSE '{}' END,
        NEW.recorded_at, NEW.recorded_at, NEW.event_source, NEW.event_id, NEW.body)
    ON CONFLICT DO NOTHING;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION notifications.keep_word IS 'Keeps what a worker of the release before hears';
CREATE TRIGGER keep_word AFTER INSERT OR UPDATE ON notifications.directory_entry
    FOR EACH ROW EXECUTE FUNCTION notifications.keep_word();

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

-- A message may wait for a person: held, with the reason.
ALTER TABLE notifications.message DROP CONSTRAINT message_state_check;
ALTER TABLE notifications.message
    ADD CONSTRAINT message_state_check CHECK (state IN (
        'intended', 'sending', 'sent', 'failed', 'unknown', 'withdrawn', 'held', 'discarded')),
    ADD COLUMN hold text CHECK (hold IN ('not_safe', 'letter', 'cap', 'dry_run')),
    ADD COLUMN released_at timestamptz;
COMMENT ON COLUMN notifications.message.hold IS 'Why it waits for a person, or waited: not safe to contact, a letter that could distress, over the hour''s cap, a dry run';
COMMENT ON COLUMN notifications.message.released_at IS 'When a person let it go';

GRANT SELECT, INSERT, UPDATE ON notifications.directory_word, notifications.directory_void, notifications.finding
    TO quorate_notifications;
GRANT SELECT ON notifications.directory_live TO quorate_notifications;
