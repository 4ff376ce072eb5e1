import Crypto
import Foundation
import Postgres
import TransparencyLog

/// Moves the beginning of every log out of the database, into files that verify without it.
///
/// A file is a whole bundle from the checkpoint at which the one before ended. What the database keeps of a log begins with a
/// multiple of 256 entries, so that the roots kept of complete subtrees stand for all before it: the trees go on, and so do the
/// proofs of what is left. The file and the database share the last few entries of each log.
public struct LogArchive {
    /// A file, as the database knows it.
    public struct Written: Sendable {
        public let since: UInt64
        public let until: UInt64
        public let entries: UInt64
        public let file: String
        public let digest: [UInt8]
    }

    private let connection: Connection

    public init(_ connection: Connection) { self.connection = connection }

    /// In their order.
    public func written() throws -> [Written] {
        try connection.execute("SELECT since, until, entries, file, digest FROM auditing.archive ORDER BY until").map {
            Written(
                since: UInt64($0.int64("since")), until: UInt64($0.int64("until")),
                entries: UInt64($0.int64("entries")), file: $0.string("file"), digest: $0.bytes("digest"))
        }
    }

    /// Writes everything that was received before a moment, in microseconds since 1970, and was not archived yet, to a new
    /// file; `nil` where there is nothing. The file is on the disk and was judged by `keys` when this returns.
    public func write(before moment: Int64, to path: String, keys: [NoteVerifier]) throws -> Written? {
        let heads = HeadLog(connection)
        let former = try written().last
        guard let until = try heads.signed(.before(PGTimestamp(microsecondsSince1970: moment))),
            until.size > former?.until ?? 0
        else { return nil }
        let since = try former.map { former in
            guard let signed = try heads.signed(.size(former.until)) else {
                throw AuditFault("checkpoint \(former.until), where the last archive ended, is gone.")
            }
            return signed
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw AuditFault("\(path): \(String(cString: strerror(errno))).") }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            var digest = SHA256()
            let extent = try BundleExport(connection) { line in
                let data = Data((line + "\n").utf8)
                digest.update(data: data)
                try file.write(contentsOf: data)
            }.entries(since: since, until: until)
            try file.synchronize()
            try LogArchive.synchronizeFolder(of: path)
            let judged = try BundleVerification(keys: keys).run(FileLines(path))
            guard judged.entries == extent.entries, judged.checkpoint == until.size, judged.since == extent.since else {
                throw AuditFault("\(path) does not hold what was written.")
            }
            return Written(
                since: extent.since, until: extent.until, entries: extent.entries, file: path,
                digest: Array(digest.finalize()))
        } catch {
            unlink(path)
            throw error
        }
    }

    /// So that the file's name is on the disk too.
    private static func synchronizeFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { throw AuditFault("\(folder): \(String(cString: strerror(errno))).") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw AuditFault("\(folder): \(String(cString: strerror(errno))).") }
    }

    /// Of the archives: whoever takes entries away waits for those who read them, and the other way round. A snapshot that is
    /// older than a TRUNCATE finds nothing, as if entries had been taken away unseen.
    private static let lock: Int64 = 0x71_756f_6172_6368

    /// No archive takes entries away while the body runs.
    public func whileNothingLeaves<R>(_ body: () throws -> R) throws -> R {
        try connection.execute("SELECT pg_advisory_lock_shared(\(LogArchive.lock))")
        defer { _ = try? connection.execute("SELECT pg_advisory_unlock_shared(\(LogArchive.lock))") }
        return try body()
    }

    /// Of the entries that an archive up to this head holds, those that leave the database.
    private static func archived(upTo head: LogHead) -> UInt64 { head.size / 256 * 256 }

    /// What the rows of the logs call archived must be what the archives hold: nothing else may be gone.
    public func demandExtent() throws {
        var due: [LogPlace: UInt64] = [:]
        let written = try written()
        for (before, archive) in zip([0] + written.map(\.until), written) where archive.since != before {
            throw AuditFault(
                "archive \(archive.until): its row says that it begins after checkpoint \(archive.since), where \(before) is due."
            )
        }
        if let last = written.last {
            guard let until = try HeadLog(connection).signed(.size(last.until)) else {
                throw AuditFault("checkpoint \(last.until), where the last archive ended, is gone.")
            }
            for head in until.heads { due[LogPlace(head)] = LogArchive.archived(upTo: head) }
        }
        for log in try DatabaseSource(connection).logs() where log.archived != due[log.place] ?? 0 {
            throw AuditFault(
                "log \(log.place): its row says that \(log.archived) entries are archived; the archives hold \(due[log.place] ?? 0)."
            )
        }
        let kept = try connection.execute(
            """
            SELECT l.topic, l.partition, e.leaf_index FROM auditing.log l CROSS JOIN LATERAL (
                SELECT leaf_index FROM auditing.entry
                 WHERE log_id = l.log_id AND leaf_index < l.archived ORDER BY leaf_index LIMIT 1) AS e
             ORDER BY l.cluster, l.topic, l.partition LIMIT 1
            """)
        if let row = kept.first {
            throw AuditFault(
                "log \(row.string("topic"))/\(row.int32("partition")): entry \(row.int64("leaf_index")) is there, and its row says that it is archived."
            )
        }
    }

    /// Takes out of the database what a file holds, in the caller's transaction. Auditing waits for its end. Returns how many
    /// entries went.
    public func remove(_ written: Written, in transaction: borrowing Transaction) throws -> Int64 {
        guard let until = try HeadLog(connection).signed(.size(written.until)) else {
            throw AuditFault("checkpoint \(written.until) is gone.")
        }
        // Before auditing has to wait.
        try transaction.execute("SELECT pg_advisory_xact_lock(\(LogArchive.lock))")
        // As auditing locks them: nothing is appended from here on.
        try transaction.execute(
            "SELECT FROM auditing.log ORDER BY topic, partition, log_id FOR UPDATE")
        guard try self.written().last?.until ?? 0 == written.since else {
            throw AuditFault("another archive was made meanwhile; \(written.file) is not used.")
        }
        try transaction.execute(
            """
            INSERT INTO auditing.archive (since, until, entries, file, digest)
            VALUES (\(Int64(written.since)), \(Int64(written.until)), \(Int64(written.entries)), \(written.file),
                \(written.digest))
            """)
        try transaction.execute(
            """
            UPDATE auditing.log l SET archived = h.archived
              FROM unnest(\(until.heads.map(\.cluster)), \(until.heads.map(\.topic)), \(until.heads.map(\.partition)),
                \(until.heads.map { Int64(LogArchive.archived(upTo: $0)) })) AS h (cluster, topic, partition, archived)
             WHERE (l.cluster, l.topic, l.partition) = (h.cluster, h.topic, h.partition) AND h.archived >= l.archived
            """)
        return try tableParts(in: transaction).reduce(0) { try $0 + LogArchive.empty($1, in: transaction) }
    }

    /// The partitions of the table that may hold what is archived, by the bounds that they have.
    private func tableParts(in transaction: borrowing Transaction) throws -> [String] {
        try transaction.execute(
            """
            SELECT p.name FROM configuration.partition_bounds('auditing.entry') AS p
             WHERE p.first < (SELECT max(archived) FROM auditing.log) ORDER BY p.first
            """
        ).map { $0.string("name") }
    }

    /// Takes what is archived out of a partition of the table. Returns how many entries went.
    private static func empty(_ name: String, in transaction: borrowing Transaction) throws -> Int64 {
        try transaction.execute("LOCK TABLE \(raw: name) IN ACCESS EXCLUSIVE MODE")
        let gone = try transaction.execute(
            """
            SELECT count(*) AS n FROM \(raw: name) e JOIN auditing.log l USING (log_id) WHERE e.leaf_index < l.archived
            """)[0].int64("n")
        guard gone > 0 else { return 0 }
        // Rows may not be deleted, and their space would stay. What is left is put back.
        try transaction.execute(
            """
            CREATE TEMP TABLE left_over ON COMMIT DROP AS SELECT e.* FROM \(raw: name) e JOIN auditing.log l USING (log_id)
             WHERE e.leaf_index >= l.archived
            """)
        // Nobody else lifts it.
        try transaction.execute("ALTER TABLE \(raw: name) DISABLE TRIGGER entry_is_not_truncated")
        try transaction.execute("TRUNCATE \(raw: name)")
        try transaction.execute("ALTER TABLE \(raw: name) ENABLE TRIGGER entry_is_not_truncated")
        try transaction.execute("INSERT INTO \(raw: name) SELECT * FROM left_over ORDER BY log_id, leaf_index")
        try transaction.execute("DROP TABLE left_over")
        return gone
    }

    private static func digest(of file: String) throws -> [UInt8] {
        var digest = SHA256()
        for line in try FileLines(file) {
            digest.update(data: line)
            digest.update(data: [UInt8(ascii: "\n")])
        }
        return Array(digest.finalize())
    }

    /// Judges archives by themselves and one after the other, up to where the database goes on. Returns their entries.
    public func verify(_ files: [String], keys: [NoteVerifier]) throws -> UInt64 {
        var (end, entries): (UInt64, UInt64) = (0, 0)
        let known = try HeadLog(connection).signed()
        let written = try written()
        for (place, file) in files.enumerated() {
            let judged: BundleVerification.Result
            do {
                judged = try BundleVerification(keys: keys).run(FileLines(file))
            } catch let fault as AuditFault {
                throw AuditFault("\(file): \(fault.description)")
            }
            guard judged.since == end else {
                throw AuditFault("\(file): it begins after checkpoint \(judged.since ?? 0), where \(end) is due.")
            }
            guard known[judged.checkpoint]?.root == judged.root else {
                throw AuditFault("\(file): checkpoint \(judged.checkpoint) is not among those of the database.")
            }
            if place < written.count {
                let row = written[place]
                guard (row.until, row.entries) == (judged.checkpoint, judged.entries),
                    try row.digest == LogArchive.digest(of: file)
                else { throw AuditFault("archive \(row.until): its row is not that of \(file).") }
            }
            (end, entries) = (judged.checkpoint, entries + judged.entries)
        }
        let due = written.last?.until ?? 0
        guard end == due else {
            throw AuditFault("the archives end with checkpoint \(end), where the database goes on after \(due).")
        }
        return entries
    }
}

/// The lines of a file without their ends, read piece by piece.
public struct FileLines: Sequence, IteratorProtocol {
    private let file: FileHandle
    private var rest = Data()
    private var isAtEnd = false
    private static let pieceBytes = 1 << 20

    public init(_ path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw AuditFault("\(path) cannot be read.") }
        self.file = file
    }

    public mutating func next() -> Data? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest = rest[(end + 1)...] }
                if end > rest.startIndex { return rest[..<end] }
            } else if isAtEnd {
                defer { rest = Data() }
                return rest.isEmpty ? nil : rest
            } else {
                let piece = (try? file.read(upToCount: FileLines.pieceBytes)) ?? Data()
                isAtEnd = piece.isEmpty
                rest = Data(rest) + piece
            }
        }
    }
}
