SET LOCAL ROLE quorate_owner;

-- No release kept entries in the former form. Auditing reads again from the oldest record that the broker holds.
DROP TABLE auditing.entry;
DELETE FROM auditing.log;
DELETE FROM auditing.kafka_offset;

CREATE TABLE auditing.entry (
    log_id bigint NOT NULL,
    leaf_index bigint NOT NULL,
    received_at timestamptz NOT NULL,
    kafka_offset bigint NOT NULL,
    kafka_timestamp_ms bigint NOT NULL,
    event_type text,
    event_source text,
    event_id text,
    authority text,
    subject text,
    correlation_id text,
    key_id bigint NOT NULL,
    sealed bytea NOT NULL,
    leaf_hash bytea NOT NULL,
    PRIMARY KEY (log_id, leaf_index)
) PARTITION BY RANGE (leaf_index);
-- What is sealed does not compress.
ALTER TABLE auditing.entry ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX entry_by_key ON auditing.entry (key_id);
SELECT configuration.ensure_partitions('auditing.entry', 10000000, 10000000);
COMMENT ON TABLE auditing.entry IS 'Every record received, in the order of its partition; insert only';
COMMENT ON COLUMN auditing.entry.leaf_index IS 'Position in the log of its partition, from 0, without gaps';
COMMENT ON COLUMN auditing.entry.received_at IS 'When it was received; beside the tree, so that a second reading gives the same tree';
COMMENT ON COLUMN auditing.entry.kafka_timestamp_ms IS 'Kafka''s timestamp, milliseconds since 1970';
COMMENT ON COLUMN auditing.entry.key_id IS 'Of the key database: the key that seals the record';
COMMENT ON COLUMN auditing.entry.sealed IS 'Key, headers and value of the record: nonce (12 bytes), AES-256-GCM ciphertext, tag (16 bytes)';
COMMENT ON COLUMN auditing.entry.leaf_hash IS 'SHA-256(0x00 || leaf); docs/audit-format.md says what the leaf covers';

CREATE TABLE auditing.subtree (
    log_id bigint NOT NULL,
    height int NOT NULL,
    position bigint NOT NULL,
    root bytea NOT NULL,
    PRIMARY KEY (log_id, height, position)
);
COMMENT ON TABLE auditing.subtree IS 'Roots of complete subtrees of 256 leaves, 65,536 and so on: a proof reads a few hundred hashes; insert only';
COMMENT ON COLUMN auditing.subtree.log_id IS '0 for the log of heads';
COMMENT ON COLUMN auditing.subtree.height IS 'The subtree covers 2^height leaves';
COMMENT ON COLUMN auditing.subtree.position IS 'Its first leaf is position * 2^height';

CREATE TABLE auditing.head (
    position bigint PRIMARY KEY,
    cluster text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL
);
COMMENT ON TABLE auditing.head IS 'The log of heads: size and root of every partition''s log, taken in one snapshot for each checkpoint; insert only';
COMMENT ON COLUMN auditing.head.position IS 'Position in the log of heads, from 0, without gaps';

CREATE TABLE auditing.checkpoint (
    size bigint PRIMARY KEY,
    note text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE auditing.checkpoint IS 'Signed checkpoints of the log of heads; insert only';
COMMENT ON COLUMN auditing.checkpoint.size IS 'Number of heads that it covers';
COMMENT ON COLUMN auditing.checkpoint.note IS 'C2SP checkpoint as a signed note';

CREATE TABLE auditing.signing_key (
    verifier text PRIMARY KEY,
    first_used_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE auditing.signing_key IS 'Public keys that signed checkpoints; who trusts nobody here keeps their own copy';

CREATE TABLE auditing.checkpoint_place (
    place text PRIMARY KEY,
    size bigint NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE auditing.checkpoint_place IS 'Outside places, and the last checkpoint that each was given';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['entry', 'subtree', 'head', 'checkpoint', 'signing_key'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_is_insert_only BEFORE UPDATE OR DELETE ON auditing.%1$s '
            'FOR EACH ROW EXECUTE FUNCTION auditing.refuse_change()', t);
        EXECUTE format('CREATE TRIGGER %1$s_is_not_truncated BEFORE TRUNCATE ON auditing.%1$s '
            'FOR EACH STATEMENT EXECUTE FUNCTION auditing.refuse_change()', t);
        EXECUTE format('GRANT SELECT, INSERT ON auditing.%I TO quorate_auditing', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON auditing.checkpoint_place TO quorate_auditing;

-- Who did what and when, by authority, without what was said. COPY refuses tables with row security, so the view bars rows
-- itself, as their policies do elsewhere.
GRANT USAGE ON SCHEMA auditing TO quorate_views;
GRANT SELECT (log_id, leaf_index, received_at, kafka_offset, kafka_timestamp_ms, event_type, event_source, event_id, authority,
    subject, correlation_id) ON auditing.entry TO quorate_views;
GRANT SELECT (log_id, topic, partition) ON auditing.log TO quorate_views;

RESET ROLE;
SET LOCAL ROLE quorate_views;
CREATE VIEW analysis.audit_trail WITH (security_barrier) AS
SELECT e.authority, e.subject AS case_reference, e.event_type, e.event_source, e.event_id, e.correlation_id,
       to_timestamp(e.kafka_timestamp_ms / 1000.0) AS recorded_at, e.received_at, l.topic, l.partition, e.kafka_offset,
       e.received_at AS changed_at, now() AS data_as_at
FROM auditing.entry e JOIN auditing.log l USING (log_id)
WHERE configuration.may_see(e.authority);
COMMENT ON VIEW analysis.audit_trail IS 'Every record received, without its content: events, outcomes, messages, lists, looks at records, operators'' acts';
COMMENT ON COLUMN analysis.audit_trail.authority IS 'ONS code of the authority';
COMMENT ON COLUMN analysis.audit_trail.case_reference IS 'Case reference of the producing system; of records of no case what they are about';
COMMENT ON COLUMN analysis.audit_trail.event_type IS 'Type of the event, as far as it could be read';
COMMENT ON COLUMN analysis.audit_trail.event_source IS 'Who published it';
COMMENT ON COLUMN analysis.audit_trail.event_id IS 'Unique within its source';
COMMENT ON COLUMN analysis.audit_trail.correlation_id IS 'What belongs together, where the producer said so';
COMMENT ON COLUMN analysis.audit_trail.recorded_at IS 'When Kafka took it';
COMMENT ON COLUMN analysis.audit_trail.received_at IS 'When auditing received it';
COMMENT ON COLUMN analysis.audit_trail.topic IS 'Kafka topic';
COMMENT ON COLUMN analysis.audit_trail.partition IS 'Partition of the topic';
COMMENT ON COLUMN analysis.audit_trail.kafka_offset IS 'Offset in the partition: topic/partition/offset names the entry for quorate audit prove';
COMMENT ON COLUMN analysis.audit_trail.changed_at IS 'When auditing received it: an entry never changes';
COMMENT ON COLUMN analysis.audit_trail.data_as_at IS 'When this was read';
GRANT SELECT ON analysis.audit_trail TO quorate_analyst;
