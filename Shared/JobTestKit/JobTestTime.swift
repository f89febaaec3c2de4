public import PostgresClient

/// The clock of the queue in a test, turned by hand.
///
/// The queue goes by the database's clock, which nobody can turn; so everything that the queue has noted is moved into the
/// past instead, which is the same to it. Needs the rights of the tables' owner; only for a test's own database.
public struct JobTestTime: Sendable {
    private let pool: PostgresPool

    /// - Parameter pool: connected as the owner of the schema `queue`, or as a superuser.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Lets so much time pass at once: what was scheduled comes due, leases and unique keys run out, workers that do not beat
    /// are late, the times of schedules are missed. A time below zero is a clock that was set back.
    public func advance(by time: Duration) async throws {
        try await Self.advance(by: time, on: self.pool)
    }

    /// The same through a connection or in a transaction of the caller's.
    public static func advance(by time: Duration, on executor: some PostgresExecutor) async throws {
        _ = try await executor.execute(Self.advance, PostgresInterval(time))
    }

    private static let advance = Statement(
        name: "jobtestkit_advance",
        """
        WITH jobs AS (
            UPDATE queue.job SET scheduled_at = scheduled_at - $1, lease_expires_at = lease_expires_at - $1,
                created_at = created_at - $1, attempted_at = attempted_at - $1
        ), workers AS (
            UPDATE queue.worker SET seen_at = seen_at - $1, expires_at = expires_at - $1
        ), leaders AS (
            UPDATE queue.leader SET expires_at = expires_at - $1 WHERE expires_at > '-infinity'
        ), holds AS (
            UPDATE queue.unique_hold SET held_until = held_until - $1
        ), limits AS (
            UPDATE queue.queue_limit SET refilled_at = refilled_at - $1
        )
        UPDATE queue.periodic SET dealt_until = dealt_until - $1, next_at = NULL
        """)
}
