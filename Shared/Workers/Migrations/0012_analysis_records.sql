SET LOCAL ROLE quorate_views;

CREATE FUNCTION analysis.today() RETURNS date LANGUAGE sql STABLE RETURN (now() AT TIME ZONE 'Europe/London')::date;
COMMENT ON FUNCTION analysis.today IS 'Today in London';

CREATE FUNCTION analysis.data_as_at() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT reporting.read_until() $$;
COMMENT ON FUNCTION analysis.data_as_at IS 'Everything published before this instant is in the views; empty until every partition was read to its end once';

CREATE FUNCTION analysis.census_category(category text) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    CASE category WHEN 'neglect' THEN 'NEG' WHEN 'physical_abuse' THEN 'PHY' WHEN 'sexual_abuse' THEN 'SAB'
        WHEN 'emotional_abuse' THEN 'EMO' WHEN 'multiple' THEN 'MUL' END;
COMMENT ON FUNCTION analysis.census_category IS 'Category of abuse in the codes of the national return: NEG, PHY, SAB, EMO, MUL';

CREATE FUNCTION analysis.age_band(born_on date, on_day date) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    CASE WHEN born_on IS NULL THEN 'not known' WHEN born_on > on_day THEN 'unborn'
        WHEN on_day < (born_on + interval '1 year')::date THEN '0' WHEN on_day < (born_on + interval '5 years')::date THEN '1-4'
        WHEN on_day < (born_on + interval '10 years')::date THEN '5-9'
        WHEN on_day < (born_on + interval '16 years')::date THEN '10-15' ELSE '16+' END;
COMMENT ON FUNCTION analysis.age_band IS 'Age band of the national tables: unborn, 0, 1-4, 5-9, 10-15, 16+';

CREATE VIEW analysis.child AS
SELECT c.authority, c.subject AS case_reference, c.child_id, c.born_on, c.expected_on, c.died_on,
       w.person_id AS social_worker_id, coalesce(p.team_id, c.team_id) AS team_id,
       coalesce(t.team_id, t.manager_id) AS service_id, c.changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.child c
  LEFT JOIN reporting.allocation w ON w.authority = c.authority AND w.subject = c.subject AND w.child_id = c.child_id
        AND w.role = 'social_worker'
  LEFT JOIN reporting.staff p ON p.authority = c.authority AND p.kind = 'person' AND p.entry_id = w.person_id
  LEFT JOIN reporting.staff t ON t.authority = c.authority AND t.kind = 'team' AND t.entry_id = coalesce(p.team_id, c.team_id);
COMMENT ON VIEW analysis.child IS 'Children of cases with who works with them now: the team is the social worker''s own, else the one that the registration names';

CREATE VIEW analysis.duty AS
SELECT d.authority, d.subject AS case_reference, d.deadline_id, d.rule, d.duty, d.policy, d.provenance, d.citation,
       coalesce(d.child_id, p.child_id, c.child_ids[1]) AS child_id, d.conference_id, d.plan_id, w.social_worker_id,
       w.team_id, w.service_id, d.anchor_on, s.due_on, d.due_at, d.act_by_on, d.state,
       CASE WHEN d.known_late THEN 'known_late' WHEN d.state = 'undated' THEN 'data_fault'
            WHEN d.state IN ('pending', 'at_risk') THEN 'pending'
            WHEN d.state = 'missed' AND s.due_on > analysis.today() - 8 THEN 'too_recent' ELSE d.state END AS outcome,
       d.met_on, d.met_by, s.due_on - d.met_on AS margin_days, d.late_days, d.late_hours,
       CASE WHEN d.state = 'missed' THEN analysis.today() - s.due_on END AS days_overdue,
       d.changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.duty d
 CROSS JOIN LATERAL (SELECT coalesce(d.due_on, (d.due_at AT TIME ZONE 'Europe/London')::date) AS due_on) s
  LEFT JOIN reporting.plan p ON p.authority = d.authority AND p.subject = d.subject AND p.plan_id = d.plan_id
  LEFT JOIN reporting.conference c ON c.authority = d.authority AND c.subject = d.subject AND c.conference_id = d.conference_id
  LEFT JOIN analysis.child w ON w.authority = d.authority AND w.case_reference = d.subject
        AND w.child_id = coalesce(d.child_id, p.child_id, c.child_ids[1])
 WHERE NOT d.withdrawn AND d.state <> 'superseded';
COMMENT ON VIEW analysis.duty IS 'Every duty in force, whether or not anything was done: one row a duty';
COMMENT ON COLUMN analysis.duty.child_id IS 'The child, or the first by id where the duty is of a meeting of several';
COMMENT ON COLUMN analysis.duty.outcome IS 'met, met_late, missed, pending, withdrawn; too_recent where it was due in the last 7 days and the act may yet be recorded; known_late where its day had passed when it was first known; data_fault where it cannot be dated';
COMMENT ON COLUMN analysis.duty.margin_days IS 'London dates from the day it was met to the due date: above 0 early, below 0 late';

CREATE VIEW analysis.ssd_s47_enquiry AS
SELECT e.enquiry_id || ':' || e.child_id AS s47e_s47_enquiry_id, NULL::text AS s47e_referral_id,
       e.child_id AS s47e_person_id, e.started_on AS s47e_s47_start_date, e.completed_on AS s47e_s47_end_date,
       CASE WHEN e.completed_on IS NULL THEN NULL WHEN e.outcome = 'not_substantiated' THEN 'Y' ELSE 'N' END AS s47e_s47_nfa,
       jsonb_build_object('OUTCOME_NFA_FLAG', CASE WHEN e.outcome = 'not_substantiated' THEN 'Y' ELSE 'N' END,
           'OUTCOME_CP_CONFERENCE_FLAG', CASE WHEN e.conference_id IS NOT NULL THEN 'Y' ELSE 'N' END) AS s47e_s47_outcome_json,
       w.team_id AS s47e_s47_completed_by_team, w.social_worker_id AS s47e_s47_completed_by_worker_id,
       e.authority, e.subject AS case_reference, e.discussion_on, e.outcome, e.changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.enquiry e
  LEFT JOIN analysis.child w ON w.authority = e.authority AND w.case_reference = e.subject AND w.child_id = e.child_id;
COMMENT ON VIEW analysis.ssd_s47_enquiry IS 'Section 47 enquiries by child, shaped as the table of the Standard Safeguarding Dataset';

CREATE VIEW analysis.ssd_initial_cp_conference AS
SELECT s.conference_id || ':' || s.child_id AS icpc_icpc_id, s.conference_id AS icpc_icpc_meeting_id,
       e.enquiry_id || ':' || s.child_id AS icpc_s47_enquiry_id, s.child_id AS icpc_person_id, p.plan_id AS icpc_cp_plan_id,
       NULL::text AS icpc_referral_id,
       CASE WHEN c.conference_type = 'transfer_in' OR t.conference_id IS NOT NULL THEN 'Y' ELSE 'N' END AS icpc_icpc_transfer_in,
       coalesce(e.target_on, t.target_on) AS icpc_icpc_target_date, c.held_on AS icpc_icpc_date,
       CASE WHEN p.plan_id IS NOT NULL OR s.decision = 'plan' THEN 'Y' ELSE 'N' END AS icpc_icpc_outcome_cp_flag,
       jsonb_build_object('OUTCOME_CP_FLAG',
           CASE WHEN p.plan_id IS NOT NULL OR s.decision = 'plan' THEN 'Y' ELSE 'N' END) AS icpc_icpc_outcome_json,
       w.team_id AS icpc_icpc_team, w.social_worker_id AS icpc_icpc_worker_id,
       s.authority, s.subject AS case_reference, greatest(s.changed_at, c.changed_at) AS changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.sitting s
  JOIN reporting.conference c USING (authority, subject, conference_id)
  LEFT JOIN (SELECT DISTINCT ON (authority, subject, conference_id, child_id) * FROM reporting.enquiry
              WHERE conference_id IS NOT NULL
              ORDER BY authority, subject, conference_id, child_id, started_on, enquiry_id) e
       USING (authority, subject, conference_id, child_id)
  LEFT JOIN (SELECT authority, subject, conference_id, child_id, min(target_on) AS target_on FROM reporting.transfer_in
              WHERE conference_id IS NOT NULL GROUP BY 1, 2, 3, 4) t USING (authority, subject, conference_id, child_id)
  LEFT JOIN (SELECT authority, subject, conference_id, child_id, min(plan_id) AS plan_id FROM reporting.plan
              WHERE conference_id IS NOT NULL GROUP BY 1, 2, 3, 4) p USING (authority, subject, conference_id, child_id)
  LEFT JOIN analysis.child w ON w.authority = s.authority AND w.case_reference = s.subject AND w.child_id = s.child_id
 WHERE c.conference_type IN ('initial', 'prebirth', 'transfer_in');
COMMENT ON VIEW analysis.ssd_initial_cp_conference IS 'Initial conferences held, by child, shaped as the table of the Standard Safeguarding Dataset';

CREATE VIEW analysis.ssd_cp_plans AS
SELECT p.plan_id AS cppl_cp_plan_id, NULL::text AS cppl_referral_id, p.conference_id || ':' || p.child_id AS cppl_icpc_id,
       p.child_id AS cppl_person_id, p.started_on AS cppl_cp_plan_start_date, p.ended_on AS cppl_cp_plan_end_date,
       'N'::text AS cppl_cp_plan_ola, analysis.census_category(p.category) AS cppl_cp_plan_initial_category,
       analysis.census_category(p.latest_category) AS cppl_cp_plan_latest_category,
       p.authority, p.subject AS case_reference, p.end_ground, p.changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.plan p;
COMMENT ON VIEW analysis.ssd_cp_plans IS 'Child protection plans, shaped as the table of the Standard Safeguarding Dataset';

CREATE VIEW analysis.cp_review_duty AS
SELECT d.authority, d.case_reference, d.deadline_id, d.rule, d.policy, d.child_id, d.plan_id,
       d.duty = 'first_review' AS is_first, d.anchor_on, d.due_on, d.state, d.outcome, c.conference_id, c.held_on,
       d.margin_days, d.days_overdue, d.social_worker_id, d.team_id, d.service_id, d.changed_at, d.data_as_at
  FROM analysis.duty d
  LEFT JOIN reporting.conference c ON c.authority = d.authority AND c.subject = d.case_reference AND c.held_event = d.met_by
 WHERE d.duty IN ('first_review', 'later_review');
COMMENT ON VIEW analysis.cp_review_duty IS 'Every child protection review that is or was due, held or not';

CREATE VIEW analysis.cla_review_duty AS
SELECT d.authority, d.case_reference, d.deadline_id, d.rule, d.policy, d.child_id, d.duty, d.anchor_on, d.due_on, d.state,
       d.outcome, c.conference_id, c.held_on, d.margin_days, d.days_overdue, d.social_worker_id, d.team_id, d.service_id,
       d.changed_at, d.data_as_at
  FROM analysis.duty d
  LEFT JOIN reporting.conference c ON c.authority = d.authority AND c.subject = d.case_reference AND c.held_event = d.met_by
 WHERE d.duty IN ('first_looked_after_review', 'second_looked_after_review', 'later_looked_after_review');
COMMENT ON VIEW analysis.cla_review_duty IS 'Every looked-after review that is or was due, held or not';

CREATE VIEW analysis.quorum AS
SELECT s.authority, s.subject AS case_reference, s.conference_id, s.child_id, c.conference_type, c.held_on, c.quorum_claim,
       CASE WHEN own.finding_id IS NOT NULL THEN 'inquorate'
            WHEN c.quorum_claim = 'inquorate' AND others.found THEN 'quorate' ELSE c.quorum_claim END AS quorum,
       greatest(s.changed_at, c.changed_at, own.changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.sitting s JOIN reporting.conference c USING (authority, subject, conference_id)
  LEFT JOIN reporting.finding own ON own.authority = s.authority AND own.subject = s.subject AND NOT own.cleared
        AND own.rule = 'LON-3.10a' AND own.conference_id = s.conference_id AND own.child_id = s.child_id
  LEFT JOIN (SELECT DISTINCT authority, subject, conference_id, true AS found FROM reporting.finding
              WHERE rule = 'LON-3.10a' AND NOT cleared AND child_id IS NOT NULL) others
         ON others.authority = s.authority AND others.subject = s.subject AND others.conference_id = s.conference_id
 WHERE c.conference_type IN ('initial', 'prebirth', 'transfer_in', 'review', 'combined');
COMMENT ON VIEW analysis.quorum IS 'Conferences held, by child, and their quorum: as the attendance was judged (LON-3.10a), else as the meeting said';
COMMENT ON COLUMN analysis.quorum.quorum IS 'quorate, quorate_by_exception or inquorate for the child; empty where nothing says';

CREATE VIEW analysis.ssd_cp_reviews AS
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
  LEFT JOIN (SELECT authority, subject, plan_id, met_by, min(due_on) AS due_on, max(changed_at) AS changed_at
               FROM reporting.duty
              WHERE duty IN ('first_review', 'later_review') AND NOT withdrawn AND state <> 'superseded'
              GROUP BY 1, 2, 3, 4) d
         ON d.authority = q.authority AND d.subject = q.case_reference AND d.plan_id = p.plan_id AND d.met_by = c.held_event
 WHERE q.conference_type IN ('review', 'combined');
COMMENT ON VIEW analysis.ssd_cp_reviews IS 'Child protection reviews held, by child and plan, shaped as the table of the Standard Safeguarding Dataset; those that were never held are in cp_review_duty';

CREATE VIEW analysis.ssd_cla_reviews AS
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
  LEFT JOIN (SELECT authority, subject, child_id, met_by, min(due_on) AS due_on, max(changed_at) AS changed_at
               FROM reporting.duty
              WHERE duty IN ('first_looked_after_review', 'second_looked_after_review', 'later_looked_after_review')
                AND NOT withdrawn AND state <> 'superseded' GROUP BY 1, 2, 3, 4) d
         ON d.authority = c.authority AND d.subject = c.subject AND d.child_id = k.child_id AND d.met_by = c.held_event
 WHERE c.conference_type IN ('cla_review', 'combined') AND c.state IN ('held', 'cancelled');
COMMENT ON VIEW analysis.ssd_cla_reviews IS 'Looked-after reviews held or cancelled, by child, shaped as the table of the Standard Safeguarding Dataset; those that were never held are in cla_review_duty';

CREATE FUNCTION analysis.annex_a_list_5(ending date DEFAULT analysis.today()) RETURNS TABLE (
    authority text, child_id text, date_of_birth date, age int, strategy_discussion date, section_47_start date,
    icpc_unnecessary text, icpc_date date, icpc_resulted_in_plan text, section_47_in_12_months bigint, icpc_in_12_months bigint,
    allocated_team text, allocated_worker text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT e.authority, e.child_id, w.born_on, extract(year FROM age(ending, w.born_on))::int, e.discussion_on, e.started_on,
           CASE WHEN e.not_needed IS NOT NULL THEN 'Y' ELSE 'N' END, e.conference_on,
           CASE WHEN e.conference_on IS NULL THEN NULL WHEN i.icpc_icpc_outcome_cp_flag = 'Y' THEN 'Y' ELSE 'N' END,
           (SELECT count(*) FROM reporting.enquiry o WHERE o.authority = e.authority AND o.child_id = e.child_id
               AND o.started_on > (ending - interval '12 months')::date AND o.started_on <= ending),
           (SELECT count(*) FROM reporting.sitting x JOIN reporting.conference c USING (authority, subject, conference_id)
             WHERE x.authority = e.authority AND x.subject = e.subject AND x.child_id = e.child_id
               AND c.conference_type IN ('initial', 'prebirth', 'transfer_in')
               AND c.held_on > (ending - interval '12 months')::date AND c.held_on <= ending),
           w.team_id, w.social_worker_id
      FROM reporting.enquiry e
      LEFT JOIN analysis.child w ON w.authority = e.authority AND w.case_reference = e.subject AND w.child_id = e.child_id
      LEFT JOIN analysis.ssd_initial_cp_conference i
        ON i.authority = e.authority AND i.case_reference = e.subject AND i.icpc_icpc_id = e.conference_id || ':' || e.child_id
     WHERE (e.started_on > (ending - interval '6 months')::date AND e.started_on <= ending)
        OR (e.conference_on > (ending - interval '6 months')::date AND e.conference_on <= ending)
     ORDER BY e.authority, e.started_on, e.child_id, e.enquiry_id
$$;
COMMENT ON FUNCTION analysis.annex_a_list_5 IS 'Ofsted Annex A, list 5: section 47 enquiries and initial conferences of the six months that end on a day; items that no event carries are left out';

CREATE FUNCTION analysis.annex_a_list_7(ending date DEFAULT analysis.today()) RETURNS TABLE (
    authority text, child_id text, date_of_birth date, age int, plan_start date, plan_end date, initial_category text,
    latest_category text, latest_review date, previous_plans bigint, allocated_team text, allocated_worker text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.authority, p.child_id, w.born_on, extract(year FROM age(ending, w.born_on))::int, p.started_on,
           CASE WHEN p.ended_on <= ending THEN p.ended_on END, analysis.census_category(p.category),
           analysis.census_category(p.latest_category),
           (SELECT max(c.held_on) FROM reporting.sitting s JOIN reporting.conference c USING (authority, subject, conference_id)
             WHERE s.authority = p.authority AND s.subject = p.subject AND s.child_id = p.child_id
               AND c.conference_type IN ('review', 'combined') AND c.held_on BETWEEN p.started_on AND ending),
           greatest(coalesce(p.earlier_plans, 0), (SELECT count(*) FROM reporting.plan o WHERE o.authority = p.authority
               AND o.child_id = p.child_id AND o.started_on < p.started_on)),
           w.team_id, w.social_worker_id
      FROM reporting.plan p
      LEFT JOIN analysis.child w ON w.authority = p.authority AND w.case_reference = p.subject AND w.child_id = p.child_id
     WHERE p.started_on <= ending AND (p.ended_on IS NULL OR p.ended_on > (ending - interval '6 months')::date)
     ORDER BY p.authority, p.started_on, p.child_id, p.plan_id
$$;
COMMENT ON FUNCTION analysis.annex_a_list_7 IS 'Ofsted Annex A, list 7: children on a child protection plan at any time in the six months that end on a day; items that no event carries are left out';

CREATE FUNCTION analysis.annex_a_list_8(ending date DEFAULT analysis.today()) RETURNS TABLE (
    authority text, child_id text, date_of_birth date, age int, looked_after_start date, looked_after_end date,
    legal_status text, latest_review date, on_plan text, allocated_team text, allocated_worker text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.authority, l.child_id, w.born_on, extract(year FROM age(ending, w.born_on))::int, l.started_on,
           CASE WHEN l.ended_on <= ending THEN l.ended_on END, l.legal_basis,
           (SELECT max(c.held_on) FROM reporting.sitting s JOIN reporting.conference c USING (authority, subject, conference_id)
             WHERE s.authority = l.authority AND s.subject = l.subject AND s.child_id = l.child_id
               AND c.conference_type IN ('cla_review', 'combined') AND c.held_on BETWEEN l.started_on AND ending),
           CASE WHEN EXISTS (SELECT FROM reporting.plan p WHERE p.authority = l.authority AND p.child_id = l.child_id
               AND p.started_on <= ending AND (p.ended_on IS NULL OR p.ended_on > ending)) THEN 'Y' ELSE 'N' END,
           w.team_id, w.social_worker_id
      FROM reporting.looked_after l
      LEFT JOIN analysis.child w ON w.authority = l.authority AND w.case_reference = l.subject AND w.child_id = l.child_id
     WHERE l.started_on <= ending AND (l.ended_on IS NULL OR l.ended_on > (ending - interval '6 months')::date)
     ORDER BY l.authority, l.started_on, l.child_id
$$;
COMMENT ON FUNCTION analysis.annex_a_list_8 IS 'Ofsted Annex A, list 8: children looked after at any time in the six months that end on a day; items that no event carries are left out';

CREATE FUNCTION analysis.as_known_at(instant timestamptz) RETURNS TABLE (
    authority text, case_reference text, deadline_id uuid, version_id bigint, rule text, duty text, child_id text,
    conference_id text, plan_id text, due text, state text, met_on date, believed_from timestamptz, change text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT b.authority, b.subject, b.deadline_id, b.version_id, j->>'rule', j->>'duty', j->'subject'->>'childId',
           j->'subject'->>'conferenceId', j->'subject'->>'planId', j->>'due', j->>'state', (j->>'metOn')::date,
           b.believed_from, b.change
      FROM (SELECT DISTINCT ON (authority, subject, deadline_id) * FROM scheduling.belief WHERE believed_from <= instant
             ORDER BY authority, subject, deadline_id, version_id DESC) b
      CROSS JOIN LATERAL (SELECT b.body::jsonb AS j) v
     WHERE b.body IS NOT NULL
$$;
COMMENT ON FUNCTION analysis.as_known_at IS 'Duties and their states as the ledger believed them at an instant; those that were since found not to exist are there, and those found since are not';
