-- What waits in the queues, in constant time. Nothing is counted along while jobs are made and claimed, so it costs them
-- nothing and no counter can be wrong: up to a thousand jobs of a lane are counted one by one, more are estimated from
-- samples of it. The cost of a look grows with the number of queues and of running jobs, not with what waits.

-- For the estimate only. Ids are handed out in order, as positions are.
CREATE INDEX job_deferred_queue ON queue.job_deferred (queue, id);

-- Of the jobs in (p_from, p_to] of a lane (or, with no priority, of the deferred ones of a queue) the first p_limit, or the
-- last: how many there are and where the one furthest in stands. Internal.
CREATE FUNCTION queue.probe(
    p_queue text, p_priority integer, p_from bigint, p_to bigint, p_limit integer, p_last boolean,
    OUT jobs bigint, OUT furthest bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF p_priority IS NULL AND NOT p_last THEN
        SELECT count(*), max(s.id) INTO jobs, furthest FROM (
            SELECT j.id FROM job_deferred AS j WHERE j.queue = p_queue AND j.id > p_from AND j.id <= p_to
            ORDER BY j.id LIMIT p_limit) AS s;
    ELSIF p_priority IS NULL THEN
        SELECT count(*), min(s.id) INTO jobs, furthest FROM (
            SELECT j.id FROM job_deferred AS j WHERE j.queue = p_queue AND j.id > p_from AND j.id <= p_to
            ORDER BY j.id DESC LIMIT p_limit) AS s;
    ELSIF NOT p_last THEN
        SELECT count(*), max(s.position) INTO jobs, furthest FROM (
            SELECT j.position FROM job_ready AS j
            WHERE j.queue = p_queue AND j.priority = p_priority AND j.position > p_from AND j.position <= p_to
                AND j.state = 'available'
            ORDER BY j.position LIMIT p_limit) AS s;
    ELSE
        SELECT count(*), min(s.position) INTO jobs, furthest FROM (
            SELECT j.position FROM job_ready AS j
            WHERE j.queue = p_queue AND j.priority = p_priority AND j.position > p_from AND j.position <= p_to
                AND j.state = 'available'
            ORDER BY j.position DESC LIMIT p_limit) AS s;
    END IF;
END
$$;

-- How many jobs stand after p_from in a lane that is too long to be counted. A stretch whose ends are not equally dense is
-- halved, as long as there are samples left; in the others four windows, spread over the stretch, say how dense it is. A
-- hundred stretches at most, whatever the length. Internal.
CREATE FUNCTION queue.estimate(p_queue text, p_priority integer, p_from bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    c_sample CONSTANT integer := 64;
    v_end bigint;
    v_froms bigint[] := '{}';
    v_tos bigint[] := '{}';
    v_place integer := 1;
    v_from bigint;
    v_to bigint;
    v_middle bigint;
    v_first record;
    v_last record;
    v_head double precision;
    v_tail double precision;
    v_width bigint;
    v_start bigint;
    v_seen bigint;
    v_sum double precision := 0;
BEGIN
    SELECT furthest INTO v_end FROM probe(p_queue, p_priority, p_from, 9223372036854775807, 1, true);
    IF v_end IS NULL THEN
        RETURN 0;
    END IF;
    FOR i IN 0..15 LOOP
        v_froms := v_froms || (p_from + ((v_end - p_from)::numeric * i / 16)::bigint);
        v_tos := v_tos || (p_from + ((v_end - p_from)::numeric * (i + 1) / 16)::bigint);
    END LOOP;
    -- Breadth first, so that the samples are spent where a stretch is long.
    WHILE v_place <= cardinality(v_froms) LOOP
        v_from := v_froms[v_place];
        v_to := v_tos[v_place];
        v_place := v_place + 1;
        CONTINUE WHEN v_from >= v_to;
        SELECT jobs, furthest INTO v_first FROM probe(p_queue, p_priority, v_from, v_to, c_sample, false);
        IF v_first.jobs < c_sample THEN
            v_sum := v_sum + v_first.jobs;  -- That is all of them.
            CONTINUE;
        END IF;
        SELECT jobs, furthest INTO v_last FROM probe(p_queue, p_priority, v_from, v_to, c_sample, true);
        IF v_last.furthest <= v_first.furthest THEN
            -- The two samples meet: the stretch is hardly longer than they are.
            SELECT jobs INTO v_first FROM probe(p_queue, p_priority, v_from, v_to, 2 * c_sample, false);
            v_sum := v_sum + v_first.jobs;
            CONTINUE;
        END IF;
        v_head := c_sample::double precision / (v_first.furthest - v_from);
        v_tail := c_sample::double precision / (v_to - v_last.furthest + 1);
        IF (v_head > v_tail * 1.25 OR v_tail > v_head * 1.25) AND cardinality(v_froms) < 98 THEN
            v_middle := v_from + (v_to - v_from) / 2;
            v_froms := v_froms || v_from || v_middle;
            v_tos := v_tos || v_middle || v_to;
            CONTINUE;
        END IF;
        -- Windows that do not begin where a job stands: from there on it would always look dense.
        v_width := greatest(least((v_to - v_from) / 4, (2 * c_sample / least(v_head, v_tail))::bigint), 1);
        v_seen := 0;
        FOR i IN 0..3 LOOP
            v_start := v_from + ((v_to - v_from) / 4) * i
                + floor(((v_to - v_from) / 4 - v_width) * mod((v_place * 4 + i) * 0.618034, 1))::bigint;
            SELECT jobs INTO v_first FROM probe(p_queue, p_priority, v_start, v_start + v_width, 8 * c_sample, false);
            v_seen := v_seen + v_first.jobs;
        END LOOP;
        v_sum := v_sum + (v_to - v_from) * (v_seen::double precision / (4 * v_width));
    END LOOP;
    RETURN v_sum::bigint;
END
$$;

-- The names of queues that hold jobs, have a worker, are paused or limited. Lanes that are known are stepped over, so that
-- the rows of their finished jobs are not read. Internal.
CREATE FUNCTION queue.queue_names() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_known text[];
    v_found text[] := '{}';
    v_after text COLLATE "C" := '';
    v_before text COLLATE "C";
    v_name text COLLATE "C";
BEGIN
    SELECT array_agg(DISTINCT n.name ORDER BY n.name) INTO v_known FROM (
        SELECT l.queue FROM lane AS l
        UNION ALL SELECT q FROM worker AS w, unnest(w.queues) AS q
        UNION ALL SELECT p.queue FROM paused_queue AS p
        UNION ALL SELECT l.queue FROM queue_limit AS l
    ) AS n (name);
    FOREACH v_before IN ARRAY coalesce(v_known, '{}') || NULL::text LOOP
        LOOP
            SELECT j.queue INTO v_name FROM job_ready AS j
            WHERE j.queue > v_after AND j.queue < coalesce(v_before, chr(1114111)) ORDER BY j.queue LIMIT 1;
            EXIT WHEN NOT FOUND;
            v_found := v_found || v_name;
            v_after := v_name;
        END LOOP;
        v_after := v_before;
    END LOOP;
    v_after := '';
    LOOP
        SELECT j.queue INTO v_name FROM job_deferred AS j WHERE j.queue > v_after ORDER BY j.queue LIMIT 1;
        EXIT WHEN NOT FOUND;
        v_found := v_found || v_name;
        v_after := v_name;
    END LOOP;
    RETURN ARRAY(SELECT DISTINCT n COLLATE "C" FROM unnest(v_known || v_found) AS n ORDER BY 1);
END
$$;

-- Depth and lag of queues: of those named, or of all. Numbers up to a thousand of a lane are exact (is_exact); above they
-- are estimates. oldest_available_at is when the first job of any lane was made or came due: the time since is the lag.
CREATE FUNCTION queue.stats(p_queues text[] DEFAULT NULL) RETURNS TABLE (
    queue text, available bigint, scheduled bigint, running bigint, retryable bigint, oldest_available_at timestamptz,
    paused boolean, is_exact boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_queues text[] := coalesce(p_queues, queue_names());
BEGIN
    RETURN QUERY
        WITH named AS MATERIALIZED (
            SELECT DISTINCT n COLLATE "C" AS name FROM unnest(v_queues) AS n
        ), lanes AS (
            SELECT n.name, p.priority, head.jobs, head.furthest, head.oldest
            FROM named AS n CROSS JOIN generate_series(0, 9) AS p (priority)
            LEFT JOIN lane AS l ON l.queue = n.name AND l.priority = p.priority
            CROSS JOIN LATERAL (
                SELECT count(*) AS jobs, max(s.position) AS furthest,
                    (array_agg(s.scheduled_at ORDER BY s.position))[1] AS oldest
                FROM (
                    SELECT j.position, j.scheduled_at FROM job_ready AS j
                    WHERE j.queue = n.name AND j.priority = p.priority::smallint AND j.position > coalesce(l.low, 0)
                        AND j.state = 'available'
                    ORDER BY j.position LIMIT 1000) AS s
            ) AS head
            WHERE head.jobs > 0
        ), ready AS (
            SELECT l.name, sum(CASE WHEN l.jobs < 1000 THEN l.jobs ELSE 1000 + estimate(l.name, l.priority, l.furthest) END)
                AS jobs, min(l.oldest) AS oldest, bool_and(l.jobs < 1000) AS is_exact
            FROM lanes AS l GROUP BY l.name
        ), deferred AS (
            SELECT n.name, head.jobs, head.retryable, head.jobs < 1000 AS is_exact,
                CASE WHEN head.jobs < 1000 THEN head.jobs ELSE 1000 + estimate(n.name, NULL, head.furthest) END AS estimated
            FROM named AS n CROSS JOIN LATERAL (
                SELECT count(*) AS jobs, max(s.id) AS furthest, count(*) FILTER (WHERE s.state = 'retryable') AS retryable
                FROM (
                    SELECT j.id, j.state FROM job_deferred AS j WHERE j.queue = n.name ORDER BY j.id LIMIT 1000) AS s
            ) AS head
        ), leased AS MATERIALIZED (
            SELECT DISTINCT o.id FROM worker_claim AS c, unnest(c.jobs) AS o (id)
        ), held AS (
            SELECT h.queue AS name, count(*) AS jobs FROM (
                SELECT j.queue FROM leased AS o JOIN job_ready AS j ON j.id = o.id
                WHERE j.state = 'running' AND j.worker_id IS NOT NULL
                UNION ALL
                SELECT j.queue FROM job_ready AS j WHERE j.lease_expires_at IS NOT NULL AND j.state = 'running'
            ) AS h GROUP BY h.queue
        )
        SELECT n.name::text, coalesce(r.jobs, 0)::bigint,
            (d.estimated - CASE WHEN d.jobs > 0 THEN d.retryable * d.estimated / d.jobs ELSE 0 END)::bigint,
            coalesce(h.jobs, 0),
            (CASE WHEN d.jobs > 0 THEN d.retryable * d.estimated / d.jobs ELSE 0 END)::bigint,
            r.oldest, EXISTS (SELECT 1 FROM paused_queue AS p WHERE p.queue = n.name),
            coalesce(r.is_exact, true) AND d.is_exact
        FROM named AS n
        JOIN deferred AS d ON d.name = n.name
        LEFT JOIN ready AS r ON r.name = n.name
        LEFT JOIN held AS h ON h.name = n.name
        ORDER BY n.name;
END
$$;

-- The same of the queues that some worker has registered for: what the leader shows as gauges.
CREATE FUNCTION queue.worked_stats() RETURNS TABLE (
    queue text, available bigint, scheduled bigint, running bigint, retryable bigint, oldest_available_at timestamptz,
    paused boolean, is_exact boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT s.* FROM stats(ARRAY(SELECT DISTINCT q FROM worker AS w, unnest(w.queues) AS q)) AS s
$$;

-- What the CLI and the autoscaler see. Queues without a job are shown while somebody works, pauses or limits them.
CREATE VIEW queue.queue_overview AS
    SELECT s.queue, s.available, s.scheduled, s.running, s.retryable, s.oldest_available_at, s.paused, s.is_exact,
        w.workers, w.slots
    FROM queue.stats() AS s
    CROSS JOIN LATERAL (
        SELECT count(*) AS workers, coalesce(sum(w.slots), 0) AS slots FROM queue.worker AS w
        WHERE s.queue = ANY (w.queues) AND w.expires_at > clock_timestamp() AND NOT w.draining
    ) AS w
    WHERE s.available + s.scheduled + s.running + s.retryable > 0 OR s.paused OR w.workers > 0
        OR EXISTS (SELECT 1 FROM queue.queue_limit AS l WHERE l.queue = s.queue);

-- What `dandelion queue doctor` looks at: a row per thing, with a number and, where there is one, a name. Counts stop at a
-- thousand.
CREATE FUNCTION queue.health() RETURNS TABLE (thing text, name text, amount double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = queue, pg_temp SET jit = off AS $$
BEGIN
    -- Rows that are dead and not yet taken away, by table.
    RETURN QUERY SELECT 'dead_rows'::text, s.relname::text, s.n_dead_tup::double precision
        FROM pg_stat_all_tables AS s WHERE s.schemaname = 'queue' AND s.n_dead_tup > 0;
    RETURN QUERY SELECT 'live_rows'::text, s.relname::text, s.n_live_tup::double precision
        FROM pg_stat_all_tables AS s WHERE s.schemaname = 'queue' AND s.n_dead_tup > 0;
    RETURN QUERY SELECT 'table_bytes'::text, s.relname::text, pg_total_relation_size(s.relid)::double precision
        FROM pg_stat_all_tables AS s WHERE s.schemaname = 'queue' AND s.n_dead_tup > 0;
    -- Leases whose end is past and that nobody took back, in seconds of the oldest; workers that are gone likewise.
    RETURN QUERY SELECT 'expired_lease'::text, NULL::text,
        extract(epoch FROM clock_timestamp() - min(j.lease_expires_at))::double precision
        FROM job_ready AS j WHERE j.lease_expires_at < clock_timestamp() AND j.state = 'running' HAVING count(*) > 0;
    RETURN QUERY SELECT 'lost_worker'::text, l.id::text,
        extract(epoch FROM clock_timestamp() - l.lost_at)::double precision FROM lost_worker AS l;
    -- Jobs still leased to workers that have been gone for a while, and hand-overs that a consumer behind a door has held
    -- for over six hours.
    RETURN QUERY SELECT 'orphan_leases'::text, NULL::text, count(*)::double precision FROM (
        SELECT 1 FROM (
            SELECT l.id FROM lost_worker AS l WHERE l.lost_at < clock_timestamp() - interval '15 s'
            UNION SELECT w.id FROM worker AS w WHERE w.expires_at < clock_timestamp() - interval '15 s'
        ) AS gone JOIN worker_claim AS c ON c.worker_id = gone.id CROSS JOIN LATERAL unnest(c.jobs) AS o (id)
        JOIN job_ready AS j ON j.id = o.id AND j.worker_id = gone.id AND j.state = 'running' LIMIT 1000) AS d;
    RETURN QUERY SELECT 'long_leases'::text, NULL::text, count(*)::double precision FROM (
        SELECT 1 FROM job_ready AS j WHERE j.lease_expires_at IS NOT NULL AND j.state = 'running'
            AND j.attempted_at < clock_timestamp() - interval '6 hours' LIMIT 1000) AS d;
    RETURN QUERY SELECT 'silent_worker'::text, w.name,
        extract(epoch FROM clock_timestamp() - w.seen_at)::double precision
        FROM worker AS w WHERE w.expires_at < clock_timestamp();
    -- Deferred jobs that are due and not yet available, in seconds of the first.
    RETURN QUERY SELECT 'overdue_job'::text, NULL::text, v.late FROM (
        SELECT extract(epoch FROM clock_timestamp() - min(j.scheduled_at))::double precision AS late
        FROM job_deferred AS j) AS v WHERE v.late > 0;
    RETURN QUERY SELECT 'leaders'::text, NULL::text, count(*)::double precision
        FROM leader AS l WHERE l.expires_at > clock_timestamp();
    RETURN QUERY SELECT 'dead_letters'::text, NULL::text, count(*)::double precision FROM (
        SELECT 1 FROM job_history AS h WHERE h.state = 'discarded' LIMIT 1000) AS d;
    -- History that found no partition, and months ahead that have one.
    RETURN QUERY SELECT 'default_history'::text, NULL::text, count(*)::double precision FROM (
        SELECT 1 FROM job_history_rest LIMIT 1000) AS d;
    RETURN QUERY SELECT 'history_ahead'::text, NULL::text, count(*)::double precision
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'queue.job_history'::regclass AND c.relname ~ '^job_history_[0-9]{6}$'
            AND to_date(right(c.relname, 6), 'YYYYMM') AT TIME ZONE 'UTC' > clock_timestamp();
    -- Lanes whose low water has not moved although the queue is worked: an old transaction that writes.
    RETURN QUERY SELECT 'held_lane'::text, l.queue::text,
        extract(epoch FROM clock_timestamp() - l.advanced_at)::double precision
        FROM lane AS l WHERE l.mark_transaction > pg_snapshot_xmin(pg_current_snapshot())
            AND l.advanced_at < clock_timestamp() - interval '60 s';
    -- Schedules: how late the next time is, and how far ahead of the clock one has fired.
    RETURN QUERY SELECT 'late_schedule'::text, p.name::text,
        extract(epoch FROM clock_timestamp() - coalesce(p.next_at, p.set_at))::double precision
        FROM periodic AS p WHERE p.paused_at IS NULL AND coalesce(p.next_at, p.set_at) < clock_timestamp();
    RETURN QUERY SELECT 'schedule_ahead'::text, p.name::text,
        extract(epoch FROM p.dealt_until - clock_timestamp())::double precision
        FROM periodic AS p WHERE p.dealt_until > clock_timestamp() + interval '60 s';
END
$$;

REVOKE ALL ON FUNCTION
    queue.probe(text, integer, bigint, bigint, integer, boolean),
    queue.estimate(text, integer, bigint),
    queue.queue_names(),
    queue.stats(text[]),
    queue.worked_stats(),
    queue.health()
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue.stats(text[]) TO queue_worker, queue_operator, queue_observer;
GRANT EXECUTE ON FUNCTION queue.worked_stats() TO queue_worker;
GRANT EXECUTE ON FUNCTION queue.health() TO queue_operator, queue_observer;
GRANT SELECT ON queue.queue_overview TO queue_operator, queue_observer;
