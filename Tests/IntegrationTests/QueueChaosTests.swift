import FoundationEssentials
import JobTestKit
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Invariants 1, 3 and 9 on the queue alone, under fire: workers killed, stopped beyond their leases and gone on, drained;
/// connections, the pooler and the server killed; links cut at COMMIT, before it arrives and after, half-open, slow, all cut; the
/// disk full; the clock stepping. However that goes, every job that
/// was asked for is done, once, nothing is done that was not asked for, and each job has lived as `JobLife` says.
///
/// `deploy/local/chaos` runs it for minutes; among the other tests it takes seconds.
@Suite struct QueueChaosTests {
    @Test(.timeLimit(.minutes(60))) func everyJobIsKeptAndDoneOnce() async throws {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["DANDELION_CHAOS_SECONDS"].flatMap(Int.init) ?? 12
        let seed = environment["DANDELION_CHAOS_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...999_999)
        // What the history of so many seconds needs, and something to spare.
        try await SmallDisk.with(megabytes: 128 + seconds) { disk in
            try await withTestCluster { cluster in
                try await ChaosDrill.prepare(cluster)
                try await disk?.take(from: cluster.dsn)
                try await Self.withPooler(cluster) { pooler in
                    try await FaultProxy.with(ChaosDrill.harmAtCommit, dsn: cluster.dsn) { proxy in
                        let drill = ChaosDrill(
                            cluster: cluster, harmed: proxy.detour, proxy: proxy, pooler: pooler, disk: disk)
                        try await self.fire(drill, seconds: seconds, seed: seed)
                    }
                }
            }
        }
    }

    private static func withPooler<Value>(
        _ cluster: TestCluster, _ body: (Pooler?) async throws -> Value
    ) async throws -> Value {
        guard Pooler.isInstalled else {
            print("chaos: no pooler: pgbouncer is not installed")
            return try await body(nil)
        }
        return try await Pooler.with(cluster) { try await body($0) }
    }

    private func fire(_ drill: ChaosDrill, seconds: Int, seed: UInt64) async throws {
        for index in 0..<(drill.pooler == nil ? 3 : 4) { try drill.startWorker(index) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 1...4 {
                group.addTask {
                    var random = SplitMix(seed: seed &+ UInt64(producer))
                    await drill.produce(producer, &random)
                }
            }
            group.addTask {
                defer { drill.endProducing() }
                var random = SplitMix(seed: seed)
                let end = ContinuousClock.now.advanced(by: .seconds(seconds))
                while .now < end {
                    try await drill.harm(&random)
                    try await Task.sleep(for: .milliseconds(.random(in: 200...1500, using: &random)))
                }
            }
            try await group.waitForAll()
        }
        try drill.heal()
        do {
            try await eventually("every job is done", timeout: .seconds(60 + seconds), every: .milliseconds(250)) {
                let live: Int64 = try await drill.query(ChaosDrill.live)
                return live == 0
            }
        } catch {
            Issue.record("seed \(seed): \(drill.worker(0).output.suffix(4000))")
            throw error
        }
        let report: String = try await drill.query(ChaosDrill.report)
        let lives = try await ChaosDrill.withConnection(drill.dsn) { try await JobLife.check($0) }
        let events = drill.events.withLockedValue { $0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        print(
            "chaos: seed \(seed), \(seconds) s, \(events.joined(separator: ", ")), COMMITs harmed \(drill.proxy.map { "\($0.harm)" } ?? "none"), "
                + "\(report); \(lives.steps) steps of \(lives.jobs) jobs are as the model has them")
        let asked: Int64 = try await drill.query(ChaosDrill.asked)
        #expect(asked > 100, "seed \(seed): hardly anything was asked for")
        let wrongs: String = try await drill.query(ChaosDrill.wrongs)
        #expect(wrongs == "", "seed \(seed): \(wrongs)")
        #expect(lives.wrongs == [], "seed \(seed)")
        #expect(lives.jobs == Int(asked), "seed \(seed): steps of other jobs than were asked for")
        #expect(try await drill.lost() == 0, "seed \(seed): something acknowledged is gone")
        let exits = try await drill.stopWorkers()
        #expect(exits.allSatisfy { $0 == .status(0) }, "seed \(seed): \(exits)")
    }
}

/// The check at the end of a drill sees what it is there for.
@Suite struct DrillCheckTests {
    @Test func everyWrongIsSeen() async throws {
        try await withTestDatabase { database in
            try await ChaosDrill.withConnection(database.dsn) { connection in
                try await connection.run(script: ChaosDrill.tables, name: "drill_tables")
                func wrongs() async throws -> String {
                    try #require(try await connection.execute(ChaosDrill.wrongs).first).decode(String.self)
                }
                #expect(try await wrongs() == "")
                try await connection.run(script: Self.wrong, name: "drill_wrong")
                let seen = try await wrongs()
                for wrong in [
                    "asked for and no job: 1", "a job that nobody asked for: 1", "two jobs for one: 1",
                    "not completed: 1", "completed without its effect: 1", "an effect of no job: 1", "done twice: 1",
                    "a key left behind: 1",
                ] {
                    #expect(seen.contains(wrong), "\(wrong) is not in: \(seen)")
                }
            }
        }
    }

    /// 1 has no job; 2 was asked for by nobody; 3 has two jobs, of which one is discarded; 4 has no effect; 5 has two; the
    /// effect 6 has no job.
    private static let wrong = """
        INSERT INTO drill.asked VALUES (1), (3), (4), (5);
        INSERT INTO queue.job_history (
            id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, finished_at, errors)
        SELECT row_number() OVER (), gen_random_uuid(), 'drill', 'drill_errand', jsonb_build_object('number', n), 4, state, 1,
            25, now(), now(), '[]'
        FROM (VALUES (2, 'completed'), (3, 'completed'), (3, 'discarded'), (4, 'completed'), (5, 'completed'))
            AS j (n, state);
        INSERT INTO drill.effect VALUES (2, 1), (3, 1), (5, 1), (5, 2), (6, 1);
        INSERT INTO queue.unique_job VALUES ('drill_errand', 'k', 1, gen_random_uuid());
        """
}
