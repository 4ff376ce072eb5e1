import CaseEvents
import Postgres
import StatutoryRules

/// The configuration in force: the newest version that this release may assess under.
public struct ConfigurationStore: Sendable {
    /// The database has no version for this release yet.
    struct NotMigrated: Error, CustomStringConvertible {
        var description: String {
            "the database holds no configuration for release \(Release.version): run quorate migrate"
        }
    }

    public let epoch: Int64
    public let configuration: Configuration

    /// Reads it. A configuration that does not load was refused when it was put there, so it is an operating fault
    /// here only where it is missing.
    public static func load(_ execute: (SQL) throws -> Rows) throws -> ConfigurationStore {
        let rows: Rows
        do {
            rows = try execute(
                """
                SELECT epoch, digest, files::text AS files FROM configuration.version
                 WHERE release = \(Release.version) ORDER BY epoch DESC LIMIT 1
                """)
        } catch let error as PostgresError where error.sqlState == "42P01" || error.sqlState == "3F000" {
            throw NotMigrated()
        }
        guard let row = rows.first else { throw NotMigrated() }
        return ConfigurationStore(epoch: row.int64("epoch"), configuration: try configuration(of: row))
    }

    /// The newest epoch of this release, for a cheap look between batches.
    public static func newestEpoch(_ execute: (SQL) throws -> Rows) throws -> Int64 {
        try execute(
            "SELECT coalesce(max(epoch), 0)::bigint AS epoch FROM configuration.version WHERE release = \(Release.version)"
        ).first?.int64("epoch") ?? 0
    }

    /// Puts a configuration in force, where it is not already. Without one, what an operator loaded stays in force, also
    /// under a new release; else it is what the package ships. Returns its epoch.
    @discardableResult
    public static func store(_ wanted: Configuration?, on connection: Connection) throws -> Int64 {
        let newest = try connection.execute(
            """
            SELECT epoch, release, digest, files::text AS files, is_packaged FROM configuration.version
             ORDER BY epoch DESC LIMIT 1
            """
        ).first
        var configuration = wanted ?? .packaged
        if wanted == nil, let newest, !newest.bool("is_packaged") {
            configuration = try self.configuration(of: newest)
        }
        if let newest, newest.string("release") == Release.version, newest.string("digest") == configuration.digest {
            return newest.int64("epoch")
        }
        let files = configuration.files.sorted { $0.key < $1.key }
            .map { "\(JSONValue.quoted($0.key)):\(JSONValue.quoted($0.value))" }.joined(separator: ",")
        return try connection.execute(
            """
            INSERT INTO configuration.version (release, digest, files, is_packaged)
            VALUES (\(Release.version), \(configuration.digest), \(PGJSON("{" + files + "}")),
                \(configuration.digest == Configuration.packaged.digest)) RETURNING epoch
            """)[0].int64("epoch")
    }

    private static func configuration(of row: Row) throws -> Configuration {
        if row.string("digest") == Configuration.packaged.digest { return .packaged }
        // A file that a later release brought is not among those that an operator loaded before it.
        var files = Configuration.packaged.files
        for (name, text) in try JSONValue(row.string("files")).members { files[name] = text.string ?? "" }
        return try Configuration(files: files)
    }
}
