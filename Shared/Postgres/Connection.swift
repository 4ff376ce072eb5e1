import CLibpq

/// A session with PostgreSQL, for one thread at a time: not `Sendable`, and without locks.
///
/// Statements go out with typed binary values and come back in binary. Each distinct text is planned once: it becomes
/// a named prepared statement of the session.
public final class Connection {
    /// Time-outs that the session starts with; `nil` leaves the server's own.
    public struct Options: Sendable {
        public var connectTimeoutMilliseconds = 10_000
        public var statementTimeoutMilliseconds: Int?
        public var lockTimeoutMilliseconds: Int?
        public var idleInTransactionTimeoutMilliseconds: Int?
        /// Any other setting of a session, such as `search_path`.
        public var settings: [String: String] = [:]

        public init(
            connectTimeoutMilliseconds: Int = 10_000, statementTimeoutMilliseconds: Int? = nil,
            lockTimeoutMilliseconds: Int? = nil, idleInTransactionTimeoutMilliseconds: Int? = nil,
            settings: [String: String] = [:]
        ) {
            self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
            self.statementTimeoutMilliseconds = statementTimeoutMilliseconds
            self.lockTimeoutMilliseconds = lockTimeoutMilliseconds
            self.idleInTransactionTimeoutMilliseconds = idleInTransactionTimeoutMilliseconds
            self.settings = settings
        }
    }

    struct StatementKey: Hashable {
        let text: String
        let types: [UInt32]

        init(_ sql: SQL) {
            text = sql.text
            types = sql.parameters.map(\.type)
        }
    }
    static let preparedStatementsMaximum = 256

    private let conninfo: String
    private let applicationName: String
    private let options: Options
    /// `nil` once closed.
    private(set) var handle: OpaquePointer?
    var prepared: [StatementKey: String] = [:]
    var pipeline = Pipeline()
    private var inTransaction = false

    /// `conninfo` is a URL (`postgres://…`) or a list of `keyword=value`. No error repeats it: it may hold a password.
    public init(_ conninfo: String, applicationName: String, options: Options = Options()) throws {
        self.conninfo = conninfo
        self.applicationName = applicationName
        self.options = options
        try open()
    }

    // "PQfinish: Closes the connection to the server. Also frees memory used by the PGconn object."
    deinit { PQfinish(handle) }

    private func open() throws {
        handle = try connect(conninfo, applicationName: applicationName, options: options)
        prepared.removeAll()
        pipeline = Pipeline()
        inTransaction = false
        for (name, value) in options.sessionSettings {
            try execute("SELECT set_config(\(name), \(value), false)")
        }
    }

    /// Ends the session. Further calls throw an error that is transient.
    public func close() {
        PQfinish(handle)
        handle = nil
    }

    /// Ends the session, and starts another in its place.
    public func reset() throws {
        close()
        do { try open() } catch {
            close()
            throw error
        }
    }

    /// The session is of no more use: `reset()` or drop it.
    public var isBroken: Bool { PQstatus(handle) != CONNECTION_OK }
    public var backendPID: Int32 { PQbackendPID(handle) }
    /// Whether the server still waits for the end of a transaction.
    public var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    @discardableResult
    public func execute(_ sql: SQL) throws -> Rows {
        try settle()
        let key = StatementKey(sql)
        let known = prepared[key]
        let name = try known ?? prepare(key)
        let result = sql.withParameters { values, lengths, formats in
            PQexecPrepared(handle, name, Int32(lengths.count), values, lengths, formats, 1)
        }
        do { return Rows(try check(result, wasPrepared: known != nil)) } catch let error as PostgresError {
            if error.isStalePlan { prepared[key] = nil }
            throw error
        }
    }

    func prepare(_ key: StatementKey) throws -> String {
        if prepared.count >= Connection.preparedStatementsMaximum {
            try script("DEALLOCATE ALL")
            prepared.removeAll()
        }
        statementsPrepared += 1
        let name = "q\(statementsPrepared)"
        _ = try check(PQprepare(handle, name, key.text, Int32(key.types.count), key.types))
        prepared[key] = name
        return name
    }
    private var statementsPrepared = 0

    /// Runs several statements as one text, such as a migration. It returns nothing and takes no values.
    public func script(_ text: String) throws {
        try settle()
        _ = try check(PQexec(handle, text))
    }

    /// `BEGIN`, the body, `COMMIT`; or `ROLLBACK` where the body throws. A connection lost during the commit leaves
    /// unknown which of the two it was: the error is transient, and the offsets row tells.
    public func transaction<R>(_ body: (borrowing Transaction) throws -> R) throws -> R {
        let value = try begin(body)
        defer { inTransaction = false }
        try orRollBack {
            try settle()
            try checkCommitted(check(PQexec(handle, "COMMIT")))
        }
        return value
    }

    /// The same, but does not wait for the end: until `confirm` nothing is known of it, and nothing else may be asked of
    /// the connection.
    public func transactionToConfirm<R>(_ body: (borrowing Transaction) throws -> R) throws -> R {
        let value = try begin(body)
        do { try sendCommit() } catch {
            inTransaction = false
            throw error
        }
        return value
    }

    /// Waits for the end of `transactionToConfirm`. Returns where it is committed, and throws where it is not, or where
    /// that is unknown.
    public func confirm() throws {
        defer { inTransaction = false }
        try orRollBack { try settle() }
    }

    private func begin<R>(_ body: (borrowing Transaction) throws -> R) throws -> R {
        guard !inTransaction else { throw PostgresError("a transaction is already open on this connection") }
        try script("BEGIN ISOLATION LEVEL READ COMMITTED")
        inTransaction = true
        do { return try orRollBack { try body(Transaction(connection: self)) } } catch {
            inTransaction = false
            throw error
        }
    }

    private func orRollBack<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch {
            try? settle()
            if !isBroken, isInTransaction { try? script("ROLLBACK") }
            throw error
        }
    }

    /// The server answers ROLLBACK, and no error, to the COMMIT of a transaction in which a statement failed.
    func checkCommitted(_ result: Result) throws {
        guard String(cString: PQcmdStatus(result.handle)) == "COMMIT" else {
            throw PostgresError("a statement failed, so the transaction was rolled back", sqlState: "25P02")
        }
    }

    /// Takes over a result: an error is thrown, anything else is returned with its owner.
    func check(_ result: OpaquePointer?, wasPrepared: Bool = false) throws -> Result {
        guard let result else {
            let text = handle.map { String(cString: PQerrorMessage($0)).trimmingNewlines }
            throw PostgresError(text ?? "the connection is closed", isConnectionLost: isBroken)
        }
        let owner = Result(taking: result)
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_COPY_IN, PGRES_COPY_OUT: return owner
        default: throw PostgresError(result, isConnectionLost: isBroken, wasPrepared: wasPrepared)
        }
    }

    public static func quoteIdentifier(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// For statements that take no values, such as `CREATE ROLE … PASSWORD`.
    public static func quoteLiteral(_ text: String) -> String {
        let quoted = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        guard quoted.contains("\\") else { return "'\(quoted)'" }
        return "E'" + quoted.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\") + "'"
    }
}

/// An open transaction, lent for a scope: it can neither be copied nor kept.
public struct Transaction: ~Copyable {
    private let connection: Connection
    fileprivate init(connection: Connection) { self.connection = connection }

    @discardableResult
    public borrowing func execute(_ sql: SQL) throws -> Rows { try connection.execute(sql) }

    /// Sends a statement without waiting for its answer, which goes to `then` once it is known. Its error is thrown by the
    /// next statement that is waited for, or by the end of the transaction.
    public borrowing func send(_ sql: SQL, _ then: @escaping (Rows) -> Void = { _ in }) throws {
        try connection.send(sql, then)
    }

    /// Several statements as one text, such as a migration.
    public borrowing func script(_ text: String) throws { try connection.script(text) }

    @discardableResult
    public borrowing func copy(_ sql: SQL, _ rows: BinaryCopy) throws -> Int { try connection.copy(sql, rows) }

    public borrowing func copy(
        _ sql: SQL, rows count: Int, _ row: (Int, inout BinaryCopy) throws -> Void
    ) throws -> Int { try connection.copy(sql, rows: count, row) }

    public borrowing func copyOut(_ sql: SQL, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try connection.copyOut(sql, body)
    }
}

extension SQL {
    /// Lends the values as libpq wants them: pointers, lengths, and 1 for "binary".
    func withParameters<R>(
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) throws -> R
    ) rethrows -> R {
        try values.withUnsafeBytes { buffer in
            // A value of no bytes is not NULL: it needs a pointer too, which nobody follows.
            let start = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
            let base = start.assumingMemoryBound(to: CChar.self)
            let pointers = parameters.map { $0.count == nil ? nil : base + $0.start }
            let lengths = parameters.map { Int32($0.count ?? 0) }
            return try body(pointers, lengths, lengths.map { _ in 1 })
        }
    }
}
