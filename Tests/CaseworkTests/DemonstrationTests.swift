import Casework
import Foundation
import Testing

/// Where a demonstration case must end, as `deploy/demo/cases/<name>.expected.json` says.
private struct Expected: Decodable {
    struct Referral: Decodable, Hashable {
        let agency_kind: AgencyKind
        let division: DivisionCode
        let purpose: Purpose
        let status: ReferralStatus
        let step: String
    }

    struct Withheld: Decodable, Hashable {
        let agency_kind: AgencyKind
        let purpose: Purpose
        let why: WithheldReason
    }

    struct Message: Decodable {
        let to: PersonRole
        let result: String
    }

    let title: String
    let referrals: [Referral]
    let withheld: [Withheld]
    let case_status: CaseStatus
    let owner_level: DivisionLevel
    let events: [CaseEventKind]
    let messages: [Message]
}

@Suite struct DemonstrationTests {
    static let names = [
        "01-burn-injury", "02-left-home-yuquan", "03-violence-baotou", "04-quarrel-kulun", "05-legal-aid-sonid",
        "06-minor-hailar", "07-rejected-dongsheng", "08-silent-linhe",
    ]
    let now = Date.beijing("2026-11-23 10:00")
    let rules: RuleSet
    let directory: AgencyDirectory
    let divisions: DivisionTree
    let behaviours: [String: AgencyBehaviour]

    init() throws {
        self.rules = try Deployment.ruleSet(short: true)
        self.directory = AgencyDirectory(try Deployment.agencies())
        self.divisions = try Deployment.divisions()
        let file = try AgencyFile(yaml: try Deployment.text("demo/agencies.yaml"))
        self.behaviours = Dictionary(uniqueKeysWithValues: file.behaviours.map { ($0.agency, $0) })
    }

    private func request(_ name: String) throws -> IntakeRequest {
        let body = Data(try Deployment.text("demo/cases/\(name).json").utf8)
        return try IntakeRequest.parse(body, divisions: self.divisions, now: self.now)
    }

    @Test func everyCaseFileIsTested() throws {
        let files = try FileManager.default.contentsOfDirectory(
            atPath: Deployment.folder.appending(path: "demo/cases").path())
        #expect(Set(files) == Set(Self.names.flatMap { ["\($0).json", "\($0).expected.json"] }))
    }

    /// Plays a case in memory: each agency answers as its worker would, and the rules decide again.
    @Test(arguments: names)
    func theReferralsFollowFromTheFacts(_ name: String) throws {
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(try Deployment.text("demo/cases/\(name).expected.json").utf8))
        var facts = try self.request(name).facts(divisions: self.divisions, now: self.now)
        var decision = self.rules.decide(facts, directory: self.directory, now: self.now)
        var withheld = Set(decision.withheld.map(Self.withheld))
        var played: [Expected.Referral] = []
        var summaries: [ReferralSummary] = []
        var waiting = decision.targets.map { ($0, "first") }
        while !waiting.isEmpty {
            let (target, step) = waiting.removeFirst()
            let agency = try #require(self.directory[target.agencyID])
            let behaviour = try #require(self.behaviours[agency.code], "no worker plays \(agency.code)")
            var referral = ReferralStateMachine(status: .requested)
            switch behaviour.mode {
            case .acceptComplete:
                _ = try referral.apply(.accept, by: .target, at: self.now)
                _ = try referral.apply(.complete(try #require(behaviour.outcome)), by: .target, at: self.now)
            case .reject:
                let reason = try #require(behaviour.reason)
                _ = try referral.apply(
                    .reject(reason, suggested: behaviour.suggestedKind), by: .target, at: self.now)
                facts.excludedAgencies.insert(agency.id)
                decision = self.rules.reroute(
                    target, cause: .rejected(suggested: behaviour.suggestedKind), facts: facts,
                    directory: self.directory, now: self.now)
                waiting += decision.targets.map { ($0, "after_rejection") }
            case .silent:
                _ = try referral.apply(.cancel, by: .system, at: self.now)
                facts.excludedAgencies.insert(agency.id)
                decision = self.rules.reroute(
                    target, cause: .unanswered, facts: facts, directory: self.directory, now: self.now)
                waiting += decision.targets.map { ($0, "after_silence") }
            }
            facts.ownerLevel = decision.ownerLevel
            played.append(
                Expected.Referral(
                    agency_kind: target.agencyKind, division: target.division, purpose: target.purpose,
                    status: referral.status, step: step))
            let outcome = referral.status == .completed ? behaviour.outcome : nil
            summaries.append(
                ReferralSummary(
                    agencyKind: target.agencyKind, purpose: target.purpose, status: referral.status, outcome: outcome))
            if waiting.isEmpty, CaseProgress(summaries).isSafe, facts.flags.insert(.safe).inserted {
                decision = self.rules.decide(facts, directory: self.directory, now: self.now)
                withheld.formUnion(decision.withheld.map(Self.withheld))
                waiting += decision.newTargets(besides: summaries).map { ($0, "after_safety") }
            }
        }
        #expect(played.count == expected.referrals.count)
        #expect(Set(played) == Set(expected.referrals))
        #expect(withheld == Set(expected.withheld))
        #expect(decision.ownerLevel == expected.owner_level)
        #expect(CaseProgress(summaries).isSettled == (expected.case_status == .closed))
        #expect(!expected.events.isEmpty && !expected.messages.isEmpty && !expected.title.isEmpty)
    }

    private static func withheld(_ target: WithheldTarget) -> Expected.Withheld {
        Expected.Withheld(agency_kind: target.agencyKind, purpose: target.purpose, why: target.why)
    }

    @Test func theTwoLawyersAreAskedFor() throws {
        let facts = try self.request("01-burn-injury").facts(divisions: self.divisions, now: self.now)
        let decision = self.rules.decide(facts, directory: self.directory, now: self.now)
        #expect(decision.targets.first { $0.purpose == .legalAid }?.assignees == 2)
    }

    @Test func theSilentAgencysClockIsShort() throws {
        let facts = try self.request("08-silent-linhe").facts(divisions: self.divisions, now: self.now)
        let target = try #require(self.rules.decide(facts, directory: self.directory, now: self.now).targets.first)
        #expect(self.rules.clock(target.answerClock)?.duration == .elapsed(seconds: 8))
    }

    @Test func noOtherAnswerClockIsShort() throws {
        for name in Self.names where name != "08-silent-linhe" {
            let facts = try self.request(name).facts(divisions: self.divisions, now: self.now)
            for target in self.rules.decide(facts, directory: self.directory, now: self.now).targets {
                let clock = try #require(self.rules.clock(target.answerClock))
                #expect(clock.duration.approximateSeconds >= 900, "\(name) \(clock.name)")
            }
        }
    }

    @Test(arguments: names)
    func contactDataIsInvented(_ name: String) throws {
        for person in try self.request(name).people {
            #expect(person.phone?.hasPrefix("0000000") ?? true)
            #expect(person.email?.hasSuffix("@example.org") ?? true)
        }
    }

    @Test func theFlagsOfTheSeriousCases() throws {
        let violence = try self.request("03-violence-baotou")
        #expect(violence.riskLevel == .imminent)
        #expect(violence.flags(on: LocalDate("2026-11-23")!) == [.domesticViolence])
        let minor = try self.request("06-minor-hailar")
        #expect(minor.riskLevel == .high)
        #expect(
            minor.flags(on: LocalDate("2026-11-23")!)
                == [.minor, .limitedCapacity, .guardianSuspected, .domesticViolence, .thirdParty])
    }
}
