import Dispatch
import Foundation
import Synchronization

extension RandomAccessCollection where Self: Sendable, Index == Int, SubSequence: Sendable {
    /// Works on parts of the collection on all cores at once, and returns what each gave in their order. For pure work
    /// on values that do not depend on one another, while the database has nothing to do.
    public func inParallel<Part: Sendable>(_ work: @Sendable (SubSequence) -> Part) -> [Part] {
        // More parts than cores, so that one slow part does not leave a core idle.
        let parts = Swift.min(count / Limits.parallelMinimum, 4 * ProcessInfo.processInfo.activeProcessorCount)
        guard parts > 1 else { return isEmpty ? [] : [work(self[...])] }
        let done = Mutex([Part?](repeating: nil, count: parts))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = (startIndex + count * part / parts)..<(startIndex + count * (part + 1) / parts)
            let result = work(self[range])
            done.withLock { $0[part] = result }
        }
        return done.withLock { $0.map { $0! } }
    }
}
