// Children who move while on a plan: ENG-7, LON-1.17a to 1.18d (001, 1.17 and 1.18), LIN-2.4a (002, section 2),
// MAN-2 (003).

extension Docket {
    mutating func transferConferences(of child: History.Child) {
        for transfer in child.transfersIn {
            let own = policy.limit(.transferIn, on: transfer.day)
            let statute = policy.statute(.transferIn, on: transfer.day)
            let terms = [statute, own].compactMap(\.self).filter { runs($0, transfer) }
            if transfer.permanent == nil {
                let runs = terms.isEmpty ? "no limit is set" : "the limit is taken to run"
                let rule = isInForce("LON-1.17a") ? "LON-1.17a" : terms.first?.rule ?? own?.rule ?? "ENG-7"
                find(
                    rule, terms.first?.strength ?? .should, Subject(childId: child.id),
                    events: [transfer.record.event],
                    "the notice of a move in does not say whether it is permanent: \(runs)")
            }
            enterTransfer(.transferInConference, child, transfer, terms, firstInitial(of: child, from: transfer.day))
        }
        for transfer in child.transfersOut {
            guard let term = policy.limit(.receiving, on: transfer.day) else { continue }
            if transfer.permanent == nil {
                find(
                    term.rule, .should, Subject(childId: child.id), events: [transfer.record.event],
                    "the notice of a move out does not say whether it is permanent: no limit is set")
            }
            let held = child.receivingConferences.first { $0.at.map { $0.day >= transfer.day } ?? false }
            enterTransfer(.receivingConference, child, transfer, runs(term, transfer) ? [term] : [], held)
        }
    }

    private func runs(_ term: Term, _ transfer: History.Transfer) -> Bool {
        switch transfer.permanent {
        case true: true
        case false: false
        case nil: term.permanence == .unlessDenied
        }
    }

    private mutating func enterTransfer(
        _ duty: Duty, _ child: History.Child, _ transfer: History.Transfer, _ terms: [Term], _ held: Record?
    ) {
        var obligation = Obligation(
            duty, Subject(childId: child.id), occasion: transfer.record.occasion,
            anchor: Anchor(transfer.record, on: transfer.day), terms: terms, act: Obligation.Act(held))
        if duty == .transferInConference {
            obligation.booking = booking(of: child, from: transfer.day) { $0.isInitial }
        }
        obligation.knownAt = transfer.record.at
        if let end = child.end { obligation.withdrawal = Obligation.Withdrawal(cause: end.cause, on: end.on) }
        let row = enter(obligation)
        guard let row else { return }
        if duty == .transferInConference {
            followDelay(of: row, obligation, child)
        } else if let due = row.due {
            chase(row, due, obligation)
        }
    }

    /// LIN-2.4a: the days have passed, and the receiving authority has not conferred.
    private mutating func chase(_ row: Deadline, _ due: Due, _ obligation: Obligation) {
        guard let day = day(of: .transferChase, before: due.day) else { return }
        tell(
            .transferChase, row.subject, occasion: row.occasion, on: day, done: obligation.act?.at, towards: due,
            isOff: row.state == .withdrawn, about: row)
    }
}

/// What the receiving conference has before it: LON-1.18a and 1.18b.
extension Docket {
    mutating func transferConference(_ conference: History.Conference) {
        guard conference.type == .transferIn else { return }
        let subject = Subject(conferenceId: conference.id)
        let people = conference.invitees + (conference.held?.facts.attendees ?? [])
        if let event = conference.invitationsSent?.event ?? conference.held?.record.event,
            !people.contains(where: { $0.role == "other_authority" })
        {
            require(
                "LON-1.18b", subject, events: [event], "the former authority is not among those invited")
        }
        guard let held = conference.held, let at = held.record.at else { return }
        let origins = conference.children.compactMap(history.child).flatMap { $0.circumstances.origins.values }
        let isReported = conference.reports.contains { report in
            guard let source = report.facts.reportSourceAuthority, let submitted = report.record.at else {
                return false
            }
            return submitted.earliest <= at.latest && (origins.isEmpty || origins.contains(source))
        }
        if !isReported {
            require(
                "LON-1.18a", subject, events: [held.record.event],
                "no report of the former authority was before the transfer-in conference")
        }
    }
}
