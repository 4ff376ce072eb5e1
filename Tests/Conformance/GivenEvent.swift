import Foundation
import StatutoryRules
import Yams

@testable import CaseEvents

/// A line of a case's `given`, as a CloudEvent.
struct GivenEvent {
    let line: String

    /// Ids that a line may leave out.
    private static let usual = [
        "childId": "K", "conferenceId": "C", "planId": "P", "reportId": "R", "enquiryId": "E", "discussionId": "SD",
        "orderId": "O", "proceedingsId": "PR", "letterId": "L", "complaintId": "CO", "cinPlanId": "CIN",
        "personId": "PE",
        "deputyId": "DE", "chairId": "CH", "noticeId": "N",
    ]

    init(_ node: Node, place: Int, of name: String) throws {
        guard let (key, value) = node.mapping?.first, let head = key.string else {
            throw ConformanceCase.Mistake("\(name): given \(place + 1) is no `TIME EVENT: {...}`")
        }
        let words = head.split(separator: " ").map(String.init)
        guard let type = words.last.flatMap(EventType.init(rawValue:)), words.count == 2 || words.count == 3 else {
            throw ConformanceCase.Mistake("\(name): `\(head)` is no `TIME EVENT`")
        }
        let when = words.dropLast().joined(separator: " ")
        var data = GivenEvent.object(value)
        var envelope: [String: Any] = [
            "specversion": "1.0", "type": Contract.typeName(type.rawValue), "source": "urn:test", "subject": "case",
            "authority": "E06000030", "datacontenttype": "application/json",
            "id": data.removeValue(forKey: "id") ?? "\(type.rawValue)-\(place + 1)",
        ]
        let recorded = data.removeValue(forKey: "recorded") as? String ?? when
        envelope["time"] = try ConformanceCase.instant(recorded).adding(minutes: 1).description
        for key in ["supersedes", "retracts"] { envelope[key] = data.removeValue(forKey: key) }
        if envelope["retracts"] == nil {
            try GivenEvent.fill(&data, type, when)
            envelope["data"] = data
        }
        let json = try JSONSerialization.data(
            withJSONObject: envelope, options: [.sortedKeys, .withoutEscapingSlashes])
        line = String(decoding: json, as: UTF8.self)
    }

    /// Adds the own instant and the usual ids.
    private static func fill(_ data: inout [String: Any], _ type: EventType, _ when: String) throws {
        guard let contract = Contract.row(Contract.typeName(type.rawValue)) else { return }
        let isGiven = contract.own.contains { data[$0] != nil }
        if !isGiven, let name = contract.own.first, let field = contract.shape.fields.first(where: { $0.name == name })
        {
            if case .date = field.kind {
                data[name] = String(when.prefix(10))
            } else {
                data[name] = Day(when) != nil ? when : try ConformanceCase.instant(when).description
            }
        }
        for group in contract.shape.required where !group.contains(where: { data[$0] != nil }) {
            guard let (name, id) = group.lazy.compactMap({ name in usual[name].map { (name, $0) } }).first else {
                continue
            }
            data[name] = id
        }
        for (name, value) in data {
            guard name.hasSuffix("At"), let text = value as? String, Day(text) == nil, Instant(text) == nil else {
                continue
            }
            data[name] = try ConformanceCase.instant(text).description
        }
    }

    private static func object(_ node: Node) -> [String: Any] {
        var object: [String: Any] = [:]
        for (key, value) in node.mapping ?? [:] { object[key.string ?? ""] = any(value) }
        return object
    }

    private static func any(_ node: Node) -> Any {
        if node.mapping != nil { return moments(in: object(node)) }
        if let sequence = node.sequence { return sequence.map(any) }
        if let flag = node.bool { return flag }
        if let number = node.int { return number }
        return node.string ?? ""
    }

    /// London times inside objects, as on the outside.
    private static func moments(in object: [String: Any]) -> [String: Any] {
        object.reduce(into: [:]) { all, entry in
            let text = entry.value as? String
            let isTime = entry.key.hasSuffix("At") && text.map { Day($0) == nil && Instant($0) == nil } ?? false
            all[entry.key] = isTime ? (try? ConformanceCase.instant(text!).description) ?? text! : entry.value
        }
    }
}
