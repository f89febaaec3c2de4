import FoundationEssentials

/// What scenarios are decided with, beside the rules.
public struct ScenarioNetwork: Sendable {
    public let directory: AgencyDirectory
    public let calendar: HolidayCalendar

    public init(directory: AgencyDirectory, calendar: HolidayCalendar) {
        self.directory = directory
        self.calendar = calendar
    }
}

extension RuleScenario {
    /// The whole file: what was given, and what the rules make of it, always written the same way. A file whose text
    /// differs expects something else than the rules do.
    public func text(_ rules: RuleSet, in network: ScenarioNetwork) -> String {
        var lines = [self.given, "", Self.expectation]
        let first = rules.decide(self.facts, directory: network.directory, now: self.now)
        lines += self.lines(first, rules, network, indent: "  ")
        if !self.steps.isEmpty {
            lines.append("  after:")
            lines += self.stepLines(first, rules, network)
        }
        if !self.occurrences.isEmpty {
            lines.append("  milestones:")
            for occurrence in self.occurrences {
                let planned = rules.clocks(
                    after: occurrence.kind, at: self.now, until: occurrence.until, calendar: network.calendar,
                    now: self.now)
                lines += planned.map { clock in
                    "    - { milestone: \(occurrence.kind.rawValue), clock: \(clock.definition.name), due: "
                        + "\(Self.minute(clock.dueAt)), basis: \(clock.definition.basis) }"
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(
        _ decision: RoutingDecision, _ rules: RuleSet, _ network: ScenarioNetwork, indent: String
    ) -> [String] {
        var lines: [String] = []
        let first = rules.firstResponse(for: self.facts.risk)
        lines.append(
            "\(indent)owner: { level: \(decision.ownerLevel.rawValue), division: \"\(decision.ownerDivision)\", "
                + "first_response: \(self.time(first, network)), action: "
                + "\(self.time(rules.clock(decision.ownerClock), network)) }")
        if decision.lane == .green { lines.append("\(indent)lane: green") }
        if decision.backstopUsed { lines.append("\(indent)backstop: true") }
        if !decision.targets.isEmpty {
            lines.append("\(indent)referrals:")
            for target in decision.targets {
                let name = network.directory[target.agencyID]?.name ?? ""
                lines.append("\(indent)  - to: \(name)")
                lines.append(
                    "\(indent)    asked: { kind: \(target.agencyKind), division: \"\(target.division)\", purpose: "
                        + "\(target.purpose), profile: \(target.profile), persons: \(target.assignees) }")
                lines.append("\(indent)    answer: \(self.time(rules.clock(target.answerClock), network))")
                lines.append("\(indent)    outcome: \(rules.clock(target.outcomeClock)?.duration.description ?? "")")
                lines.append("\(indent)    consent: \(target.consentBasis.rawValue)")
                lines.append("\(indent)    law: \(target.legalBases.joined(separator: "；"))")
                lines.append("\(indent)    rules: [\(target.ruleIDs.joined(separator: ", "))]")
                let choice = target.alternatives.compactMap { network.directory[$0]?.name }
                if !choice.isEmpty { lines.append("\(indent)    choice: [\(choice.joined(separator: ", "))]") }
            }
        }
        if !decision.withheld.isEmpty {
            lines.append("\(indent)withheld:")
            lines += decision.withheld.map {
                "\(indent)  - { kind: \($0.agencyKind), purpose: \($0.purpose), why: \($0.why.rawValue) }"
            }
        }
        lines.append("\(indent)explanation:")
        lines += decision.explanation.map { "\(indent)  - \($0)" }
        return lines
    }

    private func stepLines(_ first: RoutingDecision, _ rules: RuleSet, _ network: ScenarioNetwork) -> [String] {
        var facts = self.facts
        facts.ownerLevel = first.ownerLevel
        var open = first.targets
        var lines: [String] = []
        for step in self.steps {
            guard let index = open.firstIndex(where: { $0.agencyKind == step.agencyKind && $0.purpose == step.purpose })
            else {
                lines.append("    - nothing: no open referral of \(step.purpose) to \(step.agencyKind)")
                continue
            }
            let target = open.remove(at: index)
            let cause: RerouteCause =
                switch step.event {
                case .rejected: .rejected(suggested: step.suggested)
                case .unanswered: .unanswered
                case .failed: .failed
                }
            let decision = rules.reroute(
                target, cause: cause, facts: facts, directory: network.directory, now: self.now)
            facts.excludedAgencies.insert(target.agencyID)
            facts.ownerLevel = decision.ownerLevel
            open += decision.targets
            lines.append("    - when: \(target.agencyKind) \(target.purpose) \(step.event.rawValue)")
            lines += self.lines(decision, rules, network, indent: "      ")
        }
        return lines
    }

    /// How long a clock runs, and until when.
    private func time(_ clock: ClockDefinition?, _ network: ScenarioNetwork) -> String {
        guard let clock else { return "none" }
        return "{ clock: \(clock.duration), due: \(Self.minute(network.calendar.due(clock.duration, from: self.now))) }"
    }

    private static func minute(_ instant: Date) -> String { String(BeijingTime.text(instant).prefix(16)) }
}
