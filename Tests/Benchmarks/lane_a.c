/* Lane A: what the hardware allows. Consume, binary COPY straight into one table, commit by batch.
 *
 * It is not idempotent, keeps no offsets and looks at no byte of a record: a redelivery doubles its rows. */
#include "lane.h"

static void copy_batch(PGconn *connection, struct buffer *rows) {
    PGresult *result = PQexec(connection, "COPY lane_a.event FROM STDIN (FORMAT binary)");
    if (PQresultStatus(result) != PGRES_COPY_IN) die("%s", PQerrorMessage(connection));
    PQclear(result);
    if (PQputCopyData(connection, rows->bytes, (int)rows->length) != 1) die("%s", PQerrorMessage(connection));
    if (PQputCopyEnd(connection, NULL) != 1) die("%s", PQerrorMessage(connection));
    while ((result = PQgetResult(connection))) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK) die("%s", PQresultErrorMessage(result));
        PQclear(result);
    }
}

int main(int count, char **values) {
    struct arguments arguments = read_arguments(count, values);
    PGconn *connection = connect_database(arguments.conninfo);
    execute(connection,
            "SET client_min_messages = warning; DROP SCHEMA IF EXISTS lane_a CASCADE; CREATE SCHEMA lane_a;"
            "CREATE TABLE lane_a.event (partition int NOT NULL, \"offset\" bigint NOT NULL, body bytea NOT NULL)");
    struct reader reader = open_reader(arguments.bootstrap, arguments.topic);
    rd_kafka_message_t *messages[BATCH_RECORDS];
    struct buffer rows = {0};
    long done = 0;
    double began = 0;
    while (done < arguments.expected) {
        long left = arguments.expected - done;
        int taken = read_batch(&reader, messages, left < BATCH_RECORDS ? (int)left : BATCH_RECORDS);
        if (done == 0) began = now_seconds();
        put_copy_header(&rows);
        for (int index = 0; index < taken; index++) {
            rd_kafka_message_t *message = messages[index];
            put_int16(&rows, 3);
            put_int32(&rows, 4);
            put_int32(&rows, message->partition);
            put_int32(&rows, 8);
            put_int64(&rows, message->offset);
            put_field(&rows, message->payload, message->len);
            rd_kafka_message_destroy(message);
        }
        put_int16(&rows, -1);
        copy_batch(connection, &rows);
        done += taken;
    }
    report(done, now_seconds() - began);
    PQfinish(connection);
    close_reader(&reader);
    return 0;
}
