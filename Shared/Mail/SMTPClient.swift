import NIOConcurrencyHelpers

/// Sends mail over SMTP with libcurl, on threads of its own: libcurl blocks, and the cooperative pool must not.
///
/// Connections are kept open between mails. Nothing is retried here: the outcome tells the caller what to do.
public final class SMTPClient: Sendable {
    private let configuration: SMTPConfiguration
    private let threads: MailThreads

    /// How many mails are sent at once.
    public var connections: Int { max(1, self.configuration.connections) }

    /// Makes the client and its threads; connects to nobody yet.
    public init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
        self.threads = MailThreads(
            count: max(1, configuration.connections), maximumWaiting: max(1, configuration.maximumWaiting)
        ) { CurlSession(configuration) }
    }

    deinit {
        self.threads.stop()
    }

    /// Sends one mail and returns what became of it. It never throws: every failure is an outcome.
    ///
    /// Cancelling the task takes a mail out that still waits; one that is on its way is finished, within the timeout.
    /// - Parameters:
    ///   - latest: a mail whose turn has not come by then is not sent: it fails as expired.
    ///   - timeout: how long it may take from its turn on, if that is less than the configuration's.
    ///   - onStart: is called when its turn has come.
    public func send(
        _ mail: OutgoingMail, startingBefore latest: ContinuousClock.Instant? = nil, timeout: Duration? = nil,
        onStart: @escaping @Sendable () -> Void = {}
    ) async -> MailOutcome {
        let bytes = MessageFormat.bytes(of: mail, from: self.configuration.sender)
        let ticket = MailTicket()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                ticket.wait(continuation)
                let isQueued = self.threads.submit { session in
                    guard ticket.start() else { return }
                    guard latest.map({ ContinuousClock.now < $0 }) ?? true else {
                        return ticket.finish(.transientFailure(MailFailure(reason: .expired)))
                    }
                    onStart()
                    let outcome =
                        session?.send(bytes, to: mail.recipient, timeout: timeout)
                        ?? .transientFailure(MailFailure(reason: .cancelled))
                    ticket.finish(outcome)
                }
                if !isQueued, ticket.start() {
                    ticket.finish(.transientFailure(MailFailure(reason: .busy)))
                }
            }
        } onCancel: {
            ticket.cancel()
        }
    }

    /// Ends the threads: mails on their way are finished, those that wait fail as cancelled. Later mails fail as busy.
    public func shutdown() {
        self.threads.stop()
    }
}

/// One waiting mail: resumed once, by the thread that sends it or by its cancellation, whichever comes first.
final class MailTicket: Sendable {
    private enum State {
        case new
        case cancelledEarly
        case waiting(CheckedContinuation<MailOutcome, Never>)
        case started(CheckedContinuation<MailOutcome, Never>)
        case done
    }

    private let state = NIOLockedValueBox(State.new)
    private static let cancelled = MailOutcome.transientFailure(MailFailure(reason: .cancelled))

    func wait(_ continuation: CheckedContinuation<MailOutcome, Never>) {
        let isCancelled = self.state.withLockedValue { state in
            switch state {
            case .new:
                state = .waiting(continuation)
                return false
            case .cancelledEarly, .waiting, .started, .done:
                state = .done
                return true
            }
        }
        if isCancelled {
            continuation.resume(returning: Self.cancelled)
        }
    }

    /// Whether the mail is still wanted; from now on it cannot be cancelled.
    func start() -> Bool {
        self.state.withLockedValue { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .started(continuation)
            return true
        }
    }

    func finish(_ outcome: MailOutcome) {
        let continuation = self.state.withLockedValue { state -> CheckedContinuation<MailOutcome, Never>? in
            guard case .started(let continuation) = state else { return nil }
            state = .done
            return continuation
        }
        continuation?.resume(returning: outcome)
    }

    func cancel() {
        let continuation = self.state.withLockedValue { state -> CheckedContinuation<MailOutcome, Never>? in
            switch state {
            case .new:
                state = .cancelledEarly
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .started, .cancelledEarly, .done:
                return nil
            }
        }
        continuation?.resume(returning: Self.cancelled)
    }
}
