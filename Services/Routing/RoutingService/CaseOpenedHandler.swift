import Casework
import CaseworkStore
import Contracts
import JobTypes
import JobWorker
import PostgresClient

/// Routes a new case: decides, and opens the referrals, in the transaction that completes the job.
struct CaseOpenedHandler: JobHandler {
    let router: Router

    func run(_ arguments: CaseOpened, _ context: JobContext) async throws -> JobOutcome {
        try await context.completing("route_case") { transaction in
            let workspace = try await self.router.reader.workspace(of: arguments.caseID, in: transaction)
            // Routed already, by a delivery whose answer was lost, or closed: nothing is left to do. What a clock has
            // done meanwhile does not count: a case that was only escalated still waits for its agencies.
            guard workspace.record.status == .open, !workspace.isRouted else { return }
            let active = workspace.active
            let decision = active.rules.decide(
                workspace.facts, directory: workspace.directory, now: workspace.now)
            try await self.router.record(decision, of: workspace, under: active, in: transaction)
            if workspace.runningClocks(of: .caseAction).isEmpty {
                try self.router.clocks.start(
                    .caseAction, active.rules.caseAction(for: workspace.facts.risk), of: arguments.caseID,
                    now: workspace.now, in: transaction)
            }
            try self.router.watchConsents(of: workspace, in: transaction)
            try self.router.watchDanger(of: workspace, in: transaction)
            for target in decision.targets {
                try await self.router.referrals.open(target, of: workspace, under: active, in: transaction)
            }
        }
    }
}
