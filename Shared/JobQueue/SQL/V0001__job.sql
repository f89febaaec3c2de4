-- The job table. Rows of live jobs only: a finished job moves to queue.job_history in the statement that finishes it.

CREATE SCHEMA queue;
REVOKE ALL ON SCHEMA queue FROM PUBLIC;

-- The four rights of the queue. Group roles belong to the cluster, so another database may have made them already.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['queue_producer', 'queue_worker', 'queue_operator', 'queue_observer'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- Made by a migration of another database at this very moment.
            END;
        END IF;
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA queue TO queue_producer, queue_worker, queue_operator, queue_observer;

-- Lease numbers only grow. Together with the primary's epoch they are the fencing token.
CREATE SEQUENCE queue.lease_number AS bigint;

CREATE TABLE queue.job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alias uuid NOT NULL DEFAULT gen_random_uuid(),  -- what the outside sees: an id from a sequence reveals volume
    queue text NOT NULL CHECK (length(queue) BETWEEN 1 AND 200),
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 200),
    args jsonb NOT NULL,
    priority smallint NOT NULL DEFAULT 4 CHECK (priority BETWEEN 0 AND 9),  -- 0 goes first
    state text NOT NULL CHECK (state IN ('available', 'scheduled', 'running', 'retryable')),
    attempt smallint NOT NULL DEFAULT 0,
    max_attempts smallint NOT NULL DEFAULT 25 CHECK (max_attempts >= 1),
    unique_key text,
    scheduled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempted_at timestamptz,
    -- The lease. A worker's lease lives as long as its heartbeat (expires at infinity); an agency's has its own end.
    lease_epoch integer,
    lease_number bigint,
    lease_alias uuid,
    lease_expires_at timestamptz,
    worker_id uuid,
    holder text,
    cancel_requested_at timestamptz,
    errors jsonb NOT NULL DEFAULT '[]',
    CHECK ((state = 'running') = (lease_number IS NOT NULL)),
    CHECK ((state = 'running') = (lease_expires_at IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- The claim reads only ready jobs; what waits for its time costs it nothing.
CREATE INDEX job_available ON queue.job (queue, priority, scheduled_at, id) WHERE state = 'available';
CREATE INDEX job_due ON queue.job (scheduled_at) WHERE state IN ('scheduled', 'retryable');
CREATE INDEX job_lease_end ON queue.job (lease_expires_at) WHERE state = 'running';
CREATE INDEX job_lease_worker ON queue.job (worker_id) WHERE state = 'running';
CREATE UNIQUE INDEX job_unique_key ON queue.job (kind, unique_key) WHERE unique_key IS NOT NULL;
CREATE UNIQUE INDEX job_lease_alias ON queue.job (lease_alias) WHERE lease_alias IS NOT NULL;
CREATE UNIQUE INDEX job_alias ON queue.job (alias);

-- Finished jobs, in partitions that are dropped, never deleted from.
CREATE TABLE queue.job_history (
    id bigint NOT NULL,
    alias uuid NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL,
    args jsonb NOT NULL,
    priority smallint NOT NULL,
    state text NOT NULL CHECK (state IN ('completed', 'cancelled', 'discarded')),
    attempt smallint NOT NULL,
    max_attempts smallint NOT NULL,
    unique_key text,
    created_at timestamptz NOT NULL,
    attempted_at timestamptz,
    finished_at timestamptz NOT NULL,
    lease_epoch integer,
    lease_number bigint,
    worker_id uuid,
    holder text,
    code text,  -- why it was cancelled or discarded
    errors jsonb NOT NULL
) PARTITION BY RANGE (finished_at);
CREATE TABLE queue.job_history_rest PARTITION OF queue.job_history DEFAULT;
CREATE INDEX job_history_alias ON queue.job_history (alias);
CREATE INDEX job_history_dead ON queue.job_history (queue, finished_at) WHERE state = 'discarded';

-- One row per worker process: the heartbeat is per worker, not per job.
CREATE TABLE queue.worker (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    queues text[] NOT NULL,
    slots integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    running integer NOT NULL DEFAULT 0,
    draining boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- Who does the maintenance. The term grows at each change of hands.
CREATE TABLE queue.leader (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    term bigint NOT NULL,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Queues an operator has paused.
CREATE TABLE queue.paused_queue (
    queue text PRIMARY KEY,
    paused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    paused_by text NOT NULL DEFAULT session_user
);
