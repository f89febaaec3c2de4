public import Casework
public import FoundationEssentials
public import PostgresClient

/// The people of cases: who may see them, access with a reason, and cases that may be about the same person.
public struct PeopleStore: Sendable {
    public init() {}

    /// Opens access for an hour to somebody who otherwise may not read the case, and puts a notice on the owner's desk.
    /// `reason` is sealed for `grant`.
    /// - Throws: `CaseworkError`: `unknownCase`, `unknownStaff`, `staffMayNot`, `relatedToParty`.
    public func openAccess(
        _ grant: UUID, reason: [UInt8], to number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> OpenedAccess {
        let row = try await transaction.callForRow(
            Self.openAccess, [number.rawValue, actor.client, actor.staff.rawValue, grant, reason])
        return OpenedAccess(
            caseID: try row.decode(column: "case_id"), endsAt: try row.decode(column: "ends_at"))
    }

    /// The people of a case with their sealed fields, for who serves it or has opened access. Reading is an event.
    public func read(
        _ number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> [SealedPerson] {
        try await transaction.call(Self.readPeople, [number.rawValue, actor.client, actor.staff.rawValue]).map(
            SealedPerson.init(row:))
    }

    /// Cases that may be about a person of this one. Looking is an event.
    public func possibleMatches(
        of number: CaseNumber, by actor: CaseActor, in transaction: PostgresTransaction
    ) async throws -> [PossibleMatch] {
        try await transaction.call(Self.possibleMatches, [number.rawValue, actor.client, actor.staff.rawValue]).map(
            PossibleMatch.init(row:))
    }

    /// Writes down what somebody found out about two cases. Returns the first.
    /// - Throws: `CaseworkError.notPossible` for a case and itself.
    public func link(
        _ number: CaseNumber, to other: CaseNumber, as relation: CaseRelation, by actor: CaseActor,
        in transaction: PostgresTransaction
    ) async throws -> UUID {
        try await transaction.callForRow(
            Self.linkCases,
            [number.rawValue, actor.client, actor.staff.rawValue, other.rawValue, relation.rawValue]
        ).decode(UUID.self)
    }
}

/// Access that was opened with a reason.
public struct OpenedAccess: Sendable, Equatable {
    public let caseID: UUID
    public let endsAt: Date
}

/// A person as she is stored: byte fields are sealed for this row.
public struct SealedPerson: Sendable {
    public let id: UUID
    public let role: PersonRole
    public let name: [UInt8]?
    public let phone: [UInt8]?
    public let email: [UInt8]?
    public let birthDate: [UInt8]?
    public let sex: Sex?
    public let isMinor: Bool

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.role = try row.word(column: "role")
        self.name = try row.decode(column: "name")
        self.phone = try row.decode(column: "phone")
        self.email = try row.decode(column: "email")
        self.birthDate = try row.decode(column: "birth_date")
        self.sex = try row.optionalWord(column: "sex")
        self.isMinor = try row.decode(column: "is_minor")
    }
}

/// Another case that has the number or the address of a person of this one.
public struct PossibleMatch: Sendable, Equatable {
    public let role: PersonRole
    public let otherRole: PersonRole
    public let byPhone: Bool
    public let byEmail: Bool
    /// `nil` when this member of staff may not know of the other case; then ``station`` is whom to ask.
    public let other: CaseNumber?
    public let station: String

    init(row: PostgresRow) throws {
        self.role = try row.word(column: "role")
        self.otherRole = try row.word(column: "other_role")
        self.byPhone = try row.decode(column: "by_phone")
        self.byEmail = try row.decode(column: "by_email")
        self.other = try row.optionalWord(column: "other_number")
        self.station = try row.decode(column: "station_name")
    }
}
