-- A statement over the views takes longer to compile than to run, and what it sorts and hashes is larger than the server's own
-- setting foresees: of this database, for whoever signs in from now on. An owner of the schema alone may not say so.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
    EXECUTE format('ALTER DATABASE %I SET work_mem = %L', current_database(), '32MB');
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'the owner of the database should set jit = off and work_mem = 32MB on it: the views are slower without';
END $$;

-- From the duties themselves: which team they are of does not matter here.
SET LOCAL ROLE quorate_views;
CREATE OR REPLACE VIEW analysis.duty_timeliness_published AS
SELECT authority, duty, year_from, analysis.published(met) AS met, analysis.published(met_late) AS met_late,
       analysis.published(missed) AS missed, analysis.published_total(duties) AS duties,
       analysis.published_percent(ARRAY[met], ARRAY[met_late, missed]) AS met_percent, changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM (SELECT authority, duty, analysis.year_from(due_on) AS year_from, count(*) AS duties,
               count(*) FILTER (WHERE outcome = 'met') AS met, count(*) FILTER (WHERE outcome = 'met_late') AS met_late,
               count(*) FILTER (WHERE outcome = 'missed') AS missed, max(changed_at) AS changed_at
          FROM analysis.duty WHERE due_on IS NOT NULL GROUP BY 1, 2, 3) d;
RESET ROLE;
