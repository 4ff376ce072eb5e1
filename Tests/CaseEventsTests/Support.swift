import Foundation

@testable import CaseEvents

/// Files beside the tests, found by the source's own place, so that the package needs no resource bundle.
enum Files {
    static let folder = String(#filePath.dropLast("/Support.swift".count))

    static func fixture(_ type: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/Fixtures/\(type).json")))
    }

    /// Compares with the file under `docs/contract`, or writes it when `QUORATE_WRITE_GOLDEN` is set.
    static func golden(_ name: String, _ text: String) throws -> Bool {
        let path = "\(folder)/../../docs/contract/\(name)"
        if ProcessInfo.processInfo.environment["QUORATE_WRITE_GOLDEN"] == "1" {
            let place = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: place)
        }
        return try String(contentsOfFile: path, encoding: .utf8) == text
    }
}

/// SplitMix64: small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension IncomingEvent {
    static func structured(_ value: [UInt8], key: String? = nil) -> IncomingEvent {
        IncomingEvent(
            key: key.map { Array($0.utf8) }, headers: [("content-type", Array("application/cloudevents+json".utf8))],
            value: value)
    }

    /// The same event in binary mode: attributes as headers, data as value.
    static func binary(of structured: [UInt8]) throws -> IncomingEvent {
        let root = try JSONValue(structured)
        var headers: [(name: String, value: [UInt8])] = []
        for (name, value) in root.members where name != "data" {
            let header = name == "datacontenttype" ? "content-type" : "ce_\(name)"
            headers.append((header, Array((value.string ?? value.rawText).utf8)))
        }
        return IncomingEvent(key: nil, headers: headers, value: root["data"].map { Array($0.rawBytes) } ?? [])
    }
}
