import Postgres

extension LogAppender {
    /// Closes the logs of a topic, or of some partitions of it, in the transaction that forgets where auditing stands there: what
    /// is read again goes into logs that take their places. Returns how many.
    public static func close(
        topic: String, partitions: [Int32], in transaction: borrowing Transaction
    ) throws -> Int {
        try transaction.execute(
            """
            UPDATE auditing.log SET closed = true
             WHERE topic = \(topic) AND (\(partitions.isEmpty) OR partition = ANY(\(partitions))) AND NOT closed AND size > 0
            RETURNING 1 AS one
            """
        ).count
    }
}
