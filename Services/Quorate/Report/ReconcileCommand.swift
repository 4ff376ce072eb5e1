import ArgumentParser
import Foundation
import Postgres
import StatutoryRules
import Workers

/// What a case system says is open, against what the ledger says: both ways.
struct ReconcileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compare open plans, looked-after children and booked meetings of a case system with the ledger.",
        discussion: """
            Reads CSV with the columns kind, child_id, id, on: `plan` with its id and start, `looked_after` with the start (no id), \
            `meeting` with the conference's id and the day it is booked for (no child). All that is open today belongs in it. \
            Writes the differences as CSV: what only the case system has, what only the ledger has, and what has another date. \
            Exit status 1 where there is one.
            """)

    @OptionGroup var options: DeploymentOptions
    @Argument(help: "CSV file of the case system.") var file: String
    @Option(help: "ONS code of the authority.") var authority: String

    private enum Kind: String, CaseIterable {
        case plan
        case lookedAfter = "looked_after"
        case meeting
    }

    /// A meeting is known by its id; a plan by its id; a time in care by its child.
    private struct Key: Hashable {
        let kind: Kind
        let id: String
    }

    private struct Item {
        let caseReference, childId: String
        let on: Day
    }

    func run() throws {
        let theirs = try read()
        let connection = try options.deployment().connect("reconcile")
        let ours = try ledger(on: connection)
        try Operator.looked("reconcile", "\(theirs.count) items of a case system", authority: authority, on: connection)
        var rows: [[String]] = []
        func note(_ what: String, _ key: Key, _ item: Item, _ their: Day?, _ our: Day?) {
            rows.append([
                what, key.kind.rawValue, item.caseReference, item.childId, key.kind == .lookedAfter ? "" : key.id,
                their?.description ?? "", our?.description ?? "",
            ])
        }
        for (key, item) in theirs {
            if let own = ours[key] {
                if own.on != item.on { note("other date", key, own, item.on, own.on) }
            } else {
                note("only in the case system", key, item, item.on, nil)
            }
        }
        for (key, own) in ours where theirs[key] == nil { note("only in the ledger", key, own, nil, own.on) }
        let header = ["difference", "kind", "case", "child", "id", "case system", "ledger"]
        let table = ListTable(header: header, rows: rows.sorted { $0.lexicographicallyPrecedes($1) })
        Terminal.out.print(String(table.csv.dropLast()))
        for kind in Kind.allCases {
            let (left, right) = (theirs.keys.count { $0.kind == kind }, ours.keys.count { $0.kind == kind })
            Terminal.error.print("\(kind.rawValue): \(left) in the case system, \(right) in the ledger")
        }
        Terminal.error.print("\(rows.count) differences")
        if !rows.isEmpty { throw ExitCode.failure }
    }

    private func read() throws -> [Key: Item] {
        guard let data = FileManager.default.contents(atPath: file), let text = String(data: data, encoding: .utf8)
        else {
            throw ValidationError("\(file) cannot be read as UTF-8 text")
        }
        let rows = CSVText.rows(text)
        let wanted = ["kind", "child_id", "id", "on"]
        guard let header = rows.first, wanted.allSatisfy(header.contains) else {
            throw ValidationError("the first line must name the columns \(wanted.joined(separator: ", "))")
        }
        let places = wanted.map { header.firstIndex(of: $0)! }
        var items: [Key: Item] = [:]
        for (line, row) in rows.enumerated().dropFirst() {
            let place = "row \(line + 1)"
            guard row.count == header.count else {
                throw ValidationError("\(place): it has \(row.count) cells, not \(header.count)")
            }
            let cells = places.map { row[$0] }
            guard let kind = Kind(rawValue: cells[0]) else {
                throw ValidationError("\(place): kind must be plan, looked_after or meeting")
            }
            guard let on = Day(cells[3]) else { throw ValidationError("\(place): on must be a date, YYYY-MM-DD") }
            let id = kind == .lookedAfter ? cells[1] : cells[2]
            guard !id.isEmpty else {
                throw ValidationError("\(place): \(kind == .lookedAfter ? "child_id" : "id") is empty")
            }
            let key = Key(kind: kind, id: id)
            guard items[key] == nil else { throw ValidationError("\(place): the same \(kind.rawValue) stands above") }
            items[key] = Item(caseReference: "", childId: cells[1], on: on)
        }
        return items
    }

    private func ledger(on connection: Connection) throws -> [Key: Item] {
        let rows = try connection.execute(
            """
            SELECT 'plan' AS kind, subject, child_id, plan_id AS id, started_on AS on_day FROM reporting.plan, analysis.today() t
             WHERE authority = \(authority) AND started_on <= t AND (ended_on IS NULL OR ended_on > t)
            UNION ALL
            SELECT 'looked_after', subject, child_id, child_id, started_on FROM reporting.looked_after, analysis.today() t
             WHERE authority = \(authority) AND started_on <= t AND (ended_on IS NULL OR ended_on > t)
            UNION ALL
            SELECT 'meeting', subject, '', conference_id, starts_on FROM reporting.conference, analysis.today() t
             WHERE authority = \(authority) AND state = 'scheduled' AND starts_on >= t
            """)
        var items: [Key: Item] = [:]
        for row in rows {
            // A meeting of children of several cases is one meeting.
            items[Key(kind: Kind(rawValue: row.string("kind"))!, id: row.string("id"))] = Item(
                caseReference: row.string("subject"), childId: row.string("child_id"), on: row.date("on_day").day)
        }
        return items
    }
}
