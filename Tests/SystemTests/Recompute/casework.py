"""One case as its events tell it, without those that its procedure refuses: meetings, plans, enquiries and who works with whom."""
import collections

from facts import LONDON, day, instant, lines, months, standing
from quorum import lacking
from refusals import Refusals

# A copy that went to a child, or to somebody excluded, before the chair had decided has gone: what runs from it runs.
GONE = {"LON-14.8a", "LON-5.10c"}

staff = {}
for event in lines("directory.jsonl"):
    kind = {"quorate.person.recorded.v1": "person", "quorate.team.recorded.v1": "team"}.get(event["type"])
    if kind:
        data = event["data"]
        key = (event["authority"], kind, data["personId" if kind == "person" else "teamId"])
        word = (event["time"], event["source"], event["id"])
        if key not in staff or staff[key][0] < word:
            staff[key] = (word, data)


class Case:
    def __init__(self, authority, subject, events):
        self.authority, self.subject = authority, subject
        # By rule and event. Each look is at what is left without the events that were refused before.
        self.refusals, told = set(), standing(events)
        self.read(told)
        for judge in (Refusals.by_themselves, Refusals.by_dates):
            found = judge(Refusals(self))
            if found:
                self.refusals |= found
                self.read(told)

    def read(self, told):
        refused = {event for rule, event in self.refusals if rule not in GONE}
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
        self.facts = []
        for event in told:
            is_refused = event["id"] in refused
            name, data = event["type"][8:-3], event["data"]
            self.postponement(name, data, event, is_refused)
            if not is_refused:
                self.facts.append((name, data, event))
                self.take(name, data, event)
        self.lacking = lacking(self.conferences.values())

    def conference(self, name, kind=None, ids=()):
        found = self.conferences.setdefault(
            name, dict(id=name, type=None, children=set(), starts=None, held=None, event=None, broken=None, claim=None,
                       booked_by=None, decisions={}, attendees=[]))
        found["type"] = kind or found["type"]
        found["children"] |= set(ids)
        return found

    def book(self, name, starts, event):
        found = self.conference(name)
        found["starts"], found["booked_by"], found["broken"] = starts, event["id"], None

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
            self.book(meeting, data["startsAt"], event)
        elif name == "conference.rescheduled":
            self.book(meeting, data["newStartsAt"], event)
        elif name == "conference.postponement_decided" and data.get("agreed"):
            if data.get("newStartsAt"):
                self.book(meeting, data["newStartsAt"], event)
            elif data.get("action") != "cancel":
                self.conference(meeting)["broken"] = "adjourned" if data.get("action") == "adjourn" else "postponed"
        elif name == "conference.adjourned":
            self.conference(meeting)["broken"] = "adjourned"
            if data.get("newStartsAt"):
                self.book(meeting, data["newStartsAt"], event)
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
                         claim=data.get("quorumClaim"), decisions=decided, attendees=data.get("attendees") or [], absentees=data.get("absentees"))
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
