@testable import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

struct StatementTests {
    static let all: [Statement] =
        IntakeStore.statements + DivisionStore.statements + AgencyStore.statements + CaseStore.statements
        + ReferralStore.statements + ClockStore.statements + GatewayStore.statements + MessageRequests.statements
        + MessageStore.statements + RuleSetStore.statements + OperatorStore.statements + StaffStore.statements
        + ConsentStore.statements + ClosingStore.statements + RiskStore.statements + DisputeStore.statements
        + JointStore.statements + PeopleStore.statements + RetentionStore.statements
        + AgencyTextStore.statements
        + AssessmentStore.statements

    @Test func everyStatementPrepares() async throws {
        try await withTestDatabase { database in
            for statement in Self.all {
                let prepare = Statement(
                    name: "test_prepare_\(statement.name)", unchecked: "PREPARE \(statement.name) AS \(statement.sql)")
                _ = try await database.pool.execute(prepare)
            }
        }
    }

    @Test func everyStatementInTheSourcesIsListed() throws {
        let listed = Set(Self.all.map(\.name))
        #expect(listed.count == Self.all.count, "two statements share a name")
        #expect(try Set(Self.namesInSources()) == listed)
    }

    /// The names of the statements in all `+SQL.swift` files of the module.
    private static func namesInSources() throws -> [String] {
        let files = try FileManager.default.subpathsOfDirectory(atPath: self.module).filter {
            $0.hasSuffix("+SQL.swift")
        }
        #expect(!files.isEmpty)
        return try files.flatMap { file in
            try String(contentsOfFile: "\(self.module)/\(file)", encoding: .utf8)
                .split(separator: "name: \"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        }
    }

    private static var module: String {
        // Tests/CaseworkStoreTests/StatementTests.swift, so the root of the package is three steps up.
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        return "\(root)/Shared/CaseworkStore"
    }
}
