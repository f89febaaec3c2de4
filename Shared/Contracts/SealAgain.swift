public import FoundationEssentials
public import JobTypes

/// The package of a referral may be under a key that its agency has no more, or under none. Routing looks, and seals it to the
/// key that is registered now. Queue: `routing`. Unique among those that wait: one that is running may have looked before.
public struct SealAgain: JobArguments, Hashable {
    public static let kind: JobKind = "seal_again"

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
