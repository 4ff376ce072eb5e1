/// A point on the UTC line, in microseconds from 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    public func adding(hours: Int) -> Instant { adding(minutes: hours * 60) }
    public func adding(minutes: Int) -> Instant { Instant(microseconds: microseconds + Int64(minutes) * 60_000_000) }
    public func adding(microseconds more: Int64) -> Instant { Instant(microseconds: microseconds + more) }

    /// The UTC date and the microseconds gone of it.
    var utc: (day: Day, microsecondsOfDay: Int64) {
        let perDay: Int64 = 86_400_000_000
        let remainder = ((microseconds % perDay) + perDay) % perDay
        return (Day(number: Int((microseconds - remainder) / perDay)), remainder)
    }

    /// Reads RFC 3339 with a zone (`Z` or an offset). Leap seconds, years outside 1900-2199, more than nine digits
    /// of a second's fraction and times without zone give `nil`. Digits beyond the microsecond are dropped.
    public init?(bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count >= 20, let day = Day(ascii: bytes, at: 0),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = decimal(bytes, 11..<13), hour < 24, let minute = decimal(bytes, 14..<16), minute < 60,
            let second = decimal(bytes, 17..<19), second < 60
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if bytes[at] == UInt8(ascii: ".") {
            let first = at + 1
            at = first
            while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
            guard (1...9).contains(at - first), let value = decimal(bytes, first..<min(at, first + 6)) else {
                return nil
            }
            fraction = Int64(value)
            for _ in at - first..<max(6, at - first) { fraction *= 10 }
        }
        guard let offset = Instant.offsetMinutes(bytes, from: at) else { return nil }
        let seconds = Int64(day.number) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset) * 60
        microseconds = seconds * 1_000_000 + fraction
    }

    public init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let instant = text.withUTF8({ Instant(bytes: $0) }) else { return nil }
        self = instant
    }

    private static func offsetMinutes(_ bytes: UnsafeBufferPointer<UInt8>, from at: Int) -> Int? {
        guard at < bytes.count else { return nil }
        let (sign, count) = (bytes[at], bytes.count - at)
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return count == 1 ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), count == 6, bytes[at + 3] == UInt8(ascii: ":"),
            let hours = decimal(bytes, at + 1..<at + 3), hours < 24,
            let minutes = decimal(bytes, at + 4..<at + 6), minutes < 60
        else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC with `Z`; a fraction only where there is one.
    public var description: String {
        let (day, rest) = utc
        let (seconds, fraction) = (Int(rest / 1_000_000), Int(rest % 1_000_000))
        return String(unsafeUninitializedCapacity: 27) { text in
            day.write(to: text)
            text[10] = UInt8(ascii: "T")
            writeDecimal(seconds / 3600, to: text, 11..<13)
            text[13] = UInt8(ascii: ":")
            writeDecimal(seconds / 60 % 60, to: text, 14..<16)
            text[16] = UInt8(ascii: ":")
            writeDecimal(seconds % 60, to: text, 17..<19)
            var end = 19
            if fraction != 0 {
                text[19] = UInt8(ascii: ".")
                writeDecimal(fraction, to: text, 20..<26)
                end = 26
                while text[end - 1] == UInt8(ascii: "0") { end -= 1 }
            }
            text[end] = UInt8(ascii: "Z")
            return end + 1
        }
    }
}
