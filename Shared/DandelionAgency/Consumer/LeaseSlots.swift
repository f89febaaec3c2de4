import NIOConcurrencyHelpers

/// How many hand-overs may be in hand at once. One task takes slots, many give them back.
final class LeaseSlots: Sendable {
    private struct State {
        var free: Int
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state: NIOLockedValueBox<State>

    init(_ count: Int) {
        self.state = NIOLockedValueBox(State(free: count))
    }

    /// Takes up to `limit` slots, waiting for at least one. Zero when the task was cancelled.
    func take(upTo limit: Int) async -> Int {
        while !Task.isCancelled {
            let taken = self.state.withLockedValue { state in
                let taken = min(limit, state.free)
                state.free -= taken
                return taken
            }
            if taken > 0 { return taken }
            await self.wait()
        }
        return 0
    }

    /// Gives slots back.
    func give(back count: Int) {
        self.state.withLockedValue { $0.free += count }
        self.wake()
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNeeded = self.state.withLockedValue { state in
                    guard state.free == 0, !Task.isCancelled else { return false }
                    state.waiter = continuation
                    return true
                }
                if !isNeeded { continuation.resume() }
            }
        } onCancel: {
            self.wake()
        }
    }

    private func wake() {
        let waiter = self.state.withLockedValue { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
