// The initial conference: ENG-1, MAN-1 (003, practice expectation), LON-1.7 and LON-1.8 (001, 1.7 and 1.8). What is
// reported and recorded while it is late, LON-1.10, is in Convening.swift.

extension Docket {
    /// One section 47 enquiry of one child, and the discussion that its time runs from.
    private struct Start {
        var enquiry: History.Enquiry?
        /// `nil`: no discussion is known.
        var discussion: History.Discussion?

        var day: Day { discussion?.day ?? enquiry!.day }
        /// An enquiry is bounded once, whichever discussion dates it.
        var occasion: String { enquiry?.id ?? discussion!.record.occasion }
    }

    mutating func initialConferences(of child: History.Child) {
        var duties: [Obligation] = []
        let hasStart = !child.discussions.isEmpty || !child.enquiries.isEmpty
        var starts = hasStart ? starts(of: child) : []
        if starts.count > 1 { starts.sort { ($0.day, $0.occasion) < ($1.day, $1.occasion) } }
        for (place, start) in starts.enumerated() {
            duties.append(duty(of: child, start, until: place + 1 < starts.count ? starts[place + 1].day : nil))
        }
        if child.wasExpected { prebirthConferences(of: child, beside: &duties) }
        for duty in duties {
            if let row = enter(duty) { followDelay(of: row, duty, child) }
        }
        emergencyOrders(of: child, beside: duties)
        assessmentOrders(of: child, beside: duties)
    }

    private func duty(of child: History.Child, _ start: Start, until next: Day?) -> Obligation {
        let record = start.discussion?.record ?? start.enquiry!.record
        var duty = Obligation(
            .initialConference, Subject(childId: child.id), occasion: start.occasion,
            anchor: Anchor(record, on: start.day),
            terms: [policy.statute(.initial, on: start.day), policy.limit(.initial, on: start.day)],
            act: Obligation.Act(firstInitial(of: child, from: start.day)))
        duty.isDated = start.discussion != nil
        duty.booking = booking(of: child, from: start.day) { $0.isInitial }
        duty.knownAt = record.at
        if let end = child.end { duty.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on) }
        if let lapse = lapse(of: child, start, until: next) {
            if let act = duty.act, act.at.day > lapse { duty.act = nil }
            duty.withdrawal = Obligation.Withdrawal(cause: "not_required", on: nil)
        }
        return duty
    }

    /// The day from which no conference was required: the enquiry found no continuing risk, or the decision was not to
    /// convene, and no conference is asked for since. A later request brings the duty back with its old date.
    private func lapse(of child: History.Child, _ start: Start, until next: Day?) -> Day? {
        var declined = false
        for place in child.conferences {
            let conference = history.conferences[place]
            guard conference.type?.isInitial ?? true,
                belongs(conference, to: start.enquiry?.id, from: start.day, until: next)
            else { continue }
            if conference.held != nil || conference.isOpen { return nil }
            if conference.decision == "no" { declined = true }
        }
        let outcome = start.enquiry.flatMap { child.outcomes[$0.id] }
        switch outcome?.outcome {
        case "not_substantiated", "substantiated_no_continuing_risk": return outcome?.on
        default: break
        }
        // A child on a plan is not taken to another initial conference: an early review answers (LON-1.6a).
        return declined || isOnPlan(child, from: start.day, through: outcome?.on) ? start.day : nil
    }

    /// By the enquiry that the request names, else by its day: the latest start on or before it.
    func belongs(
        _ conference: History.Conference, to enquiry: String?, from day: Day, until next: Day?
    ) -> Bool {
        if let named = conference.enquiry { return named == enquiry }
        let asked =
            conference.request?.at?.day ?? conference.booking?.record.at?.day ?? conference.booking?.startsAt.day
            ?? conference.heldOn
        guard let asked else { return true }
        return asked >= day && (next.map { asked < $0 } ?? true)
    }

    func firstInitial(of child: History.Child, from day: Day) -> Record? {
        for place in child.heldInitial {
            if let held = history.conferences[place].held?.record, let on = held.at?.day, on >= day { return held }
        }
        return nil
    }

    /// The soonest booking in force, of those kinds, for a day from then on.
    func booking(
        of child: History.Child, from day: Day, kind: (ConferenceType) -> Bool
    ) -> History.Conference.Booking? {
        var soonest: History.Conference.Booking?
        for place in child.conferences {
            let conference = history.conferences[place]
            guard conference.isOpen, let booking = conference.booking, let type = conference.type, kind(type),
                booking.startsAt.day >= day, booking.startsAt.order < soonest?.startsAt.order ?? .max
            else { continue }
            soonest = booking
        }
        return soonest
    }
}

/// From which discussion the time runs: MAN-1 and the readings of the rulebook beside it.
extension Docket {
    private mutating func starts(of child: History.Child) -> [Start] {
        var starts: [Start] = []
        var taken: Set<Int> = []
        // Enquiries that name their discussion first, so that the others cannot take it from them.
        for named in [true, false] {
            for enquiry in child.enquiries {
                let place = child.discussions.firstIndex { $0.id == enquiry.discussion }
                guard (place != nil) == named else { continue }
                guard let place = place ?? discussion(for: enquiry, of: child, taken: taken) else {
                    find(
                        "MAN-1", .must, Subject(childId: child.id), events: [enquiry.record.event],
                        "cannot be dated: no strategy discussion is recorded for the section 47 enquiry")
                    starts.append(Start(enquiry: enquiry, discussion: nil))
                    continue
                }
                taken.insert(place)
                starts.append(Start(enquiry: enquiry, discussion: child.discussions[place]))
                if !named && !child.discussions[place].beganEnquiry {
                    findGuess(child, child.discussions[place], because: enquiry.record.event)
                }
            }
        }
        for (place, discussion) in child.discussions.enumerated() where discussion.beganEnquiry {
            if taken.insert(place).inserted { starts.append(Start(enquiry: nil, discussion: discussion)) }
        }
        addRequested(&starts, of: child)
        return starts
    }

    private mutating func findGuess(_ child: History.Child, _ discussion: History.Discussion, because event: String) {
        find(
            "MAN-1", .should, Subject(childId: child.id), events: [discussion.record.event, event],
            "no strategy discussion is marked as the one at which the enquiry began: the earliest is taken")
    }

    /// For an enquiry that names none: the latest marked one on or before it, else the earliest since the last
    /// conference of an initial kind.
    private func discussion(for enquiry: History.Enquiry, of child: History.Child, taken: Set<Int>) -> Int? {
        let discussions = child.discussions
        let isFree = { (place: Int) in !taken.contains(place) }
        if let marked = discussions.indices.last(where: {
            isFree($0) && discussions[$0].beganEnquiry && discussions[$0].day <= enquiry.day
        }) {
            return marked
        }
        let closed = lastInitial(of: child, before: enquiry.day)
        let open = discussions.indices.filter { place in closed.map { discussions[place].day > $0 } ?? true }
        return open.first(where: isFree) ?? open.last { discussions[$0].day <= enquiry.day }
    }

    private func lastInitial(of child: History.Child, before day: Day) -> Day? {
        child.heldInitial.compactMap { history.conferences[$0].heldOn }.last { $0 < day }
    }

    /// With neither mark nor enquiry the time runs once a conference is requested, from the earliest discussion.
    private mutating func addRequested(_ starts: inout [Start], of child: History.Child) {
        for place in child.conferences {
            let conference = history.conferences[place]
            guard let request = conference.request, conference.type == .initial || conference.type == .prebirth
            else { continue }
            let asked = request.at?.day ?? conference.heldOn ?? London.day(of: request.recordedAt)
            let closed = lastInitial(of: child, before: min(asked, conference.heldOn ?? asked))
            let isOpen = { (day: Day) in closed.map { day > $0 } ?? true }
            guard !starts.contains(where: { isOpen($0.day) && $0.day <= asked }),
                let discussion = child.discussions.first(where: { isOpen($0.day) && $0.day <= asked })
            else { continue }
            starts.append(Start(enquiry: nil, discussion: discussion))
            findGuess(child, discussion, because: request.event)
        }
    }
}
