import Crypto
import Foundation
import Hummingbird
import Postgres

/// What a user may see of one authority.
enum BoardRole: String, Sendable {
    /// Every page.
    case cases
    /// The pages on which no child is.
    case measures
}

/// Who asks for a page.
struct Visitor: Sendable {
    let user: String
    /// By authority; `*` stands for all.
    let grants: [String: BoardRole]

    func role(in authority: String) -> BoardRole? { authority == "*" ? nil : grants[authority] ?? grants["*"] }
}

/// Who may come in: a session's cookie, a bearer token, or a proxy's signature says who it is, and
/// `configuration.board_user`, asked at each request, what they may see.
struct Access: Sendable {
    /// The credentials that were given are not good: another sign-in would not help.
    struct Refused: Error { let why: String }

    static let sessionHours = 8

    let settings: BoardSettings
    let database: BoardDatabase
    let openID: OpenID?

    /// `__Host-`: browsers take such a cookie from this very host alone, over TLS.
    var cookieName: String { settings.isSecure ? "__Host-quorate" : "quorate" }

    /// `nil` where nobody has signed in.
    func visitor(_ request: Request) async throws -> Visitor? {
        if let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") {
            guard let openID else { throw Refused(why: "no issuer of tokens is set") }
            let user = try await openID.user(bearer: String(header.dropFirst(7)))
            return try await visitor(named: user)
        }
        if let key = settings.proxyKey, let user = try ProxySignature.user(of: request, key: key) {
            return try await visitor(named: user)
        }
        guard let cookie = request.cookies[cookieName]?.value else { return nil }
        let digest = Access.digest(cookie)
        let user = try await database.transaction(seeing: nil) { transaction in
            try transaction.execute(
                "SELECT user_name FROM reporting.board_session WHERE digest = \(digest) AND expires_at > now()"
            ).first?.string("user_name")
        }
        guard let user else { return nil }
        return try await visitor(named: user)
    }

    private func visitor(named user: String) async throws -> Visitor {
        try await database.transaction(seeing: nil) { transaction in
            let rows = try transaction.execute(
                "SELECT authority, role FROM configuration.board_user WHERE user_name = \(user)")
            var grants: [String: BoardRole] = [:]
            for row in rows { grants[row.string("authority")] = BoardRole(rawValue: row.string("role")) }
            return Visitor(user: user, grants: grants)
        }
    }

    // MARK: Sessions

    /// Signs a user in: the cookie to send.
    func open(for user: String) async throws -> Cookie {
        let secret = Access.secret()
        let digest = Access.digest(secret)
        try await database.transaction(seeing: nil) { transaction in
            try transaction.execute("DELETE FROM reporting.board_session WHERE expires_at < now()")
            try transaction.execute(
                """
                INSERT INTO reporting.board_session (digest, user_name, expires_at)
                VALUES (\(digest), \(user), now() + make_interval(hours => \(Int32(Access.sessionHours))))
                """)
        }
        return cookie(cookieName, secret, seconds: Access.sessionHours * 3_600)
    }

    /// Signs the browser out: the session is gone, whoever else knows its cookie.
    func close(_ request: Request) async throws -> Cookie {
        if let value = request.cookies[cookieName]?.value {
            let digest = Access.digest(value)
            try await database.transaction(seeing: nil) { transaction in
                _ = try transaction.execute("DELETE FROM reporting.board_session WHERE digest = \(digest)")
            }
        }
        return cookie(cookieName, "", seconds: 0)
    }

    /// The user of an operator's link, which opens the board once.
    func spend(link secret: String) async throws -> String? {
        let digest = Access.digest(secret)
        return try await database.transaction(seeing: nil) { transaction in
            try transaction.execute("DELETE FROM reporting.board_link WHERE expires_at < now()")
            return try transaction.execute(
                "DELETE FROM reporting.board_link WHERE digest = \(digest) RETURNING user_name"
            ).first?.string("user_name")
        }
    }

    /// A form is taken from a page of the board alone. Of those, which tell no referrer, browsers say `null`; a page elsewhere
    /// that says the same comes without the cookie, which is lax.
    func checkOrigin(of request: Request) throws {
        guard request.headers[.origin].map({ $0 == settings.origin || $0 == "null" }) ?? false else {
            throw Refused(why: "the request came from another site")
        }
    }

    /// Lax, so that the way back from the issuer brings it.
    func cookie(_ name: String, _ value: String, seconds: Int) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: seconds, path: "/", secure: settings.isSecure, httpOnly: true,
            sameSite: .lax)
    }

    static func secret() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Base64URL.text(Array($0)) }
    }

    static func digest(_ secret: String) -> [UInt8] { Array(SHA256.hash(data: Data(secret.utf8))) }
}

/// RFC 4648, section 5, without padding.
enum Base64URL {
    static func text(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let plain = String(text).replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4)).map { Array($0) }
    }
}
