/// SplitMix64: the same seed gives the same history on every machine, which the system's generator does not promise.
struct SampleRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A generator of its own for one case, so that a case reads the same whatever cases stand beside it.
    init(seed: UInt64, stream: UInt64) {
        var mixer = SampleRandom(seed: seed &+ stream &* 0xD1B5_4A32_D192_ED03)
        state = mixer.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// In [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    mutating func chance(_ probability: Double) -> Bool { unit() < probability }

    mutating func whole(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[Int(next() % UInt64(choices.count))] }

    /// One of the choices, each by its weight.
    mutating func weighted<Element>(_ choices: [(Element, Double)]) -> Element {
        var left = unit() * choices.reduce(0) { $0 + $1.1 }
        for (choice, weight) in choices {
            left -= weight
            if left < 0 { return choice }
        }
        return choices[choices.count - 1].0
    }

    /// Shaped as a UUID of version 8: custom, since it is derived and not drawn from the system.
    mutating func identifier() -> String {
        let high = (next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x8000
        let low = (next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        let digits = Self.hexadecimal(high, 16) + Self.hexadecimal(low, 16)
        let cuts = [0, 8, 12, 16, 20, 32]
        return zip(cuts, cuts.dropFirst()).map { String(digits.dropFirst($0).prefix($1 - $0)) }.joined(separator: "-")
    }

    static func hexadecimal(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// A point in [0, 1) of a sequence that fills the interval evenly, so that a small sample has the proportions of a
    /// large one.
    static func evenlySpread(_ index: Int, step: Double, offset: Double) -> Double {
        let value = offset + Double(index) * step
        return value - value.rounded(.down)
    }
}
