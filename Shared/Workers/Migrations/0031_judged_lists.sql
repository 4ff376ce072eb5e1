SET LOCAL ROLE quorate_owner;

-- A list waits for what scheduling says of the events before its hour, and not only until they are read.
ALTER TABLE reporting.freshness ADD COLUMN judged_at timestamptz;
COMMENT ON TABLE reporting.freshness IS 'As at when the read models stand, by partition; kept to ten seconds';
COMMENT ON COLUMN reporting.freshness.caught_up_at IS 'Everything published before this instant was read of the partitions with this number; NULL until they were read to their end once';
COMMENT ON COLUMN reporting.freshness.judged_at IS 'Scheduling judged everything before this instant, and all that it said of it was read of the partition; NULL until that was so once';
CREATE FUNCTION reporting.judged_until() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT min(judged_at) FROM reporting.freshness HAVING count(*) = count(judged_at)
$$;
COMMENT ON FUNCTION reporting.judged_until IS 'Everything published before this instant was read and judged, and so were the judgements read; NULL until that was so once';

-- What reporting may know of scheduling's tables, and nothing else of them.
CREATE FUNCTION reporting.judged_through(kafka_cluster text, until timestamptz, partitions int[], ends bigint[]) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce((SELECT max(p.outbox_id) FROM scheduling.outbox_pending p), 0)
     WHERE NOT EXISTS (SELECT FROM scheduling.case_file c WHERE c.next_check_at < until)
       AND NOT EXISTS (
        SELECT FROM unnest(partitions, ends) AS e (partition, next_offset)
         WHERE e.next_offset > coalesce((
            SELECT o.next_offset FROM scheduling.kafka_offset o
             WHERE o.cluster = kafka_cluster AND o.consumer_group = 'quorate.scheduling' AND o.topic = 'case-events'
               AND o.partition = e.partition), 0))
$$;
COMMENT ON FUNCTION reporting.judged_through IS 'Once scheduling has taken the case events before these offsets, and done every check due before the instant, the last outcome that waits to be published, 0 where none does; else NULL';
CREATE FUNCTION reporting.is_told(last_outcome bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT NOT EXISTS (SELECT FROM scheduling.outbox_pending p WHERE p.outbox_id <= last_outcome)
$$;
COMMENT ON FUNCTION reporting.is_told IS 'Whether scheduling has published its outcomes up to this one';
REVOKE ALL ON FUNCTION reporting.judged_through, reporting.is_told FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reporting.judged_through, reporting.is_told TO quorate_reporting;

-- A case whose children have two teams is in both.
CREATE VIEW reporting.team_of_child AS
SELECT c.authority, c.subject, c.child_id, coalesce(p.team_id, c.team_id) AS team_id, coalesce(t.team_id, t.manager_id) AS service_id
  FROM reporting.child c
  LEFT JOIN reporting.allocation w ON w.authority = c.authority AND w.subject = c.subject AND w.child_id = c.child_id
        AND w.role = 'social_worker'
  LEFT JOIN reporting.staff p ON p.authority = c.authority AND p.kind = 'person' AND p.entry_id = w.person_id
  LEFT JOIN reporting.staff t ON t.authority = c.authority AND t.kind = 'team' AND t.entry_id = coalesce(p.team_id, c.team_id);
COMMENT ON VIEW reporting.team_of_child IS 'Team and service of each child: the social worker''s own, else those with which the child is registered';
CREATE OR REPLACE VIEW reporting.case_team AS
SELECT DISTINCT authority, subject, team_id, service_id FROM reporting.team_of_child WHERE team_id IS NOT NULL;
COMMENT ON VIEW reporting.case_team IS 'The teams of each case, with their services: those of its children';
GRANT SELECT ON reporting.team_of_child TO quorate_reporting;
