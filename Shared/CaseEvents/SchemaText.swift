/// A JSON document in the making, members in the order in which they are given.
indirect enum SchemaText: Sendable {
    case object([(String, SchemaText)])
    case array([SchemaText])
    case string(String)
    case int(Int)

    static func strings(_ texts: [String]) -> SchemaText { .array(texts.map(SchemaText.string)) }
    static func reference(_ place: String) -> SchemaText { .object([("$ref", .string(place))]) }

    /// Indented by two, with a line break at the end.
    var text: String { rendered(indent: "") + "\n" }

    private func rendered(indent: String) -> String {
        switch self {
        case .string(let text): return JSONValue.quoted(text)
        case .int(let value): return String(value)
        case .array(let elements):
            return block("[", elements.map { $0.rendered(indent: indent + "  ") }, "]", indent)
        case .object(let members):
            let lines = members.map { "\(JSONValue.quoted($0.0)): \($0.1.rendered(indent: indent + "  "))" }
            return block("{", lines, "}", indent)
        }
    }

    private func block(_ open: String, _ lines: [String], _ close: String, _ indent: String) -> String {
        if lines.isEmpty { return open + close }
        return "\(open)\n\(indent)  " + lines.joined(separator: ",\n\(indent)  ") + "\n\(indent)\(close)"
    }
}
