import Crypto
import Foundation
import Synchronization

/// Sign-in by OpenID Connect: the authorization code with PKCE (RFC 7636), and tokens that a caller brings. What the issuer
/// says of itself and its keys are fetched when first needed.
final class OpenID: Sendable {
    struct Provider: Decodable, Sendable {
        let issuer: String
        let authorizationEndpoint: String
        let tokenEndpoint: String
        let jwksUri: String

        /// Codes, secrets and keys go over TLS; an issuer on this machine, which alone may be without, may name what it likes.
        var isSafe: Bool {
            if issuer.hasPrefix("http://") { return BoardSettings.isLoopback(String(issuer.dropFirst(7))) }
            return [authorizationEndpoint, tokenEndpoint, jwksUri].allSatisfy { $0.lowercased().hasPrefix("https://") }
        }
    }

    /// What a browser takes along while its user is at the issuer's.
    struct Pending: Codable {
        let state, nonce, verifier: String

        init() {
            (state, nonce, verifier) = (Access.secret(), Access.secret(), Access.secret())
        }

        var text: String { "\(state).\(nonce).\(verifier)" }

        init?(_ text: String) {
            let parts = text.split(separator: ".").map(String.init)
            guard parts.count == 3 else { return nil }
            (state, nonce, verifier) = (parts[0], parts[1], parts[2])
        }
    }

    /// What is known of the issuer.
    private struct Known {
        var provider: Provider?
        var keys: [SigningKey] = []
        var fetchedAt = Date.distantPast
        /// When it was last asked in vain for either.
        var failedAt = Date.distantPast
        /// The keys on their way: who wants them meanwhile waits for the same.
        var fetch: Task<[SigningKey], any Error>?

        func isGood(for id: String?, _ now: Date) -> Bool {
            let isKnown = id == nil ? !keys.isEmpty : keys.contains { $0.id == id }
            return now.timeIntervalSince(fetchedAt) < (isKnown ? OpenID.keySeconds : OpenID.newKeySeconds)
        }

        func mayAsk(_ now: Date) -> Bool { now.timeIntervalSince(failedAt) >= OpenID.failedSeconds }
    }

    /// Keys that the issuer no longer lists are not taken for longer; nor is it asked more often than this for a new one.
    private static let keySeconds = 3_600.0
    private static let newKeySeconds = 30.0
    /// One that does not answer is asked no more often than this.
    private static let failedSeconds = 10.0

    let issuer: BoardSettings.Issuer
    private let redirect: String
    private let known = Mutex(Known())

    init(_ issuer: BoardSettings.Issuer, origin: String) {
        self.issuer = issuer
        redirect = origin + "/sign-in/back"
    }

    /// Where the browser goes to sign in.
    func start(_ pending: Pending) async throws -> String {
        let challenge = Base64URL.text(Array(SHA256.hash(data: Data(pending.verifier.utf8))))
        let query = Query.text([
            ("response_type", "code"), ("client_id", issuer.clientId), ("redirect_uri", redirect),
            ("scope", "openid profile email"), ("state", pending.state), ("nonce", pending.nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ])
        let endpoint = try await provider().authorizationEndpoint
        return endpoint + (endpoint.contains("?") ? "&" : "?") + query
    }

    /// The user, once the issuer has sent the browser back with a code.
    func finish(_ query: Query, _ pending: Pending) async throws -> String {
        guard let state = query["state"], state == pending.state else {
            throw Access.Refused(why: "the issuer answers another sign-in")
        }
        guard let code = query["code"] else { throw Access.Refused(why: "the issuer did not sign the user in") }
        struct Answer: Decodable { let idToken: String }
        var form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("client_id", issuer.clientId), ("code_verifier", pending.verifier),
        ]
        if let secret = issuer.clientSecret { form.append(("client_secret", secret)) }
        let answer: Answer = try await Fetch.value(try await provider().tokenEndpoint, form: Query.text(form))
        return try await user(JSONWebToken(answer.idToken), nonce: pending.nonce)
    }

    func user(bearer text: String) async throws -> String { try await user(JSONWebToken(text), nonce: nil) }

    private func user(_ token: JSONWebToken, nonce: String?) async throws -> String {
        try token.user(keys: try await keys(for: token.keyId), issuer: issuer, nonce: nonce)
    }

    private func provider() async throws -> Provider {
        let (kept, mayAsk) = known.withLock { ($0.provider, $0.mayAsk(Date())) }
        if let kept { return kept }
        guard mayAsk else { throw OpenID.silent }
        let found: Provider = try await asked(issuer.url + "/.well-known/openid-configuration")
        guard (found.issuer.hasSuffix("/") ? String(found.issuer.dropLast()) : found.issuer) == issuer.url else {
            throw Access.Refused(why: "the issuer gives itself another name")
        }
        guard found.isSafe else { throw Access.Refused(why: "the issuer names an address without TLS") }
        known.withLock { $0.provider = found }
        return found
    }

    /// The keys at hand where the one named is among them, else as the issuer lists them now.
    private func keys(for id: String?) async throws -> [SigningKey] {
        let now = Date()
        let (kept, running) = known.withLock { known -> ([SigningKey]?, Task<[SigningKey], any Error>?) in
            if known.isGood(for: id, now) { return (known.keys, nil) }
            if known.fetch == nil, known.mayAsk(now) { known.fetch = Task { try await self.fetchKeys() } }
            return (nil, known.fetch)
        }
        if let kept { return kept }
        guard let fetch = running else { throw OpenID.silent }
        return try await fetch.value
    }

    private func fetchKeys() async throws -> [SigningKey] {
        defer { known.withLock { $0.fetch = nil } }
        struct Listed: Decodable { let keys: [SigningKey.Description] }
        let listed: Listed = try await asked(try await provider().jwksUri)
        let made = listed.keys.compactMap(SigningKey.init)
        known.withLock { known in
            known.keys = made
            known.fetchedAt = Date()
        }
        return made
    }

    private static let silent = Fetch.Failure(description: "the issuer did not answer a moment ago")

    /// What the issuer says of itself; where it does not, that is remembered.
    private func asked<Value: Decodable>(_ url: String) async throws -> Value {
        do { return try await Fetch.value(url) } catch let failure as Fetch.Failure {
            known.withLock { $0.failedAt = Date() }
            throw failure
        }
    }
}
