import Dispatch
import Kafka
import Synchronization

/// The records of a poll that come after those being applied, and what other threads make of them meanwhile.
struct Waiting<Prepared: Sendable> {
    var records: [Record]
    /// Of all the records; `nil` where they are to be looked at one by one, or some were taken away.
    var preparation: Errand<Prepared>?

    /// Takes away those of partitions that are read again from elsewhere, or by another worker.
    mutating func forget(_ partitions: [TopicPartition]) {
        let left = records.filter { !partitions.contains($0.topicPartition) }
        guard left.count < records.count else { return }
        records = left
        preparation = nil
    }
}

/// Work that another thread does meanwhile.
final class Errand<Result: Sendable>: Sendable {
    private let done = DispatchGroup()
    private let found = Mutex<Result?>(nil)

    init(_ work: @escaping @Sendable () -> Result) {
        DispatchQueue.global().async(group: done) { [self] in
            let result = work()
            found.withLock { $0 = result }
        }
    }

    /// Waits for its end.
    var result: Result {
        done.wait()
        return found.withLock { $0! }
    }
}
