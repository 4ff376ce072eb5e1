import CLibpq

extension Connection {
    /// Sends rows to `COPY t (a, b) FROM STDIN (FORMAT binary)`; returns how many the server stored.
    @discardableResult
    public func copy(_ sql: SQL, _ rows: BinaryCopy) throws -> Int {
        precondition(sql.parameters.isEmpty, "COPY takes no values")
        precondition(rows.fieldsLeft == 0, "the last row lacks \(rows.fieldsLeft) fields")
        try begin(sql, expecting: PGRES_COPY_IN)
        let isSent = rows.bytes.withUnsafeBytes { put($0) } && BinaryCopy.trailer.withUnsafeBytes { put($0) }
        // A failed send means a broken connection; the result after the end says so.
        _ = PQputCopyEnd(handle, isSent ? nil : "the rows could not be sent")
        let result = try finish()
        return Int(String(cString: PQcmdTuples(result.handle))) ?? 0
    }

    /// The same, row by row: the server stores what it has while the next rows are made. An error of `row` ends the COPY.
    @discardableResult
    public func copy(_ sql: SQL, rows count: Int, _ row: (Int, inout BinaryCopy) throws -> Void) throws -> Int {
        precondition(sql.parameters.isEmpty, "COPY takes no values")
        try begin(sql, expecting: PGRES_COPY_IN)
        var buffer = BinaryCopy(reservingBytes: 2 * Connection.streamBytes)
        var failure: (any Error)?
        var isSent = true
        for place in 0..<count where failure == nil && isSent {
            do { try row(place, &buffer) } catch { failure = error }
            if buffer.byteCount >= Connection.streamBytes {
                isSent = buffer.bytes.withUnsafeBytes { put($0) }
                buffer.bytes.removeAll(keepingCapacity: true)
            }
        }
        if failure == nil && isSent {
            isSent = buffer.bytes.withUnsafeBytes { put($0) } && BinaryCopy.trailer.withUnsafeBytes { put($0) }
        }
        _ = PQputCopyEnd(handle, failure == nil && isSent ? nil : "the rows could not be sent")
        do {
            let result = try finish()
            if let failure { throw failure }
            return Int(String(cString: PQcmdTuples(result.handle))) ?? 0
        } catch { throw failure ?? error }
    }

    private static let streamBytes = 65_536

    /// Runs `COPY … TO STDOUT`, in text or binary; the body borrows each row in turn.
    public func copyOut(_ sql: SQL, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        precondition(sql.parameters.isEmpty, "COPY takes no values")
        try begin(sql, expecting: PGRES_COPY_OUT)
        var failure: (any Error)?
        var buffer: UnsafeMutablePointer<CChar>?
        while true {
            let length = PQgetCopyData(handle, &buffer, 0)
            guard length > 0 else { break }
            // "When … the result is not NULL, the buffer should be freed with PQfreemem": by us, after the body.
            defer { PQfreemem(buffer) }
            // The rest must be read even after a failure, or the connection stays inside the COPY.
            guard failure == nil else { continue }
            do { try body(UnsafeRawBufferPointer(start: buffer, count: Int(length))) } catch { failure = error }
        }
        _ = try finish()
        if let failure { throw failure }
    }

    private func begin(_ sql: SQL, expecting status: ExecStatusType) throws {
        try settle()
        let result = try check(PQexec(handle, sql.text))
        guard PQresultStatus(result.handle) == status else { throw PostgresError("this is not such a COPY") }
    }

    private static let chunkBytes = 1 << 20

    private func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = min(Connection.chunkBytes, bytes.count - sent)
            let start = bytes.baseAddress!.advanced(by: sent).assumingMemoryBound(to: CChar.self)
            guard PQputCopyData(handle, start, Int32(count)) == 1 else { return false }
            sent += count
        }
        return true
    }

    /// The last word on a COPY: "PQgetResult … must be called repeatedly until it returns a null pointer", since the
    /// connection is idle only after that.
    private func finish() throws -> Result {
        var first: Result?
        var failure: (any Error)?
        while let handle = PQgetResult(handle) {
            do {
                let result = try check(handle)
                first = first ?? result
            } catch { failure = failure ?? error }
            if isBroken { break }
        }
        if let failure { throw failure }
        guard let first else { return try check(nil) }
        return first
    }
}
