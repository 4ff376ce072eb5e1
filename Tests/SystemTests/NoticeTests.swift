import Foundation
import Kafka
import TestSupport
import Testing
import Workers

/// Each notice once, whatever is redelivered, restarted or replayed.
@Suite struct NoticeTests {
    /// Reads every file with Python's parser: one line of Message-ID each, and the defects that it found.
    private static let reader = """
        import email, email.policy, pathlib, sys
        for path in sorted(pathlib.Path(sys.argv[1]).glob('new/*')):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            defects = [d for part in message.walk() for d in part.defects]
            defects += [d for value in message.values() for d in value.defects]
            body = message.get_body(('plain',)).get_content()
            complete = bool(message['To'] and message['From'] and message['Subject'] and message['Date'].datetime and body)
            print(message['Message-ID'], len(defects), complete)
        """

    @Test func killedRestartedAndReplayed() async throws {
        let lines = try TestSystem.sample(cases: 25, seed: 4)
        let directory = try TestSystem.sample(cases: 25, seed: 4, directory: true)
        try await TestSystem.with { system in
            try system.start()
            let worker = system.worker(.notifications)
            try system.publish(directory)
            try system.publish(lines)
            for count in [5, 40, 120] {
                try wait("\(count) messages") { system.mailFiles.count >= count }
                worker.crash()
                try worker.launch()
            }
            try Self.waitForMail(system)
            let first = try Self.messages(system)
            #expect(first.count > 150)
            // SWI-14: Swindon's requests for reports and lists carry the fixed title (004, item 14), and others' do not.
            let subjects = try system.mailFiles.compactMap { path in
                try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
                    .first { $0.hasPrefix("Subject: ") }
            }
            #expect(subjects.contains { $0.hasPrefix("Subject: URGENT CLA/CP: ") })
            #expect(subjects.contains { !$0.contains("URGENT") })

            // Everything once more, from a new and empty broker.
            let outcomes = try system.records(of: .caseOutcomes)
            let reports = try system.records(of: .reportEvents)
            try system.stopWorkers()
            try system.replaceBroker()
            try system.publish(directory)
            try system.publish(lines)
            let producer = try Producer(system.kafka)
            for record in outcomes + reports {
                try producer.produce(
                    topic: record.topic, key: record.key, headers: record.headers, value: record.value, token: 0)
            }
            try wait("the broker's acknowledgement") {
                _ = producer.flush(timeoutMilliseconds: 500)
                return producer.outstanding == 0
            }
            try system.relaunchDead()
            try Self.waitForMail(system)
            #expect(try Self.messages(system) == first)
            try system.expectRowsEqualEvaluate(lines)
        }
    }

    /// A message that was on its way when its worker died is taken up again after five minutes: the test moves the clock
    /// of those rows instead.
    private static func waitForMail(_ system: TestSystem) throws {
        try system.waitUntilCaughtUp {
            try system.connection.execute(
                """
                UPDATE notifications.message SET next_attempt_at = now()
                 WHERE state = 'sending' AND next_attempt_at - interval '295 seconds' < now()
                """)
        }
    }

    /// The message ids, each found in exactly one file without defects.
    private static func messages(_ system: TestSystem) throws -> Set<String> {
        let result = try system.run(["-c", reader, system.mailFolder], program: "python3")
        #expect(result.status == 0, "\(result.errors)")
        let found = result.lines.map { $0.split(separator: " ").map(String.init) }
        for words in found { #expect(words.dropFirst() == ["0", "True"], "\(words)") }
        let ids = found.map { $0[0] }
        #expect(Set(ids).count == ids.count, "a message twice")
        let sent = try system.strings(
            "SELECT '<' || message_id || '@quorate>' FROM notifications.message WHERE state = 'sent'")
        #expect(Set(ids) == Set(sent))
        // Where the worker was late, what was over by then was withdrawn unsaid.
        #expect(
            try system.strings(
                """
                SELECT state || ': ' || coalesce(outcome, '') FROM notifications.message
                 WHERE state NOT IN ('sent', 'failed') AND hold IS NULL AND recipient_id <> 'nobody'
                   AND NOT (state = 'withdrawn' AND sent_at IS NULL)
                """) == [])
        return Set(ids)
    }
}
