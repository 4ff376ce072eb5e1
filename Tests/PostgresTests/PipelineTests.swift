import Postgres
import Testing

@Suite struct PipelineTests {
    let connection: Connection

    init() throws {
        connection = try TestServer.connectToOwnSchema()
        try connection.script("CREATE TABLE t (id bigint PRIMARY KEY, body bytea)")
    }

    private func count() throws -> Int { try connection.execute("SELECT count(*) AS n FROM t")[0].int("n") }

    @Test func whatIsSentIsDoneInOrderAndAnswered() throws {
        var answers: [Int] = []
        try connection.transaction { transaction in
            for id in 1...3 {
                try transaction.send("INSERT INTO t (id) VALUES (\(id)) RETURNING id") { rows in
                    answers.append(rows[0].int("id"))
                }
            }
            #expect(try transaction.execute("SELECT count(*) AS n FROM t")[0].int("n") == 3)
            #expect(answers == [1, 2, 3])
            try transaction.send("INSERT INTO t (id) VALUES (\(4)) RETURNING id") { answers.append($0[0].int("id")) }
        }
        #expect(answers == [1, 2, 3, 4])
        #expect(try count() == 4)
    }

    @Test func anErrorComesWithTheNextStatementThatIsWaitedFor() throws {
        var answers = 0
        let error = postgresError {
            try connection.transaction { transaction in
                try transaction.send("INSERT INTO t (id) VALUES (\(1))") { _ in answers += 1 }
                try transaction.send("INSERT INTO t (id) VALUES (\(1))") { _ in answers += 1 }
                try transaction.send("INSERT INTO t (id) VALUES (\(2))") { _ in answers += 1 }
                try transaction.execute("SELECT 1 AS one")
                Issue.record("the error was not thrown")
            }
        }
        #expect(error?.sqlState == "23505")
        #expect(answers == 1)
        #expect(try count() == 0)
        #expect(!connection.isInTransaction)
    }

    @Test func anErrorComesWithTheEndAtTheLatest() throws {
        let error = postgresError {
            try connection.transaction { transaction in
                try transaction.execute("INSERT INTO t (id) VALUES (\(1))")
                try transaction.send("INSERT INTO t (id) VALUES (\(1))")
            }
        }
        #expect(error?.sqlState == "23505")
        #expect(try count() == 0)
    }

    @Test func theEndIsConfirmedLater() throws {
        for id in 1...2 {
            var answer: Int?
            try connection.transactionToConfirm { transaction in
                try transaction.send("INSERT INTO t (id) VALUES (\(id)) RETURNING id") { answer = $0[0].int("id") }
            }
            try connection.confirm()
            #expect(answer == id)
        }
        #expect(!connection.isInTransaction)
        #expect(try count() == 2)
    }

    @Test func whatFailsIsNotConfirmed() throws {
        try connection.execute("INSERT INTO t (id) VALUES (1)")
        try connection.transactionToConfirm { transaction in
            try transaction.send("INSERT INTO t (id) VALUES (\(2))")
            try transaction.send("INSERT INTO t (id) VALUES (\(1))")
        }
        #expect(postgresError { try connection.confirm() }?.sqlState == "23505")
        #expect(!connection.isInTransaction)
        #expect(try count() == 1)
        try connection.execute("INSERT INTO t (id) VALUES (3)")
        #expect(try count() == 2)
    }

    @Test func aLostConnectionIsNotConfirmed() throws {
        let other = try TestServer.connectToOwnSchema()
        try connection.transactionToConfirm { transaction in
            try transaction.send("SELECT pg_sleep(\(30.0))")
        }
        try other.execute("SELECT pg_terminate_backend(\(connection.backendPID))")
        #expect(postgresError { try connection.confirm() }?.isTransient == true)
        #expect(connection.isBroken)
    }

    /// More than the sockets between the two hold, while answers come back as large.
    @Test func muchMayBeUnderWay() throws {
        let body = [UInt8](repeating: 7, count: 1 << 20)
        var bytes = 0
        try connection.transactionToConfirm { transaction in
            for id in 1...24 {
                try transaction.send("INSERT INTO t VALUES (\(id), \(body)) RETURNING body") { rows in
                    bytes += rows[0].bytes("body").count
                }
            }
        }
        try connection.confirm()
        #expect(bytes == 24 << 20)
        #expect(try count() == 24)
    }
}
