import CLibpq

/// A column by its name or its place. Places are quicker in long loops.
public struct Column: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    enum Kind {
        case name(String)
        case place(Int)
    }
    let kind: Kind
    public init(_ name: String) { kind = .name(name) }
    public init(_ place: Int) { kind = .place(place) }
    public init(stringLiteral name: String) { kind = .name(name) }
    public init(integerLiteral place: Int) { kind = .place(place) }
}

/// What a statement returned. Asking for a column that is not there, or for another type than it has, is a mistake in
/// the program and stops it. Any thread may read them.
public struct Rows: RandomAccessCollection, Sendable {
    let result: Result
    public let count: Int
    /// Rows that an INSERT, UPDATE, DELETE, SELECT or COPY touched.
    public let affected: Int

    init(_ result: Result) {
        self.result = result
        count = Int(PQntuples(result.handle))
        affected = Int(String(cString: PQcmdTuples(result.handle))) ?? 0
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }
    public subscript(index: Int) -> Row {
        precondition(indices.contains(index), "row \(index) of \(count)")
        return Row(result: result, row: Int32(index))
    }
}

/// The one owner of a `PGresult`. "PGresult objects are normally read-only after creation, and so can be passed around
/// freely between threads."
final class Result: @unchecked Sendable {
    let handle: OpaquePointer
    private let places: [String: Int]

    /// "The PGresult … remains accessible until PQclear is called": we take it over and clear it.
    init(taking handle: OpaquePointer) {
        self.handle = handle
        // The columns of a COPY have no names.
        let names = (0..<PQnfields(handle)).map { PQfname(handle, $0).map { String(cString: $0) } ?? "" }
        places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }
    deinit { PQclear(handle) }

    func place(of column: Column) -> Int32 {
        switch column.kind {
        case .place(let place):
            precondition((0..<Int(PQnfields(handle))).contains(place), "no column \(place)")
            return Int32(place)
        case .name(let name):
            guard let place = places[name] else { preconditionFailure("no column \(name)") }
            return Int32(place)
        }
    }
}

public struct Row: Sendable {
    let result: Result
    let row: Int32

    public func isNull(_ column: Column) -> Bool {
        PQgetisnull(result.handle, row, result.place(of: column)) == 1
    }

    public func intOrNil(_ column: Column) -> Int? { cell(column) { $0.integer } }
    public func int64OrNil(_ column: Column) -> Int64? { cell(column) { Int64($0.integer) } }
    public func int32OrNil(_ column: Column) -> Int32? { cell(column) { Int32($0.integer) } }
    public func doubleOrNil(_ column: Column) -> Double? { cell(column) { $0.double } }
    public func boolOrNil(_ column: Column) -> Bool? { cell(column) { $0.bool } }
    public func stringOrNil(_ column: Column) -> String? { cell(column) { $0.string } }
    /// A `bytea`, or the UTF-8 of a text or JSON column.
    public func bytesOrNil(_ column: Column) -> [UInt8]? { cell(column) { [UInt8]($0.text) } }
    public func uuidOrNil(_ column: Column) -> PGUUID? { cell(column) { $0.uuid } }
    public func dateOrNil(_ column: Column) -> PGDate? { cell(column) { $0.date } }
    public func timestampOrNil(_ column: Column) -> PGTimestamp? { cell(column) { $0.timestamp } }

    public func int(_ column: Column) -> Int { required(column, intOrNil(column)) }
    public func int64(_ column: Column) -> Int64 { required(column, int64OrNil(column)) }
    public func int32(_ column: Column) -> Int32 { required(column, int32OrNil(column)) }
    public func double(_ column: Column) -> Double { required(column, doubleOrNil(column)) }
    public func bool(_ column: Column) -> Bool { required(column, boolOrNil(column)) }
    public func string(_ column: Column) -> String { required(column, stringOrNil(column)) }
    public func bytes(_ column: Column) -> [UInt8] { required(column, bytesOrNil(column)) }
    public func uuid(_ column: Column) -> PGUUID { required(column, uuidOrNil(column)) }
    public func date(_ column: Column) -> PGDate { required(column, dateOrNil(column)) }
    public func timestamp(_ column: Column) -> PGTimestamp { required(column, timestampOrNil(column)) }

    public func intsOrNil(_ column: Column) -> [Int]? { cell(column) { $0.elements { $0.integer } } }
    public func stringsOrNil(_ column: Column) -> [String]? { cell(column) { $0.elements { $0.string } } }
    public func uuidsOrNil(_ column: Column) -> [PGUUID]? { cell(column) { $0.elements { $0.uuid } } }
    /// Arrays without NULLs in them.
    public func ints(_ column: Column) -> [Int] { required(column, intsOrNil(column)) }
    public func strings(_ column: Column) -> [String] { required(column, stringsOrNil(column)) }
    public func uuids(_ column: Column) -> [PGUUID] { required(column, uuidsOrNil(column)) }
    /// Arrays that may hold NULLs.
    public func optionalStrings(_ column: Column) -> [String?] {
        required(column, cell(column) { $0.optionalElements { $0.string } })
    }

    private func required<V>(_ column: Column, _ value: V?) -> V {
        guard let value else { preconditionFailure("NULL in column \(column.kind)") }
        return value
    }

    private func cell<V>(_ column: Column, _ read: (Cell) -> V) -> V? {
        let place = result.place(of: column)
        guard PQgetisnull(result.handle, row, place) == 0 else { return nil }
        // "The pointer returned by PQgetvalue points to storage that is part of the PGresult": read before we return.
        let start = PQgetvalue(result.handle, row, place)
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result.handle, row, place)))
        return withExtendedLifetime(result) { read(Cell(type: PQftype(result.handle, place), bytes: bytes)) }
    }
}
