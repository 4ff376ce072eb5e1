import CaseEvents
import StatutoryRules

/// A return as case events: what an authority already knows of itself, ready to publish. One case an episode of need; names and
/// ids are made of the authority, the child and the dates, so that the next year's file says the same of what it shares with
/// this one's.
struct CensusEvents {
    let authority: String
    let year: Int
    private(set) var lines: [String] = []
    private var subject = ""
    private var child = ""

    init(_ census: CensusReturn, authority: String, progress: (Int) -> Void = { _ in }) {
        self.authority = authority
        year = census.year
        for (place, child) in census.children.enumerated() {
            defer { progress(place + 1) }
            self.child = child.id
            for episode in child.episodes {
                subject = [child.id, episode.firstDay].compactMap(\.self).joined(separator: ".")
                register(child, episode, on: census.from)
                for enquiry in episode.enquiries { take(enquiry, episode) }
                if let on = episode.conferenceOn, !episode.enquiries.contains(where: { $0.conferenceOn == on }) {
                    hold("initial", on: on, episode)
                }
                for plan in episode.plans { take(plan, episode, child, end: census.to) }
                if let died = child.diedOn {
                    add("child.died", on: died, [.text("childId", child.id), .day("dateOfDeath", died)])
                }
            }
        }
    }

    private func conferenceId(_ on: Day) -> String { "CPC-\(child)-\(on)" }
    private func reviewId(_ on: Day) -> String { "CPR-\(child)-\(on)" }

    /// Of the review that a plan's end is told by where the return names none on that day; an export knows it by this name. (A mark
    /// in `plan.started` would contradict the year before, whose file told of the same plan while it was open.)
    private func endingId(_ plan: String) -> String { plan + "-end" }

    private mutating func register(_ child: CensusReturn.Child, _ episode: CensusReturn.Episode, on day: Day) {
        var items = child.items.merging(episode.items) { _, new in new }
        items["LAchildID"] = child.id
        var census = items.sorted { $0.key < $1.key }.map { Field.text($0.key, $0.value) }
        if !child.disabilities.isEmpty { census.append(.texts("Disability", child.disabilities)) }
        add(
            "child.registered", on: day, named: "\(year)",
            [.text("childId", child.id)]
                + [
                    child.bornOn.map { .day("dateOfBirth", $0) },
                    child.bornOn == nil ? child.expectedOn.map { .day("edd", $0) } : nil,
                ]
                .compactMap(\.self) + [.object("census", census)])
    }

    private mutating func take(_ enquiry: CensusReturn.Enquiry, _ episode: CensusReturn.Episode) {
        let id = "S47-\(child)-\(enquiry.startedOn)"
        var census = [Field.day("S47ActualStartDate", enquiry.startedOn)]
        if let target = enquiry.targetOn { census.append(.day("InitialCPCtarget", target)) }
        add(
            "s47_enquiry.started", on: enquiry.startedOn,
            [
                .text("enquiryId", id), .texts("childIds", [child]), .day("startedAt", enquiry.startedOn),
                .object("census", census),
            ])
        if let on = enquiry.conferenceOn {
            request(conferenceId(on), of: id, on: enquiry.startedOn)
            hold("initial", on: on, episode)
        } else if enquiry.isConferenceNotRequired {
            request("\(id)-none", of: id, on: enquiry.startedOn)
            add(
                "conference.convening_decided", on: enquiry.startedOn,
                [.text("conferenceId", "\(id)-none"), .text("decision", "no")])
        }
    }

    private mutating func request(_ conference: String, of enquiry: String, on day: Day) {
        add(
            "conference.requested", on: day, named: enquiry,
            [
                .text("conferenceId", conference), .text("conferenceType", "initial"), .texts("childIds", [child]),
                .text("enquiryId", enquiry),
            ])
    }

    private mutating func hold(_ type: String, on day: Day, _ episode: CensusReturn.Episode, as id: String? = nil) {
        let isReview = type == "review"
        let decision =
            isReview
            ? episode.plans.contains { $0.endedOn == day } ? "end" : "continue"
            : episode.plans.contains { $0.startedOn == day } ? "plan" : "no_plan"
        add(
            "conference.held", on: day, named: id ?? type,
            [
                .text("conferenceId", id ?? (isReview ? reviewId(day) : conferenceId(day))),
                .text("conferenceType", type),
                .texts("childIds", [child]),
                .day("heldAt", day),
                .objects("decisions", [[.text("childId", child), .text("decision", decision)]]),
            ])
    }

    private mutating func take(
        _ plan: CensusReturn.Plan, _ episode: CensusReturn.Episode, _ child: CensusReturn.Child, end: Day
    ) {
        let id = "CPP-\(child.id)-\(plan.startedOn)"
        var data: [Field] = [
            .text("planId", id), .text("childId", child.id), .day("startedOn", plan.startedOn),
            .text("conferenceId", conferenceId(plan.startedOn)),
        ]
        if let category = CensusEvents.word(plan.initialCategory) { data.append(.text("category", category)) }
        if let count = plan.earlierPlans { data.append(.object("census", [.number("NumberOfPreviousCPP", count)])) }
        add("plan.started", on: plan.startedOn, data)
        for review in plan.reviews { hold("review", on: review, episode) }
        if plan.latestCategory != plan.initialCategory, let category = CensusEvents.word(plan.latestCategory) {
            let on = plan.endedOn ?? plan.reviews.max() ?? end
            add(
                "plan.category_changed", on: on, named: id,
                [.text("planId", id), .text("newCategory", category), .day("changedAt", on)])
        }
        guard let ended = plan.endedOn else { return }
        let isReviewed = plan.reviews.contains(ended)
        if child.diedOn != ended && !isReviewed { hold("review", on: ended, episode, as: endingId(id)) }
        var last: [Field] = [.text("planId", id), .text("childId", child.id), .day("endedOn", ended)]
        if child.diedOn == ended {
            last.append(.text("groundCode", "died"))
        } else {
            last += [
                .text("groundCode", "no_continuing_risk"), .text("route", "conference"),
                .text("conferenceId", isReviewed ? reviewId(ended) : endingId(id)),
                .text("evidence", "Children in need census."),
            ]
        }
        add("plan.ended", on: ended, last)
    }

    private static func word(_ code: String?) -> String? { CensusReturn.categories.first { $0.value == code }?.key }
}

/// Events as text.
extension CensusEvents {
    private enum Field {
        case text(String, String)
        case texts(String, [String])
        case day(String, Day)
        case number(String, Int)
        indirect case object(String, [Field])
        indirect case objects(String, [[Field]])

        var json: String {
            switch self {
            case .text(let name, let value): "\"\(name)\":\(JSONValue.quoted(value))"
            case .texts(let name, let values): "\"\(name)\":[\(values.map(JSONValue.quoted).joined(separator: ","))]"
            case .day(let name, let day): "\"\(name)\":\"\(day)\""
            case .number(let name, let number): "\"\(name)\":\(number)"
            case .object(let name, let fields): "\"\(name)\":\(Field.object(fields))"
            case .objects(let name, let all): "\"\(name)\":[\(all.map(Field.object).joined(separator: ","))]"
            }
        }

        private static func object(_ fields: [Field]) -> String { "{\(fields.map(\.json).joined(separator: ","))}" }
    }

    private mutating func add(_ type: String, on day: Day, named: String = "", _ data: [Field]) {
        let id = NameUUID(name: "census/\(authority)/\(subject)/\(child)/\(type)/\(day)/\(named)")
        lines.append(
            """
            {"specversion":"1.0","id":"\(id)","source":"urn:census:\(authority)","type":"quorate.\(type).v1",\
            "subject":\(JSONValue.quoted(subject)),"time":"\(day)T12:00:00Z","authority":"\(authority)",\
            "datacontenttype":"application/json","data":{\(data.map(\.json).joined(separator: ","))}}
            """)
    }
}

extension CensusReturn.Episode {
    /// The day of the referral that began it, else of the first that is told of it.
    fileprivate var firstDay: String? {
        let told = enquiries.map(\.startedOn) + plans.map(\.startedOn) + [conferenceOn].compactMap(\.self)
        return items["CINreferralDate"] ?? told.min()?.description
    }
}
