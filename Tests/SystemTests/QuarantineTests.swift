import CaseEvents
import Foundation
import Kafka
import Postgres
import TestSupport
import Testing
import Workers

/// Bad input never stops a partition, never vanishes, and says what is wrong with it.
@Suite struct QuarantineTests {
    private struct Sent: Hashable {
        let partition: Int32
        let offset: Int64
    }

    @Test func everyKindIsSetAsideAndItsNeighboursAreApplied() async throws {
        #expect(BadInput.all.count >= 60)
        try await TestSystem.with { system in
            let (bad, good) = try Self.send(to: system)
            try system.start()
            try system.waitUntilCaughtUp()

            #expect(try Set(system.strings("SELECT event_id FROM scheduling.fact")) == Set(good))
            let rows = try system.connection.execute("SELECT * FROM scheduling.quarantine")
            #expect(rows.count == BadInput.all.count)
            var letters: [Sent: Record] = [:]
            let records = try system.records(of: .deadLetters)
            for record in records {
                let place = Sent(
                    partition: Int32(record.text("__connect.errors.partition"))!,
                    offset: Int64(record.text("__connect.errors.offset"))!)
                #expect(letters.updateValue(record, forKey: place) == nil, "two dead letters for \(place)")
            }
            #expect(letters.count == rows.count)
            for row in rows {
                let place = Sent(partition: row.int32("partition"), offset: row.int64("kafka_offset"))
                let input = try #require(bad[place])
                Self.expectRow(row, input)
                Self.expectDeadLetter(try #require(letters[place]), row, input)
            }
            let seen = try system.number("SELECT count(*) FROM scheduling.case_file WHERE awaiting_repair")
            let named = try system.number(
                "SELECT count(DISTINCT (authority, subject)) FROM scheduling.quarantine WHERE subject IS NOT NULL")
            #expect(seen == named)
            try Self.expectTold(rows, system)
            for worker in system.workers { #expect(!worker.logText.contains(BadInput.canary)) }
            for worker in system.workers { #expect(worker.launches == 1 && worker.isRunning) }
            let status = try system.quorate("status", exits: 1)
            #expect(status.output.contains("\(BadInput.all.count) events await repair"))
            let list = try system.quorate("quarantine", "list")
            #expect(list.output.contains("\(BadInput.all.count) rows."))
            try system.quorate("audit", "verify")
        }
    }

    /// `quorate validate` says the same before it is published.
    @Test func validateGivesTheSameReasons() async throws {
        let inputs = BadInput.all.filter { input in
            guard let value = input.value, input.code != "wrong_key", input.headers.count == 1 else { return false }
            let isStructured = input.headers[0].value == Array("application/cloudevents+json".utf8)
            let isOneLine = !value.contains(10) && value.contains { $0 != 32 }
            return isStructured && isOneLine && input.code != "wrong_topic"
        }
        #expect(inputs.count > 100)
        try await TestSystem.with { system in
            let good = Array(discussion("good", case: "good").utf8)
            let path = "\(system.folder)/bad.jsonl"
            let bytes: [UInt8] = inputs.flatMap { good + [10] + $0.value! + [10] }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let result = try system.quorate("validate", path, exits: 1)
            #expect(result.output.contains("\(inputs.count) events are valid, \(inputs.count) are not."))
            var told: [Int: String] = [:]
            for line in result.lines {
                guard let match = line.firstMatch(of: /^line (\d+): (.*)$/) else { continue }
                told[Int(String(match.output.1))!] = String(match.output.2)
            }
            for (place, input) in inputs.enumerated() {
                let text = told[place * 2 + 2] ?? ""
                #expect(text.hasPrefix(input.code + ": ") && text.contains(input.mentions), "\(input.name): \(text)")
                #expect(!text.contains(BadInput.canary), "\(input.name): \(text)")
            }
        }
    }

    @Test func operatorsListShowDiscardAndReplay() async throws {
        try await TestSystem.with { system in
            let closed = "authorities:\n  E06000030: {policy: swindon, sources: [\"urn:lcs:E06000030\"]}\n"
            try Self.register(closed, system)
            try system.start([.scheduling, .auditing])
            let stranger = discussion("stranger", case: "C-1", source: "urn:new-system")
            let unwanted = discussion("unwanted", case: "C-2", source: "urn:new-system")
            try system.publish([stranger, unwanted, discussion("known", case: "C-3")])
            try system.waitUntilCaughtUp()
            #expect(try system.strings("SELECT event_id FROM scheduling.fact") == ["known"])
            let ids = try system.strings("SELECT quarantine_id::text FROM scheduling.quarantine ORDER BY event_id")
            #expect(ids.count == 2)

            #expect(try system.quorate("quarantine", "list").output.contains("source_not_allowed"))
            let shown = try system.quorate("quarantine", "show", ids[0]).output
            #expect(shown.contains(stranger) && shown.contains("E06000030/C-1") && shown.contains("open"))
            try system.quorate("quarantine", "show", "4711", exits: 2)

            let told = try Self.told(system)
            #expect(
                told.map { "\($0.subject) \($0.data["quarantineId"]!.int!)" }.sorted()
                    == ["C-1 \(ids[0])", "C-2 \(ids[1])"].sorted())

            let again = try system.quorate("quarantine", "replay", ids[0], exits: 1)
            #expect(again.output.contains("refused again: the registry does not list"))
            #expect(try system.strings("SELECT event_id FROM scheduling.fact") == ["known"])
            try system.waitUntilCaughtUp()
            #expect(try Self.told(system).map(\.id) == told.map(\.id), "refused again, and said once")

            try Self.register(closed.replacing("]", with: ", \"urn:new-system\"]"), system)
            try system.waitUntilCaughtUp()
            let replayed = try system.quorate("quarantine", "replay", ids[0])
            #expect(replayed.output.contains("\(ids[0]): applied"))
            try system.quorate("quarantine", "discard", ids[1], "--reason", "sent by a test system")
            try system.quorate("quarantine", "discard", ids[1], "--reason", "twice", exits: 2)
            try system.waitUntilCaughtUp()

            try system.expectRowsEqualEvaluate([stranger, discussion("known", case: "C-3")])
            #expect(try system.quorate("quarantine").output.contains("Quarantine is empty."))
            #expect(try system.quorate("quarantine", "list", "--all").output.contains("discarded"))
            #expect(try system.number("SELECT count(*) FROM scheduling.case_file WHERE awaiting_repair") == 0)
            try system.waitUntilCaughtUp()
            let acts = try system.records(of: .operatorEvents).map { try JSONValue($0.value!)["data"]! }
            let named = acts.map { "\($0["act"]!.string!) \($0["about"]!.string!)" }
            #expect(
                Set(named) == [
                    "quarantine.list scheduling", "quarantine.show \(ids[0])", "quarantine.replay \(ids[0])",
                    "quarantine.discard \(ids[1])",
                    "configuration.load 2", "configuration.load 3",
                ])
            #expect(acts.contains { $0["reason"]?.string == "sent by a test system" })
            #expect(
                try system.number(
                    """
                    SELECT count(*) FROM auditing.entry JOIN auditing.log l USING (log_id)
                     WHERE l.topic = 'operator-events'
                    """) == Int64(acts.count))
            // Who looked at it looked at something of the case.
            let looks = try system.strings(
                "SELECT subject FROM auditing.entry WHERE event_type = 'quorate.record.viewed.v1'")
            #expect(looks == ["C-1"])
        }
    }

    @Test func theFirstOfTwoWithOneIdStays() async throws {
        try await TestSystem.with { system in
            try system.start([.scheduling])
            let first = discussion("twice", case: "C-1")
            try system.publish([first])
            try system.waitUntilCaughtUp()
            let other = discussion("twice", case: "C-1", held: "2026-02-06T14:00:00Z")
            try system.publish([first, other, discussion("twice", case: "C-2"), discussion("next", case: "C-1")])
            try system.waitUntilCaughtUp()
            #expect(
                try system.strings("SELECT code FROM scheduling.quarantine") == [
                    "same_id_other_content", "same_id_other_content",
                ])
            #expect(try system.strings("SELECT event_id FROM scheduling.fact ORDER BY 1") == ["next", "twice"])
            let rows = try system.rows()["C-1"]
            #expect(rows == (try system.evaluate([first, discussion("next", case: "C-1")], asOf: system.now())["C-1"]))
        }
    }

    /// A right event repairs a bad one, whichever comes first, and in one batch too.
    @Test(arguments: ["supersedes", "retracts"]) func aRightEventRepairs(by attribute: String) async throws {
        try await TestSystem.with(.init(partitions: 1)) { system in
            func bad(_ number: Int) -> String {
                discussion("bad-\(number)", case: "C-\(number)", held: "2026-02-30T14:00:00Z")
            }
            func right(_ number: Int) -> String {
                discussion("right-\(number)", case: "C-\(number)", more: ",\"\(attribute)\":\"bad-\(number)\"")
            }
            try system.publish([bad(1), right(1), right(2), bad(2)])
            try system.start([.scheduling])
            try system.publish([bad(3), right(4), bad(5)])
            try system.waitUntilCaughtUp()
            #expect(
                try system.strings("SELECT subject FROM scheduling.case_file WHERE awaiting_repair ORDER BY 1") == [
                    "C-3", "C-5",
                ])
            try system.publish([right(3), bad(4)])
            try system.waitUntilCaughtUp()
            let states = try system.strings("SELECT event_id || ' ' || state FROM scheduling.quarantine ORDER BY 1")
            #expect(
                states == [
                    "bad-1 superseded", "bad-2 superseded", "bad-3 superseded", "bad-4 superseded", "bad-5 open",
                ])
            #expect(
                try system.strings("SELECT subject FROM scheduling.case_file WHERE awaiting_repair") == ["C-5"])
        }
    }

    /// The first start of a release that knows the type, whatever their number. The older release is played by what it
    /// would have left in the table.
    @Test func unknownTypesReplayThemselves() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            let worker = try system.start([.scheduling])[0]
            let known = (0..<250).map { discussion("event-\($0)", case: "C-\($0 % 9)") }
            try system.publish(known.map { $0.replacing("strategy_discussion", with: "strategy_talk") })
            try system.waitUntilCaughtUp()
            #expect(try system.number("SELECT count(*) FROM scheduling.quarantine WHERE code = 'unknown_type'") == 250)
            try worker.stop()
            try system.connection.execute(
                """
                UPDATE scheduling.quarantine SET release = '0', value = convert_to(
                    replace(convert_from(value, 'UTF8'), 'strategy_talk', 'strategy_discussion'), 'UTF8')
                """)
            try worker.launch()
            try wait("the replays") {
                try system.number("SELECT count(*) FROM scheduling.quarantine WHERE state = 'open'") == 0
            }
            try system.waitUntilCaughtUp()
            #expect(try system.number("SELECT count(*) FROM scheduling.case_file WHERE awaiting_repair") == 0)
            try system.expectRowsEqualEvaluate(known)
        }
    }

    // MARK: Help

    /// Each bad record with a good neighbour before and behind it on its partition.
    private static func send(to system: TestSystem) throws -> (bad: [Sent: BadInput], good: [String]) {
        var configuration = system.kafka
        configuration.extra["message.max.bytes"] = "4000000"
        let producer = try Producer(configuration)
        var (bad, good, places): ([Sent: BadInput], [String], [Int64: BadInput]) = ([:], [], [:])
        func neighbour(_ number: Int, _ partition: Int32) throws {
            let line = discussion("good-\(number)", case: "good-\(number % 40)")
            good.append("good-\(number)")
            try producer.produce(
                topic: "case-events", key: Array("E06000030/good-\(number % 40)".utf8), headers: TestSystem.structured,
                value: Array(line.utf8), partition: partition, token: -1)
        }
        for (number, input) in BadInput.all.enumerated() {
            let partition = Int32(number % 24)
            try neighbour(2 * number, partition)
            places[Int64(number)] = input
            try producer.produce(
                topic: "case-events", key: input.key,
                headers: input.headers.map { Header(name: $0.name, value: $0.value) }, value: input.value,
                partition: partition, token: Int64(number))
            try neighbour(2 * number + 1, partition)
        }
        try wait("the broker's acknowledgement") {
            for delivery in producer.flush(timeoutMilliseconds: 500) {
                if let error = delivery.error { throw error }
                guard let input = places[delivery.token] else { continue }
                bad[Sent(partition: delivery.partition, offset: delivery.offset)] = input
            }
            return producer.outstanding == 0
        }
        return (bad, good)
    }

    /// What `case-outcomes` says of quarantine. Nothing else is there that the contract would refuse.
    private static func told(_ system: TestSystem) throws -> [OutcomeEvent] {
        try system.records(of: .caseOutcomes).map { try Contract.decodeOutcome(IncomingEvent($0)) }
            .filter { $0.name == "event.quarantined" }
    }

    /// Each case that is known is told once, where the record lies and why, and nothing that it held.
    private static func expectTold(_ rows: Rows, _ system: TestSystem) throws {
        let told = Dictionary(grouping: try Self.told(system)) { $0.data["quarantineId"]?.int ?? 0 }
        #expect(told.values.allSatisfy { $0.count == 1 })
        let mayBeTold = rows.filter {
            $0.stringOrNil("subject") != nil
                && $0.stringOrNil("authority")?.wholeMatch(of: /E(06|07|08|09|10)\d{6}/) != nil
        }
        #expect(Set(told.keys) == Set(mayBeTold.map { Int($0.int64("quarantine_id")) }))
        #expect(mayBeTold.count > 60 && mayBeTold.count < rows.count)
        for row in mayBeTold {
            let event = try #require(told[Int(row.int64("quarantine_id"))]?.first)
            #expect(event.source == "urn:quorate:scheduling" && event.caserevision == 0)
            #expect(event.authority == row.string("authority") && event.subject == row.string("subject"))
            #expect(event.causationid == row.stringOrNil("event_id"))
            #expect(event.data["eventId"]?.string == row.stringOrNil("event_id"))
            let type = row.stringOrNil("event_type").flatMap { Contract.isKnown(type: $0) ? $0 : nil }
            #expect(event.data["eventType"]?.string == type)
            for name in ["code", "topic"] { #expect(event.data[name]?.string == row.string(Column(name))) }
            #expect(event.data["partition"]?.int == Int(row.int32("partition")))
            #expect(event.data["offset"]?.int == Int(row.int64("kafka_offset")))
            // An id is all that it takes over as it came.
            let rest = event.data.members.filter { $0.key != "eventId" }
            #expect(!rest.contains { $0.value.rawText.contains(BadInput.canary) })
        }
    }

    private static func expectRow(_ row: Row, _ input: BadInput) {
        let reason = row.string("reason")
        #expect(row.string("code") == input.code, "\(input.name)")
        #expect(reason.contains(input.mentions), "\(input.name): \(reason)")
        #expect(!reason.contains(BadInput.canary), "\(input.name): \(reason)")
        #expect(row.bytesOrNil("value") == input.value, "\(input.name)")
        #expect(row.bytesOrNil("record_key") == input.key, "\(input.name)")
        #expect(row.string("state") == "open", "\(input.name)")
    }

    private static func expectDeadLetter(_ letter: Record, _ row: Row, _ input: BadInput) {
        let value = input.value ?? []
        if value.count <= 700 * 1_024 {
            #expect(letter.value ?? [] == value, "\(input.name)")
        } else {
            #expect(letter.text("quorate-value-bytes") == "\(value.count)")
            #expect(letter.text("quorate-value-sha256").count == 64)
        }
        let place = [row.string("topic"), "\(row.int32("partition"))", "\(row.int64("kafka_offset"))"]
        for prefix in ["__connect.errors.", "kafka_dlt-original-"] {
            #expect(["topic", "partition", "offset"].map { letter.text(prefix + $0) } == place)
        }
        for name in ["__connect.errors.exception.message", "kafka_dlt-exception-message"] {
            #expect(letter.text(name) == row.string("reason"), "\(input.name)")
        }
        #expect(letter.text("quorate-code") == input.code)
        #expect(Int64(letter.text("kafka_dlt-original-timestamp")) == row.int64("kafka_timestamp_ms"))
    }

    static func register(_ authorities: String, _ system: TestSystem) throws {
        let file = try system.write("configuration/authorities.yaml", "defaults:\n  E06: england\n" + authorities)
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        try system.quorate("migrate", "--configuration", folder)
    }
}

extension Record {
    /// A header as text; empty where it is missing.
    func text(_ name: String) -> String {
        headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) } ?? ""
    }
}
