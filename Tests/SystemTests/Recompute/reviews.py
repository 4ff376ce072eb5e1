"""Reviews of plans and of children in care, each counted from the meeting before it."""
import collections
import datetime

from acts import Booking
from facts import CARE_REVIEW, REVIEW, day, own
from letters import Letters
from limits import LON, REFUSALS, soonest

# `booked`: for the review, or the later date that the meeting before it set.
Review = collections.namedtuple("Review", "limits anchor on met booked")
CARE = ("first_looked_after_review", "second_looked_after_review", "later_looked_after_review")


class Reviews(Letters):
    def reviews(self, plan):
        """Each review with the limits on it, and the conference that met it, before two processes are made one."""
        child, started, end = plan["childId"], day(plan["startedOn"]), self.plan_end(plan)
        previous = self.made_by(plan)
        anchor = previous["event"] if previous else self.event_of("plan.started", "planId", plan["planId"])
        on = previous["held"] if previous else started
        found = []
        while True:
            duty = "later_review" if found else "first_review"
            limits = self.limits(duty, anchor, on)
            met = next((m for m in self.case.held(child, REVIEW) if m["held"] > max(on, started)
                        and (not end or m["held"] <= end)), None)
            is_prebirth = previous and previous["type"] == "prebirth" and not self.born_before(previous, child)
            if not found and is_prebirth:
                limits = [limit for limit in limits if limit.rule != "LIN-3.1"]
                limits += self.after_birth(child, anchor, on, met)
            if previous and self.is_inquorate(previous, child):
                limits += self.limits("inquorate", anchor, on)
            usual, booked = soonest(limits), None if met else self.booking(child, on + datetime.timedelta(1), REVIEW)
            chair = previous and self.next_date(previous, on, REVIEW)
            if chair and chair[1] < usual:
                limits += self.named("named_by_chair", *chair)
            elif chair and chair[1] > usual and not met and not booked:
                booked = Booking(f"{chair[1]}", own(self.events[chair[0]]))
            asked = self.brought_forward(child, plan["planId"], on, met)
            if asked and asked[1] < usual:
                limits += self.named("brought_forward", *asked)
            found.append(Review(limits, anchor, on, met, booked))
            if not met:
                return found
            previous, anchor, on = met, met["event"], met["held"]

    def after_birth(self, child, anchor, on, met):
        """91 days from the pre-birth conference, or a month from the birth where that is sooner."""
        limits = self.limits("review_before_birth", anchor, on)
        births = [event for data, event in self.told["child.born"] if data["childId"] == child]
        born = self.case.born.get(child)
        if limits and births and born and (not met or met["held"] >= born):
            later = self.limits("review_after_birth", births[-1]["id"], born)
            return min([limits, later], key=lambda found: (found[0].due, found is later))
        return limits

    def next_date(self, meeting, on, kinds):
        """The date that a meeting set for the next one of a kind: in an event of its own, else in its record."""
        for data, event in reversed(self.of(meeting["id"], "conference.next_date_set")):
            kind = self.conferences.get(data.get("nextConferenceId"), {}).get("type")
            if kind is None or kind in kinds:
                if day(data["nextOn"]) > on:
                    return event["id"], day(data["nextOn"])
                break
        told = day(self.of(meeting["id"], "conference.held")[-1][0].get("nextReviewDate"))
        return (meeting["event"], told) if told and told > on else None

    def brought_forward(self, child, plan, on, met):
        """The last decision on an earlier review, taken while it was awaited."""
        for data, event in reversed(self.told["early_review.decided"]):
            at = day(own(event))
            concerned = data["childId"] == child if data.get("childId") else data.get("planId") == plan
            if data.get("planId") and data["planId"] != plan or not concerned or not at or not data.get("newOn"):
                continue
            if data["decision"] not in REFUSALS and at >= on and (not met or at <= met["held"]):
                return event["id"], day(data["newOn"])
        return None

    def spell_reviews(self, child, spell):
        data, event, start, ended = spell
        end = min([d for d in (ended, self.life_end(child)) if d], default=None)
        anchor, on, previous, found = event["id"], start, None, []
        while True:
            limits = self.limits(CARE[min(len(found), 2)], anchor, on)
            met = next((m for m in self.case.held(child, CARE_REVIEW) if (m["held"] > on or not found and m["held"] == on)
                        and (not end or m["held"] <= end)), None)
            given = [day(data["claReviewDue"])] if not found and data.get("claReviewDue") else []
            if found:
                chair = previous and len(found) > 1 and self.next_date(previous, on, CARE_REVIEW)
                officer = self.asked_by_officer(child, on, met)
                given = [d for d in (chair and chair[1], officer) if d and d > on]
            if given and min(given) < soonest(limits):
                limits = [limit._replace(due=min(given)) for limit in limits]
            start = on if not found else on + datetime.timedelta(1)
            found.append(Review(limits, anchor, on, met, None if met else self.booking(child, start, CARE_REVIEW)))
            if not met:
                return found
            previous, anchor, on = met, met["event"], met["held"]

    def asked_by_officer(self, child, on, met):
        mine = lambda data: data["childId"] == child if data.get("childId") else any(
            p["planId"] == data.get("planId") and p["childId"] == child for p in self.case.plans.values())
        for data, event in reversed(self.told["early_review.decided"]):
            at = day(own(event))
            if not mine(data) or not at or not data.get("newOn") or data["decision"] in REFUSALS:
                continue
            if at < on or met and at > met["held"]:
                continue
            asked = any(r.get("requestedByRole") == "iro" and mine(r) and (not own(e) or on <= day(own(e)) <= at)
                        for r, e in self.told["early_review.requested"])
            if data.get("decidedByRole") == "iro" or asked:
                return day(data["newOn"])
        return None

    def care_reviews(self, child):
        for spell in self.spells(child):
            partners = [(period, self.reviews(plan)) for plan in self.case.plans.values() if plan["childId"] == child
                        for period in [self.both(plan, spell)] if period]
            for place, review in enumerate(self.spell_reviews(child, spell)):
                self.owe(CARE[min(place, 2)], self.aligned(review, partners), f"{self.occasion(spell[1])}/{place + 1}",
                         child=child, act=self.met_by(review.met), booked=review.booked,
                         off=self.ended(child, "looked_after_ended", spell[3]))

    def both(self, plan, spell):
        start = max(day(plan["startedOn"]), spell[2])
        end = min([d for d in (self.plan_end(plan), spell[3], self.life_end(plan["childId"])) if d], default=None)
        return None if end and start >= end else (start, end)

    def care_partners(self, plan):
        """The reviews in care that fall into a plan, with the time in which both run."""
        return [(period, self.spell_reviews(plan["childId"], spell)) for spell in self.spells(plan["childId"])
                for period in [self.both(plan, spell)] if period]

    def dual_causes(self, plan):
        """When a child on the plan came into care or into proceedings, by which event, and when that was over."""
        child, started, end = plan["childId"], day(plan["startedOn"]), self.plan_end(plan)
        found = [(on, event, over) for _, event, on, over in self.spells(child)]
        concluded = {data["proceedingsId"]: day(data["concludedAt"]) for data, _ in self.told["care_proceedings.concluded"]}
        found += [(day(data["startedAt"]), event, concluded.get(data["proceedingsId"]))
                  for data, event in self.told["care_proceedings.started"] if child in data["childIds"]]
        return sorted([cause for cause in found if started <= cause[0] and not (end and cause[0] >= end)],
                      key=lambda cause: (cause[0], cause[1]["source"], cause[1]["id"]))

    def aligned(self, review, partners):
        """London holds both reviews as one process: the sooner of the two dates bounds both."""
        limits = list(review.limits)
        for (start, end), others in partners if self.policy == LON else []:
            if end and review.on >= end or review.met and review.met["held"] < start:
                continue
            other = next((o for o in others if not o.met or review.met and o.met["held"] >= review.met["held"]), None)
            due = other and soonest(other.limits)
            if due and due >= max(review.on, start) and not (end and due >= end) and due < soonest(limits):
                limits = [limit for limit in limits if limit.rule != "LON-2.7b"]
                limits += self.named("one_process", other.anchor, due)
        return limits


def concerns(data, plan):
    """An event that names plan or child, or either."""
    return data.get("planId") in (None, plan["planId"]) and data.get("childId") in (None, plan["childId"])
