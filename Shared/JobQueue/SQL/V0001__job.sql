-- The tables of the queue. Rows of live jobs only: a finished job moves to queue.job_history in the statement that
-- finishes it. deploy/decisions/0007-job-storage.md says why they have this shape.

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

CREATE SEQUENCE queue.job_id AS bigint;
-- Where a job stands in its lane (its queue and priority). It gets a new position each time it becomes available.
CREATE SEQUENCE queue.job_position AS bigint;
-- Lease numbers only grow. Together with the primary's epoch they are the fencing token.
CREATE SEQUENCE queue.lease_number AS bigint;

-- A transaction has its number before it takes a position: that is what lets queue.advance_lanes know which
-- transactions may still commit a position that is lower than another. A sequence alone gives the number away first.
CREATE FUNCTION queue.next_position() RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('queue.job_position') END
$$;

-- What the outside sees of a job: an id from a sequence reveals volume. The first 48 bits are the millisecond, so that
-- the index grows at its end; the rest is random.
CREATE FUNCTION queue.new_alias() RETURNS uuid
LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
            || substring(uuid_send(gen_random_uuid()) FROM 7),
        'hex')::uuid
$$;

-- No CHECK on any table that a job passes through: the server reads and prepares each of them anew for every statement that
-- writes a row, which was half the cost of enqueuing. Only the functions of this schema write here, and queue.enqueue refuses
-- what is out of range.
CREATE TABLE queue.job (
    id bigint NOT NULL DEFAULT nextval('queue.job_id'),
    alias uuid NOT NULL DEFAULT queue.new_alias(),
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    args jsonb NOT NULL,
    priority smallint NOT NULL DEFAULT 4,  -- 0 to 9; 0 goes first
    state text COLLATE "C" NOT NULL,
    position bigint DEFAULT queue.next_position(),  -- null while the job waits for its time
    attempt smallint NOT NULL DEFAULT 0,
    max_attempts smallint NOT NULL DEFAULT 25,  -- at least 1
    unique_key text COLLATE "C",
    scheduled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempted_at timestamptz,
    -- The lease, of a running job and no other. A worker's lease lives as long as its heartbeat and has no end of its own; an agency's has an end and
    -- an alias.
    lease_epoch integer,
    lease_number bigint,
    lease_alias uuid,
    lease_expires_at timestamptz,
    worker_id uuid,
    holder text,
    has_permit boolean NOT NULL DEFAULT false,  -- counted against its queue's limit
    cancel_requested_at timestamptz,
    errors jsonb NOT NULL DEFAULT '[]',
    progress jsonb  -- see V0010__report
) PARTITION BY LIST (state);

-- What can be worked or is being worked. A claim by a worker is an update that no index sees: it touches no column of
-- one, and half of each page is kept free for the claimed rows, also while an old snapshot keeps the unclaimed ones.
CREATE TABLE queue.job_ready PARTITION OF queue.job (
    position NOT NULL
) FOR VALUES IN ('available', 'running') WITH (
    fillfactor = 45, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0);
CREATE UNIQUE INDEX job_ready_id ON queue.job_ready (id);
CREATE UNIQUE INDEX job_ready_alias ON queue.job_ready (alias);
CREATE INDEX job_ready_lane ON queue.job_ready (queue, priority, position);
CREATE UNIQUE INDEX job_ready_lease_alias ON queue.job_ready (lease_alias) WHERE lease_alias IS NOT NULL;
CREATE INDEX job_ready_lease_end ON queue.job_ready (lease_expires_at) WHERE lease_expires_at IS NOT NULL;
CREATE INDEX job_ready_cancel ON queue.job_ready (cancel_requested_at) WHERE cancel_requested_at IS NOT NULL;

-- What waits for its time. Ten million of them cost the claim nothing, nor the vacuum of what is claimed.
CREATE TABLE queue.job_deferred PARTITION OF queue.job FOR VALUES IN ('scheduled', 'retryable');
CREATE UNIQUE INDEX job_deferred_id ON queue.job_deferred (id);
CREATE UNIQUE INDEX job_deferred_alias ON queue.job_deferred (alias);
CREATE INDEX job_deferred_due ON queue.job_deferred (scheduled_at, id);

-- At most one live job of a kind has a key.
CREATE TABLE queue.unique_job (
    kind text COLLATE "C" NOT NULL,
    unique_key text COLLATE "C" NOT NULL,
    job_id bigint NOT NULL,
    alias uuid NOT NULL,
    PRIMARY KEY (kind, unique_key)
);

-- Rows that change all the time (lane, queue_limit, worker) have a last column of their key that is always zero. Under an old
-- snapshot every version stays, and a look-up by the key would walk through all of them, the oldest first. Ordered by that column
-- downwards, the index is read from its end instead, where the newest version is: `ORDER BY zero DESC LIMIT 1`.

-- How far a lane is done: no job at or below `low` is available, and none will be. A claim that has no position of its
-- own starts there, so that it never reads the rows of finished jobs again. See queue.advance_lanes.
CREATE TABLE queue.lane (
    queue text COLLATE "C" NOT NULL,
    priority smallint NOT NULL,
    low bigint NOT NULL,
    mark_position bigint NOT NULL,
    mark_transaction xid8 NOT NULL,
    advanced_at timestamptz NOT NULL,
    zero smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, priority, zero)
) WITH (fillfactor = 20);

-- How much of a queue may run and start. See V0009__limits.
CREATE TABLE queue.queue_limit (
    queue text COLLATE "C" NOT NULL,
    max_running integer,
    rate double precision,  -- tokens per second
    burst double precision NOT NULL,
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    running bigint NOT NULL DEFAULT 0,  -- as counted by the last claim
    read_to bigint NOT NULL DEFAULT 0,  -- of the permits
    look_back_after timestamptz NOT NULL DEFAULT '-infinity',
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by text NOT NULL DEFAULT session_user,
    zero smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, zero)
) WITH (fillfactor = 20);

-- What the end of jobs with a permit gave back, until the next claim has counted it.
CREATE TABLE queue.permit (
    queue text COLLATE "C" NOT NULL,
    number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    change bigint NOT NULL,
    PRIMARY KEY (queue, number)
);

-- How queues share the slots of workers when these are few. See V0009__limits.
CREATE TABLE queue.queue_group (
    name text COLLATE "C" PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 200),
    weight double precision NOT NULL CHECK (weight BETWEEN 0.001 AND 1000)
);
CREATE TABLE queue.queue_share (
    queue text COLLATE "C" PRIMARY KEY CHECK (length(queue) BETWEEN 1 AND 200),
    weight double precision NOT NULL CHECK (weight BETWEEN 0.001 AND 1000),
    group_name text COLLATE "C" REFERENCES queue.queue_group,
    minimum integer NOT NULL CHECK (minimum BETWEEN 0 AND 100000)
);
-- Grows with each change of shares: a worker reads them when its beat shows another number.
CREATE TABLE queue.share_version (version bigint NOT NULL);
INSERT INTO queue.share_version (version) VALUES (0);

-- Finished jobs, in partitions that are dropped, never deleted from.
CREATE TABLE queue.job_history (
    id bigint NOT NULL,
    alias uuid NOT NULL,
    queue text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    args jsonb NOT NULL,
    priority smallint NOT NULL,
    state text COLLATE "C" NOT NULL,  -- completed, cancelled or discarded
    attempt smallint NOT NULL,
    max_attempts smallint NOT NULL,
    unique_key text COLLATE "C",
    created_at timestamptz NOT NULL,
    attempted_at timestamptz,
    finished_at timestamptz NOT NULL,
    lease_epoch integer,
    lease_number bigint,
    worker_id uuid,
    holder text,
    code text,  -- why it was cancelled or discarded, or what it came to
    errors jsonb NOT NULL,
    progress jsonb,  -- the last report of a job that was not completed
    outcome bytea  -- what it left behind; see V0010__report
) PARTITION BY RANGE (finished_at);
CREATE TABLE queue.job_history_rest PARTITION OF queue.job_history DEFAULT;
CREATE INDEX job_history_alias ON queue.job_history (alias);
CREATE INDEX job_history_dead ON queue.job_history (queue, finished_at) WHERE state = 'discarded';

-- One row per worker process: the heartbeat is per worker, not per job.
CREATE TABLE queue.worker (
    id uuid NOT NULL,
    name text NOT NULL,
    queues text[] NOT NULL,
    slots integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    running integer NOT NULL DEFAULT 0,
    draining boolean NOT NULL DEFAULT false,
    zero smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (id, zero)
) WITH (fillfactor = 20);

-- What each claim of a worker got. An index over the leases themselves would cost every claim an entry per job; this is
-- a row per claim, from which a worker's leases are found. It may name jobs that have ended.
CREATE TABLE queue.worker_claim (
    worker_id uuid NOT NULL,
    number bigint NOT NULL,
    jobs bigint[] NOT NULL,
    PRIMARY KEY (worker_id, number)
) WITH (toast_tuple_target = 8160);
ALTER TABLE queue.worker_claim ALTER COLUMN jobs SET STORAGE EXTERNAL;  -- compressing would cost every claim

-- Workers that are no longer registered, until their leases have been taken back.
CREATE TABLE queue.lost_worker (
    id uuid PRIMARY KEY,
    lost_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The primary whose promotion the rescuer has seen to: every lease of an older one has been taken back.
CREATE TABLE queue.rescued_epoch (epoch integer NOT NULL);

-- Who does the maintenance. The term grows at each change of hands.
CREATE TABLE queue.leader (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    term bigint NOT NULL,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Queues an operator has paused.
CREATE TABLE queue.paused_queue (
    queue text COLLATE "C" PRIMARY KEY,
    paused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    paused_by text NOT NULL DEFAULT session_user
);
