"""The limits that the procedures and the statute set, and how a day is counted from them.

They are those of the texts, written down once more: nothing is read from the program's policies. Which text holds where an
authority's own is silent is the rulebook's section D.
"""
import collections
import datetime
import math

from facts import INITIAL, LONDON, day, instant, months, working_day

# `on`: the day that it is counted from; `due`: a day, or an instant of a limit in hours. `occasion`: of a limit that bounds the act
# of another duty, its own.
Limit = collections.namedtuple("Limit", "rule count unit anchor on due weight occasion", defaults=[None])
# `act`: what met it; `off`: what took it away; `booked`: the meeting that is booked for it; `window`: something that may be done.
Owed = collections.namedtuple(
    "Owed", "duty child conference plan rule count unit anchor on due occasion act off booked known_late window")
LON, LIN, SWI, CAN, ENG = "london", "lincolnshire", "swindon", "knowsley", "england"
OWN_ROWS = {LON: "LON", LIN: "LIN", SWI: "SWI", CAN: "CAN", ENG: None}
EVERYWHERE = {LON, LIN, SWI, CAN, ENG}
# Lincolnshire's text is silent on records, and takes none of London's.
RECORDS = EVERYWHERE - {LIN}
LONDON_REPORTS = {LON, LIN, ENG}
WD, CD, MONTHS, HOURS = "working_days", "calendar_days", "months", "hours"
TERMS = [
    ("initial_conference", "ENG-1", 15, WD, EVERYWHERE),
    ("initial_conference", "LON-1.7", 15, WD, {LON}),
    ("before_birth", "LON-1.16a", -70, CD, RECORDS),
    ("emergency_order_conference", "LON-1.8", 0, HOURS, EVERYWHERE),
    ("transfer_in_conference", "ENG-7", 15, WD, EVERYWHERE),
    ("transfer_in_conference", "LON-1.18c", 15, WD, {LON}),
    ("transfer_in_conference", "LIN-2.4a", 15, WD, {LIN}),
    ("receiving_conference", "LIN-2.4a", 15, WD, {LIN}),
    ("first_review", "ENG-2", 3, MONTHS, EVERYWHERE),
    ("first_review", "LON-1.20a", 3, MONTHS, {LON}),
    ("first_review", "LIN-3.1", 91, CD, {LIN}),
    ("later_review", "ENG-3", 6, MONTHS, EVERYWHERE),
    ("later_review", "LON-1.20b", 6, MONTHS, {LON}),
    ("later_review", "LIN-3.2", 183, CD, {LIN}),
    ("review_before_birth", "LIN-3.3", 91, CD, EVERYWHERE - {LON}),
    ("review_after_birth", "LIN-3.3", 1, MONTHS, EVERYWHERE - {LON}),
    ("inquorate", "LIN-3.4d", 1, MONTHS, EVERYWHERE - {LON}),
    ("inquorate", "LON-3.12", 1, MONTHS, {LON}),
    ("named_by_chair", "LON-1.22a", 0, CD, {LON}),
    ("brought_forward", "LON-1.23", 0, CD, {LON}),
    ("one_process", "LON-2.7b", 0, CD, {LON}),
    ("post_birth_meeting", "LON-1.21a", 10, CD, {LON}),
    ("first_looked_after_review", "ENG-4", 20, WD, EVERYWHERE),
    ("second_looked_after_review", "ENG-5", 3, MONTHS, EVERYWHERE),
    ("later_looked_after_review", "ENG-6", 6, MONTHS, EVERYWHERE),
    ("initial/social_worker_report", "LON-7.7a", -2, WD, LONDON_REPORTS),
    ("review/social_worker_report", "LON-7.7b", -5, WD, LONDON_REPORTS),
    ("initial/social_worker_report", "SWI-18", -2, CD, {SWI}),
    ("review/social_worker_report", "SWI-19", -5, CD, {SWI}),
    ("initial/social_worker_report", "CAN-1.6", -72, HOURS, {CAN}),
    ("review/social_worker_report", "CAN-1.6", -72, HOURS, {CAN}),
    ("care/social_worker_report", "CAN-1.6", -72, HOURS, {CAN}),
    ("initial/report_to_chair", "LON-7.8a", -2, WD, LONDON_REPORTS),
    ("review/report_to_chair", "LON-7.8b", -5, WD, LONDON_REPORTS),
    ("initial/agency_report", "LON-7.9c", -2, WD, EVERYWHERE - {SWI}),
    ("review/agency_report", "LON-7.9d", -5, WD, EVERYWHERE - {SWI}),
    ("initial/agency_report", "SWI-18", -2, CD, {SWI}),
    ("review/agency_report", "SWI-19", -5, CD, {SWI}),
    ("former_authority_report", "LON-1.18a", -2, WD, {LON}),
    ("agency_report_shared", "LON-7.9b", 0, HOURS, {LON}),
    ("initial/invite_list", "SWI-1a", 5, WD, EVERYWHERE),
    ("initial/invite_list_escalated", "SWI-3a", 6, WD, EVERYWHERE),
    ("review/invite_list", "SWI-7a", -13, CD, EVERYWHERE),
    ("care/invite_list", "SWI-9", -16, CD, EVERYWHERE),
    ("invitations", "SWI-2", -6, WD, EVERYWHERE),
    ("care/invitations", "SWI-11", -15, CD, {SWI}),
    ("consultation_papers", "SWI-11", -15, CD, {SWI}),
    ("review_date_set", "SWI-5a", -3, MONTHS, {SWI}),
    ("new_date", "CAN-2.7a", 0, CD, EVERYWHERE),
    ("exclusion_request", "LON-5.2", -3, WD, {LON}),
    ("decision_letter_parents", "LON-14.5c", 24, HOURS, EVERYWHERE),
    ("decision_letter_all", "LON-14.13a", 1, WD, EVERYWHERE),
    ("conference_record", "LON-14.4a", 20, WD, RECORDS),
    ("parents_record", "LON-14.5a", 20, WD, RECORDS),
    ("record_amendments", "LON-14.4c", 7, CD, RECORDS),
    ("dissent_escalation", "LON-11.1b", 1, WD, {LON}),
    ("complaint_handover", "LON-12.2b", 1, WD, {LON}),
    ("security_review", "LON-2.4a", 5, WD, {LON}),
    ("dual_plan_decision", "LIN-2.3b", 10, WD, {LIN}),
    ("progress_meeting", "LIN-7.3a", 18, MONTHS, {LIN}),
    ("birthday_review_planned", "LIN-2.5b", -3, MONTHS, EVERYWHERE),
    ("birthday_review", "LIN-2.5b", 0, CD, EVERYWHERE),
    ("plan_end_at_18", "LIN-2.5a", 0, CD, EVERYWHERE),
    ("ending_letter_agencies", "LON-10.9", 1, WD, RECORDS),
    ("ending_by_social_worker", "LIN-2.8", 1, WD, EVERYWHERE - {LON}),
    ("death_letter", "LIN-2.6a", 1, WD, EVERYWHERE),
    ("left_country_letter", "LIN-2.7b", 1, WD, EVERYWHERE),
    ("whereabouts_decision", "LIN-2.7e", 3, MONTHS, EVERYWHERE),
    ("child_in_need_review", "LON-10.10c", 84, CD, {LON}),
    ("move_notice", "LON-1.17b", 1, WD, {LON}),
    ("preproceedings_letter", "LON-1.11c", -112, CD, {LON}),
]
# Of London's own rows, what its text leaves open: from when the 15 days run, and how soon to meet again.
BORROWED = {"LON-1.7", "LON-3.12"}
# A number that is no text's, but the rulebook's own: of these rules.
OURS = {"LON-11.1b", "LON-12.2b", "LON-1.17b", "LON-2.4a", "LIN-2.3b", "LON-10.9", "LIN-2.8", "LIN-2.6a", "LIN-2.7b", "LIN-2.7e",
        "LIN-2.5b"}
NO_REPORT = {
    "conference_chair", "iro", "observer", "legal_adviser", "other_authority", "qa_team", "sqa",
    "meeting_support_assistant", "social_worker", "team_manager", "service_manager",
    "child", "parent_carer", "supporter", "interpreter", "child_legal_representative",
}
REFUSALS = {"no", "refused", "declined", "rejected", "not_agreed"}


def procedure(authority):
    named = {"E06000030": SWI, "E08000011": CAN, "E10000019": LIN}
    return named.get(authority, LON if authority.startswith("E09") else ENG)


def provenance(policy, row):
    """Whose value the limit is: the statute's, the authority's own, another text's, or that of no text."""
    prefix = row.rule.split("-")[0]
    if prefix == "ENG":
        return "statutory"
    # Nobody's text: a date of the first review that is set at the initial conference.
    if row.rule in OURS or row.duty == "review_date_set" and row.unit is None:
        return "ours"
    return "own" if prefix == OWN_ROWS[policy] and row.rule not in BORROWED else "borrowed"


def counted(count, unit, on, at):
    if unit == WD:
        return working_day(on, count)
    if unit == MONTHS:
        return months(on, count)
    if unit == CD:
        return on + datetime.timedelta(count)
    if at:
        return at + datetime.timedelta(hours=count)
    start = datetime.datetime.combine(on, datetime.time(), LONDON).timestamp() + count * 3600
    return datetime.datetime.fromtimestamp(start, LONDON).date()


def moment(text):
    """The instant, where one is written and not only a day."""
    return instant(text) if text and len(text) > 10 else None


def sooner(limit):
    """The soonest binds; on a tie the authority's own rule is named before the statute's, a borrowed one last."""
    due = limit.due
    if due is None:
        return math.inf, limit.weight, limit.rule
    at = due if isinstance(due, datetime.datetime) else datetime.datetime.combine(due, datetime.time.max, LONDON)
    return at.timestamp(), limit.weight, limit.rule


def soonest(limits):
    found = [limit.due for limit in limits if limit.due]
    return min(found) if found else None


class Procedure:
    """One case under its authority's procedure. `owed` are the duties that were found so far; of several limits on one act only
    the one that binds is named."""

    def __init__(self, case, now):
        self.case, self.now, self.owed = case, now, []
        self.policy = procedure(case.authority)
        self.conferences = case.conferences
        self.told = collections.defaultdict(list)
        for name, data, event in case.facts:
            self.told[name].append((data, event))

    def limits(self, act, anchor, on, at=None):
        found = []
        for name, rule, count, unit, policies in TERMS:
            if name == act and self.policy in policies:
                found.append(Limit(rule, count, unit, anchor, on, counted(count, unit, on, at), self.weight(rule)))
        return found

    def weight(self, rule):
        prefix = rule.split("-")[0]
        return 0 if prefix == OWN_ROWS[self.policy] and rule not in BORROWED else 1 if prefix == "ENG" else 2

    def owe(self, duty, limits, occasion, child=None, conference=None, plan=None, act=None, off=None, booked=None,
            known_late=False, window=False):
        """Of limits that cannot be dated none binds before another: each is owed."""
        limits = sorted(limits, key=sooner)
        for limit in limits[:1] + [limit for limit in limits[1:] if limit.due is None]:
            self.owed.append(Owed(duty, child, conference, plan, limit.rule, limit.count, limit.unit, limit.anchor,
                                  limit.on, limit.due, limit.occasion or occasion, act, off, booked, known_late, window))

    def named(self, act, anchor, on):
        """A limit of no days: the event names the date itself."""
        return [limit._replace(count=None, unit=None) for limit in self.limits(act, anchor, on)]

    def children(self):
        named = [[data.get("childId"), *(data.get("childIds") or [])] for _, data, _ in self.case.facts]
        met = [meeting["children"] for meeting in self.conferences.values()]
        return sorted(set().union(*named, *met) - {None})

    def of(self, conference, name):
        return [(data, event) for data, event in self.told[name] if data.get("conferenceId") == conference]

    def event_of(self, name, key, value):
        return next(event["id"] for data, event in reversed(self.told[name]) if data[key] == value)

    def is_inquorate(self, meeting, child):
        return child in self.case.lacking[meeting["id"]]

    def life_end(self, child):
        return self.case.lives_ended.get(child)

    def plan_end(self, plan):
        """When the plan or the life that it was for ended."""
        told = self.case.ends.get(plan["planId"])
        start, life = day(plan["startedOn"]), self.life_end(plan["childId"])
        return min([d for d in (told and day(told["endedOn"]), life and max(life, start)) if d], default=None)

    def made_by(self, plan):
        """The conference that the plan names; else the latest initial one by its start."""
        named = self.conferences.get(plan.get("conferenceId"))
        if named and named["held"]:
            return named
        held = [m for m in self.case.held(plan["childId"], INITIAL) if m["held"] <= day(plan["startedOn"])]
        return held[-1] if held else None
