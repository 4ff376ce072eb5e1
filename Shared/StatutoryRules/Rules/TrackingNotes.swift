// The notes of reviewing officer and chair between meetings: CAN-4.1 and 4.2 (000, section 4); what the drift list (E49)
// says of them.

extension Docket {
    /// At least one of the three kinds of note between two meetings. While the next is still to come, it is missed from
    /// the mid-point on (section H, `tracking.note`).
    mutating func trackingNotes(of child: History.Child) {
        guard isInForce("CAN-4.1") else { return }
        let meetings = child.conferences.compactMap { place -> Record? in
            let conference = history.conferences[place]
            guard conference.type != nil, let held = conference.held?.record, held.at != nil else { return nil }
            return held
        }
        for (place, meeting) in meetings.enumerated() {
            guard let from = meeting.at else { continue }
            let next = place + 1 < meetings.count ? meetings[place + 1].at : nil
            if let next, next.day == from.day { continue }
            guard isFollowed(child, to: next?.day) else { continue }
            if hasNote(about: child, after: from, until: next) { continue }
            if next == nil {
                guard let middle = middle(of: child, from: from.day) else { continue }
                mayChange(at: London.end(of: middle).adding(microseconds: 1))
                guard asOf > London.end(of: middle) else { continue }
            }
            require(
                "CAN-4.1", Subject(childId: child.id), events: [meeting.event],
                "no note of the reviewing officer or chair is recorded between this meeting and the next")
        }
    }

    /// Whether a plan or care lasts until the next meeting, so that there is a case to track.
    private func isFollowed(_ child: History.Child, to next: Day?) -> Bool {
        let lasts = { (start: Day, end: Day?) in
            guard let next else { return end == nil }
            return start < next && end.map { $0 >= next } ?? true
        }
        if let end = child.end, next.map({ end.on < $0 }) ?? true { return false }
        return history.plans.contains { $0.facts.childId == child.id && lasts($0.facts.startedOn, $0.ended) }
            || child.lookedAfter.contains { lasts($0.facts.startedOn, $0.ended) }
    }

    private func hasNote(about child: History.Child, after from: Moment, until next: Moment?) -> Bool {
        history.casework.notes.contains { note in
            let kinds = ["iro_contact", "iro_tracking", "dispute_challenge"]
            guard note.facts.childId == child.id, let kind = note.facts.noteType, kinds.contains(kind) else {
                return false
            }
            let at = note.facts.notedAt
            return at.order > from.order && next.map { at.order <= $0.order } ?? true
        }
    }

    /// Half-way to the next meeting: the day that it is booked for, else the day that it is due.
    private func middle(of child: History.Child, from day: Day) -> Day? {
        let after = day.adding(days: 1)
        let booked = booking(of: child, from: after) { _ in true }?.startsAt.day
        let due = deadlines.lazy.filter { row in
            row.subject.childId == child.id && row.metBy == nil
                && [.review, .lookedAfter].contains(row.duty.family)
                && row.state != .superseded && row.state != .withdrawn
        }.compactMap(\.due?.day).filter { $0 > day }.min()
        guard let next = booked ?? due, next > day else { return nil }
        return day.adding(days: next.days(since: day) / 2)
    }
}
