import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// Reads a case whole, under its lock; rules and network come from what the process keeps, at the versions the same look
/// at the database found in force.
struct CaseReader: Sendable {
    let rules = RuleSetCache()
    let network: NetworkCache
    private let cases = CaseStore()

    /// - Parameter calendar: on which days agencies that keep working time are open.
    init(calendar: HolidayCalendar) {
        self.network = NetworkCache(calendar: calendar)
    }

    func workspace(of caseID: UUID, in transaction: PostgresTransaction) async throws -> CaseWorkspace {
        try await self.workspace(self.cases.read(caseID, in: transaction), in: transaction)
    }

    /// Those of the cases that nobody else has under lock.
    func workspaces(
        of cases: [UUID], in transaction: PostgresTransaction
    ) async throws -> [UUID: CaseWorkspace] {
        var workspaces: [UUID: CaseWorkspace] = [:]
        for (id, snapshot) in try await self.cases.read(cases, mayWait: false, in: transaction) {
            workspaces[id] = try await self.workspace(snapshot, in: transaction)
        }
        return workspaces
    }

    private func workspace(
        _ snapshot: CaseSnapshot, in transaction: PostgresTransaction
    ) async throws -> CaseWorkspace {
        let outline = snapshot.outline
        return CaseWorkspace(
            snapshot,
            in: try await self.network.around(
                outline.record.division, and: Set(outline.record.facts.places.values),
                version: outline.moment.networkVersion, on: transaction),
            under: try await self.active(outline, in: transaction))
    }

    /// What the referrals and clocks alone say: enough to see whether more of the case is needed.
    func outline(of caseID: UUID, in transaction: PostgresTransaction) async throws -> CaseOutline {
        try await self.cases.outline(caseID, in: transaction)
    }

    /// The outlines of those of the cases that nobody else has under lock.
    func outlines(of cases: [UUID], in transaction: PostgresTransaction) async throws -> [UUID: CaseOutline] {
        try await self.cases.outlines(cases, mayWait: false, in: transaction)
    }

    /// The case of a referral.
    /// - Throws: `RoutingError.unknownReferral`.
    func caseOf(_ referral: UUID, in transaction: PostgresTransaction) async throws -> UUID {
        guard let found = try await ReferralStore().cases(of: [referral], on: transaction)[referral] else {
            throw RoutingError.unknownReferral
        }
        return found
    }

    /// The rules in force when the case was read.
    func active(
        _ outline: CaseOutline, in transaction: PostgresTransaction
    ) async throws -> RuleSetCache.Active {
        guard let version = outline.moment.ruleVersion else { throw RoutingError.noRules }
        return try await self.rules.version(version, on: transaction)
    }
}
