import Crypto

/// A UUID made from a name (RFC 9562, version 5, in Quorate's own namespace): the same name gives the same id on every
/// machine and after every restart.
public struct NameUUID: Sendable, Hashable {
    /// Sixteen.
    public let bytes: [UInt8]

    /// 4c1f6a0e-8b5d-4b7e-9d53-2f0a6e71c9d4. It never changes: stored ids hang on it.
    private static let namespace: [UInt8] = [
        0x4c, 0x1f, 0x6a, 0x0e, 0x8b, 0x5d, 0x4b, 0x7e, 0x9d, 0x53, 0x2f, 0x0a, 0x6e, 0x71, 0xc9, 0xd4,
    ]

    /// One that was made before, of sixteen bytes.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == 16, "a UUID has sixteen bytes")
        self.bytes = bytes
    }

    public init(name: String) { self.init(bytesOfName: Array(name.utf8)) }

    /// The parts with their lengths, so that no two lists of parts share a name.
    init(parts: [String]) {
        var name: [UInt8] = []
        name.reserveCapacity(128)
        for part in parts {
            name.append(contentsOf: String(part.utf8.count).utf8)
            name.append(UInt8(ascii: ":"))
            name.append(contentsOf: part.utf8)
        }
        self.init(bytesOfName: name)
    }

    private init(bytesOfName name: [UInt8]) {
        var hash = Insecure.SHA1()
        hash.update(data: NameUUID.namespace)
        hash.update(data: name)
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        self.bytes = bytes
    }
}

extension NameUUID: CustomStringConvertible {
    /// Lower case, with hyphens.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            text.append(hexDigits[Int(byte >> 4)])
            text.append(hexDigits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

let hexDigits = Array("0123456789abcdef".utf8)
