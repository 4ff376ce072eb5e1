"""Which endings of a plan are refused: by section 2 of Lincolnshire's text (002), by 2.6 and 10.3 to 10.6 of London's (001).

What they rest on is in grounds.py.
"""
import collections

from facts import REVIEW, day, own
from grounds import Grounds
from papers import says
from reviews import concerns

GROUNDS = {"no_continuing_risk", "no_longer_needed", "other_plan", "care_order", "moved", "aged_18", "died", "abroad"}

# What is to end a plan: `meeting` is what it rests on, `fault` whether that is no review of this child held by then,
# `decision` what it decided of the child.
Ending = collections.namedtuple("Ending", "data plan on ground meeting fault decision")


class Endings(Grounds):
    def endings(self):
        for plan in self.case.plans.values():
            mine = lambda data: data["planId"] == plan["planId"] and data.get("childId") in (None, plan["childId"])
            for data, event in self.told["plan.end_proposed"]:
                if mine(data):
                    self.judge_proposal(data, event, plan)
            died = [day(data["dateOfDeath"]) for data, _ in self.told["child.died"] if data["childId"] == plan["childId"]][-1:]
            for data, event in self.told["plan.ended"]:
                # From the day of the death on there is nothing left to decide.
                by_death = died and (data.get("groundCode") == "died" or day(data["endedOn"]) >= died[0])
                if mine(data) and not by_death:
                    self.judge_ending(self.ending_of(data, plan, day(data["endedOn"])), event)

    def ending_of(self, data, plan, on):
        ground, child = data.get("groundCode"), plan["childId"]
        ground = ground if ground in GROUNDS else None
        meeting = None
        if data.get("route") in (None, "conference", "combined"):
            if data.get("conferenceId"):
                meeting = self.conferences.get(data["conferenceId"])
            else:
                held = [m for m in self.case.held(child, REVIEW)
                        if m["held"] == on or m["held"] < on and decided(m, child) == "end"]
                meeting = held[-1] if held else None
        fault = (not meeting or not meeting["held"] or meeting["type"] not in REVIEW or child not in meeting["children"]
                 or meeting["held"] > on)
        return Ending(data, plan, on, ground, meeting, fault, meeting and decided(meeting, child))

    def judge_proposal(self, data, event, plan):
        """Nothing ends yet; what an ending must meet is asked of the proposal as far as it can be."""
        meeting = self.conferences.get(data.get("conferenceId"), {})
        on = day(data.get("proposedAt")) or meeting.get("held") or day(plan["startedOn"])
        ending = self.ending_of(data, plan, on)
        self.at_meeting(ending, event)
        if data.get("route") == "manager":
            self.without_meeting(ending, event, is_proposal=True)

    def judge_ending(self, ending, event):
        is_lost = self.is_lost(ending)
        if is_lost and not self.is_service_managers(ending) and not (ending.ground == "aged_18" and self.is_adult(ending)):
            self.refuse("LIN-2.7d", event)
        is_other = ending.decision not in (None, "end")
        if ending.ground == "died":
            self.refuse("LIN-2.6b", event)
        elif ending.ground == "aged_18" and not self.is_adult(ending):
            self.refuse("LIN-2.5a", event)
        elif ending.ground == "moved" and not self.has_moved(ending):
            self.refuse("LIN-2.4b", event)
        elif ending.ground == "abroad" and not is_lost and not self.is_abroad(ending):
            self.refuse("LIN-2.7d", event)
        elif ending.ground in ("care_order", "other_plan") and not self.is_replaced(ending):
            self.refuse("LIN-2.3b", event)
        elif ending.ground in ("no_continuing_risk", "no_longer_needed", None) and (ending.fault or is_other):
            self.refuse("LIN-2.2b", event)
        self.at_meeting(ending, event)
        if ending.fault or is_other and ending.ground == "care_order":
            self.without_meeting(ending, event)
        elif is_other and not self.is_exempt(ending):
            self.refuse("LON-10.3", event)

    # --- At a review --------------------------------------------------------------------------------------------------

    def at_meeting(self, ending, event):
        """Quorate; and at the first review with every action shown to be complete, and on a ground."""
        meeting, child = ending.meeting, ending.plan["childId"]
        if not meeting or not meeting["held"] or meeting["type"] not in REVIEW:
            return
        if self.is_inquorate(meeting, child):
            self.refuse("LIN-2.0a", event)
        if ending.ground not in ("died", "aged_18") and self.is_first(meeting, ending.plan):
            if not self.is_complete(ending):
                self.refuse("LIN-2.1a", event)
            if not ending.ground:
                self.refuse("LIN-2.1b", event)

    def is_first(self, meeting, plan):
        made, started = self.made_by(plan), day(plan["startedOn"])
        since = max(made["held"], started) if made else started
        return next((m for m in self.case.held(plan["childId"], REVIEW) if m["held"] > since), None) is meeting

    def is_complete(self, ending):
        by = max(ending.meeting["held"], ending.on)
        actions = self.actions(ending.plan["planId"], by)
        is_done = all(action.get("doneAt") and day(action["doneAt"]) <= by for action in actions)
        is_shown = says(ending.data.get("evidence")) or actions and all(says(action.get("evidence")) for action in actions)
        return is_done and bool(is_shown) and not ending.data.get("openActions")

    def actions(self, plan, by):
        """Those known by a day, as they were last told of, also later; of those without a name the last list."""
        named, unnamed = {}, []
        for data, _ in self.told["plan.actions_updated"]:
            if data["planId"] != plan:
                continue
            is_early = day(data["updatedAt"]) <= by
            unnamed = [] if is_early else unnamed
            for action in data.get("actions") or []:
                name = action.get("actionId")
                if name and (is_early or name in named):
                    named[name] = action
                elif is_early:
                    unnamed.append(action)
        return list(named.values()) + unnamed

    # --- Without a meeting ----------------------------------------------------------------------------------------------

    def without_meeting(self, ending, event, is_proposal=False):
        """By the senior manager for safeguarding, once a full care order is made, having consulted (2.6, 10.5, 10.6)."""
        if self.is_exempt(ending):
            return
        if ending.ground != "care_order":
            return self.refuse("LON-10.5", event)
        is_managers = is_proposal or ending.data.get("decidedByRole") == "senior_safeguarding_manager"
        if not self.has_care_order(ending) or not is_managers:
            self.refuse("LON-2.6a", event)
        if not is_proposal and not self.is_consulted(ending):
            self.refuse("LON-10.6a", event)

    # --- Decisions that come before an ending ---------------------------------------------------------------------------

    def whereabouts(self):
        for plan in self.case.plans.values():
            for data, event in self.told["child.whereabouts_decided"]:
                if concerns(data, plan) and data.get("decidedByRole") != "service_manager":
                    self.refuse("LIN-2.7e", event)

    def dual_decisions(self):
        """Asked for since a child on a plan came into care or into proceedings: by team manager and chair together, or by a
        combined meeting."""
        for plan in self.case.plans.values():
            causes = self.dual_causes(plan)
            for data, event in self.told["plan.dual_decided"]:
                at = day(own(event))
                if causes and at and at >= causes[0][0] and concerns(data, plan) and not self.is_taken_rightly(data):
                    self.refuse("LIN-2.3b", event)


def decided(meeting, child):
    return meeting["decisions"].get(child, {}).get("decision")
