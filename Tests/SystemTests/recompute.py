#!/usr/bin/env python3
"""Works out the measures of schema analysis anew and compares them with the views, row by row.

    recompute.py FOLDER

FOLDER holds events.jsonl and directory.jsonl (as published), outcomes.jsonl (what scheduling decided, as published),
holidays.json (a list of dates), today.txt, and views/NAME.jsonl (the rows of each view). Definitions are those of the
specification, worked out from the events; nothing here was taken from the workers. Exits 1 with the first differences.
"""
import bisect
import collections
import datetime
import json
import pathlib
import statistics
import sys
import zoneinfo

FOLDER = pathlib.Path(sys.argv[1])
LONDON = zoneinfo.ZoneInfo("Europe/London")
INITIAL = {"initial", "prebirth", "transfer_in"}
REVIEW = {"review", "combined"}
CARE_REVIEW = {"cla_review", "combined"}
CODES = {"neglect": "NEG", "physical_abuse": "PHY", "sexual_abuse": "SAB", "emotional_abuse": "EMO", "multiple": "MUL"}
REPORTS = {"social_worker_report", "agency_report", "agency_report_shared", "report_to_chair"}
LETTERS = {
    "decision_letter_parents", "decision_letter_all", "conference_record", "parents_record", "record_amendments",
    "ending_letter_agencies", "death_letter", "left_country_letter", "preproceedings_letter", "move_notice",
}
NEEDLESS = ("not_substantiated", "substantiated_no_continuing_risk")
STAFF = ("social_worker_id", "team_id", "service_id")
NOBODY = (None, dict.fromkeys(STAFF), None)
# The field that holds each event's own instant, where order matters here.
OWN = {
    "allocation.changed": "effectiveAt", "conference.scheduled": "dateSetAt", "conference.rescheduled": "rescheduledAt",
    "conference.postponement_decided": "decidedAt", "conference.cancelled": "cancelledAt",
    "conference.adjourned": "adjournedAt", "conference.held": "heldAt", "plan.started": "startedOn",
    "plan.ended": "endedOn", "plan.category_changed": "changedAt", "child.born": "bornAt", "child.died": "dateOfDeath",
    "pregnancy.edd_revised": "revisedAt", "pregnancy.ended": "endedOn", "child.became_looked_after": "startedOn",
    "strategy_discussion.held": "heldAt", "s47_enquiry.started": "startedAt", "s47_enquiry.completed": "completedAt",
    "conference.requested": "requestedAt", "conference.convening_decided": "decidedAt",
    "transfer_in.notified": "notifiedAt", "conference.views_recorded": "recordedAt",
    "conference.child_participation_assessed": "assessedAt", "concern.referred": "referredAt",
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


HOLIDAYS = {datetime.date.fromisoformat(text) for text in json.loads((FOLDER / "holidays.json").read_text())}
TODAY = datetime.date.fromisoformat((FOLDER / "today.txt").read_text().strip())
FIRST = datetime.date(2012, 1, 1)
WORKING = []
at = FIRST
while at <= datetime.date(max(h.year for h in HOLIDAYS), 12, 31):
    if at.weekday() < 5 and at not in HOLIDAYS:
        WORKING.append(at)
    at += datetime.timedelta(1)


def working_days(start, end):
    """After the start, through the end; negative where the end comes first."""
    return bisect.bisect_right(WORKING, end) - bisect.bisect_right(WORKING, start)


def fifteen(start):
    return start and WORKING[bisect.bisect_right(WORKING, start) + 14]


# --- The facts that stand --------------------------------------------------------------------------------------------

outcomes = lines("outcomes.jsonl")
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
refused = collections.defaultdict(set)
lacking = collections.defaultdict(set)
for event in findings:
    case, data = (event["authority"], event["subject"]), event["data"]
    if data.get("refuses"):
        refused[case].add(data["refuses"])
    if data["rule"] == "LON-3.10a" and "childId" in data["subject"]:
        lacking[case + (data["subject"].get("conferenceId"),)].add(data["subject"]["childId"])


def order(event, place=None):
    place = place or event
    own = event["data"].get(OWN.get(event["type"][8:-3], "")) if event.get("data") else None
    if own is None and event["type"] == "quorate.child.born.v1":
        own = event["data"].get("dateOfBirth")
    time = instant(place["time"])
    return (instant(own) if own else time, time, event["source"], place["id"])


def standing(events):
    """What is left once corrections and retractions are applied, each in the place of the first of its chain."""
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
            left.append((order(found, event), found))
    return [event for _, event in sorted(left, key=lambda pair: pair[0])]


cases = collections.defaultdict(list)
for event in lines("events.jsonl"):
    cases[event["authority"], event["subject"]].append(event)

staff = {}
for event in lines("directory.jsonl"):
    kind = {"quorate.person.recorded.v1": "person", "quorate.team.recorded.v1": "team"}.get(event["type"])
    if kind:
        data = event["data"]
        key = (event["authority"], kind, data["personId" if kind == "person" else "teamId"])
        word = (event["time"], event["source"], event["id"])
        if key not in staff or staff[key][0] < word:
            staff[key] = (word, data)


# --- One case --------------------------------------------------------------------------------------------------------

Plan = collections.namedtuple("Plan", "authority case id child start end ground conference first latest earlier")
views = collections.defaultdict(list)
plans, enquiries, sittings, conferences_by_event = [], [], [], {}
conference_types, conference_children, plan_child, children = {}, {}, {}, {}
drawn = {}


class Case:
    def __init__(self, authority, subject, events):
        self.authority, self.subject = authority, subject
        self.conferences, self.postponements, self.agreed = {}, [], {}
        self.plans, self.ends, self.categories, self.earlier = {}, {}, collections.defaultdict(list), {}
        self.discussions, self.enquiries, self.completed = [], {}, {}
        self.requests, self.convening, self.lives_ended = {}, {}, {}
        self.requested, self.booked = {}, {}
        self.born, self.due, self.registered = {}, {}, set()
        self.teams, self.workers = {}, {}
        self.periods, self.period_ends, self.moves = {}, collections.defaultdict(list), []
        self.methods, self.advocates = collections.defaultdict(set), set()
        self.concerns, self.removals = [], []
        for event in standing(events):
            is_refused = event["id"] in refused[authority, subject]
            name, data = event["type"][8:-3], event["data"]
            self.postponement(name, data, event, is_refused)
            if not is_refused:
                self.take(name, data, event)

    def conference(self, name, kind=None, ids=()):
        found = self.conferences.setdefault(
            name, dict(id=name, type=None, children=set(), starts=None, held=None, event=None, broken=None, claim=None,
                       decisions={}, attendees=[]))
        found["type"] = kind or found["type"]
        found["children"] |= set(ids)
        return found

    def book(self, name, starts):
        found = self.conference(name)
        found["starts"], found["broken"] = starts, None

    def take(self, name, data, event):
        ids = data.get("childIds") or ([data["childId"]] if "childId" in data else [])
        child, meeting = data.get("childId"), data.get("conferenceId")
        if name == "child.registered":
            self.registered.add(child)
            if data.get("dateOfBirth"):
                self.born[child] = day(data["dateOfBirth"])
            if data.get("edd"):
                self.due[child] = day(data["edd"])
            allocated = data.get("allocated") or {}
            if allocated.get("socialWorkerId"):
                self.workers[child] = allocated["socialWorkerId"]
            if allocated.get("teamId"):
                self.teams[child] = allocated["teamId"]
        elif name == "child.born":
            self.born[child] = day(data.get("dateOfBirth") or data.get("bornAt"))
        elif name == "child.died":
            self.lives_ended[child] = day(data["dateOfDeath"])
        elif name == "pregnancy.recorded":
            self.due[child] = day(data["edd"])
        elif name == "pregnancy.edd_revised":
            self.due[child] = day(data["newEdd"])
        elif name == "pregnancy.ended" and data.get("outcome") == "loss":
            self.lives_ended[child] = day(data["endedOn"])
        elif name == "allocation.changed" and data.get("role") == "social_worker":
            self.workers[child] = data.get("toPersonId")
        elif name == "strategy_discussion.held":
            self.discussions.append(data | {"on": day(data["heldAt"]), "children": ids})
        elif name == "s47_enquiry.started":
            self.enquiries[data["enquiryId"]] = data | {"children": ids}
        elif name == "s47_enquiry.completed":
            self.completed[data["enquiryId"]] = data
        elif name == "transfer_in.notified":
            self.moves.append(data)
        elif name == "child.became_looked_after":
            self.periods[child, day(data["startedOn"])] = data.get("legalBasis")
        elif name == "child.looked_after_ended":
            self.period_ends[child].append(day(data["endedOn"]))
        elif name == "concern.referred":
            self.concerns.append(data)
        elif name == "child.removed_from_care":
            self.removals.append(data)
        elif name == "plan.started":
            self.plans[data["planId"]] = data
            self.earlier[data["planId"]] = (data.get("census") or {}).get("NumberOfPreviousCPP")
        elif name == "plan.ended":
            self.ends[data["planId"]] = data
        elif name == "plan.category_changed":
            self.categories[data["planId"]].append(data["newCategory"])
        elif name == "conference.requested":
            self.conference(meeting, data.get("conferenceType"), ids)
            self.requests[meeting] = data.get("enquiryId")
            if data.get("requestedAt"):
                self.requested[meeting] = day(data["requestedAt"])
        elif name == "conference.convening_decided":
            self.convening[meeting] = data["decision"]
        elif name == "conference.scheduled":
            self.conference(meeting, data.get("conferenceType"), ids)
            if data.get("dateSetAt"):
                self.booked.setdefault(meeting, day(data["dateSetAt"]))
            self.book(meeting, data["startsAt"])
        elif name == "conference.rescheduled":
            self.book(meeting, data["newStartsAt"])
        elif name == "conference.postponement_decided" and data.get("agreed"):
            if data.get("newStartsAt"):
                self.book(meeting, data["newStartsAt"])
            elif data.get("action") != "cancel":
                self.conference(meeting)["broken"] = "adjourned" if data.get("action") == "adjourn" else "postponed"
        elif name == "conference.adjourned":
            self.conference(meeting)["broken"] = "adjourned"
            if data.get("newStartsAt"):
                self.book(meeting, data["newStartsAt"])
        elif name == "conference.cancelled":
            self.conference(meeting)["broken"] = "cancelled"
        elif name in ("conference.chair_assigned", "conference.exclusion_decided"):
            self.conference(meeting)
        elif name == "conference.report_submitted" and data.get("agency", "childrens_social_care") == "childrens_social_care":
            self.conference(meeting)
        elif name == "conference.held":
            decided = {d["childId"]: d for d in data.get("decisions") or []}
            found = self.conference(meeting, data.get("conferenceType"), list(ids) + list(decided))
            found.update(held=day(data["heldAt"]), at=instant(data["heldAt"]), event=event["id"],
                         claim=data.get("quorumClaim"), decisions=decided, attendees=data.get("attendees") or [])
        elif name == "conference.views_recorded":
            if child and data.get("personId", child) == child:
                self.methods[meeting, child].add(data.get("method", ""))
        elif name == "conference.child_participation_assessed" and data.get("advocateId"):
            self.advocates.add((meeting, child))

    def postponement(self, name, data, event, is_refused):
        meeting = data.get("conferenceId")

        def note(action, agreed, reason, at):
            on = day(at) if at else instant(event["time"]).astimezone(LONDON).date()
            self.postponements.append((event["id"], meeting, action, agreed, reason, on))

        def covered(decision, starts):
            if meeting not in self.agreed:
                return False
            identity, date = self.agreed[meeting]
            if decision:
                return decision == identity
            return not starts or not date or day(starts) == day(date)

        if name == "conference.postponement_decided":
            agreed = data.get("agreed") is True and not is_refused
            note(data.get("action", "postpone"), agreed, data.get("reasonCode"), data.get("decidedAt"))
            if agreed:
                self.agreed[meeting] = (event["id"], data.get("newStartsAt"))
        elif name == "conference.cancelled" and not covered(data.get("decisionEventId"), None):
            note("cancel", not is_refused, None, data.get("cancelledAt"))
        elif name == "conference.adjourned" and not covered(data.get("decisionEventId"), data.get("newStartsAt")):
            note("adjourn", not is_refused, data.get("reasonCode"), data.get("adjournedAt"))
        elif name == "conference.rescheduled":
            starts = self.conferences.get(meeting, {}).get("starts")
            is_later = starts is not None and day(data["newStartsAt"]) > day(starts)
            if is_later and not covered(data.get("decisionEventId"), data["newStartsAt"]):
                note("postpone", not is_refused, data.get("reasonCode"), data.get("rescheduledAt"))

    def held(self, child, kinds):
        found = [c for c in self.conferences.values() if c["held"] and c["type"] in kinds and child in c["children"]]
        return sorted(found, key=lambda c: (c["at"], c["id"]))

    def people(self, child):
        worker = self.workers.get(child)
        known = child in self.registered or child in self.born or child in self.due
        if not known:
            return dict(social_worker_id=None, team_id=None, service_id=None)
        own = staff.get((self.authority, "person", worker), (0, {}))[1].get("teamId")
        team = own or self.teams.get(child)
        above = staff.get((self.authority, "team", team), (0, {}))[1]
        return dict(social_worker_id=worker, team_id=team,
                    service_id=above.get("parentTeamId") or above.get("serviceManagerId"))

    def participation(self, meeting, child):
        born = self.born.get(child)
        if not meeting["attendees"] or not born or born > meeting["held"]:
            return None
        if meeting["held"] < months(born, 48):
            return "PN0"
        methods = self.methods[meeting["id"], child]
        advocate = (meeting["id"], child) in self.advocates or methods & {"advocate", "advocacy"}
        if any(a.get("personId") == child for a in meeting["attendees"]):
            if advocate:
                return "PN2"
            if not methods:
                return None
            return "PN3" if methods <= {"symbols", "drawing", "non_verbal", "worksheet"} else "PN1"
        return "PN5" if advocate else "PN6" if methods else "PN7"


def draw(case):
    base = dict(authority=case.authority, case_reference=case.subject)
    known = case.registered | set(case.born) | set(case.due)
    for child in known:
        people = case.people(child)
        children[case.authority, case.subject, child] = (case.born.get(child), people, case.due.get(child))
        views["child"].append(base | dict(child_id=child, born_on=case.born.get(child), expected_on=case.due.get(child),
                                          died_on=case.lives_ended.get(child)) | people)
    for meeting in case.conferences.values():
        conference_types[case.authority, case.subject, meeting["id"]] = meeting["type"]
        conference_children[case.authority, case.subject, meeting["id"]] = sorted(meeting["children"])
        if meeting["event"]:
            conferences_by_event[case.authority, case.subject, meeting["event"]] = meeting
        views["meeting"].append(base | dict(
            conference_id=meeting["id"], conference_type=meeting["type"], child_ids=sorted(meeting["children"]),
            starts_on=day(meeting["starts"]), held_on=meeting["held"],
            state="held" if meeting["held"] else meeting["broken"] or ("scheduled" if meeting["starts"] else "requested")))
    for identity, data in case.plans.items():
        child, start = data["childId"], day(data["startedOn"])
        life = case.lives_ended.get(child)
        told = day(case.ends[identity]["endedOn"]) if identity in case.ends else None
        end = min([d for d in (told, life and max(life, start)) if d], default=None)
        ground = None if not end else case.ends[identity].get("groundCode") if told == end else "life_ended"
        first = data.get("category") or next(iter(case.categories[identity]), None)
        latest = (case.categories[identity] or [first])[-1]
        plans.append(Plan(case.authority, case.subject, identity, child, start, end, ground, data.get("conferenceId"),
                          first, latest, case.earlier[identity]))
        plan_child[case.authority, case.subject, identity] = child
    for identity, data in case.enquiries.items():
        for child in data["children"]:
            enquiries.append(enquiry(case, identity, data, child))
    for identity, meeting, action, agreed, reason, on in case.postponements:
        found = case.conferences.get(meeting)
        views["postponement"].append(base | dict(
            event_id=identity, conference_id=meeting, conference_type=found and found["type"], action=action,
            agreed=agreed, reason=reason, decided_on=on, starts_on=found and day(found["starts"]),
            held_on=found and found["held"]))
    for concern in case.concerns:
        child, on = concern["childId"], day(concern["referredAt"])
        expected = day(concern.get("edd")) or case.due.get(child)
        if (on < case.born[child]) if child in case.born else expected:
            views["prebirth_referral"].append(base | dict(
                child_id=child, agency=concern.get("agency"), referred_on=on,
                gestation_weeks=max(0, 280 - (expected - on).days) // 7 if expected else None))
    for move in case.moves:
        child, on = move["childId"], day(move["notifiedAt"])
        meeting = next((c for c in case.held(child, INITIAL) if c["held"] >= on), None)
        people = case.people(child)
        row = base | dict(
            child_id=child, notified_on=on, permanent=move.get("permanent"), from_authority=move.get("fromAuthorityId"),
            original_plan_started_on=day(move.get("originalPlanStart")), target_on=fifteen(on),
            conference_id=meeting and meeting["id"], conference_on=meeting and meeting["held"],
            working_days=meeting and working_days(on, meeting["held"]), team_id=people["team_id"],
            service_id=people["service_id"])
        views["transfer_in_timeliness"].append(row)
    for meeting in case.conferences.values():
        if meeting["held"]:
            sittings.extend((case, meeting, child) for child in meeting["children"])


def first_discussion(case, data, child):
    named = next((d for d in case.discussions if d["discussionId"] == data.get("discussionId")), None)
    began = [d for d in case.discussions
             if d.get("initiatedS47") and child in d["children"] and d["on"] <= day(data["startedAt"])]
    return named or max(began, key=lambda d: instant(d["heldAt"]), default=None)


def result(case, identity, child):
    told = case.completed.get(identity, {}).get("outcomes", [])
    return next((o["outcome"] for o in told if o["childId"] == child), None)


def declined(case, identity):
    asked = [c for c, named in case.requests.items() if named == identity]
    return bool(asked) and all(case.convening.get(c) == "no" for c in asked)


def answers(case, child):
    """By enquiry of a child the first conference that answers it. A conference answers one enquiry: the one that it was
    requested for; else that in whose time, up to the next enquiry, it was asked for. Where the enquiry came to nothing,
    only a request since its beginning leads to a conference of it after that."""
    times = []
    for identity, data in case.enquiries.items():
        if child in data["children"]:
            start, first = day(data["startedAt"]), first_discussion(case, data, child)
            times.append((min(start, first["on"]) if first else start, identity))
    times.sort()
    found = {}
    for meeting in case.held(child, INITIAL):
        name, on = meeting["id"], meeting["held"]
        named = case.requests.get(name)
        if named and (named not in case.enquiries or child in case.enquiries[named]["children"]):
            found.setdefault(named, meeting)
            continue
        asked = case.requested.get(name) or case.booked.get(name) or on
        place = max(bisect.bisect_right([start for start, _ in times], asked) - 1, 0)
        if not times or times[place][0] > on:
            continue
        start, identity = times[place]
        over = None
        if result(case, identity, child) in NEEDLESS:
            over = day(case.completed[identity]["completedAt"])
        elif declined(case, identity):
            over = start
        if over and on > over and not (name in case.requested and case.requested[name] >= start):
            continue
        found.setdefault(identity, meeting)
    return found


def enquiry(case, identity, data, child):
    start = day(data["startedAt"])
    first = first_discussion(case, data, child)
    discussion = first and first["on"]
    meeting = answers(case, child).get(identity)
    on = meeting and meeting["held"]
    done = case.completed.get(identity)
    outcome = result(case, identity, child)
    beginnings = {e.get("discussionId") for e in case.enquiries.values()}
    later = max((d["on"] for d in case.discussions if first and child in d["children"] and d["on"] > discussion
                 and d["discussionId"] not in beginnings and (not on or d["on"] <= on)), default=None)
    unneeded = None
    if not on:
        if child in case.lives_ended:
            unneeded = "life_ended"
        elif outcome in NEEDLESS:
            unneeded = outcome
        elif declined(case, identity):
            unneeded = "not_convened"
    return dict(case=case, id=identity, child=child, start=start, discussion=discussion, meeting=meeting, on=on,
                completed=done and day(done["completedAt"]), outcome=outcome, later=later, unneeded=unneeded,
                fault=bool(on and on < start))


for (authority, subject), events in cases.items():
    drawn[authority, subject] = Case(authority, subject, events)
    draw(drawn[authority, subject])

# --- Enquiries and conferences ---------------------------------------------------------------------------------------

for e in enquiries:
    case, on = e["case"], e["on"]
    base = dict(authority=case.authority, case_reference=case.subject)
    people = case.people(e["child"])
    target = fifteen(e["discussion"])
    named = f'{e["id"]}:{e["child"]}'
    views["ssd_s47_enquiry"].append(base | dict(
        s47e_s47_enquiry_id=named, s47e_referral_id=None, s47e_person_id=e["child"], s47e_s47_start_date=e["start"],
        s47e_s47_end_date=e["completed"],
        s47e_s47_nfa=None if not e["completed"] else "Y" if e["outcome"] == "not_substantiated" else "N",
        s47e_s47_outcome_json={"OUTCOME_NFA_FLAG": "Y" if e["outcome"] == "not_substantiated" else "N",
                               "OUTCOME_CP_CONFERENCE_FLAG": "Y" if on else "N"},
        s47e_s47_completed_by_team=people["team_id"], s47e_s47_completed_by_worker_id=people["social_worker_id"],
        discussion_on=e["discussion"], outcome=e["outcome"]))
    if on:
        views["icpc_timeliness"].append(base | dict(
            enquiry_id=e["id"], child_id=e["child"], started_on=e["start"], discussion_on=e["discussion"],
            target_on=target, conference_id=e["meeting"]["id"], conference_on=on, year_from=year_from(on),
            working_days_from_start=None if e["fault"] else working_days(e["start"], on),
            working_days_from_discussion=None if e["fault"] or not e["discussion"] else working_days(e["discussion"], on),
            data_fault="conference_before_enquiry" if e["fault"] else None))
    elif not e["unneeded"] and fifteen(e["start"]) < TODAY:
        views["s47_open_without_conference"].append(base | people | dict(
            enquiry_id=e["id"], child_id=e["child"], started_on=e["start"], discussion_on=e["discussion"],
            target_on=target, outcome=e["outcome"], days_open=(TODAY - e["start"]).days))
    if e["later"] and fifteen(e["later"]) > target:
        views["restrategised"].append(base | dict(
            enquiry_id=e["id"], child_id=e["child"], started_on=e["start"], discussion_on=e["discussion"],
            target_on=target, later_discussion_on=e["later"], later_target_on=fifteen(e["later"]),
            conference_id=e["meeting"] and e["meeting"]["id"], conference_on=on,
            hides_lateness=None if not on else target < on <= fifteen(e["later"])))


def quartile(values, part):
    place = part * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def share(part, whole):
    # Halves away from zero, as people round.
    return None if whole == 0 else int((part * 2000 + whole) // (2 * whole)) / 10


def secret(number):
    return "c" if 1 <= number <= 5 else str(number)


def total(number):
    return None if number is None else "c" if 1 <= number <= 5 else str((number + 5) // 10 * 10)


def secret_share(part, rest):
    """Of the counts in a share and the other counts of its whole: a suppressed one could be worked back from it."""
    if sum(part) + sum(rest) == 0:
        return None
    if "c" in map(secret, part + rest):
        return "c"
    return f"{share(sum(part), sum(part) + sum(rest)):.1f}"


def grouped(rows, *names):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups.items()


for (authority, year), rows in grouped(views["icpc_timeliness"], "authority", "year_from"):
    days = sorted(r["working_days_from_start"] for r in rows if r["working_days_from_start"] is not None)
    bins = [sum(low <= d <= high for d in days) for low, high in ((0, 10), (11, 15), (16, 20), (21, 10**6))]
    names = ["days_0_10", "days_11_15", "days_16_20", "days_21_or_more"]
    faults = len(rows) - len(days)
    views["icpc_bins"].append(dict(
        authority=authority, year_from=year, conferences=len(rows), data_faults=faults, **dict(zip(names, bins)),
        within_15_percent=share(bins[0] + bins[1], len(days)),
        lower_quartile=quartile(days, 0.25) if days else None, median=statistics.median(days) if days else None,
        upper_quartile=quartile(days, 0.75) if days else None))
    views["icpc_bins_published"].append(dict(
        authority=authority, year_from=year, conferences=total(len(rows)), data_faults=secret(faults),
        **dict(zip(names, map(secret, bins))), within_15_percent=secret_share(bins[:2], bins[2:])))

made = {}
for p in plans:
    if p.conference:
        key = (p.authority, p.case, p.conference, p.child)
        made[key] = min(made.get(key, p.id), p.id)
led = {}
for e in sorted(enquiries, key=lambda e: (e["start"], e["id"])):
    if e["on"]:
        led.setdefault((e["case"].authority, e["case"].subject, e["meeting"]["id"], e["child"]), e)
moved = {}
for row in views["transfer_in_timeliness"]:
    if row["conference_id"]:
        key = (row["authority"], row["case_reference"], row["conference_id"], row["child_id"])
        moved[key] = min(moved.get(key, row["target_on"]), row["target_on"])

# --- Duties ----------------------------------------------------------------------------------------------------------

event_types = {}
for case, told in cases.items():
    for event in told:
        key = case + (event["id"],)
        event_types[key] = min(event_types.get(key, event["type"]), event["type"])
duties = []
for identity, (revision, event, _) in newest.items():
    data = event["data"]
    if "deadlineId" not in data or "rule" not in data or data["state"] == "superseded":
        continue
    case = (event["authority"], event["subject"])
    subject = data["subject"]
    child = subject.get("childId") or plan_child.get(case + (subject.get("planId"),))
    if not child:
        child = next(iter(conference_children.get(case + (subject.get("conferenceId"),), [])), None)
    born, people, _ = children.get(case + (child,), NOBODY)
    due, met = day(data["due"]), day(data.get("metOn"))
    anchor, limit = data["anchor"], data["limit"] or {}
    views["duty_reason"].append(dict(
        authority=case[0], case_reference=case[1], deadline_id=identity, rule=data["rule"], duty=data["duty"],
        policy=data["policy"], provenance=data["provenance"], citation=data["citation"], anchor_event=anchor["event"],
        anchor_type=event_types.get(case + (anchor["event"],)), anchor_on=day(anchor["on"]), limit_count=limit.get("count"),
        limit_unit=limit.get("unit"), skipped_on=data["skipped"]))
    state = data["state"]
    outcome = ("known_late" if data.get("reason") == "known_late" else "data_fault" if state == "undated"
               else "pending" if state in ("pending", "at_risk")
               else "too_recent" if state == "missed" and (TODAY - due).days <= 7 else state)
    timed = data["due"] and len(data["due"]) > 10
    duties.append(people | dict(
        authority=case[0], case_reference=case[1], deadline_id=identity, rule=data["rule"], duty=data["duty"],
        policy=data["policy"], provenance=data["provenance"], citation=data["citation"], child_id=child,
        conference_id=subject.get("conferenceId"), plan_id=subject.get("planId"), anchor_on=day(data["anchor"]["on"]),
        due_on=due, due_at=instant(data["due"]) if timed else None, act_by_on=day(data["actBy"]), state=state,
        outcome=outcome, met_on=met, met_by=data.get("metBy"), margin_days=(due - met).days if due and met else None,
        late_days=data.get("lateDays"), late_hours=data.get("lateHours"),
        days_overdue=(TODAY - due).days if state == "missed" else None, known_late=data.get("reason") == "known_late",
        born=born))


def only(row, *names):
    return {name: row[name] for name in names}


def band(age, limits):
    return next(name for limit, name in limits if age <= limit)


def age_band(born):
    if not born:
        return "not known"
    if born > TODAY:
        return "unborn"
    for years, name in ((1, "0"), (5, "1-4"), (10, "5-9"), (16, "10-15")):
        if TODAY < months(born, 12 * years):
            return name
    return "16+"


due_date = {}
for d in duties:
    case = (d["authority"], d["case_reference"])
    views["duty"].append({k: v for k, v in d.items() if k not in ("known_late", "born")})
    review = conferences_by_event.get(case + (d["met_by"],), {})
    common = only(d, "authority", "case_reference", "deadline_id", "rule", "policy", "child_id", "anchor_on", "due_on", "state",
                  "outcome", "margin_days", "days_overdue", *STAFF)
    common |= dict(conference_id=review.get("id"), held_on=review.get("held"))
    if d["duty"] in ("first_review", "later_review"):
        views["cp_review_duty"].append(common | dict(plan_id=d["plan_id"], is_first=d["duty"] == "first_review"))
        key = case + (d["plan_id"], d["met_by"])
        due_date[key] = min(due_date.get(key, d["due_on"]), d["due_on"])
    if d["duty"].endswith("looked_after_review"):
        views["cla_review_duty"].append(common | dict(duty=d["duty"]))
        if d["due_on"]:
            key = case + (d["child_id"], d["met_by"])
            due_date[key] = min(due_date.get(key, d["due_on"]), d["due_on"])
    owed = only(d, "authority", "case_reference", "deadline_id", "rule", "duty", "conference_id", "child_id", "due_on",
                "met_on", "outcome", "margin_days", *STAFF)
    if d["duty"] in REPORTS:
        views["report_timeliness"].append(owed | dict(
            conference_type=conference_types.get(case + (d["conference_id"],))))
    if d["duty"] in LETTERS:
        views["letter_timeliness"].append(owed | only(d, "plan_id"))
    if d["state"] == "missed":
        views["overdue"].append(only(d, "authority", "case_reference", "deadline_id", "rule", "duty", "child_id",
                                     "conference_id", "plan_id", "due_on", "days_overdue", *STAFF) | dict(
            overdue_band=band(d["days_overdue"], ((7, "1-7"), (28, "8-28"), (91, "29-91"), (10**6, "92+"))),
            age_band=age_band(d["born"])))
    if d["state"] in ("pending", "at_risk") and d["due_on"] and 0 <= (d["due_on"] - TODAY).days <= 28:
        left = (d["due_on"] - TODAY).days
        row = only(d, "authority", "case_reference", "deadline_id", "rule", "duty", "child_id", "conference_id", "plan_id",
                   "due_on", "due_at", "act_by_on", "state", "provenance", *STAFF) | dict(days_left=left)
        for name, limit in (("due_soon", 28), ("due_next_28_days", 28), ("due_next_14_days", 14), ("due_next_7_days", 7)):
            if left <= limit:
                views[name].append(row)

for d in duties:
    d["due_month"] = d["due_on"] and d["due_on"].replace(day=1)
keys = ("authority", "policy", "rule", "duty", "provenance", "service_id", "team_id", "due_month")
for key, rows in grouped(duties, *keys):
    count = collections.Counter(r["outcome"] for r in rows)
    margins = [r["margin_days"] for r in rows if r["outcome"] in ("met", "met_late")]
    views["duty_timeliness"].append(dict(zip(keys, key)) | dict(
        duties=len(rows), met=count["met"], met_late=count["met_late"], missed=count["missed"], pending=count["pending"],
        withdrawn=count["withdrawn"], too_recent=count["too_recent"], data_fault=count["data_fault"],
        known_late=count["known_late"], met_percent=share(count["met"], count["met"] + count["met_late"] + count["missed"]),
        median_margin_days=statistics.median(margins) if margins else None,
        least_margin_days=min(margins) if margins else None))
for (authority, duty, due), rows in grouped([d for d in duties if d["due_on"]], "authority", "duty", "due_on"):
    count = collections.Counter(r["outcome"] for r in rows)
    judged = dict(met=count["met"], met_late=count["met_late"], missed=count["missed"])
    if any(judged.values()):
        views["duty_judged"].append(dict(authority=authority, duty=duty, due_on=due) | judged)
for d in duties:
    d["year_from"] = d["due_on"] and year_from(d["due_on"])
for (authority, duty, year), rows in grouped([d for d in duties if d["due_on"]], "authority", "duty", "year_from"):
    count = collections.Counter(r["outcome"] for r in rows)
    views["duty_timeliness_published"].append(dict(
        authority=authority, duty=duty, year_from=year, met=secret(count["met"]), met_late=secret(count["met_late"]),
        missed=secret(count["missed"]), duties=total(len(rows)),
        met_percent=secret_share([count["met"]], [count["met_late"], count["missed"]])))

# --- Meetings by child -----------------------------------------------------------------------------------------------

plans_of = collections.defaultdict(list)
for p in plans:
    plans_of[p.authority, p.child].append(p)

for case, meeting, child in sittings:
    base = dict(authority=case.authority, case_reference=case.subject)
    key = (case.authority, case.subject, meeting["id"], child)
    people, decision = case.people(child), meeting["decisions"].get(child, {}).get("decision")
    identity = f'{meeting["id"]}:{child}'
    if meeting["type"] in INITIAL:
        e, plan = led.get(key), made.get(key)
        flag = "Y" if plan or decision == "plan" else "N"
        views["ssd_initial_cp_conference"].append(base | dict(
            icpc_icpc_id=identity, icpc_icpc_meeting_id=meeting["id"], icpc_s47_enquiry_id=e and f'{e["id"]}:{child}',
            icpc_person_id=child, icpc_cp_plan_id=plan, icpc_referral_id=None,
            icpc_icpc_transfer_in="Y" if meeting["type"] == "transfer_in" or key in moved else "N",
            icpc_icpc_target_date=(e and fifteen(e["discussion"])) or moved.get(key), icpc_icpc_date=meeting["held"],
            icpc_icpc_outcome_cp_flag=flag, icpc_icpc_outcome_json={"OUTCOME_CP_FLAG": flag},
            icpc_icpc_team=people["team_id"], icpc_icpc_worker_id=people["social_worker_id"]))
    if meeting["type"] in INITIAL | REVIEW:
        short = lacking[case.authority, case.subject, meeting["id"]]
        judged = ("inquorate" if child in short else "quorate" if meeting["claim"] == "inquorate" and short
                  else meeting["claim"])
        views["quorum"].append(base | dict(
            conference_id=meeting["id"], child_id=child, conference_type=meeting["type"], held_on=meeting["held"],
            quorum_claim=meeting["claim"], quorum=judged))
    if meeting["type"] in REVIEW:
        for p in plans_of[case.authority, child]:
            if p.case == case.subject and p.start < meeting["held"] and (not p.end or p.end >= meeting["held"]):
                views["ssd_cp_reviews"].append(base | dict(
                    cppr_cp_review_id=identity, cppr_person_id=child, cppr_cp_plan_id=p.id,
                    cppr_cp_review_due=due_date.get((p.authority, p.case, p.id, meeting["event"])),
                    cppr_cp_review_date=meeting["held"], cppr_cp_review_meeting_id=meeting["id"],
                    cppr_cp_review_outcome_continue_cpp={"continue": "Y", "end": "N"}.get(decision),
                    cppr_cp_review_quorate={"inquorate": "N", "quorate": "Y", "quorate_by_exception": "Y"}.get(judged),
                    cppr_cp_review_participation=case.participation(meeting, child)))

for authority, subject in cases:
    case = drawn[authority, subject]
    for removal in case.removals:
        child, on = removal["childId"], day(removal["removedAt"])
        mine = lambda rows, key: sorted(rows, key=key)
        began = mine([e for e in enquiries if e["case"] is case and e["child"] == child and e["start"] >= on],
                     lambda e: (e["start"], e["id"]))
        start = began[0]["start"] if began else None
        made_of = mine([p for p in plans_of[authority, child] if p.case == subject and start and p.start >= start],
                       lambda p: (p.start, p.id))
        views["removal_from_care"].append(dict(
            authority=authority, case_reference=subject, child_id=child, removed_on=on,
            legal_status=removal.get("legalStatus"), enquiry_id=began[0]["id"] if began else None, started_on=start,
            days_since_enquiry=(TODAY - start).days if start else None,
            plan_state="none" if not made_of else "ended" if made_of[0].end else "active"))
    for meeting in case.conferences.values():
        state = "held" if meeting["held"] else meeting["broken"]
        if meeting["type"] not in CARE_REVIEW or state not in ("held", "cancelled"):
            continue
        on = meeting["held"] or day(meeting["starts"])
        for child in meeting["children"]:
            spells = []
            for (name, start) in case.periods:
                end = min((e for e in case.period_ends[name] if e >= start), default=None)
                if name == child and on and start <= on and (not end or end >= on):
                    spells.append(f"{child}:{start}")
            for spell in spells or [None]:
                views["ssd_cla_reviews"].append(dict(
                    authority=authority, case_reference=subject, clar_cla_review_id=f'{meeting["id"]}:{child}',
                    clar_cla_id=spell, clar_cla_review_due_date=due_date.get((authority, subject, child, meeting["event"])),
                    clar_cla_review_date=meeting["held"],
                    clar_cla_review_cancelled="Y" if state == "cancelled" else "N",
                    clar_cla_review_participation=case.participation(meeting, child) if meeting["held"] else None,
                    clar_person_id=child))

# --- Plans -----------------------------------------------------------------------------------------------------------

reviews_of = collections.defaultdict(list)
for case, meeting, child in sittings:
    if meeting["type"] in REVIEW:
        reviews_of[case.authority, case.subject, child].append(meeting["held"])

first_on = {}
for authority, on in [(p.authority, p.start) for p in plans] + [(e["case"].authority, e["start"]) for e in enquiries]:
    first_on[authority] = min(first_on.get(authority, on), on)
years = []
for authority, on in first_on.items():
    year = year_from(on)
    while year <= TODAY:
        end = datetime.date(year.year + 1, 3, 31)
        years.append((authority, year, end, end <= TODAY))
        views["year"].append(dict(authority=authority, year_from=year, year_to=end, is_over=end <= TODAY))
        year = datetime.date(year.year + 1, 4, 1)

for p in plans:
    views["ssd_cp_plans"].append(dict(
        cppl_cp_plan_id=p.id, cppl_referral_id=None, cppl_icpc_id=p.conference and f"{p.conference}:{p.child}",
        cppl_person_id=p.child, cppl_cp_plan_start_date=p.start, cppl_cp_plan_end_date=p.end, cppl_cp_plan_ola="N",
        cppl_cp_plan_initial_category=CODES.get(p.first), cppl_cp_plan_latest_category=CODES.get(p.latest),
        authority=p.authority, case_reference=p.case, end_ground=p.ground))
    if p.start <= TODAY and (not p.end or p.end > TODAY):
        row = dict(authority=p.authority, case_reference=p.case, plan_id=p.id, child_id=p.child)
        born, people, expected = children.get((p.authority, p.case, p.child), NOBODY)
        row |= dict(born_on=born, expected_on=expected, age_band=age_band(born), started_on=p.start, days_on_plan=(TODAY - p.start).days,
                    category=p.latest) | people
        views["open_plan"].append(row)
        if TODAY > months(p.start, 18):
            views["plan_over_18_months"].append(row | dict(is_over_2_years=TODAY >= months(p.start, 24)))
        if born and born <= TODAY < months(born, 60):
            views["under_five_on_plan"].append(row)
        if not born and expected:
            views["unborn_on_plan"].append(row | dict(days_to_delivery=(expected - TODAY).days))

for authority, start, end, is_over in years:
    now = [p for p in plans if p.authority == authority and p.start <= end and (not p.end or p.end >= start)]
    began, ended = [p for p in now if p.start >= start], [p for p in now if p.end and p.end <= end]
    left = [p for p in now if not p.end or p.end > end]
    base = dict(authority=authority, year_from=start, year_to=end)
    flow = dict(
        plans_started=len(began), children_started=len({p.child for p in began}), plans_ended=len(ended),
        children_ended=len({p.child for p in ended}), plans_open_in_year=len(now),
        children_open_in_year=len({p.child for p in now}), plans_open_31_march=len(left) if is_over else None,
        children_open_31_march=len({p.child for p in left}) if is_over else None)
    views["cpp_flow"].append(base | flow)
    views["cpp_flow_published"].append(base | {name: total(number) for name, number in flow.items()})
    long_ended = sum(p.end >= months(p.start, 24) for p in ended)
    long_open = sum(min(end, TODAY) >= months(p.start, 24) for p in left)
    views["cpp_two_years"].append(base | dict(plans_ended=long_ended, plans_open=long_open))
    views["cpp_two_years_published"].append(base | dict(plans_ended=secret(long_ended), plans_open=secret(long_open)))
    if ended:
        bands = collections.Counter(
            "up_to_3_months" if p.end <= months(p.start, 3) else "up_to_6_months" if p.end <= months(p.start, 6)
            else "up_to_1_year" if p.end <= months(p.start, 12) else "up_to_2_years" if p.end < months(p.start, 24)
            else "two_years_and_over" for p in ended)
        lengths = {name: bands[name] for name in (
            "up_to_3_months", "up_to_6_months", "up_to_1_year", "up_to_2_years", "two_years_and_over")}
        views["cpp_end_duration"].append(dict(authority=authority, year_from=start, plans_ended=len(ended)) | lengths)
        views["cpp_end_duration_published"].append(
            dict(authority=authority, year_from=start, plans_ended=total(len(ended)))
            | {name: secret(number) for name, number in lengths.items()})
    if began:
        before, recent = set(), set()
        for p in began:
            others = [o for o in plans_of[authority, p.child] if o.start < p.start]
            if others or (p.earlier or 0) > 0:
                before.add(p.child)
            last = max((o.end for o in others if o.end and o.end <= p.start), default=None)
            if last and last > months(p.start, -24):
                recent.add(p.child)
        heads = len({p.child for p in began})
        views["cpp_second_plan"].append(dict(
            authority=authority, year_from=start, children=heads, had_one_before=len(before), within_two_years=len(recent)))
        views["cpp_second_plan_published"].append(dict(
            authority=authority, year_from=start, children=total(heads), had_one_before=secret(len(before)),
            within_two_years=secret(len(recent)), had_one_before_percent=secret_share([len(before)], [heads - len(before)]),
            within_two_years_percent=secret_share([len(recent)], [heads - len(recent)])))
    if not is_over:
        continue
    rows = []
    for p in left:
        if months(p.start, 3) > end:
            continue
        steps = [p.start] + sorted({on for on in reviews_of[authority, p.case, p.child] if p.start < on <= end})
        readings = []
        for due in (lambda on, first: months(on, 3 if first else 6),
                    lambda on, first: on + datetime.timedelta(91 if first else 183)):
            owed = [(due(on, place == 0), steps[place + 1] if place + 1 < len(steps) else None)
                    for place, on in enumerate(steps)]
            owed = [(last, held) for last, held in owed if last <= end]
            readings.append((len(owed), all(held and held <= last for last, held in owed)))
        _, people, _ = children.get((authority, p.case, p.child), NOBODY)
        rows.append(base | dict(
            case_reference=p.case, child_id=p.child, plan_id=p.id, started_on=p.start, due_by_months=readings[0][0],
            in_time_by_months=readings[0][1], due_by_days=readings[1][0], in_time_by_days=readings[1][1],
            team_id=people["team_id"], service_id=people["service_id"]))
    views["reviews_in_time_child"] += rows
    if rows:
        by_months, by_days = sum(r["in_time_by_months"] for r in rows), sum(r["in_time_by_days"] for r in rows)
        heads = len(rows)
        views["reviews_in_time"].append(base | dict(
            children=heads, in_time_by_months=by_months, in_time_by_months_percent=share(by_months, heads),
            in_time_by_days=by_days, in_time_by_days_percent=share(by_days, heads)))
        views["reviews_in_time_published"].append(base | dict(
            children=total(heads), in_time_by_months=secret(by_months), in_time_by_days=secret(by_days),
            in_time_by_months_percent=secret_share([by_months], [heads - by_months]),
            in_time_by_days_percent=secret_share([by_days], [heads - by_days])))

# --- Comparison ------------------------------------------------------------------------------------------------------


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) > 18 and value[10:11] == "T":
        return instant(value).astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, dict):
        return {name: plain(v) for name, v in value.items()}
    return value


failures = 0
# When it was written and read, and how far notices went: no part of the measures.
OUTSIDE = {"changed_at", "data_as_at", "rung"}
for path in sorted((FOLDER / "views").glob("*.jsonl")):
    name = path.stem
    if name == "source":
        continue  # when events were read stands in none of them
    shown = [plain({k: v for k, v in row.items() if k not in OUTSIDE}) for row in lines(f"views/{name}.jsonl")]
    wanted = [plain({k: v for k, v in row.items() if k not in OUTSIDE}) for row in views[name]]
    text = lambda row: json.dumps(row, sort_keys=True)
    left, right = collections.Counter(map(text, shown)), collections.Counter(map(text, wanted))
    if left == right:
        print(f"{name}: {len(shown)} rows equal")
        continue
    failures += 1
    only_shown, only_wanted = list((left - right).elements()), list((right - left).elements())
    print(f"{name}: {len(only_shown)} rows of the view and {len(only_wanted)} of the recomputation have no equal")
    for row in only_shown[:3]:
        print("  view       ", row)
    for row in only_wanted[:3]:
        print("  recomputed ", row)
sys.exit(1 if failures else 0)
