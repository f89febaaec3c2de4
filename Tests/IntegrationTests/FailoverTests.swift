import FoundationEssentials
import JobQueue
import JobTypes
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Invariants 1 and 3 across the loss of the primary, with synchronous replication: the standby takes over in the middle of
/// everything. Nothing that was acknowledged is gone, nothing is done twice, and a lease that the lost primary gave opens
/// no door.
@Suite struct FailoverTests {
    @Test(.timeLimit(.minutes(10))) func aPromotedStandbyHasEverythingThatWasAcknowledged() async throws {
        try await withTestCluster { primary in
            try await ChaosDrill.prepare(primary)
            try await primary.withStandby { standby in
                try await Self.replicateSynchronously(primary)
                let drill = ChaosDrill(cluster: primary, dsn: Self.either(primary, standby), harmed: "")
                for index in 0..<2 { try drill.startWorker(index) }
                let old = try await withThrowingTaskGroup(of: Void.self) { group in
                    for producer in 1...4 {
                        group.addTask {
                            var random = SplitMix(seed: UInt64(producer))
                            await drill.produce(producer, &random)
                        }
                    }
                    try await Self.wait(for: 200, drill)
                    // Somebody behind a door holds a lease of the old primary far beyond its end.
                    let lease = try await Self.lease(primary)
                    try await Self.wait(for: 200, drill)
                    try await primary.crash()
                    try await standby.promote()
                    try await Self.wait(for: 200, drill)
                    drill.endProducing()
                    try await group.waitForAll()
                    return lease
                }
                try await Self.refuses(old, standby)
                try await eventually("every job is done", timeout: .seconds(90), every: .milliseconds(250)) {
                    let live: Int64 = try await drill.query(ChaosDrill.live)
                    return live == 0
                }
                #expect(try await drill.lost() == 0)
                let wrongs: String = try await drill.query(ChaosDrill.wrongs)
                #expect(wrongs == "")
                let lives = try await ChaosDrill.withConnection(drill.dsn) { try await JobLife.check($0) }
                #expect(lives.wrongs == [])
                let exits = try await drill.stopWorkers()
                #expect(exits.allSatisfy { $0 == .status(0) }, "\(exits)")
            }
        }
    }

    /// As libpq finds the primary among several servers.
    private static func either(_ one: TestCluster, _ other: TestCluster) -> String {
        func host(_ cluster: TestCluster) -> Substring {
            cluster.dsn.split(separator: " ").first { $0.hasPrefix("host=") }?.dropFirst(5) ?? ""
        }
        return "host=\(host(one)),\(host(other)) port=5432,5432 user=postgres dbname=postgres "
            + "target_session_attrs=read-write connect_timeout=5"
    }

    private static func replicateSynchronously(_ primary: TestCluster) async throws {
        try await ChaosDrill.withConnection(primary.dsn) { connection in
            try await connection.run(
                script: "ALTER SYSTEM SET synchronous_standby_names = '*'", name: "failover_synchronous")
            try await connection.execute(Self.reload)
            try await eventually("the standby is synchronous") {
                try await connection.execute(Self.standbys).first?.decode(Int64.self) == 1
            }
        }
    }

    /// So many more are acknowledged.
    private static func wait(for count: Int, _ drill: ChaosDrill) async throws {
        let begin = drill.acknowledged.withLockedValue { $0.count }
        try await eventually("\(count) more jobs are acknowledged", timeout: .seconds(60)) {
            drill.acknowledged.withLockedValue { $0.count } >= begin + count
        }
    }

    private static func lease(_ primary: TestCluster) async throws -> LeasedJob {
        try await ChaosDrill.withConnection(primary.dsn) { connection in
            let pool = PostgresPool(
                PostgresConfiguration(dsn: primary.dsn, applicationName: "x"), logger: Logger(label: "x"))
            let store = JobStore(bell: JobBell(pool: pool, logger: Logger(label: "x")))
            return try await eventuallySome("a job to lease") {
                try await store.claim(
                    queue: "drill", limit: 1, leaseFor: .seconds(3600), holder: "agency", on: connection
                ).first
            }
        }
    }

    private static func refuses(_ job: LeasedJob, _ standby: TestCluster) async throws {
        try await ChaosDrill.withConnection(standby.dsn) { connection in
            let epoch = try await connection.execute(Self.epoch).first?.decode(Int32.self) ?? 0
            #expect(epoch > job.token.epoch, "a promotion begins a new epoch")
            for door in [Self.complete, Self.hold, Self.snooze] {
                await #expect(throws: PostgresError.self) {
                    try await connection.execute(door, job.id.rawValue, job.token.epoch, job.token.number)
                }
            }
        }
    }

    private static let reload = Statement(name: "failover_reload", "SELECT pg_reload_conf()")
    private static let standbys = Statement(
        name: "failover_standbys", "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
    private static let epoch = Statement(name: "failover_epoch", "SELECT queue.primary_epoch()")
    private static let complete = Statement(name: "failover_complete", "SELECT queue.complete($1, $2, $3)")
    private static let hold = Statement(name: "failover_hold", "SELECT queue.with_lease($1, $2, $3)")
    private static let snooze = Statement(
        name: "failover_snooze", "SELECT queue.snooze($1, $2, $3, interval '0')")
}
