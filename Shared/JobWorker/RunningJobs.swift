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

    private struct Entry {
        let deadline: ContinuousClock.Instant
        let stop: AsyncStream<StopReason>.Continuation
    }

    private let entries = NIOLockedValueBox<[JobID: Entry]>([:])

    /// Registers a job; the stream yields at most one reason to stop.
    func begin(_ id: JobID, timeout: Duration) -> AsyncStream<StopReason> {
        let (stream, continuation) = AsyncStream.makeStream(of: StopReason.self, bufferingPolicy: .bufferingOldest(1))
        self.entries.withLockedValue { $0[id] = Entry(deadline: .now.advanced(by: timeout), stop: continuation) }
        return stream
    }

    func end(_ id: JobID) {
        let entry = self.entries.withLockedValue { $0.removeValue(forKey: id) }
        entry?.stop.finish()
    }

    func stop(_ ids: some Sequence<JobID>, because reason: StopReason) {
        let entries = self.entries.withLockedValue { all in ids.compactMap { all[$0] } }
        for entry in entries { entry.stop.yield(reason) }
    }

    func stopAll(because reason: StopReason) {
        let entries = self.entries.withLockedValue { Array($0.values) }
        for entry in entries { entry.stop.yield(reason) }
    }

    func stopOverdue(now: ContinuousClock.Instant = .now) {
        let entries = self.entries.withLockedValue { all in all.values.filter { $0.deadline <= now } }
        for entry in entries { entry.stop.yield(.timedOut) }
    }
}
