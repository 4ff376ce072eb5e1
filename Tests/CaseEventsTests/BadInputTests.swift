import Foundation
import Testing

@testable import CaseEvents

extension BadInput: CustomTestStringConvertible {
    public var testDescription: String { name }

    var event: IncomingEvent { IncomingEvent(key: key, headers: headers, value: value) }
}

@Suite struct BadInputTests {
    @Test func thereAreManyKindsAndEachHasItsName() {
        #expect(BadInput.all.count >= 70)
        #expect(Set(BadInput.all.map(\.name)).count == BadInput.all.count)
    }

    @Test(arguments: BadInput.all) func isRefusedInWordsThatHelp(_ input: BadInput) throws {
        let refusal = try #require(throws: Refusal.self) { try Contract.decode(input.event, on: .caseEvents) }
        #expect(refusal.code == input.code)
        #expect(refusal.reason.contains(input.mentions), "\(refusal.reason)")
        #expect(!refusal.reason.contains(BadInput.canary), "\(refusal.reason)")
        #expect(refusal.reason.hasSuffix("."))
        #expect(refusal.isUnknownType == ["unknown_type", "unknown_version"].contains(refusal.code))
    }

    @Test func everyCodeIsInTheContractsPage() throws {
        let page = try String(contentsOfFile: "\(Files.folder)/../../docs/contract/README.md", encoding: .utf8)
        for code in Set(BadInput.all.map(\.code)) { #expect(page.contains("`\(code)`"), "\(code)") }
    }

    @Test func theEventsThatTheyAreMadeOfAreGood() throws {
        let event = BadInput.event()
        let structured = try Contract.decode(.structured(event, key: "E06000030/Zaphod-1"), on: .caseEvents)
        let headers = BadInput.binary().map { (name: $0.0, value: $0.1) }
        let binary = IncomingEvent(key: nil, headers: headers, value: Array(BadInput.discussion().utf8))
        #expect(try Contract.decode(binary, on: .caseEvents).digest == structured.digest)
    }

    @Test func aRefusalSaysWhichEventItWas() throws {
        let bad = BadInput.event(data: "{}", ["x": "1"])
        let refusal = try #require(throws: Refusal.self) { try Contract.decode(line: bad) }
        #expect(refusal.id == "ev-1")
        #expect(refusal.source == "urn:lcs:E06000030")
        #expect(refusal.subject == "Zaphod-1")
        #expect(refusal.authority == "E06000030")
        #expect(refusal.type == "quorate.strategy_discussion.held.v1")
    }

    @Test func aTombstoneOfTheDirectoryIsToldApart() throws {
        let event = IncomingEvent(key: Array("E06000030/P-1".utf8), headers: [], value: nil)
        let refusal = try #require(throws: Refusal.self) { try Contract.decode(event, on: .directoryEvents) }
        #expect(refusal.code == "tombstone")
        #expect(refusal.authority == "E06000030")
        #expect(refusal.subject == "P-1")
    }

    @Test func aCaseEventDoesNotBelongInTheDirectory() throws {
        let refusal = try #require(throws: Refusal.self) {
            try Contract.decode(.structured(BadInput.event()), on: .directoryEvents)
        }
        #expect(refusal.code == "wrong_topic")
        #expect(refusal.reason.contains("case-events"))
    }
}
