public import Casework
public import FoundationEssentials
public import PostgresClient

/// Rule sets that were checked and loaded, whether or not they came into force.
public struct RuleDraftStore: Sendable {
    public init() {}

    /// Keeps a rule set's text; the same text is the same draft. The caller has checked it as a whole.
    /// - Returns: the draft's id.
    public func load(
        name: String, yaml: String, checksum: [UInt8], on executor: some PostgresExecutor
    ) async throws -> Int64 {
        try await executor.callForRow(RuleSetStore.loadDraft, [name, yaml, checksum]).decode(Int64.self)
    }

    /// The text of a draft; `nil` when there is none of that id.
    public func yaml(of id: Int64, on executor: some PostgresExecutor) async throws -> String? {
        try await executor.call(RuleSetStore.draftByID, [id]).first?.decode(column: "yaml")
    }

    /// The newest drafts.
    public func list(limit: Int, on executor: some PostgresExecutor) async throws -> [RuleDraft] {
        try await executor.call(RuleSetStore.drafts, [Int32(clamping: limit)]).map(RuleDraft.init(row:))
    }

    /// Puts a draft in force.
    /// - Parameter disclosures: all that its rules disclose to anybody.
    /// - Returns: the version in force; `nil` when there is no draft of that id.
    /// - Throws: `CaseworkError.notAssessed`, as ``RuleSetStore/activate(yaml:checksum:disclosures:on:)`` does.
    public func activate(
        _ id: Int64, disclosures: [RuleDisclosure], on executor: some PostgresExecutor
    ) async throws -> Int64? {
        try await executor.callForRow(
            RuleSetStore.activateDraft, [id, try PostgresJSON(encoding: disclosures)]
        ).decode(Int64?.self)
    }
}

/// A rule set that was loaded.
public struct RuleDraft: Sendable, Equatable {
    public let id: Int64
    /// The version its text gives itself.
    public let name: String
    public let loadedAt: Date
    public let loadedBy: String
    /// The version it became when it was last activated.
    public let version: Int64?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.name = try row.decode(column: "name")
        self.loadedAt = try row.decode(column: "loaded_at")
        self.loadedBy = try row.decode(column: "loaded_by")
        self.version = try row.decode(column: "version")
    }
}
