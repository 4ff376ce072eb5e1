-- The board: its login, its users and their sessions, and what its pages read. It sees one authority at a time: the one
-- that it says in each transaction, of those granted to the user.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quorate_board') THEN
        CREATE ROLE quorate_board LOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another migration made it at the same moment
END $$;
GRANT USAGE ON SCHEMA configuration, reporting, analysis TO quorate_board;
SET LOCAL ROLE quorate_owner;

CREATE TABLE configuration.board_user (
    user_name text NOT NULL,
    authority text NOT NULL,
    role text NOT NULL CHECK (role IN ('cases', 'measures')),
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (user_name, authority)
);
COMMENT ON TABLE configuration.board_user IS 'Who may read the board, and of which authority';
COMMENT ON COLUMN configuration.board_user.user_name IS 'As the identity provider or the proxy names them';
COMMENT ON COLUMN configuration.board_user.authority IS 'ONS code; * stands for all';
COMMENT ON COLUMN configuration.board_user.role IS 'cases: every page; measures: the pages on which no child is';
COMMENT ON COLUMN configuration.board_user.granted_at IS 'When it was granted';
COMMENT ON COLUMN configuration.board_user.granted_by IS 'The login that granted it';

CREATE TABLE reporting.board_session (
    digest bytea PRIMARY KEY,
    user_name text NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE reporting.board_session IS 'Who is signed in to the board';
COMMENT ON COLUMN reporting.board_session.digest IS 'SHA-256 of the secret in the browser''s cookie';
COMMENT ON COLUMN reporting.board_session.user_name IS 'As in configuration.board_user, which says at each request what they may see';
COMMENT ON COLUMN reporting.board_session.expires_at IS 'From then on they sign in again';

CREATE TABLE reporting.board_link (
    digest bytea PRIMARY KEY,
    user_name text NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE reporting.board_link IS 'Links that sign a user in once, made by an operator';
COMMENT ON COLUMN reporting.board_link.digest IS 'SHA-256 of the secret in the link';
COMMENT ON COLUMN reporting.board_link.user_name IS 'Whom it signs in';
COMMENT ON COLUMN reporting.board_link.expires_at IS 'From then on it opens nothing';

-- For those who may see all of them; from one to the next by the index.
CREATE FUNCTION reporting.authorities_known() RETURNS TABLE (authority text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH RECURSIVE known AS (
        SELECT min(c.authority) AS code FROM reporting.case_file c
        UNION ALL
        SELECT (SELECT min(c.authority) FROM reporting.case_file c WHERE c.authority > k.code) FROM known k WHERE k.code IS NOT NULL)
    SELECT code FROM known WHERE code IS NOT NULL
$$;
COMMENT ON FUNCTION reporting.authorities_known IS 'The authorities of which the read models have cases';
REVOKE ALL ON FUNCTION reporting.authorities_known FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reporting.authorities_known TO quorate_board;

GRANT SELECT ON configuration.board_user TO quorate_board;
GRANT SELECT, INSERT, DELETE ON reporting.board_session TO quorate_board;
GRANT SELECT, DELETE ON reporting.board_link TO quorate_board;
-- What somebody looked at is published before it is shown: looks and nothing else. What Kafka gets is the value, so that its
-- own type counts. Any partition's holder may relay it.
CREATE FUNCTION reporting.publish_look(look_id text, look_type text, look_key bytea, look_value bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    said json := convert_from(look_value, 'UTF8')::json;
    place bigint;
BEGIN
    IF look_type NOT IN ('quorate.record.viewed.v1', 'quorate.operator.acted.v1')
        OR (said->>'type') IS DISTINCT FROM look_type OR (said->>'source') IS DISTINCT FROM 'urn:quorate:board' THEN
        RAISE EXCEPTION 'the board publishes looks alone' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO reporting.outbox (source_partition, topic, event_id, event_type, record_key, value)
    VALUES (0, 'operator-events', look_id, look_type, look_key, look_value) RETURNING outbox_id INTO place;
    INSERT INTO reporting.outbox_pending (outbox_id, source_partition) VALUES (place, 0);
END $$;
COMMENT ON FUNCTION reporting.publish_look IS 'Publishes what somebody looked at on the board, or did there, with the transaction that shows it';
REVOKE ALL ON FUNCTION reporting.publish_look FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reporting.publish_look TO quorate_board;

-- No analyst can be quorate_board: a session's login is not a setting.
CREATE OR REPLACE FUNCTION configuration.visible_authorities() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT CASE WHEN session_user = 'quorate_board'
                THEN ARRAY[nullif(current_setting('quorate.board_authority', true), '*')]
                ELSE (SELECT coalesce(array_agg(g.authority), '{}') FROM configuration.analyst_grant g
                       WHERE g.login = session_user) END
$$;

ALTER TABLE reporting.published_list ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON reporting.published_list TO quorate_reporting USING (true) WITH CHECK (true);
CREATE POLICY board ON reporting.published_list FOR SELECT TO quorate_board
    USING (authority = ANY ((SELECT configuration.visible_authorities())::text[]));
GRANT SELECT ON reporting.published_list TO quorate_board;
CREATE INDEX published_list_newest ON reporting.published_list (authority, as_at DESC, list_id);

CREATE INDEX duty_open ON reporting.duty
    (authority, (coalesce(due_on, (due_at AT TIME ZONE 'Europe/London')::date)), deadline_id)
 WHERE NOT withdrawn AND state IN ('pending', 'at_risk', 'missed');
GRANT SELECT (source, event_id, authority, subject, event_type) ON reporting.fact TO quorate_views;
RESET ROLE;

SET LOCAL ROLE quorate_views;
CREATE VIEW analysis.duty_reason AS
SELECT d.authority, d.subject AS case_reference, d.deadline_id, d.rule, d.duty, d.policy, d.provenance, d.citation,
       d.body->'anchor'->>'event' AS anchor_event,
       (SELECT min(f.event_type) FROM reporting.fact f
         WHERE f.authority = d.authority AND f.subject = d.subject AND f.event_id = d.body->'anchor'->>'event') AS anchor_type,
       d.anchor_on, (d.body->'limit'->>'count')::int AS limit_count, d.body->'limit'->>'unit' AS limit_unit,
       ARRAY(SELECT jsonb_array_elements_text(d.body->'skipped')::date
              WHERE jsonb_typeof(d.body->'skipped') = 'array') AS skipped_on,
       d.changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.duty d WHERE NOT d.withdrawn AND d.state <> 'superseded';
COMMENT ON VIEW analysis.duty_reason IS 'Why each due date is what it is: what was counted, from which event, and which bank holidays were stepped over';
COMMENT ON COLUMN analysis.duty_reason.anchor_event IS 'Event from which the limit counts';
COMMENT ON COLUMN analysis.duty_reason.anchor_type IS 'Type of that event; empty where the event itself is not in the read models';
COMMENT ON COLUMN analysis.duty_reason.limit_count IS 'How many are counted; below 0 counted back; empty where the date is not counted';
COMMENT ON COLUMN analysis.duty_reason.limit_unit IS 'working_days, calendar_days, months or hours';
COMMENT ON COLUMN analysis.duty_reason.skipped_on IS 'Bank holidays stepped over in a count of working days';

CREATE VIEW analysis.meeting AS
SELECT authority, subject AS case_reference, conference_id, conference_type, state, starts_on, held_on, child_ids,
       changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.conference;
COMMENT ON VIEW analysis.meeting IS 'Every conference and looked-after review, asked for, booked, held or cancelled';
COMMENT ON COLUMN analysis.meeting.conference_type IS 'initial, prebirth, transfer_in, review, cla_review or combined';
COMMENT ON COLUMN analysis.meeting.state IS 'How it stands, as the facts show it';
COMMENT ON COLUMN analysis.meeting.starts_on IS 'London date for which it is booked';
COMMENT ON COLUMN analysis.meeting.held_on IS 'London date on which it was held';
COMMENT ON COLUMN analysis.meeting.child_ids IS 'Children concerned';

DO $$
DECLARE
    c record;
    said jsonb := '{
        "authority": "ONS code of the authority", "case_reference": "Case reference of the producing system",
        "deadline_id": "Stable id of the duty", "rule": "Rulebook id that set the date", "duty": "What was due",
        "policy": "Policy under which it was judged",
        "provenance": "Where the limit comes from: own, statutory, borrowed or ours", "citation": "Paragraph of the source",
        "anchor_on": "London date from which the limit counts", "conference_id": "Conference or looked-after review",
        "changed_at": "When a row behind this one was last drawn or changed",
        "data_as_at": "Everything published before this instant is in the view; empty where nothing was read yet"}';
BEGIN
    FOR c IN SELECT a.attrelid::regclass AS view_name, a.attname FROM pg_attribute a
              WHERE a.attrelid IN ('analysis.duty_reason'::regclass, 'analysis.meeting'::regclass) AND a.attnum > 0
                AND col_description(a.attrelid, a.attnum) IS NULL LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', c.view_name, c.attname, said->>c.attname);
    END LOOP;
END $$;
GRANT SELECT ON analysis.duty_reason, analysis.meeting TO quorate_analyst, quorate_reporting;
GRANT SELECT ON ALL TABLES IN SCHEMA analysis TO quorate_board;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA analysis TO quorate_board;
RESET ROLE;
