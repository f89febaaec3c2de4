public import FoundationEssentials

/// A package that was sealed for an agency, to be stored.
public struct NewSealedPackage: Sendable {
    public let sealed: SealedPackage
    public let key: AgencyPublicKey
    /// What was sealed: its profile and the names of its fields are stored in clear.
    public let package: Package
    public let referralID: UUID
    public let agencyID: UUID

    public init(_ sealed: SealedPackage, to key: AgencyPublicKey, of package: Package, referral: UUID, agency: UUID) {
        self.sealed = sealed
        self.key = key
        self.package = package
        self.referralID = referral
        self.agencyID = agency
    }
}
