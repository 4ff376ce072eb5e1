"""What is refused around the record of a meeting: exclusions, outline plans, copies and how complaints end (001, 5, 12 and 14)."""
import datetime

from facts import INITIAL, REVIEW, day, instant, own
from limits import soonest
from reviews import Reviews

CHAIRS = {"conference_chair", "cp_chair_manager", "other_independent_chair"}
EXCLUDED = {"exclude", "excluded", "agreed", "granted", "yes"}
WITHHELD = {"withhold", "withheld", "none", "no", "not_issue"}
ANSWERS = {"yes": True, "true": True, True: True, "no": False, "false": False, False: False}


def says(value):
    """Whether a field says something: neither absent nor empty, nor false."""
    if isinstance(value, dict):
        return any(says(v) for v in value.values())
    return any(says(v) for v in value) if isinstance(value, list) else value not in (None, "", False)


def latest(text):
    """The last instant that it can mean: of a day, its end."""
    if len(text) > 10:
        return instant(text)
    return instant(f"{day(text) + datetime.timedelta(1)}") - datetime.timedelta(microseconds=1)


class Papers(Reviews):
    def kind(self, data):
        return self.conferences[data["conferenceId"]]["type"] if data.get("conferenceId") in self.conferences else None

    def is_protection(self, data):
        return self.kind(data) in INITIAL | REVIEW

    def chairs_of(self, conference, *names):
        """Whom events of these kinds name; an appointment that was refused makes nobody the chair."""
        refused = {event for _, event in self.found}
        return {data["chairId"] for name in names for data, event in self.of(conference, name)
                if data.get("chairId") and event["id"] not in refused}

    # --- Exclusion ----------------------------------------------------------------------------------------------------

    def exclusions(self):
        """The chair rules (5.1), and finally (5.8)."""
        ruled = set()
        for data, event in self.told["conference.exclusion_decided"]:
            key = data["conferenceId"], data["personId"]
            by_chair = self.by_chair(data)
            if by_chair:
                ruled.add(key)
            elif by_chair is False and self.is_protection(data):
                self.refuse("LON-5.1b", event)
                if key in ruled:
                    self.refuse("LON-5.8", event)

    def by_chair(self, data):
        """By the meeting's own chair, or in a chair's role; None where nothing says."""
        person, role = data.get("decidedBy"), data.get("decidedByRole")
        chairs = self.chairs_of(data["conferenceId"], "conference.scheduled", "conference.chair_assigned", "conference.held")
        if person in chairs:
            return True
        if role:
            return role in CHAIRS
        return None if not person or not chairs else False

    def kept_out(self, meeting):
        """Who was excluded from the whole of it, by the last word on each that has effect, and from what day on it was settled
        whether they have the record."""
        ruling, told = {}, {}
        for data, event in self.of(meeting["id"], "conference.exclusion_decided"):
            if self.by_chair(data) is not False:
                ruling[data["personId"]] = data
                if says(data.get("recordDecision")):
                    told.setdefault(data["personId"], []).append(data)
        came = {a.get("personId") for a in meeting["attendees"]}
        whole = lambda person, scope: scope in ("full", "whole") or scope not in ("partial", "part") and person not in came
        return {person: told.get(person, []) for person, data in ruling.items()
                if data["decision"] in EXCLUDED and whole(person, data.get("scope"))}

    # --- What the chair signs, and who has it ---------------------------------------------------------------------------

    def signed(self, meeting, data, sent):
        chairs = self.chairs_of(meeting["id"], "conference.chair_assigned", "conference.held")
        signer, at = data.get("signedBy"), data.get("signedAt")
        return bool(signer) and not (chairs and signer not in chairs) and not (at and instant(at) > latest(sent))

    def outlines(self):
        for data, event in self.told["outline_plan.issued"]:
            meeting = self.conferences.get(data["conferenceId"])
            if meeting and meeting["held"] and self.is_protection(data) and not self.signed(meeting, data, data["issuedAt"]):
                self.refuse("LON-14.13b", event)

    def records(self):
        for meeting in self.conferences.values():
            if not meeting["held"] or meeting["type"] not in INITIAL | REVIEW:
                continue
            copies = self.of(meeting["id"], "conference.record_issued")
            kept_out = self.kept_out(meeting)
            for data, event in copies:
                settled = [d for d in kept_out.get(data.get("recipientId"), [])
                           if not d.get("decidedAt") or instant(d["decidedAt"]) <= latest(data["sentAt"])]
                if data.get("recipientId") in kept_out and (not settled or settled[-1]["recordDecision"] in WITHHELD):
                    self.refuse("LON-5.10c", event)
                if not self.signed(meeting, data, data["sentAt"]):
                    self.refuse("LON-14.4b", event)
            self.childs_copy(meeting, [(d, e) for d, e in copies if self.signed(meeting, d, d["sentAt"])])

    def childs_copy(self, meeting, copies):
        """A child has none before the chair has decided, and none against that (14.8)."""
        if not any(self.case.born.get(child) or child not in self.case.due for child in meeting["children"]):
            return
        is_decided, decision = False, None
        for data, event in copies:
            word = data.get("childCopyDecision")
            is_decided |= says(word) or word is False or word in ANSWERS
            decision = ANSWERS.get(word, decision)
            is_childs = data.get("recipientRole") == "child" or data.get("recipientId") in meeting["children"]
            if is_childs and (not is_decided or decision is False):
                self.refuse("LON-14.8a", event)

    # --- Complaints -----------------------------------------------------------------------------------------------------

    def complaints_concluded(self):
        """Another chair, an earlier review or no change (12.4); what is said of an agency ends in that agency's process (12.5)."""
        received = {data["complaintId"]: data for data, _ in self.told["complaint.received"]}
        concluded = {data["complaintId"]: (data, event) for data, event in self.told["complaint.concluded"]}
        for data, event in concluded.values():
            complaint = received.get(data["complaintId"], {})
            if self.kind(complaint) == "cla_review":
                continue
            if complaint.get("subjectAgency") not in (None, "childrens_social_care"):
                self.refuse("LON-12.5", event)
            elif data.get("outcome") == "review_brought_forward":
                due = self.review_awaited(complaint.get("conferenceId"), day(data["concludedAt"]))
                if not data.get("newOn") or due and day(data["newOn"]) >= due:
                    self.refuse("LON-12.4a", event)
            elif data.get("outcome") not in ("reconvene_new_chair", "status_quo"):
                self.refuse("LON-12.4a", event)

    def review_awaited(self, conference, on):
        """When the first review that the meeting's children awaited on a day was due, as far as it was decided by then."""
        decided = {event["id"] for _, _, event in self.case.facts if own(event) and day(own(event)) <= on}
        dues = []
        for plan in self.case.plans.values():
            if plan["childId"] not in self.conferences.get(conference, {}).get("children", ()):
                continue
            for review in self.reviews(plan) if not self.plan_end(plan) or self.plan_end(plan) > on else []:
                if review.on <= on and not (review.met and review.met["held"] <= on):
                    limits = self.aligned(review, self.care_partners(plan))
                    dues.append(soonest([limit for limit in limits if limit.count is not None or limit.anchor in decided]))
        return min(dues, default=None)
