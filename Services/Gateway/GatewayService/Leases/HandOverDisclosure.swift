import Casework
import CaseworkStore
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding

/// Shows an agency what a hand-over discloses, in two transactions: the first records it in the ledger and commits, the
/// second reads the bytes against that record (invariant 5). The gateway never sees more than ciphertext.
struct HandOverDisclosure: Sendable {
    let pool: PostgresPool
    let jobs: JobStore
    let referrals: GatewayStore
    let ledger: DisclosureLedger
    let packages: SealedPackageStore

    /// - Throws: `UnreadablePackage`; `CaseworkError` when the referral was withdrawn; `JobQueueError.leaseLost`.
    func disclose(
        _ referral: AgencyReferral, to agency: Agency, job: LeasedJob
    ) async throws -> LeaseAnswer.Package {
        do {
            let record = try await self.record(referral, to: agency, job: job)
            let stored = try await self.packages.read(
                disclosure: record, referral: referral.id, agency: agency.id, on: self.pool)
            return LeaseAnswer.Package(
                format: LeaseAnswer.Package.format,
                sealed: Data(stored.package.bytes).base64EncodedString(),
                referralId: referral.id.uuidString.lowercased(), agencyId: agency.id.uuidString.lowercased(),
                profile: stored.summary.profile)
        } catch is DisclosureError {
            throw UnreadablePackage()
        } catch is SealedPackageError {
            throw UnreadablePackage()
        }
    }

    /// Received and on the record, under the lease: what was taken back in the meantime is not disclosed.
    private func record(_ referral: AgencyReferral, to agency: Agency, job: LeasedJob) async throws -> UUID {
        try await self.pool.withTransaction("gateway_disclose") { transaction in
            try await self.jobs.hold(job, in: transaction)
            try await self.referrals.received(
                agency: agency.id, referral: referral.id, lease: job.leaseAlias, in: transaction)
            guard
                let summary = try await self.packages.describe(
                    referral: referral.id, agency: agency.id, on: transaction)
            else { throw DisclosureError.noPackage }
            return try await self.ledger.record(
                DisclosureRequest(
                    referralID: referral.id, agencyID: agency.id, profile: summary.profile, fields: summary.fields,
                    purpose: referral.purpose.rawValue, legalBasis: referral.legalBasis,
                    requestedBy: "\(agency.code) \(job.leaseAlias.uuidString.lowercased())"),
                on: transaction)
        }
    }
}

/// A hand-over's package is missing or damaged. Nothing was disclosed.
struct UnreadablePackage: Error {}
