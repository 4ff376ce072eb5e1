import CaseEvents
import Correspondence
import Foundation
import Postgres
import StatutoryRules

/// Cases with their directory and what is due of them: what the benchmark of notices writes about.
struct BenchNotices {
    struct Due {
        let place: PreviewedCase
        let notice: Notice
        /// As `case-outcomes` has it.
        let body: String
    }

    /// On who is who, without what corrects or was corrected.
    let words: [DirectoryWord]
    let due: [Due]

    /// Generated histories of a year, as they stand at its end: everything that is due then and was not done.
    init(cases: Int, authorities: [String] = []) throws {
        let first = Day("2025-01-06")!
        let last = first.adding(days: 365)
        let configuration = try SampleConfiguration.make(liveFrom: first)
        let generator = HistoryGenerator(
            seed: 21, cases: cases, from: first, to: last, authorities: authorities,
            isWorkingDay: configuration.calendar.isWorkingDay)
        var directory: [String: [CaseEvent]] = [:]
        var histories: [String: [CaseEvent]] = [:]
        func decode(_ line: String) -> CaseEvent? {
            let event = try? Contract.decode(line: Array(line.utf8))
            return event?.envelope.retracts == nil && event?.envelope.supersedes == nil ? event : nil
        }
        generator.directory { line in
            if let event = decode(line) { directory[event.envelope.authority, default: []].append(event) }
        }
        generator.generate { line in
            guard let event = decode(line) else { return }
            histories["\(event.envelope.authority)/\(event.envelope.subject)", default: []].append(event)
        }
        let now = London.end(of: last)
        words = [directory, histories].flatMap { $0.values.joined() }.flatMap(DirectoryWord.words(of:))
        due = try histories.sorted { $0.key < $1.key }.flatMap { _, events in
            let place = try PreviewedCase(directory[events[0].envelope.authority, default: []] + events, asOf: now)
            let assessment = assess(place.file, under: configuration, asOf: now)
            return assessment.notices.filter { $0.state == .due || $0.state == .lateBooking }
                .map { Due(place: place, notice: $0, body: assessment.data(of: $0)) }
        }
    }

    /// Fills the tables that the worker reads, as it fills them itself.
    ///
    /// - Parameter notices: How many at most; of more than there are the rest are further notices of the same cases.
    func load(notices: Int, on connection: Connection) throws {
        try connection.script("SET synchronous_commit = off")
        for part in words.chunks(of: 5_000) {
            try connection.execute(
                """
                INSERT INTO notifications.directory_word (authority, kind, entry_id, subject, child_ids, effective_at,
                    recorded_at, event_source, event_id, body)
                SELECT a, k, e, s, ARRAY(SELECT jsonb_array_elements_text(c::jsonb)), f, r, o, i, b::jsonb
                  FROM unnest(\(part.map(\.envelope.authority)), \(part.map(\.kind.rawValue)), \(part.map(\.entryId)),
                    \(part.map(\.envelope.subject)), \(part.map { "[\($0.childIds.map(JSONValue.quoted).joined(separator: ","))]" }),
                    \(part.map { PGTimestamp($0.effectiveAt) }), \(part.map { PGTimestamp($0.envelope.time) }),
                    \(part.map(\.envelope.source)), \(part.map(\.envelope.id)), \(part.map(\.body)))
                    AS w (a, k, e, s, c, f, r, o, i, b)
                ON CONFLICT DO NOTHING
                """)
        }
        for part in Array(due.prefix(notices)).chunks(of: 5_000) {
            try connection.execute(
                """
                INSERT INTO notifications.notice (notice_id, authority, subject, revision, state, due_at, causation_id,
                    source_partition, body)
                SELECT i, a, s, 1, 'due', d, '', abs(hashtext(s)) % 24, b::jsonb
                  FROM unnest(\(part.map { PGUUID($0.notice.id) }), \(part.map(\.notice.authority)),
                    \(part.map(\.notice.file)), \(part.map { PGTimestamp($0.notice.dueAt) }), \(part.map(\.body)))
                    AS n (i, a, s, d, b)
                ON CONFLICT DO NOTHING
                """)
        }
        let copies = due.isEmpty ? 0 : (notices - 1) / due.count
        guard copies > 0 else { return }
        try connection.execute(
            """
            INSERT INTO notifications.notice (notice_id, authority, subject, revision, state, due_at, causation_id,
                source_partition, body)
            SELECT gen_random_uuid(), authority, subject, 1, 'due', due_at, '', source_partition, body
              FROM notifications.notice, generate_series(1, \(copies)) LIMIT \(Int64(notices - due.count))
            """)
        try connection.script("ANALYZE notifications.notice, notifications.directory_word")
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
