-- Limits: how many jobs of a queue run at a time in the whole fleet, and how many start per second.
--
-- A claim on a limited queue holds the limit's row to its commit, so that claims follow each other and each counts what
-- the others took. The end of a job does not wait for that row: it adds a row of its own (-1), which counts once it is
-- committed. So what is counted is never less than what runs, and the limit is never exceeded.

-- The number of jobs that a claim of p_wanted may take. Holds the limit. Internal.
CREATE FUNCTION queue.take_permits(p_queue text, p_wanted integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_limit queue_limit%ROWTYPE;
    v_running bigint;
    v_allowed bigint := p_wanted;
    v_now timestamptz;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a limited queue is claimed from in read committed transactions only' USING ERRCODE = 'DQ004';
    END IF;
    SELECT l.* INTO v_limit FROM queue_limit AS l WHERE l.queue = p_queue FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN p_wanted;  -- It was lifted meanwhile.
    END IF;
    -- A statement of its own, so that it sees what was committed while this one waited for the lock.
    WITH counted AS (
        DELETE FROM permit WHERE queue = p_queue RETURNING change
    )
    SELECT coalesce(sum(change), 0) INTO v_running FROM counted;
    IF v_running <> 0 THEN
        INSERT INTO permit (queue, change) VALUES (p_queue, v_running);
    END IF;
    IF v_limit.max_running IS NOT NULL THEN
        v_allowed := least(v_allowed, v_limit.max_running - v_running);
    END IF;
    IF v_limit.rate IS NOT NULL THEN
        v_now := greatest(clock_timestamp(), v_limit.refilled_at);  -- A clock that was set back fills no bucket.
        v_limit.tokens := least(
            v_limit.burst,
            v_limit.tokens + v_limit.rate * extract(epoch FROM v_now - v_limit.refilled_at)::double precision);
        UPDATE queue_limit SET tokens = v_limit.tokens, refilled_at = v_now WHERE queue = p_queue;
        v_allowed := least(v_allowed, floor(v_limit.tokens)::bigint);
    END IF;
    RETURN greatest(v_allowed, 0);
END
$$;

-- The claim took so many. Internal: the caller holds the limit.
CREATE FUNCTION queue.use_permits(p_queue text, p_taken integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    INSERT INTO permit (queue, change) VALUES (p_queue, p_taken);
    UPDATE queue_limit SET tokens = tokens - p_taken WHERE queue = p_queue AND rate IS NOT NULL;
END
$$;

-- Limit a queue, at once and for every worker: at most p_max_running jobs at a time, and p_rate started per second with
-- bursts of up to p_burst. Null leaves that side open. Jobs that run already are counted; a claim that is just under
-- way and knows of no limit yet is not.
CREATE FUNCTION queue.set_limit(
    p_queue text, p_max_running integer DEFAULT NULL, p_rate double precision DEFAULT NULL,
    p_burst double precision DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_burst double precision := coalesce(p_burst, greatest(p_rate, 1), 1);
    v_uncounted bigint;
BEGIN
    IF p_max_running IS NULL AND p_rate IS NULL OR p_max_running < 0 OR p_rate < 0 OR p_burst < 1 THEN
        RAISE EXCEPTION 'a limit names a number of jobs, or a rate and a burst of at least one' USING ERRCODE = 'DQ004';
    END IF;
    INSERT INTO queue_limit AS l (queue, max_running, rate, burst, tokens)
    VALUES (p_queue, p_max_running, p_rate, v_burst, v_burst)
    ON CONFLICT (queue) DO UPDATE
    SET max_running = excluded.max_running, rate = excluded.rate, burst = excluded.burst,
        -- A bucket keeps what is in it: changing the limit again and again gives nothing away.
        tokens = CASE WHEN l.rate IS NULL THEN excluded.tokens ELSE least(l.tokens, excluded.burst) END,
        set_at = clock_timestamp(), set_by = session_user;
    WITH counted AS (
        UPDATE job_ready SET has_permit = true
        WHERE queue = p_queue AND state = 'running' AND NOT has_permit RETURNING 1
    )
    SELECT count(*) INTO v_uncounted FROM counted;
    IF v_uncounted > 0 THEN
        INSERT INTO permit (queue, change) VALUES (p_queue, v_uncounted);
    END IF;
END
$$;

CREATE FUNCTION queue.clear_limit(p_queue text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    -- The permits stay with their jobs: a limit that is set again finds them counted.
    DELETE FROM queue_limit WHERE queue = p_queue;
END
$$;

-- Limits and what they leave, without a count over jobs.
CREATE VIEW queue.limit_overview AS
    SELECT l.queue, l.max_running, l.rate, l.burst, l.set_at, l.set_by,
        (SELECT coalesce(sum(p.change), 0)::bigint FROM queue.permit AS p WHERE p.queue = l.queue) AS running
    FROM queue.queue_limit AS l;

REVOKE ALL ON FUNCTION
    queue.take_permits(text, integer),
    queue.use_permits(text, integer),
    queue.set_limit(text, integer, double precision, double precision),
    queue.clear_limit(text)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    queue.set_limit(text, integer, double precision, double precision),
    queue.clear_limit(text)
TO queue_operator;
GRANT SELECT ON queue.limit_overview TO queue_operator, queue_observer;
