import Casework
import CaseworkStore

/// Where a case stands, in the words of its expected end.
struct ObservedCase: Equatable, Sendable {
    var referrals: [ExpectedCase.Referral]
    var withheld: Set<ExpectedCase.Withheld>
    var caseStatus: CaseStatus
    var ownerLevel: DivisionLevel
    var events: Set<String>
    var messages: [ExpectedCase.Message]

    init(
        referrals: [ExpectedCase.Referral], withheld: Set<ExpectedCase.Withheld>, caseStatus: CaseStatus,
        ownerLevel: DivisionLevel, events: Set<String>, messages: [ExpectedCase.Message]
    ) {
        self.referrals = referrals
        self.withheld = withheld
        self.caseStatus = caseStatus
        self.ownerLevel = ownerLevel
        self.events = events
        self.messages = messages
    }

    init(_ report: CaseReport) {
        let statuses = Dictionary(report.referrals.map { ($0.number, $0.status) }) { first, _ in first }
        let safeSince = report.timeline.first { $0.kind == CaseEventKind.safetyConfirmed.rawValue }?.id
        let requests = Dictionary(
            report.timeline.filter { $0.kind == CaseEventKind.referralRequested.rawValue }.map { ($0.referral, $0.id) }
        ) { first, _ in first }
        self.init(
            referrals: report.referrals.map { referral in
                let step: ExpectedCase.Step
                if let predecessor = referral.predecessor {
                    step = statuses[predecessor] == .rejected ? .afterRejection : .afterSilence
                } else if let safeSince, let requested = requests[referral.number], requested > safeSince {
                    step = .afterSafety
                } else {
                    step = .first
                }
                return ExpectedCase.Referral(
                    agencyKind: referral.agencyKind, division: referral.division, purpose: referral.purpose,
                    status: referral.status, step: step)
            },
            withheld: Set(
                report.timeline.filter { $0.kind == CaseEventKind.referralWithheld.rawValue }.compactMap { entry in
                    guard let data = EventData(entry.data), let kind = data.agencyKind, let purpose = data.purpose,
                        let why = data.why.flatMap(WithheldReason.init(rawValue:))
                    else { return nil }
                    return ExpectedCase.Withheld(
                        agencyKind: AgencyKind(rawValue: kind), purpose: Purpose(rawValue: purpose), why: why)
                }),
            caseStatus: report.overview.status, ownerLevel: report.overview.ownerLevel,
            events: Set(report.timeline.map(\.kind)),
            messages: report.messages.map { ExpectedCase.Message(to: $0.role, result: $0.state.rawValue) })
    }
}
