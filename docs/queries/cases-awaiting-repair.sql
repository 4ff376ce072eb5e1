-- Of which cases do events wait in quarantine, so that the other views may lack something?
-- May be empty.
SELECT case_reference, events, since, codes
  FROM analysis.quarantined_case
 ORDER BY since
