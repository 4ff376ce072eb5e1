import Foundation
import StatutoryRules

/// The return as XML, in the order of the published schema. Parts of the return that are no child protection (assessments,
/// children in need plans) are left out when read, and counted.
enum CensusXML {
    /// In the schema's order; what stands between them in the return is made of facts.
    static let identifierItems = ["UPN", "FormerUPN", "UPNunknown"]
    static let sexItems = ["GenderCurrent", "Sex"]
    static let referralItems = [
        "CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure",
    ]
    static let episodeItems = referralItems + ["DateOfInitialCPC", "ReferralNFA"]

    static func text(_ census: CensusReturn) -> String {
        var lines = Lines()
        lines.element("Message") { lines in
            lines.element("Header") { lines in
                lines.element("CollectionDetails") { lines in
                    lines.leaf("Collection", "CIN")
                    lines.leaf("Year", "\(census.year)")
                    lines.leaf("ReferenceDate", census.to.description)
                }
                lines.element("Source") { lines in
                    lines.leaf("SourceLevel", "L")
                    lines.leaf("LEA", census.authorityCode)
                    lines.leaf("SoftwareCode", "Quorate")
                }
            }
            lines.element("Children") { lines in for child in census.children { write(child, to: &lines) } }
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + lines.text
    }

    private static func write(_ child: CensusReturn.Child, to lines: inout Lines) {
        lines.element("Child") { lines in
            lines.element("ChildIdentifiers") { lines in
                lines.leaf("LAchildID", child.id)
                for name in identifierItems { lines.leaf(name, child.items[name]) }
                lines.leaf("PersonBirthDate", child.bornOn?.description)
                if child.bornOn == nil { lines.leaf("ExpectedPersonBirthDate", child.expectedOn?.description) }
                for name in sexItems { lines.leaf(name, child.items[name]) }
                lines.leaf("PersonDeathDate", child.diedOn?.description)
            }
            lines.element("ChildCharacteristics") { lines in
                lines.leaf("Ethnicity", child.items["Ethnicity"])
                if !child.disabilities.isEmpty {
                    lines.element("Disabilities") { lines in
                        for code in child.disabilities { lines.leaf("Disability", code) }
                    }
                }
            }
            for episode in child.episodes { write(episode, to: &lines) }
        }
    }

    private static func write(_ episode: CensusReturn.Episode, to lines: inout Lines) {
        lines.element("CINdetails") { lines in
            for name in referralItems { lines.leaf(name, episode.items[name]) }
            lines.leaf("DateOfInitialCPC", episode.items["DateOfInitialCPC"])
            for enquiry in episode.enquiries {
                lines.element("Section47") { lines in
                    lines.leaf("S47ActualStartDate", enquiry.startedOn.description)
                    lines.leaf("InitialCPCtarget", enquiry.targetOn?.description)
                    lines.leaf("DateOfInitialCPC", enquiry.conferenceOn?.description)
                    lines.leaf("ICPCnotRequired", enquiry.isConferenceNotRequired ? "1" : "0")
                }
            }
            lines.leaf("ReferralNFA", episode.items["ReferralNFA"])
            for plan in episode.plans {
                lines.element("ChildProtectionPlans") { lines in
                    lines.leaf("CPPstartDate", plan.startedOn.description)
                    lines.leaf("CPPendDate", plan.endedOn?.description)
                    lines.leaf("InitialCategoryOfAbuse", plan.initialCategory)
                    lines.leaf("LatestCategoryOfAbuse", plan.latestCategory)
                    lines.leaf("NumberOfPreviousCPP", plan.earlierPlans.map(String.init))
                    if !plan.reviews.isEmpty {
                        lines.element("Reviews") { lines in
                            for review in plan.reviews.sorted() { lines.leaf("CPPreviewDate", review.description) }
                        }
                    }
                }
            }
        }
    }

    private struct Lines {
        private(set) var text = ""
        private var depth = 0

        mutating func element(_ name: String, _ body: (inout Lines) -> Void) {
            line("<\(name)>")
            depth += 1
            body(&self)
            depth -= 1
            line("</\(name)>")
        }

        mutating func leaf(_ name: String, _ value: String?) {
            guard let value else { return }
            let safe = value.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            line("<\(name)>\(safe)</\(name)>")
        }

        private mutating func line(_ words: String) { text += String(repeating: "  ", count: depth) + words + "\n" }
    }
}
