import CaseEvents
import Foundation
import Kafka
import Logging
import Postgres

/// The loop that all four workers run, on one thread: poll a batch, one transaction, store the offsets.
///
/// A batch's transaction fences its offsets first, then lets the service apply the records, then writes quarantine and
/// outbox. Whatever fails by the operation of things (database or broker gone, a conflict) is tried again for as long
/// as it takes; what fails for good is halved down to the record, which is quarantined; a programmer's error crashes.
///
/// The next batch is polled before the present one is applied, and what is pure work on it is done by other threads
/// meanwhile. One transaction is under way at a time: `settle` waits for its end, before anything rests on it or is asked of
/// the connection.
public final class Worker<Service: WorkerService> {
    private let settings: WorkerSettings
    private let state: WorkerState
    private let log: Logger
    private var service: Service
    private let kafka: KafkaConfiguration
    private let makeConnection: () throws -> Connection
    private let holder = PGUUID.random()

    /// A batch whose commit was asked for and is not confirmed yet.
    private struct Batch {
        let records: [Record]
        let attempt: Int
        let started = ContinuousClock.now
        var effects = Effects()
        var staged = Outbox.Staged()
    }

    private var connection: Connection?
    private var waiting: Waiting<Service.Prepared>?
    private var underWay: Batch?
    private var consumer: Consumer?
    private var producer: Producer
    private var offsets: Offsets
    private var outbox: Outbox
    private var isFirstSweep = true
    /// Rows that a former holder left wait before any new one, since a case's outcomes go out in order.
    private var hasInherited = false
    private var lastSweep = ContinuousClock.now - .seconds(60)
    private var lastScan = ContinuousClock.now - .seconds(60)
    private var lastRecord = ContinuousClock.now
    private var primaryCount: Int32 = 1
    private var retry = Backoff()
    private var epoch: Int64 = 0

    public init(_ settings: WorkerSettings, service: Service, state: WorkerState, log: Logger) throws {
        self.settings = settings
        self.service = service
        self.state = state
        self.log = log
        makeConnection = { try Connection.worker(settings.databaseURL, name: Service.name) }
        var kafka = settings.kafka
        // As lines of our own log: librdkafka's would go to stderr in a form of theirs.
        kafka.log = { level, line in
            log.log(level: level < 3 ? .error : level < 5 ? .warning : .debug, "kafka", metadata: ["line": "\(line)"])
        }
        self.kafka = kafka
        producer = try Producer(kafka)
        offsets = Offsets(cluster: "", worker: Service.name, holder: holder)
        outbox = Outbox(worker: Service.name, cluster: "")
    }

    /// Runs until `state.isStopping`. Returns in order: batch finished or rolled back, group left.
    public func run() throws {
        while !state.isStopping {
            do {
                try join()
                while !state.isStopping { try step() }
            } catch let fault where Fault.isOperating(fault) || producer.isFatal {
                leave()
                pause(after: fault)
                // An idempotent producer whose sequence the broker no longer accepts is of no more use.
                if producer.isFatal { producer = try Producer(kafka) }
            }
        }
        try? settle()
        try? drainOutbox(within: .seconds(5))
        leave()
    }

    // MARK: One step

    private func step() throws {
        state.tick()
        let wasUnderWay = underWay != nil
        let polled = try poll()
        // A rebalance inside the poll may have taken some of these away.
        let present = waiting
        waiting = polled.isEmpty ? nil : prepare(polled)
        try settle()
        try relayInherited()
        if let present { try take(present) }
        try relay()
        if polled.count < Limits.batchRecords || ContinuousClock.now - lastSweep > .seconds(5) {
            try sweepIfDue(isIdle: polled.isEmpty && present == nil && !wasUnderWay)
        }
        retry.reset()
    }

    private func prepare(_ records: [Record]) -> Waiting<Service.Prepared> {
        Waiting(records: records, preparation: offsets.hasAlone ? nil : Errand(service.preparation(of: records)))
    }

    private func take(_ present: Waiting<Service.Prepared>) throws {
        lastRecord = .now
        let admitted = try offsets.admit(present.records) { partition, offset in
            try consumer!.seek(partition, to: offset)
            // Else what came after the gap would pass for its second reading.
            waiting?.forget([partition])
        }
        let isWhole = admitted.count == present.records.count
        try process(admitted, prepared: isWhole ? present.preparation?.result : nil)
    }

    private func poll() throws -> [Record] {
        do {
            return try consumer!.poll(
                maximumRecords: Limits.batchRecords, maximumBytes: Limits.batchBytes,
                timeoutMilliseconds: underWay != nil || waiting != nil
                    ? 0 : outbox.backlog > 0 ? 10 : Limits.idlePollMilliseconds)
        } catch let error as KafkaError where error.isOffsetOutOfRange {
            guard let partition = error.topicPartition else { throw error }
            try settle()
            waiting?.forget([partition])
            try resume(partition)
            return []
        }
    }

    /// The broker does not have the record before the position. If it holds everything from the position on, nothing
    /// is skipped by going on there; else it is refused.
    private func resume(_ partition: TopicPartition) throws {
        let (low, high) = try consumer!.watermarks(partition, timeoutMilliseconds: 5_000)
        guard let next = offsets.positions[partition]?.next, low <= next, next <= high, low == next else {
            throw Offsets.BrokerRefused(remedy: offsets.outOfRange(partition, low: low, high: high))
        }
        try consumer!.seek(partition, to: next)
    }

    /// Applies records; after a stop that was not orderly one by one, so that a record that stops the process is found.
    private func process(_ records: [Record], prepared: Service.Prepared?) throws {
        guard offsets.hasAlone else { return try apply(records, prepared: prepared) }
        var rest = records[...]
        while let first = rest.first {
            try settle()
            guard (offsets.positions[first.topicPartition]?.alone ?? 0) > 0 else {
                let together = rest.prefix { (offsets.positions[$0.topicPartition]?.alone ?? 0) == 0 }
                try apply(Array(together))
                rest = rest.dropFirst(together.count)
                continue
            }
            rest = rest.dropFirst()
            if offsets.isCondemned(first) {
                // Not even a glance at its value, which may be what the process cannot bear.
                let label = Contract.peek(IncomingEvent(first.label))
                try pass(first, Refusal.stoppedTheProcess(label))
            } else {
                try offsets.noteAttempt(at: first, on: connection!)
                try apply([first])
            }
        }
    }

    /// One transaction for the records. Its end is left to `settle`.
    private func apply(_ records: [Record], prepared: Service.Prepared? = nil, attempt: Int = 0) throws {
        guard !records.isEmpty else { return }
        try settle()
        var batch = Batch(records: records, attempt: attempt)
        do {
            try connection!.transactionToConfirm { transaction in
                try offsets.fence(records, in: transaction)
                try service.apply(records, prepared: prepared, in: transaction, &batch.effects)
                batch.staged = try keep(batch.effects, in: transaction)
                try outbox.mark(in: transaction)
            }
            underWay = batch
        } catch let error as PostgresError {
            try recover(batch, from: error)
        }
    }

    /// Waits for the end of the transaction that is under way.
    private func settle() throws {
        guard let batch = underWay else { return }
        underWay = nil
        do { try connection!.confirm() } catch let error as PostgresError { return try recover(batch, from: error) }
        let seconds = (ContinuousClock.now - batch.started).seconds
        committed(batch.records, batch.staged.rows, batch.effects, seconds: seconds)
    }

    /// Tries a conflict again at once, a few times; halves on an error that trying again cannot mend.
    private func recover(_ batch: Batch, from error: PostgresError) throws {
        let records = batch.records
        if error.isConflict && batch.attempt < Limits.conflictAttempts {
            log.info("a conflict is tried again", metadata: ["sqlstate": "\(error.sqlState ?? "none")"])
            try apply(records, attempt: batch.attempt + 1)
            return try settle()
        }
        guard error.isPermanent else { throw error }
        if records.count == 1 {
            guard Service.setsRefusedAside else {
                let refused = TablesRefuse(place: records[0].place, why: "SQLSTATE \(error.sqlState ?? "unknown")")
                log.error("nothing more is applied", metadata: ["reason": "\(refused.remedy)"])
                throw refused
            }
            let label = Contract.peek(IncomingEvent(records[0]))
            return try pass(records[0], Refusal.refusedByDatabase(error, label))
        }
        log.warning("a batch is halved", metadata: ["sqlstate": "\(error.sqlState ?? "none")"])
        try apply(Array(records[..<(records.count / 2)]))
        try apply(Array(records[(records.count / 2)...]))
        try settle()
    }

    /// A deadlock or a lock not had in time is over once the transaction is rolled back: try again at once, a few times.
    private func retryingConflicts(_ body: () throws -> Void) throws {
        for _ in 0..<Limits.conflictAttempts {
            do {
                return try body()
            } catch let error as PostgresError where error.isConflict {
                log.info("a conflict is tried again", metadata: ["sqlstate": "\(error.sqlState ?? "none")"])
            }
        }
        try body()
    }

    /// Passes a record by: quarantined in the transaction that advances the offset.
    private func pass(_ record: Record, _ refusal: Refusal) throws {
        try settle()
        var effects = Effects()
        effects.quarantine(record, refusal)
        var staged = Outbox.Staged()
        try connection!.transaction { transaction in
            try offsets.fence([record], in: transaction)
            staged = try keep(effects, in: transaction)
            try outbox.mark(in: transaction)
        }
        log.error("a record was quarantined", metadata: ["code": "\(refusal.code)", "place": "\(record.place)"])
        committed([record], staged.rows, effects, seconds: 0)
    }

    private func keep(_ effects: Effects, in transaction: borrowing Transaction) throws -> Outbox.Staged {
        var effects = effects
        if !effects.quarantined.isEmpty { try service.setAside(&effects.quarantined, in: transaction) }
        effects.outgoing += effects.quarantined.filter { Service.name.judges($0.record.topic) }.map(
            Quarantine.deadLetter)
        try Quarantine.store(&effects, cluster: offsets.cluster, worker: Service.name, in: transaction)
        return try outbox.stage(effects.outgoing, in: transaction)
    }

    private func committed(_ records: [Record], _ staged: [Outbox.Row], _ effects: Effects, seconds: Double) {
        outbox.marked()
        outbox.enqueue(staged, where: holdsPrimary)
        let moved = offsets.advance(past: records)
        if !moved.isEmpty { _ = consumer?.commit(moved) }
        state.count(
            consumed: records.count, applied: effects.applied, duplicates: effects.duplicates,
            quarantined: effects.quarantined.count, seconds: seconds, backlog: outbox.backlog)
    }

    // MARK: Outbox and sweeps

    private func holdsPrimary(_ partition: Int32) -> Bool {
        offsets.positions[
            TopicPartition(topic: Service.name.topics[0].rawValue, partition: partition % primaryCount)] != nil
    }

    private func relay() throws {
        try outbox.relay(through: producer)
        while outbox.backlog > Limits.outboxRows && !state.isStopping {
            outbox.collect(producer.poll(timeoutMilliseconds: 100))
            try markAcknowledged()
            state.tick()
        }
    }

    private func relayInherited() throws {
        guard hasInherited else { return }
        try outbox.ensurePartitions(on: connection!)
        while !state.isStopping {
            let loaded = try outbox.load(
                partitions: primaryPartitions, partitionCount: primaryCount, on: connection!)
            try relay()
            guard loaded > 0 else { break }
        }
        hasInherited = false
    }

    private func markAcknowledged() throws {
        outbox.collect(producer.poll(timeoutMilliseconds: 0))
        guard outbox.hasAcknowledgements else { return }
        try settle()
        try connection!.transaction { transaction in try outbox.mark(in: transaction) }
        outbox.marked()
        state.setBacklog(outbox.backlog)
    }

    private func sweepIfDue(isIdle: Bool) throws {
        if isIdle { try markAcknowledged() }
        let now = ContinuousClock.now
        if now - lastScan > .seconds(Limits.outboxScanSeconds) {
            lastScan = now
            try settle()
            try reconfigure()
            try outbox.ensurePartitions(on: connection!)
            try outbox.load(partitions: primaryPartitions, partitionCount: primaryCount, on: connection!)
            state.setLag(lag())
        }
        guard now - lastSweep > .seconds(Limits.sweepIntervalSeconds), !offsets.positions.isEmpty else { return }
        try settle()
        let sweep = Sweep(
            run: { [self] body in try transact(body) }, partitions: primaryPartitions, partitionCount: primaryCount,
            isFirst: isFirstSweep, isCurrent: isCurrent, isCaughtUp: isCaughtUp,
            positions: offsets.positions.mapValues(\.next), askEnds: { [self] topic in ends(andAllOf: topic) })
        let more = try service.sweep(sweep)
        state.setGauges(service.gauges)
        isFirstSweep = false
        lastSweep = more ? now - .seconds(60) : now
    }

    /// A newer configuration is taken up between batches.
    private func reconfigure() throws {
        let newest = try ConfigurationStore.newestEpoch { try connection!.execute($0) }
        guard newest != epoch else { return }
        epoch = newest
        try service.started(on: connection!)
        log.info("configuration loaded", metadata: ["epoch": "\(newest)"])
    }

    /// A partition of which nothing was fetched yet may hold anything.
    private var isCurrent: Bool {
        offsets.positions.allSatisfy { partition, position in
            consumer?.cachedWatermarks(partition).map { $0.high <= position.next } ?? false
        }
    }

    private var isCaughtUp: Bool { isCurrent && ContinuousClock.now - lastRecord > .seconds(Limits.quietSeconds) }

    /// Asked anew of the brokers: what was heard with a fetch may be as old as the fetch.
    private func ends(andAllOf topic: SystemTopic) -> [TopicPartition: Int64]? {
        do {
            let wait = Limits.endsMilliseconds
            guard let consumer,
                let count = try consumer.partitionCount(topic: topic.rawValue, timeoutMilliseconds: wait)
            else { return nil }
            let all = (0..<Int32(count)).map { TopicPartition(topic: topic.rawValue, partition: $0) }
            return try consumer.ends(of: Array(Set(offsets.positions.keys).union(all)), timeoutMilliseconds: wait)
        } catch {
            log.debug("the brokers do not say where partitions end", metadata: ["reason": "\(Fault.reason(error))"])
            return nil
        }
    }

    private var primaryPartitions: [Int32] {
        offsets.positions.keys.filter { $0.topic == Service.name.topics[0].rawValue }.map(\.partition).sorted()
    }

    private func transact(_ body: (borrowing Transaction, inout Effects) throws -> Void) throws {
        var effects = Effects()
        var staged = Outbox.Staged()
        try retryingConflicts {
            try connection!.transaction { transaction in
                effects = Effects()
                try body(transaction, &effects)
                staged = try keep(effects, in: transaction)
                try outbox.mark(in: transaction)
            }
        }
        committed([], staged.rows, effects, seconds: 0)
    }

    private func drainOutbox(within limit: Duration) throws {
        let end = ContinuousClock.now + limit
        try outbox.relay(through: producer)
        while outbox.backlog > 0 && ContinuousClock.now < end {
            outbox.collect(producer.flush(timeoutMilliseconds: 200))
            try markAcknowledged()
        }
    }

    private func lag() -> [String: Int64] {
        var lag: [String: Int64] = [:]
        for (partition, position) in offsets.positions {
            guard let high = consumer?.cachedWatermarks(partition)?.high, high >= 0 else { continue }
            lag["\(partition.topic)/\(partition.partition)"] = max(0, high - position.next)
        }
        return lag
    }

    // MARK: Joining and leaving

    /// Connects and subscribes; the first poll joins the group.
    private func join() throws {
        if connection == nil || connection!.isBroken { connection = try makeConnection() }
        try service.started(on: connection!)
        guard consumer == nil else { return try offsets.reclaim(on: connection!) }
        var ahead = settings.consumer
        ahead.queuedMaxKilobytes = Limits.readAheadKilobytes(Service.name)
        let consumer = try Consumer(
            kafka, group: Service.name.group, instanceId: settings.instanceId,
            topics: Service.name.topics.map(\.rawValue), settings: ahead,
            onAssigned: { [unowned self] partitions in assigned(partitions) },
            onRevoked: { [unowned self] partitions, lost in revoked(partitions, lost: lost) })
        guard let id = consumer.clusterId(timeoutMilliseconds: 5_000) else {
            throw BrokerUnreachable()
        }
        let cluster = settings.incarnation.map { "\(id)/\($0)" } ?? id
        offsets = Offsets(cluster: cluster, worker: Service.name, holder: holder)
        outbox = Outbox(worker: Service.name, cluster: cluster)
        service.joined(cluster: cluster)
        self.consumer = consumer
        primaryCount = Int32(try consumer.partitionCount(topic: Service.name.topics[0].rawValue) ?? 1)
        log.info("joining", metadata: ["group": "\(Service.name.group)"])
        state.setReady(true)
    }

    private func assigned(_ partitions: [TopicPartition]) -> [TopicPartition: Int64]? {
        while !state.isStopping {
            do {
                try settle()
                if connection == nil || connection!.isBroken {
                    connection = try makeConnection()
                    try offsets.reclaim(on: connection!)
                }
                primaryCount = Int32(try consumer!.partitionCount(topic: Service.name.topics[0].rawValue) ?? 1)
                let starts = try offsets.claim(partitions, on: connection!) { partition in
                    try consumer!.watermarks(partition, timeoutMilliseconds: 5_000).low
                }
                isFirstSweep = true
                hasInherited = true
                lastScan = ContinuousClock.now - .seconds(60)
                log.info("partitions assigned", metadata: ["count": "\(partitions.count)"])
                retry.reset()
                return starts
            } catch let fault where Fault.isOperating(fault) {
                pause(after: fault)
            } catch {
                fatalError("claiming partitions failed: \(error)")
            }
        }
        return nil
    }

    private func revoked(_ partitions: [TopicPartition], lost: Bool) {
        try? settle()
        waiting?.forget(partitions)
        if !lost { try? drainOutbox(within: .seconds(2)) }
        offsets.release(partitions, on: connection)
        outbox.forgetAll()
        lastScan = ContinuousClock.now - .seconds(60)
        log.info("partitions revoked", metadata: ["count": "\(partitions.count)"])
    }

    private func leave() {
        consumer?.close()
        consumer = nil
        offsets.forgetAll()
        outbox.forgetAll()
        waiting = nil
        underWay = nil
        connection = nil
    }

    private func pause(after fault: any Error) {
        state.setReady(false)
        log.warning("waiting", metadata: ["reason": "\(Fault.reason(fault))"])
        let end = ContinuousClock.now + .milliseconds(retry.nextMilliseconds())
        while ContinuousClock.now < end && !state.isStopping {
            state.tick()
            Thread.sleep(forTimeInterval: 0.05)
        }
        state.setReady(consumer != nil)
    }
}
