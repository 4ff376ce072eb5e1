import Postgres
import Testing

@Suite struct SQLTests {
    @Test func valuesNeverBecomeText() throws {
        let attack = "'; DROP TABLE child; --"
        let sql: SQL = "SELECT \(attack) AS v WHERE \(1) = \(1)"
        #expect(sql.text == "SELECT $1 AS v WHERE $2 = $3")
        #expect(try TestServer.connect().execute(sql)[0].string("v") == attack)
    }

    @Test func nestedStatementsKeepTheirValuesInOrder() throws {
        let condition: SQL = "b = \(2) AND c = \("three")"
        let sql: SQL = "SELECT \(1) AS one, \(condition), \(4) AS four FROM (VALUES (2, 'three')) AS t(b, c)"
        #expect(sql.text.contains("b = $2 AND c = $3, $4 AS four"))
        let row = try TestServer.connect().execute(sql)[0]
        #expect([row.int("one"), row.int("four")] == [1, 4])
        #expect(row.bool(1))
    }

    @Test func statementsAddAndJoin() {
        let parts: [SQL] = ["a = \(1)", "b = \(2)"]
        let sql = "SELECT 1 WHERE " + parts.joined(separator: " AND ") + " LIMIT \(3)"
        #expect(sql.text == "SELECT 1 WHERE a = $1 AND b = $2 LIMIT $3")
    }

    @Test func namesAreQuoted() {
        let sql: SQL = "SELECT * FROM \(identifier: "we\"ird") \(raw: "LIMIT 1")"
        #expect(sql.text == "SELECT * FROM \"we\"\"ird\" LIMIT 1")
    }

    @Test(arguments: ["plain", "it's", "back\\slash", "'; --", "E'\\"])
    func literalsAreQuoted(_ text: String) throws {
        let sql: SQL = "SELECT \(raw: Connection.quoteLiteral(text)) AS v"
        #expect(try TestServer.connect().execute(sql)[0].string("v") == text)
    }

    @Test func manyDistinctStatementsStayWithinTheLimit() throws {
        let connection = try TestServer.connect()
        for number in 0..<600 {
            #expect(try connection.execute("SELECT \(raw: String(number)) + \(1) AS v")[0].int("v") == number + 1)
        }
        let kept = try connection.execute("SELECT count(*) AS n FROM pg_prepared_statements")[0].int("n")
        #expect(kept <= 256)
    }

    @Test func aStatementIsPlannedOnce() throws {
        let connection = try TestServer.connect()
        for number in 0..<10 { try connection.execute("SELECT \(number) AS once") }
        let kept = try connection.execute(
            "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE '%AS once'")
        #expect(kept[0].int("n") == 1)
    }

    @Test func aPlanThatOutlivesItsTableIsTransient() throws {
        let connection = try TestServer.connectToOwnSchema()
        try connection.script("CREATE TABLE t (a int)")
        try connection.execute("SELECT * FROM t")
        try connection.script("ALTER TABLE t ADD COLUMN b int")
        #expect(postgresError { try connection.execute("SELECT * FROM t") }?.isTransient == true)
        #expect(try connection.execute("SELECT * FROM t").isEmpty)
    }
}
