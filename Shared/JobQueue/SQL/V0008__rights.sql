-- What operators see, and who may call what.

-- Metadata only. What waits in each queue: V0013__counts.
CREATE VIEW queue.job_overview AS
    SELECT id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, scheduled_at, attempted_at,
        NULL::timestamptz AS finished_at, worker_id, holder, NULL::text AS code, errors, progress,
        NULL::bytea AS outcome, cancel_requested_at
    FROM queue.job
    UNION ALL
    SELECT id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, NULL, attempted_at,
        finished_at, worker_id, holder, code, errors, progress, outcome, NULL
    FROM queue.job_history;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA queue FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    queue.primary_epoch(),
    queue.enqueue(text, text, jsonb, integer, timestamptz, integer, text),
    queue.enqueue_many(text, text, jsonb[], integer),
    queue.enqueue_each(text[], text[], jsonb[], integer[], timestamptz, integer[], text[]),
    queue.cancel_unique(text, text, text),
    queue.cancel_waiting(text, text, text),
    queue.lock_unique(text, text),
    queue.ring(text[])
TO queue_producer, queue_worker, queue_operator;
GRANT EXECUTE ON FUNCTION
    queue.register_worker(uuid, text, text[], integer, interval),
    queue.beat(uuid, integer, boolean, interval, boolean, bigint[]),
    queue.deregister_worker(uuid),
    queue.release_unheld(uuid, bigint[]),
    queue.claim(text, integer, uuid, interval, text, bigint[]),
    queue.advance(text),
    queue.forget_lanes(interval, integer),
    queue.compact_claims(uuid, bigint),
    queue.with_lease(bigint, integer, bigint),
    queue.lease_by_alias(uuid, text),
    queue.extend(bigint, integer, bigint, interval),
    queue.complete(bigint, integer, bigint),
    queue.complete_many(bigint[], integer[], bigint[]),
    queue.complete_all(bigint[], integer[], bigint[]),
    queue.hold_many(bigint[], integer[], bigint[]),
    queue.fail(bigint, integer, bigint, text, interval),
    queue.discard(bigint, integer, bigint, text),
    queue.cancel_leased(bigint, integer, bigint, text),
    queue.snooze(bigint, integer, bigint, interval),
    queue.elect(text, uuid, interval),
    queue.resign(text, uuid),
    queue.promote_due(integer),
    queue.next_due(),
    queue.rescue(integer),
    queue.maintain_history(interval),
    queue.bell_key()
TO queue_worker;
GRANT EXECUTE ON FUNCTION
    queue.cancel(uuid, text),
    queue.retry(uuid),
    queue.pause(text),
    queue.resume(text)
TO queue_operator;
GRANT SELECT ON queue.job_overview, queue.worker, queue.leader TO queue_operator, queue_observer;
