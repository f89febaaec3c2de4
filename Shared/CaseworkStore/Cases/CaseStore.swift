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
        let rows = try await transaction.call(Self.lockCases, [[id], true])
        guard let row = rows.first else { throw CaseworkError(code: .unknownCase) }
        return try CaseRecord(row: row)
    }

    /// The case, locked to the end of the transaction, and all that hangs on it as it stands under that lock. One round
    /// trip.
    /// - Throws: `CaseworkError.unknownCase`.
    public func read(_ id: UUID, in transaction: PostgresTransaction) async throws -> CaseSnapshot {
        let found = try await self.read([id], mayWait: true, in: transaction)[id]
        guard let found else { throw CaseworkError(code: .unknownCase) }
        return found
    }

    /// The same of several cases: those there are, and, if `mayWait` is false, whose row nobody else has under lock.
    public func read(
        _ ids: [UUID], mayWait: Bool, in transaction: PostgresTransaction
    ) async throws -> [UUID: CaseSnapshot] {
        try CaseSnapshot.all(
            await Self.run(CaseSnapshot.statements(ids, mayWait: mayWait), in: transaction))
    }

    /// The case, locked to the end of the transaction, with its referrals and clocks as they stand under that lock. One
    /// round trip.
    /// - Throws: `CaseworkError.unknownCase`.
    public func outline(_ id: UUID, in transaction: PostgresTransaction) async throws -> CaseOutline {
        let found = try await self.outlines([id], mayWait: true, in: transaction)[id]
        guard let found else { throw CaseworkError(code: .unknownCase) }
        return found
    }

    /// The same of several cases: those there are, and, if `mayWait` is false, whose row nobody else has under lock.
    public func outlines(
        _ ids: [UUID], mayWait: Bool, in transaction: PostgresTransaction
    ) async throws -> [UUID: CaseOutline] {
        try CaseOutline.all(await Self.run(CaseOutline.statements(ids, mayWait: mayWait), in: transaction))
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

    /// Records what the rules decided, with the transaction's next statement. With the first decision on a case the station
    /// that it names is told of it, and the help-seekers that it has arrived.
    public func record(_ decisions: [CaseDecision], in transaction: PostgresTransaction) throws {
        try transaction.post(
            Self.recordRoutingDecisions, decisions.map(\.caseID), decisions.map(\.ruleVersion),
            decisions.map(\.explanation), decisions.map(\.owner))
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
