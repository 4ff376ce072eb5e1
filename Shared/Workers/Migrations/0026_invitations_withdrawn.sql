SET LOCAL ROLE quorate_owner;

-- Whom the authority itself has invited to a meeting, person by person.
ALTER TABLE notifications.directory_word DROP CONSTRAINT directory_word_kind_check;
ALTER TABLE notifications.directory_word
    ADD CONSTRAINT directory_word_kind_check CHECK (kind IN (
        'person', 'team', 'role_mailbox', 'allocation', 'family_member', 'meeting', 'chair', 'deputy', 'invitees', 'plan', 'case',
        'child', 'death', 'location', 'moved', 'cancelled', 'held', 'exclusion', 'next_date', 'plan_end', 'acknowledgement', 'invited'));

-- They are sent the meeting for their calendar, and who is invited no longer is told so: what is under way to an invitee is looked
-- for by one index still.
CREATE INDEX message_on_meeting ON notifications.message (authority, subject)
    WHERE template IN ('conference_invitation', 'cla_invitation_consultation', 'meeting_changed', 'invitation_withdrawn',
        'meeting_for_calendar');
DROP INDEX notifications.message_to_invitee;
