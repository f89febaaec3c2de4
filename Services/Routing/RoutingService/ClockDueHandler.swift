import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobTypes
import JobWorker
import PostgresClient

/// Fires a clock, once: the transaction that ends it as breached is the one that escalates and completes the job.
struct ClockDueHandler: JobHandler {
    let router: Router

    func run(_ arguments: ClockDue, _ context: JobContext) async throws -> JobOutcome {
        try await context.settling("fire_clock") { transaction in
            guard let clock = try await ClockStore().byID(arguments.clockID, on: transaction),
                clock.status == .running
            else { return .completed }
            guard clock.isDue else {
                // The job's time and the clock's differ: the clock is right.
                let now = try await DatabaseClock.now(on: transaction)
                return .snooze(.seconds(max(0.05, clock.dueAt.timeIntervalSince(now))))
            }
            if clock.kind == .followUp {
                try await self.router.callBack(clock, in: transaction)
            } else {
                try await self.fire(clock, in: transaction)
            }
            return .completed
        }
    }

    private func fire(_ clock: DueClock, in transaction: PostgresTransaction) async throws {
        let workspace = try await CaseWorkspace.load(clock.caseID, in: transaction)
        let active = try await self.router.rules.active(on: transaction)
        // The next clock starts before this one ends: the case is never without.
        let unanswered = workspace.referrals.first {
            $0.id == clock.referralID && clock.kind == .referralAnswer && !$0.status.isAnswered && $0.status.isOpen
        }
        guard try await self.router.clocks.fire(clock.id, in: transaction), workspace.record.status == .open else {
            return
        }
        try await self.router.escalate(workspace, because: clock, under: active, in: transaction)
        guard let unanswered else { return }
        try await self.router.referrals.withdraw(
            unanswered, code: "unanswered", ruleVersion: active.version, in: transaction)
        try await self.router.reroute(
            unanswered, cause: .unanswered, of: workspace, under: active, in: transaction)
    }
}

/// Has the station call back.
struct FollowUpDueHandler: JobHandler {
    let router: Router

    func run(_ arguments: FollowUpDue, _ context: JobContext) async throws -> JobOutcome {
        try await context.settling("call_back") { transaction in
            guard let clock = try await ClockStore().byID(arguments.followUpID, on: transaction),
                clock.status == .running
            else { return .completed }
            guard clock.isDue else {
                let now = try await DatabaseClock.now(on: transaction)
                return .snooze(.seconds(max(0.05, clock.dueAt.timeIntervalSince(now))))
            }
            try await self.router.callBack(clock, in: transaction)
            return .completed
        }
    }
}

extension Router {
    /// A call-back's time has come: the owner's desk is told, and the person in her own way.
    func callBack(_ clock: DueClock, in transaction: PostgresTransaction) async throws {
        let workspace = try await CaseWorkspace.load(clock.caseID, in: transaction)
        guard try await ClockStore().end(clock.id, as: .met, actor: ClockKeeper.actor, in: transaction) else { return }
        try await self.cases.recordEvent(
            of: clock.caseID, kind: .followUpDue,
            data: try PostgresJSON(encoding: ["clock": clock.name.rawValue]), in: transaction)
        try await self.desk.notify(
            workspace.record.ownerStationID, of: clock.caseID, kind: "follow_up_due",
            priority: workspace.facts.risk.jobPriority, in: transaction)
    }
}
