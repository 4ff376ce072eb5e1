#!/usr/bin/env python3
"""Judges the tables of Quorate's audit log as they stand, with Python's standard library alone.

    psql -XAtq -f audit_tables.sql DATABASE > tables.jsonl
    verify_tables.py --key NAME+HASH+KEY [--key ...] [--checkpoints FILE] TABLES...

Written from docs/audit-format.md, independently of Quorate's own code. FILE holds the checkpoints that were kept outside the
database. Prints one sentence for each file of tables; exit status 1 where one does not hold, with the first place that does
not.
"""
import argparse
import itertools
import json
import struct
import sys

from verify_bundle import Fault, Tree, entry_leaf, head_leaf, node, read_checkpoint, read_key, unbase64, want

TEXTS = ("event_type", "event_source", "event_id", "authority", "subject", "correlation_id")


def unhex(text):
    want(text.startswith("\\x"), "bytes of a table are not in hexadecimal")
    return bytes.fromhex(text[2:])


def log_of(row):
    return row["cluster"], row["topic"], row["partition"]


def name(log):
    return f"{log[1]}/{log[2]}"


def read(lines):
    """The small tables by name, and the entries, which follow, one by one."""
    tables = {"checkpoint": [], "head": [], "subtree": [], "log": [], "loss": []}
    for line in lines:
        (table, row), = json.loads(line).items()
        if table == "entry":
            return tables, itertools.chain([row], (json.loads(line)["entry"] for line in lines))
        tables[table].append(row)
    return tables, iter(())


def judge(lines, keys, published):
    tables, entries = read(lines)
    kept = {}
    for row in tables["subtree"]:
        kept.setdefault(row["log_id"], {})[row["height"], row["position"]] = unhex(row["root"])
    heads = judge_heads(tables["checkpoint"], tables["head"], kept.get(0, {}), keys, published)
    logs = sorted(tables["log"], key=lambda row: row["log_id"])
    present = {log_of(row) for row in logs}
    for log in sorted(heads, key=name):
        want(log in present, f"log {name(log)}: entry 0 is missing, and all that followed; checkpoints signed it")
    want(len(present) == len(logs), "a log is there twice")
    lost = given_up(tables["loss"], logs)

    groups = itertools.groupby(entries, key=lambda row: row["log_id"])
    identity, rows = next(groups, (None, ()))
    strays, count, uncovered = [], 0, 0
    for row in logs:
        while identity is not None and identity < row["log_id"]:
            strays.append(identity)
            identity, rows = next(groups, (None, ()))
        is_next = identity == row["log_id"]
        rows_of_log = rows if is_next else ()
        if row["topic"] == LOSSES:
            rows_of_log = same_as([loss for loss in tables["loss"] if loss["log_id"] == row["log_id"]], rows_of_log, row)
        found, rest = judge_log(
            row, rows_of_log, heads.get(log_of(row), []), kept.get(row["log_id"], {}), lost.get(log_of(row)))
        count, uncovered = count + found, uncovered + rest
        if is_next:
            identity, rows = next(groups, (None, ()))
    strays += [identity] if identity is not None else sorted(set(kept) - {0} - {row["log_id"] for row in logs})
    if strays:
        raise Fault(f"there are rows of log {strays[0]}, which does not exist")
    losses = "; ".join(words(lost[log_of(row)]) for row in logs if log_of(row) in lost)
    beside = f"; given up as lost: {losses}" if losses else ""
    archived = sum(row["archived"] for row in logs)
    beside += f"; {archived} entries before them are in archives, for verify_bundle.py" if archived else ""
    beside += f"; the last {uncovered} entries wait for the next checkpoint" if uncovered else ""
    return f"{count} entries in {len(logs)} logs and {len(tables['checkpoint'])} checkpoints: all fit{beside}."


LOSSES = "audit-losses"


def given_up(rows, logs):
    """By log: what an operator gave up as lost."""
    lost = {}
    for row in rows:
        entry = f"log {name((None, LOSSES, 0))}: entry {row['leaf_index']} names"
        try:
            loss = json.loads(unhex(row["sealed"]))
            holds = 0 <= loss["first"] < loss["end"] and any(log_of(log) == log_of(loss) for log in logs)
        except (ValueError, KeyError, TypeError):
            holds = False
        want(holds, f"{entry} nothing that was lost")
        want(log_of(loss) not in lost, f"{entry} what was given up before")
        lost[log_of(loss)] = loss
    return lost


def words(loss):
    return f"log {name(log_of(loss))}, entries {loss['first']} to {loss['end'] - 1}"


def same_as(losses, rows, log):
    """The entries of a log of losses, which must be those that were read ahead."""
    read = []
    for row in rows:
        read.append(row)
        yield row
    want(read == losses, f"log {name(log_of(log))}: its losses are not those of its entries")


def judge_heads(checkpoints, rows, kept, keys, published):
    """By log: size and root of each head that was signed, in order of size, without repeats."""
    outside = [(*read_checkpoint(line["checkpoint"], keys), line["heads"]) for line in published]
    rows = sorted(rows, key=lambda row: row["position"], reverse=True)
    tree, heads, last = Tree(), {}, {}
    for row in sorted(checkpoints, key=lambda row: row["size"]):
        at = f"checkpoint {row['size']}"
        try:
            size, root = read_checkpoint(row["note"], keys)
        except Fault as fault:
            raise Fault(f"{at}: {fault}") from None
        want(size == row["size"] > tree.size, f"{at}: its row does not give the size that was signed")
        snapshot = []
        while tree.size < size:
            want(rows and rows[-1]["position"] == tree.size, f"{at}: head {tree.size} is missing")
            head = rows.pop()
            snapshot.append((log_of(head), head["size"], unhex(head["root"])))
            tree.append(head_leaf(*snapshot[-1]))
        # What left the database comes first: it says which log was altered.
        while outside and outside[0][0] <= size:
            compare(outside.pop(0), size, tree.root(), snapshot)
        want(tree.root() == root, f"{at}: the heads before it are not those that were signed")
        now = {}
        for log, size, root in snapshot:
            want(log not in now, f"{at}: log {name(log)} is in it twice")
            before = last.get(log, (0, root))
            want(
                size > before[0] or (size, root) == before,
                f"log {name(log)}: {at} takes back what was signed before")
            now[log] = size, root
            if size > before[0]:
                heads.setdefault(log, []).append((size, root))
        for log in sorted(last.keys() - now.keys(), key=name):
            raise Fault(f"{at}: log {name(log)}, which was signed before, is not in it")
        last = now
    for size, _, _ in outside:
        raise Fault(f"checkpoint {size} was published and is not in the database: what it covers was taken back")
    for row in reversed(rows):
        raise Fault(f"head {row['position']} of log {name(log_of(row))} is covered by no checkpoint")
    want(kept == tree.kept, "the kept roots of the log of heads are not those of its heads")
    return heads


def compare(published, size, root, snapshot):
    """A checkpoint that left the database with the first one in it that is not smaller."""
    outer, signed, heads = published
    if (outer, signed) == (size, root):
        return
    now = {log: (size, root) for log, size, root in snapshot}
    for head in heads if outer == size else ():
        want(
            now.get(log_of(head)) == (head["size"], unbase64(head["root"], "a published head's root")),
            f"log {name(log_of(head))}: the head of its first {head['size']} entries in checkpoint {outer} is not the one "
            "that was published")
    raise Fault(f"checkpoint {outer}, as it was published, is not among those in the database")


def beginning(size, kept):
    """The tree of a log's archived entries, which are a multiple of 256, from its kept roots."""
    frontier, start = [], 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            base = height // 8 * 8
            first = start >> base
            row = [kept.get((base, place)) for place in range(first, first + (1 << height - base))]
            want(None not in row, f"the kept roots from {start} on are not whole")
            while len(row) > 1:
                row = [node(*pair) for pair in zip(row[::2], row[1::2])]
            frontier += row
            start += 1 << height
    return Tree(size, frontier)


def judge_log(log, rows, heads, kept, loss):
    """Returns how many entries there are, and how many of them no checkpoint covers."""
    place, first = f"log {name(log_of(log))}", log["archived"]
    want(first <= log["size"], f"{place}: more is archived than its {log['size']} entries")
    tree = beginning(first, kept)
    if loss:
        last = heads[-1][0] if heads else 0
        want(
            last == loss["end"], f"{place}: it was given up at {loss['end']} entries, and a checkpoint signed {last}")
        heads = [head for head in heads if head[0] <= loss["first"]]
    heads = [head for head in heads if head[0] >= first]
    if heads and heads[0][0] == first:
        want(
            heads.pop(0)[1] == tree.root(),
            f"{place}: the tree of its first {first} entries is not the one that was signed")
    covered, last = first, -1
    for row in rows:
        index, offset = row["leaf_index"], row["kafka_offset"]
        if 0 <= index < first:
            continue
        want(index >= 0, f"{place}: entry {index} is before the first")
        want(index <= tree.size, f"{place}: entry {tree.size} is missing")
        want(index == tree.size, f"{place}: entry {index} is there twice")
        leaf = entry_leaf(
            log_of(log), offset, row["kafka_timestamp_ms"], [row[text] for text in TEXTS], row["key_id"],
            unhex(row["sealed"]))
        want(
            leaf == unhex(row["leaf_hash"]) and offset > last,
            f"{place}: entry {index} (offset {offset}) is not what was received")
        last = offset
        tree.append(leaf)
        if heads and heads[0][0] == tree.size:
            want(
                heads.pop(0)[1] == tree.root(),
                f"{place}: its first {tree.size} entries are not those that were signed; the first altered one is among "
                f"{covered} to {index}")
            covered = tree.size
    stored = {key: root for key, root in kept.items() if key[1] + 1 << key[0] > first}
    for height, position in sorted(
            key for key in stored.keys() | tree.kept.keys() if stored.get(key) != tree.kept.get(key)):
        raise Fault(f"{place}: the kept root of its entries from {position << height} on is not theirs")
    for size, _ in heads:
        raise Fault(
            f"{place}: {tree.size} entries, where a checkpoint signed {size}; entry {tree.size} is missing")
    want(tree.size == log["size"], f"{place}: {tree.size} entries, where its state says {log['size']}")
    root = tree.root() if tree.size or log["root"] != "\\x" else b""
    want(
        (root, b"".join(tree.frontier)) == (unhex(log["root"]), unhex(log["frontier"])),
        f"{place}: the root over its {tree.size} entries is not the one recorded")
    return tree.size - first, 0 if loss else tree.size - covered


def verdict(path, keys, published):
    """The sentence, and whether it is a good one."""
    try:
        with open(path, encoding="utf-8", newline="\n") as file:
            return judge((line for line in file if line.strip()), keys, published), True
    except Fault as fault:
        return f"{fault}.", False
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        return f"the tables are not of their form: {type(error).__name__} {error}.", False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--key", action="append", required=True, help="public key: name+hash+key")
    parser.add_argument("--checkpoints", help="file of checkpoints that were kept outside the database")
    parser.add_argument("tables", nargs="+")
    arguments = parser.parse_args()
    keys, published = [read_key(text) for text in arguments.key], []
    if arguments.checkpoints:
        with open(arguments.checkpoints, encoding="utf-8", newline="\n") as file:
            # A last line without its end was never finished.
            published = [json.loads(line) for line in file if line.endswith("\n")]
    is_good = True
    for path in arguments.tables:
        sentence, holds = verdict(path, keys, published)
        print(sentence)
        is_good &= holds
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
