"""Counts working days without our code: one day at a time, from the same list of bank holidays.

Prints `date count result skipped` for every date of 2018 to 2028 and some counts either way; `none` where the
count leaves the loaded years.
"""
import datetime
import pathlib
import re

LIST = pathlib.Path(__file__).resolve().parents[2] / "Shared/StatutoryRules/Configuration/bank-holidays.yaml"
ONE = datetime.timedelta(days=1)

holidays, late = set(), set()
for line in LIST.read_text().splitlines():
    if line.startswith("  - "):
        dates = [datetime.date.fromisoformat(text) for text in re.findall(r"\d{4}-\d\d-\d\d", line)]
        holidays.add(dates[0])
        if len(dates) > 1:
            late.add(dates[0])
last = datetime.date(max(holidays).year, 12, 31)


def count(day, number):
    step, skipped = (ONE if number > 0 else -ONE), 0
    while number:
        day += step
        if day > last:
            return "none", 0
        if day.weekday() >= 5:
            continue
        if day in holidays:
            skipped += 1
            continue
        number -= 1 if number > 0 else -1
    return day.isoformat(), skipped


day = datetime.date(2018, 1, 1)
while day <= last:
    for number in (1, 2, 5, 15, 20, -1, -2, -5, -20):
        # A holiday announced late may not count: those spans have their own test.
        near = any(abs((day - holiday).days) < 60 for holiday in late)
        if not near:
            print(day.isoformat(), number, *count(day, number))
    day += ONE
