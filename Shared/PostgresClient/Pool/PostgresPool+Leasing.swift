import NIOConcurrencyHelpers

/// How a caller comes to a connection and gives it back.
extension PostgresPool {
    typealias Grant = PoolStateMachine<PostgresConnection>.Grant

    typealias Answer = Result<Grant, PostgresError>

    struct State: Sendable {
        var machine: PoolStateMachine<PostgresConnection>
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Taken by their caller when it wakes, or when it is about to wait.
        var answers: [Int: Answer] = [:]
        var nextWaiter = 0

        /// The continuation to resume, or nil when the caller has not begun to wait.
        mutating func deliver(_ answer: Answer, to waiter: Int) -> CheckedContinuation<Void, Never>? {
            self.answers[waiter] = answer
            return self.waiting.removeValue(forKey: waiter)
        }
    }

    func acquire() async throws(PostgresError) -> PostgresConnection {
        let (waiter, acquisition) = self.state.withLockedValue { state in
            state.nextWaiter += 1
            return (state.nextWaiter, state.machine.acquire(waiter: state.nextWaiter))
        }
        switch acquisition {
        case .lease(let connection, let idleSince):
            if await self.isFit(connection, idleSince: idleSince) { return connection }
            // Its place is ours: open the replacement here.
            await connection.close()
            return try await self.open()
        case .open: return try await self.open()
        case .refuse: throw PostgresError(.poolExhausted)
        case .shutDown: throw PostgresError(.shutdown)
        case .wait:
            switch try await self.wait(waiter).get() {
            case .lease(let connection): return connection.isOpen ? connection : try await self.open()
            case .open: return try await self.open()
            case .shutDown: throw PostgresError(.shutdown)
            }
        }
    }

    private func isFit(_ connection: PostgresConnection, idleSince: ContinuousClock.Instant) async -> Bool {
        guard connection.isOpen else { return false }
        guard idleSince.advanced(by: self.configuration.healthCheckAfter) < .now else { return true }
        return await connection.isAlive(within: min(.seconds(5), self.configuration.acquireTimeout))
    }

    private func open() async throws(PostgresError) -> PostgresConnection {
        do {
            return try await PostgresConnection.connect(self.configuration)
        } catch {
            self.settle(self.state.withLockedValue { $0.machine.abandonPlace() })
            throw error
        }
    }

    /// Waits for a grant; the three ways it can end (grant, timeout, cancellation) meet in the state machine.
    private func wait(_ waiter: Int) async -> Answer {
        await withTaskCancellationHandler {
            let timer = EpollReactor.shared.schedule(at: .now + self.configuration.acquireTimeout) {
                self.giveUp(waiter, PostgresError(.acquireTimeout))
            }
            await withCheckedContinuation { continuation in
                let isAnswered = self.state.withLockedValue { state in
                    if state.answers[waiter] != nil { return true }
                    state.waiting[waiter] = continuation
                    return false
                }
                if isAnswered { continuation.resume() }
            }
            EpollReactor.shared.cancel(timer)
            let answer = self.state.withLockedValue { $0.answers.removeValue(forKey: waiter) }
            return answer ?? .failure(PostgresError(.shutdown))
        } onCancel: {
            self.giveUp(waiter, PostgresError(.cancelled))
        }
    }

    private func giveUp(_ waiter: Int, _ error: PostgresError) {
        let continuation: CheckedContinuation<Void, Never>? = self.state.withLockedValue { state in
            guard state.machine.giveUp(waiter: waiter) else { return nil }
            return state.deliver(.failure(error), to: waiter)
        }
        continuation?.resume()
    }

    func release(_ connection: PostgresConnection) async {
        let isClean = await connection.isClean
        if !isClean { await connection.close() }
        self.settle(
            self.state.withLockedValue { state in
                isClean ? state.machine.release(connection, now: .now) : state.machine.abandonPlace()
            })
    }

    private func settle(_ release: PoolStateMachine<PostgresConnection>.Release) {
        switch release {
        case .none: return
        case .close(let connection):
            EpollReactor.shared.submit { connection.assumeIsolated { $0.close() } }
        case .grant(let waiter, let grant):
            let continuation = self.state.withLockedValue { $0.deliver(.success(grant), to: waiter) }
            continuation?.resume()
        }
    }
}
