import CaseEvents

/// An address to which mail may be sent.
enum MailAddress {
    /// The `email` of an entry. It stands as it is in headers and in SMTP's commands: what could be read there as more than
    /// one address is none.
    static func text(_ body: JSONValue) -> String? {
        guard let text = body["email"]?.string else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let isOne = text.unicodeScalars.allSatisfy { scalar in
            if scalar.isASCII {
                return scalar.value > 32 && scalar.value < 127 && !"<>,;".unicodeScalars.contains(scalar)
            }
            return !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
        }
        return isOne && parts.count == 2 && parts.allSatisfy { !$0.isEmpty } ? text : nil
    }
}
