import Postgres
import Testing

@Suite struct ValueTests {
    let connection: Connection
    init() throws { connection = try TestServer.connect() }

    private func row(_ sql: SQL) throws -> Row { try connection.execute(sql)[0] }

    @Test func numbersComeBackAsTheyWent() throws {
        for value in [0, 1, -1, Int.max, Int.min] {
            #expect(try row("SELECT \(value) AS v").int("v") == value)
            #expect(try row("SELECT \(Int64(value)) AS v").int64(0) == Int64(value))
        }
        #expect(try row("SELECT \(Int32.min) AS v").int32("v") == .min)
        #expect(try row("SELECT \(Int16.max) AS v").int("v") == Int(Int16.max))
        #expect(try row("SELECT \(-0.1) AS v").double("v") == -0.1)
        #expect(try row("SELECT \(true) AS t, \(false) AS f").bool("t"))
        #expect(try row("SELECT \(true) AS t, \(false) AS f").bool("f") == false)
    }

    @Test func numericsAreRead() throws {
        let cases: [(SQL, Double)] = [
            ("0", 0), ("7", 7), ("-7.25", -7.25), ("10000", 10_000), ("123456789.5", 123_456_789.5),
            ("0.0001", 0.0001), ("0.00000003", 3e-8), ("120000000", 120_000_000),
        ]
        for (literal, expected) in cases {
            #expect(try row("SELECT (\(literal))::numeric AS v").double("v") == expected)
        }
        #expect(try row("SELECT sum(v) AS v FROM unnest(\([Int64(40), 2])) AS u(v)").int("v") == 42)
    }

    @Test func textAndBytesComeBackAsTheyWent() throws {
        for text in ["", "a", "Siân Ó'Brien — \"quoted\" \\ $1 ; --", "日本", String(repeating: "x", count: 100_000)] {
            let row = try row("SELECT \(text) AS t, \(Array(text.utf8)) AS b")
            #expect(row.string("t") == text)
            #expect(row.bytes("b") == Array(text.utf8))
        }
        let every = (0...255).map { UInt8($0) }
        #expect(try row("SELECT \(every) AS b").bytes("b") == every)
        #expect(try row("SELECT \(PGJSON("{\"a\": [1, null]}")) AS j").string("j") == "{\"a\": [1, null]}")
    }

    @Test func datesAndInstantsAgreeWithTheServersOwn() throws {
        let row = try row(
            """
            SELECT \(PGDate(daysSince1970: 20_210)) = date '2025-05-02' AS d,
                   \(PGDate(daysSince1970: -1)) = date '1969-12-31' AS before,
                   \(PGTimestamp(microsecondsSince1970: 1_746_144_000_000_001))
                       = timestamptz '2025-05-02 00:00:00.000001+00' AS t,
                   \(PGDate(daysSince1970: .max)) = date 'infinity' AS di,
                   \(PGTimestamp(microsecondsSince1970: .min)) = timestamptz '-infinity' AS ti,
                   date '2025-05-02' AS date, timestamptz '1969-12-31 23:59:59.999999+00' AS instant,
                   date '-infinity' AS never, timestamptz 'infinity' AS always
            """)
        for name in ["d", "before", "t", "di", "ti"] { #expect(row.bool(Column(name)), "\(name)") }
        #expect(row.date("date").daysSince1970 == 20_210)
        #expect(row.timestamp("instant").microsecondsSince1970 == -1)
        #expect(row.date("never").daysSince1970 == .min)
        #expect(row.timestamp("always").microsecondsSince1970 == .max)
    }

    @Test func uuidsComeBackAsTheyWent() throws {
        let id = PGUUID(bytes: (0..<16).map { UInt8($0 * 16) })
        let row = try row("SELECT \(id) AS id, \(id)::text AS text, \([id]) AS ids")
        #expect(row.uuid("id") == id)
        #expect(row.string("text") == "00102030-4050-6070-8090-a0b0c0d0e0f0")
        #expect(row.uuids("ids") == [id])
    }

    @Test func nilIsNullInEveryType() throws {
        let row = try row(
            """
            SELECT \(Int?.none), \(Int64?.none), \(Int32?.none), \(Int16?.none), \(Bool?.none), \(Double?.none),
                   \(String?.none), \([UInt8]?.none), \(PGUUID?.none), \(PGDate?.none), \(PGTimestamp?.none),
                   \([String]?.none), \(PGJSON?.none)
            """)
        for place in 0..<13 { #expect(row.isNull(Column(place))) }
        #expect(row.intOrNil(0) == nil)
        #expect(row.stringOrNil(6) == nil)
        #expect(row.bytesOrNil(7) == nil)
        #expect(row.dateOrNil(9) == nil)
        #expect(try self.row("SELECT \(String?.some("x")) AS v").stringOrNil("v") == "x")
    }

    @Test func arraysComeBackAsTheyWent() throws {
        let ids: [Int64] = [1, .max, .min]
        #expect(try row("SELECT \(ids) AS v").ints("v") == [1, .max, .min])
        #expect(try row("SELECT \([Int64]()) AS v").ints("v") == [])
        #expect(try row("SELECT \(["a", "", "ü"]) AS v").strings("v") == ["a", "", "ü"])
        let gaps: [String?] = ["a", nil, ""]
        #expect(try row("SELECT \(gaps) AS v").optionalStrings("v") == gaps)
    }

    @Test func arraysOfEveryTypeUnnest() throws {
        let id = PGUUID(bytes: [UInt8](repeating: 7, count: 16))
        let rows = try connection.execute(
            """
            SELECT * FROM unnest(
                \([Int32(1), nil]), \([true, nil]), \([PGDate(daysSince1970: 0), nil]),
                \([PGTimestamp(microsecondsSince1970: 5), nil]), \([id, nil]), \([[UInt8]]([[1, 0], []])),
                \([Int64?.some(9), nil]), \([[UInt8]?.none, [3]]), \([Int32(1), 2]), \([true, false]),
                \([PGDate(daysSince1970: 1)]), \([PGTimestamp(microsecondsSince1970: 6)])
            ) AS u(i, b, d, t, u, x, l, y, i2, b2, d2, t2)
            """)
        #expect(rows.count == 2)
        #expect(rows.map { $0.intOrNil("i") } == [1, nil])
        #expect(rows.map { $0.boolOrNil("b") } == [true, nil])
        #expect(rows.map { $0.dateOrNil("d")?.daysSince1970 } == [0, nil])
        #expect(rows.map { $0.timestampOrNil("t")?.microsecondsSince1970 } == [5, nil])
        #expect(rows.map { $0.uuidOrNil("u") } == [id, nil])
        #expect(rows.map { $0.bytes("x") } == [[1, 0], []])
        #expect(rows.map { $0.int64OrNil("l") } == [9, nil])
        #expect(rows.map { $0.bytesOrNil("y") } == [nil, [3]])
        #expect(rows.map { $0.bool("b2") } == [true, false])
        #expect(rows[1].dateOrNil("d2") == nil)
    }
}
