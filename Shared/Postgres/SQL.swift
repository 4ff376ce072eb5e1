/// A statement whose values travel apart from its text.
///
/// `"… WHERE case_key = \(key)"` binds `$1`; a plain `String` is no `SQL`, so text from outside cannot become part of a
/// statement. `\(otherSQL)` nests a statement with its values, `\(identifier: name)` quotes a name, and
/// `\(raw: text)` splices text that we wrote ourselves.
public struct SQL: ExpressibleByStringInterpolation, Sendable {
    struct Parameter: Sendable {
        let type: UInt32
        let start: Int
        /// `nil` is NULL.
        let count: Int?
    }

    /// The text between the parameters: always one more than there are parameters.
    private(set) var fragments: [String]
    private(set) var parameters: [Parameter] = []
    /// All values in one buffer, in PostgreSQL's binary format.
    private(set) var values: [UInt8] = []

    public init(stringLiteral text: String) { fragments = [text] }
    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sql }

    /// The statement with `$1`, `$2`, ... in place of its values.
    public var text: String {
        var text = fragments[0]
        for (index, fragment) in fragments.dropFirst().enumerated() {
            text += "$\(index + 1)"
            text += fragment
        }
        return text
    }

    public static func += (left: inout SQL, right: SQL) { left.append(right) }
    public static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }

    mutating func append(text: String) { fragments[fragments.count - 1] += text }

    mutating func append(value: some SQLValue) {
        let start = values.count
        let isPresent = value.write(to: &values)
        let count = isPresent ? values.count - start : nil
        parameters.append(Parameter(type: type(of: value).sqlType, start: start, count: count))
        fragments.append("")
    }

    mutating func append(_ other: SQL) {
        let shift = values.count
        values += other.values
        for parameter in other.parameters {
            parameters.append(
                Parameter(type: parameter.type, start: parameter.start + shift, count: parameter.count))
        }
        append(text: other.fragments[0])
        fragments += other.fragments.dropFirst()
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        var sql = SQL(stringLiteral: "")

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) { sql.append(text: literal) }
        public mutating func appendInterpolation(_ value: some SQLValue) { sql.append(value: value) }
        public mutating func appendInterpolation<Value: SQLValue>(_ value: Value?) { sql.append(value: value) }
        public mutating func appendInterpolation(_ other: SQL) { sql.append(other) }
        public mutating func appendInterpolation(raw text: String) { sql.append(text: text) }
        public mutating func appendInterpolation(identifier: String) {
            sql.append(text: Connection.quoteIdentifier(identifier))
        }
    }
}

extension Sequence<SQL> {
    public func joined(separator: SQL) -> SQL {
        var joined: SQL = ""
        for (index, element) in enumerated() {
            if index > 0 { joined += separator }
            joined += element
        }
        return joined
    }
}
