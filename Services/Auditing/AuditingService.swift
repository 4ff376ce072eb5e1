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
    private var appender = LogAppender(cluster: "")
    private var checkpoints: CheckpointWriter
    /// The records of the last poll, taken apart while the database was still busy with those before.
    private var prepared: [ReceivedRecord] = []

    init(keyDatabaseURL: String, checkpoints: CheckpointWriter) {
        self.keyDatabaseURL = keyDatabaseURL
        self.checkpoints = checkpoints
    }

    var gauges: [Gauge] { checkpoints.gauges }

    mutating func started(on connection: Connection) throws {
        _ = try ConfigurationStore.load { try connection.execute($0) }
        checkpoints.started()
    }

    mutating func joined(cluster: String) { appender = LogAppender(cluster: cluster) }

    /// A key seals a record before anything of it is written.
    private mutating func keyDatabase() throws -> KeyDatabase {
        if let keys, !keys.isBroken { return keys }
        let made = try KeyDatabase(keyDatabaseURL, applicationName: "quorate-auditing")
        keys = made
        return made
    }

    mutating func prepare(_ records: [Record]) { prepared = AuditingService.received(records) }

    private static func received(_ records: [Record]) -> [ReceivedRecord] {
        records.inParallel { part in part.map { ReceivedRecord($0, Contract.peek(IncomingEvent($0))) } }.flatMap(\.self)
    }

    mutating func apply(
        _ records: [Record], in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        // Some may have been left out since, or only a part is tried again.
        try append(prepared.are(records) ? prepared : AuditingService.received(records), in: transaction)
        effects.applied += records.count
    }

    /// What ends the process when it is looked into is an entry too, found by what its key and headers say. Nothing of it
    /// is kept aside but its place and the reason.
    mutating func setAside(_ quarantined: inout [Quarantined], in transaction: borrowing Transaction) throws {
        try append(
            quarantined.map { ReceivedRecord($0.record, Contract.peek(IncomingEvent($0.record.label))) },
            in: transaction)
        for place in quarantined.indices { quarantined[place].record = quarantined[place].record.withoutContent }
    }

    private mutating func append(_ received: [ReceivedRecord], in transaction: borrowing Transaction) throws {
        let keys = try keyDatabase()
        do {
            try appender.append(received, in: transaction) { erasure in
                try keys.seals(of: received.map { KeyOwner($0) }, lastErasure: erasure)
            }
        } catch let fault as LogStateFault {
            throw TablesRefuse(place: "\(fault.place)", why: fault.why)
        }
    }

    mutating func sweep(_ sweep: borrowing Sweep) throws -> Bool {
        try checkpoints.sweep(sweep)
        return false
    }
}

extension ReceivedRecord {
    fileprivate init(_ record: Record, _ peek: Peek) {
        let headers = record.headers.map { RecordContent.Header(name: $0.name, value: $0.value) }
        self.init(
            topic: record.topic, partition: record.partition, offset: record.offset, timestamp: record.timestamp,
            content: RecordContent(key: record.key, headers: headers, value: record.value), type: peek.type,
            source: peek.source, id: peek.id, authority: peek.authority, subject: peek.subject,
            correlationId: peek.correlationid)
    }
}

extension [ReceivedRecord] {
    fileprivate func are(_ records: [Record]) -> Bool {
        count == records.count
            && zip(self, records).allSatisfy {
                $0.offset == $1.offset && $0.partition == $1.partition && $0.topic == $1.topic
            }
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
