-- Maintenance, done by one elected worker: due jobs made available, history kept in partitions.

-- Become or stay the leader. Returns the term, or no row's null when another holds it.
CREATE FUNCTION queue.elect(p_name text, p_holder uuid, p_for interval) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    INSERT INTO leader AS l (name, holder, term, expires_at)
    VALUES (p_name, p_holder, 1, clock_timestamp() + p_for)
    ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, expires_at = clock_timestamp() + p_for,
        term = CASE WHEN l.holder = excluded.holder THEN l.term ELSE l.term + 1 END
    WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
    RETURNING l.term
$$;

CREATE FUNCTION queue.resign(p_name text, p_holder uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    UPDATE leader SET expires_at = '-infinity' WHERE name = p_name AND holder = p_holder
$$;

-- Make due jobs available. Returns a row per job's queue, for the bell.
CREATE FUNCTION queue.promote_due(p_limit integer) RETURNS TABLE (queue text, jobs bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    -- Not in the condition: an index is not searched by what may change while it is searched, and every job that is not
    -- due yet would be read.
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH due AS MATERIALIZED (
            SELECT j.id FROM job_deferred AS j
            WHERE j.scheduled_at <= v_now
            ORDER BY j.scheduled_at, j.id LIMIT p_limit FOR UPDATE SKIP LOCKED
        ), promoted AS (
            -- Through the parent, so that whoever waits for the row is told that it has moved and looks again.
            UPDATE job AS j SET state = 'available', position = next_position()
            FROM due WHERE j.id = due.id AND j.state IN ('scheduled', 'retryable') RETURNING j.queue
        )
        SELECT p.queue::text, count(*) FROM promoted AS p GROUP BY p.queue;
END
$$;

-- When the next deferred job is due; null when none is.
CREATE FUNCTION queue.next_due() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT min(scheduled_at) FROM job_deferred
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
        -- Locked first, so that nothing ends there after what is to be kept was moved.
        EXECUTE format('LOCK TABLE queue.%I IN ACCESS EXCLUSIVE MODE', v_old.relname);
        PERFORM keep_history(v_old.relname);
        EXECUTE format('DROP TABLE queue.%I', v_old.relname);
        v_dropped := v_dropped + 1;
    END LOOP;
    RETURN v_dropped + drop_kept();
END
$$;
