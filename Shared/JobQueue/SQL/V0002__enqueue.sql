-- The API of the queue for producers. Every change of a job's state is a function of this schema; Swift is their first
-- client. SQLSTATE DQ001: the lease is lost (or never was). DQ002: no such job. DQ003: no such worker. DQ004: bad
-- argument.

-- The timeline of this primary. It grows with each promotion, and unlike the control file it is right at once. As volatile as
-- what it calls, or it would not be inlined: every call would parse and plan it.
CREATE FUNCTION queue.primary_epoch() RETURNS integer
LANGUAGE sql VOLATILE AS $$
    SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer
$$;

-- Says what about a job to be is out of range. Internal.
CREATE FUNCTION queue.refuse_job(p_queue text, p_kind text, p_priority integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF (length(p_queue) BETWEEN 1 AND 200) IS NOT TRUE THEN
        RAISE EXCEPTION 'the name of a queue has 1 to 200 characters' USING ERRCODE = 'DQ004';
    ELSIF (length(p_kind) BETWEEN 1 AND 200) IS NOT TRUE THEN
        RAISE EXCEPTION 'the name of a kind has 1 to 200 characters' USING ERRCODE = 'DQ004';
    ELSIF (p_priority BETWEEN 0 AND 9) IS NOT TRUE THEN
        RAISE EXCEPTION 'a priority is 0 to 9' USING ERRCODE = 'DQ004';
    END IF;
    RAISE EXCEPTION 'a job has 1 to 32767 attempts' USING ERRCODE = 'DQ004';
END
$$;

CREATE FUNCTION queue.enqueue(
    p_queue text, p_kind text, p_args jsonb, p_priority integer DEFAULT 4, p_scheduled_at timestamptz DEFAULT NULL,
    p_max_attempts integer DEFAULT 25, p_unique_key text DEFAULT NULL
) RETURNS TABLE (id bigint, alias uuid, inserted boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_id bigint;
    v_alias uuid;
BEGIN
    IF (length(p_queue) BETWEEN 1 AND 200 AND length(p_kind) BETWEEN 1 AND 200 AND p_priority BETWEEN 0 AND 9
        AND p_max_attempts BETWEEN 1 AND 32767) IS NOT TRUE
    THEN
        PERFORM refuse_job(p_queue, p_kind, p_priority);
    END IF;
    LOOP
        v_id := nextval('queue.job_id');
        v_alias := new_alias();
        EXIT WHEN p_unique_key IS NULL;
        INSERT INTO unique_job (kind, unique_key, job_id, alias) VALUES (p_kind, p_unique_key, v_id, v_alias)
        ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
        SELECT u.job_id, u.alias INTO v_id, v_alias FROM unique_job AS u
        WHERE u.kind = p_kind AND u.unique_key = p_unique_key;
        -- Not found: the holder of the key finished between the two statements. A key whose job is gone holds nobody
        -- up.
        CONTINUE WHEN NOT FOUND;
        PERFORM 1 FROM job AS j WHERE j.id = v_id;
        IF FOUND THEN
            RETURN QUERY SELECT v_id, v_alias, false;
            RETURN;
        END IF;
        DELETE FROM unique_job AS u WHERE u.kind = p_kind AND u.unique_key = p_unique_key AND u.job_id = v_id;
    END LOOP;
    IF p_scheduled_at > clock_timestamp() THEN
        INSERT INTO job_deferred (
            id, alias, queue, kind, args, priority, state, position, max_attempts, unique_key, scheduled_at)
        VALUES (
            v_id, v_alias, p_queue, p_kind, p_args, p_priority, 'scheduled', NULL, p_max_attempts, p_unique_key,
            p_scheduled_at);
    ELSE
        INSERT INTO job_ready (id, alias, queue, kind, args, priority, state, max_attempts, unique_key, scheduled_at)
        VALUES (
            v_id, v_alias, p_queue, p_kind, p_args, p_priority, 'available', p_max_attempts, p_unique_key,
            coalesce(p_scheduled_at, clock_timestamp()));
    END IF;
    RETURN QUERY SELECT v_id, v_alias, true;
END
$$;

-- Many at once, without unique keys: for bulk producers.
CREATE FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer DEFAULT 4)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_count bigint;
BEGIN
    IF (length(p_queue) BETWEEN 1 AND 200 AND length(p_kind) BETWEEN 1 AND 200 AND p_priority BETWEEN 0 AND 9) IS NOT TRUE
    THEN
        PERFORM refuse_job(p_queue, p_kind, p_priority);
    END IF;
    INSERT INTO job_ready (queue, kind, args, priority, state)
    SELECT p_queue, p_kind, a, p_priority, 'available' FROM unnest(p_args) AS a;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- Wake whoever waits on these queues. Called in a transaction of its own, after the writer's has committed: a NOTIFY
-- inside the writer's transaction would take a database-wide lock until its commit.
CREATE FUNCTION queue.ring(p_queues text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    -- A ring that a crash loses is harmless: its commit need not wait for the disk. What else the transaction did may
    -- not be: `ring_at_commit` is for that.
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'ring after the commit, or call ring_at_commit' USING ERRCODE = 'DQ004';
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_notify('queue_ready', q) FROM unnest(p_queues) AS q;
END
$$;
