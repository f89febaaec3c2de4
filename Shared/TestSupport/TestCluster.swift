import FoundationEssentials
import PostgresClient

/// A PostgreSQL server of one test's own, to be stopped, crashed and started again while clients are connected. Takes
/// about a second to make; use `withTestDatabase` where the server itself is not the subject.
public struct TestCluster: Sendable {
    private let directory: String

    /// The superuser's DSN of the database `postgres`; the same across restarts.
    public let dsn: String

    /// Starts it after `stop` or `crash`; returns when it answers.
    public func start() async throws { _ = try await Self.run("start", self.directory) }

    /// An orderly stop: connections are closed, nothing is left to recover.
    public func stop() async throws { _ = try await Self.run("stop", self.directory) }

    /// Stops without a checkpoint, as after a crash: the next start recovers from the log.
    public func crash() async throws { _ = try await Self.run("crash", self.directory) }

    /// Makes a standby the primary; returns when it takes writes.
    public func promote() async throws { _ = try await Self.run("promote", self.directory) }

    /// Runs the body with a running standby of this server, and removes that afterwards.
    public func withStandby<Result>(_ body: (TestCluster) async throws -> Result) async throws -> Result {
        let directory = "\(self.directory)-standby"
        do {
            _ = try await Self.run("standby", directory, self.directory)
            let dsn = try await Self.run("start", directory)
            let result = try await body(TestCluster(directory: directory, dsn: dsn))
            _ = try await Self.run("remove", directory)
            return result
        } catch {
            // The test's own error is the one to report.
            _ = try? await Self.run("remove", directory)
            throw error
        }
    }

    static func with<Result>(_ body: (TestCluster) async throws -> Result) async throws -> Result {
        let scratch = ProcessInfo.processInfo.environment["DANDELION_TEST_DIRECTORY"].map { "\($0)/clusters" } ?? "/tmp"
        let directory = "\(scratch)/ddl-cluster-\(UUID().uuidString.prefix(8))"
        do {
            _ = try await self.run("create", directory)
            let dsn = try await self.run("start", directory)
            let result = try await body(TestCluster(directory: directory, dsn: dsn))
            _ = try await self.run("remove", directory)
            return result
        } catch {
            // The test's own error is the one to report.
            _ = try? await self.run("remove", directory)
            throw error
        }
    }

    private static func run(_ command: String, _ directories: String...) async throws -> String {
        // Shared/TestSupport/TestCluster.swift, so the root of the package is three steps up.
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        let process = try ServiceProcess("\(root)/deploy/local/cluster", arguments: [command] + directories)
        let exit = try await process.waitForExit(timeout: .seconds(120))
        guard exit == .status(0) else {
            throw ServiceProcess.LaunchFailed(description: "cluster \(command): \(exit)\n\(process.output)")
        }
        return process.output.split(separator: "\n").last.map(String.init) ?? ""
    }
}

/// Runs the body with a server of its own and removes it afterwards, whatever happened.
public func withTestCluster<Result>(_ body: (TestCluster) async throws -> Result) async throws -> Result {
    try await TestCluster.with(body)
}
