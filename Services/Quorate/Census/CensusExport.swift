import ArgumentParser
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import Workers

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the returns that the nation asks for.", subcommands: [CensusExport.self]
    )
}

/// The child protection parts of the children in need census.
struct CensusExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cin-census",
        abstract: "Write the child protection parts of the children in need census, of a year to 31 March, as XML.",
        discussion: """
            Section 47 enquiries, initial conferences, plans and reviews, in the order of the published schema. The return's own \
            rules of consistency are checked: what breaks one is left out and named on standard error, with exit status 1.
            """)

    @OptionGroup var options: DeploymentOptions
    @Option(help: "The year in which the return's 31 March lies.") var year: Int
    @Option(help: "ONS code of the authority.") var authority: String
    @Option(help: "The department's three-digit code, for the header. (default: the one in authorities.yaml)")
    var lea: String?
    @Option(help: "File to write. (default: standard output)") var output: String?

    func run() throws {
        guard (2010...2199).contains(year) else { throw ValidationError("--year must lie between 2010 and 2199") }
        if let lea, !isLEA(lea) { throw ValidationError("--lea must be the department's three digits") }
        let connection = try options.deployment().connect("census")
        let configuration = try ConfigurationStore.load { try connection.execute($0) }.configuration
        guard let code = lea ?? configuration.lea(authority: authority) else {
            throw ValidationError(
                "the department's three-digit code of \(authority), which the return's header must have, is not in "
                    + "authorities.yaml: add `lea` there, or give --lea")
        }
        var census = CensusReturn(year: year, authorityCode: code)
        census.children = try CensusQuery(authority: authority, from: census.from, to: census.to).children(
            on: connection)
        var (sound, faults) = census.checked()
        for place in sound.children.indices { sound.children[place].episodes.removeAll(where: \.isEmpty) }
        sound.children.removeAll(where: \.episodes.isEmpty)
        for fault in faults { Terminal.error.print("left out: \(fault)") }
        guard !sound.children.isEmpty else {
            Terminal.error.print(
                "nothing is written: the year to \(census.to) has no child, and the schema asks for one")
            throw ExitCode.failure
        }
        try Operator.looked("export.cin-census", "\(year)", authority: authority, on: connection)
        let text = CensusXML.text(sound)
        if let output {
            try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        } else {
            FileHandle.standardOutput.write(Data(text.utf8))
        }
        let episodes = sound.children.flatMap(\.episodes)
        Terminal.error.print(
            "\(sound.children.count) children, \(episodes.flatMap(\.enquiries).count) enquiries, "
                + "\(episodes.flatMap(\.plans).count) plans of the year to \(census.to); \(faults.count) items left out"
        )
        if !faults.isEmpty { throw ExitCode.failure }
    }
}

/// The read models of a year, arranged as the return has them.
private struct CensusQuery {
    let authority: String
    let from, to: Day

    private struct Key: Hashable {
        let subject, child: String
        init(_ row: Row) { (subject, child) = (row.string("subject"), row.string("child_id")) }
    }

    func children(on connection: Connection) throws -> [CensusReturn.Child] {
        var episodes: [Key: CensusReturn.Episode] = [:]
        try enquiries(on: connection, &episodes)
        try plans(on: connection, &episodes)
        try reviews(on: connection, &episodes)
        try conferences(on: connection, &episodes)
        return try described(episodes, on: connection)
    }

    private func enquiries(on connection: Connection, _ episodes: inout [Key: CensusReturn.Episode]) throws {
        let rows = try connection.execute(
            """
            SELECT subject, child_id, started_on, coalesce(target_on, (census->>'InitialCPCtarget')::date) AS target_on,
                CASE WHEN conference_on <= \(PGDate(to)) THEN conference_on END AS conference_on, not_needed IS NOT NULL AS unneeded
              FROM reporting.enquiry
             WHERE authority = \(authority) AND (started_on BETWEEN \(PGDate(from)) AND \(PGDate(to))
                OR conference_on BETWEEN \(PGDate(from)) AND \(PGDate(to)))
             ORDER BY subject, child_id, started_on, enquiry_id
            """)
        for row in rows {
            episodes[Key(row), default: CensusReturn.Episode()].enquiries.append(
                CensusReturn.Enquiry(
                    startedOn: row.date("started_on").day, targetOn: row.dateOrNil("target_on")?.day,
                    conferenceOn: row.dateOrNil("conference_on")?.day, isConferenceNotRequired: row.bool("unneeded")))
        }
    }

    private func plans(on connection: Connection, _ episodes: inout [Key: CensusReturn.Episode]) throws {
        let rows = try connection.execute(
            """
            SELECT p.subject, p.child_id, p.started_on, CASE WHEN p.ended_on <= \(PGDate(to)) THEN p.ended_on END AS ended_on,
                p.category, p.latest_category,
                coalesce(p.earlier_plans, (SELECT count(*) FROM reporting.plan o WHERE o.authority = p.authority
                    AND o.child_id = p.child_id AND o.started_on < p.started_on)::int) AS earlier_plans
              FROM reporting.plan p
             WHERE p.authority = \(authority) AND p.started_on <= \(PGDate(to))
               AND (p.ended_on IS NULL OR p.ended_on >= \(PGDate(from)))
             ORDER BY p.subject, p.child_id, p.started_on, p.plan_id
            """)
        for row in rows {
            let initial = row.stringOrNil("category").flatMap { CensusReturn.categories[$0] }
            let latest = row.stringOrNil("latest_category").flatMap { CensusReturn.categories[$0] }
            episodes[Key(row), default: CensusReturn.Episode()].plans.append(
                CensusReturn.Plan(
                    startedOn: row.date("started_on").day, endedOn: row.dateOrNil("ended_on")?.day,
                    initialCategory: initial,
                    latestCategory: latest ?? initial, earlierPlans: row.int("earlier_plans")))
        }
    }

    /// Each with the plan that it reviewed. What an import held to tell of a plan's end was no review.
    private func reviews(on connection: Connection, _ episodes: inout [Key: CensusReturn.Episode]) throws {
        let rows = try connection.execute(
            """
            SELECT s.subject, s.child_id, c.held_on FROM reporting.sitting s
              JOIN reporting.conference c USING (authority, subject, conference_id)
             WHERE s.authority = \(authority) AND c.conference_type IN ('review', 'combined')
               AND c.held_on BETWEEN \(PGDate(from)) AND \(PGDate(to))
               AND NOT EXISTS (SELECT FROM reporting.plan p WHERE p.authority = s.authority AND p.subject = s.subject
                    AND s.conference_id = p.plan_id || '-end')
             ORDER BY s.subject, s.child_id, c.held_on
            """)
        for row in rows {
            let on = row.date("held_on").day
            var episode = episodes[Key(row)] ?? CensusReturn.Episode()
            let places = episode.plans.indices.filter { place in
                episode.plans[place].startedOn < on && episode.plans[place].endedOn.map { on <= $0 } ?? true
            }
            for place in places { episode.plans[place].reviews.append(on) }
            if places.isEmpty { episode.strayReviews.append(on) }
            episodes[Key(row)] = episode
        }
    }

    /// Initial conferences that followed no enquiry, such as those after a move in.
    private func conferences(on connection: Connection, _ episodes: inout [Key: CensusReturn.Episode]) throws {
        let rows = try connection.execute(
            """
            SELECT s.subject, s.child_id, max(c.held_on)::text AS held_on
              FROM reporting.sitting s JOIN reporting.conference c USING (authority, subject, conference_id)
             WHERE s.authority = \(authority) AND c.conference_type IN ('initial', 'prebirth', 'transfer_in')
               AND c.held_on <= \(PGDate(to))
               AND (c.held_on >= \(PGDate(from)) OR EXISTS (SELECT FROM reporting.plan p WHERE p.authority = s.authority
                    AND p.subject = s.subject AND p.child_id = s.child_id AND p.started_on = c.held_on
                    AND (p.ended_on IS NULL OR p.ended_on >= \(PGDate(from)))))
             GROUP BY s.subject, s.child_id
            """)
        for row in rows {
            let on = row.string("held_on")
            let known = episodes[Key(row)]?.enquiries.contains { $0.conferenceOn?.description == on } ?? false
            if !known { episodes[Key(row), default: CensusReturn.Episode()].items["DateOfInitialCPC"] = on }
        }
    }

    private func described(
        _ episodes: [Key: CensusReturn.Episode], on connection: Connection
    ) throws -> [CensusReturn.Child] {
        var children: [String: CensusReturn.Child] = [:]
        let rows = try connection.execute(
            """
            SELECT c.subject, c.child_id, c.born_on, c.expected_on, CASE WHEN c.died_on <= \(PGDate(to)) THEN c.died_on END AS died_on,
                c.census::text AS census, (SELECT min(r.referred_on)::text FROM reporting.referral r
                    WHERE r.authority = c.authority AND r.subject = c.subject AND r.child_id = c.child_id) AS referred_on
              FROM reporting.child c WHERE c.authority = \(authority) ORDER BY c.subject, c.child_id
            """)
        for row in rows {
            guard var episode = episodes[Key(row)] else { continue }
            let id = row.string("child_id")
            let census = try row.stringOrNil("census").map { try JSONValue($0) }
            func item(_ name: String) -> String? { census?[name]?.string }
            for name in CensusXML.episodeItems where name != "DateOfInitialCPC" { episode.items[name] = item(name) }
            let first = (episode.enquiries.map(\.startedOn) + episode.plans.map(\.startedOn)).min()
            episode.items["CINreferralDate"] =
                item("CINreferralDate") ?? row.stringOrNil("referred_on") ?? first?.description
            // Unknown; and what led to an enquiry, a conference or a plan was no referral without further action.
            episode.items["ReferralSource"] = episode.items["ReferralSource"] ?? "10"
            episode.items["ReferralNFA"] = episode.items["ReferralNFA"] ?? "0"
            var child = children[id] ?? CensusReturn.Child(id: id)
            child.bornOn = child.bornOn ?? row.dateOrNil("born_on")?.day
            child.expectedOn = child.expectedOn ?? row.dateOrNil("expected_on")?.day
            child.diedOn = child.diedOn ?? row.dateOrNil("died_on")?.day
            for name in CensusXML.identifierItems + CensusXML.sexItems + ["Ethnicity"] {
                child.items[name] = child.items[name] ?? item(name)
            }
            child.items["Sex"] = child.items["Sex"] ?? item("sex")
            child.items["Ethnicity"] = child.items["Ethnicity"] ?? item("ethnicity")
            if child.disabilities.isEmpty {
                child.disabilities = census?["Disability"]?.elements.compactMap(\.string) ?? []
            }
            child.episodes.append(episode)
            children[id] = child
        }
        let unregistered = Set(episodes.keys.map(\.child)).subtracting(children.keys)
        for id in unregistered { children[id] = CensusReturn.Child(id: id) }
        return children.values.map(complete).sorted { $0.id < $1.id }
    }

    /// With the codes that the return has for what is not known. Sex (F, M, U) took the place of GenderCurrent (1 male, 2 female, 0
    /// not recorded, 9 indeterminate) in the return of 2025.
    private func complete(_ child: CensusReturn.Child) -> CensusReturn.Child {
        var child = child
        let (sex, gender) = (child.items["Sex"], child.items["GenderCurrent"])
        if to >= Day("2025-03-31")! {
            child.items["Sex"] = sex ?? ["1": "M", "2": "F"][gender ?? ""] ?? "U"
            child.items["GenderCurrent"] = nil
        } else {
            child.items["GenderCurrent"] = gender ?? ["M": "1", "F": "2"][sex ?? ""] ?? "0"
            child.items["Sex"] = nil
        }
        child.items["Ethnicity"] = child.items["Ethnicity"] ?? "NOBT"
        return child
    }
}
