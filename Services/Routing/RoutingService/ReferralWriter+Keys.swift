import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Safeguarding

extension ReferralWriter {
    /// Sees to it that the package of a referral that waits is under the key its agency has now, and under no other.
    func sealAgain(
        _ referral: ReferralRecord, of workspace: CaseWorkspace, in transaction: PostgresTransaction
    ) async throws {
        var agency = workspace.agencies[referral.agencyID]
        if agency == nil { agency = try await AgencyStore().byID([referral.agencyID], on: transaction).first }
        guard let agency else { return }
        let before = try await self.sealer.sealedTo(referral.id, agency: referral.agencyID, in: transaction)
        if let before, before == self.sealer.keys.key(of: agency, at: workspace.now)?.fingerprint { return }
        let order = PackageSealer.Order(referral)
        if let sealed = try self.sealer.seal(order, for: agency, of: workspace) {
            try SealedPackageStore().post([sealed], in: transaction)
            try ReferralStore().recordSealing(
                of: referral, key: sealed.key.fingerprint, before: before, in: transaction)
        } else if let before {
            try await self.sealer.discard(referral.id, in: transaction)
            try ReferralStore().recordSealing(of: referral, key: nil, before: before, in: transaction)
            // At the opening nobody was told: there was a package then.
            try self.call(referral.consentBasis, referral.priority, of: workspace.record, in: transaction)
        }
    }
}
