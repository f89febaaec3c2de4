public import FoundationEssentials

/// What is to be disclosed, and why: what the ledger records before the bytes leave.
public struct DisclosureRequest: Sendable, Hashable {
    public let referralID: UUID
    public let agencyID: UUID
    /// The disclosure profile's name.
    public let profile: String
    /// The names of the fields the package holds, never their values.
    public let fields: [String]
    public let purpose: String
    public let legalBasis: String
    /// Who asked, as a code: the agency's code and lease, never a person's name.
    public let requestedBy: String

    public init(
        referralID: UUID, agencyID: UUID, profile: String, fields: [String], purpose: String, legalBasis: String,
        requestedBy: String
    ) {
        self.referralID = referralID
        self.agencyID = agencyID
        self.profile = profile
        self.fields = fields
        self.purpose = purpose
        self.legalBasis = legalBasis
        self.requestedBy = requestedBy
    }
}

/// A disclosure as the ledger holds it.
public struct DisclosureRecord: Sendable, Hashable {
    public let id: UUID
    /// The order of the ledger. Numbers may be missing: a transaction that was rolled back took one.
    public let number: Int64
    public let recordedAt: Date
    public let request: DisclosureRequest

    public init(id: UUID, number: Int64, recordedAt: Date, request: DisclosureRequest) {
        self.id = id
        self.number = number
        self.recordedAt = recordedAt
        self.request = request
    }
}
