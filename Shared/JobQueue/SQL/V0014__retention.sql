-- Kinds whose history is kept longer than the rest. When a month of the history is dropped, their jobs are first moved to
-- tables by the month in which their own time is over; those are dropped in their turn. Nothing is deleted row by row.

CREATE TABLE queue.kind_retention (
    kind text COLLATE "C" PRIMARY KEY,
    keep interval NOT NULL CHECK (keep > interval '0'),
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by text NOT NULL DEFAULT session_user
);

CREATE TABLE queue.job_kept (
    LIKE queue.job_history,
    keep_until timestamptz NOT NULL
) PARTITION BY RANGE (keep_until);
CREATE INDEX job_kept_alias ON queue.job_kept (alias);

-- Keep finished jobs of a kind for so long; null: as long as the rest. Shorter than the rest cannot be had: give the
-- workers the shortest time and the others their own. Jobs that were moved already keep the time they got then.
CREATE FUNCTION queue.set_retention(p_kind text, p_keep interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
BEGIN
    IF p_keep <= interval '0' THEN
        RAISE EXCEPTION 'a time to keep jobs for is above zero' USING ERRCODE = 'DQ004';
    END IF;
    IF p_keep IS NULL THEN
        DELETE FROM kind_retention WHERE kind = p_kind;
    ELSE
        INSERT INTO kind_retention AS r (kind, keep) VALUES (p_kind, p_keep)
        ON CONFLICT (kind) DO UPDATE SET keep = excluded.keep, set_at = clock_timestamp(), set_by = session_user;
    END IF;
END
$$;

-- Move what outlives its month out of a table of the history. Internal.
CREATE FUNCTION queue.keep_history(p_table text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    v_month timestamptz;
    v_count bigint;
BEGIN
    FOR v_month IN EXECUTE format(
        'SELECT DISTINCT date_trunc(''month'', h.finished_at + r.keep, ''UTC'')
         FROM queue.%I AS h JOIN queue.kind_retention AS r ON r.kind = h.kind
         WHERE h.finished_at + r.keep > clock_timestamp()', p_table)
    LOOP
        IF to_regclass('queue.job_kept_' || to_char(v_month AT TIME ZONE 'UTC', 'YYYYMM')) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE queue.%I PARTITION OF queue.job_kept FOR VALUES FROM (%L) TO (%L)',
                'job_kept_' || to_char(v_month AT TIME ZONE 'UTC', 'YYYYMM'), v_month,
                date_trunc('month', v_month + interval '32 days', 'UTC'));
        END IF;
    END LOOP;
    EXECUTE format(
        'INSERT INTO queue.job_kept SELECT h.*, h.finished_at + r.keep
         FROM queue.%I AS h JOIN queue.kind_retention AS r ON r.kind = h.kind
         WHERE h.finished_at + r.keep > clock_timestamp()', p_table);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- The tables of kept jobs whose last month is over. Returns how many were dropped. Internal.
CREATE FUNCTION queue.drop_kept() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = queue, pg_temp SET lock_timeout = '100ms' AS $$
DECLARE
    v_name text;
    v_dropped integer := 0;
BEGIN
    FOR v_name IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'queue.job_kept'::regclass AND c.relname ~ '^job_kept_[0-9]{6}$'
            AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC' < clock_timestamp()
    LOOP
        EXECUTE format('DROP TABLE queue.%I', v_name);
        v_dropped := v_dropped + 1;
    END LOOP;
    RETURN v_dropped;
END
$$;

CREATE VIEW queue.retention_overview AS SELECT r.kind, r.keep, r.set_at, r.set_by FROM queue.kind_retention AS r;

CREATE OR REPLACE VIEW queue.job_overview AS
    SELECT id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, scheduled_at, attempted_at,
        NULL::timestamptz AS finished_at, worker_id, holder, NULL::text AS code, errors, progress,
        NULL::bytea AS outcome, cancel_requested_at
    FROM queue.job
    UNION ALL
    SELECT id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, NULL, attempted_at,
        finished_at, worker_id, holder, code, errors, progress, outcome, NULL
    FROM queue.job_history
    UNION ALL
    SELECT id, alias, queue, kind, args, priority, state, attempt, max_attempts, created_at, NULL, attempted_at,
        finished_at, worker_id, holder, code, errors, progress, outcome, NULL
    FROM queue.job_kept;

REVOKE ALL ON FUNCTION
    queue.set_retention(text, interval),
    queue.keep_history(text),
    queue.drop_kept()
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue.set_retention(text, interval) TO queue_operator;
GRANT SELECT ON queue.retention_overview TO queue_operator, queue_observer;
