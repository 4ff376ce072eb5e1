-- Which teams' initial conferences were held after the statutory date in the last twelve months?
SELECT icpc_icpc_team AS team, count(*) AS conferences,
       count(*) FILTER (WHERE icpc_icpc_date > icpc_icpc_target_date) AS late,
       max(icpc_icpc_date - icpc_icpc_target_date) AS worst_by_days
  FROM analysis.ssd_initial_cp_conference
 WHERE icpc_icpc_date > analysis.today() - interval '12 months'
 GROUP BY authority, team ORDER BY late DESC, team
