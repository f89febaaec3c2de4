package import PostgresClient

extension WorkerStore {
    static let registerWorker = Statement(
        name: "queue_register_worker", "SELECT queue.register_worker($1, $2, $3, $4, $5)")
    static let beat = Statement(
        name: "queue_beat",
        "SELECT cancelled, waiting, limited, leads, share_version FROM queue.beat($1, $2, $3, $4, $5, $6)")
    static let shares = Statement(
        name: "queue_shares", "SELECT queue, weight, group_name, group_weight, minimum FROM queue.shares()")
    static let beforeClaim = Statement(name: "queue_before_claim", "SELECT queue.before_claim($1)")
    static let nextPermit = Statement(name: "queue_next_permit", "SELECT queue.next_permit($1)")
    static let deregisterWorker = Statement(name: "queue_deregister_worker", "SELECT queue.deregister_worker($1)")
    static let compactClaims = Statement(name: "queue_compact_claims", "SELECT queue.compact_claims($1, $2)")
    static let releaseUnheld = Statement(name: "queue_release_unheld", "SELECT queue.release_unheld($1, $2)")
    static let electLeader = Statement(name: "queue_elect", "SELECT queue.elect($1, $2, $3)")
    static let resignLeader = Statement(name: "queue_resign", "SELECT queue.resign($1, $2)")
    static let promoteDue = Statement(name: "queue_promote_due", "SELECT queue, jobs FROM queue.promote_due($1)")
    static let rescueLeases = Statement(name: "queue_rescue", "SELECT queue, jobs FROM queue.rescue($1)")
    static let maintainHistory = Statement(name: "queue_maintain_history", "SELECT queue.maintain_history($1)")

    static let forgetLanes = Statement(name: "queue_forget_lanes", "SELECT queue.forget_lanes($1, $2)")
    static let forgetUniqueHolds = Statement(
        name: "queue_forget_unique_holds", "SELECT queue.forget_unique_holds($1)")
    static let workedStats = Statement(
        name: "queue_worked_stats",
        """
        SELECT queue, available, scheduled, running, retryable,
            extract(epoch FROM clock_timestamp() - oldest_available_at)::float8
        FROM queue.worked_stats()
        """)

    /// Every statement of the store, for the test that prepares each.
    package static let statements = [
        registerWorker, beat, shares, beforeClaim, nextPermit, deregisterWorker, compactClaims, releaseUnheld,
        electLeader,
        resignLeader,
        promoteDue,
        rescueLeases, maintainHistory, forgetUniqueHolds, forgetLanes, workedStats, JobBell.ringQueues,
        BellRings.bellKey,
    ]
}
