public import Casework
public import FoundationEssentials
import PostgresClient

/// A case as it is stored.
public struct CaseRecord: Sendable, Equatable {
    public let id: UUID
    public let number: CaseNumber
    public let status: CaseStatus
    public let channel: IntakeChannel
    public let division: DivisionCode
    public let ownerStationID: UUID
    public let risk: RiskLevel
    /// The facts as intake wrote them. Owner, consents and excluded agencies may have changed since: read them anew.
    public let facts: CaseFacts
    /// Sealed free text.
    public let narrative: [UInt8]?
    public let openedAt: Date
    /// Grows with each change of owner or status.
    public let version: Int

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.number = try row.word(column: "number")
        self.status = try row.word(column: "status")
        self.channel = try row.word(column: "channel")
        self.division = try row.word(column: "division_code")
        self.ownerStationID = try row.decode(column: "owner_station_id")
        self.risk = try row.word(column: "risk")
        self.facts = try row.decode(PostgresJSON.self, column: "facts").decode(CaseFacts.self)
        self.narrative = try row.decode(column: "narrative")
        self.openedAt = try row.decode(column: "opened_at")
        self.version = Int(try row.decode(Int32.self, column: "version"))
    }
}

/// A person on a case. Byte fields are sealed for this row, or keyed blind indexes.
public struct PersonRecord: Sendable, Equatable {
    public let id: UUID
    public let role: PersonRole
    public let name: [UInt8]?
    public let phone: [UInt8]?
    public let email: [UInt8]?
    public let birthDate: [UInt8]?
    public let sex: Sex?
    public let capacity: LegalCapacity
    public let isMinor: Bool
    public let phoneIndex: [UInt8]?
    public let emailIndex: [UInt8]?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.role = try row.word(column: "role")
        self.name = try row.decode(column: "name")
        self.phone = try row.decode(column: "phone")
        self.email = try row.decode(column: "email")
        self.birthDate = try row.decode(column: "birth_date")
        self.sex = try row.optionalWord(column: "sex")
        self.capacity = try row.word(column: "capacity")
        self.isMinor = try row.decode(column: "is_minor")
        self.phoneIndex = try row.decode(column: "phone_index")
        self.emailIndex = try row.decode(column: "email_index")
    }
}

extension Consent {
    init(row: PostgresRow) throws {
        let granted: Bool = try row.decode(column: "granted")
        let withdrawnAt: Date? = try row.decode(column: "withdrawn_at")
        self.init(
            agencyKinds: try row.decode([String].self, column: "agency_kinds").map(AgencyKind.init(rawValue:)),
            purpose: try row.word(column: "purpose"),
            status: withdrawnAt != nil ? .withdrawn : granted ? .granted : .refused,
            expiresAt: try row.decode(column: "expires_at"))
        self.givenBy = try row.word(column: "given_by")
        let dataKinds: [String]? = try row.decode(column: "data_kinds")
        // A kind of data this version does not know is none it may disclose.
        self.dataKinds = dataKinds.map { Set($0.compactMap(ConsentDataKind.init(rawValue:))) }
        self.agencies = try row.decode([UUID]?.self, column: "agencies").map { Set($0) }
    }
}
