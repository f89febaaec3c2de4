import HTTPTypes
import HummingbirdTesting
import JobTestKit
import TestSupport
import Testing

@testable import IntakeService
@testable import PostgresClient

/// Invariant 1 in rounds: whatever becomes of a round, each of its requests is opened once and answered once.
@Suite struct OpeningRoundFailureTests {
    private static let requests = (0..<6).map { Asked(idempotencyKey: "six-\($0)") }

    private static func expectEachOnce(_ answers: [String: [TestResponse]], in intake: Intake) async throws {
        #expect(answers.count == Self.requests.count)
        #expect(answers.values.allSatisfy { $0.map(\.status) == [.created] })
        // Each found its own case, not a repeat of the client's.
        #expect(answers.values.joined().allSatisfy { $0.headers[.idempotencyReplayed] == nil })
        let numbers = try Set(answers.values.joined().map { try $0.json(Opened.self).number })
        let stored = try await intake.text("t_numbers", "SELECT string_agg(number, ' ') FROM casework.cases")
        #expect(Set(stored.split(separator: " ").map(String.init)) == numbers)
        #expect(numbers.count == Self.requests.count)
        #expect(try await intake.count("queue.job") == Self.requests.count)
    }

    @Test func aCommitOfARoundThatHappenedUnheardIsFoundOutByEach() async throws {
        let rounds = OpeningRounds.ofTest()
        let attempts = Attempts()
        let breaking: Breaking = { pool in
            { body in
                let openings = try await pool.withTransaction("open_case", body)
                if attempts.next() == 1 { throw PostgresError(.commitOutcomeUnknown) }
                return openings
            }
        }
        try await withIntake(rounds: rounds, breaking: breaking) { intake in
            let answers = try await intake.together(Self.requests, in: rounds)
            try await Self.expectEachOnce(answers, in: intake)
            #expect(attempts.count == 1 + Self.requests.count)
            #expect(try await OpeningRoundTests.transactions(in: intake) == 1)
        }
    }

    @Test func aCommitOfARoundThatDidNotHappenIsMadeUpForByEach() async throws {
        struct RolledBack: Error {}
        let rounds = OpeningRounds.ofTest()
        let attempts = Attempts()
        let breaking: Breaking = { pool in
            { body in
                guard attempts.next() == 1 else { return try await pool.withTransaction("open_case", body) }
                do {
                    return try await pool.withTransaction("open_case") { transaction in
                        _ = try await body(transaction)
                        throw RolledBack()
                    }
                } catch is RolledBack {
                    throw PostgresError(.commitOutcomeUnknown)
                }
            }
        }
        try await withIntake(rounds: rounds, breaking: breaking) { intake in
            let answers = try await intake.together(Self.requests, in: rounds)
            try await Self.expectEachOnce(answers, in: intake)
            #expect(try await OpeningRoundTests.transactions(in: intake) == Self.requests.count)
        }
    }

    /// Nobody is told that nothing happened when it may have: each is given the key under which to ask again.
    @Test func anOutcomeOfARoundThatStaysUnknownIsNotAnswered() async throws {
        let rounds = OpeningRounds.ofTest()
        let attempts = Attempts()
        let breaking: Breaking = { pool in
            { body in
                if attempts.next() > 1, attempts.isClosed { throw PostgresError(.connectionFailed) }
                let openings = try await pool.withTransaction("open_case", body)
                if attempts.isClosed { throw PostgresError(.commitOutcomeUnknown) }
                return openings
            }
        }
        attempts.close()
        try await withIntake(commitPatience: .milliseconds(200), rounds: rounds, breaking: breaking) { intake in
            let refused = try await intake.together(Self.requests, in: rounds)
            for asked in Self.requests {
                let response = try #require(refused[asked.idempotencyKey]?.first)
                #expect(response.status == .serviceUnavailable)
                #expect(try response.json(Problem.self).type == "/problems/outcome-unknown")
                #expect(response.headers[IdempotencyKey.headerName] == asked.idempotencyKey)
            }
            attempts.open()
            let answers = try await intake.together(Self.requests, in: rounds)
            #expect(answers.values.allSatisfy { $0.map(\.status) == [.created] })
            #expect(try await intake.count("casework.cases") == Self.requests.count)
        }
    }

    @Test func aRoundThatFailsIsEverybodysOwnBusiness() async throws {
        struct Broken: Error {}
        let rounds = OpeningRounds.ofTest()
        let attempts = Attempts()
        let breaking: Breaking = { pool in
            { body in
                try await pool.withTransaction("open_case") { transaction in
                    let openings = try await body(transaction)
                    if attempts.next() == 1 { throw Broken() }
                    return openings
                }
            }
        }
        try await withIntake(rounds: rounds, breaking: breaking) { intake in
            try await Self.expectEachOnce(try await intake.together(Self.requests, in: rounds), in: intake)
        }
    }

    /// The link itself breaks at COMMIT, of rounds and of what goes alone, by turns before the server sees it and after it has
    /// committed.
    @Test func everyRequestHasOneCaseWhereverTheLinkBreaks() async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(connections: 8, rounds: rounds, fault: .harm(at: "COMMIT", every: 2)) { intake in
            var answers: [String: [TestResponse]] = [:]
            for burst in 0..<4 {
                let requests = (0..<6).map {
                    Asked(body: OpeningRoundTests.full, idempotencyKey: "burst-\(burst)-\($0)")
                }
                answers.merge(try await intake.together(requests, in: rounds)) { $0 + $1 }
            }
            let harm = intake.proxy.harm
            #expect(harm.cut > 0 && harm.answersLost > 0, "the link was not harmed: \(harm)")
            #expect(answers.count == 24 && answers.values.allSatisfy { $0.map(\.status) == [.created] })
            #expect(try await intake.count("casework.cases") == 24)
            #expect(try await intake.count("queue.job") == 24)
            intake.proxy.set(.none)
            for (key, first) in answers {
                let again = try await intake.send(body: OpeningRoundTests.full, idempotencyKey: key)
                #expect(again.text == first.first?.text)
            }
        }
    }

    /// Rounds that do not get on are waited for so long and no longer: then everybody goes alone.
    @Test func roundsThatHangAreLeftAlone() async throws {
        let rounds = OpeningRounds.ofTest(largest: 2)
        try await withIntake(rounds: rounds) { intake in
            let answers = try await intake.together(Self.requests, in: rounds) { answers in
                try await eventually("all are answered") { answers.count == Self.requests.count }
                #expect(rounds.gathered == 0)
            }
            try await Self.expectEachOnce(answers, in: intake)
        }
    }

    /// What comes before the rounds run, or after they have ended, goes alone.
    @Test func withoutRoundsEverythingGoesAlone() async throws {
        let rounds = OpeningRounds.ofTest()
        try await withIntake(rounds: rounds) { intake in
            #expect(try await intake.send(body: Bodies.small()).status == .created)
            try await rounds.running {
                try await eventually("a round takes it") {
                    let before = try await OpeningRoundTests.transactions(in: intake)
                    #expect(try await intake.send(body: Bodies.small()).status == .created)
                    return try await OpeningRoundTests.transactions(in: intake) == before + 1
                }
            }
            #expect(try await intake.send(body: Bodies.small()).status == .created)
            #expect(rounds.gathered == 0)
        }
    }
}
