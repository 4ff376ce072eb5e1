-- A year of England's size up to today, loaded straight into the tables of an empty database: 150 authorities, 230,000 enquiries,
-- 71,000 initial conferences, 121,000 plans of this year and before, their reviews, 72,500 children in care, more than 1,000,000
-- duties of every kind with their versions, and what was told of them. The figures mean nothing; their number does.
\set QUIET on
SET synchronous_commit = off;
SET work_mem = '256MB';
CREATE TEMP TABLE base AS
SELECT i, i / 150 AS k, 'E0600' || lpad((i % 150)::text, 4, '0') AS authority, 'C-' || i AS subject, 'K-' || i AS child_id
  FROM generate_series(0, 289999) i;

-- People: 100 social workers and 7 teams an authority.
INSERT INTO reporting.staff (authority, kind, entry_id, team_id, manager_id, recorded_at, event_source, event_id)
SELECT a, 'person', 'SW-' || n, 'T-' || n % 7, 'M-' || n % 7, now(), 'urn:hr', 'SW-' || a || n
  FROM (SELECT DISTINCT authority AS a FROM base) b, generate_series(0, 99) n
UNION ALL
SELECT a, 'team', 'T-' || n, 'S-' || n % 2, 'S-' || n % 2, now(), 'urn:hr', 'T-' || a || n
  FROM (SELECT DISTINCT authority AS a FROM base) b, generate_series(0, 6) n;
INSERT INTO reporting.child (authority, subject, child_id, born_on, expected_on, team_id)
SELECT authority, subject, child_id, CASE WHEN k % 50 <> 7 THEN current_date - k * 7919 % 6200 END,
       CASE WHEN k % 50 = 7 THEN current_date - 60 + k % 180 END, 'T-' || k % 7
  FROM base;
INSERT INTO reporting.allocation (authority, subject, child_id, role, person_id)
SELECT authority, subject, child_id, 'social_worker', 'SW-' || k % 100 FROM base WHERE k % 20 <> 3;
INSERT INTO reporting.source (authority, source, first_at, last_at, longest_gap)
SELECT DISTINCT authority, 'urn:' || s, now() - interval '1 year', now(), interval '3 days'
  FROM base, unnest(ARRAY['cms', 'hr', 'edt']) s;

INSERT INTO reporting.enquiry (authority, subject, enquiry_id, child_id, started_on, discussion_on, completed_on, outcome,
    conference_id, conference_on, working_days_from_start, working_days_from_discussion, target_on, aged_on, not_needed,
    later_discussion_on, later_target_on)
SELECT authority, subject, 'S-' || child_id, child_id, began_on, began_on - 1, began_on + 12,
       CASE WHEN leads THEN 'substantiated_continuing_risk' ELSE 'not_substantiated' END, CASE WHEN is_held THEN 'CF-' || i END,
       CASE WHEN is_held THEN held_on END, CASE WHEN is_held THEN 8 + k % 9 END, CASE WHEN is_held THEN 9 + k % 9 END,
       began_on + 20, began_on + 21, CASE WHEN NOT leads AND k % 40 > 0 THEN 'not_substantiated' END,
       CASE WHEN is_held AND k % 90 = 5 THEN began_on + 6 END, CASE WHEN is_held AND k % 90 = 5 THEN began_on + 27 END
  FROM (SELECT *, leads AND held_on <= current_date AS is_held
          FROM (SELECT *, k % 100 < 31 AS leads, current_date - 360 + k % 355 AS began_on,
                       current_date - 360 + k % 355 + 11 + k % 12 AS held_on
                  FROM base WHERE k < 1533) b) s;

-- Of each conference the child, the day and which of its kind it is.
INSERT INTO reporting.conference (authority, subject, conference_id, conference_type, state, starts_on, held_on, child_ids,
    held_event, quorum_claim, chair_id)
SELECT authority, subject, conference_id, 'initial', 'held', conference_on, conference_on, ARRAY[child_id],
       'E-' || conference_id, CASE WHEN right(child_id, 2) = '11' THEN 'inquorate' ELSE 'quorate' END, 'CH-' || right(child_id, 1)
  FROM reporting.enquiry WHERE conference_id IS NOT NULL;
INSERT INTO reporting.plan (authority, subject, plan_id, child_id, started_on, ended_on, category, latest_category, conference_id,
    end_ground, earlier_plans)
SELECT authority, subject, 'P-' || i, child_id, started_on, CASE WHEN ended_on <= current_date THEN ended_on END,
       CASE WHEN k % 2 = 0 THEN 'neglect' ELSE 'emotional_abuse' END, 'neglect', conference_id,
       CASE WHEN ended_on <= current_date THEN 'no_continuing_risk' END, CASE WHEN k % 9 < 2 THEN 1 END
  FROM (SELECT b.*, e.conference_id, e.conference_on AS started_on, CASE WHEN k % 5 = 0 THEN e.conference_on + 80 END AS ended_on
          FROM base b JOIN reporting.enquiry e USING (authority, subject) WHERE e.conference_id IS NOT NULL AND k % 100 < 27
        UNION ALL
        SELECT b.*, NULL, current_date - 1100 + k * 37 % 730, CASE WHEN k % 6 > 0 THEN current_date - k % 360 END
          FROM base b WHERE k >= 1533) p;
INSERT INTO reporting.conference (authority, subject, conference_id, conference_type, state, starts_on, held_on, child_ids,
    held_event, quorum_claim, chair_id)
SELECT authority, subject, 'R' || n || plan_id, 'review', CASE WHEN day <= current_date THEN 'held' ELSE 'scheduled' END, day,
       CASE WHEN day <= current_date THEN day END, ARRAY[child_id], CASE WHEN day <= current_date THEN 'E-R' || n || plan_id END,
       'quorate', 'CH-' || right(child_id, 1)
  FROM (SELECT *, started_on - 85 + 170 * n AS day FROM reporting.plan, generate_series(1, 7) n) r
 WHERE day BETWEEN current_date - 365 AND current_date + 30 AND day <= coalesce(ended_on, 'infinity');

INSERT INTO reporting.looked_after (authority, subject, child_id, started_on, ended_on, legal_basis)
SELECT authority, subject, child_id, current_date - 30 - k * 13 % 900, CASE WHEN k % 16 = 1 THEN current_date - 10 END, 'C2'
  FROM base WHERE k % 4 = 1;
INSERT INTO reporting.conference (authority, subject, conference_id, conference_type, state, starts_on, held_on, child_ids, held_event)
SELECT authority, subject, 'L' || n || child_id, 'cla_review', CASE WHEN is_held THEN 'held' ELSE 'cancelled' END, day,
       CASE WHEN is_held THEN day END, ARRAY[child_id], CASE WHEN is_held THEN 'E-L' || n || child_id END
  FROM (SELECT *, started_on + 18 + 170 * (n - 1) AS day, right(child_id, 2) > '04' AS is_held
          FROM reporting.looked_after, generate_series(1, 6) n) l
 WHERE day BETWEEN current_date - 365 AND least(coalesce(ended_on, current_date), current_date);
INSERT INTO reporting.transfer_in (authority, subject, child_id, notified_on, permanent, from_authority, target_on, conference_id,
    conference_on, working_days)
SELECT authority, subject, child_id, current_date - 30 - k % 300, true, 'E06000001', current_date - 10 - k % 300, 'TI-' || i,
       current_date - 12 - k % 300, 13
  FROM base WHERE k % 100 = 40;
INSERT INTO reporting.conference (authority, subject, conference_id, conference_type, state, starts_on, held_on, child_ids, held_event)
SELECT authority, subject, conference_id, 'transfer_in', 'held', conference_on, conference_on, ARRAY[child_id], 'E-' || conference_id
  FROM reporting.transfer_in;
INSERT INTO reporting.sitting (authority, subject, conference_id, child_id, decision, participation)
SELECT authority, subject, conference_id, child_ids[1],
       CASE conference_type WHEN 'review' THEN 'continue' WHEN 'initial' THEN 'plan' END,
       CASE conference_type WHEN 'cla_review' THEN 'PN1' END
  FROM reporting.conference WHERE state = 'held';
INSERT INTO reporting.transfer (authority, subject, child_id, held_on, from_worker_id, to_worker_id)
SELECT authority, subject, child_id, current_date - k % 360, 'SW-1', 'SW-2' FROM base WHERE k % 15 = 0;
INSERT INTO reporting.postponement (authority, subject, conference_id, action, agreed, reason, decided_on, event_id)
SELECT authority, subject, conference_id, CASE WHEN n % 3 = 0 THEN 'cancelled' ELSE 'postponed' END, n % 4 > 0,
       CASE WHEN n % 2 = 0 THEN 'inquorate' ELSE 'report_not_ready' END, starts_on - 3, 'PP-' || n
  FROM (SELECT *, row_number() OVER () AS n FROM reporting.conference) c WHERE n % 14 = 0;
INSERT INTO reporting.referral (authority, subject, child_id, agency, referred_on, gestation_weeks)
SELECT authority, subject, child_id, 'midwifery', current_date - k % 300, 20 FROM base WHERE k % 50 = 7;
INSERT INTO reporting.removal (authority, subject, child_id, removed_on, legal_status)
SELECT authority, subject, child_id, current_date - 365, 's20' FROM base WHERE k % 600 = 1;
INSERT INTO reporting.finding (finding_id, authority, subject, revision, cleared, rule, severity, child_id, conference_id, message, recorded_at)
SELECT gen_random_uuid(), authority, subject, 1, false, 'LON-3.10a', 'warning', child_ids[1], conference_id, 'Inquorate.', now()
  FROM reporting.conference WHERE quorum_claim = 'inquorate'
UNION ALL
SELECT gen_random_uuid(), authority, subject, 1, k % 7 = 0, 'LON-14.15a', 'warning', child_id, NULL, 'Nothing on record.', now()
  FROM base WHERE k % 60 = 9;

-- Every kind of duty: those of a conference of a type so many days from it, those of a plan, and one in 60 cases of each other kind.
CREATE TEMP TABLE kind (duty text, rule text, conference_type text, days int);
INSERT INTO kind VALUES
    ('initial_conference', 'ENG-1', 'initial', 1), ('social_worker_report', 'LON-4', 'initial', -2),
    ('agency_report', 'LON-5', 'initial', -2), ('invitations', 'LON-6', 'initial', -7), ('decision_letter_all', 'ENG-4', 'initial', 1),
    ('conference_record', 'ENG-5', 'initial', 20), ('social_worker_report', 'LON-4', 'review', -5),
    ('conference_record', 'ENG-5', 'review', 20), ('report_to_chair', 'LON-7', 'review', -1),
    ('later_review', 'ENG-3', 'review', 1), ('later_looked_after_review', 'CLA-3', 'cla_review', 4),
    ('transfer_in_conference', 'ENG-6', 'transfer_in', 1);
INSERT INTO kind (duty, rule, days)
SELECT d, 'ENG-' || 20 + n, 30 FROM unnest(ARRAY['receiving_conference', 'emergency_order_conference', 'first_looked_after_review',
    'second_looked_after_review', 'decision_letter_parents', 'new_date', 'exclusion_request', 'parents_record', 'record_amendments',
    'dissent_escalation', 'complaint_handover', 'assessment_order_conference', 'return_home_conference', 'return_home_request',
    'preproceedings_letter', 'move_notice', 'invite_list', 'consultation_papers', 'agency_report_shared', 'post_birth_meeting',
    'inquorate_follow_up', 'review_date_set', 'security_review', 'dual_plan_decision', 'progress_meeting', 'long_plan',
    'ending_letter_agencies', 'ending_by_social_worker', 'death_letter', 'left_country_letter', 'whereabouts_decision',
    'birthday_review_planned', 'birthday_review', 'plan_end_at_18', 'supervision_order_review', 'child_in_need_review'])
    WITH ORDINALITY AS k (d, n);
INSERT INTO reporting.duty (deadline_id, authority, subject, revision, rule, duty, policy, child_id, conference_id, plan_id, anchor_on,
    due_on, state, met_on, provenance, citation, met_by, known_late, body)
SELECT gen_random_uuid(), authority, subject, 1, rule, duty, 'england', child_id, conference_id, plan_id, anchor_on, due_on, state,
       CASE state WHEN 'met' THEN due_on - 1 WHEN 'met_late' THEN due_on + 3 END, 'statutory', 'ENG', CASE WHEN state LIKE 'met%' THEN met_by END,
       state = 'met' AND chance = 5,
       format('{"anchor": {"event": "%s"}, "limit": {"count": 15, "unit": "working_days"}, "skipped": ["2026-08-31"]}', anchor)::jsonb
  FROM (SELECT *, CASE WHEN due_on >= current_date THEN CASE WHEN chance < 5 THEN 'at_risk' ELSE 'pending' END
                       WHEN chance < 6 THEN 'missed' WHEN chance < 12 THEN 'met_late' ELSE 'met' END AS state
          FROM (SELECT *, (hashtext(subject || rule || anchor)::bigint + 2147483648) % 100 AS chance FROM (
                SELECT c.authority, c.subject, k.rule, k.duty, c.child_ids[1] AS child_id, c.conference_id, NULL AS plan_id,
                       c.starts_on - 20 AS anchor_on, c.starts_on + k.days AS due_on, c.held_event AS met_by, 'E-' || c.conference_id AS anchor
                  FROM reporting.conference c JOIN kind k USING (conference_type) WHERE c.state <> 'cancelled' AND k.duty <> 'later_review'
                UNION ALL
                SELECT c.authority, c.subject, k.rule, CASE left(c.conference_id, 2) WHEN 'R1' THEN 'first_review' ELSE 'later_review' END,
                       c.child_ids[1], NULL, substr(c.conference_id, 3), c.starts_on - 85, c.starts_on + 5, c.held_event, 'E-' || c.conference_id
                  FROM reporting.conference c JOIN kind k USING (conference_type) WHERE k.duty = 'later_review'
                UNION ALL
                SELECT b.authority, b.subject, k.rule, k.duty, b.child_id, NULL, NULL, current_date - b.k % 360,
                       current_date - b.k % 360 + 30, 'E-' || b.child_id, 'E-' || b.child_id
                  FROM base b JOIN kind k ON k.conference_type IS NULL AND b.k % 60 = substr(k.rule, 5)::int) d) e) s;

-- What the ledger itself believed, each duty once, and again when it was done; and the events.
INSERT INTO scheduling.case_file (authority, subject, partition, revision, epoch) SELECT authority, subject, i % 64, 1, 1 FROM base;
INSERT INTO scheduling.deadline_version (deadline_id, case_id, revision, change, epoch, believed_from, body)
SELECT deadline_id, case_id, n, CASE n WHEN 1 THEN 'opened' ELSE 'state' END, 1, now() - interval '1 day' * (3 - n),
       json_build_object('rule', rule, 'duty', duty, 'subject', json_build_object('childId', child_id, 'conferenceId', conference_id,
           'planId', plan_id), 'anchor', json_build_object('event', body->'anchor'->>'event', 'on', anchor_on), 'due', due_on,
           'state', CASE n WHEN 1 THEN 'pending' ELSE d.state END, 'metOn', CASE n WHEN 2 THEN met_on END, 'policy', policy,
           'citation', citation)::text
  FROM reporting.duty d JOIN scheduling.case_file USING (authority, subject), generate_series(1, 2) n
 WHERE n = 1 OR get_byte(uuid_send(deadline_id), 0) < 100;
INSERT INTO scheduling.quarantine (cluster, topic, partition, kafka_offset, kafka_timestamp_ms, code, reason, authority, subject, release)
SELECT 'bench', 'case-events', 0, i, 0, 'unknown_event_type', 'No such type.', authority, subject, 'bench' FROM base WHERE k % 400 = 11;
INSERT INTO reporting.fact (source, event_id, authority, subject, event_type, body)
SELECT 'urn:cms', event_id, authority, subject, type, convert_to(repeat(event_id, 20), 'UTF8') FROM (
    SELECT authority, subject, 'E-' || child_id AS event_id, 'quorate.child.registered.v1' AS type FROM base
    UNION ALL SELECT authority, subject, 'E-' || enquiry_id, 'quorate.s47_enquiry.started.v1' FROM reporting.enquiry
    UNION ALL SELECT authority, subject, 'E-' || plan_id, 'quorate.plan.started.v1' FROM reporting.plan
    UNION ALL SELECT authority, subject, 'E-' || conference_id, 'quorate.conference.held.v1' FROM reporting.conference) f;

-- What people were told: a reminder of every third duty, and of duties that were missed or late the rungs of their escalation.
INSERT INTO notifications.notice (notice_id, authority, subject, revision, state, due_at, causation_id, source_partition, body,
    addressed_at, raised_at, stopped_at, stopped_by)
SELECT gen_random_uuid(), authority, subject, 1, 'due', due_on - 2, 'E', 0,
       jsonb_build_object('rule', rule, 'template', 'deadline_reminder', 'subject', jsonb_build_object('childId', child_id),
           'deadline', jsonb_build_object('duty', duty, 'due', due_on)), now(), NULL::timestamptz, NULL::timestamptz, NULL
  FROM reporting.duty WHERE get_byte(uuid_send(deadline_id), 1) < 85
UNION ALL
SELECT gen_random_uuid(), authority, subject, 1, 'due', due_on + rung, 'E', 0,
       jsonb_build_object('rule', rule, 'template', 'review_escalation', 'level', rung, 'subject', jsonb_build_object(
           'childId', child_id, 'conferenceId', conference_id), 'deadline', jsonb_build_object('duty', duty, 'due', due_on)),
       now(), due_on + rung, CASE WHEN state = 'met_late' THEN due_on + 4 END, CASE WHEN state = 'met_late' THEN 'suppressed' END
  FROM reporting.duty, generate_series(1, 3) rung
 WHERE state IN ('missed', 'met_late') AND duty IN ('initial_conference', 'invitations') AND get_byte(uuid_send(deadline_id), 2) < 128 / rung;
INSERT INTO reporting.escalation (notice_id, authority, subject, revision, rule, template, level, conference_id, child_id, raised_on)
SELECT notice_id, authority, subject, 1, body->>'rule', body->>'template', (body->>'level')::int, body->'subject'->>'conferenceId',
       body->'subject'->>'childId', due_at::date
  FROM notifications.notice WHERE body->>'template' LIKE '%\_escalation';
INSERT INTO notifications.directory_word (authority, kind, entry_id, subject, child_ids, effective_at, recorded_at, event_source,
    event_id, body)
SELECT authority, 'acknowledgement', notice_id::text, subject, '{}', due_at + interval '1 day', due_at + interval '1 day', 'urn:cms',
       'A-' || notice_id, '{"personId": "M-1"}'
  FROM notifications.notice WHERE body->>'level' = '1' AND get_byte(uuid_send(notice_id), 0) < 85;
INSERT INTO notifications.message (message_id, notice_id, authority, subject, source_partition, recipient_id, recipient_role, channel,
    address, template, rule, state, body, attempts, intended_at, sent_at)
SELECT gen_random_uuid(), notice_id, authority, subject, 0, 'SW-' || right(subject, 2), 'social_worker', 'email', 'someone@example.org',
       body->>'template', body->>'rule', 'sent', body, 1, due_at, due_at
  FROM notifications.notice WHERE get_byte(uuid_send(notice_id), 3) < 200;
INSERT INTO notifications.digest_item (item_id, notice_id, authority, subject, source_partition, recipient_id, recipient_role,
    recipient_partition, template, rule, body, rhythm, state)
SELECT gen_random_uuid(), notice_id, authority, subject, 0, 'SW-' || right(subject, 2), 'social_worker', 0, body->>'template',
       body->>'rule', body, 'daily', 'passed_on'
  FROM notifications.notice WHERE get_byte(uuid_send(notice_id), 3) >= 200;
INSERT INTO reporting.notification (message_id, attempt, outcome, at, authority, subject, template, recipient_id, channel)
SELECT message_id, 1, o, sent_at, authority, subject, template, recipient_id, channel
  FROM notifications.message, unnest(ARRAY['sent', 'delivered']) o WHERE o = 'sent' OR get_byte(uuid_send(message_id), 0) < 80;
INSERT INTO reporting.directory_finding (finding_id, authority, subject, code, role, recorded_at)
SELECT gen_random_uuid(), authority, subject, 'role_unheld', 'chair', now() FROM base WHERE k % 100 = 60;

-- A year of recurring lists, each with 40 rows, and of an authority one that is long.
INSERT INTO reporting.published_list (list_id, kind, authority, period, as_at, row_count, csv, html, listed_on, cells)
SELECT md5(a || kind || n), kind, a, 'Week ' || n, now() - interval '7 days' * n, rows, repeat('a,b' || chr(13) || chr(10), rows),
       repeat('<tr><td>a</td></tr>', rows), current_date - 7 * n,
       (SELECT jsonb_agg(jsonb_build_array('Review ' || r, 'C-30', 'T-1', current_date - r, 'Report outstanding')) FROM generate_series(0, rows) r)
  FROM (SELECT a, kind, n, CASE WHEN kind = 'drift' AND n = 1 THEN 3000 ELSE 40 END AS rows
          FROM (SELECT DISTINCT authority AS a FROM base) b,
               unnest(ARRAY['weekly', 'exception', 'fortnight', 'allocations', 'drift']) kind, generate_series(1, 52) n) l;

-- The audit log: the events, what was made of them, and what was sent.
INSERT INTO auditing.log (cluster, topic, partition) SELECT 'bench', 'case-events', n FROM generate_series(0, 63) n;
INSERT INTO auditing.entry (log_id, leaf_index, received_at, kafka_offset, kafka_timestamp_ms, event_type, event_source, event_id,
    authority, subject, key_id, sealed, leaf_hash)
SELECT (SELECT min(log_id) FROM auditing.log WHERE cluster = 'bench') + n % 64, n / 64, now(), n / 64, 1760000000000 + n, type, source,
       event_id, authority, subject, n % 5000, sealed, sha256(int8send(n))
  FROM (SELECT row_number() OVER () AS n, * FROM (
        SELECT event_type AS type, source, event_id, authority, subject, body AS sealed FROM reporting.fact
        UNION ALL
        SELECT 'quorate.deadline.opened.v1', 'urn:quorate:scheduling', deadline_id::text, authority, subject, convert_to(body::text, 'UTF8')
          FROM reporting.duty
        UNION ALL
        SELECT 'quorate.message.sent.v1', 'urn:quorate:notifications', message_id::text, authority, subject, uuid_send(message_id)
          FROM notifications.message) a) e;
RESET work_mem;
ANALYZE;
