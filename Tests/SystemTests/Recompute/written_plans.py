"""Events written by hand of births, enquiries, reviews and the endings of plans: see written.py."""
from hand import ENG, FATHER, LIN, LON, NURSE, PARENT, POLICE, SUPPORTER, SWI, File, at, day


def births():
    """A pre-birth conference on the day of the birth, after it and before it; a birth with no conference; a known-late one."""
    for name, clock in (("BORNFIRST", "08:00"), ("HELDFIRST", "15:00")):
        case = File(ENG, name, born=None)
        case.tell("pregnancy.recorded", -200, childId=case.child, edd=day(-60), eddRecordedAt=at(-200))
        case.hold(-70, "prebirth", decision="plan")
        case.plan(-70, case.conference())
        case.tell("child.born", -70, childId=case.child, bornAt=at(-70, clock), dateOfBirth=day(-70))
    for name, edd, born, known in (("UNSEEN", -30, -40, -200), ("SOONBORN", 30, -40, -200), ("KNOWNLATE", 20, -5, -30)):
        case = File(LON, name, born=None)
        case.tell("pregnancy.recorded", known, childId=case.child, edd=day(edd), eddRecordedAt=at(known),
                  proceedingsContemplated=True)
        case.tell("child.born", born, childId=case.child, bornAt=at(born), dateOfBirth=day(born))
    for name, edd in (("LOST", 80), ("LOSTLATE", 40)):
        case = File(LON, name, born=None)
        case.tell("pregnancy.recorded", -200, childId=case.child, edd=day(edd), eddRecordedAt=at(-200))
        case.tell("pregnancy.ended", -5, childId=case.child, endedOn=day(-5), outcome="loss")
    case = File(LON, "EARLY", born=None)
    case.tell("pregnancy.recorded", -100, childId=case.child, edd=day(90), eddRecordedAt=at(-100), prematureRisk=True,
              targetDate=day(10), setByRole="csc_manager")
    case = File(LON, "NOTARGET", born=None)
    case.tell("pregnancy.recorded", -100, childId=case.child, edd=day(90), eddRecordedAt=at(-100), prematureRisk=True)
    case = File(ENG, "RISKOVER", born=None)
    case.tell("pregnancy.recorded", -100, childId=case.child, edd=day(90), eddRecordedAt=at(-100))
    case.tell("prebirth_assessment.completed", -20, childId=case.child, completedAt=at(-20), riskNoLongerApplies=True)
    case = File(ENG, "NOTASKED", born=None)
    case.tell("pregnancy.recorded", -100, childId=case.child, edd=day(90), eddRecordedAt=at(-100))
    case.request(-50, "prebirth")
    case.decide(-48, "no")
    for born, met, died in ((-30, -25, None), (-30, -30, None), (-9, None, -3), (-30, None, -3)):
        case = File(LON, "COREGROUP", born=None)
        case.tell("pregnancy.recorded", -200, childId=case.child, edd=day(born), eddRecordedAt=at(-200))
        case.on_plan(-110, "prebirth")
        case.tell("child.born", born, childId=case.child, bornAt=at(born), dateOfBirth=day(born))
        if met:
            case.tell("core_group.held", met, planId=case.plan_id, heldAt=at(met))
        if died:
            case.tell("child.died", died, childId=case.child, dateOfDeath=day(died))
    case = File(LON, "AWAITED", born=None)
    case.tell("pregnancy.recorded", -200, childId=case.child, edd=day(-9), eddRecordedAt=at(-200))
    case.on_plan(-85, "prebirth")
    case.tell("child.born", -9, childId=case.child, bornAt=at(-9), dateOfBirth=day(-9))
    case.book(-8, "review", 4, number=2)


def enquiries():
    """Without a discussion; without the name of the enquiry in the request; refused and asked anew; of a child on a plan; under an
    emergency protection order."""
    for authority in (ENG, LON):
        File(authority, "UNDATED").enquire(-40, discussed=False)
    case = File(SWI, "UNNAMED")
    case.enquire(-200)
    case.hold(-190, "initial", number=3, decision="no_plan")
    case.enquire(-40, number=2)
    case.request(-38, "initial")
    case.tell("conference.invite_list_submitted", -30, conferenceId=case.conference(), submittedAt=at(-30), invitees=[PARENT])
    case = File(SWI, "TRANSFER")
    case.enquire(-40)
    case.request(-38, "transfer_in")
    case = File(ENG, "ANEW")
    enquiry = case.enquire(-60)
    case.request(-58, "initial", enquiryId=enquiry)
    case.decide(-55, "no")
    case.request(-30, "initial", enquiryId=enquiry)
    case = File(ENG, "REFUSED")
    enquiry = case.enquire(-60)
    case.request(-58, "initial", enquiryId=enquiry)
    case.decide(-55, "no")
    case = File(ENG, "ONPLAN")
    case.on_plan(-100)
    case.enquire(-20)
    for name, expires, ended in (("ORDER", 20, None), ("ORDERENDED", -20, -25), ("ORDERLATE", -34, None)):
        case = File(LON, name)
        case.enquire(-38)
        case.tell("court_order.made", -37, orderId=f"O-{case.child}", orderType="epo", childIds=[case.child], madeAt=at(-37),
                  expiresAt=at(expires))
        if ended:
            case.tell("court_order.ended", ended, orderId=f"O-{case.child}", endedAt=at(ended))
    case = File(ENG, "BOOKEDLATE")
    case.enquire(-8)
    case.book(-5, "initial", 45)
    for starts in (-1, 0, 1):
        case = File(ENG, "BOOKEDINTIME")
        case.enquire(-18)
        case.book(-12, "initial", starts)


def enquiries_that_come_to_nothing():
    """No conference is required where nothing was found, or of a child on a plan; one that is asked for since is awaited, and one
    that was held by then counts."""
    for on, asked in ((-70, -50), (-70, -45), (-55, -45)):
        case = File(ENG, "NOTHING")
        case.enquire(-60)
        case.complete(-50, "not_substantiated")
        case.book(on, "initial", asked)
        case.hold(asked, "initial", decision="no_plan")
    case = File(LON, "SECONDASKED")
    for number, on in ((1, -200), (2, -110)):
        case.enquire(on, number=number)
        case.complete(on + 10, "not_substantiated", number=number)
    case.request(-110, "initial")
    case = File(ENG, "FIRSTASKED")
    case.enquire(-200)
    case.complete(-190, "not_substantiated")
    case.request(-111, "initial")
    case.enquire(-110, number=2)
    for name, began, ended, over in (
            ("BEFORE", -100, None, None), ("SAMEDAY", -20, None, None), ("ENDED", -100, -15, -10), ("STILL", -100, -5, -10),
            ("SINCE", -100, -10, -10), ("ENDEDBEFORE", -100, -22, -25)):
        case = File(ENG, "ONPLAN" + name)
        case.on_plan(began)
        case.enquire(-20)
        if over:
            case.complete(over, "substantiated_continuing_risk")
        if ended:
            case.hold(ended, "review", number=2, decision="end")
            case.end(ended, case.conference(2))
    for name, on, died in (("WAITING", -10, -3), ("MISSED", -60, -3)):
        case = File(ENG, "DIED" + name)
        case.enquire(on)
        case.tell("child.died", died, childId=case.child, dateOfDeath=day(died))
    case = File(ENG, "REGISTERED", born=None)
    case.tell("child.registered", -100, childId=case.child, edd=day(60))
    case.tell("pregnancy.edd_revised", -40, childId=case.child, newEdd=day(90), oldEdd=day(60), revisedAt=at(-40))


def reviews():
    """Dates that the chair, the reviewing officer or a decision sets; plans that name no conference."""
    case = File(LON, "LATERDATE")
    case.on_plan(-60, nextReviewDate=day(60))
    case = File(ENG, "PASTDATE")
    case.on_plan(-60)
    case.tell("conference.next_date_set", -60, conferenceId=case.conference(), nextOn=day(-70), dateSetAt=at(-60))
    case = File(LON, "FORWARD")
    case.on_plan(-60)
    case.tell("early_review.decided", -30, childId=case.child, planId=case.plan_id, decision="yes", decidedAt=at(-30), newOn=day(-10),
              decidedByRole="conference_chair")
    case = File(LON, "NOTFORWARD")
    case.on_plan(-60)
    case.tell("early_review.decided", -30, childId=case.child, decision="no", decidedAt=at(-30), newOn=day(-10))
    case = File(ENG, "OFFICER")
    case.on_plan(-400)
    case.tell("child.became_looked_after", -300, childId=case.child, startedOn=day(-300), legalBasis="s31")
    case.hold(-280, "cla_review", number=2)
    case.hold(-210, "combined", number=3)
    case.tell("early_review.decided", -250, childId=case.child, decision="yes", decidedAt=at(-250), newOn=day(-230),
              decidedByRole="iro")
    case.tell("early_review.requested", -100, childId=case.child, requestedAt=at(-100), requestedByRole="iro")
    case.tell("early_review.decided", -95, planId=case.plan_id, decision="yes", decidedAt=at(-95), newOn=day(-60),
              decidedByRole="conference_chair")
    case = File(LIN, "NOCONFERENCE")
    case.hold(-100, "initial", decision="plan")
    case.plan(-98)
    case = File(SWI, "ONRECORD")
    case.on_plan(-200, nextReviewDate=day(-115))
    case.book(-150, "review", -115, number=2)
    case.hold(-115, "review", number=2)
    case = File(SWI, "MOVEDONLY")
    case.on_plan(-200)
    case.tell("conference.rescheduled", -140, conferenceId=case.conference(2), newStartsAt=at(-120), rescheduledAt=at(-140))
    case.hold(-120, "review", number=2)


def endings():
    """Letters about the child alone, and to nobody by name; a decision while a child is not found; the eighteenth birthday."""
    case = File(ENG, "CHILDSLETTER")
    case.on_plan(-400)
    case.hold(-310, "review", number=2)
    case.hold(-130, "review", number=3, decision="end")
    case.end(-130, case.conference(3))
    for on, kind in ((-129, "plan_end_agencies"), (-120, "plan_end_by_sw")):
        case.tell("letter.sent", on, letterId=f"L-{case.child}{on}", kind=kind, childId=case.child, sentAt=at(on))
    # A letter about another plan, another child's, of another conference, too soon, and one to the agencies by name.
    case = File(ENG, "LETTERS", born=-3000)
    case.hold(-400, "initial", decision="plan")
    case.plan(-400, case.conference(), initialInvitees=[PARENT, NURSE, POLICE], coreGroup=[NURSE])
    case.hold(-310, "review", number=2)
    for on, plan, member in ((-380, case.plan_id, FATHER), (-200, case.plan_id, NURSE), (-190, "P-OTHER", SUPPORTER),
                             (-100, case.plan_id, SUPPORTER)):
        case.tell("core_group.held", on, planId=plan, heldAt=at(on), attendees=[member | {"role": "agency_professional"}])
    case.hold(-130, "review", number=3, decision="end", attendees=[PARENT, FATHER])
    case.end(-130, case.conference(3))
    agencies = dict(kind="plan_end_agencies", recipients=[NURSE])
    for number, (on, letter) in enumerate((
            (-131, agencies | dict(planId=case.plan_id)), (-130, agencies | dict(planId="P-OTHER")),
            (-129, agencies | dict(planId=case.plan_id, childId="K-OTHER")), (-128, agencies | dict(childId="K-OTHER")),
            (-127, agencies | dict(conferenceId=case.conference(2))),
            (-126, dict(kind="plan_end_agencies", planId=case.plan_id, recipients=[{"agency": "police"}])),
            (-125, agencies | dict(planId=case.plan_id)),
            (-124, dict(kind="plan_end_by_sw", conferenceId=case.conference(3), recipients=[PARENT])),
            (-123, dict(kind="plan_end_by_sw", conferenceId=case.conference(3), recipients=[FATHER])))):
        case.tell("letter.sent", on, letterId=f"L-{case.child}-{number}", sentAt=at(on), **letter)
    case = File(LIN, "LOST")
    case.on_plan(-200)
    case.tell("child.left_country_reported", -150, childId=case.child, reportedAt=at(-150))
    case.tell("child.whereabouts_decided", -100, childId=case.child, planId=case.plan_id, decision="continue", decidedAt=at(-100),
              decidedByRole="service_manager")
    case = File(LIN, "FOUND")
    case.on_plan(-200)
    case.tell("child.left_country_reported", -150, childId=case.child, reportedAt=at(-150))
    case.tell("child.location_confirmed", -120, childId=case.child, confirmedAt=at(-120), abroad=False)
    case = File(LIN, "GONE")
    case.on_plan(-300)
    case.tell("child.left_country_reported", -280, childId=case.child, reportedAt=at(-280))
    case = File(ENG, "LEAPDAY", born=None)
    case.tell("child.registered", -900, childId=case.child, dateOfBirth="2008-02-29")
    case.tell("plan.started", -400, planId=case.plan_id, childId=case.child, startedOn="2025-10-01", category="neglect")


FAMILIES = (births, enquiries, enquiries_that_come_to_nothing, reviews, endings)
