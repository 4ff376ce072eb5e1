import Synchronization

/// What the loop tells, and what the health port and the signals read and set from other threads.
public final class WorkerState: Sendable {
    struct Figures {
        var consumed = 0
        var applied = 0
        var duplicates = 0
        var quarantined = 0
        var batches = 0
        var batchSeconds = 0.0
        var backlog = 0
        var lag: [String: Int64] = [:]
        var gauges: [Gauge] = []
        var isReady = false
        var lastTick = ContinuousClock.now
    }

    private let figures = Mutex(Figures())
    private let stopping = Atomic(false)

    public init() {}

    public var isStopping: Bool { stopping.load(ordering: .relaxed) }
    public func stop() { stopping.store(true, ordering: .relaxed) }

    func tick() { figures.withLock { $0.lastTick = .now } }
    func setReady(_ ready: Bool) { figures.withLock { $0.isReady = ready } }
    func setBacklog(_ rows: Int) { figures.withLock { $0.backlog = rows } }
    func setGauges(_ gauges: [Gauge]) { figures.withLock { $0.gauges = gauges } }
    func setLag(_ lag: [String: Int64]) { figures.withLock { $0.lag = lag } }

    func count(consumed: Int, applied: Int, duplicates: Int, quarantined: Int, seconds: Double, backlog: Int) {
        figures.withLock {
            $0.consumed += consumed
            $0.applied += applied
            $0.duplicates += duplicates
            $0.quarantined += quarantined
            $0.batches += consumed > 0 ? 1 : 0
            $0.batchSeconds += seconds
            $0.backlog = backlog
        }
    }

    /// False only where the loop itself hangs; an outage of others leaves it true.
    public var isHealthy: Bool {
        figures.withLock { ContinuousClock.now - $0.lastTick < .seconds(Limits.watchdogSeconds) }
    }

    /// Database and broker answer, and the worker is not stopping.
    public var isReady: Bool { figures.withLock { $0.isReady } && !isStopping }

    /// Prometheus text format 0.0.4.
    public func prometheus(worker: WorkerName) -> String {
        let now = figures.withLock { $0 }
        var text = ""
        func metric(_ name: String, _ kind: String, _ help: String, _ value: some CustomStringConvertible) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
            text += "\(name){worker=\"\(worker.rawValue)\"} \(value)\n"
        }
        metric("quorate_records_consumed_total", "counter", "Kafka records passed.", now.consumed)
        metric("quorate_events_applied_total", "counter", "Events that had an effect.", now.applied)
        metric("quorate_events_duplicate_total", "counter", "Events known already.", now.duplicates)
        metric("quorate_events_quarantined_total", "counter", "Events set aside.", now.quarantined)
        metric("quorate_batch_seconds_sum", "counter", "Seconds spent in batches.", now.batchSeconds)
        metric("quorate_batch_seconds_count", "counter", "Batches.", now.batches)
        metric("quorate_outbox_backlog", "gauge", "Outbox rows not yet acknowledged by Kafka.", now.backlog)
        metric("quorate_ready", "gauge", "1 where the worker can do its work.", now.isReady ? 1 : 0)
        for gauge in now.gauges {
            text += "# HELP \(gauge.name) \(gauge.help)\n# TYPE \(gauge.name) gauge\n"
            for (values, number) in gauge.values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                let labels = zip(gauge.labels, values).map { ",\($0)=\"\(WorkerState.escaped($1))\"" }.joined()
                let figure = Int64(exactly: number).map(String.init) ?? String(number)
                text += "\(gauge.name){worker=\"\(worker.rawValue)\"\(labels)} \(figure)\n"
            }
        }
        text += "# HELP kafka_consumergroup_lag Records not yet applied.\n# TYPE kafka_consumergroup_lag gauge\n"
        for (place, lag) in now.lag.sorted(by: { $0.key < $1.key }) {
            let parts = place.split(separator: "/")
            text += "kafka_consumergroup_lag{consumergroup=\"\(worker.group)\",topic=\"\(parts[0])\","
            text += "partition=\"\(parts[1])\"} \(lag)\n"
        }
        return text
    }

    /// A label's value: "backslash, double-quote and line feed must be escaped".
    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
