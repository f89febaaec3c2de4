/// A lane and everybody at it, small enough to look at every order of events: two producers, a claimer whose claim may be
/// undone and whose job may come back, and whoever moves the low water up. What `queue.advance_lanes` relies on, in plain
/// steps; the flaws are what it would be tempting to do instead.
struct LaneModel: Hashable {
    enum Flaw: CaseIterable {
        /// The producer takes its position before it has a transaction number.
        case positionBeforeNumber
        /// The mark is the upper end of a snapshot, which lies below transactions that run.
        case markIsSnapshotEnd
        /// The advancer has its number before it reads how far positions have been handed out.
        case numberBeforeTop
        /// A job that comes back stands where it stood.
        case samePlaceAgain
        /// The low water rises to the mark without a look for jobs that still wait.
        case noLook
        /// A job that is being claimed counts as gone before the claim has committed.
        case claimTrusted
    }

    enum Producer: Hashable {
        case idle
        case numbered(Int)
        case placed(position: Int, number: Int?)
        case done
    }

    enum Job: Hashable {
        case unseen, available, beingClaimed, claimed, gone
    }

    struct Mark: Hashable {
        let top: Int
        let number: Int
    }

    enum Advancer: Hashable {
        case idle
        case readTop(Int)
        case numbered(top: Int?, number: Int)
        /// The old mark was found to be passed.
        case passed(top: Int, number: Int)
        case written(number: Int)
    }

    private(set) var low = 0
    private var nextNumber = 1
    private var nextPosition = 1
    private var lastEnded = 0
    private var running: Set<Int> = []
    private var producers = [Producer.idle, .idle]
    /// By position, from 1.
    private var jobs = [Job](repeating: .unseen, count: 5)
    private var advancer = Advancer.idle
    private var mark: Mark?
    private var rounds = 0
    private var comebacks = 0
    private var isForgotten = false

    /// A job that waits at or below the low water is one that nobody looks for any more.
    var isSafe: Bool {
        !self.jobs.indices.contains { $0 + 1 <= self.low && self.jobs[$0] == .available }
    }

    /// The lower end of a snapshot taken now.
    private var lowestRunning: Int { min(self.running.min() ?? .max, self.lastEnded + 1) }

    private mutating func begin() -> Int {
        defer { self.nextNumber += 1 }
        self.running.insert(self.nextNumber)
        return self.nextNumber
    }

    private mutating func end(_ number: Int) {
        self.running.remove(number)
        self.lastEnded = max(self.lastEnded, number)
    }

    /// Every state that one step leads to.
    func next(_ flaw: Flaw?) -> [LaneModel] {
        self.producers.indices.flatMap { self.produce($0, flaw) } + self.advance(flaw) + self.claim(flaw)
            + self.forget()
    }

    /// The lane's row is taken away: it begins anew, at nothing. At any moment but under the advancer, which holds the row.
    private func forget() -> [LaneModel] {
        guard self.mark != nil, self.advancer == .idle, !self.isForgotten else { return [] }
        return [
            self.changed { state in
                state.mark = nil
                state.low = 0
                state.isForgotten = true
            }
        ]
    }

    private func changed(_ change: (inout LaneModel) -> Void) -> LaneModel {
        var state = self
        change(&state)
        return state
    }

    private func produce(_ index: Int, _ flaw: Flaw?) -> [LaneModel] {
        switch self.producers[index] {
        case .idle where flaw == .positionBeforeNumber:
            return [
                self.changed { state in
                    state.producers[index] = .placed(position: state.nextPosition, number: nil)
                    state.nextPosition += 1
                }
            ]
        case .idle:
            return [self.changed { $0.producers[index] = .numbered($0.begin()) }]
        case .numbered(let number):
            return [
                self.changed { state in
                    state.producers[index] = .placed(position: state.nextPosition, number: number)
                    state.nextPosition += 1
                }
            ]
        case .placed(let position, .none):
            return [self.changed { $0.producers[index] = .placed(position: position, number: $0.begin()) }]
        case .placed(let position, .some(let number)):
            let ended = self.changed { state in
                state.end(number)
                state.producers[index] = .done
            }
            return [ended, ended.changed { $0.jobs[position - 1] = .available }]
        case .done:
            return []
        }
    }

    private func advance(_ flaw: Flaw?) -> [LaneModel] {
        switch self.advancer {
        case .idle where self.rounds == 2:
            return []
        case .idle where flaw == .numberBeforeTop:
            return [self.changed { $0.advancer = .numbered(top: nil, number: $0.begin()) }]
        case .idle:
            return [self.changed { $0.advancer = .readTop($0.nextPosition - 1) }]
        case .readTop(let top):
            return [self.changed { $0.advancer = .numbered(top: top, number: $0.begin()) }]
        case .numbered(.none, let number):
            return [self.changed { $0.advancer = .numbered(top: $0.nextPosition - 1, number: number) }]
        case .numbered(.some(let top), let number):
            let mark = Mark(top: top, number: flaw == .markIsSnapshotEnd ? self.lastEnded + 1 : number)
            return [
                self.changed { state in
                    switch state.mark {
                    case .none:
                        state.mark = mark
                        state.advancer = .written(number: number)
                    case .some(let old) where old.number <= state.lowestRunning:
                        state.advancer = .passed(top: top, number: number)
                    case .some:
                        state.advancer = .written(number: number)
                    }
                }
            ]
        case .passed(let top, let number):
            return [
                self.changed { state in
                    guard let old = state.mark else { return }
                    let waiting = state.jobs.indices.first { index in
                        guard index + 1 > state.low, index + 1 <= old.top, flaw != .noLook else { return false }
                        return state.jobs[index] == .available
                            || state.jobs[index] == .beingClaimed && flaw != .claimTrusted
                    }
                    state.low = max(state.low, waiting ?? old.top)
                    state.mark = Mark(top: top, number: flaw == .markIsSnapshotEnd ? state.lastEnded + 1 : number)
                    state.advancer = .written(number: number)
                }
            ]
        case .written(let number):
            return [
                self.changed { state in
                    state.end(number)
                    state.advancer = .idle
                    state.rounds += 1
                }
            ]
        }
    }

    private func claim(_ flaw: Flaw?) -> [LaneModel] {
        self.jobs.indices.flatMap { index -> [LaneModel] in
            switch self.jobs[index] {
            case .available where index + 1 > self.low:
                return [self.changed { $0.jobs[index] = .beingClaimed }]
            case .beingClaimed:
                return [self.changed { $0.jobs[index] = .claimed }, self.changed { $0.jobs[index] = .available }]
            case .claimed:
                let done = self.changed { $0.jobs[index] = .gone }
                guard self.comebacks == 0 else { return [done] }
                return [done, self.comeBack(index, flaw)]
            case .available, .unseen, .gone:
                return []
            }
        }
    }

    /// A job whose lease was lost waits again.
    private func comeBack(_ index: Int, _ flaw: Flaw?) -> LaneModel {
        self.changed { state in
            state.comebacks += 1
            state.jobs[index] = .gone
            if flaw == .samePlaceAgain {
                state.jobs[index] = .available
            } else {
                // Number, position and commit at one stroke: the producers show what may come between.
                let number = state.begin()
                state.jobs[state.nextPosition - 1] = .available
                state.nextPosition += 1
                state.end(number)
            }
        }
    }
}
