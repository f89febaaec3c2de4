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
    /// The consents that count.
    private let consents: [Consent]
    /// Whether some of them are about agencies by name.
    private let namesAgencies: Bool
    private let excluded: Set<UUID>
    private let isViolent: Bool
    private let isSafe: Bool
    private let refusesMediation: Bool
    /// Whether the rules that hold put the case into the green channel.
    let lane: RuleLane
    private let selections: [AgencySelection]

    init(
        _ ruleSet: RuleSet, facts: CaseFacts, consents: [Consent], directory: AgencyDirectory, now: Date,
        rules: [PreparedRule] = [], alsoExcluding: Set<UUID> = []
    ) {
        self.ruleSet = ruleSet
        self.facts = facts
        self.consents = consents
        self.namesAgencies = consents.contains { $0.agencies != nil }
        self.directory = directory
        self.now = now
        self.ownerLevel = facts.ownerLevel
        self.excluded = alsoExcluding.isEmpty ? facts.excludedAgencies : facts.excludedAgencies.union(alsoExcluding)
        self.isViolent = facts.flags.contains(.domesticViolence)
        self.isSafe = facts.flags.contains(.safe)
        self.refusesMediation = facts.flags.contains(.mediationRefused)
        self.lane = rules.contains { $0.rule.lane == .green } ? .green : .ordinary
        self.selections = rules.compactMap { $0.rule.selection }
    }

    /// The owner may become wider, never nearer.
    mutating func widenOwner(to level: DivisionLevel) {
        self.ownerLevel = min(self.ownerLevel, level)
    }

    mutating func explain(_ sentence: String) {
        self.explanation.append(sentence)
    }

    /// What was withheld and no other rule gave.
    var withheldInTheEnd: [WithheldTarget] {
        self.withheld.filter { withheld in
            !self.targets.contains { $0.agencyKind == withheld.agencyKind && $0.purpose == withheld.purpose }
        }
    }

    /// Applies a rule that holds.
    ///
    /// - Parameter reasons: the codes of the facts that made it hold; asked for when it gives something.
    mutating func apply(_ prepared: PreparedRule, reasons: () -> [String]) {
        let rule = prepared.rule
        if let level = rule.ownerLevel {
            self.widenOwner(to: level)
        }
        for target in prepared.targets {
            if let why = self.gate(target) {
                self.withhold(target, why, by: rule)
                continue
            }
            let found = self.agencies(for: target, stage: rule.stage)
            if found.isEmpty {
                self.withhold(target, .noAgency, by: rule)
            } else {
                self.add(target, to: found, by: rule, reasons: reasons())
            }
        }
        if let note = rule.note { self.notes.append(note) }
        if let sentence = prepared.sentence { self.explain(sentence) }
    }

    /// The agencies that could take a target, the chosen one first: one for each place that founds jurisdiction. When
    /// capacity rules ask for services, an agency that offers them is preferred at any level to one that does not.
    private func agencies(for prepared: PreparedTarget, stage: RuleStage) -> [AgencyChoice] {
        let target = prepared.target
        var services: Set<AgencyServiceCode> = []
        for selection in self.selections where selection.purposes.contains(target.purpose) {
            services.formUnion(selection.services)
        }
        var search = AgencySearch(
            kind: target.agencyKind, path: [], from: target.level.start, purpose: target.purpose,
            excluding: self.excluded, offering: services, now: self.now,
            answerBy: self.answerBy(prepared, stage: stage))
        self.keepToWhatSheSaid(&search, target)
        var found: [AgencyChoice] = []
        for place in target.places {
            guard let path = self.facts.path(of: place) else { continue }
            search.path = path
            guard let choice = self.directory.choice(search),
                !found.contains(where: { $0.agency.id == choice.agency.id })
            else { continue }
            found.append(choice)
        }
        return found
    }

    /// When somebody must have answered, in a matter that cannot wait until an office opens: the answer is due within
    /// hours, and life, a child or great danger is at stake or the case is in the green channel.
    private func answerBy(_ prepared: PreparedTarget, stage: RuleStage) -> Date? {
        guard let seconds = prepared.times(in: self.lane).answerSeconds,
            stage <= .mandatoryReport || self.facts.risk >= .high || self.lane == .green
        else { return nil }
        return self.now.addingTimeInterval(Double(seconds))
    }

    /// Passes over the agencies of a kind she did not mean, when she agreed to some of them alone or refused some by name.
    private func keepToWhatSheSaid(_ search: inout AgencySearch, _ target: RuleTarget) {
        guard self.namesAgencies, target.consentRequired, self.override(of: target) == nil else { return }
        search.excluding.formUnion(self.consents.agencies(refusedFor: target.agencyKind, target.purpose))
        search.only = self.consents.agencies(agreedFor: target.agencyKind, target.purpose, at: self.now)
    }

    /// Why a target may not be told; `nil` when it may.
    private func gate(_ prepared: PreparedTarget) -> WithheldReason? {
        let target = prepared.target
        if prepared.bringsPartiesTogether {
            if self.isViolent { return .violenceFlag }
            if self.refusesMediation { return .consentRefused }
        }
        if target.holdUntilSafe, self.isViolent, !self.isSafe { return .untilSafe }
        if self.basisWithoutConsent(prepared) != nil {
            return nil
        }
        return WithheldReason(
            self.consents.answer(for: target.agencyKind, target.purpose, needing: prepared.dataKinds, at: self.now))
    }

    /// What allows a target to be told without consent: the rule must say so and its stage must allow it.
    private func basisWithoutConsent(_ prepared: PreparedTarget) -> ConsentBasis? {
        prepared.consentFreeBasis ?? self.override(of: prepared.target)?.basis
    }

    /// What staff answer for: where she agreed, nothing needs overriding. Bringing the parties together never passes here.
    private func override(of target: RuleTarget) -> ConsentException? {
        guard !self.facts.overrides.isEmpty, !target.bringsPartiesTogether else { return nil }
        return self.facts.overrides.first {
            $0.agencyKind == target.agencyKind && $0.purpose == target.purpose
                && ($0.basis == .emergency || $0.basis == .statutoryDuty)
        }
    }

    private mutating func withhold(_ prepared: PreparedTarget, _ why: WithheldReason, by rule: Rule) {
        let target = prepared.target
        let known = self.withheld.contains { $0.agencyKind == target.agencyKind && $0.purpose == target.purpose }
        guard !known else { return }
        self.withheld.append(
            WithheldTarget(agencyKind: target.agencyKind, purpose: target.purpose, why: why, ruleID: rule.id))
        self.explain(prepared.withheldOpening + why.chinese + "。")
    }

    /// Adds a target, or merges it with the one that agency already has for that purpose.
    private mutating func add(
        _ prepared: PreparedTarget, to found: [AgencyChoice], by rule: Rule, reasons: [String]
    ) {
        let (target, agency) = (prepared.target, found[0].agency)
        let times = prepared.times(in: self.lane)
        var bases = [target.legalBasis]
        if let alliance = self.directory.alliance(
            to: agency.division, along: self.facts.divisionPath, for: target.purpose, now: self.now)
        {
            bases.append(alliance.basis)
        }
        if target.consentRequired, let override = self.override(of: target) { bases.append(override.article) }
        let new = RoutingTarget(
            agencyKind: target.agencyKind, agencyID: agency.id, division: agency.division, purpose: target.purpose,
            profile: target.profile, answerClock: times.answerClock, outcomeClock: target.outcomeClock,
            consentBasis: self.basisWithoutConsent(prepared) ?? .consent, stage: rule.stage, ruleIDs: [rule.id],
            reasonCodes: Self.unique(reasons), legalBases: bases, assignees: target.assignees,
            alternatives: found.dropFirst().map(\.agency.id))
        self.explain(prepared, new, found, times)
        self.tellOfHours(found[0])
        let index = self.targets.firstIndex { $0.agencyID == new.agencyID && $0.purpose == new.purpose }
        guard let index else {
            self.targets.append(new)
            return
        }
        self.targets[index].merge(new, clocks: self.ruleSet.clockBook)
    }

    private mutating func explain(
        _ prepared: PreparedTarget, _ target: RoutingTarget, _ found: [AgencyChoice], _ times: PreparedTarget.Times
    ) {
        var sentence = prepared.opening
        sentence.reserveCapacity(512)
        sentence += found[0].agency.name
        sentence += prepared.purposeWords
        for (position, other) in found.dropFirst().enumerated() {
            sentence += position == 0 ? "；也可选择" : "、"
            sentence += other.agency.name
        }
        for (position, basis) in target.legalBases.enumerated() {
            sentence += position == 0 ? "，依据" : "；"
            sentence += basis
        }
        sentence += "；"
        sentence += target.consentBasis.chinese
        sentence += times.words
        self.explain(sentence)
    }

    /// Says when hours decided who is asked, and who has to be called when nobody is there.
    private mutating func tellOfHours(_ choice: AgencyChoice) {
        switch choice.hours {
        case .ordinary:
            return
        case .onDuty:
            let sentence = "\(choice.agency.name)昼夜有人值守；较近的部门在答复期限届满前不上班，故不转较近的部门。"
            if !self.explanation.contains(sentence) { self.explain(sentence) }
        case .closed:
            let note = "\(choice.agency.name)在答复期限届满前不上班，各级均无昼夜值守的同类部门：仍转该部门，请同时电话联系其值班人员。"
            guard !self.notes.contains(note) else { return }
            self.notes.append(note)
            self.explain(note)
        }
    }

    /// Without repetition, first occurrences in order.
    static func unique(_ words: [String]) -> [String] {
        var unique: [String] = []
        for word in words where !unique.contains(word) { unique.append(word) }
        return unique
    }
}

extension RoutingTarget {
    /// Takes in what another rule asks of the same agency for the same purpose: the earlier rule's profile and basis
    /// stand; the stricter clock wins.
    fileprivate mutating func merge(_ other: RoutingTarget, clocks: ClockBook) {
        self = RoutingTarget(
            agencyKind: self.agencyKind, agencyID: self.agencyID, division: self.division, purpose: self.purpose,
            profile: self.profile, answerClock: clocks.stricter(self.answerClock, other.answerClock),
            outcomeClock: clocks.stricter(self.outcomeClock, other.outcomeClock), consentBasis: self.consentBasis,
            stage: self.stage, ruleIDs: DecisionDraft.unique(self.ruleIDs + other.ruleIDs),
            reasonCodes: DecisionDraft.unique(self.reasonCodes + other.reasonCodes),
            legalBases: DecisionDraft.unique(self.legalBases + other.legalBases),
            assignees: max(self.assignees, other.assignees), alternatives: self.alternatives)
    }
}
