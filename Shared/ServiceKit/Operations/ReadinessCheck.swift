public import Migrations
public import PostgresClient

/// One thing that must be right before a service can do its work.
public struct ReadinessCheck: Sendable {
    /// What is checked, such as `database`; shown in `/ready`.
    public let name: String
    let check: @Sendable () async throws -> Void

    /// A check that passes by returning and fails by throwing. It must stop when its task is cancelled.
    public init(_ name: String, check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.check = check
    }

    /// Passes when the database answers.
    public static func database(_ pool: PostgresPool) -> ReadinessCheck {
        ReadinessCheck("database") { try await pool.execute(.ping) }
    }

    /// Passes when every migration that this process was built with is applied.
    public static func schema(_ sets: [MigrationSet], on pool: PostgresPool) -> ReadinessCheck {
        ReadinessCheck("schema") { try await SchemaVersion.require(sets, on: pool) }
    }
}

extension Statement {
    static let ping = Statement(name: "service_ping", "SELECT 1")
}
