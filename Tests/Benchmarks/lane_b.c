/* Lane B: the yardstick. What a careful C programmer would write for "each event once, and never lost".
 *
 * A batch is one transaction and one round trip: COPY into a temporary stage, INSERT .. ON CONFLICT DO NOTHING by
 * (source, id), offsets by compare-and-set. It reads an event's key and judges nothing else. */
#include "lane.h"
#include <stdbool.h>

struct slice {
    const char *bytes;
    size_t length;
};

/* After the closing quote of the string that opens at `at`; the end where it does not close. */
static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end; at++) {
        if (*at == '\\') {
            at++;
        } else if (*at == '"') {
            return at + 1;
        }
    }
    return end;
}

/* After the value at `at`, whatever it is. */
static const char *skip_value(const char *at, const char *end) {
    int depth = 0;
    while (at < end) {
        switch (*at) {
            case '"':
                at = skip_string(at, end);
                if (depth == 0) return at;
                continue;
            case '{':
            case '[':
                depth++;
                break;
            case '}':
            case ']':
                if (depth == 0) return at;
                if (--depth == 0) return at + 1;
                break;
            case ',':
                if (depth == 0) return at;
                break;
            default:
                break;
        }
        at++;
    }
    return end;
}

static bool named(const char *open, const char *close, const char *name, size_t length) {
    return (size_t)(close - open) == length + 2 && memcmp(open + 1, name, length) == 0;
}

/* The envelope's own `id` and `source`, not those of an object inside it. Escapes stay as they came: one event is always
 * written alike by one producer. Ends as soon as both are known, which producers write first. */
static bool scan_key(const char *at, size_t length, struct slice *source, struct slice *id) {
    const char *end = at + length;
    while (at < end && *at != '{') at++;
    at++;
    while (at < end) {
        while (at < end && *at != '"') {
            if (*at == '}') return false;
            at++;
        }
        const char *name = at, *after = skip_string(at, end);
        at = after;
        while (at < end && (*at == ':' || *at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
        const char *value = at;
        at = skip_value(at, end);
        struct slice *wanted = named(name, after, "id", 2)       ? id
                               : named(name, after, "source", 6) ? source
                                                                 : NULL;
        if (wanted && at - value >= 2 && *value == '"') {
            *wanted = (struct slice){value + 1, (size_t)(at - value) - 2};
            if (source->bytes && id->bytes) return true;
        }
    }
    return false;
}

static bool header(const rd_kafka_headers_t *headers, const char *name, struct slice *slice) {
    const void *bytes;
    if (rd_kafka_header_get_last(headers, name, &bytes, &slice->length)) return false;
    slice->bytes = bytes;
    return true;
}

/* Binary mode names the key in headers; structured mode in the value. */
static void event_key(rd_kafka_message_t *message, struct slice *source, struct slice *id) {
    rd_kafka_headers_t *headers;
    *source = *id = (struct slice){NULL, 0};
    if (!rd_kafka_message_headers(message, &headers) && header(headers, "ce_id", id) &&
        header(headers, "ce_source", source))
        return;
    *source = *id = (struct slice){NULL, 0};
    if (!scan_key(message->payload, message->len, source, id))
        die("no key in partition %d, offset %ld", message->partition, (long)message->offset);
}

/* One string for the whole transaction: the server reads the COPY data between two statements of it, so that a batch
 * costs one round trip. */
static void batch_sql(struct buffer *sql, const char *topic, const int64_t *from, const int64_t *to, int partitions) {
    static const char head[] = "BEGIN; COPY stage FROM STDIN (FORMAT binary);"
                               "INSERT INTO lane_b.event (source, id, body) SELECT source, id, body FROM stage"
                               " ON CONFLICT DO NOTHING;"
                               "UPDATE lane_b.position p SET next = v.next FROM (VALUES ";
    sql->length = 0;
    put_bytes(sql, head, sizeof head - 1);
    bool first = true;
    for (int partition = 0; partition < partitions; partition++) {
        if (from[partition] == to[partition]) continue;
        char row[80];
        int length = snprintf(row, sizeof row, "%s(%d,%ld,%ld)", first ? "" : ",", partition, (long)from[partition],
                              (long)to[partition]);
        put_bytes(sql, row, (size_t)length);
        first = false;
    }
    char tail[400];
    int length = snprintf(tail, sizeof tail,
                          ") v (partition, expected, next) WHERE p.topic = '%s' AND p.partition = v.partition"
                          " AND p.next = v.expected; COMMIT",
                          topic);
    put_bytes(sql, tail, (size_t)length + 1);
}

static void store_batch(PGconn *connection, const char *sql, struct buffer *rows, int moved) {
    if (!PQsendQuery(connection, sql)) die("%s", PQerrorMessage(connection));
    PGresult *result;
    bool fenced = false;
    while ((result = PQgetResult(connection))) {
        switch (PQresultStatus(result)) {
            case PGRES_COPY_IN:
                if (PQputCopyData(connection, rows->bytes, (int)rows->length) != 1 ||
                    PQputCopyEnd(connection, NULL) != 1)
                    die("%s", PQerrorMessage(connection));
                break;
            case PGRES_COMMAND_OK:
                if (strncmp(PQcmdStatus(result), "UPDATE", 6) == 0) fenced = atoi(PQcmdTuples(result)) == moved;
                break;
            default:
                die("%s", PQresultErrorMessage(result));
        }
        PQclear(result);
    }
    if (!fenced) die("another reader moved the offsets");
}

static void prepare(PGconn *connection, const char *topic, int partitions) {
    execute(connection,
            "SET client_min_messages = warning; DROP SCHEMA IF EXISTS lane_b CASCADE; CREATE SCHEMA lane_b;"
            "CREATE TABLE lane_b.event (source text COLLATE \"C\" NOT NULL, id text COLLATE \"C\" NOT NULL,"
            " body bytea NOT NULL, PRIMARY KEY (source, id));"
            "CREATE TABLE lane_b.position (topic text NOT NULL, partition int NOT NULL, next bigint NOT NULL,"
            " PRIMARY KEY (topic, partition)) WITH (fillfactor = 50);"
            "SET temp_buffers = '16MB';"
            "CREATE TEMP TABLE stage (source text, id text, body bytea) ON COMMIT DELETE ROWS");
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO lane_b.position SELECT '%s', partition, 0 FROM generate_series(0, %d) partition", topic,
             partitions - 1);
    execute(connection, sql);
}

int main(int count, char **values) {
    struct arguments arguments = read_arguments(count, values);
    if (strlen(arguments.topic) > 200 || strpbrk(arguments.topic, "'\\")) die("a topic's name is letters and dashes");
    PGconn *connection = connect_database(arguments.conninfo);
    struct reader reader = open_reader(arguments.bootstrap, arguments.topic);
    prepare(connection, arguments.topic, reader.partitions);
    rd_kafka_message_t *messages[BATCH_RECORDS];
    static int64_t from[PARTITIONS_MAX], to[PARTITIONS_MAX];
    struct buffer rows = {0}, sql = {0};
    long done = 0;
    double began = 0;
    while (done < arguments.expected) {
        long left = arguments.expected - done;
        int taken = read_batch(&reader, messages, left < BATCH_RECORDS ? (int)left : BATCH_RECORDS);
        if (done == 0) began = now_seconds();
        put_copy_header(&rows);
        int moved = 0;
        for (int index = 0; index < taken; index++) {
            rd_kafka_message_t *message = messages[index];
            if (message->offset != to[message->partition])
                die("partition %d jumped to %ld", message->partition, (long)message->offset);
            moved += from[message->partition] == to[message->partition]++;
            struct slice source, id;
            event_key(message, &source, &id);
            put_int16(&rows, 3);
            put_field(&rows, source.bytes, source.length);
            put_field(&rows, id.bytes, id.length);
            put_field(&rows, message->payload, message->len);
            rd_kafka_message_destroy(message);
        }
        put_int16(&rows, -1);
        batch_sql(&sql, arguments.topic, from, to, reader.partitions);
        store_batch(connection, sql.bytes, &rows, moved);
        memcpy(from, to, sizeof from);
        done += taken;
    }
    report(done, now_seconds() - began);
    PQfinish(connection);
    close_reader(&reader);
    return 0;
}
