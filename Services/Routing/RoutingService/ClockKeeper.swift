import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

/// Starts clocks together with the job that fires them, and ends both together.
struct ClockKeeper: Sendable {
    static let actor = "routing"

    let jobs: JobStore
    let calendar: HolidayCalendar
    private let clocks = ClockStore()

    init(jobs: JobStore, calendar: HolidayCalendar) {
        self.jobs = jobs
        self.calendar = calendar
    }

    /// Starts a clock now, by the database's clock. A follow-up is counted like any other clock.
    func start(
        _ kind: ClockKind, _ definition: ClockDefinition, of caseID: UUID, referral: UUID? = nil, now: Date,
        in transaction: PostgresTransaction
    ) throws {
        try self.start(
            kind, definition.name, basis: definition.basis, of: caseID, referral: referral,
            due: self.calendar.due(definition.duration, from: now), in: transaction)
    }

    /// Starts a clock whose end is known.
    func start(
        _ kind: ClockKind, _ name: ClockName, basis: String, of caseID: UUID, referral: UUID? = nil, due: Date,
        in transaction: PostgresTransaction
    ) throws {
        let id = UUID()
        try self.clocks.start(
            NewClock(id: id, name: name, basis: basis, dueAt: due), kind, of: caseID,
            referral: referral, actor: Self.actor, in: transaction)
        let key = ClockDue.uniqueKey(clockID: id)
        if kind == .followUp {
            try self.jobs.post(
                JobRequest(
                    FollowUpDue(caseID: caseID, followUpID: id), queue: Queues.routing, scheduledAt: due, uniqueKey: key
                ),
                in: transaction)
        } else {
            try self.jobs.post(
                JobRequest(
                    ClockDue(clockID: id), queue: Queues.routing, priority: 1, scheduledAt: due, uniqueKey: key),
                in: transaction)
        }
    }

    /// Ends running clocks and withdraws their jobs.
    func end(
        _ ended: [ClockRecord], as status: ClockStatus, in transaction: PostgresTransaction
    ) async throws {
        guard !ended.isEmpty else { return }
        for clock in try await self.clocks.end(ended.map(\.id), as: status, actor: Self.actor, in: transaction) {
            try self.withdrawJob(of: clock, in: transaction)
        }
    }

    /// Takes back the job of a clock that ended.
    func withdrawJob(of clock: UUID, in transaction: PostgresTransaction) throws {
        // Its own worker may hold the job and want the case: then it finds the clock ended.
        try self.jobs.postCancelWaiting(
            kind: ClockDue.kind, uniqueKey: ClockDue.uniqueKey(clockID: clock), code: "clock_ended", in: transaction)
    }

    /// Fires a due clock: true for the one caller that ends it as breached.
    func fire(_ clock: UUID, in transaction: PostgresTransaction) async throws -> Bool {
        try await self.clocks.end(clock, as: .breached, actor: Self.actor, in: transaction)
    }
}
