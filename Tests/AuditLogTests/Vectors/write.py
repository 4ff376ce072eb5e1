#!/usr/bin/env python3
"""Writes proofs.jsonl: proofs of small trees, each as it is and spoilt in every way in which the tests that transparency-dev
publishes for its verifiers spoil one. By the definitions of RFC 6962 (2.1 to 2.1.2), which recurse; ours are loops.

    write.py > proofs.jsonl
"""
import hashlib
import json

# The leaves of Certificate Transparency's published tests.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
EMPTY, OTHER = hashlib.sha256(b"").digest(), hashlib.sha256(b"another").digest()


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def split(leaves):
    size = 1
    while size * 2 < len(leaves):
        size *= 2
    return leaves[:size], leaves[size:]


def root(leaves):
    if len(leaves) < 2:
        return leaf(leaves[0]) if leaves else EMPTY
    left, right = split(leaves)
    return hashlib.sha256(b"\1" + root(left) + root(right)).digest()


def inclusion(index, leaves):
    if len(leaves) == 1:
        return []
    left, right = split(leaves)
    if index < len(left):
        return inclusion(index, left) + [root(right)]
    return inclusion(index - len(left), right) + [root(left)]


def consistency(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    left, right = split(leaves)
    if old <= len(left):
        return consistency(old, left, whole) + [root(right)]
    return consistency(old - len(left), right, False) + [root(left)]


def flip(data, bit):
    return data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


def spoilt_proofs(proof, roots):
    """What is wrong, and the proof."""
    for name, value in roots:
        yield f"{name} before it", [value] + proof
        yield f"{name} after it", proof + [value]
    yield "a stranger's hash before it", [OTHER] + proof
    yield "a stranger's hash after it", proof + [OTHER]
    yield "an empty hash after it", proof + [EMPTY]
    for place in range(len(proof)):
        for bit in (0, 3, 4, 255):
            yield f"bit {bit} of hash {place}", proof[:place] + [flip(proof[place], bit)] + proof[place + 1:]
        yield f"hash {place} left out", proof[:place] + proof[place + 1:]
        yield f"hash {place} twice", proof[:place] + [proof[place]] + proof[place:]
        yield f"a hash put in at {place}", proof[:place] + [OTHER] + proof[place:]
        yield f"hash {place} cut short", proof[:place] + [proof[place][:-1]] + proof[place + 1:]
    if proof:
        yield "no proof", []
        yield "the first hash alone", proof[:1] if len(proof) > 1 else proof + proof
    if len(proof) > 1:
        yield "in the other order", proof[::-1]


def spoilt_sizes(one, size):
    """What is wrong, and both numbers."""
    for name, value in (("one less", one - 1), ("one more", one + 1), ("2 flipped", one ^ 2), ("very large", 2**62)):
        if value >= 0:
            yield f"the first number {name}", value, size
    for name, value in (("doubled", size * 2), ("halved", size // 2), ("0", 0), ("one less", size - 1)):
        yield f"the second number {name}", one, value


def say(form, what, holds, one, size, old, new, proof):
    value = dict(form=form, what=what, holds=holds, one=one, size=size, old=old.hex(), new=new.hex(),
                 proof=[each.hex() for each in proof])
    print(json.dumps(value, sort_keys=True))


def write(form, one, size, old, new, proof):
    say(form, "as it is", True, one, size, old, new, proof)
    seen = {(one, size, old, new, tuple(proof))}

    def bad(what, one=one, size=size, old=old, new=new, proof=proof):
        key = one, size, old, new, tuple(proof)
        if key not in seen:
            seen.add(key)
            say(form, what, False, one, size, old, new, proof)

    for what, spoilt in spoilt_proofs(proof, [("the old root or leaf", old), ("the root", new)]):
        bad(what, proof=spoilt)
    for what, first, second in spoilt_sizes(one, size):
        # A root by itself says nothing of its size: where the way through the tree is the same, so is the verdict.
        if not same_way(form, one, size, first, second, old, new):
            bad(what, one=first, size=second)
    for what, value in (("nothing's", EMPTY), ("a stranger's", OTHER), ("one bit of", flip(old, 100))):
        bad(f"{what} leaf or old root", old=value)
    for what, value in (("nothing's", EMPTY), ("a stranger's", OTHER), ("one bit of", flip(new, 100))):
        bad(f"{what} root", new=value)
    bad("both the other way round", old=new, new=old)
    if size > 1 and one != size:
        bad("both a stranger's", old=OTHER, new=OTHER)


def way(one, size):
    """On which side each sibling stands, from the leaf up."""
    if size <= 1:
        return ()
    middle = 1
    while middle * 2 < size:
        middle *= 2
    return way(one, middle) + ("right",) if one < middle else way(one - middle, size - middle) + ("left",)


def same_way(form, one, size, first, second, old, new):
    if first >= second and form == "inclusion" or first > second:
        return False
    if form == "inclusion":
        return way(one, size) == way(first, second)
    if first == second or first == 0:
        return first == second and old == new
    power = lambda number: number & number - 1 == 0
    return way(one - 1, size) == way(first - 1, second) and power(one) == power(first)


for index, size in ((0, 1), (0, 8), (5, 8), (2, 3), (1, 5), (6, 7), (4, 5)):
    write("inclusion", index, size, leaf(LEAVES[index]), root(LEAVES[:size]), inclusion(index, LEAVES[:size]))
for old, size in ((1, 1), (8, 8), (1, 8), (6, 8), (2, 5), (6, 7), (4, 7), (3, 4)):
    write("consistency", old, size, root(LEAVES[:old]), root(LEAVES[:size]), consistency(old, LEAVES[:size]))
# Trees without leaves: nothing is in them, and every tree adds to them without a proof.
say("inclusion", "in a tree without leaves", False, 0, 0, leaf(b""), EMPTY, [])
say("consistency", "of nothing with nothing", True, 0, 0, EMPTY, EMPTY, [])
say("consistency", "of nothing with nothing, with a proof", False, 0, 0, EMPTY, EMPTY, [EMPTY])
say("consistency", "of nothing with something", True, 0, 5, EMPTY, root(LEAVES[:5]), [])
say("consistency", "of nothing with something, with a proof", False, 0, 5, EMPTY, root(LEAVES[:5]), [OTHER])
say("consistency", "of nothing with a root that nothing has", False, 0, 5, OTHER, root(LEAVES[:5]), [])
