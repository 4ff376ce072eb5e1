SET LOCAL ROLE quorate_owner;

CREATE FUNCTION configuration.partition_bounds(parent regclass) RETURNS TABLE (name text, first bigint, bound bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT p.name, p.bounds[1]::bigint, p.bounds[2]::bigint
      FROM (SELECT c.oid::regclass::text AS name, regexp_match(pg_get_expr(c.relpartbound, c.oid),
                       'FROM \(''?(\d+)''?\) TO \(''?(\d+)''?\)') AS bounds
              FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = parent) AS p
$$;
COMMENT ON FUNCTION configuration.partition_bounds IS 'The range partitions of a table, each from its first number to before its bound';

CREATE OR REPLACE FUNCTION configuration.ensure_partitions(parent regclass, through bigint, width bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    start bigint;
    child text;
    refusal record;
BEGIN
    -- One at a time: two workers that start together find the same one missing.
    PERFORM pg_advisory_xact_lock(hashtext('configuration.ensure_partitions'), parent::oid::int);
    LOOP
        -- However wide those before are.
        SELECT coalesce(max(p.bound), 0) INTO start FROM configuration.partition_bounds(parent) AS p;
        EXIT WHEN start > through;
        SELECT format('%I.%I', n.nspname, c.relname || '_from_' || start) INTO child
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = parent;
        EXECUTE format('CREATE TABLE %s PARTITION OF %s FOR VALUES FROM (%s) TO (%s)', child, parent, start, start + width);
        -- PostgreSQL gives a partition its parent's triggers for rows, and none for statements.
        FOR refusal IN SELECT t.tgname AS name, t.tgfoid::regproc AS body FROM pg_trigger t
                        WHERE t.tgrelid = parent AND NOT t.tgisinternal AND t.tgtype & 1 = 0 AND t.tgtype & 32 <> 0 LOOP
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                refusal.name, child, refusal.body);
        END LOOP;
    END LOOP;
END $$;

-- What is empty at the end of auditing.entry goes, for narrower ones; what holds entries stays as wide as it is.
DO $$
DECLARE
    part record;
    has_rows boolean;
BEGIN
    FOR part IN SELECT * FROM configuration.partition_bounds('auditing.entry') ORDER BY bound DESC LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', part.name);
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', part.name) INTO has_rows;
        EXIT WHEN has_rows;
        EXECUTE format('DROP TABLE %s', part.name);
    END LOOP;
    FOR part IN SELECT * FROM configuration.partition_bounds('auditing.entry') LOOP
        EXECUTE format('CREATE TRIGGER entry_is_not_truncated BEFORE TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION auditing.refuse_change()', part.name);
    END LOOP;
END $$;
SELECT configuration.ensure_partitions('auditing.entry', 500000, 500000);
