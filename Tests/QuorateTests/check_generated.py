#!/usr/bin/env python3
"""Checks generated sample histories: the contract's basics always, England's proportions where the sample is large.

    quorate generate --cases 5000 --from 2020-01-01 --to 2025-12-31 | check_generated.py [FILE] [--holidays FILE]

Reads structured CloudEvents, one a line. Exits 1 with what is wrong, 0 with the figures found.
"""
import argparse
import collections
import datetime
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
ENVELOPE = ("specversion", "id", "source", "type", "subject", "time", "authority", "datacontenttype", "data")
# Without these an event has no meaning: its ids, its date.
REQUIRED = {
    "child.registered": ["childId"],
    "child.born": ["childId", "bornAt"],
    "child.died": ["childId", "dateOfDeath"],
    "child.became_looked_after": ["childId", "startedOn"],
    "child.looked_after_ended": ["childId", "endedOn"],
    "strategy_discussion.held": ["discussionId", "childIds", "heldAt"],
    "s47_enquiry.started": ["enquiryId", "childIds", "startedAt"],
    "s47_enquiry.completed": ["enquiryId", "completedAt", "outcomes"],
    "court_order.made": ["orderId", "childIds", "orderType"],
    "court_order.extended": ["orderId", "newExpiresAt"],
    "court_order.ended": ["orderId", "endedAt"],
    "transfer_in.notified": ["childId", "notifiedAt"],
    "transfer_out.notified": ["childId", "notifiedAt"],
    "transfer_out.conference_confirmed": ["childId", "conferenceHeldAt"],
    "conference.requested": ["conferenceId"],
    "conference.convening_decided": ["conferenceId", "decision"],
    "conference.scheduled": ["conferenceId", "conferenceType", "childIds", "startsAt", "dateSetAt"],
    "conference.rescheduled": ["conferenceId", "newStartsAt"],
    "conference.postponement_decided": ["conferenceId", "agreed"],
    "conference.invite_list_submitted": ["conferenceId", "submittedAt", "invitees"],
    "conference.report_submitted": ["reportId", "conferenceId", "submittedAt"],
    "conference.report_shared": ["reportId", "sharedAt"],
    "conference.held": ["conferenceId", "heldAt", "decisions"],
    "conference.record_issued": ["conferenceId", "sentAt"],
    "decision_letter.sent": ["conferenceId", "sentAt"],
    "plan.started": ["planId", "childId", "startedOn"],
    "plan.ended": ["planId", "endedOn"],
    "core_group.held": ["planId", "heldAt"],
}
# Seen in any sample of 400 cases or more.
WANTED = set(REQUIRED) | {
    "conference.postponement_requested", "conference.next_date_set", "child.left_country_reported",
    "child.location_confirmed", "case.reopened", "case.closed", "family_member.recorded", "letter.sent",
    "allocation.changed", "conference.consultation_sent", "pregnancy.recorded",
}
CONFERENCE_TYPES = {"initial", "prebirth", "transfer_in", "review", "cla_review", "combined"}
PLANNED = {"startsAt", "endsAt", "newStartsAt", "oldStartsAt", "expiresAt", "newExpiresAt", "dueAt"}

faults = collections.Counter()
examples = {}


def fault(kind, line):
    faults[kind] += 1
    examples.setdefault(kind, line[:300])


def moment(text):
    """The instant, or of a bare date its first moment in UTC."""
    if len(text) == 10:
        text += "T00:00:00Z"
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def london(text):
    """The London date of an instant or a bare date."""
    if len(text) == 10:
        return datetime.date.fromisoformat(text)
    at = moment(text).astimezone(datetime.timezone.utc)

    def last_sunday(month):
        day = datetime.datetime(at.year, month, 31, 1, tzinfo=datetime.timezone.utc)
        return day - datetime.timedelta(days=(day.weekday() + 1) % 7)

    summer = last_sunday(3) <= at < last_sunday(10)
    return (at + datetime.timedelta(hours=1 if summer else 0)).date()


def times(data):
    """Every (field, value) that the contract says is a time."""
    if isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, str) and (name.endswith(("At", "On")) or name in ("dateOfBirth", "dateOfDeath", "edd")):
                yield name, value
            else:
                yield from times(value)
    elif isinstance(data, list):
        for value in data:
            yield from times(value)


def months_on(day, months):
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return datetime.date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError


def read(stream, known):
    seen, events, cases = {}, [], collections.Counter()
    twice = inversions = 0
    latest = ""
    for line in stream:
        line = line.rstrip("\n")
        event = json.loads(line)
        missing = [name for name in ENVELOPE if name not in event]
        if missing:
            fault(f"no {missing[0]} in the envelope", line)
            continue
        match = re.fullmatch(r"quorate\.([a-z0-9_.]+)\.v1", event["type"])
        name = match and match.group(1)
        if not name or (known and name not in known):
            fault("unknown type", line)
        if not INSTANT.fullmatch(event["time"]):
            fault("time is not RFC 3339 with zone", line)
        if len(event["subject"].encode()) > 200 or not re.fullmatch(r"E\d{8}", event["authority"]):
            fault("subject or authority", line)
        key = (event["source"], event["id"])
        if key in seen:
            twice += 1
            if seen[key] != hash(line):
                fault("one id, two contents", line)
            continue
        seen[key] = hash(line)
        cases[event["authority"], event["subject"]] += 1
        if event["time"] < latest:
            inversions += 1
        latest = max(latest, event["time"])
        data = event["data"]
        if "retracts" not in event:
            for field in REQUIRED.get(name, []):
                if field not in data:
                    fault(f"{name} lacks {field}", line)
        for field, value in times(data):
            day = field.endswith("On") or field in ("dateOfBirth", "dateOfDeath", "edd")
            if not (DATE.fullmatch(value) if day else INSTANT.fullmatch(value) or DATE.fullmatch(value)):
                fault(f"{field} is not {'a date' if day else 'an instant'}", line)
        if data.get("conferenceType", "initial") not in CONFERENCE_TYPES:
            fault("conferenceType", line)
        events.append((name, event))
    return events, cases, twice, inversions


def live(events):
    """What stands after corrections and retractions."""
    dead = set()
    for _, event in events:
        for link in ("supersedes", "retracts"):
            if link in event:
                dead.add((event["source"], event[link]))
    return [
        (name, event) for name, event in events
        if (event["source"], event["id"]) not in dead and "retracts" not in event
    ]


def near(what, found, expected, tolerance=3.0):
    print(f"{what:<48}{found:8.1f}   expected {expected:5.1f}")
    if abs(found - expected) > tolerance:
        fault(f"{what}: {found:.1f}, expected {expected}", "")


def proportions(events, holidays, last):
    def working_days(start, end):
        count, day = 0, start
        while day < end:
            day += datetime.timedelta(days=1)
            count += day.weekday() < 5 and day not in holidays
        return count

    enquiries, requested, plans = {}, {}, {}
    held = collections.defaultdict(list)
    ended, durations, conferences = [], [], []
    for name, event in events:
        data = event["data"]
        if name == "s47_enquiry.started":
            enquiries[data["enquiryId"]] = london(data["startedAt"])
        elif name == "conference.requested" and "enquiryId" in data:
            requested[data["conferenceId"]] = data["enquiryId"]
        elif name == "conference.held":
            held[data["conferenceId"]].append(event)
        elif name == "plan.started":
            plans[data["planId"]] = datetime.date.fromisoformat(data["startedOn"])
        elif name == "plan.ended":
            ended.append((event["subject"], data["planId"], datetime.date.fromisoformat(data["endedOn"])))
    settled = {key for key, day in enquiries.items() if (last - day).days > 120}
    for conference, enquiry in requested.items():
        if enquiry in settled and conference in held:
            data = held[conference][-1]["data"]
            conferences.append(any(row["decision"] == "plan" for row in data["decisions"]))
            durations.append(working_days(enquiries[enquiry], london(data["heldAt"])))
    near("enquiries that reach a conference, %", 100 * len(conferences) / len(settled), 31)
    near("conferences that make a plan, %", 100 * sum(conferences) / len(conferences), 86)
    share = lambda low, high: 100 * sum(low <= days <= high for days in durations) / len(durations)
    for low, high, expected in ((0, 10, 8.7), (11, 15, 72.7), (16, 20, 8.9), (21, 999, 9.7)):
        near(f"conferences on working days {low}-{high}, %", share(low, high), expected)
    durations.sort()
    for quarter, expected in ((1, 13), (2, 14), (3, 15)):
        near(f"quartile {quarter}, working days", durations[len(durations) * quarter // 4], expected, 0)
    # Of plans begun long enough ago that each could have ended; one a case, since siblings' plans end together.
    lengths = list({
        subject: (end - plans[plan]).days
        for subject, plan, end in ended if plan in plans and (last - plans[plan]).days > 1200}.values())
    if len(lengths) > 300:
        bins = ((0, 92, 15.9), (93, 183, 11.0), (184, 365, 43.5), (366, 730, 25.2), (731, 9999, 4.3))
        for low, high, expected in bins:
            near(f"ended plans of {low}-{high} days, %", 100 * sum(low <= n <= high for n in lengths) / len(lengths), expected)
    reviews(events)


def reviews(events):
    by_case = collections.defaultdict(list)
    for name, event in events:
        data = event["data"]
        if name == "conference.held" and data["conferenceType"] != "cla_review":
            by_case[event["authority"], event["subject"]].append((london(data["heldAt"]), data))
    in_time = total = 0
    for meetings in by_case.values():
        meetings.sort(key=lambda meeting: meeting[0])
        for (before, first), (after, second) in zip(meetings, meetings[1:]):
            if second["conferenceType"] in ("review", "combined"):
                total += 1
                in_time += after <= months_on(before, 6 if first["conferenceType"] in ("review", "combined") else 3)
    near("reviews held in time, %", 100 * in_time / total, 91, 6)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", nargs="?")
    parser.add_argument("--holidays", help="the published bank holidays as JSON with `dates`")
    arguments = parser.parse_args()
    types = ROOT / "Shared/StatutoryRules/Facts/EventType.swift"
    known = set(re.findall(r'= "([a-z0-9_.]+)"', types.read_text())) if types.exists() else set()
    holidays = arguments.holidays or next(
        (path for path in sorted((ROOT / "Shared").glob("**/*bank-holidays*.json"))), None)
    with open(arguments.file) if arguments.file else sys.stdin as stream:
        events, cases, twice, inversions = read(stream, known)
    count = len(events)
    kinds = collections.Counter(name for name, _ in events)
    print(f"{count} events of {len(kinds)} types in {len(cases)} cases ({count / len(cases):.1f} a case), {twice} sent twice,")
    print(f"{inversions} out of order, {sum('supersedes' in e for _, e in events)} corrections, {sum('retracts' in e for _, e in events)} retractions")
    if len(cases) >= 60 and count / len(cases) < 20:
        fault(f"only {count / len(cases):.1f} events a case", "")
    if len(cases) >= 60 and not (twice and inversions and inversions < count * 0.05):
        fault("duplicates and disorder: some, not many", "")
    ahead = 0
    for name, event in events:
        own = [value for field, value in times(event["data"]) if field not in PLANNED and field.endswith("At")]
        if own and name.split(".")[-1] in ("held", "started", "completed", "submitted", "sent", "requested"):
            ahead += moment(own[0]) > moment(event["time"])
    if ahead > count * 0.01:
        fault(f"{ahead} events recorded before they happened", "")
    if len(cases) >= 400 and kinds and not kinds.keys() <= {"person.recorded", "team.recorded", "role_mailbox.recorded"}:
        for name in sorted(WANTED - set(kinds)):
            fault(f"no {name}", "")
    if len(cases) >= 2000 and holidays:
        dates = {datetime.date.fromisoformat(text) for text in json.load(open(holidays))["dates"]}
        last = max(moment(event["time"]) for _, event in events).date()
        proportions(live(events), dates, last)
    for kind, times_found in faults.most_common():
        print(f"FAULT {times_found}x {kind}\n      {examples[kind]}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
