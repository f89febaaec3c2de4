public import FoundationEssentials

/// A hand-over in this consumer's hands until the lease ends.
public struct AgencyLease: Codable, Sendable {
    /// The lease's name. It is what every answer is given with; send it as it is.
    public let lease: String
    /// When the lease ends unless it is extended, by the gateway's clock.
    public let expiresAt: Date
    /// How often this hand-over has been delivered, this time included.
    public let attempt: Int
    /// What it is about.
    public let referral: LeasedReferral
    /// What is disclosed, still sealed.
    public let package: SealedPackage
    /// The disclosure ledger's latest signed checkpoint, to be kept: proofs shown later have to agree with it.
    public let checkpoint: String?
}

/// What may be known of a referral before its package is opened.
public struct LeasedReferral: Codable, Sendable, Equatable {
    /// The referral's number, such as `R-7K2M-0QX9`.
    public let number: String
    /// What the agency is asked to do, as a code.
    public let purpose: String
    /// The provision the referral rests on.
    public let legalBasis: String
    /// Where it stands, such as `received` or `in_progress`.
    public let status: String
    /// Until when the network waits for an answer; nil when no clock runs.
    public let answerDueAt: Date?
    /// The level of the agency it was sent to, such as `county`.
    public let tier: String
}

/// A referral as the agency's list shows it.
public struct AgencyReferral: Codable, Sendable, Equatable {
    /// The number it is known by on both sides.
    public let number: String
    /// What the agency is asked to do, as a code.
    public let purpose: String
    /// Where it stands, such as `received` or `in_progress`.
    public let status: String
    /// The provision it rests on.
    public let legalBasis: String
    /// The level of the agency, such as `county`.
    public let tier: String
    /// When it was offered.
    public let requestedAt: Date
    /// When its hand-over was first leased.
    public let receivedAt: Date?
    /// When it was accepted, rejected or objected to.
    public let answeredAt: Date?
    /// When it ended.
    public let settledAt: Date?
    /// Why it was rejected or objected to, as a code.
    public let reason: String?
    /// How it ended, as a code.
    public let outcome: String?
    /// Until when an answer is due.
    public let answerDueAt: Date?
    /// Until when the outcome is due, once it was accepted.
    public let outcomeDueAt: Date?
}

/// The state of a referral after an answer or a report.
public struct ReferralState: Codable, Sendable, Equatable {
    /// The number it is known by on both sides.
    public let number: String
    /// Where it stands, such as `received` or `in_progress`.
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
