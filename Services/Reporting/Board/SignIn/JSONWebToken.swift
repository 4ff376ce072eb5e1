import Crypto
import CryptoExtras
import Foundation

/// A key of an issuer (RFC 7517) with which it signs tokens. The algorithm goes by the key, never by the token alone.
struct SigningKey: Sendable {
    enum Key: Sendable {
        case rs256(_RSA.Signing.PublicKey)
        case es256(P256.Signing.PublicKey)
    }

    struct Description: Decodable {
        let kty: String
        let kid, use, alg, n, e, crv, x, y: String?
    }

    let id: String?
    let key: Key

    /// `nil` of a key that signs nothing, or by an algorithm that is not taken here.
    init?(_ description: Description) {
        guard description.use ?? "sig" == "sig" else { return nil }
        id = description.kid
        func bytes(_ text: String?) -> [UInt8]? { text.flatMap { Base64URL.bytes($0) } }
        switch description.kty {
        case "RSA":
            guard description.alg ?? "RS256" == "RS256", let n = bytes(description.n), let e = bytes(description.e),
                let key = try? _RSA.Signing.PublicKey(n: n, e: e), key.keySizeInBits >= 2048
            else { return nil }
            self.key = .rs256(key)
        case "EC":
            guard description.crv == "P-256", let x = bytes(description.x), let y = bytes(description.y),
                let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
            else { return nil }
            self.key = .es256(key)
        default: return nil
        }
    }

    func signed(_ text: Substring, _ signature: [UInt8], algorithm: String) -> Bool {
        let data = Data(text.utf8)
        switch key {
        case .rs256(let key):
            // "insecure" is the library's word for PKCS #1 v1.5, which RS256 is.
            return algorithm == "RS256"
                && key.isValidSignature(
                    _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: data),
                    padding: .insecurePKCS1v1_5)
        case .es256(let key):
            guard algorithm == "ES256", let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: data)
        }
    }
}

/// A token in compact form (RFC 7519), not yet believed.
struct JSONWebToken {
    private struct Header: Decodable {
        let alg: String
        let kid: String?
        let crit: [String]?
    }

    /// The seconds by which two clocks may differ.
    static let leewaySeconds = 30.0
    static let maximumBytes = 16 * 1024

    let algorithm: String
    let keyId: String?
    private let signedText: Substring
    private let signature: [UInt8]
    private let claims: [String: Any]

    init(_ text: String) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= JSONWebToken.maximumBytes, parts.count == 3, let head = Base64URL.bytes(parts[0]),
            let body = Base64URL.bytes(parts[1]), let signature = Base64URL.bytes(parts[2]),
            let header = try? JSONDecoder().decode(Header.self, from: Data(head)), header.crit == nil,
            let claims = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        else { throw Access.Refused(why: "the token cannot be read") }
        algorithm = header.alg
        keyId = header.kid
        signedText = text[..<parts[1].endIndex]
        self.signature = signature
        self.claims = claims
    }

    /// The user whom it names, where one of the keys signed it, for this client, and its time is now.
    func user(
        keys: [SigningKey], issuer: BoardSettings.Issuer, nonce: String? = nil, now: Date = Date()
    ) throws -> String {
        let fitting = keys.filter { keyId == nil || $0.id == keyId }
        guard fitting.contains(where: { $0.signed(signedText, signature, algorithm: algorithm) }) else {
            throw Access.Refused(why: "the token's signature is not the issuer's")
        }
        let audience = claims["aud"] as? [String] ?? (claims["aud"] as? String).map { [$0] } ?? []
        let named = claims["iss"] as? String ?? ""
        guard (named.hasSuffix("/") ? String(named.dropLast()) : named) == issuer.url,
            audience.contains(issuer.clientId)
        else { throw Access.Refused(why: "the token is for another application, or of another issuer") }
        let seconds = now.timeIntervalSince1970
        guard let ends = (claims["exp"] as? NSNumber)?.doubleValue, seconds < ends + JSONWebToken.leewaySeconds,
            (claims["nbf"] as? NSNumber).map({ seconds > $0.doubleValue - JSONWebToken.leewaySeconds }) ?? true
        else { throw Access.Refused(why: "the token's time is over, or has not come") }
        if let nonce, claims["nonce"] as? String != nonce {
            throw Access.Refused(why: "the token answers another sign-in")
        }
        guard let user = claims[issuer.userClaim] as? String, !user.isEmpty else {
            throw Access.Refused(why: "the token names no user")
        }
        return user
    }
}
