-- Roles are of the whole cluster, so several databases may share them.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['quorate_owner', 'quorate_views'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
    FOREACH role_name IN ARRAY ARRAY[
        'quorate_scheduling', 'quorate_notifications', 'quorate_reporting', 'quorate_auditing', 'quorate_analyst'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
    EXECUTE format('GRANT quorate_owner, quorate_views TO %I', current_user);
EXCEPTION WHEN unique_violation THEN NULL;  -- another migration granted the same at the same moment
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA configuration AUTHORIZATION quorate_owner;
CREATE SCHEMA scheduling AUTHORIZATION quorate_owner;
CREATE SCHEMA notifications AUTHORIZATION quorate_owner;
CREATE SCHEMA reporting AUTHORIZATION quorate_owner;
CREATE SCHEMA auditing AUTHORIZATION quorate_owner;
CREATE SCHEMA analysis AUTHORIZATION quorate_views;

COMMENT ON SCHEMA configuration IS 'Policies, calendar and registry of authorities, by version';
COMMENT ON SCHEMA scheduling IS 'The duty ledger: facts of each case and what follows from them';
COMMENT ON SCHEMA notifications IS 'Who holds which role, and every message written';
COMMENT ON SCHEMA reporting IS 'Read models and published lists';
COMMENT ON SCHEMA auditing IS 'Every record received, in append-only trees';
COMMENT ON SCHEMA analysis IS 'Views for analysts; the only schema that quorate_analyst can read';

GRANT USAGE ON SCHEMA configuration
    TO quorate_scheduling, quorate_notifications, quorate_reporting, quorate_auditing;
GRANT USAGE ON SCHEMA scheduling TO quorate_scheduling;
GRANT USAGE ON SCHEMA notifications TO quorate_notifications;
GRANT USAGE ON SCHEMA reporting TO quorate_reporting, quorate_views;
GRANT USAGE ON SCHEMA auditing TO quorate_auditing;
GRANT USAGE ON SCHEMA analysis TO quorate_analyst;

SET LOCAL ROLE quorate_owner;

CREATE TABLE configuration.version (
    epoch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    release text NOT NULL,
    digest text NOT NULL,
    files jsonb NOT NULL,
    is_packaged boolean NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    loaded_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE configuration.version IS 'Each load of policies, calendar and registry, and each release that changes a rule, is an epoch';
COMMENT ON COLUMN configuration.version.epoch IS 'Cases assessed under an older epoch are assessed again by the sweep';
COMMENT ON COLUMN configuration.version.release IS 'Release of the rules that may assess under this epoch';
COMMENT ON COLUMN configuration.version.digest IS 'SHA-256 over the files, hexadecimal';
COMMENT ON COLUMN configuration.version.files IS 'The files as loaded: name to text';
COMMENT ON COLUMN configuration.version.is_packaged IS 'The files are those of a release; a newer release replaces them by its own';
COMMENT ON COLUMN configuration.version.loaded_at IS 'When it was loaded';
COMMENT ON COLUMN configuration.version.loaded_by IS 'The login that loaded it';

CREATE TABLE configuration.schema_migration (
    number int PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE configuration.schema_migration IS 'Migrations applied; a file that changed after it was applied is refused';
COMMENT ON COLUMN configuration.schema_migration.number IS 'Position in the sequence, from 1';
COMMENT ON COLUMN configuration.schema_migration.name IS 'Name of the migration';
COMMENT ON COLUMN configuration.schema_migration.checksum IS 'SHA-256 of its text, hexadecimal';
COMMENT ON COLUMN configuration.schema_migration.applied_at IS 'When it was applied';

GRANT SELECT ON configuration.version, configuration.schema_migration
    TO quorate_scheduling, quorate_notifications, quorate_reporting, quorate_auditing;
