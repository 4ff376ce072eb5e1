import ArgumentParser
import Foundation
import Postgres
import Workers

/// Who may read the board that the reporting worker serves.
struct BoardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "board", abstract: "Say who may read the board, and make a link that signs in once.",
        discussion: """
            The board is served by the reporting worker where QUORATE_BOARD is set, and by quorate up. An identity provider, a \
            proxy or a link says who somebody is; what they may see is granted here, and asked at each page.
            """,
        subcommands: [Users.self, Grant.self, Revoke.self, Link.self], defaultSubcommand: Users.self)

    struct Users: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List who may read the board.")
        @OptionGroup var options: DeploymentOptions

        func run() throws {
            let rows = try options.deployment().connect("board").execute(
                "SELECT user_name, authority, role FROM configuration.board_user ORDER BY user_name, authority")
            for row in rows {
                Terminal.out.print(
                    "\(row.string("authority").padded(to: 10)) \(row.string("role").padded(to: 9)) \(row.string("user_name"))"
                )
            }
            if rows.isEmpty {
                Terminal.out.print("Nobody may read the board. Next: quorate board grant USER --authority CODE")
            }
        }
    }

    struct Grant: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a user read the board of an authority.")
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "The user, as the identity provider or the proxy names them.") var user: String
        @Option(help: "ONS code of the authority, or * for all.") var authority: String
        @Option(help: "cases: every page; measures: those on which no child is.") var role: BoardUsers.Role = .cases

        func run() throws {
            let connection = try options.deployment().connect("board")
            try connection.transaction { transaction in
                try BoardUsers.note(
                    "board.grant", user, [(authority: authority, role: role.rawValue)], in: transaction)
                try BoardUsers.grant(user, authority: authority, role: role, on: connection)
            }
            Terminal.out.print("\(user) may read \(authority == "*" ? "every authority" : authority): \(role.rawValue)")
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a user's access away, at once.")
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "The user.") var user: String
        @Option(help: "ONS code of the authority, or *. (default: all that was granted, and their sessions)")
        var authority: String?

        func run() throws {
            let connection = try options.deployment().connect("board")
            let everything = authority == nil
            let wanted: SQL = "user_name = \(user) AND (\(everything) OR authority = \(authority ?? ""))"
            let gone = try connection.transaction { transaction in
                let grants = try transaction.execute(
                    "SELECT authority, role FROM configuration.board_user WHERE \(wanted) ORDER BY authority FOR UPDATE"
                ).map { (authority: $0.string("authority"), role: $0.string("role")) }
                guard !grants.isEmpty else {
                    throw ValidationError("\(user) was granted no such thing: see quorate board users")
                }
                try BoardUsers.note("board.revoke", user, grants, in: transaction)
                try transaction.execute("DELETE FROM configuration.board_user WHERE \(wanted)")
                if everything {
                    try transaction.execute("DELETE FROM reporting.board_session WHERE user_name = \(user)")
                    try transaction.execute("DELETE FROM reporting.board_link WHERE user_name = \(user)")
                }
                return grants.count
            }
            Terminal.out.print("\(user): \(gone) taken away")
        }
    }

    struct Link: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a link that signs a user in once, within ten minutes.",
            discussion: "For quorate up, and for the day on which the identity provider is away.")
        @OptionGroup var options: DeploymentOptions
        @Argument(help: "A user who may read the board.") var user: String = BoardUsers.local
        @Option(
            help: "What comes before the path. (default: the board of the running quorate up) [QUORATE_BOARD_ORIGIN]")
        var origin: String?

        func run() throws {
            let deployment = try options.deployment()
            let source = SettingSource(environment: ProcessInfo.processInfo.environment)
            guard let origin = source.text(origin, "QUORATE_BOARD_ORIGIN") ?? deployment.boardOrigin else {
                throw ValidationError("no board found: start quorate up, or give --origin https://board.example.gov.uk")
            }
            let connection = try deployment.connect("board")
            let known = try connection.execute(
                "SELECT 1 AS one FROM configuration.board_user WHERE user_name = \(user) LIMIT 1")
            guard !known.isEmpty else {
                throw ValidationError(
                    "\(user) may not read the board: first quorate board grant \(user) --authority CODE")
            }
            let link = try connection.transaction { transaction in
                try Operator.note("board.link", user, authority: nil, in: transaction)
                return try BoardUsers.link(for: user, origin: origin, on: connection)
            }
            Terminal.out.print(link)
        }
    }
}

/// Users of the board, as the ledger keeps them.
enum BoardUsers {
    enum Role: String, ExpressibleByArgument, CaseIterable { case cases, measures }

    /// Whom `quorate up` signs in.
    static let local = "local"
    static let linkMinutes: Int32 = 10

    /// What was given or taken, as an event of the authority, or of none where it is more than one.
    static func note(
        _ act: String, _ user: String, _ grants: [(authority: String, role: String)],
        in transaction: borrowing Transaction
    ) throws {
        let about = "\(user), " + grants.map { "\($0.role) of \($0.authority)" }.joined(separator: ", ")
        let only = grants.count == 1 && grants[0].authority != "*" ? grants[0].authority : nil
        try Operator.note(act, about, authority: only, in: transaction)
    }

    static func grant(_ user: String, authority: String, role: Role, on connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO configuration.board_user (user_name, authority, role) VALUES (\(user), \(authority), \(role.rawValue))
            ON CONFLICT (user_name, authority) DO UPDATE SET role = excluded.role, granted_at = now(),
                granted_by = session_user
            """)
    }

    static func link(for user: String, origin: String, on connection: Connection) throws -> String {
        let secret = (0..<64).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        try connection.execute(
            """
            INSERT INTO reporting.board_link (digest, user_name, expires_at)
            VALUES (sha256(convert_to(\(secret), 'UTF8')), \(user), now() + make_interval(mins => \(linkMinutes)))
            """)
        return "\(origin)/sign-in/link?token=\(secret)"
    }
}
