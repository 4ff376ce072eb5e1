"""Rows of a view beside rows worked out anew: equal, each as often as the other; and never nothing with nothing unsaid."""
import collections
import datetime
import json
import re

from facts import instant, lines


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:", value):
        return instant(value).astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    return value


def compare(name, wanted, outside, empty=None, only=lambda row: True):
    """Prints how the rows of a view compare with those wanted, and returns whether they differ. `outside` are the columns that
    nothing published says, `only` which rows something published says; `empty` is why the view may have no row."""
    text = lambda row: json.dumps(plain({k: v for k, v in row.items() if k not in outside}), sort_keys=True)
    shown = list(filter(only, lines(f"views/{name}.jsonl")))
    left, right = collections.Counter(map(text, shown)), collections.Counter(map(text, wanted))
    if left == right and (shown or empty):
        print(f"{name}: {len(shown)} rows equal{'' if shown else ', ' + empty}")
        return False
    if left == right:
        print(f"{name}: 0 rows, and nothing was compared")
        return True
    only_shown, only_wanted = list((left - right).elements()), list((right - left).elements())
    print(f"{name}: {len(only_shown)} rows of the view and {len(only_wanted)} of the recomputation have no equal")
    for row in only_shown[:3]:
        print("  view       ", row)
    for row in only_wanted[:3]:
        print("  recomputed ", row)
    return True
