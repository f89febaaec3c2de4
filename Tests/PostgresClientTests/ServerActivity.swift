import TestSupport
import Testing

@testable import PostgresClient

/// What a test sees of the server's other sessions, and does to them.
struct ServerActivity {
    let connection: PostgresConnection

    static func with<Value>(_ body: (ServerActivity) async throws -> Value) async throws -> Value {
        try await withConnection { try await body(ServerActivity(connection: $0)) }
    }

    /// Waits until the session runs something like this.
    func waitUntil(_ backend: Int32, runs pattern: String) async throws {
        try await eventually("session runs \(pattern)") {
            try await self.connection.value(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE $2", backend,
                pattern) == 1
        }
    }

    /// Waits until the session waits for a lock.
    func waitUntilBlocked(_ backend: Int32) async throws {
        try await eventually("session waits for a lock") {
            try await self.connection.value(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'", backend) == 1
        }
    }

    func waitUntilGone(_ backend: Int32) async throws {
        try await eventually("session is gone") {
            try await self.connection.value("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", backend) == 0
        }
    }

    func terminate(_ backend: Int32) async throws {
        #expect(try await self.connection.value("SELECT pg_terminate_backend($1)", backend) == true)
    }
}
