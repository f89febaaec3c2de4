/// Keeps a provider that fails from being asked again and again: after some failures in a row it is left alone for a
/// while, then one message tries.
struct CircuitBreaker: Equatable, Sendable {
    enum State: Equatable, Sendable {
        /// It is asked. Can transition to: `open` after too many failures in a row.
        case closed(failures: Int)
        /// It is left alone until then. Can transition to: `trying`.
        case open(until: ContinuousClock.Instant, times: Int)
        /// One message tries it, until then. Can transition to: `closed`, `open` for twice as long.
        case trying(until: ContinuousClock.Instant, times: Int)
    }

    private(set) var state = State.closed(failures: 0)
    /// So many failures in a row open it.
    let threshold: Int
    /// How long it is open the first time; each time after that twice as long, to sixteen times.
    let pause: Duration

    init(threshold: Int = 5, pause: Duration = .seconds(10)) {
        self.threshold = threshold
        self.pause = pause
    }

    /// Whether the provider may be asked now. A yes while trying is given once.
    mutating func admits(now: ContinuousClock.Instant) -> Bool {
        switch self.state {
        case .closed:
            return true
        case .open(let until, let times), .trying(let until, let times):
            // Whoever was trying and never came back has lost its turn.
            guard now >= until else { return false }
            self.state = .trying(until: now + self.pause, times: times)
            return true
        }
    }

    /// The provider answered, whatever it said of the message.
    mutating func succeeded() {
        self.state = .closed(failures: 0)
    }

    /// It did not answer, or is in trouble.
    mutating func failed(now: ContinuousClock.Instant) {
        switch self.state {
        case .closed(let failures):
            let next = failures + 1
            self.state = next >= self.threshold ? .open(until: now + self.pause, times: 1) : .closed(failures: next)
        case .trying(_, let times), .open(_, let times):
            let factor = 1 << min(times, 4)
            self.state = .open(until: now + self.pause * factor, times: times + 1)
        }
    }

    var isOpen: Bool {
        if case .closed = self.state { false } else { true }
    }
}

/// So many messages at once and per second in the long run.
struct SendingRate: Sendable {
    let perSecond: Double
    private var tokens: Double
    private var updated: ContinuousClock.Instant?

    init(perSecond: Double) {
        self.perSecond = perSecond
        self.tokens = max(1, perSecond)
    }

    /// Takes one; else how long until there is one.
    mutating func take(now: ContinuousClock.Instant) -> Duration? {
        if let updated = self.updated, now > updated {
            self.tokens = min(max(1, self.perSecond), self.tokens + ((now - updated) / .seconds(1)) * self.perSecond)
        }
        self.updated = max(now, self.updated ?? now)
        guard self.tokens >= 1 else { return .seconds((1 - self.tokens) / self.perSecond) }
        self.tokens -= 1
        return nil
    }
}
