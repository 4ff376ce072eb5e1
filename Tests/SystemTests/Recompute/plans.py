"""What else is owed while a plan lasts, when it ends and after it."""
import datetime

from acts import Booking, Off, earliest
from facts import LONDON, REVIEW, day, months, own
from limits import soonest
from reviews import Reviews, concerns


class Plans(Reviews):
    def plan(self, plan):
        identity, child, started, end = plan["planId"], plan["childId"], day(plan["startedOn"]), self.plan_end(plan)
        partners = self.care_partners(plan)
        for place, review in enumerate(self.reviews(plan)):
            self.owe("later_review" if place else "first_review", self.aligned(review, partners), f"{identity}/{place + 1}",
                     child=child, plan=identity, act=self.met_by(review.met), off=self.plan_off(plan), booked=review.booked)
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
            period = self.both(plan, spell)
            if period and on >= started and data.get("legalBasis") == "s20":
                cause = "plan_ended" if period[1] == end else "looked_after_ended"
                self.owe("security_review", self.limits("security_review", event["id"], on), self.occasion(event), **subject,
                         act=self.first([spell[:2]], "reviewedAt"), off=Off(cause, period[1]) if period[1] else None)
        causes = self.dual_causes(plan)
        decided = [day(own(event)) for data, event in self.told["plan.dual_decided"] if own(event) and concerns(data, plan)]
        for place, (on, event, over) in enumerate(causes):
            # What was decided since the first cause stands for a later one.
            if not place or not any(causes[0][0] <= at <= on for at in decided):
                self.owe("dual_plan_decision", self.limits("dual_plan_decision", event["id"], on), self.occasion(event), **subject,
                         act=self.chosen(plan, causes[0][0]), off=self.choice_off(plan, over))

    def chosen(self, plan, since):
        """Which of the two plans is kept."""
        return self.first([(data, event) for data, event in self.told["plan.dual_decided"]
                           if concerns(data, plan) and own(event) and day(own(event)) >= since])

    def choice_off(self, plan, over):
        off = self.plan_off(plan)
        return Off("not_required", over) if over and not (off and off.on <= over) else off

    def after_the_birth(self, plan, child, started, end):
        made, births = self.made_by(plan), [event for data, event in self.told["child.born"] if data["childId"] == child]
        born = self.case.born.get(child)
        if not made or made["type"] != "prebirth" or self.born_before(made, child) or not births:
            return
        if born >= started and not (end and born >= end):
            met = [(data, event) for data, event in self.told["core_group.held"]
                   if data["planId"] == plan["planId"] and day(data["heldAt"]) >= born]
            act = earliest([self.met_by(self.first_held(child, REVIEW, born)), self.first(met)])
            self.owe("post_birth_meeting", self.limits("post_birth_meeting", births[-1]["id"], born), plan["planId"],
                     child=child, plan=plan["planId"], act=act, off=self.plan_off(plan),
                     booked=None if act else self.booking(child, born, REVIEW))

    def ending(self, plan, child, end):
        name = plan["planId"]
        told = [(data, event) for data, event in self.told["plan.ended"] if data["planId"] == name]
        died = [(data, event) for data, event in self.told["child.died"] if data["childId"] == child]
        life = self.life_end(child)
        owe = lambda duty, event, on, act: self.owe(
            duty, self.limits(duty, event["id"], on), name, child=child, plan=name, act=act)
        told_parents = lambda on: self.whole(self.ending_letters({"plan_end_by_sw"}, plan, on), self.parents(plan))
        if life and end == max(life, day(plan["startedOn"])):
            if died:
                data, event = died[-1]
                on = max(day(data.get("reportedAt") or data["dateOfDeath"]), day(data["dateOfDeath"]))
                letters = self.ending_letters({"plan_end_death"}, plan, day(data["dateOfDeath"]))
                owe("death_letter", event, on, letters[0][1] if letters else None)
                owe("ending_by_social_worker", event, on, told_parents(on))
        elif told:
            data, event = told[-1]
            on = day(data["endedOn"])
            letters = self.ending_letters({"plan_end_agencies", "plan_end_abroad"}, plan, on)
            owe("ending_letter_agencies", event, on,
                self.whole(letters, self.invited_professionals(plan), self.core_group(plan, on)))
            owe("ending_by_social_worker", event, on, told_parents(on))

    def progress(self, plan, child, started):
        """18 months from the plan's start, or from the original one where the plan moved in."""
        anchor, made = (self.event_of("plan.started", "planId", plan["planId"]), started), self.made_by(plan)
        if made and made["type"] == "transfer_in":
            for data, event in self.told["transfer_in.notified"]:
                if data["childId"] == child and data.get("originalPlanStart") and day(data["notifiedAt"]) <= started:
                    first = day(data["originalPlanStart"])
                    anchor = (event["id"], first) if first < started else anchor
        opens = months(anchor[1], 17)
        mine = lambda name, field: [(data, event) for data, event in self.told[name]
                                    if data["planId"] == plan["planId"] and day(data[field]) >= opens]
        act, planned = self.first(mine("progress_meeting.held", "heldAt")), mine("progress_meeting.scheduled", "startsAt")
        booked = Booking(planned[-1][0]["startsAt"], None) if planned and not act else None
        self.owe("progress_meeting", self.limits("progress_meeting", *anchor), plan["planId"], child=child,
                 plan=plan["planId"], act=act, off=self.plan_off(plan), booked=booked)

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
            acts = {"birthday_review_planned": self.review_planned(child, adult),
                    "birthday_review": self.met_by(self.first_held(
                        child, REVIEW, max(adult - datetime.timedelta(28), started + datetime.timedelta(1)))),
                    "plan_end_at_18": self.ended_by(plan, end) if end and end >= adult else None}
            for duty in ("birthday_review_planned", "birthday_review", "plan_end_at_18"):
                limits = self.limits(duty, births[-1]["id"], adult)
                if duty == "birthday_review" and adult.day != born.day:
                    limits = [limit._replace(due=adult - datetime.timedelta(1)) for limit in limits]
                self.owe(duty, limits, f'{plan["planId"]}/18', child=child, plan=plan["planId"], act=acts[duty],
                         off=None if acts[duty] and duty == "plan_end_at_18" else self.plan_off(plan),
                         booked=self.birthday_booking(child, adult) if duty == "birthday_review" and not acts[duty] else None)

    def ended_by(self, plan, end):
        told = [event for data, event in self.told["plan.ended"] if data["planId"] == plan["planId"]]
        return self.act(told[-1]) if told and self.plan_off(plan).cause == "plan_ended" else None

    def birthday_booking(self, child, adult):
        return self.booking(child, adult - datetime.timedelta(28), REVIEW)

    def review_planned(self, child, adult):
        """Booked, or its date set, for the four weeks before."""
        near = lambda on: adult - datetime.timedelta(28) <= on <= adult
        acts = [self.act(self.events[m["booked_by"]]) for m in self.conferences.values()
                if child in m["children"] and m["type"] in REVIEW and m["broken"] != "cancelled" and m["booked_by"]
                and near(day(m["starts"]))]
        return earliest(acts + [
            self.act(event) for data, event in self.told["conference.next_date_set"]
            if near(day(data["nextOn"])) and child in self.conferences.get(data["conferenceId"], {"children": ()})["children"]])

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
                self.owe("whereabouts_decision", limits, f'{plan["planId"]}/{self.occasion(event)}', child=child,
                         plan=plan["planId"], act=self.decided(plan, child, on), off=self.search_off(plan, child, on))
        for data, event in self.told["child.location_confirmed"]:
            if data["childId"] == child and data.get("abroad") and during(day(data["confirmedAt"])):
                on = day(data["confirmedAt"])
                letters = self.ending_letters({"plan_end_abroad"}, plan, on)
                return self.owe("left_country_letter", self.limits("left_country_letter", event["id"], on),
                                f'{plan["planId"]}/{self.occasion(event)}', child=child, plan=plan["planId"],
                                act=self.whole(letters, self.invited_professionals(plan)), off=self.life_off(child))

    def decided(self, plan, child, on):
        """By a service manager: on its own, or by ending the plan."""
        acts = [(data, event) for data, event in self.told["child.whereabouts_decided"]
                if data["childId"] == child and data.get("decidedByRole") == "service_manager"
                and data.get("planId") in (None, plan["planId"]) and own(event) and day(own(event)) >= on]
        ends = [(data, event) for data, event in self.told["plan.ended"]
                if data["planId"] == plan["planId"] and data.get("decidedByRole") == "service_manager"]
        return self.first(acts) or self.first(ends[-1:])

    def search_off(self, plan, child, on):
        """Once the place is confirmed or the plan has ended, whichever was first."""
        found = [day(data["confirmedAt"]) for data, _ in self.told["child.location_confirmed"]
                 if data["childId"] == child and day(data["confirmedAt"]) >= on][:1]
        off = self.plan_off(plan)
        return Off("not_required", found[0]) if found and not (off and off.on <= found[0]) else off

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
            off = self.ended(child, "plan_ended", ends[-1] if ends else None)
            for place, (on, anchor) in enumerate(steps):
                met = steps[place + 1:place + 2]
                self.owe("child_in_need_review", self.limits("child_in_need_review", anchor, on),
                         f'{data["cinPlanId"]}/{place + 1}', child=child, off=off,
                         act=self.act(self.events[met[0][1]]) if met else None)

    def moves(self, child):
        plans = [p for p in self.case.plans.values() if p["childId"] == child]
        came = any(data["childId"] == child for data, _ in self.told["transfer_in.notified"])
        for data, event in self.told["child.moved_area"]:
            on = day(data["movedOn"])
            on_plan = any(not self.plan_end(p) or self.plan_end(p) >= on for p in plans)
            if data["childId"] == child and data.get("permanent") is not False and (not plans or came or on_plan):
                self.owe("move_notice", self.limits("move_notice", event["id"], on), self.occasion(event), child=child,
                         act=self.first([(data, event)], "notifiedAt"), off=self.life_off(child))

    def complaints(self):
        for data, event in self.told["complaint.received"]:
            kind = self.conferences.get(data.get("conferenceId"), {}).get("type")
            if kind == "cla_review" or data.get("subjectAgency") not in (None, "childrens_social_care"):
                continue
            self.owe("complaint_handover", self.limits("complaint_handover", event["id"], day(data["receivedAt"])),
                     data["complaintId"], conference=data.get("conferenceId"), act=self.handed_over(data["complaintId"]))

    def handed_over(self, complaint):
        """When the second of the two had it: the chair's manager and the complaints manager, or any two persons."""
        had = set()
        for data, event in self.told["complaint.passed_on"]:
            if data["complaintId"] == complaint:
                roles = {one.get("role") or one.get("personId") for one in data.get("recipients") or []}
                had |= {"chair_line_manager" if role == "cp_chair_manager" else role for role in roles}
                if len(had) >= 2:
                    return self.act(event)
        return None
