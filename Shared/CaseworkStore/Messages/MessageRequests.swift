public import FoundationEssentials
public import PostgresClient

/// Asks for messages: the message and the job that sends it are made by one function of the database in the caller's
/// transaction, so that what happened and telling of it commit together. While the same thing waits to be said, it is
/// asked for once.
///
/// What is posted travels with the transaction's next statement and costs no round trip. Whoever asks rings the
/// notification queues after the commit; without that the message goes with the next poll.
public struct MessageRequests: Sendable {
    public init() {}

    /// Has a station's desk told of a case. `kind` is the name of a template, such as `escalated`; how urgent it is follows
    /// from it and the case's risk.
    public func tellStation(
        _ station: UUID, of caseID: UUID, kind: String, in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.notifyStation, caseID, station, kind)
    }

    /// Has the help-seekers of a case told, as far as their safe-contact rules allow it then.
    /// - Parameters:
    ///   - referral: what is about one referral is said once for it.
    ///   - onlyIfAgreed: asks for nothing where she has not agreed to be written to, so that no task comes of it.
    public func tellHelpSeekers(
        of caseID: UUID, template: String, referral: UUID? = nil, onlyIfAgreed: Bool,
        in transaction: PostgresTransaction
    ) throws {
        try transaction.post(Self.notifyHelpSeekers, caseID, template, referral, onlyIfAgreed)
    }

    /// Has an agency reminded that a time of a referral is coming to its end. Of hand-overs, withdrawals and escalations
    /// it is told by the functions that make them.
    public func remindAgency(of referral: UUID, in transaction: PostgresTransaction) throws {
        try transaction.post(Self.remindAgency, referral)
    }

    /// Has the operators told of trouble in the network; false when they were told of the same within the hour. Both are
    /// codes.
    public func tellOperators(
        kind: String, about: String? = nil, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.notifyOperators, [kind, about]).decode(Bool.self)
    }

    /// Makes digests for what was to be said to agencies and no digest will say; returns how many.
    public func gatherDigests(on executor: some PostgresExecutor) async throws -> Int {
        Int(try await executor.callForRow(Self.gatherDigests, []).decode(Int32.self))
    }

    /// What operators have to know although no process fails.
    public func troubles(
        clocksOverdueFor age: Duration, on executor: some PostgresExecutor
    ) async throws -> NetworkTroubles {
        let row = try await executor.callForRow(Self.networkTroubles, [PostgresInterval(age)])
        return NetworkTroubles(
            overdueClocks: Int(try row.decode(Int64.self, column: "overdue_clocks")),
            deadLetters: Int(try row.decode(Int64.self, column: "dead_letters")))
    }
}

/// Counted to 1,000.
public struct NetworkTroubles: Sendable, Equatable {
    /// Clocks that have run out, still run, and should have been looked at long ago.
    public let overdueClocks: Int
    /// Jobs that were given up in the last hour.
    public let deadLetters: Int
}
