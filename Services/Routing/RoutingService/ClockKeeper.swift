import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

/// Starts clocks by the calendar, and ends them. `ClockSweep` makes the jobs of those that are due.
struct ClockKeeper: Sendable {
    static let actor = "routing"

    let jobs: JobStore
    let calendar: HolidayCalendar
    private let clocks = ClockStore()

    init(jobs: JobStore, calendar: HolidayCalendar) {
        self.jobs = jobs
        self.calendar = calendar
    }

    /// A clock that starts now, by the database's clock. A follow-up is counted like any other clock.
    func clock(
        _ kind: ClockKind, _ definition: ClockDefinition, of caseID: UUID, referral: UUID? = nil, now: Date
    ) -> ClockStart {
        let due = self.calendar.due(definition.duration, from: now)
        return ClockStart(
            NewClock(id: UUID(), name: definition.name, basis: definition.basis, dueAt: due), kind, of: caseID,
            referral: referral)
    }

    /// Starts a clock now, by the database's clock.
    func start(
        _ kind: ClockKind, _ definition: ClockDefinition, of caseID: UUID, referral: UUID? = nil, now: Date,
        in transaction: PostgresTransaction
    ) throws {
        let clock = self.clock(kind, definition, of: caseID, referral: referral, now: now)
        try self.clocks.start([clock], actor: Self.actor, in: transaction)
    }

    /// Starts a clock whose end is known.
    func start(
        _ kind: ClockKind, _ name: ClockName, basis: String, of caseID: UUID, referral: UUID? = nil, due: Date,
        in transaction: PostgresTransaction
    ) throws {
        let clock = NewClock(id: UUID(), name: name, basis: basis, dueAt: due)
        try self.clocks.start(
            [ClockStart(clock, kind, of: caseID, referral: referral)], actor: Self.actor, in: transaction)
    }

    /// Ends running clocks.
    func end(
        _ ended: [ClockRecord], as status: ClockStatus, in transaction: PostgresTransaction
    ) async throws {
        guard !ended.isEmpty else { return }
        _ = try await self.clocks.end(ended.map(\.id), as: status, actor: Self.actor, in: transaction)
    }

    /// Fires a due clock: true for the one caller that ends it as breached.
    func fire(_ clock: UUID, in transaction: PostgresTransaction) async throws -> Bool {
        try await self.clocks.end(clock, as: .breached, actor: Self.actor, in: transaction)
    }
}
