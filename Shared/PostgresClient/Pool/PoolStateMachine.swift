/// Which caller gets which connection. Pure: the pool holds it in a lock and does what it says after unlocking.
struct PoolStateMachine<Connection: Sendable>: Sendable {
    enum Acquisition {
        /// Take this one.
        case lease(Connection, idleSince: ContinuousClock.Instant)
        /// There is room: open one. The place is taken.
        case open
        /// All are busy: wait under the given number.
        case wait
        /// All are busy and too many wait already.
        case refuse
        case shutDown
    }

    /// What a waiting caller is told.
    enum Grant {
        case lease(Connection)
        /// A place came free: open a connection of your own.
        case open
        case shutDown
    }

    enum Release {
        case none
        case grant(waiter: Int, Grant)
        case close(Connection)
    }

    enum Phase: Equatable {
        /// Can transition to: `shuttingDown`.
        case open
        /// Connections are closed as they come back. Terminal.
        case shuttingDown
    }

    private(set) var phase = Phase.open
    private let maximum: Int
    private let maximumWaiters: Int
    /// Connections leased, idle or being opened.
    private(set) var places = 0
    /// Last in, first out: the rest grow idle and are found stale, not used in turn.
    private var idle: [(connection: Connection, since: ContinuousClock.Instant)] = []
    private var waiters: [Int] = []

    init(maximum: Int, maximumWaiters: Int) {
        self.maximum = max(1, maximum)
        self.maximumWaiters = max(0, maximumWaiters)
    }

    var idleCount: Int { self.idle.count }
    var waitingCount: Int { self.waiters.count }

    mutating func acquire(waiter: Int) -> Acquisition {
        guard self.phase == .open else { return .shutDown }
        if let last = self.idle.popLast() { return .lease(last.connection, idleSince: last.since) }
        if self.places < self.maximum {
            self.places += 1
            return .open
        }
        guard self.waiters.count < self.maximumWaiters else { return .refuse }
        self.waiters.append(waiter)
        return .wait
    }

    /// A caller is done with a connection that is fit for the next.
    mutating func release(_ connection: Connection, now: ContinuousClock.Instant) -> Release {
        guard self.phase == .open else {
            self.places -= 1
            return .close(connection)
        }
        guard self.waiters.isEmpty else { return .grant(waiter: self.waiters.removeFirst(), .lease(connection)) }
        self.idle.append((connection, now))
        return .none
    }

    /// A place is free again: its connection is broken or was never made.
    mutating func abandonPlace() -> Release {
        guard self.phase == .open, !self.waiters.isEmpty else {
            self.places -= 1
            return .none
        }
        return .grant(waiter: self.waiters.removeFirst(), .open)
    }

    /// The waiter gave up. False when it was granted something already.
    mutating func giveUp(waiter: Int) -> Bool {
        guard let index = self.waiters.firstIndex(of: waiter) else { return false }
        self.waiters.remove(at: index)
        return true
    }

    /// Returns the connections to close and the waiters to turn away.
    mutating func shutDown() -> (close: [Connection], turnAway: [Int]) {
        guard self.phase == .open else { return ([], []) }
        self.phase = .shuttingDown
        defer {
            self.idle = []
            self.waiters = []
        }
        self.places -= self.idle.count
        return (self.idle.map(\.connection), self.waiters)
    }
}
