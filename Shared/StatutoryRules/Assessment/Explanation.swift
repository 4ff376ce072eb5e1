extension Deadline {
    /// One paragraph for people: what was counted, from what, under which text.
    public var explanation: String {
        var sentences = [dating]
        if !skipped.isEmpty {
            sentences.append("Bank holidays stepped over: \(skipped.map(\.description).joined(separator: ", ")).")
        }
        if let actBy, let due, actBy != due {
            sentences.append("That is no working day: act by \(actBy).")
        }
        if actByIsProvisional {
            sentences.append("The act-by date lies beyond the loaded bank holidays and is provisional.")
        }
        if isKnownLate { sentences.append("That day had passed when it was first known.") }
        sentences.append(outcome)
        sentences.append("Under \(rule) (\(provenance.rawValue)): \(citation).")
        return sentences.joined(separator: " ")
    }

    /// A heading, since names of duties are of both numbers.
    private var name: String {
        let words = duty.rawValue.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private var dating: String {
        let from = "event \(anchor.event) on \(anchor.on)"
        switch basis {
        case .noAnchor:
            return "\(name): no date, since nothing that the limit runs from is recorded; the duty rests on \(from)."
        case .givenDate:
            return "\(name): due \(due.map(\.description) ?? "on no known date"), the date that \(from) gives,"
                + " since it is sooner than \(counted) from that day."
        case .namedDate:
            return "\(name): due \(anchor.on), the date that event \(anchor.event) sets."
        case .nextReview:
            return
                "\(name): due \(due.map(\.description) ?? "on no known date"), when the plan's next review falls"
                + " due, since that is sooner than \(counted) from \(from)."
        case .leapBirthday:
            return "\(name): due \(due.map(\.description) ?? "on no known date"), the day before the age of 18 is"
                + " taken to be reached: the birthday is 29 February."
        case .orderExpiry:
            return "\(name): wanted by \(due.map(\.description) ?? "the order's end"), when the emergency"
                + " protection order made by \(from) runs out."
        case .initialLimit:
            return "\(name): wanted by \(due.map(\.description) ?? "the initial limit"), the initial"
                + " conference's own limit, which comes before the order of \(from) runs out."
        case .targetDate:
            return
                "\(name): due \(due.map(\.description) ?? "on no known date"), the date set in \(from), since the"
                + " baby is likely to come early."
        case .otherLimits:
            return
                "\(name): at once on \(from); the text names no number, so the sooner of its other limits,"
                + " \(due.map(\.description) ?? "none"), stands."
        case .bareDate:
            return "\(name): due \(counted) from \(from), which gives no time of day: it is judged only where"
                + " every time of that day gives the same answer."
        case .counted:
            guard let due else {
                return "\(name): no date, since \(counted) from \(from) leaves what can be counted."
            }
            return "\(name): due \(due), \(counted) from \(from), that day itself not counted."
        }
    }

    private var counted: String {
        guard let limit else { return "a limit" }
        let unit = limit.unit.rawValue.split(separator: "_").joined(separator: " ")
        return "\(abs(limit.count)) \(unit)\(limit.count < 0 ? " back" : "")"
    }

    private var outcome: String {
        let done = "\(metBy.map { "event \($0)" } ?? "an event")\(metOn.map { " of \($0)" } ?? "")"
        return switch state {
        case .pending: bookedFor.map { "Booked for \($0)." } ?? "Not done yet."
        case .atRisk: risk == "booked_after_due" ? "At risk: booked after that." : "At risk: near, and nothing done."
        case .met: "Met in time by \(done)."
        case .metLate:
            "Met late by \(done): \(lateHours.map { "\($0) hours" } ?? "\(lateDays ?? 0) days") over."
        case .missed: "Missed: nothing is recorded that meets it."
        case .superseded: "\(supersededBy ?? "Another rule") bounds the same act sooner."
        case .withdrawn: "Withdrawn: \((cause ?? "not required").split(separator: "_").joined(separator: " "))."
        case .undated: "It cannot be judged; see the findings."
        }
    }
}
