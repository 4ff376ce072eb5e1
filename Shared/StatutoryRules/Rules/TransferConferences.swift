// Children who move while on a plan: ENG-7, LON-1.18c (001, 1.18), LIN-2.4a (002, section 2), MAN-2 (003).

extension Docket {
    mutating func transferConferences(of child: History.Child) {
        for transfer in child.transfersIn {
            let own = policy.limit(.transferIn, on: transfer.day)
            let statute = policy.statute(.transferIn, on: transfer.day)
            let terms = [statute, own].compactMap(\.self).filter { runs($0, transfer) }
            if transfer.permanent == nil {
                let runs = terms.isEmpty ? "no limit is set" : "the limit is taken to run"
                find(
                    terms.first?.rule ?? own?.rule ?? "ENG-7", terms.first?.strength ?? .should,
                    Subject(childId: child.id), events: [transfer.record.event],
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
        enter(obligation)
    }
}
