import StatutoryRules
import Testing

@testable import CaseEvents

@Suite struct ModeTests {
    @Test(arguments: EventType.allCases) func bothModesSayTheSame(_ type: EventType) throws {
        let line = try Files.fixture(type.rawValue)
        let topic: Topic = type.isDirectory ? .directoryEvents : .caseEvents
        let structured = try Contract.decode(.structured(line), on: topic)
        let binary = try Contract.decode(.binary(of: line), on: topic)
        #expect(structured.envelope == binary.envelope)
        #expect(structured.fact == binary.fact)
        #expect(structured.digest == binary.digest)
        #expect(structured.digest.count == 32)
        #expect(structured.structured == line)
        // What is composed of a binary event is itself the same event.
        #expect(try Contract.decode(line: binary.structured).digest == structured.digest)
        #expect(try Contract.decode(line: binary.structured).envelope == structured.envelope)
        let stored = try Contract.decodeStored(binary.structured)
        #expect(stored.fact == structured.fact)
        #expect(stored.digest.isEmpty)
    }

    @Test func theEnvelopeIsReadWhole() throws {
        let line = BadInput.event([
            "supersedes": "\"ev-0\"", "correlationid": "\"c-1\"", "causationid": "\"b-1\"",
            "traceparent": "\"00-ab-cd-01\"",
            "caserevision": "7", "dataschema": "\"urn:x\"",
        ])
        for event in [IncomingEvent.structured(line), try .binary(of: line)] {
            let decoded = try Contract.decode(event, on: .caseEvents)
            let envelope = decoded.envelope
            #expect(envelope.id == "ev-1")
            #expect(envelope.source == "urn:lcs:E06000030")
            #expect(envelope.type == "quorate.strategy_discussion.held.v1")
            #expect(envelope.eventType == .strategyDiscussionHeld)
            #expect(envelope.subject == "Zaphod-1")
            #expect(envelope.authority == "E06000030")
            #expect(envelope.time == Instant("2026-01-06T15:02:11Z"))
            #expect(envelope.supersedes == "ev-0")
            #expect(envelope.retracts == nil)
            #expect(envelope.correlationid == "c-1")
            #expect(envelope.causationid == "b-1")
            #expect(envelope.traceparent == "00-ab-cd-01")
            #expect(envelope.caserevision == 7)
            #expect(decoded.fact.supersedes == "ev-0")
            #expect(decoded.fact.time == envelope.time)
            // Attributes that are not ours are kept.
            #expect(try JSONValue(decoded.structured)["dataschema"]?.string == "urn:x")
        }
    }

    static let contentTypes = [
        "application/cloudevents+json", "application/cloudevents+json; charset=utf-8", "application/cloudevents",
        "Application/CloudEvents+JSON;charset=UTF-8",
    ]

    @Test(arguments: contentTypes) func structuredModeIsKnownByItsContentType(_ type: String) throws {
        let event = IncomingEvent(
            key: nil, headers: [("Content-Type", Array(type.utf8))], value: BadInput.event())
        #expect(try Contract.decode(event, on: .caseEvents).envelope.id == "ev-1")
    }

    @Test(arguments: ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
    func dataIsJSONWithOrWithoutParameters(_ type: String) throws {
        #expect(throws: Never.self) {
            try Contract.decode(line: BadInput.event(["datacontenttype": JSONValue.quoted(type)]))
        }
        let headers = BadInput.binary(["content-type": Array(type.utf8)]).map { (name: $0.0, value: $0.1) }
        let binary = IncomingEvent(key: nil, headers: headers, value: Array(BadInput.discussion().utf8))
        #expect(throws: Never.self) { try Contract.decode(binary, on: .caseEvents) }
    }

    @Test func dataContentTypeMayBeAbsent() throws {
        #expect(throws: Never.self) { try Contract.decode(line: BadInput.event(["datacontenttype": nil])) }
    }

    @Test func aRecordMayHaveNoKey() throws {
        #expect(throws: Never.self) { try Contract.decode(.structured(BadInput.event()), on: .caseEvents) }
    }

    @Test func theLargestEventIsTaken() throws {
        let empty = BadInput.event(["x": "\"\""]).count
        let full = BadInput.event(["x": "\"\(String(repeating: "x", count: Contract.maximumBytes - empty))\""])
        #expect(full.count == Contract.maximumBytes)
        #expect(throws: Never.self) { try Contract.decode(line: full) }
        let refusal = try #require(throws: Refusal.self) { try Contract.decode(line: full + [0x20]) }
        #expect(refusal.code == "too_large")
    }

    @Test func subjectsAreMeasuredInBytes() throws {
        let longest = String(repeating: "é", count: 100)
        #expect(throws: Never.self) { try Contract.decode(line: BadInput.event(["subject": "\"\(longest)\""])) }
        #expect(throws: Refusal.self) { try Contract.decode(line: BadInput.event(["subject": "\"\(longest)x\""])) }
    }

    static let retractions = ["{}", "null", BadInput.discussion(), "{\"heldAt\":\"not judged\"}"]

    @Test(arguments: retractions) func aRetractionAssertsNothing(_ data: String) throws {
        let event = try Contract.decode(line: BadInput.event(data: data, ["retracts": "\"ev-0\""]))
        #expect(event.fact.payload == .retraction(.strategyDiscussionHeld))
        #expect(event.fact.retracts == "ev-0")
    }

    @Test func aRetractionMayHaveNoData() throws {
        let line = BadInput.event(["retracts": "\"ev-0\"", "data": nil])
        let structured = try Contract.decode(line: line)
        let binary = try Contract.decode(.binary(of: line), on: .caseEvents)
        #expect(structured.fact == binary.fact)
        #expect(structured.digest == binary.digest)
        #expect(try Contract.decode(line: binary.structured).fact == structured.fact)
    }

    static let sameDigest: [[UInt8]] = [
        BadInput.event(),
        BadInput.event(["id": "\"ev-2\"", "time": "\"2026-02-01T00:00:00Z\"", "x": "1"]),
        BadInput.event(
            data: #"{"note":"Zaphod","heldAt":"2026-01-06T14:00:00Z","childIds":["K-1"],"discussionId":"SD-1"}"#),
        BadInput.event(
            data:
                #"{ "discussionId" : "SD\u002d1", "childIds" : [ "K-1" ], "heldAt" : "2026-01-06T14:00:00Z", "note" : "Zapho\u0064" }"#
        ),
    ]

    @Test(arguments: sameDigest) func theDigestIsOfTheContent(_ line: [UInt8]) throws {
        #expect(try Contract.decode(line: line).digest == Contract.decode(line: BadInput.event()).digest)
    }

    static let otherDigest: [[UInt8]] = [
        BadInput.event(["subject": "\"Zaphod-2\""]), BadInput.event(["authority": "\"E06000031\""]),
        BadInput.event(data: BadInput.discussion(["note": "\"zaphod\""])),
        BadInput.event(data: BadInput.discussion(["heldAt": "\"2026-01-06T14:00:01Z\""])),
    ]

    @Test(arguments: otherDigest) func otherContentHasAnotherDigest(_ line: [UInt8]) throws {
        #expect(try Contract.decode(line: line).digest != Contract.decode(line: BadInput.event()).digest)
    }
}
