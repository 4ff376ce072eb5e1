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
    report_submitted_on date,
    child_ids text[] NOT NULL,
    held_event text,
    chair_id text,
    same_chair boolean,
    social_worker_attended boolean,
    excluded_people int NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, subject, conference_id)
);
CREATE INDEX conference_starts ON reporting.conference (authority, starts_on);
COMMENT ON TABLE reporting.conference IS 'Conferences and looked-after reviews as the facts show them';
CREATE INDEX conference_held ON reporting.conference (authority, held_on);
COMMENT ON COLUMN reporting.conference.report_submitted_at IS 'First report of children''s social care for it';
COMMENT ON COLUMN reporting.conference.report_submitted_on IS 'Its day, also where no time of day is known';
COMMENT ON COLUMN reporting.conference.held_event IS 'The event that says it was held';
COMMENT ON COLUMN reporting.conference.same_chair IS 'Of a review: whether it had the chair of its children''s conference before; NULL where either is not known';
COMMENT ON COLUMN reporting.conference.social_worker_attended IS 'NULL where nobody''s attendance is recorded';
COMMENT ON COLUMN reporting.conference.excluded_people IS 'How many were kept out, wholly or for a part';

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

CREATE TABLE reporting.postponement (
    authority text NOT NULL,
    subject text NOT NULL,
    conference_id text NOT NULL,
    action text NOT NULL,
    agreed boolean NOT NULL,
    reason text,
    decided_on date NOT NULL
);
CREATE INDEX postponement_case ON reporting.postponement (authority, subject);
CREATE INDEX postponement_decided ON reporting.postponement (authority, decided_on);
COMMENT ON TABLE reporting.postponement IS 'Each decision to cancel, postpone or adjourn a meeting, and each such move that no decision covers';
COMMENT ON COLUMN reporting.postponement.agreed IS 'False where it was not agreed, and where a rule refused it';

CREATE TABLE reporting.allocation (
    authority text NOT NULL,
    subject text NOT NULL,
    child_id text NOT NULL,
    role text NOT NULL,
    person_id text NOT NULL,
    PRIMARY KEY (authority, subject, child_id, role)
);
COMMENT ON TABLE reporting.allocation IS 'Who works with a child now, by role';

CREATE TABLE reporting.transfer (
    authority text NOT NULL,
    subject text NOT NULL,
    child_id text NOT NULL,
    held_on date NOT NULL,
    from_worker_id text,
    to_worker_id text
);
CREATE INDEX transfer_case ON reporting.transfer (authority, subject);
CREATE INDEX transfer_held ON reporting.transfer (authority, held_on);
COMMENT ON TABLE reporting.transfer IS 'Each child that a transfer meeting gave another social worker';

CREATE TABLE reporting.plan_action (
    authority text NOT NULL,
    subject text NOT NULL,
    plan_id text NOT NULL,
    action_id text,
    agency text,
    due_on date,
    done_on date
);
CREATE INDEX plan_action_case ON reporting.plan_action (authority, subject);
COMMENT ON TABLE reporting.plan_action IS 'The actions of plans, each as last reported';

CREATE TABLE reporting.child (
    authority text NOT NULL,
    subject text NOT NULL,
    child_id text NOT NULL,
    born_on date NOT NULL,
    PRIMARY KEY (authority, subject, child_id)
);
COMMENT ON TABLE reporting.child IS 'Children whose date of birth is known';

CREATE TABLE reporting.referral (
    authority text NOT NULL,
    subject text NOT NULL,
    child_id text NOT NULL,
    agency text,
    referred_on date NOT NULL,
    gestation_weeks int
);
CREATE INDEX referral_case ON reporting.referral (authority, subject);
COMMENT ON TABLE reporting.referral IS 'Concerns referred about children not yet born';
COMMENT ON COLUMN reporting.referral.gestation_weeks IS 'Completed weeks on the day of referral, of 40 at the expected date of delivery; NULL where that is not known';

CREATE TABLE reporting.removal (
    authority text NOT NULL,
    subject text NOT NULL,
    child_id text NOT NULL,
    removed_on date NOT NULL,
    legal_status text
);
CREATE INDEX removal_case ON reporting.removal (authority, subject);
COMMENT ON TABLE reporting.removal IS 'Children whom parents removed from care';

CREATE TABLE reporting.finding (
    finding_id uuid PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    revision bigint NOT NULL,
    cleared boolean NOT NULL,
    rule text,
    severity text,
    child_id text,
    conference_id text,
    plan_id text,
    message text,
    events text[],
    refuses text,
    recorded_at timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX finding_case ON reporting.finding (authority, subject) WHERE NOT cleared;
COMMENT ON TABLE reporting.finding IS 'What scheduling found wrong, short or missing; NULLs where only the clearing is known';
COMMENT ON COLUMN reporting.finding.revision IS 'Of the case; an older word never replaces a newer';
COMMENT ON COLUMN reporting.finding.refuses IS 'The event that has no effect while this stands';

CREATE TABLE reporting.escalation (
    notice_id uuid PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    revision bigint NOT NULL,
    rule text NOT NULL,
    template text NOT NULL,
    level int NOT NULL,
    conference_id text,
    child_id text,
    raised_on date NOT NULL,
    taken_back boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX escalation_raised ON reporting.escalation (authority, raised_on);
COMMENT ON TABLE reporting.escalation IS 'Each escalation that fell due';
COMMENT ON COLUMN reporting.escalation.taken_back IS 'Should never have been said, as the facts now stand';

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
    known_late boolean NOT NULL DEFAULT false,
    body jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX duty_due ON reporting.duty (authority, due_on);
CREATE INDEX duty_case ON reporting.duty (authority, subject);
COMMENT ON TABLE reporting.duty IS 'Every duty as it now stands';
COMMENT ON COLUMN reporting.duty.revision IS 'Of the case; an older word never replaces a newer';
COMMENT ON COLUMN reporting.duty.withdrawn IS 'Found not to exist after a correction';
COMMENT ON COLUMN reporting.duty.known_late IS 'Its day had passed when it was first known: in no rate';

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
