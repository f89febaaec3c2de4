import JobQueue
import JobTypes

/// Which queue to claim from next, how much and from where: slots, running jobs, positions and the hint that there may be
/// more, per queue.
///
/// A claim goes on from the position the last one came to. The poll looks back, for jobs that were committed late or came
/// back, and goes on looking back while it finds full batches. Where looking back is slow (a long transaction keeps the
/// low water down), it is done more seldom, so that it takes at most a twentieth of the time.
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
        /// Where to start; nil looks back.
        var positions: LanePositions?
    }

    private struct Lane: Equatable {
        let slots: Int
        var running = 0
        /// A bell rang, a poll is due, or the last claim came back full.
        var mayHaveMore = true
        /// The queue has a limit, so the end of one job may make room for another.
        var isLimited = false
        var positions = LanePositions()
        var looksBack = true
        /// So many polls do not look back.
        var pollsToSkip = 0
    }

    private(set) var phase = Phase.claiming
    private var lanes: [QueueName: Lane]
    private let order: [QueueName]
    private var next = 0
    private let batch: Int
    private let pollInterval: Duration

    init(queues: [QueueName: Int], batch: Int, pollInterval: Duration = .seconds(1)) {
        self.lanes = queues.mapValues { Lane(slots: max(1, $0)) }
        self.order = queues.keys.sorted { $0.rawValue < $1.rawValue }
        self.batch = max(1, batch)
        self.pollInterval = max(.milliseconds(1), pollInterval)
    }

    var running: Int {
        self.lanes.values.reduce(0) { $0 + $1.running }
    }

    /// A bell for one queue. Queues of other processes are no news.
    mutating func bellRang(_ queue: QueueName) {
        self.lanes[queue]?.mayHaveMore = true
    }

    /// The poll is due, or bells may have been missed.
    mutating func pollDue() {
        for queue in self.order {
            guard var lane = self.lanes[queue] else { continue }
            lane.mayHaveMore = true
            if lane.pollsToSkip > 0 {
                lane.pollsToSkip -= 1
            } else {
                lane.looksBack = true
            }
            self.lanes[queue] = lane
        }
    }

    /// The next claim, in turn over the queues so that none waits for another; nil when there is nothing to do. The slots
    /// are taken at once.
    mutating func nextClaim() -> Claim? {
        guard self.phase == .claiming else { return nil }
        for step in 0..<self.order.count {
            let index = (self.next + step) % self.order.count
            let queue = self.order[index]
            guard var lane = self.lanes[queue], lane.mayHaveMore, lane.running < lane.slots else { continue }
            let limit = min(lane.slots - lane.running, self.batch)
            lane.running += limit
            lane.mayHaveMore = false
            self.lanes[queue] = lane
            self.next = index + 1
            return Claim(queue: queue, limit: limit, positions: lane.looksBack ? nil : lane.positions)
        }
        return nil
    }

    /// The claim came back with these jobs. A full one says that there may be more.
    mutating func claimed(_ claim: Claim, _ jobs: [LeasedJob], took duration: Duration) {
        if var lane = self.lanes[claim.queue] {
            for job in jobs { lane.positions.passed(job) }
            if let job = jobs.first { lane.isLimited = job.isLimited }
            if claim.positions == nil {
                lane.looksBack = jobs.count == claim.limit
                lane.pollsToSkip = Int(min(duration / self.pollInterval * 20, 1000))
            }
            self.lanes[claim.queue] = lane
        }
        self.claimed(claim, jobs: jobs.count)
    }

    /// The claim came back with this many jobs; 0 when it failed.
    mutating func claimed(_ claim: Claim, jobs: Int) {
        self.lanes[claim.queue]?.running -= claim.limit - jobs
        if jobs == claim.limit {
            self.lanes[claim.queue]?.mayHaveMore = true
        }
    }

    /// A job ended; its slot is free.
    mutating func finished(_ queue: QueueName) {
        guard var lane = self.lanes[queue] else { return }
        lane.running -= 1
        if lane.isLimited { lane.mayHaveMore = true }
        self.lanes[queue] = lane
    }

    mutating func drain() {
        self.phase = .draining
    }
}
