import FoundationEssentials

/// The rules of a set made ready to be applied: conditions as formulas, and which rule sets which aside.
struct CompiledRules: Hashable, Sendable {
    let vocabulary: FactVocabulary
    /// One for each rule, in the rules' order.
    let conditions: [CompiledCondition]
    /// One for each rule, in the rules' order.
    let prepared: [PreparedRule]
    /// The positions of the rules that set each rule aside when they hold.
    let setAsideBy: [[Int]]
    /// Positions so that whoever sets a rule aside comes before it.
    private let order: [Int]
    /// Rules that set each other aside in a circle; their ids.
    let circle: [String]
    /// The outcomes the conditions ask for.
    let outcomes: Set<Outcome>
    /// The fewest breaches they ask for.
    let fewestBreaches: Int?

    init(_ rules: [Rule], clocks: ClockBook) {
        self.vocabulary = FactVocabulary(rules.map(\.condition))
        let conditions = rules.flatMap(\.condition.withNested)
        self.outcomes = conditions.reduce(into: []) { $0.formUnion($1.outcomes) }
        self.fewestBreaches = conditions.compactMap(\.breachesAtLeast).min()
        let vocabulary = self.vocabulary
        self.conditions = rules.map { vocabulary.fits ? $0.condition.compiled(in: vocabulary) : .never }
        self.prepared = rules.map {
            PreparedRule(
                $0, reasons: vocabulary.fits ? ReasonPlan($0.condition, in: vocabulary) : .none, clocks: clocks)
        }
        var setAsideBy = [[Int]](repeating: [], count: rules.count)
        for (position, rule) in rules.enumerated() {
            for (other, candidate) in rules.enumerated() where rule.setsAside.contains(candidate.id) {
                setAsideBy[other].append(position)
            }
        }
        self.setAsideBy = setAsideBy
        var order: [Int] = []
        var left = Array(rules.indices)
        while !left.isEmpty {
            let placed = Set(order)
            let ready = left.filter { setAsideBy[$0].allSatisfy(placed.contains) }
            if ready.isEmpty { break }
            order += ready
            left.removeAll { ready.contains($0) }
        }
        self.order = order
        self.circle = left.map { rules[$0].id }
    }

    /// The positions of the rules that hold and are not set aside, in the rules' order.
    func matching(_ bits: FactBits) -> [Int] {
        var holds = [Bool](repeating: false, count: self.conditions.count)
        for position in self.order where self.conditions[position].holds(bits) {
            holds[position] = !self.setAsideBy[position].contains { holds[$0] }
        }
        return holds.indices.filter { holds[$0] }
    }

    /// The formula of when a rule takes effect: it holds and nothing that sets it aside does.
    func effective(_ position: Int) -> CompiledCondition {
        let others = self.setAsideBy[position]
        guard !others.isEmpty, self.circle.isEmpty else { return self.conditions[position] }
        return .all([self.conditions[position], .none(others.map { self.effective($0) })])
    }
}
