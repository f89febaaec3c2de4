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
    public var riskAtLeast: RiskLevel?
    public var riskAtMost: RiskLevel?
    public var flags: Set<CaseFlag> = []
    public var withoutFlags: Set<CaseFlag> = []
    public var anyRiskItem: Set<RiskItem> = []
    /// Every one must hold.
    public var all: [RuleCondition] = []
    /// At least one must hold.
    public var any: [RuleCondition] = []
    /// None may hold.
    public var none: [RuleCondition] = []

    public init() {}

    /// Whether the facts satisfy this condition, and if so, the facts that did, as reason codes like
    /// `category:domestic_violence` or `risk:imminent`. `nil` when it does not hold.
    public func match(_ facts: CaseFacts) -> [String]? {
        var reasons: [String] = []
        guard self.matchSets(facts, &reasons), self.matchRisk(facts, &reasons) else { return nil }
        for condition in self.all {
            guard let found = condition.match(facts) else { return nil }
            reasons += found
        }
        if !self.any.isEmpty {
            let found = self.any.compactMap { $0.match(facts) }
            guard !found.isEmpty else { return nil }
            reasons += found.joined()
        }
        if self.none.contains(where: { $0.match(facts) != nil }) {
            return nil
        }
        return reasons
    }

    private func matchSets(_ facts: CaseFacts, _ reasons: inout [String]) -> Bool {
        if !self.categories.isEmpty {
            let found = self.categories.intersection(facts.categories)
            guard !found.isEmpty else { return false }
            reasons += found.sorted().map { "category:\($0.rawValue)" }
        }
        if !self.needs.isEmpty {
            let found = self.needs.intersection(facts.needs)
            guard !found.isEmpty else { return false }
            reasons += found.sorted().map { "need:\($0.rawValue)" }
        }
        if !self.anyRiskItem.isEmpty {
            let found = self.anyRiskItem.intersection(facts.riskItems)
            guard !found.isEmpty else { return false }
            reasons += found.map { "risk_item:\($0.rawValue)" }.sorted()
        }
        if !self.channels.isEmpty {
            guard self.channels.contains(facts.channel) else { return false }
            reasons.append("channel:\(facts.channel.rawValue)")
        }
        if !self.divisionLevels.isEmpty {
            guard self.divisionLevels.contains(facts.division.level) else { return false }
            reasons.append("division_level:\(facts.division.level.rawValue)")
        }
        guard self.flags.isSubset(of: facts.flags), self.withoutFlags.isDisjoint(with: facts.flags) else {
            return false
        }
        reasons += self.flags.map { "flag:\($0.rawValue)" }.sorted()
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

    /// Whether nothing is asked at all.
    public var isEmpty: Bool {
        self == RuleCondition()
    }
}
