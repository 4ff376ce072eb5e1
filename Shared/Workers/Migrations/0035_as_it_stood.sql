SET LOCAL ROLE quorate_owner;
-- What returns of a past day ask of a plan and an enquiry. Cases are drawn anew by the release that fills these.
ALTER TABLE reporting.plan ADD COLUMN category_changes jsonb;
COMMENT ON COLUMN reporting.plan.category_changes IS 'The categories given after the first, each as [day, category], in their order; NULL where there are none';
ALTER TABLE reporting.enquiry ADD COLUMN not_needed_on date;
COMMENT ON COLUMN reporting.enquiry.not_needed_on IS 'When it was decided, or came about, that there is to be no initial conference';

CREATE FUNCTION reporting.category_at(first text, changes jsonb, day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT coalesce((SELECT c.change->>1 FROM jsonb_array_elements(changes) WITH ORDINALITY AS c (change, place)
                      WHERE (c.change->>0)::date <= day ORDER BY c.place DESC LIMIT 1), first)
$$;
COMMENT ON FUNCTION reporting.category_at IS 'The category that a plan had at the end of a day';
REVOKE ALL ON FUNCTION reporting.category_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reporting.category_at TO quorate_views;

CREATE INDEX sitting_of_child ON reporting.sitting (authority, child_id);
COMMENT ON INDEX reporting.sitting_of_child IS 'The meetings of a child, in any case';

-- Every look at what lists are due asks for these: from one to the next by the index, however many cases there are.
GRANT EXECUTE ON FUNCTION reporting.authorities_known TO quorate_reporting;
RESET ROLE;

SET LOCAL ROLE quorate_views;
-- The same columns. Of a past day the list knows nothing that was decided after it; conferences are counted in any case of the child.
CREATE OR REPLACE FUNCTION analysis.annex_a_list_5(ending date DEFAULT analysis.today()) RETURNS TABLE (
    authority text, child_id text, date_of_birth date, age int, strategy_discussion date, section_47_start date,
    icpc_unnecessary text, icpc_date date, icpc_resulted_in_plan text, section_47_in_12_months bigint, icpc_in_12_months bigint,
    allocated_team text, allocated_worker text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT e.authority, e.child_id, w.born_on, extract(year FROM age(ending, w.born_on))::int, e.discussion_on, e.started_on,
           CASE WHEN e.not_needed_on <= ending THEN 'Y' ELSE 'N' END, h.held_on,
           CASE WHEN h.held_on IS NULL THEN NULL WHEN i.icpc_icpc_outcome_cp_flag = 'Y' THEN 'Y' ELSE 'N' END,
           (SELECT count(*) FROM reporting.enquiry o WHERE o.authority = e.authority AND o.child_id = e.child_id
               AND o.started_on > (ending - interval '12 months')::date AND o.started_on <= ending),
           (SELECT count(*) FROM reporting.sitting x JOIN reporting.conference c USING (authority, subject, conference_id)
             WHERE x.authority = e.authority AND x.child_id = e.child_id
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

-- The same columns. The category is the one of that day.
CREATE OR REPLACE FUNCTION analysis.annex_a_list_7(ending date DEFAULT analysis.today()) RETURNS TABLE (
    authority text, child_id text, date_of_birth date, age int, plan_start date, plan_end date, initial_category text,
    latest_category text, latest_review date, previous_plans bigint, allocated_team text, allocated_worker text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT p.authority, p.child_id, w.born_on, extract(year FROM age(ending, w.born_on))::int, p.started_on,
           CASE WHEN p.ended_on <= ending THEN p.ended_on END, analysis.census_category(p.category),
           analysis.census_category(CASE WHEN p.category_changes IS NULL THEN p.category
                                         ELSE reporting.category_at(p.category, p.category_changes, ending) END),
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
RESET ROLE;
