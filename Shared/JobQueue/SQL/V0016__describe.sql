-- What every function that a role may call promises. SQLReference.md is made from it.

COMMENT ON FUNCTION queue.primary_epoch() IS
    'The primary''s timeline: the first half of every fencing token. It grows with each promotion.';
COMMENT ON FUNCTION queue.enqueue(text, text, jsonb, integer, timestamptz, integer, text) IS
    'Makes a job in the caller''s transaction. p_args is a JSON object of ids, with the keys version (1 when '
    'left out) and traceparent (W3C) where they apply. p_priority is 0 (first) to 9. With p_scheduled_at it '
    'waits until then. With p_unique_key at most one live job of the kind has that key. Returns the job and '
    'whether it is new; the one that holds the key otherwise.';
COMMENT ON FUNCTION queue.enqueue_many(text, text, jsonb[], integer) IS
    'Makes a job for each element of p_args, available at once. Returns how many.';
COMMENT ON FUNCTION queue.enqueue_each(text[], text[], jsonb[], integer[], timestamptz, integer[], text[]) IS
    'Makes a job for each element of the arrays, of whatever queues and kinds, as enqueue does for one; one whose '
    'unique key a live job holds is left out. Returns how many are new.';
COMMENT ON FUNCTION queue.enqueue_unique(text, text, jsonb, text, text, interval, integer, timestamptz, integer) IS
    'Makes a job unless its kind has one with the key. p_scope waiting: one that waits (a job that was found '
    'waiting does not begin before the caller''s commit); live: one that waits or runs. With live and p_hold '
    'the key is held for so long, also when the job is completed by then; a job that was cancelled or '
    'discarded frees it. Returns the job and whether it is new.';
COMMENT ON FUNCTION queue.cancel_unique(text, text, text) IS
    'Withdraws the live job with the key: cancelled, requested (it runs and is asked to stop) or absent.';
COMMENT ON FUNCTION queue.cancel_waiting(text, text, text) IS
    'Withdraws the job with the key if it waits and nobody looks at it; never waits for its row.';
COMMENT ON FUNCTION queue.lock_unique(text, text) IS
    'Holds the live job with the key to the end of the transaction, to keep an order of locks.';
COMMENT ON FUNCTION queue.ring(text[]) IS
    'Wakes whoever waits on the queues. Call it after the commit, in a transaction of its own: inside one that '
    'writes it is refused.';
COMMENT ON FUNCTION queue.ring_at_commit(text[]) IS
    'Wakes whoever waits on the queues when the caller''s transaction commits. Such commits follow each other, '
    'one at a time in the whole database: ring after the commit where you can.';
COMMENT ON FUNCTION queue.bell_key() IS
    'The 32 bytes that open what queue_ready says: 48 hexadecimal digits are 16 bytes of salt and 8 that name the '
    'queue. XOR them with the first 8 of SHA-256(key, salt), and they are the first 8 of the SHA-256 of its name.';
COMMENT ON FUNCTION queue.register_worker(uuid, text, text[], integer, interval) IS
    'Makes a worker known. Its leases live as long as it beats within p_alive_for.';
COMMENT ON FUNCTION queue.beat(uuid, integer, boolean, interval, boolean, bigint[]) IS
    'Says that a worker lives, and tells it in one answer which of its jobs somebody wants cancelled, which of its '
    'queues have jobs that wait, and whether it leads. p_over: its claims that are over, by the lowest number of their '
    'leases. DQ003: it was given up and must stop its work and register under a new id.';
COMMENT ON FUNCTION queue.deregister_worker(uuid) IS
    'Takes a worker out of the register; the leader takes its leases back.';
COMMENT ON FUNCTION queue.release_unheld(uuid, bigint[]) IS
    'Gives back what is leased to the worker and not among p_held. Returns how many jobs.';
COMMENT ON FUNCTION queue.claim(text, integer, uuid, interval, text, bigint[]) IS
    'Leases up to p_limit available jobs of a queue, priority 0 first and the others by age: to a worker '
    '(p_worker), as long as it beats, or to p_holder for p_lease_for. p_after: ten positions, for priorities 0 '
    'to 9, after which to look (those a claimer remembers); null, or a negative one, looks from the lanes'' low '
    'water. Pauses and limits apply.';
COMMENT ON FUNCTION queue.advance(text) IS
    'Moves the low water of a queue''s lanes up. A hint for claimers without positions; harmless at any time.';
COMMENT ON FUNCTION queue.forget_lanes(interval, integer) IS
    'Forgets up to p_limit lanes without jobs that nobody has used for p_idle. Safe at any time: an unknown lane is '
    'looked through from its beginning. Returns how many.';
COMMENT ON FUNCTION queue.compact_claims(uuid, bigint) IS
    'Folds a worker''s list of claims into one row. p_after is what the last call returned, or null now and '
    'then.';
COMMENT ON FUNCTION queue.with_lease(bigint, integer, bigint) IS
    'Holds the lease to the end of the caller''s transaction, so that an effect commits under it or not at '
    'all. DQ001: it is lost.';
COMMENT ON FUNCTION queue.lease_by_alias(uuid, text) IS
    'The job that p_holder has under this lease alias, held to the end of the transaction. DQ001: unknown, '
    'another''s or over.';
COMMENT ON FUNCTION queue.extend(bigint, integer, bigint, interval) IS
    'Lengthens a lease that has an end of its own, and returns the new end; null for a worker''s.';
COMMENT ON FUNCTION queue.progress(bigint, integer, bigint, bigint, bigint, text, bytea) IS
    'Says how far a leased job has come: numbers, a code of 1 to 64 of a-z 0-9 _ . : -, at most 1024 bytes. '
    'Replaces the last report. Returns whether somebody wants the job cancelled.';
COMMENT ON FUNCTION queue.complete(bigint, integer, bigint) IS
    'The work is done. In the transaction that makes the effect, both commit or neither.';
COMMENT ON FUNCTION queue.complete_with(bigint, integer, bigint, text, bytea) IS
    'The same, leaving a code and at most 1024 bytes in the history.';
COMMENT ON FUNCTION queue.complete_all(bigint[], integer[], bigint[]) IS
    'Completes a batch that is held, all of it or none: DQ001 when one had lost its lease.';
COMMENT ON FUNCTION queue.hold_many(bigint[], integer[], bigint[]) IS
    'Holds a batch to the end of the transaction, and waits for none: returns the jobs whose lease is still this one and whose row nobody else has under lock.';
COMMENT ON FUNCTION queue.complete_many(bigint[], integer[], bigint[]) IS
    'Completes a batch. Returns the jobs that were; one that is missing had lost its lease.';
COMMENT ON FUNCTION queue.fail(bigint, integer, bigint, text, interval) IS
    'The attempt failed. Returns retryable (again after p_retry_after), discarded (no attempt was left) or '
    'cancelled (somebody had asked for that).';
COMMENT ON FUNCTION queue.discard(bigint, integer, bigint, text) IS
    'Gives a leased job up for good: a dead letter.';
COMMENT ON FUNCTION queue.cancel_leased(bigint, integer, bigint, text) IS
    'The holder calls its own job off.';
COMMENT ON FUNCTION queue.snooze(bigint, integer, bigint, interval) IS
    'Hands a leased job back without counting the attempt, for p_delay or, with zero, at once.';
COMMENT ON FUNCTION queue.elect(text, uuid, interval) IS
    'Stands for election or stays the leader for p_for. Returns the term, and no row when another leads.';
COMMENT ON FUNCTION queue.resign(text, uuid) IS
    'Gives leadership up.';
COMMENT ON FUNCTION queue.promote_due(integer) IS
    'Makes up to p_limit due jobs available. Returns their number by queue.';
COMMENT ON FUNCTION queue.next_due() IS
    'When the next deferred job is due.';
COMMENT ON FUNCTION queue.rescue(integer) IS
    'Takes back up to p_limit leases that ran out, whose worker is gone, or that an older primary gave. '
    'Returns their number by queue.';
COMMENT ON FUNCTION queue.maintain_history(interval) IS
    'Makes the history''s partitions for this month and the next two, and drops those that ended before '
    'p_keep, moving out what is kept longer. Returns how many tables were dropped.';
COMMENT ON FUNCTION queue.forget_unique_holds(integer) IS
    'Forgets up to p_limit keys whose time is over. Returns how many.';
COMMENT ON FUNCTION queue.put_periodic(text, text, text, text, text, jsonb, integer, integer) IS
    'Makes a schedule known or changes it: p_schedule as Schedule in JobTypes reads it, p_catch_up is skip, '
    'one or all N. Returns whether anything changed.';
COMMENT ON FUNCTION queue.due_periodic() IS
    'The schedules whose next time has come or is not known, with the database''s clock.';
COMMENT ON FUNCTION queue.fire_periodic(text, text, timestamptz[], timestamptz, timestamptz) IS
    'Makes the jobs of these times, says that all up to p_until is dealt with, and when to look again. A time '
    'fires once, whoever asks. Returns the queue once for each job.';
COMMENT ON FUNCTION queue.pause_periodic(text) IS
    'Lets a schedule make no jobs. DQ002: unknown.';
COMMENT ON FUNCTION queue.resume_periodic(text) IS
    'Lets a schedule go on from now; what passed meanwhile is dropped. DQ002: unknown.';
COMMENT ON FUNCTION queue.remove_periodic(text) IS
    'Forgets a schedule. DQ002: unknown.';
COMMENT ON FUNCTION queue.run_periodic(text) IS
    'Makes a job of a schedule now, beside its times. DQ002: unknown.';
COMMENT ON FUNCTION queue.cancel(uuid, text) IS
    'Calls a job off by its alias: cancelled, or requested when it runs. DQ002: no such live job.';
COMMENT ON FUNCTION queue.retry(uuid) IS
    'Brings a discarded or cancelled job back, its attempts counted anew. DQ002: no such job.';
COMMENT ON FUNCTION queue.pause(text) IS
    'Lets nobody claim from a queue.';
COMMENT ON FUNCTION queue.resume(text) IS
    'Lets a queue be claimed from again.';
COMMENT ON FUNCTION queue.set_limit(text, integer, double precision, double precision) IS
    'At most p_max_running jobs of the queue run at a time in the whole fleet, and p_rate start per second '
    'with bursts of p_burst. Null leaves that side open.';
COMMENT ON FUNCTION queue.clear_limit(text) IS
    'Takes a queue''s limit away.';
COMMENT ON FUNCTION queue.set_retention(text, interval) IS
    'Keeps finished jobs of a kind for so long, if that is longer than the rest; null: as long as the rest.';
COMMENT ON FUNCTION queue.stats(text[]) IS
    'Depth and lag of these queues, or of all, in constant time. Numbers up to a thousand of a lane are exact '
    '(is_exact); above they are estimates from samples. oldest_available_at: when the first job of any lane '
    'was made or came due.';
COMMENT ON FUNCTION queue.health() IS
    'What the doctor looks at: a row per thing, with a number and, where there is one, a name.';
COMMENT ON FUNCTION queue.worked_stats() IS
    'The same as stats, of the queues that some worker has registered for.';
COMMENT ON FUNCTION queue.before_claim(text) IS
    'First in a transaction that completes jobs of a limited queue and then claims from the queue named: the claim finds the '
    'permits that the completions give back.';
COMMENT ON FUNCTION queue.next_permit(text) IS
    'How many seconds until a claim on a queue whose bucket is empty may have a job; null when there is no rate.';
COMMENT ON FUNCTION queue.set_group(text, double precision) IS
    'Gives a group of queues its weight among the groups.';
COMMENT ON FUNCTION queue.set_share(text, double precision, text, integer) IS
    'How a queue shares the slots of workers when these are few: its weight, its group, and how many of its jobs go '
    'before all others in a worker process. A null leaves that part as it is; an empty group takes it out of its group.';
COMMENT ON FUNCTION queue.clear_share(text) IS
    'Lets a queue share slots as usual: weight 1, no group, no minimum.';
COMMENT ON FUNCTION queue.shares() IS
    'The shares that are set, for workers.';
