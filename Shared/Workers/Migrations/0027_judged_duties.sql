SET LOCAL ROLE quorate_owner;

-- What was judged, in the order in which it is counted: the board's chart reads no duty for it. What is open has an index of its
-- own (duty_open), so that each duty is in one of the two; together they take the place of the one by due date.
CREATE INDEX duty_judged ON reporting.duty (authority, duty, (coalesce(due_on, (due_at AT TIME ZONE 'Europe/London')::date)))
    INCLUDE (due_on, due_at, state, changed_at)
 WHERE NOT withdrawn AND NOT known_late AND state IN ('met', 'met_late', 'missed');
COMMENT ON INDEX reporting.duty_judged IS 'Duties judged, by kind and due date, with all that is counted of them';
DROP INDEX reporting.duty_due;
RESET ROLE;
