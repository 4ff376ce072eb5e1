SET LOCAL ROLE quorate_owner;

-- Of the largest table an index finds what an analyst may see: where that is everything, the authorities are named too, each found
-- from the one before by the index, in the statement's own snapshot. An alternative in the condition, "or all", would have every
-- duty read for one authority.
CREATE FUNCTION reporting.visible_duty_authorities() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH RECURSIVE known AS (
        SELECT min(d.authority) AS code FROM reporting.duty d
        UNION ALL
        SELECT (SELECT min(d.authority) FROM reporting.duty d WHERE d.authority > k.code) FROM known k WHERE k.code IS NOT NULL)
    SELECT CASE WHEN '*' = ANY (granted.codes)
                THEN (SELECT coalesce(array_agg(code), '{}') FROM known WHERE code IS NOT NULL) ELSE granted.codes END
      FROM (SELECT configuration.visible_authorities() AS codes) granted
$$;
COMMENT ON FUNCTION reporting.visible_duty_authorities IS 'The authorities that have duties which the session may see; it names no others';
ALTER POLICY analyst ON reporting.duty USING (authority = ANY ((SELECT reporting.visible_duty_authorities())::text[]));

CREATE INDEX escalation_case ON reporting.escalation (authority, subject);
COMMENT ON INDEX reporting.escalation_case IS 'The escalations of a case';

-- The cases of a team, for the board, which sees one authority: by the team, where analysis.child has to know each child's first.
CREATE VIEW reporting.team_case WITH (security_barrier) AS
SELECT c.authority, c.team_id, c.subject FROM reporting.child c
 WHERE c.authority = ANY ((SELECT configuration.visible_authorities())::text[]) AND c.team_id IS NOT NULL
   AND NOT EXISTS (
    SELECT FROM reporting.allocation w
      JOIN reporting.staff p ON p.authority = w.authority AND p.kind = 'person' AND p.entry_id = w.person_id
     WHERE w.authority = c.authority AND w.subject = c.subject AND w.child_id = c.child_id AND w.role = 'social_worker'
       AND p.team_id IS NOT NULL)
UNION ALL
SELECT p.authority, p.team_id, w.subject FROM reporting.staff p
  JOIN reporting.allocation w ON w.authority = p.authority AND w.person_id = p.entry_id AND w.role = 'social_worker'
  JOIN reporting.child c ON c.authority = w.authority AND c.subject = w.subject AND c.child_id = w.child_id
 WHERE p.authority = ANY ((SELECT configuration.visible_authorities())::text[]) AND p.kind = 'person'
   AND p.team_id IS NOT NULL;
COMMENT ON VIEW reporting.team_case IS 'The cases of each team: of children whose social worker is in it, or who are registered with it where that is not known';
CREATE INDEX child_team ON reporting.child (authority, team_id);
COMMENT ON INDEX reporting.child_team IS 'The children registered with a team';
CREATE INDEX allocation_person ON reporting.allocation (authority, person_id);
COMMENT ON INDEX reporting.allocation_person IS 'The cases of a person';
GRANT SELECT ON reporting.team_case TO quorate_board;
RESET ROLE;

-- The same rows. What belongs to a row is looked up for it by its case: joined with what had been summed over all cases, it was left to
-- the planner's estimate whether a year of England took seconds or hours.
SET LOCAL ROLE quorate_views;
CREATE OR REPLACE VIEW analysis.ssd_initial_cp_conference AS
SELECT s.conference_id || ':' || s.child_id AS icpc_icpc_id, s.conference_id AS icpc_icpc_meeting_id,
       e.enquiry_id || ':' || s.child_id AS icpc_s47_enquiry_id, s.child_id AS icpc_person_id, p.plan_id AS icpc_cp_plan_id,
       NULL::text AS icpc_referral_id,
       CASE WHEN c.conference_type = 'transfer_in' OR t.was_notified THEN 'Y' ELSE 'N' END AS icpc_icpc_transfer_in,
       coalesce(e.target_on, t.target_on) AS icpc_icpc_target_date, c.held_on AS icpc_icpc_date,
       CASE WHEN p.plan_id IS NOT NULL OR s.decision = 'plan' THEN 'Y' ELSE 'N' END AS icpc_icpc_outcome_cp_flag,
       jsonb_build_object('OUTCOME_CP_FLAG',
           CASE WHEN p.plan_id IS NOT NULL OR s.decision = 'plan' THEN 'Y' ELSE 'N' END) AS icpc_icpc_outcome_json,
       w.team_id AS icpc_icpc_team, w.social_worker_id AS icpc_icpc_worker_id,
       s.authority, s.subject AS case_reference, greatest(s.changed_at, c.changed_at) AS changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.sitting s
  JOIN reporting.conference c USING (authority, subject, conference_id)
  LEFT JOIN LATERAL (
    SELECT q.enquiry_id, q.target_on FROM reporting.enquiry q
     WHERE q.authority = s.authority AND q.subject = s.subject AND q.conference_id = s.conference_id AND q.child_id = s.child_id
     ORDER BY q.started_on, q.enquiry_id LIMIT 1) e ON true
 CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS was_notified, min(m.target_on) AS target_on FROM reporting.transfer_in m
     WHERE m.authority = s.authority AND m.subject = s.subject AND m.conference_id = s.conference_id
       AND m.child_id = s.child_id) t
 CROSS JOIN LATERAL (
    SELECT min(l.plan_id) AS plan_id FROM reporting.plan l
     WHERE l.authority = s.authority AND l.subject = s.subject AND l.conference_id = s.conference_id
       AND l.child_id = s.child_id) p
  LEFT JOIN analysis.child w ON w.authority = s.authority AND w.case_reference = s.subject AND w.child_id = s.child_id
 WHERE c.conference_type IN ('initial', 'prebirth', 'transfer_in');

CREATE OR REPLACE VIEW analysis.quorum AS
SELECT s.authority, s.subject AS case_reference, s.conference_id, s.child_id, c.conference_type, c.held_on, c.quorum_claim,
       CASE WHEN judged.own THEN 'inquorate'
            WHEN c.quorum_claim = 'inquorate' AND judged.any THEN 'quorate' ELSE c.quorum_claim END AS quorum,
       greatest(s.changed_at, c.changed_at, judged.changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.sitting s JOIN reporting.conference c USING (authority, subject, conference_id)
 CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS any, count(*) FILTER (WHERE f.child_id = s.child_id) > 0 AS own,
           max(f.changed_at) FILTER (WHERE f.child_id = s.child_id) AS changed_at
      FROM reporting.finding f
     WHERE f.authority = s.authority AND f.subject = s.subject AND f.conference_id = s.conference_id AND NOT f.cleared
       AND f.rule = 'LON-3.10a' AND f.child_id IS NOT NULL) judged
 WHERE c.conference_type IN ('initial', 'prebirth', 'transfer_in', 'review', 'combined');

CREATE OR REPLACE VIEW analysis.ssd_cp_reviews AS
SELECT q.conference_id || ':' || q.child_id AS cppr_cp_review_id, q.child_id AS cppr_person_id, p.plan_id AS cppr_cp_plan_id,
       d.due_on AS cppr_cp_review_due, q.held_on AS cppr_cp_review_date, q.conference_id AS cppr_cp_review_meeting_id,
       CASE s.decision WHEN 'continue' THEN 'Y' WHEN 'end' THEN 'N' END AS cppr_cp_review_outcome_continue_cpp,
       CASE q.quorum WHEN 'inquorate' THEN 'N' WHEN 'quorate' THEN 'Y' WHEN 'quorate_by_exception' THEN 'Y' END
           AS cppr_cp_review_quorate,
       s.participation AS cppr_cp_review_participation,
       q.authority, q.case_reference, greatest(q.changed_at, p.changed_at, d.changed_at) AS changed_at, q.data_as_at
  FROM analysis.quorum q
  JOIN reporting.sitting s ON s.authority = q.authority AND s.subject = q.case_reference AND s.conference_id = q.conference_id
        AND s.child_id = q.child_id
  JOIN reporting.conference c ON c.authority = q.authority AND c.subject = q.case_reference AND c.conference_id = q.conference_id
  JOIN reporting.plan p ON p.authority = q.authority AND p.subject = q.case_reference AND p.child_id = q.child_id
        AND p.started_on < q.held_on AND (p.ended_on IS NULL OR p.ended_on >= q.held_on)
 CROSS JOIN LATERAL (
    SELECT min(o.due_on) AS due_on, max(o.changed_at) AS changed_at FROM reporting.duty o
     WHERE o.authority = q.authority AND o.subject = q.case_reference AND o.plan_id = p.plan_id AND o.met_by = c.held_event
       AND o.duty IN ('first_review', 'later_review') AND NOT o.withdrawn AND o.state <> 'superseded') d
 WHERE q.conference_type IN ('review', 'combined');

CREATE OR REPLACE VIEW analysis.ssd_cla_reviews AS
SELECT c.conference_id || ':' || k.child_id AS clar_cla_review_id, l.child_id || ':' || l.started_on AS clar_cla_id,
       d.due_on AS clar_cla_review_due_date, c.held_on AS clar_cla_review_date,
       CASE WHEN c.state = 'cancelled' THEN 'Y' ELSE 'N' END AS clar_cla_review_cancelled,
       s.participation AS clar_cla_review_participation, k.child_id AS clar_person_id,
       c.authority, c.subject AS case_reference, greatest(c.changed_at, d.changed_at) AS changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.conference c CROSS JOIN LATERAL unnest(c.child_ids) AS k (child_id)
  LEFT JOIN reporting.sitting s USING (authority, subject, conference_id, child_id)
  LEFT JOIN reporting.looked_after l ON l.authority = c.authority AND l.subject = c.subject AND l.child_id = k.child_id
        AND l.started_on <= coalesce(c.held_on, c.starts_on) AND (l.ended_on IS NULL OR l.ended_on >= coalesce(c.held_on, c.starts_on))
 CROSS JOIN LATERAL (
    SELECT min(o.due_on) AS due_on, max(o.changed_at) AS changed_at FROM reporting.duty o
     WHERE o.authority = c.authority AND o.subject = c.subject AND o.child_id = k.child_id AND o.met_by = c.held_event
       AND o.duty IN ('first_looked_after_review', 'second_looked_after_review', 'later_looked_after_review')
       AND NOT o.withdrawn AND o.state <> 'superseded') d
 WHERE c.conference_type IN ('cla_review', 'combined') AND c.state IN ('held', 'cancelled');

CREATE OR REPLACE VIEW analysis.overdue AS
SELECT d.authority, d.case_reference, d.deadline_id, d.rule, d.duty, d.child_id, d.conference_id, d.plan_id, d.due_on,
       d.days_overdue,
       CASE WHEN d.days_overdue <= 7 THEN '1-7' WHEN d.days_overdue <= 28 THEN '8-28' WHEN d.days_overdue <= 91 THEN '29-91'
            ELSE '92+' END AS overdue_band,
       analysis.age_band(w.born_on, analysis.today()) AS age_band, e.rung, d.social_worker_id, d.team_id,
       d.service_id, d.changed_at, d.data_as_at
  FROM analysis.duty d
  LEFT JOIN reporting.child w ON w.authority = d.authority AND w.subject = d.case_reference AND w.child_id = d.child_id
 CROSS JOIN LATERAL (
    SELECT coalesce(max(x.level), 0) AS rung FROM reporting.escalation x
     WHERE x.authority = d.authority AND x.subject = d.case_reference AND x.conference_id = d.conference_id
       AND NOT x.taken_back) e
 WHERE d.state = 'missed';
RESET ROLE;
