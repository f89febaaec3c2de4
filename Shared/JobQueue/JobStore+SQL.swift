package import PostgresClient

extension JobStore {
    static let enqueueJob = Statement(
        name: "queue_enqueue", "SELECT id, alias, inserted FROM queue.enqueue($1, $2, $3, $4, $5, $6, $7)")
    static let enqueueUnique = Statement(
        name: "queue_enqueue_unique",
        "SELECT id, alias, inserted FROM queue.enqueue_unique($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    static let enqueueMany = Statement(name: "queue_enqueue_many", "SELECT queue.enqueue_many($1, $2, $3, $4)")
    static let enqueueEach = Statement(
        name: "queue_enqueue_each", "SELECT queue.enqueue_each($1, $2, $3, $4, NULL, $5, $6)")
    static let ringAtCommit = Statement(name: "queue_ring_at_commit", "SELECT queue.ring_at_commit($1)")
    static let cancelJob = Statement(name: "queue_cancel", "SELECT queue.cancel($1, $2)")
    static let cancelUnique = Statement(name: "queue_cancel_unique", "SELECT queue.cancel_unique($1, $2, $3)")
    static let cancelWaitingJob = Statement(
        name: "queue_cancel_waiting", "SELECT queue.cancel_waiting($1, $2, $3)")
    static let lockUnique = Statement(name: "queue_lock_unique", "SELECT queue.lock_unique($1, $2)")
    static let claimJobs = Statement(
        name: "queue_claim",
        """
        SELECT id, alias, kind, args, attempt, max_attempts, lease_epoch, lease_number, lease_alias, lease_expires_at,
            created_at, priority, position, is_limited
        FROM queue.claim($1, $2, $3, $4, $5, $6)
        """)
    static let leaseByAlias = Statement(
        name: "queue_lease_by_alias",
        """
        SELECT id, alias, kind, args, attempt, max_attempts, lease_epoch, lease_number, $1::uuid AS lease_alias,
            lease_expires_at, created_at, priority, position, false AS is_limited
        FROM queue.lease_by_alias($1, $2)
        """)
    static let withLease = Statement(name: "queue_with_lease", "SELECT queue.with_lease($1, $2, $3)")
    static let extendLease = Statement(name: "queue_extend", "SELECT queue.extend($1, $2, $3, $4)")
    static let completeJob = Statement(name: "queue_complete", "SELECT queue.complete($1, $2, $3)")
    static let completeWith = Statement(
        name: "queue_complete_with", "SELECT queue.complete_with($1, $2, $3, $4, $5)")
    static let reportProgress = Statement(
        name: "queue_progress", "SELECT queue.progress($1, $2, $3, $4, $5, $6, $7)")
    static let completeMany = Statement(name: "queue_complete_many", "SELECT queue.complete_many($1, $2, $3)")
    static let completeAll = Statement(name: "queue_complete_all", "SELECT queue.complete_all($1, $2, $3)")
    static let holdMany = Statement(name: "queue_hold_many", "SELECT queue.hold_many($1, $2, $3)")
    static let failJob = Statement(name: "queue_fail", "SELECT queue.fail($1, $2, $3, $4, $5)")
    static let discardJob = Statement(name: "queue_discard", "SELECT queue.discard($1, $2, $3, $4)")
    static let cancelLeased = Statement(name: "queue_cancel_leased", "SELECT queue.cancel_leased($1, $2, $3, $4)")
    static let snoozeJob = Statement(name: "queue_snooze", "SELECT queue.snooze($1, $2, $3, $4)")

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        enqueueJob, enqueueUnique, enqueueMany, ringAtCommit, cancelJob, cancelUnique, cancelWaitingJob, lockUnique,
        claimJobs,
        leaseByAlias,
        withLease,
        extendLease, completeJob,
        completeMany, completeAll, holdMany, completeWith, reportProgress,
        failJob, discardJob, cancelLeased, snoozeJob,
    ]
}
