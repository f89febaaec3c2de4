import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient

/// What follows when a consent is taken back, refused or over.
extension Router {
    /// The name of the clock that ends with a consent. Its time is the consent's own, so no rule defines it.
    static let consentExpiryClock = ClockName(rawValue: "consent_expiry")
    static let consentBasis = "《个人信息保护法》第十五条、第二十三条（单独同意及其期限）"

    /// Takes back what referrals that were revoked, or called off by their sender, have left behind: hand-overs that wait or are being leased, packages,
    /// clocks. Of what rests on a consent that holds no more, packages go even when the matter was settled before.
    func takeBackRevoked(_ workspace: CaseWorkspace, in transaction: PostgresTransaction) async throws {
        let lost = Set(
            workspace.facts.withoutConsent(workspace.referrals.compactMap(\.disclosed), at: workspace.now).map(\.id))
        let isTouched = workspace.referrals.contains { $0.isCalledOff || lost.contains($0.id) }
        if isTouched { try await JointStore().endLostParts(of: workspace.record.id, in: transaction) }
        for referral in workspace.referrals where referral.isCalledOff || lost.contains(referral.id) {
            let running = workspace.clocks.filter { $0.referralID == referral.id && $0.status == .running }
            if referral.isCalledOff, referral.status == .revoked || !running.isEmpty {
                // The hand-over's job before anything else of the referral, in the order an agency's answer locks them.
                try await self.jobs.cancel(
                    kind: ReferralOffered.kind, uniqueKey: ReferralWriter.handOverKey(referral.id),
                    code: referral.reasonCode ?? "revoked", in: transaction)
            }
            try await self.referrals.sealer.discard(referral.id, in: transaction)
            guard referral.isCalledOff, !running.isEmpty else { continue }
            try await self.keepOneClock(of: workspace, besides: Set(running.map(\.id)), in: transaction)
            try await self.clocks.end(running, as: .cancelled, in: transaction)
        }
    }

    /// Refusing stops no service: when the last clock of a case would go with a referral, the owner's own time starts.
    private func keepOneClock(
        of workspace: CaseWorkspace, besides ending: Set<UUID>, in transaction: PostgresTransaction
    ) async throws {
        guard workspace.record.status == .open,
            !workspace.clocks.contains(where: { $0.isRunning && $0.kind.carriesCase && !ending.contains($0.id) })
        else { return }
        try self.clocks.start(
            .caseAction, workspace.active.rules.caseAction(for: workspace.facts.risk), of: workspace.record.id,
            now: workspace.now, in: transaction)
        try self.desk.notify(
            workspace.record.ownerStationID, of: workspace.record.id, kind: "backstop",
            priority: workspace.facts.risk.jobPriority, in: transaction)
    }

    /// Sees to it that somebody looks when the next consent ends. Reading asks the consent itself, so nothing leaves
    /// after its end even when nobody looked.
    func watchConsents(of workspace: CaseWorkspace, by writes: inout CaseWrites) {
        let ends = workspace.facts.consents.filter { $0.status == .granted }.compactMap(\.expiresAt)
        guard let next = ends.filter({ $0 > workspace.now }).min() else { return }
        let isWatched = workspace.runningClocks(of: .consentExpiry).contains { $0.dueAt <= next }
        guard !isWatched else { return }
        let clock = NewClock(
            id: UUID(), name: Self.consentExpiryClock, basis: Self.consentBasis, dueAt: next)
        writes.clocks.append(ClockStart(clock, .consentExpiry, of: workspace.record.id))
    }

    /// A consent's last day is over: what rests on it alone is revoked, and the next one is watched.
    func endConsents(_ clock: DueClock, in transaction: PostgresTransaction) async throws {
        guard try await ClockStore().end(clock.id, as: .met, actor: ClockKeeper.actor, in: transaction) else { return }
        let revoked = try await ConsentStore().revokeExpired(of: clock.caseID, in: transaction)
        let workspace = try await self.reader.workspace(of: clock.caseID, in: transaction)
        try self.cases.recordEvent(
            of: clock.caseID, kind: .consentExpired, data: try PostgresJSON(encoding: ["revoked": revoked]),
            in: transaction)
        try await self.takeBackRevoked(workspace, in: transaction)
        var writes = CaseWrites()
        self.watchConsents(of: workspace, by: &writes)
        try writes.post(by: self.jobs, in: transaction)
    }
}

extension ReferralRecord {
    /// Whether it ended from outside: nobody is to find anything of it to work on.
    var isCalledOff: Bool { [.revoked, .cancelled, .enteredInError].contains(self.status) }

    /// What of it matters to consent; `nil` for words this version does not know.
    var disclosed: DisclosedReferral? {
        DisclosedReferral(
            id: self.id, agencyID: self.agencyID, agencyKind: self.agencyKind, purpose: self.purpose,
            profile: self.profile, basis: self.consentBasis, status: self.status)
    }
}

extension ClockRecord {
    /// Whether its time passes.
    var isRunning: Bool { self.status == .running && self.pausedAt == nil }
}
