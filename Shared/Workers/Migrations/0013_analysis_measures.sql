SET LOCAL ROLE quorate_views;
DROP VIEW analysis.duty_timeliness, analysis.icpc_bins, analysis.icpc_timeliness, analysis.prebirth_referral,
    analysis.removal_from_care, analysis.stale_record, analysis.due_next_7_days, analysis.due_next_14_days,
    analysis.due_next_28_days, analysis.due_soon;

CREATE FUNCTION analysis.year_from(on_day date) RETURNS date LANGUAGE sql IMMUTABLE RETURN
    make_date(extract(year FROM on_day)::int - CASE WHEN extract(month FROM on_day) < 4 THEN 1 ELSE 0 END, 4, 1);
COMMENT ON FUNCTION analysis.year_from IS 'The 1 April on which the year of a day began';

CREATE VIEW analysis.year AS
SELECT f.authority, y::date AS year_from, (y + interval '1 year')::date - 1 AS year_to,
       (y + interval '1 year')::date - 1 <= analysis.today() AS is_over, f.changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM (SELECT authority, min(started_on) AS started_on, max(changed_at) AS changed_at
          FROM (SELECT authority, started_on, changed_at FROM reporting.enquiry
                UNION ALL SELECT authority, started_on, changed_at FROM reporting.plan) s GROUP BY authority) f
 CROSS JOIN LATERAL generate_series(analysis.year_from(f.started_on)::timestamp, analysis.today()::timestamp, interval '1 year') y;
COMMENT ON VIEW analysis.year IS 'The years, 1 April to 31 March, from the first enquiry or plan of each authority to now';

CREATE VIEW analysis.icpc_timeliness AS
SELECT authority, subject AS case_reference, enquiry_id, child_id, started_on, discussion_on, target_on, conference_id,
       conference_on, analysis.year_from(conference_on) AS year_from,
       CASE WHEN data_fault IS NULL THEN working_days_from_start END AS working_days_from_start,
       CASE WHEN data_fault IS NULL THEN working_days_from_discussion END AS working_days_from_discussion,
       data_fault, changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.enquiry WHERE conference_on IS NOT NULL;
COMMENT ON VIEW analysis.icpc_timeliness IS 'Each enquiry with a conference: working days from the actual start of the section 47 enquiry (the national statistic) and from the strategy discussion that began it (the duty)';
COMMENT ON COLUMN analysis.icpc_timeliness.data_fault IS 'An impossible order; counted, and left out of durations';

CREATE VIEW analysis.icpc_bins AS
SELECT authority, year_from, count(*) AS conferences, count(*) FILTER (WHERE data_fault IS NOT NULL) AS data_faults,
       count(*) FILTER (WHERE working_days_from_start BETWEEN 0 AND 10) AS days_0_10,
       count(*) FILTER (WHERE working_days_from_start BETWEEN 11 AND 15) AS days_11_15,
       count(*) FILTER (WHERE working_days_from_start BETWEEN 16 AND 20) AS days_16_20,
       count(*) FILTER (WHERE working_days_from_start >= 21) AS days_21_or_more,
       round(100.0 * count(*) FILTER (WHERE working_days_from_start <= 15) / nullif(count(working_days_from_start), 0), 1)
           AS within_15_percent,
       percentile_cont(0.25) WITHIN GROUP (ORDER BY working_days_from_start) AS lower_quartile,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY working_days_from_start) AS median,
       percentile_cont(0.75) WITHIN GROUP (ORDER BY working_days_from_start) AS upper_quartile,
       max(changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM analysis.icpc_timeliness GROUP BY authority, year_from;
COMMENT ON VIEW analysis.icpc_bins IS 'Initial conferences by working days from the start of the enquiry, by authority and year of the conference';

CREATE VIEW analysis.transfer_in_timeliness AS
SELECT t.authority, t.subject AS case_reference, t.child_id, t.notified_on, t.permanent, t.from_authority,
       t.original_plan_started_on, t.target_on, t.conference_id, t.conference_on, t.working_days, w.team_id, w.service_id,
       t.changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.transfer_in t
  LEFT JOIN analysis.child w ON w.authority = t.authority AND w.case_reference = t.subject AND w.child_id = t.child_id;
COMMENT ON VIEW analysis.transfer_in_timeliness IS 'Each notice that a child on a plan has moved in, with the working days to the conference';

CREATE VIEW analysis.s47_open_without_conference AS
SELECT e.authority, e.subject AS case_reference, e.enquiry_id, e.child_id, e.started_on, e.discussion_on, e.target_on,
       e.outcome, analysis.today() - e.started_on AS days_open, w.social_worker_id, w.team_id, w.service_id, e.changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.enquiry e
  LEFT JOIN analysis.child w ON w.authority = e.authority AND w.case_reference = e.subject AND w.child_id = e.child_id
 WHERE e.conference_on IS NULL AND e.not_needed IS NULL AND e.aged_on < analysis.today();
COMMENT ON VIEW analysis.s47_open_without_conference IS 'Enquiries over 15 working days old of children for whom no conference was held and none was found unneeded';

CREATE VIEW analysis.restrategised AS
SELECT authority, subject AS case_reference, enquiry_id, child_id, started_on, discussion_on, target_on, later_discussion_on,
       later_target_on, conference_id, conference_on, conference_on > target_on AND conference_on <= later_target_on AS hides_lateness,
       changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.enquiry WHERE later_target_on > target_on;
COMMENT ON VIEW analysis.restrategised IS 'Enquiries with a later discussion that would have moved the date of the conference, had it counted';

CREATE VIEW analysis.cpp_flow AS
SELECT y.authority, y.year_from, y.year_to,
       count(p.plan_id) FILTER (WHERE p.started_on >= y.year_from) AS plans_started,
       count(DISTINCT p.child_id) FILTER (WHERE p.started_on >= y.year_from) AS children_started,
       count(p.plan_id) FILTER (WHERE p.ended_on <= y.year_to) AS plans_ended,
       count(DISTINCT p.child_id) FILTER (WHERE p.ended_on <= y.year_to) AS children_ended,
       count(p.plan_id) AS plans_open_in_year, count(DISTINCT p.child_id) AS children_open_in_year,
       CASE WHEN y.is_over THEN count(p.plan_id) FILTER (WHERE p.ended_on IS NULL OR p.ended_on > y.year_to) END
           AS plans_open_31_march,
       CASE WHEN y.is_over THEN count(DISTINCT p.child_id) FILTER (WHERE p.ended_on IS NULL OR p.ended_on > y.year_to) END
           AS children_open_31_march,
       max(p.changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM analysis.year y
  LEFT JOIN reporting.plan p ON p.authority = y.authority AND p.started_on <= y.year_to
        AND (p.ended_on IS NULL OR p.ended_on >= y.year_from)
 GROUP BY y.authority, y.year_from, y.year_to, y.is_over;
COMMENT ON VIEW analysis.cpp_flow IS 'Child protection plans and children on them: started and ended in the year, open at any time in it, open on 31 March';

CREATE VIEW analysis.cpp_end_duration AS
SELECT authority, analysis.year_from(ended_on) AS year_from, count(*) AS plans_ended,
       count(*) FILTER (WHERE ended_on <= started_on + interval '3 months') AS up_to_3_months,
       count(*) FILTER (WHERE ended_on > started_on + interval '3 months' AND ended_on <= started_on + interval '6 months') AS up_to_6_months,
       count(*) FILTER (WHERE ended_on > started_on + interval '6 months' AND ended_on <= started_on + interval '1 year') AS up_to_1_year,
       count(*) FILTER (WHERE ended_on > started_on + interval '1 year' AND ended_on < started_on + interval '2 years') AS up_to_2_years,
       count(*) FILTER (WHERE ended_on >= started_on + interval '2 years') AS two_years_and_over,
       max(changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.plan WHERE ended_on IS NOT NULL GROUP BY 1, 2;
COMMENT ON VIEW analysis.cpp_end_duration IS 'Plans that ended, by how long they had lasted, by authority and year of the end';

CREATE VIEW analysis.cpp_two_years AS
SELECT y.authority, y.year_from, y.year_to,
       count(p.plan_id) FILTER (WHERE p.ended_on <= y.year_to AND p.ended_on >= p.started_on + interval '2 years') AS plans_ended,
       count(p.plan_id) FILTER (WHERE (p.ended_on IS NULL OR p.ended_on > y.year_to)
           AND least(y.year_to, analysis.today()) >= p.started_on + interval '2 years') AS plans_open,
       max(p.changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM analysis.year y
  LEFT JOIN reporting.plan p ON p.authority = y.authority AND p.started_on <= y.year_to
        AND (p.ended_on IS NULL OR p.ended_on >= y.year_from)
 GROUP BY y.authority, y.year_from, y.year_to;
COMMENT ON VIEW analysis.cpp_two_years IS 'Plans of two years and more: ended in the year, and open on 31 March or, in the present year, today';

CREATE VIEW analysis.cpp_second_plan AS
SELECT p.authority, analysis.year_from(p.started_on) AS year_from, count(DISTINCT p.child_id) AS children,
       count(DISTINCT p.child_id) FILTER (WHERE coalesce(p.earlier_plans, 0) > 0 OR e.started_on IS NOT NULL) AS had_one_before,
       count(DISTINCT p.child_id) FILTER (WHERE e.ended_on > (p.started_on - interval '2 years')::date) AS within_two_years,
       max(p.changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.plan p
  LEFT JOIN LATERAL (SELECT min(o.started_on) AS started_on, max(o.ended_on) FILTER (WHERE o.ended_on <= p.started_on) AS ended_on
               FROM reporting.plan o WHERE o.authority = p.authority AND o.child_id = p.child_id
                AND o.started_on < p.started_on) e ON true
 GROUP BY 1, 2;
COMMENT ON VIEW analysis.cpp_second_plan IS 'Of the children who began a plan in the year, those who had one before: ever, and one that ended in the two years before';

CREATE VIEW analysis.reviews_in_time_child AS
SELECT y.authority, y.year_from, y.year_to, p.subject AS case_reference, p.child_id, p.plan_id, p.started_on,
       r.due_by_months, r.in_time_by_months, r.due_by_days, r.in_time_by_days, w.team_id, w.service_id, p.changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM analysis.year y
  JOIN reporting.plan p ON p.authority = y.authority AND (p.started_on + interval '3 months')::date <= y.year_to
        AND (p.ended_on IS NULL OR p.ended_on > y.year_to)
  LEFT JOIN analysis.child w ON w.authority = p.authority AND w.case_reference = p.subject AND w.child_id = p.child_id
 CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE month_on <= y.year_to) AS due_by_months,
           coalesce(bool_and(next_on <= month_on AND next_on IS NOT NULL) FILTER (WHERE month_on <= y.year_to), true) AS in_time_by_months,
           count(*) FILTER (WHERE day_on <= y.year_to) AS due_by_days,
           coalesce(bool_and(next_on <= day_on AND next_on IS NOT NULL) FILTER (WHERE day_on <= y.year_to), true) AS in_time_by_days
      FROM (SELECT (on_day + CASE WHEN number = 1 THEN interval '3 months' ELSE interval '6 months' END)::date AS month_on,
                   on_day + CASE WHEN number = 1 THEN 91 ELSE 183 END AS day_on, next_on
              FROM (SELECT on_day, row_number() OVER w AS number, lead(on_day) OVER w AS next_on
                      FROM (SELECT p.started_on AS on_day
                            UNION SELECT c.held_on FROM reporting.sitting s
                              JOIN reporting.conference c USING (authority, subject, conference_id)
                             WHERE s.authority = p.authority AND s.subject = p.subject AND s.child_id = p.child_id
                               AND c.conference_type IN ('review', 'combined')
                               AND c.held_on > p.started_on AND c.held_on <= y.year_to) d
                    WINDOW w AS (ORDER BY on_day)) n) t) r
 WHERE y.is_over;
COMMENT ON VIEW analysis.reviews_in_time_child IS 'Each child on a plan on 31 March for at least three months: whether every review that fell due was in time, by months (3, then 6) and by days (91, then 183)';

CREATE VIEW analysis.reviews_in_time AS
SELECT authority, year_from, year_to, count(*) AS children,
       count(*) FILTER (WHERE in_time_by_months) AS in_time_by_months,
       round(100.0 * count(*) FILTER (WHERE in_time_by_months) / count(*), 1) AS in_time_by_months_percent,
       count(*) FILTER (WHERE in_time_by_days) AS in_time_by_days,
       round(100.0 * count(*) FILTER (WHERE in_time_by_days) / count(*), 1) AS in_time_by_days_percent,
       max(changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM analysis.reviews_in_time_child GROUP BY 1, 2, 3;
COMMENT ON VIEW analysis.reviews_in_time IS 'Children on a plan on 31 March for at least three months, and those whose reviews were all in time: the month reading and the day reading side by side';

CREATE VIEW analysis.duty_timeliness AS
SELECT authority, policy, rule, duty, provenance, service_id, team_id, date_trunc('month', due_on)::date AS due_month,
       count(*) AS duties, count(*) FILTER (WHERE outcome = 'met') AS met, count(*) FILTER (WHERE outcome = 'met_late') AS met_late,
       count(*) FILTER (WHERE outcome = 'missed') AS missed, count(*) FILTER (WHERE outcome = 'pending') AS pending,
       count(*) FILTER (WHERE outcome = 'withdrawn') AS withdrawn, count(*) FILTER (WHERE outcome = 'too_recent') AS too_recent,
       count(*) FILTER (WHERE outcome = 'data_fault') AS data_fault, count(*) FILTER (WHERE outcome = 'known_late') AS known_late,
       round(100.0 * count(*) FILTER (WHERE outcome = 'met')
             / nullif(count(*) FILTER (WHERE outcome IN ('met', 'met_late', 'missed')), 0), 1) AS met_percent,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY margin_days) FILTER (WHERE outcome IN ('met', 'met_late')) AS median_margin_days,
       min(margin_days) FILTER (WHERE outcome IN ('met', 'met_late')) AS least_margin_days,
       max(changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM analysis.duty GROUP BY authority, policy, rule, duty, provenance, service_id, team_id, due_month;
COMMENT ON VIEW analysis.duty_timeliness IS 'Every rule by authority, service, team and month due: each duty is counted in exactly one of the eight outcomes';
COMMENT ON COLUMN analysis.duty_timeliness.met_percent IS 'Of the duties judged (met, met late or missed), the share met in time';

CREATE VIEW analysis.report_timeliness AS
SELECT d.authority, d.case_reference, d.deadline_id, d.rule, d.duty, d.conference_id, c.conference_type, d.child_id, d.due_on,
       d.met_on, d.outcome, d.margin_days, d.social_worker_id, d.team_id, d.service_id, d.changed_at, d.data_as_at
  FROM analysis.duty d
  LEFT JOIN reporting.conference c ON c.authority = d.authority AND c.subject = d.case_reference AND c.conference_id = d.conference_id
 WHERE d.duty IN ('social_worker_report', 'agency_report', 'agency_report_shared', 'report_to_chair');
COMMENT ON VIEW analysis.report_timeliness IS 'Each report that a meeting was owed, and when it came';

CREATE VIEW analysis.letter_timeliness AS
SELECT authority, case_reference, deadline_id, rule, duty, conference_id, plan_id, child_id, due_on, met_on, outcome,
       margin_days, social_worker_id, team_id, service_id, changed_at, data_as_at
  FROM analysis.duty
 WHERE duty IN ('decision_letter_parents', 'decision_letter_all', 'conference_record', 'parents_record', 'record_amendments',
    'ending_letter_agencies', 'death_letter', 'left_country_letter', 'preproceedings_letter', 'move_notice');
COMMENT ON VIEW analysis.letter_timeliness IS 'Each letter and each record that was owed, and when it was sent';

CREATE VIEW analysis.postponement AS
SELECT p.authority, p.subject AS case_reference, p.event_id, p.conference_id, c.conference_type, p.action, p.agreed, p.reason,
       p.decided_on, c.starts_on, c.held_on, p.changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.postponement p LEFT JOIN reporting.conference c USING (authority, subject, conference_id);
COMMENT ON VIEW analysis.postponement IS 'Each decision to cancel, postpone or adjourn a meeting, and each such move that no decision covers';

CREATE VIEW analysis.overdue AS
SELECT d.authority, d.case_reference, d.deadline_id, d.rule, d.duty, d.child_id, d.conference_id, d.plan_id, d.due_on,
       d.days_overdue,
       CASE WHEN d.days_overdue <= 7 THEN '1-7' WHEN d.days_overdue <= 28 THEN '8-28' WHEN d.days_overdue <= 91 THEN '29-91'
            ELSE '92+' END AS overdue_band,
       analysis.age_band(w.born_on, analysis.today()) AS age_band, coalesce(e.rung, 0) AS rung, d.social_worker_id, d.team_id,
       d.service_id, d.changed_at, d.data_as_at
  FROM analysis.duty d
  LEFT JOIN reporting.child w ON w.authority = d.authority AND w.subject = d.case_reference AND w.child_id = d.child_id
  LEFT JOIN (SELECT authority, subject, conference_id, max(level) AS rung FROM reporting.escalation
              WHERE NOT taken_back AND conference_id IS NOT NULL GROUP BY 1, 2, 3) e
         ON e.authority = d.authority AND e.subject = d.case_reference AND e.conference_id = d.conference_id
 WHERE d.state = 'missed';
COMMENT ON VIEW analysis.overdue IS 'Duties that are past their day and not done, by how long, with the child''s age, the team and the rung reached';
COMMENT ON COLUMN analysis.overdue.rung IS 'The highest level of escalation raised over the meeting; 0 where none was';

CREATE VIEW analysis.due_soon AS
SELECT authority, case_reference, deadline_id, rule, duty, child_id, conference_id, plan_id, due_on, due_at, act_by_on, state,
       provenance, due_on - analysis.today() AS days_left, social_worker_id, team_id, service_id, changed_at, data_as_at
  FROM analysis.duty
 WHERE state IN ('pending', 'at_risk') AND due_on BETWEEN analysis.today() AND analysis.today() + 28;
COMMENT ON VIEW analysis.due_soon IS 'Duties still open that fall due within 28 days';
COMMENT ON COLUMN analysis.due_soon.days_left IS 'London dates from today to the due date; 0 is today, which is in time';
CREATE VIEW analysis.due_next_7_days AS SELECT * FROM analysis.due_soon WHERE days_left <= 7;
COMMENT ON VIEW analysis.due_next_7_days IS 'Duties still open that fall due within 7 days';
CREATE VIEW analysis.due_next_14_days AS SELECT * FROM analysis.due_soon WHERE days_left <= 14;
COMMENT ON VIEW analysis.due_next_14_days IS 'Duties still open that fall due within 14 days';
CREATE VIEW analysis.due_next_28_days AS SELECT * FROM analysis.due_soon;
COMMENT ON VIEW analysis.due_next_28_days IS 'Duties still open that fall due within 28 days';

CREATE VIEW analysis.open_plan AS
SELECT p.authority, p.subject AS case_reference, p.plan_id, p.child_id, w.born_on, w.expected_on,
       analysis.age_band(w.born_on, analysis.today()) AS age_band, p.started_on, analysis.today() - p.started_on AS days_on_plan,
       p.latest_category AS category, w.social_worker_id, w.team_id, w.service_id, p.changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.plan p
  LEFT JOIN analysis.child w ON w.authority = p.authority AND w.case_reference = p.subject AND w.child_id = p.child_id
 WHERE p.started_on <= analysis.today() AND (p.ended_on IS NULL OR p.ended_on > analysis.today());
COMMENT ON VIEW analysis.open_plan IS 'Children on a child protection plan today';
CREATE VIEW analysis.plan_over_18_months AS
SELECT *, analysis.today() >= started_on + interval '2 years' AS is_over_2_years FROM analysis.open_plan
 WHERE analysis.today() > started_on + interval '18 months';
COMMENT ON VIEW analysis.plan_over_18_months IS 'Plans open for more than 18 months, and whether they have reached two years';
CREATE VIEW analysis.under_five_on_plan AS
SELECT * FROM analysis.open_plan WHERE analysis.today() >= born_on AND analysis.today() < born_on + interval '5 years';
COMMENT ON VIEW analysis.under_five_on_plan IS 'Children under five years old on a plan today';
CREATE VIEW analysis.unborn_on_plan AS
SELECT *, expected_on - analysis.today() AS days_to_delivery FROM analysis.open_plan WHERE born_on IS NULL AND expected_on IS NOT NULL;
COMMENT ON VIEW analysis.unborn_on_plan IS 'Unborn children on a plan today, with the days to the expected date of delivery; below 0 it has passed and no birth is recorded';

CREATE VIEW analysis.quarantined_case AS
SELECT authority, subject AS case_reference, count(*) AS events, min(quarantined_at) AS since,
       array_agg(DISTINCT code ORDER BY code) AS codes, max(quarantined_at) AS changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM scheduling.waiting_event WHERE subject IS NOT NULL GROUP BY authority, subject;
COMMENT ON VIEW analysis.quarantined_case IS 'Cases of which events sit in quarantine: what is said of them elsewhere may lack what those events say';

-- A rhythm is known after 14 days: nights and weekends are in it by then.
CREATE VIEW analysis.source AS
SELECT authority, source, first_at, last_at, longest_gap, now() - last_at AS silent_for,
       first_at < now() - interval '14 days' AND now() - last_at > greatest(longest_gap * 1.5, interval '24 hours') AS is_silent,
       last_at AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.source;
COMMENT ON VIEW analysis.source IS 'The systems that events come from: a feed that is dead looks like a county of missed dates';
COMMENT ON COLUMN analysis.source.is_silent IS 'Whether it has said nothing for half as long again as ever before, and for a day at least; of a source heard of for 14 days';

CREATE VIEW analysis.prebirth_referral AS
SELECT authority, subject AS case_reference, child_id, agency, referred_on, gestation_weeks, changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.referral;
COMMENT ON VIEW analysis.prebirth_referral IS 'Concerns referred about children not yet born, with the weeks of the pregnancy (LON-1.15)';

CREATE VIEW analysis.removal_from_care AS
SELECT r.authority, r.subject AS case_reference, r.child_id, r.removed_on, r.legal_status, e.enquiry_id, e.started_on,
       analysis.today() - e.started_on AS days_since_enquiry,
       CASE WHEN p.plan_id IS NULL THEN 'none' WHEN p.ended_on IS NULL THEN 'active' ELSE 'ended' END AS plan_state,
       r.changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.removal r
  LEFT JOIN LATERAL (SELECT * FROM reporting.enquiry e
                      WHERE e.authority = r.authority AND e.subject = r.subject AND e.child_id = r.child_id
                        AND e.started_on >= r.removed_on ORDER BY e.started_on, e.enquiry_id LIMIT 1) e ON true
  LEFT JOIN LATERAL (SELECT * FROM reporting.plan p
                      WHERE p.authority = r.authority AND p.subject = r.subject AND p.child_id = r.child_id
                        AND p.started_on >= e.started_on ORDER BY p.started_on, p.plan_id LIMIT 1) p ON true;
COMMENT ON VIEW analysis.removal_from_care IS 'Children whom parents removed from care, with the days since the section 47 enquiry that followed and the plan that came of it (LON-2.3f)';

CREATE VIEW analysis.stale_record AS
SELECT authority, subject AS case_reference, child_id, recorded_at, changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.finding WHERE rule = 'LON-14.15a' AND NOT cleared;
COMMENT ON VIEW analysis.stale_record IS 'Children on a plan on whose record nothing was put for longer than the policy allows; empty where it sets no limit (LON-14.15a)';

-- For publication: no number by which a child could be found.
CREATE FUNCTION analysis.published(number bigint) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    CASE WHEN number BETWEEN 1 AND 5 THEN 'c' ELSE number::text END;
COMMENT ON FUNCTION analysis.published(bigint) IS 'A count for publication: 1 to 5 reads c';
CREATE FUNCTION analysis.published_total(number bigint) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    CASE WHEN number BETWEEN 1 AND 5 THEN 'c' ELSE round(number, -1)::text END;
COMMENT ON FUNCTION analysis.published_total(bigint) IS 'A total for publication: 1 to 5 reads c, others are to the nearest 10';
CREATE FUNCTION analysis.published_percent(part bigint[], rest bigint[]) RETURNS text LANGUAGE sql IMMUTABLE RETURN (
    SELECT CASE WHEN sum(n) = 0 THEN NULL WHEN bool_or(n BETWEEN 1 AND 5) THEN 'c'
                ELSE round(100.0 * sum(n) FILTER (WHERE is_part) / sum(n), 1)::text END
      FROM (SELECT n, true AS is_part FROM unnest(part) n UNION ALL SELECT n, false FROM unnest(rest) n) counts);
COMMENT ON FUNCTION analysis.published_percent(bigint[], bigint[]) IS 'A percentage for publication, to one decimal place, of the counts in it and the other counts of its whole: c where one of them is 1 to 5, since it could be worked back';

CREATE VIEW analysis.icpc_bins_published AS
SELECT authority, year_from,
       analysis.published(days_0_10) AS days_0_10,
       analysis.published(days_11_15) AS days_11_15,
       analysis.published(days_16_20) AS days_16_20,
       analysis.published(days_21_or_more) AS days_21_or_more,
       analysis.published(data_faults) AS data_faults,
       analysis.published_total(conferences) AS conferences,
       analysis.published_percent(ARRAY[days_0_10, days_11_15], ARRAY[days_16_20, days_21_or_more]) AS within_15_percent,
       changed_at, data_as_at
  FROM analysis.icpc_bins;
COMMENT ON VIEW analysis.icpc_bins_published IS 'For publication: icpc_bins with counts of 1 to 5 as c, totals to the nearest 10, percentages to one decimal place';

CREATE VIEW analysis.cpp_flow_published AS
SELECT authority, year_from, year_to,
       analysis.published_total(plans_started) AS plans_started,
       analysis.published_total(children_started) AS children_started,
       analysis.published_total(plans_ended) AS plans_ended,
       analysis.published_total(children_ended) AS children_ended,
       analysis.published_total(plans_open_in_year) AS plans_open_in_year,
       analysis.published_total(children_open_in_year) AS children_open_in_year,
       analysis.published_total(plans_open_31_march) AS plans_open_31_march,
       analysis.published_total(children_open_31_march) AS children_open_31_march,
       changed_at, data_as_at
  FROM analysis.cpp_flow;
COMMENT ON VIEW analysis.cpp_flow_published IS 'For publication: cpp_flow with counts of 1 to 5 as c, totals to the nearest 10, percentages to one decimal place';

CREATE VIEW analysis.cpp_end_duration_published AS
SELECT authority, year_from,
       analysis.published(up_to_3_months) AS up_to_3_months,
       analysis.published(up_to_6_months) AS up_to_6_months,
       analysis.published(up_to_1_year) AS up_to_1_year,
       analysis.published(up_to_2_years) AS up_to_2_years,
       analysis.published(two_years_and_over) AS two_years_and_over,
       analysis.published_total(plans_ended) AS plans_ended,
       changed_at, data_as_at
  FROM analysis.cpp_end_duration;
COMMENT ON VIEW analysis.cpp_end_duration_published IS 'For publication: cpp_end_duration with counts of 1 to 5 as c, totals to the nearest 10, percentages to one decimal place';

CREATE VIEW analysis.cpp_two_years_published AS
SELECT authority, year_from, year_to,
       analysis.published(plans_ended) AS plans_ended,
       analysis.published(plans_open) AS plans_open,
       changed_at, data_as_at
  FROM analysis.cpp_two_years;
COMMENT ON VIEW analysis.cpp_two_years_published IS 'For publication: cpp_two_years with counts of 1 to 5 as c, totals to the nearest 10, percentages to one decimal place';

CREATE VIEW analysis.cpp_second_plan_published AS
SELECT authority, year_from,
       analysis.published(had_one_before) AS had_one_before,
       analysis.published(within_two_years) AS within_two_years,
       analysis.published_total(children) AS children,
       analysis.published_percent(ARRAY[had_one_before], ARRAY[children - had_one_before]) AS had_one_before_percent,
       analysis.published_percent(ARRAY[within_two_years], ARRAY[children - within_two_years]) AS within_two_years_percent,
       changed_at, data_as_at
  FROM analysis.cpp_second_plan;
COMMENT ON VIEW analysis.cpp_second_plan_published IS 'For publication: cpp_second_plan with counts of 1 to 5 as c, totals to the nearest 10, percentages to one decimal place';

CREATE VIEW analysis.reviews_in_time_published AS
SELECT authority, year_from, year_to,
       analysis.published(in_time_by_months) AS in_time_by_months,
       analysis.published(in_time_by_days) AS in_time_by_days,
       analysis.published_total(children) AS children,
       analysis.published_percent(ARRAY[in_time_by_months], ARRAY[children - in_time_by_months]) AS in_time_by_months_percent,
       analysis.published_percent(ARRAY[in_time_by_days], ARRAY[children - in_time_by_days]) AS in_time_by_days_percent,
       changed_at, data_as_at
  FROM analysis.reviews_in_time;
COMMENT ON VIEW analysis.reviews_in_time_published IS 'For publication: reviews_in_time with counts of 1 to 5 as c, totals to the nearest 10, percentages to one decimal place';

CREATE VIEW analysis.duty_timeliness_published AS
SELECT authority, duty, analysis.year_from(due_month) AS year_from,
       analysis.published(sum(met)::bigint) AS met, analysis.published(sum(met_late)::bigint) AS met_late,
       analysis.published(sum(missed)::bigint) AS missed, analysis.published_total(sum(duties)::bigint) AS duties,
       analysis.published_percent(ARRAY[sum(met)::bigint], ARRAY[sum(met_late)::bigint, sum(missed)::bigint]) AS met_percent,
       max(changed_at) AS changed_at, max(data_as_at) AS data_as_at
  FROM analysis.duty_timeliness WHERE due_month IS NOT NULL GROUP BY 1, 2, 3;
COMMENT ON VIEW analysis.duty_timeliness_published IS 'For publication: duties by authority, kind and year due, with counts of 1 to 5 as c, totals to the nearest 10, percentages to one decimal place';
COMMENT ON COLUMN analysis.duty_timeliness_published.met_percent IS 'Of the duties judged (met, met late or missed), the share met in time';
