/// One value in PostgreSQL's binary format, lent for the length of a call.
struct Cell {
    let type: UInt32
    let bytes: UnsafeRawBufferPointer

    func load<I: FixedWidthInteger>(_: I.Type, at offset: Int = 0) -> I {
        precondition(offset + I.bitWidth / 8 <= bytes.count, "a value of type \(type) is too short")
        return I(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: I.self))
    }

    func expect(_ types: UInt32..., as name: StaticString) {
        precondition(types.contains(type), "a column of type \(type) read as \(name)")
    }

    var integer: Int {
        switch type {
        case 20: return Int(load(Int64.self))
        case 23: return Int(load(Int32.self))
        case 21: return Int(load(Int16.self))
        case 26: return Int(load(UInt32.self))
        case 1700:
            guard let whole = Int(exactly: numeric) else { preconditionFailure("a numeric that is no Int") }
            return whole
        default: preconditionFailure("a column of type \(type) read as an integer")
        }
    }

    var double: Double {
        switch type {
        case 701: Double(bitPattern: load(UInt64.self))
        case 700: Double(Float(bitPattern: load(UInt32.self)))
        case 1700: numeric
        default: Double(integer)
        }
    }

    /// Digits to the base of 10,000: exact below 2^53, which is all that sums and averages need.
    private var numeric: Double {
        let (count, weight) = (Int(load(Int16.self)), Int(load(Int16.self, at: 2)))
        let sign = load(UInt16.self, at: 4)
        if sign >= 0xC000 { return sign == 0xD000 ? .infinity : sign == 0xF000 ? -.infinity : .nan }
        var whole = 0.0
        var scale = 1.0
        for index in 0..<count {
            whole = whole * 10_000 + Double(load(Int16.self, at: 8 + 2 * index))
            if index > weight { scale *= 10_000 }
        }
        for _ in stride(from: count, to: weight + 1, by: 1) { whole *= 10_000 }
        if weight < -1 { for _ in weight..<(-1) { scale *= 10_000 } }
        return (sign == 0x4000 ? -1 : 1) * whole / scale
    }

    var bool: Bool {
        expect(16, as: "a boolean")
        return load(UInt8.self) != 0
    }

    /// The bytes as the server means them: jsonb's begin with the version of its format.
    var text: UnsafeRawBufferPointer {
        type == 3802 ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst()) : bytes
    }

    /// Text in any of its types, enums among them; what is binary on the wire is refused.
    var string: String {
        let isBinary = [16, 17, 20, 21, 23, 26, 700, 701, 1082, 1114, 1184, 1700, 2950].contains(type)
        precondition(!isBinary, "a column of type \(type) read as text")
        return String(decoding: text, as: UTF8.self)
    }

    var uuid: PGUUID {
        expect(2950, as: "a UUID")
        return PGUUID(bytes: [UInt8](bytes))
    }

    var date: PGDate {
        expect(1082, as: "a date")
        switch load(Int32.self) {
        case .max: return PGDate(daysSince1970: .max)
        case .min: return PGDate(daysSince1970: .min)
        case let days: return PGDate(daysSince1970: Int(days) + Epoch.days)
        }
    }

    var timestamp: PGTimestamp {
        expect(1184, as: "a timestamptz")
        let instant = load(Int64.self)
        if instant == .max || instant == .min { return PGTimestamp(microsecondsSince1970: instant) }
        return PGTimestamp(microsecondsSince1970: instant + Epoch.microseconds)
    }

    func elements<V>(_ read: (Cell) -> V) -> [V] {
        optionalElements(read).map {
            guard let element = $0 else { preconditionFailure("a NULL inside an array") }
            return element
        }
    }

    func optionalElements<V>(_ read: (Cell) -> V) -> [V?] {
        let dimensions = load(Int32.self)
        guard dimensions > 0 else { return [] }
        precondition(dimensions == 1, "an array of \(dimensions) dimensions")
        let elementType = load(UInt32.self, at: 8)
        var offset = 20
        return (0..<load(Int32.self, at: 12)).map { _ in
            let length = Int(load(Int32.self, at: offset))
            offset += 4
            guard length >= 0 else { return nil }
            defer { offset += length }
            return read(
                Cell(type: elementType, bytes: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])))
        }
    }
}
