#!/usr/bin/env python3
"""Writes, by hand, events of what the generator makes seldom or never: how duties come to be met, missed, endangered, taken away
or not to be judged.

    written.py TODAY

One case each, of one family of rules. Published with the generated year, so that each line of recompute.py's modules is shown by
something. Here what is owed around a meeting; of enquiries and plans see written_plans.py, of children in care written_care.py.
"""
import written_care
import written_plans
from hand import ENG, FATHER, KNO, LIN, LON, NURSE, PARENT, POLICE, SUPPORTER, SWI, File, at, day


def meetings_that_are_not_held():
    """A review that both managers cancel; one whose child dies before it; one that is moved to no date; one in care that ends."""
    case = File(SWI, "CANCELLED")
    case.on_plan(-400)
    case.book(-120, "review", -30, number=2)
    case.tell("conference.invite_list_submitted", -45, conferenceId=case.conference(2), submittedAt=at(-45), invitees=[PARENT])
    approvals = [{"personId": f"{role}-1", "role": role, "approvedAt": day(-35)}
                 for role in ("service_manager", "qa_service_manager")]
    decided = case.tell("conference.postponement_decided", -35, conferenceId=case.conference(2), action="cancel", agreed=True,
                        decidedAt=at(-35), approvals=approvals)
    case.tell("conference.cancelled", -35, conferenceId=case.conference(2), cancelledAt=at(-35), decisionEventId=decided)
    case = File(ENG, "DIED")
    case.on_plan(-100)
    case.book(-60, "review", -8, number=2)
    case.tell("child.died", -15, childId=case.child, dateOfDeath=day(-15), reportedAt=at(-14))
    # Of two children one dies, then both.
    for name, deaths in (("ONEDIED", (-15,)), ("BOTHDIED", (-40, -12))):
        case = File(ENG, name)
        both = [case.child, case.child + "S"]
        case.tell("child.registered", -900, childId=both[1], dateOfBirth=day(-900))
        case.book(-60, "initial", -8, childIds=both)
        for child, on in zip(both, deaths):
            case.tell("child.died", on, childId=child, dateOfDeath=day(on))
    case = File(LON, "POSTPONED")
    case.on_plan(-100)
    case.book(-80, "review", -20, number=2)
    case.tell("conference.postponement_decided", -25, conferenceId=case.conference(2), action="postpone", agreed=True,
              decidedAt=at(-25))
    case.tell("conference.rescheduled", -23, conferenceId=case.conference(2), newStartsAt=at(-12), rescheduledAt=at(-23))
    case = File(LON, "STANDSTILL")
    case.on_plan(-100)
    case.book(-80, "review", -20, number=2)
    case.tell("conference.postponement_decided", -25, conferenceId=case.conference(2), action="postpone", agreed=True,
              decidedAt=at(-25))
    case.hold(-18, "review", number=2)
    for authority, left in ((SWI, -30), (KNO, -30), (KNO, -23), (KNO, -15)):
        case = File(authority, "LEFTCARE")
        case.tell("child.became_looked_after", -200, childId=case.child, startedOn=day(-200), legalBasis="s20")
        case.tell("child.looked_after_ended", -150, childId=case.child, endedOn=day(-150))
        case.tell("child.became_looked_after", -60, childId=case.child, startedOn=day(-60), legalBasis="s31")
        case.book(-50, "cla_review", -20)
        case.tell("child.looked_after_ended", left, childId=case.child, endedOn=day(left))


def hours():
    """A limit in hours counted from a day without its time, and acts without theirs."""
    sent = dict(recipientId="M-1", recipientRole="parent_carer")
    for name, when in (("SAMEDAY", at(-40, "18:00")), ("NEXTDAY", at(-39)), ("LATE", at(-35)), ("NEVERSENT", None)):
        case = File(ENG, "DAYONLY" + name)
        case.hold(-40, "initial", decision="no_plan", heldAt=day(-40), attendees=[PARENT, NURSE])
        if when:
            case.tell("decision_letter.sent", -34, conferenceId=case.conference(), sentAt=when, **sent)
    for name, when in (("SAMEDAY", day(-40)), ("NEXTDAY", day(-39)), ("LATE", day(-35))):
        case = File(KNO, "HELDAT" + name)
        case.hold(-40, "initial", decision="no_plan", attendees=[PARENT, NURSE])
        case.tell("decision_letter.sent", -34, conferenceId=case.conference(), sentAt=when, **sent)
    case = File(KNO, "BOOKEDDAY")
    case.book(-30, "initial", day(2))
    case = File(KNO, "TWODAYS")
    case.book(-30, "initial", at(2, "23:59"))
    case = File(KNO, "DAYREPORT")
    case.book(-60, "initial", day(-30))
    case.tell("conference.report_submitted", -33, conferenceId=case.conference(), reportId=f"R-{case.child}",
              agency="childrens_social_care", submittedAt=day(-33))
    case.hold(-30, "initial", decision="no_plan")


def reports():
    """Police who are excused; a report that the chair has yet to receive, and one given to the chair; papers with the invitation."""
    case = File(LON, "REPORTS")
    case.on_plan(-100)
    case.book(-61, "review", -20, number=2, policeInvolved=True)
    case.book(-60, "review", -20, number=2, policeInvolved=False)
    meeting = dict(conferenceId=case.conference(2))
    case.tell("conference.invite_list_submitted", -50, submittedAt=at(-50), invitees=[PARENT, NURSE, POLICE], **meeting)
    case.tell("conference.report_submitted", -28, reportId=f"R-{case.child}-1", agency="childrens_social_care",
              submittedAt=at(-28), receivedByChairAt=at(300), **meeting)
    case.tell("conference.report_submitted", -27, reportId=f"R-{case.child}-2", agency="health_visiting", submittedAt=at(-27),
              **meeting)
    for number, role in enumerate(("parent_carer", "conference_chair")):
        case.tell("conference.report_shared", -26 + number, reportId=f"R-{case.child}-1", sharedAt=at(-26 + number),
                  personId=f"{role}-1", personRole=role, **meeting)
    case.tell("conference.report_shared", -19, reportId=f"R-{case.child}-2", sharedAt=at(-19), personId="M-1",
              personRole="parent_carer", **meeting)
    case.hold(-20, "review", number=2)
    case = File(LON, "FORMERAUTHORITY")
    case.book(-60, "transfer_in", -20)
    meeting = dict(conferenceId=case.conference())
    for on, invited in ((-40, PARENT), (-32, {"personId": "O-1", "role": "other_authority"})):
        case.tell("conference.invitations_sent", on, sentAt=at(on), recipients=[invited], **meeting)
    case.tell("conference.report_submitted", -24, reportId=f"R-{case.child}", agency="childrens_social_care", submittedAt=at(-24),
              reportSourceAuthority=ENG, **meeting)
    case.hold(-20, "transfer_in", decision="no_plan")
    case = File(SWI, "PAPERS")
    case.tell("child.became_looked_after", -60, childId=case.child, startedOn=day(-60), legalBasis="s31")
    case.book(-50, "cla_review", -30)
    case.tell("conference.invitations_sent", -46, conferenceId=case.conference(), sentAt=at(-46), recipients=[PARENT],
              attachments=["consultation_papers"])
    case.hold(-30, "cla_review")


def records():
    """A supporter's copy; those kept out; a record talked over with two parents, and one after a summer's midnight."""
    case = File(LON, "KEPTOUT")
    case.book(-80, "initial", -60)
    meeting = dict(conferenceId=case.conference())
    case.tell("conference.exclusion_requested", -61, personId="F-1", requestedAt=at(-61), **meeting)
    case.tell("conference.exclusion_decided", -60, personId="F-1", decidedAt=at(-60, "09:00"), decision="exclude", scope="full",
              decidedByRole="conference_chair", recordDecision="withhold", **meeting)
    case.hold(-60, "initial", decision="no_plan", attendees=[PARENT, NURSE, SUPPORTER, FATHER])
    for number, person in enumerate((PARENT, NURSE)):
        case.tell("conference.record_issued", -40 + number, sentAt=at(-40 + number), recipientId=person["personId"],
                  recipientRole=person["role"], signedBy="C-1", signedAt=at(-41), receivedAt=at(-38), **meeting)
    case.tell("conference.record_amendment_requested", -36, recipientId="M-1", requestedAt=at(-36), **meeting)
    for person, given, talked in (("M-1", -39, -38), ("F-1", -37, -30)):
        case.tell("conference.record_discussed", talked, personId=person, givenAt=at(given), discussedAt=at(talked), **meeting)
    # Those kept out without a word of the record, to whom it goes, for a part, and who was not kept out after all.
    for decisions in (({"decision": "exclude"},), ({"decision": "exclude", "scope": "whole", "recordDecision": "issue"},),
                      ({"decision": "exclude", "scope": "partial"},),
                      ({"decision": "exclude", "scope": "full"}, {"decision": "not_exclude"})):
        case = File(SWI, "EXCLUDED")
        for number, decision in enumerate(decisions):
            case.tell("conference.exclusion_decided", -62 + number, conferenceId=case.conference(), personId="F-1",
                      decidedAt=at(-62 + number), decidedByRole="conference_chair", **decision)
        case.tell("conference.invite_list_submitted", -70, conferenceId=case.conference(), submittedAt=at(-70),
                  invitees=[PARENT, FATHER])
        case.hold(-60, "initial", decision="no_plan", attendees=[PARENT])
        for on, person in ((-50, "M-1"), (-20, "F-1")):
            case.tell("conference.record_issued", on, conferenceId=case.conference(), sentAt=at(on), recipientId=person,
                      recipientRole="parent_carer")
    # The child's copy waits for the chair's last word; of two lists the later says who was invited.
    case = File(SWI, "CHILDSCOPY")
    child = {"personId": case.child, "role": "child"}
    for on, invited in ((-70, [PARENT, FATHER]), (-65, [PARENT, child])):
        case.tell("conference.invite_list_submitted", on, conferenceId=case.conference(), submittedAt=at(on), invitees=invited)
    case.hold(-60, "initial", decision="no_plan", attendees=[PARENT])
    for on, person, may in ((-50, PARENT, False), (-40, PARENT, True), (-20, child, None)):
        case.tell("conference.record_issued", on, conferenceId=case.conference(), sentAt=at(on), recipientId=person["personId"],
                  recipientRole=person["role"], **({} if may is None else {"childCopyDecision": may}))
    # A letter where nobody is known, and an outline plan that names no reader.
    case = File(LON, "OUTLINE")
    case.hold(-60, "initial", decision="plan", chairId="C-1")
    case.tell("decision_letter.sent", -59, conferenceId=case.conference(), sentAt=at(-59), recipientRole="parent_carer")
    case = File(LON, "OUTLINETOALL")
    case.hold(-60, "initial", decision="plan", chairId="C-1", attendees=[PARENT, NURSE])
    for person in (PARENT, NURSE):
        case.tell("decision_letter.sent", -59, conferenceId=case.conference(), sentAt=at(-59), recipientId=person["personId"],
                  recipientRole=person["role"])
    case.tell("outline_plan.issued", -57, conferenceId=case.conference(), childId=case.child, issuedAt=at(-57), signedBy="C-1",
              signedAt=at(-58))
    # Neither who only looked on nor who signs is sent what the others have.
    case = File(ENG, "LOOKEDON")
    case.hold(-60, "initial", decision="no_plan", attendees=[
        PARENT, {"personId": "O-1", "role": "observer"}, {"personId": "C-1", "role": "conference_chair"}])
    for event in ("decision_letter.sent", "conference.record_issued"):
        case.tell(event, -59, conferenceId=case.conference(), sentAt=at(-59), recipientId="M-1", recipientRole="parent_carer")
    case = File(SWI, "SUPPORTED")
    case.hold(-60, "initial", decision="no_plan", attendees=[PARENT, SUPPORTER])
    for number, (person, more) in enumerate(((PARENT, {"parentConsent": True}), (SUPPORTER, {}))):
        case.tell("conference.record_issued", -50 + number, conferenceId=case.conference(), sentAt=at(-50 + number),
                  recipientId=person["personId"], recipientRole=person["role"], **more)
    case = File(LON, "AFTERMIDNIGHT")
    case.tell("conference.held", -300, conferenceId=case.conference(), conferenceType="review", childIds=[case.child],
              heldAt="2025-06-02T10:00:00Z", attendees=[PARENT])
    for given in ({"givenAt": "2025-06-30"}, {"discussedAt": "2025-06-30T23:30:00Z"}):
        case.tell("conference.record_discussed", -270, conferenceId=case.conference(), personId="M-1", **given)


def inquorate():
    """A first conference without quorum that made no plan: met again, too late, never, and for a child who died."""
    for name, again, died in (("AGAIN", -50, None), ("AGAINLATE", -20, None), ("NEVER", None, None), ("NOMORE", None, -60)):
        case = File(LIN, "INQUORATE" + name)
        case.hold(-80, "initial", decision="not_decided", quorumClaim="inquorate")
        if again:
            case.hold(again, "initial", number=2, decision="no_plan")
        if died:
            case.tell("child.died", died, childId=case.child, dateOfDeath=day(died))


def on_the_brink():
    """A duty of each day: one of them has come to be at risk just now, and one not yet, on whatever day they are read."""
    for on in range(-24, 0):
        case = File(ENG, "BRINK")
        case.tell("strategy_discussion.held", on, discussionId=f"SD-{case.child}", heldAt=at(on), initiatedS47=True,
                  childIds=[case.child])
    for on in range(-32, -24):
        File(LON, "BRINK").hold(on, "initial", decision="no_plan")
    for on in range(1, 10):
        File(SWI, "BRINK").book(-30, "initial", on)
        File(KNO, "BRINK").book(-30, "initial", on)


def steps_in_two():
    """A complaint that reaches one manager and then the other; a dissent that another agency takes up, and the same one."""
    case = File(LON, "COMPLAINT")
    case.hold(-60, "initial", decision="no_plan")
    case.tell("complaint.received", -50, complaintId=f"X-{case.child}", conferenceId=case.conference(), receivedAt=at(-50))
    for on, role in ((-49, "cp_chair_manager"), (-46, "complaints_manager")):
        case.tell("complaint.passed_on", on, complaintId=f"X-{case.child}", passedOnAt=at(on), recipients=[{"role": role}])
    case.tell("dissent.recorded", -60, conferenceId=case.conference(), agency="police", recordedAt=at(-60))
    for on, agency in ((-59, "health"), (-57, "police")):
        case.tell("dissent.escalated", on, conferenceId=case.conference(), escalationId=f"D-{case.child}{on}", agency=agency,
                  startedAt=at(on))


for family in (meetings_that_are_not_held, hours, reports, records, inquorate,
               on_the_brink, steps_in_two, *written_plans.FAMILIES, *written_care.FAMILIES):
    family()
