import AuditLog
import CaseEvents
import Kafka
import Logging
import Postgres
import TransparencyLog
import Workers

/// Appends. Judges nothing: what others refuse is evidence too.
struct AuditingService: WorkerService {
    static let name = WorkerName.auditing
    static let setsRefusedAside = false

    private let keyDatabaseURL: String
    private var keys: KeyDatabase?
    private var cluster = ""
    private var appender = LogAppender(cluster: "")
    private var checkpoints: CheckpointWriter

    init(keyDatabaseURL: String, checkpoints: CheckpointWriter) {
        self.keyDatabaseURL = keyDatabaseURL
        self.checkpoints = checkpoints
    }

    var gauges: [Gauge] { checkpoints.gauges }

    mutating func started(on connection: Connection) throws {
        _ = try ConfigurationStore.load { try connection.execute($0) }
        checkpoints.started()
    }

    mutating func joined(cluster: String) {
        self.cluster = cluster
        appender = LogAppender(cluster: cluster)
    }

    /// A key seals a record before anything of it is written.
    private mutating func keyDatabase() throws -> KeyDatabase {
        if let keys, !keys.isBroken { return keys }
        let made = try KeyDatabase(keyDatabaseURL, applicationName: "quorate-auditing")
        keys = made
        return made
    }

    /// Sealed ahead where the key is known: that takes as long as all the rest.
    func preparation(of records: [Record]) -> @Sendable () -> [OwnedRecord] {
        { [cluster, cache = keys?.cache] in
            records.inParallel { part in
                var owned = part.map { OwnedRecord($0, Contract.peek(IncomingEvent($0))) }
                var sealer = RecordSealer(cluster: cluster)
                for (place, key) in (cache?.keys(of: owned.map(\.owner)) ?? []).enumerated() {
                    guard let key else { continue }
                    owned[place].sealed = sealer.seal(owned[place].record, by: key)
                }
                return owned
            }.flatMap(\.self)
        }
    }

    mutating func apply(
        _ records: [Record], prepared: [OwnedRecord]?, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        try append(prepared ?? preparation(of: records)(), in: transaction)
        effects.applied += records.count
    }

    /// What ends the process when it is looked into is an entry too, found by what its key and headers say. Nothing of it
    /// is kept aside but its place and the reason.
    mutating func setAside(_ quarantined: inout [Quarantined], in transaction: borrowing Transaction) throws {
        try append(
            quarantined.map { OwnedRecord($0.record, Contract.peek(IncomingEvent($0.record.label))) },
            in: transaction)
        for place in quarantined.indices { quarantined[place].record = quarantined[place].record.withoutContent }
    }

    private mutating func append(_ owned: [OwnedRecord], in transaction: borrowing Transaction) throws {
        let keys = try keyDatabase()
        do {
            try appender.append(owned.map(\.record), ahead: owned.map(\.sealed), in: transaction) { erasure in
                try keys.seals(of: owned.map(\.owner), lastErasure: erasure)
            }
        } catch let fault as LogStateFault {
            throw TablesRefuse(place: "\(fault.place)", why: fault.why, remedy: fault.remedy)
        }
    }

    mutating func sweep(_ sweep: borrowing Sweep) throws -> Bool {
        try checkpoints.sweep(sweep)
        return false
    }
}

/// A record, and whose key seals it.
struct OwnedRecord: Sendable {
    let record: ReceivedRecord
    let owner: KeyOwner
    var sealed: SealedRecord?

    fileprivate init(_ record: Record, _ peek: Peek) {
        self.record = ReceivedRecord(record, peek)
        owner = KeyOwner(self.record)
    }
}

extension ReceivedRecord {
    fileprivate convenience init(_ record: Record, _ peek: Peek) {
        let headers = record.headers.map { RecordContent.Header(name: $0.nameBytes, value: $0.valueBytes) }
        self.init(
            topic: record.topic, partition: record.partition, offset: record.offset, timestamp: record.timestamp,
            content: RecordContent(key: record.key, headers: headers, value: record.value), type: peek.type,
            source: peek.source, id: peek.id, authority: peek.authority, subject: peek.subject,
            correlationId: peek.correlationid)
    }
}

extension KeyOwner {
    /// Of a record: a case's key where it is of a case, a list's own, else the authority's of the year.
    fileprivate init(_ record: ReceivedRecord) {
        let topic = SystemTopic(rawValue: record.topic)
        if topic == .reportEvents, let id = record.id {
            self.init(authority: record.authority, listEvent: id, timestamp: record.timestamp)
            return
        }
        let isOfCase =
            switch topic {
            case .caseEvents, .caseOutcomes, .deadLetters: true
            // What is published of lists has this subject.
            case .notificationEvents: record.subject != "lists"
            // So is what an operator did to no case.
            case .operatorEvents: record.subject != "operator"
            case .directoryEvents, .reportEvents, nil: false
            }
        self.init(
            authority: record.authority, subject: record.subject, isOfCase: isOfCase, timestamp: record.timestamp)
    }
}
