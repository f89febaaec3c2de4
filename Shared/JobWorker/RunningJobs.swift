import JobTypes
import NIOConcurrencyHelpers

/// The jobs this process is at work on, and the way to stop each: by its own id, by its deadline, or all.
final class RunningJobs: Sendable {
    enum StopReason: Sendable, Equatable {
        /// An operator or a producer asked for it.
        case cancelRequested
        /// The attempt took longer than its handler's timeout.
        case timedOut
        /// The worker was given up, or could not beat for so long that it must think so.
        case leaseLost
        /// The process shuts down and the drain time is over.
        case shutdown
    }

    private struct Entry: @unchecked Sendable {
        // Sendable because of the task nothing but `cancel` is called from elsewhere, which is allowed from any thread while
        // the task lives: an entry is here only while its own task is inside `during`, and is used under the lock only.
        let task: UnsafeCurrentTask?
        let deadline: ContinuousClock.Instant
        var reason: StopReason?
    }

    private let entries = NIOLockedValueBox<[JobID: Entry]>([:])

    /// Runs `body`, whose task is cancelled when the job is to stop.
    /// - Returns: what `body` returned, and why the job was stopped before that, if it was.
    func during<Value>(
        _ id: JobID, timeout: Duration, _ body: () async -> Value
    ) async -> (value: Value, stopped: StopReason?) {
        withUnsafeCurrentTask { task in
            let entry = Entry(task: task, deadline: .now.advanced(by: timeout))
            self.entries.withLockedValue { $0[id] = entry }
        }
        let value = await body()
        let ended = self.entries.withLockedValue { $0.removeValue(forKey: id) }
        return (value, ended?.reason)
    }

    func stop(_ ids: some Sequence<JobID>, because reason: StopReason) {
        self.entries.withLockedValue { entries in
            for id in ids { Self.stop(id, because: reason, in: &entries) }
        }
    }

    func stopAll(because reason: StopReason) {
        self.entries.withLockedValue { entries in
            for id in entries.keys { Self.stop(id, because: reason, in: &entries) }
        }
    }

    func stopOverdue(now: ContinuousClock.Instant = .now) {
        self.entries.withLockedValue { entries in
            for (id, entry) in entries where entry.deadline <= now {
                Self.stop(id, because: .timedOut, in: &entries)
            }
        }
    }

    /// The first reason counts.
    private static func stop(_ id: JobID, because reason: StopReason, in entries: inout [JobID: Entry]) {
        guard let entry = entries[id], entry.reason == nil else { return }
        entries[id]?.reason = reason
        entry.task?.cancel()
    }
}
