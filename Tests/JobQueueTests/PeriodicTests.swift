import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// Schedules in the database: what makes a time fire once. The times themselves are `ScheduleTests`.
struct PeriodicTests {
    private let store = PeriodicStore()

    /// Every hour, half an hour away from now: no time comes by while a test runs, whenever it runs.
    private static let minute = (Int(Date().timeIntervalSince1970) / 60 + 30) % 60
    private static let hourly = "cron \(Self.minute) * * * *"

    private func job(
        _ schedule: String = Self.hourly, catchUp: CatchUpPolicy = .one, number: Int = 1
    ) throws -> PeriodicJob {
        try PeriodicJob(
            "hourly", Schedule(schedule), catchUp: catchUp, ProbeArguments(number: number), queue: QueueFixture.queue)
    }

    /// As if everything up to so long ago had been dealt with.
    private func rewind(_ seconds: Int, _ queue: QueueFixture) async throws {
        try await queue.pool.execute(Self.rewind, PostgresInterval(.seconds(seconds)))
    }

    /// One look of a leader; how many jobs it made.
    private func tick(_ queue: QueueFixture) async throws -> Int {
        var fired = 0
        for due in try await self.store.due(on: queue.pool) {
            fired += try await self.store.fire(due, on: queue.pool).values.reduce(0, +)
        }
        return fired
    }

    private func waiting(_ queue: QueueFixture) async throws -> Int {
        Int(try await queue.pool.execute(Self.countJobs).first?.decode(Int64.self) ?? -1)
    }

    @Test func aScheduleFiresAtItsNextTimeAndNotWhenItIsSet() async throws {
        try await withQueue { queue in
            #expect(try await self.store.put(self.job(), on: queue.pool))
            #expect(try await !self.store.put(self.job(), on: queue.pool), "the same again changes nothing")
            #expect(try await self.tick(queue) == 0)
            #expect(try await self.store.due(on: queue.pool).isEmpty, "the next time is known, and not now")
            try await self.rewind(3700, queue)
            #expect(try await self.tick(queue) == 1)
            #expect(try await self.tick(queue) == 0)
            let job = try #require(try await queue.claim(holder: "agency"))
            #expect(try job.decode(ProbeArguments.self).number == 1)
            struct Nominal: Decodable { let nominal_at: Date }
            let nominal = try job.arguments.decode(Nominal.self).nominal_at.timeIntervalSince1970
            #expect(nominal.truncatingRemainder(dividingBy: 3600) == Double(Self.minute * 60))
        }
    }

    /// [Graphile: backfills cron; River: floods after downtime] After five hours without a leader.
    @Test(arguments: [(CatchUpPolicy.one, 1), (.all(limit: 3), 3), (.all(limit: 100), 5)])
    func timesThatWereMissedAreCaughtUpWith(_ policy: CatchUpPolicy, jobs: Int) async throws {
        try await withQueue { queue in
            try await self.store.put(self.job(catchUp: policy), on: queue.pool)
            try await self.rewind(5 * 3600, queue)
            #expect(try await self.tick(queue) == jobs)
            #expect(try await self.waiting(queue) == jobs)
            #expect(try await self.tick(queue) == 0)
        }
    }

    /// Invariant 7's shape for schedules: whoever leads, and however many think that they do, a time fires once.
    @Test func manyLeadersAtOnceFireATimeOnce() async throws {
        try await withQueue(maximumConnections: 10) { queue in
            try await self.store.put(self.job(catchUp: .all(limit: 5)), on: queue.pool)
            try await self.rewind(5 * 3600, queue)
            let due = try #require(try await self.store.due(on: queue.pool).first)
            let fired = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await self.store.fire(due, on: queue.pool).values.reduce(0, +) }
                }
                return try await group.reduce(0, +)
            }
            #expect(fired == 5)
            #expect(try await self.waiting(queue) == 5)
        }
    }

    /// A leader that dies between the jobs and their record has made neither.
    @Test func aCrashFiresAllOrNothing() async throws {
        struct Crash: Error {}
        try await withQueue { queue in
            try await self.store.put(self.job(catchUp: .all(limit: 5)), on: queue.pool)
            try await self.rewind(5 * 3600, queue)
            let due = try #require(try await self.store.due(on: queue.pool).first)
            await #expect(throws: Crash.self) {
                try await queue.pool.withTransaction("test_crash") { transaction in
                    _ = try await self.store.fire(due, on: transaction)
                    throw Crash()
                }
            }
            #expect(try await self.waiting(queue) == 0)
            #expect(try await self.tick(queue) == 5)
        }
    }

    /// [Graphile: doesn't schedule twice when the clock reverses] The clock goes back two hours: what has fired does not
    /// fire again when the clock comes by once more.
    @Test func aClockThatIsSetBackFiresNothingTwice() async throws {
        try await withQueue { queue in
            try await self.store.put(self.job(), on: queue.pool)
            try await self.rewind(3700, queue)
            #expect(try await self.tick(queue) == 1)
            // To a clock that is two hours behind, everything was dealt with two hours into its future.
            try await self.rewind(-2 * 3600, queue)
            #expect(try await self.tick(queue) == 0)
            #expect(try await self.store.due(on: queue.pool).isEmpty)
        }
    }

    @Test func aScheduleThatWasChangedMeanwhileDoesNotFireByTheOldOne() async throws {
        try await withQueue { queue in
            try await self.store.put(self.job(), on: queue.pool)
            try await self.rewind(5 * 3600, queue)
            let due = try #require(try await self.store.due(on: queue.pool).first)
            #expect(try await self.store.put(self.job("every 2h", number: 2), on: queue.pool))
            #expect(try await self.store.fire(due, on: queue.pool).isEmpty)
            #expect(try await self.tick(queue) == 1)
            #expect(try #require(try await queue.claim(holder: "agency")).decode(ProbeArguments.self).number == 2)
        }
    }

    @Test func whatPassesDuringAPauseIsDropped() async throws {
        try await withQueue { queue in
            try await self.store.put(self.job(catchUp: .all(limit: 10)), on: queue.pool)
            try await queue.pool.execute(Self.pause)
            try await self.rewind(5 * 3600, queue)
            #expect(try await self.tick(queue) == 0)
            try await queue.pool.execute(Self.resume)
            #expect(try await self.tick(queue) == 0)
            try await self.rewind(3700, queue)
            #expect(try await self.tick(queue) == 1)
        }
    }

    /// Beside the times: by hand, also while it is paused.
    @Test func aRunByHandIsAJobOfItsOwn() async throws {
        try await withQueue { queue in
            try await self.store.put(self.job(), on: queue.pool)
            try await queue.pool.execute(Self.pause)
            try await queue.pool.execute(Self.run)
            try await queue.pool.execute(Self.run)
            #expect(try await self.waiting(queue) == 2)
            try await queue.pool.execute(Self.remove)
            await #expect(throws: PostgresError.self) { try await queue.pool.execute(Self.run) }
        }
    }

    /// A row that a newer program wrote is left to a leader that reads it.
    @Test func aScheduleThatCannotBeReadIsLeftAlone() async throws {
        try await withQueue { queue in
            try await queue.pool.execute(Self.putUnreadable)
            let due = try #require(try await self.store.due(on: queue.pool).first)
            await #expect(throws: ScheduleError.self) { _ = try await self.store.fire(due, on: queue.pool) }
            #expect(try await self.store.due(on: queue.pool).count == 1)
        }
    }

    private static let rewind = Statement(
        name: "test_rewind",
        """
        UPDATE queue.periodic
        SET dealt_until = clock_timestamp() - $1,
            next_at = CASE WHEN $1 > interval '0' THEN NULL ELSE next_at END
        """)
    private static let countJobs = Statement(name: "test_count_jobs", "SELECT count(*) FROM queue.job")
    private static let pause = Statement(name: "test_pause", "SELECT queue.pause_periodic('hourly')")
    private static let resume = Statement(name: "test_resume", "SELECT queue.resume_periodic('hourly')")
    private static let run = Statement(name: "test_run", "SELECT queue.run_periodic('hourly')")
    private static let remove = Statement(name: "test_remove", "SELECT queue.remove_periodic('hourly')")
    private static let putUnreadable = Statement(
        name: "test_put_unreadable", "SELECT queue.put_periodic('x', 'sometimes', 'one', 'q', 'k', '{}')")
}
