import StatutoryRules

/// Topics that integrations write.
public enum Topic: String, Sendable, CaseIterable {
    case caseEvents = "case-events"
    /// Compacted: the last event of a person, team or role stands for it, and a null value removes it.
    case directoryEvents = "directory-events"
}

/// The bytes of one Kafka record as contract input.
public struct IncomingEvent {
    public var key: [UInt8]?
    public var headers: [(name: String, value: [UInt8])]
    public var value: [UInt8]?

    public init(key: [UInt8]?, headers: [(name: String, value: [UInt8])], value: [UInt8]?) {
        self.key = key
        self.headers = headers
        self.value = value
    }
}

/// What the attributes of an event say, whichever mode it came in.
public struct Envelope: Sendable, Hashable {
    public let id: String
    public let source: String
    /// In full: `quorate.strategy_discussion.held.v1`.
    public let type: String
    /// `nil` for what the workers publish.
    public let eventType: EventType?
    public let subject: String
    public let authority: String
    public let time: Instant
    public let supersedes: String?
    public let retracts: String?
    public let correlationid: String?
    public let causationid: String?
    public let traceparent: String?
    public let caserevision: Int64?
}

/// An event of an integration that keeps the contract.
public struct CaseEvent: Sendable {
    public let envelope: Envelope
    public let fact: Fact
    /// The payload as it came, for readers of what no rule needs; `nil` where a retraction has none.
    public let data: JSONValue?
    /// SHA-256 over type, subject, authority and canonical data: the same content has the same digest in both modes,
    /// whatever its white space, key order and escapes. Empty from `decodeStored`.
    public let digest: [UInt8]
    /// One JSON object in structured mode: the received bytes unchanged, or composed of a binary event.
    public let structured: [UInt8]

    /// Every child that the payload names at its top, whether by `childIds` or `childId`.
    public var childIds: [String] { data?.lend { $0.childIds() } ?? [] }
}

/// An event that the workers publish, read back.
@dynamicMemberLookup
public struct OutcomeEvent: Sendable {
    public let envelope: Envelope
    /// The type without prefix and version: `deadline.set`.
    public let name: String
    public let data: JSONValue

    public subscript<Value>(dynamicMember path: KeyPath<Envelope, Value>) -> Value { envelope[keyPath: path] }
}

/// Why an event is not taken, in words that a person can act on. It names fields and forms, never what they held.
public struct Refusal: Error, Sendable, Hashable {
    /// Stable, snake_case: `missing_field`.
    public let code: String
    public let reason: String
    /// A later release may know the type: it is replayed then.
    public let isUnknownType: Bool
    // What could be read of the envelope all the same.
    public let id: String?
    public let source: String?
    public let subject: String?
    public let authority: String?
    public let type: String?

    /// Whether these name a case as an envelope must.
    public var namesCase: Bool { subject != nil && authority.map(isEnglishAuthority) == true }

    public init(
        code: String, reason: String, isUnknownType: Bool = false, id: String? = nil, source: String? = nil,
        subject: String? = nil, authority: String? = nil, type: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.isUnknownType = isUnknownType
        self.id = id
        self.source = source
        self.subject = subject
        self.authority = authority
        self.type = type
    }
}

/// What a glance at a record shows, for the record of records: no part of it has been judged.
public struct Peek: Sendable, Hashable {
    public var type: String?
    public var id: String?
    public var source: String?
    public var authority: String?
    public var subject: String?
    public var correlationid: String?
}

/// A refusal on its way up, before the parts of the envelope join it.
struct Problem: Error {
    let code: String
    let reason: String
    var isUnknownType = false
}
