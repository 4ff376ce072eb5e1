import Kafka
import Postgres
import Testing

@testable import Workers

/// What of a poll may be applied.
@Suite("Admission of records")
struct OffsetsTests {
    private static let place = TopicPartition(topic: "case-events", partition: 3)

    private func record(_ offset: Int64, value: String = "v") -> Record {
        Record(
            topic: "case-events", partition: 3, offset: offset, timestamp: 1, key: nil, value: Array(value.utf8),
            headers: [])
    }

    private func offsets(next: Int64, unverified: [UInt8]? = nil) -> Offsets {
        var offsets = Offsets(
            cluster: "c", worker: .scheduling, holder: PGUUID(bytes: [UInt8](repeating: 7, count: 16)))
        offsets.positions[Self.place] = Offsets.Position(next: next, unverified: unverified, alone: 0, attempts: 0)
        return offsets
    }

    @Test("Records in order are admitted, and repeats are dropped")
    func inOrder() throws {
        var offsets = offsets(next: 5)
        let admitted = try offsets.admit([record(4), record(5), record(6), record(6)]) { _, _ in
            Issue.record("nothing is missing")
        }
        #expect(admitted.map(\.offset) == [5, 6])
    }

    @Test("A gap is read again once, and believed the second time")
    func gap() throws {
        var offsets = offsets(next: 5)
        var sought: [Int64] = []
        #expect(try offsets.admit([record(7), record(8)]) { sought.append($1) }.isEmpty)
        #expect(sought == [5])
        #expect(try offsets.admit([record(7), record(8)]) { sought.append($1) }.map(\.offset) == [7, 8])
        #expect(sought == [5])
    }

    @Test("What was polled behind a gap is not its second reading")
    func polledBehindAGap() throws {
        var offsets = offsets(next: 5)
        let elsewhere = Record(topic: "case-events", partition: 4, offset: 1, timestamp: 1, key: nil, value: nil)
        var waiting = Waiting(records: [record(9), elsewhere], preparation: Errand { 2 })
        #expect(waiting.preparation?.result == 2)
        let admitted = try offsets.admit([record(7), record(8)]) { partition, offset in
            #expect(offset == 5)
            waiting.forget([partition])
        }
        #expect(admitted.isEmpty)
        #expect(waiting.records.map(\.partition) == [4])
        #expect(waiting.preparation == nil, "it was of other records")
        // Nothing of this partition is left to take away.
        waiting.preparation = Errand { 1 }
        waiting.forget([Self.place])
        #expect(waiting.preparation != nil)
    }

    @Test("A gap in the middle of a poll keeps what stands before it")
    func gapInTheMiddle() throws {
        var offsets = offsets(next: 5)
        var sought: [Int64] = []
        #expect(try offsets.admit([record(5), record(7)]) { sought.append($1) }.map(\.offset) == [5])
        #expect(sought == [6])
    }

    @Test("The record before the position is compared with the one remembered, and not applied again")
    func verified() throws {
        var offsets = offsets(next: 5, unverified: Offsets.fingerprint(record(4, value: "known")))
        let admitted = try offsets.admit([record(4, value: "known"), record(5)]) { _, _ in }
        #expect(admitted.map(\.offset) == [5])
    }

    @Test("A broker that holds another record there is refused, with the remedy")
    func replaced() throws {
        var offsets = offsets(next: 5, unverified: Offsets.fingerprint(record(4, value: "known")))
        let refusal = #expect(throws: Offsets.BrokerRefused.self) {
            try offsets.admit([record(4, value: "other")]) { _, _ in }
        }
        let place = "--topic \(Self.place.topic) --partition \(Self.place.partition)"
        #expect(refusal?.remedy.contains("quorate offsets reset --worker scheduling \(place) ") == true)
    }

    @Test("Records of a partition that was taken away are dropped")
    func notHeld() throws {
        var offsets = offsets(next: 5)
        offsets.forgetAll()
        #expect(try offsets.admit([record(5)]) { _, _ in }.isEmpty)
    }

    @Test("A record is condemned only when it stopped the process twice alone")
    func condemned() {
        var offsets = offsets(next: 5)
        offsets.positions[Self.place]!.attemptOffset = 5
        for (attempts, isCondemned) in [(0, false), (1, false), (2, true), (3, true)] as [(Int32, Bool)] {
            offsets.positions[Self.place]!.attempts = attempts
            #expect(offsets.isCondemned(record(5)) == isCondemned)
            #expect(!offsets.isCondemned(record(6)))
        }
    }
}
