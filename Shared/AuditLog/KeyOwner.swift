/// Whose records a key seals: a case's; one published list's, which names many cases; or in one year those of an authority that
/// are of neither.
public struct KeyOwner: Hashable, Sendable {
    public let authority: String
    public let subject: String
    public let year: Int32

    // By bytes, as PostgreSQL compares: a letter with its accent and the two beside one another are two names there, and
    // were one here.
    public static func == (one: KeyOwner, other: KeyOwner) -> Bool {
        one.year == other.year && one.subject.hasBytes(of: other.subject) && one.authority.hasBytes(of: other.authority)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(year)
        for var text in [authority, subject] {
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            hasher.combine(0xFF as UInt8)
        }
    }

    /// A list that was published, by the id of its event. It goes with the first case in it that is erased.
    public init(authority: String?, listEvent id: String, timestamp: Int64) {
        self.authority = authority ?? ""
        subject = id
        year = KeyOwner.year(of: timestamp)
    }

    /// `isOfCase`: whether the topic's subjects are cases. Timestamps are Kafka's, in milliseconds.
    public init(authority: String?, subject: String?, isOfCase: Bool, timestamp: Int64) {
        self.authority = authority ?? ""
        if isOfCase, authority != nil, let subject, !subject.isEmpty {
            self.subject = subject
            year = 0
        } else {
            self.subject = ""
            year = KeyOwner.year(of: timestamp)
        }
    }

    /// The Gregorian year in UTC, by Howard Hinnant's civil_from_days.
    static func year(of timestamp: Int64) -> Int32 {
        let days = (timestamp >= 0 ? timestamp : timestamp - 86_399_999) / 86_400_000 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // The year counts from March here: the last two months belong to the next.
        return Int32(clamping: yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0))
    }
}

extension String {
    fileprivate func hasBytes(of other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (mine, theirs) = (self, other)
        return mine.withUTF8 { mine in
            theirs.withUTF8 { theirs in mine.elementsEqual(theirs) }
        }
    }
}
