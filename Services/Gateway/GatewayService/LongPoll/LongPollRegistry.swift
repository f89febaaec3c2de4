import FoundationEssentials

/// Who waits for hand-overs, and whom a bell wakes. A value: events in, what to do out; no I/O, clock or lock inside.
///
/// A poll is admitted before it looks into the queue for the first time, so that a bell that rings between its look and
/// its falling asleep is not lost. A bell wakes one poll of the agency: the one that waits longest; who found something
/// passes the bell on, so that the work is in proportion to the jobs and not to the polls.
struct LongPollRegistry {
    struct Limits: Sendable, Equatable {
        /// Polls of one agency at a time.
        var perAgency = 8
        /// Polls of this process at a time.
        var overall = 4000
        /// How often a waiting poll looks without a bell, at least.
        var lookEvery: Duration = .seconds(1)
        /// Looks without a bell per second, of all polls together: with very many the pause grows.
        var looksPerSecond = 400
    }

    typealias PollID = UInt64

    enum Admission: Equatable {
        case admitted(PollID)
        case agencyHasTooMany
        case tooMany
        /// The process is going away.
        case closed
    }

    enum WaitAction: Equatable {
        /// Sleep until woken.
        case sleep
        /// A bell rang during the look.
        case look
        /// The time is up, the client is gone, or the process is going away.
        case end
    }

    private enum State: Equatable {
        /// Looks into the queue. Can transition to: `waiting`.
        case looking(wasRung: Bool)
        /// Asleep until woken. Can transition to: `looking`, `ended`.
        case waiting(nextLook: ContinuousClock.Instant)
        /// Not to be woken any more: its next wait ends at once. Terminal.
        case ended
    }

    private struct Poll {
        let agency: UUID
        let deadline: ContinuousClock.Instant
        var state: State
    }

    private let limits: Limits
    private var polls: [PollID: Poll] = [:]
    /// In the order of admission.
    private var byAgency: [UUID: [PollID]] = [:]
    private var lastID: PollID = 0
    private(set) var isClosed = false

    init(limits: Limits) {
        self.limits = limits
    }

    var count: Int { self.polls.count }

    mutating func admit(_ agency: UUID, deadline: ContinuousClock.Instant) -> Admission {
        guard !self.isClosed else { return .closed }
        guard self.polls.count < self.limits.overall else { return .tooMany }
        guard self.byAgency[agency, default: []].count < self.limits.perAgency else { return .agencyHasTooMany }
        self.lastID += 1
        self.polls[self.lastID] = Poll(agency: agency, deadline: deadline, state: .looking(wasRung: false))
        self.byAgency[agency, default: []].append(self.lastID)
        return .admitted(self.lastID)
    }

    /// The poll looked and found nothing.
    mutating func wait(_ id: PollID, now: ContinuousClock.Instant) -> WaitAction {
        guard let poll = self.polls[id], !self.isClosed, poll.state != .ended, now < poll.deadline else { return .end }
        if poll.state == .looking(wasRung: true) {
            self.polls[id]?.state = .looking(wasRung: false)
            return .look
        }
        let nextLook = now + self.lookPause
        self.polls[id]?.state = .waiting(nextLook: nextLook)
        return .sleep
    }

    /// A bell for one agency. Returns the poll to wake.
    mutating func ring(_ agency: UUID) -> PollID? {
        guard let ids = self.byAgency[agency] else { return nil }
        for id in ids {
            if case .waiting = self.polls[id]?.state {
                self.polls[id]?.state = .looking(wasRung: false)
                return id
            }
        }
        for id in ids where self.polls[id]?.state == .looking(wasRung: false) {
            self.polls[id]?.state = .looking(wasRung: true)
        }
        return nil
    }

    /// Bells may have been missed: everybody looks. Returns the polls to wake.
    mutating func ringAll() -> [PollID] {
        var woken: [PollID] = []
        for (id, poll) in self.polls {
            switch poll.state {
            case .waiting:
                self.polls[id]?.state = .looking(wasRung: false)
                woken.append(id)
            case .looking:
                self.polls[id]?.state = .looking(wasRung: true)
            case .ended:
                break
            }
        }
        return woken
    }

    /// Time has passed. Returns the polls to wake, and for each whether it is to look once more or to end.
    mutating func tick(now: ContinuousClock.Instant) -> [(id: PollID, action: WaitAction)] {
        var woken: [(id: PollID, action: WaitAction)] = []
        for (id, poll) in self.polls {
            guard case .waiting(let nextLook) = poll.state else { continue }
            if poll.deadline <= now {
                self.polls[id]?.state = .ended
                woken.append((id, .end))
            } else if nextLook <= now {
                self.polls[id]?.state = .looking(wasRung: false)
                woken.append((id, .look))
            }
        }
        return woken
    }

    /// The client is gone or its task cancelled. Returns whether the poll is asleep and to be woken.
    mutating func end(_ id: PollID) -> Bool {
        guard let poll = self.polls[id] else { return false }
        self.polls[id]?.state = .ended
        if case .waiting = poll.state { return true }
        return false
    }

    /// The poll has been answered.
    mutating func leave(_ id: PollID) {
        guard let poll = self.polls.removeValue(forKey: id) else { return }
        self.byAgency[poll.agency]?.removeAll { $0 == id }
        if self.byAgency[poll.agency]?.isEmpty == true { self.byAgency[poll.agency] = nil }
    }

    /// The process is going away: nobody waits any longer. Returns the polls to wake.
    mutating func close() -> [PollID] {
        self.isClosed = true
        return self.polls.keys.filter { self.end($0) }
    }

    /// One second, or more when so many wait that the database would feel it.
    private var lookPause: Duration {
        max(self.limits.lookEvery, .seconds(Double(self.polls.count) / Double(self.limits.looksPerSecond)))
    }
}
