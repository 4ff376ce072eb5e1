-- Which child protection reviews are past their date and were never held?
SELECT case_reference, child_id, plan_id, due_on, days_overdue, social_worker_id, team_id
  FROM analysis.cp_review_duty
 WHERE state = 'missed'
 ORDER BY days_overdue DESC, case_reference
