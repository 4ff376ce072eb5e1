import CLibpq

/// Statements that are under way: sent, and not yet answered.
struct Pipeline {
    struct Sent {
        let key: Connection.StatementKey
        let then: (Rows) -> Void
    }
    var sent: [Sent] = []
    /// A COMMIT stands at the end.
    var isEnding = false
}

extension Connection {
    /// Sends a statement without waiting for its answer, which goes to `then`. The next statement that is waited for
    /// waits for it too, and throws its error.
    func send(_ sql: SQL, _ then: @escaping (Rows) -> Void) throws {
        let key = StatementKey(sql)
        if prepared[key] == nil {
            try settle()
            _ = try prepare(key)
        }
        try enterPipeline()
        let isSent = sql.withParameters { values, lengths, formats in
            PQsendQueryPrepared(handle, prepared[key]!, Int32(lengths.count), values, lengths, formats, 1)
        }
        guard isSent == 1, PQflush(handle) == 0 else { throw lost() }
        pipeline.sent.append(Pipeline.Sent(key: key, then: then))
    }

    /// Sends the end of the transaction after what is under way.
    func sendCommit() throws {
        try enterPipeline()
        guard PQsendQueryParams(handle, "COMMIT", 0, nil, nil, nil, nil, 1) == 1, PQpipelineSync(handle) == 1 else {
            throw lost()
        }
        pipeline.isEnding = true
    }

    /// Waits for all that is under way. Throws the first error; what followed it was not done.
    func settle() throws {
        guard !pipeline.sent.isEmpty || pipeline.isEnding else { return }
        let (sent, isEnding) = (pipeline.sent, pipeline.isEnding)
        pipeline = Pipeline()
        if !isEnding, PQpipelineSync(handle) != 1 { throw lost() }
        var failure: (any Error)?
        for statement in sent {
            do {
                statement.then(Rows(try answer(wasPrepared: true)))
            } catch let error as PostgresError {
                if error.isStalePlan { prepared[statement.key] = nil }
                failure = failure ?? error
            }
        }
        if isEnding {
            do { try checkCommitted(answer(wasPrepared: false)) } catch { failure = failure ?? error }
        }
        try leavePipeline(failure)
    }

    private func enterPipeline() throws {
        guard PQpipelineStatus(handle) == PQ_PIPELINE_OFF else { return }
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
    }

    /// "PQgetResult … returns a null pointer … after the last result of a query": one result, and the null.
    private func answer(wasPrepared: Bool) throws -> Result {
        let result = PQgetResult(handle)
        defer { if result != nil, !isBroken { PQclear(PQgetResult(handle)) } }
        return try check(result, wasPrepared: wasPrepared)
    }

    private func leavePipeline(_ failure: (any Error)?) throws {
        if !isBroken {
            // The answer to the synchronisation; no null follows it.
            PQclear(PQgetResult(handle))
            _ = PQexitPipelineMode(handle)
        }
        if let failure { throw failure }
    }

    private func lost() -> PostgresError {
        let text = handle.map { String(cString: PQerrorMessage($0)).trimmingNewlines }
        return PostgresError(text ?? "the connection is closed", isConnectionLost: true)
    }
}
