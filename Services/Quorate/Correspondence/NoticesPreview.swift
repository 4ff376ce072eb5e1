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
            let events = try PreviewedCase(try read(), asOf: instant)
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
                let body = try JSONValue(assessment.data(of: notice))
                for (recipient, mail) in events.mails(of: notice, body, rendering, on: London.day(of: instant))
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

        private func read() throws -> [CaseEvent] {
            var events: [CaseEvent] = []
            try EventLines(file).readEach { line, _ in
                do throws(Refusal) {
                    events.append(try Contract.decode(line: line.bytes))
                } catch {
                    FileHandle.standardError.write(Data("line \(line.number): \(error.reason)\n".utf8))
                }
            }
            return events
        }
    }
}
