import JobWorker
import Messaging
import PostgresClient
import ServiceLifecycle

/// Where the messages of a process gather, and how many connections they use.
///
/// All begin in the same rounds, which wait for nobody outside. Then each goes to the line of its provider: there those
/// gather that are handed over together, and wait that go alone. A line never has all connections, and never all that the
/// provider takes: who does not answer delays no other provider's messages, and no danger to life.
final class SendingRounds: Service {
    /// Rounds in which attempts begin, and the connections for all.
    let beginning: MessageRounds
    /// As many jobs as are in hand at a time.
    let slots: Int
    /// For how long a message waits in line with its job in hand.
    let patience: Duration
    /// By provider.
    let lines: [String: MessageRounds]

    /// Of so many at most all go again when a round is lost.
    private static let largestOfMail = 16

    /// - Parameter areAtOnce: whether all providers answer at once.
    init(
        connections: Int, areAtOnce: Bool, _ providers: ProviderSet, patience: Duration = .seconds(10)
    ) {
        let beginning = MessageRounds(
            connections: connections, RoundPace(spacing: .milliseconds(25)), untouched: .untouched)
        self.beginning = beginning
        // What waits in line is held by its job: no more than keep the rounds busy.
        self.slots = areAtOnce ? max(connections, beginning.slots) : connections + 3 * Self.largestOfMail
        self.patience = patience
        self.lines = providers.all.reduce(into: [:]) { lines, provider in
            let most = min(provider.connections ?? connections, connections) - 1
            lines[provider.name] = MessageRounds(
                sharing: beginning, most: provider.isImmediate ? connections : max(1, most),
                // Each hands over one at a time. The other half of the connections is for what goes alone.
                provider.isImmediate
                    ? RoundPace()
                    : RoundPace(
                        largest: Self.largestOfMail, atATime: min(3, max(1, (provider.connections ?? 1) / 2)),
                        spacing: .milliseconds(25)),
                untouched: .begun(nil))
        }
    }

    /// Where what a provider is to be handed gathers and waits.
    func line(to provider: String) -> MessageRounds { self.lines[provider] ?? self.beginning }

    /// From now on messages gather.
    func open() {
        for rounds in [self.beginning] + Array(self.lines.values) { rounds.open() }
    }

    /// Until graceful shutdown.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for rounds in [self.beginning] + Array(self.lines.values) {
                group.addTask { try await rounds.run() }
            }
            try await group.waitForAll()
        }
    }
}
