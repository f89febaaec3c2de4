import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

@testable import OperatorService

struct QueueHealthTests {
    private typealias Measure = QueueHealth.Measure
    private typealias Depth = QueueHealth.Depth

    private static let worked = Depth(queue: "a", available: 0, workers: 1, lag: nil, isPaused: false)
    /// A queue that is worked, led, and has its next partition.
    private static let healthy = [Measure(thing: "leaders", amount: 1), Measure(thing: "history_ahead", amount: 2)]

    private func level(_ check: String, _ measures: [Measure], _ depths: [Depth] = [worked]) -> Finding.Level? {
        QueueHealth(measures: Self.healthy + measures, depths: depths).findings.first { $0.check == check }?.level
    }

    @Test func aHealthyQueueAndAnEmptyOneAreOk() {
        for health in [
            QueueHealth(measures: Self.healthy, depths: [Self.worked]), QueueHealth(measures: [], depths: []),
        ] {
            #expect(health.findings.allSatisfy { $0.level == .ok })
            #expect(health.findings.count == 10)
        }
    }

    @Test func everyIllnessIsNamed() {
        let waiting = Depth(queue: "a", available: 5, workers: 0, lag: 90, isPaused: false)
        #expect(self.level("workers", [], [waiting]) == .warning)
        #expect(
            self.level("workers", [], [Depth(queue: "a", available: 5, workers: 0, lag: 90, isPaused: true)]) == .ok)
        #expect(
            self.level("lag", [], [Depth(queue: "a", available: 5, workers: 2, lag: 90, isPaused: false)]) == .warning)
        #expect(self.level("leases", [Measure(thing: "expired_lease", amount: 16)]) == .failed)
        #expect(self.level("leases", [Measure(thing: "expired_lease", amount: 2)]) == .ok)
        #expect(self.level("leases", [Measure(thing: "silent_worker", name: "w", amount: 20)]) == .failed)
        #expect(self.level("leases", [Measure(thing: "lost_worker", name: "w", amount: 61)]) == .failed)
        #expect(
            QueueHealth(measures: [Measure(thing: "leaders", amount: 0)], depths: [Self.worked]).findings
                .first { $0.check == "maintenance" }?.level == .failed)
        #expect(self.level("due jobs", [Measure(thing: "overdue_job", amount: 31)]) == .failed)
        #expect(self.level("schedules", [Measure(thing: "late_schedule", name: "s", amount: 61)]) == .failed)
        #expect(self.level("schedules", [Measure(thing: "schedule_ahead", name: "s", amount: 61)]) == .warning)
        #expect(self.level("lanes", [Measure(thing: "held_lane", name: "a", amount: 301)]) == .warning)
        #expect(self.level("bloat", [Measure(thing: "dead_rows", name: "lane", amount: 100_001)]) == .warning)
        #expect(
            self.level(
                "bloat",
                [
                    Measure(thing: "dead_rows", name: "job_ready", amount: 200_000),
                    Measure(thing: "live_rows", name: "job_ready", amount: 100_000),
                ]) == .ok)
        #expect(self.level("history", [Measure(thing: "default_history", amount: 1)]) == .warning)
        #expect(self.level("dead letters", [Measure(thing: "dead_letters", amount: 3)]) == .warning)
        #expect(
            QueueHealth(measures: [Measure(thing: "leaders", amount: 1)], depths: [Self.worked]).findings
                .first { $0.check == "history" }?.level == .failed)
    }

    /// As an operator sees it, with illnesses made in the database.
    @Test func whatIsIllInTheDatabaseIsFound() async throws {
        try await withTestDatabase { database in
            try await database.pool.execute(Self.makeIll)
            try await database.withPool(user: "dandelion_operator") { pool in
                let findings = try await QueueHealth.findings(on: pool)
                let ill = Dictionary(
                    uniqueKeysWithValues: findings.filter { $0.level != .ok }.map { ($0.check, $0.level) })
                #expect(
                    ill == [
                        "leases": .failed, "due jobs": .failed, "schedules": .failed, "history": .warning,
                        "dead letters": .warning, "workers": .warning,
                    ])
                for finding in findings where finding.level != .ok { #expect(finding.remedy != nil) }
            }
        }
    }

    /// Twelve statements in one, for a test.
    private static let makeIll = Statement(
        name: "test_make_ill",
        """
        DO $$
        BEGIN
            INSERT INTO queue.worker (id, name, queues, slots, seen_at, expires_at)
            VALUES (gen_random_uuid(), 'silent', '{a}', 1, clock_timestamp() - interval '60 s',
                clock_timestamp() - interval '50 s');
            PERFORM queue.enqueue('b', 'probe', '{}');
            UPDATE queue.job_ready SET scheduled_at = clock_timestamp() - interval '90 s';
            PERFORM queue.enqueue('a', 'probe', '{}', 4, clock_timestamp() + interval '1 h');
            UPDATE queue.job_deferred SET scheduled_at = clock_timestamp() - interval '60 s';
            PERFORM queue.put_periodic('late', 'every 1h', 'one', 'a', 'probe', '{}');
            UPDATE queue.periodic SET next_at = clock_timestamp() - interval '120 s';
            INSERT INTO queue.job_history (id, alias, queue, kind, args, priority, state, attempt, max_attempts,
                created_at, finished_at, errors)
            VALUES (1, gen_random_uuid(), 'a', 'probe', '{}', 4, 'discarded', 1, 1, now(), now(), '[]');
        END $$
        """)
}
