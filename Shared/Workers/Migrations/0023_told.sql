SET LOCAL ROLE quorate_owner;

-- What notification-events say, each word once: copies and the order of arrival change nothing.
CREATE TABLE reporting.notification (
    message_id uuid NOT NULL,
    attempt int NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('sent', 'failed', 'delivered')),
    at timestamptz NOT NULL,
    authority text NOT NULL,
    subject text NOT NULL,
    template text NOT NULL,
    recipient_id text NOT NULL,
    channel text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (message_id, attempt, outcome)
);
CREATE INDEX notification_case ON reporting.notification (authority, subject);
COMMENT ON TABLE reporting.notification IS 'What became of each attempt to send a message, as notification-events tell it';
COMMENT ON COLUMN reporting.notification.subject IS 'The case; lists of a recurring list or a digest';
COMMENT ON COLUMN reporting.notification.at IS 'When the channel took it, refused it or delivered it';

CREATE TABLE reporting.directory_finding (
    finding_id uuid PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    code text,
    role text,
    recorded_at timestamptz,
    cleared_at timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX directory_finding_case ON reporting.directory_finding (authority, subject);
COMMENT ON TABLE reporting.directory_finding IS 'What notifications found the directory to lack when it looked for somebody to tell';
COMMENT ON COLUMN reporting.directory_finding.code IS 'NULL where only the clearing is known';
COMMENT ON COLUMN reporting.directory_finding.recorded_at IS 'The latest time';
COMMENT ON COLUMN reporting.directory_finding.cleared_at IS 'The latest time; it is over where this is not before recorded_at';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['notification', 'directory_finding'] LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON reporting.%I TO quorate_reporting', t);
        EXECUTE format('GRANT SELECT ON reporting.%I TO quorate_views', t);
        EXECUTE format('ALTER TABLE reporting.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY worker ON reporting.%I TO quorate_reporting USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY analyst ON reporting.%I FOR SELECT TO quorate_views USING (
            ''*'' = ANY ((SELECT configuration.visible_authorities())::text[])
            OR authority = ANY ((SELECT configuration.visible_authorities())::text[]))', t);
    END LOOP;
END $$;
RESET ROLE;

SET LOCAL ROLE quorate_views;
CREATE VIEW analysis.notification_outcome AS
SELECT authority, message_id, min(subject) AS case_reference, min(template) AS template, min(recipient_id) AS recipient_id,
       min(channel) AS channel,
       (array_agg(outcome ORDER BY attempt DESC, array_position(ARRAY['delivered', 'failed', 'sent'], outcome)))[1] AS outcome,
       max(attempt) AS attempts, max(at) FILTER (WHERE outcome = 'sent') AS sent_at,
       max(at) FILTER (WHERE outcome = 'failed') AS failed_at, max(at) FILTER (WHERE outcome = 'delivered') AS delivered_at,
       max(changed_at) AS changed_at, (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.notification GROUP BY authority, message_id;
COMMENT ON VIEW analysis.notification_outcome IS 'What became of each message, as notification-events told it. What still waits, and why each was sent, stands in notification_log';
COMMENT ON COLUMN analysis.notification_outcome.authority IS 'ONS code of the authority';
COMMENT ON COLUMN analysis.notification_outcome.message_id IS 'The message, as in notification_log';
COMMENT ON COLUMN analysis.notification_outcome.case_reference IS 'Case reference of the producing system; lists for a recurring list or a digest of several cases';
COMMENT ON COLUMN analysis.notification_outcome.template IS 'What was said';
COMMENT ON COLUMN analysis.notification_outcome.recipient_id IS 'The person, or mailbox:<role>';
COMMENT ON COLUMN analysis.notification_outcome.channel IS 'email, sms or letter';
COMMENT ON COLUMN analysis.notification_outcome.outcome IS 'Of the last attempt: sent, as the channel took it; delivered, where the channel tells; failed, or nobody knows';
COMMENT ON COLUMN analysis.notification_outcome.attempts IS 'How often the channel was called';
COMMENT ON COLUMN analysis.notification_outcome.sent_at IS 'When the channel took it last';
COMMENT ON COLUMN analysis.notification_outcome.failed_at IS 'When it failed last';
COMMENT ON COLUMN analysis.notification_outcome.delivered_at IS 'When it was delivered, where the channel tells';
COMMENT ON COLUMN analysis.notification_outcome.changed_at IS 'When a row behind this one was last drawn or changed';
COMMENT ON COLUMN analysis.notification_outcome.data_as_at IS 'Everything published before this instant is in the view; empty where nothing was read yet';

CREATE VIEW analysis.directory_gap AS
SELECT authority, subject AS case_reference, finding_id, role, code, recorded_at, changed_at,
       (SELECT analysis.data_as_at()) AS data_as_at
  FROM reporting.directory_finding
 WHERE code IS NOT NULL AND (cleared_at IS NULL OR cleared_at < recorded_at);
COMMENT ON VIEW analysis.directory_gap IS 'Cases of which somebody could not be told as the rules ask, since the directory lacks them; what it no longer lacks is left out';
COMMENT ON COLUMN analysis.directory_gap.authority IS 'ONS code of the authority';
COMMENT ON COLUMN analysis.directory_gap.case_reference IS 'Case reference of the producing system; lists for a recurring list';
COMMENT ON COLUMN analysis.directory_gap.finding_id IS 'Stable id of the finding';
COMMENT ON COLUMN analysis.directory_gap.role IS 'The role that was looked for';
COMMENT ON COLUMN analysis.directory_gap.code IS 'role_unheld, several_hold, person_left, person_unknown, no_address or unreachable';
COMMENT ON COLUMN analysis.directory_gap.recorded_at IS 'When it was found last';
COMMENT ON COLUMN analysis.directory_gap.changed_at IS 'When a row behind this one was last drawn or changed';
COMMENT ON COLUMN analysis.directory_gap.data_as_at IS 'Everything published before this instant is in the view; empty where nothing was read yet';
GRANT SELECT ON analysis.notification_outcome, analysis.directory_gap TO quorate_analyst, quorate_reporting, quorate_board;
