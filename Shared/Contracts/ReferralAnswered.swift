public import FoundationEssentials
public import JobTypes

/// An agency answered or reported on a referral; its status says what. Queue: `routing`.
public struct ReferralAnswered: JobArguments, Hashable {
    public static let kind: JobKind = "referral_answered"

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
