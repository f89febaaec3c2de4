import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// S25 to S27: danger is raised by anybody, lowered by two, and looked at anew when something happens.
@Suite struct DangerTests {
    private func assess(
        _ network: NetworkFixture, _ caseID: UUID, _ items: Set<RiskItem>, level: RiskLevel? = nil
    ) async throws -> RiskLevel {
        try await network.act(on: caseID) { number, transaction in
            try await RiskStore().assess(
                AssessmentBody(
                    by: NetworkFixture.worker.staff, occasion: .contact, answers: RiskScreening(items), level: level),
                on: number, by: NetworkFixture.worker, in: transaction
            ).level
        }
    }

    @Test func anAnswerRaisesAndBringsWhatTheRulesAskFor() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let before = try await network.referrals(of: caseID).count
            #expect(try await self.assess(network, caseID, [.threatToKill, .weapon]) == .imminent)
            try await network.route()
            #expect(try await network.risk(of: caseID) == .imminent)
            let referrals = try await network.referrals(of: caseID)
            #expect(referrals.count > before && referrals.contains { $0.agencyKind == .police })
            #expect(try await network.clocks(of: caseID).contains { $0.kind == .riskReview && $0.isRunning })
            // Free text and a later, milder assessment lower nothing.
            #expect(try await self.assess(network, caseID, []) == .imminent)
            #expect(try await self.assess(network, caseID, [], level: .low) == .imminent)
        }
    }

    @Test func loweringNeedsASecondPerson() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            _ = try await self.assess(network, caseID, [.weapon])
            func propose(_ level: RiskLevel, _ items: Set<RiskItem>) async throws {
                try await network.act(on: caseID) { number, transaction in
                    _ = try await RiskStore().propose(
                        LoweringBody(
                            by: NetworkFixture.worker.staff, level: level, withdrawing: items, reason: .dangerRemoved),
                        on: number, by: NetworkFixture.worker, in: transaction)
                }
            }
            func confirm(_ actor: CaseActor) async throws -> RiskLevel {
                try await network.act(on: caseID) { number, transaction in
                    try await RiskStore().confirm(number, by: actor, in: transaction).level
                }
            }
            let stands = await #expect(throws: RiskLoweringError.self) { try await propose(.low, []) }
            #expect(stands?.code == .itemsStand)
            try await propose(.medium, [.weapon])
            #expect(try await network.risk(of: caseID) == .imminent, "nothing is lowered by one person")
            let same = await #expect(throws: RiskLoweringError.self) { _ = try await confirm(NetworkFixture.worker) }
            #expect(same?.code == .samePerson)
            #expect(try await confirm(NetworkFixture.supervisor) == .medium)
            let events = try await network.eventKinds(of: caseID)
            #expect(events.contains("risk_lowering_proposed") && events.filter { $0 == "risk_lowered" }.count == 1)
            let nothing = await #expect(throws: RiskLoweringError.self) {
                _ = try await confirm(NetworkFixture.supervisor)
            }
            #expect(nothing?.code == .noProposal)
        }
    }

    @Test func whatIsLearntMeanwhileVoidsAProposal() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            _ = try await self.assess(network, caseID, [.weapon])
            try await network.act(on: caseID) { number, transaction in
                _ = try await RiskStore().propose(
                    LoweringBody(
                        by: NetworkFixture.worker.staff, level: .medium, withdrawing: [.weapon], reason: .dangerRemoved),
                    on: number, by: NetworkFixture.worker, in: transaction)
            }
            _ = try await self.assess(network, caseID, [.stalking])
            let error = await #expect(throws: RiskLoweringError.self) {
                try await network.act(on: caseID) { number, transaction in
                    _ = try await RiskStore().confirm(number, by: NetworkFixture.supervisor, in: transaction)
                }
            }
            #expect(error?.code == .noProposal)
        }
    }

    @Test func anAssessmentThatIsNotMadeIsAskedForAgainAndHigherUp() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            _ = try await self.assess(network, caseID, [.weapon])
            try await network.route()
            try await network.letRunOut(.riskReview, of: caseID)
            try await network.route()
            let events = try await network.eventKinds(of: caseID)
            #expect(events.contains("risk_review_due"))
            #expect(try await network.notices(of: caseID).filter { $0 == "re_assess" }.count == 2, "owner and above")
            #expect(try await network.clocks(of: caseID).filter { $0.kind == .riskReview && $0.isRunning }.count == 1)
        }
    }

    @Test func aSafetyReferralWithoutResultAsksForAnAssessment() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("03-violence-baotou")
            try await network.route()
            let police = try #require(await network.referrals(of: caseID).first { $0.agencyKind == .police })
            try await network.accept(police)
            try await network.report(police, .failed, .notResolved)
            try await network.route()
            #expect(try await network.eventKinds(of: caseID).contains("risk_review_due"))
            #expect(try await network.notices(of: caseID).contains("re_assess"))
        }
    }
}

/// Warnings ahead: once for each part of a clock's time that the rules name.
@Suite struct WarningTests {
    @Test func thePlanNamesWhatIsOverAndWhatComesNext() {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let due = start.addingTimeInterval(1000)
        func plan(_ seconds: Double) -> WarningPlan {
            WarningPlan(from: start, to: due, now: start.addingTimeInterval(seconds), [50, 80])
        }
        #expect(plan(100) == WarningPlan(from: start, to: due, now: start.addingTimeInterval(100), [80, 50]))
        #expect(plan(100).percent == nil && plan(100).next == start.addingTimeInterval(500))
        #expect(plan(499.5).percent == 50 && plan(499.5).next == start.addingTimeInterval(800))
        #expect(plan(900).percent == 80 && plan(900).next == nil)
    }
}
