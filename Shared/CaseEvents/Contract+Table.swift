import StatutoryRules

// The contract's table as a whole. The rows are in the files beside this one, split by family.

extension Contract {
    /// Every type that integrations publish, in the order of `EventType`.
    static let table: [EventContract] = {
        let rows = children + conferences + plans + directory
        return EventType.allCases.compactMap { type in rows.first { $0.type == type } }
    }()

    private static let names = Words(table.map(\.name))

    /// The row of a type, named in full.
    static func row(_ type: UnsafeBufferPointer<UInt8>) -> EventContract? { names.index(of: type).map { table[$0] } }

    static func row(_ type: String) -> EventContract? {
        var type = type
        return type.withUTF8 { row($0) }
    }

    /// The names of the fields that an event of this type may have; none where the contract has no such type.
    public static func fields(of type: String) -> Set<String> { Set(row(type)?.shape.fields.map(\.name) ?? []) }

    /// What the workers publish, by topic.
    static let produced: [(topic: String, names: [String])] = [
        (
            "case-outcomes",
            [
                "deadline.set", "deadline.at_risk", "deadline.met", "deadline.missed", "deadline.superseded",
                "deadline.withdrawn", "notice.due", "notice.withdrawn", "finding.recorded", "finding.cleared",
                "event.refused", "event.quarantined",
            ]
        ),
        (
            "notification-events",
            [
                "notification.sent", "notification.failed", "notification.delivered", "escalation.raised",
                "reminder.sent", "finding.recorded", "finding.cleared",
            ]
        ),
        ("report-events", ["list.published"]),
        ("operator-events", ["operator.acted", "record.viewed"]),
    ]

    /// Each once, though findings come from scheduling and notifications alike.
    static let producedTypes: [String] = {
        var seen: Set<String> = []
        return produced.flatMap(\.names).filter { seen.insert($0).inserted }
    }()

    /// The payloads of those whose fields the contract fixes; the rest hold the rows that `evaluate` prints.
    static let producedShapes: [String: Shape] = [
        "event.quarantined": Shape(
            required: ["quarantineId", "code", "topic", "partition", "offset"],
            [integers("quarantineId", "partition", "offset"), named("code", "topic", "eventId", "eventType")])
    ]

    /// The names of those by their full type name.
    static let producedNames: [String: String] = {
        var names: [String: String] = [:]
        for name in producedTypes { names[typeName(name)] = name }
        return names
    }()
}
