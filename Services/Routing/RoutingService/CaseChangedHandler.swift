import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobTypes
import JobWorker
import PostgresClient

/// Staff recorded something about a case: looks at how it stands now and does what follows. Repeats find nothing to do.
struct CaseChangedHandler: JobHandler {
    let router: Router

    func run(_ arguments: CaseChanged, _ context: JobContext) async throws -> JobOutcome {
        try await context.completing("look_at_case") { transaction in
            let caseID = arguments.caseID
            let workspace = try await self.router.reader.workspace(of: caseID, in: transaction)
            try await self.router.takeBackRevoked(workspace, in: transaction)
            try await self.router.startRecordedMilestones(of: workspace, in: transaction)
            // The first decision is another job's; it will see what was recorded.
            guard workspace.record.status == .open, workspace.isRouted else { return }
            var writes = CaseWrites()
            self.router.watchConsents(of: workspace, by: &writes)
            self.router.watchDanger(of: workspace, by: &writes)
            try writes.post(by: self.router.jobs, in: transaction)
            let hasMoved = try await self.router.settleDisputes(of: workspace, in: transaction)
            try await self.router.progress(
                hasMoved ? try await self.router.reader.workspace(of: caseID, in: transaction) : workspace,
                asked: true, in: transaction)
        }
    }
}
