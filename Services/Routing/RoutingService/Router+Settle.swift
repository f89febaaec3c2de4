import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import PostgresClient

extension Router {
    /// Closes a settled case, starts its call-backs and has the help-seekers told, within their safe-contact rules.
    func settle(
        _ workspace: CaseWorkspace, outcome: Outcome, _ active: RuleSetCache.Active,
        in transaction: PostgresTransaction
    ) async throws {
        let caseID = workspace.record.id
        for definition in active.rules.followUps(for: workspace.facts.risk) {
            try self.clocks.start(.followUp, definition, of: caseID, now: workspace.now, in: transaction)
            try self.cases.recordEvent(
                of: caseID, kind: .followUpScheduled, ruleVersion: active.version,
                data: try PostgresJSON(encoding: ["clock": definition.name.rawValue]), in: transaction)
        }
        guard try await self.cases.close(caseID, outcome: outcome, actor: ClockKeeper.actor, in: transaction) else {
            return
        }
        for person in workspace.people where person.role == .helpSeeker {
            try await self.desk.tell(person.id, of: caseID, template: "news_for_you", in: transaction)
        }
        try await self.desk.notify(
            workspace.record.ownerStationID, of: caseID, kind: "case_closed",
            priority: workspace.facts.risk.jobPriority, in: transaction)
    }
}
