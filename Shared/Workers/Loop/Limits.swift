/// A limit on everything, with its unit.
public enum Limits {
    public static let batchRecords = 2_000
    public static let batchBytes = 4 * 1_048_576
    /// What the client library reads ahead. Once full it fetches nothing for a second (librdkafka before 2.2), so this is
    /// what a worker takes in a second.
    static func readAheadKilobytes(_ worker: WorkerName) -> Int { worker == .auditing ? 45_056 : 16_384 }
    /// Cases locked in one transaction.
    public static let batchCases = 500
    /// Facts held in memory at a time.
    public static let batchFactBytes = 8 * 1_048_576
    /// Fewer items than this are not worth a thread of their own.
    public static let parallelMinimum = 4
    /// Outbox rows in memory that Kafka has not acknowledged.
    public static let outboxRows = 10_000
    public static let outboxBytes = 16 * 1_048_576
    /// Rows of one partition of a table that grows without end.
    public static let partitionRows: Int64 = 10_000_000
    /// Cases of one sweep.
    public static let sweepCases = 200
    /// Values above this go to the dead letters as digest and length.
    public static let deadLetterBytes = 700 * 1024
    public static let idlePollMilliseconds: Int32 = 200
    public static let sweepIntervalSeconds = 1.0
    /// Without a record, before what was read passes for all that there is to say at present.
    public static let quietSeconds = 5.0
    /// For brokers to say where partitions end.
    static let endsMilliseconds: Int32 = 1_000
    public static let outboxScanSeconds = 2.0
    public static let watchdogSeconds = 120.0
    static let conflictAttempts = 5
    public static let retryMilliseconds = 100
    public static let retryMaximumMilliseconds = 10_000
    public static let statementTimeoutMilliseconds = 60_000
    public static let lockTimeoutMilliseconds = 10_000
    public static let idleTransactionMilliseconds = 60_000
}
