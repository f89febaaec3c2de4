import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

extension Router {
    /// Starts the clocks and reminders of milestones that staff recorded, each once.
    func startRecordedMilestones(of workspace: CaseWorkspace, in transaction: PostgresTransaction) async throws {
        let rules = workspace.active.rules
        for milestone in try await ClosingStore().takeMilestones(of: workspace.record.id, in: transaction) {
            let planned = rules.clocks(
                after: milestone.kind, at: milestone.reachedOn.startInBeijing, until: milestone.until,
                calendar: self.clocks.calendar, now: workspace.now)
            for clock in planned {
                try self.clocks.start(
                    .followUp, clock.definition.name, basis: clock.definition.basis, of: workspace.record.id,
                    due: clock.dueAt, in: transaction)
                try self.cases.recordEvent(
                    of: workspace.record.id, kind: .followUpScheduled, ruleVersion: workspace.active.version,
                    data: try PostgresJSON(encoding: ["clock": clock.definition.name.rawValue]), in: transaction)
            }
        }
    }
}
