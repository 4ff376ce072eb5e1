import StatutoryRules
import Testing

/// What a duty comes to at an instant.
struct Outcome: Sendable, CustomTestStringConvertible {
    var name: String
    var policy: String
    var rule: String
    var asOf: String
    var state: DeadlineState
    var late: Int?
    var facts: [Fact]

    init(
        _ name: String, _ policy: String, _ rule: String, asOf: String, _ state: DeadlineState, late: Int? = nil,
        _ facts: Fact...
    ) {
        self.name = name
        self.policy = policy
        self.rule = rule
        self.asOf = asOf
        self.state = state
        self.late = late
        self.facts = facts
    }

    var testDescription: String { "\(name): \(rule) under \(policy) is \(state) at \(asOf)" }

    // 15 working days from Tuesday 6 January 2026 end on Tuesday 27 January.
    static let begun = discussion("D", "2026-01-06T14:00:00Z")
    static let initial: [Outcome] = [
        .init("nothing yet", "england", "ENG-1", asOf: "2026-01-19", .pending, begun),
        .init("five working days before", "england", "ENG-1", asOf: "2026-01-20", .atRisk, begun),
        .init(
            "booked in time", "england", "ENG-1", asOf: "2026-01-22", .pending, begun,
            booked("CF", .initial, for: "2026-01-27T10:00:00Z", on: "2026-01-07")),
        .init(
            "booked late", "england", "ENG-1", asOf: "2026-01-08", .atRisk, begun,
            booked("CF", .initial, for: "2026-01-28T10:00:00Z", on: "2026-01-07")),
        .init(
            "the booking's day went by", "england", "ENG-1", asOf: "2026-01-24", .atRisk, begun,
            booked("CF", .initial, for: "2026-01-23T10:00:00Z", on: "2026-01-07")),
        .init(
            "the booking is not made yet", "england", "ENG-1", asOf: "2026-01-21", .atRisk, begun,
            booked("CF", .initial, for: "2026-01-27T10:00:00Z", on: "2026-01-22")),
        .init("on the due day", "england", "ENG-1", asOf: "2026-01-27T23:59:59Z", .atRisk, begun),
        .init("the day after", "england", "ENG-1", asOf: "2026-01-28T00:00:00Z", .missed, begun),
        .init(
            "held on the due day", "england", "ENG-1", asOf: "2026-03-01", .met, begun,
            held("CF", .initial, "2026-01-27T16:00:00Z")),
        .init(
            "held a day late", "england", "ENG-1", asOf: "2026-03-01", .metLate, late: 1, begun,
            held("CF", .prebirth, "2026-01-28T09:00:00Z")),
        .init(
            "held before it began", "england", "ENG-1", asOf: "2026-03-01", .missed, begun,
            held("CF", .initial, "2026-01-05")),
        .init(
            "a review does not meet it", "england", "ENG-1", asOf: "2026-03-01", .missed, begun,
            held("CF", .review, "2026-01-20")),
        .init(
            "another child's conference", "england", "ENG-1", asOf: "2026-03-01", .missed, begun,
            held("CF", .initial, "2026-01-20", children: ["L"])),
        .init(
            "the child is known from the booking", "england", "ENG-1", asOf: "2026-03-01", .met, begun,
            booked("CF", .initial, for: "2026-01-20"), held("CF", nil, "2026-01-20", children: [])),
        .init(
            "no risk found", "england", "ENG-1", asOf: "2026-03-01", .withdrawn, begun,
            enquiry("E", "2026-01-06", of: "D"), outcome("E", "2026-01-20", "not_substantiated")),
        .init(
            "risk found", "england", "ENG-1", asOf: "2026-03-01", .missed, begun, enquiry("E", "2026-01-06", of: "D"),
            outcome("E", "2026-01-20", "substantiated_continuing_risk")),
        .init(
            "no risk found, yet requested", "england", "ENG-1", asOf: "2026-03-01", .missed, begun,
            enquiry("E", "2026-01-06", of: "D"), outcome("E", "2026-01-20", "substantiated_no_continuing_risk"),
            request("CF", "2026-01-25")),
        .init(
            "no risk found, held before", "england", "ENG-1", asOf: "2026-03-01", .met, begun,
            enquiry("E", "2026-01-06", of: "D"), held("CF", .initial, "2026-01-16"),
            outcome("E", "2026-01-20", "not_substantiated")),
        .init(
            "a year later another conference", "england", "ENG-1", asOf: "2027-03-01", .withdrawn, begun,
            enquiry("E", "2026-01-06", of: "D"), outcome("E", "2026-01-20", "not_substantiated"),
            discussion("D2", "2027-01-06"), enquiry("E2", "2027-01-06", of: "D2"), held("CF", .initial, "2027-01-20")),
        .init(
            "not convened", "england", "ENG-1", asOf: "2026-03-01", .withdrawn, begun, request("CF", "2026-01-08"),
            convening("CF", "2026-01-09", "no")),
        .init(
            "not convened, then convened", "england", "ENG-1", asOf: "2026-03-01", .missed, begun,
            request("CF", "2026-01-08"), convening("CF", "2026-01-09", "no"), convening("CF", "2026-01-12", "yes")),
        .init(
            "not convened, then asked anew", "england", "ENG-1", asOf: "2026-03-01", .missed, begun,
            request("CF", "2026-01-08"), convening("CF", "2026-01-09", "no"), request("CF2", "2026-01-12")),
        .init("died before it was due", "england", "ENG-1", asOf: "2026-03-01", .withdrawn, begun, died("2026-01-20")),
        .init("died after the miss", "england", "ENG-1", asOf: "2026-03-01", .missed, begun, died("2026-01-28")),
        .init("the own rule on a tie", "note-002", "ENG-1", asOf: "2026-01-10", .superseded, begun),
        .init("the borrowed one on a tie", "london", "LON-1.7", asOf: "2026-01-10", .superseded, begun),
        .init("met", "note-002", "MAN-1", asOf: "2026-03-01", .met, begun, held("CF", .initial, "2026-01-27")),
        .init("missed", "note-002", "MAN-1", asOf: "2026-01-28", .missed, begun),
    ]

    // Notified on Friday 22 May 2026, due on Monday 15 June.
    static let transfers: [Outcome] = [
        .init(
            "met", "england", "ENG-7", asOf: "2026-07-01", .met, movedIn("2026-05-22"),
            held("CF", .transferIn, "2026-06-15")),
        .init("missed", "england", "ENG-7", asOf: "2026-06-16", .missed, movedIn("2026-05-22")),
        .init(
            "met", "london", "LON-1.18c", asOf: "2026-07-01", .met, movedIn("2026-05-22"),
            held("CF", .transferIn, "2026-06-15")),
        .init("missed", "london", "LON-1.18c", asOf: "2026-06-16", .missed, movedIn("2026-05-22")),
        .init(
            "met late", "lincolnshire", "LIN-2.4a", asOf: "2026-07-01", .metLate, late: 2, movedOut("2026-05-22"),
            receivingHeld("2026-06-17")),
        .init(
            "met", "lincolnshire", "LIN-2.4a", asOf: "2026-07-01", .met, movedOut("2026-05-22"),
            receivingHeld("2026-06-15")),
        .init("missed", "lincolnshire", "LIN-2.4a", asOf: "2026-06-16", .missed, movedOut("2026-05-22")),
        .init(
            "runs unless denied", "note-002", "MAN-2", asOf: "2026-06-16", .missed,
            movedIn("2026-05-22", permanent: nil)),
        .init(
            "met", "note-002", "MAN-2", asOf: "2026-06-16", .met, movedIn("2026-05-22"),
            held("CF", .transferIn, "2026-06-01")),
    ]

    static let epo = emergencyOrder("2026-01-07T12:00:00Z", expires: "2026-01-15T16:00:00Z")
    static let orders: [Outcome] = [
        .init(
            "held in time", "london", "LON-1.8", asOf: "2026-03-01", .met, begun, epo,
            held("CF", .initial, "2026-01-15T16:00:00Z")),
        .init(
            "held an hour late", "london", "LON-1.8", asOf: "2026-03-01", .metLate, late: 1, begun, epo,
            held("CF", .initial, "2026-01-15T16:01:00Z")),
        .init("the instant after", "london", "LON-1.8", asOf: "2026-01-15T16:00:01Z", .missed, begun, epo),
        .init(
            "held on that day, no time known", "london", "LON-1.8", asOf: "2026-03-01", .undated, begun, epo,
            held("CF", .initial, "2026-01-15")),
        .init(
            "ended before", "swindon", "LON-1.8", asOf: "2026-03-01", .withdrawn, begun, epo,
            orderEnded("2026-01-13T09:00:00Z")),
        .init(
            "not required", "london", "LON-1.8", asOf: "2026-03-01", .withdrawn, begun, epo,
            enquiry("E", "2026-01-06", of: "D"), outcome("E", "2026-01-12", "not_substantiated")),
    ]

    static let first = held("I", .initial, "2026-01-05")
    static let started = plan("P", from: "2026-01-05", by: "I")
    // Three months end on Sunday 5 April, Easter Day; 91 days on Monday 6 April, a holiday.
    static let reviews: [Outcome] = [
        .init(
            "booked for the holiday after", "england", "ENG-2", asOf: "2026-02-01", .atRisk, first, started,
            booked("R", .review, for: "2026-04-06", on: "2026-01-20")),
        .init("near", "england", "ENG-2", asOf: "2026-03-26", .atRisk, first, started),
        .init("met", "england", "ENG-2", asOf: "2026-06-01", .met, first, started, held("R", .review, "2026-04-02")),
        .init(
            "met by a combined meeting", "england", "ENG-2", asOf: "2026-06-01", .met, first, started,
            held("R", .combined, "2026-04-02")),
        .init(
            "met late", "england", "ENG-2", asOf: "2026-06-01", .metLate, late: 2, first, started,
            held("R", .review, "2026-04-07")),
        .init("missed", "england", "ENG-2", asOf: "2026-04-06", .missed, first, started),
        .init(
            "later met", "england", "ENG-3", asOf: "2026-12-01", .met, first, started, held("R", .review, "2026-04-02"),
            held("R2", .review, "2026-10-02")),
        .init(
            "later missed", "england", "ENG-3", asOf: "2026-10-03", .missed, first, started,
            held("R", .review, "2026-04-02")),
        .init(
            "plan ended at the review", "england", "ENG-3", asOf: "2026-12-01", .withdrawn, first, started,
            held("R", .review, "2026-04-02"), planEnded("P", "2026-04-02")),
        .init(
            "plan ended on the due day", "england", "ENG-2", asOf: "2026-12-01", .withdrawn, first, started,
            planEnded("P", "2026-04-05")),
        .init(
            "plan ended after the miss", "england", "ENG-2", asOf: "2026-12-01", .missed, first, started,
            planEnded("P", "2026-04-06")),
        .init("F23", "england", "ENG-2", asOf: "2026-12-01", .withdrawn, first, started, died("2026-03-06")),
        .init("own, on a tie", "london", "ENG-2", asOf: "2026-12-01", .superseded, first, started),
        .init("met", "london", "LON-1.20a", asOf: "2026-12-01", .met, first, started, held("R", .review, "2026-04-02")),
        .init("missed", "london", "LON-1.20a", asOf: "2026-12-01", .missed, first, started),
        .init(
            "met", "london", "LON-1.20b", asOf: "2026-12-01", .met, first, started, held("R", .review, "2026-04-02"),
            held("R2", .review, "2026-10-02")),
        .init(
            "missed", "london", "LON-1.20b", asOf: "2026-12-01", .missed, first, started,
            held("R", .review, "2026-04-02")),
        .init("later than the statute", "lincolnshire", "LIN-3.1", asOf: "2026-12-01", .superseded, first, started),
        .init(
            "sooner than the statute", "lincolnshire", "LIN-3.1", asOf: "2026-09-30", .missed,
            held("I", .initial, "2026-06-30"), plan("P", from: "2026-06-30", by: "I")),
        .init(
            "sooner, met", "lincolnshire", "LIN-3.1", asOf: "2026-10-30", .met, held("I", .initial, "2026-06-30"),
            plan("P", from: "2026-06-30", by: "I"), held("R", .review, "2026-09-29")),
        .init(
            "sooner, met late", "lincolnshire", "LIN-3.2", asOf: "2026-12-01", .metLate, late: 1, first, started,
            held("R", .review, "2026-03-02"), held("R2", .review, "2026-09-02")),
        .init(
            "sooner, missed", "lincolnshire", "LIN-3.2", asOf: "2026-09-02", .missed, first, started,
            held("R", .review, "2026-03-02")),
        .init(
            "sooner, met", "lincolnshire", "LIN-3.2", asOf: "2026-12-01", .met, first, started,
            held("R", .review, "2026-03-02"), held("R2", .review, "2026-09-01")),
        .init("literal beside the statute", "note-002", "MAN-3", asOf: "2026-12-01", .superseded, first, started),
    ]

    // 20 working days from Friday 4 December 2026 end on Wednesday 6 January 2027.
    static let spell = lookedAfter("2026-12-04")
    static let lookedAfterReviews: [Outcome] = [
        .init("met", "england", "ENG-4", asOf: "2027-02-01", .met, spell, held("R", .lookedAfterReview, "2027-01-06")),
        .init("missed", "england", "ENG-4", asOf: "2027-01-07", .missed, spell),
        .init("ended", "england", "ENG-4", asOf: "2027-02-01", .withdrawn, spell, lookedAfterEnded("2026-12-20")),
        .init(
            "met", "england", "ENG-5", asOf: "2027-05-01", .met, spell, held("R", .lookedAfterReview, "2027-01-06"),
            held("R2", .combined, "2027-04-06")),
        .init(
            "missed", "england", "ENG-5", asOf: "2027-04-07", .missed, spell,
            held("R", .lookedAfterReview, "2027-01-06")),
        .init(
            "met late", "england", "ENG-6", asOf: "2027-12-01", .metLate, late: 1, spell,
            held("R", .lookedAfterReview, "2027-01-06"), held("R2", .combined, "2027-04-06"),
            held("R3", .lookedAfterReview, "2027-10-07")),
        .init(
            "met", "england", "ENG-6", asOf: "2027-12-01", .met, spell, held("R", .lookedAfterReview, "2027-01-06"),
            held("R2", .combined, "2027-04-06"), held("R3", .combined, "2027-10-06")),
        .init(
            "missed", "england", "ENG-6", asOf: "2027-10-07", .missed, spell,
            held("R", .lookedAfterReview, "2027-01-06"), held("R2", .combined, "2027-04-06")),
    ]

    static let monday = booked("CF", .initial, for: "2026-11-09T09:30:00Z")
    static let mondayReview = booked("CF", .review, for: "2026-11-09T09:30:00Z")
    static let reports: [Outcome] = [
        .init(
            "F09 late by half an hour", "knowsley", "CAN-1.6", asOf: "2026-12-01", .metLate, late: 1, monday,
            report("CF", "2026-11-06T10:00:00Z")),
        .init(
            "F09 the same in time", "swindon", "SWI-18", asOf: "2026-12-01", .met, monday,
            report("CF", "2026-11-06T10:00:00Z")),
        .init("met", "knowsley", "CAN-1.6", asOf: "2026-12-01", .met, monday, report("CF", "2026-11-06T09:30:00Z")),
        .init("half time", "knowsley", "CAN-1.6", asOf: "2026-11-04T21:30:00Z", .atRisk, monday),
        .init("before half time", "knowsley", "CAN-1.6", asOf: "2026-11-04T21:29:59Z", .pending, monday),
        .init("missed", "knowsley", "CAN-1.6", asOf: "2026-11-06T09:30:01Z", .missed, monday),
        .init(
            "no time of day, clear", "knowsley", "CAN-1.6", asOf: "2026-12-01", .met,
            booked("CF", .initial, for: "2026-11-09"), report("CF", "2026-11-05T23:00:00Z")),
        .init(
            "no time of day, clearly late", "knowsley", "CAN-1.6", asOf: "2026-12-01", .metLate, late: 1,
            booked("CF", .initial, for: "2026-11-09"), report("CF", "2026-11-07T00:30:00Z")),
        .init(
            "no time of day, unclear", "knowsley", "CAN-1.6", asOf: "2026-12-01", .undated,
            booked("CF", .initial, for: "2026-11-09"), report("CF", "2026-11-06T12:00:00Z")),
        .init("missed", "swindon", "SWI-18", asOf: "2026-11-08", .missed, monday),
        .init(
            "another agency's", "swindon", "SWI-18", asOf: "2026-11-08", .missed, monday,
            report("CF", "2026-11-01", agency: "health")),
        .init(
            "no agency named", "swindon", "SWI-18", asOf: "2026-11-08", .met, monday,
            report("CF", "2026-11-01", agency: nil)),
        .init("met", "swindon", "SWI-19", asOf: "2026-12-01", .met, mondayReview, report("CF", "2026-11-04T22:00:00Z")),
        .init("missed", "swindon", "SWI-19", asOf: "2026-11-05", .missed, mondayReview),
        .init(
            "handed in, not shared", "london", "LON-7.7a", asOf: "2026-11-06", .missed, monday,
            report("CF", "2026-11-01")),
        .init(
            "shared", "london", "LON-7.7a", asOf: "2026-11-06", .met, monday, report("CF", "2026-11-01"),
            shared("CF", "2026-11-05")),
        .init(
            "shared with another agency", "london", "LON-7.7a", asOf: "2026-11-06", .missed, monday,
            report("CF", "2026-11-01"), shared("CF", "2026-11-05", with: "agency_professional")),
        .init(
            "shared with the child", "london", "LON-7.7b", asOf: "2026-11-30", .met, mondayReview,
            report("CF", "2026-11-01"), shared("CF", "2026-11-02", with: "child")),
        .init("missed", "london", "LON-7.7b", asOf: "2026-11-30", .missed, mondayReview),
        .init(
            "shared late", "london", "LON-7.7b", asOf: "2026-11-30", .metLate, late: 1, mondayReview,
            report("CF", "2026-11-01"), shared("CF", "2026-11-03")),
        .init("borrowed", "note-002", "LON-7.7a", asOf: "2026-11-06", .missed, monday),
        .init(
            "cancelled", "swindon", "SWI-18", asOf: "2026-12-01", .withdrawn, monday, agreedByBoth("CF", "2026-11-07"),
            cancelled("CF", "2026-11-08")),
        .init(
            "cancelled, and nobody agreed", "swindon", "SWI-18", asOf: "2026-12-01", .missed, monday,
            cancelled("CF", "2026-11-08")),
        .init(
            "cancelled and booked again", "swindon", "SWI-18", asOf: "2026-12-13", .missed, monday,
            agreedByBoth("CF", "2026-11-07"), cancelled("CF", "2026-11-08"),
            rebooked("CF", for: "2026-12-14T09:30:00Z", on: "2026-11-08T12:00:00Z")),
        .init(
            "moved", "swindon", "SWI-18", asOf: "2026-12-01", .pending, monday, agreedByBoth("CF", "2026-11-05"),
            rebooked("CF", for: "2026-12-14T09:30:00Z", on: "2026-11-06T12:00:00Z")),
    ]

    // F18: ended on Thursday 2 April 2026 at 16:00 London time.
    static let thursday = held("CF", .initial, "2026-04-02T13:00:00Z", ended: "2026-04-02T15:00:00Z")
    static let mother = Participant(personId: "M", role: "parent_carer")
    static let father = Participant(personId: "F", role: "parent_carer")
    static let nurse = Participant(personId: "N", role: "agency_professional", agency: "health")
    static let student = Participant(personId: "S", role: "observer")
    static let letters: [Outcome] = [
        .init("F18 missed", "london", "LON-14.5c", asOf: "2026-04-03T15:00:01Z", .missed, thursday),
        .init(
            "F18 sent on Tuesday", "london", "LON-14.5c", asOf: "2026-05-01", .metLate, late: 91, thursday,
            letter("CF", "2026-04-07T10:00:00Z")),
        .init(
            "F18 sent on Tuesday", "london", "LON-14.13a", asOf: "2026-05-01", .met, thursday,
            letter("CF", "2026-04-07T10:00:00Z")),
        .init("missed", "london", "LON-14.13a", asOf: "2026-04-08", .missed, thursday),
        .init(
            "in time", "london", "LON-14.5c", asOf: "2026-05-01", .met, thursday, letter("CF", "2026-04-03T15:00:00Z")),
        .init(
            "one parent of two", "london", "LON-14.5c", asOf: "2026-05-01", .missed, thursday,
            invited("CF", [mother, father]), letter("CF", "2026-04-02T16:00:00Z", to: "M")),
        .init(
            "both parents", "london", "LON-14.5c", asOf: "2026-05-01", .metLate, late: 1, thursday,
            invited("CF", [mother, father]), letter("CF", "2026-04-02T16:00:00Z", to: "M"),
            letter("CF", "2026-04-03T15:20:00Z", to: "F")),
        .init(
            "parents, not all", "london", "LON-14.13a", asOf: "2026-05-01", .missed, thursday,
            invited("CF", [mother, nurse]), letter("CF", "2026-04-02T16:00:00Z", to: "M")),
        .init(
            "all but the observer", "london", "LON-14.13a", asOf: "2026-05-01", .met, thursday,
            invited("CF", [mother, nurse, student]), letter("CF", "2026-04-02T16:00:00Z", to: "M"),
            letter("CF", "2026-04-02T16:00:00Z", to: "N")),
        .init(
            "one for all", "london", "LON-14.13a", asOf: "2026-05-01", .met, thursday, invited("CF", [mother, nurse]),
            letter("CF", "2026-04-02T16:00:00Z")),
        .init("record met", "london", "LON-14.4a", asOf: "2026-06-01", .met, thursday, issued("CF", "2026-05-01")),
        .init("record missed", "england", "LON-14.4a", asOf: "2026-06-01", .missed, thursday),
        .init(
            "no times at all", "london", "LON-14.5c", asOf: "2026-05-01", .undated, held("CF", .initial, "2026-04-02"),
            letter("CF", "2026-04-03T12:00:00Z")),
    ]
}
