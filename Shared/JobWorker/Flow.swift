import JobQueue
import JobTypes

/// What a worker process is to do next with the database: claim, write outcomes, hand back what nobody holds.
///
/// Several exchanges go on at a time. Each takes along the completions that have gathered, and a claim if there is room, so
/// that a busy worker makes one round trip and one commit for a batch of each. Where a limit leaves no room, completions go
/// alone: they wait for no other's claim.
///
/// Pure: the producer holds it in a lock, tells it what happened and does what it says.
struct Flow {
    struct Finished: Sendable {
        let job: LeasedJob
        let queue: QueueName
        let outcome: JobOutcome
        /// What the job leaves behind, when it is completed.
        var result: JobResult?
    }

    enum Step {
        /// Completions, and a claim to go with them; either may be missing, not both.
        case exchange([Finished], ClaimPlan.Claim?)
        /// Outcomes that are written one by one.
        case settle([Finished])
        /// Nothing is being claimed; what is leased to this worker and not among these is in nobody's hands.
        case handBack(held: Set<JobID>)
        /// Look again when something has happened.
        case wait
        /// The drain is over.
        case end
    }

    /// Most completions of one exchange.
    static let largestBatch = 1000

    var plan: ClaimPlan
    /// Every job leased to this worker that it knows of.
    private(set) var inHand = JobsInHand()
    private var completions: [Finished] = []
    private var others: [Finished] = []
    private var claimsUnderWay = 0
    /// The answer of a claim was lost, or an outcome could not be written: jobs may be leased to this worker that nobody
    /// works on, and a live worker's leases are never taken from it.
    private var mustHandBack = false
    private var isHandingBack = false

    init(plan: ClaimPlan) {
        self.plan = plan
    }

    mutating func next() -> Step {
        if !self.others.isEmpty {
            defer { self.others = [] }
            for finished in self.others { self.plan.finished(finished.queue) }
            return .settle(self.others)
        }
        if self.mustHandBack, self.claimsUnderWay == 0, !self.isHandingBack {
            self.isHandingBack = true
            return .handBack(held: self.inHand.ids)
        }
        // A limited queue's permits come back with the completions, which therefore go before the claim. A claim waits for
        // others on its queue, and so do completions that travel with it: where the last one found no room, they go alone.
        let batch = Array(self.completions.prefix(Self.largestBatch))
        self.completions.removeFirst(batch.count)
        var isLimited = false
        var isTight = false
        for finished in batch {
            self.plan.finished(finished.queue)
            guard self.plan.isLimited(finished.queue) else { continue }
            isLimited = true
            isTight = isTight || !self.plan.isFull(finished.queue)
        }
        let mayClaim = !self.mustHandBack && !self.isHandingBack && !isTight
        var claim = mayClaim ? self.plan.nextClaim() : nil
        if let queue = claim?.queue, !batch.isEmpty {
            claim?.followsCompletions = isLimited || self.plan.isLimited(queue)
        }
        if claim != nil { self.claimsUnderWay += 1 }
        if !batch.isEmpty || claim != nil { return .exchange(batch, claim) }
        return self.isOver ? .end : .wait
    }

    /// Whether `next` would be to wait.
    var isWaiting: Bool {
        guard self.others.isEmpty, self.completions.isEmpty else { return false }
        if self.mustHandBack || self.isHandingBack {
            if !self.isHandingBack, self.claimsUnderWay == 0 { return false }
        } else if self.plan.mayClaim {
            return false
        }
        return !self.isOver
    }

    private var isOver: Bool {
        self.plan.phase == .draining && self.inHand.isEmpty && self.claimsUnderWay == 0
    }

    /// A job's attempt is over; `outcome` is what is to be written, nil when nothing is.
    ///
    /// A completion that leaves a result behind is written alone.
    mutating func finished(
        _ job: LeasedJob, _ queue: QueueName, _ outcome: JobOutcome?, result: JobResult? = nil
    ) {
        switch outcome {
        case .none:
            self.plan.finished(queue)
            // Its handler has committed it, or it only looks as if the lease were lost: nobody says here which.
            self.inHand.ended(job.id, isConfirmed: false)
        case .some(.completed) where result == nil:
            self.completions.append(Finished(job: job, queue: queue, outcome: .completed))
        case .some(let outcome): self.others.append(Finished(job: job, queue: queue, outcome: outcome, result: result))
        }
    }

    /// What was claimed; nil when the answer was lost.
    mutating func claimed(_ claim: ClaimPlan.Claim, _ jobs: [LeasedJob]?, took duration: Duration) {
        self.claimsUnderWay -= 1
        if let jobs {
            self.plan.claimed(claim, jobs, took: duration)
            self.inHand.took(jobs)
        } else {
            self.plan.failed(claim)
            self.mustHandBack = true
        }
    }

    /// These are off this worker's hands, but for those that could not be written.
    mutating func settled(_ batch: [Finished], isWritten: Bool) {
        for finished in batch { self.inHand.ended(finished.job.id, isConfirmed: isWritten) }
        if !isWritten { self.mustHandBack = true }
    }

    /// The claims that are over since the last call.
    mutating func takeClaimsThatAreOver() -> [Int64] {
        self.inHand.takeOver()
    }

    mutating func handedBack(isDone: Bool) {
        self.isHandingBack = false
        if isDone { self.mustHandBack = false }
    }
}
