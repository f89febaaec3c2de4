import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient
import Safeguarding

/// Applies decisions of the rules to a case: referrals, owner, clocks, events, notices. The handlers call it inside the
/// transaction that completes their job.
struct Router: Sendable {
    let reader: CaseReader
    let jobs: JobStore
    let clocks: ClockKeeper
    let desk: Desk
    let referrals: ReferralWriter
    /// In which jobs go together; without them each goes alone.
    let rounds: RoutingRounds?
    let cases = CaseStore()

    init(
        jobs: JobStore, keyring: FieldKeyring, agencyKeys: AgencyKeys, quotas: AgencyQuotas, calendar: HolidayCalendar,
        rounds: RoutingRounds?
    ) {
        self.jobs = jobs
        self.rounds = rounds
        self.reader = CaseReader(calendar: calendar)
        self.clocks = ClockKeeper(jobs: jobs, calendar: calendar)
        self.desk = Desk(jobs: jobs)
        self.referrals = ReferralWriter(
            jobs: jobs, rules: self.reader.rules, clocks: self.clocks,
            sealer: PackageSealer(keyring: keyring, keys: agencyKeys), quotas: quotas, desk: self.desk)
    }

    /// Writes a decision down: what was decided and withheld, and the owner it names.
    func record(
        _ decision: RoutingDecision, of workspace: CaseWorkspace, under active: RuleSetCache.Active,
        movesOwner: Bool = true, by writes: inout CaseWrites
    ) throws {
        let caseID = workspace.record.id
        let priority = workspace.facts.risk.jobPriority
        let owner = workspace.station(of: decision.ownerDivision)?.id ?? workspace.record.ownerStationID
        writes.decisions.append(
            CaseDecision(
                of: caseID, ruleVersion: active.version, explanation: try PostgresJSON(encoding: decision),
                owner: owner))
        writes.also { self.desk.ring(priority: priority, in: $0) }
        for withheld in decision.withheld {
            let data = try PostgresJSON(encoding: withheld)
            writes.also {
                try self.cases.recordEvent(
                    of: caseID, kind: .referralWithheld, ruleVersion: active.version, data: data, in: $0)
            }
        }
        if decision.backstopUsed {
            writes.also { transaction in
                try self.cases.recordEvent(
                    of: caseID, kind: .backstopUsed, ruleVersion: active.version, data: PostgresJSON(text: "{}"),
                    in: transaction)
                try self.desk.notify(owner, of: caseID, kind: "backstop", priority: priority, in: transaction)
            }
        }
        if movesOwner, let station = workspace.station(of: decision.ownerDivision),
            station.id != workspace.record.ownerStationID
        {
            writes.also {
                try self.cases.changeOwner(
                    of: caseID, to: station.id, reason: "rules", actor: ClockKeeper.actor, in: $0)
            }
        }
    }

    /// Moves the case to the next station up and tells it; at the top tells the top again. The owner's clock starts anew,
    /// so the case is never without one.
    func escalate(
        _ workspace: CaseWorkspace, because clock: DueClock, under active: RuleSetCache.Active,
        in transaction: PostgresTransaction
    ) async throws {
        let record = workspace.record
        let above = workspace.stationAboveOwner()
        let level = above?.level ?? workspace.facts.ownerLevel
        if let above {
            try self.cases.changeOwner(
                of: record.id, to: above.id, reason: "clock_breached", actor: ClockKeeper.actor, in: transaction)
        }
        try self.cases.recordEscalation(
            of: record.id, referral: clock.referralID, from: above.map { _ in record.ownerStationID },
            data: try PostgresJSON(encoding: [
                "clock": clock.id.uuidString.lowercased(), "kind": clock.kind.rawValue, "name": clock.name.rawValue,
                "to_level": level.rawValue,
            ]), in: transaction)
        try self.desk.notify(
            above?.id ?? record.ownerStationID, of: record.id, kind: "escalated",
            priority: workspace.facts.risk.jobPriority, in: transaction)
        try await self.clocks.end(workspace.runningClocks(of: .caseAction), as: .cancelled, in: transaction)
        try self.clocks.start(
            .caseAction, active.rules.escalation(for: workspace.facts.risk, to: level), of: record.id,
            now: workspace.now, in: transaction)
    }

    /// Finds the next agency for a referral that was refused, failed or left unanswered.
    func reroute(
        _ referral: ReferralRecord, cause: RerouteCause, of workspace: CaseWorkspace, under active: RuleSetCache.Active,
        in transaction: PostgresTransaction
    ) async throws {
        let target = try referral.explanation.decode(RoutingTarget.self)
        let decision = active.rules.reroute(
            target, cause: cause, facts: workspace.facts, directory: workspace.directory, now: workspace.now)
        // After silence the escalation has moved the owner already.
        var writes = CaseWrites()
        try self.record(decision, of: workspace, under: active, movesOwner: cause != .unanswered, by: &writes)
        // The same may be under way or done at that agency already, on another rule's account.
        let taken = Set(workspace.referrals.filter { $0.id != referral.id && $0.occupiesItsAgency }.map(\.subject))
        let next = decision.targets.filter { !taken.contains($0.subject) }
        if next.isEmpty {
            let (record, priority) = (workspace.record, workspace.facts.risk.jobPriority)
            writes.also {
                try self.desk.notify(
                    record.ownerStationID, of: record.id, kind: "backstop", priority: priority, in: $0)
            }
        }
        try writes.post(by: self.jobs, in: transaction)
        for next in next {
            try self.cases.recordEvent(
                of: workspace.record.id, referral: referral.id, kind: .referralRerouted, ruleVersion: active.version,
                data: try PostgresJSON(encoding: ["agency": next.agencyID.uuidString.lowercased()]), in: transaction)
            try await self.referrals.open(next, replacing: referral, of: workspace, under: active, in: transaction)
        }
    }
}

/// What a referral asks of whom.
struct ReferralSubject: Hashable {
    let agency: UUID
    let purpose: Purpose
}

extension RoutingTarget {
    var subject: ReferralSubject { ReferralSubject(agency: self.agencyID, purpose: self.purpose) }
}

extension ReferralRecord {
    /// Whether the agency has, or had to an end, this very matter of the case: the database allows one of those.
    var occupiesItsAgency: Bool {
        switch self.status {
        case .rejected, .objected, .failed, .noShow, .cancelled, .revoked, .enteredInError: false
        case .draft, .requested, .received, .accepted, .scheduled, .inProgress, .onHold, .completed, .closedVerified,
            .cancelRequested:
            !self.isPast
        }
    }

    var subject: ReferralSubject { ReferralSubject(agency: self.agencyID, purpose: self.purpose) }
}
