import CaseEvents
import Foundation
import TestSupport
import Testing
import Workers

/// Two servers of Debian's: aiosmtpd with STARTTLS and a login, and Postfix's smtp-sink, which can break off at any stage.
@Suite struct SMTPTests {
    /// Reads every file with Python's parser: the Message-ID of each, and how often; a defect ends it.
    private static let reader = """
        import email, email.policy, pathlib, sys
        for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            defects = [d for part in message.walk() for d in part.defects]
            defects += [d for value in message.values() for d in value.defects]
            assert not defects, defects
            assert message['To'] and message['From'] and message['Subject'] and message['Date'].datetime
            assert message.get_body(('plain',)).get_content().strip()
            print(message['Message-ID'])
        """

    static func ids(in folder: String, _ system: TestSystem) throws -> [String] {
        let result = try system.run(["-c", reader, folder], program: "python3")
        #expect(result.status == 0, "\(result.errors)")
        return result.lines.map { String($0.dropFirst().prefix(36)) }.sorted()
    }

    /// Of what a server kept, the messages that it has whole; each is read without a defect.
    static func complete(in folder: String, _ system: TestSystem) throws -> [String] {
        let fragments = folder + "-fragments"
        try FileManager.default.createDirectory(atPath: fragments, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            let id = text.firstMatch(of: /Message-ID: <([^@]+)@/)?.output.1
            guard id.map({ text.contains("--quorate-\($0)--") }) != true else { continue }
            try FileManager.default.moveItem(atPath: "\(folder)/\(name)", toPath: "\(fragments)/\(name)")
        }
        return try ids(in: folder, system)
    }

    static func staff() -> [String] {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        return events.lines
    }

    static func sent(_ system: TestSystem) throws -> [String] {
        try system.strings("SELECT message_id::text FROM notifications.message WHERE state = 'sent'").sorted()
    }

    /// Of a server on loopback, and its key.
    private static func certificate(_ system: TestSystem) throws -> (String, key: String) {
        let (certificate, key) = (system.folder + "/certificate.pem", system.folder + "/key.pem")
        try #require(
            system.run(
                [
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                ], program: "openssl"
            ).status == 0)
        return (certificate, key)
    }

    /// Postfix takes them by STARTTLS, and Dovecot's submission server, with a login, passes them on to it: every mail that
    /// arrives is read by Python's parser without a defect.
    @Test(
        .enabled(if: PostfixServer.isPossible, "Postfix's master must be started as root"),
        arguments: [false, true])
    func postfixAndDovecot(withLogin: Bool) async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            let (certificate, key) = try Self.certificate(system)
            let postfix = try PostfixServer(system, certificate: certificate, key: key)
            let dovecot =
                try withLogin
                ? SubmissionServer(
                    system, relay: postfix.port, certificate: certificate, key: key, user: "quorate", password: "right")
                : nil
            var mail = [
                "QUORATE_MAIL": "smtp://127.0.0.1:\(dovecot?.port ?? postfix.port)",
                "QUORATE_MAIL_CA_FILE": certificate,
                "QUORATE_MAIL_FROM": "quorate@e06000030.example",
            ]
            if withLogin { mail.merge(["QUORATE_MAIL_USER": "quorate", "QUORATE_MAIL_PASSWORD": "right"]) { $1 } }
            try system.start([.notifications], environment: mail)
            try system.publish(lines)
            for template in ["review_due_notice", "deadline_missed", "need_to_know", "decision_letter_and_plan"] {
                for case_ in 1...5 { try system.say(template, to: ["social_worker"], case: "C-\(case_)") }
            }
            let list = OutgoingEvent(
                id: "list-1", source: WorkerName.reporting.source, type: "quorate.list.published.v1", subject: "lists",
                authority: NoticeEvents.authority, time: .init("2026-01-06T08:00:00Z")!,
                data:
                    #"{"listId":"L-1","kind":"weekly","title":"Weekly list – café","period":"2026-W02","asAt":"2026-01-06T08:00:00Z","recipients":["social_worker"],"rowCount":1,"csv":"a,b\r\n","html":"<p>é</p>"}"#
            )
            try system.produceRaw(topic: .reportEvents, key: Array(list.key.utf8), value: Array(list.json.utf8))
            // A server that is slow to its feet defers, and each attempt waits longer than the one before.
            func hurry() throws {
                try system.connection.execute(
                    "UPDATE notifications.message SET next_attempt_at = now() WHERE state = 'intended'")
            }
            try wait("the list") {
                try hurry()
                return try system.number(
                    "SELECT count(*) FROM notifications.message WHERE list_id = 'L-1' AND state = 'sent'") == 1
            }
            try system.waitUntilCaughtUp(meanwhile: hurry)
            // Postfix has taken them; it delivers them in its own time.
            let sent = try Self.sent(system)
            #expect(sent.count >= 17)
            try wait("the mailbox") {
                ((try? FileManager.default.contentsOfDirectory(atPath: postfix.box)) ?? []).count >= sent.count
            }
            #expect(try Self.ids(in: postfix.box, system) == sent)
            withExtendedLifetime((postfix, dovecot)) {}
        }
    }

    @Test func startTLSAndLogin() async throws {
        let lines = Self.staff()
        try await TestSystem.with { system in
            let (certificate, key) = try Self.certificate(system)
            let script = ServerProgram.script("mail_server.py")
            let box = system.folder + "/box"
            // Debian's own Python has Debian's aiosmtpd.
            let server = try ServerProgram(
                "/usr/bin/python3", [script, box, certificate, key, "quorate", "right"], port: nil,
                output: system.folder + "/server")
            let mail = [
                "QUORATE_MAIL": "smtp://127.0.0.1:\(server.port)", "QUORATE_MAIL_USER": "quorate",
                "QUORATE_MAIL_PASSWORD": "wrong", "QUORATE_MAIL_CA_FILE": certificate,
            ]
            try system.start([.notifications], environment: mail)
            try system.publish(lines)
            let first = try system.say("review_due_notice", to: ["social_worker"])
            func outcome() throws -> [String] {
                try system.strings(
                    "SELECT state || ': ' || outcome FROM notifications.message WHERE notice_id = \(first)::uuid AND attempts > 0 AND state <> 'sending'"
                )
            }
            let worker = system.worker(.notifications)
            // A wrong password, and a certificate that nobody vouches for: it waits.
            try wait("the refused login") { try outcome() == ["intended: the mail server refused the login"] }
            try worker.stop()
            worker.environment["QUORATE_MAIL_PASSWORD"] = "right"
            worker.environment["QUORATE_MAIL_CA_FILE"] = nil
            try system.connection.execute("UPDATE notifications.message SET next_attempt_at = now()")
            try worker.launch()
            try wait("the refused certificate") {
                try outcome() == ["intended: the mail server's certificate is not trusted"]
            }
            try worker.stop()
            worker.environment["QUORATE_MAIL_CA_FILE"] = certificate
            try system.connection.execute("UPDATE notifications.message SET next_attempt_at = now()")
            try worker.launch()
            for _ in 1...20 { try system.say("review_due_notice", to: ["social_worker"]) }
            try system.waitUntilCaughtUp()
            let ids = try Self.ids(in: box, system)
            #expect(ids.count == 21)
            #expect(try ids == Self.sent(system))
            // The file's ending is the number of the session: those three took them all.
            let sessions = Set(try FileManager.default.contentsOfDirectory(atPath: box).map { $0.suffix(2) })
            #expect(sessions.isSubset(of: [".1", ".2", ".3"]), "\(sessions)")
            #expect(!worker.logText.contains("right"))
        }
    }

    /// The server leaves at each stage in turn. Before the end of the body it has not taken the message; after it nobody
    /// knows, and a person decides.
    @Test func closingAtEveryStage() async throws {
        let lines = Self.staff()
        let port = ServerProgram.freePort()
        try await TestSystem.with { system in
            let folder = system.folder + "/sink"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            func sink(_ arguments: String...) throws -> ServerProgram {
                // Messages of a server that breaks off are its own affair.
                let dump = arguments.isEmpty ? ["-d", "\(folder)/%s-%M."] : []
                let own = getuid() == 0 ? ["-u", "root"] : []
                return try ServerProgram(
                    "/usr/sbin/smtp-sink", own + arguments + dump + ["127.0.0.1:\(port)", "100"], port: port,
                    output: system.folder + "/sink.log")
            }
            try system.start(
                [.notifications], environment: ["QUORATE_MAIL": "smtp://127.0.0.1:\(port)", "QUORATE_MAIL_TLS": "none"])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            func state(_ notice: String) throws -> String {
                try system.strings(
                    "SELECT state || ' ' || attempts FROM notifications.message WHERE notice_id = \(notice)::uuid"
                ).first ?? ""
            }
            let stages: [(arguments: [String], then: String)] = [
                (["-q", "CONNECT"], "intended 1"), (["-q", "EHLO,HELO"], "intended 1"), (["-q", "MAIL"], "intended 1"),
                (["-q", "RCPT"], "intended 1"), (["-q", "DATA"], "intended 1"), (["-q", "."], "unknown 1"),
                (["-q", "QUIT"], "sent 1"), (["-r", "RCPT"], "intended 1"), (["-r", "."], "intended 1"),
                (["-f", "RCPT"], "failed 1"), (["-f", "."], "failed 1"),
                // It refuses us, not the message.
                (["-f", "CONNECT"], "intended 1"), (["-f", "EHLO,HELO"], "intended 1"), (["-f", "MAIL"], "intended 1"),
            ]
            for stage in stages {
                var server: ServerProgram? = try sink(stage.arguments[0], stage.arguments[1])
                let notice = try system.say("review_due_notice", to: ["social_worker"])
                try wait("\(stage.arguments) to leave it \(stage.then)") { try state(notice) == stage.then }
                server = nil
                guard stage.then != "sent 1" else { continue }
                server = try sink()
                if stage.then != "intended 1" {
                    let id = try system.strings(
                        "SELECT message_id::text FROM notifications.message WHERE notice_id = \(notice)::uuid")[0]
                    try system.quorate("notices", "resend", id, "--reason", "asked the reader")
                } else {
                    try system.connection.execute("UPDATE notifications.message SET next_attempt_at = now()")
                }
                try wait("the end of \(stage.arguments)") { try state(notice) == "sent 2" }
                withExtendedLifetime(server) {}
            }
            let good = try Self.ids(in: folder, system)
            #expect(good.count == stages.count - 1)
            #expect(Set(good).count == good.count)
            #expect(try Set(good).isSubset(of: Self.sent(system)))
        }
    }

    /// The server takes three messages of one chunk whole. To one it answers; to the next it says nothing until time is up, and
    /// with the last it ends the connection. Nobody knows of these two: a person decides, or they go again where the operator
    /// has chosen so, under the Message-ID that they had.
    @Test(arguments: ["hold", "resend"]) func takenAndNotAnswered(policy: String) async throws {
        var events = NoticeEvents()
        events.person("SW-1", "social_worker")
        events.person("TM-1", "team_manager", email: "hang-tm@a.example")
        events.person("SM-1", "service_manager", email: "drop-sm@a.example")
        events.allocate("SW-1", to: "K-1", case: "C-1")
        let (lines, port) = (events.lines, ServerProgram.freePort())
        try await TestSystem.with { system in
            let box = system.folder + "/box"
            let server = try ServerProgram(
                "/usr/bin/python3", [ServerProgram.script("silent_server.py"), box, "\(port)"], port: port,
                output: system.folder + "/server")
            try system.start(
                [.notifications],
                environment: [
                    "QUORATE_MAIL": "smtp://127.0.0.1:\(port)", "QUORATE_MAIL_TLS": "none",
                    "QUORATE_MAIL_UNKNOWN": policy, "QUORATE_MAIL_TIMEOUT": "3",
                ])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("review_due_notice", to: ["social_worker", "team_manager", "service_manager"])
            func states() throws -> [String] {
                try system.strings(
                    "SELECT recipient_id || ' ' || state || ' ' || attempts FROM notifications.message ORDER BY 1")
            }
            func id(of person: String) throws -> String {
                try system.strings(
                    "SELECT message_id::text FROM notifications.message WHERE recipient_id = \(person)")[0]
            }
            if policy == "hold" {
                try wait("two ends that nobody knows") {
                    try states() == ["SM-1 unknown 1", "SW-1 sent 1", "TM-1 unknown 1"]
                }
                #expect(try Self.ids(in: box, system).count == 3)
                let log = try system.quorate("notices", "log", "--state", "unknown").output
                #expect(log.contains("SM-1") && log.contains("TM-1") && !log.contains("SW-1"), "\(log)")
                let status = try system.quorate("status", exits: 1).output
                #expect(status.contains("2 of which nobody knows the end: quorate notices log --state unknown"))
                try system.quorate("notices", "resend", id(of: "TM-1"), "--reason", "they have it not")
                try system.quorate("notices", "abandon", id(of: "SM-1"), "--reason", "they have it")
                try wait("what the person decided") {
                    try states() == ["SM-1 discarded 1", "SW-1 sent 1", "TM-1 sent 2"]
                }
                let again = try [id(of: "SM-1"), id(of: "SW-1"), id(of: "TM-1"), id(of: "TM-1")].sorted()
                #expect(try Self.ids(in: box, system) == again)
            } else {
                try wait("both to go again") {
                    try system.connection.execute(
                        "UPDATE notifications.message SET next_attempt_at = now() WHERE state = 'intended'")
                    return try states() == ["SM-1 sent 2", "SW-1 sent 1", "TM-1 sent 2"]
                }
                let twice = try ["SM-1", "SM-1", "SW-1", "TM-1", "TM-1"].map(id).sorted()
                #expect(try Self.ids(in: box, system) == twice)
            }
            withExtendedLifetime(server) {}
        }
    }

    /// Where encryption is required and the server has none, nothing leaves; a login never travels in clear.
    @Test func withoutTLSNothingLeaves() async throws {
        let lines = Self.staff()
        let port = ServerProgram.freePort()
        try await TestSystem.with { system in
            let own = getuid() == 0 ? ["-u", "root"] : []
            let server = try ServerProgram(
                "/usr/sbin/smtp-sink", own + ["127.0.0.1:\(port)", "100"], port: port,
                output: system.folder + "/sink.log")
            let mail = ["QUORATE_MAIL": "smtp://127.0.0.1:\(port)"]
            try system.start([.notifications], environment: mail)
            try system.publish(lines)
            try system.say("review_due_notice", to: ["social_worker"])
            try wait("the refusal") {
                try system.strings("SELECT outcome FROM notifications.message WHERE outcome IS NOT NULL")
                    == ["the mail server offers no STARTTLS, which is required"]
            }
            #expect(try Self.sent(system) == [])
            let refused = try system.run(
                [], program: "notifications",
                environment: system.environment(
                    of: .notifications,
                    ["QUORATE_MAIL": "smtp://u:hunter2@127.0.0.1:\(port)", "QUORATE_MAIL_TLS": "none"]))
            #expect(refused.status != 0 && refused.errors.contains("QUORATE_MAIL_TLS"), "\(refused.errors)")
            #expect(!refused.errors.contains("hunter2"))
            withExtendedLifetime(server) {}
        }
    }

    /// A worker that died after the server took a released letter does not send it again: release is no leave to send twice.
    @Test func aReleasedLetterIsInDoubtLikeAnyOther() async throws {
        let lines = Self.staff()
        let port = ServerProgram.freePort()
        try await TestSystem.with { system in
            let own = getuid() == 0 ? ["-u", "root"] : []
            let server = try ServerProgram(
                "/usr/sbin/smtp-sink", own + ["127.0.0.1:\(port)", "100"], port: port,
                output: system.folder + "/sink.log")
            try system.start(
                [.notifications], environment: ["QUORATE_MAIL": "smtp://127.0.0.1:\(port)", "QUORATE_MAIL_TLS": "none"])
            try system.publish(lines)
            try system.waitUntilCaughtUp()
            try system.say("death_letter", to: ["social_worker"])
            try system.waitUntilCaughtUp()
            let id = try system.strings("SELECT message_id::text FROM notifications.message")[0]
            func state() throws -> [String] {
                try system.strings("SELECT state || ' ' || attempts FROM notifications.message")
            }
            try system.quorate("letters", "release", id)
            try wait("the letter") { try state() == ["sent 1"] }
            // As the worker would have left it.
            try system.connection.execute(
                "UPDATE notifications.message SET state = 'sending', sent_at = NULL, next_attempt_at = now()")
            try wait("the doubt") { try state() == ["unknown 2"] }
            try system.quorate("notices", "resend", id, "--reason", "asked the reader")
            try wait("the second") { try state() == ["sent 3"] }
            withExtendedLifetime(server) {}
        }
    }
}
