import AuditLog
import Foundation
import Postgres
import TestSupport
import Testing
import Workers

/// A backup from before an erasure is restored: auditing gives every entry its former leaf and goes on signing, and what was
/// erased is erased again.
@Suite struct ErasureRestoreTests {
    private static let authority = "E09000002"

    private static func event(_ id: String, _ type: String, _ time: String, _ data: String, _ subject: String = "F-1")
        -> String
    {
        """
        {"specversion":"1.0","id":"\(subject)-\(id)","source":"urn:test:\(authority)","type":"quorate.\(type).v1",\
        "subject":"\(subject)","time":"\(time)","authority":"\(authority)","datacontenttype":"application/json","data":{\(data)}}
        """
    }

    /// A family whose case was closed in 1985.
    private static let family = [
        event(
            "born", "child.registered", "1983-01-05T10:00:00Z",
            #""childId":"F-1-KAY","dateOfBirth":"1980-02-03""#),
        event(
            "closed", "case.closed", "1985-03-01T10:00:00Z",
            #""closedOn":"1985-03-01","reason":"no_further_action""#),
    ]
    /// Of the same case; it comes after the backup.
    private static let late = event(
        "held", "conference.held", "1984-01-20T10:00:00Z",
        #""conferenceId":"CF","conferenceType":"initial","childIds":["F-1-KAY"],"heldAt":"1984-01-20T09:00:00Z""#)

    private static func catchUp(_ system: TestSystem) throws {
        try system.waitUntilCaughtUp()
        try system.waitForCheckpoint()
    }

    private static func shown(_ system: TestSystem) throws -> String {
        try system.quorate("audit", "show", "--case", "\(authority)/F-1", "--content").output
    }

    private static func facts(_ system: TestSystem) throws -> Int64 {
        try system.number(
            "SELECT count(*) FROM scheduling.fact JOIN scheduling.case_file USING (case_id) WHERE subject = 'F-1'")
    }

    /// Two cases, a backup, one more event of the first; then the first is erased, and the backup restored and brought up to
    /// the broker's end.
    private static func withRestored(
        _ body: @escaping @Sendable (TestSystem, _ notes: [String], _ leaves: [String]) throws -> Void
    ) async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start()
            try system.publish(family + [discussion("other-1", case: "C-2", authority: authority)])
            try catchUp(system)
            try system.stopWorkers()
            try system.backUp()
            try system.relaunchDead()
            try system.publish([late, discussion("other-2", case: "C-2", authority: authority)])
            try system.waitUntilCaughtUp()
            #expect(try shown(system).contains("F-1-KAY"))
            try catchUp(system)
            #expect(
                try system.quorate("retention", "apply", "--case", "\(authority)/F-1", "--erase").output
                    .contains("1 cases were erased"))
            // A look at what is gone is of the same case, under a key that was made since.
            #expect(try !shown(system).contains("F-1-KAY"))
            try catchUp(system)
            let notes = try system.strings("SELECT note FROM auditing.checkpoint ORDER BY size")
            let leaves = try leaves(system)
            try system.stopWorkers()
            try system.restoreBackup()
            try system.relaunchDead()
            try catchUp(system)
            try body(system, notes, leaves)
        }
    }

    private static func leaves(_ system: TestSystem) throws -> [String] {
        try system.strings(
            """
            SELECT l.topic || '/' || l.partition || '/' || e.leaf_index || ' ' || encode(e.leaf_hash, 'hex')
              FROM auditing.entry e JOIN auditing.log l USING (log_id) ORDER BY l.topic, l.partition, e.leaf_index
            """)
    }

    @Test func signingGoesOnAndWhatWasErasedIsErasedAgain() async throws {
        try await Self.withRestored { system, notes, leaves in
            // Every entry as it was, and every checkpoint as it was signed; what follows adds to them.
            #expect(Set(try Self.leaves(system)).isSuperset(of: leaves))
            let now = try system.strings("SELECT note FROM auditing.checkpoint ORDER BY size")
            #expect(Array(now.prefix(notes.count)) == notes)
            #expect(try system.quorate("audit", "verify").output.contains("all fit"))
            try system.expectOrderAndConsistency()
            // What the workers keep is back, and is named.
            #expect(try Self.facts(system) == 3)
            #expect(try system.quorate("status", exits: 1).output.contains(/erased +the keys of 1 cases are destroyed/))
            let report = try system.quorate("retention", "report").output
            #expect(report.contains(/F-1 +its keys were destroyed on \S+ and it is here: to be erased again/))
            #expect(try system.quorate("retention", "apply").output.contains("1 cases would be erased"))
            #expect(try system.quorate("retention", "apply", "--erase").output.contains("1 cases were erased"))
            try Self.catchUp(system)
            #expect(try Self.facts(system) == 0)
            #expect(try !Self.shown(system).contains("F-1-KAY"))
            #expect(try !system.quorate("retention", "report").output.contains("F-1"))
            #expect(try !system.run(["status"]).output.contains("are destroyed"))
            #expect(try system.quorate("audit", "verify").output.contains("all fit"))
            #expect(try system.number("SELECT count(*) FROM reporting.fact WHERE subject = 'C-2'") == 2)
        }
    }

    /// What was recorded after the erasure may be a family that came again: the case is named, and kept.
    @Test func whatWentOnSinceIsKept() async throws {
        try await Self.withRestored { system, _, _ in
            let now = ISO8601DateFormatter().string(from: Date())
            try system.publish([Self.event("again", "child.registered", now, #""childId":"F-1-LEE""#)])
            try Self.catchUp(system)
            let report = try system.quorate("retention", "report").output
            #expect(
                report.contains(
                    /F-1 +its keys were destroyed on \S+ and it is here: something was recorded since; kept: it is open, or went on after it was closed/
                ), "\(report)")
            try system.quorate("retention", "apply", "--case", "\(Self.authority)/F-1", "--erase", exits: 2)
            #expect(try Self.facts(system) == 4)
        }
    }

    /// The keys are destroyed and nothing else is committed.
    @Test func whatIsCutShortIsDoneAgain() async throws {
        try await TestSystem.with(.init(partitions: 2)) { system in
            try system.start([.scheduling, .auditing])
            try system.publish(Self.family + [Self.late])
            try Self.catchUp(system)
            try system.connection.script(
                """
                CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'cut'; END $$;
                CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON configuration.erasure DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION public.cut();
                """)
            let cut = try system.run(["retention", "apply", "--erase"])
            #expect(cut.status != 0 && cut.errors.contains("cut"), "\(cut.errors)")
            #expect(try Self.facts(system) == 3)
            try system.connection.script("DROP TRIGGER cut ON configuration.erasure")
            #expect(
                try system.quorate("retention", "report").output
                    .contains(/F-1 +its keys were destroyed on \S+ and it is here: to be erased again/))
            #expect(try system.quorate("retention", "apply", "--erase").output.contains("1 cases were erased"))
            try Self.catchUp(system)
            #expect(try Self.facts(system) == 0)
            #expect(try !Self.shown(system).contains("F-1-KAY"))
            #expect(try system.quorate("audit", "verify").output.contains("all fit"))
        }
    }
}
