/// A condition over the bits of a vocabulary: what is evaluated when a case is routed, and what is proven when rules are
/// checked. Both are the same formula, so that a proof speaks of what runs.
indirect enum CompiledCondition: Hashable, Sendable {
    /// At least one of these facts holds.
    case anyOf(FactBits)
    /// All of these facts hold.
    case allOf(FactBits)
    /// None of these facts holds.
    case noneOf(FactBits)
    case all([CompiledCondition])
    case any([CompiledCondition])
    case none([CompiledCondition])

    static let always = CompiledCondition.all([])
    static let never = CompiledCondition.any([])

    func holds(_ facts: FactBits) -> Bool {
        switch self {
        case .anyOf(let bits): facts.meets(bits)
        case .allOf(let bits): facts.includes(bits)
        case .noneOf(let bits): !facts.meets(bits)
        case .all(let conditions): conditions.allSatisfy { $0.holds(facts) }
        case .any(let conditions): conditions.contains { $0.holds(facts) }
        case .none(let conditions): !conditions.contains { $0.holds(facts) }
        }
    }
}

extension RuleCondition {
    /// The formula of this condition. A word the vocabulary does not have never holds.
    func compiled(in vocabulary: FactVocabulary) -> CompiledCondition {
        var parts: [CompiledCondition] = []
        func anyOf(_ bits: [Int?]) {
            if !bits.isEmpty { parts.append(.anyOf(FactBits(bits.compactMap { $0 }))) }
        }
        anyOf(self.categories.map { vocabulary.bit(.category($0)) })
        anyOf(self.needs.map { vocabulary.bit(.need($0)) })
        anyOf(self.anyRiskItem.map { vocabulary.bit(.riskItem($0)) })
        anyOf(self.people.map { vocabulary.bit(.person($0)) })
        anyOf(self.minorSigns.map { vocabulary.bit(.sign($0)) })
        anyOf(self.outcomes.map { vocabulary.bit(.outcome($0)) })
        anyOf(self.channels.map { vocabulary.bit(.channel, $0) })
        anyOf(self.divisionLevels.map { vocabulary.bit(.divisionLevel, $0) })
        anyOf(self.ownerLevels.map { vocabulary.bit(.ownerLevel, $0) })
        anyOf(self.handlingOrgans.map { vocabulary.bit(.handlingOrgan, $0) })
        anyOf(self.within.map { vocabulary.bit(.within($0)) })
        if let least = self.riskAtLeast {
            anyOf(RiskLevel.allCases.filter { $0 >= least }.map { vocabulary.bit(.risk, $0) })
        }
        if let most = self.riskAtMost {
            anyOf(RiskLevel.allCases.filter { $0 <= most }.map { vocabulary.bit(.risk, $0) })
        }
        if !self.flags.isEmpty { parts.append(.allOf(FactBits(self.flags.compactMap { vocabulary.bit(.flag($0)) }))) }
        if !self.withoutFlags.isEmpty {
            parts.append(.noneOf(FactBits(self.withoutFlags.compactMap { vocabulary.bit(.flag($0)) })))
        }
        for (kind, days) in self.deadlines { anyOf([vocabulary.bit(.deadline(kind, days: days))]) }
        if let breaches = self.breachesAtLeast { anyOf([vocabulary.bit(.breaches(breaches))]) }
        for consent in self.consents {
            anyOf(consent.answers.map { vocabulary.bit(.consent(consent.agencyKind, consent.purpose), $0) })
        }
        parts += self.all.map { $0.compiled(in: vocabulary) }
        if !self.any.isEmpty { parts.append(.any(self.any.map { $0.compiled(in: vocabulary) })) }
        if !self.none.isEmpty { parts.append(.none(self.none.map { $0.compiled(in: vocabulary) })) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }
}
