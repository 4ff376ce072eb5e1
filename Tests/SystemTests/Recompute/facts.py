"""What was published, as far as it stands, and the days of England and Wales. Read by every other module.

The folder that the program is given holds events.jsonl and directory.jsonl (as published), outcomes.jsonl (what scheduling
decided, as published) and today.txt.
"""
import bisect
import collections
import datetime
import json
import pathlib
import re
import sys
import zoneinfo

FOLDER = pathlib.Path(sys.argv[1])
LONDON = zoneinfo.ZoneInfo("Europe/London")
INITIAL = {"initial", "prebirth", "transfer_in"}
REVIEW = {"review", "combined"}
CARE_REVIEW = {"cla_review", "combined"}
NEEDLESS = ("not_substantiated", "substantiated_no_continuing_risk")
# The field that holds each event's own instant.
OWN = {
    "allocation.changed": "effectiveAt", "conference.scheduled": "dateSetAt", "conference.rescheduled": "rescheduledAt",
    "conference.postponement_decided": "decidedAt", "conference.cancelled": "cancelledAt",
    "conference.adjourned": "adjournedAt", "conference.held": "heldAt", "plan.started": "startedOn",
    "plan.ended": "endedOn", "plan.category_changed": "changedAt", "child.born": "bornAt", "child.died": "dateOfDeath",
    "pregnancy.edd_revised": "revisedAt", "pregnancy.ended": "endedOn", "child.became_looked_after": "startedOn",
    "child.looked_after_ended": "endedOn", "strategy_discussion.held": "heldAt", "s47_enquiry.started": "startedAt",
    "s47_enquiry.completed": "completedAt", "conference.requested": "requestedAt",
    "conference.convening_decided": "decidedAt", "transfer_in.notified": "notifiedAt",
    "transfer_out.notified": "notifiedAt", "conference.views_recorded": "recordedAt",
    "conference.child_participation_assessed": "assessedAt", "concern.referred": "referredAt",
    "conference.invite_list_submitted": "submittedAt", "conference.report_submitted": "submittedAt",
    "conference.record_issued": "sentAt", "conference.record_amendment_requested": "requestedAt",
    "conference.next_date_set": "dateSetAt", "early_review.decided": "decidedAt", "early_review.requested": "requestedAt",
    "child.moved_area": "movedOn", "child.left_country_reported": "reportedAt",
    "child.location_confirmed": "confirmedAt", "dissent.recorded": "recordedAt", "complaint.received": "receivedAt",
    "conference.exclusion_requested": "requestedAt", "court_order.made": "madeAt", "court_order.extended": "extendedAt",
    "court_order.ended": "endedAt", "prebirth_assessment.completed": "completedAt", "cin_plan.reviewed": "reviewedAt",
    "care_proceedings.started": "startedAt", "care_proceedings.concluded": "concludedAt", "plan.dual_decided": "decidedAt",
    "conference.invitations_sent": "sentAt", "conference.consultation_sent": "sentAt",
    "conference.report_shared": "sharedAt", "decision_letter.sent": "sentAt", "outline_plan.issued": "issuedAt",
    "letter.sent": "sentAt", "preproceedings_letter.sent": "sentAt", "dissent.escalated": "startedAt",
    "complaint.passed_on": "passedOnAt", "core_group.held": "heldAt", "progress_meeting.held": "heldAt",
    "transfer_out.conference_confirmed": "conferenceHeldAt", "child.whereabouts_decided": "decidedAt",
    "conference.chair_assigned": "assignedAt", "conference.deputy_nominated": "nominatedAt",
    "conference.exclusion_decided": "decidedAt", "conference.postponement_requested": "requestedAt",
    "complaint.concluded": "concludedAt", "plan.end_proposed": "proposedAt", "plan.actions_updated": "updatedAt",
}


def lines(name):
    with open(FOLDER / name) as file:
        return [json.loads(line) for line in file if line.strip()]


def day(text):
    if text is None:
        return None
    if len(text) == 10:
        return datetime.date.fromisoformat(text)
    return instant(text).astimezone(LONDON).date()


def instant(text):
    if len(text) == 10:
        return datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def months(start, count):
    index = start.year * 12 + start.month - 1 + count
    year, month = index // 12, index % 12 + 1
    last = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(1)).day
    return datetime.date(year, month, min(start.day, last))


def year_from(on):
    return datetime.date(on.year - (on.month < 4), 4, 1)


# --- Working days: the published list of bank holidays, as the project keeps it ---------------------------------------

KEPT = pathlib.Path(__file__).parents[3] / "Shared/StatutoryRules/Configuration/bank-holidays.yaml"
HOLIDAYS = set(map(datetime.date.fromisoformat, re.findall(r"(?m)^  - (?:\{date: )?([\d-]+)", KEPT.read_text())))
TODAY = datetime.date.fromisoformat((FOLDER / "today.txt").read_text().strip())
WORKING = []
at = datetime.date(2012, 1, 1)
while at <= datetime.date(max(h.year for h in HOLIDAYS), 12, 31):
    if at.weekday() < 5 and at not in HOLIDAYS:
        WORKING.append(at)
    at += datetime.timedelta(1)


def working_days(start, end):
    """After the start, through the end; negative where the end comes first."""
    return bisect.bisect_right(WORKING, end) - bisect.bisect_right(WORKING, start)


def working_day(start, count):
    """So many working days after a day, or before it; the day itself is none of them."""
    if count < 0:
        return WORKING[bisect.bisect_left(WORKING, start) + count]
    return WORKING[bisect.bisect_right(WORKING, start) + count - 1] if count else start


def fifteen(start):
    return start and working_day(start, 15)


def skipped(start, end):
    """Bank holidays that a count of working days from the one to the other stepped over."""
    if end < start:
        return sorted(h for h in HOLIDAYS if end <= h < start and h.weekday() < 5)
    return sorted(h for h in HOLIDAYS if start < h <= end and h.weekday() < 5)


def last_working_day(on):
    return WORKING[bisect.bisect_right(WORKING, on) - 1]


# --- The facts that stand --------------------------------------------------------------------------------------------

outcomes = lines("outcomes.jsonl")
NOW = max(instant(event["time"]) for event in outcomes)
newest = {}
for event in outcomes:
    data, revision = event["data"], event.get("caserevision", 0)
    key = data.get("deadlineId") or data.get("findingId")
    if key and (key not in newest or newest[key][0] <= revision):
        kept = newest.get(key)
        newest[key] = (revision, event, kept[1] if kept and "rule" not in data else event)
findings = [
    told for _, event, told in newest.values() if event["type"] == "quorate.finding.recorded.v1"
]
# What the program refused: compared with, and nothing else.
refused = {
    (event["authority"], event["subject"], event["data"]["rule"], event["data"]["refuses"])
    for event in findings if event["data"].get("refuses")}


def own(event):
    """The event's own instant or day, as it is written; None where it has none."""
    data = event.get("data") or {}
    found = data.get(OWN.get(event["type"][8:-3], ""))
    return data.get("dateOfBirth") if found is None and event["type"] == "quorate.child.born.v1" else found


def order(event, place=None):
    place = place or event
    time = instant(place["time"])
    at = own(event)
    return (instant(at) if at else time, time, event["source"], place["id"])


def standing(events):
    """What is left once corrections and retractions are applied, each in the place of the first of its chain, its root."""
    unique = {(e["source"], e["id"]): e for e in reversed(events)}
    heirs, takers = collections.defaultdict(list), collections.defaultdict(list)
    for event in unique.values():
        if event.get("supersedes"):
            heirs[event["source"], event["supersedes"]].append(event)
        if event.get("retracts"):
            takers[event["source"], event["retracts"]].append(event)

    def lives(event):
        return not any(lives(taker) for taker in takers[event["source"], event["id"]])

    def content(event):
        for heir in sorted(heirs[event["source"], event["id"]], key=order, reverse=True):
            found = content(heir)
            if found:
                return found
        return event if lives(event) else None

    left = []
    for event in unique.values():
        if event.get("supersedes"):
            continue
        found = content(event)
        if found and not found.get("retracts"):
            left.append((order(found, event), found | {"root": event["id"]}))
    return [event for _, event in sorted(left, key=lambda pair: pair[0])]


cases = collections.defaultdict(list)
for event in lines("events.jsonl"):
    cases[event["authority"], event["subject"]].append(event)
