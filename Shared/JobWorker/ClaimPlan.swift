import JobQueue
import JobTypes

/// Which queue to claim from next, how much and from where: slots, running jobs, positions and the hint that there may be
/// more, per queue.
///
/// Only queues that may have something are looked at, in the order of their shares. A claim goes on from the position the
/// last one came to while claims come back full; otherwise it begins a little before, so that what was committed a moment
/// late is found. The beat's look at the whole lane finds what was committed later still or came back; where that is slow
/// (a long transaction keeps the low water down), it is done more seldom, so that it takes at most a twentieth of the time.
///
/// Pure: the producer holds it in a lock, tells it what happened and does what it says.
struct ClaimPlan: Equatable {
    enum Phase: Equatable {
        /// Claims as slots and hints allow. Can transition to: `draining`.
        case claiming
        /// Claims nothing; running jobs go on. Terminal.
        case draining
    }

    struct Claim: Equatable {
        let queue: QueueName
        let limit: Int
        /// Where to start; nil: from where the lanes are known to be done.
        var positions: LanePositions?
        /// Looks for what was committed late or came back.
        var looksBack = true
        /// Completions that travel with it are written before it: it finds the permits that they give back.
        var followsCompletions = false
    }

    private struct Lane: Equatable {
        let slots: Int
        var running = 0
        /// A bell rang, a beat found something, or the last claim came back full.
        var mayHaveMore = false
        /// The last claim came back full: the next need not wait for one that is under way.
        var isFull = false
        /// The queue has a limit, so the end of one job may make room for another.
        var isLimited = false
        var positions = LanePositions()
        var looksBack = true
        /// How far a look back has come that found more than it could take.
        var lookedBackTo: LanePositions?
        /// So many beats do not look back.
        var beatsToSkip = 0
    }

    private(set) var phase = Phase.claiming
    private(set) var running = 0
    private var lanes: [QueueName: Lane]
    private var order = ShareOrder()
    private let slots: Int
    private let batch: Int
    private let beatInterval: Duration

    /// - Parameter slots: of all queues together; nil for the sum of theirs.
    init(queues: [QueueName: Int], slots: Int? = nil, batch: Int, beatInterval: Duration = .seconds(1)) {
        self.lanes = queues.mapValues { Lane(slots: max(1, $0)) }
        self.slots = max(1, slots ?? queues.values.reduce(0) { $0 + max(1, $1) })
        self.batch = max(1, batch)
        self.beatInterval = max(.milliseconds(1), beatInterval)
    }

    func isLimited(_ queue: QueueName) -> Bool {
        self.lanes[queue]?.isLimited ?? false
    }

    /// Whether the last claim on the queue got all that it wanted.
    func isFull(_ queue: QueueName) -> Bool {
        self.lanes[queue]?.isFull ?? false
    }

    /// A bell for one queue. Queues of other processes are no news.
    mutating func bellRang(_ queue: QueueName) {
        self.change(queue) { $0.mayHaveMore = true }
    }

    /// The beat has looked at every lane from its low water: these have something, those are limited.
    mutating func lookedAt(waiting: [QueueName], limited: [QueueName]) {
        for queue in waiting {
            self.change(queue) { lane in
                lane.mayHaveMore = true
                lane.positions.mark()
                if lane.beatsToSkip > 0 {
                    lane.beatsToSkip -= 1
                } else {
                    lane.looksBack = true
                }
            }
        }
        for queue in limited { self.lanes[queue]?.isLimited = true }
    }

    mutating func share(_ shares: [QueueName: QueueShare]) {
        self.order.set(shares)
    }

    /// Whether there is a next claim.
    var mayClaim: Bool {
        self.phase == .claiming && self.running < self.slots && !self.order.isEmpty
    }

    /// The next claim; nil when there is nothing to do. The slots are taken at once.
    mutating func nextClaim() -> Claim? {
        let free = self.slots - self.running
        guard self.phase == .claiming, free > 0 else { return nil }
        let turn: (queue: QueueName, limit: Int)?
        do {
            let lanes = self.lanes  // Let go of before they change: they may be thousands.
            turn = self.order.next(full: self.batch) { lanes[$0]?.running ?? 0 }
        }
        guard let (queue, share) = turn, let lane = self.lanes[queue] else { return nil }
        let limit = min(share, lane.slots - lane.running, free)
        self.order.took(queue, limit)
        self.running += limit
        self.change(queue) { lane in
            lane.running += limit
            if !lane.isFull { lane.mayHaveMore = false }
            lane.looksBack = false
        }
        if lane.looksBack { return Claim(queue: queue, limit: limit, positions: lane.lookedBackTo) }
        let positions = lane.isFull ? lane.positions : lane.positions.aLittleBefore
        return Claim(queue: queue, limit: limit, positions: positions, looksBack: false)
    }

    /// The claim came back with these jobs. A full one says that there may be more.
    mutating func claimed(_ claim: Claim, _ jobs: [LeasedJob], took duration: Duration) {
        let interval = self.beatInterval
        self.change(claim.queue) { lane in
            // Only as long as it finds what was left behind: else what is found now is the front, from where claims go on.
            let mustGoOn =
                claim.looksBack && jobs.count == claim.limit && jobs.contains { lane.positions.hasPassed($0) }
            for job in jobs { lane.positions.passed(job) }
            if let job = jobs.first { lane.isLimited = job.isLimited }
            if claim.looksBack {
                lane.looksBack = lane.looksBack || mustGoOn
                var reached = claim.positions ?? LanePositions()
                for job in jobs { reached.passed(job) }
                lane.lookedBackTo = mustGoOn ? reached : nil
                lane.beatsToSkip = Int(min(duration / interval * 20, 1000))
            }
        }
        self.claimed(claim, jobs: jobs.count)
    }

    /// The claim's answer did not come.
    mutating func failed(_ claim: Claim) {
        self.claimed(claim, jobs: 0)
        if claim.looksBack { self.change(claim.queue) { $0.looksBack = true } }
    }

    /// The claim came back with this many jobs.
    mutating func claimed(_ claim: Claim, jobs: Int) {
        self.running -= claim.limit - jobs
        self.change(claim.queue) { lane in
            lane.running -= claim.limit - jobs
            lane.isFull = jobs == claim.limit
            if lane.isFull { lane.mayHaveMore = true }
        }
    }

    /// A job ended; its slot is free.
    mutating func finished(_ queue: QueueName) {
        self.running -= 1
        self.change(queue) { lane in
            lane.running -= 1
            if lane.isLimited { lane.mayHaveMore = true }
        }
    }

    mutating func drain() {
        self.phase = .draining
    }

    /// Changes a lane, and whether it takes part.
    private mutating func change(_ queue: QueueName, _ change: (inout Lane) -> Void) {
        guard var lane = self.lanes[queue] else { return }
        change(&lane)
        self.lanes[queue] = lane
        if lane.mayHaveMore, lane.running < lane.slots {
            self.order.join(queue)
        } else {
            self.order.leave(queue)
        }
    }
}
