import Contracts
import HTTPTypes
import HummingbirdTesting
import JobQueue
import JobTestKit
import JobTypes
import JobWorker
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

@testable import IntakeService

/// One trace from the caller's HTTP request to the handler of the job that it led to.
@Suite struct TraceTests {
    private struct Handler: JobHandler {
        let seen: NIOLockedValueBox<[TraceContext?]>

        func run(_ arguments: CaseOpened, _ context: JobContext) async throws -> JobOutcome {
            self.seen.withLockedValue { $0.append(TraceContext.current) }
            return .completed
        }
    }

    @Test func theCallersTraceReachesTheHandler() async throws {
        let caller = TraceContext(isSampled: true)
        let seen = NIOLockedValueBox<[TraceContext?]>([])
        try await withIntake { intake in
            let response = try await intake.send(body: Bodies.full, traceparent: caller.traceparent)
            #expect(response.status == .created)
            let drain = JobDrain(pool: intake.db.pool, handlers: [Handler(seen: seen)], logger: Logger(label: "test"))
            try await drain.run([Queues.routing])
        }
        let traces = seen.withLockedValue { $0.compactMap { $0 } }
        let trace = try #require(traces.first)
        #expect(trace.traceID == caller.traceID && trace.isSampled)
        #expect(trace.spanID != caller.spanID, "the handler has a span of its own")
    }

    @Test(arguments: [nil, "13800000000", "00-00000000000000000000000000000000-0000000000000000-01"])
    func whatIsNoTraceIsNotPassedOn(header: String?) async throws {
        try await withIntake { intake in
            let response = try await intake.send(body: Bodies.full, traceparent: header)
            #expect(response.status == .created)
            let jobs = try await intake.text(
                "t_trace", "SELECT string_agg(args::text, ' ') FROM queue.job WHERE kind = 'case_opened'")
            #expect(!jobs.contains("traceparent") && !jobs.contains("13800000000"))
        }
    }
}
