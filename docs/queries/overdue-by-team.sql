-- What is overdue, by service, team and how long?
SELECT service_id, team_id, overdue_band, count(*) AS duties, count(DISTINCT child_id) AS children, max(rung) AS highest_rung
  FROM analysis.overdue
 GROUP BY authority, service_id, team_id, overdue_band
 ORDER BY authority, service_id, team_id, overdue_band
