import Casework
import CaseworkStore
import FoundationEssentials
import Messaging
import PostgresClient
import Safeguarding

/// Judges messages to desks, their duties and the operators: an address, for what can wait no quiet hours, and for what is
/// about nothing urgent not too many.
struct StaffJudge: MessageJudge {
    let providers: ProviderSet
    let catalog: TemplateCatalog
    let languages: [String]
    let policy: StaffPolicy
    /// Where the operators of the network read; nil while nobody does.
    let operators: String?
    /// In tests, another time of day.
    let clock: @Sendable (Date) -> Date
    private let messages = MessageStore()

    init(
        providers: ProviderSet, catalog: TemplateCatalog, languages: [String] = [], policy: StaffPolicy = .standard,
        operators: String? = nil, clock: @escaping @Sendable (Date) -> Date = { $0 }
    ) {
        self.providers = providers
        self.catalog = catalog
        self.languages = languages
        self.policy = policy
        self.operators = operators
        self.clock = clock
    }

    var audience: TemplateAudience { .station }

    func lock(
        _ messages: [UUID], mayWait: Bool, in transaction: PostgresTransaction
    ) async throws -> [UUID: StaffMessage] {
        try await self.messages.lockForStaff(messages, mayWait: mayWait, in: transaction)
    }

    func decide(_ message: StaffMessage, except asked: Set<String>) throws -> MessageVerdict {
        guard !message.state.isSettled else { return .settled }
        let now = self.clock(message.lookedAt)
        var facts = StaffFacts(
            lane: message.lane, address: self.address(of: message), channel: message.channel,
            text: self.text(of: message), isMuted: message.isMuted, now: now)
        facts.isEmpty = message.template == StaffMessage.digest && message.items.isEmpty
        facts.isDispensable = (StationDesk.mutable + AgencyDesk.mutable).contains(message.template)
        facts.sentLately = message.sentLately
        switch self.policy.decide(facts, message: message.id, attempt: message.attempts) {
        case .permit(let permit):
            switch self.providers.choose(for: .station, message.channel, in: message.division, except: asked) {
            case .provider(let provider):
                return .go(
                    permit,
                    MessageVerdict.Way(provider: provider, template: message.template))
            case .busy: return .busy
            case .none: return .denied(.channelUnavailable)
            }
        case .later(let date):
            return .later(
                after: .seconds(max(1, date.timeIntervalSince(now).rounded(.up))),
                reason: message.sentLately >= self.policy.perHour ? "rate_cap" : "quiet_hours")
        case .denied(let reason):
            return .denied(reason)
        }
    }

    private func address(of message: StaffMessage) -> String? {
        switch message.audience {
        case .station, .agency: message.email
        case .duty: message.phone
        case .operators: self.operators
        }
    }

    private func text(of message: StaffMessage) -> MessageText {
        let audience: TemplateAudience =
            switch message.audience {
            case .station, .duty: .station
            case .agency: .agency
            case .operators: .operators
            }
        var values: [String: String] = [:]
        values["number"] = message.caseNumber.map { "\($0)" }
        values["station"] = message.name
        values["agency"] = message.name
        values["referral"] = message.referralNumber.map { "\($0)" }
        values["about"] = message.about
        values["count"] = "\(message.items.count)"
        values["lines"] = message.items.prefix(Self.longestDigest).map { item in
            let subject = self.catalog.text(
                for: .agency, item.kind, channel: .email, values: ["referral": item.referral, "agency": ""],
                languages: self.languages
            ).subject
            return subject.contains(item.referral) ? subject : "\(item.referral) \(subject)"
        }.joined(separator: "\n")
        return self.catalog.text(
            for: audience, message.template, channel: message.channel, values: values, languages: self.languages)
    }

    /// Lines of a digest; how many there are it says anyway.
    private static let longestDigest = 200
}

extension StaffMessage {
    static let digest = "digest"

    var channel: ContactChannel {
        switch self.audience {
        case .station, .agency, .operators: .email
        case .duty: .sms
        }
    }
}
