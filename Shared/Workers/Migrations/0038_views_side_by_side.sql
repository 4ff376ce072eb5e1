-- What views ask once a statement no longer keeps a large one from being worked out by several processes; each sees the session's own
-- login and settings.
SET LOCAL ROLE quorate_owner;
ALTER FUNCTION configuration.visible_authorities() PARALLEL SAFE;
ALTER FUNCTION reporting.visible_duty_authorities() PARALLEL SAFE;
ALTER FUNCTION reporting.read_until() PARALLEL SAFE;
RESET ROLE;
SET LOCAL ROLE quorate_views;
ALTER FUNCTION analysis.data_as_at() PARALLEL SAFE;
ALTER FUNCTION analysis.today() PARALLEL SAFE;
ALTER FUNCTION analysis.age_band PARALLEL SAFE;
ALTER FUNCTION analysis.census_category PARALLEL SAFE;
-- Of all authorities at once it sorts and joins over a million rows.
ALTER FUNCTION analysis.as_known_at SET work_mem = '128MB';
RESET ROLE;
