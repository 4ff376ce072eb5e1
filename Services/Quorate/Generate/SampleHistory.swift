import StatutoryRules

/// One case, lived through day by day; what happens is recorded as the events that a case system would send.
struct SampleHistory {
    let number: Int
    let authority: String
    let until: Instant
    let calendar: SampleCalendar
    let staff: SampleStaff
    let subject: String
    let source: String
    /// Of the case's place in the sample, in [0, 1): how its first enquiry ends.
    let outcome: Double
    let kind: Kind

    var random: SampleRandom
    var sent: [SentLine] = []
    var children: [SampleChild] = []
    var allocation: SampleStaff.Allocation
    var counter = 0
    /// On a plan and looked after: reviews are combined.
    var lookedAfter = false
    /// The next review of the plan is the first since the child became looked after.
    var isFirstInCare = false
    /// Who knows the family: the same people from the first conference to the last.
    var circle: [SampleStaff.Partner] = []
    var hasFather = false
    /// Of the last conference; conferences keep theirs.
    var chair: String?
    /// Of a plan that another authority made.
    var originalStart: Day?
    /// The reviewing officer, once a child is looked after.
    var officer: String?

    enum Kind {
        case enquiry, prebirth, emergency, death, abroad, adult, inquorate, discussedAgain, transferIn, lookedAfter
    }

    struct SampleChild {
        var id: String
        var birth: Day?
        var due: Day?
        var isDisabled = false

        /// In years; `nil` before the birth.
        func age(on day: Day) -> Int? { birth.map { max(0, day.days(since: $0)) / 365 } }
    }

    init(number: Int, seed: UInt64, authority: String, outcome: Double, until: Instant, calendar: SampleCalendar) {
        self.number = number
        self.authority = authority
        self.outcome = outcome
        self.until = until
        self.calendar = calendar
        staff = SampleStaff(authority: authority)
        random = SampleRandom(seed: seed, stream: UInt64(number) + 1)
        // Two samples of different seeds can be published to one system and stay apart.
        var prefix = SampleRandom(seed: seed)
        let batch = SampleRandom.hexadecimal(prefix.next() >> 48, 4)
        subject = "C-\(batch)-" + String(100_000 + number).dropFirst(number < 100_000 ? 1 : 0)
        source = "urn:lcs:\(authority)"
        allocation = staff.allocation(&random)
        // The rare histories stand in even a small sample: they are what people try a system for.
        switch number % 2000 {
        case 7: kind = .death
        case 11: kind = .abroad
        case 13: kind = .emergency
        case 17: kind = .prebirth
        case 19: kind = .transferIn
        case 23: kind = .lookedAfter
        case 29: kind = .discussedAgain
        case 31: kind = .adult
        case 37: kind = .inquorate
        default:
            switch SampleRandom.evenlySpread(number, step: 0.569_840_290_998_053, offset: 0) {
            case ..<0.78: kind = .enquiry
            case ..<0.83: kind = .prebirth
            case ..<0.87: kind = .transferIn
            default: kind = .lookedAfter
            }
        }
    }

    var lastDay: Day { London.day(of: until) }

    mutating func run(from drawn: Day, spanDays: Int, first: Day) {
        // A rare history begins early, or the sample's end would cut off what is rare in it.
        let day = isRare ? first.adding(days: number % 2000 % max(1, spanDays / 8)) : drawn
        switch kind {
        case .transferIn:
            register(count: childCount(), on: day)
            transferIn(on: day)
        case .lookedAfter:
            register(count: 1, on: day)
            careEpisode(from: day)
        case .enquiry, .prebirth, .emergency, .death, .abroad, .adult, .inquorate, .discussedAgain:
            let forced = isRare && kind != .discussedAgain
            let reaches = forced || outcome < 0.31
            let makesPlan = forced || outcome < 0.31 * 0.86
            if kind == .prebirth {
                registerUnborn(on: day)
            } else {
                register(count: kind == .death || kind == .adult ? 1 : childCount(), on: day)
            }
            enquiry(from: day, reaches: reaches, makesPlan: makesPlan, repeated: false)
        }
    }

    private var isRare: Bool { [7, 11, 13, 17, 19, 23, 29, 31, 37].contains(number % 2000) }

    // MARK: Children and family

    private mutating func childCount() -> Int { random.weighted([(1, 0.45), (2, 0.3), (3, 0.17), (4, 0.08)]) }

    var childIds: [String] { children.map(\.id) }

    private mutating func register(count: Int, on day: Day) {
        let family = SampleNames.family(&random)
        let ids = (1...count).map { childId($0) }
        for (index, id) in ids.enumerated() {
            // An only child may come of age on a plan; of siblings none does, so that their plans end together.
            let youngest = kind == .adult ? 6300 : 20
            let oldest = kind == .adult ? 6400 : count > 1 ? 5200 : 6200
            let birth = day.adding(days: -random.whole(youngest...oldest))
            children.append(SampleChild(id: id, birth: birth, isDisabled: random.chance(0.12)))
            record(
                "child.registered", at: time(day, 8...9),
                registration(
                    children[index], family: family,
                    siblings: ids.enumerated().filter { $0.offset != index }.map(\.element)))
        }
        recordFamily(family, on: day)
        circle = drawCircle(on: day)
    }

    private mutating func registerUnborn(on day: Day) {
        let family = SampleNames.family(&random)
        let id = childId(1)
        let due = day.adding(days: random.whole(95...150))
        children.append(SampleChild(id: id, birth: nil, due: due))
        record(
            "child.registered", at: time(day, 8...9),
            registration(children[0], family: family, siblings: []))
        recordPregnancy(of: id, due: due, on: day)
        recordFamily(family, on: day)
        circle = drawCircle(on: day)
    }

    private mutating func recordPregnancy(of id: String, due: Day, on day: Day) {
        let isEarly = random.chance(0.1)
        let setsDate = isEarly && random.chance(0.88)
        let goesToCourt = random.chance(0.1)
        record(
            "pregnancy.recorded", at: time(day, 9...10),
            [
                "childId": .text(id), "motherId": .text("\(subject)-M"), "edd": .day(due), "eddSource": "midwifery",
                "prematureRisk": .flag(isEarly), "proceedingsContemplated": .flag(goesToCourt),
                "considerationRecorded": usually(),
                "targetDate": setsDate ? .day(due.adding(days: -75)) : .absent,
                "setBy": setsDate ? .text(staff.person("CSCM")) : .absent,
                "setByRole": setsDate ? "csc_manager" : .absent,
            ])
        guard goesToCourt, random.chance(0.85) else { return }
        let sent = time(calendar.onOrAfter(day.adding(days: random.whole(3...9))))
        record(
            "preproceedings_letter.sent", at: sent, correctable: "sentAt",
            [
                "childId": .text(id), "sentAt": moment(sent), "letterKind": "pre_proceedings",
                "prematureRisk": .flag(isEarly), "rationale": usually("Timed with an early birth in mind."),
            ])
    }

    /// Those whose work it is to know children of that age, the police, and a few others.
    private mutating func drawCircle(on day: Day) -> [SampleStaff.Partner] {
        var prefixes = ["POL"]
        if children.contains(where: { $0.birth == nil }) { prefixes += ["MW"] }
        if children.contains(where: { $0.age(on: day) ?? 0 < 5 }) { prefixes += ["HV"] }
        if children.contains(where: { $0.age(on: day) ?? 0 >= 5 }) { prefixes += ["SCH", "SN"] }
        let others = SampleStaff.partners.map(\.prefix).filter { !prefixes.contains($0) && $0 != "MW" }
        prefixes += others.shuffled(using: &random).prefix(random.whole(0...2))
        if prefixes.count < 3 { prefixes.append("GP") }
        return SampleStaff.partners.filter { prefixes.contains($0.prefix) }
    }

    func childId(_ place: Int) -> String { "K" + subject.dropFirst() + "-\(place)" }

    private mutating func registration(_ child: SampleChild, family: String, siblings: [String]) -> SampleValue {
        [
            "childId": .text(child.id), "displayName": .text("\(SampleNames.given(&random)) \(family)"),
            "authorityId": .text(authority), "householdId": .text("H" + subject.dropFirst()),
            "dateOfBirth": child.birth.map { .day($0) } ?? .absent, "edd": child.due.map { .day($0) } ?? .absent,
            "siblingIds": .texts(siblings), "firstLanguage": .text(random.chance(0.9) ? "en" : "pl"),
            "disability": .flag(child.isDisabled), "livingInAuthority": true,
            "allocated": [
                "socialWorkerId": .text(allocation.worker), "teamManagerId": .text(allocation.manager),
                "serviceManagerId": .text(allocation.serviceManager), "teamId": .text(allocation.team),
            ],
            "census": random.chance(0.4)
                ? ["LAchildID": .text(child.id), "sex": .text(random.pick(["M", "F"])), "ethnicity": "NOBT"] : .absent,
        ]
    }

    private mutating func recordFamily(_ family: String, on day: Day) {
        hasFather = random.chance(0.6)
        for (suffix, relationship) in hasFather ? [("M", "mother"), ("F", "father")] : [("M", "mother")] {
            record(
                "family_member.recorded", at: time(day, 9...11),
                [
                    "personId": .text("\(subject)-\(suffix)"), "childIds": .texts(childIds),
                    "relationship": .text(relationship),
                    "parentalResponsibility": .flag(suffix == "M" || random.chance(0.8)),
                    "name": .text("\(SampleNames.given(&random)) \(family)"),
                    "address": .text("\(random.whole(1...99)) Invented Row, Nowhere-on-the-Wold"),
                    "email": .text("\(subject.lowercased()).\(suffix.lowercased())@families.example"),
                    "language": "en", "safeToContact": .flag(suffix == "M" || random.chance(0.85)),
                    "safeChannels": ["email", "post"],
                ])
        }
    }

    // MARK: Recording

    /// A reference of this case that no other case has.
    mutating func reference(_ prefix: String) -> String {
        counter += 1
        return "\(prefix)\(subject.dropFirst())-\(counter)"
    }

    /// Records an event soon after its own instant, with the faults of real feeds. What would be recorded after the
    /// sample's end is left out.
    ///
    /// - Parameter field: The payload's own date or instant, where the event may be corrected or double-keyed.
    mutating func record(_ type: String, at own: Instant, correctable field: String? = nil, _ data: SampleValue) {
        let minutes =
            switch random.unit() {
            case ..<0.72: random.whole(1...90)
            case ..<0.96: random.whole(91...420)
            default: random.whole(1000...4000)
            }
        let time = own.adding(minutes: minutes).adding(microseconds: Int64(random.whole(0...999)) * 1000)
        guard let field else {
            _ = send(type, data, at: time)
            return
        }
        switch random.unit() {
        case ..<0.006:
            let wrong = send(type, data.aDayEarlier(in: field), at: time)
            let corrected = time.adding(minutes: random.whole(600...5000))
            if let wrong { _ = send(type, data, at: corrected, supersedes: wrong) }
        case ..<0.009:
            let twice = send(type, data, at: time)
            _ = send(type, data, at: time.adding(minutes: 3))
            let noticed = time.adding(minutes: random.whole(600...4000))
            if let twice { _ = send(type, [:], at: noticed, retracts: twice) }
        default: _ = send(type, data, at: time)
        }
    }

    private mutating func send(
        _ type: String, _ data: SampleValue, at time: Instant, supersedes: String? = nil, retracts: String? = nil
    ) -> String? {
        let id = random.identifier()
        let correlation = random.chance(0.05) ? random.identifier() : nil
        guard time <= until else { return nil }
        let line = SampleEnvelope(
            id: id, source: source, type: type, subject: subject, time: time, authority: authority,
            supersedes: supersedes, retracts: retracts, correlation: correlation
        ).line(data)
        // A queue held some back; a retry sent some twice.
        let late = random.chance(0.008) ? random.whole(60...2880) : 0
        append(line, at: time.adding(minutes: late))
        if random.chance(0.005) { append(line, at: time.adding(minutes: late + random.whole(1...1500))) }
        return id
    }

    private mutating func append(_ line: String, at: Instant) {
        sent.append(SentLine(sentAt: at, caseNumber: number, order: sent.count, text: line))
    }

    /// What good practice puts on record: there most of the time.
    mutating func usually(_ value: SampleValue = true, _ share: Double = 0.88) -> SampleValue {
        random.chance(share) ? value : .absent
    }

    /// A time of the day's working hours.
    mutating func time(_ day: Day, _ hours: ClosedRange<Int> = 9...16) -> Instant {
        London.instant(on: day, hour: random.whole(hours), minute: random.whole(0...11) * 5)
    }

    /// Some systems write UTC, some London's offset.
    mutating func moment(_ instant: Instant) -> SampleValue { .instant(instant, local: random.chance(0.12)) }

    /// An instant, or the bare date where the system kept no time of day.
    mutating func momentOrDay(_ instant: Instant) -> SampleValue {
        random.chance(0.02) ? .day(London.day(of: instant)) : moment(instant)
    }
}
