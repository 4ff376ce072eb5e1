-- What did the ledger believe a month ago that it no longer believes?
SELECT k.case_reference, k.rule, k.duty, k.due AS due_then, d.due_on AS due_now, k.state AS state_then, d.state AS state_now
  FROM analysis.as_known_at(now() - interval '1 month') k
  LEFT JOIN analysis.duty d USING (authority, case_reference, deadline_id)
 WHERE k.state IS DISTINCT FROM d.state
 ORDER BY k.case_reference, k.rule
-- May be empty.
