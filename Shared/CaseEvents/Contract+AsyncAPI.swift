import StatutoryRules

// The AsyncAPI document: every topic, with the events on it.

extension Contract {
    /// AsyncAPI 3. Payload schemas are referred to as `schemas/<type>.json` beside it.
    public static func asyncAPI() -> String {
        let integrations = Topic.allCases.map { topic in
            (
                topic: topic.rawValue,
                names: table.filter { $0.type.isDirectory == (topic == .directoryEvents) }.map(\.type.rawValue)
            )
        }
        let topics = integrations + produced
        return SchemaText.object([
            ("asyncapi", .string("3.0.0")),
            ("info", info),
            ("defaultContentType", .string("application/cloudevents+json")),
            ("channels", .object(topics.map { ($0.topic, channel($0.topic, $0.names)) })),
            (
                "operations",
                .object(
                    integrations.map { ("receive-\($0.topic)", operation("receive", $0.topic)) }
                        + produced.map { ("send-\($0.topic)", operation("send", $0.topic)) })
            ),
            (
                "components",
                .object([
                    (
                        "messages",
                        .object(
                            integrations.flatMap(\.names).map { ("\($0).v1", message($0, taken: true)) }
                                + producedTypes.map { ("\($0).v1", message($0, taken: false)) })
                    ),
                    ("schemas", .object([("envelope", envelopeSchema)])),
                ])
            ),
        ]).text
    }

    private static let info = SchemaText.object([
        ("title", .string("Quorate")),
        ("version", .string("1.0.0")),
        (
            "description",
            .string(
                "CloudEvents 1.0 about child protection cases on Kafka, in structured or binary mode, up to 1 MiB. Generated from the contract's table."
            )
        ),
    ])

    private static func channel(_ topic: String, _ names: [String]) -> SchemaText {
        .object([
            ("address", .string(topic)),
            (
                "messages",
                .object(names.map { ("\($0).v1", .reference("#/components/messages/\($0).v1")) })
            ),
        ])
    }

    private static func operation(_ action: String, _ topic: String) -> SchemaText {
        .object([("action", .string(action)), ("channel", .reference("#/channels/\(topic)"))])
    }

    /// - Parameter taken: whether integrations publish it; else the workers do.
    private static func message(_ name: String, taken: Bool) -> SchemaText {
        let data: SchemaText =
            taken || producedShapes[name] != nil
            ? .reference("schemas/\(name).json") : .object([("type", .string("object"))])
        let members: [(String, SchemaText)] = [
            ("type", .object([("const", .string(typeName(name)))])),
            ("data", data),
        ]
        var rules: [(String, SchemaText)] = [("properties", .object(members)), ("required", .strings(["data"]))]
        if taken {
            // A retraction needs no data, and what it has is not judged.
            let retraction: [(String, SchemaText)] = [
                ("type", .object([("const", .string(typeName(name)))])),
                ("data", .object([("type", .strings(["object", "null"]))])),
            ]
            rules = [
                (
                    "if",
                    .object([
                        ("required", .strings(["retracts"])),
                        ("properties", .object([("retracts", .object([("type", .string("string"))]))])),
                    ])
                ),
                ("then", .object([("properties", .object(retraction))])),
                ("else", .object(rules)),
            ]
        }
        return .object([
            ("name", .string(typeName(name))),
            ("contentType", .string("application/cloudevents+json")),
            (
                "payload",
                .object([("allOf", .array([.reference("#/components/schemas/envelope"), .object(rules)]))])
            ),
            (
                "bindings",
                .object([
                    (
                        "kafka",
                        .object([
                            (
                                "key",
                                .object([
                                    ("type", .string("string")), ("description", .string("<authority>/<subject>")),
                                ])
                            ),
                            ("bindingVersion", .string("0.5.0")),
                        ])
                    )
                ])
            ),
        ])
    }

    private static let envelopeSchema = SchemaText.object([
        ("type", .string("object")),
        (
            "properties",
            .object(
                Attribute.allCases.map { ($0.name, attributeSchema($0)) } + [("data", .object([]))])
        ),
        ("required", .strings(["specversion", "id", "source", "type", "subject", "time", "authority"])),
    ])

    private static func attributeSchema(_ attribute: Attribute) -> SchemaText {
        let text: [(String, SchemaText)] = [
            ("type", .string("string")), ("minLength", .int(1)), ("maxLength", .int(Attributes.maximumBytes)),
        ]
        switch attribute {
        case .specversion: return .object([("const", .string("1.0"))])
        case .id, .source, .type, .subject: return .object(text)
        case .time:
            let pattern = "^\(Field.datePattern)\(Field.timePattern)$"
            return .object([
                ("type", .string("string")), ("format", .string("date-time")), ("pattern", .string(pattern)),
            ])
        case .authority:
            return .object([("type", .string("string")), ("pattern", .string("^E(06|07|08|09|10)[0-9]{6}$"))])
        case .supersedes, .retracts, .correlationid, .causationid, .traceparent:
            return .object([("type", .strings(["string", "null"]))] + text.dropFirst())
        case .caserevision: return .object([("type", .strings(["integer", "string", "null"]))])
        case .datacontenttype:
            return .object([
                ("type", .strings(["string", "null"])), ("pattern", .string("^application/json *(;.*)?$")),
            ])
        }
    }
}
