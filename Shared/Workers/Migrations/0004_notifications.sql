SET LOCAL ROLE quorate_owner;

CREATE TABLE notifications.directory_entry (
    authority text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('person', 'team', 'role_mailbox', 'allocation', 'family_member')),
    entry_id text NOT NULL,
    recorded_at timestamptz NOT NULL,
    event_source text NOT NULL,
    event_id text NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (authority, kind, entry_id)
);
COMMENT ON TABLE notifications.directory_entry IS 'Who is who now: the latest word on each person, team, shared mailbox, allocation and family member';
COMMENT ON COLUMN notifications.directory_entry.body IS 'The payload of the event that said it';

CREATE TABLE notifications.notice (
    notice_id uuid PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    revision bigint NOT NULL,
    state text NOT NULL,
    due_at timestamptz NOT NULL,
    causation_id text NOT NULL,
    source_partition int NOT NULL,
    body jsonb NOT NULL,
    addressed_at timestamptz
);
CREATE INDEX notice_unaddressed ON notifications.notice (due_at) WHERE addressed_at IS NULL AND state IN ('due', 'late_booking');
COMMENT ON TABLE notifications.notice IS 'Notices that scheduling found due, by role';
COMMENT ON COLUMN notifications.notice.revision IS 'Of the case, when it was said; an older word never replaces a newer';
COMMENT ON COLUMN notifications.notice.addressed_at IS 'When people were found for it and messages written';

CREATE TABLE notifications.message (
    message_id uuid PRIMARY KEY,
    notice_id uuid,
    list_id text,
    authority text NOT NULL,
    subject text,
    source_partition int NOT NULL,
    recipient_id text NOT NULL,
    recipient_role text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    template text NOT NULL,
    rule text,
    state text NOT NULL DEFAULT 'intended' CHECK (state IN ('intended', 'sending', 'sent', 'failed', 'unknown', 'withdrawn')),
    body jsonb NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    outcome text,
    intended_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz
);
CREATE INDEX message_to_send ON notifications.message (next_attempt_at) WHERE state = 'intended';
CREATE INDEX message_notice ON notifications.message (notice_id);
COMMENT ON TABLE notifications.message IS 'One row a message and person: intended before the channel is called, its outcome after';
COMMENT ON COLUMN notifications.message.state IS 'unknown: the channel broke off after it may have taken the message; a person decides';

CREATE TABLE notifications.published_list (
    list_id text PRIMARY KEY,
    authority text NOT NULL,
    body jsonb NOT NULL,
    source_partition int NOT NULL,
    causation_id text NOT NULL,
    addressed_at timestamptz
);
COMMENT ON TABLE notifications.published_list IS 'Lists to be mailed';

GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA notifications TO quorate_notifications;
