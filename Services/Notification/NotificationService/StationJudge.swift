import Casework
import CaseworkStore
import FoundationEssentials
import Messaging
import PostgresClient
import Safeguarding

/// Judges messages to stations' desks: an address, and for what can wait no quiet hours.
struct StationJudge: MessageJudge {
    let providers: ProviderSet
    let catalog: TemplateCatalog
    var languages: [String] = []
    var policy = StaffPolicy.standard
    /// In tests, another time of day.
    var clock: @Sendable (Date) -> Date = { $0 }
    private let messages = MessageStore()

    init(
        providers: ProviderSet, catalog: TemplateCatalog, languages: [String] = [], policy: StaffPolicy = .standard,
        clock: @escaping @Sendable (Date) -> Date = { $0 }
    ) {
        self.providers = providers
        self.catalog = catalog
        self.languages = languages
        self.policy = policy
        self.clock = clock
    }

    func judge(
        _ id: UUID, attempt: Int, except asked: Set<String>, in transaction: PostgresTransaction
    ) async throws -> MessageVerdict {
        guard let message = try await self.messages.lockForStation(id, in: transaction) else {
            return .unknown
        }
        guard !message.state.isSettled else { return .settled }
        let now = self.clock(message.lookedAt)
        let values = ["number": "\(message.caseNumber)", "station": message.stationName]
        let facts = StaffFacts(
            lane: message.lane, address: message.email, channel: .email,
            text: self.catalog.text(
                forStation: message.template, channel: .email, values: values, languages: self.languages),
            isMuted: message.isMuted, now: now)
        switch self.policy.decide(facts, message: id, attempt: attempt) {
        case .permit(let permit):
            switch self.providers.choose(for: .station, .email, in: message.division, except: asked) {
            case .provider(let provider): return .go(permit, provider, message.template)
            case .busy: return .busy
            case .none: return .denied(.channelUnavailable)
            }
        case .later(let date):
            return .later(after: .seconds(max(1, date.timeIntervalSince(now).rounded(.up))), reason: "quiet_hours")
        case .denied(let reason):
            return .denied(reason)
        }
    }
}
