import CaseEvents
import Foundation
import Kafka
import Logging
import Postgres
import ReadModels
import RecurringLists
import StatutoryRules
import Workers

/// Draws read models from the facts and from what scheduling decided; decides nothing itself.
struct ReportingService: WorkerService {
    static let name = WorkerName.reporting

    private let folder: String?
    private let log: Logger
    private var store: ConfigurationStore?
    private let since = Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    private var lastLists = ContinuousClock.now
    private(set) var gauges: [Gauge] = []
    /// Between two looks at what is due.
    private static let listSeconds = 2

    init(folder: String?, log: Logger) {
        self.folder = folder
        self.log = log
    }

    mutating func started(on connection: Connection) throws {
        store = try ConfigurationStore.load { try connection.execute($0) }
    }

    func apply(_ records: [Record], in transaction: borrowing Transaction, _ effects: inout Effects) throws {
        var events: [CaseEvent] = []
        var directory: [CaseEvent] = []
        var outcomes: [OutcomeEvent] = []
        var notifications: [OutcomeEvent] = []
        for record in records {
            switch SystemTopic(rawValue: record.topic) {
            // Scheduling alone judges case events: what it refuses is skipped here.
            case .caseEvents: if let event = ReportingService.event(record, on: .caseEvents) { events.append(event) }
            case .directoryEvents:
                if let event = ReportingService.event(record, on: .directoryEvents) { directory.append(event) }
            case let topic:
                do throws(Refusal) {
                    let event = try Contract.decodeOutcome(IncomingEvent(record))
                    if topic != .notificationEvents {
                        outcomes.append(event)
                    } else if event.name != "escalation.raised" {
                        notifications.append(event)
                    }
                } catch {
                    effects.quarantine(record, error)
                }
            }
        }
        let duties = outcomes.filter { $0.name.hasPrefix("deadline.") }
        let findings = outcomes.filter { $0.name.hasPrefix("finding.") }
        let (judged, refusals) = try FindingModel.store(findings, in: transaction)
        try FindingModel.storeEscalations(outcomes.filter { $0.name.hasPrefix("notice.") }, in: transaction)
        let told =
            try DutyModel.store(duties, in: transaction) + judged
            + NotificationModel.store(notifications, in: transaction)
        let fresh = try CaseModels(store: store!)
            .draw(from: events, and: refusals, in: transaction)
        try StaffModel.store(directory, in: transaction)
        try SourceModel.hear(events, in: transaction)
        effects.applied += fresh + told + directory.count
        effects.duplicates += events.count - fresh + duties.count + findings.count + notifications.count - told
    }

    private mutating func warnOfSilence(_ sweep: borrowing Sweep) throws {
        var silent: [SourceModel.Silent] = []
        try sweep.transaction { transaction, _ in
            silent = try SourceModel.warn(in: transaction)
            gauges = try SourceModel.gauges(in: transaction)
        }
        for source in silent {
            log.error(
                "a source is silent beyond its rhythm: what is missed since may only be unheard",
                metadata: [
                    "authority": "\(source.authority)", "source": "\(source.source)", "hours": "\(source.hours)",
                ])
        }
    }

    private static func event(_ record: Record, on topic: Topic) -> CaseEvent? {
        try? Contract.decode(IncomingEvent(record), on: topic)
    }

    private func write(_ list: PublishedList) {
        guard let folder else { return }
        do { try list.write(to: folder) } catch {
            log.error(
                "a list could not be written: look at --lists-folder (QUORATE_LISTS_FOLDER); quorate lists show has it",
                metadata: ["kind": "\(list.kind.rawValue)", "reason": "\((error as NSError).code)"])
        }
    }

    mutating func sweep(_ sweep: borrowing Sweep) throws -> Bool {
        var isMore = false
        let models = CaseModels(store: store!)
        try sweep.transaction { transaction, _ in isMore = try models.redraw(in: transaction) }
        if isMore { return true }
        if sweep.isCaughtUp {
            try Freshness.note(sweep)
            try warnOfSilence(sweep)
        }
        guard ContinuousClock.now - lastLists > .seconds(ReportingService.listSeconds) else { return false }
        lastLists = .now
        let lists = Lists(configuration: store!.configuration, since: since)
        var published: [PublishedList] = []
        try sweep.transaction { transaction, effects in
            published = try lists.publishDue(in: transaction, &effects)
            // Before the commit: no list is published whose files a crash then kept from being.
            for list in published { write(list) }
        }
        for list in published {
            log.info("list published", metadata: ["kind": "\(list.kind.rawValue)", "rows": "\(list.rowCount)"])
        }
        return false
    }
}
