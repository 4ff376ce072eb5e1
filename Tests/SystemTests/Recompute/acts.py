"""What was done and when, what takes a duty away, and which meeting is booked for it."""
import collections
import datetime

from facts import INITIAL, day, instant, own
from limits import Procedure, moment

# `at` as it is written, an instant or a day. `on`: what was missed before it stays missed; None where it was never owed.
Act = collections.namedtuple("Act", "event at root")
Off = collections.namedtuple("Off", "cause on")
Booking = collections.namedtuple("Booking", "starts made")


def when(text):
    """Orders what is told as an instant and what is told as a day: the day comes last."""
    return instant(text) if len(text) > 10 else instant(text) + datetime.timedelta(days=1, microseconds=-1)


def earliest(acts):
    """Of events of several kinds; of two at once that of the lesser id, a correction in the place of its root."""
    return min((act for act in acts if act), key=lambda act: (when(act.at), act.root), default=None)


def last_of(acts):
    """The act by which all of them were done; None where one is lacking."""
    return max(acts, key=lambda act: when(act.at)) if acts and all(acts) else None


class Acts(Procedure):
    def __init__(self, case, now):
        super().__init__(case, now)
        self.events = {event["id"]: event for _, _, event in case.facts}
        self.declined = set()
        for name, data, _ in case.facts:
            # A request after a refusal asks anew.
            if name == "conference.requested" or name == "conference.convening_decided" and data["decision"] != "no":
                self.declined.discard(data["conferenceId"])
            elif name == "conference.convening_decided":
                self.declined.add(data["conferenceId"])

    def act(self, event, field=None):
        at = event["data"].get(field) if field else own(event)
        return Act(event["id"], at, event["root"]) if at else None

    def first(self, found, field=None):
        """Of pairs of data and event, in their order, the first act that has happened."""
        acts = [self.act(event, field) for _, event in found]
        return min((act for act in acts if act and instant(act.at) <= self.now), key=lambda act: when(act.at), default=None)

    def met_by(self, meeting):
        return meeting and self.act(self.events[meeting["event"]])

    def occasion(self, event):
        """What a duty hangs on is named by the first event of its chain of corrections."""
        event = event if isinstance(event, dict) else self.events[event]
        return f'{event["source"]} {event["root"]}'

    # --- What takes it away --------------------------------------------------------------------------------------------

    def life_off(self, child):
        died = any(data["childId"] == child for data, _ in self.told["child.died"])
        on = self.life_end(child)
        return Off("death" if died else "pregnancy_ended", on) if on else None

    def ended(self, child, cause, end):
        """By its own end, or by the end of the life that it was for where that came first."""
        life = self.life_off(child)
        return life if life and not (end and end < life.on) else Off(cause, end) if end else None

    def plan_off(self, plan):
        return self.ended(plan["childId"], "plan_ended", self.plan_end(plan))

    def meeting_off(self, meeting):
        """What was to be done before a meeting: cancelled with it, not required with it, ended with those whom it is for."""
        if meeting["held"]:
            return None
        if meeting["broken"] == "cancelled":
            return Off("cancelled", None)
        if meeting["id"] in self.declined:
            return Off("not_required", None)
        lives = [self.life_off(child) for child in meeting["children"]]
        if lives and all(lives):
            return max(lives, key=lambda off: (off.on, off.cause))
        if meeting["type"] != "cla_review" or not meeting["starts"]:
            return None
        left = [spells[-1][3] for spells in map(self.spells, meeting["children"]) if spells]
        left = [end for end in left if end and end <= day(meeting["starts"])]
        return Off("looked_after_ended", max(left)) if left and len(left) == len(meeting["children"]) else None

    # --- Births and times in care ---------------------------------------------------------------------------------------

    def born_before(self, meeting, child):
        """A pre-birth conference that is held after the birth is an initial one."""
        births = [(data, event) for data, event in self.told["child.born"] if data["childId"] == child]
        born = self.case.born.get(child)
        if not born or born != meeting["held"]:
            return bool(born) and born < meeting["held"]
        at = births and moment(births[-1][0].get("bornAt"))
        return bool(at) and at < meeting["at"]

    def spells(self, child):
        began = [(data, event) for data, event in self.told["child.became_looked_after"] if data["childId"] == child]
        ends = [day(data["endedOn"]) for data, _ in self.told["child.looked_after_ended"] if data["childId"] == child]
        found = []
        for place, (data, event) in enumerate(began):
            start = day(data["startedOn"])
            after = [day(began[place + 1][0]["startedOn"])] if place + 1 < len(began) else []
            found.append((data, event, start, min([e for e in ends if e >= start][:1] + after, default=None)))
        return found

    # --- What is booked ------------------------------------------------------------------------------------------------

    def is_open(self, meeting):
        return not meeting["held"] and meeting["broken"] != "cancelled" and meeting["id"] not in self.declined

    def booking(self, child, start, kinds):
        """The soonest that stands, for that day or a later one."""
        found = [meeting for meeting in self.conferences.values()
                 if child in meeting["children"] and meeting["type"] in kinds and self.is_open(meeting)
                 and meeting["starts"] and day(meeting["starts"]) >= start]
        meeting = min(found, key=lambda meeting: when(meeting["starts"]), default=None)
        return meeting and Booking(meeting["starts"], own(self.events[meeting["booked_by"]]))

    def first_held(self, child, kinds, start):
        return next((meeting for meeting in self.case.held(child, kinds) if meeting["held"] >= start), None)

    def is_wanted(self, child):
        """Whether a first conference is asked for, booked or held."""
        return any(child in meeting["children"] and meeting["type"] in INITIAL | {None}
                   and (meeting["held"] or self.is_open(meeting)) for meeting in self.conferences.values())
