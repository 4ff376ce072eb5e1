/* Hosts librdkafka's in-memory broker and loads a file into it, for trying a lane by itself.
 *
 *     mock_broker TOPIC PARTITIONS EVENTS < events.jsonl
 *
 * Reads structured CloudEvents, one a line; prints the broker's address and the number loaded; serves until killed.
 * The broker keeps 5 MiB a partition and drops the oldest silently, so a load that would not fit is refused. */
#include "lane.h"
#include <librdkafka/rdkafka_mock.h>
#include <unistd.h>

enum { PARTITION_BYTES_MAX = 5 * 1024 * 1024 - 256 * 1024 };

int main(int count, char **values) {
    if (count != 4) die("usage: %s TOPIC PARTITIONS EVENTS < FILE", values[0]);
    int partitions = atoi(values[2]);
    long limit = atol(values[3]);
    if (partitions < 1 || partitions > PARTITIONS_MAX) die("1 to %d partitions", PARTITIONS_MAX);
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    set(configuration, "queue.buffering.max.messages", "100000");
    set(configuration, "linger.ms", "5");
    char error[256];
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, error, sizeof error);
    if (!producer) die("%s", error);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(producer, 1);
    rd_kafka_mock_topic_create(cluster, values[1], partitions, 1);
    const char *address = rd_kafka_mock_cluster_bootstraps(cluster);
    rd_kafka_brokers_add(producer, address);

    static size_t held[PARTITIONS_MAX];
    char *line = NULL;
    size_t capacity = 0;
    long loaded = 0;
    ssize_t length;
    rd_kafka_headers_t *structured = rd_kafka_headers_new(1);
    rd_kafka_header_add(structured, "content-type", -1, "application/cloudevents+json", -1);
    while (loaded < limit && (length = getline(&line, &capacity, stdin)) > 0) {
        if (line[length - 1] == '\n') length--;
        int partition = (int)(loaded % partitions);
        held[partition] += (size_t)length + 120;
        if (held[partition] > PARTITION_BYTES_MAX) die("record %ld would not fit: use more partitions", loaded);
        rd_kafka_resp_err_t refused;
        do {
            refused = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(values[1]), RD_KAFKA_V_PARTITION(partition),
                                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                        RD_KAFKA_V_VALUE(line, (size_t)length),
                                        RD_KAFKA_V_HEADERS(rd_kafka_headers_copy(structured)), RD_KAFKA_V_END);
            if (refused == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(producer, 10);
        } while (refused == RD_KAFKA_RESP_ERR__QUEUE_FULL);
        if (refused) die("produce: %s", rd_kafka_err2str(refused));
        loaded++;
    }
    if (rd_kafka_flush(producer, 60000)) die("the broker did not take everything");
    printf("%s %ld\n", address, loaded);
    fflush(stdout);
    for (;;) pause();
}
