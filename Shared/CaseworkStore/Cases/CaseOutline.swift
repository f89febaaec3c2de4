import Casework
public import FoundationEssentials
import PostgresClient

/// A case with its referrals and clocks, read at once while its row is locked.
public struct CaseOutline: Sendable {
    /// The moment it was read.
    public struct Moment: Sendable, Equatable {
        /// The database's clock.
        public let now: Date
        /// Whether the rules have decided on the case yet.
        public let isRouted: Bool
        /// The rules in force; `nil` before any were.
        public let ruleVersion: Int64?
        /// The state of divisions, stations and agencies.
        public let networkVersion: Int64

        init(row: PostgresRow) throws {
            (self.now, self.isRouted, self.ruleVersion, self.networkVersion) = try row.decode()
        }
    }

    public let record: CaseRecord
    /// Oldest first.
    public let referrals: [ReferralRecord]
    /// Oldest first.
    public let clocks: [ClockRecord]
    public let moment: Moment

    /// The lock comes first: each later statement sees what was committed before it.
    static func statements(_ id: UUID) -> [BoundStatement] {
        [CaseStore.lockCase, ReferralStore.referralsOf, ClockStore.clocksOf, CaseStore.momentOf].map {
            BoundStatement($0, id)
        }
    }

    init(id: UUID, results: some Collection<PostgresRows>) throws {
        let results = Array(results)
        guard results.count == 4, let record = results[0].first, let moment = results[3].first else {
            throw CaseworkError(code: .unreadableRow, place: "case outline")
        }
        self.record = try CaseRecord(id: id, row: record)
        self.referrals = try results[1].map { try ReferralRecord(caseID: id, row: $0) }
        self.clocks = try results[2].map { try ClockRecord(caseID: id, row: $0) }
        self.moment = try Moment(row: moment)
    }
}
