public import FoundationEssentials

/// A hand-over in this consumer's hands until the lease ends.
public struct AgencyLease: Codable, Sendable {
    /// The lease's name. It is what every answer is given with; send it as it is.
    public let lease: String
    /// When the lease ends unless it is extended, by the gateway's clock.
    public let expiresAt: Date
    /// How often this hand-over has been delivered, this time included.
    public let attempt: Int
    public let referral: LeasedReferral
    public let package: SealedPackage
}

/// What may be known of a referral before its package is opened.
public struct LeasedReferral: Codable, Sendable, Equatable {
    /// The referral's number, such as `R-7K2M-0QX9`.
    public let number: String
    /// What the agency is asked to do, as a code.
    public let purpose: String
    /// The provision the referral rests on.
    public let legalBasis: String
    public let status: String
    /// Until when the network waits for an answer; nil when no clock runs.
    public let answerDueAt: Date?
    /// The level of the agency it was sent to, such as `county`.
    public let tier: String
}

/// A referral as the agency's list shows it.
public struct AgencyReferral: Codable, Sendable, Equatable {
    public let number: String
    public let purpose: String
    public let status: String
    public let legalBasis: String
    public let tier: String
    public let requestedAt: Date
    public let receivedAt: Date?
    public let answeredAt: Date?
    public let settledAt: Date?
    public let reason: String?
    public let outcome: String?
    public let answerDueAt: Date?
    public let outcomeDueAt: Date?
}

/// The state of a referral after an answer or a report.
public struct ReferralState: Codable, Sendable, Equatable {
    public let number: String
    public let status: String
}

/// How far an accepted referral is.
public enum ReferralProgress: String, Codable, Sendable, CaseIterable {
    /// An appointment is made.
    case scheduled
    case inProgress = "in_progress"
    case onHold = "on_hold"
}

/// How an accepted referral ended.
public enum ReferralResult: String, Codable, Sendable, CaseIterable {
    case completed
    case failed
    /// The person did not come.
    case noShow = "no_show"
}
