public import FoundationEssentials
public import JobTypes

/// The hand-over 交办 of a referral. Queue: the agency's own; an agency leases it through a door of the network.
public struct ReferralOffered: JobArguments, Hashable {
    public static let kind: JobKind = "referral_offered"

    public let referralID: UUID
    public let version: Version1

    public init(referralID: UUID) {
        self.referralID = referralID
        self.version = Version1()
    }

    enum CodingKeys: String, CodingKey {
        case referralID = "referral_id"
        case version
    }
}
