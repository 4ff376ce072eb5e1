import Foundation
import StatutoryRules

/// The child protection parts of the children in need census: section 47 enquiries, initial conferences, plans, reviews.
struct CensusReturn: Equatable {
    /// An item as the return names it, with its text.
    typealias Items = [String: String]

    struct Enquiry: Equatable {
        var startedOn: Day
        var targetOn: Day?
        var conferenceOn: Day?
        var isConferenceNotRequired = false
    }

    struct Plan: Equatable {
        var startedOn: Day
        var endedOn: Day?
        /// NEG, PHY, SAB, EMO, MUL.
        var initialCategory, latestCategory: String?
        var earlierPlans: Int?
        var reviews: [Day] = []
    }

    /// One episode of need of a child.
    struct Episode: Equatable {
        /// What no rule uses, such as `CINreferralDate`; in the order of `CensusXML.episodeItems`.
        var items: Items = [:]
        /// Of the initial conference, where it stands with the episode and no enquiry.
        var enquiries: [Enquiry] = []
        var plans: [Plan] = []
        /// What no return has a place for, in words, as a review that was held while the child had no plan.
        var leftOut: [String] = []

        var isEmpty: Bool { enquiries.isEmpty && plans.isEmpty && conferenceOn == nil }
    }

    struct Child: Equatable {
        var id: String
        var bornOn, expectedOn, diedOn: Day?
        /// Sex, ethnicity, pupil number: carried, and read by no rule.
        var items: Items = [:]
        var disabilities: [String] = []
        var episodes: [Episode] = []
        /// As of an episode.
        var leftOut: [String] = []
    }

    /// The year to 31 March.
    var year: Int
    /// The department's three-digit code of the authority.
    var authorityCode: String?
    var children: [Child] = []

    var from: Day { Day("\(year - 1)-04-01")! }
    var to: Day { Day("\(year)-03-31")! }

    static let categories = [
        "neglect": "NEG", "physical_abuse": "PHY", "sexual_abuse": "SAB", "emotional_abuse": "EMO", "multiple": "MUL",
    ]
}

/// The return's own rules of consistency. What breaks one is left out, and named.
extension CensusReturn {
    struct Fault: Equatable, CustomStringConvertible {
        let child, what: String
        var description: String { "\(child): \(what)" }
    }

    /// What is consistent, and what was left out and why.
    func checked() -> (sound: CensusReturn, faults: [Fault]) {
        var sound = self
        var faults: [Fault] = []
        sound.children = children.compactMap { child in
            var child = child
            func leaveOut(_ what: String) { faults.append(Fault(child: child.id, what: what)) }
            guard !child.id.isEmpty else {
                leaveOut("a child without LAchildID is left out")
                return nil
            }
            guard child.bornOn != nil || child.expectedOn != nil else {
                leaveOut("neither a date of birth nor an expected date: the child is left out")
                return nil
            }
            child.leftOut.forEach(leaveOut)
            child.leftOut = []
            var plans: [Plan] = []
            for place in child.episodes.indices {
                var episode = child.episodes[place]
                if let on = episode.conferenceOn, let died = child.diedOn, on > died {
                    leaveOut("conference of \(on): after the child's death on \(died)")
                    episode.items["DateOfInitialCPC"] = nil
                }
                episode.leftOut.forEach(leaveOut)
                episode.leftOut = []
                episode.enquiries = episode.enquiries.filter { enquiry in
                    guard let fault = enquiry.fault(of: child) else { return true }
                    leaveOut("enquiry of \(enquiry.startedOn): \(fault)")
                    return false
                }
                for doubled in episode.leaveOneEnquiryADay() {
                    leaveOut("enquiry of \(doubled.startedOn): another of the child began on that day")
                }
                episode.leaveOneEnquiryAConference(leaveOut)
                episode.plans = episode.plans.sorted { $0.startedOn < $1.startedOn }.compactMap { plan in
                    var plan = plan
                    if let fault = plan.fault(of: child, in: episode, after: plans, in: from...to) {
                        leaveOut("plan of \(plan.startedOn): \(fault)")
                        return nil
                    }
                    plan.reviews = plan.reviews.filter { review in
                        let isInside = review > plan.startedOn && review <= plan.endedOn ?? to
                        if !isInside { leaveOut("review of \(review): not after the plan's start and by its end") }
                        return isInside
                    }
                    plans.append(plan)
                    return plan
                }
                child.episodes[place] = episode
            }
            return child
        }
        return (sound, faults)
    }
}

extension CensusReturn.Enquiry {
    fileprivate func fault(of child: CensusReturn.Child) -> String? {
        if let died = child.diedOn, startedOn > died || conferenceOn.map({ $0 > died }) ?? false {
            return "after the child's death on \(died)"
        }
        guard let conferenceOn else { return nil }
        if conferenceOn < startedOn { return "its conference of \(conferenceOn) lies before its start" }
        return isConferenceNotRequired ? "a conference on \(conferenceOn), and not required" : nil
    }
}

extension CensusReturn.Plan {
    fileprivate func fault(
        of child: CensusReturn.Child, in episode: CensusReturn.Episode, after others: [CensusReturn.Plan],
        in year: ClosedRange<Day>
    ) -> String? {
        if let died = child.diedOn {
            if startedOn > died || endedOn.map({ $0 > died }) ?? false { return "after the child's death on \(died)" }
            // And with it what was reviewed later.
            if endedOn == nil && died <= year.upperBound { return "open after the child's death on \(died)" }
        }
        if initialCategory == nil { return "no category of abuse" }
        if let endedOn, endedOn < startedOn { return "it ends on \(endedOn), before it starts" }
        for other in others {
            if other.endedOn == nil && endedOn == nil { return "the plan of \(other.startedOn) is open too" }
            if startedOn < other.endedOn ?? .distant && other.startedOn < endedOn ?? .distant {
                return "it overlaps the plan of \(other.startedOn)"
            }
        }
        // Of what began before the year the return does not hold the conference.
        guard startedOn >= year.lowerBound else { return nil }
        let conferences = episode.enquiries.compactMap(\.conferenceOn) + [episode.conferenceOn].compactMap(\.self)
        return conferences.contains(startedOn) ? nil : "no initial conference on the day that it starts"
    }
}

extension CensusReturn.Episode {
    /// Of a conference that followed no enquiry of the episode, as after a move in.
    var conferenceOn: Day? { items["DateOfInitialCPC"].flatMap(Day.init) }

    /// A conference answers one enquiry, the last that begins before it, and is told of that alone.
    fileprivate mutating func leaveOneEnquiryAConference(_ leaveOut: (String) -> Void) {
        var answered: [Day: Int] = [:]
        for place in enquiries.indices.sorted(by: { enquiries[$0].startedOn > enquiries[$1].startedOn }) {
            guard let on = enquiries[place].conferenceOn else { continue }
            guard let answering = answered[on] else {
                answered[on] = place
                continue
            }
            leaveOut(
                "enquiry of \(enquiries[place].startedOn): its conference of \(on) is told of the enquiry of "
                    + "\(enquiries[answering].startedOn)")
            enquiries[place].conferenceOn = nil
        }
    }

    /// The return knows an enquiry by its child and day alone. Of several the one that led to a conference stays; the others are
    /// given back.
    fileprivate mutating func leaveOneEnquiryADay() -> [CensusReturn.Enquiry] {
        var kept: [Day: Int] = [:]
        for (place, enquiry) in enquiries.enumerated() {
            guard let earlier = kept[enquiry.startedOn] else {
                kept[enquiry.startedOn] = place
                continue
            }
            if enquiries[earlier].conferenceOn == nil && enquiry.conferenceOn != nil { kept[enquiry.startedOn] = place }
        }
        let isKept = enquiries.enumerated().map { kept[$1.startedOn] == $0 }
        defer { enquiries = zip(enquiries, isKept).filter(\.1).map(\.0) }
        return zip(enquiries, isKept).filter { !$0.1 }.map(\.0)
    }
}

extension Day {
    /// After every day of a return.
    fileprivate static let distant = Day("2199-12-31")!
}
