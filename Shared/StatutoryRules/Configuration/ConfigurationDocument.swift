import Yams

/// What is wrong with a configuration, where, and what to do about it.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    public let file: String
    public let line: Int?
    public let key: String?
    public let problem: String
    public let remedy: String

    public var description: String {
        let place = [file, line.map(String.init)].compactMap(\.self).joined(separator: ":")
        return "\(place): \(key.map { "\($0): " } ?? "")\(problem); \(remedy)"
    }
}

/// One YAML file, read with errors that name its line and key.
struct ConfigurationDocument {
    let file: String
    let root: Node

    init(file: String, text: String) throws(ConfigurationError) {
        self.file = file
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw ConfigurationError(file: file, line: 1, key: nil, problem: "is empty", remedy: "fill it")
            }
            root = node
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(
                file: file, line: nil, key: nil, problem: "is no YAML (\(error))", remedy: "correct the text")
        }
    }

    func error(_ node: Node, key: String, _ problem: String, _ remedy: String) -> ConfigurationError {
        ConfigurationError(file: file, line: node.mark?.line, key: key, problem: problem, remedy: remedy)
    }

    func child(of node: Node, _ key: String) throws(ConfigurationError) -> Node {
        guard let child = node.mapping?[key] else { throw error(node, key: key, "is missing", "give the key") }
        return child
    }

    /// Refuses a key that nobody reads, so that a misspelt one is not silently without effect.
    func allowOnly(_ keys: Set<String>, in node: Node, of name: String) throws(ConfigurationError) {
        guard let mapping = node.mapping else { throw error(node, key: name, "is no mapping", "give keys and values") }
        for (key, _) in mapping {
            let text = key.scalar?.string ?? "?"
            guard keys.contains(text) else {
                throw error(key, key: text, "is not a key of \(name)", "use one of \(keys.sorted())")
            }
        }
    }

    func text(_ node: Node, key: String) throws(ConfigurationError) -> String {
        guard let text = node.scalar?.string, !text.isEmpty else {
            throw error(node, key: key, "is no text", "give one value")
        }
        return text
    }

    func text(of node: Node, _ key: String) throws(ConfigurationError) -> String {
        try text(child(of: node, key), key: key)
    }

    func items(_ node: Node, key: String) throws(ConfigurationError) -> [Node] {
        guard let sequence = node.sequence else { throw error(node, key: key, "is no list", "give a list") }
        return Array(sequence)
    }

    func texts(of node: Node, _ key: String) throws(ConfigurationError) -> [String] {
        var texts: [String] = []
        for item in try items(child(of: node, key), key: key) { texts.append(try text(item, key: key)) }
        return texts
    }

    func number(_ node: Node, key: String) throws(ConfigurationError) -> Int {
        guard let number = Int(try text(node, key: key)), abs(number) <= 10_000 else {
            throw error(node, key: key, "is no whole number of at most 10000", "give digits")
        }
        return number
    }

    func day(_ node: Node, key: String) throws(ConfigurationError) -> Day {
        guard let day = Day(try text(node, key: key)) else {
            throw error(node, key: key, "is no date", "write YYYY-MM-DD")
        }
        return day
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type, of node: Node, _ key: String
    ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
        let child = try child(of: node, key)
        guard let choice = Choice(rawValue: try text(child, key: key)) else {
            let known = Choice.allCases.map(\.rawValue).sorted()
            throw error(child, key: key, "is no known value", "use one of \(known)")
        }
        return choice
    }
}
