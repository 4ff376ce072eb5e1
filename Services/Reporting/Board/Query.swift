import Foundation

/// The part of a URL after the question mark, and forms: names and values, of which a browser writes a space as `+`.
struct Query: Sendable {
    private let values: [String: String]

    init(_ text: String?) {
        var values: [String: String] = [:]
        for part in (text ?? "").split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Query.decoded(sides[0]), let value = Query.decoded(sides.count > 1 ? sides[1] : "") else {
                continue
            }
            if values[name] == nil { values[name] = value }
        }
        self.values = values
    }

    /// `nil` where it is not there or empty: an empty field of a form says nothing.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    static func text(_ pairs: [(String, String?)]) -> String {
        pairs.compactMap { name, value in value.map { "\(name)=\(encoded($0))" } }.joined(separator: "&")
    }

    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func encoded(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
