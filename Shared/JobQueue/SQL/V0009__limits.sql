-- Limits: how many jobs of a queue run at a time in the whole fleet, and how many start per second. Shares: how queues
-- share the slots of workers.
--
-- A claim on a limited queue holds the limit's row to its commit, so that claims follow each other and each counts what
-- the others took. The end of a job does not wait for that row: it adds a row of its own (-1), which counts once it is
-- committed. So what is counted is never less than what runs, and the limit is never exceeded.

-- What a claim of p_wanted may take, for use_permits. Holds the limit. Internal.
CREATE FUNCTION queue.take_permits(
    p_queue text, p_wanted integer, OUT allowed integer, OUT tokens double precision, OUT refilled_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_limit queue_limit%ROWTYPE;
    v_address tid;
    v_start timestamptz;
    v_looks_back boolean;
    v_change bigint;
    v_last bigint;
    v_room bigint := p_wanted;
BEGIN
    SELECT l.ctid INTO v_address FROM queue_limit AS l WHERE l.queue = p_queue
    ORDER BY l.zero DESC LIMIT 1 FOR NO KEY UPDATE;
    SELECT l.* INTO v_limit FROM queue_limit AS l WHERE l.ctid = v_address;
    v_start := clock_timestamp();
    v_looks_back := v_limit.look_back_after < v_start;
    -- A statement of its own, so that it sees what was committed while this one waited for the lock. Mostly it reads on
    -- where the last claim came to; now and then everything, for what was committed after its number had been passed.
    WITH counted AS (
        DELETE FROM permit AS p
        WHERE p.queue = p_queue AND p.number > CASE WHEN v_looks_back THEN 0 ELSE v_limit.read_to END
        RETURNING p.number, p.change
    )
    SELECT coalesce(sum(c.change), 0), max(c.number) INTO v_change, v_last FROM counted AS c;
    IF v_last IS NOT NULL OR v_looks_back THEN
        UPDATE queue_limit AS l
        SET running = l.running + v_change, read_to = greatest(l.read_to, v_last),
            -- Where an old snapshot keeps what was read before, looking back takes a twentieth of the time at most.
            look_back_after = CASE WHEN v_looks_back
                THEN clock_timestamp() + greatest(interval '1 second', 20 * (clock_timestamp() - v_start))
                ELSE l.look_back_after END
        WHERE l.ctid = v_address;
    END IF;
    IF v_limit.max_running IS NOT NULL THEN
        v_room := least(v_room, v_limit.max_running - v_limit.running - v_change);
    END IF;
    tokens := v_limit.tokens;
    refilled_at := v_limit.refilled_at;
    IF v_limit.rate IS NOT NULL THEN
        refilled_at := greatest(v_start, v_limit.refilled_at);  -- A clock that was set back fills no bucket.
        tokens := least(
            v_limit.burst,
            v_limit.tokens + v_limit.rate * extract(epoch FROM refilled_at - v_limit.refilled_at)::double precision);
        v_room := least(v_room, floor(tokens)::bigint);
    END IF;
    allowed := greatest(v_room, 0);
END
$$;

-- The claim took so many. Internal: the caller holds the limit, and has what take_permits said.
CREATE FUNCTION queue.use_permits(
    p_queue text, p_taken integer, p_tokens double precision, p_refilled_at timestamptz
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    UPDATE queue_limit
    SET running = running + p_taken, tokens = CASE WHEN rate IS NULL THEN tokens ELSE p_tokens - p_taken END,
        refilled_at = p_refilled_at
    WHERE p_taken > 0 AND ctid = (
        SELECT l.ctid FROM queue_limit AS l WHERE l.queue = p_queue ORDER BY l.zero DESC LIMIT 1);
END
$$;

-- First in a transaction that completes jobs of a limited queue and then claims: the claim counts the permits which that gave
-- back, of jobs that have ended if and only if it commits. Takes at once the lock that every claim takes: whoever sets a limit
-- would else wait for a job that this transaction holds, while this one waits for the limit.
CREATE FUNCTION queue.before_claim(p_queue text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT pg_advisory_xact_lock_shared(1903519093, hashtext(p_queue))
$$;

-- The same for several queues, and for no wait: those on which a claim of this transaction waits for nobody, since they have no limit
-- and nobody is about to set one. Internal: for a door that claims for many.
CREATE FUNCTION queue.try_before_claims(p_queues text[]) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_taken text[] := ARRAY(
        SELECT q FROM unnest(p_queues) AS q WHERE pg_try_advisory_xact_lock_shared(1903519093, hashtext(q)));
BEGIN
    -- After the lock, and so in a statement of its own: nobody sets one any more.
    RETURN ARRAY(
        SELECT q FROM unnest(v_taken) AS q
        WHERE (SELECT true FROM queue_limit AS l WHERE l.queue = q ORDER BY l.zero DESC LIMIT 1) IS NOT TRUE);
END
$$;

-- How long until a claim on a queue that had no permit may have one, in seconds; null when the queue has no limit, or
-- only the end of a job can help.
CREATE FUNCTION queue.next_permit(p_queue text) RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT greatest(0, (1 - least(
        l.burst, l.tokens + l.rate * extract(epoch FROM clock_timestamp() - l.refilled_at)::double precision)) / l.rate)
    FROM (SELECT q.* FROM queue_limit AS q WHERE q.queue = p_queue ORDER BY q.zero DESC LIMIT 1) AS l
    WHERE l.rate > 0
$$;

-- Limit a queue, at once and for every worker: at most p_max_running jobs at a time, and p_rate started per second with
-- bursts of up to p_burst. Null leaves that side open. Jobs that run already are counted. Waits for claims on the queue
-- that are under way, for five seconds at most (SQLSTATE 55P03: try again).
CREATE FUNCTION queue.set_limit(
    p_queue text, p_max_running integer DEFAULT NULL, p_rate double precision DEFAULT NULL,
    p_burst double precision DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    v_burst double precision := coalesce(p_burst, greatest(p_rate, 1), 1);
    v_uncounted bigint;
BEGIN
    IF p_max_running IS NULL AND p_rate IS NULL OR p_max_running < 0 OR p_rate < 0 OR p_burst < 1 THEN
        RAISE EXCEPTION 'a limit names a number of jobs, or a rate and a burst of at least one' USING ERRCODE = 'DQ004';
    END IF;
    PERFORM pg_advisory_xact_lock(1903519093, hashtext(p_queue));
    INSERT INTO queue_limit AS l (queue, max_running, rate, burst, tokens)
    VALUES (p_queue, p_max_running, p_rate, v_burst, v_burst)
    ON CONFLICT (queue, zero) DO UPDATE
    SET max_running = excluded.max_running, rate = excluded.rate, burst = excluded.burst,
        -- A bucket keeps what is in it: changing the limit again and again gives nothing away.
        tokens = CASE WHEN l.rate IS NULL THEN excluded.tokens ELSE least(l.tokens, excluded.burst) END,
        set_at = clock_timestamp(), set_by = session_user;
    WITH counted AS (
        UPDATE job_ready SET has_permit = true
        WHERE queue = p_queue AND state = 'running' AND NOT has_permit RETURNING 1
    )
    SELECT count(*) INTO v_uncounted FROM counted;
    UPDATE queue_limit SET running = running + v_uncounted WHERE queue = p_queue AND v_uncounted > 0;
END
$$;

CREATE FUNCTION queue.clear_limit(p_queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    v_running bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(1903519093, hashtext(p_queue));
    DELETE FROM queue_limit WHERE queue = p_queue RETURNING running INTO v_running;
    -- The permits stay with their jobs: a limit that is set again finds them counted.
    IF v_running <> 0 THEN
        INSERT INTO permit (queue, change) VALUES (p_queue, v_running);
    END IF;
END
$$;

-- Limits and what they leave, without a count over jobs.
CREATE VIEW queue.limit_overview AS
    SELECT l.queue, l.max_running, l.rate, l.burst, l.set_at, l.set_by,
        l.running + (SELECT coalesce(sum(p.change), 0)::bigint FROM queue.permit AS p WHERE p.queue = l.queue) AS running
    FROM queue.queue_limit AS l;

-- Shares. Queues without one have weight 1, no group and no minimum.

CREATE FUNCTION queue.set_group(p_name text, p_weight double precision) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    INSERT INTO queue_group (name, weight) VALUES (p_name, p_weight)
    ON CONFLICT (name) DO UPDATE SET weight = excluded.weight;
    UPDATE share_version SET version = version + 1;
END
$$;

-- A null leaves that part as it is, or the usual. An empty group takes the queue out of its group.
CREATE FUNCTION queue.set_share(
    p_queue text, p_weight double precision DEFAULT NULL, p_group text DEFAULT NULL, p_minimum integer DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    IF p_group <> '' THEN
        INSERT INTO queue_group (name, weight) VALUES (p_group, 1) ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO queue_share AS s (queue, weight, group_name, minimum)
    VALUES (p_queue, coalesce(p_weight, 1), nullif(p_group, ''), coalesce(p_minimum, 0))
    ON CONFLICT (queue) DO UPDATE
    SET weight = coalesce(p_weight, s.weight), minimum = coalesce(p_minimum, s.minimum),
        group_name = CASE WHEN p_group IS NULL THEN s.group_name ELSE nullif(p_group, '') END;
    UPDATE share_version SET version = version + 1;
END
$$;

CREATE FUNCTION queue.clear_share(p_queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    DELETE FROM queue_share WHERE queue = p_queue;
    UPDATE share_version SET version = version + 1;
END
$$;

-- What workers read. Null: no group.
CREATE FUNCTION queue.shares() RETURNS TABLE (
    queue text, weight double precision, group_name text, group_weight double precision, minimum integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT s.queue, s.weight, s.group_name, coalesce(g.weight, 1), s.minimum
    FROM queue_share AS s LEFT JOIN queue_group AS g ON g.name = s.group_name
$$;

CREATE VIEW queue.share_overview AS
    SELECT s.queue, s.weight, s.group_name, coalesce(g.weight, 1) AS group_weight, s.minimum
    FROM queue.queue_share AS s LEFT JOIN queue.queue_group AS g ON g.name = s.group_name;

REVOKE ALL ON FUNCTION
    queue.take_permits(text, integer),
    queue.use_permits(text, integer, double precision, timestamptz),
    queue.before_claim(text),
    queue.try_before_claims(text[]),
    queue.next_permit(text),
    queue.set_limit(text, integer, double precision, double precision),
    queue.clear_limit(text),
    queue.set_group(text, double precision),
    queue.set_share(text, double precision, text, integer),
    queue.clear_share(text),
    queue.shares()
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    queue.set_limit(text, integer, double precision, double precision),
    queue.clear_limit(text),
    queue.set_group(text, double precision),
    queue.set_share(text, double precision, text, integer),
    queue.clear_share(text)
TO queue_operator;
GRANT EXECUTE ON FUNCTION queue.before_claim(text), queue.next_permit(text), queue.shares() TO queue_worker;
GRANT SELECT ON queue.limit_overview, queue.share_overview TO queue_operator, queue_observer;
