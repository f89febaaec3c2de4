/// One job, two workers that may stand still at any step, and the rescuer; small enough to look at every order of events.
/// What fencing relies on, in plain steps: claim, a handler's transaction with its effect, hand-back, giving a silent worker
/// up, taking back; the flaws are what others do, or what it would be tempting to leave out.
struct LeaseModel: Hashable {
    enum Flaw: CaseIterable {
        /// The outcome is written for whoever says that it had the job.
        case noToken
        /// The token is the number of the attempt, which a hand-back makes smaller.
        case attemptIsToken
        /// The lease is looked at, and not held, before the effect.
        case checkWithoutLock
        /// Leases are taken back when their time is over, whether the worker lives or not, from under a held row.
        case rescueIgnoresLocks
        /// A worker that was given up may claim under its old name, which nobody looks for any more.
        case deadMayClaim
        /// A worker that deregisters is forgotten with its leases.
        case deregisteredIsForgotten
    }

    enum Job: Hashable {
        case available
        case running(worker: Int, token: Int)
        case done
    }

    enum Worker: Hashable {
        case idle
        /// Has a job in hand, or thinks so.
        case holds(token: Int)
        /// In a transaction that has seen the lease and holds the row.
        case locked(token: Int)
        /// In one that has only seen it.
        case seen(token: Int)
    }

    enum Registration: Hashable {
        case alive, lost, gone
    }

    private(set) var job = Job.available
    private(set) var effects = 0
    /// Something was written by one who no longer had the job.
    private(set) var isForged = false
    private var attempt = 0
    private var lastToken = 0
    private var workers = [Worker.idle, .idle]
    private var stopped = [false, false]
    private var registered = [Registration.alive, .alive]
    private var claims = 0
    /// Which claim each worker's job is from, and which the job is under: for the judge only.
    private var claimOf = [0, 0]
    private var holder = 0

    /// The effect is committed at most once, and with the job's end; a job that runs has somebody who is or will be looked at.
    var isSafe: Bool {
        guard !self.isForged else { return false }
        return switch self.job {
        case .done: self.effects == 1
        case .available: self.effects == 0
        case .running(let worker, _): self.effects == 0 && self.registered[worker] != .gone
        }
    }

    var isDone: Bool { self.job == .done }

    func next(_ flaw: Flaw?) -> [LeaseModel] {
        self.workers.indices.flatMap { self.work($0, flaw) + self.control($0, flaw) }
    }

    private func changed(_ change: (inout LeaseModel) -> Void) -> [LeaseModel] {
        var state = self
        change(&state)
        return [state]
    }

    private var isLocked: Bool {
        self.workers.contains { if case .locked = $0 { true } else { false } }
    }

    /// Whether the token opens the door.
    private func opens(_ worker: Int, _ token: Int, _ flaw: Flaw?) -> Bool {
        guard case .running(let holder, let current) = self.job else { return false }
        switch flaw {
        case .noToken: return true
        case .attemptIsToken: return token == current
        default: return token == current && holder == worker
        }
    }

    private func work(_ worker: Int, _ flaw: Flaw?) -> [LeaseModel] {
        guard !self.stopped[worker] else { return [] }
        switch self.workers[worker] {
        case .idle:
            guard self.job == .available, self.claims < 4,
                self.registered[worker] == .alive || flaw == .deadMayClaim
            else { return [] }
            return self.changed { state in
                state.claims += 1
                state.attempt += 1
                state.lastToken += 1
                let token = flaw == .attemptIsToken ? state.attempt : state.lastToken
                state.job = .running(worker: worker, token: token)
                state.claimOf[worker] = state.claims
                state.holder = state.claims
                state.workers[worker] = .holds(token: token)
            }
        case .holds(let token):
            guard self.opens(worker, token, flaw) else {
                return self.changed { $0.workers[worker] = .idle }  // Refused: the work is somebody else's.
            }
            guard !self.isLocked else { return [] }
            let begun = self.changed {
                $0.workers[worker] = flaw == .checkWithoutLock ? .seen(token: token) : .locked(token: token)
            }
            let handedBack = self.changed { state in
                state.isForged = state.claimOf[worker] != state.holder
                state.job = .available
                state.holder = 0
                state.attempt -= 1  // A snooze or a drain counts no attempt.
                state.workers[worker] = .idle
            }
            // The outcome cannot be written: the job is in nobody's hands, and still leased.
            return begun + handedBack + self.changed { $0.workers[worker] = .idle }
        case .locked, .seen:
            let committed = self.changed { state in
                state.effects += 1
                state.isForged = state.claimOf[worker] != state.holder
                state.job = .done
                state.workers[worker] = .idle
            }
            let undone = self.changed { $0.workers[worker] = .idle }
            return committed + undone
        }
    }

    /// Without an attempt being counted, as for a consumer behind a door.
    private func takeBack() -> [LeaseModel] {
        self.changed { state in
            state.job = .available
            state.attempt -= 1
            state.holder = 0
        }
    }

    /// What happens to a worker.
    private func control(_ worker: Int, _ flaw: Flaw?) -> [LeaseModel] {
        var next: [LeaseModel] = []
        next += self.changed { $0.stopped[worker].toggle() }
        // Silent for long: given up. Its session is ended when it stands still in a transaction.
        if self.stopped[worker], self.registered[worker] == .alive {
            next += self.changed { $0.registered[worker] = .lost }
        }
        if self.stopped[worker], case .locked(let token) = self.workers[worker] {
            next += self.changed { $0.workers[worker] = .holds(token: token) }
        }
        if !self.stopped[worker], self.registered[worker] == .alive, self.workers[worker] == .idle {
            next += self.changed { $0.registered[worker] = flaw == .deregisteredIsForgotten ? .gone : .lost }
        }
        // The rescuer skips rows that a transaction holds.
        let mayTake = !self.isLocked || flaw == .rescueIgnoresLocks
        switch self.job {
        case .running(worker, _)
        where mayTake && self.registered[worker] == .lost || flaw == .rescueIgnoresLocks:
            next += self.takeBack()
        case .running(worker, _) where self.workers[worker] == .idle && !self.stopped[worker]:
            next += self.takeBack()  // What is leased to it and not in its hands it hands back itself.
        case .running(worker, _): break
        case .available, .done, .running:
            // Nothing of its own is leased any more: forgotten.
            if self.registered[worker] == .lost { next += self.changed { $0.registered[worker] = .gone } }
        }
        return next
    }
}
