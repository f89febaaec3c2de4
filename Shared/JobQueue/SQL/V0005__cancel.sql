-- Calling jobs off, and bringing dead letters back. These may wait for a row that its worker or the scheduler moves to
-- the other partition meanwhile, which PostgreSQL reports as a serialization failure: then they look again.

-- Cancel by the alias. A waiting job ends at once ('cancelled'); a running one is asked to ('requested').
CREATE FUNCTION queue.cancel(p_alias uuid, p_code text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_id bigint;
    v_state text;
BEGIN
    FOR v_try IN 1..10 LOOP
        BEGIN
            SELECT id, state INTO v_id, v_state FROM job WHERE alias = p_alias FOR UPDATE;
            EXIT;
        EXCEPTION WHEN serialization_failure THEN
            IF v_try = 10 THEN RAISE; END IF;
        END;
    END LOOP;
    IF v_id IS NULL THEN
        RAISE EXCEPTION 'no such live job' USING ERRCODE = 'DQ002';
    END IF;
    IF v_state = 'running' THEN
        UPDATE job_ready SET cancel_requested_at = clock_timestamp() WHERE id = v_id;
        -- Rare enough to be rung in the transaction: the worker looks for what it is to stop without waiting for its beat.
        NOTIFY queue_cancel;
        RETURN 'requested';
    END IF;
    PERFORM finish(v_id, 'cancelled', p_code);
    RETURN 'cancelled';
END
$$;

-- Cancel by the unique key, where there is such a job. For producers that withdraw what they asked for.
CREATE FUNCTION queue.cancel_unique(p_kind text, p_unique_key text, p_code text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_alias uuid;
BEGIN
    SELECT alias INTO v_alias FROM unique_job WHERE kind = p_kind AND unique_key = p_unique_key;
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
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_id bigint;
BEGIN
    SELECT job_id INTO v_id FROM unique_job WHERE kind = p_kind AND unique_key = p_unique_key;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM 1 FROM job WHERE id = v_id AND state <> 'running' FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        PERFORM finish(v_id, 'cancelled', p_code);
    END IF;
END
$$;

-- Hold the live job with this key to the end of the transaction, so that a later lock cannot be taken in another order.
CREATE FUNCTION queue.lock_unique(p_kind text, p_unique_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_id bigint;
BEGIN
    FOR v_try IN 1..10 LOOP
        BEGIN
            SELECT job_id INTO v_id FROM unique_job WHERE kind = p_kind AND unique_key = p_unique_key;
            PERFORM 1 FROM job WHERE id = v_id FOR UPDATE;
            RETURN;
        EXCEPTION WHEN serialization_failure THEN
            IF v_try = 10 THEN RAISE; END IF;
        END;
    END LOOP;
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
    IF v_old.unique_key IS NOT NULL THEN
        INSERT INTO unique_job (kind, unique_key, job_id, alias)
        VALUES (v_old.kind, v_old.unique_key, v_old.id, v_old.alias);
    END IF;
    INSERT INTO job_ready (id, alias, queue, kind, args, priority, state, max_attempts, unique_key, created_at, errors)
    VALUES (v_old.id, v_old.alias, v_old.queue, v_old.kind, v_old.args, v_old.priority, 'available',
        v_old.max_attempts, v_old.unique_key, v_old.created_at, v_old.errors);
END
$$;

CREATE FUNCTION queue.pause(p_queue text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    INSERT INTO paused_queue (queue) VALUES (p_queue) ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION queue.resume(p_queue text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    DELETE FROM paused_queue WHERE queue = p_queue
$$;
