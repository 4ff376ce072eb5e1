SET LOCAL ROLE quorate_owner;

ALTER TABLE auditing.log ADD COLUMN archived bigint NOT NULL DEFAULT 0 CHECK (archived >= 0 AND archived % 256 = 0);
COMMENT ON COLUMN auditing.log.archived IS 'Entries at the beginning that are in archives alone; whole kept subtrees, so that every proof after them can still be made';
-- The worker appends; what is archived is an operator's.
REVOKE UPDATE ON auditing.log FROM quorate_auditing;
GRANT UPDATE (size, frontier, root) ON auditing.log TO quorate_auditing;

CREATE TABLE auditing.archive (
    until bigint PRIMARY KEY,
    since bigint NOT NULL,
    entries bigint NOT NULL CHECK (entries >= 0),
    file text NOT NULL,
    digest bytea NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT now(),
    archived_by text NOT NULL DEFAULT session_user,
    CHECK (since < until)
);
COMMENT ON TABLE auditing.archive IS 'Files that hold the entries between two checkpoints in the place of auditing.entry; insert only';
COMMENT ON COLUMN auditing.archive.until IS 'Size of the checkpoint that the file ends with';
COMMENT ON COLUMN auditing.archive.since IS 'Size of the checkpoint after which it begins; 0 for the first entries';
COMMENT ON COLUMN auditing.archive.entries IS 'How many the file holds';
COMMENT ON COLUMN auditing.archive.file IS 'Where it was written; it may have been moved since';
COMMENT ON COLUMN auditing.archive.digest IS 'SHA-256 of the file';
CREATE TRIGGER archive_is_insert_only BEFORE UPDATE OR DELETE ON auditing.archive
    FOR EACH ROW EXECUTE FUNCTION auditing.refuse_change();
CREATE TRIGGER archive_is_not_truncated BEFORE TRUNCATE ON auditing.archive
    FOR EACH STATEMENT EXECUTE FUNCTION auditing.refuse_change();
GRANT SELECT ON auditing.archive TO quorate_auditing;
