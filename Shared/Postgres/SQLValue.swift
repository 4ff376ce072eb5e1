/// A value that can stand in a statement or in a COPY row, in PostgreSQL's binary format.
public protocol SQLValue {
    /// The type's OID in `pg_type`, sent with every value, so that the server never guesses.
    static var sqlType: UInt32 { get }
    /// Appends the value; returns `false`, having appended nothing, for NULL.
    func write(to bytes: inout [UInt8]) -> Bool
}

/// What an array may hold. `UInt8` is an element and no value: its array is a `bytea`.
public protocol SQLElement {
    static var arrayType: UInt32 { get }
    static func write(array: [Self], to bytes: inout [UInt8])
}

/// A `uuid`.
public struct PGUUID: Hashable, Sendable {
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) {
        precondition(bytes.count == 16, "a UUID has 16 bytes")
        self.bytes = bytes
    }
}

/// A `date`. PostgreSQL's `infinity` is `Int.max`, `-infinity` is `Int.min`; so is what lies outside its range.
public struct PGDate: Hashable, Comparable, Sendable {
    public let daysSince1970: Int
    public init(daysSince1970: Int) { self.daysSince1970 = daysSince1970 }
    public static func < (left: PGDate, right: PGDate) -> Bool { left.daysSince1970 < right.daysSince1970 }
}

/// A `timestamptz`. PostgreSQL's `infinity` is `Int64.max`, `-infinity` is `Int64.min`.
public struct PGTimestamp: Hashable, Comparable, Sendable {
    public let microsecondsSince1970: Int64
    public init(microsecondsSince1970: Int64) { self.microsecondsSince1970 = microsecondsSince1970 }
    public static func < (left: PGTimestamp, right: PGTimestamp) -> Bool {
        left.microsecondsSince1970 < right.microsecondsSince1970
    }
}

/// A `jsonb`, as the UTF-8 text of the document.
public struct PGJSON: Hashable, Sendable {
    public let text: [UInt8]
    public init(_ text: [UInt8]) { self.text = text }
    public init(_ text: String) { self.text = Array(text.utf8) }
}

/// PostgreSQL counts from 2000-01-01.
enum Epoch {
    static let days = 10_957
    static let microseconds: Int64 = 946_684_800_000_000
}

extension [UInt8] {
    @inlinable mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    @inlinable mutating func replace(at offset: Int, bigEndian value: Int32) {
        let unsigned = UInt32(bitPattern: value)
        self[offset] = UInt8(truncatingIfNeeded: unsigned >> 24)
        self[offset + 1] = UInt8(truncatingIfNeeded: unsigned >> 16)
        self[offset + 2] = UInt8(truncatingIfNeeded: unsigned >> 8)
        self[offset + 3] = UInt8(truncatingIfNeeded: unsigned)
    }

    /// Appends the length in four bytes, -1 for NULL, and then the value: one field of a COPY row or of an array.
    /// Returns whether there was a value.
    @inlinable @discardableResult
    mutating func append(field value: some SQLValue) -> Bool {
        let start = count
        append(bigEndian: Int32(-1))
        let isPresent = value.write(to: &self)
        if isPresent { replace(at: start, bigEndian: Int32(count - start - 4)) }
        return isPresent
    }
}

extension SQLElement where Self: SQLValue {
    public static func write(array: [Self], to bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(array.isEmpty ? 0 : 1))  // dimensions
        let flags = bytes.count
        bytes.append(bigEndian: Int32(0))  // 1 where there is a NULL
        bytes.append(bigEndian: sqlType)
        guard !array.isEmpty else { return }
        bytes.append(bigEndian: Int32(array.count))
        bytes.append(bigEndian: Int32(1))  // the first index
        var hasNull = false
        for element in array where !bytes.append(field: element) { hasNull = true }
        if hasNull { bytes.replace(at: flags, bigEndian: 1) }
    }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    public static var sqlType: UInt32 { Wrapped.sqlType }
    @inlinable public func write(to bytes: inout [UInt8]) -> Bool {
        guard let self else { return false }
        return self.write(to: &bytes)
    }
}

extension Optional: SQLElement where Wrapped: SQLElement & SQLValue {
    public static var arrayType: UInt32 { Wrapped.arrayType }
}

extension Array: SQLValue where Element: SQLElement {
    public static var sqlType: UInt32 { Element.arrayType }
    public func write(to bytes: inout [UInt8]) -> Bool {
        Element.write(array: self, to: &bytes)
        return true
    }
}

extension UInt8: SQLElement {
    public static var arrayType: UInt32 { 17 }
    public static func write(array: [UInt8], to bytes: inout [UInt8]) { bytes += array }
}

extension Array: SQLElement where Element == UInt8 {
    public static var arrayType: UInt32 { 1001 }
}

extension Int: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 20 }
    public static var arrayType: UInt32 { 1016 }
    @inlinable public func write(to bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: Int64(self))
        return true
    }
}

extension Int64: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 20 }
    public static var arrayType: UInt32 { 1016 }
    @inlinable public func write(to bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: self)
        return true
    }
}

extension Int32: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 23 }
    public static var arrayType: UInt32 { 1007 }
    @inlinable public func write(to bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: self)
        return true
    }
}

extension Int16: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 21 }
    public static var arrayType: UInt32 { 1005 }
    @inlinable public func write(to bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: self)
        return true
    }
}

extension Bool: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 16 }
    public static var arrayType: UInt32 { 1000 }
    @inlinable public func write(to bytes: inout [UInt8]) -> Bool {
        bytes.append(self ? 1 : 0)
        return true
    }
}

extension Double: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 701 }
    public static var arrayType: UInt32 { 1022 }
    @inlinable public func write(to bytes: inout [UInt8]) -> Bool {
        bytes.append(bigEndian: bitPattern)
        return true
    }
}

extension String: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 25 }
    public static var arrayType: UInt32 { 1009 }
    @inlinable public func write(to bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: utf8)
        return true
    }
}

extension PGUUID: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 2950 }
    public static var arrayType: UInt32 { 2951 }
    public func write(to bytes: inout [UInt8]) -> Bool {
        bytes += self.bytes
        return true
    }
}

extension PGDate: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 1082 }
    public static var arrayType: UInt32 { 1182 }
    public func write(to bytes: inout [UInt8]) -> Bool {
        let (days, overflow) = daysSince1970.subtractingReportingOverflow(Epoch.days)
        bytes.append(bigEndian: overflow || daysSince1970 == .max ? endless : Int32(clamping: days))
        return true
    }
    private var endless: Int32 { daysSince1970 < 0 ? .min : .max }
}

extension PGTimestamp: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 1184 }
    public static var arrayType: UInt32 { 1185 }
    public func write(to bytes: inout [UInt8]) -> Bool {
        let (instant, overflow) = microsecondsSince1970.subtractingReportingOverflow(Epoch.microseconds)
        bytes.append(bigEndian: overflow ? .min : microsecondsSince1970 == .max ? .max : instant)
        return true
    }
}

extension PGJSON: SQLValue, SQLElement {
    public static var sqlType: UInt32 { 3802 }
    public static var arrayType: UInt32 { 3807 }
    public func write(to bytes: inout [UInt8]) -> Bool {
        bytes.append(1)  // the version of jsonb's binary format
        bytes += text
        return true
    }
}
