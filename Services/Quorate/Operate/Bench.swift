import ArgumentParser

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure the workers against the raw lanes.", shouldDisplay: false)
    func run() throws {}
}
