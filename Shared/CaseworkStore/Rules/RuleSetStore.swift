public import Casework
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

    /// Puts a rule set in force, unless the one in force has the same checksum and discloses the same. The caller has
    /// checked it as a whole.
    /// - Parameter disclosures: all that the rules disclose to anybody.
    /// - Returns: the version in force.
    /// - Throws: `CaseworkError.notAssessed` when it discloses what no impact assessment approves; the version in force
    ///   stays. ``AssessmentStore/assess(_:on:)`` says what.
    public func activate(
        yaml: String, checksum: [UInt8], disclosures: [RuleDisclosure], on executor: some PostgresExecutor
    ) async throws -> Int64 {
        try await executor.callForRow(
            Self.activateSet, [yaml, checksum, try PostgresJSON(encoding: disclosures)]
        ).decode(Int64.self)
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
