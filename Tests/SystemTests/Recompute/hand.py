"""A case written by hand: its events, printed one a line, days counted from the day that the program is given."""
import datetime
import json
import sys

TODAY = datetime.date.fromisoformat(sys.argv[1])
LON, LIN, SWI, KNO, ENG = "E09000028", "E10000019", "E06000030", "E08000011", "E08000035"


def day(offset):
    return f"{TODAY + datetime.timedelta(offset)}"


def at(offset, clock="10:00"):
    return f"{day(offset)}T{clock}:00Z"


class File:
    """Of one child. Each event is recorded half an hour after it happened at ten."""
    count = 0

    def __init__(self, authority, name, born=-2000, since=-900):
        File.count += 1
        self.authority, self.name, self.child, self.told = authority, f"W-{File.count:02}-{name}", f"K-W{File.count:02}", 0
        self.plan_id = f"P-W{File.count:02}"
        if born is not None:
            self.tell("child.registered", since, childId=self.child, dateOfBirth=day(born))

    def conference(self, number=1):
        return f"CF-{self.child[2:]}-{number}"

    def tell(self, event, on, /, **data):
        identity, self.told = f"{self.name}-{100 + self.told}", self.told + 1
        print(json.dumps(dict(
            specversion="1.0", id=identity, source=f"urn:test:{self.authority}", type=f"quorate.{event}.v1", subject=self.name,
            time=at(on, "10:30"), authority=self.authority, datacontenttype="application/json", data=data)))
        return identity

    def enquire(self, on, discussed=True, number=1):
        ids = dict(childIds=[self.child])
        name = f"SD-{self.child}-{number}"
        if discussed:
            self.tell("strategy_discussion.held", on, discussionId=name, heldAt=at(on), initiatedS47=True, **ids)
        self.tell("s47_enquiry.started", on, enquiryId=f"EN-{self.child}-{number}", startedAt=at(on, "11:00"), **ids,
                  **({"discussionId": name} if discussed else {}))
        return f"EN-{self.child}-{number}"

    def complete(self, on, outcome, number=1):
        self.tell("s47_enquiry.completed", on, enquiryId=f"EN-{self.child}-{number}", completedAt=at(on), childIds=[self.child],
                  outcomes=[{"childId": self.child, "outcome": outcome}])

    def request(self, on, kind, number=1, **more):
        self.tell("conference.requested", on, conferenceId=self.conference(number), conferenceType=kind, requestedAt=at(on),
                  childIds=[self.child], **more)

    def decide(self, on, decision, number=1):
        self.tell("conference.convening_decided", on, conferenceId=self.conference(number), decision=decision, decidedAt=at(on),
                  decidedByRole="csc_manager", reasons="as discussed")

    def book(self, made, kind, starts, number=1, **more):
        data = dict(conferenceId=self.conference(number), conferenceType=kind, childIds=[self.child],
                    startsAt=starts if isinstance(starts, str) else at(starts), dateSetAt=at(made))
        return self.tell("conference.scheduled", made, **data | more)

    def hold(self, on, kind, number=1, decision="continue", **more):
        data = dict(conferenceId=self.conference(number), conferenceType=kind, childIds=[self.child], heldAt=at(on),
                    decisions=[{"childId": self.child, "decision": decision}]) | more
        return self.tell("conference.held", on, **data)

    def plan(self, on, conference=None, **more):
        named = {"conferenceId": conference} if conference else {}
        return self.tell("plan.started", on, planId=self.plan_id, childId=self.child, startedOn=day(on), category="neglect",
                         **named, **more)

    def end(self, on, conference, **more):
        return self.tell("plan.ended", on, planId=self.plan_id, childId=self.child, endedOn=day(on), recordedAt=at(on),
                         groundCode="no_risk", route="conference", conferenceId=conference, **more)

    def on_plan(self, on, kind="initial", **more):
        self.hold(on, kind, decision="plan", **more)
        self.plan(on, self.conference())


PARENT = {"personId": "M-1", "role": "parent_carer"}
NURSE = {"personId": "HV-1", "role": "agency_professional", "agency": "health_visiting"}
POLICE = {"personId": "POL-1", "role": "police_rep", "agency": "police"}
SUPPORTER = {"personId": "S-1", "role": "supporter"}
FATHER = {"personId": "F-1", "role": "parent_carer"}
