import Foundation
import FoundationXML
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

    // MARK: Writing

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

    // MARK: Reading

    /// What the file holds, and what of it was left out, with how often.
    static func read(
        _ data: Data, progress: @escaping (Int) -> Void = { _ in }
    ) throws -> (census: CensusReturn, leftOut: [String: Int]) {
        let reader = Reader(progress: progress)
        let parser = XMLParser(data: data)
        parser.delegate = reader
        parser.shouldResolveExternalEntities = false
        // The parser goes on after a fault as well as it can; a part of a return is no return.
        guard parser.parse(), !reader.isBroken, reader.isWhole else {
            throw CensusFault(
                "the file is no well-formed XML: line \(parser.lineNumber): correct it, or export it again from its system"
            )
        }
        if let fault = reader.fault { throw fault }
        guard reader.census.year > 0 else {
            throw CensusFault("the file names no Year in its Header: it is no census return")
        }
        return (reader.census, reader.leftOut)
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var census = CensusReturn(year: 0)
        var leftOut: [String: Int] = [:]
        var fault: CensusFault?
        private var path: [String] = []
        private var text = ""
        private static let outside: Set<String> = ["Assessments", "CINPlanDates", "FactorsIdentifiedAtAssessment"]
        private var skipped = 0
        private(set) var isWhole = false
        private(set) var isBroken = false
        /// Is told every hundredth child.
        private let progress: (Int) -> Void

        init(progress: @escaping (Int) -> Void) { self.progress = progress }

        func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) { isBroken = true }

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            path.append(name)
            text = ""
            if skipped > 0 || Reader.outside.contains(name) {
                if skipped == 0 { leftOut[name, default: 0] += 1 }
                skipped += 1
                return
            }
            switch name {
            case "Child":
                census.children.append(CensusReturn.Child(id: ""))
                if census.children.count % 100 == 1 { progress(census.children.count) }
            case "CINdetails": edit { $0.episodes.append(CensusReturn.Episode()) }
            default: break
            }
        }

        func parser(_ parser: XMLParser, foundCharacters part: String) { text += part }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            path.removeLast()
            if name == "Message" && path.isEmpty { isWhole = true }
            if skipped > 0 {
                skipped -= 1
                return
            }
            let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
            text = ""
            guard !value.isEmpty else { return }
            take(name, value, inside: path.last ?? "", line: parser.lineNumber)
        }

        private func edit(_ change: (inout CensusReturn.Child) -> Void) {
            guard !census.children.isEmpty else { return }
            change(&census.children[census.children.count - 1])
        }

        private func editEpisode(_ change: (inout CensusReturn.Episode) -> Void) {
            edit { child in if !child.episodes.isEmpty { change(&child.episodes[child.episodes.count - 1]) } }
        }

        private func editPlan(_ change: (inout CensusReturn.Plan) -> Void) {
            editEpisode { episode in if !episode.plans.isEmpty { change(&episode.plans[episode.plans.count - 1]) } }
        }

        private func editEnquiry(_ change: (inout CensusReturn.Enquiry) -> Void) {
            editEpisode { episode in
                if !episode.enquiries.isEmpty { change(&episode.enquiries[episode.enquiries.count - 1]) }
            }
        }

        private func take(_ name: String, _ value: String, inside parent: String, line: Int) {
            func day(_ change: (Day) -> Void) {
                if let day = Day(value) { return change(day) }
                fault = fault ?? CensusFault("line \(line): \(name) must be a date, YYYY-MM-DD")
            }
            switch (parent, name) {
            case ("CollectionDetails", "Year"): census.year = Int(value) ?? 0
            case ("Source", "LEA"): census.authorityCode = value
            case ("ChildIdentifiers", "LAchildID"): edit { $0.id = value }
            case ("ChildIdentifiers", "PersonBirthDate"): day { day in edit { $0.bornOn = day } }
            case ("ChildIdentifiers", "ExpectedPersonBirthDate"): day { day in edit { $0.expectedOn = day } }
            case ("ChildIdentifiers", "PersonDeathDate"): day { day in edit { $0.diedOn = day } }
            case ("ChildIdentifiers", _), ("ChildCharacteristics", _): edit { $0.items[name] = value }
            case ("Disabilities", "Disability"): edit { $0.disabilities.append(value) }
            case ("CINdetails", _): editEpisode { $0.items[name] = value }
            case ("Section47", "S47ActualStartDate"):
                day { day in editEpisode { $0.enquiries.append(CensusReturn.Enquiry(startedOn: day)) } }
            case ("Section47", "InitialCPCtarget"): day { day in editEnquiry { $0.targetOn = day } }
            case ("Section47", "DateOfInitialCPC"): day { day in editEnquiry { $0.conferenceOn = day } }
            case ("Section47", "ICPCnotRequired"):
                editEnquiry { $0.isConferenceNotRequired = ["1", "true"].contains(value) }
            case ("ChildProtectionPlans", "CPPstartDate"):
                day { day in editEpisode { $0.plans.append(CensusReturn.Plan(startedOn: day)) } }
            case ("ChildProtectionPlans", "CPPendDate"): day { day in editPlan { $0.endedOn = day } }
            case ("ChildProtectionPlans", "InitialCategoryOfAbuse"): editPlan { $0.initialCategory = value }
            case ("ChildProtectionPlans", "LatestCategoryOfAbuse"): editPlan { $0.latestCategory = value }
            case ("ChildProtectionPlans", "NumberOfPreviousCPP"): editPlan { $0.earlierPlans = Int(value) }
            case ("Reviews", "CPPreviewDate"): day { day in editPlan { $0.reviews.append(day) } }
            case ("Header", _), ("CollectionDetails", _), ("Source", _): break
            default: leftOut[name, default: 0] += 1
            }
        }
    }
}

struct CensusFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
