import AgencyDoors
import Casework
import CaseworkStore
import FoundationEssentials

/// `POST /v1/leases`.
struct LeaseAnswer: Encodable, Sendable {
    struct Lease: Encodable, Sendable {
        let lease: String
        let expiresAt: Date
        let attempt: Int
        let referral: Referral
        let package: Package
        /// The ledger as it stood: what is proved later has to agree with it.
        let checkpoint: String?

        init(
            _ handOver: LeasedHandOver, _ referral: LeasedHandOver.Referral, _ package: DisclosedPackage, agency: UUID
        ) {
            self.lease = LeaseHandle(number: referral.number, alias: handOver.lease).description
            self.expiresAt = handOver.expiresAt
            self.attempt = handOver.attempt
            self.referral = Referral(
                number: referral.number.rawValue, purpose: referral.purpose.rawValue, legalBasis: referral.legalBasis,
                status: ReferralStatus.received.rawValue, answerDueAt: referral.answerDueAt,
                tier: referral.tier.rawValue)
            self.package = Package(
                format: Package.format, sealed: Data(package.sealed).base64EncodedString(),
                referralId: referral.id.uuidString.lowercased(), agencyId: agency.uuidString.lowercased(),
                profile: package.profile)
            self.checkpoint = package.checkpoint
        }
    }

    struct Referral: Encodable, Sendable {
        let number: String
        let purpose: String
        let legalBasis: String
        let status: String
        let answerDueAt: Date?
        let tier: String
    }

    /// Everything but the private key that is needed to open it.
    struct Package: Encodable, Sendable {
        static let format = "hpke-x25519-sha256-chacha20poly1305/1"

        let format: String
        /// Base64.
        let sealed: String
        let referralId: String
        let agencyId: String
        let profile: String
    }

    let leases: [Lease]
}

/// `POST /v1/leases/{lease}/extend`.
struct ExtendAnswer: Encodable, Sendable {
    let expiresAt: Date
}

/// `POST /v1/leases/{lease}/hand-back`.
struct EmptyAnswer: Encodable, Sendable {}

/// After an answer or a report: where the referral stands.
struct ReferralStateAnswer: Encodable, Sendable, Equatable {
    let number: String
    let status: String

    init(_ number: ReferralNumber, _ status: ReferralStatus) {
        self.number = number.rawValue
        self.status = status.rawValue
    }
}

/// `GET /v1/referrals/{number}` and one item of `GET /v1/referrals`.
struct ReferralAnswer: Encodable, Sendable {
    let number: String
    let purpose: String
    let status: String
    let legalBasis: String
    let tier: String
    let requestedAt: Date
    let receivedAt: Date?
    let answeredAt: Date?
    let settledAt: Date?
    let reason: String?
    let outcome: String?
    let answerDueAt: Date?
    let outcomeDueAt: Date?

    init(_ referral: AgencyReferral) {
        self.number = referral.number.rawValue
        self.purpose = referral.purpose.rawValue
        self.status = referral.status.rawValue
        self.legalBasis = referral.legalBasis
        self.tier = referral.tier.rawValue
        self.requestedAt = referral.requestedAt
        self.receivedAt = referral.receivedAt
        self.answeredAt = referral.answeredAt
        self.settledAt = referral.settledAt
        self.reason = referral.reasonCode
        self.outcome = referral.outcome?.rawValue
        self.answerDueAt = referral.answerDueAt
        self.outcomeDueAt = referral.outcomeDueAt
    }
}

/// `GET /v1/referrals`.
struct ReferralsAnswer: Encodable, Sendable {
    let referrals: [ReferralAnswer]
    /// What `after` of the next page is; none after the last.
    let next: String?

    init(_ referrals: [AgencyReferral], of page: ReferralPage) {
        self.referrals = referrals.map(ReferralAnswer.init)
        self.next = referrals.count == page.limit ? referrals.last?.number.rawValue : nil
    }
}
