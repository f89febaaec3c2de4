import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// Invariant 7: a statutory clock is never lost and never fired twice. Invariant 2: never a case without one.
@Suite struct ClockTests {
    @Test func anAgencyThatNeverAnswersIsPassedOverAndTheCaseMovesUp() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("08-silent-linhe")
            try await network.route()
            let silent = try #require(await network.referrals(of: caseID).first)
            #expect(try await network.owner(of: caseID) == "county")
            try await network.letRunOut(.referralAnswer, of: caseID)
            try await network.route()

            #expect(try await network.owner(of: caseID) == "league")
            let referrals = try await network.referrals(of: caseID)
            #expect(referrals.first { $0.id == silent.id }?.status == .cancelled)
            let successor = try #require(referrals.first { $0.predecessorID == silent.id })
            #expect(successor.tier == .league)
            let events = try await network.eventKinds(of: caseID)
            #expect(events.filter { $0 == "clock_breached" }.count == 1)
            #expect(events.filter { $0 == "case_escalated" }.count == 1)
            // The hand-over is gone: the agency that wakes up late finds nothing to accept.
            let late = try await network.jobs.claim(
                queue: Queues.agency(silent.agencyID), limit: 10, leaseFor: .seconds(60), holder: "late",
                on: database.pool)
            #expect(late.isEmpty)
        }
    }

    @Test func aClockFiresOnceHoweverOftenItsJobIsDelivered() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("08-silent-linhe")
            try await network.route()
            let clock = try #require(
                await network.clocks(of: caseID).first { $0.kind == .referralAnswer && $0.status == .running })
            try await network.letRunOut(.referralAnswer, of: caseID)
            for _ in 0..<3 {
                try await database.pool.withTransaction("again") { transaction in
                    try await network.jobs.enqueue(
                        JobRequest(ClockDue(clockID: clock.id), queue: Queues.routing), in: transaction)
                }
                try await network.route()
            }
            let events = try await network.eventKinds(of: caseID)
            #expect(events.filter { $0 == "case_escalated" }.count == 1)
        }
    }

    @Test func aJobBeforeItsTimeFiresNothing() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("08-silent-linhe")
            try await network.route()
            let clock = try #require(
                await network.clocks(of: caseID).first { $0.kind == .referralAnswer && $0.status == .running })
            try await database.pool.withTransaction("early") { transaction in
                try await network.jobs.enqueue(
                    JobRequest(ClockDue(clockID: clock.id), queue: Queues.routing), in: transaction)
            }
            try await network.route()
            #expect(try await network.clocks(of: caseID).first { $0.id == clock.id }?.status == .running)
        }
    }

    /// The agency answered in time, but its answer is looked at after the clock's job: no breach.
    @Test func anAnswerInTimeIsNoBreachHoweverLateItIsLookedAt() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("08-silent-linhe")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first)
            try await network.accept(referral)  // Its job waits in the queue, behind the clock's.
            try await network.letRunOut(.referralAnswer, of: caseID)
            try await network.route()
            let events = try await network.eventKinds(of: caseID)
            #expect(!events.contains("clock_breached") && !events.contains("case_escalated"))
            #expect(
                try await network.clocks(of: caseID).contains { $0.kind == .referralOutcome && $0.status == .running })
        }
    }

    @Test func aClockWhoseJobIsLostIsFoundByTheSweep() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("08-silent-linhe")
            try await network.route()
            try await network.letRunOut(.referralAnswer, of: caseID)
            try await database.pool.execute(Self.loseClockJobs)
            #expect(try await Self.jobCount(database) == 0)
            #expect(try await network.sweep.sweepClocks() == 1)
            #expect(try await network.sweep.sweepClocks() == 1, "taken again")
            #expect(try await Self.jobCount(database) == 1, "and it has one job")
            try await network.route()
            #expect(try await network.eventKinds(of: caseID).contains("case_escalated"))
            #expect(try await network.sweep.sweepClocks() == 0, "it has fired")
        }
    }

    /// Two processes sweep while clocks come due: each clock gets one job, and none is left out.
    @Test func sweepsSideBySideLeaveNoClockOutAndMakeNoJobTwice() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            var cases: [UUID] = []
            for _ in 0..<6 { cases.append(try await network.open("08-silent-linhe")) }
            for caseID in cases {
                for clock in try await network.clocks(of: caseID) {
                    try await database.pool.execute(Self.makeDue, clock.id)
                }
            }
            let patient = ClockSweep(pool: database.pool, jobs: network.jobs, logger: NetworkFixture.logger)
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await patient.sweepClocks() } }
                return try await group.reduce(0, +)
            }
            #expect(taken == cases.count)
            #expect(try await Self.jobCount(database) == cases.count)
        }
    }

    /// The agency answers after the due time while routing is away: the breach is not swallowed by the late answer.
    @Test func aLateAnswerDoesNotSwallowTheBreach() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("08-silent-linhe")
            try await network.route()
            let referral = try #require(await network.referrals(of: caseID).first)
            try await network.letRunOut(.referralAnswer, of: caseID)
            try await network.accept(referral)
            try await network.route()
            let events = try await network.eventKinds(of: caseID)
            #expect(events.filter { $0 == "clock_breached" }.count == 1)
            #expect(try await network.referrals(of: caseID).first { $0.id == referral.id }?.status == .accepted)
        }
    }

    /// Routing was away past the first response's time: the case is escalated, and still goes to its agencies.
    @Test func aCaseEscalatedBeforeItWasRoutedIsRoutedAllTheSame() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("05-legal-aid-sonid")
            let clock = try #require(await network.clocks(of: caseID).first)
            try await database.pool.execute(Self.makeDue, clock.id)
            try await database.pool.withTransaction("fire") { transaction in
                try await network.jobs.enqueue(
                    JobRequest(ClockDue(clockID: clock.id), queue: Queues.routing, priority: 0), in: transaction)
            }
            try await network.route()
            #expect(try await network.eventKinds(of: caseID).contains("case_escalated"))
            #expect(try await !network.referrals(of: caseID).isEmpty)
        }
    }

    private static let makeDue = Statement(
        name: "test_make_due",
        "UPDATE casework.clock SET due_at = clock_timestamp(), look_at = clock_timestamp() WHERE id = $1")
    private static func jobCount(_ database: TestDatabase) async throws -> Int {
        Int(try #require(await database.pool.execute(Self.countClockJobs).first).decode(Int64.self))
    }

    private static let countClockJobs = Statement(
        name: "test_count_clock_jobs", "SELECT count(*) FROM queue.job WHERE kind = 'clock_due'")
    private static let loseClockJobs = Statement(
        name: "test_lose_clock_jobs", "DELETE FROM queue.job WHERE kind = 'clock_due'")
}
