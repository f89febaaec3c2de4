/// A limit of one, three jobs, two claimers and an operator who sets the limit while they work; ends of jobs may be committed
/// long after they were numbered, or be part of a claim's transaction. What `V0009__limits` relies on, in plain steps, and what goes wrong without each.
struct PermitModel: Hashable {
    enum Flaw: CaseIterable {
        /// A claim counts without holding the limit's row.
        case countsWithoutLock
        /// The limit is set without waiting for claims under way.
        case setsAtOnce
        /// Jobs that run when the limit is set are not counted.
        case forgetsRunning
        /// A permit counts when it is written, not when it is committed.
        case countsUncommitted
        /// The end of a job in a claim's own transaction counts although the transaction was undone.
        case countsUndone
        /// What comes late, below a number that was passed, is never looked for.
        case neverLooksBack
    }

    static let limit = 1

    enum Job: Hashable {
        case waiting
        case running(hasPermit: Bool)
        /// Its end is written under a number, and may be undone.
        case ending(number: Int, hasPermit: Bool)
        /// Its end is written by a claimer's transaction.
        case handedIn
        case ended
    }

    enum Claimer: Hashable {
        case idle
        /// Shares the advisory lock; has seen whether there is a limit.
        case begun(isLimited: Bool)
        /// Holds the limit's row, and may take so many. May have ended a job before.
        case counted(room: Int, own: Own?)
        /// Has taken the job; not committed.
        case taken(job: Int, isLimited: Bool, own: Own?)
    }

    /// A job that ends in a claimer's transaction.
    struct Own: Hashable {
        let job: Int
        let hasPermit: Bool
        var permits: Int { self.hasPermit ? 1 : 0 }
    }

    private var jobs = [Job](repeating: .waiting, count: 3)
    private var claimers = [Claimer.idle, .idle]
    private var isSet = false
    private var counted = 0
    private var readTo = 0
    private var nextNumber = 1
    /// Committed and not counted yet.
    private var permits: Set<Int> = []
    /// Taken under the limit while the limit was reached already.
    private(set) var isExceeded = false

    var isSafe: Bool { !self.isExceeded }

    /// Everything has ended and every permit is back, or can still be found.
    func isLeaking(_ flaw: Flaw?) -> Bool {
        guard self.isSet, self.jobs.allSatisfy({ $0 == .ended || $0 == .waiting }),
            self.claimers.allSatisfy({ $0 == .idle })
        else { return false }
        let findable = self.permits.filter { flaw != .neverLooksBack || $0 > self.readTo }.count
        return self.counted - findable != 0
    }

    private var running: Int {
        self.jobs.filter { if case .waiting = $0 { false } else { $0 != .ended } }.count
    }

    func next(_ flaw: Flaw?) -> [PermitModel] {
        self.claimers.indices.flatMap { self.claim($0, flaw) }
            + self.jobs.indices.flatMap { self.end($0, flaw) } + self.set(flaw)
    }

    private func changed(_ change: (inout PermitModel) -> Void) -> [PermitModel] {
        var state = self
        change(&state)
        return [state]
    }

    private func holdsRow(_ claimer: Claimer) -> Bool {
        switch claimer {
        case .counted, .taken(_, isLimited: true, _): true
        case .idle, .begun, .taken: false
        }
    }

    private func claim(_ claimer: Int, _ flaw: Flaw?) -> [PermitModel] {
        switch self.claimers[claimer] {
        case .idle: return self.changed { $0.claimers[claimer] = .begun(isLimited: $0.isSet) }
        case .begun(isLimited: false): return self.take(claimer, isLimited: false)
        case .begun(isLimited: true):
            guard flaw == .countsWithoutLock || !self.claimers.contains(where: self.holdsRow) else { return [] }
            let owns =
                [nil]
                + self.jobs.indices.compactMap { job -> Own? in
                    guard case .running(let hasPermit) = self.jobs[job], !self.isBeingClaimed(job) else { return nil }
                    return Own(job: job, hasPermit: hasPermit)
                }
            return owns.flatMap { own in
                (flaw == .neverLooksBack ? [false] : [true, false]).flatMap { looksBack in
                    self.changed { state in
                        let read = state.permits.filter { looksBack || $0 > state.readTo }
                        state.permits.subtract(read)
                        state.counted -= read.count
                        state.readTo = max(state.readTo, read.max() ?? 0)
                        if let own { state.jobs[own.job] = .handedIn }
                        let room = Self.limit - state.counted + (own?.permits ?? 0)
                        state.claimers[claimer] = .counted(room: room, own: own)
                    }
                }
            }
        case .counted(let room, let own):
            let leave = self.changed { $0.end(claimer, own, isCommitted: true, flaw) }
            return room > 0 ? leave + self.take(claimer, isLimited: true, own) : leave
        case .taken(let job, let isLimited, let own):
            let committed = self.changed { state in
                state.end(claimer, own, isCommitted: true, flaw)
                // What counts is what runs at the moment of the commit.
                if isLimited {
                    state.counted += 1
                    state.isExceeded = state.running > Self.limit
                }
                state.jobs[job] = .running(hasPermit: isLimited)
            }
            let undone = self.changed { state in
                state.end(claimer, own, isCommitted: false, flaw)
                state.jobs[job] = .waiting
            }
            return committed + undone
        }
    }

    /// The claimer's transaction is over, and with it that it had ended a job.
    private mutating func end(_ claimer: Int, _ own: Own?, isCommitted: Bool, _ flaw: Flaw?) {
        self.claimers[claimer] = .idle
        guard let own else { return }
        self.jobs[own.job] = isCommitted ? .ended : .running(hasPermit: own.hasPermit)
        if isCommitted || flaw == .countsUndone { self.counted -= own.permits }
    }

    private func take(_ claimer: Int, isLimited: Bool, _ own: Own? = nil) -> [PermitModel] {
        guard let job = self.jobs.firstIndex(of: .waiting) else {
            return self.changed { $0.end(claimer, own, isCommitted: true, nil) }
        }
        return self.changed { state in
            // Locked: nobody else takes it. It runs from here on for whoever judges, committed or not.
            state.jobs[job] = .running(hasPermit: false)
            state.claimers[claimer] = .taken(job: job, isLimited: isLimited, own: own)
        }
    }

    private func isBeingClaimed(_ job: Int) -> Bool {
        self.claimers.contains { if case .taken(job, _, _) = $0 { true } else { false } }
    }

    private func end(_ job: Int, _ flaw: Flaw?) -> [PermitModel] {
        switch self.jobs[job] {
        case .running(let hasPermit) where !self.isBeingClaimed(job):
            return self.changed { state in
                state.jobs[job] = .ending(number: state.nextNumber, hasPermit: hasPermit)
                if flaw == .countsUncommitted, hasPermit { state.permits.insert(state.nextNumber) }
                state.nextNumber += 1
            }
        case .ending(let number, let hasPermit):
            return self.changed { state in
                state.jobs[job] = .ended
                if flaw != .countsUncommitted, hasPermit { state.permits.insert(number) }
            }
        case .waiting, .running, .handedIn, .ended: return []
        }
    }

    private func set(_ flaw: Flaw?) -> [PermitModel] {
        let isAlone = self.claimers.allSatisfy { $0 == .idle }
        // The end of a job that is being written holds the job's row, which is to be counted: waited for.
        let isEnding = self.jobs.contains { if case .ending = $0 { true } else { false } }
        guard !self.isSet, !isEnding, isAlone || flaw == .setsAtOnce else { return [] }
        return self.changed { state in
            state.isSet = true
            guard flaw != .forgetsRunning else { return }
            for job in state.jobs.indices {
                guard case .running = state.jobs[job], !state.isBeingClaimed(job) else { continue }
                state.jobs[job] = .running(hasPermit: true)
                state.counted += 1
            }
        }
    }
}
