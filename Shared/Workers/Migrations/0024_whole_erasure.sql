SET LOCAL ROLE quorate_owner;

-- What auditing passes by unread is an entry, sealed: here is its place and the reason, for the operator.
UPDATE auditing.quarantine SET record_key = NULL, headers = NULL, value = NULL;
ALTER TABLE auditing.quarantine ADD CONSTRAINT quarantine_has_no_content
    CHECK (record_key IS NULL AND value IS NULL AND coalesce(cardinality(headers), 0) = 0);
COMMENT ON TABLE auditing.quarantine IS 'Records that auditing could not look into: their places, and why. What they hold is sealed in auditing.entry alone';

-- A dead letter stands under the key that its producer chose, which need not be that of its case.
CREATE FUNCTION configuration.erase_dead_letters(wanted_authority text, wanted_subject text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    schema text;
    gone bigint;
    total bigint := 0;
BEGIN
    FOREACH schema IN ARRAY ARRAY['scheduling', 'notifications'] LOOP
        -- The place of a record says nothing of its cluster; the bytes do.
        EXECUTE format(
            'UPDATE %1$I.outbox o SET value = '''', record_key = '''', headers = NULL, causation_id = NULL FROM %1$I.quarantine q '
            'WHERE q.authority = $1 AND q.subject = $2 AND o.topic = ''dead-letters'' AND o.value IN (q.value, '''') '
            'AND o.event_id = format(''dead-letter/%%s/%%s/%%s'', q.topic, q.partition, q.kafka_offset)', schema)
            USING wanted_authority, wanted_subject;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    RETURN total;
END $$;
COMMENT ON FUNCTION configuration.erase_dead_letters IS 'Empties what was published of a case to the dead letters';
REVOKE ALL ON FUNCTION configuration.erase_dead_letters FROM PUBLIC;

-- It now says which lists, since the audit log has a key for each.
DROP FUNCTION configuration.erase_from_lists(text, text);
CREATE FUNCTION configuration.erase_from_lists(wanted_authority text, wanted_subject text)
RETURNS TABLE (list text, row_count bigint)
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    drawn record;
    gone bigint;
BEGIN
    FOR drawn IN
        SELECT l.list_id, l.cells, (SELECT h.place::int - 1 FROM jsonb_array_elements_text(l.cells -> 0)
                WITH ORDINALITY AS h (name, place) WHERE h.name = 'Case') AS place
          FROM reporting.published_list l
         WHERE l.authority = wanted_authority
           AND (l.cells @> jsonb_build_array(jsonb_build_array(wanted_subject))
                OR l.cells IS NULL AND position(replace(wanted_subject, '"', '""') IN l.csv) > 0) FOR UPDATE
    LOOP
        -- A list of an older release has no cells, and is emptied whole: one row of it is known to be gone.
        IF drawn.cells IS NULL THEN
            gone := 1;
        ELSE
            SELECT count(*) INTO gone FROM jsonb_array_elements(drawn.cells) AS r (cells)
             WHERE r.cells ->> drawn.place = wanted_subject;
        END IF;
        CONTINUE WHEN gone = 0;
        UPDATE reporting.published_list published SET csv = '', html = '', xlsx = NULL, row_count = published.row_count - gone,
            erased_rows = published.erased_rows + gone, cells = (
                SELECT jsonb_agg(r.cells ORDER BY r.place) FROM jsonb_array_elements(drawn.cells)
                    WITH ORDINALITY AS r (cells, place) WHERE r.cells ->> drawn.place <> wanted_subject)
         WHERE published.list_id = drawn.list_id;
        -- The same list on its way: as an event, as what is to be mailed, as the mails.
        UPDATE reporting.outbox SET value = '' WHERE record_key = convert_to(wanted_authority || '/lists', 'UTF8')
            AND position(convert_to(drawn.list_id, 'UTF8') IN value) > 0;
        DELETE FROM notifications.published_list WHERE list_id = drawn.list_id;
        UPDATE notifications.message SET body = '{}', drafted_at = NULL,
            state = CASE WHEN state IN ('intended', 'held') THEN 'withdrawn' ELSE state END
         WHERE list_id = drawn.list_id;
        DELETE FROM notifications.draft d USING notifications.message m
         WHERE m.message_id = d.message_id AND m.list_id = drawn.list_id;
        list := drawn.list_id;
        row_count := gone;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION configuration.erase_from_lists IS 'Takes the rows of a case out of the lists that were published, and the lists themselves out of mails';
REVOKE ALL ON FUNCTION configuration.erase_from_lists FROM PUBLIC;
