public import Casework
import NIOConcurrencyHelpers
public import Safeguarding
import Synchronization

/// The providers of an installation: who sends what for which division, in which order, and who is in trouble.
///
/// Breakers and rates are this process's own; several processes each have their share.
public final class ProviderSet: Sendable {
    /// Providers for one kind of recipient in one part of the country, in the order they are asked.
    public struct Route: Sendable {
        public let audience: TemplateAudience
        public let channel: ContactChannel
        /// The division and all below it; nil for everywhere.
        public let division: DivisionCode?
        public let providers: [String]

        public init(
            audience: TemplateAudience, channel: ContactChannel, division: DivisionCode? = nil, providers: [String]
        ) {
            self.audience = audience
            self.channel = channel
            self.division = division
            self.providers = providers
        }
    }

    /// What a provider may do and costs.
    public struct Terms: Sendable {
        /// Messages per second; nil without a limit.
        public var perSecond: Double?
        /// For a message or each of its parts, in thousandths of a fen.
        public var cost: Int64 = 0
        /// Failures in a row after which it is left alone.
        public var failures = 5
        /// For how long, the first time.
        public var pause: Duration = .seconds(10)
        /// Messages may wait for each other's answers while these come within that.
        public var soon: Duration = .milliseconds(250)

        public init(perSecond: Double? = nil, cost: Int64 = 0) {
            self.perSecond = perSecond
            self.cost = cost
        }
    }

    /// Who is asked.
    public enum Choice: Sendable {
        case provider(any MessageProvider)
        /// All are at their limit or left alone; the first of them.
        case busy(any MessageProvider)
        /// None is configured.
        case none
    }

    private struct Health {
        var breaker: CircuitBreaker
        var rate: SendingRate?
        var pace: AnswerPace
        var accepted = 0
        var failed = 0
    }

    private let providers: [String: any MessageProvider]
    private let terms: [String: Terms]
    private let routes: [Route]
    private let lastNumber = Atomic(0)
    private let health: NIOLockedValueBox<[String: Health]>

    /// - Parameter routes: the first whose audience, channel and division fit counts; put narrow ones first.
    public init(
        _ providers: [any MessageProvider], routes: [Route], terms: [String: Terms] = [:]
    ) {
        self.providers = Dictionary(providers.map { ($0.name, $0) }) { first, _ in first }
        self.terms = terms
        self.routes = routes
        self.health = NIOLockedValueBox(
            Dictionary(
                providers.map { provider in
                    let terms = terms[provider.name] ?? Terms()
                    return (
                        provider.name,
                        Health(
                            breaker: CircuitBreaker(threshold: terms.failures, pause: terms.pause),
                            rate: terms.perSecond.map(SendingRate.init(perSecond:)),
                            pace: AnswerPace(longest: terms.soon))
                    )
                }
            ) { first, _ in first })
    }

    /// Every provider, by name.
    public var all: [any MessageProvider] { self.providers.values.sorted { $0.name < $1.name } }

    /// Whether anything is set for an audience.
    public func reaches(_ audience: TemplateAudience) -> Bool { self.routes.contains { $0.audience == audience } }

    /// Whether all that send to an audience answer at once; false when there is none.
    public func areImmediate(for audience: TemplateAudience) -> Bool {
        let providers = self.providers(for: audience)
        return !providers.isEmpty && providers.allSatisfy(\.isImmediate)
    }

    /// Who is asked first for an audience's messages of a channel, here or there; by name.
    public func first(for audience: TemplateAudience, _ channel: ContactChannel) -> [String] {
        let routes = self.routes.filter { $0.audience == audience && $0.channel == channel }
        return Set(routes.compactMap(\.providers.first)).sorted()
    }

    /// Whether several messages may be handed to a provider together, so that what became of each is recorded when all of
    /// them are answered: it answers at once, or recognises repeats, has answered soon of late and keeps nobody waiting now.
    public func takesTogether(_ name: String, now: ContinuousClock.Instant = .now) -> Bool {
        guard let provider = self.providers[name] else { return false }
        if provider.isImmediate { return true }
        return provider.recognisesRepeats && self.health.withLockedValue { $0[name]?.pace.isSoon(at: now) ?? false }
    }

    private func providers(for audience: TemplateAudience) -> [any MessageProvider] {
        self.routes.filter { $0.audience == audience }.flatMap(\.providers).compactMap { self.providers[$0] }
    }

    /// The provider to ask next, without those that were asked already. What is of no division goes by a route for all. Nothing is taken yet: `claim` does that.
    public func choose(
        for audience: TemplateAudience, _ channel: ContactChannel, in division: DivisionCode?,
        except asked: Set<String> = [], now: ContinuousClock.Instant = .now
    ) -> Choice {
        guard let route = self.route(audience, channel, division) else { return .none }
        let candidates = route.providers.filter { !asked.contains($0) }.compactMap { self.providers[$0] }
        guard let first = candidates.first else { return .none }
        let free = self.health.withLockedValue { health in
            candidates.first { candidate in
                guard var state = health[candidate.name] else { return false }
                return state.breaker.admits(now: now) && state.rate?.take(now: now) == nil
            }
        }
        return free.map(Choice.provider) ?? .busy(first)
    }

    /// Takes a place with the provider; else how long until there is one.
    public func claim(_ name: String, now: ContinuousClock.Instant = .now) -> Duration? {
        self.health.withLockedValue { health in
            guard var state = health[name] else { return .seconds(5) }
            defer { health[name] = state }
            guard state.breaker.admits(now: now) else { return .seconds(5) }
            return state.rate?.take(now: now)
        }
    }

    /// Hands a message to a provider, and remembers how it did and how long it took, from the message's turn on.
    /// - Parameters:
    ///   - latest: if its turn has not come by then it is not handed over.
    ///   - timeout: how long the answer may take, if less than usual.
    public func ask(
        _ provider: any MessageProvider, _ permit: consuming SendingPermit, template: String,
        startingBefore latest: ContinuousClock.Instant? = nil, timeout: Duration? = nil
    ) async throws -> ProviderOutcome {
        let name = provider.name
        let number = self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
        let turn = SendingTurn(latest: latest, timeout: timeout) { self.began(name, number) }
        do {
            let outcome = try await provider.send(permit, template: template, turn)
            self.report(name, outcome, after: self.ended(name, number))
            return outcome
        } catch {
            _ = self.ended(name, number)
            throw error
        }
    }

    /// A message's turn with a provider has come.
    func began(_ name: String, _ number: Int, now: ContinuousClock.Instant = .now) {
        self.health.withLockedValue { $0[name]?.pace.began(number, at: now) }
    }

    /// How long a provider had it; none if its turn never came.
    func ended(_ name: String, _ number: Int, now: ContinuousClock.Instant = .now) -> Duration {
        self.health.withLockedValue { $0[name]?.pace.ended(number, at: now) } ?? .zero
    }

    /// Tells what a provider made of a message, and how long it took.
    public func report(
        _ name: String, _ outcome: ProviderOutcome, after time: Duration, now: ContinuousClock.Instant = .now
    ) {
        self.health.withLockedValue { health in
            switch outcome {
            case .accepted:
                health[name]?.breaker.succeeded()
                health[name]?.pace.answered(after: time)
                health[name]?.accepted += 1
            case .refused:
                // About this message, not about the provider.
                health[name]?.breaker.succeeded()
                health[name]?.pace.answered(after: time)
                health[name]?.failed += 1
            case .later, .unknown:
                health[name]?.breaker.failed(now: now)
                health[name]?.pace.failed()
                health[name]?.failed += 1
            case .expired:
                break
            }
        }
    }

    /// What a message of so many parts costs with a provider, in thousandths of a fen.
    public func cost(_ name: String, segments: Int) -> Int64 {
        (self.terms[name]?.cost ?? 0) * Int64(max(1, segments))
    }

    /// How the providers do, by name: for operators.
    public var summary: [(name: String, isOpen: Bool, accepted: Int, failed: Int)] {
        self.health.withLockedValue { health in
            health.sorted { $0.key < $1.key }.map {
                ($0.key, $0.value.breaker.isOpen, $0.value.accepted, $0.value.failed)
            }
        }
    }

    private func route(
        _ audience: TemplateAudience, _ channel: ContactChannel, _ division: DivisionCode?
    ) -> Route? {
        self.routes.first { route in
            route.audience == audience && route.channel == channel
                && (route.division.map { division?.path.contains($0) ?? false } ?? true)
        }
    }
}
