import FoundationEssentials

/// What rules have given so far while a decision is made. The gates every target passes stand here, so that no rule can
/// go around them.
struct DecisionDraft {
    let ruleSet: RuleSet
    let facts: CaseFacts
    let directory: AgencyDirectory
    let now: Date
    private(set) var targets: [RoutingTarget] = []
    private(set) var withheld: [WithheldTarget] = []
    private(set) var notes: [String] = []
    private(set) var ownerLevel: DivisionLevel
    private(set) var explanation: [String] = []
    private let excluded: Set<UUID>
    /// Whether the rules that hold put the case into the green channel.
    let lane: RuleLane
    private let selections: [AgencySelection]

    init(
        _ ruleSet: RuleSet, facts: CaseFacts, directory: AgencyDirectory, now: Date, rules: [Rule] = [],
        alsoExcluding: Set<UUID> = []
    ) {
        self.ruleSet = ruleSet
        self.facts = facts
        self.directory = directory
        self.now = now
        self.ownerLevel = facts.ownerLevel
        self.excluded = facts.excludedAgencies.union(alsoExcluding)
        self.lane = rules.contains { $0.lane == .green } ? .green : .ordinary
        self.selections = rules.compactMap(\.selection)
    }

    /// The owner may become wider, never nearer.
    mutating func widenOwner(to level: DivisionLevel) {
        self.ownerLevel = min(self.ownerLevel, level)
    }

    mutating func explain(_ sentence: String) {
        self.explanation.append(sentence)
    }

    /// Applies a rule that holds.
    mutating func apply(_ rule: Rule, reasons: [String]) {
        if let level = rule.ownerLevel {
            self.widenOwner(to: level)
        }
        for target in rule.targets {
            if let why = self.gate(target, stage: rule.stage) {
                self.withhold(target, why, by: rule)
                continue
            }
            let found = self.agencies(for: target)
            guard let first = found.first else {
                self.withhold(target, .noAgency, by: rule)
                continue
            }
            self.add(target, to: first, alternatives: Array(found.dropFirst()), by: rule, reasons: reasons)
        }
        if let note = rule.note {
            self.notes.append(note)
            self.explain("\(rule.title)：\(note)（依据\(rule.basis)）。")
        } else if rule.lane == .green {
            self.explain("\(rule.title)：进入绿色通道（依据\(rule.basis)）。")
        }
    }

    /// The agencies that could take a target, the chosen one first: one for each place that founds jurisdiction. When
    /// capacity rules ask for services, an agency that offers them is preferred at any level to one that does not.
    private func agencies(for target: RuleTarget) -> [Agency] {
        let services = self.selections.filter { $0.purposes.contains(target.purpose) }
            .reduce(into: Set<AgencyServiceCode>()) { $0.formUnion($1.services) }
        var found: [Agency] = []
        for place in target.places {
            guard let path = self.facts.path(of: place) else { continue }
            let search = AgencySearch(
                kind: target.agencyKind, path: path, from: target.level.start, purpose: target.purpose,
                excluding: self.excluded.union(self.notAgreedTo(target)), offering: services, now: self.now)
            guard let agency = self.directory.best(search), !found.contains(where: { $0.id == agency.id }) else {
                continue
            }
            found.append(agency)
        }
        return found
    }

    /// The agencies of a kind she did not mean, when she agreed to some of them alone or refused some by name.
    private func notAgreedTo(_ target: RuleTarget) -> Set<UUID> {
        guard target.consentRequired, self.override(of: target) == nil else { return [] }
        let consents = self.facts.validConsents
        let refused = consents.agencies(refusedFor: target.agencyKind, target.purpose)
        guard let named = consents.agencies(agreedFor: target.agencyKind, target.purpose, at: self.now) else {
            return refused
        }
        return self.directory.ids(of: target.agencyKind).subtracting(named).union(refused)
    }

    /// Why a target may not be told; `nil` when it may.
    func gate(_ target: RuleTarget, stage: RuleStage) -> WithheldReason? {
        let violence = self.facts.flags.contains(.domesticViolence)
        if target.bringsPartiesTogether {
            if violence { return .violenceFlag }
            if self.facts.flags.contains(.mediationRefused) { return .consentRefused }
        }
        if target.holdUntilSafe, violence, !self.facts.flags.contains(.safe) {
            return .untilSafe
        }
        if self.basisWithoutConsent(target, stage: stage) != nil {
            return nil
        }
        return WithheldReason(
            self.facts.validConsents.answer(
                for: target.agencyKind, target.purpose, needing: target.profile.dataKinds, at: self.now))
    }

    /// What allows a target to be told without consent: the rule must say so and its stage must allow it.
    private func basisWithoutConsent(_ target: RuleTarget, stage: RuleStage) -> ConsentBasis? {
        let ofTheRule = target.consentRequired ? nil : stage.consentFreeBasis(for: target.agencyKind)
        return ofTheRule ?? self.override(of: target)?.basis
    }

    /// What staff answer for: where she agreed, nothing needs overriding. Bringing the parties together never passes here.
    private func override(of target: RuleTarget) -> ConsentException? {
        guard !target.bringsPartiesTogether else { return nil }
        return self.facts.overrides.first {
            $0.agencyKind == target.agencyKind && $0.purpose == target.purpose
                && ($0.basis == .emergency || $0.basis == .statutoryDuty)
        }
    }

    private mutating func withhold(_ target: RuleTarget, _ why: WithheldReason, by rule: Rule) {
        let known = self.withheld.contains { $0.agencyKind == target.agencyKind && $0.purpose == target.purpose }
        guard !known else { return }
        self.withheld.append(
            WithheldTarget(agencyKind: target.agencyKind, purpose: target.purpose, why: why, ruleID: rule.id))
        self.explain("\(rule.title)：暂不转\(target.purpose.chinese)，\(why.chinese)。")
    }

    /// Adds a target, or merges it with the one that agency already has for that purpose.
    private mutating func add(
        _ target: RuleTarget, to agency: Agency, alternatives: [Agency], by rule: Rule, reasons: [String]
    ) {
        let alliance = self.directory.alliance(
            to: agency.division, along: self.facts.divisionPath, for: target.purpose, now: self.now)
        let new = RoutingTarget(
            agencyKind: target.agencyKind, agencyID: agency.id, division: agency.division, purpose: target.purpose,
            profile: target.profile, answerClock: self.answerClock(target), outcomeClock: target.outcomeClock,
            consentBasis: self.basisWithoutConsent(target, stage: rule.stage) ?? .consent, stage: rule.stage,
            ruleIDs: [rule.id], reasonCodes: Self.unique(reasons),
            legalBases: [target.legalBasis] + (alliance.map { [$0.basis] } ?? [])
                + (target.consentRequired ? self.override(of: target).map { [$0.article] } ?? [] : []),
            assignees: target.assignees, alternatives: alternatives.map(\.id))
        self.explain(new, agency: agency, alternatives: alternatives, rule: rule)
        let index = self.targets.firstIndex { $0.agencyID == new.agencyID && $0.purpose == new.purpose }
        guard let index else {
            self.targets.append(new)
            return
        }
        self.targets[index] = self.merged(self.targets[index], new)
    }

    /// In the green channel no answer takes longer than the channel allows; elsewhere the rule's own clock holds.
    private func answerClock(_ target: RuleTarget) -> ClockName {
        guard self.lane == .green, let green = self.ruleSet.greenChannel else { return target.answerClock }
        return self.stricter(target.answerClock, green)
    }

    private mutating func explain(_ target: RoutingTarget, agency: Agency, alternatives: [Agency], rule: Rule) {
        let answer = self.ruleSet.clock(target.answerClock)?.duration.chinese ?? ""
        let outcome = self.ruleSet.clock(target.outcomeClock)?.duration.chinese ?? ""
        let lawyers = target.assignees > 1 ? "，\(target.assignees)人承办" : ""
        let others = alternatives.isEmpty ? "" : "；也可选择\(alternatives.map(\.name).joined(separator: "、"))"
        self.explain(
            "\(rule.title)：转\(agency.name)（\(target.purpose.chinese)\(lawyers)）\(others)，依据\(target.legalBases.joined(separator: "；"))；"
                + "\(target.consentBasis.chinese)；答复时限\(answer)，办理时限\(outcome)。")
    }

    private func stricter(_ left: ClockName, _ right: ClockName) -> ClockName {
        let leftSeconds = self.ruleSet.clock(left)?.duration.approximateSeconds ?? Int.max
        let rightSeconds = self.ruleSet.clock(right)?.duration.approximateSeconds ?? Int.max
        return rightSeconds < leftSeconds ? right : left
    }

    /// The earlier rule's profile and basis stand; the stricter clock wins.
    private func merged(_ first: RoutingTarget, _ second: RoutingTarget) -> RoutingTarget {
        RoutingTarget(
            agencyKind: first.agencyKind, agencyID: first.agencyID, division: first.division, purpose: first.purpose,
            profile: first.profile, answerClock: self.stricter(first.answerClock, second.answerClock),
            outcomeClock: self.stricter(first.outcomeClock, second.outcomeClock), consentBasis: first.consentBasis,
            stage: first.stage, ruleIDs: Self.unique(first.ruleIDs + second.ruleIDs),
            reasonCodes: Self.unique(first.reasonCodes + second.reasonCodes),
            legalBases: Self.unique(first.legalBases + second.legalBases),
            assignees: max(first.assignees, second.assignees), alternatives: first.alternatives)
    }

    /// Without repetition, first occurrences in order.
    static func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }
}
