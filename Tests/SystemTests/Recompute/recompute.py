#!/usr/bin/env python3
"""Works out the measures of schema analysis anew and compares them with the views, row by row.

    recompute.py FOLDER

FOLDER holds what facts.py reads, and views/NAME.jsonl (the rows of each view). Definitions are those of the specification,
worked out from the events; what is owed, by when, what met it and how it stands is duties.py's and states.py's, and what is refused
that of refusals.py. Exits 1 with the first differences.

One thing is taken as the program told it, of the view overdue the rung: what was said while a case was still arriving hangs on
when it arrived, and no event says that.
"""
import bisect
import collections
import datetime
import statistics
import sys

import states
from casework import Case
from citations import citation
from comparison import compare
from duties import Duties
from facts import (
    CARE_REVIEW, FOLDER, INITIAL, LONDON, NEEDLESS, NOW, REVIEW, TODAY, cases, day, fifteen, instant,
    last_working_day, months, newest, outcomes, refused, skipped, working_day, working_days, year_from)
from limits import procedure, provenance

CODES = {"neglect": "NEG", "physical_abuse": "PHY", "sexual_abuse": "SAB", "emotional_abuse": "EMO", "multiple": "MUL"}
REPORTS = {"social_worker_report", "agency_report", "agency_report_shared", "report_to_chair"}
LETTERS = {
    "decision_letter_parents", "decision_letter_all", "conference_record", "parents_record", "record_amendments",
    "ending_letter_agencies", "death_letter", "left_country_letter", "preproceedings_letter", "move_notice",
}
STAFF = ("social_worker_id", "team_id", "service_id")
NOBODY = (None, dict.fromkeys(STAFF), None)

# --- One case --------------------------------------------------------------------------------------------------------

Plan = collections.namedtuple("Plan", "authority case id child start end ground conference first latest earlier")
views = collections.defaultdict(list)
plans, enquiries, sittings, conferences_by_event = [], [], [], {}
conference_types, conference_children, plan_child, children = {}, {}, {}, {}
drawn = {}


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

events = {case + (event["id"],): event for case, told in cases.items() for event in reversed(told)}
rows_owed, rows_told, duties = collections.Counter(), collections.Counter(), []
for identity, (_, event, _) in newest.items():
    data = event["data"]
    if "rule" in data and "deadlineId" in data and data["state"] != "superseded":
        timed = data["due"] and len(data["due"]) > 10
        rows_told[data["duty"], data["rule"], instant(data["due"]) if timed else day(data["due"]), identity] += 1


def judge(case, row):
    key, identity = (case.authority, case.subject), states.identity(case.authority, case.subject, row)
    standing = states.state(row, NOW)
    due, met = standing.due, standing.act
    rows_owed[row.duty, row.rule, due, identity] += 1
    child = row.child or next(iter(conference_children.get(key + (row.conference,), [])), None)
    born, people, _ = children.get(key + (child,), NOBODY)
    steps = skipped(row.on, due) if row.unit == "working_days" and due and working_day(row.on, row.count) == due else []
    base = dict(authority=case.authority, case_reference=case.subject, deadline_id=identity, rule=row.rule, duty=row.duty,
                policy=procedure(case.authority), provenance=provenance(procedure(case.authority), row),
                citation=citation(row.rule))
    views["duty_reason"].append(base | dict(
        anchor_event=row.anchor, anchor_type=events[key + (row.anchor,)]["type"], anchor_on=row.on, limit_count=row.count,
        limit_unit=row.unit, skipped_on=[f"{holiday}" for holiday in steps]))
    timed = isinstance(due, datetime.datetime)
    due_on, met_on = due.astimezone(LONDON).date() if timed else due, day(met.at) if met else None
    outcome = ("known_late" if row.known_late else "data_fault" if standing.name == "undated"
               else "pending" if standing.name == "at_risk"
               else "too_recent" if standing.name == "missed" and (TODAY - due_on).days <= 7 else standing.name)
    duties.append(people | base | dict(
        late_days=standing.late_days, late_hours=standing.late_hours, child_id=child, conference_id=row.conference,
        plan_id=row.plan, anchor_on=row.on, due_on=due_on, due_at=due if timed else None,
        act_by_on=due_on if timed or row.unit == "hours" or not due else last_working_day(due), state=standing.name,
        outcome=outcome, met_on=met_on, met_by=met and met.event,
        margin_days=(due_on - met_on).days if due and met_on else None,
        days_overdue=(TODAY - due_on).days if standing.name == "missed" else None, known_late=row.known_late, born=born))


for case in drawn.values():
    for row in Duties(case, NOW).owed:
        judge(case, row)


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


# The level that the escalations over a meeting have reached, as told. One that was answered was raised; one that should not have
# been was not.
notices = {}
for event in sorted(outcomes, key=lambda e: e.get("caserevision", 0)):
    if event["type"] == "quorate.notice.due.v1" and event["data"]["template"].endswith("_escalation"):
        notices[event["data"]["noticeId"]] = event
    elif event["type"] == "quorate.notice.withdrawn.v1" and event["data"]["cause"] != "withdrawn":
        notices.pop(event["data"]["noticeId"], None)
rungs = collections.Counter()
for event in notices.values():
    key = (event["authority"], event["subject"], event["data"]["subject"].get("conferenceId"))
    if key[2]:
        rungs[key] = max(rungs[key], event["data"]["level"])

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
            rung=rungs[case + (d["conference_id"],)], overdue_band=band(d["days_overdue"], ((7, "1-7"), (28, "8-28"), (91, "29-91"), (10**6, "92+"))),
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

flags = {}
for case, meeting, child in sittings:
    base = dict(authority=case.authority, case_reference=case.subject)
    key = (case.authority, case.subject, meeting["id"], child)
    people, decision = case.people(child), meeting["decisions"].get(child, {}).get("decision")
    identity = f'{meeting["id"]}:{child}'
    if meeting["type"] in INITIAL:
        e, plan = led.get(key), made.get(key)
        flag = flags[key] = "Y" if plan or decision == "plan" else "N"
        views["ssd_initial_cp_conference"].append(base | dict(
            icpc_icpc_id=identity, icpc_icpc_meeting_id=meeting["id"], icpc_s47_enquiry_id=e and f'{e["id"]}:{child}',
            icpc_person_id=child, icpc_cp_plan_id=plan, icpc_referral_id=None,
            icpc_icpc_transfer_in="Y" if meeting["type"] == "transfer_in" or key in moved else "N",
            icpc_icpc_target_date=(e and fifteen(e["discussion"])) or moved.get(key), icpc_icpc_date=meeting["held"],
            icpc_icpc_outcome_cp_flag=flag, icpc_icpc_outcome_json={"OUTCOME_CP_FLAG": flag},
            icpc_icpc_team=people["team_id"], icpc_icpc_worker_id=people["social_worker_id"]))
    if meeting["type"] in INITIAL | REVIEW:
        short = case.lacking[meeting["id"]]
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

# --- Ofsted's Annex A, of the six months that end today --------------------------------------------------------------


def listed(case, child, **row):
    born, people, _ = children.get((case.authority, case.subject, child), NOBODY)
    age = born and TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))
    return dict(authority=case.authority, child_id=child, date_of_birth=born, age=age, allocated_team=people["team_id"],
                allocated_worker=people["social_worker_id"]) | row


def within(on, count):
    return bool(on) and months(TODAY, -count) < on <= TODAY


def latest(case, child, kinds, start):
    return max((m["held"] for m in case.held(child, kinds) if start <= m["held"] <= TODAY), default=None)


initial_of = collections.defaultdict(list)
for case in drawn.values():
    for meeting in case.conferences.values():
        if meeting["held"] and meeting["type"] in INITIAL:
            for child in set(meeting["children"]):
                initial_of[case.authority, child].append(meeting["held"])
for e in enquiries:
    case, child = e["case"], e["child"]
    if within(e["start"], 6) or within(e["on"], 6):
        resulted = e["on"] and flags[case.authority, case.subject, e["meeting"]["id"], child]
        views["annex_a_list_5"].append(listed(
            case, child, strategy_discussion=e["discussion"], section_47_start=e["start"],
            icpc_unnecessary="Y" if e["unneeded"] else "N", icpc_date=e["on"], icpc_resulted_in_plan=resulted,
            section_47_in_12_months=sum(within(o["start"], 12) for o in enquiries
                                        if (o["case"].authority, o["child"]) == (case.authority, child)),
            icpc_in_12_months=sum(within(on, 12) for on in initial_of[case.authority, child])))
for p in plans:
    case = drawn[p.authority, p.case]
    if p.start <= TODAY and (not p.end or p.end > months(TODAY, -6)):
        views["annex_a_list_7"].append(listed(
            case, p.child, plan_start=p.start, plan_end=p.end, initial_category=CODES.get(p.first),
            latest_category=CODES.get(p.latest), latest_review=latest(case, p.child, REVIEW, p.start),
            previous_plans=max(p.earlier or 0, sum(o.start < p.start for o in plans_of[p.authority, p.child]))))
for case in drawn.values():
    for (child, start), basis in case.periods.items():
        end = min((e for e in case.period_ends[child] if e >= start), default=None)
        if start <= TODAY and (not end or end > months(TODAY, -6)):
            on_plan = any(p.start <= TODAY and (not p.end or p.end > TODAY) for p in plans_of[case.authority, child])
            views["annex_a_list_8"].append(listed(
                case, child, looked_after_start=start, looked_after_end=end, legal_status=basis,
                latest_review=latest(case, child, CARE_REVIEW, start), on_plan="Y" if on_plan else "N"))

# --- Sources --------------------------------------------------------------------------------------------------------

for authority, source in {(event["authority"], event["source"]) for told in cases.values() for event in told}:
    # Heard of for less than the fourteen days after which its rhythm is known.
    views["source"].append(dict(authority=authority, source=source, is_silent=False))

# --- Comparison ------------------------------------------------------------------------------------------------------


failures = 0
refusals = {case + found for case, read in drawn.items() for found in read.refusals}
for rule in sorted({row[2] for row in refused | refusals}):
    told, found = ({row for row in rows if row[2] == rule} for rows in (refused, refusals))
    print(f"refusals of {rule}: {len(told)} told, " + (
        f"{len(told - found)} are not what the texts give, {len(found - told)} of the texts are not told" if told != found
        else "rows equal"))
    failures += told != found
    for name, rows in (("told       ", told - found), ("recomputed ", found - told)):
        for row in sorted(rows)[:2]:
            print(" ", name, *row)
all_told = collections.Counter(key[0] for key in rows_told.elements())
for duty in sorted(all_told | collections.Counter(key[0] for key in rows_owed)):
    found = sorted(filter(lambda key: key[0] == duty, (rows_told - rows_owed).elements()), key=str)
    wanted = sorted(filter(lambda key: key[0] == duty, (rows_owed - rows_told).elements()), key=str)
    print(f"due dates of {duty}: {all_told[duty]} told, " + (
        f"{len(found)} are not what the events give, {len(wanted)} of the events are not told" if found or wanted else "rows equal"))
    failures += bool(found or wanted)
    for key in found[:2]:
        print("  told       ", *map(str, key))
    for key in wanted[:2]:
        print("  recomputed ", *map(str, key))
# When it was written and read is no part of the measures; of a source, nor is when it was heard.
OUTSIDE = {"changed_at", "data_as_at"}
HEARD = {"first_at", "last_at", "longest_gap", "silent_for"}
# What needs the other workers too is told.py's.
TOLD = {"escalation", "notification_log", "notification_outcome", "directory_gap", "audit_trail"}
EMPTY = {
    "quarantined_case": "no generated event is refused at the door",
    "stale_record": "no policy of the package limits how long a record may lie still",
}
for path in sorted((FOLDER / "views").glob("*.jsonl")):
    if path.stem not in TOLD:
        failures += compare(path.stem, views[path.stem], OUTSIDE | (HEARD if path.stem == "source" else set()),
                            EMPTY.get(path.stem))
sys.exit(1 if failures else 0)
