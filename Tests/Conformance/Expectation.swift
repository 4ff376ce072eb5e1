import StatutoryRules

/// A line of a case's `expect`. Words after the rule are checked in any order; what a line does not say is not checked.
///
///     deadline RULE [of SUBJECT] [due DATE|TIME|never] [actBy DATE] STATE [on DATE] [late N] [by RULE] [cause WORD]
///              [under PROVENANCE] [duty NAME] [skipped DATE,DATE] [known_late]
///     no deadline RULE [of SUBJECT]
///     finding RULE [SEVERITY] [of SUBJECT] [refuses EVENT] [saying WORD]
///     no finding RULE [of SUBJECT]
///     notice RULE [template NAME] [at DATE] [STATE] [to ROLE,ROLE] [cc ROLE] [level N] [of SUBJECT]
///     no notice RULE [template NAME] [STATE]
///     plan ID STATE [category WORD] [current WORD] [since DATE] [flags WORD,WORD]
///     conference ID STATE [quorum WORD] [social_worker present|absent]
///
/// A subject is a child, conference or plan id; `saying` is a word of a finding's message, where a rule has several.
struct Expectation: Sendable {
    let text: String
    private let words: [String]
    private let isAbsent: Bool

    init(_ text: String, of name: String) throws {
        self.text = text
        var words = text.split(separator: " ").map(String.init)
        isAbsent = words.first == "no"
        if isAbsent { words.removeFirst() }
        guard words.count >= 2, ["deadline", "finding", "notice", "plan", "conference"].contains(words[0]) else {
            throw ConformanceCase.Mistake("\(name): `\(text)` is no expectation")
        }
        self.words = words
    }

    /// `nil` where it holds.
    func problem(in assessment: Assessment) -> String? {
        let candidates: [(shown: String, fits: Bool)]
        switch words[0] {
        case "deadline":
            candidates = assessment.deadlines.filter { $0.rule == words[1] }.map { ($0.json, fits($0)) }
        case "finding":
            candidates = assessment.findings.filter { $0.rule == words[1] }.map { ($0.json, fits($0)) }
        case "notice":
            candidates = assessment.notices.filter { $0.rule == words[1] }.map { ($0.json, fits($0)) }
        case "plan":
            candidates = assessment.plans.filter { $0.planId == words[1] }.map { ($0.json, fits($0)) }
        default:
            candidates = assessment.conferences.filter { $0.conferenceId == words[1] }.map { ($0.json, fits($0)) }
        }
        let holds = candidates.contains { $0.fits } != isAbsent
        if holds { return nil }
        let shown = candidates.map(\.shown).joined(separator: "\n    ")
        return "expected `\(text)`; there is \(candidates.isEmpty ? "nothing of \(words[1])" : "\n    \(shown)")"
    }

    private func fits(_ row: Deadline) -> Bool {
        every { word, next in
            switch word {
            case "of": return Expectation.isOf(row.subject, next()) || row.occasion == next(peek: true)
            case "due": return next() == (row.due?.description ?? "never") || local(row.due) == next(peek: true)
            case "actBy": return row.actBy?.description == next()
            case "on": return row.metOn?.description == next()
            case "late": return (row.lateDays ?? row.lateHours)?.description == next()
            case "by": return row.supersededBy == next()
            case "cause": return row.cause == next()
            case "under": return row.provenance.rawValue == next()
            case "duty": return row.duty.rawValue == next()
            case "known_late": return row.isKnownLate
            case "skipped": return row.skipped.map(\.description).joined(separator: ",") == next()
            default: return row.state.rawValue == word
            }
        }
    }

    private func fits(_ row: Finding) -> Bool {
        every { word, next in
            switch word {
            case "of": return Expectation.isOf(row.subject, next())
            case "refuses": return row.refuses == next()
            case "saying": return row.message.contains(next())
            default: return row.severity.rawValue == word
            }
        }
    }

    private func fits(_ row: Notice) -> Bool {
        every { word, next in
            switch word {
            case "of": return Expectation.isOf(row.subject, next())
            case "template": return row.template == next()
            case "at": return London.day(of: row.dueAt).description == next()
            case "to": return row.to.joined(separator: ",") == next()
            case "cc": return row.cc.joined(separator: ",") == next()
            case "level": return row.level.description == next()
            default: return row.state.rawValue == word
            }
        }
    }

    private func fits(_ row: PlanStatus) -> Bool {
        every { word, next in
            switch word {
            case "category": return row.category == next()
            case "current": return row.currentCategory == next()
            case "flags": return row.flags.joined(separator: ",") == next()
            case "since": return row.since.description == next()
            default: return row.state == word
            }
        }
    }

    private func fits(_ row: ConferenceStatus) -> Bool {
        every { word, next in
            switch word {
            case "quorum": return row.quorum == next()
            case "social_worker":
                return row.socialWorkerAttended.map { $0 ? "present" : "absent" } == next()
            default: return row.state == word
            }
        }
    }

    private static func isOf(_ subject: Subject, _ id: String) -> Bool {
        [subject.childId, subject.conferenceId, subject.planId].contains(id)
    }

    /// `2026-11-06T09:30`: an instant as London's clock shows it.
    private func local(_ due: Due?) -> String? {
        guard case .instant(let instant) = due else { return nil }
        let (hour, minute) = London.clock(at: instant)
        let clock = [hour, minute].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return "\(London.day(of: instant))T\(clock)"
    }

    private func every(_ check: (String, Words) -> Bool) -> Bool {
        let rest = Words(Array(words.dropFirst(2)))
        while let word = rest.take() { if !check(word, rest) { return false } }
        return true
    }

    /// What is left of the line.
    private final class Words {
        private var words: ArraySlice<String>
        private var last = ""
        init(_ words: [String]) { self.words = words[...] }
        func take() -> String? { words.popFirst() }
        func callAsFunction(peek: Bool = false) -> String {
            if !peek { last = words.popFirst() ?? "" }
            return last
        }
    }
}
