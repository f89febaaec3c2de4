public import Casework
public import FoundationEssentials
public import PostgresClient

/// What operators see: codes, times and states, never people.
public struct OperatorStore: Sendable {
    public init() {}

    /// Every agency, by code.
    public func agencies(on executor: some PostgresExecutor) async throws -> [AgencyOverview] {
        try await executor.call(Self.agencyOverview, []).map(AgencyOverview.init(row:))
    }

    /// A case by its number; `nil` for an unknown one.
    public func caseOverview(
        number: CaseNumber, on executor: some PostgresExecutor
    ) async throws -> CaseOverview? {
        try await executor.call(Self.caseOverview, [number.rawValue]).first.map(CaseOverview.init(row:))
    }

    /// The cases opened last, newest first.
    public func recentCases(limit: Int, on executor: some PostgresExecutor) async throws -> [CaseOverview] {
        try await executor.call(Self.recentCases, [Int64(limit)]).map(CaseOverview.init(row:))
    }

    /// The referrals of a case, oldest first.
    public func referrals(of caseID: UUID, on executor: some PostgresExecutor) async throws -> [ReferralOverview] {
        try await executor.call(Self.referralOverview, [caseID]).map(ReferralOverview.init(row:))
    }

    /// The clocks of a case, oldest first.
    public func clocks(of caseID: UUID, on executor: some PostgresExecutor) async throws -> [ClockOverview] {
        try await executor.call(Self.clockOverview, [caseID]).map(ClockOverview.init(row:))
    }

    /// The events of a case, in their order.
    public func timeline(of caseID: UUID, on executor: some PostgresExecutor) async throws -> [TimelineEntry] {
        try await executor.call(Self.timelineOf, [caseID]).map(TimelineEntry.init(row:))
    }

    /// Every client of intake, by name; revoked ones too.
    public func clients(on executor: some PostgresExecutor) async throws -> [ClientOverview] {
        try await executor.call(Self.clientOverview, []).map(ClientOverview.init(row:))
    }

    /// What operators changed, newest first: of one subject, of one kind, since an instant, or all.
    public func changes(
        subject: String? = nil, kind: String? = nil, since: Date? = nil, limit: Int,
        on executor: some PostgresExecutor
    ) async throws -> [OperatorEvent] {
        try await executor.call(Self.operatorTimeline, [subject, kind, since, Int64(limit)])
            .map(OperatorEvent.init(row:))
    }

    /// The messages to the people of a case: to which role, which template, what became of it.
    public func messages(of caseID: UUID, on executor: some PostgresExecutor) async throws -> [MessageOverview] {
        try await executor.call(Self.messageOverview, [caseID]).map(MessageOverview.init(row:))
    }
}
