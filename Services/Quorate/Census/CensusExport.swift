import ArgumentParser
import CaseEvents
import Foundation
import Postgres
import StatutoryRules
import Workers

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the returns that the nation asks for.", subcommands: [CensusExport.self]
    )
}

/// The child protection parts of the children in need census.
struct CensusExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cin-census",
        abstract: "Write the child protection parts of the children in need census, of a year to 31 March, as XML.",
        discussion: """
            Section 47 enquiries, initial conferences, plans and reviews, in the order of the published schema. The return's own \
            rules of consistency are checked: what breaks one is left out and named on standard error, with exit status 1.
            """)

    @OptionGroup var options: DeploymentOptions
    @Option(help: "The year in which the return's 31 March lies.") var year: Int
    @Option(help: "ONS code of the authority.") var authority: String
    @Option(help: "The department's three-digit code, for the header. (default: the one in authorities.yaml)")
    var lea: String?
    @Option(help: "File to write. (default: standard output)") var output: String?

    func run() throws {
        guard (2010...2199).contains(year) else { throw ValidationError("--year must lie between 2010 and 2199") }
        if let lea, !isLEA(lea) { throw ValidationError("--lea must be the department's three digits") }
        let connection = try options.deployment().connect("census")
        let configuration = try ConfigurationStore.load { try connection.execute($0) }.configuration
        guard let code = lea ?? configuration.lea(authority: authority) else {
            throw ValidationError(
                "the department's three-digit code of \(authority), which the return's header must have, is not in "
                    + "authorities.yaml: add `lea` there, or give --lea")
        }
        var census = CensusReturn(year: year, authorityCode: code)
        census.children = try CensusQuery(authority: authority, from: census.from, to: census.to).children(
            on: connection)
        var (sound, faults) = census.checked()
        for place in sound.children.indices { sound.children[place].episodes.removeAll(where: \.isEmpty) }
        sound.children.removeAll(where: \.episodes.isEmpty)
        for fault in faults { Terminal.error.print("left out: \(fault)") }
        guard !sound.children.isEmpty else {
            Terminal.error.print(
                "nothing is written: the year to \(census.to) has no child, and the schema asks for one")
            throw ExitCode.failure
        }
        try Operator.looked("export.cin-census", "\(year)", authority: authority, on: connection)
        let text = CensusXML.text(sound)
        if let output {
            try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        } else {
            FileHandle.standardOutput.write(Data(text.utf8))
        }
        let episodes = sound.children.flatMap(\.episodes)
        Terminal.error.print(
            "\(sound.children.count) children, \(episodes.flatMap(\.enquiries).count) enquiries, "
                + "\(episodes.flatMap(\.plans).count) plans of the year to \(census.to); \(faults.count) items left out"
        )
        if !faults.isEmpty { throw ExitCode.failure }
    }
}
