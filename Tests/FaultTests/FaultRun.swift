import CaseEvents
import Embedded
import Foundation
import Kafka
import Postgres
import TestSupport
import Workers

/// Carries a plan out on a system, and gathers what went wrong.
final class FaultRun {
    let plan: FaultPlan
    let system: TestSystem
    var problems: [String] = []
    private var random: SeededRandom
    private var members: [FaultPlan.Member: WorkerInstance] = [:]
    /// Ended by the plan, and not yet started again.
    private var down: Set<FaultPlan.Member> = []
    /// What ends the faults that still hold.
    private var endings: [() throws -> Void] = []

    init(_ plan: FaultPlan, on system: TestSystem) {
        self.plan = plan
        self.system = system
        random = SeededRandom(seed: plan.seed &+ 1_000_003)
    }

    // MARK: The schedule

    func run() throws {
        let feed = try Feed(seed: plan.seed, on: system)
        try system.watchOffsets()
        for name in WorkerName.allCases {
            for number in 1...plan.members[name]! {
                members[FaultPlan.Member(name: name, number: number)] = try system.start([name])[0]
            }
        }
        let portions = feed.portions(plan.steps.count, &random)
        for (step, portion) in zip(plan.steps, portions) {
            let before = progress(of: step.watched)
            try publish(portion)
            let due = before + Int64(step.share * Double(share(of: portion, for: step.watched)))
            try pause(upTo: 5_000) { progress(of: step.watched) >= due }
            let former = endings
            endings = []
            try strike(step)
            for end in former { try end() }
            if !step.overlaps { try endFaults() }
        }
        try endFaults()
        // An impostor is one only where the first was taken before it.
        let first = Feed.id(feed.lines[0])
        try pause(upTo: 60_000) {
            attempt {
                try system.number(
                    "SELECT (SELECT count(*) FROM scheduling.fact WHERE event_id = \(first)) + (SELECT count(*) FROM reporting.fact WHERE event_id = \(first))"
                ) == 2
            } ?? false
        }
        try system.send([feed.impostor])
        try system.waitUntilAtRest { try lookForEnds() }
        try stop()
        problems += try Checks(system: system, feed: feed, plan: plan).run()
    }

    private func publish(_ portion: [Feed.Item]) throws {
        let count = Int32(plan.partitions)
        try system.send(portion) { [self] in
            plan.isForeignPartitioner ? Int32.random(in: 0..<count, using: &random) : nil
        }
    }

    private func strike(_ step: FaultPlan.Step) throws {
        switch step.fault {
        case .kill(let member):
            down.insert(member)
            members[member]!.signal(SIGCONT)
            members[member]!.crash()
            endings.append { [self] in try restart(member, after: step.pause) }
        case .leave(let member):
            down.insert(member)
            let status = try members[member]!.stop()
            if status != 0 { problems.append("\(member) ended with \(status) on SIGTERM") }
            endings.append { [self] in try restart(member, after: step.pause) }
        case .freeze(let member, let milliseconds):
            members[member]!.signal(SIGSTOP)
            let end = ContinuousClock.now + .milliseconds(milliseconds)
            endings.append { [self] in
                try pause(upTo: 30_000) { ContinuousClock.now >= end }
                members[member]!.signal(SIGCONT)
            }
        case .stopDatabase(let milliseconds):
            try system.cluster.postgres.stop(mode: .immediate)
            let end = ContinuousClock.now + .milliseconds(milliseconds)
            endings.append { [self] in
                try pause(upTo: 30_000) { ContinuousClock.now >= end }
                try system.cluster.postgres.restart()
            }
        case .brokerErrors(let request, let codes):
            system.broker.pushErrors(request: request, codes)
            endings.append { [self] in system.broker.clearErrors(request: request) }
            // They are for the workers: give them time to meet some before the next portion does.
            try pause(upTo: 500) { false }
        case .brokerDown(let milliseconds):
            try system.broker.setDown()
            let end = ContinuousClock.now + .milliseconds(milliseconds)
            // Nothing could be published meanwhile: it ends with its own step.
            try pause(upTo: 30_000) { ContinuousClock.now >= end }
            try system.broker.setUp()
        }
    }

    private func restart(_ member: FaultPlan.Member, after milliseconds: Int) throws {
        try pause(upTo: milliseconds) { false }
        try members[member]!.launch()
        down.remove(member)
    }

    private func endFaults() throws {
        let due = endings
        endings = []
        for end in due { try end() }
    }

    /// What it was through, in one line.
    func summary() throws -> String {
        let logs = members.values.map(\.logText)
        func count(_ words: String) -> Int { logs.reduce(0) { $0 + $1.ranges(of: "\"\(words)\"").count } }
        return """
            \(plan.steps.count) faults, \(try system.number("SELECT count(*) FROM auditing.entry")) records, \
            \(system.mailFiles.count) messages, \(count("partitions assigned")) assignments, \(count("waiting")) waits
            """
    }

    // MARK: Looking on

    /// Waits for a condition, and no longer than a time; meanwhile sees whether a worker ended by itself.
    private func pause(upTo milliseconds: Int, until condition: () -> Bool) throws {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while !condition(), ContinuousClock.now < end {
            try lookForEnds()
            usleep(2_000)
        }
    }

    private func lookForEnds() throws {
        for (member, instance) in members where !down.contains(member) && !instance.isRunning {
            let words = instance.latestLog.split(separator: "\n").suffix(5).joined(separator: "\n      ")
            problems.append("\(member) ended by itself with status \(instance.exitStatus ?? -1):\n      \(words)")
            try instance.launch()
        }
    }

    /// Rows by which a worker's work is seen to go on.
    private func progress(of name: WorkerName) -> Int64 {
        attempt {
            switch name {
            case .scheduling: try system.number("SELECT count(*) FROM scheduling.fact")
            case .notifications:
                try system.number("SELECT coalesce(sum(next_offset), 0)::bigint FROM notifications.kafka_offset")
            case .reporting: try system.number("SELECT count(*) FROM reporting.fact")
            case .auditing: try system.number("SELECT count(*) FROM auditing.entry")
            }
        } ?? 0
    }

    private func share(of portion: [Feed.Item], for name: WorkerName) -> Int {
        switch name {
        case .scheduling, .reporting: portion.count { $0.isGood && $0.topic == .caseEvents }
        case .notifications: portion.count
        // With the outcomes that follow.
        case .auditing: portion.count * 2
        }
    }

    private func attempt<R>(_ body: () throws -> R) -> R? { try? body() }

    // MARK: The end

    /// All workers end in order; nothing may be left to do then either.
    private func stop() throws {
        for (member, instance) in members {
            if instance.isRunning { instance.signal(SIGTERM) } else { problems.append("\(member) does not run") }
        }
        for (member, instance) in members {
            let status = try instance.stop()
            if status != 0 { problems.append("\(member) ended with \(status) on SIGTERM") }
        }
        try system.waitUntilCaughtUp(within: .seconds(2))
    }
}

extension Feed {
    static func id(_ line: String) -> String { (try? JSONValue(line))?["id"]?.string ?? "" }
    static func subject(_ line: String) -> String { (try? JSONValue(line))?["subject"]?.string ?? "" }
}

extension TestSystem {
    /// Until nothing is left to do, and lists, which reporting draws when all is quiet, were written and sent.
    func waitUntilAtRest(meanwhile: () throws -> Void = {}) throws {
        let end = ContinuousClock.now + .seconds(240)
        var seen: Int64 = -1
        while ContinuousClock.now < end {
            do {
                try waitUntilCaughtUp(within: .seconds(180), meanwhile: meanwhile)
                let now = try number("SELECT count(*) FROM auditing.entry")
                if now == seen { return }
                seen = now
                let quiet = ContinuousClock.now + .milliseconds(7_500)
                while ContinuousClock.now < quiet {
                    try meanwhile()
                    usleep(50_000)
                }
            } catch let error as PostgresError where error.isTransient {
                continue
            }
        }
        throw TestFault("the system does not come to rest")
    }

    /// Notes each offset that goes back, in the database itself, so that none is missed.
    func watchOffsets() throws {
        var script = """
            CREATE TABLE public.offset_gone_back (place text, was bigint, became bigint);
            CREATE FUNCTION public.note_offset() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                INSERT INTO public.offset_gone_back VALUES (
                    TG_TABLE_SCHEMA || '/' || NEW.topic || '/' || NEW.partition, OLD.next_offset, NEW.next_offset);
                RETURN NULL;
            END $$;
            """
        for name in WorkerName.allCases {
            script += """
                CREATE TRIGGER note_offset AFTER UPDATE ON \(name.schema).kafka_offset FOR EACH ROW
                WHEN (NEW.next_offset < OLD.next_offset) EXECUTE FUNCTION public.note_offset();
                """
        }
        try connection.script(script)
    }
}
