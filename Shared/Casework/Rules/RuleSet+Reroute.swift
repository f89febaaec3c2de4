public import FoundationEssentials

/// Why a referral needs another agency.
public enum RerouteCause: Hashable, Sendable {
    /// The agency refused it, and may have named the kind of agency it thinks responsible.
    case rejected(suggested: AgencyKind?)
    /// Its answer or outcome clock ran out: the same kind one level up.
    case unanswered
    /// It tried without result.
    case failed
}

extension RuleSet {
    /// Decides where a referral goes next that was rejected, failed or left unanswered. At most one target; the
    /// county's backstop when no agency is left. The same gates hold as in ``decide(_:directory:now:)``.
    ///
    /// - A suggested kind is tried first, beginning at the level of the agency that refused. A referral that passed
    ///   without consent may only go to a kind to which some rule sends that purpose without consent.
    /// - Then the same kind: after a rejection any other agency from that level up; after silence or failure only wider
    ///   ones.
    ///
    /// After silence the owner moves a level up as well (``EscalationLadder``): the decision's owner is the new one.
    public func reroute(
        _ target: RoutingTarget, cause: RerouteCause, facts: CaseFacts, directory: AgencyDirectory, now: Date
    ) -> RoutingDecision {
        var draft = DecisionDraft(
            self, facts: facts, consents: facts.validConsents, directory: directory, now: now,
            alsoExcluding: [target.agencyID])
        if cause == .unanswered, case .moveUp(let level) = EscalationLadder.step(above: facts.ownerLevel) {
            draft.widenOwner(to: level)
        }
        for attempt in self.attempts(after: target, cause: cause) {
            let rule = Rule(
                id: target.ruleIDs.first ?? "reroute", stage: target.stage, title: attempt.title,
                condition: RuleCondition(), targets: [attempt.target], basis: target.legalBases.first ?? "")
            draft.apply(PreparedRule(rule, reasons: .none, clocks: self.clockBook)) {
                target.reasonCodes + [attempt.reason]
            }
            if !draft.targets.isEmpty { break }
        }
        return self.decision(from: &draft)
    }

    private struct Attempt {
        let target: RuleTarget
        let title: String
        let reason: String
    }

    private func attempts(after target: RoutingTarget, cause: RerouteCause) -> [Attempt] {
        switch cause {
        case .rejected(let suggested):
            let level = WantedLevel.at(target.division.level)
            let same = Attempt(
                target: self.again(target, kind: target.agencyKind, level: level), title: "原部门退回，另行转介",
                reason: "rejected")
            guard let suggested, suggested != target.agencyKind,
                target.consentBasis == .consent || self.sendsWithoutConsent(suggested, for: target.purpose)
            else { return [same] }
            let other = Attempt(
                target: self.again(target, kind: suggested, level: level), title: "原部门退回并建议转办",
                reason: "suggested:\(suggested)")
            return [other, same]
        case .unanswered:
            return self.widerAttempt(target, title: "超时未答复，提级转介", reason: "unanswered")
        case .failed:
            return self.widerAttempt(target, title: "办理未果，提级转介", reason: "failed")
        }
    }

    private func widerAttempt(_ target: RoutingTarget, title: String, reason: String) -> [Attempt] {
        guard let wider = target.division.level.wider else { return [] }
        return [
            Attempt(
                target: self.again(target, kind: target.agencyKind, level: .at(wider)), title: title, reason: reason)
        ]
    }

    private func again(_ target: RoutingTarget, kind: AgencyKind, level: WantedLevel) -> RuleTarget {
        RuleTarget(
            agencyKind: kind, level: level, purpose: target.purpose, profile: target.profile,
            answerClock: target.answerClock, outcomeClock: target.outcomeClock,
            consentRequired: target.consentBasis == .consent, legalBasis: target.legalBases.first ?? "",
            assignees: target.assignees)
    }

    /// Whether some rule sends a purpose to a kind of agency without consent, at a stage that may.
    public func sendsWithoutConsent(_ kind: AgencyKind, for purpose: Purpose) -> Bool {
        self.rules.contains { rule in
            rule.stage.consentFreeBasis(for: kind) != nil
                && rule.targets.contains {
                    $0.agencyKind == kind && $0.purpose == purpose && !$0.consentRequired
                }
        }
    }
}
