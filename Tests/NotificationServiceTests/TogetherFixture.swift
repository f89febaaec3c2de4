import Contracts
import Foundation
import JobQueue
import JobWorker
import Messaging
import NIOConcurrencyHelpers
import PostgresClient
import ServiceLifecycle
import TestSupport
import Testing

@testable import NotificationService

extension Notification {
    /// Has a worker take every message that waits, and lets them gather; then `meanwhile`, then the rounds go. Until no job
    /// is left that could run now.
    ///
    /// - Parameters:
    ///   - gathered: how many messages gather; the others (those in danger to life) go alone. With nil none is waited for.
    ///   - joining: how many then gather for their provider, before any of them goes. With nil none is waited for.
    ///   - soon: within what answers come soon.
    ///   - connections: for all that is not in danger to life.
    ///   - linePatience: for how long a message waits for a connection.
    ///   - detour: of a proxy that harms the links of the messages' transactions.
    ///   - left: the jobs that are still to end, as a condition.
    func workTogether(
        _ gathered: Int?, joining: Int? = nil, desk: [any MessageProvider] = [Outbox("desk", isImmediate: true)],
        people: [any MessageProvider] = [], now: Date = Beijing.noon, drift: TimeInterval = 0,
        patience: Duration = .seconds(60), soon: Duration = .seconds(600), connections: Int = 4,
        linePatience: Duration = .seconds(60), detour: String? = nil,
        left: String = "state IN ('available', 'running')",
        meanwhile: () async throws -> Void = {}
    ) async throws {
        try await self.run("SELECT queue.promote_due(1000)", "t_promote")
        let rounds = SendingRounds(
            connections: connections, areAtOnce: (desk + people).allSatisfy(\.isImmediate),
            ProviderSet(desk + people, routes: []), patience: linePatience)
        rounds.open()
        try await self.db.withPool(user: "dandelion_notification", maximumConnections: connections + 4, detour: detour)
        { pool in
            let bell = JobBell(pool: pool, logger: quiet)
            let database = self.db.configuration(user: "dandelion_notification")
            var configuration = JobWorkerConfiguration(
                name: "notification", queues: [Queues.notification: rounds.slots, Queues.urgentNotification: 2],
                database: database)
            // What is to be done later is another test's step.
            configuration.maintains = false
            let listener = PostgresListener(database, logger: quiet)
            let worker = JobWorker(
                configuration, pool: pool, listener: listener, bell: bell,
                handlers: self.handlers(
                    desk: desk, people: people, now: now, drift: drift, rounds: rounds, roundPatience: patience,
                    soon: soon),
                logger: quiet)
            let group = ServiceGroup(services: [bell, listener, worker], logger: quiet)
            let rest = ServiceGroup(services: [rounds.beginning], logger: quiet)
            let lines = ServiceGroup(services: Array(rounds.lines.values), logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                do {
                    if let gathered {
                        try await eventually("the messages have gathered", timeout: .seconds(60)) {
                            rounds.beginning.gathered == gathered
                        }
                    }
                    try await meanwhile()
                    tasks.addTask { try await rest.run() }
                    if let joining {
                        try await eventually("they have begun", timeout: .seconds(60)) {
                            rounds.lines.values.reduce(0) { $0 + $1.gathered } == joining
                        }
                    }
                    tasks.addTask { try await lines.run() }
                    try await eventually("all that can be done now is done", timeout: .seconds(60)) {
                        try await self.text(
                            "SELECT (count(*) = 0)::text FROM queue.job WHERE \(left)", "t_idle") == "true"
                    }
                } catch {
                    tasks.cancelAll()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.next()
                await rest.triggerGracefulShutdown()
                await lines.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    /// How many transactions wrote what a query returns the transactions of.
    func transactions(_ sql: String) async throws -> Int {
        let count = try await self.text("SELECT count(DISTINCT t)::text FROM (\(sql)) AS w (t)", "t_count")
        return try #require(Int(count))
    }

    /// `state reason` of a message.
    func state(of message: UUID) async throws -> String {
        try await self.text(
            "SELECT concat_ws(' ', state, reason) FROM casework.message WHERE id = '\(message)'", "t_state")
    }

    /// Every state a message was in.
    func trail(of message: UUID) async throws -> String {
        try await self.text(
            """
            SELECT string_agg(concat_ws(' ', state, reason), ', ' ORDER BY id) FROM casework.message_event
            WHERE message_id = '\(message)'
            """, "t_trail_of")
    }

    /// The state of a message's job.
    func jobState(of message: UUID) async throws -> String {
        try await self.text(
            """
            SELECT concat_ws(' ', state, errors -> -1 ->> 'code') FROM (
                SELECT args, state, errors FROM queue.job
                UNION ALL SELECT args, state, errors FROM queue.job_history) AS j
            WHERE lower(coalesce(args ->> 'message_id', args ->> 'notice_id')) = lower('\(message)')
            """, "t_job_of")
    }
}

/// Some who may be written to, each with a mailbox of her own.
func someOf(_ count: Int) -> [Someone] { (0..<count).map { Someone(email: "she\($0)@example.net") } }

/// How outboxes answer whose messages go together: as a file does, or as a mail server that is near.
enum Pace: CaseIterable {
    case atOnce, soon
}

/// What outboxes were handed, by message.
final class Handed: Sendable {
    private let messages = NIOLockedValueBox<[UUID: Int]>([:])

    func note(_ sent: Outbox.Sent) { self.messages.withLockedValue { $0[sent.id, default: 0] += 1 } }
    func count(of message: UUID) -> Int { self.messages.withLockedValue { $0[message] ?? 0 } }
    var counts: [UUID: Int] { self.messages.withLockedValue { $0 } }

    /// Takes everything.
    func outbox(
        _ pace: Pace = .atOnce, _ answer: @escaping @Sendable (Outbox.Sent) async throws -> ProviderOutcome
    ) -> Outbox {
        Outbox(
            isImmediate: pace == .atOnce, recognisesRepeats: pace == .soon,
            answer: { sent in
                self.note(sent)
                return try await answer(sent)
            })
    }

    func outbox(_ pace: Pace = .atOnce) -> Outbox { self.outbox(pace) { _ in .accepted(reference: nil, segments: 0) } }
}
