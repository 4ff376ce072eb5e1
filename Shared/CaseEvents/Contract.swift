import Crypto
import StatutoryRules

/// The wire contract: what an event must be, and what it means once it is.
///
/// A record comes in one of two modes. One in binary mode is composed into the JSON text that structured mode would have
/// brought; from there the way is one: attributes and data as places in that text, type and topic, envelope, key, payload
/// by the table, fact.
public enum Contract {
    /// Of a record's value.
    public static let maximumBytes = 1_048_576

    /// An event as a topic brings it. A record without key is taken; a wrong key is refused.
    public static func decode(_ event: IncomingEvent, on topic: Topic) throws(Refusal) -> CaseEvent {
        do throws(Problem) {
            return try decode(event.structured(), on: topic, key: event.key)
        } catch {
            throw Refusal(error, peek(event))
        }
    }

    /// One structured event, as `evaluate`, `publish` and `validate` read it; of either topic.
    public static func decode(line: [UInt8]) throws(Refusal) -> CaseEvent {
        do throws(Problem) { return try decode(line) } catch { throw Refusal(error, peek(.line(line))) }
    }

    /// Bytes that we have judged and stored ourselves: neither judged by the table again nor digested. Data that an
    /// older release took thus stays readable, whatever the table says now.
    public static func decodeStored(_ structured: [UInt8]) throws(Refusal) -> CaseEvent {
        do throws(Problem) { return try decode(structured, isStored: true) } catch {
            throw Refusal(error, peek(.line(structured)))
        }
    }

    /// What a worker has published, from `case-outcomes` and the topics that follow it.
    public static func decodeOutcome(_ event: IncomingEvent) throws(Refusal) -> OutcomeEvent {
        do throws(Problem) {
            let document = try JSONDocument(event: event.structured())
            return try document.lend { root throws(Problem) in
                let received = try ReceivedEvent(root)
                let type = try received.attributes.required(.type)
                guard let name = producedNames[type] else { throw unknownType(type) }
                let envelope = try received.envelope(type, nil)
                try checkKey(event.key, envelope)
                guard let data = received.data, data.kind == .object else { throw .dataIsNoObject }
                if let shape = producedShapes[name] { _ = try Validation.check(data, shape) }
                return OutcomeEvent(envelope: envelope, name: name, data: JSONValue(document, data.index))
            }
        } catch {
            throw Refusal(error, peek(event))
        }
    }

    /// Whether integrations may publish this type, named in full.
    public static func isKnown(type: String) -> Bool { row(type) != nil }

    /// `quorate.<name>.v1`.
    public static func typeName(_ name: String) -> String { "quorate.\(name).v1" }

    private static func decode(
        _ structured: [UInt8], on topic: Topic? = nil, key: [UInt8]? = nil, isStored: Bool = false
    ) throws(Problem) -> CaseEvent {
        let document = try JSONDocument(event: structured)
        return try document.lend { root throws(Problem) in
            let received = try ReceivedEvent(root)
            let row = try received.attributes.required(.type) { type throws(Problem) in
                try Contract.row(type, on: topic)
            }
            let envelope = try received.envelope(row.name, row.type)
            try checkKey(key, envelope)
            return try caseEvent(document, received, envelope, row, isStored: isStored)
        }
    }

    /// The row of a type that travels on the topic.
    private static func row(_ type: UnsafeBufferPointer<UInt8>, on topic: Topic?) throws(Problem) -> EventContract {
        guard let row = Contract.row(type) else { throw unknownType(String(decoding: type, as: UTF8.self)) }
        if let topic, row.type.isDirectory != (topic == .directoryEvents) {
            let right: Topic = row.type.isDirectory ? .directoryEvents : .caseEvents
            throw Problem(
                code: "wrong_topic",
                reason: "Events of this `type` belong on the topic \(right.rawValue): send it there.")
        }
        return row
    }

    private static func unknownType(_ type: String) -> Problem {
        if producedNames[type] != nil {
            return Problem(
                code: "worker_type",
                reason: "Events of this `type` are published by Quorate's workers and taken from nobody else.")
        }
        let parts = type.split(separator: ".", omittingEmptySubsequences: false)
        let isKnownName = parts.count > 1 && row(parts.dropLast().joined(separator: ".") + ".v1") != nil
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
        _ document: JSONDocument, _ received: ReceivedEvent, _ envelope: Envelope, _ row: EventContract, isStored: Bool
    ) throws(Problem) -> CaseEvent {
        let payload: Payload
        var details: Details = []
        let data = received.data.flatMap { $0.isNull ? nil : $0 }
        if envelope.retracts != nil {
            // A copy of what is withdrawn may come along. It asserts nothing, or it would undo the retraction.
            if let data, data.kind != .object { throw .dataIsNoObject }
            payload = .retraction(row.type)
        } else {
            guard let data else {
                throw Problem(
                    code: "missing_data", reason: "The event has no `data`: add the payload as a JSON object.")
            }
            // What we have stored ourselves is not judged again.
            details = isStored ? row.shape.details(of: data) : try Validation.check(data, row.shape)
            payload = try Contract.payload(row.type, data)
        }
        let fact = Fact(
            id: envelope.id, source: envelope.source, time: envelope.time, supersedes: envelope.supersedes,
            retracts: envelope.retracts, payload: payload, details: details)
        return CaseEvent(
            envelope: envelope, fact: fact, data: data.map { JSONValue(document, $0.index) },
            digest: isStored ? [] : digest(envelope, data), structured: document.bytes)
    }

    private static func digest(_ envelope: Envelope, _ data: JSONPlace?) -> [UInt8] {
        let lines = envelope.type.utf8.count + envelope.subject.utf8.count + envelope.authority.utf8.count + 3
        let limit = lines + (data.map(CanonicalText.limit) ?? 0)
        let content = [UInt8](unsafeUninitializedCapacity: limit) { bytes, count in
            var text = CanonicalText(into: bytes)
            // None of the three holds a line break: the parts cannot run into one another.
            text.append(line: envelope.type)
            text.append(line: envelope.subject)
            text.append(line: envelope.authority)
            if let data { text.append(data) }
            count = text.count
        }
        return SHA256.hash(data: content).withUnsafeBytes { Array($0) }
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
