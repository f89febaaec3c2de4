import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

extension Router {
    /// Decides anew on a case of which something has come to light: an outcome, a breach, that she is safe. Only what no
    /// referral was made for yet is opened. True when something was.
    ///
    /// - Parameter always: whether the decision is written down though it adds nothing.
    func decideAgain(
        _ workspace: CaseWorkspace, recording always: Bool = false, in transaction: PostgresTransaction
    ) async throws -> Bool {
        let decision = workspace.active.rules.decide(
            workspace.facts, directory: workspace.directory, now: workspace.now)
        // What was revoked may be asked for again once she agrees anew, and so may what did not hold.
        let known = workspace.summaries.filter { $0.status != .revoked && $0.status != .enteredInError }
        let new = decision.newTargets(besides: known)
        guard always || !new.isEmpty else { return false }
        var writes = CaseWrites()
        try self.record(decision, of: workspace, under: workspace.active, by: &writes)
        for target in new {
            try await self.referrals.open(
                target, of: workspace, under: workspace.active, by: &writes, in: transaction)
        }
        try writes.post(by: self.jobs, in: transaction)
        return !new.isEmpty
    }

    /// Starts the times that the outcome of a referral begins, such as the five days to ask for a review: each once for a
    /// case while it runs. When they end the owner's desk is told, as of a call-back.
    func startMilestones(
        of referral: ReferralRecord, _ outline: CaseOutline, under active: RuleSetCache.Active,
        in transaction: PostgresTransaction
    ) throws {
        let rules = active.rules
        guard let outcome = referral.outcome, let milestone = MilestoneKind(outcome).flatMap({ rules.milestones[$0] })
        else { return }
        for definition in milestone.clocks.compactMap(rules.clock) {
            let isKnown = outline.clocks.contains { clock in
                clock.name == definition.name && (clock.referralID == referral.id || clock.status == .running)
            }
            guard !isKnown else { continue }
            try self.clocks.start(
                .followUp, definition, of: outline.record.id, referral: referral.id, now: outline.moment.now,
                in: transaction)
            try self.cases.recordEvent(
                of: outline.record.id, kind: .followUpScheduled, ruleVersion: active.version,
                data: try PostgresJSON(encoding: ["clock": definition.name.rawValue]), in: transaction)
        }
    }
}
