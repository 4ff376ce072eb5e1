-- How late do reports come, by kind of meeting and team?
SELECT conference_type, team_id, count(*) AS reports, count(*) FILTER (WHERE outcome = 'met') AS in_time,
       count(*) FILTER (WHERE outcome = 'met_late') AS late, count(*) FILTER (WHERE outcome = 'missed') AS never,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY margin_days) AS median_margin_days
  FROM analysis.report_timeliness
 GROUP BY authority, conference_type, team_id
 ORDER BY authority, conference_type, team_id
