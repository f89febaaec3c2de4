import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding

/// Opens a referral: the row with its explanation, the sealed package, the answer clock and the hand-over in the agency's
/// queue, all in one transaction.
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

    /// Opens a referral in the caller's transaction.
    func open(
        _ target: RoutingTarget, replacing predecessor: ReferralRecord? = nil, to elsewhere: RoutableAgency? = nil,
        of workspace: CaseWorkspace, under active: RuleSetCache.Active, in transaction: PostgresTransaction
    ) async throws {
        var writes = CaseWrites()
        try await self.open(
            target, replacing: predecessor, to: elsewhere, of: workspace, under: active, by: &writes, in: transaction)
        try writes.post(by: self.jobs, in: transaction)
    }

    /// What opening a referral writes. `transaction` is only read from.
    /// - Parameter elsewhere: the agency, when it is none of those around the case.
    func open(
        _ target: RoutingTarget, replacing predecessor: ReferralRecord? = nil, to elsewhere: RoutableAgency? = nil,
        of workspace: CaseWorkspace, under active: RuleSetCache.Active, by writes: inout CaseWrites,
        in transaction: PostgresTransaction
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
        writes.referrals.append(referral)
        let clock = try await self.rules.clock(
            target.answerClock, of: active, orVersion: predecessor?.ruleVersion ?? active.version, on: transaction)
        writes.clocks.append(
            self.clocks.clock(.referralAnswer, clock, of: caseID, referral: referral.id, now: workspace.now))

        let agency = elsewhere ?? workspace.agencies[target.agencyID]
        var sealed: NewSealedPackage?
        if let agency, hasRoom {
            sealed = try self.sealer.seal(PackageSealer.Order(referral), for: agency, of: workspace)
        }
        if let sealed { writes.packages.append(sealed) }
        self.quotas.opened(target.agencyID, bytes: sealed?.sealed.bytes.count ?? 0)
        writes.jobs.append(
            try JobRequest(
                ReferralOffered(referralID: referral.id), queue: Queues.agency(target.agencyID),
                priority: referral.priority, maximumAttempts: 1000, uniqueKey: Self.handOverKey(referral.id)))
        if let agency, agency.webhookURL != nil {
            writes.also { [jobs] transaction in
                let delivery = try GatewayStore().addWebhookDelivery(
                    agency: agency.agency.id, referral: referral.id, event: "referral.offered", in: transaction)
                try jobs.post(
                    JobRequest(WebhookDelivery(deliveryID: delivery), queue: Queues.gateway), in: transaction)
            }
        }
        if sealed == nil || target.consentBasis == .emergency {
            let record = workspace.record
            writes.also { try self.call(target.consentBasis, referral.priority, of: record, in: $0) }
        }
    }

    /// An emergency waits for nobody's system, and an agency without a key cannot read a package: somebody calls.
    func call(
        _ basis: ConsentBasis, _ priority: Int, of record: CaseRecord, in transaction: PostgresTransaction
    ) throws {
        try self.desk.notify(
            record.ownerStationID, of: record.id,
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
