import FoundationEssentials
import Glibc
import Logging
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// A queue under fire: worker processes, producers in this one, a server of its own, and the tables that tell afterwards
/// whether every job was kept and done once.
final class ChaosDrill: Sendable {
    let cluster: TestCluster
    /// The server, or the servers of which one is the primary.
    let dsn: String
    /// Leads to the server through a proxy that harms COMMITs; empty for none.
    private let harmed: String
    private let workers = NIOLockedValueBox<[ServiceProcess]>([])
    private let isOver = NIOLockedValueBox(false)
    let events = NIOLockedValueBox<[String: Int]>([:])
    /// What a producer was told is committed.
    let acknowledged = NIOLockedValueBox<Set<Int64>>([])

    init(cluster: TestCluster, dsn: String? = nil, harmed: String) {
        self.cluster = cluster
        self.dsn = dsn ?? cluster.dsn
        self.harmed = harmed
    }

    static func prepare(_ cluster: TestCluster) async throws {
        let migrate = try ServiceProcess(
            "dandelion", arguments: ["migrate"], environment: ["DANDELION_DATABASE": cluster.dsn])
        let exit = try await migrate.waitForExit(timeout: .seconds(60))
        guard exit == .status(0) else { throw ServiceProcess.LaunchFailed(description: migrate.output) }
        try await Self.withConnection(cluster.dsn) { try await $0.run(script: Self.tables, name: "drill_tables") }
    }

    static func withConnection<Value>(
        _ dsn: String, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(dsn: dsn, applicationName: "drill"))
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    // MARK: - Workers

    /// Every other worker's link goes through the proxy.
    func startWorker(_ index: Int) throws {
        let process = try ServiceProcess(
            "dandelion", arguments: ["queues", "drill-worker"],
            environment: [
                "DANDELION_DATABASE": "\(self.dsn) \(index.isMultiple(of: 2) ? self.harmed : "")"
            ])
        self.workers.withLockedValue { workers in
            if index < workers.count { workers[index] = process } else { workers.append(process) }
        }
    }

    func worker(_ index: Int) -> ServiceProcess { self.workers.withLockedValue { $0[index % $0.count] } }
    var workerCount: Int { self.workers.withLockedValue { $0.count } }

    /// Nobody is stopped or dead any more, and every link is whole.
    func heal() throws {
        for index in 0..<self.workerCount {
            let process = self.worker(index)
            process.send(SIGCONT)
            process.kill()
            let healthy = try ServiceProcess(
                "dandelion", arguments: ["queues", "drill-worker"], environment: ["DANDELION_DATABASE": self.dsn])
            self.workers.withLockedValue { $0[index] = healthy }
        }
    }

    /// - Returns: how each ended.
    func stopWorkers() async throws -> [ServiceProcess.Exit] {
        var exits: [ServiceProcess.Exit] = []
        for index in 0..<self.workerCount {
            self.worker(index).terminate()
            exits.append(try await self.worker(index).waitForExit(timeout: .seconds(30)))
        }
        return exits
    }

    // MARK: - Producing

    /// Asks for work until `endProducing`; a link or a server that goes away is met again. What was asked for is a row that
    /// commits with its job: whether a COMMIT whose answer was lost came through, the row tells.
    func produce(_ producer: Int, _ random: inout SplitMix) async {
        var number = producer * 100_000
        while !self.isOver.withLockedValue({ $0 }) {
            do {
                let dsn = producer.isMultiple(of: 2) ? "\(self.dsn) \(self.harmed)" : self.dsn
                try await Self.withConnection(dsn) { connection in
                    while !self.isOver.withLockedValue({ $0 }) {
                        number += 1
                        let course = Self.courses[Int.random(in: 0..<Self.courses.count, using: &random)]
                        let asked = Int64(number)
                        try await connection.execute(Self.ask, asked, course)
                        self.acknowledged.withLockedValue { _ = $0.insert(asked) }
                        try await Task.sleep(for: .milliseconds(.random(in: 1...8, using: &random)))
                    }
                }
            } catch {
                // Whatever it was, the next connection goes on with the next number.
                do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
            }
        }
    }

    func endProducing() { self.isOver.withLockedValue { $0 = true } }

    private static let courses = ["plain", "plain", "plain", "slow", "fails", "snoozes", "chains"]

    // MARK: - Harm

    /// One harm, chosen by the seed.
    func harm(_ random: inout SplitMix) async throws {
        let index = Int.random(in: 0..<self.workerCount, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0...2:
            self.count("SIGKILL")
            self.worker(index).kill()
            try self.startWorker(index)
        case 3...5:
            self.count("SIGSTOP")
            // Longer than the worker is alive without a beat: its jobs are another's when it goes on.
            let process = self.worker(index)
            process.send(SIGSTOP)
            try await Task.sleep(for: .milliseconds(.random(in: 200...6000, using: &random)))
            process.send(SIGCONT)
        case 6:
            self.count("SIGTERM")
            let process = self.worker(index)
            process.terminate()
            _ = try await process.waitForExit(timeout: .seconds(30))
            try self.startWorker(index)
        case 7...9:
            self.count("backends killed")
            try await Self.withConnection(self.dsn) { _ = try await $0.execute(Self.killBackends) }
        default:
            self.count("server crashed")
            try await self.cluster.crash()
            try await self.cluster.start()
        }
    }

    func count(_ event: String) {
        self.events.withLockedValue { $0[event, default: 0] += 1 }
    }

    // MARK: - What is left

    func query<Value: PostgresDecodable>(_ statement: Statement) async throws -> Value {
        try await Self.withConnection(self.dsn) { connection in
            try #require(try await connection.execute(statement).first).decode(Value.self)
        }
    }

    /// How much of what was acknowledged is gone.
    func lost() async throws -> Int {
        let numbers = self.acknowledged.withLockedValue { Array($0) }
        let kept: Int64 = try await Self.withConnection(self.dsn) { connection in
            try #require(try await connection.execute(Self.kept, numbers).first).decode(Int64.self)
        }
        return numbers.count - Int(kept)
    }

    static let live = Statement(name: "chaos_live", "SELECT count(*) FROM queue.job")
    static let asked = Statement(name: "chaos_asked", "SELECT count(*) FROM drill.asked")
    static let report = Statement(
        name: "chaos_report",
        """
        SELECT count(*) || ' jobs asked for and done, ' || (SELECT sum(attempt) FROM queue.job_history) || ' attempts, '
            || (SELECT count(*) FROM queue.job_history WHERE errors::text LIKE '%lease_lost%') || ' with a lost lease'
        FROM drill.asked
        """)
    /// What must not be: each with its number, if there is one.
    static let wrongs = Statement(
        name: "chaos_wrongs",
        """
        WITH job AS (
            SELECT (args ->> 'number')::bigint AS number, state FROM queue.job_history WHERE kind = 'drill_errand'
        ), wrong AS (
            SELECT 'asked for and no job' AS what, count(*) AS times FROM drill.asked AS a
            WHERE NOT EXISTS (SELECT 1 FROM job AS j WHERE j.number = a.number)
            UNION ALL SELECT 'a job that nobody asked for', count(*) FROM job AS j
            WHERE NOT EXISTS (SELECT 1 FROM drill.asked AS a WHERE a.number = j.number)
            UNION ALL SELECT 'two jobs for one', count(*) FROM (SELECT number FROM job GROUP BY 1 HAVING count(*) > 1) AS t
            UNION ALL SELECT 'not completed', count(*) FROM job WHERE state <> 'completed'
            UNION ALL SELECT 'completed without its effect', count(*) FROM job AS j
            WHERE NOT EXISTS (SELECT 1 FROM drill.effect AS e WHERE e.number = j.number)
            UNION ALL SELECT 'an effect of no job', count(*) FROM drill.effect AS e
            WHERE NOT EXISTS (SELECT 1 FROM job AS j WHERE j.number = e.number)
            UNION ALL SELECT 'done twice', count(*) FROM (
                SELECT number FROM drill.effect GROUP BY 1 HAVING count(*) > 1) AS t
            UNION ALL SELECT 'a key left behind', count(*) FROM queue.unique_job
        )
        SELECT coalesce(string_agg(what || ': ' || times, ', '), '') FROM wrong WHERE times > 0
        """)
    private static let kept = Statement(
        name: "chaos_kept", "SELECT count(*) FROM drill.asked WHERE number = ANY ($1)")
    static let tables = """
        CREATE SCHEMA drill;
        CREATE TABLE drill.asked (number bigint PRIMARY KEY);
        CREATE TABLE drill.effect (number bigint NOT NULL, attempt integer NOT NULL);
        """
    private static let ask = Statement(
        name: "drill_ask",
        """
        WITH asked AS (INSERT INTO drill.asked (number) VALUES ($1) RETURNING number)
        SELECT e.id FROM asked AS a, queue.enqueue(
            'drill', 'drill_errand', jsonb_build_object('number', a.number, 'course', $2::text), 4, NULL, 30000) AS e
        """)
    private static let killBackends = Statement(
        name: "drill_kill",
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < 0.5
        """)
}

/// A generator that a seed repeats.
struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
