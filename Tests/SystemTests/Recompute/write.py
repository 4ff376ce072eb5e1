#!/usr/bin/env python3
"""Prints events written by hand, a JSON line each: of every rule that refuses what it refuses, and what it just does not.

What is refused is worked out by refusals.py, and told by the program; here stands only what happened. Days are of 2025.
Here is what London refuses; endings of plans are in write_endings.py, and the other procedures in write_moves.py.
"""
import write_endings
import write_moves
from writing import LONDON, Written, at


def convening():
    """LON-1.6b."""
    case, child = Written(LONDON, "R-CONVENE"), "K-RC"
    case.child(child)
    for name, kind, decisions in (
            ("RC-1", "initial", [("no", "social_worker"), ("no", "team_manager"), ("no", "csc_manager")]),
            ("RC-2", "review", [("yes", "social_worker")]), ("RC-3", "prebirth", [("no", None)]),
            ("RC-4", "initial", [("no", "social_worker"), ("yes", "service_manager")])):
        case("conference.requested", "02-03", conferenceId=name, conferenceType=kind, childIds=[child])
        for place, (decision, role) in enumerate(decisions):
            case("conference.convening_decided", f"02-0{4 + place}", conferenceId=name, decision=decision, decidedByRole=role)


def chairs():
    """LON-8.1a, b and d."""
    case, child = Written(LONDON, "R-CHAIR"), "K-RH"
    case.child(child)
    case("allocation.changed", "01-03", childId=child, role="social_worker", fromPersonId="W-0", toPersonId="W-1")
    case.book("RH-1", "initial", [child])
    case.book("RH-2", "cla_review", [child])
    for place, (name, role, more) in enumerate((
            ("P-1", "social_worker", {}), ("P-2", "other_independent_chair", dict(independent=False)),
            ("P-3", "other_independent_chair", dict(independent=True)), ("P-4", "iro", dict(trained=False)),
            ("P-5", "iro", dict(trained=True, experienced=False)), ("P-6", "iro", dict(trained=True, experienced=True)),
            ("P-7", "conference_chair", dict(caseHistory=[child])), ("P-8", "team_manager", dict(lineManages=True)),
            ("P-9", "csc_manager", dict(lineManages=False, caseHistory=[])), ("W-1", "service_manager", {}),
            ("W-0", "csc_manager", {}))):
        case("conference.chair_assigned", f"02-{4 + place:02}", conferenceId="RH-1", chairId=name, chairRole=role, **more)
    case("conference.chair_assigned", "02-15", conferenceId="RH-2", chairId="W-1", chairRole="social_worker")
    # Who was refused does not rule; who was appointed does.
    for place, name in enumerate(("P-1", "P-3")):
        case("conference.exclusion_decided", "02-17", conferenceId="RH-1", personId=f"F-{place}", decision="exclude",
             decidedBy=name)


def wishes():
    """LON-4.8."""
    case = Written(LONDON, "R-WISH")
    for child in ("K-RW", "K-RX"):
        case.child(child)
    case.book("RW-1", "initial", ["K-RW", "K-RX"])
    case.book("RW-2", "cla_review", ["K-RW", "K-RX"])
    for place, (meeting, child, wish, attend) in enumerate((
            ("RW-1", "K-RW", "not_attend", "none"), ("RW-1", "K-RW", None, "part"), ("RW-1", "K-RX", "attend", "all"),
            ("RW-1", "K-RX", "not_attend", "all"), ("RW-1", "K-RW", "attend", "all"), ("RW-2", "K-RW", "not_attend", "all"))):
        case("conference.child_participation_assessed", f"02-{4 + place:02}", conferenceId=meeting, childId=child, attend=attend,
             declaredWish=wish)


def exclusions():
    """LON-5.1b, 5.8 and 5.10c."""
    case, child = Written(LONDON, "R-KEPTOUT"), "K-RO"
    case.child(child)
    case.book("RO", "initial", [child], "02-20", chairId="CH")
    send = lambda on, person: case("conference.record_issued", on, conferenceId="RO", recipientId=person,
                                   recipientRole="parent_carer", signedBy="CH", signedAt=at("03-01"))
    exclude = lambda on, person, by, role=None, scope="full", settled=None: case(
        "conference.exclusion_decided", on, conferenceId="RO", personId=person, decision="exclude", scope=scope,
        groundCode="violence_risk", decidedBy=by, decidedByRole=role, recordDecision=settled)
    exclude("02-10", "F-1", "CH", settled="withhold")
    exclude("02-11", "F-1", "SW", "social_worker", settled="issue")
    exclude("02-10", "F-2", "SW")
    exclude("02-10", "F-3", "X", "conference_chair", settled="issue")
    exclude("02-10", "F-4", None)
    exclude("02-10", "F-5", "CH", scope="partial")
    case.hold("RO", "initial", "02-20", child, "no_plan", chairId="CH", attendees=[dict(personId="F-2", role="parent_carer")])
    for person in ("F-1", "F-2", "F-3", "F-4", "F-5"):
        send("03-03", person)
    exclude("03-05", "F-4", "CH", settled="issue")
    send("03-06", "F-4")


def records():
    """LON-14.4b, 14.8a and 14.13b."""
    case, child = Written(LONDON, "R-RECORD"), "K-RR"
    case.child(child)
    for meeting, kind, on in (
            ("RR-1", "initial", "02-20"), ("RR-2", "initial", "02-21"), ("RR-3", "cla_review", "02-24")):
        case.book(meeting, kind, [child], on)
        for day, chair, role in (
                ("02-04", "CH", "conference_chair"), ("02-05", "CH-2", "conference_chair"), ("02-06", "SW", "social_worker")):
            case("conference.chair_assigned", day, conferenceId=meeting, chairId=chair, chairRole=role)
        case.hold(meeting, kind, on, child, "plan", chairId="CH")
    for meeting, on, person, signer, signed, decision in (
            ("RR-1", "03-03", "A-1", None, None, None), ("RR-1", "03-03", "A-2", "SW", "03-01", None),
            ("RR-1", "03-03", "A-3", "CH", "03-04", None), ("RR-1", "03-03", "A-4", "CH", "03-01", None),
            ("RR-1", "03-03", "A-5", "CH-2", "03-01", None), ("RR-1", "03-03 11:00", child, None, None, "yes"),
            ("RR-1", "03-04", child, "CH", "03-01", None), ("RR-1", "03-05", "A-6", "CH", "03-01", "yes"),
            ("RR-1", "03-06", child, "CH", "03-01", None), ("RR-2", "03-05", "A-1", "CH", "03-01", "no"),
            ("RR-2", "03-06", child, "CH", "03-01", None), ("RR-2", "03-07", child, "CH", "03-01", "yes"),
            ("RR-3", "03-05", "A-1", None, None, None)):
        case("conference.record_issued", on, conferenceId=meeting, recipientId=person, signedBy=signer,
             recipientRole="child" if person == child else "agency_professional", signedAt=signed and at(signed),
             childCopyDecision=decision)
    for place, (signer, signed) in enumerate((
            (None, None), ("SW", "02-20 12:00"), ("CH", "02-25"), ("CH", "02-20 12:00"), ("CH-2", "02-20 12:00"))):
        case("outline_plan.issued", f"02-21 {10 + place}:00", conferenceId="RR-1", childId=child, recipientIds=["A-1"],
             signedBy=signer, signedAt=signed and at(signed))
    case("outline_plan.issued", "02-25", conferenceId="RR-3", childId=child, recipientIds=["A-1"])


def complaints():
    """LON-12.4a and 12.5: the first review is due on 20 May."""
    case, child = Written(LONDON, "R-COMPLAINT"), "K-RP"
    case.child(child)
    case.hold("RP", "initial", "02-20", child, "plan", chairId="CH")
    case.plan("PL-RP", child, "02-20", "RP")
    case.hold("RP-9", "cla_review", "02-27", child, chairId="CH")
    brought = "review_brought_forward"
    for place, (meeting, agency, outcome, on) in enumerate((
            ("RP", "health", "status_quo", None), ("RP", "childrens_social_care", "upheld", None), ("RP", None, None, None),
            ("RP", None, "status_quo", None), ("RP", None, "reconvene_new_chair", None), ("RP", None, brought, None),
            ("RP", None, brought, "2025-05-20"), ("RP", None, brought, "2025-05-19"), ("RP-9", "police", "upheld", None))):
        name = f"CO-{place}"
        case("complaint.received", f"03-{3 + place:02}", complaintId=name, conferenceId=meeting, subjectAgency=agency)
        case("complaint.concluded", f"03-{13 + place:02}", complaintId=name, outcome=outcome, newOn=on, explanation="given")
    for place, (named, on, decided) in enumerate((
            ("2025-05-02", "2025-05-10", None), ("2025-05-02", "2025-04-10", None), (None, "2025-04-10", "2025-04-10"),
            (None, "2025-06-10", "2025-04-10"))):
        brought_forward(case, f"RQ-{place}", named, on, decided)


def brought_forward(case, name, named, on, decided):
    """To a day before or after the one that the meeting named; and what was decided only when the complaint was concluded."""
    child = f"K-{name}"
    case.child(child)
    case.hold(name, "initial", "02-20", child, "plan")
    case.plan(f"PL-{name}", child, "02-20", name)
    if named:
        case("conference.next_date_set", "02-20 11:00", conferenceId=name, nextOn=named)
    case("complaint.received", "03-03", complaintId=name, conferenceId=name)
    case("complaint.concluded", "03-13", complaintId=name, outcome="review_brought_forward", newOn=on)
    if decided:
        case("early_review.decided", "03-17", childId=child, planId=f"PL-{name}", decision="agreed", newOn=decided)


def next_dates():
    """LON-1.22a: the first review is due on 20 May."""
    case = Written(LONDON, "R-NEXTDATE")
    for place, on in enumerate(("2025-05-21", "2025-05-20", "2025-05-02")):
        child, meeting = f"K-RN{place}", f"RN-{place}"
        case.child(child)
        case.hold(meeting, "initial", "02-20", child, "plan")
        case.plan(f"PL-RN{place}", child, "02-20", meeting)
        case("conference.next_date_set", "02-20 11:00", conferenceId=meeting, nextOn=on)
        # Whether the plan ends is decided no later than the review.
        case("child.left_country_reported", "03-03", childId=child)


for write in (convening, chairs, wishes, exclusions, records, complaints, next_dates, write_moves.swindon, write_moves.handed_in,
              write_moves.knowsley, write_moves.without_procedure, write_endings.london, write_endings.lincolnshire):
    write()
