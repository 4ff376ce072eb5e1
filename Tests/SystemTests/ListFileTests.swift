import Foundation
import Postgres
import StatutoryRules
import TestSupport
import Testing
import Workers

/// A list in its files, read by other programs: Python's csv and openpyxl. And the same again after corrections.
@Suite struct ListFileTests {
    /// The list is published all the same, and the log says which setting to look at.
    @Test func aFolderThatCannotBeWrittenIsSaid() async throws {
        let monday = try ListDays.monday()
        var events = ListEvents("E06000030", "C-1", from: monday.adding(days: -100))
        events.book("CF-1", "review", for: monday.adding(days: 1))
        let lines = events.lines
        try await TestSystem.with { system in
            // A file where the authority's folder would be.
            _ = try system.write("lists/E06000030", "")
            let reporting = try system.start([.scheduling, .reporting])[1]
            try system.publish(lines)
            try wait("the list") { try system.number("SELECT count(*) FROM reporting.published_list") > 0 }
            try wait("word of it") { reporting.logText.contains("a list could not be written") }
            #expect(reporting.logText.contains("QUORATE_LISTS_FOLDER"))
        }
    }

    /// A case reference that a spreadsheet would take for a formula stays what it is. A correction that comes after the
    /// list changes what is true, and not what was said.
    @Test func aListIsKeptAsItWasAndItsCellsAreInert() async throws {
        let monday = try ListDays.monday()
        let formula = "=SUM(1;2)"
        var events = ListEvents("E06000030", formula, from: monday.adding(days: -100))
        events.book("+CF-1", "review", for: monday.adding(days: 1))
        events.book("@CF-2", "review", for: monday.adding(days: 2))
        var plain = ListEvents("E06000030", "C-2", from: monday.adding(days: -100))
        plain.add(
            "child.registered", on: monday.adding(days: -100),
            #""childId":"K-1","dateOfBirth":"2015-05-05","allocated":{"socialWorkerId":"SW-9","teamId":"T-1"}"#)
        plain.add(
            "child.registered", on: monday.adding(days: -100),
            #""childId":"K-2","dateOfBirth":"2012-05-05","allocated":{"socialWorkerId":"SW-8","teamId":"T-2"}"#)
        plain.book("CF-3", "initial", for: monday.adding(days: 3))
        let services = [("T-1", "S-1"), ("T-2", "S-2")].map { team, service in
            """
            {"specversion":"1.0","id":"\(team)","source":"urn:test:directory","type":"quorate.team.recorded.v1",\
            "subject":"\(team)","time":"\(ListEvents.ten(monday.adding(days: -100)))","authority":"E06000030",\
            "datacontenttype":"application/json","data":{"teamId":"\(team)","parentTeamId":"\(service)"}}
            """
        }
        let python = try PythonPackages.install("openpyxl==3.1.5")
        try await ListEvents.draw(services + events.lines + plain.lines) { [plain] system in
            func show(_ more: String...) throws -> String {
                let arguments = ["lists", "show", "weekly", "--on", "\(monday.adding(days: 3))"] + more
                let result = try system.run(arguments)
                #expect(result.status == 0, "\(result.errors)")
                return result.output
            }
            let before = try show()
            for format in ["xlsx", "html"] {
                _ = try show("--format", format, "--output", "\(system.folder)/before.\(format)")
            }
            try before.write(toFile: system.folder + "/before.csv", atomically: true, encoding: .utf8)
            let read = try ListFiles.read(python, "\(system.folder)/before")
            let cells = [
                ["\(monday.adding(days: 1))", "'+CF-1", "'" + formula, ""],
                ["\(monday.adding(days: 2))", "'@CF-2", "'" + formula, ""],
                ["\(monday.adding(days: 3))", "CF-3", "C-2", "T-1 T-2"],
            ]
            #expect(read.csv == cells)
            // A workbook's texts need no apostrophe: they are typed.
            let typed = cells.map { $0.map { $0.hasPrefix("'") ? String($0.dropFirst()) : $0 } }
            #expect(read.xlsx == typed)
            #expect(read.formulas == 0)
            // A case whose children have two teams is a case of both, and of both services.
            for part in [["--team", "T-1"], ["--team", "T-2"], ["--service", "S-1"], ["--service", "S-2"]] {
                let shown = try show(part[0], part[1])
                #expect(shown.contains("CF-3") && !shown.contains("CF-1"), "\(part)")
            }
            let other = try show("--service", "S-3")
            #expect(other.hasPrefix("Date,") && !other.contains("CF-"))

            var correction = plain
            correction.add(
                "conference.rescheduled", on: monday.adding(days: -1),
                #""conferenceId":"CF-3","newStartsAt":"\#(ListEvents.ten(monday.adding(days: 2)))","rescheduledAt":"\#(monday.adding(days: -1))""#
            )
            try system.publish(Array(correction.lines.suffix(1)))
            try system.waitUntilCaughtUp()
            let moved = try system.strings(
                "SELECT starts_on::text FROM reporting.conference WHERE conference_id = 'CF-3'")
            #expect(moved == ["\(monday.adding(days: 2))"])
            #expect(try show() == before)
            for format in ["xlsx", "html"] {
                _ = try show("--format", format, "--output", "\(system.folder)/after.\(format)")
                let files = try ["before", "after"].map {
                    try Data(contentsOf: URL(fileURLWithPath: "\(system.folder)/\($0).\(format)"))
                }
                #expect(files[0] == files[1])
            }
            let named = try system.quorate("lists", "list", "--kind", "weekly").output
            #expect(named.contains("weekly") && named.contains("\(monday)"))
            let refused = try system.quorate("lists", "show", "drift", exits: 1)
            #expect(refused.errors.contains("quorate lists list"))
            let acts = try system.number(
                "SELECT count(*) FROM scheduling.outbox WHERE convert_from(value, 'UTF8') LIKE '%lists.show%'")
            #expect(acts >= 5)
        }
    }

    /// A list is mailed as a table, as CSV and as a workbook, as it is kept.
    @Test func aListIsMailedWithItsFiles() async throws {
        let monday = try ListDays.monday()
        var events = ListEvents("E06000030", "C-2", from: monday.adding(days: -100))
        events.book("CF-3", "initial", for: monday.adding(days: 3))
        var directory = NoticeEvents()
        directory.mailbox("service_manager")
        let (python, mailbox) = (try PythonPackages.install("openpyxl==3.1.5"), directory.lines)
        let script = """
            import csv, email, email.policy, io, pathlib, sys, openpyxl
            for path in pathlib.Path(sys.argv[1]).glob('new/*'):
                m = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                if not any(p.get_filename().startswith('weekly-') for p in m.iter_attachments()): continue
                files = {p.get_filename().rsplit('.', 1)[1]: p.get_payload(decode=True) for p in m.iter_attachments()}
                rows = list(csv.reader(io.StringIO(files['csv'].decode('utf-8'), newline='')))
                book = [[c or '' for c in r] for r in openpyxl.load_workbook(io.BytesIO(files['xlsx'])).active.values]
                assert [[str(c) for c in r] for r in book] == rows and not any(p.defects for p in m.walk())
                html = m.get_body(('html',)).get_content()
                print(len(rows), rows[1][rows[0].index('Conference')], '>CF-3</td>' in html, sorted(files))
            """
        try await ListEvents.draw(events.lines) { system in
            try system.publish(mailbox)
            try system.start([.notifications])
            try system.waitUntilCaughtUp()
            let read = try system.run(["-c", script, system.mailFolder], program: python)
            #expect(read.output == "2 CF-3 True ['csv', 'xlsx']\n", "\(read.errors)")
        }
    }

    /// The period in force on a day is the last that began by then: of 52 Mondays and 12 firsts, each to the second.
    @Test func everyPeriodOfAYearHasOneList() async throws {
        try await TestSystem.with { system in
            let first = Day("2025-01-06")!
            let firsts = (1...12).map { Day("2025-\($0 < 10 ? "0" : "")\($0)-01")! }
            let days = (0..<52).map { ("weekly", first.adding(days: 7 * $0)) } + firsts.map { ("month", $0) }
            for (kind, day) in days {
                try system.connection.execute(
                    """
                    INSERT INTO reporting.published_list (list_id, kind, authority, period, as_at, row_count, csv, html, listed_on)
                    VALUES (\("\(kind)-\(day)"), \(kind), 'E06000030', \("\(kind == "month" ? "month" : "week") of \(day)"), now(), 0,
                        \("list of \(day)"), '', \(PGDate(day)))
                    """)
            }
            for (kind, day) in days {
                let end = kind == "weekly" ? day.adding(days: 6) : day.adding(months: 1).adding(days: -1)
                for on in [day, end] {
                    let shown = try system.quorate("lists", "show", kind, "--on", "\(on)")
                    #expect(shown.output == "list of \(day)")
                    #expect(shown.errors.contains("of \(day), as at 20"), "\(shown.errors)")
                }
            }
            // The week after has no list, and the year before had none.
            for (kind, on) in [("weekly", "2026-01-05"), ("month", "2026-01-01"), ("weekly", "2025-01-05")] {
                let shown = try system.quorate("lists", "show", kind, "--on", on, exits: 1)
                #expect(shown.output.isEmpty && shown.errors.contains("no list \(kind) of the period of \(on)"))
            }
        }
    }
}

/// Other programs that read our files.
enum ListFiles {
    /// Date, conference, case and team of each row, as the readers see them.
    static func read(_ python: String, _ base: String) throws -> (csv: [[String]], xlsx: [[String]], formulas: Int) {
        let script = """
            import csv, json, sys, openpyxl
            base = sys.argv[1]
            pick = lambda head, row: [row[head.index(n)] or "" for n in ("Date", "Conference", "Case", "Team")]
            rows = list(csv.reader(open(base + ".csv", newline="", encoding="utf-8")))
            sheet = openpyxl.load_workbook(base + ".xlsx").active
            cells = [[c.value for c in row] for row in sheet.iter_rows()]
            formulas = sum(c.data_type == "f" for row in sheet.iter_rows() for c in row)
            print(json.dumps([[pick(rows[0], r) for r in rows[1:]], [pick(cells[0], r) for r in cells[1:]], formulas]))
            """
        let process = try ChildProcess(
            python, ["-c", script, base], environment: Places.environment, output: base + ".json",
            errors: base + ".json")
        let status = try process.waitForExit()
        let said = try String(contentsOfFile: base + ".json", encoding: .utf8)
        guard status == 0 else { throw TestFault(said) }
        guard let parts = try JSONSerialization.jsonObject(with: Data(said.utf8)) as? [Any],
            let csv = parts[0] as? [[String]], let xlsx = parts[1] as? [[String]], let formulas = parts[2] as? Int
        else { throw TestFault(said) }
        return (csv, xlsx, formulas)
    }
}
