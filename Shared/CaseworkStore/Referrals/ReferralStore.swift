public import Casework
public import FoundationEssentials
public import PostgresClient

/// Referrals as routing makes and follows them. What an agency does with one is in ``GatewayStore``.
public struct ReferralStore: Sendable {
    public init() {}

    /// Creates referrals in status `requested`, with the transaction's next statement.
    ///
    /// What is refused comes up there, and `CaseworkError` reads it: `liveReferralExists` when the agency is asked for the
    /// same already, `alreadyReplaced` when the predecessor has a successor, `numberTaken` on a collision of random
    /// numbers.
    public func create(_ new: [NewReferral], in transaction: PostgresTransaction) throws {
        try transaction.post(
            Self.createReferrals, new.map(\.id), new.map(\.number.rawValue), new.map(\.caseID), new.map(\.agencyID),
            new.map(\.purpose.rawValue), new.map(\.profile.rawValue), new.map(\.tier.rawValue), new.map(\.ruleVersion),
            new.map(\.explanation), new.map(\.legalBasis), new.map(\.consentBasis.rawValue),
            new.map { Int32($0.priority) }, new.map(\.outcomeClock.rawValue), new.map(\.predecessorID))
    }

    /// All referrals of a case, oldest first.
    public func of(caseID: UUID, on executor: some PostgresExecutor) async throws -> [ReferralRecord] {
        try await executor.call(Self.referralsOf, [[caseID]]).map { try ReferralRecord(caseID: caseID, row: $0) }
    }

    /// A change by the sender or the system. `expected` are the statuses it may come from; `nil` takes them from the
    /// referral state machine. `code` is a reason and holds no data.
    /// - Throws: `CaseworkError.referralState` when the referral is in none of them.
    public func setStatus(
        of referral: UUID, to status: ReferralStatus, expected: [ReferralStatus]? = nil, code: String? = nil,
        actor: String, ruleVersion: Int64? = nil, in transaction: PostgresTransaction
    ) async throws {
        let expected = expected ?? ReferralStateMachine.sources(of: status, by: [.sender, .system])
        try await transaction.call(
            Self.setReferralStatus,
            [referral, expected.map(\.rawValue), status.rawValue, code, actor, ruleVersion])
    }

    /// Writes down, with the transaction's next statement, that the package of a referral was sealed to another key, or
    /// discarded for want of one.
    /// - Parameters:
    ///   - key: the fingerprint of the key it is sealed to now.
    ///   - before: the one before; `nil` when there was no package.
    public func recordSealing(
        of referral: ReferralRecord, key: [UInt8]?, before: [UInt8]?, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(
            Self.recordSealing, referral.caseID, referral.id,
            key == nil ? "package_discarded" : "package_resealed", key, before)
    }

    /// The cases that referrals belong to, by referral; without unknown ones.
    public func cases(of referrals: [UUID], on executor: some PostgresExecutor) async throws -> [UUID: UUID] {
        var cases: [UUID: UUID] = [:]
        for row in try await executor.call(Self.casesOfReferrals, [referrals]) {
            let (referral, caseID) = try row.decode((UUID, UUID).self)
            cases[referral] = caseID
        }
        return cases
    }
}

extension ReferralStateMachine {
    /// From which statuses one of these parties may set `status`.
    static func sources(of status: ReferralStatus, by parties: Set<ReferralParty>) -> [ReferralStatus] {
        Self.transitions.filter { $0.to == status && !$0.parties.isDisjoint(with: parties) }.map(\.from)
    }
}
