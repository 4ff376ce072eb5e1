import ArgumentParser
import CaseEvents
import Correspondence
import Foundation
import StatutoryRules

extension NoticesCommand {
    /// What would be said, from events alone: no database, no broker, and nothing is sent.
    struct Preview: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a rule's notices and letters would say of a case.",
            discussion: """
                From a file of events of one case, and of the directory where people are to be found: the same assessment, \
                the same addressing and the same texts as in service. Without --as-of as things stand now. Exit status 1 \
                where the rule has nothing to say of the case.
                """)
        @Argument(help: "Rule, such as LON-14.5c or E38, or template, such as parents_decision_letter.") var rule:
            String
        @Option(name: .customLong("case"), help: "File of events, one JSON object a line.") var file: String
        @Option(help: "Judge under this policy instead of the one mapped to the authority.") var policy: String?
        @Option(help: "As of this RFC 3339 instant, or the end of this London date. (default: now)") var asOf: String?
        @Option(help: "Only to this role, such as parent_carer.") var to: String?
        @Option(help: "text, or html: the page of the first that fits.") var format: LettersCommand.Format = .text
        @Option(help: "Folder of texts over the package's, as notifications has it in QUORATE_TEMPLATES.")
        var templates: String?

        func run() throws {
            let rendering = Rendering(try templates.map { try Templates(folder: $0) } ?? .packaged)
            let instant = try Evaluate.instant(asOf)
            let events = try PreviewedCase(file: file, asOf: instant)
            guard let configuration = policy.map(Configuration.packaged.using(policy:)) ?? .packaged else {
                throw ValidationError(
                    "unknown policy \(policy!): choose one of \(Configuration.packaged.policyNames.joined(separator: ", "))"
                )
            }
            guard configuration.policyName(for: events.file.authority) != nil else {
                throw ValidationError("no policy is mapped to \(events.file.authority): give --policy")
            }
            let assessment = assess(events.file, under: configuration, asOf: instant)
            var shown = 0
            for notice in assessment.notices where notice.rule == rule || notice.template == rule {
                for (recipient, mail) in try events.mails(
                    of: notice, in: assessment, rendering, on: London.day(of: instant))
                where to == nil || recipient.role == to {
                    shown += 1
                    if format == .html { return Terminal.out.print(mail.html ?? "") }
                    Terminal.out.print(
                        """
                        \(notice.template), \(notice.state.rawValue), due \(Moment.instant(notice.dueAt).readable)
                        To: \(recipient.id) as \(recipient.role)
                        Subject: \(mail.subject)

                        \(mail.body)
                        """)
                }
            }
            guard shown > 0 else {
                let known = Set(assessment.notices.map(\.rule)).sorted().joined(separator: ", ")
                FileHandle.standardError.write(
                    Data(
                        "\(rule) has nothing to say of this case\(to.map { " to \($0)" } ?? ""); these rules have: \(known)\n"
                            .utf8))
                throw ExitCode(1)
            }
        }
    }
}

/// The events of a file, as scheduling and notifications would hold them.
private struct PreviewedCase {
    private(set) var file: CaseFile
    private let staff: Staff
    private let people: CasePeople

    /// - Parameter asOf: What holds from later on is left out.
    init(file path: String, asOf: Instant) throws {
        var cases: [String: CaseFile] = [:]
        var words: [DirectoryWord] = []
        // What was taken back, by what.
        var void: [String: Set<String>] = [:]
        try EventLines(path).readEach { number, line, _ in
            do throws(Refusal) {
                let event = try Contract.decode(line: line)
                let envelope = event.envelope
                words += DirectoryWord.words(of: event)
                if let other = envelope.retracts ?? envelope.supersedes {
                    void["\(envelope.source) \(other)", default: []].insert("\(envelope.source) \(envelope.id)")
                }
                guard envelope.eventType?.isDirectory != true else { return }
                cases[
                    "\(envelope.authority)/\(envelope.subject)",
                    default: CaseFile(
                        authority: envelope.authority, subject: envelope.subject, facts: [])
                ].facts.append(event.fact)
            } catch {
                FileHandle.standardError.write(Data("line \(number): \(error.reason)\n".utf8))
            }
        }
        guard cases.count == 1, let only = cases.values.first else {
            throw ValidationError("\(path) holds \(cases.count) cases: a preview is of one")
        }
        file = only
        let standing = words.filter {
            let takenBackBy = void["\($0.envelope.source) \($0.envelope.id)"] ?? []
            return takenBackBy.allSatisfy { void[$0] != nil } && $0.effectiveAt <= asOf
                && $0.envelope.authority == only.authority
        }.sorted { $0.rank > $1.rank }
        var seen: Set<String> = []
        let newest = try standing.filter { seen.insert("\($0.kind.rawValue) \($0.entryId)").inserted }
            .map { (kind: $0.kind.rawValue, id: $0.entryId, childIds: $0.childIds, body: try JSONValue($0.body)) }
        staff = Staff(newest.map { ($0.kind, $0.id, $0.body) })
        people = CasePeople(newest)
    }

    func mails(
        of notice: Notice, in assessment: Assessment, _ rendering: Rendering, on day: Day
    ) throws -> [(Recipient, Mail)] {
        let body = try JSONValue(assessment.data(of: notice))
        let addressees = Addressees(staff: staff, people: people, of: body, day: day)
        var found: [Recipient] = []
        for role in notice.to + notice.cc {
            for recipient in addressees.find(role).recipients where !found.contains(where: { $0.id == recipient.id }) {
                found.append(recipient)
            }
        }
        return found.map { recipient in
            let item = Item(
                id: notice.id.description, subject: file.subject, template: notice.template, role: recipient.role,
                body: body)
            let envelope = Envelopment(
                id: notice.id.description, dated: notice.dueAt, occasion: notice.dueAt, from: "", to: recipient.address)
            let reader = addressees.reader(recipient.id, as: recipient.role, in: file.authority)
            return (recipient, rendering.mail(item, for: reader, envelope))
        }
    }
}

extension DirectoryWord {
    /// The greater holds.
    fileprivate var rank: (Instant, Instant, String, String) {
        (effectiveAt, envelope.time, envelope.source, envelope.id)
    }
}
