-- Where would a second strategy discussion have hidden that a conference was late?
-- May be empty.
SELECT case_reference, child_id, discussion_on, target_on, later_discussion_on, later_target_on, conference_on
  FROM analysis.restrategised
 WHERE hides_lateness
 ORDER BY conference_on, case_reference, child_id
