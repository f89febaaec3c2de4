public import PostgresClient

/// The rule sets: each a version that stays for good, since decisions name the version they were made under.
public struct RuleSetStore: Sendable {
    public init() {}

    /// The rule set in force; `nil` before one was activated.
    public func active(on executor: some PostgresExecutor) async throws -> StoredRuleSet? {
        try await executor.call(Self.activeSet, []).first.map(StoredRuleSet.init(row:))
    }

    /// The rule set of a version; `nil` when there never was one.
    public func version(_ version: Int64, on executor: some PostgresExecutor) async throws -> StoredRuleSet? {
        try await executor.call(Self.setByVersion, [version]).first.map(StoredRuleSet.init(row:))
    }

    /// Puts a rule set in force, unless the one in force has the same checksum. The caller has checked it as a whole.
    /// - Returns: the version in force.
    public func activate(
        yaml: String, checksum: [UInt8], on executor: some PostgresExecutor
    ) async throws -> Int64 {
        try await executor.callForRow(Self.activateSet, [yaml, checksum]).decode(Int64.self)
    }
}

/// A rule set as it is stored.
public struct StoredRuleSet: Sendable, Equatable {
    public let version: Int64
    public let yaml: String

    init(row: PostgresRow) throws {
        self.version = try row.decode(column: "version")
        self.yaml = try row.decode(column: "yaml")
    }
}
