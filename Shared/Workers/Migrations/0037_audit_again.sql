SET LOCAL ROLE quorate_owner;

ALTER TABLE auditing.log ADD COLUMN lost_from bigint CHECK (lost_from >= 0);
COMMENT ON COLUMN auditing.log.lost_from IS 'First entry of what was given up as lost; the entry that says so is in a log of topic audit-losses';
COMMENT ON COLUMN auditing.log.closed IS 'Nothing is appended to it any more: its partition was read anew, or some of it was given up as lost. It goes on in a log of another name';
UPDATE auditing.log l SET lost_from = (o.loss ->> 'first')::bigint
  FROM (SELECT convert_from(e.sealed, 'UTF8')::json AS loss FROM auditing.log a JOIN auditing.entry e USING (log_id)
         WHERE a.topic = 'audit-losses' OFFSET 0) o
 WHERE (l.cluster, l.topic, l.partition) = (o.loss ->> 'cluster', o.loss ->> 'topic', (o.loss ->> 'partition')::int);
GRANT SELECT (cluster, closed, lost_from) ON auditing.log TO quorate_views;
RESET ROLE;

SET LOCAL ROLE quorate_views;
-- The same rows, each record once: what was read again stands in a closed log and in one that follows it, which tells it. Where no log
-- is closed nothing is compared.
CREATE OR REPLACE VIEW analysis.audit_trail WITH (security_barrier) AS
SELECT e.authority, e.subject AS case_reference, e.event_type, e.event_source, e.event_id, e.correlation_id,
       to_timestamp(e.kafka_timestamp_ms / 1000.0) AS recorded_at, e.received_at, l.topic, l.partition, e.kafka_offset,
       e.received_at AS changed_at, now() AS data_as_at, false AS given_up
  FROM auditing.entry e JOIN auditing.log l USING (log_id)
 WHERE NOT l.closed AND '*' = ANY ((SELECT configuration.visible_authorities())::text[])
UNION ALL
SELECT e.authority, e.subject, e.event_type, e.event_source, e.event_id, e.correlation_id,
       to_timestamp(e.kafka_timestamp_ms / 1000.0), e.received_at, l.topic, l.partition, e.kafka_offset, e.received_at, now(), false
  FROM auditing.entry e JOIN auditing.log l USING (log_id)
 WHERE NOT l.closed AND '*' <> ALL ((SELECT configuration.visible_authorities())::text[])
   AND e.authority = ANY ((SELECT configuration.visible_authorities())::text[])
UNION ALL
SELECT e.authority, e.subject, e.event_type, e.event_source, e.event_id, e.correlation_id,
       to_timestamp(e.kafka_timestamp_ms / 1000.0), e.received_at, l.topic, l.partition, e.kafka_offset, e.received_at, now(),
       coalesce(e.leaf_index >= l.lost_from, false)
  FROM auditing.entry e JOIN auditing.log l USING (log_id)
 WHERE EXISTS (SELECT FROM auditing.log WHERE closed) AND l.closed
   AND '*' = ANY ((SELECT configuration.visible_authorities())::text[])
   AND NOT EXISTS (
    SELECT FROM auditing.log n JOIN auditing.entry o ON o.log_id = n.log_id
     WHERE n.cluster LIKE '%~%' AND (n.topic, n.partition) = (l.topic, l.partition) AND n.log_id > l.log_id
       AND split_part(n.cluster, '~', 1) = split_part(l.cluster, '~', 1)
       AND (o.kafka_offset, o.kafka_timestamp_ms) = (e.kafka_offset, e.kafka_timestamp_ms)
       AND (o.event_id = e.event_id OR e.event_id IS NULL))
UNION ALL
SELECT e.authority, e.subject, e.event_type, e.event_source, e.event_id, e.correlation_id,
       to_timestamp(e.kafka_timestamp_ms / 1000.0), e.received_at, l.topic, l.partition, e.kafka_offset, e.received_at, now(),
       coalesce(e.leaf_index >= l.lost_from, false)
  FROM auditing.entry e JOIN auditing.log l USING (log_id)
 WHERE EXISTS (SELECT FROM auditing.log WHERE closed) AND l.closed
   AND '*' <> ALL ((SELECT configuration.visible_authorities())::text[])
   AND e.authority = ANY ((SELECT configuration.visible_authorities())::text[])
   AND NOT EXISTS (
    SELECT FROM auditing.log n JOIN auditing.entry o ON o.log_id = n.log_id
     WHERE n.cluster LIKE '%~%' AND (n.topic, n.partition) = (l.topic, l.partition) AND n.log_id > l.log_id
       AND split_part(n.cluster, '~', 1) = split_part(l.cluster, '~', 1)
       AND (o.kafka_offset, o.kafka_timestamp_ms) = (e.kafka_offset, e.kafka_timestamp_ms)
       AND (o.event_id = e.event_id OR e.event_id IS NULL)
       AND o.authority = ANY ((SELECT configuration.visible_authorities())::text[]));
COMMENT ON VIEW analysis.audit_trail IS 'Every record received, once, without its content: events, outcomes, messages, lists, looks at records, operators'' acts';
COMMENT ON COLUMN analysis.audit_trail.given_up IS 'Whether it is of a range that was given up as lost: nothing shows that it is what was received';
RESET ROLE;
