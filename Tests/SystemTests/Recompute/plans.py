"""What else is owed while a plan lasts, when it ends and after it."""
import datetime

from facts import LONDON, day, months, own
from limits import soonest
from reviews import Reviews, concerns


class Plans(Reviews):
    def plan(self, plan):
        identity, child, started, end = plan["planId"], plan["childId"], day(plan["startedOn"]), self.plan_end(plan)
        partners = self.care_partners(plan)
        for place, review in enumerate(self.reviews(plan)):
            self.owe("later_review" if place else "first_review", self.aligned(review, partners), child=child, plan=identity)
        self.ending(plan, child, end)
        self.progress(plan, child, started)
        self.coming_of_age(plan, child, started, end)
        self.abroad(plan, child, started, end)
        self.both_at_once(plan, child, started, end)
        self.after_the_birth(plan, child, started, end)

    def both_at_once(self, plan, child, started, end):
        """A child on a plan who becomes looked after: a safety review of a voluntary placement; then, or when proceedings begin, a
        choice of plan."""
        subject = dict(child=child, plan=plan["planId"])
        for spell in self.spells(child):
            data, event, on, _ = spell
            if self.both(plan, spell) and on >= started and data.get("legalBasis") == "s20":
                self.owe("security_review", self.limits("security_review", event["id"], on), **subject)
        causes = self.dual_causes(plan)
        decided = [day(own(event)) for data, event in self.told["plan.dual_decided"] if own(event) and concerns(data, plan)]
        for place, (on, event) in enumerate(causes):
            # What was decided since the first cause stands for a later one.
            if not place or not any(causes[0][0] <= at <= on for at in decided):
                self.owe("dual_plan_decision", self.limits("dual_plan_decision", event["id"], on), **subject)

    def after_the_birth(self, plan, child, started, end):
        made, births = self.made_by(plan), [event for data, event in self.told["child.born"] if data["childId"] == child]
        born = self.case.born.get(child)
        if not made or made["type"] != "prebirth" or self.born_before(made, child) or not births:
            return
        if born >= started and not (end and born >= end):
            self.owe("post_birth_meeting", self.limits("post_birth_meeting", births[-1]["id"], born), child=child,
                     plan=plan["planId"])

    def ending(self, plan, child, end):
        name = plan["planId"]
        told = [(data, event) for data, event in self.told["plan.ended"] if data["planId"] == name]
        died = [(data, event) for data, event in self.told["child.died"] if data["childId"] == child]
        life = self.life_end(child)
        if life and end == max(life, day(plan["startedOn"])):
            if died:
                data, event = died[-1]
                on = max(day(data.get("reportedAt") or data["dateOfDeath"]), day(data["dateOfDeath"]))
                for duty in ("death_letter", "ending_by_social_worker"):
                    self.owe(duty, self.limits(duty, event["id"], on), child=child, plan=name)
        elif told:
            data, event = told[-1]
            for duty in ("ending_letter_agencies", "ending_by_social_worker"):
                self.owe(duty, self.limits(duty, event["id"], day(data["endedOn"])), child=child, plan=name)

    def progress(self, plan, child, started):
        """18 months from the plan's start, or from the original one where the plan moved in."""
        anchor, made = (self.event_of("plan.started", "planId", plan["planId"]), started), self.made_by(plan)
        if made and made["type"] == "transfer_in":
            for data, event in self.told["transfer_in.notified"]:
                if data["childId"] == child and data.get("originalPlanStart") and day(data["notifiedAt"]) <= started:
                    first = day(data["originalPlanStart"])
                    anchor = (event["id"], first) if first < started else anchor
        self.owe("progress_meeting", self.limits("progress_meeting", *anchor), child=child, plan=plan["planId"])

    def coming_of_age(self, plan, child, started, end):
        """From a year before the eighteenth birthday on."""
        births = [e for d, e in self.told["child.registered"] if d["childId"] == child and d.get("dateOfBirth")]
        births += [e for d, e in self.told["child.born"] if d["childId"] == child]
        born = self.case.born.get(child)
        if not born or not births:
            return
        adult = months(born, 216)
        adult += datetime.timedelta(adult.day != born.day)
        opens = months(adult, -12)
        if started < adult and not (end and end < opens) and opens <= self.now.astimezone(LONDON).date():
            for duty in ("birthday_review_planned", "birthday_review", "plan_end_at_18"):
                limits = self.limits(duty, births[-1]["id"], adult)
                if duty == "birthday_review" and adult.day != born.day:
                    limits = [limit._replace(due=adult - datetime.timedelta(1)) for limit in limits]
                self.owe(duty, limits, child=child, plan=plan["planId"])

    def abroad(self, plan, child, started, end):
        during = lambda on: on >= started and not (end and on > end)
        for data, event in self.told["child.left_country_reported"]:
            on = day(data["reportedAt"])
            if data["childId"] == child and during(on):
                limits = self.limits("whereabouts_decision", event["id"], on)
                running = [r for r in self.reviews(plan) if r.on <= on]
                review = soonest(running[-1].limits) if running else None
                if review and review >= on:
                    limits = [limit._replace(due=min(limit.due, review)) for limit in limits]
                self.owe("whereabouts_decision", limits, child=child, plan=plan["planId"])
        for data, event in self.told["child.location_confirmed"]:
            if data["childId"] == child and data.get("abroad") and during(day(data["confirmedAt"])):
                limits = self.limits("left_country_letter", event["id"], day(data["confirmedAt"]))
                return self.owe("left_country_letter", limits, child=child, plan=plan["planId"])

    def child_in_need(self, child):
        for data, event in self.told["cin_plan.started"]:
            if data["childId"] != child:
                continue
            ends = [day(d["endedOn"]) for d, _ in self.told["cin_plan.ended"] if d["cinPlanId"] == data["cinPlanId"]]
            held = [(day(d["reviewedAt"]), e["id"]) for d, e in self.told["cin_plan.reviewed"]
                    if d["cinPlanId"] == data["cinPlanId"] and not (ends and day(d["reviewedAt"]) > ends[-1])]
            steps = [(day(data["startedOn"]), event["id"])]
            for on, anchor in held:
                if on > steps[-1][0]:
                    steps.append((on, anchor))
            for on, anchor in steps:
                self.owe("child_in_need_review", self.limits("child_in_need_review", anchor, on), child=child)

    def moves(self, child):
        plans = [p for p in self.case.plans.values() if p["childId"] == child]
        came = any(data["childId"] == child for data, _ in self.told["transfer_in.notified"])
        for data, event in self.told["child.moved_area"]:
            on = day(data["movedOn"])
            on_plan = any(not self.plan_end(p) or self.plan_end(p) >= on for p in plans)
            if data["childId"] == child and data.get("permanent") is not False and (not plans or came or on_plan):
                self.owe("move_notice", self.limits("move_notice", event["id"], on), child=child)

    def complaints(self):
        for data, event in self.told["complaint.received"]:
            kind = self.conferences.get(data.get("conferenceId"), {}).get("type")
            if kind == "cla_review" or data.get("subjectAgency") not in (None, "childrens_social_care"):
                continue
            self.owe("complaint_handover", self.limits("complaint_handover", event["id"], day(data["receivedAt"])),
                     conference=data.get("conferenceId"))
