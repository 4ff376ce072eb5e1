-- A year of England's size, loaded straight into the read models of an empty database: 150 authorities, 230,000 enquiries, 76,666
-- initial conferences and plans, two reviews and twelve duties a plan. The figures mean nothing; their number does.
INSERT INTO reporting.child (authority, subject, child_id, born_on, team_id)
SELECT 'E0600' || lpad((i % 150)::text, 4, '0'), 'C-' || i, 'K-' || i, date '2010-01-01' + i % 5000, 'T-' || i % 7
  FROM generate_series(1, 230000) i;
INSERT INTO reporting.allocation (authority, subject, child_id, role, person_id)
SELECT authority, subject, child_id, 'social_worker', 'SW-' || right(child_id, 2) FROM reporting.child;
INSERT INTO reporting.enquiry (authority, subject, enquiry_id, child_id, started_on, discussion_on, completed_on, outcome,
    conference_id, conference_on, working_days_from_start, target_on, aged_on)
SELECT authority, subject, 'S-' || child_id, child_id, began_on, began_on, began_on + 10, 'substantiated_continuing_risk',
       CASE WHEN has_conference THEN 'CF-' || i END, CASE WHEN has_conference THEN began_on + 19 END,
       CASE WHEN has_conference THEN 10 + i % 8 END, began_on + 21, began_on + 21
  FROM (SELECT *, (i / 150) % 3 = 0 AS has_conference, date '2024-04-01' + i % 300 AS began_on
          FROM (SELECT *, substr(child_id, 3)::int AS i FROM reporting.child) c) s;
INSERT INTO reporting.conference (authority, subject, conference_id, conference_type, state, starts_on, held_on, child_ids,
    held_event, quorum_claim)
SELECT authority, subject, conference_id, 'initial', 'held', conference_on, conference_on, ARRAY[child_id],
       'E-' || conference_id, 'quorate'
  FROM reporting.enquiry WHERE conference_id IS NOT NULL;
INSERT INTO reporting.plan (authority, subject, plan_id, child_id, started_on, ended_on, category, latest_category, conference_id)
SELECT authority, subject, 'P-' || child_id, child_id, conference_on,
       CASE WHEN right(child_id, 1) < '4' THEN conference_on + 200 END, 'neglect', 'neglect', conference_id
  FROM reporting.enquiry WHERE conference_id IS NOT NULL;
INSERT INTO reporting.conference (authority, subject, conference_id, conference_type, state, starts_on, held_on, child_ids,
    held_event, quorum_claim)
SELECT authority, subject, 'R' || n || plan_id, 'review', 'held', started_on + 85 * n, started_on + 85 * n, ARRAY[child_id],
       'E-R' || n || plan_id, 'quorate'
  FROM reporting.plan, generate_series(1, 2) n;
INSERT INTO reporting.sitting (authority, subject, conference_id, child_id, decision)
SELECT authority, subject, conference_id, child_ids[1], 'continue' FROM reporting.conference;
INSERT INTO reporting.duty (deadline_id, authority, subject, revision, rule, duty, policy, child_id, plan_id, anchor_on, due_on,
    state, met_on, provenance, citation, met_by, body)
SELECT gen_random_uuid(), authority, subject, 1, 'ENG-' || n,
       CASE n WHEN 1 THEN 'first_review' WHEN 2 THEN 'later_review' ELSE 'social_worker_report' END, 'england', child_id, plan_id,
       started_on, started_on + 90 * n, CASE WHEN n < 8 THEN 'met' ELSE 'missed' END,
       CASE WHEN n < 8 THEN started_on + 85 * n END, 'statutory', 'ENG', 'E-R' || n || plan_id, '{}'
  FROM reporting.plan, generate_series(1, 12) n;
ANALYZE reporting.child, reporting.allocation, reporting.enquiry, reporting.conference, reporting.plan, reporting.sitting,
    reporting.duty;
