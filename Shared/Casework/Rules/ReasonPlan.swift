/// How the reasons for a condition are told: the codes of the facts it asks for, beside the bits that say whether they
/// hold. Tells the same as ``RuleCondition/match(_:at:)`` for a condition that holds, without making any text; a test
/// compares the two.
struct ReasonPlan: Hashable, Sendable {
    private struct Code: Hashable, Sendable {
        let bit: Int
        let text: String
    }

    private indirect enum Part: Hashable, Sendable {
        /// Each of these that holds.
        case each([Code])
        /// The first of these that holds.
        case first([Code])
        /// How many clocks have run out.
        case breaches
        /// Those of these that hold.
        case any([Branch])
    }

    private struct Branch: Hashable, Sendable {
        let condition: CompiledCondition
        let plan: ReasonPlan
    }

    private var parts: [Part] = []

    init(_ condition: RuleCondition, in vocabulary: FactVocabulary) {
        func each(_ codes: [(Int?, String)]) {
            let known = codes.compactMap { bit, text in bit.map { Code(bit: $0, text: text) } }
            if !known.isEmpty { self.parts.append(.each(known)) }
        }
        func words<Word: RawRepresentable<String> & Hashable>(
            _ wanted: Set<Word>, _ name: String, _ bit: (Word) -> Int?
        ) {
            each(wanted.map { (bit($0), "\(name):\($0.rawValue)") }.sorted { $0.1 < $1.1 })
        }
        words(condition.categories, "category") { vocabulary.bit(.category($0)) }
        words(condition.needs, "need") { vocabulary.bit(.need($0)) }
        words(condition.anyRiskItem, "risk_item") { vocabulary.bit(.riskItem($0)) }
        words(condition.people, "people") { vocabulary.bit(.person($0)) }
        words(condition.minorSigns, "minor_sign") { vocabulary.bit(.sign($0)) }
        words(condition.outcomes, "outcome") { vocabulary.bit(.outcome($0)) }
        words(condition.channels, "channel") { vocabulary.bit(.channel, $0) }
        words(condition.handlingOrgans, "handling_organ") { vocabulary.bit(.handlingOrgan, $0) }
        words(condition.flags, "flag") { vocabulary.bit(.flag($0)) }
        words(condition.divisionLevels, "division_level") { vocabulary.bit(.divisionLevel, $0) }
        words(condition.ownerLevels, "owner_level") { vocabulary.bit(.ownerLevel, $0) }
        let around = condition.within.sorted().compactMap { code in
            vocabulary.bit(.within(code)).map { Code(bit: $0, text: "within:\(code)") }
        }
        if !around.isEmpty { self.parts.append(.first(around)) }
        if condition.riskAtLeast != nil {
            each(RiskLevel.allCases.map { (vocabulary.bit(.risk, $0), "risk:\($0.rawValue)") })
        }
        for (kind, days) in condition.deadlines.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            each([(vocabulary.bit(.deadline(kind, days: days)), "deadline:\(kind.rawValue)")])
        }
        if condition.breachesAtLeast != nil { self.parts.append(.breaches) }
        for consent in condition.orderedConsents {
            each(
                ConsentAnswer.allCases.map { answer in
                    (vocabulary.bit(.consent(consent.agencyKind, consent.purpose), answer), consent.reason(answer))
                })
        }
        for nested in condition.all { self.parts += ReasonPlan(nested, in: vocabulary).parts }
        if !condition.any.isEmpty {
            self.parts.append(
                .any(
                    condition.any.map {
                        Branch(condition: $0.compiled(in: vocabulary), plan: ReasonPlan($0, in: vocabulary))
                    }))
        }
    }

    /// No reasons: for a rule that was made for one case.
    static let none = ReasonPlan()

    private init() {}

    /// Adds the reasons that hold, in the order of the condition's keys.
    func tell(_ bits: FactBits, _ facts: CaseFacts, to reasons: inout [String]) {
        for part in self.parts {
            switch part {
            case .each(let codes):
                for code in codes where bits.contains(code.bit) { reasons.append(code.text) }
            case .first(let codes):
                if let code = codes.first(where: { bits.contains($0.bit) }) { reasons.append(code.text) }
            case .breaches:
                reasons.append("breaches:\(facts.breaches)")
            case .any(let branches):
                for branch in branches where branch.condition.holds(bits) {
                    branch.plan.tell(bits, facts, to: &reasons)
                }
            }
        }
    }
}

extension RuleCondition {
    /// The conditions on consents, always in the same order.
    var orderedConsents: [ConsentCondition] {
        self.consents.sorted { ($0.agencyKind, $0.purpose) < ($1.agencyKind, $1.purpose) }
    }
}

extension ConsentCondition {
    func reason(_ answer: ConsentAnswer) -> String {
        "consent:\(self.agencyKind):\(self.purpose):\(answer.rawValue)"
    }
}
