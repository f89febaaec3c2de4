import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import PostgresClient

extension Router {
    /// A task of joint handling was not done in time: the owner is told. Whoever has the task keeps it.
    func taskOverdue(_ clock: DueClock, in transaction: PostgresTransaction) async throws {
        let workspace = try await self.reader.workspace(of: clock.caseID, in: transaction)
        guard try await self.clocks.fire(clock.id, in: transaction), workspace.record.status == .open else { return }
        try self.desk.notify(
            workspace.record.ownerStationID, of: clock.caseID, kind: "task_overdue",
            priority: workspace.facts.risk.jobPriority, in: transaction)
    }
}
