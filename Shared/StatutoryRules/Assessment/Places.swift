/// The same ids, each once.
func distinct(_ ids: [String]) -> [String] {
    guard ids.count > 1 else { return ids }
    var places = Places()
    for id in ids { _ = places.findOrAdd(id) }
    return places.ids
}

/// The places of things in a list, by id: of a few by looking at each, which costs less than a hash, of many by a table.
struct Places {
    private(set) var ids: [String] = []
    private var table: [String: Int] = [:]

    subscript(id: String) -> Int? { table.isEmpty ? ids.firstIndex(of: id) : table[id] }

    /// The place of `id`: the next one where it is new.
    mutating func findOrAdd(_ id: String) -> Int {
        if let place = self[id] { return place }
        let place = ids.count
        ids.append(id)
        if !table.isEmpty {
            table[id] = place
        } else if ids.count > 8 {
            for (place, id) in ids.enumerated() { table[id] = place }
        }
        return place
    }
}
