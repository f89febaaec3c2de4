import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

struct ReportTests {
    private static let look = Statement(
        name: "test_reports",
        """
        SELECT (progress ->> 'done')::int8, (progress ->> 'total')::int8, progress ->> 'code',
            decode(progress ->> 'detail', 'base64'), code, outcome
        FROM queue.job_overview WHERE alias = $1
        """)

    private func reports(_ job: EnqueuedJob, _ queue: QueueFixture) async throws -> (
        progress: JobProgress, result: JobResult
    ) {
        let row = try #require(try await queue.pool.execute(Self.look, job.alias).first)
        let (done, total, step, detail, code, outcome) = try row.decode(
            (Int64?, Int64?, String?, [UInt8]?, String?, [UInt8]?).self)
        return (
            JobProgress(done: done, total: total, code: step, detail: detail), JobResult(code: code, detail: outcome)
        )
    }

    @Test func progressIsSeenWhileTheJobRuns() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            let progress = JobProgress(done: 3, total: 10, code: "importing", detail: [0, 255, 7])
            #expect(try await queue.store.report(progress, of: job, on: queue.pool) == false)
            #expect(try await self.reports(enqueued, queue).progress == progress)
            // The next report takes the place of the last as a whole.
            _ = try await queue.store.report(JobProgress(done: 4), of: job, on: queue.pool)
            #expect(try await self.reports(enqueued, queue).progress == JobProgress(done: 4))
        }
    }

    @Test func aReportSaysThatTheJobIsToStop() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            _ = try await queue.pool.execute(Self.cancel, enqueued.alias)
            #expect(try await queue.store.report(JobProgress(done: 1), of: job, on: queue.pool))
        }
    }

    /// Invariant 3: a zombie does not speak for the job either.
    @Test func aStaleTokenReportsAndLeavesNothing() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let old = try #require(try await queue.claim(holder: "agency"))
            try await queue.endLease(of: old)
            _ = try await queue.rescue()
            let new = try #require(try await queue.claim(holder: "agency"))
            #expect(
                await refusal { _ = try await queue.store.report(JobProgress(done: 9), of: old, on: queue.pool) }
                    == .leaseLost)
            #expect(
                await refusal {
                    try await queue.store.complete(old, with: JobResult(code: "stolen"), on: queue.pool)
                } == .leaseLost)
            #expect(try await self.reports(enqueued, queue).progress == JobProgress())
            try await queue.store.complete(new, with: JobResult(code: "sent", detail: [1, 2]), on: queue.pool)
            let seen = try await self.reports(enqueued, queue)
            #expect(seen.result == JobResult(code: "sent", detail: [1, 2]))
            #expect(try await queue.look(enqueued.alias)?.state == .completed)
        }
    }

    @Test func reportsAreBoundedAndCodesAreCodes() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            let tooMuch: [JobProgress] = [
                JobProgress(detail: Array(repeating: 1, count: 1025)), JobProgress(done: -1),
                JobProgress(done: 3, total: 2),
                JobProgress(total: -1), JobProgress(code: "张女士"), JobProgress(code: "with space"),
                JobProgress(code: ""), JobProgress(code: String(repeating: "a", count: 65)), JobProgress(code: "A"),
                JobProgress(code: "a\n"),
            ]
            for progress in tooMuch {
                #expect(
                    await refusal { _ = try await queue.store.report(progress, of: job, on: queue.pool) }
                        == .badArgument,
                    "\(progress)")
                if let code = progress.code { #expect(!JobResult.isCode(code)) }
            }
            #expect(
                await refusal {
                    try await queue.store.complete(
                        job, with: JobResult(detail: Array(repeating: 1, count: 1025)), on: queue.pool)
                } == .badArgument)
            for code in ["a", "9", "smtp_250.ok:1-2", String(repeating: "a", count: 64)] {
                #expect(JobResult.isCode(code))
                _ = try await queue.store.report(JobProgress(code: code), of: job, on: queue.pool)
            }
            #expect(try await queue.look(enqueued.alias)?.state == .running)
        }
    }

    /// What a job that failed for good had come to is what an operator wants to know.
    @Test func aDeadLetterKeepsItsLastReport() async throws {
        try await withQueue { queue in
            let enqueued = try await queue.enqueue()
            let job = try #require(try await queue.claim(holder: "agency"))
            _ = try await queue.store.report(JobProgress(done: 7, total: 9), of: job, on: queue.pool)
            try await queue.store.discard(job, code: "corrupt", on: queue.pool)
            #expect(try await self.reports(enqueued, queue).progress == JobProgress(done: 7, total: 9))
            let seen = try #require(try await queue.look(enqueued.alias))
            #expect(seen.errors == [QueueFixture.Seen.Failure(attempt: 1, code: "corrupt")])
        }
    }

    private static let cancel = Statement(name: "test_cancel", "SELECT queue.cancel($1, 'test')")
}
