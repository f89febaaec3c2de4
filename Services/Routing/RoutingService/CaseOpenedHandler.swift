import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobTypes
import JobWorker
import PostgresClient

/// Routes a new case: decides, and opens the referrals, in the transaction that completes the job.
struct CaseOpenedHandler: JobHandler {
    let router: Router

    func run(_ arguments: CaseOpened, _ context: JobContext) async throws -> JobOutcome {
        try await self.router.together(arguments.caseID, context, "route_cases", self.plan) {
            try await context.completing("route_case") { transaction in
                let workspace = try await self.router.reader.workspace(of: arguments.caseID, in: transaction)
                try await self.route(workspace, in: transaction).post(by: self.router.jobs, in: transaction)
            }
        }
    }

    @Sendable private func plan(
        _ cases: [UUID], _ transaction: PostgresTransaction
    ) async throws -> [UUID: CaseWrites] {
        var plans: [UUID: CaseWrites] = [:]
        for (id, workspace) in try await self.router.reader.workspaces(of: cases, in: transaction) {
            plans[id] = try await self.route(workspace, in: transaction)
        }
        return plans
    }

    /// What the first decision on a case writes.
    private func route(
        _ workspace: CaseWorkspace, in transaction: PostgresTransaction
    ) async throws -> CaseWrites {
        var writes = CaseWrites()
        // Routed already, by a delivery whose answer was lost, or closed: nothing is left to do. What a clock has
        // done meanwhile does not count: a case that was only escalated still waits for its agencies.
        guard workspace.record.status == .open, !workspace.isRouted else { return writes }
        let active = workspace.active
        let decision = active.rules.decide(workspace.facts, directory: workspace.directory, now: workspace.now)
        try self.router.record(decision, of: workspace, under: active, by: &writes)
        if workspace.runningClocks(of: .caseAction).isEmpty {
            writes.clocks.append(
                self.router.clocks.clock(
                    .caseAction, active.rules.caseAction(for: workspace.facts.risk), of: workspace.record.id,
                    now: workspace.now))
        }
        self.router.watchConsents(of: workspace, by: &writes)
        self.router.watchDanger(of: workspace, by: &writes)
        for target in decision.targets {
            try await self.router.referrals.open(
                target, of: workspace, under: active, by: &writes, in: transaction)
        }
        return writes
    }
}
