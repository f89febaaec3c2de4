import Casework
import CaseworkStore
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding

/// Shows an agency what a hand-over discloses, in two transactions: the first records it in the ledger and commits, the
/// second reads the bytes against that record (invariant 5). What she agreed to is looked at in both: a consent that ends
/// between them keeps the bytes back. The gateway never sees more than ciphertext.
struct HandOverDisclosure: Sendable {
    /// The bytes, if the referral may still be disclosed at the moment they are read.
    static let readWhileAllowed = Statement(
        name: "gateway_read_package",
        """
        SELECT p.profile, p.fields, p.sealed, p.sealed_at
        FROM safeguarding.read_sealed_package($1, $2, $3) AS p WHERE casework.may_disclose($3, $2)
        """)

    /// A hand-over as it was disclosed.
    struct Disclosed: Sendable {
        let referral: AgencyReferral
        let package: LeaseAnswer.Package
    }

    let pool: PostgresPool
    let jobs: JobStore
    let referrals: GatewayStore
    let packages: SealedPackageStore

    /// - Throws: `UnreadablePackage`; `CaseworkError` when the referral was withdrawn or is not the agency's;
    ///   `JobQueueError.leaseLost`.
    func disclose(_ referralID: UUID, to agency: Agency, job: LeasedJob) async throws -> Disclosed {
        do {
            let (referral, record) = try await self.record(referralID, to: agency, job: job)
            let stored = try await self.packages.read(
                disclosure: record, referral: referral.id, agency: agency.id, by: Self.readWhileAllowed, on: self.pool)
            let package = LeaseAnswer.Package(
                format: LeaseAnswer.Package.format,
                sealed: Data(stored.package.bytes).base64EncodedString(),
                referralId: referral.id.uuidString.lowercased(), agencyId: agency.id.uuidString.lowercased(),
                profile: stored.summary.profile)
            return Disclosed(referral: referral, package: package)
        } catch is DisclosureError {
            throw UnreadablePackage()
        } catch is SealedPackageError {
            throw UnreadablePackage()
        } catch let error as PostgresError {
            throw error.refusal
        }
    }

    /// Received and on the record, under the lease: what was taken back in the meantime is not disclosed.
    private func record(
        _ referralID: UUID, to agency: Agency, job: LeasedJob
    ) async throws -> (AgencyReferral, disclosure: UUID) {
        do {
            return try await self.pool.withTransaction("gateway_disclose") { transaction in
                try self.jobs.postHold(job, in: transaction)
                try self.referrals.postReceived(
                    agency: agency.id, referral: referralID, lease: job.leaseAlias, in: transaction)
                guard
                    let referral = try await self.referrals.referral(id: referralID, of: agency.id, on: transaction)
                else { throw CaseworkError(code: .notThisAgencys) }
                let record = try self.packages.recordDisclosure(
                    of: referral.id, to: agency.id, purpose: referral.purpose.rawValue,
                    legalBasis: referral.legalBasis,
                    requestedBy: "\(agency.code) \(job.leaseAlias.uuidString.lowercased())", in: transaction)
                return (referral, record)
            }
        } catch let error as PostgresError {
            throw error.refusal
        }
    }
}

extension PostgresError {
    /// What the queue, the casework or the ledger refused, where this is such a refusal of a posted statement.
    var refusal: any Error {
        if let queue = JobQueueError(self) { return queue }
        if let casework = CaseworkError(self) { return casework }
        if let ledger = DisclosureError(self) { return ledger }
        return self
    }
}

/// A hand-over's package is missing or damaged. Nothing was disclosed.
struct UnreadablePackage: Error {}
