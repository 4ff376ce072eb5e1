-- The tables of the audit log as lines of JSON, as of one moment, for verify_tables.py:
--     psql -XAtq -f audit_tables.sql "$DATABASE_URL" > tables.jsonl
-- For whoever may read schema auditing. What is sealed stays sealed.
\set ON_ERROR_STOP on
\set FETCH_COUNT 1000
SET bytea_output = 'hex';
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT json_build_object('checkpoint', t) FROM auditing.checkpoint t ORDER BY t.size;
SELECT json_build_object('head', t) FROM auditing.head t ORDER BY t.position;
SELECT json_build_object('subtree', t) FROM auditing.subtree t ORDER BY t.log_id, t.height, t.position;
SELECT json_build_object('log', t) FROM auditing.log t ORDER BY t.log_id;
SELECT json_build_object('loss', t) FROM auditing.entry t JOIN auditing.log l USING (log_id)
 WHERE l.topic = 'audit-losses' ORDER BY t.log_id, t.leaf_index;
SELECT json_build_object('entry', t) FROM auditing.entry t ORDER BY t.log_id, t.leaf_index;
COMMIT;
