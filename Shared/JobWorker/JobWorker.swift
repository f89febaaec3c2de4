public import JobQueue
import JobTypes
public import Logging
public import PostgresClient
public import ServiceLifecycle

/// A worker process's share of the queue: claims jobs, runs their handlers, settles them, beats, and stands for election
/// to do the maintenance.
///
/// On graceful shutdown it claims no more, gives running jobs `drainTime` to finish, then cancels them and hands them
/// back. Killed, its leases go back within `aliveFor` and the rescuer's next round.
public final class JobWorker: Service {
    private let configuration: JobWorkerConfiguration
    private let pool: PostgresPool
    private let control: PostgresPool
    private let bell: JobBell
    private let running = RunningJobs()
    private let heartbeat: Heartbeat
    private let producer: Producer
    private let notifier: Notifier
    private let cancellations: AsyncStream<PostgresListenerEvent>
    private let periodic: [PeriodicJob]
    private let logger: Logger

    /// - Parameters:
    ///   - pool: the handlers' connections.
    ///   - listener: must run beside the worker for wake-ups; without it the poll alone finds jobs.
    ///   - bell: rung for jobs that the maintenance makes available.
    ///   - periodic: made known to the database at the start; whoever leads fires them.
    ///   - middleware: around every handler, the first outermost.
    ///   - observers: hear what becomes of jobs.
    /// - Precondition: no two handlers have the same kind.
    public init(
        _ configuration: JobWorkerConfiguration, pool: PostgresPool, listener: PostgresListener, bell: JobBell,
        handlers: [any JobHandler], periodic: [PeriodicJob] = [], middleware: [any JobMiddleware] = [JobTracing()],
        observers: [any JobObserver] = [JobMetrics()], logger: Logger
    ) {
        var control = configuration.database
        control.maximumConnections = configuration.controlConnections
        control.applicationName += "-worker"
        self.configuration = configuration
        self.pool = pool
        self.bell = bell
        self.logger = logger
        self.control = PostgresPool(control, logger: logger)
        self.heartbeat = Heartbeat(
            configuration: configuration, pool: self.control, running: self.running, logger: logger)
        let executor = JobExecutor(
            handlers: Dictionary(uniqueKeysWithValues: handlers.map { ($0.kind, $0) }), pool: pool,
            control: self.control, store: JobStore(bell: bell), running: self.running,
            surroundings: Surroundings(middleware: middleware, observers: observers), logger: logger)
        self.periodic = periodic
        self.producer = Producer(
            configuration: configuration, pool: self.control, bell: bell, heartbeat: self.heartbeat,
            executor: executor, logger: logger)
        self.cancellations = listener.subscribe(JobBell.cancelChannel)
        self.notifier = Notifier(
            rings: BellRings(listener: listener, pool: self.control, logger: logger),
            queues: QueueTag.table(configuration.queues.keys), producer: self.producer, heartbeat: self.heartbeat)
    }

    /// Works until graceful shutdown, then drains. Cancelled, it cancels running jobs and hands them back at once.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { upkeep in
            upkeep.addTask {
                await self.heartbeat.run(report: { self.producer.report() }) { self.producer.lookedAt($0, $1) }
            }
            upkeep.addTask { await self.notifier.run() }
            upkeep.addTask {
                for await _ in self.cancellations { self.heartbeat.beatSoon() }
            }
            if self.configuration.maintains {
                let maintenance = Maintenance(
                    pool: self.control, bell: self.bell, retention: self.configuration.historyRetention,
                    logger: self.logger)
                let ticker = PeriodicTicker(pool: self.control, bell: self.bell, logger: self.logger)
                upkeep.addTask { await ticker.register(self.periodic) }
                upkeep.addTask { await maintenance.run { self.heartbeat.leads } }
            }
            await self.produce()
            upkeep.cancelAll()
        }
        await self.heartbeat.deregister()
        await self.control.close()
        self.logger.info("Worker stopped")
    }

    /// Claims and runs jobs until the drain is over.
    private func produce() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.watchForShutdown() }
            await self.producer.run()
            group.cancelAll()
        }
    }

    private func watchForShutdown() async {
        do {
            try await gracefulShutdown()
            self.logger.info("Worker drains", metadata: ["job.running": "\(self.producer.running)"])
            self.heartbeat.beginDraining()
            self.producer.drain()
            try await Task.sleep(for: self.configuration.drainTime)
            self.running.stopAll(because: .shutdown)
        } catch {
            // Either the jobs have all ended, or the process is being cancelled: then they end now.
            self.producer.drain()
            self.running.stopAll(because: .shutdown)
        }
    }
}
