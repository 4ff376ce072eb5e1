/// Rows for `COPY … FROM STDIN (FORMAT binary)`, in one growing buffer.
///
/// Field types are not converted by the server: a column must have the type that the value writes (`Int` is `bigint`).
public struct BinaryCopy: Sendable {
    @usableFromInline var bytes: [UInt8]
    @usableFromInline var fieldsLeft = 0
    public private(set) var count = 0

    public init(reservingBytes capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes += Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
        bytes.append(bigEndian: Int32(0))  // flags
        bytes.append(bigEndian: Int32(0))  // length of the header's extension
    }

    public var byteCount: Int { bytes.count }
    public var isEmpty: Bool { count == 0 }

    public mutating func beginRow(columns: Int) {
        precondition(fieldsLeft == 0, "the row before lacks \(fieldsLeft) fields")
        bytes.append(bigEndian: Int16(columns))
        fieldsLeft = columns
        count += 1
    }

    @inlinable public mutating func append(_ value: some SQLValue) {
        takeField()
        bytes.append(field: value)
    }

    /// Bytes as they are, for `bytea` or UTF-8 for `text`, without a copy on the way.
    @inlinable public mutating func append(_ value: ArraySlice<UInt8>) {
        takeField()
        bytes.append(bigEndian: Int32(value.count))
        bytes.append(contentsOf: value)
    }

    @inlinable public mutating func append(_ value: UnsafeRawBufferPointer) {
        takeField()
        bytes.append(bigEndian: Int32(value.count))
        bytes.append(contentsOf: value)
    }

    /// Fields that stand in this form already, each with its length before it.
    @inlinable public mutating func append(fields count: Int, _ bytes: [UInt8]) {
        for _ in 0..<count { takeField() }
        self.bytes.append(contentsOf: bytes)
    }

    @inlinable public mutating func appendNull() {
        takeField()
        bytes.append(bigEndian: Int32(-1))
    }

    /// Empties the rows and keeps the buffer.
    public mutating func removeAll() {
        bytes.removeSubrange(BinaryCopy.headerBytes...)
        fieldsLeft = 0
        count = 0
    }

    static let headerBytes = 19
    /// A field count of -1 ends the file.
    static let trailer: [UInt8] = [0xFF, 0xFF]

    @inlinable mutating func takeField() {
        precondition(fieldsLeft > 0, "more fields than the row has columns")
        fieldsLeft -= 1
    }
}
