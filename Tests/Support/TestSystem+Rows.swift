import CaseEvents
import Foundation
import Postgres

/// The duty ledger's rows of one case, as JSON texts in sorted order.
public struct CaseRows: Hashable, Sendable {
    public var deadlines: [String] = []
    public var findings: [String] = []
    public var notices: [String] = []
    public init() {}

    /// With every text put through a change, as of ids that were renamed.
    public func mapped(_ change: (String) -> String) -> CaseRows {
        var copy = CaseRows()
        copy.deadlines = deadlines.map(change).sorted()
        copy.findings = findings.map(change).sorted()
        copy.notices = notices.map(change).sorted()
        return copy
    }
}

extension TestSystem {
    public func number(_ query: SQL) throws -> Int64 { try connection.execute(query)[0].int64(0) }
    public func strings(_ query: SQL) throws -> [String] { try connection.execute(query).map { $0.string(0) } }

    /// The rows of every case, by case reference.
    public func rows() throws -> [String: CaseRows] {
        var all: [String: CaseRows] = [:]
        let connection = try connection
        for subject in try strings("SELECT subject FROM scheduling.case_file") { all[subject] = CaseRows() }
        func read(_ table: String, _ take: (inout CaseRows, String) -> Void) throws {
            for row in try connection.execute(
                "SELECT c.subject, r.body FROM scheduling.\(raw: table) r JOIN scheduling.case_file c USING (case_id)")
            {
                take(&all[row.string(0), default: CaseRows()], row.string(1))
            }
        }
        try read("deadline") { $0.deadlines.append($1) }
        try read("finding") { $0.findings.append($1) }
        try read("notice") { $0.notices.append($1) }
        return all.mapValues { $0.mapped { $0 } }
    }

    /// When each case was last assessed, as `--as-of` takes it.
    public func assessedAt() throws -> [String: String] {
        let rows = try connection.execute(
            """
            SELECT subject, to_char(assessed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
              FROM scheduling.case_file WHERE assessed_at IS NOT NULL
            """)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.string("subject"), $0.string("at")) })
    }

    /// What `quorate evaluate` prints for these events, by case reference. A line that it refuses is no fault here.
    public func evaluate(_ lines: [String], asOf: String, configuration: String? = nil) throws -> [String: CaseRows] {
        let more = configuration.map { ["--configuration", $0] } ?? []
        let result = try run(["evaluate", "--as-of", asOf] + more, input: lines.joined(separator: "\n") + "\n")
        guard result.status < 2 else { throw TestFault("quorate evaluate: \(result.errors)") }
        var all: [String: CaseRows] = [:]
        for line in result.lines {
            let value = try JSONValue(line)
            func texts(_ name: String) -> [String] { value[name]?.elements.map(\.rawText).sorted() ?? [] }
            var rows = CaseRows()
            rows.deadlines = texts("deadlines")
            rows.findings = texts("findings")
            rows.notices = texts("notices")
            all[value["case"]?.string ?? ""] = rows
        }
        return all
    }

    /// Of each event line its case reference.
    public static func subject(of line: String) -> String { attribute("subject", of: line) ?? "" }

    /// An attribute of an event line, such as its case reference.
    public static func attribute(_ name: String, of line: String) -> String? { (try? JSONValue(line))?[name]?.string }

    /// This moment by the database's clock.
    public func now() throws -> String {
        try strings("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")[0]
    }

    /// The Maildir's files, oldest name first.
    public var mailFiles: [String] {
        let new = mailFolder + "/new"
        return ((try? FileManager.default.contentsOfDirectory(atPath: new)) ?? []).sorted().map { new + "/" + $0 }
    }
}
