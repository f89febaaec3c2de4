import Casework
import FoundationEssentials
import PostgresClient

extension IntakeStore {
    /// The arguments of `casework.open_cases`, in its order.
    /// - Parameter keys: taken by the caller when nil.
    static func parameters(
        of cases: [NewCase], keys: [OpeningKey]? = nil
    ) throws -> [(any PostgresEncodable)?] {
        let encoder = PostgresJSON.encoder()
        let facts = try cases.map { try PostgresJSON(encoding: $0.facts, by: encoder) }
        let own: [(any PostgresEncodable)?] = [
            cases.map(\.id), cases.map(\.number.rawValue), cases.map(\.receiptHash), cases.map(\.channel.rawValue),
            cases.map(\.division.rawValue), cases.map(\.risk.rawValue), facts, cases.map(\.narrative),
            cases.map(\.clientID), cases.map(\.clientName), cases.map(\.firstResponse.id),
            cases.map(\.firstResponse.name.rawValue), cases.map(\.firstResponse.basis),
            cases.map(\.firstResponse.dueAt),
        ]
        let consents = cases.flatMap { new in new.consents.map { ConsentArgument($0, of: new.id) } }
        return own + Self.people(of: cases) + Self.contactRules(of: cases) + [
            consents.isEmpty ? nil : try PostgresJSON(encoding: consents, by: encoder),
            keys?.map(\.key), keys?.map(\.requestHash),
        ]
    }

    private static func people(of cases: [NewCase]) -> [(any PostgresEncodable)?] {
        let owners = cases.flatMap { new in new.people.map { _ in new.id } }
        let people = cases.flatMap(\.people)
        return [
            people.map(\.id), owners, people.map(\.role.rawValue), people.map(\.name), people.map(\.phone),
            people.map(\.email), people.map(\.birthDate), people.map(\.sex?.rawValue), people.map(\.capacity.rawValue),
            people.map(\.isMinor), people.map(\.nameIndex), people.map(\.phoneIndex), people.map(\.emailIndex),
        ]
    }

    /// Days are the text of an array: an array of arrays would want all of one length.
    private static func contactRules(of cases: [NewCase]) -> [(any PostgresEncodable)?] {
        let owners = cases.flatMap { new in new.contactRules.map { _ in new.id } }
        let rules = cases.flatMap(\.contactRules)
        return [
            rules.map(\.id), owners, rules.map(\.personID), rules.map(\.channel.rawValue),
            rules.map { "{" + $0.days.map(String.init).joined(separator: ",") + "}" },
            rules.map { Int16(clamping: $0.fromMinute) }, rules.map { Int16(clamping: $0.toMinute) },
            rules.map(\.neverMention), rules.map(\.codeWord), rules.map(\.confirmedAt), rules.map(\.expiresAt),
            rules.map(\.tag),
        ]
    }
}

/// An object of the array `p_consents`: times are microseconds since 1970.
private struct ConsentArgument: Encodable {
    let case_id: UUID
    let agency_kinds: [String]
    let purpose: String
    let granted: Bool
    let given_by: String
    let data_kinds: [String]?
    let agencies: [UUID]?
    let expires_at: Int64?

    init(_ consent: Consent, of caseID: UUID) {
        self.case_id = caseID
        self.agency_kinds = consent.agencyKinds.map(\.rawValue)
        self.purpose = consent.purpose.rawValue
        self.granted = consent.status == .granted
        self.given_by = consent.givenBy.rawValue
        self.data_kinds = consent.dataKinds?.map(\.rawValue).sorted()
        self.agencies = consent.agencies?.sorted { $0.uuidString < $1.uuidString }
        self.expires_at = consent.expiresAt.map { Int64(($0.timeIntervalSince1970 * 1_000_000).rounded()) }
    }
}
