import NIOConcurrencyHelpers

/// Places that are taken in the order in which they were asked for.
final class Places: Sendable {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        var waiting: [Waiter] = []
        var lastID = 0
    }

    /// Whoever has a place here has one there, too.
    private let outer: Places?
    private let state: NIOLockedValueBox<State>

    init(_ count: Int, within outer: Places? = nil) {
        self.outer = outer
        self.state = NIOLockedValueBox(State(free: max(1, count)))
    }

    /// Takes a place, waiting for it.
    /// - Parameter patience: for how long, in each line; without it as long as it takes.
    /// - Returns: whether there was one in that time.
    @discardableResult
    func take(within patience: Duration? = nil) async -> Bool {
        guard await self.takeHere(within: patience) else { return false }
        guard let outer = self.outer else { return true }
        let isTaken = await outer.take(within: patience)
        if !isTaken { self.giveBackHere() }
        return isTaken
    }

    func giveBack() {
        self.outer?.giveBack()
        self.giveBackHere()
    }

    private func takeHere(within patience: Duration?) async -> Bool {
        await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            let id: Int? = self.state.withLockedValue { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return nil
                }
                state.lastID += 1
                state.waiting.append(Waiter(id: state.lastID, continuation: continuation))
                return state.lastID
            }
            guard let id else { return continuation.resume(returning: true) }
            guard let patience else { return }
            // Not called off: it finds nobody where the place came first.
            _ = EpollReactor.shared.schedule(at: .now + patience) { self.giveUp(id) }
        }
    }

    private func giveUp(_ id: Int) {
        let waiter: Waiter? = self.state.withLockedValue { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }

    private func giveBackHere() {
        let next: Waiter? = self.state.withLockedValue { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.continuation.resume(returning: true)
    }
}
