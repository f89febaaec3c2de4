import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobTypes
import JobWorker
import PostgresClient

/// Follows a referral: looks at where it stands now, not at what the job says happened, so that repeats and jobs that
/// overtake each other lead to the same end.
struct ReferralAnsweredHandler: JobHandler {
    let router: Router

    func run(_ arguments: ReferralAnswered, _ context: JobContext) async throws -> JobOutcome {
        try await self.router.together(arguments.referralID, context, "follow_referrals", self.plan) {
            try await self.follow(arguments, context)
        }
    }

    /// The usual in a round: the agency has said yes, or how far it is, and nothing follows but what the clocks show.
    @Sendable private func plan(
        _ referrals: [UUID], _ transaction: PostgresTransaction
    ) async throws -> [UUID: CaseWrites] {
        let cases = try await ReferralStore().cases(of: referrals, on: transaction)
        let outlines = try await self.router.reader.outlines(of: Array(Set(cases.values)), in: transaction)
        var plans: [UUID: CaseWrites] = [:]
        var seen: Set<UUID> = []
        for id in referrals {
            // Of one case one at a time: what the first writes the second has not read.
            guard let caseID = cases[id], let outline = outlines[caseID], seen.insert(caseID).inserted else { continue }
            guard outline.record.status == .open,
                let referral = outline.referrals.first(where: { $0.id == id }), referral.isUsual
            else { continue }
            let progress = CaseProgress(outline.summaries)
            guard !progress.isSafe, !progress.isSettled else { continue }
            let active = try await self.router.reader.active(outline, in: transaction)
            var writes = CaseWrites()
            try await self.turnClocks(of: referral, outline, active, by: &writes, in: transaction)
            plans[id] = writes
        }
        return plans
    }

    private func follow(_ arguments: ReferralAnswered, _ context: JobContext) async throws -> JobOutcome {
        try await context.completing("follow_referral") { transaction in
            let caseID = try await self.router.reader.caseOf(arguments.referralID, in: transaction)
            let outline = try await self.router.reader.outline(of: caseID, in: transaction)
            guard outline.record.status == .open,
                let referral = outline.referrals.first(where: { $0.id == arguments.referralID })
            else { return }
            let active = try await self.router.reader.active(outline, in: transaction)
            var writes = CaseWrites()
            try await self.turnClocks(of: referral, outline, active, by: &writes, in: transaction)
            try writes.post(by: self.router.jobs, in: transaction)
            try self.router.startMilestones(of: referral, outline, under: active, in: transaction)
            if referral.status == .scheduled {
                try self.router.desk.tell(
                    of: caseID, template: "appointment", referral: referral.id, onlyIfAgreed: true, in: transaction)
            }
            let progress = CaseProgress(outline.summaries)
            try await self.router.lookAtDanger(after: referral, outline, in: transaction)
            let isAskedFor = referral.outcome.map(active.rules.outcomesAskedFor.contains) ?? false
            guard referral.mayNeedAnother || progress.isSafe || progress.isSettled || isAskedFor else { return }
            let workspace = try await self.router.reader.workspace(of: caseID, in: transaction)
            let hasMoved = try await self.moveOn(referral, workspace, workspace.active, in: transaction)
            try await self.router.progress(
                hasMoved ? try await self.router.reader.workspace(of: caseID, in: transaction) : workspace,
                in: transaction)
        }
    }

    /// The first answer of an agency is the case's first response; a yes starts the time for the outcome.
    private func turnClocks(
        of referral: ReferralRecord, _ outline: CaseOutline, _ active: RuleSetCache.Active,
        by writes: inout CaseWrites, in transaction: PostgresTransaction
    ) async throws {
        guard referral.status.isAnswered else { return }
        if referral.status.isUnderWay, outline.clocks.allSatisfy({ !$0.isOutcome(of: referral.id) }) {
            let clock = try await self.router.reader.rules.clock(
                referral.outcomeClock, of: active, orVersion: referral.ruleVersion, on: transaction)
            writes.clocks.append(
                self.router.clocks.clock(
                    .referralOutcome, clock, of: outline.record.id, referral: referral.id,
                    // From the agency's yes: an outage of ours must not lengthen a statutory time.
                    now: referral.answeredAt ?? outline.moment.now))
        }
        var met = outline.runningClocks(of: .referralAnswer, referral: referral.id)
        met += outline.runningClocks(of: .firstResponse)
        if !referral.status.isUnderWay {
            met += outline.runningClocks(of: .referralOutcome, referral: referral.id)
        }
        writes.metClocks += met.map(\.id)
    }

    /// A refusal or a failure never ends a case: the next agency is found, once. False when there was nothing to do.
    private func moveOn(
        _ referral: ReferralRecord, _ workspace: CaseWorkspace, _ active: RuleSetCache.Active,
        in transaction: PostgresTransaction
    ) async throws -> Bool {
        guard workspace.referrals.allSatisfy({ $0.predecessorID != referral.id }) else { return false }
        let cause: RerouteCause
        switch referral.status {
        case .rejected: cause = .rejected(suggested: referral.suggestedKind)
        case .failed, .noShow: cause = .failed
        case .objected:
            return try await self.router.objection(to: referral, of: workspace, under: active, in: transaction)
        case .draft, .requested, .received, .accepted, .scheduled, .inProgress, .onHold, .completed, .closedVerified,
            .cancelRequested, .cancelled, .revoked, .enteredInError:
            return false
        }
        if let kind = referral.status.notice {
            try self.router.desk.notify(
                workspace.record.ownerStationID, of: workspace.record.id, kind: kind,
                priority: workspace.facts.risk.jobPriority, in: transaction)
        }
        try await self.router.reroute(referral, cause: cause, of: workspace, under: active, in: transaction)
        return true
    }
}

extension ReferralStatus {
    /// What the owner's desk is told when an agency would not.
    var notice: String? {
        switch self {
        case .rejected: "referral_rejected"
        case .objected: "objected"
        case .draft, .requested, .received, .accepted, .scheduled, .inProgress, .onHold, .completed, .failed, .noShow,
            .closedVerified, .cancelRequested, .cancelled, .revoked, .enteredInError:
            nil
        }
    }
}

extension ReferralRecord {
    /// The agency would not or could not: the search goes on.
    var mayNeedAnother: Bool { [.rejected, .objected, .failed, .noShow].contains(self.status) }

    /// It goes its way and nobody has to be told: the clocks are all that follows.
    var isUsual: Bool { [.received, .accepted, .inProgress, .onHold].contains(self.status) && self.outcome == nil }
}

extension ClockRecord {
    func isOutcome(of referral: UUID) -> Bool {
        self.kind == .referralOutcome && self.referralID == referral
    }
}

extension CaseWorkspace {
    /// A referral came to nothing and no other took its place: the owner has the case, and closing it is staff's to say.
    var hasUnreplacedFailure: Bool {
        let replaced = Set(self.referrals.compactMap(\.predecessorID))
        return self.referrals.contains { referral in
            [.rejected, .failed, .noShow, .cancelled].contains(referral.status) && !replaced.contains(referral.id)
                && !self.referrals.contains {
                    $0.purpose == referral.purpose && !$0.isPast
                        && [.completed, .closedVerified].contains($0.status)
                }
        }
    }
}
