import Foundation
import Postgres
import TestSupport
import Testing

/// `docs/data-dictionary.md`, made of the comments in the database.
@Suite struct DictionaryTests {
    @Test func thePageIsUpToDate() async throws {
        try await TestSystem.with { system in
            let page = try DataDictionary.page(of: system)
            let path = URL(fileURLWithPath: DataDictionary.root + "/docs/data-dictionary.md")
            if ProcessInfo.processInfo.environment["QUORATE_WRITE_GOLDEN"] == "1" {
                try Data(page.utf8).write(to: path)
            }
            let text = try String(contentsOf: path, encoding: .utf8)
            #expect(text == page, "run the tests with QUORATE_WRITE_GOLDEN=1 and read what changed")
        }
    }
}

enum DataDictionary {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static let head = """
        # Data dictionary

        Schema `analysis`: views only, for members of `quorate_analyst`, who see the authorities granted to their login in
        `configuration.analyst_grant` (`*` stands for all) and nothing else. Days are London dates. Each view has
        `changed_at` and `data_as_at`, its own ids stay the same for good, and a date that nobody told is empty. Made from
        the comments in the database: `QUORATE_WRITE_GOLDEN=1 swift test --filter DictionaryTests`.

        Example queries: [queries](queries/README.md).


        """

    static func page(of system: TestSystem) throws -> String {
        let rows = try system.connection.execute(
            """
            SELECT c.relname::text AS view, obj_description(c.oid) AS about, a.attname::text AS column,
                format_type(a.atttypid, a.atttypmod) AS type, col_description(c.oid, a.attnum) AS meaning
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
             WHERE c.relnamespace = 'analysis'::regnamespace AND c.relkind = 'v' ORDER BY c.relname, a.attnum
            """)
        var page = head
        var view = ""
        for row in rows {
            if row.string("view") != view {
                view = row.string("view")
                page +=
                    "\(page == head ? "" : "\n")## \(view)\n\n\(row.string("about")).\n\n| column | type | meaning |\n|---|---|---|\n"
            }
            page += "| `\(row.string("column"))` | \(row.string("type")) | \(row.string("meaning")) |\n"
        }
        page += "\n## Functions\n\n| function | gives |\n|---|---|\n"
        let functions = try system.connection.execute(
            """
            SELECT format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS name,
                obj_description(p.oid) AS about
              FROM pg_proc p WHERE p.pronamespace = 'analysis'::regnamespace ORDER BY 1
            """)
        for row in functions { page += "| `\(row.string("name"))` | \(row.string("about")) |\n" }
        return page
    }
}
