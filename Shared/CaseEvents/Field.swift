import StatutoryRules

/// One known field of a payload.
final class Field: Sendable {
    enum Kind: Sendable {
        /// Text that identifies: not empty, at most 200 bytes, no control characters.
        case id
        case ids
        /// A list of one id.
        case onlyId
        case text
        /// RFC 3339 with zone, or a bare date.
        case moment
        case date
        case bool
        case integer
        /// A word of a list; another word is kept, and found, never refused.
        case code(Words)
        case codes(Words)
        case object(Shape)
        case list(Shape)
        /// An array whose elements no rule fixes.
        case items
        /// Descriptive: kept as it comes.
        case any
    }

    let name: String
    let kind: Kind
    /// What the domain is told of it besides the payload: whether it is on record.
    let detail: Detail?

    init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
        detail = Field.details[name]
    }

    private static let details = Dictionary(uniqueKeysWithValues: Detail.allCases.map { ($0.name, $0) })
}

/// The fields of an object, and which of them it cannot be without.
final class Shape: Sendable {
    let fields: [Field]
    let names: Words
    /// One of each group must be there.
    let required: [[String]]
    /// The same as bits over `fields`.
    let requiredBits: [UInt64]

    /// A requirement is a name, or names of which one is enough: `bornAt|dateOfBirth`.
    init(required: [String], _ fields: [[Field]]) {
        let all = Array(fields.joined())
        let groups = required.map { $0.split(separator: "|").map(String.init) }
        self.fields = all
        self.required = groups
        names = Words(all.map(\.name))
        requiredBits = groups.map { group in
            all.indices.reduce(0) { bits, place in group.contains(all[place].name) ? bits | 1 << UInt64(place) : bits }
        }
    }
}

/// A row of the contract's table.
final class EventContract: Sendable {
    let type: EventType
    /// In full.
    let name: String
    /// The fields that give the event's own instant, the first present one counting; none where nothing dates it.
    let own: [String]
    let shape: Shape

    init(_ type: EventType, own: String..., required: [String], _ fields: [Field]...) {
        self.type = type
        self.name = Contract.typeName(type.rawValue)
        self.own = own
        shape = Shape(required: required, fields)
    }
}

// The words in which the table is written.

/// Fields whose kind follows from the contract's naming: `...Id`, `...Ids`, `...At`, `...On`, `...By` (a person's id).
func named(_ names: String...) -> [Field] {
    names.map { name in
        if name.hasSuffix("Ids") { return Field(name, .ids) }
        if name.hasSuffix("At") { return Field(name, .moment) }
        if name.hasSuffix("On") || ["dateOfBirth", "dateOfDeath", "edd", "oldEdd", "newEdd"].contains(name) {
            return Field(name, .date)
        }
        return Field(name, .id)
    }
}

/// Every child concerned.
func everyChild() -> [Field] { named("childIds", "childId") }
/// The one child concerned; a list of one says the same.
func oneChild() -> [Field] { named("childId") + [Field("childIds", .onlyId)] }
func ids(_ names: String...) -> [Field] { names.map { Field($0, .ids) } }
func text(_ names: String...) -> [Field] { names.map { Field($0, .text) } }
func moments(_ names: String...) -> [Field] { names.map { Field($0, .moment) } }
func flags(_ names: String...) -> [Field] { names.map { Field($0, .bool) } }
func integers(_ names: String...) -> [Field] { names.map { Field($0, .integer) } }
func code(_ name: String, _ words: [String]) -> [Field] { [Field(name, .code(Words(words)))] }
func codes(_ name: String, _ words: [String]) -> [Field] { [Field(name, .codes(Words(words)))] }
func items(_ names: String...) -> [Field] { names.map { Field($0, .items) } }
func open(_ names: String...) -> [Field] { names.map { Field($0, .any) } }
func object(_ name: String, required: [String] = [], _ fields: [Field]...) -> [Field] {
    [Field(name, .object(Shape(required: required, fields)))]
}
func list(_ name: String, required: [String] = [], _ fields: [Field]...) -> [Field] {
    [Field(name, .list(Shape(required: required, fields)))]
}

/// Code lists that several types share.
enum Codes {
    static let agency = [
        "childrens_social_care", "police", "health", "health_visiting", "school_nursing", "gp", "midwifery",
        "mental_health", "education", "early_years", "probation", "housing", "substance_misuse", "domestic_abuse",
        "legal", "voluntary", "other",
    ]
    static let postponementReason = [
        "parent_urgent_unavailability", "advocate_unavailable", "interpreter_unavailable", "inquorate", "sw_ill",
        "chair_ill", "chair_unavailable", "report_not_ready", "agency_capacity", "other",
    ]
    static let category = ["neglect", "physical_abuse", "emotional_abuse", "sexual_abuse", "multiple"]
    static let conferenceType = ["initial", "prebirth", "transfer_in", "review", "cla_review", "combined"]
    static let action = ["cancel", "postpone", "adjourn"]
    static let mode = ["in_person", "remote"]
    static let yesNo = ["yes", "no"]
    /// Rulebook, section B.
    static let role = [
        "child", "parent_carer", "supporter", "interpreter", "social_worker", "team_manager", "practice_supervisor",
        "csc_manager", "ceasing_to_care_manager", "senior_safeguarding_manager", "service_manager",
        "qa_service_manager", "sqa_service_manager", "head_of_service", "service_director", "director_social_work",
        "qa_team", "sqa", "qa_team_manager", "meeting_support_assistant", "conference_chair", "cp_chair_manager", "iro",
        "other_independent_chair", "core_group_member", "agency_professional", "police_rep", "observer",
        "legal_adviser", "child_legal_representative", "safeguarding_partnership", "director_childrens_services",
        "complaints_manager", "chair_line_manager", "designated_manager", "other_authority", "enquirer",
    ]
}
