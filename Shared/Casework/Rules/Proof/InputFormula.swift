/// A statement about the inputs of a rule set in negation normal form. What is stated of one variable is the set of
/// values it may have, as a mask of up to 64.
indirect enum InputFormula: Hashable {
    case yes
    case no
    /// The variable at this position has one of these values.
    case value(Int, UInt64)
    case and([InputFormula])
    case or([InputFormula])

    static func all(_ parts: [InputFormula]) -> InputFormula {
        var kept: [InputFormula] = []
        for part in parts {
            switch part {
            case .yes: continue
            case .no: return .no
            case .and(let inner): kept += inner
            case .value, .or: kept.append(part)
            }
        }
        return kept.isEmpty ? .yes : kept.count == 1 ? kept[0] : .and(kept)
    }

    static func any(_ parts: [InputFormula]) -> InputFormula {
        var kept: [InputFormula] = []
        for part in parts {
            switch part {
            case .no: continue
            case .yes: return .yes
            case .or(let inner): kept += inner
            case .value, .and: kept.append(part)
            }
        }
        return kept.isEmpty ? .no : kept.count == 1 ? kept[0] : .or(kept)
    }

    /// What remains to be stated when the variable at `position` has `value`.
    func assuming(_ position: Int, is value: Int) -> InputFormula {
        switch self {
        case .yes, .no: self
        case .value(let other, let mask):
            other != position ? self : mask & (1 << UInt64(value)) != 0 ? .yes : .no
        case .and(let parts): .all(parts.map { $0.assuming(position, is: value) })
        case .or(let parts): .any(parts.map { $0.assuming(position, is: value) })
        }
    }

    /// The variables spoken of.
    var support: Set<Int> {
        switch self {
        case .yes, .no: []
        case .value(let position, _): [position]
        case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.support) }
        }
    }

    /// A variable to decide on next, and the values worth trying: one that is stated outright if there is any, since its
    /// other values are ruled out.
    func nextChoice(values: (Int) -> Int) -> (position: Int, values: [Int])? {
        switch self {
        case .yes, .no:
            return nil
        case .value(let position, let mask):
            return (position, (0..<values(position)).filter { mask & (1 << UInt64($0)) != 0 })
        case .and(let parts):
            for case .value(let position, let mask) in parts {
                return (position, (0..<values(position)).filter { mask & (1 << UInt64($0)) != 0 })
            }
            return parts[0].anyVariable.map { ($0, Array(0..<values($0))) }
        case .or(let parts):
            return parts[0].anyVariable.map { ($0, Array(0..<values($0))) }
        }
    }

    private var anyVariable: Int? {
        switch self {
        case .yes, .no: nil
        case .value(let position, _): position
        case .and(let parts), .or(let parts): parts.lazy.compactMap(\.anyVariable).first
        }
    }
}

extension CompiledCondition {
    /// The statement that this condition holds, or that it does not.
    func formula(_ holds: Bool = true, in vocabulary: FactVocabulary) -> InputFormula {
        switch self {
        case .anyOf(let bits):
            let parts = vocabulary.variables.indices.compactMap { position -> InputFormula? in
                let mask = vocabulary.mask(of: bits, at: position)
                return mask == 0 ? nil : .value(position, holds ? mask : vocabulary.allValues(at: position) & ~mask)
            }
            return holds ? .any(parts) : .all(parts)
        case .allOf(let bits):
            let parts = vocabulary.variables.indices.flatMap { position -> [InputFormula] in
                let mask = vocabulary.mask(of: bits, at: position)
                let all = vocabulary.allValues(at: position)
                // Two values of one variable never hold together.
                if mask.nonzeroBitCount > 1 { return [holds ? .no : .yes] }
                return mask == 0 ? [] : [.value(position, holds ? mask : all & ~mask)]
            }
            return holds ? .all(parts) : .any(parts)
        case .noneOf(let bits):
            return CompiledCondition.anyOf(bits).formula(!holds, in: vocabulary)
        case .all(let conditions):
            let parts = conditions.map { $0.formula(holds, in: vocabulary) }
            return holds ? .all(parts) : .any(parts)
        case .any(let conditions):
            let parts = conditions.map { $0.formula(holds, in: vocabulary) }
            return holds ? .any(parts) : .all(parts)
        case .none(let conditions):
            return CompiledCondition.any(conditions).formula(!holds, in: vocabulary)
        }
    }
}

extension FactVocabulary {
    /// The values of a variable that bits name: value 1 for a yes-or-no question that is among them.
    func mask(of bits: FactBits, at position: Int) -> UInt64 {
        let variable = self.variables[position]
        if variable.bits == 1 { return bits.contains(variable.firstBit) ? 0b10 : 0 }
        return (0..<variable.bits).reduce(into: UInt64(0)) { mask, value in
            if bits.contains(variable.firstBit + value) { mask |= 1 << UInt64(value) }
        }
    }

    func allValues(at position: Int) -> UInt64 { (1 << UInt64(self.variables[position].values)) - 1 }
}
