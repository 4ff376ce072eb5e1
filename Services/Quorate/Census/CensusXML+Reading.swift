import Foundation
import FoundationXML
import StatutoryRules

extension CensusXML {
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
        /// An enquiry or a plan, as far as it was read: it is nothing without its start, which may stand anywhere in it.
        private struct Part {
            var days: [String: Day] = [:]
            var words: [String: String] = [:]
            var reviews: [Day] = []
        }
        private var part = Part()
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
            case "Section47", "ChildProtectionPlans": part = Part()
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
            if name == "Section47" { return takeEnquiry() }
            if name == "ChildProtectionPlans" { return takePlan() }
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

        private func takeEnquiry() {
            guard let start = part.days["S47ActualStartDate"] else {
                return editEpisode { $0.leftOut.append("an enquiry without S47ActualStartDate") }
            }
            let enquiry = CensusReturn.Enquiry(
                startedOn: start, targetOn: part.days["InitialCPCtarget"], conferenceOn: part.days["DateOfInitialCPC"],
                isConferenceNotRequired: ["1", "true"].contains(part.words["ICPCnotRequired"]))
            editEpisode { $0.enquiries.append(enquiry) }
        }

        private func takePlan() {
            guard let start = part.days["CPPstartDate"] else {
                return editEpisode { $0.leftOut.append("a plan without CPPstartDate") }
            }
            let plan = CensusReturn.Plan(
                startedOn: start, endedOn: part.days["CPPendDate"],
                initialCategory: part.words["InitialCategoryOfAbuse"],
                latestCategory: part.words["LatestCategoryOfAbuse"],
                earlierPlans: part.words["NumberOfPreviousCPP"].flatMap { Int($0) }, reviews: part.reviews)
            editEpisode { $0.plans.append(plan) }
        }

        private func take(_ name: String, _ value: String, inside parent: String, line: Int) {
            func day(_ change: (Day) -> Void) {
                if let day = Day(value) { return change(day) }
                fault = fault ?? CensusFault("line \(line): \(name) must be a date, YYYY-MM-DD")
            }
            func item(_ change: (String) -> Void) {
                guard let wrong = CensusItems.fault(name, value) else { return change(value) }
                edit { $0.leftOut.append(wrong) }
            }
            switch (parent, name) {
            case ("CollectionDetails", "Year"): census.year = Int(value) ?? 0
            case ("Source", "LEA"): census.authorityCode = value
            case ("ChildIdentifiers", "LAchildID"): edit { $0.id = value }
            case ("ChildIdentifiers", "PersonBirthDate"): day { day in edit { $0.bornOn = day } }
            case ("ChildIdentifiers", "ExpectedPersonBirthDate"): day { day in edit { $0.expectedOn = day } }
            case ("ChildIdentifiers", "PersonDeathDate"): day { day in edit { $0.diedOn = day } }
            case ("ChildIdentifiers", _), ("ChildCharacteristics", _): item { value in edit { $0.items[name] = value } }
            case ("Disabilities", "Disability"): item { value in edit { $0.disabilities.append(value) } }
            case ("CINdetails", _): item { value in editEpisode { $0.items[name] = value } }
            case ("Section47", "S47ActualStartDate"), ("Section47", "InitialCPCtarget"),
                ("Section47", "DateOfInitialCPC"),
                ("ChildProtectionPlans", "CPPstartDate"), ("ChildProtectionPlans", "CPPendDate"):
                day { part.days[name] = $0 }
            case ("Section47", "ICPCnotRequired"), ("ChildProtectionPlans", "InitialCategoryOfAbuse"),
                ("ChildProtectionPlans", "LatestCategoryOfAbuse"), ("ChildProtectionPlans", "NumberOfPreviousCPP"):
                item { part.words[name] = $0 }
            case ("Reviews", "CPPreviewDate"): day { part.reviews.append($0) }
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
