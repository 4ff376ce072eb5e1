import CLibpq

/// What PostgreSQL or libpq refused.
public struct PostgresError: Error, Sendable {
    /// Five characters, where the server answered.
    public let sqlState: String?
    /// The primary message only. In class 22 it may quote a value, so `description` leaves it out there.
    public let message: String
    /// DETAIL and CONTEXT. They may hold data about children: never for a log.
    public let detail: String?
    public let constraint: String?
    public let table: String?
    /// The connection is gone, or nobody answered.
    public let isConnectionLost: Bool
    /// A prepared statement outlived the tables it was planned for; it is planned anew next time.
    let isStalePlan: Bool

    init(
        _ message: String, sqlState: String? = nil, detail: String? = nil, constraint: String? = nil,
        table: String? = nil, isConnectionLost: Bool = false, isStalePlan: Bool = false
    ) {
        self.message = message
        self.sqlState = sqlState
        self.detail = detail
        self.constraint = constraint
        self.table = table
        self.isConnectionLost = isConnectionLost
        self.isStalePlan = isStalePlan
    }

    /// The same work may succeed later: wait and retry, never a dead letter.
    public var isTransient: Bool {
        guard let sqlState, !isConnectionLost, !isStalePlan else { return isConnectionLost || isStalePlan }
        return ["08", "53"].contains(sqlState.prefix(2)) || sqlState.hasPrefix("57P")
            || ["40001", "40P01", "55P03", "25006", "57014"].contains(sqlState)
    }

    /// The data is refused and always will be.
    public var isPermanent: Bool {
        guard let sqlState else { return false }
        return ["22", "23"].contains(sqlState.prefix(2))
    }
}

extension PostgresError: CustomStringConvertible {
    public var description: String {
        let code = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        if sqlState?.hasPrefix("22") == true { return "PostgreSQL refused a value" + code }
        return message + code
    }
}

extension PostgresError {
    /// Reads a failed result; the caller still owns it.
    init(_ result: OpaquePointer?, isConnectionLost: Bool, wasPrepared: Bool = false) {
        func field(_ code: Int32) -> String? {
            // "PQresultErrorField: … The caller should not free the result directly. It will be freed when the
            // associated PGresult handle is passed to PQclear."
            PQresultErrorField(result, code).map { String(cString: $0) }
        }
        let sqlState = field(Diagnostic.sqlState)
        let detail = [field(Diagnostic.detail), field(Diagnostic.context)].compactMap { $0 }
        let fallback = result.map { String(cString: PQresultErrorMessage($0)) } ?? "the connection is lost"
        let message = field(Diagnostic.primaryMessage) ?? fallback.trimmingNewlines
        // Where the server's last words were still unread, libpq reports a failed write and calls the connection good.
        let isUnsent = sqlState == nil && PostgresError.lostMessages.contains { message.hasPrefix($0) }
        self.init(
            message,
            sqlState: sqlState,
            detail: detail.isEmpty ? nil : detail.joined(separator: "\n"),
            constraint: field(Diagnostic.constraint),
            table: field(Diagnostic.table),
            isConnectionLost: isConnectionLost || isUnsent,
            isStalePlan: wasPrepared && (sqlState == "0A000" || sqlState == "26000"))
    }

    private static let lostMessages = ["server closed the connection unexpectedly", "could not send data to server"]

    /// `PG_DIAG_…`: character constants, which Swift does not import alike everywhere.
    private enum Diagnostic {
        static let sqlState = code("C")
        static let primaryMessage = code("M")
        static let detail = code("D")
        static let context = code("W")
        static let constraint = code("n")
        static let table = code("t")
        static func code(_ character: Unicode.Scalar) -> Int32 { Int32(character.value) }
    }
}

extension String {
    var trimmingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
