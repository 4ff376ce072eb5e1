"""What writes events by hand: a case hands out ids in order, and fills in when each thing was done. See write.py."""
import json

LONDON, LINCOLNSHIRE, SWINDON, KNOWSLEY, NOWHERE = "E09000028", "E10000019", "E06000030", "E08000011", "E08000035"
# The field of the event's own instant, or day.
OWN = {
    "conference.held": "heldAt", "conference.requested": "requestedAt", "conference.convening_decided": "decidedAt",
    "conference.scheduled": "dateSetAt", "conference.chair_assigned": "assignedAt",
    "conference.child_participation_assessed": "assessedAt", "conference.exclusion_decided": "decidedAt",
    "conference.record_issued": "sentAt", "outline_plan.issued": "issuedAt", "complaint.received": "receivedAt",
    "complaint.concluded": "concludedAt", "conference.next_date_set": "dateSetAt", "plan.started": "startedOn",
    "plan.ended": "endedOn", "plan.end_proposed": "proposedAt", "court_order.made": "madeAt", "court_order.ended": "endedAt",
    "plan.actions_updated": "updatedAt", "child.died": "dateOfDeath", "transfer_out.notified": "notifiedAt",
    "transfer_out.conference_confirmed": "conferenceHeldAt", "child.left_country_reported": "reportedAt",
    "child.location_confirmed": "confirmedAt", "child.whereabouts_decided": "decidedAt", "plan.dual_decided": "decidedAt",
    "child.became_looked_after": "startedOn", "conference.postponement_requested": "requestedAt",
    "conference.postponement_decided": "decidedAt", "conference.rescheduled": "rescheduledAt",
    "conference.cancelled": "cancelledAt", "conference.adjourned": "adjournedAt",
    "conference.deputy_nominated": "nominatedAt", "conference.invite_list_submitted": "submittedAt",
    "conference.report_submitted": "submittedAt", "allocation.changed": "effectiveAt", "care_proceedings.started": "startedAt",
    "early_review.decided": "decidedAt",
}
BORN = "2016-03-04"


def at(on):
    """`02-20` or `02-20 11:00`, of 2025."""
    return f"2025-{on[:5]}T{on[6:] or '10:00'}:00Z"


class Written:
    def __init__(self, authority, subject):
        self.authority, self.subject, self.count, self.plans = authority, subject, 100, 0

    def __call__(self, name, on, **data):
        """A field that is None is left out."""
        own = OWN.get(name)
        if own:
            data.setdefault(own, at(on)[:10] if own.endswith("On") or own == "dateOfDeath" else at(on))
        name_of = f"{self.subject}-{self.count}"
        self.count += 1
        print(json.dumps(dict(
            specversion="1.0", id=name_of, source=f"urn:test:{self.authority}", type=f"quorate.{name}.v1", subject=self.subject,
            time=at(on), authority=self.authority, datacontenttype="application/json",
            data={field: value for field, value in data.items() if value is not None}), separators=(",", ":")))
        return name_of

    def child(self, child, born=BORN):
        self("child.registered", "01-02", childId=child, dateOfBirth=born)

    def book(self, meeting, kind, children, on="03-20", **more):
        self("conference.scheduled", "02-03", conferenceId=meeting, conferenceType=kind, childIds=children, startsAt=at(on), **more)

    def hold(self, meeting, kind, on, child, decision=None, **more):
        decisions = [dict(childId=child, decision=decision)] if decision else None
        self("conference.held", on, conferenceId=meeting, conferenceType=kind, childIds=[child], decisions=decisions, **more)

    def plan(self, plan, child, on, meeting, **more):
        self("plan.started", on, planId=plan, childId=child, category="neglect", conferenceId=meeting, **more)
