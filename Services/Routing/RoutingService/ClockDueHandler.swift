import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import JobWorker
import PostgresClient

/// Fires a clock, once: the transaction that ends it as breached is the one that escalates and completes the job.
struct ClockDueHandler: JobHandler {
    let router: Router

    func run(_ arguments: ClockDue, _ context: JobContext) async throws -> JobOutcome {
        try await context.settling("fire_clock") { transaction in
            try await self.router.whenDue(arguments.clockID, in: transaction) { clock in
                switch clock.kind {
                case .followUp: try await self.router.callBack(clock, in: transaction)
                case .consentExpiry: try await self.router.endConsents(clock, in: transaction)
                case .riskReview: try await self.router.reviewOverdue(clock, in: transaction)
                case .jointTask: try await self.router.taskOverdue(clock, in: transaction)
                case .superiorDecision: try await self.router.decisionOverdue(clock, in: transaction)
                case .firstResponse, .referralAnswer, .referralOutcome, .caseAction, .callBack:
                    try await self.fire(clock, in: transaction)
                }
            }
        }
    }

    private func fire(_ clock: DueClock, in transaction: PostgresTransaction) async throws {
        let workspace = try await self.router.reader.workspace(of: clock.caseID, in: transaction)
        let active = workspace.active
        let unanswered = workspace.referrals.first {
            $0.id == clock.referralID && clock.kind == .referralAnswer && !$0.status.isAnswered && $0.status.isOpen
        }
        if let unanswered {
            // The hand-over's job before its referral, in the order in which the agency's answer locks them.
            try await self.router.jobs.hold(
                kind: ReferralOffered.kind, uniqueKey: ReferralWriter.handOverKey(unanswered.id), in: transaction)
        }
        guard try await self.router.clocks.fire(clock.id, in: transaction) else {
            // Answered in time, and not looked at yet: have it looked at, in case the job for that was given up.
            if let referral = clock.referralID {
                try self.router.jobs.post(
                    JobRequest(
                        ReferralAnswered(referralID: referral), queue: Queues.routing,
                        uniqueKey: "answered:" + referral.uuidString.lowercased()), in: transaction)
            }
            return
        }
        guard workspace.record.status == .open else { return }
        try await self.router.escalate(workspace, because: clock, under: active, in: transaction)
        if let unanswered {
            try await self.router.referrals.withdraw(
                unanswered, code: "unanswered", ruleVersion: active.version, in: transaction)
            try await self.router.reroute(
                unanswered, cause: .unanswered, of: workspace, under: active, in: transaction)
        }
        // Nobody called: the station that has the case now does.
        if clock.kind == .callBack {
            try self.router.clocks.start(
                .callBack, active.rules.callBack(for: workspace.facts.risk), of: clock.caseID, now: workspace.now,
                in: transaction)
        }
        // So many breaches may be a fact the rules ask for.
        guard let asked = active.rules.fewestBreachesAskedFor, workspace.facts.breaches + 1 >= asked else { return }
        _ = try await self.router.decideAgain(
            try await self.router.reader.workspace(of: clock.caseID, in: transaction), in: transaction)
    }
}

extension Router {
    /// Runs `body` with a clock that still runs and is due by the database's clock. Of one that is not, people are warned, and
    /// its row says when to look again.
    func whenDue(
        _ id: UUID, in transaction: PostgresTransaction, _ body: (DueClock) async throws -> Void
    ) async throws -> JobOutcome {
        // One that stands still is looked at when it runs on.
        guard let clock = try await ClockStore().byID(id, on: transaction), clock.status == .running,
            clock.pausedAt == nil
        else { return .completed }
        guard clock.isDue else {
            try await self.warn(of: clock, in: transaction)
            return .completed
        }
        try await body(clock)
        return .completed
    }

    /// A call-back's time has come: the owner's desk is told.
    func callBack(_ clock: DueClock, in transaction: PostgresTransaction) async throws {
        let workspace = try await self.reader.workspace(of: clock.caseID, in: transaction)
        guard try await ClockStore().end(clock.id, as: .met, actor: ClockKeeper.actor, in: transaction) else { return }
        try self.cases.recordEvent(
            of: clock.caseID, kind: .followUpDue,
            data: try PostgresJSON(encoding: ["clock": clock.name.rawValue]), in: transaction)
        try self.desk.notify(
            workspace.record.ownerStationID, of: clock.caseID, kind: "follow_up_due",
            priority: workspace.facts.risk.jobPriority, in: transaction)
        try self.desk.tell(of: clock.caseID, template: "follow_up", onlyIfAgreed: true, in: transaction)
        // An order that ends changes the danger.
        let reminders = workspace.active.rules.milestones[.protectionOrderInForce]?.reminders ?? []
        guard reminders.contains(clock.name) else { return }
        try await self.askForAssessment(
            of: clock.caseID, owner: workspace.record.ownerStationID, risk: workspace.facts.risk,
            because: .protectionOrderExpires, in: transaction)
    }
}
