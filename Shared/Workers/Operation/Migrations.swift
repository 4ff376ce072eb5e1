import Crypto
import Postgres
import StatutoryRules

/// The schema, as numbered texts: each applied once, in one transaction, under an advisory lock.
public enum Migrations {
    struct Migration {
        let number: Int32
        let name: String
        let text: String
        var checksum: String { hex(SHA256.hash(data: Array(text.utf8))) }
    }

    /// A migration that was applied and has changed since.
    public struct Changed: Error, CustomStringConvertible {
        let name: String
        public var description: String {
            "migration \(name) was changed after it was applied: restore its text, and write a new one"
        }
    }

    static let all: [Migration] = [
        ("foundation", PackageResources._001_foundation_sql),
        ("worker_tables", PackageResources._002_worker_tables_sql),
        ("scheduling", PackageResources._003_scheduling_sql),
        ("notifications", PackageResources._004_notifications_sql),
        ("reporting", PackageResources._005_reporting_sql),
        ("auditing", PackageResources._006_auditing_sql),
        ("analysis", PackageResources._007_analysis_sql),
        ("correspondence", PackageResources._008_correspondence_sql),
        ("audit_proofs", PackageResources._009_audit_proofs_sql),
        ("retention", PackageResources._010_retention_sql),
        ("read_models", PackageResources._011_read_models_sql),
        ("analysis_records", PackageResources._012_analysis_records_sql),
        ("analysis_measures", PackageResources._013_analysis_measures_sql),
        ("analysis_comments", PackageResources._014_analysis_comments_sql),
        ("letters", PackageResources._015_letters_sql),
        ("sending", PackageResources._016_sending_sql),
        ("invitations", PackageResources._017_invitations_sql),
        ("receipts", PackageResources._018_receipts_sql),
        ("board", PackageResources._019_board_sql),
        ("analysis_speed", PackageResources._020_analysis_speed_sql),
        ("lookup_and_erasure", PackageResources._021_lookup_and_erasure_sql),
        ("audit_archive", PackageResources._022_audit_archive_sql),
        ("told", PackageResources._023_told_sql),
        ("whole_erasure", PackageResources._024_whole_erasure_sql),
        ("board_pages", PackageResources._025_board_pages_sql),
        ("invitations_withdrawn", PackageResources._026_invitations_withdrawn_sql),
        ("judged_duties", PackageResources._027_judged_duties_sql),
        ("retention_of_no_case", PackageResources._028_retention_of_no_case_sql),
        ("findings_by_matter", PackageResources._029_findings_by_matter_sql),
        ("views_by_index", PackageResources._030_views_by_index_sql),
        ("judged_lists", PackageResources._031_judged_lists_sql),
        ("audit_table_partitions", PackageResources._032_audit_table_partitions_sql),
        ("audit_losses", PackageResources._033_audit_losses_sql),
        ("views_in_bulk", PackageResources._034_views_in_bulk_sql),
        ("as_it_stood", PackageResources._035_as_it_stood_sql),
        ("audit_room", PackageResources._036_audit_room_sql),
        ("audit_again", PackageResources._037_audit_again_sql),
        ("views_side_by_side", PackageResources._038_views_side_by_side_sql),
    ].enumerated().map { place, entry in
        Migration(number: Int32(place + 1), name: entry.0, text: String(decoding: entry.1, as: UTF8.self))
    }

    /// Brings the database up to this release and puts the configuration in force; without one, as `ConfigurationStore.store`
    /// says. A new epoch is told in the transaction that makes it. Returns the names of what was applied.
    @discardableResult
    public static func apply(
        on connection: Connection, configuration: Configuration? = nil,
        isInForce: (Int64, borrowing Transaction) throws -> Void = { _, _ in }
    ) throws -> [String] {
        try connection.execute("SELECT pg_advisory_lock(\(Int64(0x71_756f_7261_7465)))")
        defer { _ = try? connection.execute("SELECT pg_advisory_unlock(\(Int64(0x71_756f_7261_7465)))") }
        let known = try appliedChecksums(on: connection)
        var applied: [String] = []
        for migration in all {
            if let checksum = known[migration.number] {
                guard checksum == migration.checksum else { throw Changed(name: migration.name) }
                continue
            }
            try connection.transaction { transaction in
                try transaction.script(migration.text)
                try transaction.script("RESET ROLE")
                try transaction.execute(
                    """
                    INSERT INTO configuration.schema_migration (number, name, checksum)
                    VALUES (\(migration.number), \(migration.name), \(migration.checksum))
                    """)
            }
            applied.append(migration.name)
        }
        try connection.transaction { transaction in
            let before = try ConfigurationStore.newestEpoch { try connection.execute($0) }
            let epoch = try ConfigurationStore.store(configuration, on: connection)
            if epoch != before { try isInForce(epoch, transaction) }
        }
        return applied
    }

    private static func appliedChecksums(on connection: Connection) throws -> [Int32: String] {
        let exists = try connection.execute(
            "SELECT to_regclass('configuration.schema_migration') IS NOT NULL AS exists")[0].bool("exists")
        guard exists else { return [:] }
        var known: [Int32: String] = [:]
        for row in try connection.execute("SELECT number, checksum FROM configuration.schema_migration") {
            known[row.int32("number")] = row.string("checksum")
        }
        return known
    }
}
