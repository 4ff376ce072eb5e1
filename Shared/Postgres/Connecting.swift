import CLibpq
import Glibc

/// Connects, and returns a handle that the caller must give to `PQfinish`.
///
/// libpq's blocking call would hide the SQLSTATE of a refusal. Only the verbose error text carries it, and the
/// verbosity can only be set between `PQconnectStartParams` and the polling.
func connect(_ conninfo: String, applicationName: String, options: Connection.Options) throws -> OpaquePointer {
    let password = try passwordChecking(conninfo)
    // Of two equal keywords the later wins: what stands before `dbname` gives way to the connection string.
    let parameters = [
        ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "60000"),
        ("dbname", conninfo),
        ("application_name", applicationName), ("client_encoding", "UTF8"),
    ]
    let started = withCStrings(parameters.map(\.0)) { keywords in
        withCStrings(parameters.map(\.1)) { values in PQconnectStartParams(keywords, values, 1) }
    }
    guard let handle = started else { throw PostgresError("no memory for a connection", isConnectionLost: true) }
    PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    // Notices are for people at a prompt; libpq would print them, and they may quote data.
    PQsetNoticeReceiver(handle, { _, _ in }, nil)
    let isInTime = pollUntilConnected(handle, timeoutMilliseconds: options.connectTimeoutMilliseconds)
    guard PQstatus(handle) == CONNECTION_OK else {
        defer { PQfinish(handle) }
        let text = isInTime ? String(cString: PQerrorMessage(handle)) : "no answer in time"
        throw refusal(text, hiding: password)
    }
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    return handle
}

extension Connection {
    /// Whether libpq can read it; whether anyone answers there is another matter.
    public static func isReadable(_ conninfo: String) -> Bool {
        do {
            _ = try passwordChecking(conninfo)
            return true
        } catch {
            return false
        }
    }
}

/// Refuses a malformed connection string without repeating it, as libpq's own message does.
private func passwordChecking(_ conninfo: String) throws -> String? {
    // "PQconninfoParse … returns a dynamically allocated array … should be freed by passing it to PQconninfoFree":
    // by us, when we have read it.
    let isConnectionString = conninfo.contains("=") || conninfo.contains("://")
    guard isConnectionString, let options = PQconninfoParse(conninfo, nil) else {
        throw PostgresError("the connection string is neither a postgres:// URL nor a list of keyword=value")
    }
    defer { PQconninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
        if String(cString: keyword) == "password" { return option.pointee.val.map { String(cString: $0) } }
        option += 1
    }
    return nil
}

private func pollUntilConnected(_ handle: OpaquePointer, timeoutMilliseconds: Int) -> Bool {
    let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
    var wanted = PGRES_POLLING_WRITING
    while wanted == PGRES_POLLING_WRITING || wanted == PGRES_POLLING_READING {
        let left = (deadline - ContinuousClock.now) / .milliseconds(1)
        let events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
        guard left > 0 else { return false }
        let ready = poll(&descriptor, 1, Int32(left.rounded(.up)))
        if ready == 0 { return false }
        if ready > 0 { wanted = PQconnectPoll(handle) }
    }
    return true
}

/// Reads `… FATAL:  28P01: password authentication failed …` apart.
private func refusal(_ text: String, hiding password: String?) -> PostgresError {
    var message = text.trimmingNewlines.split(separator: "\n").first.map(String.init) ?? "no connection"
    if let password, !password.isEmpty {
        message = message.split(separator: password, omittingEmptySubsequences: false).joined(separator: "***")
    }
    // Two spaces follow the severity, in every language.
    let sqlState = text.firstMatch(of: /:  ([0-9A-Z]{5}):/).map { String($0.output.1) }
    return PostgresError(message, sqlState: sqlState, isConnectionLost: sqlState == nil)
}

/// Lends a NULL-terminated array of C strings.
private func withCStrings<R>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> R) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) } + [nil])
}

extension Connection.Options {
    var sessionSettings: [(String, String)] {
        let timeouts = [
            ("statement_timeout", statementTimeoutMilliseconds),
            ("lock_timeout", lockTimeoutMilliseconds),
            ("idle_in_transaction_session_timeout", idleInTransactionTimeoutMilliseconds),
        ]
        let given = timeouts.compactMap { name, value in value.map { (name, String($0)) } }
        return given + settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
