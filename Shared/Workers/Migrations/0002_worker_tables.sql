-- What every worker has in its own schema: offsets, outbox, quarantine. One text, four schemas.
SET LOCAL ROLE quorate_owner;

CREATE FUNCTION configuration.ensure_partitions(parent regclass, through bigint, width bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    chunk bigint;
    child text;
BEGIN
    -- One at a time: two workers that start together find the same one missing.
    PERFORM pg_advisory_xact_lock(hashtext('configuration.ensure_partitions'), parent::oid::int);
    FOR chunk IN 0..(through / width) LOOP
        child := format('%s_%s', (SELECT relname FROM pg_class WHERE oid = parent), chunk);
        IF to_regclass(format('%I.%I', (SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                                         WHERE c.oid = parent), child)) IS NULL THEN
            EXECUTE format('CREATE TABLE %I.%I PARTITION OF %s FOR VALUES FROM (%s) TO (%s)',
                (SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = parent),
                child, parent, chunk * width, (chunk + 1) * width);
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION configuration.ensure_partitions IS 'Creates the range partitions of a table up to a number, where they are missing';

DO $$
DECLARE
    s text;
    t text;
BEGIN
    FOREACH s IN ARRAY ARRAY['scheduling', 'notifications', 'reporting', 'auditing'] LOOP
        EXECUTE format($sql$
            CREATE TABLE %1$I.kafka_offset (
                cluster text NOT NULL,
                consumer_group text NOT NULL,
                topic text NOT NULL,
                partition int NOT NULL,
                next_offset bigint NOT NULL CHECK (next_offset >= 0),
                last_fingerprint bytea,
                holder uuid,
                backend_pid int,
                backend_started_at timestamptz,
                attempt_offset bigint,
                attempts int NOT NULL DEFAULT 0,
                updated_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (cluster, consumer_group, topic, partition)
            );
            COMMENT ON TABLE %1$I.kafka_offset IS 'Where consumption stands: changed in the same transaction as what it led to';
            COMMENT ON COLUMN %1$I.kafka_offset.cluster IS 'Kafka cluster id; an embedded broker is a new cluster at each start';
            COMMENT ON COLUMN %1$I.kafka_offset.next_offset IS 'The first offset not yet applied';
            COMMENT ON COLUMN %1$I.kafka_offset.last_fingerprint IS 'Of the record before next_offset; a broker that holds another one was rewound or replaced';
            COMMENT ON COLUMN %1$I.kafka_offset.holder IS 'The worker that may advance this row; null after an orderly end';
            COMMENT ON COLUMN %1$I.kafka_offset.backend_pid IS 'Its PostgreSQL backend, which the next holder ends if it still lives';
            COMMENT ON COLUMN %1$I.kafka_offset.attempt_offset IS 'The record being processed alone, after a stop that was not orderly';

            CREATE TABLE %1$I.outbox (
                outbox_id bigint GENERATED ALWAYS AS IDENTITY,
                source_partition int NOT NULL,
                topic text NOT NULL,
                event_id text NOT NULL,
                event_type text NOT NULL,
                record_key bytea NOT NULL,
                headers text[],
                value bytea NOT NULL,
                causation_id text,
                created_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (outbox_id)
            ) PARTITION BY RANGE (outbox_id);
            COMMENT ON TABLE %1$I.outbox IS 'Every event that this worker publishes, written with what it tells of, and kept';
            COMMENT ON COLUMN %1$I.outbox.source_partition IS 'Partition of the input that led to it; that partition''s holder relays it, in order';
            COMMENT ON COLUMN %1$I.outbox.headers IS 'Names and values in turn; null means structured CloudEvents';

            CREATE TABLE %1$I.outbox_pending (
                outbox_id bigint PRIMARY KEY,
                source_partition int NOT NULL
            );
            COMMENT ON TABLE %1$I.outbox_pending IS 'Outbox rows not yet acknowledged by Kafka';

            CREATE TABLE %1$I.outbox_relayed (
                outbox_id bigint NOT NULL,
                cluster text NOT NULL,
                partition int NOT NULL,
                kafka_offset bigint NOT NULL,
                relayed_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (outbox_id, cluster)
            );
            COMMENT ON TABLE %1$I.outbox_relayed IS 'Where Kafka acknowledged each outbox row';

            CREATE TABLE %1$I.quarantine (
                quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                cluster text NOT NULL,
                topic text NOT NULL,
                partition int NOT NULL,
                kafka_offset bigint NOT NULL,
                kafka_timestamp_ms bigint NOT NULL,
                record_key bytea,
                headers text[],
                value bytea,
                code text NOT NULL,
                reason text NOT NULL,
                event_id text,
                event_source text,
                event_type text,
                authority text,
                subject text,
                release text NOT NULL,
                state text NOT NULL DEFAULT 'open'
                    CHECK (state IN ('open', 'replay_requested', 'replayed', 'discarded', 'superseded')),
                quarantined_at timestamptz NOT NULL DEFAULT now(),
                resolved_at timestamptz,
                UNIQUE (cluster, topic, partition, kafka_offset)
            );
            COMMENT ON TABLE %1$I.quarantine IS 'Input that could not be applied, unchanged, with the reason in words';
            CREATE INDEX quarantine_open ON %1$I.quarantine (authority, subject) WHERE state IN ('open', 'replay_requested');
            $sql$, s);
        PERFORM configuration.ensure_partitions(format('%I.outbox', s)::regclass, 10000000, 10000000);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %1$I.kafka_offset, %1$I.outbox_pending TO %2$I', s, 'quorate_' || s);
        EXECUTE format('GRANT SELECT, INSERT ON %1$I.outbox, %1$I.outbox_relayed TO %2$I', s, 'quorate_' || s);
        EXECUTE format('GRANT USAGE ON SEQUENCE %1$I.outbox_outbox_id_seq TO %2$I', s, 'quorate_' || s);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %1$I.quarantine TO %2$I', s, 'quorate_' || s);
    END LOOP;
END $$;
