public import FoundationEssentials
public import PostgresClient

/// How much of an agency's waits for its answer, and how much may.
public struct AgencyBacklog: Sendable, Equatable {
    /// Referrals that it has not answered.
    public var waiting: Int
    /// What is sealed for them.
    public var bytes: Int
    public var maximumWaiting: Int
    public var maximumBytes: Int

    /// Nothing is sealed ahead any more, and staff call.
    public var isFull: Bool { self.waiting >= self.maximumWaiting || self.bytes >= self.maximumBytes }

    /// How much of the quota is used, 1 for all of it.
    public var share: Double {
        max(Double(self.waiting) / Double(self.maximumWaiting), Double(self.bytes) / Double(self.maximumBytes))
    }

    init(row: PostgresRow) throws {
        self.waiting = Int(try row.decode(Int64.self, column: "waiting"))
        self.bytes = Int(try row.decode(Int64.self, column: "waiting_bytes"))
        self.maximumWaiting = Int(try row.decode(Int32.self, column: "max_waiting"))
        self.maximumBytes = Int(try row.decode(Int64.self, column: "max_waiting_bytes"))
    }
}

extension AgencyStore {
    /// How one agency stands, counted no further than its quota. For routing.
    public func backlog(of agency: UUID, on executor: some PostgresExecutor) async throws -> AgencyBacklog {
        try AgencyBacklog(row: try await executor.callForRow(Self.agencyBacklog, [agency]))
    }

    /// How every agency stands, by code. For operators.
    public func backlogs(on executor: some PostgresExecutor) async throws -> [String: AgencyBacklog] {
        var found: [String: AgencyBacklog] = [:]
        for row in try await executor.call(Self.agencyBacklogs, []) {
            found[try row.decode(column: "code")] = try AgencyBacklog(row: row)
        }
        return found
    }

    /// Sets how much of an agency's may wait; what is `nil` stays as it was. False when there is none of that code.
    public func setQuota(
        waiting: Int?, bytes: Int?, code: String, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.setAgencyQuota, [code, waiting.map { Int32($0) }, bytes.map { Int64($0) }])
            .decode(Bool.self)
    }
}
