import NIOConcurrencyHelpers

/// What the code under test sends and the test waits for, instead of sleeping. Values queue up: each `wait` takes one,
/// in the order of sending, and may come before or after the `send`.
public final class TestSignal<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var waiters: [(id: Int, continuation: CheckedContinuation<Value?, Never>)] = []
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    private let state = NIOLockedValueBox(State())
    private let name: String

    /// - Parameter name: shown when a wait fails.
    public init(_ name: String = "a signal") {
        self.name = name
    }

    public func send(_ value: Value) {
        let waiter = self.state.withLockedValue { state -> CheckedContinuation<Value?, Never>? in
            guard !state.waiters.isEmpty else {
                state.values.append(value)
                return nil
            }
            return state.waiters.removeFirst().continuation
        }
        waiter?.resume(returning: value)
    }

    /// How many values were sent and not yet taken.
    public var pending: Int { self.state.withLockedValue { $0.values.count } }

    /// Takes the next value, or throws `TestTimeout`.
    @discardableResult
    public func wait(timeout: Duration = .seconds(60)) async throws -> Value {
        let id = self.state.withLockedValue { state in
            state.nextID += 1
            return state.nextID
        }
        let value = await withTaskGroup(of: Value?.self) { group in
            group.addTask { await self.take(id) }
            group.addTask {
                // Ends early, and harmlessly so, when the value came first and the group is cancelled.
                try? await Task.sleep(for: timeout)
                self.cancel(id)
                return nil
            }
            var value = await group.next() ?? nil
            group.cancelAll()
            // The one who was not first: the value may have come at the very moment of the timeout.
            if let late = await group.next() ?? nil { value = late }
            return value
        }
        guard let value else { throw TestTimeout(awaited: self.name, timeout: timeout) }
        return value
    }

    private func take(_ id: Int) async -> Value? {
        await withCheckedContinuation { continuation in
            let value = self.state.withLockedValue { state -> Value?? in
                if !state.values.isEmpty { return .some(state.values.removeFirst()) }
                if state.cancelled.contains(id) { return .some(nil) }
                state.waiters.append((id, continuation))
                return .none
            }
            if let value { continuation.resume(returning: value) }
        }
    }

    private func cancel(_ id: Int) {
        let waiter = self.state.withLockedValue { state -> CheckedContinuation<Value?, Never>? in
            state.cancelled.insert(id)
            guard let position = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: position).continuation
        }
        waiter?.resume(returning: nil)
    }
}

extension TestSignal where Value == Void {
    public func send() { self.send(()) }
}
