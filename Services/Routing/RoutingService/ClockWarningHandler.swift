import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobTypes
import JobWorker
import PostgresClient

/// Warns the owner that a clock runs out, once for each part of its time the rules name.
struct ClockWarningHandler: JobHandler {
    let router: Router

    func run(_ arguments: ClockWarning, _ context: JobContext) async throws -> JobOutcome {
        try await context.completing("warn_of_clock") { transaction in
            guard let clock = try await ClockStore().byID(arguments.clockID, on: transaction),
                clock.status == .running, clock.pausedAt == nil, !clock.isDue
            else {
                // It is not looked at again.
                _ = try await ClockStore().warn(arguments.clockID, percent: nil, next: nil, in: transaction)
                return
            }
            let workspace = try await self.router.reader.workspace(of: clock.caseID, in: transaction)
            let plan = WarningPlan(clock, workspace.active.rules.changes.warnings)
            let isWarned = try await ClockStore().warn(
                clock.id, percent: plan.percent, next: plan.next, in: transaction)
            guard isWarned, workspace.record.status == .open else { return }
            try await self.router.desk.notify(
                workspace.record.ownerStationID, of: clock.caseID, kind: "due_soon",
                priority: workspace.facts.risk.jobPriority, in: transaction)
        }
    }
}

/// What to say of a clock's time now, and when to look again.
struct WarningPlan: Equatable {
    /// The greatest of the named parts that are over; `nil` when none is.
    let percent: Int?
    let next: Date?

    init(_ clock: DueClock, _ percentages: [Int]) {
        self.init(from: clock.startedAt, to: clock.dueAt, now: clock.now, percentages)
    }

    init(from start: Date, to due: Date, now: Date, _ percentages: [Int]) {
        let whole = due.timeIntervalSince(start)
        let instants = percentages.sorted().map { ($0, start.addingTimeInterval(whole * Double($0) / 100)) }
        // The database's halfway is a little later than ours: what is over within a second is over.
        self.percent = instants.last { $0.1 <= now.addingTimeInterval(1) }?.0
        self.next = instants.first { $0.1 > now.addingTimeInterval(1) && $0.1 < due }?.1
    }
}
