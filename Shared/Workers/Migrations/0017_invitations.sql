SET LOCAL ROLE quorate_owner;

-- What each invitee's calendar was told of a meeting, so that a change of it is sent to them too.
ALTER TABLE notifications.message
    ADD COLUMN conference_id text,
    ADD COLUMN sequence int NOT NULL DEFAULT 0,
    ADD COLUMN told text,
    ADD COLUMN is_meeting_changed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN notifications.message.conference_id IS 'The meeting whose invitation for the calendar it carries';
COMMENT ON COLUMN notifications.message.sequence IS 'Of that invitation (RFC 5545): one more with every word to this person on the meeting';
COMMENT ON COLUMN notifications.message.told IS 'When and where the meeting is, and whether it is on, as it was last sent';
COMMENT ON COLUMN notifications.message.is_meeting_changed IS 'Words on meetings of its case have come since: compared in the next sweep';
CREATE INDEX message_invitation ON notifications.message (authority, conference_id, recipient_id) WHERE told IS NOT NULL;
CREATE INDEX message_to_invitee ON notifications.message (authority, subject)
    WHERE template IN ('conference_invitation', 'cla_invitation_consultation', 'meeting_changed');
CREATE INDEX message_of_meeting ON notifications.message (authority, subject) WHERE told IS NOT NULL;
CREATE INDEX message_meeting_changed ON notifications.message (message_id) WHERE is_meeting_changed;

-- The files of a list go out with it: too large for a topic, they are read where they are kept.
CREATE VIEW reporting.list_file AS SELECT list_id, csv, html, xlsx FROM reporting.published_list;
COMMENT ON VIEW reporting.list_file IS 'Each published list as it is attached to a mail';
GRANT USAGE ON SCHEMA reporting TO quorate_notifications;
GRANT SELECT ON reporting.list_file TO quorate_notifications;
