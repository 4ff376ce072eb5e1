SET LOCAL ROLE quorate_owner;

-- The audit trail of one authority is found by an index; its entries lie among those of all.
CREATE INDEX entry_by_authority ON auditing.entry (authority);
COMMENT ON INDEX auditing.entry_by_authority IS 'The entries of an authority, for analysis.audit_trail';
-- The rungs of a case, among which an acknowledgement finds its ladder: by the authority alone each would ask all others.
CREATE INDEX notice_escalation_case ON notifications.notice (authority, subject) WHERE body->>'template' LIKE '%\_escalation';
COMMENT ON INDEX notifications.notice_escalation_case IS 'The rungs of escalations of a case';
-- An event of a case with its type, for the reason of a due date: a case may have hundreds.
CREATE INDEX fact_of_case ON reporting.fact (authority, subject, event_id) INCLUDE (event_type);
COMMENT ON INDEX reporting.fact_of_case IS 'The events of a case';
DROP INDEX reporting.fact_case;
-- The enquiries of a child in twelve months, whatever the case, for Annex A.
CREATE INDEX enquiry_of_child ON reporting.enquiry (authority, child_id, started_on);
COMMENT ON INDEX reporting.enquiry_of_child IS 'The enquiries of a child, in any case';

-- The same rows. Who may see all reads them in a row; who may not asks the index, case by case (OFFSET keeps the planner to it): one
-- condition for both would read everything.
CREATE OR REPLACE VIEW scheduling.belief WITH (security_barrier) AS
SELECT c.authority, c.subject, v.version_id, v.deadline_id, v.revision, v.change, v.believed_from, v.body
  FROM scheduling.deadline_version v JOIN scheduling.case_file c USING (case_id)
 WHERE '*' = ANY ((SELECT configuration.visible_authorities())::text[])
UNION ALL
SELECT c.authority, c.subject, v.version_id, v.deadline_id, v.revision, v.change, v.believed_from, v.body
  FROM scheduling.case_file c
 CROSS JOIN LATERAL (SELECT * FROM scheduling.deadline_version o WHERE o.case_id = c.case_id OFFSET 0) v
 WHERE '*' <> ALL ((SELECT configuration.visible_authorities())::text[])
   AND c.authority = ANY ((SELECT configuration.visible_authorities())::text[]);
RESET ROLE;

SET LOCAL ROLE quorate_views;
-- The same rows, likewise; and the grant is asked for once a statement, not once a row.
CREATE OR REPLACE VIEW analysis.audit_trail WITH (security_barrier) AS
SELECT e.authority, e.subject AS case_reference, e.event_type, e.event_source, e.event_id, e.correlation_id,
       to_timestamp(e.kafka_timestamp_ms / 1000.0) AS recorded_at, e.received_at, l.topic, l.partition, e.kafka_offset,
       e.received_at AS changed_at, now() AS data_as_at
  FROM auditing.entry e JOIN auditing.log l USING (log_id)
 WHERE '*' = ANY ((SELECT configuration.visible_authorities())::text[])
UNION ALL
SELECT e.authority, e.subject, e.event_type, e.event_source, e.event_id, e.correlation_id,
       to_timestamp(e.kafka_timestamp_ms / 1000.0), e.received_at, l.topic, l.partition, e.kafka_offset, e.received_at, now()
  FROM auditing.entry e JOIN auditing.log l USING (log_id)
 WHERE '*' <> ALL ((SELECT configuration.visible_authorities())::text[])
   AND e.authority = ANY ((SELECT configuration.visible_authorities())::text[]);

-- The same rows. What is newest is found by its number, no row's text is sorted, and each is read once (OFFSET keeps it so).
CREATE OR REPLACE FUNCTION analysis.as_known_at(instant timestamptz) RETURNS TABLE (
    authority text, case_reference text, deadline_id uuid, version_id bigint, rule text, duty text, child_id text,
    conference_id text, plan_id text, due text, state text, met_on date, believed_from timestamptz, change text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT b.authority, b.subject, b.deadline_id, b.version_id, j->>'rule', j->>'duty', j->'subject'->>'childId',
           j->'subject'->>'conferenceId', j->'subject'->>'planId', j->>'due', j->>'state', (j->>'metOn')::date,
           b.believed_from, b.change
      FROM (SELECT max(k.version_id) AS version_id FROM scheduling.belief k
             WHERE k.believed_from <= instant GROUP BY k.deadline_id) newest
      JOIN scheduling.belief b USING (version_id)
      CROSS JOIN LATERAL (SELECT b.body::jsonb AS j OFFSET 0) v
     WHERE b.body IS NOT NULL
$$;

-- The same rows. What is sorted for the median is sorted byte by byte, by what tells most rows apart first.
CREATE OR REPLACE VIEW analysis.duty_timeliness AS
SELECT authority COLLATE "default" AS authority, policy COLLATE "default" AS policy, rule COLLATE "default" AS rule,
       duty COLLATE "default" AS duty, provenance COLLATE "default" AS provenance, service_id COLLATE "default" AS service_id,
       team_id COLLATE "default" AS team_id, due_month,
       count(*) AS duties, count(*) FILTER (WHERE outcome = 'met') AS met, count(*) FILTER (WHERE outcome = 'met_late') AS met_late,
       count(*) FILTER (WHERE outcome = 'missed') AS missed, count(*) FILTER (WHERE outcome = 'pending') AS pending,
       count(*) FILTER (WHERE outcome = 'withdrawn') AS withdrawn, count(*) FILTER (WHERE outcome = 'too_recent') AS too_recent,
       count(*) FILTER (WHERE outcome = 'data_fault') AS data_fault, count(*) FILTER (WHERE outcome = 'known_late') AS known_late,
       round(100.0 * count(*) FILTER (WHERE outcome = 'met')
             / nullif(count(*) FILTER (WHERE outcome IN ('met', 'met_late', 'missed')), 0), 1) AS met_percent,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY margin_days) FILTER (WHERE outcome IN ('met', 'met_late')) AS median_margin_days,
       min(margin_days) FILTER (WHERE outcome IN ('met', 'met_late')) AS least_margin_days,
       max(changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM (SELECT authority COLLATE "C" AS authority, policy COLLATE "C" AS policy, rule COLLATE "C" AS rule, duty COLLATE "C" AS duty,
               provenance COLLATE "C" AS provenance, service_id COLLATE "C" AS service_id, team_id COLLATE "C" AS team_id,
               date_trunc('month', due_on)::date AS due_month, outcome, margin_days, changed_at
          FROM analysis.duty) d
 GROUP BY d.due_month, d.rule, d.team_id, d.authority, d.duty, d.policy, d.provenance, d.service_id;

-- The same columns. Of a past day the list knows no conference that came after it.
CREATE OR REPLACE FUNCTION analysis.annex_a_list_5(ending date DEFAULT analysis.today()) RETURNS TABLE (
    authority text, child_id text, date_of_birth date, age int, strategy_discussion date, section_47_start date,
    icpc_unnecessary text, icpc_date date, icpc_resulted_in_plan text, section_47_in_12_months bigint, icpc_in_12_months bigint,
    allocated_team text, allocated_worker text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT e.authority, e.child_id, w.born_on, extract(year FROM age(ending, w.born_on))::int, e.discussion_on, e.started_on,
           CASE WHEN e.not_needed IS NOT NULL THEN 'Y' ELSE 'N' END, h.held_on,
           CASE WHEN h.held_on IS NULL THEN NULL WHEN i.icpc_icpc_outcome_cp_flag = 'Y' THEN 'Y' ELSE 'N' END,
           (SELECT count(*) FROM reporting.enquiry o WHERE o.authority = e.authority AND o.child_id = e.child_id
               AND o.started_on > (ending - interval '12 months')::date AND o.started_on <= ending),
           (SELECT count(*) FROM reporting.sitting x JOIN reporting.conference c USING (authority, subject, conference_id)
             WHERE x.authority = e.authority AND x.subject = e.subject AND x.child_id = e.child_id
               AND c.conference_type IN ('initial', 'prebirth', 'transfer_in')
               AND c.held_on > (ending - interval '12 months')::date AND c.held_on <= ending),
           w.team_id, w.social_worker_id
      FROM reporting.enquiry e
     CROSS JOIN LATERAL (SELECT CASE WHEN e.conference_on <= ending THEN e.conference_on END AS held_on) h
      LEFT JOIN analysis.child w ON w.authority = e.authority AND w.case_reference = e.subject AND w.child_id = e.child_id
      LEFT JOIN analysis.ssd_initial_cp_conference i
        ON i.authority = e.authority AND i.case_reference = e.subject AND i.icpc_icpc_id = e.conference_id || ':' || e.child_id
     WHERE (e.started_on > (ending - interval '6 months')::date AND e.started_on <= ending)
        OR (e.conference_on > (ending - interval '6 months')::date AND e.conference_on <= ending)
     ORDER BY e.authority, e.started_on, e.child_id, e.enquiry_id
$$;
RESET ROLE;
