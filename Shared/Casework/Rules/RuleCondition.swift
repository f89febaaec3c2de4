public import FoundationEssentials

/// What a rule asks of the facts of a case. Every key that is given must hold; lists inside a key mean "any of these",
/// except ``flags``, all of which must stand, and ``withoutFlags``, none of which may.
public struct RuleCondition: Hashable, Sendable {
    /// Holds for every case; only a rule that says so may have no other key.
    public var always = false
    public var categories: Set<Category> = []
    public var needs: Set<Need> = []
    public var channels: Set<IntakeChannel> = []
    /// The level of the division the case lies in.
    public var divisionLevels: Set<DivisionLevel> = []
    /// The level whose station owns the case now.
    public var ownerLevels: Set<DivisionLevel> = []
    /// The case lies in one of these divisions.
    public var within: Set<DivisionCode> = []
    public var riskAtLeast: RiskLevel?
    public var riskAtMost: RiskLevel?
    public var flags: Set<CaseFlag> = []
    public var withoutFlags: Set<CaseFlag> = []
    public var anyRiskItem: Set<RiskItem> = []
    /// Who the people are.
    public var people: Set<PersonFact> = []
    public var minorSigns: Set<MinorSign> = []
    /// What a referral of the case ended with.
    public var outcomes: Set<Outcome> = []
    public var handlingOrgans: Set<HandlingOrgan> = []
    /// What she answered about a disclosure; every one must hold.
    public var consents: Set<ConsentCondition> = []
    /// A deadline is at most so many days ahead, and not over; every one must hold.
    public var deadlines: [DeadlineKind: Int] = [:]
    /// So many clocks of the case have run out.
    public var breachesAtLeast: Int?
    /// Every one must hold.
    public var all: [RuleCondition] = []
    /// At least one must hold.
    public var any: [RuleCondition] = []
    /// None may hold.
    public var none: [RuleCondition] = []

    public init() {}

    /// Whether nothing is asked at all.
    public var isEmpty: Bool {
        self == RuleCondition()
    }

    /// This condition and every one inside it.
    var withNested: [RuleCondition] {
        [self] + (self.all + self.any + self.none).flatMap(\.withNested)
    }
}

/// A condition on what she answered about one disclosure.
public struct ConsentCondition: Hashable, Sendable {
    public let agencyKind: AgencyKind
    public let purpose: Purpose
    public let answers: Set<ConsentAnswer>

    public init(agencyKind: AgencyKind, purpose: Purpose, answers: Set<ConsentAnswer>) {
        self.agencyKind = agencyKind
        self.purpose = purpose
        self.answers = answers
    }
}

extension RuleCondition {
    /// Whether the facts satisfy this condition, and if so, the facts that did, as reason codes like
    /// `category:domestic_violence` or `risk:imminent`. `nil` when it does not hold.
    public func match(_ facts: CaseFacts, at now: Date) -> [String]? {
        var reasons: [String] = []
        guard self.matchSets(facts, &reasons), self.matchPlace(facts, &reasons), self.matchRisk(facts, &reasons),
            self.matchTime(facts, at: now, &reasons)
        else { return nil }
        for condition in self.all {
            guard let found = condition.match(facts, at: now) else { return nil }
            reasons += found
        }
        if !self.any.isEmpty {
            let found = self.any.compactMap { $0.match(facts, at: now) }
            guard !found.isEmpty else { return nil }
            reasons += found.joined()
        }
        if self.none.contains(where: { $0.match(facts, at: now) != nil }) {
            return nil
        }
        return reasons
    }

    private func matchSets(_ facts: CaseFacts, _ reasons: inout [String]) -> Bool {
        guard Self.meet(self.categories, facts.categories, "category", &reasons),
            Self.meet(self.needs, facts.needs, "need", &reasons),
            Self.meet(self.anyRiskItem, facts.riskItems, "risk_item", &reasons),
            Self.meet(self.people, facts.people, "people", &reasons),
            Self.meet(self.minorSigns, facts.minorSigns, "minor_sign", &reasons),
            Self.meet(self.outcomes, facts.outcomes, "outcome", &reasons),
            Self.meet(self.channels, [facts.channel], "channel", &reasons),
            Self.meet(self.handlingOrgans, [facts.handlingOrgan], "handling_organ", &reasons),
            self.flags.isSubset(of: facts.flags), self.withoutFlags.isDisjoint(with: facts.flags)
        else { return false }
        reasons += self.flags.map { "flag:\($0.rawValue)" }.sorted()
        return true
    }

    /// Whether a list of the condition, when it has one, meets the facts.
    private static func meet<Word: RawRepresentable<String> & Hashable>(
        _ wanted: Set<Word>, _ there: Set<Word>, _ name: String, _ reasons: inout [String]
    ) -> Bool {
        guard !wanted.isEmpty else { return true }
        let found = wanted.intersection(there)
        guard !found.isEmpty else { return false }
        reasons += found.map { "\(name):\($0.rawValue)" }.sorted()
        return true
    }

    private func matchPlace(_ facts: CaseFacts, _ reasons: inout [String]) -> Bool {
        guard Self.meet(self.divisionLevels, [facts.division.level], "division_level", &reasons),
            Self.meet(self.ownerLevels, [facts.ownerLevel], "owner_level", &reasons)
        else { return false }
        guard !self.within.isEmpty else { return true }
        guard let around = self.within.sorted().first(where: { facts.divisionPath.contains($0) }) else { return false }
        reasons.append("within:\(around)")
        return true
    }

    private func matchRisk(_ facts: CaseFacts, _ reasons: inout [String]) -> Bool {
        if let riskAtLeast {
            guard facts.risk >= riskAtLeast else { return false }
            reasons.append("risk:\(facts.risk.rawValue)")
        }
        if let riskAtMost {
            guard facts.risk <= riskAtMost else { return false }
        }
        return true
    }

    private func matchTime(_ facts: CaseFacts, at now: Date, _ reasons: inout [String]) -> Bool {
        for (deadline, days) in self.deadlines.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let left = facts.days(to: deadline, at: now), (0...days).contains(left) else { return false }
            reasons.append("deadline:\(deadline.rawValue)")
        }
        if let breachesAtLeast {
            guard facts.breaches >= breachesAtLeast else { return false }
            reasons.append("breaches:\(facts.breaches)")
        }
        for consent in self.orderedConsents {
            let answer = facts.validConsents.answer(for: consent.agencyKind, consent.purpose, at: now)
            guard consent.answers.contains(answer) else { return false }
            reasons.append(consent.reason(answer))
        }
        return true
    }
}

extension RuleCondition {
    /// The keys of this condition that a case does not meet, each with what it asks: why a rule does not hold. Empty when
    /// it holds.
    public func unmet(_ facts: CaseFacts, at now: Date) -> [String] {
        guard self.match(facts, at: now) == nil else { return [] }
        return self.parts.filter { $0.condition.match(facts, at: now) == nil }.map(\.key)
    }

    /// This condition taken apart: one condition for each key that is given.
    private var parts: [(key: String, condition: RuleCondition)] {
        var parts: [(String, RuleCondition)] = []
        func part<Value>(_ name: String, _ path: WritableKeyPath<RuleCondition, Value>, _ isGiven: Bool) {
            guard isGiven else { return }
            var condition = RuleCondition()
            condition[keyPath: path] = self[keyPath: path]
            parts.append((name, condition))
        }
        part("categories", \.categories, !self.categories.isEmpty)
        part("needs", \.needs, !self.needs.isEmpty)
        part("channels", \.channels, !self.channels.isEmpty)
        part("division_levels", \.divisionLevels, !self.divisionLevels.isEmpty)
        part("owner_levels", \.ownerLevels, !self.ownerLevels.isEmpty)
        part("within", \.within, !self.within.isEmpty)
        part("risk_at_least", \.riskAtLeast, self.riskAtLeast != nil)
        part("risk_at_most", \.riskAtMost, self.riskAtMost != nil)
        part("flags", \.flags, !self.flags.isEmpty)
        part("not_flags", \.withoutFlags, !self.withoutFlags.isEmpty)
        part("risk_items", \.anyRiskItem, !self.anyRiskItem.isEmpty)
        part("people", \.people, !self.people.isEmpty)
        part("minor_signs", \.minorSigns, !self.minorSigns.isEmpty)
        part("outcomes", \.outcomes, !self.outcomes.isEmpty)
        part("handling_organs", \.handlingOrgans, !self.handlingOrgans.isEmpty)
        part("consents", \.consents, !self.consents.isEmpty)
        part("deadlines", \.deadlines, !self.deadlines.isEmpty)
        part("breaches_at_least", \.breachesAtLeast, self.breachesAtLeast != nil)
        part("all", \.all, !self.all.isEmpty)
        part("any", \.any, !self.any.isEmpty)
        part("none", \.none, !self.none.isEmpty)
        return parts
    }
}
