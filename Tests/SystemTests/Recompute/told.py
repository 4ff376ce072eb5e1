#!/usr/bin/env python3
"""Works out anew, from what every worker published, the views of what was said to whom, of what the directory lacks, and of what
auditing received; and compares them with the views, row by row.

    told.py FOLDER

FOLDER holds what facts.py reads, told.jsonl (notification-events), letters.jsonl (letters that went back to
case-events), reports.jsonl (report-events) and views/NAME.jsonl. Exits 1
with the first differences.
"""
import collections
import sys
import uuid

from comparison import compare
from facts import cases, instant, lines, outcomes

NAMESPACE = uuid.UUID("4c1f6a0e-8b5d-4b7e-9d53-2f0a6e71c9d4")
told, reports = lines("told.jsonl"), lines("reports.jsonl")
views = collections.defaultdict(list)


def named(*parts):
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def short(event):
    return event["type"][len("quorate."):-len(".v1")]


# --- Notices, as scheduling told of them: each by its newest word ------------------------------------------------------

notices, stops = {}, {}
for event in sorted(outcomes, key=lambda e: e.get("caserevision", 0)):
    if short(event) == "notice.due":
        notices[event["data"]["noticeId"]] = event
        stops.pop(event["data"]["noticeId"], None)
    elif short(event) == "notice.withdrawn":
        stops[event["data"]["noticeId"]] = event
of_case = collections.defaultdict(list)
for name, event in notices.items():
    of_case[event["authority"], event["subject"]].append(name)
# Of those whom the authority itself has invited, notifications' own: the meeting for their calendar.
calendar = {}
for case, events in cases.items():
    for conference in {(event.get("data") or {}).get("conferenceId") for event in events} - {None}:
        name = named("meeting_for_calendar", *case, conference)
        calendar[name] = dict(data=dict(rule="E2", template="meeting_for_calendar"))
        of_case[case].append(name)
lists = collections.defaultdict(list)
for event in reports:
    lists[event["authority"]].append(event["data"]["listId"])

# --- Messages: the id of each is made of what it is about and of who gets it ------------------------------------------

words = collections.defaultdict(list)
for event in told:
    if short(event).startswith("notification."):
        words[event["authority"], event["data"]["notificationId"]].append((short(event)[len("notification."):], event))
people, first_told = collections.defaultdict(set), {}
for (authority, message), said in words.items():
    at = {outcome: max(e["data"][f"{outcome}At"] for o, e in said if o == outcome) for outcome, _ in said}
    last = max(said, key=lambda word: (word[1]["data"]["attempt"], ("sent", "failed", "delivered").index(word[0])))
    event, data = last[1], last[1]["data"]
    views["notification_outcome"].append(dict(
        authority=authority, message_id=message, case_reference=event["subject"], template=data["templateId"],
        recipient_id=data["recipientId"], channel=data["channel"], outcome=last[0], attempts=data["attempt"],
        sent_at=at.get("sent"), failed_at=at.get("failed"), delivered_at=at.get("delivered")))
    about = lambda names: next((n for n in names if named("message", authority, n, data["recipientId"]) == message), None)
    notice = about(of_case[authority, event["subject"]])
    body = (notices.get(notice) or calendar[notice])["data"] if notice else {}
    deadline = body.get("deadline") or {}
    views["notification_log"].append(dict(
        authority=authority, case_reference=event["subject"] if notice else None, message_id=message, notice_id=notice,
        list_id=None if notice else about(lists[authority]), rule=body.get("rule"), template=body.get("template", "list"),
        duty=deadline.get("duty"), duty_due=deadline.get("due"), recipient_id=data["recipientId"], channel=data["channel"],
        digest_on=None, state=last[0], attempts=data["attempt"], sent_at=at.get("sent"), delivery=None, delivered_at=None))
    if notice:
        people[notice].add(data["recipientId"])
        first_told[notice] = min(first_told.get(notice, at["sent"]), at["sent"])

# --- Escalations -----------------------------------------------------------------------------------------------------

raised = {event["id"]: event["data"]["raisedAt"] for event in told if short(event) == "escalation.raised"}
for name, event in notices.items():
    data, stop = event["data"], stops.get(name)
    if not data["template"].endswith("_escalation"):
        continue
    cause = stop and stop["data"]["cause"]
    views["escalation"].append(dict(
        authority=event["authority"], case_reference=event["subject"], conference_id=data["subject"].get("conferenceId"),
        child_id=data["subject"].get("childId"), duty=data["deadline"]["duty"], duty_due=data["deadline"]["due"],
        rung=data["level"], notice_id=name, rule=data["rule"], template=data["template"], entry_at=data["dueAt"],
        raised_at=raised.get(named("escalation.raised", name)), people_told=len(people[name]),
        first_told_at=first_told.get(name), acknowledged_at=None, acknowledged_by=None, stopped_at=stop and stop["time"],
        state="open" if not stop else "taken_back" if cause == "correction" else "answered"))

# --- What the directory lacks ----------------------------------------------------------------------------------------

gaps = {}
for event in sorted(told, key=lambda e: instant(e["time"])):
    if short(event) == "finding.recorded":
        gaps[event["data"]["findingId"]] = event
    elif short(event) == "finding.cleared":
        gaps.pop(event["data"]["findingId"], None)
for name, event in gaps.items():
    data = event["data"]
    views["directory_gap"].append(dict(
        authority=event["authority"], case_reference=event["subject"], finding_id=name, role=data["role"], code=data["code"],
        recorded_at=data["recordedAt"]))

# --- What auditing received: everything, once -------------------------------------------------------------------------

topics = {"case-events": lines("events.jsonl") + lines("letters.jsonl"), "directory-events": lines("directory.jsonl"), "case-outcomes": outcomes,
          "notification-events": told, "report-events": reports}
for topic, events in topics.items():
    for event in events:
        views["audit_trail"].append(dict(
            topic=topic, authority=event["authority"], case_reference=event["subject"], event_type=event["type"],
            event_source=event["source"], event_id=event["id"], correlation_id=event.get("correlationid"),
            given_up=False))

# --- Comparison ------------------------------------------------------------------------------------------------------

READ = {"changed_at", "data_as_at"}
# In which of the roles asked for somebody is told is the directory's, and why a letter waited for a person is told nobody.
LOG = READ | {"recipient_role", "intended_at", "hold", "outcome", "released_at"}
differ = [compare(name, views[name], READ) for name in ("escalation", "notification_outcome", "directory_gap")]
# What waits for a person, or was never said, is in no topic.
differ.append(compare("notification_log", views["notification_log"], LOG,
                      only=lambda row: row["state"] in ("sent", "failed") and row["channel"] != "none"))
# Where and when it was received stands in no event.
differ.append(compare("audit_trail", views["audit_trail"], READ | {"recorded_at", "received_at", "partition", "kafka_offset"}))
places = collections.defaultdict(list)
for row in lines("views/audit_trail.jsonl"):
    places[row["topic"], row["partition"]].append(row["kafka_offset"])
for place, offsets in places.items():
    if sorted(offsets) != list(range(len(offsets))):
        print(f"audit_trail: not every offset of {place} once")
        differ.append(True)
sys.exit(any(differ))
