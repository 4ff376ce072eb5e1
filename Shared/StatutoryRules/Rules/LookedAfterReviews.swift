// Reviews of looked-after children: ENG-4 to ENG-6, regulation 33 of the 2010 Regulations.

extension Docket {
    mutating func lookedAfterReviews(of child: History.Child) {
        for spell in child.lookedAfter {
            var record = spell.record
            var day = spell.facts.startedOn
            var number = 1
            let end = end(of: spell, child)
            while true {
                let (duty, key) = kind(number)
                let next = nextLookedAfterReview(of: child, after: day, first: number == 1, before: end?.on)
                var obligation = Obligation(
                    duty, Subject(childId: child.id), occasion: "\(spell.record.occasion)/\(number)",
                    anchor: Anchor(record, on: day), terms: [policy.statute(key, on: day), policy.limit(key, on: day)],
                    act: Obligation.Act(next))
                if number == 1, let due = spell.facts.claReviewDue { obligation.given = (.day(due), .givenDate) }
                if next == nil {
                    let from = number == 1 ? day : day.adding(days: 1)
                    obligation.booking = booking(of: child, from: from) { $0.isLookedAfterReview }
                }
                obligation.knownAt = record.at
                obligation.withdrawal = end
                enter(obligation)
                guard let next, let on = next.at?.day else { break }
                record = next
                day = on
                number += 1
            }
        }
    }

    private func kind(_ number: Int) -> (Duty, LimitKey) {
        switch number {
        case 1: (.firstLookedAfterReview, .firstLookedAfter)
        case 2: (.secondLookedAfterReview, .secondLookedAfter)
        default: (.laterLookedAfterReview, .laterLookedAfter)
        }
    }

    private func end(of spell: History.LookedAfter, _ child: History.Child) -> Obligation.Withdrawal? {
        if let end = child.end, spell.ended.map({ end.on <= $0 }) ?? true {
            return Obligation.Withdrawal(cause: end.cause, on: end.on)
        }
        return spell.ended.map { Obligation.Withdrawal(cause: "looked_after_ended", on: $0) }
    }

    /// The first may be held on the very day that the child became looked after.
    private func nextLookedAfterReview(
        of child: History.Child, after day: Day, first: Bool, before end: Day?
    ) -> Record? {
        for place in child.heldLookedAfterReviews {
            guard let held = history.conferences[place].held?.record, let on = held.at?.day,
                on > day || first && on == day, end.map({ on <= $0 }) ?? true
            else { continue }
            return held
        }
        return nil
    }
}
