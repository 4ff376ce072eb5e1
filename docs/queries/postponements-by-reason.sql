-- Why were meetings put off in the last twelve months, and how often was it refused?
SELECT action, coalesce(reason, 'no reason given') AS reason, count(*) FILTER (WHERE agreed) AS agreed,
       count(*) FILTER (WHERE NOT agreed) AS refused
  FROM analysis.postponement
 WHERE decided_on > analysis.today() - interval '12 months'
 GROUP BY authority, action, reason
 ORDER BY agreed DESC, action, reason
