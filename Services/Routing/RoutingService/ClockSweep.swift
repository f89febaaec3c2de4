import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import Logging
import PostgresClient
import ServiceLifecycle

/// Enqueues the jobs of clocks whose due time has come: the clock's row is the schedule, so no clock can be lost with a job.
/// Whatever still runs a minute later (its job became a dead letter, or an operator cancelled it) gets one again, and so do
/// cases not decided on. Unique keys and handlers that look at the state make a needless job harmless, and several processes
/// may sweep at once.
struct ClockSweep: Service {
    private static let batch = 500

    let pool: PostgresPool
    let jobs: JobStore
    /// How late a clock may be seen to.
    var interval: Duration = .milliseconds(500)
    /// How long a job may take to end its clock before the clock gets another.
    var again: Duration = .seconds(60)
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let clock = ContinuousClock()
            var casesLookedFor: ContinuousClock.Instant?
            while !Task.isCancelled {
                do {
                    try await self.sweepClocks()
                    if casesLookedFor.map({ clock.now - $0 > .seconds(5) }) ?? true {
                        try await self.sweepCases()
                        casesLookedFor = clock.now
                    }
                } catch {
                    self.logger.warning("Due clocks not looked for", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: self.interval)  // Cancelled: the loop's condition ends it.
            }
        }
    }

    /// Returns how many clocks got a job.
    @discardableResult
    func sweepClocks() async throws -> Int {
        var found = 0
        var page = 0
        repeat {
            let lost: Int
            (page, lost) = try await self.takeClocks()
            found += page
            if lost > 0 {
                self.logger.error("Clocks that were due had no job and got one", metadata: ["clock.count": "\(lost)"])
            }
        } while page == Self.batch
        return found
    }

    private func takeClocks() async throws -> (taken: Int, lost: Int) {
        try await self.pool.withTransaction("sweep_clocks") { transaction in
            let clocks = try await ClockStore().takeDue(limit: Self.batch, again: self.again, in: transaction)
            var lost = 0
            for clock in clocks {
                let request = try JobRequest(
                    ClockDue(clockID: clock.id), queue: Queues.routing, priority: 1,
                    uniqueKey: ClockDue.uniqueKey(clockID: clock.id))
                if !clock.wasTaken {
                    try self.jobs.post(request, in: transaction)
                } else if try await self.jobs.enqueue(request, in: transaction).isNew {
                    lost += 1
                }
            }
            return (clocks.count, lost)
        }
    }

    /// Returns how many cases nobody had decided on and had lost their job.
    @discardableResult
    func sweepCases() async throws -> Int {
        let lost = try await self.pool.withTransaction("sweep_cases") { transaction in
            var lost = 0
            for id in try await CaseStore().unrouted(olderThan: .seconds(300), limit: Self.batch, on: transaction) {
                let request = try JobRequest(
                    CaseOpened(caseID: id), queue: Queues.routing, priority: 1,
                    uniqueKey: "case:" + id.uuidString.lowercased())
                if try await self.jobs.enqueue(request, in: transaction).isNew { lost += 1 }
            }
            return lost
        }
        if lost > 0 {
            self.logger.error("Cases not decided on had no job and got one", metadata: ["case.count": "\(lost)"])
        }
        return lost
    }
}
