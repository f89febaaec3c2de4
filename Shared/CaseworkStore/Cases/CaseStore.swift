public import Casework
public import FoundationEssentials
public import PostgresClient

/// Cases as routing works on them.
///
/// Whoever ends a clock or changes a case's status or owner locks the case first; the functions that do so lock it
/// themselves. Lock the case before a referral of it.
public struct CaseStore: Sendable {
    public init() {}

    /// The case, locked to the end of the transaction.
    /// - Throws: `CaseworkError.unknownCase`.
    public func lock(_ id: UUID, in transaction: PostgresTransaction) async throws -> CaseRecord {
        try await CaseRecord(id: id, row: transaction.callForRow(Self.lockCase, [id]))
    }

    /// The case, locked to the end of the transaction, and all that hangs on it as it stands under that lock. One round
    /// trip.
    /// - Throws: `CaseworkError.unknownCase`.
    public func read(_ id: UUID, in transaction: PostgresTransaction) async throws -> CaseSnapshot {
        try await CaseSnapshot(id: id, results: Self.run(CaseSnapshot.statements(id), in: transaction))
    }

    /// The case, locked to the end of the transaction, with its referrals and clocks as they stand under that lock. One
    /// round trip.
    /// - Throws: `CaseworkError.unknownCase`.
    public func outline(_ id: UUID, in transaction: PostgresTransaction) async throws -> CaseOutline {
        try await CaseOutline(id: id, results: Self.run(CaseOutline.statements(id), in: transaction))
    }

    private static func run(
        _ statements: [BoundStatement], in transaction: PostgresTransaction
    ) async throws -> [PostgresRows] {
        do {
            return try await transaction.pipeline(statements)
        } catch {
            throw CaseworkError(error) ?? error
        }
    }

    /// Gives the case to another station, with the transaction's next statement. `actor` is the service.
    public func changeOwner(
        of id: UUID, to station: UUID, reason: String, actor: String, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.changeCaseOwner, id, station, reason, actor)
    }

    /// The station that owns the case now; `nil` for an unknown case.
    public func owner(of id: UUID, on executor: some PostgresExecutor) async throws -> UUID? {
        try await executor.callForRow(Self.ownerOf, [id]).decode(UUID?.self)
    }

    /// Records what the rules decided, under which version, with the transaction's next statement. The explanation is
    /// codes, never a person. With the first decision the station that it names is told of its new case, and the
    /// help-seekers that it has arrived.
    public func recordDecision(
        of id: UUID, ruleVersion: Int64, explanation: PostgresJSON, owner: UUID, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.recordRoutingDecision, id, ruleVersion, explanation, owner)
    }

    /// Records an event of routing's that changes no row (withheld, rerouted, backstop, follow-ups), with the
    /// transaction's next statement.
    public func recordEvent(
        of id: UUID, referral: UUID? = nil, kind: CaseEventKind, ruleVersion: Int64? = nil, data: PostgresJSON,
        in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.recordRoutingEvent, id, referral, kind.rawValue, ruleVersion, data)
    }

    /// Sets the case's flag `safe`; true the first time.
    public func confirmSafety(of id: UUID, in transaction: PostgresTransaction) async throws -> Bool {
        try await transaction.callForRow(Self.confirmCaseSafety, [id]).decode(Bool.self)
    }

    /// Open cases that the rules have not decided on although they are older than that.
    public func unrouted(
        olderThan age: Duration, limit: Int, on executor: some PostgresExecutor
    ) async throws -> [UUID] {
        try await executor.call(Self.unroutedCases, [PostgresInterval(age), Int32(limit)]).map {
            try $0.decode(UUID.self)
        }
    }

    /// Records that a breach moved the case up, with the transaction's next statement. The agency of the referral is told,
    /// and the station that had the case, if it has it no more.
    public func recordEscalation(
        of id: UUID, referral: UUID?, from station: UUID?, data: PostgresJSON, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.recordCaseEscalation, id, referral, station, data)
    }

    /// Closes an open case; its running clocks are met, but for the follow-up's. False when it was not open.
    public func close(
        _ id: UUID, outcome: Outcome, actor: String, in transaction: PostgresTransaction
    ) async throws -> Bool {
        try await transaction.callForRow(Self.closeCase, [id, outcome.rawValue, actor]).decode(Bool.self)
    }
}
