-- Maintenance, done by one elected worker: due jobs made available, lost leases taken back, history kept in partitions.

-- Become or stay the leader. Returns the term, or no row's null when another holds it.
CREATE FUNCTION queue.elect(p_name text, p_holder uuid, p_for interval) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_result bigint;
BEGIN
    INSERT INTO leader AS l (name, holder, term, expires_at)
    VALUES (p_name, p_holder, 1, clock_timestamp() + p_for)
    ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, expires_at = clock_timestamp() + p_for,
        term = CASE WHEN l.holder = excluded.holder THEN l.term ELSE l.term + 1 END
    WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
    RETURNING l.term INTO v_result;
    RETURN v_result;
END
$$;

CREATE FUNCTION queue.resign(p_name text, p_holder uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    UPDATE leader SET expires_at = '-infinity' WHERE name = p_name AND holder = p_holder;
END
$$;

-- Make due jobs available. Returns a row per job's queue, for the bell.
CREATE FUNCTION queue.promote_due(p_limit integer) RETURNS TABLE (queue text, jobs bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
#variable_conflict use_column
DECLARE
    -- Not in the condition: an index is not searched by what may change while it is searched.
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH due AS MATERIALIZED (
            SELECT j.id FROM job AS j
            WHERE j.state IN ('scheduled', 'retryable') AND j.scheduled_at <= v_now
            ORDER BY j.scheduled_at LIMIT p_limit FOR UPDATE SKIP LOCKED
        ), promoted AS (
            UPDATE job SET state = 'available' FROM due WHERE job.id = due.id RETURNING job.queue
        )
        SELECT promoted.queue, count(*) FROM promoted GROUP BY promoted.queue;
END
$$;

-- When the next deferred job is due; null when none is.
CREATE FUNCTION queue.next_due() RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    RETURN (
        SELECT min(scheduled_at) FROM job WHERE state IN ('scheduled', 'retryable')
    );
END
$$;

-- Take back leases that ran out and those of dead workers. A live worker's lease is never taken. A job whose attempts
-- are used up becomes a dead letter. Returns a row per queue.
CREATE FUNCTION queue.rescue(p_limit integer) RETURNS TABLE (queue text, jobs bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_job job%ROWTYPE;
    v_queues text[] := '{}';
BEGIN
    DELETE FROM worker AS w WHERE w.expires_at < clock_timestamp();
    FOR v_job IN
        SELECT j.* FROM job AS j
        WHERE j.state = 'running' AND (
            j.lease_expires_at < clock_timestamp()
            OR j.lease_epoch <> primary_epoch()  -- After a failover an older lease opens no door any more.
            OR j.worker_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM worker AS w WHERE w.id = j.worker_id))
        LIMIT p_limit FOR UPDATE SKIP LOCKED
    LOOP
        IF v_job.cancel_requested_at IS NOT NULL THEN
            PERFORM finish(v_job.id, 'cancelled', 'cancelled_while_lost');
        ELSIF v_job.worker_id IS NOT NULL AND v_job.attempt >= v_job.max_attempts THEN
            PERFORM finish(v_job.id, 'discarded', 'lease_lost');
        ELSE
            -- A consumer without a worker may let its lease run out any number of times: the clocks decide, not a count.
            UPDATE job
            SET state = 'available',
                attempt = CASE WHEN v_job.worker_id IS NULL THEN v_job.attempt - 1 ELSE v_job.attempt END,
                errors = (CASE WHEN jsonb_array_length(v_job.errors) >= 20 THEN v_job.errors - 0 ELSE v_job.errors END)
                    || jsonb_build_object('attempt', v_job.attempt, 'code', 'lease_lost', 'at', clock_timestamp()),
                lease_epoch = NULL, lease_number = NULL, lease_alias = NULL, lease_expires_at = NULL,
                worker_id = NULL, holder = NULL
            WHERE job.id = v_job.id;
        END IF;
        v_queues := v_queues || v_job.queue;
    END LOOP;
    RETURN QUERY SELECT q, count(*) FROM unnest(v_queues) AS q GROUP BY q;
END
$$;

-- Keep history partitions for this month and the next two, and drop those that ended before the retention.
CREATE FUNCTION queue.maintain_history(p_keep interval) RETURNS integer
-- Its DDL waits for no reader: every completion would wait behind it. What is locked now is tried again later.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
    v_month timestamptz := date_trunc('month', clock_timestamp(), 'UTC');
    v_from timestamptz;
    v_to timestamptz;
    v_name text;
    v_old record;
    v_dropped integer := 0;
BEGIN
    FOR i IN 0..2 LOOP
        v_from := v_month + make_interval(months => i);
        v_to := v_month + make_interval(months => i + 1);
        v_name := 'job_history_' || to_char(v_from AT TIME ZONE 'UTC', 'YYYYMM');
        IF to_regclass('queue.' || v_name) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE TABLE queue.%I PARTITION OF queue.job_history FOR VALUES FROM (%L) TO (%L)',
                    v_name, v_from, v_to);
            EXCEPTION
                WHEN check_violation THEN NULL;  -- Rows of that month are in the default partition already: they stay.
                WHEN duplicate_table THEN NULL;  -- Another leader was faster.
            END;
        END IF;
    END LOOP;
    FOR v_old IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'queue.job_history'::regclass AND c.relname ~ '^job_history_[0-9]{6}$'
            AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC'
                < clock_timestamp() - p_keep
    LOOP
        EXECUTE format('DROP TABLE queue.%I', v_old.relname);
        v_dropped := v_dropped + 1;
    END LOOP;
    RETURN v_dropped;
END
$$;

-- A worker hands back what is leased to it but not in its hands: the answer of a claim was lost on the way, or an outcome
-- could not be written. The attempt counts, for it may have been made. Returns the number of jobs.
CREATE FUNCTION queue.release_unheld(p_worker uuid, p_held bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_job job%ROWTYPE;
    v_count bigint := 0;
BEGIN
    FOR v_job IN
        SELECT j.* FROM job AS j
        WHERE j.worker_id = p_worker AND j.state = 'running' AND NOT j.id = ANY (p_held)
        ORDER BY j.id FOR UPDATE
    LOOP
        IF v_job.cancel_requested_at IS NOT NULL THEN
            PERFORM finish(v_job.id, 'cancelled', 'cancelled_while_lost');
        ELSIF v_job.attempt >= v_job.max_attempts THEN
            PERFORM finish(v_job.id, 'discarded', 'lease_lost');
        ELSE
            UPDATE job
            SET state = 'available', lease_epoch = NULL, lease_number = NULL, lease_alias = NULL,
                lease_expires_at = NULL, worker_id = NULL, holder = NULL
            WHERE id = v_job.id;
        END IF;
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

CREATE FUNCTION queue.pause(p_queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    INSERT INTO paused_queue (queue) VALUES (p_queue) ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION queue.resume(p_queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    DELETE FROM paused_queue WHERE queue = p_queue;
END
$$;

-- What the CLI shows. Metadata only.
CREATE VIEW queue.queue_overview AS
    SELECT j.queue,
        count(*) FILTER (WHERE j.state = 'available') AS available,
        count(*) FILTER (WHERE j.state = 'scheduled') AS scheduled,
        count(*) FILTER (WHERE j.state = 'running') AS running,
        count(*) FILTER (WHERE j.state = 'retryable') AS retryable,
        min(j.scheduled_at) FILTER (WHERE j.state = 'available') AS oldest_available_at,
        EXISTS (SELECT 1 FROM queue.paused_queue AS p WHERE p.queue = j.queue) AS paused
    FROM queue.job AS j GROUP BY j.queue;

CREATE VIEW queue.job_overview AS
    SELECT id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, scheduled_at, attempted_at,
        NULL::timestamptz AS finished_at, worker_id, holder, NULL::text AS code, errors
    FROM queue.job
    UNION ALL
    SELECT id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, NULL, attempted_at,
        finished_at, worker_id, holder, code, errors
    FROM queue.job_history;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA queue FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    queue.primary_epoch(),
    queue.enqueue(text, text, jsonb, integer, timestamptz, integer, text),
    queue.enqueue_many(text, text, jsonb[], integer),
    queue.cancel_unique(text, text, text),
    queue.cancel_waiting(text, text, text),
    queue.lock_unique(text, text),
    queue.ring(text[])
TO queue_producer, queue_worker, queue_operator;
GRANT EXECUTE ON FUNCTION
    queue.register_worker(uuid, text, text[], integer, interval),
    queue.heartbeat(uuid, integer, boolean, interval),
    queue.deregister_worker(uuid),
    queue.release_unheld(uuid, bigint[]),
    queue.claim(text, integer, uuid, interval, text),
    queue.with_lease(bigint, integer, bigint),
    queue.lease_by_alias(uuid, text),
    queue.extend(bigint, integer, bigint, interval),
    queue.complete(bigint, integer, bigint),
    queue.complete_many(bigint[], integer[], bigint[]),
    queue.fail(bigint, integer, bigint, text, interval),
    queue.discard(bigint, integer, bigint, text),
    queue.cancel_leased(bigint, integer, bigint, text),
    queue.snooze(bigint, integer, bigint, interval),
    queue.elect(text, uuid, interval),
    queue.resign(text, uuid),
    queue.promote_due(integer),
    queue.next_due(),
    queue.rescue(integer),
    queue.maintain_history(interval)
TO queue_worker;
GRANT EXECUTE ON FUNCTION
    queue.cancel(uuid, text),
    queue.retry(uuid),
    queue.pause(text),
    queue.resume(text)
TO queue_operator;
GRANT SELECT ON queue.queue_overview, queue.job_overview, queue.worker, queue.leader TO queue_operator, queue_observer;
