import HummingbirdTesting
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport

@testable import IntakeService

/// A request of a test.
struct Asked: Sendable {
    var body = Bodies.small()
    var key = Intake.regionKey
    var idempotencyKey: String
    var traceparent: String?
}

extension OpeningRounds {
    /// As many as a test needs: one that gathers and, where it matters, one that goes meanwhile.
    static func ofTest(atATime: Int = 1, largest: Int = 32) -> OpeningRounds {
        OpeningRounds(
            connections: atATime, RoundPace(largest: largest, atATime: atATime), untouched: .untouched)
    }

    /// Runs while the body does.
    func running<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await self.run() }
            defer { tasks.cancelAll() }
            return try await body()
        }
    }
}

extension Intake {
    /// Sends all at once and lets `gathered` of them gather; then `meanwhile`, then the rounds go. Returns the answers by their
    /// idempotency keys; of several with one key, all.
    func together(
        _ requests: [Asked], in rounds: OpeningRounds, gathered: Int? = nil,
        meanwhile: @Sendable (Answers) async throws -> Void = { _ in },
        afterwards: @Sendable (Answers) async throws -> Void = { _ in }
    ) async throws -> [String: [TestResponse]] {
        let answers = Answers()
        rounds.open()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for asked in requests {
                tasks.addTask {
                    let response = try await self.send(
                        body: asked.body, key: asked.key, idempotencyKey: asked.idempotencyKey,
                        traceparent: asked.traceparent)
                    answers.add(response, for: asked.idempotencyKey)
                }
            }
            do {
                try await eventually("the requests have gathered") {
                    rounds.gathered == gathered ?? requests.count
                }
                try await meanwhile(answers)
                try await rounds.running {
                    try await afterwards(answers)
                    try await tasks.waitForAll()
                }
            } catch {
                // Whoever still waits for a round gets one.
                try await rounds.running { while await tasks.nextResult() != nil {} }
                throw error
            }
        }
        return answers.all
    }
}

/// What was answered so far.
final class Answers: Sendable {
    private let answers = NIOLockedValueBox<[String: [TestResponse]]>([:])

    func add(_ response: TestResponse, for key: String) {
        self.answers.withLockedValue { $0[key, default: []].append(response) }
    }

    var all: [String: [TestResponse]] { self.answers.withLockedValue { $0 } }
    var count: Int { self.all.values.reduce(0) { $0 + $1.count } }
}
