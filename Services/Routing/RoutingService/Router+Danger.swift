import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import PostgresClient

/// Danger changes with what happens (S26): each such event has the owner assess it anew.
extension Router {
    /// Asks for an assessment because of what came of a referral: an order was made, or a referral for her safety came to
    /// nothing.
    func lookAtDanger(
        after referral: ReferralRecord, _ outline: CaseOutline, in transaction: PostgresTransaction
    ) async throws {
        let occasion: RiskEvent
        switch referral.status {
        case .completed where referral.outcome == .protectionOrderIssued: occasion = .protectionOrderIssued
        case .failed where referral.purpose.isForSafety, .noShow where referral.purpose.isForSafety:
            occasion = .safetyReferralFailed
        case .draft, .requested, .received, .accepted, .rejected, .objected, .scheduled, .inProgress, .onHold,
            .completed,
            .failed, .noShow, .closedVerified, .cancelRequested, .cancelled, .revoked, .enteredInError:
            return
        }
        try await self.askForAssessment(
            of: outline.record.id, owner: outline.record.ownerStationID, risk: outline.record.risk, because: occasion,
            referral: referral.id, in: transaction)
    }

    /// Tells the owner to assess the danger anew.
    func askForAssessment(
        of caseID: UUID, owner: UUID, risk: RiskLevel, because occasion: RiskEvent, referral: UUID? = nil,
        in transaction: PostgresTransaction
    ) async throws {
        try self.cases.recordEvent(
            of: caseID, referral: referral, kind: .riskReviewDue,
            data: try PostgresJSON(encoding: ["occasion": occasion.rawValue]), in: transaction)
        try self.desk.notify(owner, of: caseID, kind: "re_assess", priority: risk.jobPriority, in: transaction)
    }

    /// Keeps the time until the next assessment running while the level asks for one.
    func watchDanger(of workspace: CaseWorkspace, by writes: inout CaseWrites) {
        guard let review = workspace.active.rules.riskReview(for: workspace.facts.risk),
            workspace.runningClocks(of: .riskReview).isEmpty
        else { return }
        writes.clocks.append(
            self.clocks.clock(.riskReview, review, of: workspace.record.id, now: workspace.now))
    }

    /// Nobody has assessed the danger in time: the owner is told, and so is the station above it; the time starts anew.
    func reviewOverdue(_ clock: DueClock, in transaction: PostgresTransaction) async throws {
        let workspace = try await self.reader.workspace(of: clock.caseID, in: transaction)
        guard try await self.clocks.fire(clock.id, in: transaction), workspace.record.status == .open else { return }
        try await self.askForAssessment(
            of: clock.caseID, owner: workspace.record.ownerStationID, risk: workspace.facts.risk, because: .contact,
            in: transaction)
        if let above = workspace.stationAboveOwner() {
            try self.desk.notify(
                above.id, of: clock.caseID, kind: "re_assess", priority: workspace.facts.risk.jobPriority,
                in: transaction)
        }
        guard let review = workspace.active.rules.riskReview(for: workspace.facts.risk) else { return }
        try self.clocks.start(.riskReview, review, of: clock.caseID, now: workspace.now, in: transaction)
    }
}

extension Purpose {
    /// Whether what is asked is to end a danger.
    var isForSafety: Bool {
        [.emergencyResponse, .mandatoryReport, .policeReport, .protectionOrder, .guardianship, .safePlacement]
            .contains(self)
    }
}
