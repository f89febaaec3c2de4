import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

/// Opens a referral: the row with its explanation, the sealed package, the answer clock and the hand-over in the agency's
/// queue, all in the caller's transaction.
struct ReferralWriter: Sendable {
    let jobs: JobStore
    let rules: RuleSetCache
    let clocks: ClockKeeper
    let sealer: PackageSealer
    let quotas: AgencyQuotas
    let desk: Desk

    static func handOverKey(_ referral: UUID) -> String {
        "referral:" + referral.uuidString.lowercased()
    }

    /// - Parameter elsewhere: the agency, when it is none of those around the case.
    func open(
        _ target: RoutingTarget, replacing predecessor: ReferralRecord? = nil, to elsewhere: RoutableAgency? = nil,
        of workspace: CaseWorkspace, under active: RuleSetCache.Active, in transaction: PostgresTransaction
    ) async throws {
        let caseID = workspace.record.id
        // What an agency does not answer is not sealed for it without end. An emergency asks nobody for room.
        var hasRoom = target.consentBasis == .emergency
        if !hasRoom { hasRoom = try await self.quotas.hasRoom(target.agencyID, in: transaction) }
        var generator = SystemRandomNumberGenerator()
        let referral = NewReferral(
            id: UUID(), number: ReferralNumber.random(using: &generator), caseID: caseID, agencyID: target.agencyID,
            purpose: target.purpose, profile: target.profile, tier: target.division.level, ruleVersion: active.version,
            explanation: try PostgresJSON(encoding: target), legalBasis: target.legalBases.joined(separator: "；"),
            consentBasis: target.consentBasis, priority: workspace.facts.risk.jobPriority,
            outcomeClock: target.outcomeClock, predecessorID: predecessor?.id)
        try ReferralStore().create(referral, in: transaction)
        let clock = try await self.rules.clock(
            target.answerClock, of: active, orVersion: predecessor?.ruleVersion ?? active.version, on: transaction)
        try self.clocks.start(
            .referralAnswer, clock, of: caseID, referral: referral.id, now: workspace.now, in: transaction)

        let agency = elsewhere ?? workspace.agencies[target.agencyID]
        var sealed: PackageSealer.Sealed?
        if let agency, hasRoom {
            sealed = try self.sealer.seal(PackageSealer.Order(referral), for: agency, of: workspace, in: transaction)
        }
        self.quotas.opened(target.agencyID, bytes: sealed?.size ?? 0)
        try self.jobs.post(
            JobRequest(
                ReferralOffered(referralID: referral.id), queue: Queues.agency(target.agencyID),
                priority: referral.priority, maximumAttempts: 1000, uniqueKey: Self.handOverKey(referral.id)),
            in: transaction)
        if let agency, agency.webhookURL != nil {
            let delivery = try GatewayStore().addWebhookDelivery(
                agency: agency.agency.id, referral: referral.id, event: "referral.offered", in: transaction)
            try self.jobs.post(
                JobRequest(WebhookDelivery(deliveryID: delivery), queue: Queues.gateway), in: transaction)
        }
        if sealed == nil || target.consentBasis == .emergency {
            try self.call(target.consentBasis, referral.priority, of: workspace, in: transaction)
        }
    }

    /// An emergency waits for nobody's system, and an agency without a key cannot read a package: somebody calls.
    func call(
        _ basis: ConsentBasis, _ priority: Int, of workspace: CaseWorkspace, in transaction: PostgresTransaction
    ) throws {
        try self.desk.notify(
            workspace.record.ownerStationID, of: workspace.record.id,
            kind: basis == .emergency ? "call_agency_emergency" : "call_agency", priority: priority, in: transaction)
    }

    /// Takes a hand-over back that nobody has answered.
    func withdraw(
        _ referral: ReferralRecord, code: String, ruleVersion: Int64, in transaction: PostgresTransaction
    ) async throws {
        // The job before the referral, in the order in which an answer of the agency locks them.
        try await self.jobs.cancel(
            kind: ReferralOffered.kind, uniqueKey: Self.handOverKey(referral.id), code: code, in: transaction)
        try await ReferralStore().setStatus(
            of: referral.id, to: .cancelled, code: code, actor: ClockKeeper.actor, ruleVersion: ruleVersion,
            in: transaction)
    }
}
