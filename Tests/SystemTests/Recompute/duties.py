"""What the procedures ask of a case, and by when: the duties of analysis.duty with their days, from the case events alone.

Of what the program decided one thing is read: which events it refused. Some twenty rules refuse, of chairs, grounds, reports and
approvals: to work them out would be to write the rules again.
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
