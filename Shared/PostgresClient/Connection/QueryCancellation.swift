import CLibPQ
import NIOConcurrencyHelpers

/// What `PQcancel` needs: made once per connection, used from any thread.
final class CancelHandle: @unchecked Sendable {
    // Sendable because libpq documents PQcancel as safe on a PGcancel from any thread, and nothing ever changes it;
    // freed once, with this object.
    private let handle: OpaquePointer?

    init(_ connection: OpaquePointer?) {
        self.handle = connection.flatMap { PQgetCancel($0) }
    }

    deinit {
        PQfreeCancel(self.handle)
    }

    /// Blocks for a connection's round trip.
    func cancel() {
        guard let handle else { return }
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
            _ = PQcancel(handle, text.baseAddress, 256)
        }
    }
}

/// Carries a task's cancellation to the statement it waits for, and to no other.
final class QueryCancellation: Sendable {
    private enum State {
        /// The statement is not sent. Can transition to: `running`, `requested`, `done`.
        case waiting
        /// Sent. Can transition to: `cancelling`, `done`.
        case running(CancelHandle, whenSent: @Sendable () -> Void)
        /// Cancelled before it was sent. Terminal.
        case requested
        /// The server is being told. Can transition to: `done`.
        case cancelling
        /// Terminal.
        case done
    }

    private let state = NIOLockedValueBox(State.waiting)

    /// The statement is about to be sent; false when its task is cancelled already. `whenSent` is called once, when a
    /// cancel request for it has been made and answered.
    func begin(_ handle: CancelHandle, whenSent: @escaping @Sendable () -> Void) -> Bool {
        self.state.withLockedValue { state in
            guard case .waiting = state else { return false }
            state = .running(handle, whenSent: whenSent)
            return true
        }
    }

    /// The task was cancelled. True when the statement is still to be sent, and may be dropped.
    func request() -> Bool {
        enum Action {
            case none
            case drop
            case tellServer(CancelHandle, whenSent: @Sendable () -> Void)
        }
        let action: Action = self.state.withLockedValue { state in
            switch state {
            case .waiting:
                state = .requested
                return .drop
            case .running(let handle, let whenSent):
                state = .cancelling
                return .tellServer(handle, whenSent: whenSent)
            case .requested, .cancelling, .done:
                return .none
            }
        }
        switch action {
        case .none: return false
        case .drop: return true
        case .tellServer(let handle, let whenSent):
            BlockingThread.start {
                handle.cancel()
                whenSent()
            }
            return false
        }
    }

    var isRequested: Bool {
        self.state.withLockedValue { state in
            switch state {
            case .requested, .cancelling: true
            case .waiting, .running, .done: false
            }
        }
    }

    /// The statement's results are in. True when a cancel request is under way or made: it could still hit the next
    /// statement of the connection, which must wait for it.
    func end() -> Bool {
        self.state.withLockedValue { state in
            defer { state = .done }
            if case .cancelling = state { return true }
            return false
        }
    }
}
