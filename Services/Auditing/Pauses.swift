/// How long nothing is tried again that failed: twice as long after each failure in a row.
struct Pauses {
    private var failures: [String: Int] = [:]
    private var ends: [String: ContinuousClock.Instant] = [:]
    private static let firstSeconds = 2
    private static let longestSeconds = 600

    func isOver(_ name: String) -> Bool { ends[name].map { $0 <= .now } ?? true }

    mutating func failed(_ name: String) {
        let count = failures[name, default: 0]
        failures[name] = count + 1
        ends[name] = .now + .seconds(min(Pauses.firstSeconds << min(count, 10), Pauses.longestSeconds))
    }

    mutating func succeeded(_ name: String) { (failures[name], ends[name]) = (nil, nil) }
}
