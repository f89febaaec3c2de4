import FoundationEssentials

/// Every question a rule set can ask of a case, as variables with finitely many values: the space of inputs that rules
/// are tested and proven over. A yes-or-no variable has one bit, any other one bit for each value.
struct FactVocabulary: Hashable, Sendable {
    enum Subject: Hashable, Sendable {
        case category(Category)
        case need(Need)
        case flag(CaseFlag)
        case riskItem(RiskItem)
        case person(PersonFact)
        case sign(MinorSign)
        case outcome(Outcome)
        case risk
        case channel
        case divisionLevel
        case ownerLevel
        case handlingOrgan
        // What follows is in the vocabulary when the rules ask for it.
        case within(DivisionCode)
        case deadline(DeadlineKind, days: Int)
        case breaches(Int)
        case consent(AgencyKind, Purpose)
    }

    struct Variable: Hashable, Sendable {
        let subject: Subject
        let firstBit: Int
        /// 1 for yes or no.
        let bits: Int

        /// How many values it can have.
        var values: Int { self.bits == 1 ? 2 : self.bits }
    }

    private(set) var variables: [Variable] = []
    private var indexBySubject: [Subject: Int] = [:]
    private(set) var bitCount = 0
    /// What the rules ask that is not in every vocabulary.
    private var asked: [Variable] = []

    /// The vocabulary of the conditions.
    init(_ conditions: some Sequence<RuleCondition>) {
        self = Self.standard
        for condition in conditions.lazy.flatMap(\.withNested) {
            for code in condition.within.sorted() { self.ask(.within(code)) }
            for (kind, days) in condition.deadlines.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                self.ask(.deadline(kind, days: days))
            }
            if let breaches = condition.breachesAtLeast { self.ask(.breaches(breaches)) }
            for consent in condition.consents.sorted(by: { "\($0)" < "\($1)" }) {
                self.ask(.consent(consent.agencyKind, consent.purpose))
            }
        }
    }

    private init() {
        for category in Category.known { self.add(.category(category)) }
        for need in Need.known { self.add(.need(need)) }
        for flag in CaseFlag.allCases { self.add(.flag(flag)) }
        for item in RiskItem.allCases { self.add(.riskItem(item)) }
        for person in PersonFact.allCases { self.add(.person(person)) }
        for sign in MinorSign.allCases { self.add(.sign(sign)) }
        for outcome in Outcome.allCases { self.add(.outcome(outcome)) }
        self.add(.risk, bits: RiskLevel.allCases.count)
        self.add(.channel, bits: IntakeChannel.allCases.count)
        self.add(.divisionLevel, bits: DivisionLevel.allCases.count)
        self.add(.ownerLevel, bits: DivisionLevel.allCases.count)
        self.add(.handlingOrgan, bits: HandlingOrgan.allCases.count)
    }

    private static let standard = FactVocabulary()

    private mutating func add(_ subject: Subject, bits: Int = 1) {
        self.indexBySubject[subject] = self.variables.count
        self.variables.append(Variable(subject: subject, firstBit: self.bitCount, bits: bits))
        self.bitCount += bits
    }

    private mutating func ask(_ subject: Subject) {
        guard self.indexBySubject[subject] == nil else { return }
        if case .consent = subject {
            self.add(subject, bits: ConsentAnswer.allCases.count)
        } else {
            self.add(subject)
        }
        self.asked.append(self.variables[self.variables.count - 1])
    }

    /// Whether the questions fit the bits there are; conditions are not compiled otherwise.
    var fits: Bool { self.bitCount <= FactBits.capacity }

    /// The position of a variable; `nil` for a word that no vocabulary has.
    func index(of subject: Subject) -> Int? { self.indexBySubject[subject] }

    /// The bit of a yes-or-no question.
    func bit(_ subject: Subject) -> Int? {
        self.indexBySubject[subject].map { self.variables[$0].firstBit }
    }

    /// The bit of one value of a question with several.
    func bit<Value: CaseIterable & Equatable>(_ subject: Subject, _ value: Value) -> Int?
    where Value.AllCases.Index == Int {
        guard let first = self.bit(subject), let offset = Value.allCases.firstIndex(of: value) else { return nil }
        return first + offset
    }

    /// The answers the facts of a case give.
    ///
    /// - Parameter consents: those that count; left out, they are found.
    func bits(of facts: CaseFacts, consents: [Consent]? = nil, at now: Date) -> FactBits {
        var bits = FactBits()
        func set(_ bit: Int?) {
            if let bit { bits.insert(bit) }
        }
        for category in facts.categories { set(self.bit(.category(category))) }
        for need in facts.needs { set(self.bit(.need(need))) }
        for flag in facts.flags { set(self.bit(.flag(flag))) }
        for item in facts.riskItems { set(self.bit(.riskItem(item))) }
        for person in facts.people { set(self.bit(.person(person))) }
        for sign in facts.minorSigns { set(self.bit(.sign(sign))) }
        for outcome in facts.outcomes { set(self.bit(.outcome(outcome))) }
        set(self.bit(.risk, facts.risk))
        set(self.bit(.channel, facts.channel))
        set(self.bit(.divisionLevel, facts.division.level))
        set(self.bit(.ownerLevel, facts.ownerLevel))
        set(self.bit(.handlingOrgan, facts.handlingOrgan))
        let consents = consents ?? facts.validConsents
        for variable in self.asked {
            switch variable.subject {
            case .within(let code):
                if facts.divisionPath.contains(code) { set(variable.firstBit) }
            case .deadline(let kind, let days):
                if let left = facts.days(to: kind, at: now), (0...days).contains(left) { set(variable.firstBit) }
            case .breaches(let count):
                if facts.breaches >= count { set(variable.firstBit) }
            case .consent(let kind, let purpose):
                set(variable.firstBit + consents.answer(for: kind, purpose, at: now).position)
            case .category, .need, .flag, .riskItem, .person, .sign, .outcome, .risk, .channel, .divisionLevel,
                .ownerLevel, .handlingOrgan:
                break
            }
        }
        return bits
    }
}
