-- The key database: apart from the data, with backups of its own.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quorate_auditing') THEN
        BEGIN
            CREATE ROLE quorate_auditing LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END IF;
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA audit_key;
COMMENT ON SCHEMA audit_key IS 'Keys that seal the records of the audit log; who destroys one erases what it sealed';

CREATE TABLE audit_key.content_key (
    key_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    year int NOT NULL,
    secret bytea,
    made_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CHECK ((secret IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE UNIQUE INDEX content_key_in_use ON audit_key.content_key (authority, subject, year) WHERE destroyed_at IS NULL;
CREATE INDEX content_key_by_owner ON audit_key.content_key (authority, subject);
COMMENT ON TABLE audit_key.content_key IS 'One key for each case, one for each published list, and one a year for each authority''s other records';
COMMENT ON COLUMN audit_key.content_key.authority IS 'ONS code; empty where a record names none';
COMMENT ON COLUMN audit_key.content_key.subject IS 'Case reference; of a list the id of its event; empty for an authority''s other records';
COMMENT ON COLUMN audit_key.content_key.year IS 'Of Kafka''s timestamp; 0 for a case';
COMMENT ON COLUMN audit_key.content_key.secret IS '64 random bytes: the first 32 encrypt, the last 32 make nonces; null once destroyed';
GRANT USAGE ON SCHEMA audit_key TO quorate_auditing;
GRANT SELECT, INSERT ON audit_key.content_key TO quorate_auditing;
