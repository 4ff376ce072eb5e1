SET LOCAL ROLE quorate_owner;

-- What GOV.UK Notify says of a message once it is at its end.
CREATE TABLE notifications.receipt (
    reference text NOT NULL,
    status text NOT NULL,
    completed_at timestamptz,
    received_at timestamptz NOT NULL DEFAULT now(),
    outcome text CHECK (outcome IN ('applied', 'repeated', 'unknown')),
    PRIMARY KEY (reference, status)
);
CREATE INDEX receipt_new ON notifications.receipt (received_at) WHERE outcome IS NULL;
COMMENT ON TABLE notifications.receipt IS 'Statuses that GOV.UK Notify reported, each once; whom it wrote to is not kept';
COMMENT ON COLUMN notifications.receipt.reference IS 'The message''s id, where it is one of ours';
COMMENT ON COLUMN notifications.receipt.outcome IS 'NULL until a sweep has taken it; unknown: of no message that is here; repeated: its end was known';
GRANT SELECT, INSERT, UPDATE ON notifications.receipt TO quorate_notifications;

ALTER TABLE notifications.message ADD COLUMN delivery text, ADD COLUMN delivered_at timestamptz;
COMMENT ON COLUMN notifications.message.delivery IS 'What became of it after the channel took it, in GOV.UK Notify''s words';
COMMENT ON COLUMN notifications.message.delivered_at IS 'When it was delivered, as far as the channel tells';
CREATE INDEX message_failed ON notifications.message (intended_at) WHERE state = 'failed';

RESET ROLE;
SET LOCAL ROLE quorate_views;
CREATE OR REPLACE VIEW analysis.notification_log AS
SELECT m.authority, coalesce(i.subject, m.subject) AS case_reference, m.message_id,
       coalesce(i.notice_id, m.notice_id) AS notice_id, m.list_id, coalesce(i.rule, m.rule) AS rule,
       coalesce(i.template, m.template) AS template,
       coalesce(i.body, m.body)->'deadline'->>'duty' AS duty, coalesce(i.body, m.body)->'deadline'->>'due' AS duty_due,
       m.recipient_id, coalesce(i.recipient_role, m.recipient_role) AS recipient_role, m.channel,
       m.digest_on, m.state, m.hold, m.outcome, m.attempts, m.intended_at, m.released_at, m.sent_at,
       greatest(m.changed_at, i.changed_at) AS changed_at, now() AS data_as_at, m.delivery, m.delivered_at
  FROM notifications.message m LEFT JOIN notifications.digest_item i ON i.message_id = m.message_id
UNION ALL
SELECT authority, subject, NULL, notice_id, NULL, rule, template, body->'deadline'->>'duty', body->'deadline'->>'due',
       recipient_id, recipient_role, 'email', NULL, state, NULL, NULL, 0,
       added_at, NULL, NULL, changed_at, now(), NULL, NULL
  FROM notifications.digest_item WHERE message_id IS NULL;
COMMENT ON COLUMN analysis.notification_log.channel IS 'email, sms or letter; none where nobody was found';
COMMENT ON COLUMN analysis.notification_log.delivery IS 'What became of it after the channel took it, where the channel tells: delivered, permanent-failure, temporary-failure, technical-failure';
COMMENT ON COLUMN analysis.notification_log.delivered_at IS 'When it was delivered, where the channel tells';
