-- How well was each rule kept in the last twelve months, the worst first?
SELECT rule, duty, sum(duties) AS duties, sum(met) AS met, sum(met_late) AS met_late, sum(missed) AS missed,
       round(100.0 * sum(met) / nullif(sum(met + met_late + missed), 0), 1) AS met_percent, min(least_margin_days) AS worst_by_days
  FROM analysis.duty_timeliness
 WHERE due_month > analysis.today() - interval '12 months'
 GROUP BY authority, rule, duty
 ORDER BY met_percent NULLS LAST, rule
