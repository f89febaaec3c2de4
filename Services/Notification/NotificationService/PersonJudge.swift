import Casework
import CaseworkStore
import FoundationEssentials
import Messaging
import PostgresClient
import Safeguarding

/// Judges messages to people by their safe-contact rules.
struct PersonJudge: MessageJudge {
    let providers: ProviderSet
    let catalog: TemplateCatalog
    let languages: [String]
    /// What this machine's clock says, given what the database's says: in tests, another time of day.
    let clock: @Sendable (Date) -> (database: Date, local: Date)
    private let reading: PersonReading
    private let authenticator: SafeContactAuthenticator
    private let policy: SafeContactPolicy
    private let messages = MessageStore()

    init(
        keyring: FieldKeyring, providers: ProviderSet, catalog: TemplateCatalog, languages: [String] = [],
        policy: SafeContactPolicy = .standard,
        clock: @escaping @Sendable (Date) -> (database: Date, local: Date) = { ($0, Date()) }
    ) {
        self.providers = providers
        self.catalog = catalog
        self.languages = languages
        self.clock = clock
        self.reading = PersonReading(keyring: keyring)
        self.authenticator = SafeContactAuthenticator(keyring: keyring)
        self.policy = policy
    }

    var audience: TemplateAudience { .helpSeeker }

    func lock(
        _ messages: [UUID], mayWait: Bool, in transaction: PostgresTransaction
    ) async throws -> [UUID: PersonSending] {
        try await self.messages.lockForPeople(messages, mayWait: mayWait, in: transaction)
    }

    func decide(_ sending: PersonSending, except asked: Set<String>) throws -> MessageVerdict {
        let message = sending.message
        guard !message.state.isSettled else { return .settled }
        guard let recipient = try self.reading.recipient(of: message) else {
            return .denied(.unreadableData)
        }
        let rules = self.reading.rules(of: sending)
        let people = try self.reading.people(of: sending)
        let choices = self.choices(in: message.division, except: asked)
        let (now, localNow) = self.clock(message.lookedAt)
        let facts = ContactFacts(
            recipient: recipient, rules: rules, authenticator: self.authenticator,
            texts: self.catalog.texts(forHelpSeeker: message.template, languages: self.languages),
            senders: choices.mapValues(\.provider.sender), names: people.names, respondents: people.respondents,
            others: people.others, suspectedGuardians: people.suspectedGuardians,
            sentToday: message.sentToday, now: now, localNow: localNow)
        switch self.policy.decide(facts, message: message.id, attempt: message.attempts) {
        case .permit(let permit):
            guard let choice = choices[permit.channel], choice.isFree else { return .busy }
            return .go(
                permit,
                MessageVerdict.Way(provider: choice.provider, template: message.template))
        case .later(let date):
            return .later(
                after: .seconds(max(1, date.timeIntervalSince(now).rounded(.up))),
                reason: message.sentToday >= self.policy.perDay ? "rate_cap" : "outside_hours")
        case .denied(let reason):
            return .denied(reason)
        }
    }

    private func choices(
        in division: DivisionCode, except asked: Set<String>
    ) -> [ContactChannel: (provider: any MessageProvider, isFree: Bool)] {
        var choices: [ContactChannel: (provider: any MessageProvider, isFree: Bool)] = [:]
        for channel in [ContactChannel.sms, .email] {
            switch self.providers.choose(for: .helpSeeker, channel, in: division, except: asked) {
            case .provider(let provider): choices[channel] = (provider, true)
            case .busy(let provider): choices[channel] = (provider, false)
            case .none: break
            }
        }
        return choices
    }
}
