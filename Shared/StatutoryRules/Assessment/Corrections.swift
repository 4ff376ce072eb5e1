/// A fact that stands, with the place that it keeps: that of the first event of its chain of corrections.
struct LiveFact {
    /// Into the case file's facts.
    let index: Int
    /// The id of the chain's first event, which need not have arrived.
    let root: String
    /// The own instant, else the envelope's time: orders, never dates.
    let order: Instant
    let time: Instant
    let source: String

    static func precedes(_ left: UnsafePointer<LiveFact>, _ right: UnsafePointer<LiveFact>) -> Bool {
        if left.pointee.order != right.pointee.order { return left.pointee.order < right.pointee.order }
        if left.pointee.time != right.pointee.time { return left.pointee.time < right.pointee.time }
        if left.pointee.source != right.pointee.source { return left.pointee.source < right.pointee.source }
        return left.pointee.root < right.pointee.root
    }
}

/// Which facts stand once corrections and retractions are applied (architecture, "Corrections").
///
/// Events that supersede one another form a tree, a slot of which at most one event stands: the greatest of those that
/// supersede, at every branch. A retraction acts while it stands itself.
struct Corrections {
    private(set) var live: [LiveFact] = []
    /// Ids of events that correct one another in a circle; none of them stands.
    private(set) var loops: [String] = []

    /// By bytes, as facts are kept: ids that differ in nothing but their Unicode form are two.
    private struct Key: Hashable {
        let source: String
        let id: String

        static func == (left: Key, right: Key) -> Bool {
            isSame(left.id, right.id) && isSame(left.source, right.source)
        }

        func hash(into hasher: inout Hasher) { hasher.combine(cheapHash(of: id)) }
    }

    private let facts: [Fact]
    /// Distinct events; beyond `distinct.count` stand targets that have not arrived.
    private var distinct: [Int] = []
    private var keys: [Key] = []
    private var places: [Key: Int] = [:]
    private var parent: [Int?] = []
    private var children: [[Int]] = []
    private var isDead: [Bool] = []

    init(_ facts: [Fact]) {
        self.facts = facts
        let isPlain = facts.allSatisfy { $0.supersedes == nil && $0.retracts == nil }
        collect()
        if isPlain {
            live = distinct.map { standing($0, root: $0) }
        } else {
            linkSupersessions()
            let isRetracted = resolveRetractions()
            for slot in keys.indices where parent[slot] == nil {
                if let winner = winner(of: slot, isRetracted: isRetracted), winner < distinct.count {
                    live.append(standing(distinct[winner], root: slot < distinct.count ? distinct[slot] : nil, slot))
                }
            }
        }
        order(&live, by: LiveFact.precedes)
        loops.sort()
    }

    /// Drops second copies. Of one id with two contents, which the ledger quarantines before, the earlier stays.
    private mutating func collect() {
        // By hash, since ids tend to begin alike; what stands in the end depends on no order here.
        var order = facts.indices.map { (hash: cheapHash(of: facts[$0].id), index: $0) }
        order.sort { left, right in
            if left.hash != right.hash { return left.hash < right.hash }
            let (one, other) = (facts[left.index], facts[right.index])
            return isSame(one.id, other.id)
                ? one.source.utf8.lexicographicallyPrecedes(other.source.utf8)
                : one.id.utf8.lexicographicallyPrecedes(other.id.utf8)
        }
        distinct.reserveCapacity(order.count)
        var lastHash: UInt64?
        for (hash, index) in order {
            defer { lastHash = hash }
            if hash == lastHash, let last = distinct.last, isSame(facts[last].id, facts[index].id),
                isSame(facts[last].source, facts[index].source)
            {
                if Corrections.isEarlier(facts[index], than: facts[last]) { distinct[distinct.count - 1] = index }
            } else {
                distinct.append(index)
            }
        }
    }

    private static func isEarlier(_ fact: Fact, than other: Fact) -> Bool {
        if fact == other { return false }
        if fact.time != other.time { return fact.time < other.time }
        return String(describing: fact) < String(describing: other)
    }

    private func standing(_ index: Int, root: Int?, _ slot: Int? = nil) -> LiveFact {
        let time = facts[root ?? index].time
        return LiveFact(
            index: index, root: root.map { facts[$0].id } ?? slot.map { keys[$0].id } ?? facts[index].id,
            order: facts[index].payload.ownMoment?.earliest ?? time, time: time, source: facts[index].source)
    }
}

extension Corrections {
    /// Sets `parent` and `children`, adding a slot for each target that has not arrived.
    private mutating func linkSupersessions() {
        keys = distinct.map { Key(source: facts[$0].source, id: facts[$0].id) }
        places = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
        parent = Array(repeating: nil, count: keys.count)
        for place in distinct.indices {
            let fact = facts[distinct[place]]
            guard let target = fact.supersedes else { continue }
            let key = Key(source: fact.source, id: target)
            let found = places[key] ?? keys.count
            if found == keys.count {
                places[key] = found
                keys.append(key)
                parent.append(nil)
            }
            parent[place] = found
        }
        isDead = Array(repeating: false, count: keys.count)
        for place in cycles(next: { [parent] in parent[$0].map { [$0] } ?? [] }) {
            kill(place)
            parent[place] = nil
        }
        children = Array(repeating: [], count: keys.count)
        for (place, above) in parent.enumerated() { if let above { children[above].append(place) } }
        for place in children.indices where children[place].count > 1 {
            var siblings = children[place].map { (place: $0, fact: standing(distinct[$0], root: distinct[$0])) }
            order(&siblings) { left, right in
                withUnsafePointer(to: left.pointee.fact) { one in
                    withUnsafePointer(to: right.pointee.fact) { LiveFact.precedes(one, $0) }
                }
            }
            children[place] = siblings.map(\.place)
        }
    }

    private mutating func kill(_ place: Int) {
        guard !isDead[place] else { return }
        isDead[place] = true
        loops.append(keys[place].id)
    }

    /// The event that stands in a slot: the greatest of those that supersede it and stand, else itself.
    private func winner(of slot: Int, isRetracted: [Bool]) -> Int? {
        if children[slot].isEmpty { return slot < distinct.count && !isRetracted[slot] && !isDead[slot] ? slot : nil }
        // Breadth first without recursion: a chain may be as long as the case.
        var order: [Int] = [slot]
        var next = 0
        while next < order.count {
            order.append(contentsOf: children[order[next]])
            next += 1
        }
        var content: [Int: Int] = [:]
        for place in order.reversed() {
            if let best = children[place].last(where: { content[$0] != nil }) {
                content[place] = content[best]
            } else if place < distinct.count, !isRetracted[place], !isDead[place] {
                content[place] = place
            }
        }
        return content[slot]
    }

    /// Slots in the order in which retractions must be judged: a slot once all that retract into it are.
    private mutating func resolveRetractions() -> [Bool] {
        var isRetracted = Array(repeating: false, count: keys.count)
        let slots = slotOfEach()
        var edges: [(by: Int, target: Int)] = []
        for place in distinct.indices {
            let fact = facts[distinct[place]]
            guard let id = fact.retracts, let target = places[Key(source: fact.source, id: id)] else { continue }
            if target == place { kill(place) } else { edges.append((place, target)) }
        }
        var targets: [Int: [Int]] = [:]
        for edge in edges where slots[edge.by] != slots[edge.target] {
            targets[slots[edge.by], default: []].append(slots[edge.target])
        }
        let looping = Set(cycles(next: { targets[$0] ?? [] }))
        for edge in edges where looping.contains(slots[edge.by]) && looping.contains(slots[edge.target]) {
            kill(edge.by)
        }
        for edge in edges where slots[edge.by] == slots[edge.target] { isRetracted[edge.target] = true }
        var waiting: [Int: Int] = [:]
        var outgoing: [Int: [(by: Int, target: Int)]] = [:]
        for edge in edges where !isDead[edge.by] && slots[edge.by] != slots[edge.target] {
            waiting[slots[edge.target], default: 0] += 1
            outgoing[slots[edge.by], default: []].append(edge)
        }
        var ready = outgoing.keys.filter { waiting[$0, default: 0] == 0 }
        while let slot = ready.popLast() {
            let stands = winner(of: slot, isRetracted: isRetracted)
            for edge in outgoing[slot] ?? [] {
                if edge.by == stands { isRetracted[edge.target] = true }
                let target = slots[edge.target]
                waiting[target]! -= 1
                if waiting[target] == 0, outgoing[target] != nil { ready.append(target) }
            }
        }
        return isRetracted
    }

    private func slotOfEach() -> [Int] {
        var slots: [Int?] = Array(repeating: nil, count: keys.count)
        for place in keys.indices {
            var path: [Int] = []
            var at = place
            while slots[at] == nil, let above = parent[at] {
                path.append(at)
                at = above
            }
            let slot = slots[at] ?? at
            slots[at] = slot
            for step in path { slots[step] = slot }
        }
        return slots.map { $0! }
    }

    /// The places that lie on a circle, or between two.
    private func cycles(next: (Int) -> [Int]) -> [Int] {
        // Whoever lies on a circle leads somewhere.
        let remaining = peel(Set(keys.indices.filter { !next($0).isEmpty }), next: next)
        guard !remaining.isEmpty else { return [] }
        var reversed: [Int: [Int]] = [:]
        for place in remaining { for target in next(place) { reversed[target, default: []].append(place) } }
        return peel(remaining, next: { reversed[$0] ?? [] }).sorted()
    }

    /// What is left of the places when those that nothing leads to are taken away, again and again.
    private func peel(_ places: Set<Int>, next: (Int) -> [Int]) -> Set<Int> {
        var degree: [Int: Int] = [:]
        for place in places {
            for target in next(place) where places.contains(target) { degree[target, default: 0] += 1 }
        }
        var left = places
        var ready = places.filter { degree[$0, default: 0] == 0 }.sorted()
        while let place = ready.popLast() {
            left.remove(place)
            for target in next(place) where left.contains(target) {
                degree[target]! -= 1
                if degree[target] == 0 { ready.append(target) }
            }
        }
        return left
    }
}

private func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

/// Enough to tell most ids apart, eight bytes at a time; that two share one costs a comparison.
private func cheapHash(of id: String) -> UInt64 {
    id.withBytes { text in
        let bytes = UnsafeRawBufferPointer(text)
        var hash = UInt64(bytes.count)
        var place = 0
        while place + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
            place += 8
        }
        for byte in bytes[place...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}
