public import Casework
public import FoundationEssentials
public import PostgresClient

/// The clocks 时限 of cases and referrals. An open case has at least one that runs; COMMIT fails otherwise.
public struct ClockStore: Sendable {
    public init() {}

    /// Starts clocks, with the transaction's next statement. They need no job until they are looked at: see `takeDue`.
    public func start(_ clocks: [ClockStart], actor: String, in transaction: PostgresTransaction) throws {
        try transaction.post(
            Self.startClocks, clocks.map(\.clock.id), clocks.map(\.caseID), clocks.map(\.referralID),
            clocks.map(\.kind.rawValue), clocks.map(\.clock.name.rawValue), clocks.map(\.clock.basis),
            clocks.map(\.clock.dueAt), actor)
    }

    /// Ends a running clock, once: true for the one caller that found it running. A breach is refused (false) before
    /// the due time, and when the agency had answered, or settled, the referral in time and only the clock's end is
    /// late.
    public func end(
        _ clock: UUID, as status: ClockStatus, actor: String, in transaction: PostgresTransaction
    ) async throws -> Bool {
        try await !self.end([clock], as: status, actor: actor, in: transaction).isEmpty
    }

    /// Ends several: those that this call ended.
    public func end(
        _ clocks: [UUID], as status: ClockStatus, actor: String, in transaction: PostgresTransaction
    ) async throws -> [UUID] {
        try await transaction.call(Self.endClocks, [clocks, status.rawValue, actor]).map { try $0.decode(UUID.self) }
    }

    /// The same with the transaction's next statement, for a caller that need not know which.
    public func postEnd(
        _ clocks: [UUID], as status: ClockStatus, actor: String, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.endClocks, clocks, status.rawValue, actor)
    }

    /// All clocks of a case, oldest first.
    public func of(caseID: UUID, on executor: some PostgresExecutor) async throws -> [ClockRecord] {
        try await executor.call(Self.clocksOf, [[caseID]]).map { try ClockRecord(caseID: caseID, row: $0) }
    }

    /// One clock, and whether it is due by the database's clock; `nil` for an unknown one.
    public func byID(_ clock: UUID, on executor: some PostgresExecutor) async throws -> DueClock? {
        try await executor.call(Self.clockByID, [clock]).first.map { try DueClock(id: clock, row: $0) }
    }

    /// Takes clocks at which somebody has to look, to warn ahead or because they are due, longest waiting first; the caller enqueues their jobs in this transaction. One
    /// that still runs after `again` is taken again: that makes a lost job harmless.
    public func takeDue(
        limit: Int, again: Duration, in transaction: PostgresTransaction
    ) async throws -> [TakenClock] {
        try await transaction.call(Self.takeDueClocks, [Int32(limit), PostgresInterval(again)])
            .map(TakenClock.init(row:))
    }
}
