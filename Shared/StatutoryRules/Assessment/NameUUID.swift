import Crypto

/// A UUID made from a name (RFC 9562, version 5, in Quorate's own namespace): the same name gives the same id on every
/// machine and after every restart.
public struct NameUUID: Sendable, Hashable {
    /// Big-endian.
    public let high, low: UInt64

    /// Sixteen.
    public var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
    }

    /// 4c1f6a0e-8b5d-4b7e-9d53-2f0a6e71c9d4. It never changes: stored ids hang on it.
    private static let namespace: [UInt8] = [
        0x4c, 0x1f, 0x6a, 0x0e, 0x8b, 0x5d, 0x4b, 0x7e, 0x9d, 0x53, 0x2f, 0x0a, 0x6e, 0x71, 0xc9, 0xd4,
    ]

    /// One that was made before.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public init(name: String) { self.init(bytesOfName: Array(name.utf8)) }

    /// The parts with their lengths, so that no two lists of parts share a name.
    init(parts: [String]) {
        var name: [UInt8] = []
        name.reserveCapacity(256)
        for part in parts {
            part.withBytes { part in
                NameUUID.append(decimal: part.count, to: &name)
                name.append(UInt8(ascii: ":"))
                name.append(contentsOf: part)
            }
        }
        self.init(bytesOfName: name)
    }

    private static func append(decimal number: Int, to name: inout [UInt8]) {
        if number >= 10 { append(decimal: number / 10, to: &name) }
        name.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private init(bytesOfName name: [UInt8]) {
        var hash = Insecure.SHA1()
        NameUUID.namespace.withUnsafeBytes { hash.update(bufferPointer: $0) }
        name.withUnsafeBytes { hash.update(bufferPointer: $0) }
        (high, low) = hash.finalize().withUnsafeBytes { digest in
            let (first, second) = (
                digest.loadUnaligned(as: UInt64.self), digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
            // The version, then the variant.
            return (
                UInt64(bigEndian: first) & ~0xF000 | 0x5000, UInt64(bigEndian: second) & ~(0b11 << 62) | 0b10 << 62
            )
        }
    }
}

extension NameUUID: CustomStringConvertible {
    /// Lower case, with hyphens.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                let byte = Int(truncatingIfNeeded: (index < 8 ? high : low) >> (56 - 8 * (index & 7))) & 0xFF
                text[place] = hexDigits[byte >> 4]
                text[place + 1] = hexDigits[byte & 15]
                place += 2
            }
            return place
        }
    }
}

let hexDigits = Array("0123456789abcdef".utf8)
