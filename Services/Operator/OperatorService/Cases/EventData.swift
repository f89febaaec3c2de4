import Casework
import CaseworkStore
import PostgresClient

/// What of an event's data the timeline shows. Unknown fields and types are passed over: the data of a newer version
/// must not keep the rest from being shown.
struct EventData: Decodable, Sendable {
    let agencyKind: String?
    let purpose: String?
    let why: String?
    let code: String?
    let reason: String?
    let outcome: String?
    let kind: String?
    let name: String?
    let clock: String?
    let dueAt: String?
    let level: String?
    let template: String?
    let suggestedKind: String?
    let rules: String?
    let targets: Int?
    /// The digest of a text that an agency sent with it, sealed.
    let text: String?
    let explanation: [String]

    private enum CodingKeys: String, CodingKey {
        case agencyKind = "agency_kind"
        case purpose, why, code, reason, outcome, kind, name, clock, template, targets, text, explanation
        case dueAt = "due_at"
        case level = "to_level"
        case suggestedKind = "suggested_kind"
        case rules = "rule_set_version"
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) -> String? {
            do { return try fields.decodeIfPresent(String.self, forKey: key) } catch { return nil }
        }
        self.agencyKind = text(.agencyKind)
        self.purpose = text(.purpose)
        self.why = text(.why)
        self.code = text(.code)
        self.reason = text(.reason)
        self.outcome = text(.outcome)
        self.kind = text(.kind)
        self.name = text(.name)
        self.clock = text(.clock)
        self.dueAt = text(.dueAt)
        self.level = text(.level)
        self.template = text(.template)
        self.suggestedKind = text(.suggestedKind)
        self.rules = text(.rules)
        self.text = text(.text)
        do { self.targets = try fields.decodeIfPresent([Anything].self, forKey: .targets)?.count } catch {
            self.targets = nil
        }
        do { self.explanation = try fields.decodeIfPresent([String].self, forKey: .explanation) ?? [] } catch {
            self.explanation = []
        }
    }

    /// The data of an event; `nil` when they are no JSON object.
    init?(_ json: PostgresJSON) {
        do { self = try json.decode(EventData.self) } catch { return nil }
    }
}

/// One event as a line of text.
enum EventText {
    /// What happened, then to whom or by when: `部门受理  玉泉区妇联 R-7K2M-0QX9`.
    static func line(kind: String, agency: String?, referral: String?, data: PostgresJSON) -> String {
        let data = EventData(data)
        let detail = self.detail(kind: kind, data)
        let parts = [agency, detail, referral, data?.text.map { _ in "附密文" }].compactMap { $0 }.filter { !$0.isEmpty }
        return EventWords.kind(kind).padded(to: 12) + parts.joined(separator: "  ").printable
    }

    private static func detail(kind: String, _ data: EventData?) -> String? {
        guard let data, let kind = CaseEventKind(rawValue: kind) else { return nil }
        switch kind {
        case .caseRouted:
            return "规则 \(data.rules ?? "")，转 \(data.targets ?? 0) 个部门"
        case .referralWithheld:
            return [data.agencyKind.map { AgencyKind(rawValue: $0).chinese }, self.purpose(data), self.why(data)]
                .compactMap(\.self).joined(separator: "，")
        case .referralRequested:
            return self.purpose(data)
        case .referralRejected, .referralObjected:
            let suggestion = data.suggestedKind.map { "，建议转\(AgencyKind(rawValue: $0).chinese)" } ?? ""
            return (data.reason.flatMap(RejectReason.init(rawValue:))?.chinese ?? data.reason ?? "") + suggestion
        case .referralCancelled, .referralRevoked, .referralEnteredInError, .referralCancelRequested:
            return data.code == "unanswered" ? "未答复" : data.code
        case .referralCompleted, .referralFailed, .referralNoShow, .referralClosedVerified, .caseClosed,
            .caseReopened:
            return data.outcome.flatMap(Outcome.init(rawValue:))?.chinese ?? data.outcome
        case .clockStarted, .clockMet, .clockBreached, .clockCancelled, .clockDueSoon, .clockPaused, .clockResumed,
            .clockExtended:
            let due = data.dueAt.map { "，至 \(Self.due($0))" } ?? ""
            return (data.kind.flatMap(ClockKind.init(rawValue:))?.chinese ?? data.kind ?? "") + due
        case .caseEscalated:
            return data.level.flatMap(DivisionLevel.init(rawValue:)).map { "至\($0.chinese)" }
        case .ownerChanged:
            return data.reason == "clock_breached" ? "因超时" : data.reason == "rules" ? "按规则" : data.reason
        case .staffNotified, .agencyNotified, .noticeFailed, .noticeMuted:
            return data.kind.map(EventWords.notice)
        case .messageSent, .messageScheduled, .messageDenied, .messageFailed, .messageDelivered, .messageCleared:
            return [data.template.map(EventWords.template), data.reason.map(EventWords.suppression)]
                .compactMap(\.self).joined(separator: "，")
        case .followUpScheduled, .followUpDue:
            return data.clock.map(EventWords.followUp)
        case .caseOpened, .ownerAssigned, .referralReceived, .referralAccepted, .referralScheduled,
            .referralInProgress, .referralOnHold, .referralRerouted, .backstopUsed, .consentWithdrawn, .safetyConfirmed,
            .riskRaised, .contactStopped, .caseRead, .consentRecorded, .consentExpired, .disclosureOverridden,
            .riskAssessed, .riskLoweringProposed, .riskLowered, .riskReviewDue, .triageSuggested, .triageAnswered,
            .milestoneReached, .superiorAsked, .superiorDecided, .safetyLost, .holdSet,
            .holdReleased, .caseAnonymised, .callBackAsked, .calledBack,
            .closingAsked,
            .staffAssigned,
            .jointJoined, .jointLeft, .taskGiven, .taskSettled, .conferenceHeld, .casesLinked, .accessOpened,
            .peopleRead, .textRead, .packageResealed, .packageDiscarded:
            return nil
        }
    }

    private static func purpose(_ data: EventData) -> String? {
        data.purpose.map { Purpose(rawValue: $0).chinese }
    }

    private static func why(_ data: EventData) -> String? {
        data.why.map { WithheldReason(rawValue: $0)?.chinese ?? $0 }
    }

    /// The database writes instants in its own time zone with an offset.
    private static func due(_ text: String) -> String {
        EventInstant.parse(text).map(BeijingTime.short) ?? text
    }
}
