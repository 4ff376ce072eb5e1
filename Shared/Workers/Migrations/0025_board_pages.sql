SET LOCAL ROLE quorate_owner;

-- As in schema reporting: asked once a statement, so that an index by authority serves, and so that the board's login, which
-- sees the one authority that its page names, sees that authority's escalations.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['message', 'digest_item', 'notice'] LOOP
        EXECUTE format('ALTER POLICY analyst ON notifications.%I USING (
            ''*'' = ANY ((SELECT configuration.visible_authorities())::text[])
            OR authority = ANY ((SELECT configuration.visible_authorities())::text[])
            OR pg_has_role(session_user, ''quorate_owner'', ''MEMBER''))', t);
    END LOOP;
END $$;
CREATE INDEX notice_escalation ON notifications.notice (authority, due_at DESC, notice_id DESC)
 WHERE body->>'template' LIKE '%\_escalation';
COMMENT ON INDEX notifications.notice_escalation IS 'The rungs of escalations, which are few among the notices, the latest first';

-- Of a team, or of cases that were escalated, what is open is found by the cases.
CREATE INDEX duty_open_case ON reporting.duty (authority, subject)
 WHERE NOT withdrawn AND state IN ('pending', 'at_risk', 'missed');
COMMENT ON INDEX reporting.duty_open_case IS 'What is open of each case';
CREATE POLICY board ON reporting.escalation FOR SELECT TO quorate_board
    USING (authority = ANY ((SELECT configuration.visible_authorities())::text[]));
GRANT SELECT (authority, subject, level, taken_back) ON reporting.escalation TO quorate_board;
RESET ROLE;

-- The same rows, worked out for those alone that are asked for.
SET LOCAL ROLE quorate_views;
CREATE OR REPLACE VIEW analysis.escalation AS
SELECT n.authority, n.subject AS case_reference, f.conference_id, n.body->'subject'->>'childId' AS child_id,
       n.body->'deadline'->>'duty' AS duty, f.duty_due, (n.body->>'level')::int AS rung, n.notice_id, n.body->>'rule' AS rule,
       n.body->>'template' AS template, n.due_at AS entry_at, n.raised_at, told.people AS people_told,
       told.first_at AS first_told_at, t.acknowledged_at, t.person_id AS acknowledged_by, n.stopped_at,
       CASE WHEN n.stopped_by = 'correction' THEN 'taken_back' WHEN n.stopped_at IS NOT NULL THEN 'answered'
            WHEN t.acknowledged_at IS NOT NULL THEN 'acknowledged' ELSE 'open' END AS state,
       n.changed_at, u.data_as_at
  FROM notifications.notice n
 CROSS JOIN LATERAL (
    SELECT n.body->'subject'->>'conferenceId' AS conference_id, n.body->'deadline'->>'due' AS duty_due) f
  LEFT JOIN LATERAL (
    SELECT min(a.acknowledged_at) AS acknowledged_at, (array_agg(a.person_id ORDER BY a.acknowledged_at))[1] AS person_id
      FROM notifications.acknowledgement a
      JOIN notifications.notice o ON o.authority = n.authority AND o.subject = n.subject
            AND o.body->>'template' LIKE '%\_escalation' AND o.notice_id::text = lower(a.notice_id)
     WHERE a.authority = n.authority AND a.subject = n.subject
       AND o.body->'subject'->>'conferenceId' IS NOT DISTINCT FROM f.conference_id
       AND o.body->'deadline'->>'due' IS NOT DISTINCT FROM f.duty_due) t ON true
 CROSS JOIN notifications.read_until u
 CROSS JOIN LATERAL (
    SELECT count(DISTINCT s.recipient_id) AS people, min(s.sent_at) AS first_at
      FROM (SELECT m.recipient_id, m.sent_at FROM notifications.message m WHERE m.state = 'sent' AND m.notice_id = n.notice_id
            UNION ALL
            SELECT m.recipient_id, m.sent_at FROM notifications.digest_item i JOIN notifications.message m USING (message_id)
             WHERE m.state = 'sent' AND i.notice_id = n.notice_id) s) told
 WHERE n.body->>'template' LIKE '%\_escalation';

-- By the duties alone: what is judged asks for no child, plan or conference.
CREATE VIEW analysis.duty_judged AS
SELECT authority, duty, due_on, count(*) FILTER (WHERE state = 'met') AS met,
       count(*) FILTER (WHERE state = 'met_late') AS met_late, count(*) FILTER (WHERE state = 'missed') AS missed,
       max(changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM (SELECT d.authority, d.duty, d.state, d.changed_at,
               coalesce(d.due_on, (d.due_at AT TIME ZONE 'Europe/London')::date) AS due_on
          FROM reporting.duty d
         WHERE NOT d.withdrawn AND NOT d.known_late AND d.state IN ('met', 'met_late', 'missed')) judged
 WHERE state <> 'missed' OR due_on < (SELECT analysis.today() - 7)
 GROUP BY authority, duty, due_on;
COMMENT ON VIEW analysis.duty_judged IS 'Duties judged, by kind and due date, as the outcomes met, met_late and missed of duty are: those of the last seven days that are not done yet, and those past when they were first known, are left out';
COMMENT ON COLUMN analysis.duty_judged.authority IS 'ONS code of the authority';
COMMENT ON COLUMN analysis.duty_judged.duty IS 'What was due';
COMMENT ON COLUMN analysis.duty_judged.due_on IS 'Due date; of limits in hours the London date on which the time runs out';
COMMENT ON COLUMN analysis.duty_judged.met IS 'Met in time';
COMMENT ON COLUMN analysis.duty_judged.met_late IS 'Met after the due date';
COMMENT ON COLUMN analysis.duty_judged.missed IS 'Not met, and more than 7 days past the due date';
COMMENT ON COLUMN analysis.duty_judged.changed_at IS 'When a row behind this one was last drawn or changed';
COMMENT ON COLUMN analysis.duty_judged.data_as_at IS 'Everything published before this instant is in the view; empty where nothing was read yet';
GRANT SELECT ON analysis.duty_judged TO quorate_analyst, quorate_reporting, quorate_board;
RESET ROLE;
