/* What the C lanes share: reading a topic from its start without a group, and the account at the end.
 *
 * A lane is a yardstick: the same records, the same PostgreSQL, and no more work than its name says. */
#ifndef QUORATE_LANE_H
#define QUORATE_LANE_H

#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { BATCH_RECORDS = 2000, PARTITIONS_MAX = 1024 };

static _Noreturn void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static double now_seconds(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* Bytes that grow to the largest batch and are used again for each. */
struct buffer {
    char *bytes;
    size_t length, capacity;
};

static char *buffer_reserve(struct buffer *buffer, size_t more) {
    if (buffer->length + more > buffer->capacity) {
        buffer->capacity = (buffer->length + more) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
        if (!buffer->bytes) die("out of memory");
    }
    return buffer->bytes + buffer->length;
}

static inline void put_bytes(struct buffer *buffer, const void *bytes, size_t length) {
    memcpy(buffer_reserve(buffer, length), bytes, length);
    buffer->length += length;
}

static inline void put_int16(struct buffer *buffer, int16_t value) {
    uint16_t wire = __builtin_bswap16((uint16_t)value);
    put_bytes(buffer, &wire, sizeof wire);
}

static inline void put_int32(struct buffer *buffer, int32_t value) {
    uint32_t wire = __builtin_bswap32((uint32_t)value);
    put_bytes(buffer, &wire, sizeof wire);
}

static inline void put_int64(struct buffer *buffer, int64_t value) {
    uint64_t wire = __builtin_bswap64((uint64_t)value);
    put_bytes(buffer, &wire, sizeof wire);
}

static inline void put_field(struct buffer *buffer, const void *bytes, size_t length) {
    put_int32(buffer, (int32_t)length);
    put_bytes(buffer, bytes, length);
}

/* COPY BINARY's header: signature, flags, no extension. */
static void put_copy_header(struct buffer *buffer) {
    buffer->length = 0;
    put_bytes(buffer, "PGCOPY\n\377\r\n\0", 11);
    put_int32(buffer, 0);
    put_int32(buffer, 0);
}

static PGconn *connect_database(const char *conninfo) {
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) die("%s", PQerrorMessage(connection));
    return connection;
}

static void execute(PGconn *connection, const char *sql) {
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) die("%s", PQerrorMessage(connection));
    PQclear(result);
}

struct reader {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    int partitions;
};

static void set(rd_kafka_conf_t *configuration, const char *name, const char *value) {
    char error[256];
    if (rd_kafka_conf_set(configuration, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) die("%s", error);
}

static struct reader open_reader(const char *bootstrap, const char *topic) {
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    set(configuration, "bootstrap.servers", bootstrap);
    /* Needed by assign, and never joined: nothing is subscribed to and nothing committed. */
    set(configuration, "group.id", "quorate-lane");
    set(configuration, "enable.auto.commit", "false");
    set(configuration, "enable.auto.offset.store", "false");
    set(configuration, "auto.offset.reset", "error");
    set(configuration, "fetch.wait.max.ms", "10");
    set(configuration, "queued.max.messages.kbytes", "65536");
    char error[256];
    struct reader reader;
    reader.client = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, error, sizeof error);
    if (!reader.client) die("%s", error);
    rd_kafka_poll_set_consumer(reader.client);

    rd_kafka_topic_t *handle = rd_kafka_topic_new(reader.client, topic, NULL);
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(reader.client, 0, handle, &metadata, 10000)) die("no metadata from %s", bootstrap);
    if (metadata->topic_cnt != 1 || metadata->topics[0].err) die("no topic %s", topic);
    reader.partitions = metadata->topics[0].partition_cnt;
    if (reader.partitions > PARTITIONS_MAX) die("more than %d partitions", PARTITIONS_MAX);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);

    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(reader.partitions);
    for (int partition = 0; partition < reader.partitions; partition++)
        rd_kafka_topic_partition_list_add(all, topic, partition)->offset = 0;
    rd_kafka_resp_err_t refused = rd_kafka_assign(reader.client, all);
    if (refused) die("assign: %s", rd_kafka_err2str(refused));
    rd_kafka_topic_partition_list_destroy(all);
    reader.queue = rd_kafka_queue_get_consumer(reader.client);
    return reader;
}

/* Blocks for one record, then takes what is there. The caller destroys the messages. */
static int read_batch(struct reader *reader, rd_kafka_message_t **messages, int limit) {
    double patience = now_seconds() + 60;
    int count = 0;
    while (count == 0) {
        ssize_t got = rd_kafka_consume_batch_queue(reader->queue, 1000, messages, 1);
        if (got < 0) die("consume: %s", rd_kafka_err2str(rd_kafka_last_error()));
        count = (int)got;
        if (count == 0 && now_seconds() > patience) die("no record for 60 seconds");
    }
    if (limit > 1) {
        ssize_t got = rd_kafka_consume_batch_queue(reader->queue, 0, messages + 1, (size_t)(limit - 1));
        if (got < 0) die("consume: %s", rd_kafka_err2str(rd_kafka_last_error()));
        count += (int)got;
    }
    for (int index = 0; index < count; index++)
        if (messages[index]->err) die("record: %s", rd_kafka_message_errstr(messages[index]));
    return count;
}

static void report(long events, double seconds) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"events\":%ld,\"seconds\":%.3f,\"cpu_user\":%.3f,\"cpu_sys\":%.3f,\"max_rss_kib\":%ld}\n", events, seconds,
           (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6,
           (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6, usage.ru_maxrss);
}

static void close_reader(struct reader *reader) {
    rd_kafka_queue_destroy(reader->queue);
    rd_kafka_consumer_close(reader->client);
    rd_kafka_destroy(reader->client);
}

struct arguments {
    const char *bootstrap, *conninfo, *topic;
    long expected;
};

static struct arguments read_arguments(int count, char **values) {
    if (count != 5) die("usage: %s BOOTSTRAP CONNINFO TOPIC EXPECTED", values[0]);
    struct arguments arguments = {values[1], values[2], values[3], atol(values[4])};
    if (arguments.expected <= 0) die("EXPECTED is a count of records");
    return arguments;
}

#endif
