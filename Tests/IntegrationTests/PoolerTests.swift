import FoundationEssentials
import Glibc
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// pgbouncer in transaction mode in front of a server of its own.
final class Pooler: Sendable {
    static let program = "/usr/sbin/pgbouncer"
    static var isInstalled: Bool { access(Self.program, X_OK) == 0 }

    let dsn: String
    private let path: String
    private let process: NIOLockedValueBox<ServiceProcess>

    private init(dsn: String, path: String) throws {
        self.dsn = dsn
        self.path = path
        self.process = NIOLockedValueBox(try Self.launch(path))
    }

    static func with<Value>(_ cluster: TestCluster, _ body: (Pooler) async throws -> Value) async throws -> Value {
        let host = try #require(cluster.dsn.split(separator: " ").first { $0.hasPrefix("host=") })
        let port = try ServiceProcess.freePort()
        let path = "/tmp/ddl-pooler-\(UUID().uuidString.prefix(8)).ini"
        let settings = """
            [databases]
            * = \(host) port=5432 user=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 4
            max_client_conn = 100
            ignore_startup_parameters = extra_float_digits,options

            """
        try settings.write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        let pooler = try Pooler(
            dsn: "host=127.0.0.1 port=\(port) user=postgres dbname=postgres sslmode=disable gssencmode=disable",
            path: path)
        defer { pooler.process.withLockedValue { $0.kill() } }
        try await pooler.untilItAnswers()
        return try await body(pooler)
    }

    /// Ends at once, whoever is connected, and comes back.
    func restart() async throws {
        let old = self.process.withLockedValue { $0 }
        old.kill()
        _ = try await old.waitForExit(timeout: .seconds(30))
        let new = try Self.launch(self.path)
        self.process.withLockedValue { $0 = new }
        try await self.untilItListens()
    }

    /// It refuses to run as root; the server's user may enter the directory of the socket.
    private static func launch(_ path: String) throws -> ServiceProcess {
        geteuid() == 0
            ? try ServiceProcess(
                "/usr/bin/setpriv",
                arguments: ["--reuid=postgres", "--regid=postgres", "--clear-groups", Self.program, path])
            : try ServiceProcess(Self.program, arguments: [path])
    }

    private func untilItAnswers() async throws {
        try await eventually("pgbouncer answers", timeout: .seconds(60)) {
            let process = self.process.withLockedValue { $0 }
            guard process.isRunning else { throw ServiceProcess.LaunchFailed(description: process.output) }
            return (try? await ChaosDrill.withConnection(self.dsn) { _ in true }) ?? false
        }
    }

    /// The server behind it may be away in a drill: that it takes connections is enough.
    private func untilItListens() async throws {
        try await eventually("pgbouncer listens", timeout: .seconds(60)) {
            let process = self.process.withLockedValue { $0 }
            guard process.isRunning else { throw ServiceProcess.LaunchFailed(description: process.output) }
            return process.output.contains("listening on")
        }
    }
}

/// Everything of a worker but LISTEN works behind a pooler in transaction mode: claims, beats, transactions with their
/// completion, deferred jobs, chains, the drain. Without LISTEN its poll finds the jobs.
@Suite struct PoolerTests {
    @Test(.enabled(if: Pooler.isInstalled), .timeLimit(.minutes(5)))
    func aWorkerBehindAPoolerDoesEveryJobOnce() async throws {
        try await withTestCluster { cluster in
            try await ChaosDrill.prepare(cluster)
            try await Pooler.with(cluster) { pooler in
                let worker = try ServiceProcess(
                    "dandelion", arguments: ["queues", "drill-worker", "--unprepared"],
                    environment: ["DANDELION_DATABASE": pooler.dsn])
                let drill = ChaosDrill(cluster: cluster, harmed: "")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        var random = SplitMix(seed: 1)
                        await drill.produce(1, &random)
                    }
                    try await eventually("300 jobs are asked for", timeout: .seconds(60)) {
                        drill.acknowledged.withLockedValue { $0.count } >= 300
                    }
                    drill.endProducing()
                    try await group.waitForAll()
                }
                do {
                    try await eventually("every job is done", timeout: .seconds(60), every: .milliseconds(200)) {
                        let live: Int64 = try await drill.query(ChaosDrill.live)
                        return live == 0
                    }
                } catch {
                    Issue.record("\(worker.output.suffix(3000))")
                    throw error
                }
                let wrongs: String = try await drill.query(ChaosDrill.wrongs)
                #expect(wrongs == "")
                worker.terminate()
                #expect(try await worker.waitForExit() == .status(0))
                #expect(!worker.output.contains("prepared statement"), "\(worker.output.suffix(2000))")
            }
        }
    }
}
