SET LOCAL ROLE quorate_owner;

CREATE TABLE reporting.fact (
    source text NOT NULL,
    event_id text NOT NULL,
    authority text NOT NULL,
    subject text NOT NULL,
    event_type text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (source, event_id)
);
CREATE INDEX fact_case ON reporting.fact (authority, subject);
COMMENT ON TABLE reporting.fact IS 'The events from which the read models are drawn, so that they can be drawn again';

CREATE TABLE reporting.case_file (
    authority text NOT NULL,
    subject text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, subject)
);
COMMENT ON TABLE reporting.case_file IS 'One row a case, held by whoever writes its read models';

CREATE TABLE reporting.conference (
    authority text NOT NULL,
    subject text NOT NULL,
    conference_id text NOT NULL,
    conference_type text,
    state text NOT NULL,
    starts_at timestamptz,
    starts_on date,
    held_at timestamptz,
    held_on date,
    report_submitted_at timestamptz,
    child_ids text[] NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, subject, conference_id)
);
CREATE INDEX conference_starts ON reporting.conference (authority, starts_on);
COMMENT ON TABLE reporting.conference IS 'Conferences and looked-after reviews as the facts show them';
COMMENT ON COLUMN reporting.conference.report_submitted_at IS 'First report of children''s social care for it';

CREATE TABLE reporting.plan (
    authority text NOT NULL,
    subject text NOT NULL,
    plan_id text NOT NULL,
    child_id text NOT NULL,
    started_on date NOT NULL,
    ended_on date,
    category text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, subject, plan_id)
);
COMMENT ON TABLE reporting.plan IS 'Child protection plans';

CREATE TABLE reporting.enquiry (
    authority text NOT NULL,
    subject text NOT NULL,
    enquiry_id text NOT NULL,
    child_id text NOT NULL,
    started_on date NOT NULL,
    discussion_on date,
    completed_on date,
    outcome text,
    conference_id text,
    conference_on date,
    working_days_from_start int,
    working_days_from_discussion int,
    data_fault text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, subject, enquiry_id, child_id)
);
COMMENT ON TABLE reporting.enquiry IS 'Section 47 enquiries by child, with the initial conference that followed';
COMMENT ON COLUMN reporting.enquiry.discussion_on IS 'Strategy discussion at which the enquiry began';
COMMENT ON COLUMN reporting.enquiry.working_days_from_start IS 'Working days from the actual start of the enquiry to the conference: the national statistic';
COMMENT ON COLUMN reporting.enquiry.working_days_from_discussion IS 'Working days from the strategy discussion to the conference: the duty';

CREATE TABLE reporting.duty (
    deadline_id uuid PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    revision bigint NOT NULL,
    rule text NOT NULL,
    duty text NOT NULL,
    policy text NOT NULL,
    child_id text,
    conference_id text,
    plan_id text,
    anchor_on date NOT NULL,
    due_on date,
    due_at timestamptz,
    act_by_on date,
    state text NOT NULL,
    met_on date,
    late_days int,
    late_hours int,
    provenance text NOT NULL,
    citation text NOT NULL,
    withdrawn boolean NOT NULL DEFAULT false,
    body jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX duty_due ON reporting.duty (authority, due_on);
CREATE INDEX duty_case ON reporting.duty (authority, subject);
COMMENT ON TABLE reporting.duty IS 'Every duty as it now stands';
COMMENT ON COLUMN reporting.duty.revision IS 'Of the case; an older word never replaces a newer';
COMMENT ON COLUMN reporting.duty.withdrawn IS 'Found not to exist after a correction';

CREATE TABLE reporting.duty_gone (
    deadline_id uuid PRIMARY KEY,
    revision bigint NOT NULL
);
COMMENT ON TABLE reporting.duty_gone IS 'Duties found not to exist, whether or not they were told of before: an older word that comes later changes nothing';
COMMENT ON COLUMN reporting.duty_gone.deadline_id IS 'The duty';
COMMENT ON COLUMN reporting.duty_gone.revision IS 'Of the case, when it was last found not to exist';

CREATE TABLE reporting.published_list (
    list_id text PRIMARY KEY,
    kind text NOT NULL,
    authority text NOT NULL,
    period text NOT NULL,
    as_at timestamptz NOT NULL,
    row_count int NOT NULL,
    csv text NOT NULL,
    html text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (kind, authority, period)
);
COMMENT ON TABLE reporting.published_list IS 'Each list as it was published';

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA reporting TO quorate_reporting;
