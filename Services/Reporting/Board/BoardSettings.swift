import ArgumentParser
import Crypto
import Foundation
import Workers

/// The board's settings as they are given.
public struct BoardOptions: ParsableArguments {
    @Option(help: "Address of the board, as 127.0.0.1:8100; no board without it. [QUORATE_BOARD]")
    var board: String?

    @Option(help: "PostgreSQL as the login quorate_board. [QUORATE_BOARD_DATABASE_URL]")
    var boardDatabaseURL: String?

    @Option(help: "What browsers put before a page's path. [QUORATE_BOARD_ORIGIN] (default: http://ADDRESS)")
    var boardOrigin: String?

    @Option(help: "OpenID Connect issuer to sign in with. [QUORATE_BOARD_ISSUER]")
    var boardIssuer: String?

    @Option(help: "The board's client id at the issuer. [QUORATE_BOARD_CLIENT_ID]")
    var boardClientId: String?

    @Option(help: "File of the client's secret, where the issuer gave one. [QUORATE_BOARD_CLIENT_SECRET_FILE]")
    var boardClientSecretFile: String?

    @Option(help: "Claim that names the user. [QUORATE_BOARD_USER_CLAIM] (default: sub)")
    var boardUserClaim: String?

    @Option(help: "File of the key, 32 bytes or more, that a proxy signs users with. [QUORATE_BOARD_PROXY_KEY_FILE]")
    var boardProxyKeyFile: String?

    public init() {}
}

/// Where the board listens, and how its users sign in.
public struct BoardSettings: Sendable {
    struct Issuer: Sendable {
        let url: String
        let clientId: String
        let clientSecret: String?
        let userClaim: String
    }

    let host: String
    let port: Int
    /// Such as `https://board.example.gov.uk`, without a path.
    let origin: String
    let databaseURL: String
    let issuer: Issuer?
    let proxyKey: SymmetricKey?

    /// A browser sends its cookie over TLS alone.
    var isSecure: Bool { origin.hasPrefix("https://") }
    /// What the `Host` header of a browser's request says.
    var authority: Substring { origin.dropFirst(isSecure ? 8 : 7) }

    /// `nil` where no board is wanted.
    public init?(_ options: BoardOptions, environment: [String: String]) throws {
        let source = SettingSource(environment: environment)
        guard let address = source.text(options.board, "QUORATE_BOARD") else { return nil }
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw ValidationError("setting --board (QUORATE_BOARD) must read host:port, as in 127.0.0.1:8100") }
        host = String(address[..<colon])
        self.port = port
        databaseURL = try source.required(
            "board-database-url", options.boardDatabaseURL, "QUORATE_BOARD_DATABASE_URL")
        origin = source.text(options.boardOrigin, "QUORATE_BOARD_ORIGIN") ?? "http://\(address)"
        guard origin.wholeMatch(of: /https?:\/\/[^\/\s]+/) != nil else {
            throw ValidationError(
                "setting --board-origin must be a scheme and a host, as in https://board.example.gov.uk")
        }
        issuer = try BoardSettings.issuer(options, source)
        proxyKey = try source.text(options.boardProxyKeyFile, "QUORATE_BOARD_PROXY_KEY_FILE").map { path in
            let key = try BoardSettings.secret(path, "board-proxy-key-file")
            guard key.utf8.count >= 32 else {
                throw ValidationError("the key in \(path) is shorter than 32 bytes: make one with openssl rand -hex 32")
            }
            return SymmetricKey(data: Data(key.utf8))
        }
        guard isSecure || BoardSettings.isLoopback(String(origin.dropFirst(7))) else {
            throw ValidationError(
                "beyond this machine the board needs TLS: set --board-origin https://..., and a proxy for it")
        }
    }

    private static func issuer(_ options: BoardOptions, _ source: SettingSource) throws -> Issuer? {
        guard let url = source.text(options.boardIssuer, "QUORATE_BOARD_ISSUER") else { return nil }
        guard url.hasPrefix("https://") || (url.hasPrefix("http://") && isLoopback(String(url.dropFirst(7)))) else {
            throw ValidationError("setting --board-issuer must begin with https://")
        }
        return Issuer(
            url: url.hasSuffix("/") ? String(url.dropLast()) : url,
            clientId: try source.required("board-client-id", options.boardClientId, "QUORATE_BOARD_CLIENT_ID"),
            clientSecret: try source.text(options.boardClientSecretFile, "QUORATE_BOARD_CLIENT_SECRET_FILE")
                .map { try secret($0, "board-client-secret-file") },
            userClaim: source.text(options.boardUserClaim, "QUORATE_BOARD_USER_CLAIM") ?? "sub")
    }

    private static func secret(_ path: String, _ setting: String) throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ValidationError("setting --\(setting): the file \(path) cannot be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static func isLoopback(_ rest: String) -> Bool {
        let host = rest.prefix { $0 != "/" }
        return ["127.0.0.1", "localhost", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
    }
}
