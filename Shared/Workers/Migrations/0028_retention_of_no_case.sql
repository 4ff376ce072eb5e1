SET LOCAL ROLE quorate_owner;

COMMENT ON COLUMN configuration.legal_hold.subject IS 'Case reference; empty for everything of the authority';
COMMENT ON COLUMN configuration.erasure.subject IS 'Case reference; empty for what named no case';
ALTER TABLE configuration.erasure ADD COLUMN received_in int;
COMMENT ON COLUMN configuration.erasure.received_in IS 'Year of receipt of what named no case; null for a case';

-- Auditing drops the keys that it remembers when something was erased since.
GRANT SELECT (erasure_id) ON configuration.erasure TO quorate_auditing;

-- What was refused and names no case, of all workers.
CREATE FUNCTION configuration.names_case(topic text, authority text, subject text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(authority, '') <> '' AND coalesce(subject, '') <> ''
       AND (topic IN ('case-events', 'case-outcomes') OR topic = 'notification-events' AND subject <> 'lists')
$$;
COMMENT ON FUNCTION configuration.names_case IS 'Whether what was received on a topic under these names is of a case';
CREATE FUNCTION configuration.year_of(milliseconds bigint) RETURNS int
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT extract(year FROM to_timestamp(milliseconds / 1000.0) AT TIME ZONE 'UTC')::int
$$;
COMMENT ON FUNCTION configuration.year_of IS 'Gregorian year in UTC of a moment in milliseconds since 1970';

CREATE FUNCTION configuration.received_of_no_case()
RETURNS TABLE (authority text, received_in int, newest int, row_count bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE
    schema text;
BEGIN
    FOREACH schema IN ARRAY ARRAY['scheduling', 'notifications', 'reporting'] LOOP
        RETURN QUERY EXECUTE format($sql$
            SELECT coalesce(q.authority, ''), configuration.year_of(q.kafka_timestamp_ms),
                max(extract(year FROM q.quarantined_at AT TIME ZONE 'UTC'))::int, count(*)
              FROM %I.quarantine q WHERE NOT configuration.names_case(q.topic, q.authority, q.subject) GROUP BY 1, 2
            $sql$, schema);
    END LOOP;
END $$;
COMMENT ON FUNCTION configuration.received_of_no_case IS 'What sits in quarantine and names no case, by authority and year of its timestamp, with the last year in which some of it came';
REVOKE ALL ON FUNCTION configuration.received_of_no_case FROM PUBLIC;

CREATE FUNCTION configuration.erase_of_no_case(wanted_authority text, wanted_year int) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    schema text;
    wanted text := $sql$ NOT configuration.names_case(q.topic, q.authority, q.subject)
        AND coalesce(q.authority, '') = $1 AND configuration.year_of(q.kafka_timestamp_ms) = $2 $sql$;
    gone bigint;
    total bigint := 0;
BEGIN
    FOREACH schema IN ARRAY ARRAY['scheduling', 'notifications'] LOOP
        -- The place of a record says nothing of its cluster; the bytes do.
        EXECUTE format($sql$
            UPDATE %1$I.outbox o SET value = '', record_key = '', headers = NULL, causation_id = NULL FROM %1$I.quarantine q
             WHERE %2$s AND o.topic = 'dead-letters' AND o.value IN (coalesce(q.value, ''), '')
               AND o.event_id = 'dead-letter/' || q.topic || '/' || q.partition || '/' || q.kafka_offset
            $sql$, schema, wanted) USING wanted_authority, wanted_year;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    FOREACH schema IN ARRAY ARRAY['scheduling', 'notifications', 'reporting'] LOOP
        EXECUTE format('DELETE FROM %I.quarantine q WHERE %s', schema, wanted) USING wanted_authority, wanted_year;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    RETURN total;
END $$;
COMMENT ON FUNCTION configuration.erase_of_no_case IS 'Deletes what was refused, names no case and has the timestamp of a year, and empties its dead letters';
REVOKE ALL ON FUNCTION configuration.erase_of_no_case FROM PUBLIC;
