-- Jobs that come again and again. The elected worker works out the times (`Schedule` in JobTypes) and fires them here; this
-- side holds what makes a time fire once, whoever leads and whatever the clock does.

CREATE TABLE queue.periodic (
    name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    schedule text NOT NULL CHECK (length(schedule) <= 200),
    catch_up text COLLATE "C" NOT NULL CHECK (catch_up ~ '^(skip|one|all [1-9][0-9]{0,2}|all 1000)$'),
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    args jsonb NOT NULL CHECK (jsonb_typeof(args) = 'object'),
    priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 9),
    max_attempts smallint NOT NULL CHECK (max_attempts >= 1),
    dealt_until timestamptz NOT NULL DEFAULT clock_timestamp(),  -- every time up to here has fired, or was dropped
    next_at timestamptz,  -- null until a leader has worked it out
    fired_at timestamptz,
    fired bigint NOT NULL DEFAULT 0,
    last_job uuid,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    paused_at timestamptz,
    paused_by text
) WITH (fillfactor = 50);

-- Register a schedule, or change it. A changed one goes on from where it was: nothing fires twice. Returns whether anything
-- changed.
CREATE FUNCTION queue.put_periodic(
    p_name text, p_schedule text, p_catch_up text, p_queue text, p_kind text, p_args jsonb,
    p_priority integer DEFAULT 4, p_max_attempts integer DEFAULT 25
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    INSERT INTO periodic AS p (name, schedule, catch_up, queue, kind, args, priority, max_attempts)
    VALUES (p_name, p_schedule, p_catch_up, p_queue, p_kind, p_args, p_priority, p_max_attempts)
    ON CONFLICT (name) DO UPDATE
    SET schedule = excluded.schedule, catch_up = excluded.catch_up, queue = excluded.queue, kind = excluded.kind,
        args = excluded.args, priority = excluded.priority, max_attempts = excluded.max_attempts,
        next_at = CASE WHEN p.schedule = excluded.schedule THEN p.next_at END, set_at = clock_timestamp()
    WHERE (p.schedule, p.catch_up, p.queue, p.kind, p.args, p.priority, p.max_attempts) IS DISTINCT FROM
        (excluded.schedule, excluded.catch_up, excluded.queue, excluded.kind, excluded.args, excluded.priority,
         excluded.max_attempts);
    RETURN FOUND;
END
$$;

-- The schedules whose next time has come or is not known, with the database's clock, by which they are judged.
CREATE FUNCTION queue.due_periodic() RETURNS TABLE (
    name text, schedule text, catch_up text, dealt_until timestamptz, now timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY SELECT p.name::text, p.schedule, p.catch_up::text, p.dealt_until, v_now FROM periodic AS p
    WHERE p.paused_at IS NULL AND (p.next_at IS NULL OR p.next_at <= v_now) ORDER BY p.name;
END
$$;

-- Make the jobs of these times and say that all up to p_until is dealt with and when to look again: one transaction, so a
-- crash fires all of it or none. A time that has been dealt with does not fire again, whoever asks. Nothing happens when
-- the schedule was changed or paused meanwhile. Returns the queue once for each job that was made.
CREATE FUNCTION queue.fire_periodic(
    p_name text, p_schedule text, p_times timestamptz[], p_until timestamptz, p_next_at timestamptz
) RETURNS TABLE (queue text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_periodic periodic%ROWTYPE;
    v_time timestamptz;
    v_alias uuid;
    v_fired integer := 0;
BEGIN
    SELECT p.* INTO v_periodic FROM periodic AS p WHERE p.name = p_name FOR UPDATE;
    IF NOT FOUND OR v_periodic.schedule <> p_schedule OR v_periodic.paused_at IS NOT NULL THEN
        RETURN;
    END IF;
    FOR v_time IN SELECT t FROM unnest(p_times) AS t WHERE t > v_periodic.dealt_until ORDER BY t LOOP
        SELECT e.alias INTO v_alias FROM enqueue(
            v_periodic.queue, v_periodic.kind,
            v_periodic.args || jsonb_build_object(
                'nominal_at', to_char(v_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
            v_periodic.priority, NULL, v_periodic.max_attempts,
            'periodic:' || p_name || '@' || extract(epoch FROM v_time)::bigint) AS e;
        v_fired := v_fired + 1;
        RETURN QUERY SELECT v_periodic.queue::text;
    END LOOP;
    UPDATE periodic AS p
    SET dealt_until = greatest(p.dealt_until, p_until), next_at = p_next_at, fired = p.fired + v_fired,
        fired_at = CASE WHEN v_fired > 0 THEN clock_timestamp() ELSE p.fired_at END,
        last_job = coalesce(v_alias, p.last_job)
    WHERE p.name = p_name;
END
$$;

CREATE FUNCTION queue.pause_periodic(p_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    UPDATE periodic SET paused_at = coalesce(paused_at, clock_timestamp()), paused_by = coalesce(paused_by, session_user)
    WHERE name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such schedule' USING ERRCODE = 'DQ002';
    END IF;
END
$$;

-- What passed while it was paused does not fire. Also the way out when the clock had been far ahead.
CREATE FUNCTION queue.resume_periodic(p_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    UPDATE periodic SET paused_at = NULL, paused_by = NULL, dealt_until = clock_timestamp(), next_at = NULL
    WHERE name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such schedule' USING ERRCODE = 'DQ002';
    END IF;
END
$$;

CREATE FUNCTION queue.remove_periodic(p_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    DELETE FROM periodic WHERE name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such schedule' USING ERRCODE = 'DQ002';
    END IF;
END
$$;

-- A job of the schedule now, beside its times.
CREATE FUNCTION queue.run_periodic(p_name text) RETURNS TABLE (alias uuid, queue text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_periodic periodic%ROWTYPE;
BEGIN
    SELECT p.* INTO v_periodic FROM periodic AS p WHERE p.name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such schedule' USING ERRCODE = 'DQ002';
    END IF;
    RETURN QUERY SELECT e.alias, v_periodic.queue::text FROM enqueue(
        v_periodic.queue, v_periodic.kind,
        v_periodic.args || jsonb_build_object(
            'nominal_at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
        v_periodic.priority, NULL, v_periodic.max_attempts, NULL) AS e;
END
$$;

CREATE VIEW queue.periodic_overview AS
    SELECT p.name, p.schedule, p.catch_up, p.queue, p.kind, p.args, p.priority, p.max_attempts, p.dealt_until, p.next_at,
        p.fired_at, p.fired, p.last_job, p.set_at, p.paused_at, p.paused_by
    FROM queue.periodic AS p;

REVOKE ALL ON FUNCTION
    queue.put_periodic(text, text, text, text, text, jsonb, integer, integer),
    queue.due_periodic(),
    queue.fire_periodic(text, text, timestamptz[], timestamptz, timestamptz),
    queue.pause_periodic(text),
    queue.resume_periodic(text),
    queue.remove_periodic(text),
    queue.run_periodic(text)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    queue.put_periodic(text, text, text, text, text, jsonb, integer, integer),
    queue.due_periodic(),
    queue.fire_periodic(text, text, timestamptz[], timestamptz, timestamptz)
TO queue_worker;
GRANT EXECUTE ON FUNCTION
    queue.pause_periodic(text),
    queue.resume_periodic(text),
    queue.remove_periodic(text),
    queue.run_periodic(text)
TO queue_operator;
GRANT SELECT ON queue.periodic_overview TO queue_operator, queue_observer;
