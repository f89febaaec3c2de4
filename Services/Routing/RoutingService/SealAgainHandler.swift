import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobTypes
import JobWorker
import PostgresClient
import Safeguarding

/// Seals the package of a referral that its agency has still to read to the key that is registered now. Without a key that
/// may be used the package goes, since whoever has the old one could open it, and staff call. Repeats find nothing to do.
struct SealAgainHandler: JobHandler {
    let router: Router

    func run(_ arguments: SealAgain, _ context: JobContext) async throws -> JobOutcome {
        try await context.completing("seal_again") { transaction in
            let caseID = try await self.router.reader.caseOf(arguments.referralID, in: transaction)
            let workspace = try await self.router.reader.workspace(of: caseID, in: transaction)
            guard let referral = workspace.referrals.first(where: { $0.id == arguments.referralID }),
                [.requested, .received].contains(referral.status)
            else { return }
            // What she does not agree to any more is not sealed anew: another job takes it back.
            let disclosed = [referral].compactMap(\.disclosed)
            guard workspace.facts.withoutConsent(disclosed, at: workspace.now).isEmpty else { return }
            try await self.router.referrals.sealAgain(referral, of: workspace, in: transaction)
        }
    }
}
