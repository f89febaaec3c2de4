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

-- The job that holds a key, or a new one that takes it: its row is the caller's to insert. Internal.
CREATE FUNCTION queue.take_key(
    p_kind text, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    LOOP
        id := nextval('queue.job_id');
        alias := new_alias();
        INSERT INTO unique_job (kind, unique_key, job_id, alias) VALUES (p_kind, p_unique_key, id, alias)
        ON CONFLICT DO NOTHING;
        inserted := FOUND;
        EXIT WHEN inserted;
        SELECT u.job_id, u.alias INTO id, alias FROM unique_job AS u
        WHERE u.kind = p_kind AND u.unique_key = p_unique_key;
        -- Not found: the holder of the key finished between the two statements. A key whose job is gone holds nobody
        -- up.
        CONTINUE WHEN NOT FOUND;
        PERFORM 1 FROM job AS j WHERE j.id = take_key.id;
        EXIT WHEN FOUND;
        DELETE FROM unique_job AS u
        WHERE u.kind = p_kind AND u.unique_key = p_unique_key AND u.job_id = take_key.id;
    END LOOP;
END
$$;

-- The arguments with the trace that the transaction belongs to, if it has said so (`set_config('queue.traceparent', …, true)`)
-- and they have none of their own. Whoever may log in may set it to anything: what is no `traceparent` is passed over.
-- Internal.
CREATE FUNCTION queue.add_trace(p_args jsonb, p_traceparent text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_args ? 'traceparent' OR jsonb_typeof(p_args) <> 'object'
            OR p_traceparent !~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' THEN p_args
        ELSE p_args || jsonb_build_object('traceparent', p_traceparent) END
$$;

-- Without a key it is one INSERT. No planner settings of its own: each costs every call, and there is nothing here to choose
-- between; what looks something up is in take_key.
CREATE FUNCTION queue.enqueue(
    p_queue text, p_kind text, p_args jsonb, p_priority integer DEFAULT 4, p_scheduled_at timestamptz DEFAULT NULL,
    p_max_attempts integer DEFAULT 25, p_unique_key text DEFAULT NULL,
    OUT id bigint, OUT alias uuid, OUT inserted boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
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
    IF current_setting('queue.traceparent', true) <> '' THEN
        p_args := add_trace(p_args, current_setting('queue.traceparent', true));
    END IF;
    IF p_unique_key IS NULL AND p_scheduled_at IS NULL THEN
        INSERT INTO job_ready (queue, kind, args, priority, state, max_attempts)
        VALUES (p_queue, p_kind, p_args, p_priority, 'available', p_max_attempts)
        RETURNING job_ready.id, job_ready.alias, true INTO id, alias, inserted;
        RETURN;
    END IF;
    IF p_unique_key IS NULL THEN
        v_id := nextval('queue.job_id');
        v_alias := new_alias();
    ELSE
        SELECT k.id, k.alias, k.inserted INTO v_id, v_alias, inserted FROM take_key(p_kind, p_unique_key) AS k;
    END IF;
    id := v_id;
    alias := v_alias;
    IF NOT inserted THEN
        RETURN;
    END IF;
    inserted := true;
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
END
$$;

-- Many at once, without unique keys: for bulk producers. What is the same for all is worked out once, and the strong random
-- bytes of the aliases are drawn once: each is a hash of them and of its number, of which nobody outside learns the bytes.
CREATE FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer DEFAULT 4)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp SET jit = off AS $$
DECLARE
    v_count bigint;
    v_now timestamptz := clock_timestamp();
    v_secret text := gen_random_uuid()::text || gen_random_uuid()::text;
    v_trace text := nullif(current_setting('queue.traceparent', true), '');
    v_prefix text := lpad(to_hex((extract(epoch FROM v_now) * 1000)::bigint), 12, '0');
BEGIN
    IF (length(p_queue) BETWEEN 1 AND 200 AND length(p_kind) BETWEEN 1 AND 200 AND p_priority BETWEEN 0 AND 9) IS NOT TRUE
    THEN
        PERFORM refuse_job(p_queue, p_kind, p_priority);
    END IF;
    PERFORM pg_current_xact_id();  -- Before the positions: see next_position.
    INSERT INTO job_ready (alias, queue, kind, args, priority, state, position, scheduled_at, created_at)
    SELECT (v_prefix || substr(md5(v_secret || a.number), 13))::uuid, p_queue, p_kind,
        CASE WHEN v_trace IS NULL THEN a.args ELSE add_trace(a.args, v_trace) END, p_priority, 'available',
        nextval('queue.job_position'), v_now, v_now
    FROM unnest(p_args) WITH ORDINALITY AS a (args, number);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- Jobs of whatever queues and kinds, an element of each array for each. One whose unique key a live job holds is left out. Null
-- for all keys, or for how often all are tried, or until when all wait, is what `enqueue` supposes. Returns how many are new.
CREATE FUNCTION queue.enqueue_each(
    p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamptz DEFAULT NULL,
    p_max_attempts integer[] DEFAULT NULL, p_unique_keys text[] DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_count bigint := 0;
    v_alone bigint;
    v_now timestamptz := clock_timestamp();
    v_secret text := gen_random_uuid()::text || gen_random_uuid()::text;
    v_trace text := nullif(current_setting('queue.traceparent', true), '');
    v_prefix text := lpad(to_hex((extract(epoch FROM v_now) * 1000)::bigint), 12, '0');
    v_bad record;
BEGIN
    SELECT j.queue, j.kind, j.priority INTO v_bad
    FROM unnest(p_queues, p_kinds, p_priorities, p_max_attempts) AS j (queue, kind, priority, max_attempts)
    WHERE (length(j.queue) BETWEEN 1 AND 200 AND length(j.kind) BETWEEN 1 AND 200 AND j.priority BETWEEN 0 AND 9
        AND coalesce(j.max_attempts, 25) BETWEEN 1 AND 32767) IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_job(v_bad.queue, v_bad.kind, v_bad.priority);
    END IF;
    IF p_scheduled_at > v_now THEN
        -- Few are: they stand elsewhere, and each goes its own way there.
        SELECT count(*) FILTER (WHERE e.inserted) INTO v_count
        FROM unnest(p_queues, p_kinds, p_args, p_priorities, p_max_attempts, p_unique_keys)
            AS j (queue, kind, args, priority, max_attempts, unique_key)
        CROSS JOIN LATERAL enqueue(j.queue, j.kind, j.args, j.priority, p_scheduled_at, coalesce(j.max_attempts, 25),
            j.unique_key) AS e;
        RETURN v_count;
    END IF;
    PERFORM pg_current_xact_id();  -- Before the positions: see next_position.
    WITH wanted AS MATERIALIZED (
        SELECT nextval('queue.job_id') AS id, (v_prefix || substr(md5(v_secret || j.number), 13))::uuid AS alias, j.queue,
            j.kind, CASE WHEN v_trace IS NULL THEN j.args ELSE add_trace(j.args, v_trace) END AS args, j.priority,
            coalesce(j.max_attempts, 25) AS max_attempts, j.unique_key, j.number
        FROM unnest(p_queues, p_kinds, p_args, p_priorities, p_max_attempts, p_unique_keys)
            WITH ORDINALITY AS j (queue, kind, args, priority, max_attempts, unique_key, number)
    ), taken AS (
        INSERT INTO unique_job (kind, unique_key, job_id, alias)
        SELECT w.kind, w.unique_key, w.id, w.alias FROM wanted AS w WHERE w.unique_key IS NOT NULL
        ON CONFLICT DO NOTHING RETURNING job_id
    ), made AS (
        INSERT INTO job_ready (id, alias, queue, kind, args, priority, state, position, max_attempts, unique_key,
            scheduled_at, created_at)
        SELECT w.id, w.alias, w.queue, w.kind, w.args, w.priority, 'available', nextval('queue.job_position'),
            w.max_attempts, w.unique_key, v_now, v_now
        FROM wanted AS w WHERE w.unique_key IS NULL OR w.id IN (SELECT t.job_id FROM taken AS t)
        RETURNING id
    )
    SELECT count(*) INTO v_count FROM made;
    IF v_count < cardinality(p_queues) THEN
        -- Whose key was there: held by a live job, or by one that is gone, which holds nobody up.
        SELECT count(*) FILTER (WHERE e.inserted) INTO v_alone
        FROM unnest(p_queues, p_kinds, p_args, p_priorities, p_max_attempts, p_unique_keys)
            AS j (queue, kind, args, priority, max_attempts, unique_key)
        CROSS JOIN LATERAL enqueue(j.queue, j.kind, j.args, j.priority, NULL, coalesce(j.max_attempts, 25),
            j.unique_key) AS e
        WHERE j.unique_key IS NOT NULL;
        v_count := v_count + v_alone;
    END IF;
    RETURN v_count;
END
$$;

-- Every login of the database may LISTEN, and which agency's queue has something is nobody's business but the queue's workers'.
-- So the bell names a queue only to who has this secret.
CREATE TABLE queue.bell_secret (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    secret bytea NOT NULL CHECK (length(secret) = 32)
);
INSERT INTO queue.bell_secret (secret) VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- What the bell says of a queue: 48 hexadecimal digits, 16 bytes of salt and 8 in which the first 8 of the name's SHA-256 are hidden
-- by XOR under the first 8 of SHA-256(secret, salt). The same queue in the same transaction gives the same, so that NOTIFY can fold it;
-- in another it looks like any other queue's. Two texts never share a salt: one that is known would give the other away.
CREATE FUNCTION queue.bell_payload(p_queue text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(t.salt, 'hex') || encode(int8send(
        ('x' || encode(substr(sha256(convert_to(p_queue, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
        # ('x' || encode(substr(sha256(s.secret || t.salt), 1, 8), 'hex'))::bit(64)::bigint), 'hex')
    FROM queue.bell_secret AS s CROSS JOIN LATERAL (
        SELECT substr(sha256(s.secret || convert_to(
            format('salt %s %s %s', pg_backend_pid(), extract(epoch FROM transaction_timestamp()), p_queue), 'UTF8')), 1, 16)
    ) AS t (salt)
$$;

-- For the workers: what opens the bell's texts.
CREATE FUNCTION queue.bell_key() RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT secret FROM bell_secret
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
    PERFORM pg_notify('queue_ready', bell_payload(q)) FROM unnest(p_queues) AS q;
END
$$;
