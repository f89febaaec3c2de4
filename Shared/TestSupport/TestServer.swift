import FoundationEssentials
import Logging
import Migrations
import PostgresClient

/// The PostgreSQL server that the tests run on, as its superuser.
enum TestServer {
    struct NotConfigured: Error, CustomStringConvertible {
        let description: String
    }

    /// A keyword DSN (`host=... user=... dbname=...`), so that a later keyword can replace an earlier one.
    static func dsn() throws -> String {
        guard let dsn = ProcessInfo.processInfo.environment["DANDELION_TEST_DSN"], !dsn.isEmpty else {
            throw NotConfigured(
                description:
                    "DANDELION_TEST_DSN is not set, so there is no PostgreSQL to test on: run ./deploy/local/test")
        }
        guard !dsn.contains("://") else {
            throw NotConfigured(description: "DANDELION_TEST_DSN must have the form 'host=... user=... dbname=...'")
        }
        return dsn
    }

    static func dsn(database: String, user: String? = nil) throws -> String {
        let user = user.map { " user=\($0)" } ?? ""
        return "\(try self.dsn()) dbname=\(database)\(user)"
    }

    static let logger = Logger(label: "dandelion.test") { _ in SwiftLogNoOpLogHandler() }

    static func withConnection<Result>(
        dsn: String, _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        var configuration = PostgresConfiguration(dsn: dsn, applicationName: "dandelion-test")
        configuration.statementTimeout = nil
        let connection = try await PostgresConnection.connect(configuration)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// DDL on the server: names of databases and roles cannot be parameters. They are all made in this module.
    static func run(_ sql: String, name: String, on connection: PostgresConnection) async throws {
        try await connection.run(script: sql, name: name)
    }
}
