import CaseworkStore
import HTTPTypes
import PostgresClient
import ServiceKit

/// What to do after an attempt to open a case has failed. Pure but for the clock.
struct OpeningAttempts {
    enum Decision: Equatable {
        case again(after: Duration)
        case giveUp
    }

    /// Attempts after failures that changed nothing: a link that died while it was idle, two transactions that met.
    private static let cheapRetries = 3

    private(set) var isOutcomeUnknown = false
    private let deadline: ContinuousClock.Instant
    private var failures = 0

    init(patience: Duration, now: ContinuousClock.Instant = .now) {
        self.deadline = now + patience
    }

    mutating func failed(with error: any Error, now: ContinuousClock.Instant = .now) -> Decision {
        self.failures += 1
        if let error = error as? CaseworkError {
            // A random number was in use: the next draw is another one.
            if error.code == .numberTaken, self.failures <= 8 { return .again(after: .zero) }
            // A refusal is an answer: the key is another request's, or was ours to take, so nothing of ours is there. Not
            // that the client was revoked: that may have come after our own COMMIT.
            if error.code == .idempotencyKeyReused || error.code == .unknownDivision { self.isOutcomeUnknown = false }
            return .giveUp
        }
        guard let error = error as? PostgresError else { return .giveUp }
        if error.code == .commitOutcomeUnknown { self.isOutcomeUnknown = true }
        if self.isOutcomeUnknown {
            // From here on every failure but the client's own going away leaves the question open.
            return now < self.deadline && error.code != .shutdown ? .again(after: self.pause) : .giveUp
        }
        let isWorthIt =
            switch error.code {
            case .connectionLost, .server: error.isRetryable
            default: false
            }
        return isWorthIt && self.failures <= Self.cheapRetries && now < self.deadline
            ? .again(after: self.pause) : .giveUp
    }

    /// What the client is told when the outcome stayed unknown: the key under which to ask again. `nil` when it is
    /// known that nothing was changed.
    func givingUp(key: IdempotencyKey) -> HTTPProblem? {
        guard self.isOutcomeUnknown else { return nil }
        return HTTPProblem(
            .outcomeUnknown,
            """
            Repeat the request with the Idempotency-Key that this answer names in its header of that name: it takes \
            effect once.
            """,
            retryAfter: .seconds(5), headers: [IdempotencyKey.headerName: key.text])
    }

    /// 50 ms, doubling to a second, with a little chance in it.
    private var pause: Duration {
        .milliseconds(min(1000, 50 << min(self.failures - 1, 5))) * Double.random(in: 0.8...1.2)
    }
}
