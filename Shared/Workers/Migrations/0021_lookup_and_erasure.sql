SET LOCAL ROLE quorate_owner;

-- An entry by the id of its event, for proofs. A row costs this index next to nothing, which a B-tree of random ids would not:
-- it keeps a filter for each 128 pages, so that a search reads the pages of a few hundred entries in place of them all.
CREATE INDEX entry_by_event ON auditing.entry USING brin (event_id text_bloom_ops) WITH (autosummarize = on);
COMMENT ON INDEX auditing.entry_by_event IS 'Finds an entry by the id of its event, for quorate audit prove';

-- A list is kept as it was drawn, but for what retention ends.
ALTER TABLE reporting.published_list ADD COLUMN erased_rows int NOT NULL DEFAULT 0;
COMMENT ON COLUMN reporting.published_list.erased_rows IS 'Rows of cases that retention erased since it was drawn; of such a list only cells is left';

CREATE FUNCTION configuration.erase_from_lists(wanted_authority text, wanted_subject text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    list record;
    gone bigint;
    total bigint := 0;
BEGIN
    FOR list IN
        SELECT l.list_id, l.cells, (SELECT h.place::int - 1 FROM jsonb_array_elements_text(l.cells -> 0)
                WITH ORDINALITY AS h (name, place) WHERE h.name = 'Case') AS place
          FROM reporting.published_list l
         WHERE l.authority = wanted_authority
           AND (l.cells @> jsonb_build_array(jsonb_build_array(wanted_subject))
                OR l.cells IS NULL AND position(replace(wanted_subject, '"', '""') IN l.csv) > 0) FOR UPDATE
    LOOP
        -- A list of an older release has no cells, and is emptied whole: one row of it is known to be gone.
        IF list.cells IS NULL THEN
            gone := 1;
        ELSE
            SELECT count(*) INTO gone FROM jsonb_array_elements(list.cells) AS r (cells)
             WHERE r.cells ->> list.place = wanted_subject;
        END IF;
        CONTINUE WHEN gone = 0;
        UPDATE reporting.published_list SET csv = '', html = '', xlsx = NULL, row_count = row_count - gone,
            erased_rows = erased_rows + gone, cells = (
                SELECT jsonb_agg(r.cells ORDER BY r.place) FROM jsonb_array_elements(list.cells)
                    WITH ORDINALITY AS r (cells, place) WHERE r.cells ->> list.place <> wanted_subject)
         WHERE list_id = list.list_id;
        -- The same list on its way: as an event, as what is to be mailed, as the mails.
        UPDATE reporting.outbox SET value = '' WHERE record_key = convert_to(wanted_authority || '/lists', 'UTF8')
            AND position(convert_to(list.list_id, 'UTF8') IN value) > 0;
        DELETE FROM notifications.published_list WHERE list_id = list.list_id;
        UPDATE notifications.message SET body = '{}', drafted_at = NULL,
            state = CASE WHEN state IN ('intended', 'held') THEN 'withdrawn' ELSE state END
         WHERE list_id = list.list_id;
        DELETE FROM notifications.draft d USING notifications.message m
         WHERE m.message_id = d.message_id AND m.list_id = list.list_id;
        total := total + gone;
    END LOOP;
    RETURN total;
END $$;
COMMENT ON FUNCTION configuration.erase_from_lists IS 'Takes the rows of a case out of the lists that were published, and the lists themselves out of mails';
REVOKE ALL ON FUNCTION configuration.erase_from_lists FROM PUBLIC;
