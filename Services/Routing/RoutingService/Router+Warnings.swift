import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import PostgresClient

extension Router {
    /// A clock that is not due yet is looked at: the owner is warned that it runs out, once for each part of its time the
    /// rules name, and the next look is set.
    func warn(of clock: DueClock, in transaction: PostgresTransaction) async throws {
        let workspace = try await self.reader.workspace(of: clock.caseID, in: transaction)
        let plan = WarningPlan(clock, workspace.active.rules.changes.warnings)
        let isWarned = try await ClockStore().warn(clock.id, percent: plan.percent, next: plan.next, in: transaction)
        guard isWarned, workspace.record.status == .open else { return }
        try self.desk.notify(
            workspace.record.ownerStationID, of: clock.caseID, kind: "due_soon",
            priority: workspace.facts.risk.jobPriority, in: transaction)
        if let referral = clock.referralID {
            try self.desk.remind(of: referral, priority: workspace.facts.risk.jobPriority, in: transaction)
        }
    }
}

/// What to say of a clock's time now, and when to look again.
struct WarningPlan: Equatable {
    /// The greatest of the named parts that are over; `nil` when none is.
    let percent: Int?
    /// `nil`: not before it is due.
    let next: Date?

    /// Of what nobody can be late with, nobody is warned.
    init(_ clock: DueClock, _ percentages: [Int]) {
        let isReminder = [.followUp, .consentExpiry, .riskReview].contains(clock.kind)
        self.init(from: clock.startedAt, to: clock.dueAt, now: clock.now, isReminder ? [] : percentages)
    }

    init(from start: Date, to due: Date, now: Date, _ percentages: [Int]) {
        let whole = due.timeIntervalSince(start)
        let instants = percentages.sorted().map { ($0, start.addingTimeInterval(whole * Double($0) / 100)) }
        // The database's halfway is a little later than ours: what is over within a second is over.
        self.percent = instants.last { $0.1 <= now.addingTimeInterval(1) }?.0
        self.next = instants.first { $0.1 > now.addingTimeInterval(1) && $0.1 < due }?.1
    }
}
