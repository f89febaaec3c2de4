public import Casework
public import FoundationEssentials
import PostgresClient

/// A case and all that hangs on it, read at once while its row is locked.
public struct CaseSnapshot: Sendable {
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
    /// With their sealed fields.
    public let people: [PersonRecord]
    /// How they may be reached, by person: stopped and expired rules included.
    public let contactRules: [UUID: [ContactRuleRecord]]
    /// What was consented to, in the order it was recorded.
    public let consents: [Consent]
    /// Oldest first.
    public let referrals: [ReferralRecord]
    /// Oldest first.
    public let clocks: [ClockRecord]
    public let moment: Moment

    /// The lock comes first: each later statement sees what was committed before it.
    static func statements(_ id: UUID) -> [BoundStatement] {
        [
            CaseStore.lockCase, CaseStore.peopleOf, MessageStore.contactRulesOfCase, CaseStore.consentsOf,
            ReferralStore.referralsOf, ClockStore.clocksOf, CaseStore.momentOf,
        ].map { BoundStatement($0, id) }
    }

    init(id: UUID, results: [PostgresRows]) throws {
        guard results.count == 7, let record = results[0].first, let moment = results[6].first else {
            throw CaseworkError(code: .unreadableRow, place: "case snapshot")
        }
        self.record = try CaseRecord(id: id, row: record)
        self.people = try results[1].map(PersonRecord.init(row:))
        var rules: [UUID: [ContactRuleRecord]] = [:]
        for row in results[2] {
            let person = try row.decode(UUID.self, column: "person_id")
            rules[person, default: []].append(try ContactRuleRecord(personID: person, row: row))
        }
        self.contactRules = rules
        self.consents = try results[3].map(Consent.init(row:))
        self.referrals = try results[4].map { try ReferralRecord(caseID: id, row: $0) }
        self.clocks = try results[5].map { try ClockRecord(caseID: id, row: $0) }
        self.moment = try Moment(row: moment)
    }
}
