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

    static func statements(_ ids: [UUID], mayWait: Bool) -> [BoundStatement] {
        CaseOutline.statements(ids, mayWait: mayWait)
            + [CaseStore.peopleOf, MessageStore.contactRulesOfCases, CaseStore.consentsOf].map {
                BoundStatement($0, ids)
            }
    }

    /// Those that are locked.
    static func all(_ results: [PostgresRows]) throws -> [UUID: CaseSnapshot] {
        guard results.count == 7 else { throw CaseworkError(code: .unreadableRow, place: "case snapshot") }
        let people = try results[4].grouped { try PersonRecord(row: $1) }
        let rules = try results[5].grouped { _, row in
            try ContactRuleRecord(personID: row.decode(column: "person_id"), row: row)
        }
        let consents = try results[6].grouped { try Consent(row: $1) }
        return try CaseOutline.all(results[..<4]).mapValues { outline in
            CaseSnapshot(
                outline: outline, people: people[outline.record.id] ?? [],
                contactRules: Dictionary(grouping: rules[outline.record.id] ?? [], by: \.personID),
                consents: consents[outline.record.id] ?? [])
        }
    }
}
