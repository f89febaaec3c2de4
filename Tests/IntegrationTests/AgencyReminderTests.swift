import FoundationEssentials
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// A clock's warning through the running services: routing's sweep looks at the clock of an agency that has not answered,
/// the agency's desk and the owner's are written to by notification, each once for each part of the time.
@Suite struct AgencyReminderTests {
    @Test(.timeLimit(.minutes(5))) func anAgencyThatHasNotAnsweredIsReminded() async throws {
        try await withTestCluster { cluster in
            let network = try await RunningNetwork.start(on: cluster)
            // Nobody answers.
            try await network.kill("agency-worker")
            let desks: Int = try await network.query(Self.giveDesks)
            #expect(desks > 0)
            let trace = TraceContext(isSampled: true)
            _ = try await KillEachServiceTests.post(
                try KillEachServiceTests.body("03-violence-baotou"), key: "reminder", trace: trace, to: network)
            try await eventually("the case is routed", timeout: .seconds(60), every: .milliseconds(100)) {
                try await network.query(Self.waiting, as: Int.self) > 0
            }
            // The caller's trace goes on through the jobs that Swift enqueues, and through those of the database's functions.
            let traced = try await network.query(Self.traced(trace.traceID), as: [String].self)
            #expect(Set(traced).isSuperset(of: ["case_opened", "referral_offered", "notify_staff"]), "\(traced)")
            #expect(try await network.query(Self.reminders, as: String.self) == "")
            #expect(try await network.query(Self.eightTenthsAreOver, as: Int.self) == 1)
            try await eventually("the agency is reminded", timeout: .seconds(60), every: .milliseconds(100)) {
                try await network.query(Self.reminders, as: String.self) == "referral_due sent"
            }
            try await eventually("the owner is warned", timeout: .seconds(60), every: .milliseconds(100)) {
                try await network.query(Self.warned, as: Int.self) > 0
            }
            // Looked at again within the same part of its time, and after a crash of routing: nothing more is said.
            try await network.killAndRestart("routing")
            #expect(try await network.query(Self.lookAgain, as: Int.self) == 1)
            try await eventually("the clock was looked at", timeout: .seconds(60), every: .milliseconds(100)) {
                try await network.query(Self.isToBeLookedAt, as: Int.self) == 0
            }
            try await eventually("no job is left", timeout: .seconds(60), every: .milliseconds(100)) {
                try await network.query(Self.jobs, as: Int.self) == 0
            }
            #expect(try await network.query(Self.reminders, as: String.self) == "referral_due sent")
            #expect(try await network.query(Self.warnings, as: Int.self) == 1)
            _ = try await network.stop()
        }
    }

    private static let giveDesks = Statement(
        name: "test_desks",
        """
        WITH agencies AS (UPDATE casework.agency SET desk_email = 'desk@agency.example.org', digest_minutes = 0 RETURNING id),
        stations AS (UPDATE casework.station SET email = 'desk@station.example.org' RETURNING id)
        SELECT least((SELECT count(*) FROM agencies), (SELECT count(*) FROM stations))::int8
        """)
    private static let waiting = Statement(
        name: "test_waiting",
        "SELECT count(*)::int8 FROM casework.clock WHERE kind = 'referral_answer' AND state = 'running'")
    private static func traced(_ id: String) -> Statement {
        Statement(
            name: "test_traced",
            unchecked: """
                SELECT array_agg(DISTINCT kind) FROM (
                    SELECT kind, args FROM queue.job UNION ALL SELECT kind, args FROM queue.job_history) AS j
                WHERE args ->> 'traceparent' LIKE '00-\(id)-%-01'
                """)
    }
    /// What agencies were reminded of.
    private static let reminders = Statement(
        name: "test_reminders",
        """
        SELECT coalesce(string_agg(template || ' ' || state, ', '), '') FROM casework.message
        WHERE audience = 'agency' AND template = 'referral_due'
        """)
    private static let warned = Statement(
        name: "test_warned",
        """
        SELECT count(*)::int8 FROM casework.message
        WHERE audience = 'station' AND template = 'due_soon' AND state = 'sent'
        """)
    private static let warnings = Statement(
        name: "test_warnings",
        "SELECT count(*)::int8 FROM casework.event WHERE kind = 'clock_due_soon'")
    /// More than eight tenths of one answer's time are over, and nine are not.
    private static let eightTenthsAreOver = Statement(
        name: "test_eight_tenths",
        """
        WITH changed AS (
            UPDATE casework.clock SET started_at = clock_timestamp() - interval '85 hours',
                due_at = clock_timestamp() + interval '15 hours', look_at = clock_timestamp()
            WHERE id = (SELECT id FROM casework.clock WHERE kind = 'referral_answer' AND state = 'running'
                ORDER BY id LIMIT 1) RETURNING id)
        SELECT count(*)::int8 FROM changed
        """)
    private static let lookAgain = Statement(
        name: "test_look_again",
        """
        WITH changed AS (UPDATE casework.clock SET look_at = clock_timestamp()
            WHERE warned > 0 AND state = 'running' RETURNING id)
        SELECT count(*)::int8 FROM changed
        """)
    private static let isToBeLookedAt = Statement(
        name: "test_to_be_looked_at",
        """
        SELECT count(*)::int8 FROM casework.clock
        WHERE warned > 0 AND state = 'running' AND look_at <= clock_timestamp()
        """)
    private static let jobs = Statement(
        name: "test_jobs_left",
        "SELECT count(*)::int8 FROM queue.job WHERE kind IN ('clock_due', 'notify_staff') AND scheduled_at <= now()")
}
