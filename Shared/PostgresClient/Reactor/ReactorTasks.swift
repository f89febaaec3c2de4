import NIOConcurrencyHelpers

/// The reactor's thread as a preference of tasks.
final class ReactorTasks: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        EpollReactor.shared.enqueue(preferred: UnownedJob(job))
    }
}

/// Where tasks may run that do little besides waiting for the database.
public enum PostgresThread {
    /// The thread that all connections of the process live on, to be given to `withTaskExecutorPreference`.
    ///
    /// A task that prefers it is resumed where the server's answer arrives: without the preference, each statement costs
    /// two switches between threads, which on a busy machine is as much as the statement itself. What such a task computes
    /// holds up every connection of the process, so nothing in it may block, or compute for more than a millisecond or so.
    /// A process that should use more than one processor runs several times.
    public static var taskExecutor: any TaskExecutor { EpollReactor.shared.tasks }

    /// Suspends the task for so long, without a thread and a timer of the system's for each. It may be a millisecond longer.
    /// - Throws: `CancellationError`, at once, when the task is cancelled.
    public static func sleep(for duration: Duration) async throws(CancellationError) {
        let nap = Nap()
        let timer = EpollReactor.shared.schedule(at: .now + duration) { nap.end() }
        await withTaskCancellationHandler {
            await nap.wait()
        } onCancel: {
            nap.end()
        }
        EpollReactor.shared.cancel(timer)
        if Task.isCancelled { throw CancellationError() }
    }
}

/// Ends once, for whoever waits for it.
private final class Nap: Sendable {
    private enum State {
        case awake
        case asleep(CheckedContinuation<Void, Never>)
        case over
    }

    private let state = NIOLockedValueBox(State.awake)

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = self.state.withLockedValue { state in
                if case .over = state { return true }
                state = .asleep(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    func end() {
        let sleeper: CheckedContinuation<Void, Never>? = self.state.withLockedValue { state in
            defer { state = .over }
            if case .asleep(let continuation) = state { return continuation }
            return nil
        }
        sleeper?.resume()
    }
}
