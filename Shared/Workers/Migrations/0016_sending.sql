SET LOCAL ROLE quorate_owner;

-- Escalations: when a rung was entered, and what ended it.
ALTER TABLE notifications.notice
    ADD COLUMN raised_at timestamptz,
    ADD COLUMN stopped_at timestamptz,
    ADD COLUMN stopped_by text,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN notifications.notice.raised_at IS 'Of a rung of an escalation, when it was first passed to people';
COMMENT ON COLUMN notifications.notice.stopped_at IS 'When it was taken back';
COMMENT ON COLUMN notifications.notice.stopped_by IS 'Why it was taken back: withdrawn, suppressed or before_live as the ledger calls it, or correction';
COMMENT ON COLUMN notifications.notice.changed_at IS 'When anything of it changed last';
CREATE TRIGGER note_change BEFORE UPDATE ON notifications.notice
    FOR EACH ROW EXECUTE FUNCTION notifications.note_change();

-- A correction stands in the place of what it corrects; of two that correct one word the greater stands.
ALTER TABLE notifications.directory_word DROP CONSTRAINT directory_word_kind_check;
ALTER TABLE notifications.directory_word
    ADD CONSTRAINT directory_word_kind_check CHECK (kind IN (
        'person', 'team', 'role_mailbox', 'allocation', 'family_member', 'meeting', 'chair', 'deputy', 'invitees', 'plan', 'case',
        'child', 'death', 'location', 'moved', 'cancelled', 'held', 'exclusion', 'next_date', 'plan_end', 'acknowledgement')),
    ADD COLUMN is_correction boolean NOT NULL DEFAULT false,
    ADD COLUMN digest bytea;
COMMENT ON COLUMN notifications.directory_word.is_correction IS 'It supersedes another word, and takes its place';
COMMENT ON COLUMN notifications.directory_word.digest IS 'Of the event''s content: another content under the same id is no word';
CREATE INDEX directory_word_event ON notifications.directory_word (authority, event_source, event_id);
CREATE INDEX directory_word_correction ON notifications.directory_word (authority, kind) WHERE is_correction;

ALTER TABLE notifications.directory_void
    ADD COLUMN subject text,
    ADD COLUMN supersedes boolean NOT NULL DEFAULT false,
    ADD COLUMN ordered_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN digest bytea;
COMMENT ON COLUMN notifications.directory_void.subject IS 'A correction acts within its own case or entry; NULL of one kept by an older release';
COMMENT ON COLUMN notifications.directory_void.supersedes IS 'It replaces the word; else it only takes it back';
COMMENT ON COLUMN notifications.directory_void.ordered_at IS 'The correction''s own instant, else when it was recorded: the greater of two stands';
COMMENT ON COLUMN notifications.directory_void.recorded_at IS 'The correction''s own envelope time';
COMMENT ON COLUMN notifications.directory_void.digest IS 'Of the correction''s content';
CREATE INDEX directory_void_by ON notifications.directory_void (authority, event_source, by_event_id);

-- A retraction says nothing itself, so that what took a word back and said one replaced it.
UPDATE notifications.directory_void v SET supersedes = true, subject = w.subject, ordered_at = w.effective_at, recorded_at = w.recorded_at
  FROM notifications.directory_word w
 WHERE w.authority = v.authority AND w.event_source = v.event_source AND w.event_id = v.by_event_id;
UPDATE notifications.directory_word w SET is_correction = true
 WHERE EXISTS (SELECT FROM notifications.directory_void v
                WHERE v.supersedes AND v.authority = w.authority AND v.event_source = w.event_source AND v.by_event_id = w.event_id);

CREATE FUNCTION notifications.stands(an_authority text, a_subject text, a_source text, an_event text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    other text;
BEGIN
    -- Words that correct one another in a circle: none of them stands.
    IF an_event IN (
        WITH RECURSIVE chain (event_id) AS (
            SELECT v.event_id FROM notifications.directory_void v
             WHERE v.authority = an_authority AND v.event_source = a_source AND v.by_event_id = an_event
            UNION
            SELECT v.event_id FROM chain c JOIN notifications.directory_void v
                ON v.authority = an_authority AND v.event_source = a_source AND v.by_event_id = c.event_id)
        SELECT event_id FROM chain) THEN
        RETURN false;
    END IF;
    -- One by one, since a filter that asks this function again must see none but these.
    FOR other IN
        SELECT v.by_event_id FROM notifications.directory_void v
         WHERE v.authority = an_authority AND v.event_source = a_source AND v.event_id = an_event
           AND coalesce(v.subject, a_subject) = a_subject
        UNION
        SELECT rival.by_event_id FROM notifications.directory_void own JOIN notifications.directory_void rival
            ON rival.authority = own.authority AND rival.event_source = own.event_source AND rival.event_id = own.event_id
           AND coalesce(rival.subject, a_subject) = a_subject AND rival.supersedes
           AND (rival.ordered_at, rival.recorded_at, rival.by_event_id) > (own.ordered_at, own.recorded_at, own.by_event_id)
         WHERE own.supersedes AND own.authority = an_authority AND own.event_source = a_source AND own.by_event_id = an_event
    LOOP
        IF notifications.stands(an_authority, a_subject, a_source, other) THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END $$;
COMMENT ON FUNCTION notifications.stands IS 'Whether nothing that stands itself took a word back, and none greater replaces the same word';

-- Few words are corrections or corrected: the rest is read without asking twice.
CREATE OR REPLACE VIEW notifications.directory_live AS
SELECT w.authority, w.kind, w.entry_id, w.subject, w.child_ids, w.effective_at, w.recorded_at, w.event_source, w.event_id, w.body
  FROM notifications.directory_word w
 WHERE NOT w.is_correction AND NOT EXISTS (
    SELECT FROM notifications.directory_void v
     WHERE v.authority = w.authority AND v.event_source = w.event_source AND v.event_id = w.event_id)
UNION ALL
SELECT w.authority, w.kind, w.entry_id, w.subject, w.child_ids, w.effective_at, w.recorded_at, w.event_source, w.event_id, w.body
  FROM notifications.directory_word w
 WHERE NOT w.is_correction AND EXISTS (
    SELECT FROM notifications.directory_void v
     WHERE v.authority = w.authority AND v.event_source = w.event_source AND v.event_id = w.event_id)
   AND notifications.stands(w.authority, w.subject, w.event_source, w.event_id)
UNION ALL
SELECT w.authority, w.kind, w.entry_id, w.subject, w.child_ids,
       CASE WHEN w.effective_at = w.recorded_at THEN coalesce(root.recorded_at, w.recorded_at) ELSE w.effective_at END,
       coalesce(root.recorded_at, w.recorded_at), w.event_source, coalesce(root.event_id, w.event_id), w.body
  FROM notifications.directory_word w
  LEFT JOIN LATERAL (
    WITH RECURSIVE above (event_id, step) AS (
        SELECT v.event_id, 1 FROM notifications.directory_void v
         WHERE v.supersedes AND v.authority = w.authority AND v.event_source = w.event_source AND v.by_event_id = w.event_id
        UNION ALL
        SELECT v.event_id, a.step + 1 FROM above a JOIN notifications.directory_void v
            ON v.supersedes AND v.authority = w.authority AND v.event_source = w.event_source AND v.by_event_id = a.event_id
         WHERE a.step < 100)
    SELECT a.event_id, (SELECT min(r.recorded_at) FROM notifications.directory_word r
                         WHERE r.authority = w.authority AND r.event_source = w.event_source AND r.event_id = a.event_id) AS recorded_at
      FROM above a ORDER BY a.step DESC LIMIT 1) root ON true
 WHERE w.is_correction AND notifications.stands(w.authority, w.subject, w.event_source, w.event_id);
COMMENT ON VIEW notifications.directory_live IS 'Words that nothing took back, each in the place of the word that it corrects';
COMMENT ON COLUMN notifications.directory_live.event_id IS 'Of the first event of the chain of corrections';

-- What each worker has read: with several, no one of them knows everything.
CREATE TABLE notifications.reader (
    holder uuid PRIMARY KEY,
    is_current boolean NOT NULL,
    is_quiet boolean NOT NULL,
    current_at timestamptz,
    seen_at timestamptz NOT NULL
);
COMMENT ON TABLE notifications.reader IS 'One row a notifications worker, by the holder of its partitions in kafka_offset';
COMMENT ON COLUMN notifications.reader.is_current IS 'It had read everything in its partitions when it looked last';
COMMENT ON COLUMN notifications.reader.is_quiet IS 'The same, and nothing had come for a while';
COMMENT ON COLUMN notifications.reader.current_at IS 'When it was current last';
COMMENT ON COLUMN notifications.reader.seen_at IS 'When it looked last';
GRANT SELECT, INSERT, UPDATE, DELETE ON notifications.reader TO quorate_notifications;

CREATE VIEW notifications.read_until AS
SELECT CASE WHEN bool_and(r.current_at IS NOT NULL) THEN min(r.current_at) END AS data_as_at
  FROM notifications.kafka_offset o LEFT JOIN notifications.reader r USING (holder)
 WHERE o.cluster = (SELECT cluster FROM notifications.kafka_offset ORDER BY updated_at DESC LIMIT 1);
COMMENT ON VIEW notifications.read_until IS 'Everything published before this instant has been read by some notifications worker; NULL where one is missing';

CREATE VIEW notifications.acknowledgement WITH (security_barrier) AS
SELECT authority, subject, entry_id AS notice_id, body->>'personId' AS person_id, effective_at AS acknowledged_at
  FROM notifications.directory_live
 WHERE kind = 'acknowledgement' AND effective_at <= now()
   AND ('*' = ANY ((SELECT configuration.visible_authorities())::text[])
        OR authority = ANY ((SELECT configuration.visible_authorities())::text[])
        OR pg_has_role(session_user, 'quorate_owner', 'MEMBER'));
COMMENT ON VIEW notifications.acknowledgement IS 'Escalations that somebody has taken up, of the authorities that the session may see';
GRANT SELECT ON notifications.acknowledgement, notifications.read_until TO quorate_views;

RESET ROLE;
SET LOCAL ROLE quorate_views;
CREATE VIEW analysis.escalation AS
WITH rung AS (
    SELECT n.authority, n.subject, n.notice_id, (n.body->>'level')::int AS rung, n.body->'subject'->>'conferenceId' AS conference_id,
           n.body->'subject'->>'childId' AS child_id, n.body->>'rule' AS rule, n.body->>'template' AS template,
           n.body->'deadline'->>'duty' AS duty, n.body->'deadline'->>'due' AS duty_due, n.due_at, n.raised_at, n.stopped_at,
           n.stopped_by, n.changed_at
      FROM notifications.notice n WHERE n.body->>'template' LIKE '%\_escalation'),
taken_up AS (
    SELECT r.authority, r.subject, r.conference_id, r.duty_due, (array_agg(a.person_id ORDER BY a.acknowledged_at))[1] AS person_id,
           min(a.acknowledged_at) AS acknowledged_at
      FROM rung r JOIN notifications.acknowledgement a
        ON a.authority = r.authority AND a.subject = r.subject AND lower(a.notice_id) = r.notice_id::text
     GROUP BY 1, 2, 3, 4)
SELECT r.authority, r.subject AS case_reference, r.conference_id, r.child_id, r.duty, r.duty_due, r.rung, r.notice_id, r.rule, r.template,
       r.due_at AS entry_at, r.raised_at, told.people AS people_told, told.first_at AS first_told_at, t.acknowledged_at,
       t.person_id AS acknowledged_by, r.stopped_at,
       CASE WHEN r.stopped_by = 'correction' THEN 'taken_back' WHEN r.stopped_at IS NOT NULL THEN 'answered'
            WHEN t.acknowledged_at IS NOT NULL THEN 'acknowledged' ELSE 'open' END AS state,
       r.changed_at, u.data_as_at
  FROM rung r
  LEFT JOIN taken_up t ON t.authority = r.authority AND t.subject = r.subject
        AND t.conference_id IS NOT DISTINCT FROM r.conference_id AND t.duty_due IS NOT DISTINCT FROM r.duty_due
  CROSS JOIN notifications.read_until u
 CROSS JOIN LATERAL (
    SELECT count(DISTINCT m.recipient_id) AS people, min(m.sent_at) AS first_at
      FROM notifications.message m LEFT JOIN notifications.digest_item i ON i.message_id = m.message_id
     WHERE m.state = 'sent' AND coalesce(i.notice_id, m.notice_id) = r.notice_id) told;
COMMENT ON VIEW analysis.escalation IS 'Each rung of each escalation: when it was entered, who was told, and what ended it. The rungs of one conference and due date are one ladder';
COMMENT ON COLUMN analysis.escalation.authority IS 'ONS code of the authority';
COMMENT ON COLUMN analysis.escalation.case_reference IS 'Case reference of the producing system';
COMMENT ON COLUMN analysis.escalation.conference_id IS 'Conference or looked-after review that it is about';
COMMENT ON COLUMN analysis.escalation.child_id IS 'Child that it is about, where it is about one';
COMMENT ON COLUMN analysis.escalation.duty IS 'The duty that is late';
COMMENT ON COLUMN analysis.escalation.duty_due IS 'When that duty was due: a date, or an instant';
COMMENT ON COLUMN analysis.escalation.rung IS '1 for the first of the ladder';
COMMENT ON COLUMN analysis.escalation.notice_id IS 'The notice that it is; what escalation.acknowledged names';
COMMENT ON COLUMN analysis.escalation.rule IS 'Rulebook id that asks for it';
COMMENT ON COLUMN analysis.escalation.template IS 'What is said';
COMMENT ON COLUMN analysis.escalation.entry_at IS 'When the rung was to be entered, by the rule';
COMMENT ON COLUMN analysis.escalation.raised_at IS 'When it was first passed to people; empty of a rung that the ladder did not reach';
COMMENT ON COLUMN analysis.escalation.people_told IS 'How many people have been told';
COMMENT ON COLUMN analysis.escalation.first_told_at IS 'When the channel took the first of these messages';
COMMENT ON COLUMN analysis.escalation.acknowledged_at IS 'When somebody took the ladder up, on whichever rung: no further one is told';
COMMENT ON COLUMN analysis.escalation.acknowledged_by IS 'Who took it up, by the directory''s id';
COMMENT ON COLUMN analysis.escalation.stopped_at IS 'When the rung was taken back, because what was late came, or the facts changed';
COMMENT ON COLUMN analysis.escalation.state IS 'open; acknowledged; answered: what was asked for came, or the meeting is over; taken_back: it should never have been raised, as the facts now stand';
COMMENT ON COLUMN analysis.escalation.changed_at IS 'When a row behind this one was last drawn or changed';
COMMENT ON COLUMN analysis.escalation.data_as_at IS 'Everything published before this instant is in the view; empty where a worker is missing';
GRANT SELECT ON analysis.escalation TO quorate_analyst;
