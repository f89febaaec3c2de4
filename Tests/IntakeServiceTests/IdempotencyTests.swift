import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import IntakeService
@testable import PostgresClient

/// Invariant 1: an answered request is never lost and never doubled, whatever happens to its COMMIT.
@Suite struct IdempotencyTests {
    @Test func theSameKeyAndBodyGiveTheSameAnswer() async throws {
        try await withIntake { intake in
            let first = try await intake.send(body: Bodies.full, idempotencyKey: "once")
            let second = try await intake.send(body: Bodies.full, idempotencyKey: "once")
            #expect(first.status == .created)
            #expect(second.status == .created)
            #expect(first.text == second.text)
            #expect(first.headers[.idempotencyReplayed] == nil)
            #expect(second.headers[.idempotencyReplayed] == "true")
            #expect(try await intake.count("casework.cases") == 1)
            #expect(try await intake.count("queue.job") == 1)
        }
    }

    @Test func theSameKeyWithAnotherBodyIsRefused() async throws {
        try await withIntake { intake in
            _ = try await intake.opened(Bodies.full, idempotencyKey: "once")
            let response = try await intake.send(body: Bodies.small(), idempotencyKey: "once")
            #expect(response.status == .unprocessableContent)
            #expect(try response.json(Problem.self).type == "/problems/idempotency-key-reused")
            #expect(try await intake.count("casework.cases") == 1)
        }
    }

    /// In batches, with intake's own rights, and two processes at once.
    @Test func oldKeysAreForgottenAndNewOnesKept() async throws {
        try await withIntake { intake in
            _ = try await intake.opened(idempotencyKey: "new")
            let old = Statement(
                name: "t_old_keys",
                """
                INSERT INTO casework.idempotency (client_id, key, request_hash, case_id, created_at)
                SELECT c.id, 'old' || n, '', gen_random_uuid(), clock_timestamp() - interval '31 days'
                FROM casework.intake_client AS c, generate_series(1, 1500) AS n WHERE c.name = 'region'
                """)
            _ = try await intake.db.pool.execute(old)
            try await intake.db.withPool(user: "dandelion_intake") { pool in
                let sweep = IdempotencySweep(pool: pool, keep: .seconds(30 * 86_400), logger: quiet)
                async let other = sweep.sweep()
                let own = try await sweep.sweep()
                #expect(try await own + other == 1500)
            }
            #expect(try await intake.count("casework.idempotency") == 1)
            let again = try await intake.send(body: Bodies.full, idempotencyKey: "new")
            #expect(again.headers[.idempotencyReplayed] == "true")
        }
    }

    @Test func keysBelongToTheirClient() async throws {
        try await withIntake { intake in
            let first = try await intake.send(body: Bodies.small(), idempotencyKey: "mine")
            let second = try await intake.send(body: Bodies.small(), key: Intake.districtKey, idempotencyKey: "mine")
            let numbers = (try first.json(Opened.self).number, try second.json(Opened.self).number)
            #expect(numbers.0 != numbers.1)
            #expect(try await intake.count("casework.cases") == 2)
        }
    }

    @Test func withoutAKeyEachRequestIsItsOwnCase() async throws {
        try await withIntake { intake in
            let numbers = [try await intake.opened().number, try await intake.opened().number]
            #expect(numbers[0] != numbers[1])
            #expect(try await intake.count("casework.idempotency") == 2)
        }
    }

    @Test func fiftyAtOnceWithOneKeyOpenOneCase() async throws {
        try await withIntake(connections: 8) { intake in
            let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await intake.send(body: Bodies.full, idempotencyKey: "crowd") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == .created })
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(answers.count { $0.headers[.idempotencyReplayed] == nil } == 1)
            #expect(try await intake.count("casework.cases") == 1)
            #expect(try await intake.count("queue.job") == 1)
        }
    }

    @Test func whatWasAnsweredStaysAnsweredWhenItWouldBeRefusedToday() async throws {
        try await withIntake { intake in
            let first = try await intake.send(body: Bodies.small(), key: Intake.districtKey, idempotencyKey: "scope")
            #expect(first.status == .created)
            // The client loses the channel; a client that was never seen stands for the seconds the cache lasts.
            let narrowed = Statement(name: "t_narrow", "UPDATE casework.intake_client SET channels = '{online}'")
            _ = try await intake.db.pool.execute(narrowed)
            let repeated = try await eventuallySome("the scope to be read again") {
                let probe = try await intake.send(body: Bodies.small(), key: Intake.districtKey)
                guard probe.status == .forbidden else { return nil as TestResponse? }
                return try await intake.send(body: Bodies.small(), key: Intake.districtKey, idempotencyKey: "scope")
            }
            #expect(repeated.text == first.text)
        }
    }

    // MARK: - The transaction breaks

    @Test func aTransactionThatFailsLeavesNothing() async throws {
        struct Broken: Error {}
        let breaking: Breaking = { pool in
            { body in
                try await pool.withTransaction("open_case") { transaction in
                    _ = try await body(transaction)
                    throw Broken()
                }
            }
        }
        try await withIntake(breaking: breaking) { intake in
            let response = try await intake.send(body: Bodies.full, idempotencyKey: "broken")
            #expect(response.status == .internalServerError)
            for table in [
                "casework.cases", "casework.person", "casework.clock", "casework.event", "casework.consent",
                "casework.contact_rule", "casework.idempotency", "queue.job",
            ] {
                #expect(try await intake.count(table) == 0, "\(table)")
            }
        }
    }

    @Test func aCommitThatHappenedUnheardIsFoundOut() async throws {
        let attempts = Attempts()
        let breaking: Breaking = { pool in
            { body in
                let opening = try await pool.withTransaction("open_case", body)
                if attempts.next() <= 2 { throw PostgresError(.commitOutcomeUnknown) }
                return opening
            }
        }
        try await withIntake(breaking: breaking) { intake in
            let response = try await intake.send(body: Bodies.full)
            #expect(response.status == .created)
            let number = try response.json(Opened.self).number
            #expect(try await intake.text("t_number", "SELECT number FROM casework.cases") == number)
            #expect(try await intake.count("queue.job") == 1)
            #expect(attempts.count == 3)
            // It was its own case it found, not a repeat of the client's.
            #expect(response.headers[.idempotencyReplayed] == nil)
        }
    }

    @Test func aCommitThatDidNotHappenIsMadeUpFor() async throws {
        struct RolledBack: Error {}
        let attempts = Attempts()
        let breaking: Breaking = { pool in
            { body in
                guard attempts.next() <= 2 else { return try await pool.withTransaction("open_case", body) }
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
        try await withIntake(breaking: breaking) { intake in
            let response = try await intake.send(body: Bodies.full, idempotencyKey: "again")
            #expect(response.status == .created)
            let number = try response.json(Opened.self).number
            #expect(try await intake.text("t_number", "SELECT number FROM casework.cases") == number)
        }
    }

    /// The answer is never a guess: the client gets the key under which to ask again.
    @Test func anOutcomeThatStaysUnknownIsNotAnswered() async throws {
        let attempts = Attempts()
        let breaking: Breaking = { pool in
            { body in
                let number = attempts.next()
                if number == 1 { _ = try await pool.withTransaction("open_case", body) }
                if number <= 1 { throw PostgresError(.commitOutcomeUnknown) }
                if attempts.isClosed { throw PostgresError(.connectionFailed) }
                return try await pool.withTransaction("open_case", body)
            }
        }
        attempts.close()
        try await withIntake(commitPatience: .milliseconds(200), breaking: breaking) { intake in
            let refused = try await intake.send(body: Bodies.full)
            #expect(refused.status == .serviceUnavailable)
            #expect(try refused.json(Problem.self).type == "/problems/outcome-unknown")
            #expect(refused.headers[.retryAfter] != nil)
            let key = try #require(refused.headers[IdempotencyKey.headerName])

            attempts.open()
            let repeated = try await intake.send(body: Bodies.full, idempotencyKey: key)
            #expect(repeated.status == .created)
            #expect(try await intake.count("casework.cases") == 1)
            let number = try repeated.json(Opened.self).number
            #expect(try await intake.text("t_number", "SELECT number FROM casework.cases") == number)
        }
    }

    /// A repeat must not answer from a COMMIT that the replicas may not have: it writes, so its own COMMIT waits for
    /// them.
    @Test func aRepeatWritesToTheLog() async throws {
        try await withIntake { intake in
            _ = try await intake.opened(Bodies.full, idempotencyKey: "durable")
            let locked = Statement(name: "t_locked", "SELECT xmax <> 0 FROM casework.idempotency")
            #expect(try await intake.db.pool.execute(locked).first?.decode(Bool.self) == false)
            _ = try await intake.opened(Bodies.full, idempotencyKey: "durable")
            #expect(try await intake.db.pool.execute(locked).first?.decode(Bool.self) == true)
        }
    }
}

import NIOConcurrencyHelpers

/// Counts the transactions of a test, and is the switch of its database.
final class Attempts: Sendable {
    private let state = NIOLockedValueBox((count: 0, isClosed: false))

    var count: Int { self.state.withLockedValue { $0.count } }
    var isClosed: Bool { self.state.withLockedValue { $0.isClosed } }

    func next() -> Int {
        self.state.withLockedValue { state in
            state.count += 1
            return state.count
        }
    }

    func close() { self.state.withLockedValue { $0.isClosed = true } }
    func open() { self.state.withLockedValue { $0.isClosed = false } }
}

extension HTTPField.Name {
    static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!
}
