-- Unique jobs beyond `enqueue`'s own key, which is taken while a job is live: also only while it waits, or for a time.

-- Keys that are taken for a time, whatever becomes of the job.
CREATE TABLE queue.unique_hold (
    kind text COLLATE "C" NOT NULL,
    unique_key text COLLATE "C" NOT NULL,
    job_id bigint,  -- null only inside the transaction that takes the key
    alias uuid,
    held_until timestamptz NOT NULL,
    PRIMARY KEY (kind, unique_key)
) WITH (fillfactor = 70);
CREATE INDEX unique_hold_end ON queue.unique_hold (held_until);

CREATE FUNCTION queue.enqueue_unique(
    p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text DEFAULT 'live',
    p_hold interval DEFAULT NULL, p_priority integer DEFAULT 4, p_scheduled_at timestamptz DEFAULT NULL,
    p_max_attempts integer DEFAULT 25
) RETURNS TABLE (id bigint, alias uuid, inserted boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_job record;
    v_state text;
    v_tries integer := 0;
BEGIN
    IF p_unique_key IS NULL OR p_scope IS NULL OR p_scope NOT IN ('waiting', 'live')
        OR p_hold <= interval '0' OR (p_hold IS NOT NULL AND p_scope = 'waiting')
    THEN
        RAISE EXCEPTION 'a unique job has a key, a scope (waiting or live) and, with live, a time above zero'
            USING ERRCODE = 'DQ004';
    END IF;
    IF p_hold IS NOT NULL THEN
        LOOP
            -- Whoever comes second waits here for the first one's commit.
            INSERT INTO unique_hold AS h (kind, unique_key, held_until)
            VALUES (p_kind, p_unique_key, clock_timestamp() + p_hold)
            ON CONFLICT (kind, unique_key) DO UPDATE
            SET held_until = excluded.held_until, job_id = NULL, alias = NULL
            WHERE h.held_until <= clock_timestamp();
            EXIT WHEN FOUND;
            SELECT h.job_id, h.alias INTO v_job FROM unique_hold AS h
            WHERE h.kind = p_kind AND h.unique_key = p_unique_key;
            CONTINUE WHEN NOT FOUND;  -- It was forgotten between the two statements.
            -- Work that was called off or given up holds its key against nobody.
            IF NOT EXISTS (SELECT 1 FROM job AS j WHERE j.id = v_job.job_id) AND EXISTS (
                SELECT 1 FROM job_history AS o WHERE o.alias = v_job.alias AND o.state IN ('cancelled', 'discarded'))
            THEN
                DELETE FROM unique_hold AS h
                WHERE h.kind = p_kind AND h.unique_key = p_unique_key AND h.job_id = v_job.job_id;
                CONTINUE;
            END IF;
            RETURN QUERY SELECT v_job.job_id, v_job.alias, false;
            RETURN;
        END LOOP;
    END IF;
    LOOP
        SELECT e.id, e.alias, e.inserted INTO v_job
        FROM enqueue(p_queue, p_kind, p_args, p_priority, p_scheduled_at, p_max_attempts, p_unique_key) AS e;
        EXIT WHEN v_job.inserted OR p_scope = 'live';
        SELECT j.state INTO v_state FROM job AS j WHERE j.id = v_job.id;
        IF v_state <> 'running' THEN
            -- Held to the commit, so that the work cannot begin before it: what this transaction wrote is seen by it.
            BEGIN
                SELECT j.state INTO v_state FROM job AS j WHERE j.id = v_job.id FOR SHARE;
            EXCEPTION WHEN serialization_failure THEN
                v_tries := v_tries + 1;
                IF v_tries = 10 THEN RAISE; END IF;
                CONTINUE;  -- It was just made available, or ended: look again.
            END;
            CONTINUE WHEN NOT FOUND;
            EXIT WHEN v_state <> 'running';
        END IF;
        -- It has begun: the key goes to the job that is now made. The one that runs ends, or waits again, without it.
        DELETE FROM unique_job AS u
        WHERE u.kind = p_kind AND u.unique_key = p_unique_key AND u.job_id = v_job.id;
    END LOOP;
    IF p_hold IS NOT NULL THEN
        UPDATE unique_hold AS h SET job_id = v_job.id, alias = v_job.alias
        WHERE h.kind = p_kind AND h.unique_key = p_unique_key;
    END IF;
    RETURN QUERY SELECT v_job.id, v_job.alias, v_job.inserted;
END
$$;

-- Forget keys whose time is over. The elected worker calls it.
CREATE FUNCTION queue.forget_unique_holds(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_count bigint;
BEGIN
    DELETE FROM unique_hold AS h USING (
        SELECT o.kind, o.unique_key FROM unique_hold AS o WHERE o.held_until <= v_now
        ORDER BY o.held_until LIMIT p_limit FOR UPDATE SKIP LOCKED
    ) AS over
    WHERE h.kind = over.kind AND h.unique_key = over.unique_key;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

REVOKE ALL ON FUNCTION
    queue.enqueue_unique(text, text, jsonb, text, text, interval, integer, timestamptz, integer),
    queue.forget_unique_holds(integer)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    queue.enqueue_unique(text, text, jsonb, text, text, interval, integer, timestamptz, integer)
TO queue_producer, queue_worker, queue_operator;
GRANT EXECUTE ON FUNCTION queue.forget_unique_holds(integer) TO queue_worker;
