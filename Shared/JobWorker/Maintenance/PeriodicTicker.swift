import JobQueue
import JobTypes
import Logging
import Metrics
import PostgresClient

/// Fires the schedules in the database. Only the elected worker calls `tick`; two at once would do no harm, since the
/// database fires each time once.
struct PeriodicTicker: Sendable {
    let pool: PostgresPool
    let bell: JobBell
    let logger: Logger
    private let store = PeriodicStore()

    init(pool: PostgresPool, bell: JobBell, logger: Logger) {
        self.pool = pool
        self.bell = bell
        self.logger = logger
    }

    /// Makes this program's schedules known; tries until it succeeds or is cancelled.
    func register(_ jobs: [PeriodicJob]) async {
        var waiting = jobs[...]
        while let job = waiting.first, !Task.isCancelled {
            do {
                if try await self.store.put(job, on: self.pool) {
                    self.logger.info(
                        "Schedule set",
                        metadata: ["periodic.name": "\(job.name)", "periodic.schedule": "\(job.schedule)"])
                }
                waiting.removeFirst()
            } catch let error as PostgresError where !error.isRetryable && error.code == .server {
                // The database refuses it for what it is; the others have their turn.
                self.logger.error(
                    "Schedule refused", metadata: ["periodic.name": "\(job.name)", "error": "\(error)"])
                waiting.removeFirst()
            } catch {
                self.logger.debug("Schedule not set yet", metadata: ["error": "\(error)"])
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }

    /// Fires what is due.
    func tick() async {
        let due: [PeriodicStore.Due]
        do {
            due = try await self.store.due(on: self.pool)
        } catch {
            self.logger.info("Schedules not looked at yet", metadata: ["error": "\(error)"])
            return
        }
        for one in due { await self.fire(one) }
    }

    private func fire(_ due: PeriodicStore.Due) async {
        do {
            for (queue, count) in try await self.store.fire(due, on: self.pool) {
                self.bell.ring(queue)
                Counter(label: "job.periodic.fired", dimensions: [("name", due.name)]).increment(by: count)
            }
        } catch let error as ScheduleError {
            self.logger.error(
                "Schedule cannot be read; a worker that knows it must lead",
                metadata: ["periodic.name": "\(due.name)", "error": "\(error)"])
        } catch {
            self.logger.info(
                "Schedule not fired yet", metadata: ["periodic.name": "\(due.name)", "error": "\(error)"])
        }
    }
}
