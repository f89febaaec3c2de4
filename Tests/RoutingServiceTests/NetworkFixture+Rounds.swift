import Contracts
import Foundation
import JobQueue
import JobWorker
import PostgresClient
import Safeguarding
import ServiceLifecycle
import TestSupport
import Testing

@testable import RoutingService

extension NetworkFixture {
    /// Has a worker take what waits in routing's queue and lets it gather; then `meanwhile`, then the rounds go. Until no job
    /// of routing's is left that could run now.
    func routeTogether(_ gathered: Int, meanwhile: () async throws -> Void = {}) async throws {
        let rounds = RoutingRounds(connections: 4, untouched: .untouched)
        rounds.open()
        try await self.database.withPool(user: "dandelion_routing", maximumConnections: 8) { pool in
            let bell = JobBell(pool: pool, logger: Self.logger)
            let configuration = self.database.configuration(user: "dandelion_routing")
            var worker = JobWorkerConfiguration(
                name: "routing", queues: [Queues.routing: 64], database: configuration)
            // What is to be done later is another test's step.
            worker.maintains = false
            let listener = PostgresListener(configuration, logger: Self.logger)
            let handlers = RoutingService.handlers(
                jobs: JobStore(bell: bell), keyring: self.keyring, onboarding: self.onboarding.trusted, rounds: rounds,
                logger: Self.logger)
            let first = ServiceGroup(
                services: [
                    bell, listener,
                    JobWorker(
                        worker, pool: pool, listener: listener, bell: bell, handlers: handlers, logger: Self.logger),
                ], logger: Self.logger)
            let rest = ServiceGroup(services: [rounds], logger: Self.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await first.run() }
                do {
                    try await eventually("the jobs have gathered", timeout: .seconds(60)) {
                        rounds.gathered == gathered
                    }
                    try await meanwhile()
                    tasks.addTask { try await rest.run() }
                    try await eventually("all is routed", timeout: .seconds(60)) {
                        try await self.count(
                            """
                            SELECT count(*) FROM queue.job
                            WHERE queue = 'routing' AND state IN ('available', 'running')
                            """, "t_round_idle") == 0
                    }
                } catch {
                    tasks.cancelAll()
                    throw error
                }
                await first.triggerGracefulShutdown()
                try await tasks.next()
                await rest.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    func count(_ sql: String, _ name: String) async throws -> Int64 {
        let rows = try await self.database.pool.execute(Statement(name: name, unchecked: sql))
        return try #require(rows.first).decode(Int64.self)
    }

    /// How many transactions wrote the events of a kind.
    func transactions(of kind: String) async throws -> Int64 {
        try await self.count(
            "SELECT count(DISTINCT transaction) FROM casework.event WHERE kind = '\(kind)'", "t_round_events")
    }
}
