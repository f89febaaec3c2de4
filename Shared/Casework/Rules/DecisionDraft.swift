import FoundationEssentials

/// What rules have given so far while a decision is made. The gates every target passes stand here, so that no rule can
/// go around them.
struct DecisionDraft {
    let facts: CaseFacts
    let directory: AgencyDirectory
    let now: Date
    private(set) var targets: [RoutingTarget] = []
    private(set) var withheld: [WithheldTarget] = []
    private(set) var ownerLevel: DivisionLevel
    var explanation: [String] = []
    private var excluded: Set<UUID>

    init(facts: CaseFacts, directory: AgencyDirectory, now: Date, alsoExcluding: Set<UUID> = []) {
        self.facts = facts
        self.directory = directory
        self.now = now
        self.ownerLevel = facts.ownerLevel
        self.excluded = facts.excludedAgencies.union(alsoExcluding)
    }

    /// The owner may become wider, never nearer.
    mutating func widenOwner(to level: DivisionLevel) {
        self.ownerLevel = min(self.ownerLevel, level)
    }

    /// Applies a rule that holds.
    mutating func apply(_ rule: Rule, reasons: [String], in ruleSet: RuleSet) {
        if let level = rule.ownerLevel {
            self.widenOwner(to: level)
        }
        for target in rule.targets {
            if let why = self.gate(target, stage: rule.stage) {
                self.withhold(target, why, by: rule)
                continue
            }
            let agency = self.directory.nearest(
                target.agencyKind, along: self.facts.divisionPath, from: target.level.start, excluding: self.excluded)
            guard let agency else {
                self.withhold(target, .noAgency, by: rule)
                continue
            }
            self.add(target, to: agency, by: rule, reasons: reasons, in: ruleSet)
        }
    }

    /// Why a target may not be told; `nil` when it may.
    func gate(_ target: RuleTarget, stage: RuleStage) -> WithheldReason? {
        let violence = self.facts.flags.contains(.domesticViolence)
        if target.purpose.isMediation || target.agencyKind == .mediationCommittee {
            if violence { return .violenceFlag }
            if self.facts.flags.contains(.mediationRefused) { return .consentRefused }
        }
        if target.holdUntilSafe, violence, !self.facts.flags.contains(.safe) {
            return .untilSafe
        }
        if self.passesWithoutConsent(target, stage: stage) {
            return nil
        }
        return WithheldReason(self.facts.consents.answer(for: target.agencyKind, target.purpose, at: self.now))
    }

    /// A rule can skip consent only where its stage allows it; the backstop only towards the federation itself.
    private func passesWithoutConsent(_ target: RuleTarget, stage: RuleStage) -> Bool {
        guard !target.consentRequired, stage.mayPassWithoutConsent else { return false }
        return stage != .backstop || target.agencyKind == .womensFederation
    }

    private mutating func withhold(_ target: RuleTarget, _ why: WithheldReason, by rule: Rule) {
        let known = self.withheld.contains { $0.agencyKind == target.agencyKind && $0.purpose == target.purpose }
        guard !known else { return }
        self.withheld.append(
            WithheldTarget(agencyKind: target.agencyKind, purpose: target.purpose, why: why, ruleID: rule.id))
        self.explanation.append("\(rule.title)：暂不转\(target.purpose.chinese)，\(why.chinese)。")
    }

    /// Adds a target, or merges it with the one that agency already has for that purpose.
    mutating func add(
        _ target: RuleTarget, to agency: Agency, by rule: Rule, reasons: [String], in ruleSet: RuleSet
    ) {
        let basis: ConsentBasis =
            self.passesWithoutConsent(target, stage: rule.stage)
            ? rule.stage.consentFreeBasis ?? .consent
            : .consent
        let new = RoutingTarget(
            agencyKind: target.agencyKind, agencyID: agency.id, division: agency.division, purpose: target.purpose,
            profile: target.profile, answerClock: target.answerClock, outcomeClock: target.outcomeClock,
            consentBasis: basis, stage: rule.stage, ruleIDs: [rule.id], reasonCodes: Self.unique(reasons),
            legalBases: [target.legalBasis], assignees: target.assignees)
        self.explain(new, agency: agency, rule: rule, in: ruleSet)
        let index = self.targets.firstIndex { $0.agencyID == new.agencyID && $0.purpose == new.purpose }
        guard let index else {
            self.targets.append(new)
            return
        }
        self.targets[index] = Self.merged(self.targets[index], new, in: ruleSet)
    }

    private mutating func explain(_ target: RoutingTarget, agency: Agency, rule: Rule, in ruleSet: RuleSet) {
        let answer = ruleSet.clock(target.answerClock)?.duration.chinese ?? ""
        let outcome = ruleSet.clock(target.outcomeClock)?.duration.chinese ?? ""
        let lawyers = target.assignees > 1 ? "，\(target.assignees)人承办" : ""
        self.explanation.append(
            "\(rule.title)：转\(agency.name)（\(target.purpose.chinese)\(lawyers)），依据\(target.legalBases[0])；"
                + "\(target.consentBasis.chinese)；答复时限\(answer)，办理时限\(outcome)。")
    }

    /// The earlier rule's profile and basis stand; the stricter clock wins.
    private static func merged(_ first: RoutingTarget, _ second: RoutingTarget, in ruleSet: RuleSet) -> RoutingTarget {
        func stricter(_ left: ClockName, _ right: ClockName) -> ClockName {
            let leftSeconds = ruleSet.clock(left)?.duration.approximateSeconds ?? Int.max
            let rightSeconds = ruleSet.clock(right)?.duration.approximateSeconds ?? Int.max
            return rightSeconds < leftSeconds ? right : left
        }
        return RoutingTarget(
            agencyKind: first.agencyKind, agencyID: first.agencyID, division: first.division, purpose: first.purpose,
            profile: first.profile, answerClock: stricter(first.answerClock, second.answerClock),
            outcomeClock: stricter(first.outcomeClock, second.outcomeClock), consentBasis: first.consentBasis,
            stage: first.stage, ruleIDs: Self.unique(first.ruleIDs + second.ruleIDs),
            reasonCodes: Self.unique(first.reasonCodes + second.reasonCodes),
            legalBases: Self.unique(first.legalBases + second.legalBases),
            assignees: max(first.assignees, second.assignees))
    }

    /// Without repetition, first occurrences in order.
    static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
