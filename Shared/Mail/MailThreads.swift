import Foundation
import NIOConcurrencyHelpers

/// A few threads, each with a session of its own, that take work from one queue. Work that is still queued when they
/// are stopped is run without a session.
final class MailThreads: Sendable {
    typealias Work = @Sendable (CurlSession?) -> Void

    /// What the threads share. It outlives this object until the last thread has ended.
    private final class Queue: Sendable {
        // The condition's value says whether there is something to do: work, or the end.
        let condition = ConditionLock(value: false)
        nonisolated(unsafe) var work: [Work] = []  // only under `condition`
        nonisolated(unsafe) var isStopped = false  // only under `condition`

        /// The next piece of work, waiting for it; `nil` at the end.
        func next() -> Work? {
            self.condition.lock(whenValue: true)
            let next = self.isStopped ? nil : self.work.removeFirst()
            self.condition.unlock(withValue: self.isStopped || !self.work.isEmpty)
            return next
        }
    }

    private let queue = Queue()
    private let maximumWaiting: Int

    init(count: Int, maximumWaiting: Int, makeSession: @escaping @Sendable () -> CurlSession) {
        self.maximumWaiting = maximumWaiting
        for number in 1...count {
            let queue = self.queue
            let thread = Thread {
                let session = makeSession()
                while let work = queue.next() {
                    work(session)
                }
            }
            thread.name = "mail-\(number)"
            thread.start()
        }
    }

    /// Queues work; `false` when too much waits or the threads are stopped.
    func submit(_ work: @escaping Work) -> Bool {
        self.queue.condition.lock()
        let isTaken = !self.queue.isStopped && self.queue.work.count < self.maximumWaiting
        if isTaken {
            self.queue.work.append(work)
        }
        self.queue.condition.unlock(withValue: self.queue.isStopped || !self.queue.work.isEmpty)
        return isTaken
    }

    func stop() {
        self.queue.condition.lock()
        let abandoned = self.queue.work
        self.queue.work = []
        self.queue.isStopped = true
        self.queue.condition.unlock(withValue: true)
        for work in abandoned {
            work(nil)
        }
    }
}
