#!/bin/sh
# Makes the topics that are missing: 24 partitions, 35 days (PostgreSQL is the record); the directory is compacted.
# Wants BOOTSTRAP, and optionally COMMAND_CONFIG (a client properties file for SASL and TLS) and REPLICATION.
set -eu

topic() {
    name=$1
    shift
    /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$BOOTSTRAP" ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
        --create --if-not-exists --topic "$name" --partitions 24 --replication-factor "${REPLICATION:-1}" "$@"
}

for name in case-events case-outcomes notification-events report-events operator-events dead-letters; do
    topic "$name" --config retention.ms=3024000000 --config max.message.bytes=1200000
done
topic audit-checkpoints --config retention.ms=-1 --config max.message.bytes=1200000
topic directory-events --config cleanup.policy=compact --config max.message.bytes=1200000
