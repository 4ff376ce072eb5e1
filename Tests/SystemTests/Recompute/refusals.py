"""Which events a procedure refuses, by rule: those are kept as facts and have no effect. From the events and the texts alone.

A row refuses where it is the authority's own; one that is borrowed only remarks. What a refused event would have done does not
count for another rule. Here: who may decide on a meeting, move it, chair it and deputise, and what is handed in for it; plans are
judged in endings.py and grounds.py, what goes out after a meeting in papers.py.
"""
from endings import Endings
from facts import REVIEW, day, instant
from limits import CAN, OWN_ROWS, SWI, soonest
from papers import Papers, latest, says

MANAGERS = {"csc_manager", "team_manager", "service_manager"}
INDEPENDENT = {"conference_chair", "other_independent_chair"}
# Who must agree before a meeting is moved, each a person of their own (004, item 17; 000, section 2).
APPROVERS = {SWI: ("SWI-17a", ("service_manager", "qa_service_manager")), CAN: ("CAN-2.4", ("sqa_service_manager",))}


class Refusals(Endings, Papers):
    def __init__(self, case):
        super().__init__(case, None)
        self.found = set()

    def refuse(self, rule, event):
        if rule.split("-")[0] == OWN_ROWS[self.policy]:
            self.found.add((rule, event["id"]))

    def by_themselves(self):
        """What is judged before anything is dated; who chairs first, since the chair decides and signs."""
        self.chairs()
        self.moves_of_meetings()
        self.convening()
        self.deputies()
        self.lists_handed_in()
        self.reports_written()
        self.wishes()
        self.endings()
        self.whereabouts()
        self.exclusions()
        self.outlines()
        self.records()
        return self.found

    def by_dates(self):
        """What turns on the plans that run, once their endings are judged, and on the days by which their reviews are due."""
        self.dual_decisions()
        self.next_dates()
        self.complaints_concluded()
        return self.found

    # --- Moving a meeting ---------------------------------------------------------------------------------------------

    def moves_of_meetings(self):
        """In their order, since an agreed decision covers the move that follows it, and an approval must come before the date
        that stands."""
        if self.policy not in APPROVERS:
            return
        starts, asked, agreed = {}, {}, {}
        for name, data, event in self.case.facts:
            meeting, act = data.get("conferenceId"), name.split(".")[-1]
            goes_to = data.get("startsAt") if act == "scheduled" else data.get("newStartsAt")
            if act == "postponement_requested":
                asked[meeting] = data
            elif act == "postponement_decided":
                request = asked.pop(meeting, None)
                if data.get("agreed") is True and self.may_move(event, starts.get(meeting), request, data):
                    agreed[meeting] = (event["id"], goes_to)
                    starts[meeting] = goes_to or starts.get(meeting)
            elif name in ("conference.cancelled", "conference.adjourned", "conference.rescheduled"):
                booked = starts.get(meeting)
                is_no_later = act == "rescheduled" and not (booked and day(goes_to) > day(booked))
                if is_no_later or covers(agreed.get(meeting), data, goes_to) or self.may_move(event, booked):
                    starts[meeting] = goes_to or booked
            elif name == "conference.scheduled":
                starts[meeting] = goes_to

    def may_move(self, event, starts, request=None, decision=None):
        rule, roles = APPROVERS[self.policy]
        flaws, people = set(), set()
        for role in roles:
            theirs = [a["personId"] for a in (decision or {}).get("approvals") or []
                      if a.get("role") == role and a.get("personId")
                      and not (starts and a.get("approvedAt") and instant(a["approvedAt"]) > latest(starts))]
            person = next((p for p in theirs if p not in people), None)
            people.add(person)
            if not person:
                flaws.add(rule)
        if self.policy == CAN and decision:
            flaws |= flaws_of_request(request, decision)
        for flaw in flaws:
            self.refuse(flaw, event)
        return not flaws

    # --- Who decides, chairs and deputises ----------------------------------------------------------------------------

    def convening(self):
        """The children's social care manager decides (001, 1.6): of initial kinds, and where the kind is not known."""
        for data, event in self.told["conference.convening_decided"]:
            if self.kind(data) in ("initial", "prebirth", None) and data.get("decidedByRole") not in MANAGERS:
                self.refuse("LON-1.6b", event)

    def chairs(self):
        """A manager of social care or independent, an IRO trained and experienced; none with a part in the case (001, 8.1)."""
        for data, event in self.told["conference.chair_assigned"]:
            if self.kind(data) == "cla_review":
                continue
            role = data.get("chairRole")
            if role == "iro":
                if data.get("trained") is False or data.get("experienced") is False:
                    self.refuse("LON-8.1d", event)
            elif role in INDEPENDENT:
                if data.get("independent") is False:
                    self.refuse("LON-8.1a", event)
            elif role not in MANAGERS | {None, "cp_chair_manager"}:
                self.refuse("LON-8.1a", event)
            workers = {a.get(name) for a, _ in self.told["allocation.changed"] for name in ("fromPersonId", "toPersonId")
                       if a["childId"] in self.conferences[data["conferenceId"]]["children"]}
            if says(data.get("caseHistory")) or data.get("lineManages") is True or data["chairId"] in workers:
                self.refuse("LON-8.1b", event)

    def deputies(self):
        """Named by the team manager, who is satisfied that they know the case (000, section 3)."""
        for data, event in self.told["conference.deputy_nominated"]:
            if data.get("nominatedByRole") not in (None, "team_manager") or data.get("familiarityConfirmed") is not True:
                self.refuse("CAN-3.2", event)

    # --- What is handed in ------------------------------------------------------------------------------------------

    def lists_handed_in(self):
        for data, event in self.told["conference.invite_list_submitted"]:
            if not data.get("invitees"):
                self.refuse("SWI-1b", event)

    def reports_written(self):
        """Social care's own are written on the index child: who was named as such, else one of the meeting's (004, item 15)."""
        for data, event in self.told["conference.report_submitted"]:
            is_own = data.get("reportSourceAuthority") in (None, self.case.authority)
            if data.get("agency") not in (None, "childrens_social_care") or not is_own or not data.get("indexChildId"):
                continue
            named = [asked["indexChildId"] for asked, _ in self.of(data["conferenceId"], "conference.requested")
                     if asked.get("indexChildId")][-1:]
            children = named or self.conferences[data["conferenceId"]]["children"]
            if children and data["indexChildId"] not in children:
                self.refuse("SWI-15", event)

    def wishes(self):
        """A child who has said that they do not want to come is not planned to (001, 4.8)."""
        said = {}
        for data, event in self.told["conference.child_participation_assessed"]:
            key = data["conferenceId"], data["childId"]
            said[key] = data.get("declaredWish") or said.get(key)
            if self.is_protection(data) and said[key] == "not_attend" and data.get("attend") in ("all", "part", True):
                self.refuse("LON-4.8", event)

    # --- Dates of reviews ---------------------------------------------------------------------------------------------

    def next_dates(self):
        """The chair's interval only shortens (001, 1.22)."""
        for plan in self.case.plans.values():
            previous, end = self.made_by(plan), self.plan_end(plan)
            for review in self.reviews(plan):
                date = previous and self.next_date(previous, review.on, REVIEW)
                usual = soonest([limit for limit in review.limits if limit.count is not None])
                if date and date[1] > usual and date[0] != previous["event"] and not (end and end <= review.on):
                    self.refuse("LON-1.22a", next(e for _, e in self.told["conference.next_date_set"] if e["id"] == date[0]))
                previous = review.met


def covers(agreed, data, starts):
    """Whether it was agreed to: the act names the decision, goes to its date, or fills the date that it left open."""
    if not agreed or data.get("decisionEventId"):
        return bool(agreed) and data["decisionEventId"] == agreed[0]
    return not starts or not agreed[1] or day(starts) == day(agreed[1])


def flaws_of_request(request, decision):
    """What the request must show before it is decided on (000, section 2)."""
    if not request:
        return {"CAN-2.2"}
    flaws = set()
    if not (decision.get("reasonCode") or request.get("reasonCode")) or request.get("exceptional") is False:
        flaws.add("CAN-2.1")
    role, talked, decided = (request.get("requestedByRole"), request.get("discussedWithChairAt"), decision.get("decidedAt"))
    is_discussed = talked and not (decided and instant(talked) > latest(decided))
    if role not in ("conference_chair", "iro") and not (role == "team_manager" and is_discussed):
        flaws.add("CAN-2.2")
    if not says(request.get("circumstances")) or not says(request.get("measuresTaken")):
        flaws.add("CAN-2.3")
    return flaws
