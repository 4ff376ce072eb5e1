import Mustache
import StatutoryRules

/// The texts, by language and owner: the package's, with those of a folder over them.
///
/// A file is `<language>/<owner>/<name>`, where the owner is `default`, a policy, or an authority by its ONS code; of these the
/// last that has it counts, and what a language lacks is said in English. `messages.tsv` and `words.tsv` may hold some of
/// their lines only. A text that does not parse, or names a value that nobody gives, is refused as it is read.
public struct Templates: Sendable {
    public struct Problem: Error, Hashable, CustomStringConvertible {
        public let file: String
        public let reason: String
        public var description: String { "template \(file): \(reason)" }
    }

    private struct Place: Hashable {
        let language: String
        let owner: String
        let name: String
    }

    static let english = "en"
    private static let anyOwner = "default"
    private var pages: [Place: MustacheTemplate] = [:]
    private var messages: [Place: NoticeText] = [:]
    private var words: [Place: String] = [:]

    public static let packaged: Templates = {
        do {
            return try Templates(files: [:])
        } catch {
            fatalError("in the package: \(error)")
        }
    }()

    /// - Parameter files: Texts by their paths, over the package's.
    public init(files: [String: String]) throws(Problem) {
        for (name, bytes) in Templates.ofPackage {
            try add("\(Templates.english)/\(Templates.anyOwner)/\(name)", String(decoding: bytes, as: UTF8.self))
        }
        let known = (Set(pages.keys.map(\.name)), Set(messages.keys.map(\.name)), Set(words.keys.map(\.name)))
        for (path, text) in files.sorted(by: { $0.key < $1.key }) { try add(path, text) }
        let unknown =
            pages.keys.first { !known.0.contains($0.name) } ?? messages.keys.first { !known.1.contains($0.name) }
            ?? words.keys.first { !known.2.contains($0.name) }
        if let unknown {
            throw Problem(
                file: "\(unknown.language)/\(unknown.owner)", reason: "nothing is called \(unknown.name) here")
        }
    }

    /// The text of a page, such as a letter, and the language that it is in; `nil` where there is none of that name.
    func page(_ name: String, for reader: Reader) -> (text: MustacheTemplate, language: String)? {
        find(name, in: pages, for: reader)
    }

    func message(_ template: String, for reader: Reader) -> NoticeText? {
        find(template, in: messages, for: reader)?.text
    }

    /// How a notice goes out is one for all.
    func kind(of template: String) -> NoticeText.Kind? {
        messages[Place(language: Templates.english, owner: Templates.anyOwner, name: template)]?.kind
    }

    /// A word or phrase for a code.
    func word(_ key: String, for reader: Reader) -> String? { find(key, in: words, for: reader)?.text }

    private func find<Text>(
        _ name: String, in texts: [Place: Text], for reader: Reader
    ) -> (text: Text, language: String)? {
        for language in [reader.language, Templates.english] {
            for owner in [reader.authority, reader.policy, Templates.anyOwner] {
                if let text = texts[Place(language: language, owner: owner, name: name)] {
                    return (text, language)
                }
            }
        }
        return nil
    }

    // MARK: Reading

    private mutating func add(_ path: String, _ text: String) throws(Problem) {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count == 3 else {
            throw Problem(file: path, reason: "a file is <language>/<default, a policy, or an ONS code>/<name>")
        }
        let (language, owner, file) = (parts[0], parts[1], parts[2])
        switch file {
        case "messages.tsv":
            for (key, cells) in try Templates.lines(path, text, cells: 4) {
                guard let kind = NoticeText.Kind(rawValue: cells[0]) else {
                    throw Problem(file: path, reason: "\(key): \(cells[0]) is no way to go out")
                }
                messages[Place(language: language, owner: owner, name: key)] = NoticeText(
                    headline: Phrase(cells[1], naming: "duty"), action: Phrase(cells[2], naming: "duty"), kind: kind)
                try Templates.check(path, cells[1...].joined(), known: ["duty"], /\{([^}]*)\}/)
            }
        case "words.tsv":
            for (key, cells) in try Templates.lines(path, text, cells: 2) {
                words[Place(language: language, owner: owner, name: key)] = cells[0]
            }
        case _ where file.hasSuffix(".mustache"):
            let name = String(file.dropLast(".mustache".count))
            try Templates.check(path, text, known: Values.names, Templates.value)
            // A page's heading is its mail's subject, which names nobody.
            let headings = text.split(separator: "\n").filter { $0.hasPrefix("# ") }.joined(separator: "\n")
            try Templates.check(path, headings, known: Values.namesOfHeadings, Templates.value)
            do {
                // Texts are no HTML: what stands in them is escaped as the page is drawn.
                pages[Place(language: language, owner: owner, name: name)] = try MustacheTemplate(
                    string: "{{% CONTENT_TYPE: TEXT}}\n" + text)
            } catch {
                throw Problem(file: path, reason: "does not parse: \(error)")
            }
        default: throw Problem(file: path, reason: "it is neither a .mustache file nor messages.tsv nor words.tsv")
        }
    }

    /// After the heading, a key and the other cells of each line.
    private static func lines(
        _ path: String, _ text: String, cells: Int
    ) throws(Problem) -> [(key: String, cells: [String])] {
        var all: [(key: String, cells: [String])] = []
        for line in text.split(separator: "\n").dropFirst() {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == cells else {
                throw Problem(file: path, reason: "a line has \(parts.count) cells and not \(cells): \(parts[0])")
            }
            all.append((parts[0], Array(parts.dropFirst())))
        }
        return all
    }

    private nonisolated(unsafe) static let value = /\{\{\{?\s*[#^\/&>]?\s*([^}\s!%]+)\s*\}?\}\}/

    private static func check(
        _ path: String, _ text: String, known: Set<String>, _ pattern: Regex<(Substring, Substring)>
    ) throws(Problem) {
        for match in text.matches(of: pattern) where !known.contains(String(match.output.1)) {
            throw Problem(file: path, reason: "it names \(match.output.1), a value that nobody gives here")
        }
    }

    private static let ofPackage: [(name: String, bytes: [UInt8])] = [
        ("messages.tsv", PackageResources.messages_tsv), ("words.tsv", PackageResources.words_tsv),
        ("notice.mustache", PackageResources.notice_mustache), ("digest.mustache", PackageResources.digest_mustache),
        ("list.mustache", PackageResources.list_mustache), ("family.mustache", PackageResources.family_mustache),
        ("exclusion_letter.mustache", PackageResources.exclusion_letter_mustache),
        ("parents_decision_letter.mustache", PackageResources.parents_decision_letter_mustache),
        ("decision_letter_and_plan.mustache", PackageResources.decision_letter_and_plan_mustache),
        ("no_plan_decision.mustache", PackageResources.no_plan_decision_mustache),
        ("conference_record.mustache", PackageResources.conference_record_mustache),
        ("child_record_copy.mustache", PackageResources.child_record_copy_mustache),
        ("amendment_window.mustache", PackageResources.amendment_window_mustache),
        ("next_review_date.mustache", PackageResources.next_review_date_mustache),
        ("plan_ended_agencies.mustache", PackageResources.plan_ended_agencies_mustache),
        ("plan_ended_parents.mustache", PackageResources.plan_ended_parents_mustache),
        ("plan_ended_by_social_worker.mustache", PackageResources.plan_ended_by_social_worker_mustache),
        ("death_letter.mustache", PackageResources.death_letter_mustache),
        ("left_country_letter.mustache", PackageResources.left_country_letter_mustache),
        ("invitation_pack.mustache", PackageResources.invitation_pack_mustache),
        ("conference_invitation.mustache", PackageResources.conference_invitation_mustache),
        ("cla_invitation_consultation.mustache", PackageResources.cla_invitation_consultation_mustache),
        ("report_ready.mustache", PackageResources.report_ready_mustache),
        ("move_in_notice.mustache", PackageResources.move_in_notice_mustache),
        ("meeting_changed.mustache", PackageResources.meeting_changed_mustache),
        ("invitation_withdrawn.mustache", PackageResources.invitation_withdrawn_mustache),
        ("meeting_for_calendar.mustache", PackageResources.meeting_for_calendar_mustache),
    ]
}
