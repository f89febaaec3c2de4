public import Casework
public import Safeguarding

/// Something that takes messages over: a mail server, a carrier's gateway, a file.
///
/// What it is handed is a permit, which only the policies of `Safeguarding` make; it redeems it just before the bytes go.
public protocol MessageProvider: Sendable {
    /// As the configuration calls it.
    var name: String { get }
    var channel: ContactChannel { get }
    /// Who shows as the sender.
    var sender: SenderIdentity { get }
    /// Whether it answers at once, without waiting for anybody outside this machine. By default not.
    var isImmediate: Bool { get }
    /// Whether a message that is handed over twice is recognised where it arrives. By default not.
    var recognisesRepeats: Bool { get }
    /// How many messages are with it at a time, while others wait in line for their turns. By default there is no line.
    var connections: Int? { get }
    /// Hands one message over; nothing is retried here.
    /// - Parameter template: the name of the template the text was made from, for carriers that only send registered
    ///   ones.
    /// - Throws: `CancellationError` when the task was cancelled: the message may have been taken.
    func send(_ permit: consuming SendingPermit, template: String) async throws -> ProviderOutcome
    /// The same where others wait for the answer. By default its turn comes at once, and there is no other limit than the
    /// provider's own.
    func send(
        _ permit: consuming SendingPermit, template: String, _ turn: SendingTurn
    ) async throws -> ProviderOutcome
}

/// What holds for a message that waits for its turn with a provider.
public struct SendingTurn: Sendable {
    /// If its turn has not come by then it is not sent.
    public var latest: ContinuousClock.Instant?
    /// How long the answer may take from then on, if less than usual.
    public var timeout: Duration?
    /// Is told when its turn comes.
    let came: @Sendable () -> Void
}

extension MessageProvider {
    public var isImmediate: Bool { false }
    public var recognisesRepeats: Bool { false }
    public var connections: Int? { nil }

    public func send(
        _ permit: consuming SendingPermit, template: String, _ turn: SendingTurn
    ) async throws -> ProviderOutcome {
        guard turn.latest.map({ ContinuousClock.now < $0 }) ?? true else { return .expired }
        turn.came()
        return try await self.send(permit, template: template)
    }
}

/// What a provider made of a message. Reasons are codes without data.
public enum ProviderOutcome: Sendable, Hashable {
    /// It took the message over; its own name for it, if it gave one, and how many parts it counts.
    case accepted(reference: String?, segments: Int)
    /// It will never take this message.
    case refused(reason: String)
    /// It did not take it and may later; another provider may now.
    case later(reason: String)
    /// It may have taken it. Another provider might send it a second time, so nobody else is asked.
    case unknown(reason: String)
    /// The permit was over before it could be used: nothing was sent.
    case expired
}
