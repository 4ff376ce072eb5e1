import Postgres
import Testing

@Suite struct TransactionTests {
    struct Stop: Error {}
    let connection: Connection

    init() throws {
        connection = try TestServer.connectToOwnSchema()
        try connection.script(
            "CREATE TABLE t (id bigint PRIMARY KEY, word text, body bytea, at timestamptz, on_day date)")
    }

    private func count() throws -> Int { try connection.execute("SELECT count(*) AS n FROM t")[0].int("n") }

    @Test func commitKeepsAndTheValueComesOut() throws {
        let touched = try connection.transaction { transaction in
            try transaction.execute("INSERT INTO t (id) VALUES (\(1)), (\(2))").affected
        }
        #expect(touched == 2)
        #expect(try count() == 2)
        #expect(!connection.isInTransaction)
    }

    @Test func aTransactionCanBeLentOn() throws {
        func insert(_ id: Int, _ transaction: borrowing Transaction) throws {
            try transaction.execute("INSERT INTO t (id) VALUES (\(id))")
        }
        try connection.transaction { transaction in
            _ = try (0..<3).map { try insert($0, transaction) }
        }
        #expect(try count() == 3)
    }

    @Test func aThrownErrorRollsBack() throws {
        #expect(throws: Stop.self) {
            try connection.transaction { transaction in
                try transaction.execute("INSERT INTO t (id) VALUES (1)")
                throw Stop()
            }
        }
        #expect(try count() == 0)
    }

    @Test func aSwallowedErrorDoesNotPassForACommit() throws {
        let error = postgresError {
            try connection.transaction { transaction in
                try transaction.execute("INSERT INTO t (id) VALUES (1)")
                _ = try? transaction.execute("INSERT INTO t (id) VALUES (1)")
            }
        }
        #expect(error?.sqlState == "25P02")
        #expect(try count() == 0)
    }

    @Test func transactionsDoNotNest() throws {
        let error = postgresError {
            try connection.transaction { _ in try connection.transaction { _ in } }
        }
        #expect(error?.message.contains("already open") == true)
        try connection.transaction { transaction in _ = try transaction.execute("INSERT INTO t (id) VALUES (1)") }
        #expect(try count() == 1)
    }

    @Test func tenThousandRowsAreCopied() throws {
        var rows = BinaryCopy()
        for number in 0..<10_000 {
            rows.beginRow(columns: 5)
            rows.append(Int64(number))
            if number % 7 == 0 { rows.appendNull() } else { rows.append("wörd \(number)") }
            rows.append([UInt8](repeating: UInt8(number % 256), count: number % 50))
            rows.append(PGTimestamp(microsecondsSince1970: Int64(number)))
            rows.append(number % 2 == 0 ? PGDate(daysSince1970: number) : nil)
        }
        #expect(rows.count == 10_000)
        let copied = try connection.transaction { transaction in
            try transaction.copy("COPY t (id, word, body, at, on_day) FROM STDIN (FORMAT binary)", rows)
        }
        #expect(copied == 10_000)
        let row = try connection.execute(
            "SELECT count(*) AS n, count(word) AS words, sum(length(body)) AS bytes, count(on_day) AS days FROM t")[0]
        #expect(
            [row.int("n"), row.int("words"), row.int("bytes"), row.int("days")] == [10_000, 8_571, 245_000, 5_000])
        let one = try connection.execute("SELECT * FROM t WHERE id = \(9_998)")[0]
        #expect(one.string("word") == "wörd 9998")
        #expect(one.bytes("body") == [UInt8](repeating: 14, count: 48))
        #expect(one.date("on_day").daysSince1970 == 9_998)
    }

    @Test func aRefusedCopyLeavesTheConnectionUsable() throws {
        var rows = BinaryCopy()
        for _ in 0..<2 {
            rows.beginRow(columns: 1)
            rows.append(Int64(5))
        }
        let error = postgresError { try connection.copy("COPY t (id) FROM STDIN (FORMAT binary)", rows) }
        #expect(error?.sqlState == "23505")
        #expect(error?.constraint == "t_pkey")
        #expect(try count() == 0)
        rows.removeAll()
        #expect(try connection.copy("COPY t (id) FROM STDIN (FORMAT binary)", rows) == 0)
    }

    @Test func copyOutLendsEachRow() throws {
        try connection.execute("INSERT INTO t (id, word) SELECT n, 'w' || n FROM generate_series(1, 1000) AS n")
        var lines: [String] = []
        try connection.copyOut("COPY (SELECT id, word FROM t ORDER BY id) TO STDOUT (FORMAT csv)") {
            lines.append(String(decoding: $0, as: UTF8.self))
        }
        #expect(lines.count == 1_000)
        #expect(lines[999] == "1000,w1000\n")
        #expect(throws: Stop.self) { try connection.copyOut("COPY t TO STDOUT") { _ in throw Stop() } }
        #expect(try count() == 1_000)
    }
}
