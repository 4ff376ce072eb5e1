import Embedded
import Foundation
import Postgres
import Workers

/// What an event costs scheduling when the ledger holds many open cases: the same further events over a database of few
/// cases, and over one in which those were multiplied by SQL.
struct BenchScale {
    struct Result {
        let fewCases: Int
        let few: BenchRun
        let manyCases: Int
        let many: BenchRun
        /// Different cases in 2,000 events that follow one another, in the mean: a batch assesses each once.
        let fewInBatch: Int
        let manyInBatch: Int
    }

    private let histories: BenchData
    private let copies: Int
    private let runner: BenchRunner
    private let say: (String) -> Void

    private static let loaded = "bench_loaded"

    init(histories: BenchData, cases: Int, runner: BenchRunner, say: @escaping (String) -> Void) {
        self.histories = histories
        copies = max(1, cases / histories.caseCount)
        self.runner = runner
        self.say = say
    }

    func run() throws -> Result {
        // Of each history all but the last eighth is there before. Of the rest each case's next event follows on another
        // case's: a batch assesses each of its cases once, and has as many in the small ledger as in the large one.
        let head = histories.byCase.map { $0.dropLast($0.count / 8) }
        let tails = histories.byCase.map { Array($0.suffix($0.count / 8)) }
        let longest = tails.map(\.count).max() ?? 0
        let tail = (0..<longest).flatMap { place in tails.compactMap { place < $0.count ? $0[place] : nil } }
        _ = try runner.run(.scheduling, over: try BenchTopic(head.flatMap { $0 }, .byCase, say))
        try runner.cluster.keepDatabase(as: BenchScale.loaded)

        let few = try measure(tail, copies: 1)
        // Each event goes to a copy of its case, another one each time.
        let spread = tail.enumerated().map { $1.moved(toCopy: $0 &* 7_919 % copies) }
        let many = try measure(spread, copies: copies)
        return Result(
            fewCases: histories.caseCount, few: few, manyCases: histories.caseCount * copies, many: many,
            fewInBatch: differentCases(tail), manyInBatch: differentCases(spread))
    }

    private func differentCases(_ events: [BenchData.Event]) -> Int {
        let starts = Array(stride(from: 0, to: events.count, by: 2_000))
        let counts = starts.map { Set(events[$0..<min(events.count, $0 + 2_000)].map(\.key)).count }
        return counts.reduce(0, +) / max(1, starts.count)
    }

    private func measure(_ events: [BenchData.Event], copies: Int) throws -> BenchRun {
        let cluster = runner.cluster
        try cluster.makeDatabase(from: BenchScale.loaded)
        let connection = try cluster.connect()
        if copies > 1 {
            try multiply(by: copies, awaiting: Set(events.map { String(decoding: $0.key, as: UTF8.self) }), connection)
            say("assessing the copies that the events will reach")
            try runner.settle()
        }
        say("vacuuming")
        // Nothing but the events is due while they are measured.
        try connection.script("UPDATE scheduling.case_file SET next_check_at = now() + interval '1 day'")
        try connection.script("VACUUM ANALYZE")
        try connection.script("CHECKPOINT")
        connection.close()
        return try runner.run(.scheduling, over: try BenchTopic(events, .interleaved, say), isFresh: false)
    }

    /// Copies cases with their facts and rows, under new references and ids. The rows of a copy that events will reach
    /// are left to scheduling itself, because its own ids tell it what it wrote.
    private func multiply(by copies: Int, awaiting keys: Set<String>, _ connection: Connection) throws {
        try connection.script(
            """
            SET synchronous_commit = off;
            -- The copies refer to one another as their originals do: no foreign key is looked up for them.
            SET session_replication_role = replica;
            CREATE TEMP TABLE original AS SELECT *, max(case_id) OVER () AS step FROM scheduling.case_file;
            CREATE TEMP TABLE awaiting (reference text PRIMARY KEY);
            """)
        try connection.execute("INSERT INTO awaiting SELECT * FROM unnest(\(keys.sorted()))")
        let epoch = try connection.execute("SELECT max(epoch) AS epoch FROM original")[0].int64("epoch")
        let rows = try CopiedTable.all.map { try CopiedTable($0, on: connection) }
        for copy in 1..<copies {
            say("copying cases: \(copy) of \(copies - 1)")
            let mark = BenchData.Event.mark(ofCopy: copy)
            try connection.script(
                """
                CREATE TEMP TABLE copied AS
                SELECT o.case_id AS old_id, o.case_id + o.step * \(copy) AS new_id, o.subject AS old_subject,
                    '\(mark)' || substr(o.subject, 3) AS new_subject, a.reference IS NOT NULL AS awaited
                  FROM original o LEFT JOIN awaiting a
                    ON a.reference = o.authority || '/\(mark)' || substr(o.subject, 3);
                """)
            try connection.script(rows.map { $0.insert(copy: copy, epoch: epoch) }.joined())
            try connection.script("DROP TABLE copied")
        }
    }
}

/// How the rows of one table are copied: every column as it is, but for those that must differ.
private struct CopiedTable {
    struct Rule {
        let table: String
        /// Column to expression; `copy` and `epoch` stand for the numbers.
        let replaced: [String: String]
        var isOfAwaited = false
    }

    static let all = [
        Rule(
            table: "case_file",
            replaced: [
                "case_id": "c.new_id", "subject": "c.new_subject",
                "revision": "CASE WHEN awaited THEN 0 ELSE r.revision END",
                "epoch": "CASE WHEN awaited THEN 0 ELSE :epoch END",
                "next_check_at": "CASE WHEN awaited THEN now() ELSE r.next_check_at END",
                "published": "CASE WHEN awaited THEN '' ELSE r.published END",
            ], isOfAwaited: true),
        Rule(
            table: "fact",
            replaced: [
                "case_id": "c.new_id", "event_id": "r.event_id || '-:copy'",
                "body": """
                convert_to(replace(replace(convert_from(r.body, 'UTF8'), c.old_subject, c.new_subject),
                    r.event_id, r.event_id || '-:copy'), 'UTF8')
                """,
            ], isOfAwaited: true),
        Rule(table: "deadline", replaced: ["case_id": "c.new_id", "deadline_id": "gen_random_uuid()"]),
        Rule(table: "deadline_version", replaced: ["case_id": "c.new_id", "deadline_id": "gen_random_uuid()"]),
        Rule(table: "finding", replaced: ["case_id": "c.new_id", "finding_id": "gen_random_uuid()"]),
        Rule(table: "notice", replaced: ["case_id": "c.new_id", "notice_id": "gen_random_uuid()"]),
    ]

    private let rule: Rule
    private let columns: [String]

    init(_ rule: Rule, on connection: Connection) throws {
        self.rule = rule
        // Read from a table that does not grow with the copies.
        try connection.script("CREATE TEMP TABLE original_\(rule.table) AS TABLE scheduling.\(rule.table)")
        columns = try connection.execute(
            """
            SELECT attname::text AS name, attidentity <> '' AS numbered FROM pg_attribute
             WHERE attrelid = (\("scheduling." + rule.table))::regclass AND attnum > 0 AND NOT attisdropped
               AND attgenerated = ''
            """
        ).filter { !$0.bool("numbered") || rule.replaced[$0.string("name")] != nil }.map { $0.string("name") }
    }

    func insert(copy: Int, epoch: Int64) -> String {
        let values = columns.map { rule.replaced[$0] ?? "r.\($0)" }.joined(separator: ", ")
            .replacing(":copy", with: "\(copy)").replacing(":epoch", with: "\(epoch)")
        return """
            INSERT INTO scheduling.\(rule.table) (\(columns.joined(separator: ", "))) OVERRIDING SYSTEM VALUE
            SELECT \(values) FROM original_\(rule.table) r JOIN copied c ON c.old_id = r.case_id
            \(rule.isOfAwaited ? "" : "WHERE NOT awaited");

            """
    }
}

extension BenchData.Event {
    /// What begins the reference of a copied case, in place of `C-`.
    static func mark(ofCopy copy: Int) -> String { "D\(copy)-" }

    /// The event as of a copy of its case; copy 0 is the case itself.
    func moved(toCopy copy: Int) -> BenchData.Event {
        guard copy > 0 else { return self }
        let key = String(decoding: key, as: UTF8.self)
        let slash = key.firstIndex(of: "/")!
        let subject = key[key.index(after: slash)...]
        let moved = BenchData.Event.mark(ofCopy: copy) + subject.dropFirst(2)
        let text = String(decoding: value, as: UTF8.self)
            .replacing(String(subject), with: moved).replacing(/"id":"([^"]+)"/, maxReplacements: 1) {
                "\"id\":\"\($0.output.1)-\(copy)\""
            }
        return BenchData.Event(key: Array((key[...slash] + moved).utf8), value: Array(text.utf8), type: type)
    }
}
