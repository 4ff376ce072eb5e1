SET LOCAL ROLE quorate_owner;

CREATE TABLE auditing.log (
    log_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cluster text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    size bigint NOT NULL DEFAULT 0,
    frontier bytea NOT NULL DEFAULT '',
    root bytea NOT NULL DEFAULT '',
    UNIQUE (cluster, topic, partition)
);
COMMENT ON TABLE auditing.log IS 'One RFC 6962 log for each topic partition';
COMMENT ON COLUMN auditing.log.size IS 'Number of leaves';
COMMENT ON COLUMN auditing.log.frontier IS 'Hashes of the complete subtrees at the right edge, largest first: enough to append';
COMMENT ON COLUMN auditing.log.root IS 'Root hash over all leaves';

CREATE TABLE auditing.entry (
    log_id bigint NOT NULL,
    leaf_index bigint NOT NULL,
    kafka_offset bigint NOT NULL,
    kafka_timestamp_ms bigint NOT NULL,
    received_at timestamptz NOT NULL,
    event_type text,
    event_source text,
    event_id text,
    authority text,
    subject text,
    correlation_id text,
    record_key bytea,
    headers bytea NOT NULL,
    value bytea,
    leaf_hash bytea NOT NULL,
    PRIMARY KEY (log_id, leaf_index)
) PARTITION BY RANGE (leaf_index);
SELECT configuration.ensure_partitions('auditing.entry', 10000000, 10000000);
COMMENT ON TABLE auditing.entry IS 'Every record received, as received, in the order of its partition; insert only';
COMMENT ON COLUMN auditing.entry.leaf_index IS 'Position in the log of its partition, from 0, without gaps';
COMMENT ON COLUMN auditing.entry.headers IS 'Record headers: for each a length-prefixed name and value';
COMMENT ON COLUMN auditing.entry.leaf_hash IS 'SHA-256(0x00 || leaf), where the leaf covers cluster, topic, partition, offset, Kafka''s timestamp, key, headers and the digest of the value';

CREATE FUNCTION auditing.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is insert only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER entry_is_insert_only BEFORE UPDATE OR DELETE ON auditing.entry
    FOR EACH ROW EXECUTE FUNCTION auditing.refuse_change();
CREATE TRIGGER entry_is_not_truncated BEFORE TRUNCATE ON auditing.entry
    FOR EACH STATEMENT EXECUTE FUNCTION auditing.refuse_change();

GRANT SELECT, INSERT ON auditing.entry TO quorate_auditing;
GRANT SELECT, INSERT, UPDATE ON auditing.log TO quorate_auditing;
