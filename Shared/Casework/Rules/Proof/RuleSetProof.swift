import FoundationEssentials

/// What is proven of a rule set over every input there is, not over examples: that there is always an owner with a clock,
/// that no rule is dead, that no two rules contradict each other, and that nothing brings the parties together while the
/// violence flag stands. What cannot be proven comes back as a problem with an input that shows it.
struct RuleSetProof {
    let ruleSet: RuleSet
    private let space: InputSpace
    private let effective: [InputFormula]
    /// Any time will do: nothing that is proven depends on it.
    private let now = LocalDate(dayNumber: 20_454).startInBeijing

    init(_ ruleSet: RuleSet) {
        self.ruleSet = ruleSet
        let vocabulary = ruleSet.compiled.vocabulary
        self.space = InputSpace(vocabulary)
        self.effective = ruleSet.rules.indices.map { ruleSet.compiled.effective($0).formula(in: vocabulary) }
    }

    /// There are at least two to this power of inputs.
    var magnitude: Int { self.space.magnitude }

    var problems: [RuleProblem] {
        guard self.ruleSet.compiled.vocabulary.fits else {
            return [
                RuleProblem(
                    code: .tooManyQuestions, rule: nil, line: 0,
                    message: "the rules ask \(self.ruleSet.compiled.vocabulary.bitCount) questions, at most "
                        + "\(FactBits.capacity) can be asked; drop some of within, deadlines, consents, breaches")
            ]
        }
        guard self.ruleSet.compiled.circle.isEmpty else {
            let circle = self.ruleSet.compiled.circle
            return [
                RuleProblem(
                    code: .cycle, rule: circle[0], line: self.ruleSet.rules.first { $0.id == circle[0] }?.line ?? 0,
                    message: "sets_aside goes in a circle: \(circle.joined(separator: ", "))")
            ]
        }
        return self.ownerProblems + self.deadRules + self.conflicts + self.mediationProblems
    }

    private func example(_ model: [Int: Int]) -> CaseFacts { self.space.facts(model, at: self.now) }

    private func problem(
        _ code: RuleProblem.Code, _ rule: Rule?, _ message: String, _ model: [Int: Int]? = nil
    ) -> RuleProblem {
        RuleProblem(
            code: code, rule: rule?.id, line: rule?.line ?? 0, message: message,
            example: model.map { self.example($0).example(at: self.now) })
    }

    // MARK: - Always an owner and a clock

    /// The backstop must hold for every input: the statement that no rule of it does must be true for none.
    private var ownerProblems: [RuleProblem] {
        let vocabulary = self.ruleSet.compiled.vocabulary
        let backstops = self.ruleSet.rules.indices.filter { position in
            let rule = self.ruleSet.rules[position]
            return rule.stage == .backstop
                && rule.targets.contains { $0.agencyKind == .womensFederation && !$0.consentRequired }
        }
        let nobody = InputFormula.all(
            backstops.map { CompiledCondition.none([self.ruleSet.compiled.effective($0)]).formula(in: vocabulary) })
        guard let model = self.space.model(of: nobody) else { return [] }
        return [
            self.problem(
                .missingBackstop, nil,
                "a case without an owner: no backstop rule sends it to womens_federation without consent", model)
        ]
    }

    // MARK: - No dead rule

    private var deadRules: [RuleProblem] {
        self.ruleSet.rules.indices.compactMap { position in
            let rule = self.ruleSet.rules[position]
            guard self.space.model(of: self.effective[position]) != nil else {
                let alone = self.space.model(
                    of: self.ruleSet.compiled.conditions[position].formula(in: self.ruleSet.compiled.vocabulary))
                return alone == nil
                    ? self.problem(.contradiction, rule, "no case can satisfy when")
                    : self.problem(.unreachable, rule, "is set aside whenever it holds")
            }
            guard rule.note == nil, rule.lane == nil, rule.selection == nil else { return nil }
            return self.redundancy(of: position)
        }
    }

    /// A rule that changes nothing: whenever it holds, earlier ones do all it does.
    private func redundancy(of position: Int) -> RuleProblem? {
        let rule = self.ruleSet.rules[position]
        let vocabulary = self.ruleSet.compiled.vocabulary
        var earlier: Set<Int> = []
        func unlessGiven(_ gives: (Rule) -> Bool) -> InputFormula {
            let others = self.ruleSet.rules.indices.prefix(position).filter { gives(self.ruleSet.rules[$0]) }
            earlier.formUnion(others)
            return .all(
                others.map { CompiledCondition.none([self.ruleSet.compiled.effective($0)]).formula(in: vocabulary) })
        }
        var effects = rule.targets.map { target in unlessGiven { $0.targets.contains(target) } }
        if let level = rule.ownerLevel {
            effects.append(unlessGiven { $0.ownerLevel.map { $0 <= level } ?? false })
        }
        guard !effects.isEmpty, self.space.model(of: .all([self.effective[position], .any(effects)])) == nil else {
            return nil
        }
        let names = earlier.sorted().map { self.ruleSet.rules[$0].id }
        return self.problem(.unreachable, rule, "changes nothing after rule \(names.joined(separator: ", "))")
    }

    // MARK: - No contradiction

    /// Two rules that can hold together and want the same of the same kind of agency in ways that exclude each other.
    private var conflicts: [RuleProblem] {
        var problems: [RuleProblem] = []
        let given = self.ruleSet.rules.indices.flatMap { position in
            self.ruleSet.rules[position].targets.map { (position: position, target: $0) }
        }
        for (offset, one) in given.enumerated() {
            for other in given[..<offset] where other.target.subject == one.target.subject {
                guard let what = self.difference(other, one) else { continue }
                let together = InputFormula.all([self.effective[other.position], self.effective[one.position]])
                guard let model = self.space.model(of: together) else { continue }
                problems.append(
                    self.problem(
                        .conflict, self.ruleSet.rules[one.position],
                        "and rule \(self.ruleSet.rules[other.position].id) both ask \(one.target.agencyKind) for "
                            + "\(one.target.purpose), with another \(what)", model))
            }
        }
        return problems
    }

    /// What two targets of one subject disagree about; an earlier stage may be stricter than a later one.
    private func difference(
        _ first: (position: Int, target: RuleTarget), _ second: (position: Int, target: RuleTarget)
    ) -> String? {
        if first.position == second.position { return "line of the same rule" }
        if first.target.level != second.target.level { return "level" }
        if first.target.places != second.target.places { return "place" }
        guard self.ruleSet.rules[first.position].stage == self.ruleSet.rules[second.position].stage else { return nil }
        if first.target.profile != second.target.profile { return "profile" }
        if first.target.consentRequired != second.target.consentRequired { return "consent" }
        if first.target.holdUntilSafe != second.target.holdUntilSafe { return "hold_until_safe" }
        return nil
    }

    // MARK: - Mediation is never automatic with a violence flag

    /// For every rule that mediates and can hold together with the violence flag: the very decision is made for such a
    /// case, with every consent given and an agency of every kind at hand, and must not mediate.
    private var mediationProblems: [RuleProblem] {
        let vocabulary = self.ruleSet.compiled.vocabulary
        guard let flag = vocabulary.index(of: .flag(.domesticViolence)) else { return [] }
        return self.ruleSet.rules.indices.compactMap { position in
            let rule = self.ruleSet.rules[position]
            guard rule.targets.contains(where: { $0.bringsPartiesTogether }) else { return nil }
            let violent = InputFormula.all([self.effective[position], .value(flag, 0b10)])
            guard let model = self.space.model(of: violent) else { return nil }
            var facts = self.example(model)
            facts.consents += rule.targets.map {
                Consent(agencyKinds: [$0.agencyKind], purpose: $0.purpose, status: .granted)
            }
            let decision = self.ruleSet.decide(
                facts, directory: self.ruleSet.directoryOfEverything(for: facts), now: self.now)
            guard decision.targets.contains(where: \.bringsPartiesTogether) else { return nil }
            return self.problem(.hiddenMediation, rule, "mediates although violence is suspected", model)
        }
    }
}

extension RuleTarget {
    /// Whether this makes the parties meet.
    var bringsPartiesTogether: Bool {
        self.purpose.isMediation || self.agencyKind == .mediationCommittee
            || (self.profile == .mediation && self.purpose != .judicialConfirmation)
    }
}

extension RoutingTarget {
    var bringsPartiesTogether: Bool {
        self.purpose.isMediation || self.agencyKind == .mediationCommittee
            || (self.profile == .mediation && self.purpose != .judicialConfirmation)
    }
}

extension RuleSet {
    /// An agency of every kind the rules name at every place around a case: a network in which nothing is missing.
    public func directoryOfEverything(for facts: CaseFacts, and other: RuleSet? = nil) -> AgencyDirectory {
        let kinds = Set((self.rules + (other?.rules ?? [])).flatMap { $0.targets.map(\.agencyKind) })
        let places = Set(PlaceRole.allCases.compactMap { facts.path(of: $0) }.joined())
        return AgencyDirectory(
            places.flatMap { place in
                kinds.map { kind in
                    Agency(
                        id: UUID(), code: "\(place)-\(kind.rawValue.split(separator: "_").joined(separator: "-"))",
                        kind: kind, name: kind.rawValue, division: place)
                }
            })
    }
}
