import AuditLog
import Postgres
import Workers

/// What a newcomer wants to know after a run.
struct Summary {
    let deployment: Deployment
    private let connection: Connection

    init(_ deployment: Deployment) throws {
        self.deployment = deployment
        connection = try deployment.connect("summary")
    }

    func print(to out: Terminal) throws {
        let cases = try number("SELECT count(*) AS n FROM scheduling.case_file")
        let facts = try number("SELECT count(*) AS n FROM scheduling.fact")
        out.print("")
        out.print(out.strong("Cases     ") + "\(cases) cases, \(facts) events taken")
        out.print(
            out.strong("Duties    ") + "what was due, and what became of it (duties bounded by a sooner one left out)")
        try duties(out)
        let sent = try number("SELECT count(*) AS n FROM notifications.message WHERE state = 'sent'")
        let failed = try number(
            """
            SELECT coalesce(sum(messages), 0)::bigint AS n FROM notifications.waiting
             WHERE reason IN ('failed', 'nobody', 'unknown')
            """)
        out.print(out.strong("Messages  ") + "\(sent) written\(failed > 0 ? ", \(failed) not delivered" : "")")
        if let folder = deployment.mailFolder {
            out.print("          read them: \(folder)/new (a Maildir, one file a message)")
        }
        let lists = try connection.execute(
            "SELECT kind, authority, period, row_count FROM reporting.published_list ORDER BY kind DESC, authority")
        out.print(out.strong("Lists     ") + "\(lists.count) published")
        for list in lists {
            out.print(
                "          \(list.string("kind")), \(list.string("authority")), \(list.string("period")): \(list.int("row_count")) rows"
            )
        }
        if let folder = deployment.listsFolder { out.print("          open them: \(folder)") }
        let open = try number("SELECT count(*) AS n FROM scheduling.quarantine WHERE state = 'open'")
        out.print(
            out.strong("Refused   ")
                + (open == 0 ? "nothing in quarantine" : "\(open) events in quarantine: quorate quarantine list"))
        let deployment = deployment
        let keys = try TrustOptions.stored(connection)
        let verdict = try AuditVerification(keys: keys) { DatabaseSource(try deployment.connect("summary")) }.run()
        out.print(out.strong("Audit     ") + (verdict.isGood ? out.good(verdict.sentence) : out.bad(verdict.sentence)))
    }

    private func duties(_ out: Terminal) throws {
        let rows = try connection.execute(
            """
            SELECT b->>'duty' AS duty, count(*) AS due, count(*) FILTER (WHERE state = 'met') AS met,
                count(*) FILTER (WHERE state = 'met_late') AS late, count(*) FILTER (WHERE state = 'missed') AS missed,
                count(*) FILTER (WHERE state IN ('pending', 'at_risk', 'undated')) AS open,
                count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn
              FROM (SELECT state, body::jsonb AS b FROM scheduling.deadline WHERE state <> 'superseded') AS d
             GROUP BY ROLLUP (b->>'duty') ORDER BY b->>'duty' NULLS LAST
            """)
        out.print("          " + "".padded(to: 30) + "   set   met  late missed  open withdrawn")
        for row in rows {
            let name = row.stringOrNil("duty")?.replacing("_", with: " ") ?? "all"
            let counts = [("due", 6), ("met", 6), ("late", 6), ("missed", 7), ("open", 6), ("withdrawn", 10)]
                .map { String(row.int64(Column($0.0))).padded(leftTo: $0.1) }.joined()
            out.print("          " + name.padded(to: 30) + counts)
        }
    }

    private func number(_ sql: SQL) throws -> Int64 { try connection.execute(sql)[0].int64("n") }
}
