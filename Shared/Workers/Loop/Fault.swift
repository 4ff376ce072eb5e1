import CaseEvents
import Kafka
import Postgres
import StatutoryRules

/// Which errors are operating faults, to be waited out, and what may be said of them.
enum Fault {
    static func isOperating(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.isTransient || error.isConflict
        case let error as KafkaError: !error.isFatal || error.isFenced
        case is BrokerUnreachable, is Offsets.Fenced, is Offsets.BrokerRefused, is TablesRefuse,
            is ConfigurationStore.NotMigrated:
            true
        default: false
        }
    }

    /// Without the values of statements and records.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as PostgresError: "database: \(error)"
        case let error as KafkaError: "broker: \(error.message)"
        case is BrokerUnreachable: "no broker answers"
        case is Offsets.Fenced: "another worker took over these partitions"
        case let error as Offsets.BrokerRefused: error.remedy
        case let error as TablesRefuse: error.remedy
        case let error as ConfigurationStore.NotMigrated: error.description
        default: "\(type(of: error))"
        }
    }
}

extension PostgresError {
    /// Over with the transaction itself: serialisation failure, deadlock, lock not available.
    var isConflict: Bool { ["40001", "40P01", "55P03"].contains(sqlState ?? "") }
}

extension KafkaError {
    /// Another member came with the same `group.instance.id`.
    var isFenced: Bool { code == -144 || code == 82 }
}

/// The tables do not take a record that must be kept as it came. Nothing is passed by.
public struct TablesRefuse: Error {
    /// Topic and partition, and the offset where it is known.
    let place: String
    let why: String
    let remedy: String

    /// `remedy`: where the tables are in order.
    public init(place: String, why: String, remedy: String? = nil) {
        self.place = place
        self.why = why
        let mend = """
            the state of its log is wrong. Run quorate audit verify, and restore the database where it finds a fault
            """
        self.remedy = "the tables do not take \(place) (\(why)): \(remedy ?? mend)"
    }
}

/// No broker answered.
struct BrokerUnreachable: Error {}

extension Refusal {
    static func stoppedTheProcess(_ label: Peek) -> Refusal {
        Refusal(
            code: "stopped_the_process",
            reason: """
                this record ended the worker three times, the last two while it was processed alone; it is set aside \
                until the defect is mended: report it with the release, then replay it
                """, label)
    }

    static func refusedByDatabase(_ error: PostgresError, _ label: Peek) -> Refusal {
        Refusal(
            code: "refused_by_database",
            reason:
                "the database refuses to store it (SQLSTATE \(error.sqlState ?? "unknown")): report it, then replay it",
            label)
    }

    private init(code: String, reason: String, _ label: Peek) {
        self.init(
            code: code, reason: reason, id: label.id, source: label.source, subject: label.subject,
            authority: label.authority, type: label.type)
    }
}

/// Waiting times: doubling from a tenth of a second to ten seconds, with jitter.
struct Backoff {
    private var attempt = 0

    mutating func reset() { attempt = 0 }

    mutating func nextMilliseconds() -> Int {
        let ceiling = min(Limits.retryMaximumMilliseconds, Limits.retryMilliseconds << min(attempt, 10))
        attempt += 1
        return Int.random(in: ceiling / 2...ceiling)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension IncomingEvent {
    public init(_ record: Record) {
        self.init(key: record.key, headers: record.headers.map { ($0.name, $0.value) }, value: record.value)
    }
}

extension Record {
    /// The same without its value.
    public var label: Record {
        Record(
            topic: topic, partition: partition, offset: offset, timestamp: timestamp, key: key, value: nil,
            headers: headers)
    }

    /// Its place alone.
    public var withoutContent: Record {
        Record(topic: topic, partition: partition, offset: offset, timestamp: timestamp, key: nil, value: nil)
    }

    /// Names the record without any of its content.
    var place: String { "\(topic)/\(partition)/\(offset)" }
}

extension PGUUID: CustomStringConvertible {
    static func random() -> PGUUID { PGUUID(bytes: (0..<16).map { _ in UInt8.random(in: .min ... .max) }) }

    public init(_ id: NameUUID) { self.init(bytes: id.bytes) }

    /// Reads the 36 characters that `description` gives.
    public init?(_ text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for at in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(decoding: digits[at..<at + 2], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        self.init(bytes: bytes)
    }

    public var description: String {
        let digits = hex(bytes)
        var text = ""
        for (place, character) in digits.enumerated() {
            if [8, 12, 16, 20].contains(place) { text.append("-") }
            text.append(character)
        }
        return text
    }
}

extension PGTimestamp {
    public init(_ instant: Instant) { self.init(microsecondsSince1970: instant.microseconds) }
    public var instant: Instant { Instant(microseconds: microsecondsSince1970) }
}

extension PGDate {
    public init(_ day: Day) { self.init(daysSince1970: day.number) }
    public var day: Day { Day(number: daysSince1970) }
}
