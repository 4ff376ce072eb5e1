import StatutoryRules

// JSON Schemas, made of the table that the decoder walks, so that they cannot drift from it.

extension Contract {
    /// JSON Schema 2020-12 of the payload (`data`) of a type.
    public static func jsonSchema(for type: EventType) -> String {
        let row = row(typeName(type.rawValue))!
        let own = row.own.isEmpty ? "None: nothing dates this event." : "\(row.own.joined(separator: ", else "))."
        return schema(type.rawValue, "Own instant: \(own) Unknown fields are kept and ignored.", row.shape)
    }

    /// The same of what a worker publishes; `nil` where the contract does not fix its fields.
    public static func jsonSchema(forOutcome name: String) -> String? {
        producedShapes[name].map { schema(name, "Published by a worker. Further fields may be added.", $0) }
    }

    private static func schema(_ name: String, _ description: String, _ shape: Shape) -> String {
        let members: [(String, SchemaText)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("$id", .string("urn:quorate:schema:\(name).v1")),
            ("title", .string(typeName(name))),
            ("description", .string(description)),
        ]
        return SchemaText.object(members + shape.schema).text
    }
}

extension Shape {
    var schema: [(String, SchemaText)] {
        let single = required.filter { $0.count == 1 }.flatMap { $0 }
        let alternatives = required.filter { $0.count > 1 }
        var members: [(String, SchemaText)] = [
            ("type", .string("object")),
            (
                "properties",
                .object(fields.map { ($0.name, $0.schema(isRequired: single.contains($0.name))) })
            ),
        ]
        if !single.isEmpty { members.append(("required", .strings(single))) }
        if !alternatives.isEmpty { members.append(("allOf", .array(alternatives.map(anyOf)))) }
        return members
    }

    private func anyOf(_ group: [String]) -> SchemaText {
        let choices = fields.filter { group.contains($0.name) }.map { field in
            SchemaText.object([
                ("required", .strings([field.name])),
                ("properties", .object([(field.name, field.presence)])),
            ])
        }
        return .object([("anyOf", .array(choices))])
    }
}

extension Field {
    /// `null` counts as absent, so an optional field may be `null`.
    func schema(isRequired: Bool) -> SchemaText {
        func type(_ name: String, _ rest: [(String, SchemaText)] = []) -> SchemaText {
            .object([("type", isRequired ? .string(name) : .strings([name, "null"]))] + rest)
        }
        func array(_ element: [(String, SchemaText)]?, _ rest: [(String, SchemaText)] = []) -> SchemaText {
            let items: [(String, SchemaText)] = element.map { [("items", .object($0))] } ?? []
            return type("array", items + rest + (isRequired ? [("minItems", .int(1))] : []))
        }
        switch kind {
        case .id: return type("string", Field.idRules)
        case .ids: return array([("type", .string("string"))] + Field.idRules)
        case .onlyId: return array([("type", .string("string"))] + Field.idRules, [("maxItems", .int(1))])
        case .text: return type("string")
        case .moment: return type("string", [("pattern", .string("^\(Field.datePattern)(\(Field.timePattern))?$"))])
        case .date:
            return type("string", [("format", .string("date")), ("pattern", .string("^\(Field.datePattern)$"))])
        case .bool: return type("boolean")
        case .integer: return type("integer")
        case .code(let words): return type("string", Field.known(words.list))
        case .codes(let words): return array([("type", .string("string"))] + Field.known(words.list))
        case .object(let shape): return type("object", Array(shape.schema.dropFirst()))
        case .list(let shape): return array(shape.schema)
        case .items: return array(nil)
        case .any: return .object([])
        }
    }

    /// What it takes to count as there: neither `null` nor an empty list.
    fileprivate var presence: SchemaText {
        switch kind {
        case .ids, .onlyId, .codes, .list, .items: .object([("type", .string("array")), ("minItems", .int(1))])
        case .id, .text, .moment, .date, .code: .object([("type", .string("string"))])
        case .bool, .integer, .object, .any: .object([("not", .object([("type", .string("null"))]))])
        }
    }

    private static let idRules: [(String, SchemaText)] = [
        ("minLength", .int(1)), ("maxLength", .int(Attributes.maximumBytes)),
        ("pattern", .string("^[^\\u0000-\\u001F\\u007F-\\u009F]*$")),
    ]

    static let datePattern = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    static let timePattern =
        "[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"

    /// An open list: another word is kept and makes a finding, so the schema lets it pass too.
    private static func known(_ words: [String]) -> [(String, SchemaText)] {
        [("anyOf", .array([.object([("enum", .strings(words))]), .object([])]))]
    }
}
