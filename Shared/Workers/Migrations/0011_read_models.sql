SET LOCAL ROLE quorate_owner;

-- What the views of schema analysis show of children, their reviews, their times in care and their moves.
ALTER TABLE reporting.case_file ADD COLUMN model int NOT NULL DEFAULT 0, ADD COLUMN epoch bigint NOT NULL DEFAULT 0;
CREATE INDEX case_file_model ON reporting.case_file (model);
CREATE INDEX case_file_epoch ON reporting.case_file (epoch);
COMMENT ON COLUMN reporting.case_file.epoch IS 'Epoch of the configuration, and so of the calendar, by which its rows were drawn; an older one is drawn again';
COMMENT ON COLUMN reporting.case_file.model IS 'Release of the read models by which its rows were drawn; an older one is drawn again';

ALTER TABLE reporting.child ALTER COLUMN born_on DROP NOT NULL,
    ADD COLUMN expected_on date, ADD COLUMN died_on date, ADD COLUMN team_id text,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
COMMENT ON TABLE reporting.child IS 'Children of a case, born and expected';
COMMENT ON COLUMN reporting.child.expected_on IS 'Expected date of delivery, as last told';
COMMENT ON COLUMN reporting.child.died_on IS 'Day of death, or of the loss of the pregnancy';
COMMENT ON COLUMN reporting.child.team_id IS 'Team that the registration names';

ALTER TABLE reporting.plan ADD COLUMN latest_category text, ADD COLUMN conference_id text, ADD COLUMN end_ground text,
    ADD COLUMN earlier_plans int;
CREATE INDEX plan_child ON reporting.plan (authority, child_id, started_on);
COMMENT ON COLUMN reporting.plan.category IS 'The one that it began with';
COMMENT ON COLUMN reporting.plan.latest_category IS 'The one that it has now';
COMMENT ON COLUMN reporting.plan.conference_id IS 'Conference that made it';
COMMENT ON COLUMN reporting.plan.end_ground IS 'Why it ended; life_ended where the child died or the pregnancy was lost';
COMMENT ON COLUMN reporting.plan.earlier_plans IS 'Plans of the child before it, as the census item says; NULL where it says nothing';

ALTER TABLE reporting.enquiry ADD COLUMN target_on date, ADD COLUMN later_discussion_on date,
    ADD COLUMN later_target_on date, ADD COLUMN aged_on date, ADD COLUMN not_needed text;
COMMENT ON COLUMN reporting.enquiry.target_on IS '15 working days after the strategy discussion; NULL where none is known or the calendar ends before';
COMMENT ON COLUMN reporting.enquiry.later_discussion_on IS 'The last discussion after that one, up to the conference, that began no enquiry';
COMMENT ON COLUMN reporting.enquiry.later_target_on IS '15 working days after it: the date that it would have given';
COMMENT ON COLUMN reporting.enquiry.aged_on IS '15 working days after the start of the enquiry';
COMMENT ON COLUMN reporting.enquiry.not_needed IS 'Why there is to be no initial conference: the outcome, not_convened, life_ended; NULL where there was one, or is to be';

ALTER TABLE reporting.conference ADD COLUMN quorum_claim text;
COMMENT ON COLUMN reporting.conference.quorum_claim IS 'What the meeting said of its own quorum';

ALTER TABLE reporting.postponement ADD COLUMN event_id text NOT NULL DEFAULT '',
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN reporting.postponement.event_id IS 'The event that tells of it; empty until the case is next drawn';
ALTER TABLE reporting.referral ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE reporting.removal ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();

ALTER TABLE reporting.duty ADD COLUMN met_by text;
UPDATE reporting.duty SET met_by = body->>'metBy';
CREATE INDEX duty_kind ON reporting.duty (authority, duty);
COMMENT ON COLUMN reporting.duty.met_by IS 'The event that met it';

CREATE TABLE reporting.sitting (
    authority text NOT NULL,
    subject text NOT NULL,
    conference_id text NOT NULL,
    child_id text NOT NULL,
    decision text,
    category text,
    participation text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, subject, conference_id, child_id)
);
COMMENT ON TABLE reporting.sitting IS 'Each child at each meeting that was held';
COMMENT ON COLUMN reporting.sitting.decision IS 'plan, no_plan, continue, end, not_decided';
COMMENT ON COLUMN reporting.sitting.participation IS 'PN0 to PN7 of the looked-after return; NULL where it cannot be told';

CREATE TABLE reporting.looked_after (
    authority text NOT NULL,
    subject text NOT NULL,
    child_id text NOT NULL,
    started_on date NOT NULL,
    ended_on date,
    legal_basis text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, subject, child_id, started_on)
);
COMMENT ON TABLE reporting.looked_after IS 'Times in care';

CREATE TABLE reporting.transfer_in (
    authority text NOT NULL,
    subject text NOT NULL,
    child_id text NOT NULL,
    notified_on date NOT NULL,
    permanent boolean,
    from_authority text,
    original_plan_started_on date,
    target_on date,
    conference_id text,
    conference_on date,
    working_days int,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX transfer_in_case ON reporting.transfer_in (authority, subject);
COMMENT ON TABLE reporting.transfer_in IS 'Notices that a child on another authority''s plan has moved in, with the conference that followed';

CREATE TABLE reporting.staff (
    authority text NOT NULL,
    kind text NOT NULL,
    entry_id text NOT NULL,
    team_id text,
    manager_id text,
    recorded_at timestamptz NOT NULL,
    event_source text NOT NULL,
    event_id text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, kind, entry_id)
);
COMMENT ON TABLE reporting.staff IS 'The latest word on who is in which team; no names';
COMMENT ON COLUMN reporting.staff.kind IS 'person or team';
COMMENT ON COLUMN reporting.staff.team_id IS 'Of a person, the team; of a team, the one above it';
COMMENT ON COLUMN reporting.staff.manager_id IS 'Of a person, the manager; of a team, the service manager';

CREATE TABLE reporting.freshness (
    partition int PRIMARY KEY,
    caught_up_at timestamptz
);
COMMENT ON TABLE reporting.freshness IS 'When the holder of each partition last had nothing left to read; kept to ten seconds';
COMMENT ON COLUMN reporting.freshness.caught_up_at IS 'NULL of a partition that was never read to its end';
CREATE FUNCTION reporting.read_until() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT min(caught_up_at) FROM reporting.freshness HAVING count(*) = count(caught_up_at)
$$;
COMMENT ON FUNCTION reporting.read_until IS 'Everything published before this instant was read; NULL until every partition was read to its end once';

ALTER TABLE reporting.published_list ADD COLUMN listed_on date, ADD COLUMN is_complete boolean NOT NULL DEFAULT true,
    ADD COLUMN cells jsonb, ADD COLUMN xlsx bytea;
CREATE INDEX published_list_day ON reporting.published_list (authority, kind, listed_on);
COMMENT ON COLUMN reporting.published_list.listed_on IS 'The Monday or the 1st that it is of; NULL of those drawn by an older release';
COMMENT ON COLUMN reporting.published_list.is_complete IS 'Whether everything published before its hour had been read';
COMMENT ON COLUMN reporting.published_list.cells IS 'The heading and the rows, as arrays of text';
COMMENT ON COLUMN reporting.published_list.xlsx IS 'The list as an Excel workbook';

ALTER TABLE reporting.child ADD COLUMN census jsonb;
ALTER TABLE reporting.enquiry ADD COLUMN census jsonb;
ALTER TABLE reporting.plan ADD COLUMN census jsonb;
COMMENT ON COLUMN reporting.child.census IS 'Items of the national return that no rule uses, as the registration told them';
COMMENT ON COLUMN reporting.enquiry.census IS 'Items of the national return that no rule uses, as the enquiry''s start told them';
COMMENT ON COLUMN reporting.plan.census IS 'Items of the national return that no rule uses, as the plan''s start told them';

CREATE TABLE reporting.source (
    authority text NOT NULL,
    source text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    longest_gap interval NOT NULL DEFAULT '0',
    warned_at timestamptz,
    PRIMARY KEY (authority, source)
);
COMMENT ON TABLE reporting.source IS 'The systems that events come from, and their rhythm';
COMMENT ON COLUMN reporting.source.first_at IS 'When the first event was read';
COMMENT ON COLUMN reporting.source.last_at IS 'When the latest event was read';
COMMENT ON COLUMN reporting.source.longest_gap IS 'The longest time between two readings; neither a silence that was warned of nor a time in which the workers lagged is learnt from';
COMMENT ON COLUMN reporting.source.warned_at IS 'When the present silence was warned of; NULL where it speaks';
GRANT SELECT, INSERT, UPDATE, DELETE ON reporting.source TO quorate_reporting;
GRANT SELECT ON reporting.source TO quorate_views;

-- Of each case the team of its first child, by which lists are parted.
CREATE VIEW reporting.case_team AS
SELECT DISTINCT ON (c.authority, c.subject) c.authority, c.subject, coalesce(p.team_id, c.team_id) AS team_id,
       coalesce(t.team_id, t.manager_id) AS service_id
  FROM reporting.child c
  LEFT JOIN reporting.allocation w ON w.authority = c.authority AND w.subject = c.subject AND w.child_id = c.child_id
        AND w.role = 'social_worker'
  LEFT JOIN reporting.staff p ON p.authority = c.authority AND p.kind = 'person' AND p.entry_id = w.person_id
  LEFT JOIN reporting.staff t ON t.authority = c.authority AND t.kind = 'team' AND t.entry_id = coalesce(p.team_id, c.team_id)
 ORDER BY c.authority, c.subject, coalesce(p.team_id, c.team_id), c.child_id;
COMMENT ON VIEW reporting.case_team IS 'Team and service of each case, by the social worker of its children';
GRANT SELECT ON reporting.case_team TO quorate_reporting;

GRANT SELECT, INSERT, UPDATE, DELETE ON reporting.sitting, reporting.looked_after, reporting.transfer_in, reporting.staff,
    reporting.freshness TO quorate_reporting;
GRANT SELECT ON reporting.sitting, reporting.looked_after, reporting.transfer_in, reporting.staff, reporting.freshness,
    reporting.child, reporting.allocation, reporting.postponement, reporting.escalation TO quorate_views;

-- Asked once a statement, and not once a row.
CREATE FUNCTION configuration.visible_authorities() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(array_agg(g.authority), '{}') FROM configuration.analyst_grant g WHERE g.login = session_user
$$;
COMMENT ON FUNCTION configuration.visible_authorities IS 'The authorities granted to the session''s login; * stands for all';

DO $$
DECLARE
    t text;
    seen text := $policy$
        '*' = ANY ((SELECT configuration.visible_authorities())::text[])
        OR authority = ANY ((SELECT configuration.visible_authorities())::text[])$policy$;
BEGIN
    FOREACH t IN ARRAY ARRAY['duty', 'enquiry', 'conference', 'plan', 'referral', 'removal', 'finding'] LOOP
        EXECUTE format('ALTER POLICY analyst ON reporting.%I USING (%s)', t, seen);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['sitting', 'looked_after', 'transfer_in', 'staff', 'child', 'allocation', 'postponement',
        'escalation', 'source'] LOOP
        EXECUTE format('ALTER TABLE reporting.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY worker ON reporting.%I TO quorate_reporting USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY analyst ON reporting.%I FOR SELECT TO quorate_views USING (%s)', t, seen);
    END LOOP;
END $$;

-- Of the ledger itself the views show which cases await repair, and what was believed when. Its tables carry no row
-- security, being written at full speed: these windows have it.
CREATE VIEW scheduling.waiting_event WITH (security_barrier) AS
SELECT authority, subject, quarantine_id, code, event_type, quarantined_at
  FROM scheduling.quarantine
 WHERE state IN ('open', 'replay_requested') AND authority IS NOT NULL
   AND ('*' = ANY ((SELECT configuration.visible_authorities())::text[])
        OR authority = ANY ((SELECT configuration.visible_authorities())::text[]));
COMMENT ON VIEW scheduling.waiting_event IS 'Events in quarantine, of the authorities that the session may see';

CREATE VIEW scheduling.belief WITH (security_barrier) AS
SELECT c.authority, c.subject, v.version_id, v.deadline_id, v.revision, v.change, v.believed_from, v.body
  FROM scheduling.deadline_version v JOIN scheduling.case_file c USING (case_id)
 WHERE '*' = ANY ((SELECT configuration.visible_authorities())::text[])
    OR c.authority = ANY ((SELECT configuration.visible_authorities())::text[]);
COMMENT ON VIEW scheduling.belief IS 'Every version of every duty, of the authorities that the session may see';
GRANT USAGE ON SCHEMA scheduling TO quorate_views;
GRANT SELECT ON scheduling.waiting_event, scheduling.belief TO quorate_views;
