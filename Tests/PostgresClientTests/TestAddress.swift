import FoundationEssentials
import JobTestKit
import Logging
import TestSupport

@testable import PostgresClient

/// The server that the tests run on. These tests make their own tables, so they need nothing but an address.
enum TestAddress {
    struct NotConfigured: Error, CustomStringConvertible {
        let description = "DANDELION_TEST_DSN is not set, so there is no PostgreSQL to test on: run ./deploy/local/test"
    }

    static let logger = Logger(label: "dandelion.test") { _ in SwiftLogNoOpLogHandler() }

    static func dsn() throws -> String {
        guard let dsn = ProcessInfo.processInfo.environment["DANDELION_TEST_DSN"], !dsn.isEmpty else {
            throw NotConfigured()
        }
        return dsn
    }

    /// One keyword of the DSN, such as `host`.
    static func keyword(_ name: String) throws -> String {
        for part in try Self.dsn().split(separator: " ") where part.hasPrefix("\(name)=") {
            return String(part.dropFirst(name.count + 1))
        }
        throw NotConfigured()
    }

    static func configuration() throws -> PostgresConfiguration {
        PostgresConfiguration(dsn: try Self.dsn(), applicationName: "dandelion-client-test")
    }

    /// A statement whose text the test makes up.
    static func statement(_ sql: String, name: String? = nil) -> Statement {
        Statement(name: name ?? "test_\(sql.hashValue)", unchecked: sql)
    }
}

extension FaultProxy {
    /// The test's database, seen through this proxy.
    func configuration() throws -> PostgresConfiguration {
        var configuration = try TestAddress.configuration()
        configuration.dsn += " \(self.detour)"
        return configuration
    }

    /// Harms the links of the body to the test's server.
    static func with<Value>(_ fault: Fault, _ body: (FaultProxy) async throws -> Value) async throws -> Value {
        try await self.with(fault, dsn: try TestAddress.dsn(), body)
    }
}

/// Lends a connection of its own to the test and closes it.
func withConnection<Value>(
    _ configuration: PostgresConfiguration? = nil, _ body: (PostgresConnection) async throws -> Value
) async throws -> Value {
    let connection = try await PostgresConnection.connect(try configuration ?? TestAddress.configuration())
    do {
        let value = try await body(connection)
        await connection.close()
        return value
    } catch {
        await connection.close()
        throw error
    }
}

/// Lends a pool of its own to the test and closes it.
func withPool<Value>(
    maximumConnections: Int = 4, _ configure: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (PostgresPool) async throws -> Value
) async throws -> Value {
    var configuration = try TestAddress.configuration()
    configuration.maximumConnections = maximumConnections
    // Long, so that a busy machine does not fail a test; those about waiting set their own.
    configuration.acquireTimeout = .seconds(60)
    configure(&configuration)
    let pool = PostgresPool(configuration, logger: TestAddress.logger)
    do {
        let value = try await body(pool)
        await pool.close()
        return value
    } catch {
        await pool.close()
        throw error
    }
}

/// A table that several connections share, dropped when the test is over.
///
/// - Parameter columns: its columns, as in CREATE TABLE.
func withTable<Value>(_ columns: String, _ body: (_ name: String) async throws -> Value) async throws -> Value {
    let name = "client_test_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
    try await withConnection { try await $0.run(script: "CREATE TABLE \(name) (\(columns))", name: "create_table") }
    func drop() async throws {
        try await withConnection { try await $0.run(script: "DROP TABLE \(name) CASCADE", name: "drop_table") }
    }
    do {
        let value = try await body(name)
        try await drop()
        return value
    } catch {
        try await drop()
        throw error
    }
}

extension PostgresExecutor {
    /// Runs a statement whose text the test makes up. Each text has a name of its own, as the library demands.
    @discardableResult
    func run(_ sql: String, _ parameters: (any PostgresEncodable)?...) async throws(PostgresError) -> PostgresRows {
        try await self.execute(TestAddress.statement(sql), parameters: parameters)
    }

    /// The only value of the only row.
    func value<Value: PostgresDecodable>(
        _ sql: String, _ parameters: (any PostgresEncodable)?..., as type: Value.Type = Value.self
    ) async throws -> Value {
        let rows = try await self.execute(TestAddress.statement(sql), parameters: parameters)
        return try rows[0].decode(Value.self)
    }
}

extension PostgresConnection {
    /// The server process behind this connection.
    func backend() async throws -> Int32 {
        try await self.value("SELECT pg_backend_pid()")
    }
}

struct NoErrorThrown: Error {}

/// The error that the body must end with.
func failure<Value>(_ body: () async throws -> Value) async throws -> PostgresError {
    do {
        _ = try await body()
    } catch let error as PostgresError {
        return error
    }
    throw NoErrorThrown()
}
