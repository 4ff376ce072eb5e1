SET LOCAL ROLE quorate_owner;

-- What letters say of a case is kept beside who has to do with it.
ALTER TABLE notifications.directory_word DROP CONSTRAINT directory_word_kind_check,
    ADD CONSTRAINT directory_word_kind_check CHECK (kind IN (
        'person', 'team', 'role_mailbox', 'allocation', 'family_member', 'meeting', 'chair', 'deputy', 'invitees', 'plan', 'case',
        'child', 'death', 'location', 'moved', 'cancelled', 'held', 'exclusion', 'next_date', 'plan_end'));
COMMENT ON TABLE notifications.directory_word IS 'Who is who, with its history: every word on a person, team, shared mailbox, allocation, family member, meeting and plan; and what letters say of a case';
COMMENT ON COLUMN notifications.directory_word.body IS 'The payload of the event that said it; of what letters say, only the fields that they may say';

-- What waits for a person is read as it would be sent; released, it leaves as it was read or not at all.
CREATE TABLE notifications.draft (
    message_id uuid PRIMARY KEY REFERENCES notifications.message ON DELETE CASCADE,
    headline text NOT NULL,
    body text NOT NULL,
    html text,
    attachments text[] NOT NULL
);
COMMENT ON TABLE notifications.draft IS 'The text of each message that waits, or waited, for a person';
COMMENT ON COLUMN notifications.draft.headline IS 'The subject of the mail';
COMMENT ON COLUMN notifications.draft.html IS 'The same for screen and paper';
COMMENT ON COLUMN notifications.draft.attachments IS 'Names of the files that come with it';
GRANT SELECT, INSERT, UPDATE ON notifications.draft TO quorate_notifications;
ALTER TABLE notifications.message ADD COLUMN drafted_at timestamptz;
COMMENT ON COLUMN notifications.message.drafted_at IS 'When the text was written that a person reads before it leaves; anew where what it says had changed';
CREATE INDEX message_undrafted ON notifications.message (message_id) WHERE state = 'held' AND drafted_at IS NULL;
