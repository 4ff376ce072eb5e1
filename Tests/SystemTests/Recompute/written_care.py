"""Events written by hand of children in care, and of those who are on a plan as well: see written.py."""
from hand import LIN, LON, File, at, day


def lives_that_end():
    """In care and on a child-in-need plan: with the life what is still awaited ends, and what was missed stays missed."""
    for name, died in (("DIEDINCARE", -20), ("DIEDBEFORE", -120), ("DIEDAFTER", -5)):
        case = File(LON, name)
        case.tell("child.became_looked_after", -200, childId=case.child, startedOn=day(-200), legalBasis="s31")
        case.hold(-185, "cla_review")
        case.tell("cin_plan.started", -95, cinPlanId=f"N-{case.child}", childId=case.child, startedOn=day(-95))
        case.tell("child.died", died, childId=case.child, dateOfDeath=day(died))
        case.tell("child.looked_after_ended", -8, childId=case.child, endedOn=day(-8))


def looked_after_on_a_plan():
    """A review of a voluntary placement's safety, in time and ended with it; the choice of one of two plans, in two words."""
    case = File(LON, "SAFE")
    case.on_plan(-200)
    case.tell("child.became_looked_after", -100, childId=case.child, startedOn=day(-100), legalBasis="s20", reviewedAt=at(-96))
    case = File(LON, "SHORTSTAY")
    case.on_plan(-200)
    case.tell("child.became_looked_after", -100, childId=case.child, startedOn=day(-100), legalBasis="s20")
    case.tell("child.looked_after_ended", -98, childId=case.child, endedOn=day(-98))
    # In care before the plan, from its first day, and from its last.
    for authority in (LON, LIN):
        for entered in (-250, -200, -130):
            case = File(authority, "BOTH")
            case.on_plan(-200)
            case.tell("child.became_looked_after", entered, childId=case.child, startedOn=day(entered), legalBasis="s20")
            if authority == LON:
                case.hold(-130, "review", number=2, decision="end")
                case.end(-130, case.conference(2))
            else:
                case.tell("child.died", -130, childId=case.child, dateOfDeath=day(-130))
    both = [{"personId": "T-1", "role": "team_manager"}, {"personId": "C-1", "role": "conference_chair"}]
    for decisions in (((-80, {}),), ((-105, {}), (-88, {})), ((-95, {"planId": "P-OTHER"}), (-80, {})),
                      ((-95, {"childId": "K-OTHER"}), (-86, {}))):
        case = File(LIN, "CHOSEN")
        case.on_plan(-200)
        case.tell("child.became_looked_after", -100, childId=case.child, startedOn=day(-100), legalBasis="s31")
        for on, other in decisions:
            data = dict(childId=case.child, planId=case.plan_id, planKept="protection_plan", decidedAt=at(on), decidedBy=both)
            case.tell("plan.dual_decided", on, **data | other)


FAMILIES = (lives_that_end, looked_after_on_a_plan)
