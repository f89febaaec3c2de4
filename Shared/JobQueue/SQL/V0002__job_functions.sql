-- The API of the queue. Every change of a job's state is one of these functions; Swift is their first client.
-- SQLSTATE DQ001: the lease is lost (or never was). DQ002: no such job. DQ003: no such worker. DQ004: bad argument.

-- The timeline of this primary. It grows with each promotion, and unlike the control file it is right at once.
CREATE FUNCTION queue.primary_epoch() RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = queue, pg_temp AS $$
BEGIN
    RETURN (
        SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer
    );
END
$$;

CREATE FUNCTION queue.enqueue(
    p_queue text, p_kind text, p_args jsonb, p_priority integer DEFAULT 4, p_scheduled_at timestamptz DEFAULT NULL,
    p_max_attempts integer DEFAULT 25, p_unique_key text DEFAULT NULL
) RETURNS TABLE (id bigint, alias uuid, inserted boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
#variable_conflict use_column
BEGIN
    LOOP
        RETURN QUERY
            INSERT INTO job (queue, kind, args, priority, state, max_attempts, unique_key, scheduled_at)
            VALUES (
                p_queue, p_kind, p_args, p_priority,
                CASE WHEN p_scheduled_at > clock_timestamp() THEN 'scheduled' ELSE 'available' END,
                p_max_attempts, p_unique_key, coalesce(p_scheduled_at, clock_timestamp()))
            ON CONFLICT (kind, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
            RETURNING job.id, job.alias, true;
        IF FOUND THEN
            RETURN;
        END IF;
        RETURN QUERY SELECT j.id, j.alias, false FROM job AS j WHERE j.kind = p_kind AND j.unique_key = p_unique_key;
        IF FOUND THEN
            RETURN;
        END IF;
        -- The holder of the key finished between the two statements: try again.
    END LOOP;
END
$$;

-- Many at once, without unique keys: for bulk producers.
CREATE FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer DEFAULT 4)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_count bigint;
BEGIN
    INSERT INTO job (queue, kind, args, priority, state)
    SELECT p_queue, p_kind, a, p_priority, 'available' FROM unnest(p_args) AS a;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

CREATE FUNCTION queue.register_worker(p_id uuid, p_name text, p_queues text[], p_slots integer, p_alive_for interval)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    INSERT INTO worker (id, name, queues, slots, expires_at)
    VALUES (p_id, p_name, p_queues, p_slots, clock_timestamp() + p_alive_for);
END
$$;

-- Beat, and hear which of one's jobs somebody wants cancelled. DQ003 when the rescuer has already given this worker up:
-- it must stop all its work and come back under a new id.
CREATE FUNCTION queue.heartbeat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval)
RETURNS TABLE (cancelled_job bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    UPDATE worker SET seen_at = clock_timestamp(), expires_at = clock_timestamp() + p_alive_for,
        running = p_running, draining = p_draining
    WHERE worker.id = p_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the worker is not registered or was given up' USING ERRCODE = 'DQ003';
    END IF;
    RETURN QUERY
        SELECT j.id FROM job AS j
        WHERE j.worker_id = p_id AND j.state = 'running' AND j.cancel_requested_at IS NOT NULL;
END
$$;

CREATE FUNCTION queue.deregister_worker(p_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    DELETE FROM worker WHERE id = p_id;
END
$$;

-- Lease up to p_limit jobs. With a worker the lease lives by the worker's heartbeat; without one it ends after
-- p_lease_for, and p_holder names who has it.
CREATE FUNCTION queue.claim(
    p_queue text, p_limit integer, p_worker uuid DEFAULT NULL, p_lease_for interval DEFAULT NULL,
    p_holder text DEFAULT NULL
) RETURNS TABLE (
    id bigint, alias uuid, kind text, args jsonb, attempt integer, max_attempts integer, lease_epoch integer,
    lease_number bigint, lease_alias uuid, lease_expires_at timestamptz, created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF (p_worker IS NULL) = (p_lease_for IS NULL) THEN
        RAISE EXCEPTION 'a claim names either a worker or a lease time' USING ERRCODE = 'DQ004';
    END IF;
    IF p_worker IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM worker AS w WHERE w.id = p_worker AND w.expires_at > clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'the worker is not registered or was given up' USING ERRCODE = 'DQ003';
    END IF;
    IF EXISTS (SELECT 1 FROM paused_queue AS q WHERE q.queue = p_queue) THEN
        RETURN;
    END IF;
    RETURN QUERY
        WITH claimed AS MATERIALIZED (
            SELECT j.id FROM job AS j
            WHERE j.state = 'available' AND j.queue = p_queue
            ORDER BY j.priority, j.scheduled_at, j.id
            LIMIT p_limit FOR UPDATE SKIP LOCKED
        )
        UPDATE job
        SET state = 'running', attempt = job.attempt + 1, attempted_at = clock_timestamp(),
            lease_epoch = primary_epoch(), lease_number = nextval('queue.lease_number'),
            lease_alias = gen_random_uuid(),
            lease_expires_at = coalesce(clock_timestamp() + p_lease_for, 'infinity'),
            worker_id = p_worker, holder = p_holder, cancel_requested_at = NULL
        FROM claimed WHERE job.id = claimed.id
        RETURNING job.id, job.alias, job.kind, job.args, job.attempt::integer, job.max_attempts::integer,
            job.lease_epoch, job.lease_number, job.lease_alias, job.lease_expires_at, job.created_at;
END
$$;

-- Hold the lease to the end of the caller's transaction: nobody can take the job back before it commits.
CREATE FUNCTION queue.with_lease(p_id bigint, p_epoch integer, p_number bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    PERFORM 1 FROM job
    WHERE id = p_id AND state = 'running' AND lease_epoch = p_epoch AND lease_number = p_number
        AND lease_epoch = primary_epoch()
    FOR NO KEY UPDATE;
    -- The clock is read after the lock was had: the wait for it may have outlived the lease.
    IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM job WHERE id = p_id AND lease_expires_at > clock_timestamp()) THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'DQ001';
    END IF;
END
$$;

-- The same for a consumer that knows its lease by the alias only (an agency behind a door).
CREATE FUNCTION queue.lease_by_alias(p_alias uuid, p_holder text)
RETURNS TABLE (
    id bigint, alias uuid, kind text, args jsonb, attempt integer, max_attempts integer, lease_epoch integer,
    lease_number bigint, lease_expires_at timestamptz, created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_job job%ROWTYPE;
BEGIN
    SELECT j.* INTO v_job FROM job AS j WHERE j.lease_alias = p_alias AND j.holder = p_holder AND j.state = 'running';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'DQ001';
    END IF;
    PERFORM with_lease(v_job.id, v_job.lease_epoch, v_job.lease_number);
    RETURN QUERY SELECT v_job.id, v_job.alias, v_job.kind, v_job.args, v_job.attempt::integer,
        v_job.max_attempts::integer, v_job.lease_epoch, v_job.lease_number, v_job.lease_expires_at, v_job.created_at;
END
$$;

-- Lengthen a lease that has its own end. Returns the new end.
CREATE FUNCTION queue.extend(p_id bigint, p_epoch integer, p_number bigint, p_lease_for interval)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_end timestamptz;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    UPDATE job SET lease_expires_at = greatest(lease_expires_at, clock_timestamp() + p_lease_for)
    WHERE id = p_id RETURNING lease_expires_at INTO v_end;
    RETURN v_end;
END
$$;

-- Move a job to the history. Internal: the callers have the lease or the row.
CREATE FUNCTION queue.finish(p_id bigint, p_state text, p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    WITH gone AS (DELETE FROM job WHERE id = p_id RETURNING job.*)
    INSERT INTO job_history (
        id, alias, queue, kind, args, priority, state, attempt, max_attempts, unique_key, created_at, attempted_at,
        finished_at, lease_epoch, lease_number, worker_id, holder, code, errors)
    SELECT id, alias, queue, kind, args, priority, p_state, attempt, max_attempts, unique_key, created_at, attempted_at,
        clock_timestamp(), lease_epoch, lease_number, worker_id, holder, p_code, errors
    FROM gone;
END
$$;

CREATE FUNCTION queue.complete(p_id bigint, p_epoch integer, p_number bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    PERFORM finish(p_id, 'completed', NULL);
END
$$;

-- Complete a batch. Returns the jobs that were completed; one that is missing had lost its lease.
CREATE FUNCTION queue.complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        WITH wanted AS (
            SELECT * FROM unnest(p_ids, p_epochs, p_numbers) AS w (id, epoch, number) WHERE epoch = primary_epoch()
        ), locked AS MATERIALIZED (  -- in id order, so that two batches cannot deadlock
            SELECT j.id FROM job AS j JOIN wanted AS w ON j.id = w.id
            WHERE j.state = 'running' AND j.lease_epoch = w.epoch AND j.lease_number = w.number
                AND j.lease_expires_at > clock_timestamp()
            ORDER BY j.id FOR NO KEY UPDATE OF j
        ), gone AS (
            DELETE FROM job USING locked WHERE job.id = locked.id RETURNING job.*
        ), kept AS (
            INSERT INTO job_history (
                id, alias, queue, kind, args, priority, state, attempt, max_attempts, unique_key, created_at, attempted_at,
                finished_at, lease_epoch, lease_number, worker_id, holder, code, errors)
            SELECT id, alias, queue, kind, args, priority, 'completed', attempt, max_attempts, unique_key, created_at,
                attempted_at, clock_timestamp(), lease_epoch, lease_number, worker_id, holder, NULL, errors
            FROM gone
            RETURNING job_history.id
        )
        SELECT id FROM kept;
END
$$;

-- An attempt failed. Returns the state it led to: retryable, or discarded when no attempt is left.
CREATE FUNCTION queue.fail(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_retry_after interval)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_job job%ROWTYPE;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    UPDATE job
    SET errors = (CASE WHEN jsonb_array_length(errors) >= 20 THEN errors - 0 ELSE errors END)
        || jsonb_build_object('attempt', attempt, 'code', p_code, 'at', clock_timestamp())
    WHERE id = p_id RETURNING * INTO v_job;
    IF v_job.cancel_requested_at IS NOT NULL THEN
        PERFORM finish(p_id, 'cancelled', p_code);
        RETURN 'cancelled';
    END IF;
    IF v_job.attempt >= v_job.max_attempts THEN
        PERFORM finish(p_id, 'discarded', p_code);
        RETURN 'discarded';
    END IF;
    UPDATE job
    SET state = CASE WHEN p_retry_after > interval '0' THEN 'retryable' ELSE 'available' END,
        scheduled_at = clock_timestamp() + p_retry_after,
        lease_epoch = NULL, lease_number = NULL, lease_alias = NULL, lease_expires_at = NULL, worker_id = NULL,
        holder = NULL
    WHERE id = p_id;
    RETURN 'retryable';
END
$$;

-- Give the job up for good: a dead letter.
CREATE FUNCTION queue.discard(p_id bigint, p_epoch integer, p_number bigint, p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    PERFORM finish(p_id, 'discarded', p_code);
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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    PERFORM 1 FROM job WHERE id = p_id AND cancel_requested_at IS NOT NULL;
    IF FOUND THEN
        PERFORM finish(p_id, 'cancelled', 'cancelled');
        RETURN;
    END IF;
    UPDATE job
    SET state = CASE WHEN p_delay > interval '0' THEN 'scheduled' ELSE 'available' END,
        scheduled_at = clock_timestamp() + p_delay, attempt = attempt - 1,
        lease_epoch = NULL, lease_number = NULL, lease_alias = NULL, lease_expires_at = NULL, worker_id = NULL,
        holder = NULL
    WHERE id = p_id;
END
$$;

-- Cancel by the alias. A waiting job ends at once ('cancelled'); a running one is asked to ('requested').
CREATE FUNCTION queue.cancel(p_alias uuid, p_code text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_job job%ROWTYPE;
BEGIN
    SELECT * INTO v_job FROM job WHERE alias = p_alias FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such live job' USING ERRCODE = 'DQ002';
    END IF;
    IF v_job.state = 'running' THEN
        UPDATE job SET cancel_requested_at = clock_timestamp() WHERE id = v_job.id;
        RETURN 'requested';
    END IF;
    PERFORM finish(v_job.id, 'cancelled', p_code);
    RETURN 'cancelled';
END
$$;

-- Cancel by the unique key, where there is such a job. For producers that withdraw what they asked for.
CREATE FUNCTION queue.cancel_unique(p_kind text, p_unique_key text, p_code text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_alias uuid;
BEGIN
    SELECT alias INTO v_alias FROM job WHERE kind = p_kind AND unique_key = p_unique_key;
    IF NOT FOUND THEN
        RETURN 'absent';
    END IF;
    RETURN cancel(v_alias, p_code);
EXCEPTION WHEN SQLSTATE 'DQ002' THEN
    RETURN 'absent';  -- It finished between the two statements.
END
$$;

-- The same for a job that waits; one that is being worked or looked at by another is left alone and finds out itself.
-- For callers that hold locks which the job's worker may want.
CREATE FUNCTION queue.cancel_waiting(p_kind text, p_unique_key text, p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_id bigint;
BEGIN
    SELECT id INTO v_id FROM job
    WHERE kind = p_kind AND unique_key = p_unique_key AND state <> 'running' FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        PERFORM finish(v_id, 'cancelled', p_code);
    END IF;
END
$$;

-- Hold the live job with this key to the end of the transaction, so that a later lock cannot be taken in another order.
CREATE FUNCTION queue.lock_unique(p_kind text, p_unique_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    PERFORM 1 FROM job WHERE kind = p_kind AND unique_key = p_unique_key FOR UPDATE;
END
$$;

-- Bring a dead letter or a cancelled job back, with its attempts counted anew.
CREATE FUNCTION queue.retry(p_alias uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_old job_history%ROWTYPE;
BEGIN
    DELETE FROM job_history WHERE alias = p_alias AND state IN ('discarded', 'cancelled') RETURNING * INTO v_old;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such discarded or cancelled job' USING ERRCODE = 'DQ002';
    END IF;
    INSERT INTO job (id, alias, queue, kind, args, priority, state, max_attempts, unique_key, created_at, errors)
    OVERRIDING SYSTEM VALUE
    VALUES (v_old.id, v_old.alias, v_old.queue, v_old.kind, v_old.args, v_old.priority, 'available',
        v_old.max_attempts, v_old.unique_key, v_old.created_at, v_old.errors);
END
$$;

-- Wake whoever waits on these queues. Called in a transaction of its own, after the writer's has committed: a NOTIFY
-- inside the writer's transaction would take a database-wide lock until its commit.
CREATE FUNCTION queue.ring(p_queues text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    -- A ring that a crash loses is harmless: its commit need not wait for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_notify('queue_ready', q) FROM unnest(p_queues) AS q;
END
$$;
