import CaseworkStore
import FoundationEssentials
import PostgresClient

/// Reads a case whole, under its lock; rules and network come from what the process keeps, at the versions the same look
/// at the database found in force.
struct CaseReader: Sendable {
    let rules = RuleSetCache()
    let network = NetworkCache()
    private let cases = CaseStore()

    func workspace(of caseID: UUID, in transaction: PostgresTransaction) async throws -> CaseWorkspace {
        let snapshot = try await self.cases.read(caseID, in: transaction)
        guard let version = snapshot.moment.ruleVersion else { throw RoutingError.noRules }
        return CaseWorkspace(
            snapshot,
            in: try await self.network.around(
                snapshot.record.division, version: snapshot.moment.networkVersion, on: transaction),
            under: try await self.rules.version(version, on: transaction))
    }
}
