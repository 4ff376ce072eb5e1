import StatutoryRules

/// Walks a payload along the contract's table. It judges the known fields that are there; unknown ones pass, and
/// `null` counts as absent.
struct Validation {
    /// Names and places from `data` down to the object in hand.
    private var path = "data"
    /// What the payload puts on record: of its own fields and of those of objects in it, not of lists.
    private var details: Details = []
    private var listDepth = 0

    /// Returns what the payload puts on record.
    static func check(_ data: JSONValue, _ shape: Shape) throws(Problem) -> Details {
        var validation = Validation()
        try validation.object(data, shape)
        return validation.details
    }

    private mutating func object(_ value: JSONValue, _ shape: Shape) throws(Problem) {
        guard value.kind == .object else { throw wrongType(path, "an object { ... }") }
        let document = value.document
        var seen: UInt64 = 0
        var present: UInt64 = 0
        var expected = 0
        var members = value.members
        while let (key, place) = members.nextPlaces() {
            guard let index = shape.index(of: document, key: key, expecting: expected) else { continue }
            expected = index + 1
            let field = shape.fields[index]
            let bit: UInt64 = 1 << UInt64(index)
            guard seen & bit == 0 else {
                throw Problem(
                    code: "duplicate_field",
                    reason: "`\(path).\(field.name)` appears twice, so that readers could differ: send it once.")
            }
            seen |= bit
            let member = JSONValue(document, place)
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
    private mutating func field(_ value: JSONValue, _ field: Field) throws(Problem) -> Bool {
        switch field.kind {
        case .id: try id(value, field.name, nil)
        case .text, .code: try string(value, field.name, nil)
        case .moment: try moment(value, field.name)
        case .date: try date(value, field.name)
        case .bool:
            guard value.kind == .bool else { throw wrongType("\(path).\(field.name)", "true or false, without quotes") }
        case .integer:
            guard value.int != nil else { throw wrongType("\(path).\(field.name)", "a whole number, without quotes") }
        case .ids, .onlyId, .codes, .list, .items: return try array(value, field)
        case .object(let shape): try nested(value, field.name, shape)
        case .any: break
        }
        return true
    }

    private mutating func array(_ value: JSONValue, _ field: Field) throws(Problem) -> Bool {
        guard value.kind == .array else { throw wrongType("\(path).\(field.name)", "a list [ ... ]") }
        var count = 0
        for element in value.elements {
            switch field.kind {
            case .ids, .onlyId: try id(element, field.name, count)
            case .codes: try string(element, field.name, count)
            case .list(let shape):
                listDepth += 1
                try nested(element, "\(field.name)[\(count)]", shape)
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

    private mutating func nested(_ value: JSONValue, _ name: String, _ shape: Shape) throws(Problem) {
        let outer = path
        path += "." + name
        try object(value, shape)
        path = outer
    }

    private func id(_ value: JSONValue, _ name: String, _ place: Int?) throws(Problem) {
        guard let utf8 = value.utf8 else { throw wrongType(full(name, place), "text in double quotes") }
        guard !utf8.isEmpty else {
            throw Problem(
                code: "empty_id", reason: "`\(full(name, place))` is empty: give the id, or leave the field out.")
        }
        guard utf8.count <= Attributes.maximumBytes else {
            throw Problem(
                code: "id_too_long",
                reason:
                    "`\(full(name, place))` is longer than \(Attributes.maximumBytes) bytes: send an id, not a text.")
        }
        guard !hasControlCharacter(utf8) else {
            throw Problem(
                code: "control_character",
                reason: "`\(full(name, place))` holds a control character, such as a line break or tab: take it out.")
        }
    }

    private func string(_ value: JSONValue, _ name: String, _ place: Int?) throws(Problem) {
        guard value.kind == .string else { throw wrongType(full(name, place), "text in double quotes") }
    }

    private func moment(_ value: JSONValue, _ name: String) throws(Problem) {
        guard let utf8 = value.utf8 else {
            throw wrongType("\(path).\(name)", "text: RFC 3339 with a zone, or a date YYYY-MM-DD")
        }
        guard Moment(bytes: utf8) != nil else { throw .badTime(utf8, at: "\(path).\(name)", dateAllowed: true) }
    }

    private func date(_ value: JSONValue, _ name: String) throws(Problem) {
        guard let utf8 = value.utf8 else { throw wrongType("\(path).\(name)", "text: a date YYYY-MM-DD") }
        guard Day(bytes: utf8) != nil else { throw .badDate(utf8, at: "\(path).\(name)") }
    }

    private func full(_ name: String, _ place: Int?) -> String {
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

extension Shape {
    /// What a payload puts on record, objects inside it included.
    func details(of data: JSONValue) -> Details {
        var details: Details = []
        add(to: &details, data)
        return details
    }

    private func add(to details: inout Details, _ data: JSONValue) {
        var expected = 0
        var members = data.members
        while let (key, place) = members.nextPlaces() {
            guard let index = index(of: data.document, key: key, expecting: expected) else { continue }
            expected = index + 1
            let member = JSONValue(data.document, place)
            if let detail = fields[index].detail, member.saysSomething { details.insert(detail) }
            if case .object(let shape) = fields[index].kind { shape.add(to: &details, member) }
        }
    }
}
