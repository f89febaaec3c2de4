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
            self.now = try row.decode(column: "now")
            self.isRouted = try row.decode(column: "is_routed")
            self.ruleVersion = try row.decode(column: "rule_version")
            self.networkVersion = try row.decode(column: "network_version")
        }
    }

    public let record: CaseRecord
    /// Oldest first.
    public let referrals: [ReferralRecord]
    /// Oldest first.
    public let clocks: [ClockRecord]
    public let moment: Moment

    /// The lock comes first: each later statement sees what was committed before it.
    static func statements(_ ids: [UUID], mayWait: Bool) -> [BoundStatement] {
        [BoundStatement(CaseStore.lockCases, ids, mayWait)]
            + [ReferralStore.referralsOf, ClockStore.clocksOf, CaseStore.momentsOf].map { BoundStatement($0, ids) }
    }

    /// Those that are locked.
    static func all(_ results: some Collection<PostgresRows>) throws -> [UUID: CaseOutline] {
        let results = Array(results)
        guard results.count == 4 else { throw CaseworkError(code: .unreadableRow, place: "case outline") }
        let referrals = try results[1].grouped { try ReferralRecord(caseID: $0, row: $1) }
        let clocks = try results[2].grouped { try ClockRecord(caseID: $0, row: $1) }
        let moments = try results[3].grouped { try Moment(row: $1) }
        var found: [UUID: CaseOutline] = [:]
        for row in results[0] {
            let record = try CaseRecord(row: row)
            guard let moment = moments[record.id]?.first else {
                throw CaseworkError(code: .unreadableRow, place: "case outline")
            }
            found[record.id] = CaseOutline(
                record: record, referrals: referrals[record.id] ?? [], clocks: clocks[record.id] ?? [], moment: moment)
        }
        return found
    }
}

extension PostgresRows {
    /// Values of rows by their column `case_id`, in the order of the rows.
    func grouped<Value>(_ value: (UUID, PostgresRow) throws -> Value) throws -> [UUID: [Value]] {
        var groups: [UUID: [Value]] = [:]
        for row in self {
            let caseID = try row.decode(UUID.self, column: "case_id")
            groups[caseID, default: []].append(try value(caseID, row))
        }
        return groups
    }
}
