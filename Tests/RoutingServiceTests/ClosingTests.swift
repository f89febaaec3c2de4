import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// A case is closed only after somebody has called her back.
@Suite struct ClosingTests {
    /// What was reported does not hold: the owner has it in hand again, and the agencies are asked again.
    @Test func sheSaysItIsNotSettled() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            let before = try await network.referrals(of: caseID)
            try await network.callBack(.notSettled, on: caseID)
            try await network.route()
            #expect(try await !network.isClosed(caseID))
            let running = try await network.clocks(of: caseID).filter(\.isRunning).map(\.kind)
            #expect(running.contains(.caseAction) && !running.contains(.callBack))
            let notices = try await network.notices(of: caseID)
            #expect(notices.contains("not_settled") && notices.contains("re_assess"))
            let after = try await network.referrals(of: caseID)
            #expect(after.filter(\.isPast).map(\.id) == before.map(\.id))
            #expect(Set(after.filter { !$0.isPast }.map(\.subject)) == Set(before.map(\.subject)))
            // Delivered once more, nothing is asked twice.
            try await network.act(on: caseID) { _, _ in }
            try await network.route()
            #expect(try await network.referrals(of: caseID).count == after.count)
            // Later the agencies have done it, and she confirms.
            try await network.complete(caseID, with: .legalAidGranted)
            #expect(try await network.clocks(of: caseID).contains { $0.kind == .callBack && $0.isRunning })
            try await network.callBack(.confirmed, on: caseID)
            try await network.route()
            #expect(try await network.isClosed(caseID))
        }
    }

    /// What another agency took over is asked for again, too, and not of the one that would not.
    @Test func whatWasReroutedIsAskedForAgain() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            try await network.route()
            let first = try #require(await network.referrals(of: caseID).first)
            try await network.reject(first)
            try await network.route()
            try await network.complete(caseID, with: .legalAidGranted)
            let before = Set(try await network.referrals(of: caseID).map(\.id))
            try await network.callBack(.notSettled, on: caseID)
            try await network.route()
            let new = try await network.referrals(of: caseID).filter { !before.contains($0.id) }
            #expect(new.contains { $0.purpose == first.purpose && $0.status == .requested })
            #expect(!new.contains { $0.agencyID == first.agencyID })
        }
    }

    /// A follow-up of a closed case finds that it does not hold: it is open again, at once, and with a clock.
    @Test func aBadFollowUpOpensAClosedCaseAgain() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            try await network.callBack(.confirmed, on: caseID)
            try await network.route()
            let risk = try await network.risk(of: caseID)
            try await network.callBack(.notSettled, on: caseID)
            // Before routing has looked the case is open, owned, and on its owner's time.
            #expect(try await network.status(of: caseID) == .open)
            #expect(try await network.clocks(of: caseID).contains { $0.kind == .caseAction && $0.isRunning })
            try await network.route()
            #expect(try await network.risk(of: caseID) == risk)
            #expect(try await network.referrals(of: caseID).contains { !$0.isPast && $0.status == .requested })
            let events = try await network.eventKinds(of: caseID)
            #expect(events.contains("case_reopened") && events.contains("risk_review_due"))
            #expect(try await network.notices(of: caseID).contains("not_settled"))
            // The last word she said decides, for the database, too.
            await #expect(throws: CaseworkError(code: .notPossible, place: "casework_close_case")) {
                try await database.pool.withTransaction("t") { transaction in
                    _ = try await CaseStore().close(caseID, outcome: .resolved, actor: "test", in: transaction)
                }
            }
            try await network.complete(caseID, with: .legalAidGranted)
            try await network.callBack(.confirmed, on: caseID)
            try await network.route()
            #expect(try await network.status(of: caseID) == .closed)
            // The follow-ups of the first closing are not kept beside those of the second.
            let followUps = try await network.clocks(of: caseID).filter { $0.kind == .followUp && $0.isRunning }
            #expect(Set(followUps.map(\.name)).count == followUps.count)
        }
    }

    /// She is in danger: the case is one of great danger, nobody holds her to be safe, and safety is asked for again.
    @Test func whoIsUnsafeAfterwardsIsInDangerAgain() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("03-violence-baotou")
            try await network.route()
            try await network.complete(caseID, with: .dangerAverted)
            try await network.callBack(.confirmed, on: caseID)
            try await network.route()
            #expect(try await network.status(of: caseID) == .closed)
            let before = try await network.eventKinds(of: caseID)
            #expect(before.contains("safety_confirmed"))
            try await network.callBack(.unsafe, on: caseID)
            try await network.route()
            #expect(try await network.status(of: caseID) == .open)
            #expect(try await network.risk(of: caseID) >= .high)
            let events = try await network.eventKinds(of: caseID)
            #expect(events.contains("safety_lost") && events.contains("case_reopened"))
            #expect(events.filter { $0 == "safety_confirmed" }.count == 1, "not safe by what was reported before")
            let asked = try await network.referrals(of: caseID).filter { !$0.isPast && $0.status == .requested }
            #expect(asked.contains { $0.purpose.isForSafety })
            #expect(!asked.contains { $0.purpose == .employment }, "what waits for safety waits again")
            #expect(try await network.clocks(of: caseID).contains { $0.kind == .riskReview && $0.isRunning })
        }
    }

    /// A case of little danger is raised by it.
    @Test func aBadFollowUpRaisesTheLevel() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.settled("05-legal-aid-sonid", .legalAidGranted)
            #expect(try await network.risk(of: caseID) < .high)
            try await network.callBack(.unsafe, on: caseID)
            try await network.route()
            #expect(try await network.risk(of: caseID) == .high)
            #expect(try await network.eventKinds(of: caseID).contains("risk_raised"))
            #expect(try await network.clocks(of: caseID).contains { $0.kind == .caseAction && $0.isRunning })
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
                        .notAllowed, on: number, by: NetworkFixture.worker, clocks: [:], in: transaction)
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

    func status(of caseID: UUID) async throws -> CaseStatus {
        try await self.database.pool.withTransaction("t") { try await CaseStore().lock(caseID, in: $0) }.status
    }

    func risk(of caseID: UUID) async throws -> RiskLevel {
        try await self.database.pool.withTransaction("t") { try await CaseStore().lock(caseID, in: $0) }.risk
    }
}
