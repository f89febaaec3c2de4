-- Leasing jobs.

-- Write what `advance_lanes` and the beat have found: up to p_first (null: up to the mark) nothing is available, seen by a
-- snapshot in which every transaction before the lane's mark had ended. Nothing when another has written meanwhile, or is
-- about to. Internal.
CREATE FUNCTION queue.raise_low(p_queue text, p_priority integer, p_mark xid8, p_first bigint, p_top bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
    UPDATE lane
    SET low = greatest(low, least(p_first - 1, mark_position)), mark_position = p_top,
        mark_transaction = pg_current_xact_id(), advanced_at = clock_timestamp()
    WHERE ctid = (
        SELECT l.ctid FROM lane AS l WHERE l.queue = p_queue AND l.priority = p_priority
        ORDER BY l.zero DESC LIMIT 1 FOR UPDATE SKIP LOCKED) AND mark_transaction = p_mark
$$;

-- Move the low-water marks of a queue's lanes up. Every position up to p_top had been handed out before this
-- transaction had a number: so when every transaction with a lower number has ended, no job at or below that mark can
-- appear any more, and the lane's low water rises to the first job there that is still available. (The upper end of a
-- snapshot would not do for the transaction's own number: it lies below transactions that run.) Called by whoever
-- claims, now and then.
CREATE FUNCTION queue.advance_lanes(p_queue text, p_top bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_lane record;
    v_first bigint;
BEGIN
    FOR v_lane IN
        SELECT p::smallint AS priority, known.low, known.mark_position, known.mark_transaction, known.advanced_at
        FROM generate_series(0, 9) AS p LEFT JOIN LATERAL (
            SELECT l.low, l.mark_position, l.mark_transaction, l.advanced_at FROM lane AS l
            WHERE l.queue = p_queue AND l.priority = p ORDER BY l.zero DESC LIMIT 1
        ) AS known ON true
        WHERE CASE WHEN known.low IS NULL
            THEN EXISTS (SELECT 1 FROM job_ready AS j WHERE j.queue = p_queue AND j.priority = p)
            ELSE known.advanced_at <= clock_timestamp() - interval '1 second'
                AND known.mark_transaction <= pg_snapshot_xmin(pg_current_snapshot()) END
    LOOP
        IF v_lane.low IS NULL THEN
            INSERT INTO lane (queue, priority, low, mark_position, mark_transaction, advanced_at)
            VALUES (p_queue, v_lane.priority, 0, p_top, pg_current_xact_id(), clock_timestamp()) ON CONFLICT DO NOTHING;
            CONTINUE;
        END IF;
        -- A job that another is just claiming is still seen as available here, and may be so again.
        SELECT j.position INTO v_first FROM job_ready AS j
        WHERE j.queue = p_queue AND j.priority = v_lane.priority AND j.position > v_lane.low
            AND j.position <= v_lane.mark_position AND j.state = 'available'
        ORDER BY j.position LIMIT 1;
        -- A lane that is hardly used is left for a minute: each version of its row outlives an old snapshot.
        CONTINUE WHEN coalesce(v_first - 1, v_lane.mark_position) < v_lane.low + 1000
            AND p_top < v_lane.mark_position + 1000 AND v_lane.advanced_at > clock_timestamp() - interval '1 minute';
        PERFORM raise_low(p_queue, v_lane.priority, v_lane.mark_transaction, v_first, p_top);
    END LOOP;
END
$$;

-- Forget lanes that nobody has used for p_idle and that hold no job: queue names come and go. It is safe at any moment, also
-- while a job is being committed there: a lane that is not known begins at zero, where everything is found. Returns how many.
CREATE FUNCTION queue.forget_lanes(p_idle interval, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp SET jit = off AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_idle;
    v_count bigint;
BEGIN
    DELETE FROM lane AS l WHERE l.ctid = ANY (ARRAY(
        SELECT o.ctid FROM lane AS o
        WHERE o.advanced_at < v_before
            AND NOT EXISTS (SELECT 1 FROM job_ready AS j WHERE j.queue = o.queue AND j.priority = o.priority)
        LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- `advance_lanes` as a statement of its own. Does nothing inside a transaction that has written already.
CREATE FUNCTION queue.advance(p_queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_top bigint;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NULL AND current_setting('transaction_isolation') = 'read committed' THEN
        v_top := pg_sequence_last_value('job_position');
        PERFORM advance_lanes(p_queue, v_top);
    END IF;
END
$$;

-- Lease up to p_limit jobs. With a worker the lease lives by the worker's heartbeat; without one it ends after
-- p_lease_for, and p_holder names who has it.
--
-- p_after: for each priority from 0 to 9, the position after which to look. A claimer that remembers the greatest
-- position it was given passes it and never reads what it has passed; null, or a negative one, starts at the low-water
-- mark, and so also finds what was committed late or came back. A claimer with positions has to look with null now and
-- then, once a second say.
--
-- Priority 0 goes before everything else. The others age: a job gains a priority for each ten minutes it has waited.
--
-- Now and then a claim moves the marks of the queue's lanes, and may wait for whoever does the same at this moment. In a transaction
-- that has said `set_config('queue.keeps_marks', 'on', true)` it does not: who is never to wait calls `advance` later.
CREATE FUNCTION queue.claim(
    p_queue text, p_limit integer, p_worker uuid DEFAULT NULL, p_lease_for interval DEFAULT NULL,
    p_holder text DEFAULT NULL, p_after bigint[] DEFAULT NULL
) RETURNS TABLE (
    id bigint, alias uuid, kind text, args jsonb, attempt integer, max_attempts integer, lease_epoch integer,
    lease_number bigint, lease_alias uuid, lease_expires_at timestamptz, created_at timestamptz, priority integer,
    "position" bigint, is_limited boolean)
LANGUAGE plpgsql SECURITY DEFINER
-- A plan made while the table was empty must not read the whole of it when it is full.
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_epoch integer := primary_epoch();
    v_is_paused boolean;
    v_is_limited boolean;
    v_limit integer := p_limit;
    v_permits record;
    v_after bigint[];
    v_top bigint;
    v_count integer;
    v_expires_at timestamptz;
BEGIN
    IF (p_worker IS NULL) = (p_lease_for IS NULL) THEN
        RAISE EXCEPTION 'a claim names either a worker or a lease time' USING ERRCODE = 'DQ004';
    END IF;
    IF p_after IS NOT NULL AND (array_ndims(p_after) <> 1 OR cardinality(p_after) <> 10) THEN
        RAISE EXCEPTION 'a claim''s positions are ten' USING ERRCODE = 'DQ004';
    END IF;
    -- A snapshot from before a limit was set, or a queue paused, would see neither.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'jobs are claimed in read committed transactions only' USING ERRCODE = 'DQ004';
    END IF;
    -- Before this transaction gets its number.
    IF pg_current_xact_id_if_assigned() IS NULL THEN
        v_top := pg_sequence_last_value('job_position');
    END IF;
    IF p_worker IS NOT NULL THEN
        -- Held to the commit: a worker that is given up is given up with all its claims.
        SELECT w.expires_at INTO v_expires_at FROM worker AS w WHERE w.id = p_worker
        ORDER BY w.zero DESC LIMIT 1 FOR KEY SHARE;
        IF (v_expires_at > clock_timestamp()) IS NOT TRUE THEN
            RAISE EXCEPTION 'the worker is not registered or was given up' USING ERRCODE = 'DQ003';
        END IF;
    END IF;
    -- Whoever sets a limit waits for the claims under way and holds up the next, so that every claim is counted.
    -- (An expression: what a statement costs is its start. It is never null.)
    v_is_paused := pg_advisory_xact_lock_shared(1903519093, hashtext(p_queue)) IS NULL;
    SELECT
        EXISTS (SELECT 1 FROM paused_queue AS q WHERE q.queue = p_queue),
        (SELECT true FROM queue_limit AS l WHERE l.queue = p_queue ORDER BY l.zero DESC LIMIT 1) IS TRUE,
        ARRAY(
            SELECT CASE WHEN p_after[p + 1] >= 0 THEN p_after[p + 1] ELSE coalesce((
                SELECT l.low FROM lane AS l WHERE l.queue = p_queue AND l.priority = p ORDER BY l.zero DESC LIMIT 1), 0)
            END
            FROM generate_series(0, 9) AS p ORDER BY p)
    INTO v_is_paused, v_is_limited, v_after;
    IF v_is_paused THEN
        RETURN;
    END IF;
    IF v_is_limited THEN
        SELECT t.* INTO v_permits FROM take_permits(p_queue, p_limit) AS t;
        v_limit := v_permits.allowed;
        IF v_limit = 0 THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
        WITH claimed AS MATERIALIZED (
            SELECT taken.address
            FROM (
                SELECT a.priority, a.after
                FROM (
                    SELECT (n - 1)::smallint AS priority, after FROM unnest(v_after) WITH ORDINALITY AS u (after, n)
                ) AS a CROSS JOIN LATERAL (
                    SELECT j.scheduled_at FROM job_ready AS j
                    WHERE j.queue = p_queue AND j.priority = a.priority AND j.position > a.after
                        AND j.state = 'available'
                    ORDER BY j.position LIMIT 1
                ) AS head
                ORDER BY a.priority > 0,
                    a.priority - extract(epoch FROM clock_timestamp() - head.scheduled_at) / 600, a.priority
            ) AS lane CROSS JOIN LATERAL (
                SELECT j.ctid AS address FROM job_ready AS j
                WHERE j.queue = p_queue AND j.priority = lane.priority AND j.position > lane.after
                    AND j.state = 'available'
                ORDER BY j.position LIMIT v_limit FOR NO KEY UPDATE SKIP LOCKED
            ) AS taken
            LIMIT v_limit
        ), leased AS (
            UPDATE job_ready AS j
            SET state = 'running', attempt = j.attempt + 1, attempted_at = clock_timestamp(), lease_epoch = v_epoch,
                lease_number = nextval('queue.lease_number'),
                lease_alias = CASE WHEN p_worker IS NULL THEN gen_random_uuid() END,
                lease_expires_at = clock_timestamp() + p_lease_for, worker_id = p_worker, holder = p_holder,
                has_permit = v_is_limited
            FROM claimed AS c WHERE j.ctid = c.address
            RETURNING j.id, j.alias, j.kind, j.args, j.attempt::integer, j.max_attempts::integer, j.lease_epoch,
                j.lease_number, coalesce(j.lease_alias, j.alias), j.lease_expires_at, j.created_at,
                j.priority::integer, j.position, v_is_limited
        ), noted AS (
            INSERT INTO worker_claim (worker_id, number, jobs)
            SELECT p_worker, min(l.lease_number), array_agg(l.id) FROM leased AS l
            WHERE p_worker IS NOT NULL HAVING count(*) > 0
        )
        SELECT l.* FROM leased AS l;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_is_limited THEN
        PERFORM use_permits(p_queue, v_count, v_permits.tokens, v_permits.refilled_at);
    END IF;
    IF random() * 500 < v_count AND v_top IS NOT NULL AND current_setting('queue.keeps_marks', true) IS DISTINCT FROM 'on'
    THEN
        PERFORM advance_lanes(p_queue, v_top);
    END IF;
END
$$;

-- Hold the lease to the end of the caller's transaction: nobody can take the job back before it commits.
CREATE FUNCTION queue.with_lease(p_id bigint, p_epoch integer, p_number bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_end timestamptz;
BEGIN
    SELECT lease_expires_at INTO v_end FROM job_ready
    WHERE id = p_id AND state = 'running' AND lease_epoch = p_epoch AND lease_number = p_number
    FOR NO KEY UPDATE;
    -- The clock is read after the lock was had: the wait for it may have outlived the lease.
    IF NOT FOUND OR v_end <= clock_timestamp() OR p_epoch <> primary_epoch() THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'DQ001';
    END IF;
END
$$;

-- The job of a consumer that knows its lease by the alias only (an agency behind a door), held to the end of the caller's
-- transaction. No row when the lease is lost, was another's, or never was.
CREATE FUNCTION queue.lease_by_alias(p_alias uuid, p_holder text)
RETURNS TABLE (
    id bigint, alias uuid, kind text, args jsonb, attempt integer, max_attempts integer, lease_epoch integer,
    lease_number bigint, lease_expires_at timestamptz, created_at timestamptz, priority integer, "position" bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_job job_ready%ROWTYPE;
BEGIN
    SELECT j.* INTO v_job FROM job_ready AS j
    WHERE j.lease_alias = p_alias AND j.holder = p_holder AND j.state = 'running' FOR NO KEY UPDATE;
    -- The clock is read after the lock was had: the wait for it may have outlived the lease.
    IF NOT FOUND OR v_job.lease_expires_at <= clock_timestamp() OR v_job.lease_epoch <> primary_epoch() THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT v_job.id, v_job.alias, v_job.kind, v_job.args, v_job.attempt::integer,
        v_job.max_attempts::integer, v_job.lease_epoch, v_job.lease_number, v_job.lease_expires_at, v_job.created_at,
        v_job.priority::integer, v_job.position;
END
$$;

-- Several at once, each with the holder beside it: those whose lease is not over and whose row nobody else has under lock, so
-- that none is waited for. Of the others `lease_by_alias` says more, one by one. Internal: for a door that answers for many.
CREATE FUNCTION queue.leases_by_alias(p_aliases uuid[], p_holders text[])
RETURNS TABLE (place bigint, id bigint, args jsonb, lease_epoch integer, lease_number bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_epoch integer := primary_epoch();
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        SELECT w.place, j.id, j.args, j.lease_epoch, j.lease_number
        FROM unnest(p_aliases, p_holders) WITH ORDINALITY AS w (alias, holder, place)
        JOIN job_ready AS j ON j.lease_alias = w.alias
        WHERE j.holder = w.holder AND j.state = 'running' AND j.lease_epoch = v_epoch AND j.lease_expires_at > v_now
        FOR NO KEY UPDATE OF j SKIP LOCKED;
END
$$;

-- Lengthen a lease that has its own end. Returns the new end; null for a worker's, which lives by its heartbeat.
CREATE FUNCTION queue.extend(p_id bigint, p_epoch integer, p_number bigint, p_lease_for interval)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_end timestamptz;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    UPDATE job_ready SET lease_expires_at = greatest(lease_expires_at, clock_timestamp() + p_lease_for)
    WHERE id = p_id AND lease_expires_at IS NOT NULL RETURNING lease_expires_at INTO v_end;
    RETURN v_end;
END
$$;
