import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

extension Router {
    /// What the referrals together say about the case: safe now, or settled.
    ///
    /// - Parameter asked: whether somebody recorded something: the owner may have asked to close the case, which then needs no
    ///   outcome of a referral, or somebody may have called her.
    func progress(
        _ workspace: CaseWorkspace, asked: Bool = false, in transaction: PostgresTransaction
    ) async throws {
        let caseID = workspace.record.id
        var workspace = workspace
        if asked { try await self.hearCallBack(of: workspace, in: transaction) }
        let isSafeNow = try await self.isSafeNow(workspace, in: transaction)
        if isSafeNow {
            workspace = try await self.reader.workspace(of: caseID, in: transaction)
        }
        let hasMore = try await self.decideAgain(workspace, recording: isSafeNow, in: transaction)
        if hasMore {
            workspace = try await self.reader.workspace(of: caseID, in: transaction)
        }
        let progress = CaseProgress(workspace.summaries)
        let isSettled = progress.isSettled && !workspace.hasUnreplacedFailure
        guard isSettled || asked else { return }
        try await self.settle(workspace, progress, isSettled: isSettled, in: transaction)
    }

    /// Whether the danger is over by this very look.
    private func isSafeNow(_ workspace: CaseWorkspace, in transaction: PostgresTransaction) async throws -> Bool {
        guard CaseProgress(workspace.summaries).isSafe else { return false }
        return try await self.cases.confirmSafety(of: workspace.record.id, in: transaction)
    }
}
