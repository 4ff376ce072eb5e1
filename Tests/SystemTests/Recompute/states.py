"""How a duty stands: from its day, what was done, what took it away and what is booked for it (rulebook, C4; evaluate.md)."""
import collections
import datetime
import math
import uuid

from acts import when
from facts import LONDON, day, instant, last_working_day, working_day
from limits import HOURS

State = collections.namedtuple("State", "name due act late_days late_hours")
NAMESPACE = uuid.UUID("4c1f6a0e-8b5d-4b7e-9d53-2f0a6e71c9d4")
# Working days before the day to act by on which it comes to be at risk with nothing done; of every other duty one.
MEETINGS = dict.fromkeys((
    "initial_conference", "transfer_in_conference", "receiving_conference", "emergency_order_conference", "inquorate_follow_up",
    "first_review", "later_review", "first_looked_after_review", "second_looked_after_review", "later_looked_after_review"), 5)


def identity(authority, subject, row):
    """Made of its case, rule, subject and occasion, each part with its length in bytes."""
    parts = ("deadline", authority, subject, row.rule, row.duty, row.child or "", row.conference or "", row.plan or "",
             row.occasion)
    return str(uuid.uuid5(NAMESPACE, "".join(f"{len(part.encode())}:{part}" for part in parts)))


def midnight(on):
    return datetime.datetime.combine(on, datetime.time(), LONDON)


def end_of(on):
    return midnight(on + datetime.timedelta(1)) - datetime.timedelta(microseconds=1)


def hours_after(at, count):
    return (at.astimezone(datetime.timezone.utc) + datetime.timedelta(hours=count)).astimezone(LONDON)


def limits(row):
    """The instants between which it runs out: one, unless hours are counted from a day."""
    if isinstance(row.due, datetime.datetime):
        return row.due, row.due
    if row.unit == HOURS:
        return hours_after(midnight(row.on), row.count), hours_after(end_of(row.on), row.count)
    return end_of(row.due), end_of(row.due)


def is_withdrawn(row):
    """What was missed before the end stays missed, and what was met before it stays met."""
    if not row.off:
        return False
    if row.off.on is None:
        return not row.act
    if row.act and day(row.act.at) <= row.off.on:
        return False
    return row.due is None or london_day(row.due) >= row.off.on


def london_day(due):
    return due.astimezone(LONDON).date() if isinstance(due, datetime.datetime) else due


def risk_begins(row):
    """With nothing booked some days ahead, of hours at half time; booked too late at once, in time once that day went by."""
    if row.unit == HOURS:
        lead = hours_after(limits(row)[0], -abs(row.count) / 2)
    else:
        act_by = london_day(row.due) if isinstance(row.due, datetime.datetime) else last_working_day(row.due)
        lead = midnight(working_day(act_by, -MEETINGS.get(row.duty, 1)))
    if not row.booked:
        return lead
    starts, made = row.booked
    timed = isinstance(row.due, datetime.datetime)
    if instant(starts) > row.due if timed else day(starts) > row.due:
        return min(lead, max(midnight(row.on), instant(made) if made else midnight(row.on)))
    return max(lead, midnight(day(starts) + datetime.timedelta(1)))


def settled(row):
    first, last = limits(row)
    began, ended = instant(row.act.at), when(row.act.at)
    if row.unit != HOURS and not isinstance(row.due, datetime.datetime):
        over = (day(row.act.at) - row.due).days
        return State("met_late" if over > 0 else "met", row.due, row.act, over if over > 0 else None, None)
    if ended <= first:
        return State("met", row.due, row.act, None, None)
    if began > last:
        return State("met_late", row.due, row.act, None, math.ceil((began - last).total_seconds() / 3600))
    # Hours are judged only where every time of the day gives the same answer.
    return State("undated", None, None, None, None)


def state(row, now):
    plain = lambda name: State(name, row.due, None, None, None)
    if is_withdrawn(row):
        return plain("withdrawn")
    if row.due is None:
        return plain("undated")
    if row.act:
        return settled(row)
    if now > limits(row)[1]:
        return plain("withdrawn" if row.window else "missed")
    return plain("pending" if row.window or now < risk_begins(row) else "at_risk")
