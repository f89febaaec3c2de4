import Casework
import Foundation
import TestSupport
import Testing

/// Whole lives of random cases: answers, silence, outcomes, withdrawn consents, crashes and clocks that jump. Whatever
/// comes, invariants 2, 5, 7 and 8 hold after each step.
@Suite struct CaseLifeTests {
    private let rules: RuleSet
    private let directory: AgencyDirectory
    private let calendar: HolidayCalendar

    init() throws {
        self.rules = try Deployment.ruleSet()
        self.directory = AgencyDirectory(try Deployment.agencies())
        self.calendar = try HolidayCalendar.complete(csv: try Deployment.text("data/holidays.csv"))
    }

    /// A case as routing keeps it.
    private struct Life {
        var facts: CaseFacts
        var open: [(target: RoutingTarget, clock: CaseClock)] = []
        var done: [ReferralSummary] = []
        var ownerClock: CaseClock
        var owners: [DivisionLevel]
        var fired = 0
    }

    @Test func nothingThatHappensBreaksACase() throws {
        var generator = SplitMix(seed: 81)
        for _ in 0..<250 {
            var now = Date.beijing("2026-11-23 10:00")
            let facts = RandomFacts.make(&generator, now: now)
            let decision = self.decideAsAfterACrash(facts, now: now)
            var life = Life(
                facts: facts, ownerClock: self.ownerClock(decision.ownerClock, now), owners: [decision.ownerLevel])
            life.facts.ownerLevel = decision.ownerLevel
            self.check(decision, life.facts, now)
            try self.open(decision.targets, in: &life, at: now)
            for _ in 0..<12 {
                // The machine's clock may be set back as well.
                now = now.addingTimeInterval(.random(in: -2...20, using: &generator) * 3600)
                try self.step(&life, at: now, &generator)
                #expect(life.ownerClock.status == .running, "no case without a running clock")
                #expect(life.owners == life.owners.sorted(by: >), "the owner only moves up")
                #expect(life.open.allSatisfy { $0.clock.status == .running })
            }
        }
    }

    private func step(_ life: inout Life, at now: Date, _ generator: inout SplitMix) throws {
        if life.ownerClock.fire(at: now) {
            let again = life.ownerClock.fire(at: now.addingTimeInterval(.random(in: -9...9, using: &generator)))
            #expect(!again, "a clock fires once")
            life.facts.breaches += 1
            self.escalate(&life, at: now)
        }
        guard !life.open.isEmpty else {
            return try self.decideAgain(&life, at: now)
        }
        let index = Int.random(in: 0..<life.open.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            let outcome = Outcome.allCases.randomElement(using: &generator)!
            let entry = life.open.remove(at: index)
            life.done.append(self.summary(entry.target, .completed, outcome))
            life.facts.outcomes.insert(outcome)
            if CaseProgress(life.done).isSafe { life.facts.flags.insert(.safe) }
            try self.decideAgain(&life, at: now)
        case 1:
            try self.reroute(
                &life, index,
                .rejected(suggested: [.court, nil, .mediationCommittee].randomElement(using: &generator)!), .rejected,
                at: now)
        case 2:
            try self.reroute(&life, index, .failed, .failed, at: now)
        case 3:
            guard life.open[index].clock.fire(at: now) else { return }
            life.facts.breaches += 1
            self.escalate(&life, at: now)
            try self.reroute(&life, index, .unanswered, .cancelled, at: now)
        default:
            let target = life.open[index].target
            life.facts.consents.append(
                Consent(agencyKinds: [target.agencyKind], purpose: target.purpose, status: .withdrawn))
            let lost = life.facts.withoutConsent(life.open.map { self.disclosed($0.target) }, at: now)
            #expect(lost.allSatisfy { $0.basis == .consent })
            #expect(
                target.consentBasis != .consent
                    || lost.contains { $0.agencyID == target.agencyID && $0.purpose == target.purpose })
            life.open.removeAll { entry in
                lost.contains { $0.agencyID == entry.target.agencyID && $0.purpose == entry.target.purpose }
            }
        }
    }

    private func reroute(
        _ life: inout Life, _ index: Int, _ cause: RerouteCause, _ status: ReferralStatus, at now: Date
    ) throws {
        let entry = life.open.remove(at: index)
        life.done.append(self.summary(entry.target, status, nil))
        let decision = self.rules.reroute(
            entry.target, cause: cause, facts: life.facts, directory: self.directory, now: now)
        life.facts.excludedAgencies.insert(entry.target.agencyID)
        self.check(decision, life.facts, now)
        #expect(decision.targets.allSatisfy { $0.agencyID != entry.target.agencyID })
        life.facts.ownerLevel = decision.ownerLevel
        life.owners.append(decision.ownerLevel)
        try self.open(decision.targets, in: &life, at: now)
    }

    private func decideAgain(_ life: inout Life, at now: Date) throws {
        let decision = self.decideAsAfterACrash(life.facts, now: now)
        self.check(decision, life.facts, now)
        let existing = life.done + life.open.map { self.summary($0.target, .accepted, nil) }
        try self.open(decision.newTargets(besides: existing), in: &life, at: now)
    }

    /// Two deliveries of one job come to the same end.
    private func decideAsAfterACrash(_ facts: CaseFacts, now: Date) -> RoutingDecision {
        let first = self.rules.decide(facts, directory: self.directory, now: now)
        #expect(self.rules.decide(facts, directory: self.directory, now: now) == first)
        return first
    }

    private func escalate(_ life: inout Life, at now: Date) {
        if case .moveUp(let level) = EscalationLadder.step(above: life.facts.ownerLevel) {
            life.facts.ownerLevel = level
        }
        life.owners.append(life.facts.ownerLevel)
        let clock = self.rules.escalation(for: life.facts.risk, to: life.facts.ownerLevel)
        life.ownerClock = CaseClock(kind: .caseAction, definition: clock, startedAt: now, calendar: self.calendar)
    }

    private func ownerClock(_ name: ClockName, _ now: Date) -> CaseClock {
        CaseClock(kind: .caseAction, definition: self.rules.clock(name)!, startedAt: now, calendar: self.calendar)
    }

    private func open(_ targets: [RoutingTarget], in life: inout Life, at now: Date) throws {
        for target in targets {
            let clock = try #require(self.rules.clock(target.answerClock))
            life.open.append(
                (target, CaseClock(kind: .referralAnswer, definition: clock, startedAt: now, calendar: self.calendar)))
        }
    }

    private func summary(_ target: RoutingTarget, _ status: ReferralStatus, _ outcome: Outcome?) -> ReferralSummary {
        ReferralSummary(agencyKind: target.agencyKind, purpose: target.purpose, status: status, outcome: outcome)
    }

    private func disclosed(_ target: RoutingTarget) -> DisclosedReferral {
        DisclosedReferral(
            id: UUID(), agencyID: target.agencyID, agencyKind: target.agencyKind, purpose: target.purpose,
            profile: target.profile, basis: target.consentBasis, status: .accepted)
    }

    /// What no decision may break.
    private func check(_ decision: RoutingDecision, _ facts: CaseFacts, _ now: Date) {
        #expect(decision.ruleSetVersion == self.rules.version && !decision.explanation.isEmpty)
        #expect(self.rules.clock(decision.ownerClock) != nil)
        #expect(decision.ownerLevel <= facts.ownerLevel)
        for target in decision.targets {
            #expect(target.purpose.allowedProfiles.contains(target.profile))
            #expect(!target.legalBases.isEmpty && !facts.excludedAgencies.contains(target.agencyID))
            let answer = self.rules.clock(target.answerClock)?.duration
            #expect(answer != nil && self.rules.clock(target.outcomeClock) != nil)
            if facts.flags.contains(.domesticViolence) {
                #expect(!target.purpose.isMediation && target.agencyKind != .mediationCommittee)
            }
            switch target.consentBasis {
            case .consent:
                let given = facts.validConsents.answer(
                    for: target.agencyKind, target.purpose, needing: target.profile.dataKinds, at: now)
                #expect(given == .granted)
            case .emergency: #expect(target.stage == .safety)
            case .statutoryDuty: #expect(target.stage == .mandatoryReport)
            case .ownHandling: #expect(target.agencyKind == .womensFederation)
            }
            if decision.lane == .green, let green = self.rules.greenChannel.flatMap(self.rules.clock) {
                #expect(answer.map { $0.approximateSeconds <= green.duration.approximateSeconds } == true)
            }
        }
    }
}
