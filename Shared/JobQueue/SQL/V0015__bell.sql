-- The bell for producers in SQL, who have no connection of their own to ring it from after their commit.

-- Wake whoever waits on these queues when the caller's transaction commits, and not at all when it is undone. Such a
-- transaction takes a database-wide lock for its commit: many of them commit one after the other. Producers that can
-- should ring after their commit (`ring`); the workers' poll finds the jobs of those that do neither.
CREATE FUNCTION queue.ring_at_commit(p_queues text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT pg_notify('queue_ready', bell_payload(q)) FROM unnest(p_queues) AS q
$$;

REVOKE ALL ON FUNCTION queue.ring_at_commit(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue.ring_at_commit(text[]) TO queue_producer, queue_worker, queue_operator;
