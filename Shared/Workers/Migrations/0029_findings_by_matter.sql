SET LOCAL ROLE quorate_owner;

-- What the directory lacks depends on who asks: another meeting of the case may have its chair, another child a social worker.
ALTER TABLE notifications.finding ADD COLUMN notice_ids uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN notifications.finding.notice_ids IS 'The notices that lack it, one a matter: each is asked again when anything is said of the case, and once none lacks it the finding is over; empty of a list, and of what an older release found';

-- What waits for a person, in one place for the metric, the alerts and the operator's status.
CREATE VIEW notifications.waiting AS
SELECT reason, count(*) AS messages, min(intended_at) AS since
  FROM (SELECT CASE state WHEN 'held' THEN hold ELSE state END AS reason, intended_at
          FROM notifications.message WHERE state IN ('held', 'unknown')
        UNION ALL
        SELECT CASE recipient_id WHEN 'nobody' THEN 'nobody' ELSE 'failed' END, intended_at
          FROM notifications.message m
         WHERE state = 'failed' AND NOT (recipient_id = 'nobody' AND EXISTS (
                SELECT FROM notifications.notice n WHERE n.notice_id = m.notice_id AND n.state = 'withdrawn'))) w
 GROUP BY reason;
COMMENT ON VIEW notifications.waiting IS 'Messages that wait for a person to do something, by what they wait for';
COMMENT ON COLUMN notifications.waiting.reason IS 'letter, not_safe, cap or dry_run: to be released; unknown: nobody knows the end; failed: not delivered; nobody: there was none to tell, and what is to be said still is';
COMMENT ON COLUMN notifications.waiting.since IS 'Of the oldest';
GRANT SELECT ON notifications.waiting TO quorate_notifications;
