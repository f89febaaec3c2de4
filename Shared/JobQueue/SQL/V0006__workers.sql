-- Workers: registration, heartbeat, and what becomes of the leases of those that are gone.

CREATE FUNCTION queue.register_worker(p_id uuid, p_name text, p_queues text[], p_slots integer, p_alive_for interval)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    INSERT INTO worker (id, name, queues, slots, expires_at)
    VALUES (p_id, p_name, p_queues, p_slots, clock_timestamp() + p_alive_for)
$$;

-- However a worker leaves the register, its leases are looked for.
CREATE FUNCTION queue.note_lost_worker() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    INSERT INTO lost_worker (id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER worker_lost AFTER DELETE ON queue.worker FOR EACH ROW EXECUTE FUNCTION queue.note_lost_worker();

-- Which queues have jobs available, at or above their lanes' low water. Up to fifty named queues are looked at one by
-- one. Else the lanes that have jobs are walked through, whatever they are of, and the caller picks its own: that costs in
-- proportion to the lanes that have some, or have had thousands lately, however many queues there are. Internal.
--
-- Where many jobs have been done since the low water was set, it is raised to the first that waits (p_top: how far the
-- positions had come before this transaction had its number; null: not): the next look begins there, and so does a claim
-- that looks back, however much is dead below.
CREATE FUNCTION queue.waiting_queues(p_queues text[], p_top bigint) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_queue text;
    v_found record;
    v_priority smallint := 0;
    v_lane lane%ROWTYPE;
    v_next text;
BEGIN
    IF cardinality(p_queues) <= 50 THEN
        FOR v_found IN
            SELECT q AS queue, p AS priority, known.low, known.mark_transaction, known.advanced_at, first.position,
                known.mark_transaction <= pg_snapshot_xmin(pg_current_snapshot()) AS may_rise
            FROM unnest(p_queues) WITH ORDINALITY AS u (q, n) CROSS JOIN generate_series(0, 9) AS p
            LEFT JOIN LATERAL (
                SELECT l.low, l.mark_transaction, l.advanced_at FROM lane AS l WHERE l.queue = q AND l.priority = p
                ORDER BY l.zero DESC LIMIT 1
            ) AS known ON true
            CROSS JOIN LATERAL (
                SELECT j.position FROM job_ready AS j
                WHERE j.queue = q AND j.priority = p AND j.position > coalesce(known.low, 0) AND j.state = 'available'
                ORDER BY j.position LIMIT 1
            ) AS first
            ORDER BY u.n, p
        LOOP
            IF v_found.queue IS DISTINCT FROM v_queue THEN
                v_queue := v_found.queue;
                RETURN NEXT v_queue;
            END IF;
            IF p_top IS NOT NULL AND v_found.position > v_found.low + 1000 AND v_found.may_rise
                AND v_found.advanced_at < clock_timestamp() - interval '0.5 s'
            THEN
                PERFORM raise_low(v_queue, v_found.priority, v_found.mark_transaction, v_found.position, p_top);
            END IF;
        END LOOP;
        RETURN;
    END IF;
    v_queue := chr(1114111);
    LOOP
        -- The next lane whose low water is known, and before it those that never had enough jobs for one.
        -- Downwards, so that the newest version of a lane's row is the first met.
        SELECT l.* INTO v_lane FROM lane AS l WHERE (l.queue, l.priority) < (v_queue, v_priority)
        ORDER BY l.queue DESC, l.priority DESC, l.zero DESC LIMIT 1;
        SELECT j.queue INTO v_next FROM job_ready AS j
        WHERE (j.queue, j.priority) < (v_queue, v_priority)
            AND (j.queue, j.priority) > (coalesce(v_lane.queue, ''), coalesce(v_lane.priority, 0::smallint))
            AND j.state = 'available'
        ORDER BY j.queue DESC, j.priority DESC, j.position DESC LIMIT 1;
        IF v_next IS NOT NULL THEN
            RETURN NEXT v_next;
            v_queue := v_next;
            v_priority := 0;
        ELSIF v_lane.queue IS NULL THEN
            RETURN;
        ELSE
            v_queue := v_lane.queue;
            v_priority := v_lane.priority;
            PERFORM 1 FROM job_ready AS j
            WHERE j.queue = v_queue AND j.priority = v_priority AND j.position > v_lane.low AND j.state = 'available'
            ORDER BY j.position LIMIT 1;
            IF FOUND THEN
                RETURN NEXT v_queue;
                v_priority := 0;
            END IF;
        END IF;
    END LOOP;
END
$$;

-- Beat: the one statement of a worker that has nothing to do. Returns which of its jobs somebody wants cancelled, which
-- queues have jobs available (of a worker of more than fifty queues: also others'), which are limited, whether this worker
-- is the leader now, and the version of the queues' shares. p_over: claims of the worker, by the lowest number of their leases,
-- of which each job's lease is over, as this database has told the worker: they are forgotten. DQ003 when the rescuer has already given this worker up: it must
-- stop all its work and come back under a new id.
--
-- A hundred idle workers call it forty times a second, when nothing of it is in the processor's caches: what it costs is the
-- starting of statements, so there is one, and others only where there is something to do.
CREATE FUNCTION queue.beat(
    p_id uuid, p_running integer, p_draining boolean, p_alive_for interval, p_stands boolean DEFAULT false,
    p_over bigint[] DEFAULT NULL
) RETURNS TABLE (cancelled bigint[], waiting text[], limited text[], leads boolean, share_version bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_queues text[];
    v_is_behind boolean;
    v_leader uuid;
    v_term timestamptz;
    v_top bigint;
BEGIN
    -- Before this transaction has its number.
    IF pg_current_xact_id_if_assigned() IS NULL AND current_setting('transaction_isolation') = 'read committed' THEN
        v_top := pg_sequence_last_value('job_position');
    END IF;
    WITH beaten AS (
        UPDATE worker SET seen_at = clock_timestamp(), expires_at = clock_timestamp() + p_alive_for,
            running = p_running, draining = p_draining
        WHERE ctid = (
            SELECT w.ctid FROM worker AS w WHERE w.id = p_id ORDER BY w.zero DESC LIMIT 1 FOR NO KEY UPDATE)
        RETURNING worker.queues
    ), few AS (
        SELECT b.queues FROM beaten AS b WHERE cardinality(b.queues) <= 50
    )
    SELECT b.queues, seen.queues, seen.is_behind,
        ARRAY(
            SELECT j.id FROM job_ready AS j
            WHERE j.cancel_requested_at IS NOT NULL AND j.worker_id = p_id AND j.state = 'running'),
        ARRAY(
            SELECT q FROM few CROSS JOIN unnest(few.queues) AS q
            WHERE (SELECT true FROM queue_limit AS l WHERE l.queue = q ORDER BY l.zero DESC LIMIT 1)),
        (SELECT s.version FROM share_version AS s),
        lead.holder, lead.expires_at
    INTO v_queues, waiting, v_is_behind, cancelled, limited, share_version, v_leader, v_term
    FROM beaten AS b
    -- As in waiting_queues, which see.
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT q) AS queues, bool_or(first.position > known.low + 1000) AS is_behind
        FROM few CROSS JOIN unnest(few.queues) AS q CROSS JOIN generate_series(0, 9) AS p
        LEFT JOIN LATERAL (
            SELECT l.low FROM lane AS l WHERE l.queue = q AND l.priority = p ORDER BY l.zero DESC LIMIT 1
        ) AS known ON true
        CROSS JOIN LATERAL (
            SELECT j.position FROM job_ready AS j
            WHERE j.queue = q AND j.priority = p AND j.position > coalesce(known.low, 0) AND j.state = 'available'
            ORDER BY j.position LIMIT 1
        ) AS first
        WHERE NOT p_draining
    ) AS seen
    LEFT JOIN leader AS lead ON lead.name = 'job_maintenance';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the worker is not registered or was given up' USING ERRCODE = 'DQ003';
    END IF;
    IF p_over IS NOT NULL THEN
        DELETE FROM worker_claim AS c WHERE c.worker_id = p_id AND c.number = ANY (p_over);
    END IF;
    IF NOT p_draining AND (cardinality(v_queues) > 50 OR v_is_behind AND v_top IS NOT NULL) THEN
        waiting := ARRAY(SELECT q FROM waiting_queues(v_queues, v_top) AS q);
    END IF;
    waiting := coalesce(waiting, '{}');
    IF cardinality(v_queues) > 50 THEN
        limited := ARRAY(
            WITH RECURSIVE walk (queue) AS (
                (SELECT l.queue FROM queue_limit AS l ORDER BY l.queue DESC, l.zero DESC LIMIT 1)
                UNION ALL
                SELECT (
                    SELECT l.queue FROM queue_limit AS l WHERE l.queue < w.queue
                    ORDER BY l.queue DESC, l.zero DESC LIMIT 1)
                FROM walk AS w WHERE w.queue IS NOT NULL
            )
            SELECT w.queue FROM walk AS w WHERE w.queue IS NOT NULL);
    END IF;
    leads := false;
    IF p_stands THEN
        -- The row is written when the term is half over or over, not by every candidate's every beat.
        IF v_leader = p_id AND v_term > clock_timestamp() + interval '5 seconds' THEN
            leads := true;
        ELSIF v_leader IS NULL OR v_leader = p_id OR v_term < clock_timestamp() THEN
            leads := elect('job_maintenance', p_id, interval '10 seconds') IS NOT NULL;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

CREATE FUNCTION queue.deregister_worker(p_id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    DELETE FROM worker WHERE id = p_id
$$;

-- Fold the worker's claims into one row of the jobs that are still its own. p_after: the number returned last time, or
-- null now and then, for a claim that got its number before and committed after. Returns the number of the row. Looks at each
-- job: claims that are known to be over are better told to `beat`.
CREATE FUNCTION queue.compact_claims(p_worker uuid, p_after bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_number bigint := nextval('queue.lease_number');
BEGIN
    WITH old AS (
        DELETE FROM worker_claim AS c
        WHERE c.worker_id = p_worker AND c.number >= coalesce(p_after, 0) RETURNING c.jobs
    ), held AS (
        SELECT j.id FROM old, unnest(old.jobs) AS o (id) JOIN job_ready AS j ON j.id = o.id
        WHERE j.state = 'running' AND j.worker_id = p_worker
    )
    INSERT INTO worker_claim (worker_id, number, jobs)
    SELECT p_worker, v_number, array_agg(h.id) FROM held AS h HAVING count(*) > 0;
    RETURN v_number;
END
$$;

-- What a lease that its holder has lost leads to. Internal: the caller has locked the row, which is returned from.
CREATE FUNCTION queue.take_back(p_job queue.job_ready, p_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    IF p_job.cancel_requested_at IS NOT NULL THEN
        PERFORM finish(p_job.id, 'cancelled', 'cancelled_while_lost');
    ELSIF p_job.worker_id IS NOT NULL AND p_job.attempt >= p_job.max_attempts THEN
        PERFORM finish(p_job.id, 'discarded', 'lease_lost');
    ELSE
        -- A consumer without a worker may let its lease run out any number of times: the clocks decide, not a count.
        PERFORM put_back(
            p_job.id, 'scheduled', interval '0',
            CASE WHEN p_job.worker_id IS NULL THEN p_job.attempt - 1 ELSE p_job.attempt END,
            CASE WHEN p_code IS NULL THEN p_job.errors ELSE add_error(p_job.errors, p_job.attempt, p_code) END);
    END IF;
END
$$;

-- Take back leases that ran out, those of workers that are gone, and those an older primary gave. A live worker's lease
-- is never taken. A job whose attempts are used up becomes a dead letter. Returns a row per queue.
CREATE FUNCTION queue.rescue(p_limit integer) RETURNS TABLE (queue text, jobs bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_job job_ready%ROWTYPE;
    v_queues text[] := '{}';
    v_worker uuid;
    v_next uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    v_expires_at timestamptz;
    v_left integer := p_limit;
    -- Not in the conditions: an index is not searched by what may change while it is searched.
    v_now timestamptz := clock_timestamp();
BEGIN
    FOR v_job IN
        SELECT j.* FROM job_ready AS j
        WHERE j.lease_expires_at < v_now AND j.state = 'running'
        LIMIT v_left FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM take_back(v_job, 'lease_lost');
        v_queues := v_queues || v_job.queue;
        v_left := v_left - 1;
    END LOOP;
    -- Worker by worker, the newest version of each row first.
    LOOP
        SELECT w.id, w.expires_at INTO v_next, v_expires_at FROM worker AS w
        WHERE w.id < v_next ORDER BY w.id DESC, w.zero DESC LIMIT 1;
        EXIT WHEN NOT FOUND;
        CONTINUE WHEN v_expires_at >= v_now;
        -- Seen again under the lock: it may have beaten meanwhile.
        DELETE FROM worker AS w WHERE w.ctid = (
            SELECT e.ctid FROM worker AS e WHERE e.id = v_next AND e.expires_at < v_now
            ORDER BY e.zero DESC LIMIT 1 FOR UPDATE SKIP LOCKED);
    END LOOP;
    FOR v_worker IN SELECT l.id FROM lost_worker AS l ORDER BY l.lost_at FOR UPDATE SKIP LOCKED LOOP
        FOR v_job IN
            SELECT j.* FROM worker_claim AS c, unnest(c.jobs) AS o (id) JOIN job_ready AS j ON j.id = o.id
            WHERE c.worker_id = v_worker AND j.worker_id = v_worker AND j.state = 'running'
            LIMIT v_left FOR NO KEY UPDATE OF j SKIP LOCKED
        LOOP
            PERFORM take_back(v_job, 'lease_lost');
            v_queues := v_queues || v_job.queue;
            v_left := v_left - 1;
        END LOOP;
        -- Jobs that are held by a handler's transaction are looked at again next time.
        IF v_left > 0 AND NOT EXISTS (
            SELECT 1 FROM worker_claim AS c, unnest(c.jobs) AS o (id) JOIN job_ready AS j ON j.id = o.id
            WHERE c.worker_id = v_worker AND j.worker_id = v_worker AND j.state = 'running')
        THEN
            DELETE FROM worker_claim AS c WHERE c.worker_id = v_worker;
            DELETE FROM lost_worker AS l WHERE l.id = v_worker;
        END IF;
    END LOOP;
    -- After a failover an older lease opens no door any more.
    IF v_left > 0 AND NOT EXISTS (SELECT 1 FROM rescued_epoch AS e WHERE e.epoch = primary_epoch()) THEN
        FOR v_job IN
            SELECT j.* FROM job_ready AS j
            WHERE j.state = 'running' AND j.lease_epoch <> primary_epoch() LIMIT v_left FOR NO KEY UPDATE SKIP LOCKED
        LOOP
            PERFORM take_back(v_job, 'lease_lost');
            v_queues := v_queues || v_job.queue;
            v_left := v_left - 1;
        END LOOP;
        IF v_left > 0 AND NOT EXISTS (
            SELECT 1 FROM job_ready AS j WHERE j.state = 'running' AND j.lease_epoch <> primary_epoch())
        THEN
            DELETE FROM rescued_epoch;
            INSERT INTO rescued_epoch (epoch) VALUES (primary_epoch());
        END IF;
    END IF;
    RETURN QUERY SELECT q, count(*) FROM unnest(v_queues) AS q GROUP BY q;
END
$$;

-- A worker hands back what is leased to it but not in its hands: the answer of a claim was lost on the way, or an
-- outcome could not be written. The attempt counts, for it may have been made. Returns the number of jobs.
CREATE FUNCTION queue.release_unheld(p_worker uuid, p_held bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_id bigint;
    v_job job_ready%ROWTYPE;
    v_count bigint := 0;
BEGIN
    FOR v_id IN
        SELECT DISTINCT o.id FROM worker_claim AS c, unnest(c.jobs) AS o (id)
        WHERE c.worker_id = p_worker AND NOT o.id = ANY (p_held) ORDER BY o.id
    LOOP
        SELECT j.* INTO v_job FROM job_ready AS j
        WHERE j.id = v_id AND j.worker_id = p_worker AND j.state = 'running' FOR NO KEY UPDATE;
        IF FOUND THEN
            PERFORM take_back(v_job, NULL);
            v_count := v_count + 1;
        END IF;
    END LOOP;
    RETURN v_count;
END
$$;
