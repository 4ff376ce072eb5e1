import StatutoryRules

/// Invented case histories, true to practice in their proportions and their faults, for trying the system and for
/// measuring it. Nobody in them exists.
///
/// The proportions are England's in the year to March 2025: 31 % of enquiries reach a conference, 86 % of conferences
/// make a plan, conferences heap on working days 13 to 15, and plans last as the national return says. What good
/// practice puts on record is there most of the time (`SampleHistory.usually`), and most decisions are taken by those
/// who may. The faults are those of real feeds and of practice: lines sent twice, lines that come late, corrections,
/// retractions, postponements agreed by the wrong person, records not signed, reports that never came.
struct HistoryGenerator {
    let seed: UInt64
    let cases: Int
    let from: Day
    let to: Day
    let authorities: [String]
    let isWorkingDay: (Day) -> Bool

    /// - Parameters:
    ///   - from: The first day on which a case may begin.
    ///   - to: The last day of which anything is recorded: histories that run on are cut there.
    ///   - authorities: ONS codes; cases are dealt to them in turn. Empty means the five of `defaultAuthorities`.
    ///   - isWorkingDay: Neither a weekend nor a bank holiday.
    init(
        seed: UInt64, cases: Int, from: Day, to: Day, authorities: [String], isWorkingDay: @escaping (Day) -> Bool
    ) {
        self.seed = seed
        self.cases = cases
        self.from = from
        self.to = to
        self.authorities = authorities.isEmpty ? HistoryGenerator.defaultAuthorities : authorities
        self.isWorkingDay = isWorkingDay
    }

    /// Swindon, Lincolnshire, Knowsley, a London borough, and one that has the national policy (or, by configuration,
    /// that of note 002).
    static let defaultAuthorities = ["E06000030", "E10000019", "E08000011", "E09000028", "E08000035"]

    /// Emits every case event, one structured CloudEvents object a line, in the order in which they were sent: that of
    /// the envelope's `time`, but for a few that come late or twice.
    func generate(_ emit: (_ line: String) -> Void) {
        var sent: [SentLine] = []
        var starts = SampleRandom(seed: seed)
        let offsets = (starts.unit(), starts.unit())
        let span = max(1, to.days(since: from) - 14)
        for index in 0..<cases {
            // Two irrational steps that are independent of each other: when a case begins says nothing of how it ends.
            let outcome = SampleRandom.evenlySpread(index, step: 0.618_033_988_749_895, offset: offsets.0)
            let start = SampleRandom.evenlySpread(index, step: 0.754_877_666_246_693, offset: offsets.1)
            var history = SampleHistory(
                number: index, seed: seed, authority: authorities[index % authorities.count], outcome: outcome,
                until: London.end(of: to), calendar: SampleCalendar(isWorkingDay: isWorkingDay))
            history.run(from: from.adding(days: Int(start * Double(span))), spanDays: span, first: from)
            sent += history.sent
        }
        sent.sort { ($0.sentAt, $0.caseNumber, $0.order) < ($1.sentAt, $1.caseNumber, $1.order) }
        for line in sent { emit(line.text) }
    }

    /// Emits the people, teams and mailboxes of every authority, for the topic `directory-events`.
    func directory(_ emit: (_ line: String) -> Void) {
        for authority in authorities {
            SampleStaff(authority: authority).emit(seed: seed, at: London.instant(on: from, hour: 7), emit)
        }
    }
}

struct SentLine {
    var sentAt: Instant
    var caseNumber: Int
    /// Within the case.
    var order: Int
    var text: String
}

struct SampleCalendar {
    let isWorkingDay: (Day) -> Bool

    /// The anchor is day 0 and is never counted.
    func adding(_ workingDays: Int, to day: Day) -> Day {
        var (at, left) = (day, abs(workingDays))
        while left > 0 {
            at = at.adding(days: workingDays < 0 ? -1 : 1)
            if isWorkingDay(at) { left -= 1 }
        }
        return at
    }

    func onOrAfter(_ day: Day) -> Day {
        var at = day
        while !isWorkingDay(at) { at = at.adding(days: 1) }
        return at
    }

    func onOrBefore(_ day: Day) -> Day {
        var at = day
        while !isWorkingDay(at) { at = at.adding(days: -1) }
        return at
    }
}
