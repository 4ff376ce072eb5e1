"""What Swindon and Knowsley refuse, written by hand: moves of meetings, deputies, invite lists and reports."""
from writing import KNOWSLEY, NOWHERE, SWINDON, Written, at

MANAGER, QUALITY, SAFEGUARDING = ("service_manager", "S-1"), ("qa_service_manager", "Q-1"), ("sqa_service_manager", "Q-1")


def decide(case, meeting, action, approvals, when="03-10", agreed=True, new=None, reason=None):
    return case(
        "conference.postponement_decided", "03-10", conferenceId=meeting, action=action, agreed=agreed, reasonCode=reason,
        approvals=[dict(role=role, personId=person, approvedAt=at(when)) for role, person in approvals],
        newStartsAt=new and at(new))


def move(case, meeting, on, starts, decision=None):
    case("conference.rescheduled", on, conferenceId=meeting, newStartsAt=at(starts), decisionEventId=decision)


def swindon():
    """SWI-17a: each is booked for 20 March."""
    case, child = Written(SWINDON, "R-MOVE"), "K-RM"
    case.child(child)
    both = (MANAGER, QUALITY)
    for place, (approvals, when, agreed) in enumerate((
            (both, "03-10", True), ((MANAGER,), "03-10", True), ((MANAGER, ("qa_service_manager", "S-1")), "03-10", True),
            (both, "03-21", True), ((), "03-10", False))):
        case.book(f"RM-{place}", "review", [child])
        decision = decide(case, f"RM-{place}", "postpone", approvals, when, agreed, "04-01")
        move(case, f"RM-{place}", "03-11", "04-01", decision)
    for name, kind in (("RM-5", "review"), ("RM-6", "cla_review"), ("RM-7", "review"), ("RM-8", "review"), ("RM-9", "review")):
        case.book(name, kind, [child])
    for on, starts in (("03-11", "03-18"), ("03-12", "03-18 14:00"), ("03-13", "03-19")):
        move(case, "RM-5", on, starts)
    case("conference.cancelled", "03-11", conferenceId="RM-6")
    case("conference.cancelled", "03-11", conferenceId="RM-7", decisionEventId=decide(case, "RM-7", "cancel", both))
    decide(case, "RM-8", "adjourn", both)
    case("conference.adjourned", "03-20", conferenceId="RM-8")
    move(case, "RM-8", "03-21", "04-03")
    move(case, "RM-8", "03-22", "04-04", "unknown")
    decide(case, "RM-9", "postpone", both, new="04-01")
    move(case, "RM-9", "03-11", "04-02")
    move(case, "RM-9", "03-12", "04-01 15:00")


def handed_in():
    """SWI-1b and SWI-15."""
    case, child, other = Written(SWINDON, "R-HANDIN"), "K-RI", "K-RJ"
    case.child(child)
    case.child(other)
    case("conference.requested", "02-03", conferenceId="RI-1", conferenceType="initial", childIds=[child, other],
         indexChildId=child)
    case.book("RI-1", "initial", [child, other])
    case.book("RI-2", "review", [child, other])
    for on, people in (("02-05", []), ("02-06", [dict(personId="H-1", agency="health", role="agency_professional")])):
        case("conference.invite_list_submitted", on, conferenceId="RI-1", invitees=people, channel="case_system")
    for place, (meeting, index, agency, source) in enumerate((
            ("RI-1", other, None, None), ("RI-1", child, None, None), ("RI-2", other, "childrens_social_care", None),
            ("RI-2", "K-XX", None, None), ("RI-1", other, "health", None), ("RI-1", other, None, "E08000003"),
            ("RI-1", None, None, None))):
        case("conference.report_submitted", f"03-{3 + place:02}", conferenceId=meeting, reportId=f"RE-{place}",
             indexChildId=index, agency=agency, reportSourceAuthority=source)


def knowsley():
    """CAN-2.1 to 2.4 and CAN-3.2."""
    case, child = Written(KNOWSLEY, "R-CANCEL"), "K-RK"
    case.child(child)
    good = dict(requestedByRole="team_manager", discussedWithChairAt=at("03-07"), reasonCode="other",
                circumstances="told", measuresTaken="told")
    late, agreed = at("03-12"), (SAFEGUARDING,)
    by_chair = dict(requestedByRole="conference_chair", reasonCode="report_not_ready")
    for place, (asked, approvals, reason, is_agreed) in enumerate((
            ({}, agreed, None, True), ({}, (), None, True), ({}, (MANAGER,), None, True),
            (dict(reasonCode=None), agreed, None, True), (dict(reasonCode=None), agreed, "other", True),
            (dict(exceptional=False), agreed, None, True), (None, agreed, None, True),
            (dict(requestedByRole="social_worker"), agreed, None, True), (dict(discussedWithChairAt=None), agreed, None, True),
            (dict(discussedWithChairAt=late), agreed, None, True),
            (dict(requestedByRole="iro", discussedWithChairAt=None), agreed, None, True),
            (dict(circumstances=None), agreed, None, True), (dict(measuresTaken=""), agreed, None, True),
            (by_chair, agreed, None, True), (dict(reasonCode=None, measuresTaken=None), (), None, False))):
        name = f"RK-{10 + place}"
        case.book(name, "review" if place else "cla_review", [child])
        if asked is not None:
            case("conference.postponement_requested", "03-06", conferenceId=name, action="cancel", **(good | asked))
        decision = decide(case, name, "cancel", approvals, agreed=is_agreed, reason=reason)
        case("conference.cancelled", "03-11", conferenceId=name, decisionEventId=decision)
    case.book("RK-29", "review", [child])
    case("conference.postponement_requested", "03-06", conferenceId="RK-29", action="cancel", **good)
    for is_agreed in (False, True):
        decide(case, "RK-29", "cancel", agreed, agreed=is_agreed)
    case.book("RK-30", "review", [child])
    case("conference.cancelled", "03-11", conferenceId="RK-30")
    case.book("RK-31", "review", [child])
    case("conference.adjourned", "03-20", conferenceId="RK-31", newStartsAt=at("04-03"))
    for place, (role, known) in enumerate((
            (None, True), ("team_manager", True), ("team_manager", False), ("social_worker", True), ("team_manager", None))):
        case("conference.deputy_nominated", f"03-1{place}", conferenceId="RK-30", forPersonId="SW", deputyId=f"DE-{place}",
             nominatedByRole=role, familiarityConfirmed=known)


def without_procedure():
    """Where an authority has none of its own, what others' rules forbid is remarked on and refused by none."""
    case, child = Written(NOWHERE, "R-NONE"), "K-RZ"
    case.child(child)
    case.book("RZ", "review", [child])
    case("conference.cancelled", "03-11", conferenceId="RZ")
    case.book("RZ-2", "initial", [child])
    case("conference.chair_assigned", "02-04", conferenceId="RZ-2", chairId="P-1", chairRole="social_worker")
    case.hold("RZ-2", "initial", "03-20", child, "plan", chairId="P-1")
    case.plan("PL-RZ", child, "03-20", "RZ-2")
    case("conference.record_issued", "04-03", conferenceId="RZ-2", recipientId=child, recipientRole="child")
    case("plan.ended", "05-05", planId="PL-RZ", childId=child, groundCode="no_continuing_risk", route="manager")
