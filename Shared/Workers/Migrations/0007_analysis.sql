-- Views belong to quorate_views, which reads the tables that they need and nothing more.
GRANT SELECT ON reporting.duty, reporting.enquiry, reporting.conference, reporting.plan, reporting.referral,
    reporting.removal, reporting.finding TO quorate_views;
GRANT CREATE ON SCHEMA analysis TO quorate_views;
SET LOCAL ROLE quorate_owner;

CREATE TABLE configuration.analyst_grant (
    login text NOT NULL,
    authority text NOT NULL,
    PRIMARY KEY (login, authority)
);
COMMENT ON TABLE configuration.analyst_grant IS 'Which authorities'' rows a login sees in schema analysis; * stands for all';
GRANT USAGE ON SCHEMA configuration TO quorate_views;
GRANT SELECT ON configuration.analyst_grant TO quorate_views;

CREATE FUNCTION configuration.may_see(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT FROM configuration.analyst_grant g
                    WHERE g.login = session_user AND g.authority IN (wanted, '*'))
$$;
COMMENT ON FUNCTION configuration.may_see IS 'Whether the session''s login was granted an authority';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['duty', 'enquiry', 'conference', 'plan', 'referral', 'removal', 'finding'] LOOP
        EXECUTE format('ALTER TABLE reporting.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY worker ON reporting.%I TO quorate_reporting USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY analyst ON reporting.%I FOR SELECT TO quorate_views USING (configuration.may_see(authority))', t);
    END LOOP;
END $$;

RESET ROLE;
SET LOCAL ROLE quorate_views;

CREATE VIEW analysis.duty_timeliness AS
SELECT authority, policy, rule, duty, provenance,
       date_trunc('month', coalesce(due_on, (due_at AT TIME ZONE 'Europe/London')::date))::date AS due_month,
       count(*) AS duties,
       count(*) FILTER (WHERE state = 'met' AND NOT known_late) AS met,
       count(*) FILTER (WHERE state = 'met_late' AND NOT known_late) AS met_late,
       count(*) FILTER (WHERE state = 'missed' AND NOT known_late) AS missed,
       count(*) FILTER (WHERE known_late) AS known_late,
       count(*) FILTER (WHERE state IN ('pending', 'at_risk')) AS pending,
       count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,
       count(*) FILTER (WHERE state = 'undated') AS undated,
       round(100.0 * count(*) FILTER (WHERE state = 'met' AND NOT known_late)
             / nullif(count(*) FILTER (WHERE state IN ('met', 'met_late', 'missed') AND NOT known_late), 0), 1)
           AS met_percent,
       max(changed_at) AS changed_at,
       now() AS data_as_at
FROM reporting.duty
WHERE NOT withdrawn AND state <> 'superseded'
GROUP BY authority, policy, rule, duty, provenance, due_month;
COMMENT ON VIEW analysis.duty_timeliness IS 'Every rule by authority and month due: met, met late, missed, pending, withdrawn, undated';
COMMENT ON COLUMN analysis.duty_timeliness.met_percent IS 'Of the duties judged (met, met late or missed), the share met in time';

CREATE VIEW analysis.icpc_timeliness AS
SELECT authority, subject AS case_reference, enquiry_id, child_id, started_on, discussion_on, conference_id, conference_on,
       CASE WHEN data_fault IS NULL THEN working_days_from_start END AS working_days_from_start,
       CASE WHEN data_fault IS NULL THEN working_days_from_discussion END AS working_days_from_discussion,
       data_fault, changed_at, now() AS data_as_at
FROM reporting.enquiry
WHERE conference_on IS NOT NULL;
COMMENT ON VIEW analysis.icpc_timeliness IS 'Each enquiry with a conference: working days from the actual start of the section 47 enquiry (the national statistic) and from the strategy discussion that began it (the duty)';
COMMENT ON COLUMN analysis.icpc_timeliness.data_fault IS 'An impossible order; counted, and left out of durations';

CREATE VIEW analysis.icpc_bins AS
SELECT authority,
       count(*) AS conferences,
       count(*) FILTER (WHERE data_fault IS NOT NULL) AS data_faults,
       count(*) FILTER (WHERE data_fault IS NULL AND working_days_from_start BETWEEN 0 AND 10) AS days_0_10,
       count(*) FILTER (WHERE data_fault IS NULL AND working_days_from_start BETWEEN 11 AND 15) AS days_11_15,
       count(*) FILTER (WHERE data_fault IS NULL AND working_days_from_start BETWEEN 16 AND 20) AS days_16_20,
       count(*) FILTER (WHERE data_fault IS NULL AND working_days_from_start >= 21) AS days_21_or_more,
       percentile_cont(0.25) WITHIN GROUP (ORDER BY working_days_from_start) FILTER (WHERE data_fault IS NULL) AS lower_quartile,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY working_days_from_start) FILTER (WHERE data_fault IS NULL) AS median,
       percentile_cont(0.75) WITHIN GROUP (ORDER BY working_days_from_start) FILTER (WHERE data_fault IS NULL) AS upper_quartile,
       max(changed_at) AS changed_at,
       now() AS data_as_at
FROM reporting.enquiry
WHERE conference_on IS NOT NULL
GROUP BY authority;
COMMENT ON VIEW analysis.icpc_bins IS 'Initial conferences by working days from the start of the enquiry, by authority';

CREATE VIEW analysis.due_soon AS
SELECT authority, subject AS case_reference, deadline_id, rule, duty, child_id, conference_id, plan_id, due_on, due_at,
       act_by_on, state, provenance,
       coalesce(due_on, (due_at AT TIME ZONE 'Europe/London')::date) - (now() AT TIME ZONE 'Europe/London')::date AS days_left,
       changed_at, now() AS data_as_at
FROM reporting.duty
WHERE NOT withdrawn AND state IN ('pending', 'at_risk')
  AND coalesce(due_on, (due_at AT TIME ZONE 'Europe/London')::date)
      BETWEEN (now() AT TIME ZONE 'Europe/London')::date AND (now() AT TIME ZONE 'Europe/London')::date + 28;
COMMENT ON VIEW analysis.due_soon IS 'Duties still open that fall due within 28 days';
COMMENT ON COLUMN analysis.due_soon.days_left IS 'London dates from today to the due date; 0 is today, which is in time';

CREATE VIEW analysis.due_next_7_days AS SELECT * FROM analysis.due_soon WHERE days_left <= 7;
COMMENT ON VIEW analysis.due_next_7_days IS 'Duties still open that fall due within 7 days';
CREATE VIEW analysis.due_next_14_days AS SELECT * FROM analysis.due_soon WHERE days_left <= 14;
COMMENT ON VIEW analysis.due_next_14_days IS 'Duties still open that fall due within 14 days';
CREATE VIEW analysis.due_next_28_days AS SELECT * FROM analysis.due_soon;
COMMENT ON VIEW analysis.due_next_28_days IS 'Duties still open that fall due within 28 days';

CREATE VIEW analysis.prebirth_referral AS
SELECT authority, subject AS case_reference, child_id, agency, referred_on, gestation_weeks, now() AS data_as_at
FROM reporting.referral;
COMMENT ON VIEW analysis.prebirth_referral IS 'Concerns referred about children not yet born, with the weeks of the pregnancy (LON-1.15)';

CREATE VIEW analysis.removal_from_care AS
SELECT r.authority, r.subject AS case_reference, r.child_id, r.removed_on, r.legal_status, e.enquiry_id, e.started_on,
       (now() AT TIME ZONE 'Europe/London')::date - e.started_on AS days_since_enquiry,
       CASE WHEN p.plan_id IS NULL THEN 'none' WHEN p.ended_on IS NULL THEN 'active' ELSE 'ended' END AS plan_state,
       now() AS data_as_at
FROM reporting.removal r
LEFT JOIN LATERAL (SELECT * FROM reporting.enquiry e
                    WHERE e.authority = r.authority AND e.subject = r.subject AND e.child_id = r.child_id
                      AND e.started_on >= r.removed_on ORDER BY e.started_on, e.enquiry_id LIMIT 1) e ON true
LEFT JOIN LATERAL (SELECT * FROM reporting.plan p
                    WHERE p.authority = r.authority AND p.subject = r.subject AND p.child_id = r.child_id
                      AND p.started_on >= e.started_on ORDER BY p.started_on, p.plan_id LIMIT 1) p ON true;
COMMENT ON VIEW analysis.removal_from_care IS 'Children whom parents removed from care, with the days since the section 47 enquiry that followed and the plan that came of it (LON-2.3f)';

CREATE VIEW analysis.stale_record AS
SELECT authority, subject AS case_reference, child_id, recorded_at, changed_at, now() AS data_as_at
FROM reporting.finding
WHERE rule = 'LON-14.15a' AND NOT cleared;
COMMENT ON VIEW analysis.stale_record IS 'Children on a plan on whose record nothing was put for longer than the policy allows; empty where it sets no limit (LON-14.15a)';

GRANT SELECT ON ALL TABLES IN SCHEMA analysis TO quorate_analyst;
RESET ROLE;

-- "Every view and column carries a COMMENT": columns that mean the same everywhere are said once.
DO $$
DECLARE
    c record;
    said jsonb := '{
        "authority": "ONS code of the authority", "case_reference": "Case reference of the producing system",
        "policy": "Policy under which it was judged", "rule": "Rulebook id that set the date", "duty": "What was due",
        "provenance": "Where the limit comes from: own, statutory, borrowed or ours",
        "due_month": "First day of the month of the due date", "duties": "Number of duties",
        "met": "Met in time", "met_late": "Met after the due date", "missed": "Not met, and past the due date",
        "pending": "Still open", "withdrawn": "No longer required", "undated": "The calendar does not reach far enough",
        "changed_at": "When a row behind this one last changed", "data_as_at": "When this was read",
        "enquiry_id": "Section 47 enquiry", "child_id": "Child", "started_on": "Actual start of the enquiry",
        "discussion_on": "Strategy discussion at which it began", "conference_id": "Conference",
        "conference_on": "Day the initial conference was held",
        "working_days_from_start": "Working days from the start of the enquiry to the conference",
        "working_days_from_discussion": "Working days from the strategy discussion to the conference",
        "conferences": "Initial conferences held", "data_faults": "Conferences before their enquiry",
        "days_0_10": "Within 10 working days", "days_11_15": "11 to 15 working days", "days_16_20": "16 to 20 working days",
        "days_21_or_more": "21 working days or more", "lower_quartile": "Working days, lower quartile",
        "median": "Working days, median", "upper_quartile": "Working days, upper quartile",
        "deadline_id": "Stable id of the duty", "plan_id": "Child protection plan", "due_on": "Due date, of limits in days",
        "due_at": "Due instant, of limits in hours", "act_by_on": "Due date moved back to a working day",
        "known_late": "Past when first known; in no other number of the row but duties",
        "agency": "Agency that referred", "referred_on": "Day of the referral",
        "gestation_weeks": "Completed weeks of the pregnancy on that day", "removed_on": "Day of the removal",
        "legal_status": "On what basis the child was in care", "days_since_enquiry": "London dates since its start",
        "plan_state": "Of the plan that began after it: none, active, ended",
        "recorded_at": "When it was found that nothing new had come",
        "state": "State of the duty", "days_left": "London dates from today to the due date"}';
BEGIN
    FOR c IN SELECT a.attrelid::regclass AS view_name, a.attname, a.attnum, a.attrelid FROM pg_attribute a
              JOIN pg_class v ON v.oid = a.attrelid JOIN pg_namespace n ON n.oid = v.relnamespace
             WHERE n.nspname = 'analysis' AND v.relkind = 'v' AND a.attnum > 0
               AND col_description(a.attrelid, a.attnum) IS NULL LOOP
        IF said->>c.attname IS NULL THEN
            RAISE EXCEPTION 'column % of % has no comment', c.attname, c.view_name;
        END IF;
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', c.view_name, c.attname, said->>c.attname);
    END LOOP;
END $$;
