import CaseEvents

/// How somebody is written to.
public enum Way: String, Sendable, CaseIterable {
    case email, sms, letter
}

/// By what somebody can be reached, and what they prefer.
struct Contact: Sendable {
    let email: String?
    /// Digits, after a plus where it names the country.
    let mobile: String?
    /// From three to seven lines, the last a postcode.
    let post: String?
    let preference: Way?

    /// - Parameter body: Of a person or a member of the family.
    init(_ body: JSONValue) {
        email = MailAddress.text(body)
        mobile = body["mobile"]?.string.flatMap(Contact.number)
        post = body["address"].flatMap(Contact.lines)
        preference = body["channelPreference"]?.string.flatMap(Way.init)
    }

    /// By what they prefer, where that is among the ways, else by the first of them for which there is an address.
    func best(of ways: [Way]) -> (way: Way, address: String)? {
        for way in ways.filter({ $0 == preference }) + ways {
            let address =
                switch way {
                case .email: email
                case .sms: mobile
                case .letter: post
                }
            if let address { return (way, address) }
        }
        return nil
    }

    // Parsed once, and not for each person.
    private nonisolated(unsafe) static let mobileNumber = /\+?[0-9]{8,15}/
    private nonisolated(unsafe) static let postcode = /[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}/

    private static func number(_ text: String) -> String? {
        let digits = text.filter { !" ()-".contains($0) }
        return digits.wholeMatch(of: mobileNumber) == nil ? nil : digits
    }

    private static func lines(_ value: JSONValue) -> String? {
        let parts = value.string?.split(whereSeparator: { $0 == "," || $0.isNewline }).map(String.init)
        let lines = (parts ?? value.elements.compactMap(\.string)).map { line in
            String(
                line.trimmingPrefix(while: \.isWhitespace).reversed().trimmingPrefix(while: \.isWhitespace).reversed())
        }.filter { !$0.isEmpty }
        guard (3...7).contains(lines.count),
            lines.last!.uppercased().wholeMatch(of: postcode) != nil
        else { return nil }
        return lines.joined(separator: "\n")
    }
}
