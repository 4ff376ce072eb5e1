import CaseEvents
import Postgres
import StatutoryRules

/// The read models of a year, arranged as the return has them.
struct CensusQuery {
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
            SELECT subject, child_id, started_on, coalesce(target_on::text, census->>'InitialCPCtarget') AS target_on,
                CASE WHEN conference_on <= \(PGDate(to)) THEN conference_on END AS conference_on,
                coalesce(not_needed_on <= \(PGDate(to)), false) AS unneeded
              FROM reporting.enquiry
             WHERE authority = \(authority) AND (started_on BETWEEN \(PGDate(from)) AND \(PGDate(to))
                OR conference_on BETWEEN \(PGDate(from)) AND \(PGDate(to)))
             ORDER BY subject, child_id, started_on, enquiry_id
            """)
        for row in rows {
            let target = row.stringOrNil("target_on")
            if let fault = target.flatMap({ CensusItems.fault("InitialCPCtarget", $0) }) {
                episodes[Key(row), default: CensusReturn.Episode()].leftOut.append(fault)
            }
            episodes[Key(row), default: CensusReturn.Episode()].enquiries.append(
                CensusReturn.Enquiry(
                    startedOn: row.date("started_on").day, targetOn: target.flatMap { Day($0) },
                    conferenceOn: row.dateOrNil("conference_on")?.day, isConferenceNotRequired: row.bool("unneeded")))
        }
    }

    private func plans(on connection: Connection, _ episodes: inout [Key: CensusReturn.Episode]) throws {
        let rows = try connection.execute(
            """
            SELECT p.subject, p.child_id, p.started_on, CASE WHEN p.ended_on <= \(PGDate(to)) THEN p.ended_on END AS ended_on,
                p.category, reporting.category_at(p.category, p.category_changes, \(PGDate(to))) AS latest_category,
                coalesce(CASE WHEN p.earlier_plans >= 0 THEN p.earlier_plans END, (SELECT count(*) FROM reporting.plan o WHERE o.authority = p.authority
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
            if places.isEmpty { episode.leftOut.append("review of \(on): the child had no plan on that day") }
            episodes[Key(row)] = episode
        }
    }

    /// Initial conferences that followed no enquiry, such as those after a move in. An episode has a place for one, which goes to
    /// the one that began a plan of the year, else to the latest.
    private func conferences(on connection: Connection, _ episodes: inout [Key: CensusReturn.Episode]) throws {
        let rows = try connection.execute(
            """
            SELECT DISTINCT s.subject, s.child_id, c.held_on, b.began
              FROM reporting.sitting s JOIN reporting.conference c USING (authority, subject, conference_id)
             CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM reporting.plan p WHERE p.authority = s.authority
                AND p.subject = s.subject AND p.child_id = s.child_id AND p.started_on = c.held_on
                AND (p.ended_on IS NULL OR p.ended_on >= \(PGDate(from)))) AS began) b
             WHERE s.authority = \(authority) AND c.conference_type IN ('initial', 'prebirth', 'transfer_in')
               AND c.held_on <= \(PGDate(to)) AND (c.held_on >= \(PGDate(from)) OR b.began)
             ORDER BY s.subject, s.child_id, c.held_on DESC
            """)
        var found: [Key: [(on: Day, hasBegun: Bool)]] = [:]
        for row in rows {
            let on = row.date("held_on").day
            if episodes[Key(row)]?.enquiries.contains(where: { $0.conferenceOn == on }) ?? false { continue }
            found[Key(row), default: []].append((on, row.bool("began") && on >= from))
        }
        for (key, conferences) in found {
            var episode = episodes[key] ?? CensusReturn.Episode()
            let place = conferences.firstIndex(where: \.hasBegun) ?? 0
            episode.items["DateOfInitialCPC"] = conferences[place].on.description
            for (other, conference) in conferences.enumerated() where other != place && conference.on >= from {
                episode.leftOut.append(
                    "conference of \(conference.on): beside that of \(conferences[place].on) it followed no enquiry")
            }
            episodes[key] = episode
        }
    }

    private func described(
        _ episodes: [Key: CensusReturn.Episode], on connection: Connection
    ) throws -> [CensusReturn.Child] {
        var left = episodes
        var children: [String: CensusReturn.Child] = [:]
        let rows = try connection.execute(
            """
            SELECT c.subject, c.child_id, c.born_on, c.expected_on, CASE WHEN c.died_on <= \(PGDate(to)) THEN c.died_on END AS died_on,
                c.census::text AS census, (SELECT min(r.referred_on)::text FROM reporting.referral r
                    WHERE r.authority = c.authority AND r.subject = c.subject AND r.child_id = c.child_id) AS referred_on
              FROM reporting.child c WHERE c.authority = \(authority) ORDER BY c.subject, c.child_id
            """)
        for row in rows {
            guard var episode = left.removeValue(forKey: Key(row)) else { continue }
            let id = row.string("child_id")
            let census = try row.stringOrNil("census").map { try JSONValue($0) }
            func item(_ name: String, as code: String? = nil) -> String? {
                guard let value = census?[name]?.string else { return nil }
                guard let fault = CensusItems.fault(code ?? name, value) else { return value }
                episode.leftOut.append(fault)
                return nil
            }
            for name in CensusXML.episodeItems where name != "DateOfInitialCPC" { episode.items[name] = item(name) }
            episode.items["CINreferralDate"] = episode.items["CINreferralDate"] ?? row.stringOrNil("referred_on")
            var child = children[id] ?? CensusReturn.Child(id: id)
            child.bornOn = child.bornOn ?? row.dateOrNil("born_on")?.day
            child.expectedOn = child.expectedOn ?? row.dateOrNil("expected_on")?.day
            child.diedOn = child.diedOn ?? row.dateOrNil("died_on")?.day
            for name in CensusXML.identifierItems + CensusXML.sexItems + ["Ethnicity"] {
                child.items[name] = child.items[name] ?? item(name)
            }
            child.items["Sex"] = child.items["Sex"] ?? item("sex", as: "Sex")
            child.items["Ethnicity"] = child.items["Ethnicity"] ?? item("ethnicity", as: "Ethnicity")
            if child.disabilities.isEmpty {
                let told = census?["Disability"]?.elements.compactMap(\.string) ?? []
                child.disabilities = told.filter { CensusItems.fault("Disability", $0) == nil }
                episode.leftOut += told.compactMap { CensusItems.fault("Disability", $0) }
            }
            child.episodes.append(complete(episode))
            children[id] = child
        }
        // Of a child that is registered in another case alone, or in none.
        for (key, episode) in left.sorted(by: { $0.key.subject < $1.key.subject }) {
            children[key.child, default: CensusReturn.Child(id: key.child)].episodes.append(complete(episode))
        }
        return children.values.map(complete).sorted { $0.id < $1.id }
    }

    /// With the codes for what is not known; and what led to an enquiry, a conference or a plan was no referral without further
    /// action.
    private func complete(_ episode: CensusReturn.Episode) -> CensusReturn.Episode {
        var episode = episode
        let told = episode.enquiries.map(\.startedOn) + episode.plans.map(\.startedOn)
        episode.items["CINreferralDate"] =
            episode.items["CINreferralDate"] ?? (told.min() ?? episode.conferenceOn)?.description
        episode.items["ReferralSource"] = episode.items["ReferralSource"] ?? "10"
        episode.items["ReferralNFA"] = episode.items["ReferralNFA"] ?? "0"
        return episode
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
