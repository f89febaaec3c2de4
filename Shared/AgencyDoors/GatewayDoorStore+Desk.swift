public import Casework
public import FoundationEssentials
public import PostgresClient

/// Why somebody at an agency's desk reads a package.
public enum DeskReading: String, Sendable, CaseIterable {
    /// To see what it is about.
    case firstReading = "first_reading"
    /// To work on it.
    case handling
    /// To reach her.
    case contact
    /// To hand it to a colleague.
    case handingOver = "handing_over"
    /// To look over a colleague's work.
    case supervision
    /// Because somebody complained.
    case complaint
}

/// A hand-over that lies on an agency's desk: ids and words, nothing was disclosed yet.
public struct DeskHandOver: Sendable {
    /// The lease's random name.
    public let lease: UUID
    public let expiresAt: Date
    public let attempt: Int
    public let number: ReferralNumber
    public let purpose: Purpose
    public let legalBasis: String
    public let tier: DivisionLevel
    public let answerDueAt: Date?
}

/// What somebody did with a referral at the agency's desk.
public struct DeskAct: Sendable, Equatable {
    /// `package_read`, or the status that was answered or reported.
    public let act: String
    public let staff: StaffID
    /// Why the package was read, the reason of a refusal, or the outcome.
    public let reason: String?
    public let actedAt: Date
}

extension GatewayDoorStore {
    /// Leases up to `limit` hand-overs without disclosing anything of them.
    public func deskLease(
        limit: Int, for time: Duration, of agency: UUID, requestedBy: String, on executor: some PostgresExecutor
    ) async throws -> [DeskHandOver] {
        let rows = try await executor.execute(Self.deskLease, agency, Int32(limit), PostgresInterval(time), requestedBy)
        return try rows.compactMap { row in
            // Settled there: it cannot be delivered.
            guard try row.decode(String?.self, column: "refused") == nil else { return nil }
            return DeskHandOver(
                lease: try row.decode(column: "lease"), expiresAt: try row.decode(column: "expires_at"),
                attempt: try Int(row.decode(Int32.self, column: "attempt")),
                number: try Self.word(row.decode(String.self, column: "number"), "number"),
                purpose: try Self.word(row.decode(String.self, column: "purpose"), "purpose"),
                legalBasis: try row.decode(column: "legal_basis"),
                tier: try Self.word(row.decode(String.self, column: "tier"), "tier"),
                answerDueAt: try row.decode(column: "answer_due_at"))
        }
    }

    /// Enters in the ledger that somebody is about to read the package of a lease, and why. It is read in the next
    /// transaction, by ``readPackages(_:of:on:)``.
    public func deskRequestPackage(
        _ number: ReferralNumber, lease: UUID, of agency: UUID, requestedBy: String, by staff: StaffID,
        because reason: DeskReading, on executor: some PostgresExecutor
    ) async throws -> (result: DoorResult, disclosure: UUID?) {
        let row = try await Self.only(
            executor.execute(
                Self.deskRequestPackage, agency, number.rawValue, lease, requestedBy, staff.rawValue, reason.rawValue))
        return (try Self.result(row), try row.decode(column: "disclosure"))
    }

    /// Who did what with one of the agency's referrals, in order.
    public func deskActs(
        _ number: ReferralNumber, of agency: UUID, on executor: some PostgresExecutor
    ) async throws -> [DeskAct] {
        try await executor.execute(Self.deskActs, agency, number.rawValue).map { row in
            DeskAct(
                act: try row.decode(column: "act"), staff: StaffID(rawValue: try row.decode(column: "staff_id")),
                reason: try row.decode(column: "reason"), actedAt: try row.decode(column: "acted_at"))
        }
    }
}
