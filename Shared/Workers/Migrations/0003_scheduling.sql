SET LOCAL ROLE quorate_owner;

CREATE TABLE scheduling.case_file (
    case_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    partition int NOT NULL,
    revision bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 0,
    assessed_at timestamptz,
    next_check_at timestamptz,
    awaiting_repair boolean NOT NULL DEFAULT false,
    published bytea NOT NULL DEFAULT '',
    fact_bytes bigint NOT NULL DEFAULT 0,
    UNIQUE (authority, subject)
) WITH (fillfactor = 70);
CREATE INDEX case_file_next_check ON scheduling.case_file (next_check_at) WHERE next_check_at IS NOT NULL;
COMMENT ON TABLE scheduling.case_file IS 'One row a case; whoever writes anything of a case holds its row';
COMMENT ON COLUMN scheduling.case_file.partition IS 'Partition that last carried an event of the case; its holder sweeps the case';
COMMENT ON COLUMN scheduling.case_file.revision IS 'One more with each assessment that changed something';
COMMENT ON COLUMN scheduling.case_file.epoch IS 'Configuration under which it was last assessed';
COMMENT ON COLUMN scheduling.case_file.assessed_at IS 'The asOf of the last assessment; never goes back';
COMMENT ON COLUMN scheduling.case_file.next_check_at IS 'When the assessment next changes by the passing of time alone';
COMMENT ON COLUMN scheduling.case_file.awaiting_repair IS 'An event of this case sits in quarantine';
COMMENT ON COLUMN scheduling.case_file.published IS 'Ids, states and digests of the rows as last written, to tell what changed';
COMMENT ON COLUMN scheduling.case_file.fact_bytes IS 'Bytes of its facts, so that a transaction bounds what it reads at a time';

-- No foreign keys to case_file from here on: a row is written only under the lock of its case's row, whose id it takes, and
-- nobody may delete those. Looking each one up again is a tenth of the server's work.
CREATE TABLE scheduling.fact (
    source text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    case_id bigint NOT NULL,
    event_type text NOT NULL,
    corrects boolean NOT NULL,
    recorded_at timestamptz NOT NULL,
    digest bytea NOT NULL,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, event_id)
);
CREATE INDEX fact_case ON scheduling.fact (case_id);
COMMENT ON TABLE scheduling.fact IS 'Every accepted event, as one structured CloudEvent';
COMMENT ON COLUMN scheduling.fact.corrects IS 'It supersedes or retracts another';
COMMENT ON COLUMN scheduling.fact.digest IS 'SHA-256 of type, subject, authority and canonical data: the same id with other content is refused';

-- An id is unique by itself, being made of the case too. With the case before it in the key, what one assessment writes lies
-- together, however many cases there are.
CREATE TABLE scheduling.deadline (
    deadline_id uuid NOT NULL,
    case_id bigint NOT NULL,
    state text NOT NULL,
    revision bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (case_id, deadline_id)
) WITH (fillfactor = 85);
COMMENT ON TABLE scheduling.deadline IS 'The duties of each case as they stand: the rows that quorate evaluate prints';
COMMENT ON COLUMN scheduling.deadline.body IS 'The row, as JSON';

CREATE TABLE scheduling.deadline_version (
    version_id bigint GENERATED ALWAYS AS IDENTITY,
    deadline_id uuid NOT NULL,
    case_id bigint NOT NULL,
    revision bigint NOT NULL,
    change text NOT NULL,
    epoch bigint NOT NULL,
    believed_from timestamptz NOT NULL,
    body text,
    PRIMARY KEY (version_id)
) PARTITION BY RANGE (version_id);
SELECT configuration.ensure_partitions('scheduling.deadline_version', 10000000, 10000000);
CREATE INDEX deadline_version_case ON scheduling.deadline_version (case_id, deadline_id, revision);
COMMENT ON TABLE scheduling.deadline_version IS 'What was believed of each duty, from when, and what changed it';
COMMENT ON COLUMN scheduling.deadline_version.body IS 'The row as it was then believed; null once the duty was found not to exist';

CREATE TABLE scheduling.finding (
    finding_id uuid NOT NULL,
    case_id bigint NOT NULL,
    revision bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (case_id, finding_id)
);
COMMENT ON TABLE scheduling.finding IS 'What a procedure demands and the facts do not show';

CREATE TABLE scheduling.notice (
    notice_id uuid NOT NULL,
    case_id bigint NOT NULL,
    state text NOT NULL,
    revision bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (case_id, notice_id)
) WITH (fillfactor = 85);
COMMENT ON TABLE scheduling.notice IS 'Reminders and alerts, by role, planned and due';

GRANT SELECT, INSERT, UPDATE ON scheduling.case_file TO quorate_scheduling;
GRANT SELECT, INSERT, UPDATE, DELETE ON scheduling.deadline, scheduling.finding, scheduling.notice TO quorate_scheduling;
GRANT SELECT, INSERT ON scheduling.fact, scheduling.deadline_version TO quorate_scheduling;
