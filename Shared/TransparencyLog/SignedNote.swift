import Crypto
import Foundation

/// What is wrong with a note, a key or a checkpoint, in words.
public struct NoteError: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// A text with signatures, in the form of C2SP's signed-note: the text, an empty line, and a line for each signature.
public struct SignedNote: Hashable, Sendable {
    public struct Signature: Hashable, Sendable {
        public var name: String
        public var keyId: [UInt8]
        public var bytes: [UInt8]
    }

    /// Ends with a line feed.
    public let text: String
    public private(set) var signatures: [Signature]

    static let maximumBytes = 1_000_000
    static let maximumSignatures = 100

    public init(signing text: String, by signers: [NoteSigner]) throws {
        self.text = text
        signatures = try signers.map { try $0.sign(text) }
    }

    /// Reads a note. What its signatures are worth is for `verified(by:)` to say.
    public init(_ note: String) throws {
        guard note.utf8.count <= SignedNote.maximumBytes else { throw NoteError("the note is longer than 1 MB") }
        guard !note.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" }) else {
            throw NoteError("the note holds a control character")
        }
        guard let split = note.range(of: "\n\n", options: [.backwards, .literal]) else {
            throw NoteError("the note has no empty line between text and signatures")
        }
        text = String(note[..<split.lowerBound]) + "\n"
        let block = note[split.upperBound...]
        guard block.utf8.last == UInt8(ascii: "\n") else { throw NoteError("the note's last line does not end") }
        let lines = block.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count <= SignedNote.maximumSignatures else { throw NoteError("the note has too many signatures") }
        signatures = try lines.map { line in
            let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, parts[0] == "\u{2014}", NoteVerifier.isName(parts[1]),
                let data = Data(base64Encoded: parts[2]), data.count > 4, data.base64EncodedString() == parts[2]
            else { throw NoteError("the note has a line that is no signature") }
            return Signature(name: parts[1], keyId: Array(data.prefix(4)), bytes: Array(data.dropFirst(4)))
        }
    }

    /// As it is written and sent.
    public var description: String {
        text + "\n"
            + signatures.map { "\u{2014} \($0.name) \(Data($0.keyId + $0.bytes).base64EncodedString())\n" }.joined()
    }

    /// The keys among these that signed the text. Signatures by others are passed over; a wrong one by one of these is an
    /// error.
    public func verified(by keys: [NoteVerifier]) throws -> [NoteVerifier] {
        var found: [NoteVerifier] = []
        for signature in signatures {
            guard let key = keys.first(where: { $0.name == signature.name && $0.keyId == signature.keyId }),
                !found.contains(key)
            else { continue }
            guard key.isValid(signature.bytes, for: text) else {
                throw NoteError("the signature of \(key.name) does not fit the note")
            }
            found.append(key)
        }
        return found
    }
}

/// A public key with a name: `name+hex8+base64`, as C2SP's signed-note writes verifier keys. Ed25519 alone.
public struct NoteVerifier: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public let keyId: [UInt8]
    let publicKey: [UInt8]

    static let ed25519: UInt8 = 1

    init(name: String, publicKey: [UInt8]) {
        self.name = name
        self.publicKey = publicKey
        keyId = Array(
            SHA256.hash(data: Array(name.utf8) + [UInt8(ascii: "\n"), NoteVerifier.ed25519] + publicKey).prefix(4))
    }

    public init(_ text: String) throws {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, NoteVerifier.isName(parts[0]), let key = Data(base64Encoded: parts[2]),
            key.first == NoteVerifier.ed25519, key.count == 33
        else { throw NoteError("this is no Ed25519 verifier key of the form name+hash+key") }
        self.init(name: parts[0], publicKey: Array(key.dropFirst()))
        guard parts[1] == keyId.hex else { throw NoteError("the hash in verifier key \(parts[0]) does not fit it") }
    }

    public var description: String {
        "\(name)+\(keyId.hex)+\(Data([NoteVerifier.ed25519] + publicKey).base64EncodedString())"
    }

    func isValid(_ signature: [UInt8], for text: String) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: Array(text.utf8))
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.contains("+")
            && !text.unicodeScalars.contains { $0.properties.isWhitespace || $0.value < 0x20 }
    }
}

/// A private key with a name: `PRIVATE+KEY+name+hex8+base64`.
public struct NoteSigner: Sendable {
    public let verifier: NoteVerifier
    private let seed: [UInt8]
    private static let prefix = "PRIVATE+KEY+"

    /// A new key from the system's generator.
    public init(name: String) throws {
        guard NoteVerifier.isName(name) else { throw NoteError("a key's name is not empty and holds no space or +") }
        self.init(name: name, key: Curve25519.Signing.PrivateKey())
    }

    public init(_ text: String) throws {
        guard text.hasPrefix(NoteSigner.prefix) else { throw NoteError("this is no private key of a signer") }
        let parts = text.dropFirst(NoteSigner.prefix.count)
            .split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, NoteVerifier.isName(parts[0]), let data = Data(base64Encoded: parts[2]),
            data.first == NoteVerifier.ed25519,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: data.dropFirst())
        else { throw NoteError("this is no Ed25519 private key of a signer") }
        self.init(name: parts[0], key: key)
        guard parts[1] == verifier.keyId.hex else { throw NoteError("the hash in the private key does not fit it") }
    }

    private init(name: String, key: Curve25519.Signing.PrivateKey) {
        seed = Array(key.rawRepresentation)
        verifier = NoteVerifier(name: name, publicKey: Array(key.publicKey.rawRepresentation))
    }

    /// To be kept where the owner of the database cannot read it.
    public var privateText: String {
        "\(NoteSigner.prefix)\(verifier.name)+\(verifier.keyId.hex)+\(Data([NoteVerifier.ed25519] + seed).base64EncodedString())"
    }

    func sign(_ text: String) throws -> SignedNote.Signature {
        let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        return SignedNote.Signature(
            name: verifier.name, keyId: verifier.keyId, bytes: Array(try key.signature(for: Array(text.utf8))))
    }
}

extension Sequence<UInt8> {
    var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
