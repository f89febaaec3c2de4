import CaseworkStore
import FoundationEssentials
import Logging
import NIOConcurrencyHelpers
import PostgresClient

/// Whether an agency has room for what is sealed to it ahead. It is counted in the database, in the transaction that opens
/// the referral, and remembered for as long as it cannot have changed much: what this process opens meanwhile it counts
/// itself, what others open is bounded by looking again after a sixteenth of the room that was left. No row is written for it.
final class AgencyQuotas: Sendable {
    private struct Known {
        var backlog: AgencyBacklog
        /// After so many more the database is asked again.
        var openingsLeft: Int
        let at: ContinuousClock.Instant
    }

    /// Most agencies are far from their quota.
    private static let far = Duration.seconds(600)
    private static let most = 16_384

    /// For how long one that has little room or none is believed to be as it was.
    private let near: Duration
    private let logger: Logger
    private let known = NIOLockedValueBox<[UUID: Known]>([:])

    init(near: Duration = .seconds(5), logger: Logger) {
        self.near = near
        self.logger = logger
    }

    /// Whether something may be sealed for the agency ahead.
    func hasRoom(_ agency: UUID, in transaction: PostgresTransaction) async throws -> Bool {
        let now = ContinuousClock.now
        let known = self.known.withLockedValue { $0[agency] }
        if let known, now - known.at < (known.backlog.share < 0.5 ? Self.far : self.near),
            known.openingsLeft > 0 || known.backlog.isFull
        {
            return !known.backlog.isFull
        }
        let backlog = try await AgencyStore().backlog(of: agency, on: transaction)
        if backlog.isFull {
            self.logger.warning(
                "Agency has as much waiting as it may, staff are told instead",
                metadata: [
                    "agency.id": "\(agency.uuidString.lowercased())", "agency.waiting": "\(backlog.waiting)",
                    "agency.waiting_bytes": "\(backlog.bytes)",
                ])
        }
        let room = max(0, backlog.maximumWaiting - backlog.waiting)
        let fresh = Known(backlog: backlog, openingsLeft: room / 16, at: now)
        self.known.withLockedValue { all in
            if all.count >= Self.most { all = [:] }
            all[agency] = fresh
        }
        return !backlog.isFull
    }

    /// Something was opened for the agency, and so much sealed.
    func opened(_ agency: UUID, bytes: Int) {
        self.known.withLockedValue { all in
            all[agency]?.backlog.waiting += 1
            all[agency]?.backlog.bytes += bytes
            all[agency]?.openingsLeft -= 1
        }
    }
}
