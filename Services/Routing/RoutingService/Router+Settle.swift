import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import PostgresClient

extension Router {
    /// Closes a case of which nothing is open any more, once somebody has called back; until then sees to it that somebody
    /// does. A call-back that says it is not settled keeps the case with its owner.
    ///
    /// - Parameter isSettled: false when only the owner's own decision could close it.
    func settle(
        _ workspace: CaseWorkspace, _ progress: CaseProgress, isSettled: Bool, in transaction: PostgresTransaction
    ) async throws {
        let caseID = workspace.record.id
        let store = ClosingStore()
        let (asked, settledAt) = try await store.closing(of: caseID, on: transaction)
        guard isSettled || asked != nil else { return }
        let obstacles = ClosingGate.obstacles(
            progress, risk: workspace.facts.risk, isSafe: workspace.facts.flags.contains(.safe),
            withoutReplacement: asked == nil && !isSettled,
            callBacks: try await store.callBacks(of: caseID, on: transaction),
            settledAt: settledAt ?? workspace.record.openedAt)
        if obstacles.isEmpty {
            try await self.close(workspace, outcome: asked ?? progress.outcome, workspace.active, in: transaction)
        } else if !obstacles.contains(.openReferral), !obstacles.contains(.notSettled) {
            try await self.askForCallBack(workspace, in: transaction)
        }
    }

    /// Looks at what she said when she was called last: when it does not hold, the owner takes the case up again.
    func hearCallBack(of workspace: CaseWorkspace, in transaction: PostgresTransaction) async throws {
        guard let askedAt = workspace.runningClocks(of: .callBack).map(\.startedAt).min() else { return }
        let calls = try await ClosingStore().callBacks(of: workspace.record.id, on: transaction)
        guard let last = calls.max(by: { $0.at < $1.at }), last.at >= askedAt, last.result.isBad else { return }
        try await self.takeUpAgain(workspace, in: transaction)
    }

    /// Starts the owner's time to call her, once.
    private func askForCallBack(_ workspace: CaseWorkspace, in transaction: PostgresTransaction) async throws {
        let caseID = workspace.record.id
        guard workspace.runningClocks(of: .callBack).isEmpty else { return }
        try self.clocks.start(
            .callBack, workspace.active.rules.callBack(for: workspace.facts.risk), of: caseID, now: workspace.now,
            in: transaction)
        try self.cases.recordEvent(
            of: caseID, kind: .callBackAsked, ruleVersion: workspace.active.version, data: PostgresJSON(text: "{}"),
            in: transaction)
        try self.desk.notify(
            workspace.record.ownerStationID, of: caseID, kind: "call_back_due",
            priority: workspace.facts.risk.jobPriority, in: transaction)
    }

    /// She says it is not settled: the owner has it in hand again, on its own time.
    private func takeUpAgain(_ workspace: CaseWorkspace, in transaction: PostgresTransaction) async throws {
        let callBacks = workspace.runningClocks(of: .callBack)
        guard !callBacks.isEmpty else { return }
        if workspace.runningClocks(of: .caseAction).isEmpty {
            try self.clocks.start(
                .caseAction, workspace.active.rules.caseAction(for: workspace.facts.risk), of: workspace.record.id,
                now: workspace.now, in: transaction)
        }
        try await self.clocks.end(callBacks, as: .met, in: transaction)
        try self.desk.notify(
            workspace.record.ownerStationID, of: workspace.record.id, kind: "not_settled",
            priority: workspace.facts.risk.jobPriority, in: transaction)
    }

    /// Closes the case, starts its follow-ups and has the help-seekers told, within their safe-contact rules.
    private func close(
        _ workspace: CaseWorkspace, outcome: Outcome, _ active: RuleSetCache.Active,
        in transaction: PostgresTransaction
    ) async throws {
        let caseID = workspace.record.id
        // Those of an earlier closing, which did not hold, are counted anew.
        let names = Set(RiskLevel.allCases.flatMap { active.rules.followUps(for: $0).map(\.name) })
        try await self.clocks.end(
            workspace.runningClocks(of: .followUp).filter { $0.referralID == nil && names.contains($0.name) },
            as: .cancelled, in: transaction)
        for definition in active.rules.followUps(for: workspace.facts.risk) {
            try self.clocks.start(.followUp, definition, of: caseID, now: workspace.now, in: transaction)
            try self.cases.recordEvent(
                of: caseID, kind: .followUpScheduled, ruleVersion: active.version,
                data: try PostgresJSON(encoding: ["clock": definition.name.rawValue]), in: transaction)
        }
        guard try await self.cases.close(caseID, outcome: outcome, actor: ClockKeeper.actor, in: transaction) else {
            return
        }
        try self.desk.tell(of: caseID, template: "news_for_you", onlyIfAgreed: false, in: transaction)
        try self.desk.notify(
            workspace.record.ownerStationID, of: caseID, kind: "case_closed",
            priority: workspace.facts.risk.jobPriority, in: transaction)
    }
}
