import FoundationEssentials
import Glibc
import JobTestKit
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
    let harmed: String
    /// The proxy, to be told otherwise for a while.
    let proxy: FaultProxy?
    /// Behind which the last worker works.
    let pooler: Pooler?
    /// On which the queue's tables lie.
    let disk: SmallDisk?
    private let workers = NIOLockedValueBox<[ServiceProcess]>([])
    private let isOver = NIOLockedValueBox(false)
    let events = NIOLockedValueBox<[String: Int]>([:])
    /// What a producer was told is committed.
    let acknowledged = NIOLockedValueBox<Set<Int64>>([])

    init(
        cluster: TestCluster, dsn: String? = nil, harmed: String, proxy: FaultProxy? = nil, pooler: Pooler? = nil,
        disk: SmallDisk? = nil
    ) {
        self.cluster = cluster
        self.dsn = dsn ?? cluster.dsn
        self.harmed = harmed
        self.proxy = proxy
        self.pooler = pooler
        self.disk = disk
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

    /// Every other worker's link goes through the proxy, the fourth one's through the pooler.
    func startWorker(_ index: Int) throws {
        let process: ServiceProcess
        if index == 3, let pooler = self.pooler {
            process = try ServiceProcess(
                "dandelion", arguments: ["queues", "drill-worker", "--unprepared"],
                environment: ["DANDELION_DATABASE": pooler.dsn])
        } else {
            process = try ServiceProcess(
                "dandelion", arguments: ["queues", "drill-worker"],
                environment: ["DANDELION_DATABASE": "\(self.dsn) \(index.isMultiple(of: 2) ? self.harmed : "")"])
        }
        self.workers.withLockedValue { workers in
            if index < workers.count { workers[index] = process } else { workers.append(process) }
        }
    }

    func worker(_ index: Int) -> ServiceProcess { self.workers.withLockedValue { $0[index % $0.count] } }
    var workerCount: Int { self.workers.withLockedValue { $0.count } }

    /// Nobody is stopped or dead any more, and every link is whole.
    func heal() throws {
        self.disk?.makeRoom()
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

    private static let ask = Statement(
        name: "drill_ask",
        """
        WITH asked AS (INSERT INTO drill.asked (number) VALUES ($1) RETURNING number)
        SELECT e.id FROM asked AS a, queue.enqueue(
            'drill', 'drill_errand', jsonb_build_object('number', a.number, 'course', $2::text), 4, NULL, 30000) AS e
        """)

    private static let courses = ["plain", "plain", "plain", "slow", "fails", "snoozes", "chains"]

    func count(_ event: String) {
        self.events.withLockedValue { $0[event, default: 0] += 1 }
    }
}
