// What follows a meeting, as the rules on letters, records, dissent, complaints and enquiries read it.

extension History {
    /// Of one conference. Every list is in order of happening.
    struct Aftermath {
        var copies: [(record: Record, facts: RecordIssued)] = []
        var talks: [(record: Record, facts: RecordDiscussed)] = []
        var amendments: [(record: Record, facts: AmendmentRequested)] = []
        var disclosures: [(record: Record, facts: RecordDisclosed)] = []
        var outlines: [(record: Record, facts: OutlinePlan)] = []
        var dissents: [(record: Record, facts: Dissent)] = []
        var escalations: [(record: Record, facts: DissentEscalated)] = []
        /// Who was assigned to chair it, stand-ins included.
        var assignedChairs: Set<String> = []
    }

    struct ComplaintStory {
        var received: (record: Record, facts: Complaint)?
        var passedOn: [(record: Record, facts: ComplaintPassedOn)] = []
        /// The last one.
        var concluded: (record: Record, facts: ComplaintConcluded)?
    }

    /// Of the whole case.
    struct Casework {
        var complaints: [String: ComplaintStory] = [:]
        var enquiries: [String: (record: Record, facts: RecordEnquiry)] = [:]
        var answers: [(record: Record, facts: InformationProvided)] = []
        var notes: [(record: Record, facts: CaseNote)] = []
        var noPlanLetters: [(record: Record, facts: LetterSent)] = []
        /// Persons, and the children whose family they are.
        var family: [(person: String, children: [String])] = []
        /// The children who need help to use a written record, as last registered.
        var childrenNeedingHelp: Set<String> = []
        /// The persons who speak a language other than English, as last recorded.
        var otherSpeakers: Set<String> = []
        var proceedings: [(record: Record, children: [String])] = []

        /// Whether the child or anybody of the family needs help to use a written record.
        func needsHelp(_ child: String) -> Bool {
            childrenNeedingHelp.contains(child)
                || family.contains { otherSpeakers.contains($0.person) && $0.children.contains(child) }
        }
    }

    mutating func takeAftermath(_ payload: Payload, _ record: Record) {
        switch payload {
        case .conferenceRecordIssued(let fact):
            conference(fact.conferenceId) { $0.aftermath.copies.append((record, fact)) }
        case .conferenceRecordDiscussed(let fact):
            conference(fact.conferenceId) { $0.aftermath.talks.append((record, fact)) }
        case .conferenceRecordAmendmentRequested(let fact):
            conference(fact.conferenceId) { $0.aftermath.amendments.append((record, fact)) }
        case .conferenceRecordDisclosed(let fact):
            conference(fact.conferenceId) { $0.aftermath.disclosures.append((record, fact)) }
        case .outlinePlanIssued(let fact):
            conference(fact.conferenceId) { $0.aftermath.outlines.append((record, fact)) }
        case .dissentRecorded(let fact):
            conference(fact.conferenceId) { $0.aftermath.dissents.append((record, fact)) }
        case .dissentEscalated(let fact):
            conference(fact.conferenceId) { $0.aftermath.escalations.append((record, fact)) }
        case .conferenceChairAssigned(let fact):
            conference(fact.conferenceId) { $0.aftermath.assignedChairs.insert(fact.chairId) }
        default: takeCasework(payload, record)
        }
    }

    /// The last word stands, silence too.
    private func set(_ isSo: Bool, for id: String, in ids: inout Set<String>) {
        if isSo { ids.insert(id) } else if !ids.isEmpty { ids.remove(id) }
    }

    private mutating func takeCasework(_ payload: Payload, _ record: Record) {
        switch payload {
        case .complaintReceived(let fact):
            casework.complaints[fact.complaintId, default: ComplaintStory()].received = (record, fact)
        case .complaintPassedOn(let fact):
            casework.complaints[fact.complaintId, default: ComplaintStory()].passedOn.append((record, fact))
        case .complaintConcluded(let fact):
            casework.complaints[fact.complaintId, default: ComplaintStory()].concluded = (record, fact)
        case .enquiryReceived(let fact): casework.enquiries[fact.enquiryId] = (record, fact)
        case .informationProvided(let fact): casework.answers.append((record, fact))
        case .caseNoteRecorded(let fact): casework.notes.append((record, fact))
        case .letterSent(let fact):
            if fact.kind == "no_plan" { casework.noPlanLetters.append((record, fact)) }
        case .familyMemberRecorded(let fact):
            casework.family.append((fact.personId, fact.childIds))
            set(fact.speaksOtherLanguage, for: fact.personId, in: &casework.otherSpeakers)
        case .childRegistered(let fact):
            set(fact.needsHelpToRead, for: fact.childId, in: &casework.childrenNeedingHelp)
        case .careProceedingsStarted(let fact): casework.proceedings.append((record, fact.childIds))
        default: break
        }
    }
}
