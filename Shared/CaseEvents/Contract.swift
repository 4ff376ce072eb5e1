import Crypto
import StatutoryRules

/// The wire contract: what an event must be, and what it means once it is.
///
/// Bytes come in one of two modes. Either gives attributes (as text) and data (as a place in a JSON text); from there
/// the way is one: envelope, type, topic and key, payload by the table, fact.
public enum Contract {
    /// Of a record's value.
    public static let maximumBytes = 1_048_576

    /// An event as a topic brings it. A record without key is taken; a wrong key is refused.
    public static func decode(_ event: IncomingEvent, on topic: Topic) throws(Refusal) -> CaseEvent {
        do throws(Problem) {
            let received = try ReceivedEvent(event)
            let (envelope, contract) = try judge(received, on: topic)
            try checkKey(event.key, envelope)
            return try caseEvent(received, envelope, contract, isStored: false)
        } catch {
            throw Refusal(error, peek(event))
        }
    }

    /// One structured event, as `evaluate`, `publish` and `validate` read it; of either topic.
    public static func decode(line: [UInt8]) throws(Refusal) -> CaseEvent { try decode(line, isStored: false) }

    /// Bytes that we have judged and stored ourselves: neither judged by the table again nor digested. Data that an
    /// older release took thus stays readable, whatever the table says now.
    public static func decodeStored(_ structured: [UInt8]) throws(Refusal) -> CaseEvent {
        try decode(structured, isStored: true)
    }

    private static func decode(_ line: [UInt8], isStored: Bool) throws(Refusal) -> CaseEvent {
        do throws(Problem) {
            let received = try ReceivedEvent(structured: line)
            let (envelope, contract) = try judge(received, on: nil)
            return try caseEvent(received, envelope, contract, isStored: isStored)
        } catch {
            throw Refusal(error, peek(.line(line)))
        }
    }

    /// What a worker has published, from `case-outcomes` and the topics that follow it.
    public static func decodeOutcome(_ event: IncomingEvent) throws(Refusal) -> OutcomeEvent {
        do throws(Problem) {
            let received = try ReceivedEvent(event)
            let type = try received.attributes.required(.type)
            guard let name = producedNames[type] else { throw unknownType(type) }
            let envelope = try received.envelope(nil)
            try checkKey(event.key, envelope)
            guard let data = received.data, data.kind == .object else { throw .dataIsNoObject }
            if let shape = producedShapes[name] { _ = try Validation.check(data, shape) }
            return OutcomeEvent(envelope: envelope, name: name, data: data)
        } catch {
            throw Refusal(error, peek(event))
        }
    }

    /// Whether integrations may publish this type, named in full.
    public static func isKnown(type: String) -> Bool { contracts[type] != nil }

    /// `quorate.<name>.v1`.
    public static func typeName(_ name: String) -> String { "quorate.\(name).v1" }

    private static func judge(_ received: ReceivedEvent, on topic: Topic?) throws(Problem) -> (Envelope, EventContract)
    {
        let type = try received.attributes.required(.type)
        guard let contract = contracts[type] else { throw unknownType(type) }
        if let topic, contract.type.isDirectory != (topic == .directoryEvents) {
            let right: Topic = contract.type.isDirectory ? .directoryEvents : .caseEvents
            throw Problem(
                code: "wrong_topic",
                reason: "Events of this `type` belong on the topic \(right.rawValue): send it there.")
        }
        return (try received.envelope(contract.type), contract)
    }

    private static func unknownType(_ type: String) -> Problem {
        if producedNames[type] != nil {
            return Problem(
                code: "worker_type",
                reason: "Events of this `type` are published by Quorate's workers and taken from nobody else.")
        }
        let parts = type.split(separator: ".", omittingEmptySubsequences: false)
        let isKnownName = parts.count > 1 && contracts[parts.dropLast().joined(separator: ".") + ".v1"] != nil
        return Problem(
            code: isKnownName ? "unknown_version" : "unknown_type",
            reason: isKnownName
                ? "This release does not know this version of the `type`: send .v1, or replay it after an upgrade."
                : "This release does not know this `type`: it must be quorate.<name>.v1 with a name of the contract.",
            isUnknownType: true)
    }

    private static func checkKey(_ key: [UInt8]?, _ envelope: Envelope) throws(Problem) {
        guard let key else { return }
        guard key.elementsEqual("\(envelope.authority)/\(envelope.subject)".utf8) else {
            throw Problem(
                code: "wrong_key",
                reason:
                    "The record's key must be <`authority`>/<`subject`> of the envelope, so that a case stays together."
            )
        }
    }

    private static func caseEvent(
        _ received: ReceivedEvent, _ envelope: Envelope, _ contract: EventContract, isStored: Bool
    ) throws(Problem) -> CaseEvent {
        let payload: Payload
        var details: Details = []
        let data = received.data.flatMap { $0.isNull ? nil : $0 }
        if envelope.retracts != nil {
            // A copy of what is withdrawn may come along. It asserts nothing, or it would undo the retraction.
            if let data, data.kind != .object { throw .dataIsNoObject }
            payload = .retraction(contract.type)
        } else {
            guard let data else {
                throw Problem(
                    code: "missing_data", reason: "The event has no `data`: add the payload as a JSON object.")
            }
            // What we have stored ourselves is not judged again.
            details =
                isStored ? contract.shape.details(of: data) : try Validation.check(data, contract.shape)
            payload = try Contract.payload(contract.type, data)
        }
        let fact = Fact(
            id: envelope.id, source: envelope.source, time: envelope.time, supersedes: envelope.supersedes,
            retracts: envelope.retracts, payload: payload, details: details)
        return CaseEvent(
            envelope: envelope, fact: fact, data: data, digest: isStored ? [] : digest(envelope, data),
            structured: received.structured)
    }

    private static func digest(_ envelope: Envelope, _ data: JSONValue?) -> [UInt8] {
        // None of the three holds a line break: the parts cannot run into one another.
        var content: [UInt8] = []
        content.reserveCapacity(256 + (data?.rawBytes.count ?? 0))
        content.append(line: envelope.type)
        content.append(line: envelope.subject)
        content.append(line: envelope.authority)
        data?.appendCanonical(to: &content)
        return SHA256.hash(data: content).withUnsafeBytes { Array($0) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(line text: String) {
        // In one step, as a string's own bytes lie; by its view they go one by one.
        if text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil {
            append(contentsOf: text.utf8)
        }
        append(UInt8(ascii: "\n"))
    }
}

extension Refusal {
    init(_ problem: Problem, _ peek: Peek) {
        self.init(
            code: problem.code, reason: problem.reason, isUnknownType: problem.isUnknownType, id: peek.id,
            source: peek.source, subject: peek.subject, authority: peek.authority, type: peek.type)
    }
}

extension Problem {
    static let dataIsNoObject = Problem(
        code: "wrong_type", reason: "`data` must be an object { ... }: send the payload as JSON, not as text or a list."
    )

    init(_ fault: JSONFault) { self.init(code: fault.code, reason: fault.reason) }
}
