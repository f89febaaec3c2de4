import FoundationEssentials
import PostgresClient

/// The queue as operators see and steer it: metadata only.
enum QueueQueries {
    static let jobs = Statement(
        name: "operator_jobs",
        """
        SELECT alias, queue, kind, state, priority, attempt, max_attempts, created_at, scheduled_at, attempted_at,
            finished_at, holder, coalesce(code, errors -> -1 ->> 'code') AS code
        FROM queue.job_overview
        WHERE CASE WHEN $1::text IS NULL THEN state <> 'completed' ELSE state = $1 END
            AND ($2::text IS NULL OR queue = $2) AND ($3::text IS NULL OR kind = $3)
        ORDER BY coalesce(finished_at, attempted_at, created_at) DESC LIMIT $4
        """)
    static let job = Statement(
        name: "operator_job",
        """
        SELECT alias, queue, kind, state, priority, attempt, max_attempts, created_at, scheduled_at, attempted_at,
            finished_at, holder, code, args, errors, progress, outcome, worker_id, cancel_requested_at
        FROM queue.job_overview WHERE alias = $1
        """)
    static let periodic = Statement(
        name: "operator_periodic",
        """
        SELECT name, schedule, catch_up, queue, kind, next_at, fired_at, fired, last_job, paused_at, paused_by
        FROM queue.periodic_overview ORDER BY name
        """)
    static let pausePeriodic = Statement(name: "operator_pause_periodic", "SELECT queue.pause_periodic($1)")
    static let resumePeriodic = Statement(name: "operator_resume_periodic", "SELECT queue.resume_periodic($1)")
    static let removePeriodic = Statement(name: "operator_remove_periodic", "SELECT queue.remove_periodic($1)")
    static let runPeriodic = Statement(
        name: "operator_run_periodic", "SELECT alias, queue FROM queue.run_periodic($1)")
    static let setRetention = Statement(name: "operator_set_retention", "SELECT queue.set_retention($1, $2)")
    static let retention = Statement(
        name: "operator_retention",
        """
        SELECT kind, (extract(epoch FROM keep) / 86400)::float8, set_at, set_by FROM queue.retention_overview
        ORDER BY kind
        """)
    static let queueOf = Statement(
        name: "operator_queue_of", "SELECT queue FROM queue.job_overview WHERE alias = $1")
    static let retry = Statement(name: "operator_retry", "SELECT queue.retry($1)")
    static let cancel = Statement(name: "operator_cancel", "SELECT queue.cancel($1, $2)")
    static let pause = Statement(name: "operator_pause", "SELECT queue.pause($1)")
    static let resume = Statement(name: "operator_resume", "SELECT queue.resume($1)")
    static let setLimit = Statement(name: "operator_set_limit", "SELECT queue.set_limit($1, $2, $3, $4)")
    static let clearLimit = Statement(name: "operator_clear_limit", "SELECT queue.clear_limit($1)")
    static let setShare = Statement(name: "operator_set_share", "SELECT queue.set_share($1, $2, $3, $4)")
    static let setGroup = Statement(name: "operator_set_group", "SELECT queue.set_group($1, $2)")
    static let clearShare = Statement(name: "operator_clear_share", "SELECT queue.clear_share($1)")
    static let shares = Statement(
        name: "operator_shares",
        "SELECT queue, weight, group_name, group_weight, minimum FROM queue.share_overview ORDER BY queue")
    static let ring = Statement(name: "operator_ring", "SELECT queue.ring($1)")
    static let queues = Statement(
        name: "operator_queues",
        """
        SELECT queue, available, scheduled, running, retryable,
            extract(epoch FROM clock_timestamp() - oldest_available_at)::float8 AS oldest_seconds, paused,
            is_exact, workers, slots
        FROM queue.queue_overview ORDER BY queue
        """)
    static let workers = Statement(
        name: "operator_workers",
        """
        SELECT w.id, w.name, w.queues, w.slots, w.running, w.draining, w.started_at, w.seen_at,
            w.expires_at < clock_timestamp() AS is_late,
            EXISTS (SELECT 1 FROM queue.leader AS l WHERE l.holder = w.id AND l.expires_at > clock_timestamp()) AS leads
        FROM queue.worker AS w ORDER BY w.name, w.started_at
        """)

    /// Every statement, for the test that prepares each.
    static let statements = [
        jobs, queueOf, retry, cancel, pause, resume, setLimit, clearLimit, setShare, setGroup, clearShare, shares, ring,
        queues, workers,
        job, periodic, pausePeriodic, resumePeriodic, removePeriodic, runPeriodic, setRetention, retention,
    ]
}

/// A job, live or finished.
struct JobLine: Encodable, Sendable {
    let job: UUID
    let queue: String
    let kind: String
    let state: String
    let priority: Int
    let attempt: Int
    let maximumAttempts: Int
    let createdAt: Date
    let scheduledAt: Date?
    let attemptedAt: Date?
    let finishedAt: Date?
    let holder: String?
    /// Why the last attempt failed or the job ended.
    let code: String?

    init(row: PostgresRow) throws {
        self.job = try row.decode(column: "alias")
        self.queue = try row.decode(column: "queue")
        self.kind = try row.decode(column: "kind")
        self.state = try row.decode(column: "state")
        self.priority = Int(try row.decode(Int16.self, column: "priority"))
        self.attempt = Int(try row.decode(Int16.self, column: "attempt"))
        self.maximumAttempts = Int(try row.decode(Int16.self, column: "max_attempts"))
        self.createdAt = try row.decode(column: "created_at")
        self.scheduledAt = try row.decode(column: "scheduled_at")
        self.attemptedAt = try row.decode(column: "attempted_at")
        self.finishedAt = try row.decode(column: "finished_at")
        self.holder = try row.decode(column: "holder")
        self.code = try row.decode(column: "code")
    }
}

/// A queue with its live jobs.
struct QueueLine: Encodable, Sendable {
    let queue: String
    /// The agency's code, for the queue of an agency.
    var agency: String?
    let available: Int
    let scheduled: Int
    let running: Int
    let retryable: Int
    /// How long the oldest available job has waited.
    let oldestSeconds: Double?
    let paused: Bool
    /// Whether the numbers were counted; those of more than a thousand jobs are estimates.
    let isExact: Bool
    /// Live workers that take from the queue, and how many jobs they can run.
    let workers: Int
    let slots: Int

    init(row: PostgresRow) throws {
        self.isExact = try row.decode(column: "is_exact")
        self.workers = try row.decode(column: "workers")
        self.slots = try row.decode(column: "slots")
        self.queue = try row.decode(column: "queue")
        self.available = try row.decode(column: "available")
        self.scheduled = try row.decode(column: "scheduled")
        self.running = try row.decode(column: "running")
        self.retryable = try row.decode(column: "retryable")
        self.oldestSeconds = try row.decode(column: "oldest_seconds")
        self.paused = try row.decode(column: "paused")
    }
}

/// A worker process.
struct WorkerLine: Encodable, Sendable {
    let worker: UUID
    let name: String
    let queues: [String]
    let slots: Int
    let running: Int
    let draining: Bool
    let startedAt: Date
    let seenAt: Date
    /// Its heartbeat is overdue.
    let isLate: Bool
    /// It does the maintenance.
    let leads: Bool

    init(row: PostgresRow) throws {
        self.worker = try row.decode(column: "id")
        self.name = try row.decode(column: "name")
        self.queues = try row.decode(column: "queues")
        self.slots = Int(try row.decode(Int32.self, column: "slots"))
        self.running = Int(try row.decode(Int32.self, column: "running"))
        self.draining = try row.decode(column: "draining")
        self.startedAt = try row.decode(column: "started_at")
        self.seenAt = try row.decode(column: "seen_at")
        self.isLate = try row.decode(column: "is_late")
        self.leads = try row.decode(column: "leads")
    }
}
