import FoundationEssentials
import JobQueue
import JobTestKit
import JobTypes
import JobWorker
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// What one attempt comes to: retry policies, permanent errors, reports, versions, middleware. Run in the test's own task.
struct AttemptTests {
    private func drain(
        _ fixture: WorkerFixture, middleware: [any JobMiddleware] = [JobTracing()], limit: Int = 20,
        _ handler: ErrandHandler
    ) async throws -> Int {
        try await JobDrain(
            pool: fixture.database.pool, handlers: [handler], middleware: middleware, logger: WorkerFixture.logger
        ).run([WorkerFixture.queue], limit: limit)
    }

    private func waiting(_ fixture: WorkerFixture, _ job: EnqueuedJob) async throws -> (state: String, seconds: Double)
    {
        let row = try #require(try await fixture.database.pool.execute(Self.look, job.alias).first)
        return try row.decode((String, Double).self)
    }

    @Test func theKindsAttemptsCountWhenTheJobAllowsMore() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue(maximumAttempts: 25)
            let policy = RetryPolicy(initialDelay: .zero, maximumDelay: .zero, jitter: 0, maximumAttempts: 2)
            let attempts = try await self.drain(
                fixture, ErrandHandler(retryPolicy: policy) { _, _ in throw JobFailure(code: "always") })
            #expect(attempts == 2)
            #expect(try await fixture.state(of: job) == "discarded")
        }
    }

    /// A returned retry without a delay goes by the policy, inside a transaction of the handler's as well as outside.
    @Test(arguments: [false, true])
    func aReturnedRetryWaitsAsThePolicySays(inTransaction: Bool) async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let policy = RetryPolicy(initialDelay: .seconds(500), jitter: 0)
            let outcome = JobOutcome.retry(after: nil, code: "later")
            _ = try await self.drain(
                fixture,
                ErrandHandler(retryPolicy: policy) { _, context in
                    inTransaction ? try await context.settling("test") { _ in outcome } : outcome
                })
            let seen = try await self.waiting(fixture, job)
            #expect(seen.state == "retryable")
            #expect((450...500).contains(seen.seconds))
        }
    }

    @Test func aPermanentErrorIsADeadLetterAtOnce() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let attempts = try await self.drain(
                fixture, ErrandHandler { _, _ in throw JobFailure(code: "no_such_case", isPermanent: true) })
            #expect(attempts == 1)
            #expect(try await fixture.state(of: job) == "discarded")
            #expect(try await database.pool.execute(Self.code, job.alias).first?.decode(String.self) == "no_such_case")
        }
    }

    /// [Oban: safely executing jobs with any type of exit]
    @Test func anErrorOfAnyTypeIsRecordedWithoutItsText() async throws {
        struct Secret: Error { let name = "张女士" }
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue(maximumAttempts: 1)
            _ = try await self.drain(fixture, ErrandHandler { _, _ in throw Secret() })
            #expect(try await fixture.state(of: job) == "discarded")
            let stored = try await database.pool.execute(Self.everything, job.alias).first?.decode(String.self)
            #expect(stored?.contains("张") == false)
            #expect(stored?.contains("\"error\"") == true)
        }
    }

    /// An older worker neither misreads nor gives up what a newer producer enqueued.
    @Test func aJobForANewerWorkerWaitsAndCountsNoAttempt() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            try await database.pool.execute(Self.enqueueNewer)
            let attempts = try await self.drain(
                fixture,
                ErrandHandler { _, _ in
                    Issue.record("the handler got arguments of a newer version")
                    return .completed
                })
            #expect(attempts == 1)
            let seen = try #require(try await database.pool.execute(Self.newest).first)
            let (state, attempt) = try seen.decode((String, Int32).self)
            #expect(state == "scheduled")
            #expect(attempt == 0)
        }
    }

    @Test func aResultIsLeftWithTheCompletion() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            for isInTransaction in [false, true] {
                let job = try await fixture.enqueue()
                _ = try await self.drain(
                    fixture,
                    ErrandHandler { _, context in
                        try context.leave(JobResult(code: "first"))
                        try context.leave(JobResult(code: "sent", detail: [42]))
                        #expect(throws: JobQueueError(code: .badArgument)) {
                            try context.leave(JobResult(code: "Not A Code"))
                        }
                        try await context.report(JobProgress(done: 1, total: 2))
                        try await context.report(JobProgress(done: -1))  // Within the second: dropped, not sent.
                        return isInTransaction ? try await context.completing("test") { _ in } : .completed
                    })
                let row = try #require(try await database.pool.execute(Self.result, job.alias).first)
                let (state, code, outcome) = try row.decode((String, String?, [UInt8]?).self)
                #expect(state == "completed")
                #expect(code == "sent")
                #expect(outcome == [42])
            }
        }
    }

    /// The completion travels first, so a result that comes after it would be lost: that is said, not hidden.
    @Test func aResultThatComesTooLateIsAnError() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            _ = try await self.drain(
                fixture,
                ErrandHandler { _, context in
                    try await context.completing("test") { _ in try context.leave(JobResult(code: "late")) }
                })
            #expect(try await fixture.state(of: job) == "discarded")
            let settled = try await fixture.enqueue()
            _ = try await self.drain(
                fixture,
                ErrandHandler { _, context in
                    try await context.settling("test") { _ in
                        try context.leave(JobResult(code: "in_time"))
                        return .completed
                    }
                })
            #expect(try await database.pool.execute(Self.code, settled.alias).first?.decode(String.self) == "in_time")
        }
    }

    private struct Noting: JobMiddleware {
        let name: String
        let notes: NIOLockedValueBox<[String]>
        var answer: JobOutcome?

        func attempt(
            _ attempt: JobAttempt, next: (JobAttempt) async throws -> JobOutcome
        ) async throws -> JobOutcome {
            self.notes.withLockedValue { $0.append("\(self.name) begins") }
            defer { self.notes.withLockedValue { $0.append("\(self.name) ends") } }
            if let answer { return answer }
            return try await next(attempt)
        }
    }

    @Test func middlewareWrapsTheHandlerInItsOrder() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let notes = NIOLockedValueBox<[String]>([])
            _ = try await self.drain(
                fixture, middleware: [Noting(name: "outer", notes: notes), Noting(name: "inner", notes: notes)],
                ErrandHandler { _, _ in
                    notes.withLockedValue { $0.append("handler") }
                    return .completed
                })
            #expect(
                notes.withLockedValue { $0 } == [
                    "outer begins", "inner begins", "handler", "inner ends", "outer ends",
                ])
            #expect(try await fixture.state(of: job) == "completed")
        }
    }

    @Test func middlewareCanAnswerInsteadOfTheHandlerAndItsErrorsCount() async throws {
        struct Failing: JobMiddleware {
            func attempt(
                _ attempt: JobAttempt, next: (JobAttempt) async throws -> JobOutcome
            ) async throws -> JobOutcome { throw JobFailure(code: "refused", isPermanent: true) }
        }
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let notes = NIOLockedValueBox<[String]>([])
            let handler = ErrandHandler { _, _ in
                Issue.record("the handler ran")
                return .completed
            }
            let cancelled = try await fixture.enqueue()
            let cancelling = Noting(name: "outer", notes: notes, answer: .cancel(code: "not_now"))
            _ = try await self.drain(fixture, middleware: [cancelling], handler)
            #expect(try await fixture.state(of: cancelled) == "cancelled")
            let refused = try await fixture.enqueue()
            _ = try await self.drain(fixture, middleware: [Failing()], handler)
            #expect(try await fixture.state(of: refused) == "discarded")
        }
    }

    /// From whoever enqueued to the handler, and on to what the handler enqueues.
    @Test func aTraceGoesThroughTheHandler() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let trace = TraceContext(isSampled: true)
            try await TraceContext.$current.withValue(trace) { _ = try await fixture.enqueue("one") }
            let seen = NIOLockedValueBox<[TraceContext?]>([])
            _ = try await self.drain(
                fixture,
                ErrandHandler { errand, context in
                    seen.withLockedValue { $0.append(TraceContext.current) }
                    if errand.name == "one" { try await fixture.enqueue("two") }
                    return .completed
                })
            let traces = seen.withLockedValue { $0 }
            #expect(traces.map { $0?.traceID } == [trace.traceID, trace.traceID])
            #expect(Set([trace.spanID] + traces.compactMap { $0?.spanID }).count == 3)
            #expect(traces.allSatisfy { $0?.isSampled == true })
        }
    }

    private static let look = Statement(
        name: "test_waiting",
        """
        SELECT state, extract(epoch FROM scheduled_at - clock_timestamp())::float8
        FROM queue.job_overview WHERE alias = $1
        """)
    private static let code = Statement(name: "test_code", "SELECT code FROM queue.job_overview WHERE alias = $1")
    private static let everything = Statement(
        name: "test_everything", "SELECT to_jsonb(o)::text FROM queue.job_overview AS o WHERE alias = $1")
    private static let enqueueNewer = Statement(
        name: "test_enqueue_newer", #"SELECT queue.enqueue('errands', 'errand', '{"version": 2, "name": "x"}')"#)
    private static let newest = Statement(
        name: "test_newest", "SELECT state, attempt::integer FROM queue.job ORDER BY id DESC LIMIT 1")
    private static let result = Statement(
        name: "test_result", "SELECT state, code, outcome FROM queue.job_overview WHERE alias = $1")
}
