import Foundation
import StatutoryRules
import Testing

@testable import CaseEvents

/// Whatever the bytes, the decoder answers. Seeded: a failure comes again. `QUORATE_FUZZ_ROUNDS` sets how many.
@Suite struct FuzzTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["QUORATE_FUZZ_ROUNDS"].flatMap(Int.init) ?? 20_000

    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", "\\", ":", ",", "\\u", "\\ud83d", "\\udc00", "\\u0000", "null", "true", "1e", "-",
            "0",
            "\"data\":", "\"id\":", "\"childIds\":[", "2026-02-30", "T24:00:00Z", "+25:61", "99999999999999999999",
            "\0",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90], [0xEF, 0xBB, 0xBF], [0xE2, 0x82],
        ]

    @Test func mutatedEventsNeverStopTheDecoder() throws {
        var generator = SeededGenerator(seed: 20_260_106)
        let seeds =
            try EventType.allCases.map { try Files.fixture($0.rawValue) }
            + BadInput.all.compactMap(\.value)
            .filter { $0.count < 4000 }
        var taken = 0
        for _ in 0..<Self.rounds {
            var bytes = seeds.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, using: &generator) }
            taken += try answer(bytes)
        }
        // Some mutations fall into free text and must still be taken.
        #expect(taken > Self.rounds / 100)
    }

    /// Decodes in every way, and checks what must hold of each that is taken.
    private func answer(_ bytes: [UInt8]) throws -> Int {
        _ = Contract.peek(.structured(bytes))
        _ = try? Contract.decodeStored(bytes)
        _ = try? Contract.decodeOutcome(.structured(bytes))
        let headers = BadInput.binary().map { (name: $0.0, value: $0.1) }
        _ = try? Contract.decode(IncomingEvent(key: bytes, headers: headers, value: bytes), on: .caseEvents)
        guard let event = try? Contract.decode(line: bytes) else { return 0 }
        #expect(event.structured == bytes)
        if let data = event.data { #expect(try JSONValue(data.canonicalBytes).canonicalBytes == data.canonicalBytes) }
        return 1
    }

    private func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: bytes.remove(at: at)
        case 3: bytes.insert(contentsOf: Self.pieces.randomElement(using: &generator) ?? [], at: at)
        case 4: bytes.removeSubrange(at...)
        case 5: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &generator)))
        default:
            let end = min(bytes.count, at + Int.random(in: 1...60, using: &generator))
            bytes.insert(contentsOf: Array(bytes[at..<end]), at: at)
        }
    }

    @Test func canonicalFormsDoNotHangOnTheOrderOfKeys() throws {
        var generator = SeededGenerator(seed: 7)
        for type in EventType.allCases {
            let root = try JSONValue(Files.fixture(type.rawValue))
            let data = try #require(root["data"])
            let shuffled = data.members.map { "\(JSONValue.quoted($0.key)) :\t\($0.value.rawText)" }
                .shuffled(using: &generator).joined(separator: " ,\n")
            #expect(try JSONValue("{\(shuffled)}").canonicalBytes == data.canonicalBytes)
        }
    }
}
