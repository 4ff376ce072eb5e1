import Testing

@testable import StatutoryRules

@Suite struct OrdinalTests {
    private func ordinals<Key: Ordinal>(_ keys: Key.Type) -> [Int] { keys.allCases.map(\.ordinal) }

    /// Arrays hold a policy's values by it: one that is off would give another key's value.
    @Test func theOrdinalIsThePlaceAmongAllCases() {
        #expect(ordinals(EventType.self) == Array(EventType.allCases.indices))
        #expect(ordinals(LimitKey.self) == Array(LimitKey.allCases.indices))
        #expect(ordinals(LeadKey.self) == Array(LeadKey.allCases.indices))
        #expect(ordinals(NoticeKey.self) == Array(NoticeKey.allCases.indices))
        #expect(ordinals(SwitchKey.self) == Array(SwitchKey.allCases.indices))
    }
}
