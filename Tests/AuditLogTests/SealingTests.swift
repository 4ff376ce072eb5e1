import Crypto
import Testing

@testable import AuditLog

@Suite("Seals")
struct SealingTests {
    static let key = ContentKey(id: 1, secret: (0..<64).map { UInt8($0) })
    static let place = sealingPlace(cluster: "c", topic: "t", partition: 1, offset: 2)
    static let content = RecordContent(
        key: Array("E09000001/C-1".utf8), headers: [.init(name: Array("h".utf8), value: [1, 2])],
        value: Array("{}".utf8))

    @Test("What was sealed comes back; the same record at the same place gives the same bytes, another place others")
    func roundTrip() throws {
        let sealed = Self.key.seal(Self.content.encoded, at: Self.place)
        #expect(sealed == Self.key.seal(Self.content.encoded, at: Self.place))
        #expect(RecordContent(encoded: try #require(Self.key.open(sealed, at: Self.place))) == Self.content)
        let elsewhere = sealingPlace(cluster: "c", topic: "t", partition: 1, offset: 3)
        #expect(Self.key.seal(Self.content.encoded, at: elsewhere).prefix(12) != sealed.prefix(12))
        #expect(Self.key.open(sealed, at: elsewhere) == nil)
        #expect(ContentKey(id: 2, secret: [UInt8](repeating: 1, count: 64)).open(sealed, at: Self.place) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(Self.key.open(changed, at: Self.place) == nil)
        }
        #expect(Self.key.open([], at: Self.place) == nil)
    }

    /// The nonce's HMAC is our own, over states that are kept; the library's says what it must be.
    @Test(
        "The nonce is the HMAC-SHA256 of place and content under the secret's second half",
        arguments: [0, 1, 63, 64, 65, 900])
    func nonce(length: Int) {
        let content = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var mac = HMAC<SHA256>(key: SymmetricKey(data: (32..<64).map { UInt8($0) }))
        mac.update(data: Self.place + content)
        let sealed = Self.key.seal(content, at: Self.place)
        #expect(sealed.prefix(12).elementsEqual(mac.finalize().prefix(12)))
        #expect(sealed.count == 12 + length + 16)
    }

    @Test("Names are told apart by their bytes, as PostgreSQL does: composed and decomposed letters are two owners")
    func ownersAreBytes() {
        func owner(_ subject: String) -> KeyOwner {
            KeyOwner(authority: "E09000001", subject: subject, isOfCase: true, timestamp: 0)
        }
        let (composed, decomposed) = (owner("Zo\u{EB}-1"), owner("Zoe\u{308}-1"))
        #expect(composed.subject == decomposed.subject)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, owner("Zo\u{EB}-1")]).count == 2)
        let apart = KeyOwner(authority: "E09000001Zo", subject: "\u{EB}-1", isOfCase: true, timestamp: 0)
        #expect(apart != composed)
    }

    @Test("No key, no value and no bytes are three things; a cut content is none")
    func content() {
        var all: Set<[UInt8]> = []
        for key in [nil, [], [UInt8(1)]] {
            for value in [nil, [], [UInt8(1)]] {
                for headers in [
                    [], [RecordContent.Header(name: [], value: [])], [RecordContent.Header(name: [], value: nil)],
                    [RecordContent.Header(name: [0xFF], value: [])],
                ] {
                    let content = RecordContent(key: key, headers: headers, value: value)
                    #expect(RecordContent(encoded: content.encoded) == content)
                    all.insert(content.encoded)
                }
            }
        }
        #expect(all.count == 36)
        let whole = Self.content.encoded
        for count in whole.indices { #expect(RecordContent(encoded: Array(whole[..<count])) == nil) }
        #expect(RecordContent(encoded: whole + [0]) == nil)
    }

    @Test(
        "The year of a record of no case is that of its timestamp in UTC",
        arguments: [
            (Int64(0), Int32(1970)), (-1, 1969), (1_735_689_599_999, 2024), (1_735_689_600_000, 2025),
            (1_709_251_199_999, 2024), (1_709_164_800_000, 2024), (951_782_400_000, 2000), (4_102_444_799_999, 2099),
            (-62_135_596_800_000, 1),
        ])
    func year(timestamp: Int64, year: Int32) {
        let owner = KeyOwner(authority: "E09000001", subject: "x", isOfCase: false, timestamp: timestamp)
        #expect(owner.year == year && owner.subject.isEmpty)
        let ofCase = KeyOwner(authority: "E09000001", subject: "x", isOfCase: true, timestamp: timestamp)
        #expect(ofCase.year == 0 && ofCase.subject == "x")
    }
}
