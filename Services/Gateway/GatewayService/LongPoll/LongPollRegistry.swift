struct LongPollLimits: Sendable, Equatable {
    /// Polls of one agency at a time.
    var perAgency = 8
    /// Polls of this process at a time.
    var overall = 4000
    /// How often a waiting poll looks without a bell, at least.
    var lookEvery: Duration = .seconds(1)
    /// Looks without a bell per second, of all polls together: with very many the pause grows.
    var looksPerSecond = 400
}

/// Who waits for hand-overs, and whom a bell wakes. A value: events in, what to do out; no I/O, clock or lock inside.
///
/// A poll is admitted before it looks into the queue for the first time, so that a bell that rings between its look and
/// its falling asleep is not lost. A bell wakes one poll of the agency: the one that waits longest; who found something
/// passes the bell on, so that the work is in proportion to the jobs and not to the polls.
/// - Parameter Agency: how the bell names an agency.
struct LongPollRegistry<Agency: Hashable & Sendable> {
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
        /// Looks into the queue; `wasRung`: and has to look again; `isOutdated`: a bell rang since the look began, for
        /// whomever. Can transition to: `waiting`.
        case looking(wasRung: Bool, isOutdated: Bool)
        /// Asleep until woken. Can transition to: `looking`, `ended`.
        case waiting(nextLook: ContinuousClock.Instant)
        /// Not to be woken any more: its next wait ends at once. Terminal.
        case ended
    }

    /// At the beginning of a look.
    private static var looking: State { .looking(wasRung: false, isOutdated: false) }

    private struct Poll {
        let agency: Agency
        let deadline: ContinuousClock.Instant
        var state: State
    }

    private let limits: LongPollLimits
    private var polls: [PollID: Poll] = [:]
    /// In the order of admission.
    private var byAgency: [Agency: [PollID]] = [:]
    /// Agencies whose queue was seen to the end, and nothing was heard of it since: until when nobody need look again.
    private var quietUntil: [Agency: ContinuousClock.Instant] = [:]
    private var lastID: PollID = 0
    private(set) var isClosed = false

    init(limits: LongPollLimits) {
        self.limits = limits
    }

    var count: Int { self.polls.count }

    mutating func admit(_ agency: Agency, deadline: ContinuousClock.Instant) -> Admission {
        guard !self.isClosed else { return .closed }
        guard self.polls.count < self.limits.overall else { return .tooMany }
        guard self.byAgency[agency, default: []].count < self.limits.perAgency else { return .agencyHasTooMany }
        self.lastID += 1
        self.polls[self.lastID] = Poll(agency: agency, deadline: deadline, state: Self.looking)
        self.byAgency[agency, default: []].append(self.lastID)
        return .admitted(self.lastID)
    }

    /// Whether the agency's queue is known to be empty, as far as a bell that may be lost lets one know: what has just
    /// been looked through is not looked through again for each request that comes after.
    func isQuiet(_ agency: Agency, now: ContinuousClock.Instant) -> Bool {
        self.quietUntil[agency].map { now < $0 } ?? false
    }

    /// The poll looked and took all there was.
    mutating func tookAll(_ id: PollID, now: ContinuousClock.Instant) {
        guard let poll = self.polls[id], poll.state == .looking(wasRung: false, isOutdated: false) else { return }
        self.quietUntil[poll.agency] = now + self.lookPause
    }

    /// The poll looked and found nothing.
    mutating func wait(_ id: PollID, now: ContinuousClock.Instant) -> WaitAction {
        guard let poll = self.polls[id], !self.isClosed, poll.state != .ended, now < poll.deadline else { return .end }
        if case .looking(wasRung: true, _) = poll.state {
            self.polls[id]?.state = Self.looking
            return .look
        }
        let nextLook = now + self.lookPause
        self.polls[id]?.state = .waiting(nextLook: nextLook)
        return .sleep
    }

    /// A bell for one agency. Returns the poll to wake.
    mutating func ring(_ agency: Agency) -> PollID? {
        self.quietUntil[agency] = nil
        guard let ids = self.byAgency[agency] else { return nil }
        let woken = ids.first { if case .waiting = self.polls[$0]?.state { true } else { false } }
        for id in ids {
            guard case .looking(let wasRung, _) = self.polls[id]?.state else { continue }
            self.polls[id]?.state = .looking(wasRung: wasRung || woken == nil, isOutdated: true)
        }
        if let woken { self.polls[woken]?.state = Self.looking }
        return woken
    }

    /// Bells may have been missed: everybody looks. Returns the polls to wake.
    mutating func ringAll() -> [PollID] {
        self.quietUntil.removeAll()
        var woken: [PollID] = []
        for (id, poll) in self.polls {
            switch poll.state {
            case .waiting:
                self.polls[id]?.state = Self.looking
                woken.append(id)
            case .looking:
                self.polls[id]?.state = .looking(wasRung: true, isOutdated: true)
            case .ended:
                break
            }
        }
        return woken
    }

    /// Time has passed. Returns the polls to wake, and for each whether it is to look once more or to end.
    mutating func tick(now: ContinuousClock.Instant) -> [(id: PollID, action: WaitAction)] {
        self.quietUntil = self.quietUntil.filter { now < $0.value }
        var woken: [(id: PollID, action: WaitAction)] = []
        for (id, poll) in self.polls {
            guard case .waiting(let nextLook) = poll.state else { continue }
            if poll.deadline <= now {
                self.polls[id]?.state = .ended
                woken.append((id, .end))
            } else if nextLook <= now {
                self.polls[id]?.state = Self.looking
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
