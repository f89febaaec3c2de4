import AgencyDoors
import Casework
import CaseworkStore
import FoundationEssentials

/// `GET /v1/desk/counts`.
struct DeskCountsAnswer: Encodable, Sendable {
    struct Count: Encodable, Sendable {
        let status: String
        let referrals: Int64
        let overdue: Int64
    }

    let counts: [Count]
}

/// `POST /v1/desk/leases`: no packages.
struct DeskLeasesAnswer: Encodable, Sendable {
    struct Lease: Encodable, Sendable {
        let lease: String
        let expiresAt: Date
        let attempt: Int
        let referral: LeaseAnswer.Referral

        init(_ handOver: DeskHandOver) {
            self.lease = LeaseHandle(number: handOver.number, alias: handOver.lease).description
            self.expiresAt = handOver.expiresAt
            self.attempt = handOver.attempt
            self.referral = LeaseAnswer.Referral(
                number: handOver.number.rawValue, purpose: handOver.purpose.rawValue, legalBasis: handOver.legalBasis,
                status: "received", answerDueAt: handOver.answerDueAt, tier: handOver.tier.rawValue)
        }
    }

    let leases: [Lease]
}

/// `POST /v1/desk/leases/{lease}/package`.
struct DeskPackageAnswer: Encodable, Sendable {
    let package: LeaseAnswer.Package
    let fields: [String]
    let checkpoint: String?

    init(_ package: DisclosedPackage, of referral: AgencyReferral, agency: UUID) {
        self.package = LeaseAnswer.Package(
            format: LeaseAnswer.Package.format, sealed: Data(package.sealed).base64EncodedString(),
            referralId: referral.id.uuidString.lowercased(), agencyId: agency.uuidString.lowercased(),
            profile: package.profile)
        self.fields = package.fields
        self.checkpoint = package.checkpoint
    }
}

/// `GET /v1/desk/referrals/{number}`.
struct DeskViewAnswer: Encodable, Sendable {
    struct Act: Encodable, Sendable {
        let act: String
        let by: String
        let reason: String?
        let at: Date

        init(_ act: DeskAct) {
            self.act = act.act
            self.by = act.staff.rawValue
            self.reason = act.reason
            self.at = act.actedAt
        }
    }

    /// That something was said in words, and not what.
    struct Text: Encodable, Sendable {
        let status: String
        let by: String?
        let at: Date
        let bytes: Int
        let attachments: Int

        init(_ text: DeskText) {
            self.status = text.status
            self.by = text.staff
            self.at = text.sentAt
            self.bytes = text.bytes
            self.attachments = text.attachments
        }
    }

    let referral: ReferralAnswer
    let acts: [Act]
    let texts: [Text]
}
