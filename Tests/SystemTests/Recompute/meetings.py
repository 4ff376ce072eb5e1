"""Duties around one meeting: its lists, invitations and reports before it, its letters and records after it."""
import datetime

from acts import Off, earliest
from facts import CARE_REVIEW, INITIAL, REVIEW, day, instant, own, working_day
from letters import Letters
from limits import LON, LONDON_REPORTS, NO_REPORT, SWI, moment

CARE = "childrens_social_care"
FAMILY_READERS = {"parent_carer", "child"}


class Meetings(Letters):
    def before(self, meeting):
        name, kind, booking = meeting["id"], meeting["type"], meeting["booked_by"]
        if kind in INITIAL:
            self.invite_list_after_enquiry(meeting)
        if kind is None or booking is None:
            return
        on, at = day(meeting["starts"]), moment(meeting["starts"])
        limits = lambda act: self.limits(act, booking, on, at)
        stage = "initial" if kind in INITIAL else "review" if kind in REVIEW else "care"
        off = self.meeting_off(meeting)
        owe = lambda duty, limits, act, occasion=name, off=off: self.owe(
            duty, limits, occasion, conference=name, act=act, off=off)
        owe("social_worker_report", limits(stage + "/social_worker_report"), self.report_handed_in(name))
        lists, invitations = [], []
        if kind in CARE_REVIEW:
            lists, invitations = limits("care/invite_list"), limits("care/invitations")
            owe("consultation_papers", limits("consultation_papers"), self.consulted(name), f"{name}/consultation")
        if kind != "cla_review":
            owe("report_to_chair", limits(stage + "/report_to_chair"), self.report_with_chair(name))
            self.agency_reports(meeting, stage, limits, owe)
            invitations = invitations + limits("invitations")
        if kind in REVIEW:
            lists = lists + limits("review/invite_list")
            self.date_set(meeting)
        owe("invite_list", lists, self.first(self.of(name, "conference.invite_list_submitted")))
        owe("invitations", invitations, self.invitations_sent(meeting))
        for data, event in self.of(name, "conference.exclusion_requested"):
            owe("exclusion_request", limits("exclusion_request"), self.act(event), self.occasion(event), None)
        for data, event in self.of(name, "conference.postponement_decided"):
            if data.get("agreed") and data.get("action") != "cancel" and own(event):
                owe("new_date", self.limits("new_date", event["id"], day(own(event))), self.new_date(meeting, data, event),
                    self.occasion(event), None)

    def new_date(self, meeting, data, event):
        """With the decision, else by the first move after it; one that was held has had its date."""
        if data.get("newStartsAt"):
            return self.act(event)
        moved = [(data, move) for data, move in self.of(meeting["id"], "conference.rescheduled")
                 if own(move) and instant(own(move)) >= instant(own(event))]
        return self.first(moved) or self.met_by(meeting["held"] and meeting)

    def invitations_sent(self, meeting):
        """To a transfer-in conference in London not without the former authority (001, 1.18)."""
        sent = self.of(meeting["id"], "conference.invitations_sent")
        is_former = lambda person: "other_authority" in (person.get("role"), person.get("personId"))
        if self.policy == LON and meeting["type"] == "transfer_in" and not any(
                person.get("role") == "other_authority" for person in self.invited(meeting["id"])):
            sent = [(data, event) for data, event in sent if any(map(is_former, data.get("recipients") or []))]
        return self.first(sent)

    def consulted(self, conference):
        enclosed = [(data, event) for data, event in self.of(conference, "conference.invitations_sent")
                    if "consultation_papers" in (data.get("attachments") or [])]
        return self.first(self.of(conference, "conference.consultation_sent") + enclosed)

    # --- Reports -------------------------------------------------------------------------------------------------------

    def reports(self, conference, agency):
        """Of an agency of this authority; social care's where none is named."""
        return [(data, event) for data, event in self.of(conference, "conference.report_submitted")
                if (data.get("reportSourceAuthority") or self.case.authority) == self.case.authority
                and (data.get("agency") or CARE) == agency]

    def shares(self, reports, roles):
        ids = {data["reportId"] for data, _ in reports}
        return [(data, event) for data, event in self.told["conference.report_shared"]
                if data["reportId"] in ids and data.get("personRole") in roles]

    def report_handed_in(self, conference):
        """London's is to be with the family by its day; the others' to be ready."""
        reports = self.reports(conference, CARE)
        return self.first(self.shares(reports, FAMILY_READERS) if self.policy in LONDON_REPORTS else reports)

    def report_with_chair(self, conference):
        """Receipt, not despatch (001, 7.8)."""
        reports = self.reports(conference, CARE)
        return earliest([self.first(reports, "receivedByChairAt"), self.first(self.shares(reports, {"conference_chair"}))])

    def agency_reports(self, meeting, stage, limits, owe):
        name = meeting["id"]
        agencies = {person.get("agency") or ("police" if person.get("role") == "police_rep" else None)
                    for person in self.invited(name) if person.get("role") not in NO_REPORT}
        if meeting["type"] == "transfer_in":
            former = [(data, event) for data, event in self.of(name, "conference.report_submitted")
                      if (data.get("reportSourceAuthority") or self.case.authority) != self.case.authority]
            owe("agency_report", limits("former_authority_report"), self.first(former), f"{name}/original_authority")
        for agency in agencies - {None, CARE}:
            reports = self.reports(name, agency)
            excused = agency == "police" and stage == "review" and self.is_police_excused(name)
            owe("agency_report", limits(stage + "/agency_report"), self.first(reports), f"{name}/{agency}",
                Off("not_required", None) if excused else self.meeting_off(meeting))
            if agency != "police" and reports:
                owe("agency_report_shared", limits("agency_report_shared"),
                    self.first(self.shares(reports, FAMILY_READERS)), f"{name}/{agency}")

    def is_police_excused(self, conference):
        """Who are no longer involved need not report to a review (001, 7.10), where London's row holds."""
        said = [data["policeInvolved"] for data, _ in self.of(conference, "conference.scheduled")
                if data.get("policeInvolved") is not None]
        return self.policy != SWI and said[-1:] == [False]

    def invite_list_after_enquiry(self, meeting):
        """5 working days from the start of the enquiry, 6 to the escalation, which alone is left where the conference was asked
        for later."""
        asked = next((event for data, event in reversed(self.of(meeting["id"], "conference.requested"))), None)
        behind = asked and self.enquiry_behind(meeting, day(own(asked)))
        if behind:
            limits = self.limits("initial/invite_list", behind[1]["id"], day(own(behind[1])))
            if own(asked):
                limits = [limit for limit in limits if day(own(asked)) <= limit.due]
            limits += self.limits("initial/invite_list_escalated", behind[1]["id"], day(own(behind[1])))
            self.owe("invite_list", limits, meeting["id"], conference=meeting["id"], off=self.meeting_off(meeting),
                     act=self.first(self.of(meeting["id"], "conference.invite_list_submitted")))

    def enquiry_behind(self, meeting, asked):
        named = self.case.requests.get(meeting["id"])
        started = self.told["s47_enquiry.started"]
        if named:
            return next((found for found in started if found[0]["enquiryId"] == named), None)
        if meeting["type"] == "transfer_in":
            return None
        found = []
        for child in meeting["children"]:
            answered = [other["held"] for other in self.case.held(child, INITIAL) if other["id"] != meeting["id"]]
            open_then = [
                e for e in started if child in e[0]["childIds"] and (not asked or day(own(e[1])) <= asked)
                and not any(on >= day(own(e[1])) and (not asked or on <= asked) for on in answered)]
            found += open_then[-1:]
        return min(found, key=lambda e: (day(own(e[1])), e[0]["enquiryId"]), default=None)

    def date_set(self, meeting):
        """Three months ahead of a review; of a first one no sooner than at the initial conference."""
        first = next(iter(self.of(meeting["id"], "conference.scheduled")), None)
        if not first:
            return
        data, event = first
        limits = self.limits("review_date_set", event["id"], day(data["startsAt"]))
        for limit in limits[:1]:
            initial = self.initial_before(meeting, limit.on)
            if initial and initial["held"] > limit.due:
                limits = [limit._replace(due=initial["held"], anchor=initial["event"], on=initial["held"], count=None,
                                         unit=None)]
        off = Off("cancelled", None) if meeting["broken"] == "cancelled" and not meeting["held"] else None
        self.owe("review_date_set", limits, meeting["id"], conference=meeting["id"], off=off,
                 act=self.date_first_set(meeting, day(data["startsAt"]), event))

    def date_first_set(self, meeting, on, booking):
        """By the booking, or before it by the meeting that came first."""
        acts = [self.act(booking)]
        for data, event in self.told["conference.next_date_set"]:
            named, before = data.get("nextConferenceId"), self.conferences.get(data["conferenceId"])
            is_its = before and before["children"] & meeting["children"] and day(data["nextOn"]) == on
            if named == meeting["id"] if named else is_its:
                acts.append(self.act(event))
        for data, event in self.told["conference.held"]:
            if day(data.get("nextReviewDate")) == on and self.conferences[data["conferenceId"]]["children"] & meeting["children"]:
                acts.append(self.act(event))
        return earliest(acts)

    def initial_before(self, meeting, on):
        for child in meeting["children"]:
            running = [p for p in self.case.plans.values() if p["childId"] == child and day(p["startedOn"]) <= on
                       and not (self.plan_end(p) and self.plan_end(p) <= on)]
            initial = running and self.made_by(running[-1])
            if initial and not any(initial["held"] < other["held"] < on for other in self.case.held(child, REVIEW)
                                   if other["id"] != meeting["id"]):
                return initial
        return None

    def after(self, meeting):
        name, held = meeting["id"], meeting["event"]
        data = self.of(name, "conference.held")[-1][0]
        ended = data.get("endedAt") or data.get("startsAt") or data["heldAt"]
        owe = lambda duty, on, act, at=None: self.owe(duty, self.limits(duty, held, on, at), name, conference=name, act=act)
        owe("decision_letter_parents", day(ended), self.letter_to_parents(meeting), moment(ended))
        owe("decision_letter_all", meeting["held"], self.letter_to_all(meeting))
        owe("conference_record", meeting["held"], self.record_to_all(meeting))
        owe("parents_record", meeting["held"], self.talked_through(meeting))
        self.amendments(name)
        for child in sorted(meeting["children"]):
            if meeting["type"] in INITIAL and self.is_inquorate(meeting, child) and not self.is_settled(meeting, child):
                self.meet_again(meeting, child)
        for data, event in self.of(name, "dissent.recorded"):
            on = max(day(data["recordedAt"]), meeting["held"])
            taken_up = [(other, step) for other, step in self.of(name, "dissent.escalated")
                        if not data.get("agency") or other.get("agency") in (None, data["agency"])]
            self.owe("dissent_escalation", self.limits("dissent_escalation", event["id"], on), self.occasion(event),
                     conference=name, act=self.first(taken_up))

    def meet_again(self, meeting, child):
        following = [m for m in self.case.held(child, INITIAL | REVIEW) if m["held"] > meeting["held"]]
        self.owe("inquorate_follow_up", self.limits("inquorate", meeting["event"], meeting["held"]), meeting["id"],
                 child=child, conference=meeting["id"], act=self.met_by(following[0] if following else None),
                 off=self.life_off(child),
                 booked=self.booking(child, meeting["held"] + datetime.timedelta(1), INITIAL | REVIEW))

    def amendments(self, conference):
        """A time in which changes may be asked for, from each copy's receipt."""
        copies = self.of(conference, "conference.record_issued")
        changes = self.changes(conference, copies)
        for place, (copy, event) in enumerate(copies):
            told = copy.get("receivedAt") or next((c["receivedAt"] for c, _ in changes[place] if c.get("receivedAt")), None)
            received = day(told) if told else working_day(day(copy["sentAt"]), 2)
            self.owe("record_amendments", self.limits("record_amendments", event["id"], received), self.occasion(event),
                     conference=conference, act=self.act(changes[place][0][1]) if changes[place] else None, window=True)

    def changes(self, conference, copies):
        """Amendments asked for, each of the latest copy that its sender had by then."""
        found = [[] for _ in copies]
        for asked, event in self.of(conference, "conference.record_amendment_requested"):
            theirs = [place for place, (copy, _) in enumerate(copies)
                      if not asked.get("recipientId") or not copy.get("recipientId")
                      or asked["recipientId"] == copy["recipientId"]]
            by_then = [place for place in theirs if instant(copies[place][0]["sentAt"]) <= instant(asked["requestedAt"])]
            if theirs:
                found[by_then[-1] if by_then else theirs[0]].append((asked, event))
        return found

    def is_settled(self, meeting, child):
        decided = meeting["decisions"].get(child, {}).get("decision")
        made = [self.made_by(p) for p in self.case.plans.values() if p["childId"] == child]
        return decided == "no_plan" or any(found and found["id"] == meeting["id"] for found in made)
