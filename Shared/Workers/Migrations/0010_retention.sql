SET LOCAL ROLE quorate_owner;

CREATE TABLE configuration.legal_hold (
    hold_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    placed_by text NOT NULL DEFAULT session_user,
    lifted_at timestamptz,
    lifted_by text
);
CREATE UNIQUE INDEX legal_hold_in_force ON configuration.legal_hold (authority, subject) WHERE lifted_at IS NULL;
COMMENT ON TABLE configuration.legal_hold IS 'Cases whose records are kept whatever the schedule says';
COMMENT ON COLUMN configuration.legal_hold.reason IS 'Such as an inquiry or a claim; names nobody';
COMMENT ON COLUMN configuration.legal_hold.lifted_at IS 'Null while it holds';

CREATE TABLE configuration.erasure (
    erasure_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority text NOT NULL,
    subject text NOT NULL,
    kept_through date NOT NULL,
    erased_rows bigint NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    erased_by text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE configuration.erasure IS 'Cases that were erased, and when: what is left of them besides the audit log''s proofs';

CREATE FUNCTION configuration.erase_case(wanted_authority text, wanted_subject text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    wanted_case bigint;
    place record;
    gone bigint;
    total bigint := 0;
BEGIN
    -- Whoever writes a case holds its row.
    SELECT case_id INTO wanted_case FROM scheduling.case_file
     WHERE authority = wanted_authority AND subject = wanted_subject FOR UPDATE;
    -- A digest names no case, and its text may: of one that still waits it is written anew, from what is left.
    UPDATE notifications.message SET drafted_at = NULL WHERE drafted_at IS NOT NULL AND message_id IN (
        SELECT message_id FROM notifications.digest_item WHERE authority = wanted_authority AND subject = wanted_subject);
    DELETE FROM notifications.draft d USING notifications.digest_item i
     WHERE i.message_id = d.message_id AND i.authority = wanted_authority AND i.subject = wanted_subject;
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
    -- By the catalogue, so that a table that is added later is not forgotten: rows that name the case, or its id.
    FOR place IN
        SELECT c.oid::regclass AS name, n.nspname AS schema,
               count(*) FILTER (WHERE a.attname IN ('authority', 'subject')) = 2 AS names_case
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE n.nspname IN ('scheduling', 'notifications', 'reporting') AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
         GROUP BY c.oid, n.nspname
        HAVING count(*) FILTER (WHERE a.attname IN ('authority', 'subject')) = 2
            OR (n.nspname = 'scheduling' AND bool_or(a.attname = 'case_id'))
    LOOP
        IF place.names_case THEN
            EXECUTE format('DELETE FROM %s WHERE authority = $1 AND subject = $2', place.name)
                USING wanted_authority, wanted_subject;
        ELSE
            EXECUTE format('DELETE FROM %s WHERE case_id = $1', place.name) USING wanted_case;
        END IF;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    -- What was published stays as a row, since its place in Kafka does; its content goes.
    FOR place IN SELECT unnest(ARRAY['scheduling', 'notifications', 'reporting']) AS schema LOOP
        EXECUTE format('UPDATE %I.outbox SET value = '''', headers = NULL, causation_id = NULL WHERE record_key = $1', place.schema)
            USING convert_to(wanted_authority || '/' || wanted_subject, 'UTF8');
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    RETURN total;
END $$;
COMMENT ON FUNCTION configuration.erase_case IS 'Deletes what the workers'' schemas hold of a case; the audit log''s content goes with its key';
REVOKE ALL ON FUNCTION configuration.erase_case FROM PUBLIC;
