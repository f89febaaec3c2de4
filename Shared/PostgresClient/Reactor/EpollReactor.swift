import CEpoll
import Glibc
import NIOConcurrencyHelpers

/// One thread that waits on sockets and runs what belongs to them: the executor of every connection of the process.
///
/// A connection's libpq calls, the readiness of its socket and its actor's jobs all happen here, so nothing of a
/// connection is ever touched by two threads.
final class EpollReactor: SerialExecutor {
    /// The process-wide reactor. Executors are unowned references, so it lives for ever.
    static let shared = EpollReactor()

    struct Readiness: Sendable {
        let isReadable: Bool
        let isWritable: Bool
    }

    private enum Work: Sendable {
        case job(UnownedJob)
        /// Of a task that prefers this thread.
        case task(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private static let generations = 16

    private struct Inbox {
        var work: [Work] = []
        var isSleeping = false
    }

    private let epoll: Int32
    private let wake: Int32
    private let inbox = NIOLockedValueBox(Inbox())
    private let thread = NIOLockedValueBox<pthread_t?>(nil)
    private let timers = NIOLockedValueBox(ReactorTimers())
    private let handlers = NIOLockedValueBox<[Int32: @Sendable (Readiness) -> Void]>([:])

    private init() {
        self.epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        self.wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(self.epoll >= 0 && self.wake >= 0, "epoll and eventfd must be available")
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: self.wake))
        epoll_ctl(self.epoll, EPOLL_CTL_ADD, self.wake, &event)
        BlockingThread.start { [unowned self] in self.run() }
    }

    // MARK: - Executor

    /// The same thread for tasks that prefer it. Not this object itself: a serial executor that is a task's preference too
    /// would make every other task hop at each step.
    let tasks = ReactorTasks()

    func enqueue(preferred job: UnownedJob) {
        self.add(.task(job))
    }

    func enqueue(_ job: consuming ExecutorJob) {
        self.add(.job(UnownedJob(job)))
    }

    /// Runs the closure on the reactor's thread, soon.
    func submit(_ closure: @escaping @Sendable () -> Void) {
        self.add(.closure(closure))
    }

    func checkIsolated() {
        precondition(self.isOnThread, "not on the reactor's thread")
    }

    func isIsolatingCurrentContext() -> Bool? {
        self.isOnThread
    }

    private var isOnThread: Bool {
        guard let thread = self.thread.withLockedValue({ $0 }) else { return false }
        return pthread_equal(thread, pthread_self()) != 0
    }

    private func add(_ work: Work) {
        let mustWake = self.inbox.withLockedValue { inbox in
            inbox.work.append(work)
            defer { inbox.isSleeping = false }
            return inbox.isSleeping
        }
        if mustWake { self.wakeUp() }
    }

    private func wakeUp() {
        var one: UInt64 = 1
        _ = write(self.wake, &one, 8)
    }

    // MARK: - Timers

    /// Runs the closure on this thread at the instant or soon after, unless it is cancelled before. Costs no system call but where this
    /// thread sleeps longer than that.
    func schedule(at deadline: ContinuousClock.Instant, _ closure: @escaping @Sendable () -> Void) -> ReactorTimers.ID {
        let (id, isFirst) = self.timers.withLockedValue { $0.add(deadline, closure) }
        if isFirst { self.submit {} }  // It may sleep beyond that.
        return id
    }

    func cancel(_ timer: ReactorTimers.ID) {
        self.timers.withLockedValue { $0.remove(timer) }
    }

    /// Runs what is due. Returns for how many milliseconds there is nothing to do, -1 for ever.
    private func runTimers() -> Int32 {
        let (due, wait) = self.timers.withLockedValue { $0.takeDue(at: .now) }
        for closure in due { closure() }
        return due.isEmpty ? wait : 0
    }

    // MARK: - Sockets

    /// Calls the handler on this thread whenever the socket is readable, and writable while that is of interest, until
    /// `unwatch`. False when the kernel cannot watch it.
    func watch(_ socket: Int32, _ handler: @escaping @Sendable (Readiness) -> Void) -> Bool {
        self.handlers.withLockedValue { $0[socket] = handler }
        return self.control(EPOLL_CTL_ADD, socket, writable: false)
    }

    func setWriteInterest(_ socket: Int32, _ writable: Bool) {
        self.control(EPOLL_CTL_MOD, socket, writable: writable)
    }

    /// Must be called before the socket is closed.
    func unwatch(_ socket: Int32) {
        self.handlers.withLockedValue { _ = $0.removeValue(forKey: socket) }
        self.control(EPOLL_CTL_DEL, socket, writable: false)
    }

    @discardableResult
    private func control(_ operation: Int32, _ socket: Int32, writable: Bool) -> Bool {
        let events = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | (writable ? EPOLLOUT.rawValue : 0)
        var event = epoll_event(events: events, data: epoll_data_t(fd: socket))
        return epoll_ctl(self.epoll, operation, socket, &event) == 0
    }

    // MARK: - The loop

    private func run() {
        self.thread.withLockedValue { $0 = pthread_self() }
        let executor = self.asUnownedSerialExecutor()
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        let tasks = self.tasks.asUnownedTaskExecutor()
        while true {
            self.round(&events, executor, tasks)
        }
    }

    /// One turn of the loop. A function of its own that returns: in a loop without an end the optimiser (Swift 6.3) never
    /// releases what a turn has retained, and each turn would leak its copy of the events.
    @inline(never)
    private func round(
        _ events: inout [epoll_event], _ executor: UnownedSerialExecutor, _ tasks: UnownedTaskExecutor
    ) {
        // One piece of work leads to the next (a statement's answer to the task, the task to the next statement): a few
        // generations of it before the sockets are asked again.
        for _ in 0..<Self.generations {
            let work = self.inbox.withLockedValue { inbox in
                defer { inbox.work.removeAll(keepingCapacity: true) }
                return inbox.work
            }
            guard !work.isEmpty else { break }
            for item in work {
                switch item {
                case .job(let job): job.runSynchronously(on: executor)
                case .task(let job): job.runSynchronously(on: tasks)
                case .closure(let closure): closure()
                }
            }
        }
        let wait = self.runTimers()
        let maySleep = self.inbox.withLockedValue { inbox in
            inbox.isSleeping = inbox.work.isEmpty
            return inbox.isSleeping
        }
        let count = epoll_wait(self.epoll, &events, Int32(events.count), maySleep ? wait : 0)
        if maySleep {
            self.inbox.withLockedValue { $0.isSleeping = false }
        }
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            self.dispatch(events[index])
        }
    }

    private func dispatch(_ event: epoll_event) {
        let socket = event.data.fd
        if socket == self.wake {
            var value: UInt64 = 0
            _ = read(self.wake, &value, 8)
            return
        }
        let problem = EPOLLERR.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue
        let readiness = Readiness(
            isReadable: event.events & (EPOLLIN.rawValue | problem) != 0,
            isWritable: event.events & (EPOLLOUT.rawValue | problem) != 0)
        // Looked up at each event: an earlier one of the same round may have closed this socket.
        self.handlers.withLockedValue { $0[socket] }?(readiness)
    }
}
