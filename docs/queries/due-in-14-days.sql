-- What falls due in the next 14 days, and with whom does it rest?
SELECT due_on, days_left, duty, rule, case_reference, child_id, social_worker_id, team_id
  FROM analysis.due_next_14_days
 ORDER BY due_on, case_reference, duty
