import StatutoryRules
import Testing

@testable import CaseEvents

@Suite struct ContractTableTests {
    @Test func everyTypeHasOneRow() {
        let rows = Contract.children + Contract.conferences + Contract.plans + Contract.directory
        #expect(rows.count == EventType.allCases.count)
        #expect(Set(rows.map(\.type)) == Set(EventType.allCases))
        #expect(Contract.table.map(\.type) == EventType.allCases)
    }

    @Test func whatIsRequiredOrDatesAnEventIsAFieldOfIt() {
        for row in Contract.table {
            let names = row.shape.fields.map(\.name)
            #expect(names.count <= 64)
            #expect(Set(names).count == names.count, "\(row.type.rawValue)")
            for name in row.own + row.shape.required.flatMap({ $0 }) {
                #expect(names.contains(name), "\(row.type.rawValue): \(name)")
            }
        }
    }

    @Test func ownInstantsAreTimes() {
        for row in Contract.table {
            for field in row.shape.fields where row.own.contains(field.name) {
                switch field.kind {
                case .moment, .date: break
                default: #expect(Bool(false), "\(row.type.rawValue): \(field.name)")
                }
            }
        }
    }

    @Test func workersAndIntegrationsShareNoType() {
        #expect(Contract.producedNames.keys.allSatisfy { Contract.row($0) == nil })
    }

    @Test(arguments: EventType.allCases) func theSchemaOnDiskIsTheTables(_ type: EventType) throws {
        let schema = Contract.jsonSchema(for: type)
        #expect(throws: Never.self) { try JSONValue(schema) }
        #expect(try Files.golden("schemas/\(type.rawValue).json", schema), "run with QUORATE_WRITE_GOLDEN=1")
    }

    @Test(arguments: Contract.producedShapes.keys.sorted()) func theSchemaOfAnOutcomeOnDiskIsTheTables(
        _ name: String
    ) throws {
        #expect(Contract.produced.flatMap(\.names).contains(name))
        let schema = try #require(Contract.jsonSchema(forOutcome: name))
        #expect(try Files.golden("schemas/\(name).json", schema), "run with QUORATE_WRITE_GOLDEN=1")
    }

    @Test func theAsyncAPIOnDiskIsTheTables() throws {
        let document = Contract.asyncAPI()
        #expect(throws: Never.self) { try JSONValue(document) }
        #expect(try Files.golden("asyncapi.json", document), "run with QUORATE_WRITE_GOLDEN=1")
    }
}
