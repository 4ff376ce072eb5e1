import TransparencyLog

@testable import AuditLog

/// Where an alteration struck, and by that in which form a verdict must name it. Logs by their place, entries by their index.
enum Damage {
    /// The entry itself.
    case entry(Int, Int)
    /// What the two signed heads around the entry hold.
    case stretch(Int, Int)
    /// Two neighbours are exchanged, this one first: the second is out of order, unless a head was signed between them.
    case order(Int, Int)
    /// The first head that was published with the entry under it.
    case head(Int, Int)
    /// A row of the log of heads.
    case headRow(Int)
    /// A checkpoint, or the size that its row has now.
    case checkpoint(UInt64, or: UInt64? = nil)
    /// The log's row.
    case log(Int)
    /// The kept root of a log's first 256 entries.
    case keptRoot(Int)
    /// Rows of a log that is not there.
    case stray(Int64)

    /// The beginnings of which one must be the verdict's.
    func names(in whole: MemorySource) -> [String] {
        func log(_ place: Int) -> String { "log \(whole.logRows[place].place): " }
        func entry(_ place: Int, _ index: Int) -> [String] {
            let start = "\(log(place))entry \(index) "
            let (size, signed) = (whole.logRows[place].size, "where a checkpoint signed ")
            return ["(", "is "].map { start + $0 }
                + whole.heads(of: place).filter { $0 > index }.map { end in
                    "\(log(place))\(index) entries, \(signed)\(end); entry \(index) is missing."
                } + ["\(log(place))entry 0 is missing, and all that followed"].filter { _ in index == 0 && size > 0 }
        }
        func stretch(_ place: Int, _ index: Int) -> String {
            let (start, end) = whole.stretch(of: index, in: place)
            return
                "\(log(place))its first \(end) entries are not those that were signed; the first altered one is among \(start) to \(end - 1)."
        }
        switch self {
        case .entry(let place, let index): return entry(place, index)
        case .stretch(let place, let index): return [stretch(place, index)]
        case .order(let place, let index):
            let (_, end) = whole.stretch(of: index, in: place)
            return end == index + 1 ? [stretch(place, index)] : entry(place, index + 1)
        case .head(let place, let index):
            let (_, end) = whole.stretch(of: index, in: place)
            let row = whole.headRows.firstIndex {
                LogPlace($0.head) == whole.logRows[place].place && $0.head.size == UInt64(end)
            }!
            return [whole.published(row)]
        case .headRow(let row):
            return [whole.published(row), "checkpoint \(whole.checkpoint(over: row)): head \(row) is missing."]
        case .checkpoint(let size, let other):
            return [size, other].compactMap(\.self).flatMap { size in
                [
                    "checkpoint \(size): ", "checkpoint \(size), as it was published, is not",
                    "checkpoint \(size) was published",
                ]
            }
        case .log(let place): return [log(place)]
        case .keptRoot(let place): return ["\(log(place))the kept root of its entries from 0 on is not theirs."]
        case .stray(let id): return ["there are rows of log \(id), which does not exist."]
        }
    }
}

extension MemorySource {
    /// Sizes that were signed of a log, in order.
    fileprivate func heads(of place: Int) -> [Int] {
        Set(headRows.filter { LogPlace($0.head) == logRows[place].place }.map { Int($0.head.size) }).sorted()
    }

    /// The sizes that were signed before and after an entry came.
    fileprivate func stretch(of index: Int, in place: Int) -> (start: Int, end: Int) {
        let heads = heads(of: place)
        return (heads.last { $0 <= index } ?? 0, heads.first { $0 > index }!)
    }

    fileprivate func checkpoint(over row: Int) -> UInt64 { checkpointRows.first { $0.size > UInt64(row) }!.size }

    /// What is said where a head is not the one that was published.
    fileprivate func published(_ row: Int) -> String {
        let head = headRows[row].head
        return
            "log \(LogPlace(head)): the head of its first \(head.size) entries in checkpoint \(checkpoint(over: row)) is not the one that was published."
    }
}
