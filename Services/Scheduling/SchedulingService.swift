import CaseEvents
import Kafka
import Logging
import Postgres
import StatutoryRules
import Workers

/// The duty ledger. Whoever writes a case holds its row: events, sweeps and replays alike.
struct SchedulingService: WorkerService {
    static let name = WorkerName.scheduling

    private let stopAt: String?
    private let log: Logger
    private var store: ConfigurationStore?
    /// Events of types unknown to an earlier release are still to be looked through, some at a time.
    private var replaysUnknown = false
    /// No index leads to cases of an older epoch: they are looked for after a change, while there are any, and once a
    /// minute, since a worker that had not seen the change yet may have left some.
    private var hasOlderEpochs = true
    private var lastLook = ContinuousClock.now

    init(stopAt: String?, log: Logger) {
        self.stopAt = stopAt
        self.log = log
    }

    mutating func started(on connection: Connection) throws {
        store = try ConfigurationStore.load { try connection.execute($0) }
        hasOlderEpochs = true
        let last = try connection.execute(
            "SELECT coalesce(max(version_id), 0)::bigint AS last FROM scheduling.deadline_version")[0].int64("last")
        try connection.execute(
            """
            SELECT configuration.ensure_partitions('scheduling.deadline_version'::regclass,
                \(last + 2 * Limits.partitionRows), \(Limits.partitionRows))
            """)
    }

    func preparation(of records: [Record]) -> @Sendable () -> [Decoded] {
        { [stopAt] in SchedulingService.decode(records, stoppingAt: stopAt) }
    }

    func apply(
        _ records: [Record], prepared: [Decoded]?, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        var arrivals: [Arrival] = []
        for decoded in prepared ?? SchedulingService.decode(records, stoppingAt: stopAt) {
            do throws(Refusal) {
                let arrival = try decoded.arrival.get()
                try store!.admit(arrival.event.envelope)
                arrivals.append(arrival)
            } catch {
                effects.quarantine(decoded.record, error)
            }
        }
        var ledger = Ledger(store: store!)
        for group in arrivals.chunked(byCases: Limits.batchCases) {
            try ledger.receive(group, in: transaction, &effects)
        }
    }

    private static func decode(_ records: [Record], stoppingAt stopAt: String?) -> [Decoded] {
        records.inParallel { part in
            part.map { record in
                let arrival = Swift.Result<Arrival, Refusal> { () throws(Refusal) in
                    Arrival(event: try Contract.decode(IncomingEvent(record), on: .caseEvents), record: record)
                }
                if let stopAt, stopAt == (try? arrival.get())?.eventKey.id {
                    fatalError("stopped at the event it was told to")
                }
                return Decoded(record: record, arrival: arrival)
            }
        }.flatMap { $0 }
    }

    func setAside(_ quarantined: inout [Quarantined], in transaction: borrowing Transaction) throws {
        try Ledger(store: store!).flagRepairs(of: &quarantined, in: transaction)
    }

    mutating func sweep(_ sweep: borrowing Sweep) throws -> Bool {
        var isMore = false
        let store = store!
        let (partitions, count) = (sweep.partitions, sweep.partitionCount)
        let isFirst = sweep.isFirst
        let older = hasOlderEpochs || isFirst || ContinuousClock.now - lastLook > .seconds(60)
        if older { lastLook = .now }
        try sweep.transaction { transaction, effects in
            var ledger = Ledger(store: store)
            let swept = try ledger.sweep(
                partitions: partitions, of: count, olderEpochs: older, in: transaction, &effects)
            isMore = swept == Limits.sweepCases
        }
        hasOlderEpochs = older && isMore
        let withUnknown = isFirst || replaysUnknown
        var isMoreToReplay = false
        try sweep.transaction { transaction, effects in
            var ledger = Ledger(store: store)
            isMoreToReplay = try Replay(store: store).run(
                withUnknown: withUnknown, with: &ledger, in: transaction, &effects)
        }
        replaysUnknown = withUnknown && isMoreToReplay
        return isMore || isMoreToReplay
    }
}

/// A record, and what it says.
struct Decoded: Sendable {
    let record: Record
    let arrival: Swift.Result<Arrival, Refusal>
}

/// An event with the record that carried it: an object, since it is large and goes through many hands.
final class Arrival: Sendable {
    let event: CaseEvent
    let record: Record
    let caseKey: CaseKey
    let eventKey: EventKey

    init(event: CaseEvent, record: Record) {
        self.event = event
        self.record = record
        caseKey = CaseKey(authority: event.envelope.authority, subject: event.envelope.subject)
        eventKey = EventKey(source: event.envelope.source, id: event.envelope.id)
    }
}

struct CaseKey: Hashable, Comparable, Sendable {
    let authority: String
    let subject: String
    static func < (left: CaseKey, right: CaseKey) -> Bool {
        (left.authority, left.subject) < (right.authority, right.subject)
    }
}

extension [Arrival] {
    /// Runs of arrivals in order that touch at most so many cases.
    func chunked(byCases limit: Int) -> [[Arrival]] {
        var chunks: [[Arrival]] = []
        var current: [Arrival] = []
        var cases: Set<CaseKey> = []
        for arrival in self {
            if cases.count == limit && !cases.contains(arrival.caseKey) {
                chunks.append(current)
                current = []
                cases = []
            }
            cases.insert(arrival.caseKey)
            current.append(arrival)
        }
        return current.isEmpty ? chunks : chunks + [current]
    }
}
