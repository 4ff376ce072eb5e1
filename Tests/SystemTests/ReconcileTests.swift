import Foundation
import StatutoryRules
import TestSupport
import Testing
import Workers

/// The case system's list of what is open against the ledger's, both ways.
@Suite struct ReconcileTests {
    private static let authority = "E06000030"

    @Test func whatDiffersIsNamedBothWays() async throws {
        try await TestSystem.with { system in
            let today = try #require(Day(try system.strings("SELECT analysis.today()::text")[0]))
            let past = today.adding(days: -60)
            var events = ListEvents(Self.authority, "C-1", from: past)
            for number in 1...3 { events.plan("P-\(number)", "K-\(number)", from: past) }
            events.add(
                "child.died", on: today.adding(days: -5), #""childId":"K-3","dateOfDeath":"\#(today.adding(days: -5))""#
            )
            for child in ["K-1", "K-4"] {
                events.add("child.became_looked_after", on: past, #""childId":"\#(child)","startedOn":"\#(past)""#)
            }
            events.book("CF-1", "review", for: today.adding(days: 7))
            events.book("CF-2", "review", for: today.adding(days: 9))
            events.book("CF-0", "review", for: today.adding(days: -1))
            try system.start([.scheduling, .reporting])
            try system.publish(events.lines)
            try system.waitUntilCaughtUp()

            // K-3's plan ended with the child; P-2 is not in the file; P-9 not in the ledger; CF-2 was moved without a word.
            let same = """
                kind,child_id,id,on
                plan,K-1,P-1,\(past)
                plan,K-2,P-2,\(past)
                looked_after,K-1,,\(past)
                looked_after,K-4,,\(past)
                meeting,,CF-1,\(today.adding(days: 7))
                meeting,,"CF-2",\(today.adding(days: 9))

                """
            let agreed = try system.write("same.csv", same)
            let none = try system.quorate("reconcile", agreed, "--authority", Self.authority)
            #expect(none.errors.contains("0 differences"))
            let other = same.replacing("plan,K-2,P-2,\(past)", with: "plan,K-3,P-3,\(past)")
                .replacing("looked_after,K-4,,\(past)\n", with: "")
                .replacing("\"CF-2\",\(today.adding(days: 9))", with: "CF-2,\(today.adding(days: 10))")
            let path = try system.write("other.csv", other)
            let found = try system.quorate("reconcile", path, "--authority", Self.authority, exits: 1)
            #expect(
                found.output.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init) == [
                    "difference,kind,case,child,id,case system,ledger",
                    "only in the case system,plan,,K-3,P-3,\(past),",
                    "only in the ledger,looked_after,C-1,K-4,,,\(past)",
                    "only in the ledger,plan,C-1,K-2,P-2,,\(past)",
                    "other date,meeting,C-1,,CF-2,\(today.adding(days: 10)),\(today.adding(days: 9))",
                ])
            #expect(found.errors.contains("plan: 2 in the case system, 2 in the ledger"))
            for (text, said) in [
                ("plan,K-1,P-1,\(past)\n", "must name the columns"),
                ("kind,child_id,id,on\nplan,K-1,P-1,01/02/2026\n", "row 2: on must be a date"),
                ("kind,child_id,id,on\nplan,K-1,,\(past)\n", "row 2: id is empty"),
            ] {
                let bad = try system.write("bad.csv", text)
                let refused = try system.quorate("reconcile", bad, "--authority", Self.authority, exits: 2)
                #expect(refused.errors.contains(said))
            }
            // Each comparison was a look at the authority's cases; what was refused saw none.
            let looks = try system.strings(
                "SELECT convert_from(value, 'UTF8') FROM scheduling.outbox WHERE topic = 'operator-events' ORDER BY outbox_id"
            ).filter { $0.contains(#""act":"reconcile""#) }
            #expect(looks.count == 2 && looks.allSatisfy { $0.contains(Self.authority) })
        }
    }
}
