import StatutoryRules

/// The people of one invented authority. Ids are computed, so that a case can name a worker without a look-up.
struct SampleStaff {
    let authority: String

    static let teams = 6
    static let workersPerTeam = 5
    static let serviceManagers = 2
    static let chairs = 6
    static let reviewingOfficers = 5

    struct Allocation {
        var worker: String
        var manager: String
        var serviceManager: String
        var team: String
    }

    func allocation(_ random: inout SampleRandom) -> Allocation {
        let team = random.whole(1...SampleStaff.teams)
        let worker = (team - 1) * SampleStaff.workersPerTeam + random.whole(1...SampleStaff.workersPerTeam)
        return Allocation(
            worker: person("SW", worker), manager: person("TM", team),
            serviceManager: person("SM", serviceManager(ofTeam: team)), team: "\(authority)-T-\(team)")
    }

    func person(_ prefix: String, _ number: Int = 1) -> String { "\(authority)-\(prefix)-\(number)" }
    func chair(_ random: inout SampleRandom) -> String { person("CHAIR", random.whole(1...SampleStaff.chairs)) }
    func reviewingOfficer(_ random: inout SampleRandom) -> String {
        person("IRO", random.whole(1...SampleStaff.reviewingOfficers))
    }

    private func serviceManager(ofTeam team: Int) -> Int { (team - 1) % SampleStaff.serviceManagers + 1 }

    /// Those of whom each authority has one: prefix, roles, manager's prefix.
    private static let single: [(prefix: String, roles: [String], manager: String?)] = [
        ("CSCM", ["csc_manager"], "HOS"), ("PS", ["practice_supervisor"], "SM"),
        ("CCM", ["ceasing_to_care_manager"], "HOS"), ("SSM", ["senior_safeguarding_manager"], "HOS"),
        ("QASM", ["qa_service_manager"], "HOS"), ("QATM", ["qa_team_manager"], "QASM"),
        ("QA", ["qa_team"], "QATM"), ("SQASM", ["sqa_service_manager"], "HOS"),
        ("CPCM", ["cp_chair_manager", "chair_line_manager"], "QASM"), ("OIC", ["other_independent_chair"], "CPCM"),
        ("MSA", ["meeting_support_assistant"], "QATM"), ("HOS", ["head_of_service"], "DSW"),
        ("DSW", ["director_social_work"], "SD"), ("SD", ["service_director"], "DCS"),
        ("DCS", ["director_childrens_services"], nil), ("LEGAL", ["legal_adviser"], "HOS"),
        ("COMP", ["complaints_manager"], "HOS"), ("DESM", ["designated_manager"], "HOS"),
    ]

    typealias Partner = (prefix: String, agency: String, role: String)

    /// Partners, by agency.
    static let partners: [Partner] = [
        ("HV", "health_visiting", "agency_professional"), ("GP", "gp", "agency_professional"),
        ("MW", "midwifery", "agency_professional"), ("SCH", "education", "agency_professional"),
        ("SN", "school_nursing", "agency_professional"), ("POL", "police", "police_rep"),
        ("PROB", "probation", "agency_professional"), ("HEALTH", "health", "agency_professional"),
        ("DA", "domestic_abuse", "agency_professional"),
    ]

    private static let mailboxes = [
        "qa_team", "sqa", "qa_service_manager", "sqa_service_manager", "director_social_work", "service_director",
        "head_of_service", "csc_manager", "safeguarding_partnership", "complaints_manager", "other_authority",
    ]

    func emit(seed: UInt64, at: Instant, _ write: (String) -> Void) {
        var random = SampleRandom(seed: seed, stream: authority.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        var later = at
        func record(_ type: String, _ subject: String, _ data: SampleValue) {
            later = later.adding(minutes: 1)
            write(
                SampleEnvelope(
                    id: random.identifier(), source: "urn:hr:\(authority)", type: type, subject: subject, time: later,
                    authority: authority
                ).line(data))
        }
        func someone(
            _ id: String, _ roles: [String], manager: String?, team: String? = nil,
            agency: String = "childrens_social_care", active: Bool = true
        ) {
            let name = SampleNames.person(&random)
            let reach = random.whole(0...999)
            record(
                "person.recorded", id,
                [
                    "personId": .text(id), "name": .text(name), "roles": .texts(roles), "agency": .text(agency),
                    "email": .text("\(id.lowercased())@\(authority.lowercased()).example"),
                    // 07700 900000 to 900999 is kept free for invented people.
                    "mobile": .text("+447700900" + String(1000 + reach).dropFirst()),
                    "channelPreference": "email", "teamId": team.map { .text($0) } ?? .absent,
                    "managerId": manager.map { .text($0) } ?? .absent, "active": .flag(active),
                ])
        }

        for role in SampleStaff.mailboxes {
            let local = role.split(separator: "_").joined(separator: ".")
            record(
                "role_mailbox.recorded", role,
                [
                    "role": .text(role), "email": .text("\(local)@\(authority.lowercased()).example"),
                    "fromOn": .day(London.day(of: at).adding(days: -400)),
                ])
        }
        for (prefix, roles, manager) in SampleStaff.single {
            someone(person(prefix), roles, manager: manager.map { person($0) })
        }
        for number in 1...SampleStaff.serviceManagers {
            someone(person("SM", number), ["service_manager"], manager: person("HOS"))
        }
        for team in 1...SampleStaff.teams {
            let teamId = "\(authority)-T-\(team)"
            let serviceManager = person("SM", serviceManager(ofTeam: team))
            record(
                "team.recorded", teamId,
                [
                    "teamId": .text(teamId), "name": .text("Team \(team)"), "teamManagerId": .text(person("TM", team)),
                    "serviceManagerId": .text(serviceManager),
                    "mailbox": .text("team\(team)@\(authority.lowercased()).example"),
                ])
            someone(person("TM", team), ["team_manager"], manager: serviceManager, team: teamId)
            for place in 1...SampleStaff.workersPerTeam {
                let number = (team - 1) * SampleStaff.workersPerTeam + place
                // The last has no manager on record: that must never stop a notice.
                let managed = number < SampleStaff.teams * SampleStaff.workersPerTeam
                someone(
                    person("SW", number), ["social_worker"], manager: managed ? person("TM", team) : nil, team: teamId)
            }
        }
        for number in 1...SampleStaff.chairs {
            someone(person("CHAIR", number), ["conference_chair"], manager: person("CPCM"))
        }
        for number in 1...SampleStaff.reviewingOfficers {
            someone(person("IRO", number), ["iro"], manager: person("CPCM"))
        }
        for (prefix, agency, role) in SampleStaff.partners {
            someone(person(prefix), [role], manager: nil, agency: agency)
        }
        someone(person("SW", 99), ["social_worker"], manager: person("TM", 1), active: false)
    }
}

enum SampleNames {
    /// Plants, trees and weather: nobody's parish register.
    private static let given = [
        "Juniper", "Bracken", "Clover", "Tansy", "Sorrel", "Yarrow", "Teasel", "Campion", "Linnet", "Fescue", "Burdock",
        "Mallow", "Speedwell", "Betony", "Comfrey", "Lovage", "Orris", "Quince", "Medlar", "Rushes", "Samphire",
        "Vetch",
    ]
    private static let family = [
        "Thistlewick", "Pebbledown", "Quillmere", "Oakenfold", "Marrowby", "Brindlemoor", "Larkenshaw", "Fernwhistle",
        "Copperbeck", "Hollowmere", "Saltmarrow", "Dapplegate", "Wickenthorn", "Mossbarrow", "Rookenhay", "Tumblebrook",
        "Otterwade", "Puddingdale", "Gorsewater", "Nettlefen", "Cobblestrand", "Heronsmeet",
    ]

    static func family(_ random: inout SampleRandom) -> String { random.pick(family) }
    static func given(_ random: inout SampleRandom) -> String { random.pick(given) }
    static func person(_ random: inout SampleRandom) -> String { "\(given(&random)) \(family(&random))" }
}

/// The envelope of one event.
struct SampleEnvelope {
    var id: String
    var source: String
    /// Without `quorate.` and `.v1`.
    var type: String
    var subject: String
    var time: Instant
    var authority: String
    var supersedes: String?
    var retracts: String?
    var correlation: String?

    func line(_ data: SampleValue) -> String {
        var fields: [(String, SampleValue)] = [
            ("specversion", "1.0"), ("id", .text(id)), ("source", .text(source)),
            ("type", .text("quorate.\(type).v1")), ("subject", .text(subject)), ("time", .instant(time)),
            ("authority", .text(authority)),
        ]
        if let supersedes { fields.append(("supersedes", .text(supersedes))) }
        if let retracts { fields.append(("retracts", .text(retracts))) }
        if let correlation { fields.append(("correlationid", .text(correlation))) }
        fields.append(("datacontenttype", "application/json"))
        fields.append(("data", data))
        var line = ""
        line.reserveCapacity(900)
        SampleValue.object(fields).write(to: &line)
        return line
    }
}
