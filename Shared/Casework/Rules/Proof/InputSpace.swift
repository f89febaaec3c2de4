/// Every input a rule set can get, and what holds for all of them: a level of risk is never below what its danger items
/// and categories give, and what is nearer includes what is further.
struct InputSpace {
    let vocabulary: FactVocabulary
    private let laws: [InputFormula]

    init(_ vocabulary: FactVocabulary) {
        self.vocabulary = vocabulary
        self.laws = Self.riskLaws(vocabulary) + Self.thresholdLaws(vocabulary) + Self.placeLaws(vocabulary)
    }

    /// There are at least two to this power of inputs, without regard to what excludes what.
    var magnitude: Int {
        self.vocabulary.variables.reduce(0) { $0 + (Int.bitWidth - 1 - $1.values.leadingZeroBitCount) }
    }

    /// Values for the variables under which the statement is true; `nil` when it is true for no input.
    func model(of statement: InputFormula) -> [Int: Int]? {
        var spoken = statement.support
        // A law matters when it speaks of what the statement speaks of; a variable nobody speaks of can take the value
        // that every law allows (no item, the highest risk).
        let relevant = self.laws.filter { $0.support.isSubset(of: spoken) }
        let whole = InputFormula.all([statement] + relevant)
        spoken.formUnion(whole.support)
        var model: [Int: Int] = [:]
        return self.solve(whole, &model) ? model : nil
    }

    private func solve(_ formula: InputFormula, _ model: inout [Int: Int]) -> Bool {
        switch formula {
        case .yes: return true
        case .no: return false
        case .value, .and, .or: break
        }
        guard let choice = formula.nextChoice(values: { self.vocabulary.variables[$0].values }) else { return false }
        for value in choice.values {
            model[choice.position] = value
            if self.solve(formula.assuming(choice.position, is: value), &model) { return true }
        }
        model[choice.position] = nil
        return false
    }

    // MARK: - What holds for every input

    /// The screening's level of every item and pair of items, and every category's floor: since the level is the highest
    /// of any pair's, nothing else is needed.
    private static func riskLaws(_ vocabulary: FactVocabulary) -> [InputFormula] {
        var laws: [InputFormula] = []
        guard let risk = vocabulary.index(of: .risk) else { return [] }
        func require(_ positions: [Int?], _ least: RiskLevel) {
            guard least > .low else { return }
            let mask = RiskLevel.allCases.enumerated().reduce(into: UInt64(0)) { mask, level in
                if level.element >= least { mask |= 1 << UInt64(level.offset) }
            }
            laws.append(.any(positions.compactMap { $0 }.map { .value($0, 0b01) } + [.value(risk, mask)]))
        }
        for (position, item) in RiskItem.allCases.enumerated() {
            require([vocabulary.index(of: .riskItem(item))], RiskScreening([item]).level)
            for other in RiskItem.allCases[(position + 1)...] {
                require(
                    [vocabulary.index(of: .riskItem(item)), vocabulary.index(of: .riskItem(other))],
                    RiskScreening([item, other]).level)
            }
        }
        for category in Category.known {
            require([vocabulary.index(of: .category(category))], category.riskFloor)
        }
        return laws
    }

    /// A nearer deadline is within the further one too; three breaches are two as well.
    private static func thresholdLaws(_ vocabulary: FactVocabulary) -> [InputFormula] {
        var laws: [InputFormula] = []
        for (first, left) in vocabulary.variables.enumerated() {
            for (second, right) in vocabulary.variables.enumerated() {
                switch (left.subject, right.subject) {
                case (.deadline(let one, let days), .deadline(let other, let more)) where one == other && days < more:
                    laws.append(.any([.value(first, 0b01), .value(second, 0b10)]))
                case (.breaches(let count), .breaches(let less)) where count > less:
                    laws.append(.any([.value(first, 0b01), .value(second, 0b10)]))
                default:
                    continue
                }
            }
        }
        return laws
    }

    /// Divisions hold each other or are apart, and the owner is never nearer than the case.
    private static func placeLaws(_ vocabulary: FactVocabulary) -> [InputFormula] {
        var laws: [InputFormula] = []
        guard let level = vocabulary.index(of: .divisionLevel), let owner = vocabulary.index(of: .ownerLevel) else {
            return []
        }
        for (first, left) in vocabulary.variables.enumerated() {
            guard case .within(let code) = left.subject else { continue }
            let levels = DivisionLevel.allCases.enumerated().reduce(into: UInt64(0)) { mask, level in
                if level.element >= code.level { mask |= 1 << UInt64(level.offset) }
            }
            laws.append(.any([.value(first, 0b01), .value(level, levels)]))
            for (second, right) in vocabulary.variables.enumerated() where second != first {
                guard case .within(let other) = right.subject else { continue }
                if code.isWithin(other) {
                    laws.append(.any([.value(first, 0b01), .value(second, 0b10)]))
                } else if !other.isWithin(code), first < second {
                    laws.append(.any([.value(first, 0b01), .value(second, 0b01)]))
                }
            }
        }
        for value in 0..<DivisionLevel.allCases.count {
            // An owner at this level: the case lies there or nearer.
            let mask = ((UInt64(1) << UInt64(DivisionLevel.allCases.count)) - 1) & ~((UInt64(1) << UInt64(value)) - 1)
            let others = ((UInt64(1) << UInt64(DivisionLevel.allCases.count)) - 1) & ~(UInt64(1) << UInt64(value))
            laws.append(.any([.value(owner, others), .value(level, mask)]))
        }
        return laws
    }
}
