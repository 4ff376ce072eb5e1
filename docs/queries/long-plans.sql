-- Which plans have been open for more than 18 months, the youngest children first?
-- May be empty.
SELECT case_reference, child_id, born_on, started_on, days_on_plan, is_over_2_years, category, social_worker_id
  FROM analysis.plan_over_18_months
 ORDER BY born_on DESC NULLS FIRST, started_on
