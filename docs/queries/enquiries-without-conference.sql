-- Which enquiries are older than 15 working days without a conference, and none was found unneeded?
SELECT case_reference, child_id, enquiry_id, started_on, target_on, days_open, social_worker_id, team_id
  FROM analysis.s47_open_without_conference
 ORDER BY started_on, case_reference, child_id
