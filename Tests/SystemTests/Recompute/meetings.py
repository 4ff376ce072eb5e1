"""Duties around one meeting: its lists, invitations and reports before it, its letters and records after it."""
from facts import CARE_REVIEW, INITIAL, REVIEW, day, instant, own, working_day
from limits import NO_REPORT, Procedure, moment


class Meetings(Procedure):
    def before(self, meeting):
        name, kind, booking = meeting["id"], meeting["type"], meeting["booked_by"]
        if kind in INITIAL:
            self.invite_list_after_enquiry(meeting)
        if kind is None or booking is None:
            return
        on, at = day(meeting["starts"]), moment(meeting["starts"])
        limits = lambda act: self.limits(act, booking, on, at)
        stage = "initial" if kind in INITIAL else "review" if kind in REVIEW else "care"
        self.owe("social_worker_report", limits(stage + "/social_worker_report"), conference=name)
        lists, invitations = [], []
        if kind in CARE_REVIEW:
            lists, invitations = limits("care/invite_list"), limits("care/invitations")
            self.owe("consultation_papers", limits("consultation_papers"), conference=name)
        if kind != "cla_review":
            self.owe("report_to_chair", limits(stage + "/report_to_chair"), conference=name)
            self.agency_reports(meeting, stage, limits)
            invitations = invitations + limits("invitations")
        if kind in REVIEW:
            lists = lists + limits("review/invite_list")
            self.date_set(meeting)
        self.owe("invite_list", lists, conference=name)
        self.owe("invitations", invitations, conference=name)
        for data, event in self.of(name, "conference.exclusion_requested"):
            self.owe("exclusion_request", limits("exclusion_request"), conference=name)
        for data, event in self.of(name, "conference.postponement_decided"):
            if data.get("agreed") and data.get("action") != "cancel" and own(event):
                self.owe("new_date", self.limits("new_date", event["id"], day(own(event))), conference=name)

    def agency_reports(self, meeting, stage, limits):
        name = meeting["id"]
        invited = ([data["invitees"] for data, _ in self.of(name, "conference.invite_list_submitted")] or [[]])[-1]
        reports = [(data.get("agency"), (data.get("reportSourceAuthority") or self.case.authority) != self.case.authority)
                   for data, _ in self.of(name, "conference.report_submitted")]
        agencies = {person.get("agency") or ("police" if person.get("role") == "police_rep" else None)
                    for person in invited if person.get("role") not in NO_REPORT}
        if meeting["type"] == "transfer_in":
            self.owe("agency_report", limits("former_authority_report"), conference=name)
        for agency in agencies - {None, "childrens_social_care"}:
            self.owe("agency_report", limits(stage + "/agency_report"), conference=name)
            if agency != "police" and (agency, False) in reports:
                self.owe("agency_report_shared", limits("agency_report_shared"), conference=name)

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
            self.owe("invite_list", limits, conference=meeting["id"])

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
        self.owe("review_date_set", limits, conference=meeting["id"])

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
        self.owe("decision_letter_parents", self.limits("decision_letter_parents", held, day(ended), moment(ended)),
                 conference=name)
        for duty in ("decision_letter_all", "conference_record", "parents_record"):
            self.owe(duty, self.limits(duty, held, meeting["held"]), conference=name)
        copies = self.of(name, "conference.record_issued")
        changes = self.changes(name, copies)
        for place, (copy, event) in enumerate(copies):
            told = copy.get("receivedAt") or next((c["receivedAt"] for c in changes[place] if c.get("receivedAt")), None)
            received = day(told) if told else working_day(day(copy["sentAt"]), 2)
            self.owe("record_amendments", self.limits("record_amendments", event["id"], received), conference=name)
        for child in sorted(meeting["children"]):
            if meeting["type"] in INITIAL and self.is_inquorate(meeting, child) and not self.is_settled(meeting, child):
                self.owe("inquorate_follow_up", self.limits("inquorate", held, meeting["held"]), child=child, conference=name)
        for data, event in self.of(name, "dissent.recorded"):
            on = max(day(data["recordedAt"]), meeting["held"])
            self.owe("dissent_escalation", self.limits("dissent_escalation", event["id"], on), conference=name)

    def changes(self, conference, copies):
        """Amendments asked for, each of the latest copy that its sender had by then."""
        found = [[] for _ in copies]
        for asked, _ in self.of(conference, "conference.record_amendment_requested"):
            theirs = [place for place, (copy, _) in enumerate(copies)
                      if not asked.get("recipientId") or not copy.get("recipientId")
                      or asked["recipientId"] == copy["recipientId"]]
            by_then = [place for place in theirs if instant(copies[place][0]["sentAt"]) <= instant(asked["requestedAt"])]
            if theirs:
                found[by_then[-1] if by_then else theirs[0]].append(asked)
        return found

    def is_settled(self, meeting, child):
        decided = meeting["decisions"].get(child, {}).get("decision")
        made = [self.made_by(p) for p in self.case.plans.values() if p["childId"] == child]
        return decided == "no_plan" or any(found and found["id"] == meeting["id"] for found in made)
