import Dispatch
import Postgres
import StatutoryRules
import Synchronization

/// The board's sessions with PostgreSQL, each used by one request at a time, as the login `quorate_board`.
final class BoardDatabase: Sendable {
    /// A session and the queue that alone uses it: hence `@unchecked`.
    private final class Desk: @unchecked Sendable {
        let queue: DispatchQueue
        var connection: Connection?
        init(_ number: Int) { queue = DispatchQueue(label: "board-\(number)") }
    }

    static let sessions = 4
    static let statementTimeoutMilliseconds = 10_000
    /// For one session, the one that has it included.
    private static let waitingMaximum = 16

    private let url: String
    private let desks = (1...BoardDatabase.sessions).map(Desk.init)
    /// How many wait at each desk.
    private let waiting = Mutex([Int](repeating: 0, count: BoardDatabase.sessions))

    init(_ url: String) { self.url = url }

    /// One transaction that sees one authority, or none where only who may sign in is asked. It has ended when this returns.
    func transaction<R: Sendable>(
        seeing authority: String?, _ body: @escaping @Sendable (borrowing Transaction) throws -> R
    ) async throws -> R {
        let free = waiting.withLock { waiting -> Int? in
            let least = waiting.min() ?? 0
            guard least < BoardDatabase.waitingMaximum, let place = waiting.firstIndex(of: least) else { return nil }
            waiting[place] += 1
            return place
        }
        guard let place = free else { throw Board.Busy() }
        let desk = desks[place]
        return try await withCheckedThrowingContinuation { continuation in
            desk.queue.async { [self] in
                let result = Result<R, any Error> {
                    try BoardDatabase.open(desk, url).transaction { transaction in
                        try transaction.execute(
                            "SELECT set_config('quorate.board_authority', \(authority ?? ""), true)")
                        return try body(transaction)
                    }
                }
                waiting.withLock { $0[place] -= 1 }
                continuation.resume(with: result)
            }
        }
    }

    private static func open(_ desk: Desk, _ url: String) throws -> Connection {
        if let connection = desk.connection, !connection.isBroken { return connection }
        desk.connection = nil
        let made = try Connection(
            url, applicationName: "quorate-board",
            options: .init(
                statementTimeoutMilliseconds: statementTimeoutMilliseconds,
                lockTimeoutMilliseconds: statementTimeoutMilliseconds,
                idleInTransactionTimeoutMilliseconds: statementTimeoutMilliseconds,
                // A page's statements take longer to compile than to run. A plan made for any authority and any team goes through
                // all that is overdue for the one that is asked for.
                settings: ["jit": "off", "plan_cache_mode": "force_custom_plan"]))
        desk.connection = made
        return made
    }
}
