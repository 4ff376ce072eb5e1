import ArgumentParser
import CaseEvents
import Correspondence
import StatutoryRules

/// One case and its directory by their events, as scheduling and notifications would hold them.
struct PreviewedCase {
    let file: CaseFile
    private let staff: Staff
    private let people: CasePeople

    /// - Parameters:
    ///   - events: Of one case, and of the directory.
    ///   - asOf: What holds from later on is left out.
    init(_ events: [CaseEvent], asOf: Instant) throws {
        var cases: [String: CaseFile] = [:]
        var words: [DirectoryWord] = []
        // What was taken back, by what.
        var void: [String: Set<String>] = [:]
        for event in events {
            let envelope = event.envelope
            words += DirectoryWord.words(of: event)
            if let other = envelope.retracts ?? envelope.supersedes {
                void["\(envelope.source) \(other)", default: []].insert("\(envelope.source) \(envelope.id)")
            }
            guard envelope.eventType?.isDirectory != true else { continue }
            cases[
                "\(envelope.authority)/\(envelope.subject)",
                default: CaseFile(authority: envelope.authority, subject: envelope.subject, facts: [])
            ].facts.append(event.fact)
        }
        guard cases.count == 1, let only = cases.values.first else {
            throw ValidationError("these are the events of \(cases.count) cases: a preview is of one")
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

    /// - Parameter body: What the notice says, as `case-outcomes` has it.
    func mails(
        of notice: Notice, _ body: JSONValue, _ rendering: Rendering, on day: Day
    ) -> [(Recipient, Mail)] {
        let addressees = Addressees(staff: staff, people: people, of: body, day: day)
        var found: [Recipient] = []
        for role in notice.to + notice.cc {
            for recipient in addressees.find(role).recipients where !found.contains(where: { $0.id == recipient.id }) {
                found.append(recipient)
            }
        }
        let id = notice.id.description
        return found.map { recipient in
            let item = Item(
                id: id, subject: file.subject, template: notice.template, role: recipient.role, body: body)
            let envelope = Envelopment(
                id: id, dated: notice.dueAt, occasion: notice.dueAt, from: "", to: recipient.address)
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
