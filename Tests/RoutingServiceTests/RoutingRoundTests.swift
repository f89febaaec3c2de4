import Casework
import CaseworkStore
import Contracts
import Foundation
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// Cases that are ready at the same moment, routed in one transaction: what comes of each is what came of it alone.
@Suite struct RoutingRoundTests {
    private static let names = ["01-burn-injury", "03-violence-baotou", "07-rejected-dongsheng"]

    @Test func oneTransactionDecidesOnAllAndEachAsAlone() async throws {
        var alone: [String: [String]] = [:]
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            for name in Self.names {
                let caseID = try await network.open(name)
                try await network.route()
                alone[name] = try await Self.traces(of: caseID, in: network)
            }
        }
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            var cases: [String: UUID] = [:]
            for name in Self.names { cases[name] = try await network.open(name) }
            try await network.routeTogether(Self.names.count)
            for (name, caseID) in cases {
                #expect(try await Self.traces(of: caseID, in: network) == alone[name], "\(name)")
            }
            #expect(try await network.transactions(of: "case_routed") == 1)
        }
    }

    /// Danger to life is in no round: it is routed while the others still gather.
    @Test func dangerToLifeWaitsForNoRound() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let ordinary = try await network.open("01-burn-injury")
            let urgent = try await network.open("03-violence-baotou", priority: 0)
            try await network.routeTogether(1) {
                try await eventually("danger to life is routed", timeout: .seconds(60)) {
                    try await network.eventKinds(of: urgent).contains("case_routed")
                }
                #expect(try await !network.eventKinds(of: ordinary).contains("case_routed"))
            }
            #expect(try await network.eventKinds(of: ordinary).contains("case_routed"))
        }
    }

    /// Invariant 3: what is routed is routed once, also when the same case's job is in a round twice.
    @Test func aCaseWithTwoJobsIsRoutedOnce() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("01-burn-injury")
            try await database.pool.withTransaction("again") { transaction in
                try await network.jobs.enqueue(
                    JobRequest(CaseOpened(caseID: caseID), queue: Queues.routing), in: transaction)
            }
            try await network.routeTogether(2)
            #expect(try await network.eventKinds(of: caseID).filter { $0 == "case_routed" }.count == 1)
            let referrals = try await network.referrals(of: caseID)
            #expect(Set(referrals.map(\.subject)).count == referrals.count && !referrals.isEmpty)
        }
    }

    @Test func aRoundWaitsForNobodysLock() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let held = try await network.open("01-burn-injury")
            let free = try await network.open("07-rejected-dongsheng")
            let (isLocked, locked) = AsyncStream.makeStream(of: Void.self)
            let (mayLetGo, letGo) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    try await database.pool.withTransaction("holds_a_case") { transaction in
                        _ = try await CaseStore().lock(held, in: transaction)
                        locked.finish()
                        for await _ in mayLetGo {}
                    }
                }
                for await _ in isLocked {}
                tasks.addTask { try await network.routeTogether(2) }
                try await eventually("the case that nobody holds is routed", timeout: .seconds(60)) {
                    try await network.eventKinds(of: free).contains("case_routed")
                }
                #expect(try await !network.eventKinds(of: held).contains("case_routed"))
                // Now the other goes alone.
                letGo.finish()
                try await tasks.waitForAll()
            }
            #expect(try await network.eventKinds(of: held).contains("case_routed"))
        }
    }

    /// Whatever goes wrong with one, none of the others pays for it.
    @Test func aCaseThatCannotBeReadDecidesAboutNoOther() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let bad = try await network.open("01-burn-injury")
            let good = [try await network.open("07-rejected-dongsheng"), try await network.open("04-quarrel-kulun")]
            try await database.pool.execute(Self.spoil, bad)
            try await network.routeTogether(3)
            for caseID in good {
                #expect(try await network.eventKinds(of: caseID).filter { $0 == "case_routed" }.count == 1)
                #expect(try await !network.referrals(of: caseID).isEmpty)
            }
            #expect(try await !network.eventKinds(of: bad).contains("case_routed"))
            #expect(
                try await network.count(
                    "SELECT count(*) FROM queue.job WHERE queue = 'routing' AND state = 'retryable'", "t_retryable")
                    == 1)
        }
    }

    /// Answers of one case at a time, and only what is usual, go together.
    @Test func answersTurnTheirClocksTogether() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let several = try await network.open("01-burn-injury")
            let refused = try await network.open("07-rejected-dongsheng")
            try await network.route()
            let accepted = try await network.referrals(of: several)
            try #require(accepted.count > 1)
            for referral in accepted { try await network.accept(referral) }
            let first = try #require(await network.referrals(of: refused).first)
            try await network.reject(first)
            try await network.routeTogether(accepted.count + 1)
            for referral in accepted {
                let clocks = try await network.clocks(of: several).filter { $0.referralID == referral.id }
                #expect(clocks.filter { $0.kind == .referralAnswer }.map(\.status) == [.met])
                #expect(clocks.filter { $0.kind == .referralOutcome }.map(\.status) == [.running])
            }
            #expect(try await network.clocks(of: several).filter { $0.kind == .firstResponse }.map(\.status) == [.met])
            #expect(try await network.referrals(of: refused).contains { $0.predecessorID == first.id })
        }
    }

    private static let spoil = Statement(
        name: "t_spoil", "UPDATE casework.cases SET facts = '\"none\"' WHERE id = $1")

    /// What was written for a case, without what differs every time.
    private static func traces(of caseID: UUID, in network: NetworkFixture) async throws -> [String] {
        let referrals = try await network.referrals(of: caseID).map {
            "\($0.agencyKind.rawValue) \($0.purpose.rawValue) \($0.profile.rawValue) \($0.consentBasis.rawValue)"
        }
        let clocks = try await network.clocks(of: caseID).map { "\($0.kind.rawValue) \($0.name.rawValue)" }
        let messages = try await network.database.pool.execute(Self.messages, caseID).map { try $0.decode(String.self) }
        return (referrals + clocks + messages + (try await network.eventKinds(of: caseID))).sorted()
    }

    private static let messages = Statement(
        name: "t_messages",
        """
        SELECT concat_ws(' ', m.audience, m.template, m.lane, j.queue, j.kind, j.priority) FROM casework.message AS m
        JOIN queue.job AS j ON coalesce(j.args ->> 'message_id', j.args ->> 'notice_id') = m.id::text
        WHERE m.case_id = $1
        """)
}
