public import Casework
public import FoundationEssentials
import PostgresClient

/// A case and all that hangs on it, read at once while its row is locked.
public struct CaseSnapshot: Sendable {
    public let outline: CaseOutline
    /// With their sealed fields.
    public let people: [PersonRecord]
    /// How they may be reached, by person: stopped and expired rules included.
    public let contactRules: [UUID: [ContactRuleRecord]]
    /// What was consented to, in the order it was recorded.
    public let consents: [Consent]

    static func statements(_ id: UUID) -> [BoundStatement] {
        CaseOutline.statements(id)
            + [CaseStore.peopleOf, MessageStore.contactRulesOfCase, CaseStore.consentsOf].map { BoundStatement($0, id) }
    }

    init(id: UUID, results: [PostgresRows]) throws {
        guard results.count == 7 else { throw CaseworkError(code: .unreadableRow, place: "case snapshot") }
        self.outline = try CaseOutline(id: id, results: results[..<4])
        self.people = try results[4].map(PersonRecord.init(row:))
        var rules: [UUID: [ContactRuleRecord]] = [:]
        for row in results[5] {
            let person = try row.decode(UUID.self, column: "person_id")
            rules[person, default: []].append(try ContactRuleRecord(personID: person, row: row))
        }
        self.contactRules = rules
        self.consents = try results[6].map(Consent.init(row:))
    }
}
