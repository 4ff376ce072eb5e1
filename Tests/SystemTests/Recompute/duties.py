"""What the procedures ask of a case, and by when: the duties of analysis.duty with their days, from the case events alone.

Of what the program decided only two things are read: which events it refused, and for which children a conference lacked its
quorum.
"""
from conferences import Conferences
from meetings import Meetings
from plans import Plans


class Duties(Meetings, Conferences, Plans):
    def __init__(self, case, lacking, now):
        super().__init__(case, lacking, now)
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
