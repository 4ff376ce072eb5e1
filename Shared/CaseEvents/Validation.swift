import StatutoryRules

/// Walks a payload along the contract's table. It judges the known fields that are there; unknown ones pass, and
/// `null` counts as absent.
struct Validation {
    /// From `data` down to the object in hand.
    private var steps: [(field: Field, element: Int?)] = []
    /// What the payload puts on record: of its own fields and of those of objects in it, not of lists.
    private var details: Details = []
    private var listDepth = 0

    /// Returns what the payload puts on record.
    static func check(_ data: JSONPlace, _ shape: Shape) throws(Problem) -> Details {
        var validation = Validation()
        try validation.object(data, shape)
        return validation.details
    }

    private mutating func object(_ value: JSONPlace, _ shape: Shape) throws(Problem) {
        guard value.kind == .object else { throw wrongType(path, "an object { ... }") }
        var seen: UInt64 = 0
        var present: UInt64 = 0
        var expected = 0
        for (key, member) in value.members {
            guard let index = shape.index(of: key, expecting: expected) else { continue }
            expected = index + 1
            let field = shape.fields[index]
            let bit: UInt64 = 1 << UInt64(index)
            guard seen & bit == 0 else {
                throw Problem(
                    code: "duplicate_field",
                    reason: "`\(path).\(field.name)` appears twice, so that readers could differ: send it once.")
            }
            seen |= bit
            if member.isNull { continue }
            guard try self.field(member, field) else { continue }
            present |= bit
            if listDepth == 0, let detail = field.detail, member.saysSomething { details.insert(detail) }
        }
        for (group, bits) in shape.requiredBits.enumerated() where present & bits == 0 {
            throw missing(shape.required[group])
        }
    }

    /// Returns whether it says something: an empty list does not.
    private mutating func field(_ value: JSONPlace, _ field: Field) throws(Problem) -> Bool {
        switch field.kind {
        case .id: try id(value, field.name, nil)
        case .text: try string(value, field.name, nil)
        case .code(let words):
            try string(value, field.name, nil)
            details.note(value, words)
        case .moment: try moment(value, field.name)
        case .date: try date(value, field.name)
        case .bool:
            guard value.kind == .bool else { throw wrongType("\(path).\(field.name)", "true or false, without quotes") }
        case .integer:
            guard value.int != nil else { throw wrongType("\(path).\(field.name)", "a whole number, without quotes") }
        case .ids, .onlyId, .codes, .list, .items: return try array(value, field)
        case .object(let shape): try nested(value, field, nil, shape)
        case .any: break
        }
        return true
    }

    private mutating func array(_ value: JSONPlace, _ field: Field) throws(Problem) -> Bool {
        guard value.kind == .array else { throw wrongType("\(path).\(field.name)", "a list [ ... ]") }
        var count = 0
        for element in value.elements {
            switch field.kind {
            case .ids, .onlyId: try id(element, field.name, count)
            case .codes(let words):
                try string(element, field.name, count)
                details.note(element, words)
            case .list(let shape):
                listDepth += 1
                try nested(element, field, count, shape)
                listDepth -= 1
            default: break
            }
            count += 1
        }
        if case .onlyId = field.kind, count > 1 {
            throw Problem(
                code: "one_child_expected",
                reason:
                    "`\(path).\(field.name)` names several children, and this event is about one: send one event for each child."
            )
        }
        return count > 0
    }

    private mutating func nested(
        _ value: JSONPlace, _ field: Field, _ element: Int?, _ shape: Shape
    ) throws(Problem) {
        steps.append((field, element))
        try object(value, shape)
        steps.removeLast()
    }

    private func id(_ value: JSONPlace, _ name: String, _ place: Int?) throws(Problem) {
        guard value.withUTF8(Validation.isId) != true else { return }
        let path = full(name, place)
        throw value.withUTF8 { .badId($0, at: path) } ?? wrongType(path, "text in double quotes")
    }

    private static func isId(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        !text.isEmpty && text.count <= Attributes.maximumBytes && !hasControlCharacter(text)
    }

    private func string(_ value: JSONPlace, _ name: String, _ place: Int?) throws(Problem) {
        guard value.kind == .string else { throw wrongType(full(name, place), "text in double quotes") }
    }

    private func moment(_ value: JSONPlace, _ name: String) throws(Problem) {
        guard value.moment == nil else { return }
        let path = full(name)
        throw value.withUTF8 { .badTime($0, at: path, dateAllowed: true) }
            ?? wrongType(path, "text: RFC 3339 with a zone, or a date YYYY-MM-DD")
    }

    private func date(_ value: JSONPlace, _ name: String) throws(Problem) {
        guard value.date == nil else { return }
        let path = full(name)
        throw value.withUTF8 { .badDate($0, at: path) } ?? wrongType(path, "text: a date YYYY-MM-DD")
    }

    /// Names and places from `data` on, as people write them.
    private var path: String {
        steps.reduce("data") { path, step in "\(path).\(step.field.name)" + (step.element.map { "[\($0)]" } ?? "") }
    }

    private func full(_ name: String, _ place: Int? = nil) -> String {
        "\(path).\(name)" + (place.map { "[\($0)]" } ?? "")
    }

    private func wrongType(_ path: String, _ expected: String) -> Problem {
        Problem(code: "wrong_type", reason: "`\(path)` must be \(expected): change its JSON type.")
    }

    private func missing(_ group: [String]) -> Problem {
        let names = group.map { "`\(path).\($0)`" }.joined(separator: " or ")
        return Problem(
            code: "missing_field", reason: "\(names) is missing, and without it the event has no meaning: add it.")
    }
}

extension Problem {
    fileprivate static func badId(_ text: UnsafeBufferPointer<UInt8>, at path: String) -> Problem {
        guard !text.isEmpty else {
            return Problem(code: "empty_id", reason: "`\(path)` is empty: give the id, or leave the field out.")
        }
        guard text.count <= Attributes.maximumBytes else {
            return Problem(
                code: "id_too_long",
                reason: "`\(path)` is longer than \(Attributes.maximumBytes) bytes: send an id, not a text.")
        }
        return Problem(
            code: "control_character",
            reason: "`\(path)` holds a control character, such as a line break or tab: take it out.")
    }
}

extension Details {
    /// Notes a word that its code list does not have. An empty one says nothing.
    fileprivate mutating func note(_ value: JSONPlace, _ words: Words) {
        let isUnknown = value.withUTF8 { !$0.isEmpty && words.index(of: $0) == nil } ?? false
        if isUnknown { holdUnknownWord = true }
    }
}

extension Shape {
    /// What a payload puts on record, as `Validation` gathers it, without judging anything.
    func details(of data: JSONPlace) -> Details {
        var details: Details = []
        add(to: &details, data, isInList: false)
        return details
    }

    private func add(to details: inout Details, _ data: JSONPlace, isInList: Bool) {
        var expected = 0
        for (key, member) in data.members {
            guard let index = index(of: key, expecting: expected) else { continue }
            expected = index + 1
            if !isInList, let detail = fields[index].detail, member.saysSomething { details.insert(detail) }
            switch fields[index].kind {
            case .object(let shape): shape.add(to: &details, member, isInList: isInList)
            case .list(let shape): for element in member.elements { shape.add(to: &details, element, isInList: true) }
            case .code(let words): details.note(member, words)
            case .codes(let words): for element in member.elements { details.note(element, words) }
            case .id, .ids, .onlyId, .text, .moment, .date, .bool, .integer, .items, .any: break
            }
        }
    }

    /// The place of the field that a key names.
    fileprivate func index(of key: JSONPlace, expecting expected: Int) -> Int? {
        key.withUTF8 { names.index(of: $0, expecting: expected) } ?? nil
    }
}
