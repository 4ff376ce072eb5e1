"""What the procedures ask of a case, and by when: the duties of analysis.duty with their days, from the case events alone.

An event that a procedure refuses asks nothing; which those are is worked out in refusals.py.
"""
from conferences import Conferences
from meetings import Meetings
from plans import Plans


class Duties(Meetings, Conferences, Plans):
    def __init__(self, case, now):
        super().__init__(case, now)
        for meeting in case.conferences.values():
            self.before(meeting)
            if meeting["held"] and meeting["type"] not in (None, "cla_review"):
                self.after(meeting)
        for child in self.children():
            self.initial_conferences(child)
            self.transfers(child)
            self.care_reviews(child)
            self.child_in_need(child)
            self.moves(child)
        for plan in case.plans.values():
            self.plan(plan)
        self.complaints()
