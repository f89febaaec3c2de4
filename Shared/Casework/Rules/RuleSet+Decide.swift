public import FoundationEssentials

extension RuleSet {
    /// Applies the rules to the facts of a case.
    ///
    /// What holds for every decision, whatever the rules say: no mediation while the violence flag stands; nothing
    /// passes without consent except in the safety and mandatory-report stages and to the federation's own stations;
    /// an agency in `excludedAgencies` is never chosen; one referral per agency and purpose; and there is always an
    /// owner with a clock, because the county's backstop matches when nothing else does.
    public func decide(_ facts: CaseFacts, directory: AgencyDirectory, now: Date) -> RoutingDecision {
        let consents = facts.validConsents
        let bits = self.compiled.vocabulary.bits(of: facts, consents: consents, at: now)
        let matching = self.compiled.matching(bits).map { self.compiled.prepared[$0] }
        var draft = DecisionDraft(
            self, facts: facts, consents: consents, directory: directory, now: now, rules: matching)
        for prepared in matching where prepared.rule.stage != .backstop {
            draft.apply(prepared) {
                var reasons: [String] = []
                prepared.reasons.tell(bits, facts, to: &reasons)
                return reasons
            }
        }
        return self.decision(from: &draft)
    }

    /// Turns what was collected into a decision, with the backstop when nothing was.
    func decision(from draft: inout DecisionDraft) -> RoutingDecision {
        let facts = draft.facts
        let backstopUsed = draft.targets.isEmpty
        if backstopUsed {
            draft.widenOwner(to: .county)
            for prepared in self.compiled.prepared where prepared.rule.stage == .backstop {
                guard let reasons = prepared.rule.condition.match(facts, at: draft.now) else { continue }
                draft.apply(prepared) { reasons }
            }
            if draft.targets.isEmpty {
                draft.explain("无可转介部门，由旗县妇联维权站兜底办理。")
            }
        }
        let ownerDivision = facts.division(at: draft.ownerLevel)
        let clock = self.caseAction(for: facts.risk)
        draft.explain(
            "案件由\(ownerDivision.level.chinese)妇联维权站（\(ownerDivision)）负责，本级办理时限\(clock.duration.chinese)。")
        return RoutingDecision(
            ruleSetVersion: self.version, targets: draft.targets,
            withheld: draft.withheldInTheEnd,
            ownerLevel: ownerDivision.level, ownerDivision: ownerDivision, backstopUsed: backstopUsed,
            ownerClock: clock.name, explanation: draft.explanation, lane: draft.lane, notes: draft.notes)
    }

    /// The ids of the rules that hold for a case and are not set aside, in the order they are applied.
    public func matchingRuleIDs(_ facts: CaseFacts, at now: Date) -> [String] {
        self.compiled.matching(self.compiled.vocabulary.bits(of: facts, at: now)).map { self.rules[$0].id }
    }
}
