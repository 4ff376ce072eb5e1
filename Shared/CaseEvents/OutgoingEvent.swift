import StatutoryRules

/// An event that a worker publishes, in structured mode.
public struct OutgoingEvent: Sendable, Hashable {
    public var id: String
    public var source: String
    /// In full: `quorate.deadline.set.v1`.
    public var type: String
    public var subject: String
    public var authority: String
    public var time: Instant
    public var correlationid: String?
    public var causationid: String?
    public var traceparent: String?
    public var caserevision: Int64?
    /// The payload as JSON text.
    public var data: String

    public init(
        id: String, source: String, type: String, subject: String, authority: String, time: Instant,
        causationid: String? = nil, correlationid: String? = nil, traceparent: String? = nil,
        caserevision: Int64? = nil, data: String
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.authority = authority
        self.time = time
        self.correlationid = correlationid
        self.causationid = causationid
        self.traceparent = traceparent
        self.caserevision = caserevision
        self.data = data
    }

    /// The record's key: all events of a case share a partition.
    public var key: String { "\(authority)/\(subject)" }

    /// Keys in the contract's order.
    public var json: String {
        var text = "{\"specversion\":\"1.0\""
        func add(_ name: String, _ value: String?) {
            guard let value else { return }
            text += ",\"\(name)\":\(JSONValue.quoted(value))"
        }
        add("id", id)
        add("source", source)
        add("type", type)
        add("subject", subject)
        add("time", time.description)
        add("authority", authority)
        add("correlationid", correlationid)
        add("causationid", causationid)
        add("traceparent", traceparent)
        if let caserevision { text += ",\"caserevision\":\(caserevision)" }
        add("datacontenttype", "application/json")
        return text + ",\"data\":\(data)}"
    }
}
