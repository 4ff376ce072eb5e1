import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// The monthly figures, the list of long plans, and what analysts read of referrals, removals and stale records.
@Suite struct ListFigureTests {
    /// Who has which list: each procedure its own rows, and nobody a list that it does not ask for.
    @Test func listsByPolicy() {
        let kinds = ["weekly", "exception", "fortnight", "month", "allocations", "drift", "timeliness", "long_plans"]
        func lists(_ policy: String) -> [String] {
            let configuration = Configuration.packaged.using(policy: policy)!
            return kinds.filter { configuration.listRecipients($0, authority: "E06000030") != nil }
        }
        #expect(lists("swindon") == ["weekly", "exception", "fortnight", "month", "allocations", "timeliness"])
        #expect(lists("knowsley") == ["drift", "timeliness"])
        #expect(lists("note-002") == ["timeliness"])
        for policy in ["london", "lincolnshire", "england"] { #expect(lists(policy) == [], "\(policy)") }
    }

    /// MAN-0, MAN-4a, SWI-0.5, CAN-1.4, CAN-2.1, LON-4.1c and LON-8.1c, of the month before the 1st. Three first reviews
    /// are due on its 11th: one held on the 9th, one on the 13th, one put off. A delivery that was known of too late (LON-1.16a)
    /// is counted by itself.
    @Test func timeliness() async throws {
        let authority = "E06000034"
        let month = try ListDays.first().adding(months: -1)
        let day = { (number: Int) in month.adding(days: number - 1) }
        var lines: [String] = []
        for number in 1...3 {
            let held = day(11).adding(months: -3)
            var events = ListEvents(authority, "C-\(number)", from: held)
            // The first and the third are of one team, the second of another.
            events.add(
                "child.registered", on: held,
                #""childId":"K-\#(number)","dateOfBirth":"2015-05-05","allocated":{"socialWorkerId":"SW-\#(number)","teamId":"T-\#(2 - number % 2)"}"#
            )
            events.hold("CF-\(number)", "initial", on: held, ["K-\(number)"], #","chairId":"CH-1""#)
            events.plan("P-\(number)", "K-\(number)", from: held)
            if number < 3 {
                let role = number == 1 ? "social_worker" : "police_rep"
                events.hold(
                    "RV-\(number)", "review", on: day(number == 1 ? 9 : 13), ["K-\(number)"],
                    #","chairId":"CH-\#(number)","attendees":[{"personId":"PE-1","role":"\#(role)"}]"#)
            }
            if number == 1 {
                events.add(
                    "conference.exclusion_decided", on: day(8),
                    #""conferenceId":"RV-1","personId":"PA-1","decision":"exclude","scope":"full","groundCode":"violence","decidedByRole":"conference_chair","decidedAt":"\#(day(8))""#
                )
            } else if number == 3 {
                events.book("RV-3", "review", for: day(11), child: "K-3")
                let approvals = #"[{"personId":"HS-1","role":"head_of_service","approvedAt":"\#(day(5))"}]"#
                events.add(
                    "conference.postponement_decided", on: day(5),
                    #""conferenceId":"RV-3","action":"postpone","agreed":true,"decidedAt":"\#(day(5))","reasonCode":"parent_urgent_unavailability","newStartsAt":"\#(ListEvents.ten(day(75)))","approvals":\#(approvals)"#
                )
                events.add(
                    "conference.postponement_decided", on: day(6),
                    #""conferenceId":"RV-3","action":"postpone","agreed":false,"decidedAt":"\#(day(6))","reasonCode":"sw_ill""#
                )
            }
            lines += events.lines
        }
        var unborn = ListEvents(authority, "C-4", from: day(6))
        unborn.add(
            "pregnancy.recorded", on: day(6),
            #""childId":"K-4","edd":"\#(day(4).adding(days: 70))","eddRecordedAt":"\#(ListEvents.ten(day(6)))""#)
        unborn.add(
            "strategy_discussion.held", on: day(6),
            #""discussionId":"SD","childIds":["K-4"],"heldAt":"\#(ListEvents.ten(day(6)))","initiatedS47":true"#)
        let authorities = """
            defaults: {E06: england, E07: england, E08: england, E09: london, E10: england}
            authorities:
              E06000034: {policy: note-002}
            """
        try await ListEvents.draw(lines + unborn.lines, configuration: ["authorities.yaml": authorities]) { system in
            let rows = try system.list("timeliness", authority)
            let expected = [
                #"In time,first review,1,3,33.3,"1 late, by 2 days at most; 1 not done",,"#,
                #"In time,first review,1,2,50.0,0 late; 1 not done,T-1,"#,
                #"In time,first review,0,1,0.0,"1 late, by 2 days at most; 0 not done",T-2,"#,
                "Known late,initial conference,1,,,in no rate,,",
                "Postponed or cancelled,parent urgent unavailability,1,3,33.3,,,",
                "Postponed or cancelled,parent urgent unavailability,1,2,50.0,,T-1,",
                "Postponement refused,sw ill,1,,,,,",
                "Postponement refused,sw ill,1,,,,T-1,",
                "Social worker present,review,1,2,50.0,,,",
                "Social worker present,review,1,1,100.0,,T-1,",
                "Social worker present,review,0,1,0.0,,T-2,",
                "Same chair as before,review,1,2,50.0,,,",
                "Someone excluded,review,1,2,50.0,,,",
            ]
            #expect(expected.filter { !rows.contains($0) } == [], "\(rows)")
            #expect(rows.count { $0.contains("first review") || $0.contains(",review,") } == 4 * 3)
            let team = try system.quorate(
                "lists", "show", "timeliness", "--team", "T-2", "--on", "\(month.adding(months: 1))")
            #expect(team.output.components(separatedBy: "\r\n").count == 2 + rows.count { $0.hasSuffix(",T-2,") })
            let period = try system.strings("SELECT period FROM reporting.published_list WHERE kind = 'timeliness'")
            #expect(period == ["month of \(month.description.prefix(7))"])
        }
    }

    /// LON-1.22c, once London's owner switches it on: plans of two years, a child under five first. Of a plan that a manager
    /// ended because the risk was over the end is refused (LON-10.5), and it stays; the plan of a child who died does not.
    ///
    /// LON-1.15: referred 140 days before the expected delivery, twenty weeks. LON-2.3f: the days since the section 47
    /// enquiry. LON-14.15a: three months, of the children whose plans are the last that was heard of them.
    @Test func longPlans() async throws {
        let authority = "E09000001"
        let first = try ListDays.first()
        var lines: [String] = []
        for (number, born, began) in [(1, -50, -30), (2, -120, -40), (3, -120, -20), (4, -144, -36), (5, -144, -36)] {
            var events = ListEvents(authority, "C-\(number)", from: first.adding(months: began))
            events.add(
                "child.registered", on: first.adding(months: born),
                #""childId":"K-\#(number)","dateOfBirth":"\#(first.adding(months: born))""#)
            events.plan("P-\(number)", "K-\(number)", from: first.adding(months: began))
            let recent = first.adding(days: -10)
            if number == 4 {
                events.add(
                    "plan.ended", on: recent,
                    #""planId":"P-4","childId":"K-4","endedOn":"\#(recent)","groundCode":"no_continuing_risk","route":"manager","decidedByRole":"service_manager""#
                )
            } else if number == 5 {
                events.add("child.died", on: recent, #""childId":"K-5","dateOfDeath":"\#(recent)""#)
            }
            lines += events.lines
        }
        let removed = first.adding(days: -30)
        var others = ListEvents(authority, "C-6", from: removed)
        others.add(
            "concern.referred", on: removed,
            #""childId":"U-6","referredAt":"\#(removed)","agency":"health","edd":"\#(removed.adding(days: 140))""#)
        others.add(
            "child.removed_from_care", on: removed,
            #""childId":"K-6","removedAt":"\#(removed)","legalStatus":"s20","seriousConcerns":true"#)
        others.add(
            "s47_enquiry.started", on: removed.adding(days: 1),
            #""enquiryId":"EN","childIds":["K-6"],"startedAt":"\#(removed.adding(days: 1))""#)
        try await ListEvents.draw(lines + others.lines, configuration: try Self.switchedOn()) { system in
            func row(_ number: Int, _ age: Int, _ months: Int) -> String {
                let began = first.adding(months: months)
                return "C-\(number),K-\(number),\(age),P-\(number),\(began),\(began.adding(months: 24)),neglect,,"
            }
            let rows = try system.list("long_plans", authority)
            #expect(rows == [row(1, 4, -30), row(2, 10, -40), row(4, 12, -36)])
            let ended = try system.strings("SELECT plan_id FROM reporting.plan WHERE ended_on IS NOT NULL")
            #expect(ended == ["P-5"])
            try system.connection.script("INSERT INTO configuration.analyst_grant SELECT session_user, '*'")
            let stale = try system.strings("SELECT child_id FROM analysis.stale_record ORDER BY 1")
            #expect(stale == ["K-1", "K-2", "K-3"])
            let weeks = try system.number("SELECT gestation_weeks FROM analysis.prebirth_referral")
            #expect(weeks == 20)
            let removal = try system.connection.execute(
                """
                SELECT days_since_enquiry, plan_state,
                    ((now() AT TIME ZONE 'Europe/London')::date - \(PGDate(removed)) - 1) AS days
                  FROM analysis.removal_from_care
                """)[0]
            #expect(removal.int("days_since_enquiry") == removal.int("days"))
            #expect(removal.string("plan_state") == "none")
        }
    }

    /// London with the list of long plans, and with a limit on how old a record may grow.
    static func switchedOn() throws -> [String: String] {
        let files = Configuration.packaged.files
        let london = try #require(files["london.yaml"])
        let from = try #require(london.firstRange(of: "  without:\n"))
        let to = try #require(london.firstRange(of: "\nlimits:\n"))
        let limited = "record.stale: {value: 3, unit: months, rule: LON-14.15a}"
        return [
            "london.yaml": String(london[..<from.lowerBound]) + String(london[to.lowerBound...]),
            "defaults.yaml": try #require(files["defaults.yaml"])
                .replacing("record.stale: not_stated", with: limited),
        ]
    }
}
