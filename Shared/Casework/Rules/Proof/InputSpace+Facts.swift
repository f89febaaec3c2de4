import FoundationEssentials

extension InputSpace {
    /// A case with these values; what the values leave open is as harmless as the laws allow. The time is any: deadlines
    /// are set around it.
    func facts(_ model: [Int: Int], at now: Date) -> CaseFacts {
        func value(_ subject: FactVocabulary.Subject) -> Int? {
            self.vocabulary.index(of: subject).flatMap { model[$0] }
        }
        func isYes(_ subject: FactVocabulary.Subject) -> Bool { value(subject) == 1 }

        let level = value(.divisionLevel).map { DivisionLevel.allCases[$0] }
        let inside = self.vocabulary.variables.compactMap { variable -> DivisionCode? in
            if case .within(let code) = variable.subject, isYes(variable.subject) { code } else { nil }
        }
        let innermost = inside.max { $0.level < $1.level }
        let ownerLevel = value(.ownerLevel).map { DivisionLevel.allCases[$0] }
        let wanted = level ?? [innermost?.level, ownerLevel, .county].compactMap { $0 }.max() ?? .county
        let division = Self.division(in: innermost, at: wanted)

        var facts = CaseFacts(channel: .hotline, division: division)
        if let ownerLevel { facts.ownerLevel = ownerLevel }
        if let channel = value(.channel) { facts.channel = IntakeChannel.allCases[channel] }
        if let organ = value(.handlingOrgan) { facts.handlingOrgan = HandlingOrgan.allCases[organ] }
        facts.categories = Set(Category.known.filter { isYes(.category($0)) })
        facts.needs = Set(Need.known.filter { isYes(.need($0)) })
        facts.flags = Set(CaseFlag.allCases.filter { isYes(.flag($0)) })
        facts.riskItems = Set(RiskItem.allCases.filter { isYes(.riskItem($0)) })
        facts.people = Set(PersonFact.allCases.filter { isYes(.person($0)) })
        facts.minorSigns = Set(MinorSign.allCases.filter { isYes(.sign($0)) })
        facts.outcomes = Set(Outcome.allCases.filter { isYes(.outcome($0)) })
        facts.risk =
            value(.risk).map { RiskLevel.allCases[$0] }
            ?? RiskScreening(facts.riskItems).level(for: facts.categories)
        let today = LocalDate(inBeijing: now)
        for (position, variable) in self.vocabulary.variables.enumerated() where model[position] != nil {
            switch variable.subject {
            case .deadline(let kind, let days) where model[position] == 1:
                let day = today.adding(days: days)
                facts.deadlines[kind] = min(facts.deadlines[kind] ?? day, day)
            case .breaches(let count) where model[position] == 1:
                facts.breaches = max(facts.breaches, count)
            case .consent(let kind, let purpose):
                facts.consents += Self.consent(kind, purpose, ConsentAnswer.allCases[model[position] ?? 0], at: now)
            default:
                continue
            }
        }
        return facts
    }

    private static func consent(
        _ kind: AgencyKind, _ purpose: Purpose, _ answer: ConsentAnswer, at now: Date
    ) -> [Consent] {
        let status: ConsentStatus
        switch answer {
        case .missing: return []
        case .granted, .expired: status = .granted
        case .refused: status = .refused
        case .withdrawn: status = .withdrawn
        }
        let expiresAt = answer == .expired ? now.addingTimeInterval(-1) : nil
        return [Consent(agencyKinds: [kind], purpose: purpose, status: status, expiresAt: expiresAt)]
    }

    /// A division of that level inside another, or in no division that rules name.
    private static func division(in around: DivisionCode?, at level: DivisionLevel) -> DivisionCode {
        let text: String
        if let around, around.level >= level {
            text = around.ancestor(at: level)?.rawValue ?? around.rawValue
        } else {
            text = Self.inner(of: around?.rawValue ?? "990000", level: around?.level ?? .region, to: level)
        }
        // The text is built to have 6, 9 or 12 digits; were it not, the county of no division stands in.
        return DivisionCode(text) ?? around ?? DivisionCode.nowhere
    }
}

extension InputSpace {
    /// A made-up code inside another, one level after the other.
    private static func inner(of text: String, level: DivisionLevel, to wanted: DivisionLevel) -> String {
        guard level < wanted else { return text }
        switch level {
        case .region: return Self.inner(of: text.prefix(2) + "9900", level: .league, to: wanted)
        case .league: return Self.inner(of: text.prefix(4) + "99", level: .county, to: wanted)
        case .county: return Self.inner(of: text + "099", level: .township, to: wanted)
        case .township: return Self.inner(of: text + "099", level: .village, to: wanted)
        case .village: return text
        }
    }
}

extension DivisionCode {
    /// A county that no country has: for examples.
    static let nowhere = DivisionCode(known: "990199")
}
