/// Input that the contract refuses, kind by kind. Free of test libraries: system tests send the same records to a
/// worker and look for them in quarantine. "Zaphod" stands wherever a person's data might; no reason may repeat it.
public struct BadInput: Sendable {
    public static let canary = "Zaphod"

    public let name: String
    public let key: [UInt8]?
    public let headers: [(name: String, value: [UInt8])]
    public let value: [UInt8]?
    /// The refusal's code.
    public let code: String
    /// What the reason must name.
    public let mentions: String

    init(
        _ name: String, _ code: String, _ mentions: String, key: String? = "E06000030/Zaphod-1",
        headers: [(String, [UInt8])] = BadInput.structured, _ value: [UInt8]?
    ) {
        self.name = name
        self.key = key.map { Array($0.utf8) }
        self.headers = headers.map { (name: $0.0, value: $0.1) }
        self.value = value
        self.code = code
        self.mentions = mentions
    }

    public static let all: [BadInput] =
        texts + encodings + missingAttributes + envelopes + types + keys + payloads + moments + modes

    static let structured = [("content-type", Array("application/cloudevents+json".utf8))]

    /// A good event's attributes as JSON, in order; `changes` replaces, adds, or takes away with `nil`.
    static func event(
        type name: String = "strategy_discussion.held", data: String? = nil,
        _ changes: KeyValuePairs<String, String?> = [:]
    ) -> [UInt8] {
        var members: [(String, String?)] = [
            ("specversion", "\"1.0\""), ("id", "\"ev-1\""), ("source", "\"urn:lcs:E06000030\""),
            ("type", "\"quorate.\(name).v1\""), ("subject", "\"Zaphod-1\""), ("time", "\"2026-01-06T15:02:11Z\""),
            ("authority", "\"E06000030\""), ("datacontenttype", "\"application/json\""), ("data", data ?? discussion()),
        ]
        for (name, value) in changes {
            if let place = members.firstIndex(where: { $0.0 == name }) {
                members[place].1 = value
            } else {
                members.append((name, value))
            }
        }
        let lines = members.compactMap { member in member.1.map { "\"\(member.0)\":\($0)" } }
        return Array("{\(lines.joined(separator: ","))}".utf8)
    }

    /// The payload of a good event, with fields replaced, added or taken away.
    static func discussion(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
        var fields: [(String, String?)] = [
            ("discussionId", "\"SD-1\""), ("childIds", "[\"K-1\"]"), ("heldAt", "\"2026-01-06T14:00:00Z\""),
            ("note", "\"Zaphod\""),
        ]
        for (name, value) in changes {
            if let place = fields.firstIndex(where: { $0.0 == name }) {
                fields[place].1 = value
            } else {
                fields.append((name, value))
            }
        }
        return "{\(fields.compactMap { field in field.1.map { "\"\(field.0)\":\($0)" } }.joined(separator: ","))}"
    }

    /// A good event around a note of the given bytes.
    private static func note(_ bytes: [UInt8]) -> [UInt8] {
        let whole = event(data: discussion(["note": "@"]))
        let at = whole.firstIndex(of: UInt8(ascii: "@")) ?? 0
        return whole[..<at] + bytes + whole[(at + 1)...]
    }

    private static func note(_ text: String) -> [UInt8] { note(Array(text.utf8)) }

    // MARK: JSON

    private static let texts: [BadInput] = [
        BadInput("no value", "tombstone", "retracts", nil),
        BadInput("empty value", "invalid_json", "byte 0", []),
        BadInput("plain text", "invalid_json", "byte 0", Array("Zaphod was seen".utf8)),
        BadInput("object breaks off", "invalid_json", "byte", event().dropLast() + []),
        BadInput("text breaks off", "invalid_json", "breaks off", Array("{\"id\":\"Zaphod".utf8)),
        BadInput("comma before }", "invalid_json", "field name", event().dropLast() + Array(",}".utf8)),
        BadInput("comma before ]", "invalid_json", "value", note("[1,]")),
        BadInput("no comma", "invalid_json", "comma", note("[1 2]")),
        BadInput("no colon", "invalid_json", "colon", note("{\"Zaphod\" 1}")),
        BadInput("single quotes", "invalid_json", "value", note("'Zaphod'")),
        BadInput("bare field name", "invalid_json", "double quotes", note("{Zaphod:1}")),
        BadInput("comment", "invalid_json", "byte", note("1 /* Zaphod */")),
        BadInput("NaN", "invalid_json", "value", note("NaN")),
        BadInput("Infinity", "invalid_json", "byte", note("-Infinity")),
        BadInput("True", "invalid_json", "value", note("True")),
        BadInput("leading zero", "invalid_json", "byte", note("01")),
        BadInput("plus sign", "invalid_json", "value", note("+1")),
        BadInput("no digit before the point", "invalid_json", "value", note(".5")),
        BadInput("no digit after the point", "invalid_json", "digit", note("1.")),
        BadInput("no exponent", "invalid_json", "digit", note("1e")),
        BadInput("hexadecimal", "invalid_json", "byte", note("0x10")),
        BadInput("endless number", "number_too_large", "1000", note(String(repeating: "7", count: 2000))),
        BadInput("huge exponent", "number_too_large", "exponent", note("1e99999")),
        BadInput("two events", "trailing_bytes", "one event a record", event() + event()),
        BadInput("trailing text", "trailing_bytes", "nothing may follow", event() + Array(" Zaphod".utf8)),
        BadInput("raw tab", "invalid_json", "control character", note("\"Zap\thod\"")),
        BadInput("raw line break", "invalid_json", "control character", note("\"Zap\nhod\"")),
        BadInput("unknown escape", "invalid_json", "escape", note("\"\\x41\"")),
        BadInput("short escape", "invalid_json", "hexadecimal", note("\"\\u12\"")),
        BadInput(
            "nested too deep", "too_deep", "64",
            note(String(repeating: "[", count: 65) + String(repeating: "]", count: 65))),
        BadInput("nested without end", "too_deep", "64", note(String(repeating: "{\"a\":", count: 9000))),
        BadInput("past 1 MiB", "too_large", "1 MiB", note("\"\(String(repeating: "Zaphod", count: 180_000))\"")),
        BadInput("a batch", "not_an_object", "one event", Array("[".utf8) + event() + Array("]".utf8)),
        BadInput("text for an event", "not_an_object", "object", Array("\"Zaphod\"".utf8)),
        BadInput("null for an event", "not_an_object", "object", Array("null".utf8)),
    ]

    private static let encodings: [BadInput] = [
        BadInput("byte order mark", "byte_order_mark", "byte order mark", [0xEF, 0xBB, 0xBF] + event()),
        BadInput("UTF-16", "invalid_json", "byte", event().flatMap { [0, $0] }),
        BadInput("NUL escape", "nul_character", "U+0000", note("\"\\u0000\"")),
        BadInput("raw NUL", "invalid_json", "control character", note("\"\0\"")),
        BadInput("NUL between values", "invalid_json", "byte", note("1\0")),
        BadInput("lone high surrogate", "lone_surrogate", "surrogate", note("\"\\ud83d\"")),
        BadInput("lone low surrogate", "lone_surrogate", "surrogate", note("\"\\ude00\"")),
        BadInput("surrogates reversed", "lone_surrogate", "surrogate", note("\"\\ude00\\ud83d\"")),
        BadInput("two high surrogates", "lone_surrogate", "surrogate", note("\"\\ud83d\\ud83d\"")),
        BadInput("Latin-1", "invalid_utf8", "UTF-8", note([0x22, 0xE9, 0x22])),
        BadInput("byte FF", "invalid_utf8", "UTF-8", note([0x22, 0xFF, 0x22])),
        BadInput("lone continuation", "invalid_utf8", "UTF-8", note([0x22, 0x80, 0x22])),
        BadInput("overlong slash", "invalid_utf8", "UTF-8", note([0x22, 0xC0, 0xAF, 0x22])),
        BadInput("overlong in three", "invalid_utf8", "UTF-8", note([0x22, 0xE0, 0x80, 0xAF, 0x22])),
        BadInput("surrogate in UTF-8", "invalid_utf8", "UTF-8", note([0x22, 0xED, 0xA0, 0x80, 0x22])),
        BadInput("past U+10FFFF", "invalid_utf8", "UTF-8", note([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22])),
        BadInput("half a character", "invalid_utf8", "UTF-8", note([0x22, 0xE2, 0x82, 0x22])),
        BadInput("UTF-8 ends early", "invalid_utf8", "UTF-8", event().dropLast(4) + [0xE2]),
    ]

    // MARK: Envelope

    private static let missingAttributes: [BadInput] =
        ["specversion", "id", "source", "type", "subject", "time", "authority"].map { name in
            BadInput("no \(name)", "missing_attribute", "`\(name)`", event([name: nil]))
        } + [
            BadInput("no data", "missing_data", "`data`", event(["data": nil])),
            BadInput("null id", "missing_attribute", "`id`", event(["id": "null"])),
            BadInput("null data", "missing_data", "`data`", event(["data": "null"])),
            BadInput("empty object", "missing_attribute", "`type`", Array("{}".utf8)),
        ]

    private static let envelopes: [BadInput] = [
        BadInput("id twice", "duplicate_attribute", "twice", event(["x": "1,\"id\":\"Zaphod\""])),
        BadInput("id twice by escape", "duplicate_attribute", "twice", event(["\\u0069d": "\"Zaphod\""])),
        BadInput("null id, then id", "duplicate_attribute", "twice", event(["id": "null,\"id\":\"Zaphod\""])),
        BadInput("data twice", "duplicate_attribute", "twice", event(["x": "1,\"data\":{}"])),
        BadInput("extension twice", "duplicate_attribute", "twice", event(["x": "1,\"x\":2"])),
        BadInput(
            "too many extensions", "too_many_attributes", "64",
            event(["x": "1" + (0..<70).map { ",\"x\($0)\":1" }.joined()])),
        BadInput("empty id", "empty_attribute", "`id`", event(["id": "\"\""])),
        BadInput("empty source", "empty_attribute", "`source`", event(["source": "\"\""])),
        BadInput("empty subject", "empty_attribute", "`subject`", event(["subject": "\"\""])),
        BadInput("numeric id", "wrong_type", "`id`", event(["id": "17"])),
        BadInput("numeric time", "wrong_type", "`time`", event(["time": "1767711731"])),
        BadInput("subject as object", "wrong_type", "`subject`", event(["subject": "{\"name\":\"Zaphod\"}"])),
        BadInput("long id", "attribute_too_long", "`id`", event(["id": long])),
        BadInput("long source", "attribute_too_long", "`source`", event(["source": long])),
        BadInput("long subject", "attribute_too_long", "`subject`", event(["subject": long])),
        BadInput("long supersedes", "attribute_too_long", "`supersedes`", event(["supersedes": long])),
        BadInput("line break in id", "control_character", "`id`", event(["id": "\"Zaphod\\n\""])),
        BadInput("tab in subject", "control_character", "`subject`", event(["subject": "\"Zaphod\\t1\""])),
        BadInput("delete in source", "control_character", "`source`", event(["source": "\"urn:\\u007f\""])),
        BadInput("C1 control in subject", "control_character", "`subject`", event(["subject": "\"\\u0085Zaphod\""])),
        BadInput("specversion 0.3", "unsupported_specversion", "1.0", event(["specversion": "\"0.3\""])),
        BadInput("specversion as number", "wrong_type", "`specversion`", event(["specversion": "1.0"])),
        BadInput("XML", "unsupported_datacontenttype", "application/json", event(["datacontenttype": "\"text/xml\""])),
        BadInput(
            "JSON by another name", "unsupported_datacontenttype", "application/json",
            event(["datacontenttype": "\"application/jsonl\""])),
        BadInput("data_base64", "data_base64", "`data`", event(["data": nil, "data_base64": "\"WmFwaG9k\""])),
        BadInput("Scottish code", "invalid_authority", "`authority`", event(["authority": "\"S12000036\""])),
        BadInput("Welsh code", "invalid_authority", "`authority`", event(["authority": "\"W06000015\""])),
        BadInput("region code", "invalid_authority", "`authority`", event(["authority": "\"E12000007\""])),
        BadInput("small letter", "invalid_authority", "`authority`", event(["authority": "\"e06000030\""])),
        BadInput("short code", "invalid_authority", "`authority`", event(["authority": "\"E0600003\""])),
        BadInput("long code", "invalid_authority", "`authority`", event(["authority": "\"E060000300\""])),
        BadInput("authority by name", "invalid_authority", "`authority`", event(["authority": "\"Zaphodshire\""])),
        BadInput("time without zone", "time_without_zone", "`time`", event(["time": "\"2026-01-06T15:02:11\""])),
        BadInput("date for time", "invalid_time", "`time`", event(["time": "\"2026-01-06\""])),
        BadInput("leap second in time", "leap_second", "`time`", event(["time": "\"2016-12-31T23:59:60Z\""])),
        BadInput("month 13 in time", "invalid_time", "`time`", event(["time": "\"2026-13-06T15:02:11Z\""])),
        BadInput("hour 24 in time", "invalid_time", "`time`", event(["time": "\"2026-01-06T24:00:00Z\""])),
        BadInput("year 1899 in time", "year_out_of_range", "`time`", event(["time": "\"1899-12-31T23:00:00Z\""])),
        BadInput("words for time", "invalid_time", "`time`", event(["time": "\"when Zaphod came\""])),
        BadInput(
            "supersedes and retracts", "supersedes_and_retracts", "not both",
            event(["supersedes": "\"ev-0\"", "retracts": "\"ev-0\""])),
        BadInput("empty supersedes", "empty_attribute", "`supersedes`", event(["supersedes": "\"\""])),
        BadInput("empty retracts", "empty_attribute", "`retracts`", event(["retracts": "\"\""])),
        BadInput("negative caserevision", "invalid_caserevision", "`caserevision`", event(["caserevision": "-1"])),
        BadInput("fractional caserevision", "wrong_type", "`caserevision`", event(["caserevision": "1.5"])),
    ]

    private static let long = "\"\(String(repeating: "Zaphod", count: 34))\""

    private static let types: [BadInput] = [
        BadInput("unknown type", "unknown_type", "`type`", event(type: "zaphod.seen")),
        BadInput("type without prefix", "unknown_type", "`type`", event(["type": "\"conference.held.v1\""])),
        BadInput("type in capitals", "unknown_type", "`type`", event(["type": "\"Quorate.Conference.Held.v1\""])),
        BadInput("type of one word", "unknown_type", "`type`", event(["type": "\"Zaphod\""])),
        BadInput("version 2", "unknown_version", "version", event(["type": "\"quorate.conference.held.v2\""])),
        BadInput("no version", "unknown_type", "`type`", event(["type": "\"quorate.conference.held\""])),
        BadInput("a worker's type", "worker_type", "workers", event(type: "deadline.set")),
        BadInput("a directory type", "wrong_topic", "directory-events", event(type: "person.recorded")),
    ]

    private static let keys: [BadInput] = [
        BadInput("key of another case", "wrong_key", "key", key: "E06000030/Zaphod-2", event()),
        BadInput("key of another authority", "wrong_key", "key", key: "E06000031/Zaphod-1", event()),
        BadInput("key without authority", "wrong_key", "key", key: "Zaphod-1", event()),
        BadInput("empty key", "wrong_key", "key", key: "", event()),
    ]

    // MARK: Payload

    private static func held(_ changes: KeyValuePairs<String, String?>) -> [UInt8] { event(data: discussion(changes)) }

    private static let payloads: [BadInput] = [
        BadInput("data as list", "wrong_type", "`data`", event(data: "[\"Zaphod\"]")),
        BadInput("data as text", "wrong_type", "`data`", event(data: "\"{}\"")),
        BadInput("empty data", "missing_field", "`data.discussionId`", event(data: "{}")),
        BadInput("no id in data", "missing_field", "`data.discussionId`", held(["discussionId": nil])),
        BadInput("no children", "missing_field", "`data.childIds` or `data.childId`", held(["childIds": nil])),
        BadInput("empty list of children", "missing_field", "`data.childIds`", held(["childIds": "[]"])),
        BadInput("null children", "missing_field", "`data.childIds`", held(["childIds": "null"])),
        BadInput("children as text", "wrong_type", "`data.childIds`", held(["childIds": "\"Zaphod\""])),
        BadInput("a number among ids", "wrong_type", "`data.childIds[1]`", held(["childIds": "[\"Zaphod\",7]"])),
        BadInput("null among ids", "wrong_type", "`data.childIds[1]`", held(["childIds": "[\"Zaphod\",null]"])),
        BadInput("an empty id among ids", "empty_id", "`data.childIds[1]`", held(["childIds": "[\"Zaphod\",\"\"]"])),
        BadInput("numeric id in data", "wrong_type", "`data.discussionId`", held(["discussionId": "12"])),
        BadInput("empty id in data", "empty_id", "`data.discussionId`", held(["discussionId": "\"\""])),
        BadInput("line break in an id", "control_character", "`data.childId`", held(["childId": "\"Zap\\nhod\""])),
        BadInput("long id in data", "id_too_long", "`data.discussionId`", held(["discussionId": long])),
        BadInput("true as text", "wrong_type", "`data.initiatedS47`", held(["initiatedS47": "\"true\""])),
        BadInput("true as number", "wrong_type", "`data.initiatedS47`", held(["initiatedS47": "1"])),
        BadInput("code as number", "wrong_type", "`data.participants[0]`", held(["participants": "[4]"])),
        BadInput(
            "field twice", "duplicate_field", "`data.heldAt`",
            held(["x": "1,\"heldAt\":\"2026-01-07T14:00:00Z\""])),
        BadInput("field twice by escape", "duplicate_field", "`data.heldAt`", held(["held\\u0041t": "\"Zaphod\""])),
        BadInput(
            "object as list", "wrong_type", "`data.allocated`",
            event(type: "child.registered", data: "{\"childId\":\"Zaphod\",\"allocated\":[]}")),
        BadInput(
            "integer as text", "wrong_type", "`data.birthOrder`",
            event(type: "child.born", data: "{\"childId\":\"Zaphod\",\"bornAt\":\"2026-01-01\",\"birthOrder\":\"1\"}")),
        BadInput(
            "half an integer", "wrong_type", "`data.birthOrder`",
            event(type: "child.born", data: "{\"childId\":\"Zaphod\",\"bornAt\":\"2026-01-01\",\"birthOrder\":1.5}")),
        BadInput(
            "born, no one says when", "missing_field", "`data.bornAt` or `data.dateOfBirth`",
            event(type: "child.born", data: "{\"childId\":\"Zaphod\"}")),
        BadInput(
            "two children in an event about one", "one_child_expected", "`data.childIds`",
            event(type: "child.died", data: "{\"childIds\":[\"Zaphod\",\"K-2\"],\"dateOfDeath\":\"2026-01-01\"}")),
        BadInput(
            "outcome without child", "missing_field", "`data.outcomes[1].childId`",
            event(
                type: "s47_enquiry.completed",
                data:
                    "{\"enquiryId\":\"E\",\"completedAt\":\"2026-01-01\",\"outcomes\":[{\"childId\":\"Zaphod\",\"outcome\":\"x\"},{\"outcome\":\"x\"}]}"
            )),
        BadInput(
            "decision as text", "wrong_type", "`data.decisions[0]`",
            event(
                type: "conference.held",
                data: "{\"conferenceId\":\"CF\",\"heldAt\":\"2026-01-01\",\"decisions\":[\"Zaphod: plan\"]}")),
        BadInput(
            "time deep in the data", "time_without_zone", "`data.attendees[0].leftAt`",
            event(
                type: "conference.held",
                data:
                    "{\"conferenceId\":\"CF\",\"heldAt\":\"2026-01-01\",\"attendees\":[{\"personId\":\"Zaphod\",\"leftAt\":\"2026-01-01T10:00:00\"}]}"
            )),
        BadInput(
            "retraction with a list", "wrong_type", "`data`", event(data: "[\"Zaphod\"]", ["retracts": "\"ev-0\""])),
    ]

    private static func died(_ date: String) -> [UInt8] {
        event(type: "child.died", data: "{\"childId\":\"Zaphod\",\"dateOfDeath\":\(date)}")
    }

    private static let moments: [BadInput] = [
        BadInput("no instant", "missing_field", "`data.heldAt`", held(["heldAt": nil])),
        BadInput("null instant", "missing_field", "`data.heldAt`", held(["heldAt": "null"])),
        BadInput("no zone", "time_without_zone", "`data.heldAt`", held(["heldAt": "\"2026-01-06T14:00:00\""])),
        BadInput(
            "no zone, fraction", "time_without_zone", "`data.heldAt`", held(["heldAt": "\"2026-01-06T14:00:00.5\""])),
        BadInput("30 February", "invalid_time", "`data.heldAt`", held(["heldAt": "\"2026-02-30T14:00:00Z\""])),
        BadInput("hour 25", "invalid_time", "`data.heldAt`", held(["heldAt": "\"2026-01-06T25:00:00Z\""])),
        BadInput("minute 60", "invalid_time", "`data.heldAt`", held(["heldAt": "\"2026-01-06T14:60:00Z\""])),
        BadInput("leap second", "leap_second", "`data.heldAt`", held(["heldAt": "\"2016-12-31T23:59:60Z\""])),
        BadInput("year 2200", "year_out_of_range", "`data.heldAt`", held(["heldAt": "\"2200-01-01T00:00:00Z\""])),
        BadInput("year 0001", "year_out_of_range", "`data.heldAt`", held(["heldAt": "\"0001-01-01T00:00:00Z\""])),
        BadInput("epoch seconds", "wrong_type", "`data.heldAt`", held(["heldAt": "1767711731"])),
        BadInput("no seconds", "invalid_time", "`data.heldAt`", held(["heldAt": "\"2026-01-06T14:00Z\""])),
        BadInput("blank for T", "invalid_time", "`data.heldAt`", held(["heldAt": "\"2026-01-06 14:00:00Z\""])),
        BadInput("zone by name", "invalid_time", "`data.heldAt`", held(["heldAt": "\"2026-01-06T14:00:00 GMT\""])),
        BadInput("British order", "invalid_time", "`data.heldAt`", held(["heldAt": "\"06/01/2026\""])),
        BadInput("words for an instant", "invalid_time", "`data.heldAt`", held(["heldAt": "\"Zaphod at noon\""])),
        BadInput("empty instant", "invalid_time", "`data.heldAt`", held(["heldAt": "\"\""])),
        BadInput("29 February 2025", "invalid_date", "`data.dateOfDeath`", died("\"2025-02-29\"")),
        BadInput("date without zeros", "invalid_date", "`data.dateOfDeath`", died("\"2026-2-3\"")),
        BadInput("instant for a date", "invalid_date", "`data.dateOfDeath`", died("\"2026-01-06T14:00:00Z\"")),
        BadInput("date of 1889", "year_out_of_range", "`data.dateOfDeath`", died("\"1889-04-01\"")),
        BadInput("date as number", "wrong_type", "`data.dateOfDeath`", died("20260106")),
        BadInput("words for a date", "invalid_date", "`data.dateOfDeath`", died("\"after Zaphod left\"")),
    ]

    // MARK: Modes

    /// Headers of binary mode, changed as `event` is.
    static func binary(_ changes: KeyValuePairs<String, [UInt8]?> = [:]) -> [(String, [UInt8])] {
        var headers: [(String, [UInt8]?)] = [
            ("ce_specversion", Array("1.0".utf8)), ("ce_id", Array("ev-1".utf8)),
            ("ce_source", Array("urn:lcs:E06000030".utf8)),
            ("ce_type", Array("quorate.strategy_discussion.held.v1".utf8)), ("ce_subject", Array("Zaphod-1".utf8)),
            ("ce_time", Array("2026-01-06T15:02:11Z".utf8)), ("ce_authority", Array("E06000030".utf8)),
            ("content-type", Array("application/json".utf8)),
        ]
        for (name, value) in changes {
            if let place = headers.firstIndex(where: { $0.0 == name }) {
                headers[place].1 = value
            } else {
                headers.append((name, value))
            }
        }
        return headers.compactMap { header in header.1.map { (header.0, $0) } }
    }

    private static func sent(
        _ name: String, _ code: String, _ mentions: String, _ headers: [(String, [UInt8])], _ value: String? = nil
    ) -> BadInput {
        BadInput(name, code, mentions, headers: headers, Array((value ?? discussion()).utf8))
    }

    private static let modes: [BadInput] = [
        BadInput("no headers", "unknown_mode", "content-type", headers: [], event()),
        BadInput(
            "plain JSON", "unknown_mode", "ce_", headers: [("content-type", Array("application/json".utf8))], event()),
        BadInput(
            "Avro", "unsupported_format", "application/cloudevents+json",
            headers: [("content-type", Array("application/cloudevents+avro".utf8))], event()),
        BadInput(
            "batch mode", "unsupported_format", "one event a record",
            headers: [("content-type", Array("application/cloudevents-batch+json".utf8))], event()),
        sent("binary, no id", "missing_attribute", "`id`", binary(["ce_id": nil])),
        sent("binary, no specversion", "missing_attribute", "`specversion`", binary(["ce_specversion": nil])),
        sent("binary, empty source", "empty_attribute", "`source`", binary(["ce_source": []])),
        sent("binary, id twice", "duplicate_attribute", "twice", binary() + [("ce_id", Array("Zaphod".utf8))]),
        sent("binary, extension twice", "duplicate_attribute", "twice", binary(["ce_x": [49]]) + [("ce_x", [50])]),
        sent("binary, header not UTF-8", "invalid_header", "UTF-8", binary(["ce_subject": [0xFF]])),
        sent("binary, NUL in a header", "invalid_header", "NUL", binary(["ce_subject": [90, 0, 90]])),
        sent("binary, ce_data", "reserved_header", "ce_data", binary(["ce_data": Array("{}".utf8)])),
        sent(
            "binary, text", "unsupported_datacontenttype", "application/json",
            binary(["content-type": Array("text/plain".utf8)])),
        // Good by themselves, but not as the one text that is stored and read again.
        sent(
            "binary, a level too deep when stored", "too_deep", "64", binary(),
            discussion(["note": String(repeating: "[", count: 63) + String(repeating: "]", count: 63)])),
        sent(
            "binary, past 1 MiB when stored", "too_large", "1 MiB", binary(),
            "\(discussion().dropLast()),\"x\":\"\(String(repeating: "Zaphod", count: 174_740))\"}"),
        sent(
            "binary, NUL in the content type", "nul_character", "U+0000",
            binary(["content-type": Array("application/json;\0".utf8)])),
        sent("binary, no data", "missing_data", "`data`", binary(), ""),
        sent("binary, broken JSON", "invalid_json", "byte", binary(), "{\"childIds\":[\"Zaphod\""),
        sent(
            "binary, no zone", "time_without_zone", "`data.heldAt`", binary(),
            discussion(["heldAt": "\"2026-01-06T14:00:00\""])),
        sent(
            "binary, worker's type", "worker_type", "workers", binary(["ce_type": Array("quorate.notice.due.v1".utf8)])),
    ]
}
