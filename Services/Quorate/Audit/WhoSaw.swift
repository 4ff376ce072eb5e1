import ArgumentParser
import CaseEvents
import Foundation
import Postgres
import StatutoryRules

extension Audit {
    struct WhoSaw: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "who-saw",
            abstract: "Show who looked at a child's record, asked about it, or was given of it.",
            discussion: """
                Pages and commands that showed the case, messages about it that were sent, enquiries (LON-14.15), and records \
                disclosed (LON-14.10, LON-14.11), in the order in which they were recorded. After them the lists, messages and \
                pages of many cases, since the case was first heard of: "named" is what is known to have held it, "may have" \
                what showed cases of the authority as they stood then. The look is an entry itself.
                """)
        @OptionGroup var options: DeploymentOptions
        @Option(help: "The child, by the reference that events use.") var child: String
        @Option(help: "The authority, where several have a child of that reference.") var authority: String?

        /// Events by which something of a record becomes known to somebody.
        private static let types = [
            "quorate.record.viewed.v1", "quorate.operator.acted.v1", "quorate.notification.sent.v1",
            "quorate.enquiry.received.v1", "quorate.information.provided.v1", "quorate.conference.record_disclosed.v1",
        ]

        func run() throws {
            let deployment = try options.deployment()
            let connection = try deployment.connect("audit")
            let cases = try cases(connection)
            guard !cases.isEmpty else { throw ValidationError("no case has a child \(child)") }
            let keys = try deployment.keyDatabase("audit")
            var (count, named, perhaps) = (0, 0, 0)
            for reference in cases {
                try Operator.viewed("audit.who-saw", reference, on: connection)
                let entries = try CaseEntries(of: reference, connection, keys).entries
                for entry in entries where WhoSaw.types.contains(entry.type) && isOfChild(entry.data) {
                    count += 1
                    say(entry.instant, entry.type, WhoSaw.who(entry) + entry.mark)
                }
                for look in try LooksAtMany(since: entries, connection, keys).looks(at: reference) {
                    if look.isKnown { named += 1 } else { perhaps += 1 }
                    say(look.at, look.isKnown ? "named" : "may have", look.what)
                }
            }
            Terminal.out.print(
                """
                \(count) times, in \(cases.map(\.description).joined(separator: ", ")), as far as it was recorded.
                \(named) lists and messages of many cases named it; \(perhaps) pages, lists and messages may have.
                """)
            try Audit.sayWhatIsArchived(connection)
        }

        private func say(_ at: Instant, _ kind: String, _ what: String) {
            Terminal.out.print("\("\(at)".padded(to: 28)) \(kind.padded(to: 44)) \(what)")
        }

        /// What names another child of the family alone is left out.
        private func isOfChild(_ data: JSONValue?) -> Bool {
            guard let data else { return true }
            if let named = data["childId"]?.string { return named == child }
            let named = data["childIds"]?.elements.compactMap(\.string) ?? []
            if !named.isEmpty { return named.contains(child) }
            return true
        }

        private static let names = [
            "viewer", "login", "recipientId", "channel", "templateId", "enquirer", "providedBy", "toParty", "act",
            "about",
            "purpose", "basis",
        ]

        static func who(_ entry: CaseEntries.Entry) -> String {
            guard let data = entry.data else { return "content erased" }
            let parts = names.compactMap { name in data[name].map { "\(name) \($0.string ?? $0.rawText)" } }
            return parts.isEmpty ? "names nobody" : parts.joined(separator: ", ")
        }

        private func cases(_ connection: Connection) throws -> [CaseReference] {
            try connection.execute(
                """
                SELECT DISTINCT authority, subject FROM (
                    SELECT authority, subject FROM reporting.child WHERE child_id = \(child)
                    UNION ALL SELECT authority, subject FROM reporting.duty WHERE child_id = \(child)
                    UNION ALL SELECT authority, subject FROM reporting.enquiry WHERE child_id = \(child)
                    UNION ALL SELECT authority, subject FROM reporting.plan WHERE child_id = \(child)
                    UNION ALL SELECT authority, subject FROM reporting.finding WHERE child_id = \(child)) f
                 WHERE \(authority == nil) OR authority = \(authority ?? "") ORDER BY 1, 2
                """
            ).map { CaseReference(authority: $0.string("authority"), subject: $0.string("subject")) }
        }
    }
}
