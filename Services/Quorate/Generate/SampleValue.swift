import StatutoryRules

/// A JSON value whose object keys keep their order, so that the same seed gives the same bytes.
indirect enum SampleValue: Sendable {
    case text(String)
    case whole(Int)
    case flag(Bool)
    case day(Day)
    /// Written in UTC, or with London's offset where `local`.
    case instant(Instant, local: Bool = false)
    case list([SampleValue])
    case object([(String, SampleValue)])
    /// Left out of its object.
    case absent

    func write(to line: inout String) {
        switch self {
        case .text(let text): SampleValue.quote(text, to: &line)
        case .whole(let number): line += String(number)
        case .flag(let flag): line += flag ? "true" : "false"
        case .day(let day): line += "\"\(day)\""
        case .instant(let instant, let local):
            line += local ? "\"\(SampleValue.withOffset(instant))\"" : "\"\(instant)\""
        case .list(let values):
            line += "["
            for (index, value) in values.enumerated() {
                if index > 0 { line += "," }
                value.write(to: &line)
            }
            line += "]"
        case .object(let fields):
            line += "{"
            var first = true
            for (name, value) in fields {
                if case .absent = value { continue }
                if !first { line += "," }
                first = false
                line += "\"\(name)\":"
                value.write(to: &line)
            }
            line += "}"
        case .absent: line += "null"
        }
    }

    /// The same object with the named date or instant a day earlier: what a slip of the pen first recorded.
    func aDayEarlier(in field: String) -> SampleValue {
        guard case .object(let fields) = self else { return self }
        return .object(
            fields.map { name, value in
                guard name == field else { return (name, value) }
                switch value {
                case .day(let day): return (name, .day(day.adding(days: -1)))
                case .instant(let instant, let local): return (name, .instant(instant.adding(hours: -24), local: local))
                default: return (name, value)
                }
            })
    }

    static func texts(_ values: [String]) -> SampleValue { .list(values.map { .text($0) }) }

    private static func quote(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            default:
                if scalar.value < 0x20 {
                    line += "\\u" + SampleRandom.hexadecimal(UInt64(scalar.value), 4)
                } else {
                    line.unicodeScalars.append(scalar)
                }
            }
        }
        line += "\""
    }

    private static func withOffset(_ instant: Instant) -> String {
        let offset = London.offsetMinutes(at: instant)
        let clock = String(instant.adding(minutes: offset).description.dropLast())
        return clock + (offset == 60 ? "+01:00" : "+00:00")
    }
}

extension SampleValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .whole(value) }
    init(booleanLiteral value: Bool) { self = .flag(value) }
    init(arrayLiteral elements: SampleValue...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, SampleValue)...) { self = .object(elements) }
}
