import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// A case is closed only after somebody has called her back.
@Suite struct ClosingTests {
    @Test func sheSaysItIsNotSettled() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            try await network.callBack(.notSettled, on: caseID)
            try await network.route()
            #expect(try await !network.isClosed(caseID))
            let running = try await network.clocks(of: caseID).filter(\.isRunning).map(\.kind)
            #expect(running.contains(.caseAction) && !running.contains(.callBack))
            #expect(try await network.notices(of: caseID).contains("not_settled"))
            // Later she confirms.
            try await network.callBack(.confirmed, on: caseID)
            try await network.route()
            #expect(try await network.isClosed(caseID))
        }
    }

    @Test func whoDoesNotAnswerIsCalledOnThreeDays() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            for _ in 0..<3 { try await network.callBack(.unreachable, on: caseID) }
            try await network.route()
            #expect(try await !network.isClosed(caseID), "three times in one day is one day")
            try await database.pool.execute(Self.spread)
            try await network.callBack(.unreachable, on: caseID)
            try await network.route()
            #expect(try await network.isClosed(caseID))
        }
    }

    @Test func whereNoCallIsAllowedASupervisorLooks() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            let number = try await network.number(of: caseID)
            await #expect(throws: CaseworkError.self) {
                try await database.pool.withTransaction("t") { transaction in
                    _ = try await ClosingStore().recordCallBack(
                        .notAllowed, on: number, by: NetworkFixture.worker, in: transaction)
                }
            }
            try await network.callBack(.notAllowed, on: caseID)
            try await network.route()
            #expect(try await network.isClosed(caseID))
        }
    }

    @Test func aCallBackThatIsNotMadeMovesTheCaseUp() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            let before = try await network.owner(of: caseID)
            try await network.letRunOut(.callBack, of: caseID)
            try await network.route()
            #expect(try await network.owner(of: caseID) != before)
            let running = try await network.clocks(of: caseID).filter { $0.kind == .callBack && $0.isRunning }
            #expect(running.count == 1, "the new owner has its own time")
            #expect(try await network.eventKinds(of: caseID).filter { $0 == "case_escalated" }.count == 1)
        }
    }

    /// Nothing of a machine's closes a case without the call, whatever it tries.
    @Test func theDatabaseRefusesToCloseWithoutACallBack() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            await #expect(throws: CaseworkError(code: .notPossible, place: "casework_close_case")) {
                try await database.pool.withTransaction("t") { transaction in
                    _ = try await CaseStore().close(caseID, outcome: .resolved, actor: "test", in: transaction)
                }
            }
        }
    }

    @Test func theOwnerClosesWhatNoAgencyCouldEnd() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            func ask() async throws -> [ClosingGate.Obstacle] {
                try await network.act(on: caseID) { number, transaction in
                    try await ClosingStore().askToClose(
                        with: .adviceGiven, number, by: NetworkFixture.worker, in: transaction
                    ).obstacles
                }
            }
            #expect(try await Set(ask()) == [.openReferral, .noCallBack])
            for referral in try await network.referrals(of: caseID) {
                try await network.accept(referral)
                try await network.report(referral, .failed, .notResolved)
            }
            try await network.route()
            for _ in 0..<3 {
                for referral in try await network.referrals(of: caseID)
                where [.requested, .received].contains(referral.status) {
                    try await network.accept(referral)
                    try await network.report(referral, .failed, .notResolved)
                }
                try await network.route()
            }
            // What is left the owner calls off: the agency finds nothing to lease, and no clock of it runs on.
            for referral in try await network.referrals(of: caseID) where referral.status == .requested {
                try await network.act(on: caseID) { number, transaction in
                    _ = try await ClosingStore().changeReferral(
                        referral.number, of: number, to: .cancelled, by: NetworkFixture.worker, at: Date(),
                        in: transaction)
                }
                try await network.route()
                #expect(try await !network.handOvers(of: referral.agencyID).contains(referral.id))
                let clocks = try await network.clocks(of: caseID).filter { $0.referralID == referral.id }
                #expect(clocks.allSatisfy { $0.status != .running })
            }
            #expect(
                try await !network.isClosed(caseID), "a failure without another in its place is the owner's to weigh")
            let left = try await ask()
            let open = try await network.referrals(of: caseID).filter(\.status.isOpen)
            #expect(left == [.noCallBack], "\(open.map { "\($0.purpose) \($0.status)" })")
            try await network.callBack(.confirmed, on: caseID)
            #expect(try await ask().isEmpty)
            try await network.route()
            #expect(try await network.isClosed(caseID))
        }
    }

    @Test func followUpsRunByRisk() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            try await network.callBack(.confirmed, on: caseID)
            try await network.route()
            let names = Set(
                try await network.clocks(of: caseID).filter { $0.kind == .followUp && $0.status == .running }
                    .map(\.name.rawValue))
            let risk = try await network.risk(of: caseID)
            #expect(names.isSuperset(of: network.rules.followUps(for: risk).map(\.name.rawValue)))
        }
    }

    @Test func theSenderVerifiesAndIsToldWhatIsAllowed() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            let referral = try #require(await network.referrals(of: caseID).first)
            let number = try await network.number(of: caseID)
            func set(_ status: ReferralStatus) async throws {
                try await database.pool.withTransaction("t") { transaction in
                    _ = try await ClosingStore().changeReferral(
                        referral.number, of: number, to: status, by: NetworkFixture.worker, at: Date(), in: transaction)
                }
            }
            let refused = await #expect(throws: ReferralTransitionError.self) { try await set(.cancelRequested) }
            #expect(refused?.allowed == [.closedVerified, .enteredInError])
            try await set(.closedVerified)
            let again = await #expect(throws: ReferralTransitionError.self) { try await set(.closedVerified) }
            #expect(again?.allowed.isEmpty == true)
        }
    }

    private static let spread = Statement(
        name: "t_spread",
        """
        UPDATE casework.call_back AS c SET called_at = c.called_at + make_interval(days => n.row::integer)
        FROM (SELECT id, row_number() OVER (ORDER BY called_at) AS row FROM casework.call_back) AS n WHERE n.id = c.id
        """)
}

/// Petition cases and orders: times that staff start by recording what was reached.
@Suite struct MilestoneTests {
    @Test func anOrderInForceRemindsBeforeItEnds() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("03-violence-baotou")
            try await network.route()
            let today = LocalDate(inBeijing: Date())
            try await network.act(on: caseID) { number, transaction in
                _ = try await ClosingStore().record(
                    MilestoneBody(
                        by: NetworkFixture.worker.staff, kind: .protectionOrderInForce, reachedOn: today,
                        until: today.adding(days: 60)), on: number, by: NetworkFixture.worker, in: transaction)
            }
            try await network.route()
            try await network.act(on: caseID) { _, _ in }  // Delivered once more: started once.
            try await network.route()
            let reminders = try await network.clocks(of: caseID).filter { $0.name.rawValue.hasPrefix("order_reminder") }
            #expect(
                Set(reminders.map(\.name.rawValue)) == [
                    "order_reminder_30d", "order_reminder_14d", "order_reminder_7d",
                ])
            #expect(reminders.count == 3)
            let assessed = try await network.eventKinds(of: caseID).filter { $0 == "risk_review_due" }.count
            try await network.letRunOut(.followUp, of: caseID)
            try await network.route()
            let events = try await network.eventKinds(of: caseID)
            #expect(events.filter { $0 == "risk_review_due" }.count > assessed, "an order that ends changes the danger")
            #expect(!events.contains("case_escalated"))
        }
    }
}

extension NetworkFixture {
    /// A demonstration case of which nothing is open any more, waiting for the call-back.
    func settled(_ name: String, _ outcome: Outcome) async throws -> UUID {
        let caseID = try await self.open(name)
        try await self.route()
        try await self.complete(caseID, with: outcome)
        #expect(try await self.clocks(of: caseID).contains { $0.kind == .callBack && $0.isRunning })
        return caseID
    }

    func risk(of caseID: UUID) async throws -> RiskLevel {
        try await self.database.pool.withTransaction("t") { try await CaseStore().lock(caseID, in: $0) }.risk
    }
}
