import JobQueue
import JobTypes
import JobWorker
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

@Suite struct JobWorkerTests {
    @Test func worksEveryJobOnce() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            for number in 0..<200 { try await fixture.enqueue("\(number)") }
            let seen = NIOLockedValueBox<[String: Int]>([:])
            let handler = ErrandHandler { errand, _ in
                seen.withLockedValue { $0[errand.name, default: 0] += 1 }
                return .completed
            }
            try await fixture.withWorker(handler) {
                try await eventually("all are in the history") { try await Self.count(database, "completed") == 200 }
            }
            #expect(seen.withLockedValue { $0 } == Dictionary(uniqueKeysWithValues: (0..<200).map { ("\($0)", 1) }))
        }
    }

    /// Invariant 3: effect and completion commit together.
    @Test func anEffectIsCommittedWithItsCompletionOrNotAtAll() async throws {
        try await withTestDatabase { database in
            try await database.pool.execute(Self.createEffects)
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let attempts = NIOLockedValueBox(0)
            let handler = ErrandHandler { _, context in
                try await context.completing("effect") { transaction in
                    try await transaction.execute(Self.addEffect)
                    if attempts.withLockedValue({ count in
                        count += 1
                        return count
                    }) < 3 {
                        throw JobFailure(code: "not_yet")
                    }
                }
            }
            try await fixture.withWorker(handler) { try await fixture.waitUntil(job, is: .completed) }
            #expect(attempts.withLockedValue { $0 } == 3)
            #expect(try await Self.effects(database) == 1)
        }
    }

    /// Invariant 3: a zombie whose lease was taken back and given to another commits nothing.
    @Test func aHandlerThatLostItsLeaseCommitsNothing() async throws {
        try await withTestDatabase { database in
            try await database.pool.execute(Self.createEffects)
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let refused = TestSignal<String>("the zombie is refused")
            let handler = ErrandHandler { _, context in
                // The rescuer of another process takes the job back while this handler is at work.
                if context.job.attempt == 1 {
                    try await context.pool.execute(Self.stealLease, context.job.id.rawValue)
                    do {
                        return try await context.completing("effect") { try await $0.execute(Self.addEffect) }
                    } catch {
                        refused.send("\(error)")
                        throw error
                    }
                }
                return try await context.completing("effect") { try await $0.execute(Self.addEffect) }
            }
            try await fixture.withWorker(handler) {
                #expect(try await refused.wait().contains("lease is lost"))
                try await fixture.waitUntil(job, is: .completed)
            }
            #expect(try await Self.effects(database) == 1)
        }
    }

    @Test func aJobWhoseAttemptsAreUsedUpIsADeadLetter() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue(maximumAttempts: 3)
            let attempts = NIOLockedValueBox<[Int]>([])
            let handler = ErrandHandler { _, context in
                attempts.withLockedValue { $0.append(context.job.attempt) }
                throw JobFailure(code: "always")
            }
            try await fixture.withWorker(handler) { try await fixture.waitUntil(job, is: .discarded) }
            #expect(attempts.withLockedValue { $0 } == [1, 2, 3])
        }
    }

    @Test func cancellingARunningJobCancelsItsHandler() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let started = TestSignal<Void>("the handler has started")
            let handler = ErrandHandler { _, _ in
                started.send(())
                try await Task.sleep(for: .seconds(3600))
                return .completed
            }
            try await fixture.withWorker(handler) {
                try await started.wait()
                try await database.pool.execute(Self.cancelJob, job.alias)
                try await fixture.waitUntil(job, is: .cancelled)
            }
        }
    }

    /// The bell for cancellations: nobody waits for the next beat.
    @Test func aCancellationReachesAWorkerThatHardlyBeats() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let started = TestSignal<Void>("the handler has started")
            let handler = ErrandHandler { _, _ in
                started.send(())
                try await Task.sleep(for: .seconds(3600))
                return .completed
            }
            try await fixture.withWorker(
                handler,
                adjust: {
                    $0.beatInterval = .seconds(600)
                    $0.aliveFor = .seconds(3000)
                }
            ) {
                try await started.wait()
                try await database.pool.execute(Self.cancelJob, job.alias)
                try await fixture.waitUntil(job, is: .cancelled)
            }
        }
    }

    @Test func anAttemptThatTakesTooLongIsCancelledAndRetried() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let handler = ErrandHandler(timeout: .milliseconds(200)) { _, context in
                if context.job.attempt == 1 { try await Task.sleep(for: .seconds(3600)) }
                return .completed
            }
            try await fixture.withWorker(handler) { try await fixture.waitUntil(job, is: .completed) }
        }
    }

    @Test func aDrainFinishesWhatRunsAndTakesNothingNew() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue("slow")
            let started = TestSignal<Void>("the handler has started")
            let finish = TestSignal<Void>("the handler may finish")
            let handler = ErrandHandler { _, _ in
                started.send(())
                try await finish.wait(timeout: .seconds(30))
                return .completed
            }
            try await fixture.withWorker(handler) {
                try await started.wait()
                finish.send(())
            }
            #expect(try await fixture.state(of: job) == "completed")
            #expect(try await Self.workers(database) == 0, "a stopped worker leaves the register")
        }
    }

    @Test func aDrainThatTakesTooLongHandsTheJobBack() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue("slow")
            let started = TestSignal<Void>("the handler has started")
            let handler = ErrandHandler { _, _ in
                started.send(())
                try await Task.sleep(for: .seconds(3600))
                return .completed
            }
            try await fixture.withWorker(handler, adjust: { $0.drainTime = .milliseconds(50) }) {
                try await started.wait()
            }
            #expect(try await fixture.state(of: job) == "available")
        }
    }

    /// A live worker's leases are never taken from it, so what it does not know it has must come back another way.
    @Test func jobsLeasedByAClaimWhoseAnswerWasLostComeBack() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let worker = UnheldLease()
            try await worker.claim(on: database.pool)
            #expect(try await fixture.state(of: job) == "running")
            #expect(try await worker.release(on: database.pool) == 1)
            #expect(try await fixture.state(of: job) == "available")
        }
    }

    /// Invariant 3 across a failover: a lease of an older primary opens no door, so it goes back although its worker lives.
    @Test func leasesOfAnOlderPrimaryGoBack() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            try await UnheldLease().claim(on: database.pool)
            try await database.pool.execute(Self.ageLease, job.id.rawValue)
            _ = try await WorkerStore().rescue(limit: 10, on: database.pool)
            #expect(try await fixture.state(of: job) == "available")
        }
    }

    @Test func theBellWakesAWorkerThatHardlyPolls() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let done = TestSignal<Void>("the job is worked")
            let handler = ErrandHandler { _, _ in
                done.send(())
                return .completed
            }
            try await fixture.withWorker(
                handler,
                adjust: {
                    $0.beatInterval = .seconds(3600)
                    $0.aliveFor = .seconds(18000)
                }
            ) {
                let first = try await fixture.enqueue("before the worker listens, found by its first look")
                try await done.wait()
                try await fixture.waitUntil(first, is: .completed)
                try await fixture.enqueue("later")
                try await done.wait()
            }
        }
    }

    @Test func aWorkerThatWasGivenUpStopsItsWorkAndRegistersAnew() async throws {
        try await withTestDatabase { database in
            let fixture = WorkerFixture(database)
            let job = try await fixture.enqueue()
            let started = TestSignal<Int>("an attempt has started")
            let handler = ErrandHandler { _, context in
                started.send(context.job.attempt)
                if context.job.attempt == 1 { try await Task.sleep(for: .seconds(3600)) }
                return .completed
            }
            try await fixture.withWorker(handler) {
                #expect(try await started.wait() == 1)
                // As the rescuer does for a worker whose heartbeat has stopped.
                try await database.pool.execute(Self.forgetWorkers)
                #expect(try await started.wait() == 2)
                try await fixture.waitUntil(job, is: .completed)
            }
        }
    }

    // MARK: -

    static func count(_ database: TestDatabase, _ state: String) async throws -> Int {
        try await database.pool.execute(Self.countState, state).first?.decode(Int.self) ?? 0
    }

    static func effects(_ database: TestDatabase) async throws -> Int {
        try await database.pool.execute(Self.countEffects).first?.decode(Int.self) ?? 0
    }

    static func workers(_ database: TestDatabase) async throws -> Int {
        try await database.pool.execute(Self.countWorkers).first?.decode(Int.self) ?? 0
    }

    static let createEffects = Statement(name: "test_create_effects", "CREATE TABLE public.effect (at timestamptz)")
    static let addEffect = Statement(name: "test_add_effect", "INSERT INTO public.effect VALUES (now())")
    static let countEffects = Statement(name: "test_count_effects", "SELECT count(*) FROM public.effect")
    static let countWorkers = Statement(name: "test_count_workers", "SELECT count(*) FROM queue.worker")
    static let countState = Statement(
        name: "test_count_state", "SELECT count(*) FROM queue.job_overview WHERE state = $1")
    static let cancelJob = Statement(name: "test_cancel_job", "SELECT queue.cancel($1, 'test')")
    static let forgetWorkers = Statement(name: "test_forget_workers", "DELETE FROM queue.worker")
    static let ageLease = Statement(
        name: "test_age_lease", "UPDATE queue.job SET lease_epoch = lease_epoch - 1 WHERE id = $1")
    static let stealLease = Statement(
        name: "test_steal_lease",
        """
        UPDATE queue.job SET state = 'available', lease_epoch = NULL, lease_number = NULL, lease_alias = NULL,
            lease_expires_at = NULL, worker_id = NULL
        WHERE id = $1
        """)
}
