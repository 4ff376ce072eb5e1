import Foundation

/// Lets a few systems live at a time, and gives each test a thread of its own, since tests here wait for processes.
actor Gate {
    static let shared = Gate(
        places: ProcessInfo.processInfo.environment["QUORATE_TEST_SYSTEMS"].flatMap { Int($0) } ?? 5)

    private var places: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.places = places }

    func enter() async {
        if places > 0 {
            places -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty {
            places += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}

/// Runs each job on a new thread: a test that blocks keeps no other from running.
public final class ThreadPerJob: TaskExecutor {
    public static let shared = ThreadPerJob()

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let thread = Thread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        thread.stackSize = 8 << 20
        thread.start()
    }
}
