-- How an attempt ends. Every function names the lease's token and refuses a stale one (DQ001), and inside a transaction
-- holds the job's row to its end, so that effect and outcome commit together or not at all.

-- Move a live job to the history. Internal: the callers have the lease or the row.
CREATE FUNCTION queue.finish(
    p_id bigint, p_state text, p_code text, p_errors jsonb DEFAULT NULL, p_outcome bytea DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_job job%ROWTYPE;
BEGIN
    DELETE FROM job WHERE id = p_id RETURNING * INTO v_job;
    INSERT INTO job_history (
        id, alias, queue, kind, args, priority, state, attempt, max_attempts, unique_key, created_at, attempted_at,
        finished_at, lease_epoch, lease_number, worker_id, holder, code, errors, progress, outcome)
    VALUES (
        v_job.id, v_job.alias, v_job.queue, v_job.kind, v_job.args, v_job.priority, p_state, v_job.attempt,
        v_job.max_attempts, v_job.unique_key, v_job.created_at, v_job.attempted_at, clock_timestamp(),
        v_job.lease_epoch, v_job.lease_number, v_job.worker_id, v_job.holder, p_code, coalesce(p_errors, v_job.errors),
        CASE WHEN p_state <> 'completed' THEN v_job.progress END, p_outcome);
    IF v_job.unique_key IS NOT NULL THEN
        DELETE FROM unique_job WHERE kind = v_job.kind AND unique_key = v_job.unique_key AND job_id = p_id;
    END IF;
    IF v_job.has_permit THEN
        INSERT INTO permit (queue, change) VALUES (v_job.queue, -1);
    END IF;
END
$$;

-- Make a leased job wait again: available at once, or deferred. Internal. It goes to the end of its lane, never back to
-- where it stood: below a position that somebody has passed, nothing may become available.
CREATE FUNCTION queue.put_back(p_id bigint, p_deferred_state text, p_delay interval, p_attempt integer, p_errors jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO permit (queue, change) SELECT j.queue, -1 FROM job_ready AS j WHERE j.id = p_id AND j.has_permit;
    IF p_delay > interval '0' THEN
        UPDATE job
        SET state = p_deferred_state, position = NULL, scheduled_at = clock_timestamp() + p_delay, attempt = p_attempt,
            errors = p_errors, lease_epoch = NULL, lease_number = NULL, lease_alias = NULL, lease_expires_at = NULL,
            worker_id = NULL, holder = NULL, has_permit = false
        WHERE id = p_id AND state = 'running';
    ELSE
        UPDATE job_ready
        SET state = 'available', position = next_position(), attempt = p_attempt, errors = p_errors,
            lease_epoch = NULL, lease_number = NULL, lease_alias = NULL, lease_expires_at = NULL, worker_id = NULL,
            holder = NULL, has_permit = false
        WHERE id = p_id;
    END IF;
END
$$;

-- A job's list of failures with one more. The last twenty are kept.
CREATE FUNCTION queue.add_error(p_errors jsonb, p_attempt integer, p_code text) RETURNS jsonb
LANGUAGE sql VOLATILE AS $$
    SELECT (CASE WHEN jsonb_array_length(p_errors) >= 20 THEN p_errors - 0 ELSE p_errors END)
        || jsonb_build_object('attempt', p_attempt, 'code', p_code, 'at', clock_timestamp())
$$;

-- One statement: the row is checked, taken out and kept.
CREATE FUNCTION queue.complete(p_id bigint, p_epoch integer, p_number bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_end timestamptz;
    v_queue text;
    v_kind text;
    v_key text;
    v_has_permit boolean;
BEGIN
    WITH gone AS (
        DELETE FROM job_ready
        WHERE id = p_id AND state = 'running' AND lease_epoch = p_epoch AND lease_number = p_number
        RETURNING job_ready.*
    ), kept AS (
        INSERT INTO job_history (
            id, alias, queue, kind, args, priority, state, attempt, max_attempts, unique_key, created_at, attempted_at,
            finished_at, lease_epoch, lease_number, worker_id, holder, code, errors)
        SELECT id, alias, queue, kind, args, priority, 'completed', attempt, max_attempts, unique_key, created_at,
            attempted_at, clock_timestamp(), lease_epoch, lease_number, worker_id, holder, NULL, errors
        FROM gone
    )
    SELECT lease_expires_at, queue, kind, unique_key, has_permit
    INTO v_end, v_queue, v_kind, v_key, v_has_permit FROM gone;
    -- The clock is read after the lock was had: the wait for it may have outlived the lease.
    IF NOT FOUND OR v_end <= clock_timestamp() OR p_epoch <> primary_epoch() THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'DQ001';
    END IF;
    IF v_key IS NOT NULL THEN
        DELETE FROM unique_job WHERE kind = v_kind AND unique_key = v_key AND job_id = p_id;
    END IF;
    IF v_has_permit THEN
        INSERT INTO permit (queue, change) VALUES (v_queue, -1);
    END IF;
END
$$;

-- Hold a batch's leases to the end of the caller's transaction: those that are still these, and whose rows nobody else has
-- under lock, so that a batch waits for none of its jobs. Of the others `with_lease` says more, one by one.
CREATE FUNCTION queue.hold_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_epoch integer := primary_epoch();
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        SELECT j.id FROM unnest(p_ids, p_epochs, p_numbers) AS w (id, epoch, number) JOIN job_ready AS j ON j.id = w.id
        WHERE w.epoch = v_epoch AND j.state = 'running' AND j.lease_epoch = w.epoch AND j.lease_number = w.number
            AND (j.lease_expires_at IS NULL OR j.lease_expires_at > v_now)
        ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED;
END
$$;

-- Complete a batch. Returns the jobs that were completed; one that is missing had lost its lease.
CREATE FUNCTION queue.complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_epoch integer := primary_epoch();
    v_done bigint[];
    v_keyed bigint[];
    v_kinds text[];
    v_keys text[];
    v_queues text[];
BEGIN
    WITH wanted AS MATERIALIZED (  -- in id order, so that two batches cannot deadlock
        SELECT w.id, w.epoch, w.number FROM unnest(p_ids, p_epochs, p_numbers) AS w (id, epoch, number)
        WHERE w.epoch = v_epoch ORDER BY w.id
    ), gone AS (
        DELETE FROM job_ready AS j USING wanted AS w
        WHERE j.id = w.id AND j.state = 'running' AND j.lease_epoch = w.epoch AND j.lease_number = w.number
            AND (j.lease_expires_at IS NULL OR j.lease_expires_at > clock_timestamp())
        RETURNING j.*
    ), kept AS (
        INSERT INTO job_history (
            id, alias, queue, kind, args, priority, state, attempt, max_attempts, unique_key, created_at,
            attempted_at, finished_at, lease_epoch, lease_number, worker_id, holder, code, errors)
        SELECT g.id, g.alias, g.queue, g.kind, g.args, g.priority, 'completed', g.attempt, g.max_attempts,
            g.unique_key, g.created_at, g.attempted_at, clock_timestamp(), g.lease_epoch, g.lease_number,
            g.worker_id, g.holder, NULL, g.errors
        FROM gone AS g
    )
    SELECT array_agg(g.id), array_agg(g.id) FILTER (WHERE g.unique_key IS NOT NULL),
        array_agg(g.kind) FILTER (WHERE g.unique_key IS NOT NULL),
        array_agg(g.unique_key) FILTER (WHERE g.unique_key IS NOT NULL),
        array_agg(g.queue) FILTER (WHERE g.has_permit)
    INTO v_done, v_keyed, v_kinds, v_keys, v_queues FROM gone AS g;
    -- Most batches have neither.
    IF v_keyed IS NOT NULL THEN
        DELETE FROM unique_job AS u USING unnest(v_kinds, v_keys, v_keyed) AS k (kind, unique_key, job_id)
        WHERE u.kind = k.kind AND u.unique_key = k.unique_key AND u.job_id = k.job_id;
    END IF;
    IF v_queues IS NOT NULL THEN
        INSERT INTO permit (queue, change) SELECT q, -count(*) FROM unnest(v_queues) AS q GROUP BY q;
    END IF;
    RETURN QUERY SELECT unnest(v_done);
END
$$;

-- Complete a batch, all of it or none: for a batch that is held.
CREATE FUNCTION queue.complete_all(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM complete_many(p_ids, p_epochs, p_numbers)) < cardinality(p_ids) THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'DQ001';
    END IF;
END
$$;

-- An attempt failed. Returns the state it led to: retryable, discarded when no attempt is left, or cancelled when
-- somebody had asked for that.
CREATE FUNCTION queue.fail(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_retry_after interval)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_job job_ready%ROWTYPE;
    v_errors jsonb;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    SELECT j.* INTO v_job FROM job_ready AS j WHERE j.id = p_id;
    v_errors := add_error(v_job.errors, v_job.attempt, p_code);
    IF v_job.cancel_requested_at IS NOT NULL THEN
        PERFORM finish(p_id, 'cancelled', p_code, v_errors);
        RETURN 'cancelled';
    END IF;
    IF v_job.attempt >= v_job.max_attempts THEN
        PERFORM finish(p_id, 'discarded', p_code, v_errors);
        RETURN 'discarded';
    END IF;
    PERFORM put_back(p_id, 'retryable', p_retry_after, v_job.attempt, v_errors);
    RETURN 'retryable';
END
$$;

-- Give the job up for good: a dead letter.
CREATE FUNCTION queue.discard(p_id bigint, p_epoch integer, p_number bigint, p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_errors jsonb;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    SELECT add_error(j.errors, j.attempt, p_code) INTO v_errors FROM job_ready AS j WHERE j.id = p_id;
    PERFORM finish(p_id, 'discarded', p_code, v_errors);
END
$$;

-- The holder calls its own job off.
CREATE FUNCTION queue.cancel_leased(p_id bigint, p_epoch integer, p_number bigint, p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    PERFORM finish(p_id, 'cancelled', p_code);
END
$$;

-- Hand the job back without an attempt being counted: later (snooze) or at once (a drain). One that somebody wants
-- cancelled ends instead.
CREATE FUNCTION queue.snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_job job_ready%ROWTYPE;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    SELECT j.* INTO v_job FROM job_ready AS j WHERE j.id = p_id;
    IF v_job.cancel_requested_at IS NOT NULL THEN
        PERFORM finish(p_id, 'cancelled', 'cancelled');
    ELSE
        PERFORM put_back(p_id, 'scheduled', p_delay, v_job.attempt - 1, v_job.errors);
    END IF;
END
$$;
