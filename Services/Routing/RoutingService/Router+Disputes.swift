import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import PostgresClient

/// Disputes of agencies about who is responsible. The first objection for a purpose sends the referral on; the second asks
/// the common superior (Petition Regulations art. 23, 24), and until it has decided the case stays with its owner.
extension Router {
    /// The name of the clock in which the superior decides; the rules may define it.
    static let decisionClock = ClockName(rawValue: "superior_decision")

    /// An agency objects. True when something was changed.
    func objection(
        to referral: ReferralRecord, of workspace: CaseWorkspace, under active: RuleSetCache.Active,
        in transaction: PostgresTransaction
    ) async throws -> Bool {
        let earlier = workspace.referrals.filter {
            $0.id != referral.id && $0.purpose == referral.purpose && $0.wasObjectedTo
        }
        guard !earlier.isEmpty else {
            try await self.referrals.withdraw(
                referral, code: ReferralRecord.objected, ruleVersion: active.version, in: transaction)
            try await self.reroute(
                referral, cause: .rejected(suggested: referral.suggestedKind), of: workspace, under: active,
                in: transaction)
            return true
        }
        let parties = earlier + [referral]
        let known = try await DisputeStore().commonSuperior(of: parties.map(\.agencyID), in: transaction)
        let division = known ?? ObjectionCourse.commonSuperior(of: parties.map(\.division))
        return try await self.ask(
            division, about: referral.purpose, parties.map(\.agencyID), of: workspace, under: active, in: transaction)
    }

    private func ask(
        _ division: DivisionCode, about purpose: Purpose, _ agencies: [UUID], of workspace: CaseWorkspace,
        under active: RuleSetCache.Active, in transaction: PostgresTransaction
    ) async throws -> Bool {
        let caseID = workspace.record.id
        let station = workspace.station(around: division)
        let asked = try await DisputeStore().ask(
            station?.division ?? division, about: purpose, agencies, of: caseID, in: transaction)
        guard asked else { return false }
        try self.startDecision(of: workspace, under: active, in: transaction)
        if let station, station.id != workspace.record.ownerStationID, station.level < workspace.facts.ownerLevel {
            try self.cases.changeOwner(
                of: caseID, to: station.id, reason: "objected", actor: ClockKeeper.actor, in: transaction)
        }
        try self.desk.notify(
            station?.id ?? workspace.record.ownerStationID, of: caseID, kind: "objected",
            priority: workspace.facts.risk.jobPriority, in: transaction)
        return true
    }

    private func startDecision(
        of workspace: CaseWorkspace, under active: RuleSetCache.Active, in transaction: PostgresTransaction
    ) throws {
        let definition =
            active.rules.clock(Self.decisionClock)
            ?? ClockDefinition(
                name: Self.decisionClock, duration: ObjectionCourse.decisionTime,
                basis: "《信访工作条例》第二十四条；两个工作日为内部规定，可配置")
        try self.clocks.start(
            .superiorDecision, definition, of: workspace.record.id, now: workspace.now, in: transaction)
    }

    /// Nobody has decided in time: the next station up has to, and the time starts anew.
    func decisionOverdue(_ clock: DueClock, in transaction: PostgresTransaction) async throws {
        let workspace = try await self.reader.workspace(of: clock.caseID, in: transaction)
        let store = DisputeStore()
        let open = try await store.open(of: clock.caseID, in: transaction).filter { $0.decided == nil }
        guard try await self.clocks.fire(clock.id, in: transaction), workspace.record.status == .open else { return }
        try await self.escalate(workspace, because: clock, under: workspace.active, in: transaction)
        guard !open.isEmpty else { return }
        for dispute in open {
            guard let above = workspace.station(above: dispute.division) else { continue }
            try await store.move(dispute.purpose, of: clock.caseID, to: above.division, in: transaction)
            try self.desk.notify(
                above.id, of: clock.caseID, kind: "objected", priority: workspace.facts.risk.jobPriority,
                in: transaction)
        }
        try self.startDecision(of: workspace, under: workspace.active, in: transaction)
    }

    /// Does what a superior has decided: the referral goes to the agency it named, whichever that is, and binds it; what
    /// the others objected to is taken back. True when something was done.
    func settleDisputes(of workspace: CaseWorkspace, in transaction: PostgresTransaction) async throws -> Bool {
        let store = DisputeStore()
        // Without a referral that was objected to there is no dispute.
        guard workspace.referrals.contains(where: { $0.status == .objected }) else { return false }
        let disputes = try await store.open(of: workspace.record.id, in: transaction)
        var hasMoved = false
        for dispute in disputes {
            guard let agency = dispute.decided else { continue }
            try await self.settle(dispute.purpose, with: agency, of: workspace, in: transaction)
            try await store.settle(dispute.purpose, of: workspace.record.id, in: transaction)
            hasMoved = true
        }
        if hasMoved, disputes.allSatisfy({ $0.decided != nil }) {
            try await self.clocks.end(workspace.runningClocks(of: .superiorDecision), as: .met, in: transaction)
        }
        return hasMoved
    }

    private func settle(
        _ purpose: Purpose, with agency: UUID, of workspace: CaseWorkspace, in transaction: PostgresTransaction
    ) async throws {
        let disputed = workspace.referrals.filter { $0.purpose == purpose && $0.status == .objected }
        for referral in disputed {
            try await self.referrals.withdraw(
                referral, code: ReferralRecord.objected, ruleVersion: workspace.active.version, in: transaction)
        }
        let taken = workspace.referrals.contains {
            $0.purpose == purpose && $0.agencyID == agency && $0.occupiesItsAgency && $0.status != .objected
        }
        guard !taken, let last = disputed.last,
            let found = try await AgencyStore().byID([agency], on: transaction).first
        else { return }
        let before = try last.explanation.decode(RoutingTarget.self)
        guard try await self.mayBeTold(found.agency, before, of: workspace, in: transaction) else { return }
        let target = RoutingTarget(
            agencyKind: found.agency.kind, agencyID: agency, division: found.agency.division, purpose: purpose,
            profile: before.profile, answerClock: before.answerClock, outcomeClock: before.outcomeClock,
            consentBasis: before.consentBasis, stage: before.stage, ruleIDs: before.ruleIDs,
            reasonCodes: before.reasonCodes + ["superior_decided"], legalBases: before.legalBases,
            assignees: before.assignees, alternatives: [])
        try await self.referrals.open(
            target, replacing: last, to: found, of: workspace, under: workspace.active, in: transaction)
    }

    /// A superior decides who is responsible, not what may be disclosed: without her consent, or a rule that needs none,
    /// the agency it named is not told, and the owner speaks with her.
    private func mayBeTold(
        _ agency: Agency, _ before: RoutingTarget, of workspace: CaseWorkspace, in transaction: PostgresTransaction
    ) async throws -> Bool {
        let answer = workspace.facts.validConsents.answer(
            for: agency.kind, before.purpose, needing: before.profile.dataKinds, at: workspace.now, about: agency.id)
        let isAllowed =
            before.consentBasis == .consent
            ? answer == .granted
            : agency.kind == before.agencyKind
                || workspace.active.rules.sendsWithoutConsent(agency.kind, for: before.purpose)
        guard !isAllowed else { return true }
        try self.cases.recordEvent(
            of: workspace.record.id, kind: .referralWithheld, ruleVersion: workspace.active.version,
            data: try PostgresJSON(
                encoding: WithheldTarget(
                    agencyKind: agency.kind, purpose: before.purpose,
                    why: WithheldReason(answer) ?? .missingConsent, ruleID: before.ruleIDs.first ?? "")),
            in: transaction)
        try self.desk.notify(
            workspace.record.ownerStationID, of: workspace.record.id, kind: "backstop",
            priority: workspace.facts.risk.jobPriority, in: transaction)
        return false
    }
}

extension ReferralRecord {
    /// The code of a referral that was taken back because its agency objected.
    static let objected = "objected"

    /// Whether its agency said it was sent wrongly, whatever became of it since.
    var wasObjectedTo: Bool {
        self.status == .objected || self.status == .cancelled && self.reasonCode == Self.objected
    }
}

extension CaseWorkspace {
    /// The station that decides for a division: its own, or the nearest around it on the case's way up.
    func station(around division: DivisionCode) -> Station? {
        let around = division.path
        return self.path.first { around.contains($0.division.code) && $0.station != nil }?.station
            ?? self.path.compactMap(\.station).last
    }

    /// The next station above a division, on the case's way up.
    func station(above division: DivisionCode) -> Station? {
        self.path.compactMap(\.station).first { $0.level < division.level }
    }
}
