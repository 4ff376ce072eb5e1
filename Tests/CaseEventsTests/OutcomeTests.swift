import StatutoryRules
import Testing

@testable import CaseEvents

@Suite struct OutcomeTests {
    private func outgoing(_ type: String = "quorate.deadline.set.v1") throws -> OutgoingEvent {
        OutgoingEvent(
            id: "01-\"x\"", source: "urn:quorate:scheduling", type: type, subject: "C-1", authority: "E06000030",
            time: try #require(Instant("2026-01-06T15:02:11.5Z")), causationid: "ev-1", correlationid: "c-1",
            caserevision: 12, data: #"{"deadlineId":"D-1"}"#)
    }

    @Test func isWrittenInTheContractsOrder() throws {
        #expect(
            try outgoing().json
                == #"{"specversion":"1.0","id":"01-\"x\"","source":"urn:quorate:scheduling","type":"quorate.deadline.set.v1","subject":"C-1","time":"2026-01-06T15:02:11.5Z","authority":"E06000030","correlationid":"c-1","causationid":"ev-1","caserevision":12,"datacontenttype":"application/json","data":{"deadlineId":"D-1"}}"#
        )
        #expect(try outgoing().key == "E06000030/C-1")
    }

    @Test func whatIsWrittenIsRead() throws {
        let sent = try outgoing()
        let read = try Contract.decodeOutcome(.structured(Array(sent.json.utf8), key: sent.key))
        #expect(read.name == "deadline.set")
        #expect(read.id == sent.id)
        #expect(read.type == sent.type)
        #expect(read.authority == "E06000030")
        #expect(read.caserevision == 12)
        #expect(read.causationid == "ev-1")
        #expect(read.data["deadlineId"]?.string == "D-1")
        let binary = try Contract.decodeOutcome(.binary(of: Array(sent.json.utf8)))
        #expect(binary.envelope == read.envelope)
    }

    @Test func aWorkersLetterIsAFactOfTheCase() throws {
        var letter = try outgoing("quorate.decision_letter.sent.v1")
        letter.data = #"{"conferenceId":"CF-1","sentAt":"2026-01-06T15:02:11Z"}"#
        let event = try Contract.decode(.structured(Array(letter.json.utf8), key: letter.key), on: .caseEvents)
        #expect(event.envelope.eventType == .decisionLetterSent)
    }

    @Test func anOutcomeWhoseFieldsAreFixedIsJudged() throws {
        var event = try outgoing("quorate.event.quarantined.v1")
        event.data = #"{"quarantineId":7,"code":"invalid_time","topic":"case-events","partition":3,"offset":17}"#
        #expect(try Contract.decodeOutcome(.structured(Array(event.json.utf8))).name == "event.quarantined")
        event.data = #"{"quarantineId":7,"code":"invalid_time","topic":"case-events","partition":3}"#
        let refusal = try #require(throws: Refusal.self) {
            try Contract.decodeOutcome(.structured(Array(event.json.utf8)))
        }
        #expect(refusal.code == "missing_field" && refusal.reason.contains("data.offset"))
    }

    @Test func whatNoWorkerPublishesIsUnknown() throws {
        let event = IncomingEvent.structured(Array(try outgoing("quorate.deadline.sung.v1").json.utf8))
        let refusal = try #require(throws: Refusal.self) { try Contract.decodeOutcome(event) }
        #expect(refusal.code == "unknown_type")
        #expect(refusal.isUnknownType)
    }
}

@Suite struct PeekTests {
    @Test func seesBothModes() throws {
        let line = BadInput.event(["correlationid": "\"c-1\""])
        let expected = Peek(
            type: "quorate.strategy_discussion.held.v1", id: "ev-1", source: "urn:lcs:E06000030",
            authority: "E06000030", subject: "Zaphod-1", correlationid: "c-1")
        #expect(Contract.peek(.structured(line)) == expected)
        #expect(try Contract.peek(.binary(of: line)) == expected)
    }

    @Test func seesWhatStandsBeforeTheBreak() {
        let peek = Contract.peek(.structured(Array(BadInput.event().prefix(100))))
        #expect(peek.id == "ev-1")
        #expect(peek.source == "urn:lcs:E06000030")
        #expect(peek.subject == nil)
    }

    @Test func fallsBackOnTheKey() {
        let peek = Contract.peek(.structured(Array("junk".utf8), key: "E06000030/C/1"))
        #expect(peek.authority == "E06000030")
        #expect(peek.subject == "C/1")
        #expect(Contract.peek(.structured([], key: "nonsense/C-1")) == Peek())
    }

    @Test func passesNothingThatADatabaseWouldRefuse() {
        let headers: [(name: String, value: [UInt8])] = [("ce_id", [0x61, 0]), ("ce_source", [0xFF]), ("ce_type", [])]
        #expect(Contract.peek(IncomingEvent(key: [0xFF, 0x2F, 0x00], headers: headers, value: nil)) == Peek())
    }
}
