import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient

/// A case as `--json` gives it.
struct CaseDocument: Encodable {
    struct Event: Encodable {
        let at: Date
        let kind: String
        let label: String
        let referral: String?
        let agency: String?
        let actorKind: String
        let actor: String
        let ruleVersion: Int64?
        let data: JSONTree
    }

    struct Referral: Encodable {
        let number: String
        let agency: String
        let agencyName: String
        let agencyKind: String
        let division: String
        let purpose: String
        let profile: String
        let status: String
        let reason: String?
        let outcome: String?
        let legalBasis: String
        let consentBasis: String
        let ruleVersion: Int64
        let predecessor: String?
        let requestedAt: Date
        let receivedAt: Date?
        let answeredAt: Date?
        let settledAt: Date?
    }

    struct Clock: Encodable {
        let kind: String
        let name: String
        let basis: String
        let referral: String?
        let state: String
        let startedAt: Date
        let dueAt: Date
        let endedAt: Date?
    }

    struct Message: Encodable {
        let to: String
        let template: String
        let result: String
        let reason: String?
    }

    let number: String
    let status: String
    let outcome: String?
    let channel: String
    let division: String
    let risk: String
    let ownerStation: String
    let ownerLevel: String
    let openedAt: Date
    let closedAt: Date?
    let timeline: [Event]
    let referrals: [Referral]
    let clocks: [Clock]
    let messages: [Message]

    init(_ report: CaseReport) {
        let overview = report.overview
        self.number = overview.number.rawValue
        self.status = overview.status.rawValue
        self.outcome = overview.outcome?.rawValue
        self.channel = overview.channel.rawValue
        self.division = overview.division.rawValue
        self.risk = overview.risk.rawValue
        self.ownerStation = overview.ownerStation
        self.ownerLevel = overview.ownerLevel.rawValue
        self.openedAt = overview.openedAt
        self.closedAt = overview.closedAt
        self.timeline = report.timeline.map(Event.init)
        self.referrals = report.referrals.map(Referral.init)
        self.clocks = report.clocks.map { clock in
            Clock(
                kind: clock.kind.rawValue, name: clock.name.rawValue, basis: clock.basis,
                referral: clock.referral?.rawValue, state: clock.status.rawValue, startedAt: clock.startedAt,
                dueAt: clock.dueAt, endedAt: clock.endedAt)
        }
        self.messages = report.messages.map { message in
            Message(
                to: message.role.rawValue, template: message.template, result: message.state.rawValue,
                reason: message.reason)
        }
    }
}

extension CaseDocument.Event {
    init(_ entry: TimelineEntry) {
        self.init(
            at: entry.occurredAt, kind: entry.kind, label: EventWords.kind(entry.kind),
            referral: entry.referral?.rawValue,
            agency: entry.agencyName, actorKind: entry.actorKind, actor: entry.actor, ruleVersion: entry.ruleVersion,
            data: JSONTree(text: entry.data.text))
    }
}

extension CaseDocument.Referral {
    init(_ referral: ReferralOverview) {
        self.init(
            number: referral.number.rawValue, agency: referral.agencyCode, agencyName: referral.agencyName,
            agencyKind: referral.agencyKind.rawValue, division: referral.division.rawValue,
            purpose: referral.purpose.rawValue, profile: referral.profile.rawValue, status: referral.status.rawValue,
            reason: referral.reasonCode, outcome: referral.outcome?.rawValue, legalBasis: referral.legalBasis,
            consentBasis: referral.consentBasis.rawValue, ruleVersion: referral.ruleVersion,
            predecessor: referral.predecessor?.rawValue, requestedAt: referral.requestedAt,
            receivedAt: referral.receivedAt, answeredAt: referral.answeredAt, settledAt: referral.settledAt)
    }
}
