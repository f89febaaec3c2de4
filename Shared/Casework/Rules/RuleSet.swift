/// The clocks a case has whatever its referrals do, by risk level. Every level must be present.
public struct CaseClockNames: Hashable, Sendable {
    /// From the request to the first response.
    public var firstResponse: [RiskLevel: ClockName] = [:]
    /// The owner's own next step when no referral carries the case.
    public var caseAction: [RiskLevel: ClockName] = [:]
    /// The call-backs after the case was settled, each counted from the settlement.
    public var followUp: [RiskLevel: [ClockName]] = [:]
    /// From the last outcome to the call-back before closing; the owner's own next step when a level names none.
    public var callBack: [RiskLevel: ClockName] = [:]
    /// How long an assessment of danger holds before it is made anew; a level without one is looked at on events alone.
    public var riskReview: [RiskLevel: ClockName] = [:]
    /// The owner's time after an escalation, by the level it was escalated to.
    public var escalation: [RiskLevel: [DivisionLevel: ClockName]] = [:]

    public init() {}
}

/// A version of the rules 规则: data with legal bases that decides where a case goes and how long everybody has.
///
/// A rule set is made from YAML with ``init(yaml:)``, proven with ``RuleSetChecker`` and then applied with
/// ``decide(_:directory:now:)``. It never changes; a change is a new version.
public struct RuleSet: Hashable, Sendable {
    public let version: String
    public let title: String
    public let clocks: [ClockName: ClockDefinition]
    /// The longest a clock may be by law, where one says so.
    public let clockLimits: [ClockName: ClockDuration]
    public let caseClocks: CaseClockNames
    /// In the order they are applied: by stage, then as written.
    public let rules: [Rule]
    /// Who set the rules; `nil` when each rule says it.
    public let setBy: String?
    /// The longest an answer may take in the green channel; `nil` when there is none.
    public let greenChannel: ClockName?
    /// What starts when something happens to a case beside its referrals.
    public let milestones: [MilestoneKind: Milestone]
    /// How long the law or the network lets clocks be paused and extended, and on what ground.
    public let changes: ClockChanges
    /// Where each clock stands in its file.
    let clockLines: [ClockName: Int]
    let compiled: CompiledRules

    public init(
        version: String, title: String = "", clocks: [ClockName: ClockDefinition],
        clockLimits: [ClockName: ClockDuration] = [:], caseClocks: CaseClockNames, rules: [Rule],
        setBy: String? = nil, greenChannel: ClockName? = nil, milestones: [MilestoneKind: Milestone] = [:],
        changes: ClockChanges = ClockChanges(), clockLines: [ClockName: Int] = [:]
    ) {
        self.version = version
        self.title = title
        self.clocks = clocks
        self.clockLimits = clockLimits
        self.caseClocks = caseClocks
        self.setBy = setBy
        self.greenChannel = greenChannel
        self.milestones = milestones
        self.changes = changes
        self.clockLines = clockLines
        // A stable order: `sorted` alone does not promise to keep equals as written.
        self.rules = rules.enumerated()
            .sorted { ($0.element.stage, $0.offset) < ($1.element.stage, $1.offset) }
            .map(\.element)
        self.compiled = CompiledRules(self.rules, clocks: ClockBook(clocks: clocks, green: greenChannel))
    }

    /// Reads the rules' YAML. Throws with every problem of shape, each with its line. What the rules mean is checked by
    /// ``RuleSetChecker``.
    public init(yaml text: String) throws(RuleSetError) {
        self = try RuleSetReader.read(text)
    }

    /// Reads rules, replaces clock durations by name when an override is given, checks all of it, and throws with every
    /// problem found. What a service or `rules check` calls.
    public static func load(yaml: String, clockOverridesYAML: String? = nil) throws(RuleSetError) -> RuleSet {
        var ruleSet = try RuleSet(yaml: yaml)
        if let clockOverridesYAML {
            ruleSet = try ruleSet.overriding(try ClockOverrides(yaml: clockOverridesYAML))
        }
        let problems = RuleSetChecker.problems(in: ruleSet)
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
        return ruleSet
    }

    /// The same rules with other durations for some clocks. Throws when an override names a clock that does not exist.
    public func overriding(_ overrides: ClockOverrides) throws(RuleSetError) -> RuleSet {
        var clocks = self.clocks
        var problems: [RuleProblem] = []
        for (name, duration) in overrides.durations.sorted(by: { $0.key < $1.key }) {
            guard let clock = clocks[name] else {
                problems.append(
                    RuleProblem(code: .unknownClock, rule: nil, line: 0, message: "override of unknown clock \(name)"))
                continue
            }
            clocks[name] = ClockDefinition(name: name, duration: duration, basis: clock.basis)
        }
        guard problems.isEmpty else {
            throw RuleSetError(problems: problems)
        }
        return RuleSet(
            version: "\(self.version)+\(overrides.suffix)", title: self.title, clocks: clocks,
            clockLimits: self.clockLimits, caseClocks: self.caseClocks, rules: self.rules, setBy: self.setBy,
            greenChannel: self.greenChannel, milestones: self.milestones, changes: self.changes,
            clockLines: self.clockLines)
    }

    var clockBook: ClockBook { ClockBook(clocks: self.clocks, green: self.greenChannel) }

    /// The outcomes some rule asks for: only these can make a case need more.
    public var outcomesAskedFor: Set<Outcome> { self.compiled.outcomes }

    /// The fewest breaches some rule asks for; `nil` when none asks.
    public var fewestBreachesAskedFor: Int? { self.compiled.fewestBreaches }

    /// The definition of a clock; `nil` when the set has none of that name, which a checked set has not for its own.
    public func clock(_ name: ClockName) -> ClockDefinition? {
        self.clocks[name]
    }

    /// The first-response clock for a risk level; the network's default when the set names none.
    public func firstResponse(for risk: RiskLevel) -> ClockDefinition {
        self.caseClocks.firstResponse[risk].flatMap { self.clocks[$0] } ?? .defaultFirstResponse(for: risk)
    }

    /// The owner's clock for a case that no referral carries.
    public func caseAction(for risk: RiskLevel) -> ClockDefinition {
        self.caseClocks.caseAction[risk].flatMap { self.clocks[$0] } ?? .defaultFirstResponse(for: risk)
    }

    /// The owner's clock after an escalation to a level.
    public func escalation(for risk: RiskLevel, to level: DivisionLevel) -> ClockDefinition {
        self.caseClocks.escalation[risk]?[level].flatMap { self.clocks[$0] } ?? self.caseAction(for: risk)
    }

    /// From the last outcome to the call-back before closing.
    public func callBack(for risk: RiskLevel) -> ClockDefinition {
        self.caseClocks.callBack[risk].flatMap { self.clocks[$0] } ?? self.caseAction(for: risk)
    }

    /// How long an assessment of danger holds; `nil` when it is made anew on events alone.
    public func riskReview(for risk: RiskLevel) -> ClockDefinition? {
        self.caseClocks.riskReview[risk].flatMap { self.clocks[$0] }
    }

    /// The call-backs after settlement, soonest first.
    public func followUps(for risk: RiskLevel) -> [ClockDefinition] {
        (self.caseClocks.followUp[risk] ?? []).compactMap { self.clocks[$0] }
            .sorted { $0.duration.approximateSeconds < $1.duration.approximateSeconds }
    }
}

/// Other durations for some clocks of a rule set, by name: for a demonstration, or for one place.
public struct ClockOverrides: Hashable, Sendable {
    /// Appended to the version, so that decisions made with the override can be told apart.
    public let suffix: String
    public let durations: [ClockName: ClockDuration]

    public init(suffix: String, durations: [ClockName: ClockDuration]) {
        self.suffix = suffix
        self.durations = durations
    }

    /// Reads `suffix` and `clocks` (name: duration) from YAML.
    public init(yaml text: String) throws(RuleSetError) {
        self = try RuleSetReader.readOverrides(text)
    }
}
