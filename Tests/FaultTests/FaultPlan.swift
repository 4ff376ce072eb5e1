import Foundation
import TestSupport
import Workers

/// SplitMix64: the same seed gives the same plan.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// What is done to a system, and when: drawn from a seed, and printed where the seed fails.
struct FaultPlan: CustomStringConvertible, Sendable {
    struct Member: Hashable, Sendable, CustomStringConvertible {
        let name: WorkerName
        let number: Int
        var description: String { "\(name.rawValue) \(number)" }
    }

    enum Fault: Sendable {
        /// kill -9, and started again.
        case kill(Member)
        /// SIGSTOP past the session time-out, then SIGCONT.
        case freeze(Member, milliseconds: Int)
        /// SIGTERM, and started again.
        case leave(Member)
        /// PostgreSQL stopped as in a crash.
        case stopDatabase(milliseconds: Int)
        case brokerErrors(request: Int16, codes: [Int32])
        case brokerDown(milliseconds: Int)
    }

    struct Step: Sendable {
        let fault: Fault
        /// Of the portion just published: how much of it the watched worker has applied when the fault strikes.
        let share: Double
        let watched: WorkerName
        /// It ends only after the next fault has struck.
        let overlaps: Bool
        /// Milliseconds until what was killed is started again.
        let pause: Int
    }

    let seed: Int
    let partitions: Int
    /// How many of each worker.
    let members: [WorkerName: Int]
    /// A producer that places events in its own way.
    let isForeignPartitioner: Bool
    let steps: [Step]

    /// As many as `QUORATE_FAULT_SEEDS` says, or the one that `QUORATE_FAULT_SEED` names.
    static var seeds: [Int] {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["QUORATE_FAULT_SEED"].flatMap({ Int($0) }) { return [one] }
        return Array(1...max(1, environment["QUORATE_FAULT_SEEDS"].flatMap { Int($0) } ?? 20))
    }

    init(seed: Int) {
        var random = SeededRandom(seed: seed)
        self.seed = seed
        partitions = [3, 4, 6].randomElement(using: &random)!
        isForeignPartitioner = seed % 4 == 3
        var members = Dictionary(uniqueKeysWithValues: WorkerName.allCases.map { ($0, 1) })
        // Every kind of worker has a second member in most seeds, and each pair of kinds meets in some.
        if seed % 5 != 0 { members[.scheduling] = 2 }
        for name in WorkerName.allCases.dropFirst().shuffled(using: &random).prefix(seed % 3) { members[name] = 2 }
        self.members = members
        var steps: [Step] = []
        var (freezes, outages) = (0, 0)
        let count = Int.random(in: 6...8, using: &random)
        for place in 0..<count {
            // The seeds take turns with the kind that comes first, so that few seeds have all of them.
            let dice = place == 0 ? [0, 45, 60, 72, 84, 96][seed % 6] : Int.random(in: 0..<100, using: &random)
            let fault: Fault
            switch dice {
            case 45..<60 where freezes < 2:
                freezes += 1
                fault = .freeze(
                    FaultPlan.member(members, &random, preferSecond: true),
                    milliseconds: Int.random(in: 6_500...9_500, using: &random))
            case 60..<72: fault = .leave(FaultPlan.member(members, &random, preferSecond: true))
            case 72..<84 where outages < 2:
                outages += 1
                fault = .stopDatabase(milliseconds: Int.random(in: 0...2_000, using: &random))
            case 84..<96: fault = FaultPlan.brokerErrors(&random)
            case 96..<100: fault = .brokerDown(milliseconds: Int.random(in: 200...3_000, using: &random))
            default: fault = .kill(FaultPlan.member(members, &random, preferSecond: false))
            }
            let watched: WorkerName
            switch fault {
            case .kill(let member), .freeze(let member, _), .leave(let member): watched = member.name
            default: watched = WorkerName.allCases.randomElement(using: &random)!
            }
            steps.append(
                Step(
                    fault: fault, share: Double.random(in: 0...1.1, using: &random), watched: watched,
                    overlaps: random.chance(40), pause: Int.random(in: 0...1_200, using: &random)))
        }
        self.steps = steps
    }

    private static func member(
        _ members: [WorkerName: Int], _ random: inout SeededRandom, preferSecond: Bool
    ) -> Member {
        // Scheduling holds the ledger: half of the faults are its.
        var names = WorkerName.allCases + [.scheduling, .scheduling]
        if preferSecond, random.chance(75) { names = names.filter { members[$0]! > 1 } }
        let name = (names.isEmpty ? WorkerName.allCases : names).randomElement(using: &random)!
        return Member(name: name, number: Int.random(in: 1...members[name]!, using: &random))
    }

    private static func brokerErrors(_ random: inout SeededRandom) -> Fault {
        let kinds: [(Int16, [Int32])] = [
            (0, [-195, 7, 6, 19]),  // produce: disconnect, timed out, not the leader, not enough replicas
            (1, [-195, 6, 3]),  // fetch: also unknown partition
            (2, [-195, 6]),  // offsets asked for
            (3, [-195]),  // metadata
            (8, [-195, 16, 22, 25, 27]),  // commit: not the coordinator, old generation, unknown member
            (11, [-195, 15, 16]),  // join
            (12, [-195, 16, 22, 25, 27]),  // heartbeat
            (14, [-195, 16, 27]),  // sync
        ]
        let (request, codes) = kinds.randomElement(using: &random)!
        let count = Int.random(in: 1...8, using: &random)
        return .brokerErrors(request: request, codes: (0..<count).map { _ in codes.randomElement(using: &random)! })
    }

    /// Whether the broker may have taken messages of one producer in another order: the mock, unlike Kafka, does not
    /// look at sequence numbers when a request failed and the next did not.
    var disturbsProducers: Bool {
        steps.contains {
            switch $0.fault {
            case .brokerErrors(let request, _): request == 0
            case .brokerDown: true
            default: false
            }
        }
    }

    var description: String {
        let who = members.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
        let lines = steps.enumerated().map { place, step in
            "  \(place + 1). \(step.fault) at \(Int(step.share * 100)) % of the portion in \(step.watched.rawValue)"
                + (step.overlaps ? ", into the next" : "") + ", pause \(step.pause) ms"
        }
        return "seed \(seed): \(partitions) partitions, \(who.joined(separator: ", "))"
            + (isForeignPartitioner ? ", foreign partitioner" : "") + "\n" + lines.joined(separator: "\n")
    }
}
