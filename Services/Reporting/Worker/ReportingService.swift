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
    private var freshness = Freshness(cluster: "")
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

    mutating func joined(cluster: String) { freshness = Freshness(cluster: cluster) }

    func preparation(of records: [Record]) -> @Sendable () -> [Heard] { { ReportingService.hear(records) } }

    private static func hear(_ records: [Record]) -> [Heard] {
        records.inParallel { part in part.map(Heard.init) }.flatMap(\.self)
    }

    func apply(
        _ records: [Record], prepared: [Heard]?, in transaction: borrowing Transaction, _ effects: inout Effects
    ) throws {
        var events: [CaseEvent] = []
        var directory: [CaseEvent] = []
        var outcomes: [OutcomeEvent] = []
        var notifications: [OutcomeEvent] = []
        for (record, heard) in zip(records, prepared ?? ReportingService.hear(records)) {
            switch heard {
            case .ofCase(let event): events.append(event)
            case .ofDirectory(let event): directory.append(event)
            case .outcome(let event): outcomes.append(event)
            case .ofNotifications(let event): notifications.append(event)
            case .refused(let refusal): effects.quarantine(record, refusal)
            case .nothing: break
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
        if try freshness.follow(sweep) { try warnOfSilence(sweep) }
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

/// What a record says to reporting.
enum Heard: Sendable {
    case ofCase(CaseEvent)
    case ofDirectory(CaseEvent)
    case outcome(OutcomeEvent)
    case ofNotifications(OutcomeEvent)
    case refused(Refusal)
    /// Of no concern here, or of the integrations and refused: others judge those.
    case nothing

    init(_ record: Record) {
        let incoming = IncomingEvent(record)
        let topic = SystemTopic(rawValue: record.topic)
        switch topic {
        case .caseEvents: self = (try? Contract.decode(incoming, on: .caseEvents)).map(Heard.ofCase) ?? .nothing
        case .directoryEvents:
            self = (try? Contract.decode(incoming, on: .directoryEvents)).map(Heard.ofDirectory) ?? .nothing
        default:
            do throws(Refusal) {
                let event = try Contract.decodeOutcome(incoming)
                let isOfNotifications = topic == .notificationEvents
                self =
                    !isOfNotifications
                    ? .outcome(event) : event.name == "escalation.raised" ? .nothing : .ofNotifications(event)
            } catch {
                self = .refused(error)
            }
        }
    }
}
