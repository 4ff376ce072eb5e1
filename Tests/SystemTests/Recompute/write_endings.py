"""Endings written by hand, each of a plan of its own: made on 20 February 2025, reviewed on 12 May and 11 August."""
from writing import BORN, LINCOLNSHIRE, LONDON, Written, at

# Notice of the move, whether it is permanent, the receiving conference, and when the end was recorded; it ends on 17 June.
MOVES = (
    ("06-02", True, "06-16", None), ("06-02", True, None, None), ("06-02", False, "06-16", None),
    ("06-02", True, "05-30", None), ("06-02", True, "06-17", "06-17 09:00"), ("06-02", True, "06-17", "06-17 11:00"))


class Plan:
    """Without `review` there is no second one."""

    def __init__(self, case, review=None, first="continue", kind="review", quorum=None, born=BORN, invited=None, core=None):
        case.plans += 1
        name = f"{case.subject[2:]}{case.plans:02}"
        self.case, self.plan, self.child, self.meeting = case, f"PL-{name}", f"K-{name}", f"{name}-2"
        case.child(self.child, born)
        if invited:
            case("conference.invite_list_submitted", "02-10", conferenceId=f"{name}-0", invitees=invited, channel="case_system")
        case.hold(f"{name}-0", "initial", "02-20", self.child, "plan")
        case.plan(self.plan, self.child, "02-20", f"{name}-0", coreGroup=core)
        if first:
            case.hold(f"{name}-1", "review", "05-12", self.child, first)
        if review:
            case.hold(self.meeting, kind, "08-11", self.child, review, quorumClaim=quorum)

    def tell(self, name, on, **data):
        self.case(name, on, planId=self.plan, **data)

    def end(self, on, ground=None, **more):
        self.tell("plan.ended", on, childId=self.child, groundCode=ground, **more)

    def end_at_review(self, ground, on="08-11", **more):
        self.end(on, ground, route="conference", conferenceId=self.meeting, **more)


def endings(case):
    """What both procedures judge, each by its own rows: age, moves and deaths."""
    for born in ("2007-07-01", "2007-07-02"):
        Plan(case, born=born).end("07-01", "aged_18")
    for notified, permanent, conference, recorded in MOVES:
        plan = Plan(case)
        case("transfer_out.notified", notified, childId=plan.child, permanent=permanent)
        if conference:
            case("transfer_out.conference_confirmed", conference, childId=plan.child)
        plan.end("06-17", "moved", recordedAt=recorded and at(recorded))
    Plan(case).end("07-01", "died")
    plan = Plan(case)
    case("child.died", "06-20", childId=plan.child)
    plan.end("06-21", "no_continuing_risk")


def london():
    """LON-2.6a, 10.3, 10.5 and 10.6a."""
    case = Written(LONDON, "R-LONEND")
    Plan(case).end("07-01", "no_longer_needed", route="manager", decidedByRole="senior_safeguarding_manager")
    Plan(case, "continue").end_at_review("no_longer_needed")
    Plan(case, "end").end_at_review("no_longer_needed")
    Plan(case, "end").end("08-12", "local_code")
    endings(case)
    for route in ("manager", "conference"):
        plan = Plan(case)
        plan.tell("plan.end_proposed", "06-02", childId=plan.child, route=route, groundCode="no_longer_needed")
    everyone, manager = ("H-1", "E-2", "SW-2"), "senior_safeguarding_manager"
    for order, decider, voices, on, order_ended in (
            ("care", manager, everyone, "06-30", None), ("interim_care", manager, everyone, "06-30", None),
            ("care", "team_manager", everyone, "06-30", None), ("care", manager, (), "06-30", None),
            ("care", manager, ("H-1", "SW-2"), "06-30", None), ("care", manager, ("H-1", "E-2"), "06-30", None),
            ("care", manager, everyone, "07-01", None), ("care", manager, everyone, "06-30", "06-20")):
        by_care_order(case, order, decider, voices, on, order_ended)


def by_care_order(case, order, decider, voices, on, order_ended):
    """Health and education were invited first; SW-2 took over from the core group's social worker."""
    invited = [dict(personId=person, agency=agency, role=role) for person, agency, role in (
        ("H-1", "health", "agency_professional"), ("E-1", "education", "agency_professional"), ("F-1", None, "parent_carer"))]
    plan = Plan(case, invited=invited, core=[dict(personId="SW-1", role="social_worker")])
    case("allocation.changed", "03-03", childId=plan.child, role="social_worker", fromPersonId="SW-1", toPersonId="SW-2")
    case("court_order.made", "06-02", orderId=f"O-{plan.plan}", childIds=[plan.child], orderType=order)
    if order_ended:
        case("court_order.ended", order_ended, orderId=f"O-{plan.plan}")
    said = [dict(personId=voice, agency="education" if voice == "E-2" else None, consultedAt=at(on)) for voice in voices]
    if said:
        plan.tell("plan.end_consulted", on, consulted=said)
    plan.end("07-01", "care_order", route="manager", decidedByRole=decider)


def lincolnshire():
    """LIN-2.0a to 2.7e."""
    case = Written(LINCOLNSHIRE, "R-LINEND")
    Plan(case, "end", quorum="inquorate").end_at_review("no_continuing_risk")
    Plan(case, "end", quorum="quorate").end_at_review("no_continuing_risk")
    plan = Plan(case, "end", quorum="inquorate")
    plan.tell("plan.end_proposed", "08-11", childId=plan.child, route="conference", conferenceId=plan.meeting,
              groundCode="no_continuing_risk")
    at_first_review(case)
    Plan(case).end("07-01", "no_continuing_risk", route="manager", decidedByRole="team_manager")
    Plan(case, "continue", quorum="quorate").end_at_review("no_continuing_risk")
    Plan(case, "end", quorum="quorate").end_at_review("no_continuing_risk", "08-08")
    Plan(case, "end", quorum="quorate").end("08-12")
    plan = Plan(case, "end", kind="initial", quorum="quorate")
    plan.end("08-12", "no_continuing_risk", conferenceId=plan.meeting)
    endings(case)
    abroad(case)
    both_plans(case)


def at_first_review(case):
    """On what ground, what is known of the actions before and after the review, and what the ending says itself."""
    done = lambda on, seen="seen", name="1": dict(actionId=name, agency="health", doneAt=on and at(on), evidence=seen)
    open_one, no_risk, all_seen = [done(None, None)], "no_continuing_risk", dict(evidence="all seen")
    for ground, before, after, more in (
            (no_risk, [done("05-20"), done("05-20", name="2")], None, {}),
            (no_risk, [done("05-20"), done(None, None, "2")], None, {}), (no_risk, [done("05-20", None)], None, {}),
            (no_risk, [done("05-20", None)], None, all_seen), (no_risk, None, None, {}), (no_risk, None, None, all_seen),
            (no_risk, None, None, all_seen | dict(openActions=["one"])), (None, None, None, all_seen),
            (no_risk, open_one, [done("08-01")], {}), (no_risk, open_one, [done("08-15")], {}), ("aged_18", None, None, {})):
        plan = Plan(case, "end", first=None, quorum="quorate")
        for on, actions in (("06-02", before), ("08-20", after)):
            if actions:
                plan.tell("plan.actions_updated", on, actions=actions)
        plan.end_at_review(ground, **more)


def abroad(case):
    """Reported on 2 June: when a place was confirmed and whether it is abroad; who decided what, and when; the end on 1 July."""
    by, other = "service_manager", "team_manager"
    for place, decision, ground, born, more in (
            (None, None, "abroad", BORN, {}), (("06-20", True), None, "abroad", BORN, {}),
            (("06-20", False), None, "abroad", BORN, {}), (None, ("06-25", by, "end"), "abroad", BORN, {}),
            (None, ("06-25", other, "end"), "abroad", BORN, {}), (None, ("06-25", by, "continue"), "abroad", BORN, {}),
            (None, ("07-02", by, "end"), "abroad", BORN, {}), (None, None, "abroad", BORN, dict(decidedByRole=by)),
            (("07-02", True), None, "abroad", BORN, {}), (None, None, "aged_18", "2007-06-01", {})):
        plan = Plan(case, born=born)
        case("child.left_country_reported", "06-02", childId=plan.child)
        if place:
            case("child.location_confirmed", place[0], childId=plan.child, abroad=place[1])
        if decision:
            on, role, word = decision
            plan.tell("child.whereabouts_decided", on, childId=plan.child, decidedByRole=role, decision=word)
        plan.end("07-01", ground, **more)
    plan = Plan(case, "end", quorum="quorate")
    case("child.left_country_reported", "08-04", childId=plan.child)
    plan.end_at_review("no_continuing_risk")


def both_plans(case):
    """A child on a plan who comes into care on 2 June: which plan stays, who decided it and when, and the end by that."""
    both = ("team_manager", "conference_chair")

    def decide(plan, on, roles, kept="care", route="discussion"):
        plan.tell("plan.dual_decided", on, childId=plan.child, planKept=kept, route=route,
                  decidedBy=[dict(role=role) for role in roles])

    def into_care(*review, **more):
        plan = Plan(case, *review, **more)
        case("child.became_looked_after", "06-02", childId=plan.child, legalBasis="interim_care_order")
        return plan

    for on, roles, kept in (("06-16", both, "care"), ("06-16", both[:1], "care"), ("06-16", both, "child_protection"),
                            ("06-23", both, "care"), (None, (), "care")):
        plan = into_care()
        if on:
            decide(plan, on, roles, kept)
        plan.end("06-20", "other_plan")
    decide(Plan(case), "06-16", both[:1])
    decide(into_care(), "05-26", both[:1])
    for roles in (both[1:], both):
        plan = Plan(case)
        case("care_proceedings.started", "06-02", proceedingsId=f"CP-{plan.plan}", childIds=[plan.child])
        decide(plan, "06-16", roles)
    for kind in ("combined", "review"):
        into_care("end", kind=kind, quorum="quorate").end("08-11", "other_plan")
    for on in ("08-11", "08-12"):
        decide(into_care("not_decided", kind="combined", quorum="quorate"), on, (), route="combined")
    for kind in ("combined", "review"):
        plan = into_care("not_decided", kind=kind, quorum="quorate")
        decide(plan, "08-11", (), route="combined")
        plan.end("08-11", "other_plan")
