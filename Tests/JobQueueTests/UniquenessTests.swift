import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

extension QueueFixture {
    fileprivate func enqueue(
        _ uniqueness: JobUniqueness, key: String = "k", scheduledAt: Date? = nil,
        before commit: () async throws -> Void = {}
    ) async throws -> EnqueuedJob {
        let request = try JobRequest(
            ProbeArguments(number: 1), queue: Self.queue, scheduledAt: scheduledAt, uniqueKey: key,
            uniqueness: uniqueness)
        return try await self.pool.withTransaction("test_enqueue_unique") { transaction in
            let job = try await self.store.enqueue(request, in: transaction)
            try await commit()
            return job
        }
    }

    fileprivate func endHolds() async throws {
        try await self.pool.execute(Self.endHolds)
    }

    private static let endHolds = Statement(
        name: "test_end_holds", "UPDATE queue.unique_hold SET held_until = clock_timestamp() - interval '1 second'")
}

/// How far a unique key reaches. The names in brackets are those of the peers' scenarios.
struct UniquenessTests {
    /// [Oban: scoping uniqueness by state; Graphile: schedules a new job if existing is being processed]
    @Test func aWaitingJobIsReturnedAndOneThatRunsIsNot() async throws {
        try await withQueue { queue in
            let first = try await queue.enqueue(.whileWaiting)
            #expect(first.isNew)
            let same = try await queue.enqueue(.whileWaiting)
            #expect(!same.isNew)
            #expect(same.alias == first.alias)
            let running = try #require(try await queue.claim(holder: "agency"))
            let second = try await queue.enqueue(.whileWaiting)
            #expect(second.isNew)
            #expect(try await queue.enqueue(.whileWaiting).id == second.id)
            // The end of the first does not free the key of the second.
            try await queue.store.complete(running, on: queue.pool)
            #expect(try await queue.enqueue(.whileWaiting).id == second.id)
        }
    }

    /// [Graphile: schedules a new job if existing is pending retry: here it waits, so it is returned]
    @Test func aJobBetweenTwoAttemptsWaits() async throws {
        try await withQueue { queue in
            let first = try await queue.enqueue(.whileWaiting)
            let job = try #require(try await queue.claim(holder: "agency"))
            try await queue.store.fail(job, code: "down", retryAfter: .seconds(60), on: queue.pool)
            #expect(try await queue.enqueue(.whileWaiting).id == first.id)
            #expect(try await queue.enqueue(.whileLive).id == first.id)
        }
    }

    /// What the caller wrote in the transaction that found the job waiting, the job sees: it does not begin before.
    @Test func aJobThatWasFoundWaitingDoesNotBeginBeforeTheCallersCommit() async throws {
        try await withQueue { queue in
            let first = try await queue.enqueue(.whileWaiting)
            let found = try await queue.enqueue(.whileWaiting) {
                let begun = try await queue.claim(holder: "agency")
                #expect(begun == nil, "it began before the commit")
            }
            #expect(found.id == first.id)
            #expect(try await queue.claim(holder: "agency")?.id == first.id)
        }
    }

    /// Producers and consumers at once: every piece of work that was asked for is done after it was asked for.
    @Test func nothingAskedForIsMissed() async throws {
        try await withQueue(maximumConnections: 8) { queue in
            try await queue.pool.execute(Self.createWanted)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<40 {
                            let request = try JobRequest(
                                ProbeArguments(number: 1), queue: QueueFixture.queue, uniqueKey: "k",
                                uniqueness: .whileWaiting)
                            try await queue.pool.withTransaction("test_want") { transaction in
                                try await transaction.execute(Self.want)
                                try await queue.store.enqueue(request, in: transaction)
                            }
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<300 { try await Self.work(queue) }
                }
                try await group.waitForAll()
            }
            while try await Self.work(queue) {}
            #expect(try await queue.pool.execute(Self.countWanted).first?.decode(Int64.self) == 0)
        }
    }

    /// Does what is wanted as far as it is seen when the job begins.
    @discardableResult
    private static func work(_ queue: QueueFixture) async throws -> Bool {
        guard let job = try await queue.claim(holder: "agency") else { return false }
        try await queue.pool.execute(self.doWanted)
        try await queue.store.complete(job, on: queue.pool)
        return true
    }

    /// [Oban: scoping uniqueness by period]
    @Test func aKeyIsHeldForItsPeriodAlsoWhenTheJobIsDone() async throws {
        try await withQueue { queue in
            let first = try await queue.enqueue(.forPeriod(.seconds(3600)))
            try await queue.store.complete(
                try #require(try await queue.claim(holder: "agency")), on: queue.pool)
            let same = try await queue.enqueue(.forPeriod(.seconds(3600)))
            #expect(!same.isNew)
            #expect(same.alias == first.alias)
            #expect(try await queue.enqueue(.forPeriod(.seconds(3600)), key: "other").isNew)
            try await queue.endHolds()
            #expect(try await queue.enqueue(.forPeriod(.seconds(3600))).isNew)
        }
    }

    /// The period is over and the job still waits: then it is the one.
    @Test func aLiveJobHoldsItsKeyBeyondThePeriod() async throws {
        try await withQueue { queue in
            let first = try await queue.enqueue(.forPeriod(.seconds(3600)))
            try await queue.endHolds()
            let same = try await queue.enqueue(.forPeriod(.seconds(3600)))
            #expect(same.id == first.id)
            #expect(!same.isNew)
        }
    }

    @Test func workThatWasCalledOffOrGivenUpFreesItsKey() async throws {
        try await withQueue { queue in
            let cancelled = try await queue.enqueue(.forPeriod(.seconds(3600)))
            _ = try await queue.store.cancel(kind: ProbeArguments.kind, uniqueKey: "k", code: "test", in: queue.pool)
            let second = try await queue.enqueue(.forPeriod(.seconds(3600)))
            #expect(second.isNew)
            #expect(second.id != cancelled.id)
            let job = try #require(try await queue.claim(holder: "agency"))
            try await queue.store.discard(job, code: "broken", on: queue.pool)
            #expect(try await queue.enqueue(.forPeriod(.seconds(3600))).isNew)
        }
    }

    /// [Oban: preventing duplicate jobs between processes]
    @Test(arguments: [JobUniqueness.whileWaiting, .whileLive, .forPeriod(.seconds(3600))])
    func oneOfManyProducersMakesTheJob(_ uniqueness: JobUniqueness) async throws {
        try await withQueue(maximumConnections: 10) { queue in
            let jobs = try await withThrowingTaskGroup(of: EnqueuedJob.self) { group in
                for _ in 0..<20 { group.addTask { try await queue.enqueue(uniqueness) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(jobs.filter(\.isNew).count == 1)
            #expect(Set(jobs.map(\.alias)).count == 1)
        }
    }

    /// A producer that takes its transaction back has taken no key.
    @Test func aRollbackFreesTheKey() async throws {
        struct Undone: Error {}
        try await withQueue { queue in
            await #expect(throws: Undone.self) {
                _ = try await queue.enqueue(.forPeriod(.seconds(3600))) { throw Undone() }
            }
            let job = try await queue.enqueue(.forPeriod(.seconds(3600)))
            #expect(job.isNew)
        }
    }

    @Test func keysWhoseTimeIsOverAreForgotten() async throws {
        try await withQueue { queue in
            for key in ["a", "b", "c"] { _ = try await queue.enqueue(.forPeriod(.seconds(3600)), key: key) }
            #expect(try await queue.workers.forgetUniqueHolds(limit: 10, on: queue.pool) == 0)
            try await queue.endHolds()
            #expect(try await queue.workers.forgetUniqueHolds(limit: 2, on: queue.pool) == 2)
            #expect(try await queue.workers.forgetUniqueHolds(limit: 2, on: queue.pool) == 1)
        }
    }

    /// [River: BinaryNonUTF8UniqueKey, here: any text is a key, and keys of different kinds do not meet]
    @Test func anyTextIsAKey() async throws {
        try await withQueue { queue in
            for key in ["", " ", "钥匙", "a'b\"c\\", String(repeating: "k", count: 500)] {
                let (first, second) = (
                    try await queue.enqueue(.whileWaiting, key: key), try await queue.enqueue(.whileWaiting, key: key)
                )
                #expect(first.isNew)
                #expect(!second.isNew)
            }
        }
    }

    @Test func aPeriodThatIsNoneIsRefused() async throws {
        try await withQueue { queue in
            #expect(await refusal { _ = try await queue.enqueue(.forPeriod(.zero)) } == .badArgument)
        }
    }

    private static let createWanted = Statement(
        name: "test_create_wanted", "CREATE TABLE public.wanted (id bigint GENERATED ALWAYS AS IDENTITY)")
    private static let want = Statement(name: "test_want", "INSERT INTO public.wanted DEFAULT VALUES")
    private static let doWanted = Statement(name: "test_do_wanted", "DELETE FROM public.wanted")
    private static let countWanted = Statement(name: "test_count_wanted", "SELECT count(*) FROM public.wanted")
}
