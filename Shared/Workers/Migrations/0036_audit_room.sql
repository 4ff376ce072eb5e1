SET LOCAL ROLE quorate_owner;

-- Made apart and attached: that is let through beside whoever reads the table, for however long, and CREATE TABLE PARTITION OF
-- is not. Nothing is scanned, the new part being empty. ATTACH gives it the parent's triggers for rows.
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
        -- Numbers are given by the parent.
        EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING IDENTITY EXCLUDING COMMENTS)', child, parent);
        -- PostgreSQL gives a partition no triggers for statements.
        FOR refusal IN SELECT t.tgname AS name, t.tgfoid::regproc AS body FROM pg_trigger t
                        WHERE t.tgrelid = parent AND NOT t.tgisinternal AND t.tgtype & 1 = 0 AND t.tgtype & 32 <> 0 LOOP
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                refusal.name, child, refusal.body);
        END LOOP;
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)', parent, child, start, start + width);
    END LOOP;
END $$;
