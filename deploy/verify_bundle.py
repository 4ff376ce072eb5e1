#!/usr/bin/env python3
"""Judges a bundle of Quorate's audit log, with Python's standard library alone.

    verify_bundle.py --key NAME+HASH+KEY [--key ...] BUNDLE...

Written from docs/audit-format.md, independently of Quorate's own code. Prints one sentence for each bundle; exit status 1
where one does not hold, with the first place that does not.
"""
import argparse
import base64
import functools
import hashlib
import json
import struct
import sys


class Fault(Exception):
    pass


def sha256(data):
    return hashlib.sha256(data).digest()


def want(holds, what):
    if not holds:
        raise Fault(what)


# Ed25519 (RFC 8032, 5.1): verification only, with the curve's points in affine coordinates.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P)


def times(scalar, point):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def point(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if y >= P or x * x % P != square or x == 0 and sign:
        return None
    return (P - x if x & 1 != sign else x, y)


BASE = point(bytes([0x58]) + bytes([0x66]) * 31)


@functools.lru_cache(64)
def signed(key, message, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return times(s, BASE) == add(r, times(challenge, a))


# Checkpoints: a signed note.

def read_key(text):
    name, digits, rest = text.split("+", 2)
    key = base64.b64decode(rest, validate=True)
    identity = sha256(name.encode() + b"\n" + key)[:4]
    if identity.hex() != digits or key[0] != 1 or len(key) != 33:
        sys.exit(f"--key {text}: not an Ed25519 verifier key")
    return name, identity, key[1:]


def read_checkpoint(note, keys):
    text, separator, signatures = note.rpartition("\n\n")
    want(separator and signatures.endswith("\n"), "the checkpoint has no signatures")
    text += "\n"
    lines = text.split("\n")
    want(len(lines) >= 4 and lines[1].isascii() and lines[1].isdigit(), "the checkpoint has no size")
    origin, size, root = lines[0], int(lines[1]), unbase64(lines[2], "the checkpoint's root")
    is_signed = False
    for line in signatures[:-1].split("\n"):
        parts = line.split(" ")
        want(len(parts) == 3 and parts[0] == "\u2014", "the checkpoint has a line that is no signature")
        data = unbase64(parts[2], "a signature")
        want(base64.b64encode(data).decode() == parts[2], "a signature has bits that count for nothing")
        for name, identity, key in keys:
            if (name, identity) == (parts[1], data[:4]):
                want(signed(key, text.encode(), data[4:]), f"the signature of {name} does not fit the note")
                is_signed |= name == origin
    want(is_signed, f"checkpoint {size} is signed by no key that is trusted")
    return size, root


# Trees (RFC 6962 hashing; proofs of RFC 9162).

def node(left, right):
    return sha256(b"\1" + left + right)


class Tree:
    """The roots of the complete subtrees that the leaves make up, largest first; kept, those of 256 leaves, 65,536 and so on."""

    def __init__(self, size=0, frontier=()):
        want(len(frontier) == bin(size).count("1"), "a frontier does not belong to its size")
        self.size, self.frontier, self.kept = size, list(frontier), {}

    def append(self, leaf):
        rest, height = self.size, 0
        while rest & 1:
            leaf = node(self.frontier.pop(), leaf)
            rest, height = rest >> 1, height + 1
            if height % 8 == 0:
                self.kept[height, rest] = leaf
        self.frontier.append(leaf)
        self.size += 1

    def root(self):
        if not self.frontier:
            return sha256(b"")
        root = self.frontier[-1]
        for left in reversed(self.frontier[:-1]):
            root = node(left, root)
        return root


def included(leaf, index, size, root, path):
    if not 0 <= index < size:
        return False
    place, last = index, size - 1
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            leaf = node(sibling, leaf)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = node(leaf, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and leaf == root


def consistent(old_root, old, root, size, path):
    if not 0 <= old <= size:
        return False
    if old == size:
        return not path and old_root == root
    if old == 0:
        return not path and old_root == sha256(b"")
    path = ([old_root] if old & (old - 1) == 0 else []) + path
    if not path:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = now = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, now = node(sibling, before), node(sibling, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node(now, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and now == root


# Leaves: fields, each a 4-byte length (all ones for none) and its bytes.

def field(value):
    if value is None:
        return b"\xff\xff\xff\xff"
    if isinstance(value, str):
        value = value.encode()
    return struct.pack(">I", len(value)) + value


def number(value, width="q"):
    return field(struct.pack(">" + width, value))


def head_leaf(log, size, root):
    cluster, topic, partition = log
    return sha256(b"\0\2" + field(cluster) + field(topic) + number(partition, "i") + number(size) + field(root))


def entry_leaf(log, offset, timestamp, texts, key, sealed):
    """Texts: type, source, id, authority, subject, correlation id."""
    cluster, topic, partition = log
    return sha256(
        b"\0\1" + field(cluster) + field(topic) + number(partition, "i") + number(offset) + number(timestamp)
        + b"".join(map(field, texts)) + number(key) + field(sha256(sealed)))


# Bundles.

def unbase64(text, what):
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise Fault(f"{what} is no base64") from None


def hashes(texts):
    return [unbase64(text, "a hash") for text in texts]


def read_snapshot(snapshot, keys):
    """Size and root of the log of heads, and the heads of the snapshot by log."""
    size, root = read_checkpoint(snapshot["checkpoint"], keys)
    tree, heads = Tree(snapshot["headsBefore"], hashes(snapshot["frontier"])), {}
    for head in snapshot["heads"]:
        log = head["cluster"], head["topic"], head["partition"]
        heads[log] = head
        tree.append(head_leaf(log, head["size"], unbase64(head["root"], "a head's root")))
    want(tree.size == size and tree.root() == root, f"checkpoint {size}: the heads are not those that it signed")
    return size, root, heads


def judge(lines, keys):
    lines = iter(lines)
    top = json.loads(next(lines, "{}"))
    want(
        top.get("format") == "quorate-audit-bundle-2" and isinstance(top.get("whole"), bool),
        "this is no bundle of the form quorate-audit-bundle-2")
    size, root, heads = read_snapshot(top["until"], keys)
    if not top["whole"]:
        return judge_single(lines, heads, size)
    since, old = 0, {}
    if top.get("since") is not None:
        since, old_root, old = read_snapshot(top["since"], keys)
        want(
            since <= size and consistent(old_root, since, root, size, hashes(top["consistency"])),
            f"checkpoint {size} does not add to checkpoint {since}")
    count = logs = 0
    for identity, head in heads.items():
        before = old.get(identity, {"size": 0, "root": base64.b64encode(sha256(b"")).decode()})
        if before["size"] < head["size"]:
            judge_section(lines, identity, before, head)
            count, logs = count + head["size"] - before["size"], logs + 1
    want(next(lines, None) is None, f"after {count} entries: there is more than the checkpoints cover")
    start = f"after checkpoint {since}" if since else "all"
    return (
        f"{count} entries in {logs} logs, {start} up to checkpoint {size}, are what was signed: unaltered, "
        "and none is missing.")


def judge_section(lines, identity, before, head):
    """All entries of a log between two heads of it."""
    place = f"log {identity[1]}/{identity[2]}"
    first, end = before["size"], head["size"]
    section = json.loads(next(lines, "{}"))
    want(
        tuple(section.get(name) for name in ("cluster", "topic", "partition")) == identity
        and (section["first"], section["entries"]) == (first, end - first),
        f"{place}: entries {first} to {end - 1} are missing")
    tree, offset = Tree(first, hashes(section["frontier"])), -1
    want(
        tree.root() == unbase64(before["root"], "a head's root"),
        f"{place}: the tree before entry {first} is not the one that was signed")
    for index in range(first, end):
        leaf, found = judge_entry(lines, identity, place, index)
        want(found > offset, f"{place}: entry {index} (offset {found}) is out of order")
        offset = found
        tree.append(leaf)
    want(
        tree.root() == unbase64(head["root"], "a head's root"),
        f"{place}: entries {first} to {end - 1} are not those that were signed")


def judge_entry(lines, log, place, index):
    entry = json.loads(next(lines, "{}"))
    want(entry.get("entry") == index, f"{place}: entry {index} is missing")
    texts = [entry.get(name) for name in ("type", "source", "id", "authority", "subject", "correlation")]
    sealed = unbase64(entry["sealed"], "a sealed record")
    leaf = entry_leaf(log, entry["offset"], entry["timestamp"], texts, entry["key"], sealed)
    want(
        leaf == unbase64(entry["leaf"], "a leaf"),
        f"{place}: entry {index} (offset {entry['offset']}) is not what was received")
    return leaf, entry["offset"]


def judge_single(lines, heads, size):
    """Entries with an inclusion proof each."""
    count, logs = 0, set()
    for line in lines:
        section = json.loads(line)
        identity = section["cluster"], section["topic"], section["partition"]
        place, index = f"log {section['topic']}/{section['partition']}", section["first"]
        want(
            identity in heads and 0 <= index < heads[identity]["size"] and section["entries"] == 1,
            f"{place}: checkpoint {size} does not cover entry {index}")
        leaf, _ = judge_entry(lines, identity, place, index)
        head = heads[identity]
        want(
            included(leaf, index, head["size"], unbase64(head["root"], "a head's root"), hashes(section["inclusion"])),
            f"{place}: entry {index} is not in the log that was signed")
        count += 1
        logs.add(identity)
    want(count > 0, "the bundle holds no entry")
    return f"{count} entries in {len(logs)} logs are in the log whose checkpoint {size} was signed, unaltered."


def verdict(path, keys):
    """The sentence, and whether it is a good one."""
    try:
        with open(path, encoding="utf-8") as file:
            return judge((line for line in file if line.strip()), keys), True
    except Fault as fault:
        return f"{fault}.", False
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        return f"the bundle is not of its form: {type(error).__name__} {error}.", False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--key", action="append", required=True, help="public key: name+hash+key")
    parser.add_argument("bundle", nargs="+")
    arguments = parser.parse_args()
    keys = [read_key(text) for text in arguments.key]
    is_good = True
    for path in arguments.bundle:
        sentence, holds = verdict(path, keys)
        print(sentence)
        is_good &= holds
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
