#!/usr/bin/env python3
"""Lane C: what a careful Python programmer would write, with confluent-kafka and psycopg 3.

The same as lane B: a batch is one transaction: COPY into a temporary stage, INSERT .. ON CONFLICT DO NOTHING by
(source, id), offsets by compare-and-set.

    lane_c.py BOOTSTRAP CONNINFO TOPIC EXPECTED
"""
import json
import resource
import struct
import sys
import time

import psycopg
from confluent_kafka import Consumer, TopicPartition

try:
    from orjson import loads
except ImportError:
    from json import loads

BATCH_RECORDS = 2000
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
COPY_END = struct.pack("!h", -1)
FIRST = struct.Struct("!hi")
NEXT = struct.Struct("!i")


def prepare(database, topic, partitions):
    database.execute("SET client_min_messages = warning")
    database.execute("DROP SCHEMA IF EXISTS lane_c CASCADE")
    database.execute("CREATE SCHEMA lane_c")
    database.execute(
        'CREATE TABLE lane_c.event (source text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, body bytea NOT NULL,'
        " PRIMARY KEY (source, id))")
    database.execute(
        "CREATE TABLE lane_c.position (topic text NOT NULL, partition int NOT NULL, next bigint NOT NULL,"
        " PRIMARY KEY (topic, partition)) WITH (fillfactor = 50)")
    database.execute("SET temp_buffers = '16MB'")
    database.execute("CREATE TEMP TABLE stage (source text, id text, body bytea) ON COMMIT DELETE ROWS")
    database.execute(
        "INSERT INTO lane_c.position SELECT %s, partition, 0 FROM generate_series(0, %s) partition",
        (topic, partitions - 1))
    database.commit()


def event_key(message, body):
    """Binary mode names the key in headers; structured mode in the value."""
    headers = message.headers()
    if headers:
        named = dict(headers)
        if b := named.get("ce_id"):
            return named["ce_source"], b
    event = loads(body)
    return event["source"].encode(), event["id"].encode()


def take(consumer, limit):
    """Blocks for one record, then takes what is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        messages = consumer.consume(1, 1.0)
        if messages:
            return messages + consumer.consume(limit - 1, 0) if limit > 1 else messages
    sys.exit("no record for 60 seconds")


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    bootstrap, conninfo, topic, expected = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    consumer = Consumer({
        "bootstrap.servers": bootstrap, "group.id": "quorate-lane", "enable.auto.commit": False,
        "enable.auto.offset.store": False, "auto.offset.reset": "error", "fetch.wait.max.ms": 10,
        "queued.max.messages.kbytes": 65536,
    })
    partitions = len(consumer.list_topics(topic, 10).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    database = psycopg.connect(conninfo)
    prepare(database, topic, partitions)
    cursor = database.cursor()
    position = [0] * partitions
    done, began = 0, None
    while done < expected:
        messages = take(consumer, min(BATCH_RECORDS, expected - done))
        began = began or time.monotonic()
        before = position.copy()
        rows = [COPY_HEADER]
        for message in messages:
            if message.error():
                sys.exit(str(message.error()))
            partition = message.partition()
            if message.offset() != position[partition]:
                sys.exit(f"partition {partition} jumped to {message.offset()}")
            position[partition] += 1
            body = message.value()
            source, key = event_key(message, body)
            rows += (FIRST.pack(3, len(source)), source, NEXT.pack(len(key)), key, NEXT.pack(len(body)), body)
        rows.append(COPY_END)
        with cursor.copy("COPY stage FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"".join(rows))
        cursor.execute(
            "INSERT INTO lane_c.event (source, id, body) SELECT source, id, body FROM stage ON CONFLICT DO NOTHING")
        moved = [index for index in range(partitions) if position[index] != before[index]]
        cursor.execute(
            "UPDATE lane_c.position p SET next = v.next"
            " FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) v (partition, expected, next)"
            " WHERE p.topic = %s AND p.partition = v.partition AND p.next = v.expected",
            (moved, [before[index] for index in moved], [position[index] for index in moved], topic))
        if cursor.rowcount != len(moved):
            sys.exit("another reader moved the offsets")
        database.commit()
        done += len(messages)
    seconds = time.monotonic() - began
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "events": done, "seconds": round(seconds, 3), "cpu_user": round(usage.ru_utime, 3),
        "cpu_sys": round(usage.ru_stime, 3), "max_rss_kib": usage.ru_maxrss,
    }, separators=(",", ":")))
    database.close()
    consumer.close()


main()
