"""Who has had a letter or a record, and the act by which the last of them had it."""
import collections

from acts import Acts, last_of
from facts import day
from limits import LON

Sent = collections.namedtuple("Sent", "act person role")
FAMILY = {"parent_carer", "child", "supporter", "interpreter"}
WITHHELD = {"withhold", "withheld", "none", "no", "not_issue"}
EXCLUDES = {"exclude", "excluded", "agreed", "granted", "yes"}


def people(told, is_entitled):
    """Person and role, each person once, as first named with a role that is entitled."""
    found = {}
    for person in told:
        if person.get("personId") and is_entitled(person.get("role")):
            found.setdefault(person["personId"], person.get("role"))
    return found


def complete(sent, wanted, role=None):
    """One that names no person counts for all of its role; where nobody is known, the first that went to the role."""
    if not wanted:
        return next((s.act for s in sent if role is None or s.role in (None, role)), None)
    return last_of([next((s.act for s in sent if (s.person == person if s.person else s.role in (None, theirs))), None)
                    for person, theirs in wanted.items()])


class Letters(Acts):
    def invited(self, conference):
        return ([data["invitees"] for data, _ in self.of(conference, "conference.invite_list_submitted")] or [[]])[-1]

    def there_or_invited(self, meeting):
        return self.invited(meeting["id"]) + meeting["attendees"]

    def sent(self, conference, name):
        return [Sent(self.act(event), data.get("recipientId"), data.get("recipientRole"))
                for data, event in self.of(conference, name)]

    # --- After a conference (001, 14.4, 14.5, 14.6, 14.8 and 14.13) ------------------------------------------------------

    def letter_to_parents(self, meeting):
        parents = people(self.there_or_invited(meeting), lambda role: role == "parent_carer")
        letters = self.sent(meeting["id"], "decision_letter.sent")
        return complete([s for s in letters if s.role in (None, "parent_carer") or s.person], parents, "parent_carer")

    def entitled(self, meeting):
        """Observers have none, and the chair signs what the others have."""
        return people(self.there_or_invited(meeting), lambda role: role not in ("observer", "conference_chair"))

    def letter_to_all(self, meeting):
        """In London with the outline plan of each child for whom a plan was made."""
        wanted = self.entitled(meeting)
        acts = [complete(self.sent(meeting["id"], "decision_letter.sent"), wanted)]
        for child, decided in meeting["decisions"].items():
            if self.policy == LON and decided.get("decision") == "plan":
                outlines = [(data, event) for data, event in self.of(meeting["id"], "outline_plan.issued")
                            if data.get("childId") in (None, child)]
                acts.append(complete([Sent(self.act(event), person, None) for data, event in outlines
                                      for person in data.get("recipientIds") or [None]], wanted))
        return last_of(acts)

    def record_to_all(self, meeting):
        copies = self.of(meeting["id"], "conference.record_issued")
        said = lambda field: [data[field] for data, _ in copies if data.get(field) is not None][-1:]
        yes = lambda field: said(field) in ([True], ["yes"])
        excluded = self.wholly_excluded(meeting)
        owed = {}
        for person, role in self.entitled(meeting).items():
            is_child = role == "child" or person in meeting["children"]
            # A child's copy waits for the chair's word, a supporter's for the parent's.
            waits = not yes("childCopyDecision") if is_child else role == "supporter" and not yes("parentConsent")
            if person not in excluded and not waits:
                owed[person] = role
        return complete(self.sent(meeting["id"], "conference.record_issued"), owed)

    def wholly_excluded(self, meeting):
        """Those kept out of all of it, to whom the chair has not settled that the record goes (001, 5.10)."""
        came = {person.get("personId") for person in meeting["attendees"]}
        found, settled = {}, {}
        for data, _ in self.of(meeting["id"], "conference.exclusion_decided"):
            person, scope = data["personId"], data.get("scope")
            found[person] = data.get("decision") in EXCLUDES and (
                scope in ("full", "whole") or scope not in ("partial", "part") and person not in came)
            settled[person] = data.get("recordDecision") or settled.get(person)
        return {person for person, kept in found.items() if kept and (settled[person] or "no") in WITHHELD}

    def talked_through(self, meeting):
        """The record given to each parent and talked over with each."""
        talks = [(data, event) for data, event in self.of(meeting["id"], "conference.record_discussed")
                 if data.get("personId") not in meeting["children"]]
        parents = people(self.there_or_invited(meeting), lambda role: role == "parent_carer")
        return last_of([
            self.first([(data, event) for data, event in talks if person is None or data.get("personId") in (None, person)],
                       field)
            for person in parents or [None] for field in ("givenAt", "discussedAt")])

    # --- When a plan has ended (001, 10.9; 002, section 2) ---------------------------------------------------------------

    def ending_letters(self, kinds, plan, start):
        """About the plan; about the child where no plan is named; else about the conference that ended it."""
        ending = self.case.ends.get(plan["planId"], {})
        found = []
        for data, event in self.told["letter.sent"]:
            if data.get("planId"):
                is_its = data["planId"] == plan["planId"] and data.get("childId") in (None, plan["childId"])
            elif data.get("childId"):
                is_its = data["childId"] == plan["childId"]
            else:
                is_its = data.get("conferenceId") is not None and data["conferenceId"] == ending.get("conferenceId")
            if is_its and data["kind"] in kinds and day(data["sentAt"]) >= start:
                found.append((data.get("recipients") or [], self.act(event)))
        return found

    def whole(self, letters, named, members=()):
        """An agency is reached by any of its people, a member of the core group by name. A letter that names nobody counts for
        all; so does the first where nobody is known."""
        def reaches(recipient, person, by_name):
            if person.get("personId") and recipient.get("personId") == person["personId"]:
                return True
            agency = person.get("role") != "parent_carer" and person.get("agency")
            return bool(agency) and recipient.get("agency") == agency and not (by_name and person.get("personId"))

        wanted = [(person, False) for person in named] + [(person, True) for person in members]
        if not wanted:
            return letters[0][1] if letters else None
        return last_of([
            next((act for recipients, act in letters
                  if not recipients or any(reaches(one, person, by_name) for one in recipients)), None)
            for person, by_name in wanted])

    def first_invited(self, plan):
        made = self.made_by(plan)
        return plan.get("initialInvitees") or (self.invited(made["id"]) if made else [])

    def invited_professionals(self, plan):
        return [person for person in self.first_invited(plan) if person.get("role") not in FAMILY | {"observer"}]

    def core_group(self, plan, on):
        """Those named when the plan began, with who took over from whom, and those at the last meeting."""
        members = list(plan.get("coreGroup") or [])
        for data, _ in self.told["allocation.changed"]:
            if data["childId"] == plan["childId"] and data.get("fromPersonId") and data.get("toPersonId"):
                if day(data["effectiveAt"]) <= on:
                    members = [person | {"personId": data["toPersonId"]}
                               if person.get("personId") == data["fromPersonId"] else person for person in members]
        met = [data for data, _ in self.told["core_group.held"]
               if data["planId"] == plan["planId"] and day(data["heldAt"]) <= on]
        return [person for person in members + (met[-1].get("attendees") or [] if met else [])
                if person.get("role") not in FAMILY]

    def parents(self, plan):
        """Those invited when the plan was made, and those invited or there when it ended."""
        ended = self.conferences.get(self.case.ends.get(plan["planId"], {}).get("conferenceId"))
        all_told = self.first_invited(plan) + (self.there_or_invited(ended) if ended else [])
        return [person for person in all_told if person.get("role") == "parent_carer" and person.get("personId")]
