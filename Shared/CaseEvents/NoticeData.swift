import StatutoryRules

extension Assessment {
    /// The payload of `notice.due`: with what a message needs to be written and addressed, the duty, and the children whose
    /// allocation tells people; `personId` where it is for one person alone.
    public func data(of notice: Notice) -> String {
        var data = "{\"noticeId\":\"\(notice.id)\",\"policy\":\(JSONValue.quoted(policy))"
        if let duty = deadlines.first(where: { $0.id == notice.deadlineId }) {
            data += ",\"deadline\":\(duty.json)"
        }
        if let person = notice.person { data += ",\"personId\":\(JSONValue.quoted(person))" }
        let conference = conferences.first { $0.conferenceId == notice.subject.conferenceId }
        let plan = plans.first { $0.planId == notice.subject.planId }
        let children = [notice.subject.childId, plan?.childId].compactMap { $0 } + (conference?.childIds ?? [])
        let unique = Set(children).sorted().map(JSONValue.quoted).joined(separator: ",")
        return data + ",\"childIds\":[\(unique)],\(notice.json.dropFirst())"
    }
}
