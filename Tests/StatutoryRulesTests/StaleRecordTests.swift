import StatutoryRules
import Testing

/// LON-14.15a: how old a record may grow is the owner's to set (rulebook, section H, `record.stale`).
@Suite("Stale records")
struct StaleRecordTests {
    private func findings(_ asOf: String, _ limit: String) throws -> [String] {
        var files = Configuration.packaged.files
        files["defaults.yaml"] = files["defaults.yaml"]!.replacing(
            "record.stale: not_stated", with: "record.stale: {\(limit), rule: LON-14.15a}")
        let configuration = try #require(try Configuration(files: files).using(policy: "london"))
        let file = CaseFile(
            authority: swindon, subject: "C",
            facts: [held("CF", .initial, "2026-03-02T10:00:00Z"), plan("P", from: "2026-03-02", by: "CF")])
        return assess(file, under: configuration, asOf: moment(asOf).latest).findings.map(\.rule)
            .filter { $0 == "LON-14.15a" }
    }

    @Test func aRecordMayLieForAsLongAsTheOwnerSays() throws {
        #expect(try findings("2026-06-02", "value: 3, unit: months") == [])
        #expect(try findings("2026-06-03", "value: 3, unit: months") == ["LON-14.15a"])
        // Monday 30 March is the twentieth working day.
        #expect(try findings("2026-03-30", "value: 20, unit: working_days") == [])
        #expect(try findings("2026-03-31", "value: 20, unit: working_days") == ["LON-14.15a"])
    }
}
