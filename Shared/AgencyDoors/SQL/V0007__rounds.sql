-- What several agencies ask at the same moment, in one transaction: the gateway's rounds. Each is given what it would be given alone,
-- or is left out, with nothing written for it, and goes alone then: one agency's trouble decides about no other's. No
-- lock of anybody is waited for.

-- Leases of several agencies, no agency twice, with the records of their disclosures. A row for each hand-over that was delivered;
-- and one with `alone` for each agency that is to ask alone: its queue has a limit, which claims take turns for, or what
-- it would lease is not usual, or somebody holds it.
CREATE FUNCTION gateway.lease_each(
    p_agencies uuid[], p_limits integer[], p_lease_for interval[], p_requested_by text[])
RETURNS TABLE (
    agency uuid, alone boolean, lease uuid, expires_at timestamptz, attempt integer, referral_id uuid, number text,
    purpose text, legal_basis text, tier text, answer_due_at timestamptz, disclosure uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_alone uuid[];
    v_jobs door.claimed[];
    v_done door.delivered[];
    v_odd uuid[];
    v_wish record;
    v_free text[];
BEGIN
    -- No claim moves the marks of a queue's lanes, for whose rows it might wait. Whoever leases sees to them after that.
    PERFORM set_config('queue.keeps_marks', 'on', true);
    v_free := queue.try_before_claims(ARRAY(SELECT queue_of(a) FROM unnest(p_agencies) AS a));
    v_alone := ARRAY(SELECT a FROM unnest(p_agencies) AS a WHERE queue_of(a) <> ALL (v_free));
    FOR v_pass IN 1 .. 3 LOOP
        IF v_pass = 3 THEN
            v_alone := p_agencies;
            v_jobs := '{}';
            v_done := '{}';
            EXIT;
        END IF;
        BEGIN
            v_jobs := '{}';
            FOR v_wish IN
                SELECT w.agency, w.most, w.lease_for, w.requested_by
                FROM unnest(p_agencies, p_limits, p_lease_for, p_requested_by) AS w (agency, most, lease_for, requested_by)
                WHERE w.agency <> ALL (v_alone)
            LOOP
                v_jobs := v_jobs || claim(v_wish.agency, v_wish.most, v_wish.lease_for, v_wish.requested_by);
            END LOOP;
            v_done := ARRAY(SELECT d FROM deliver(v_jobs, true) AS d);
            EXIT WHEN cardinality(v_done) = cardinality(v_jobs);
            v_odd := ARRAY(
                SELECT j.agency FROM unnest(v_jobs) WITH ORDINALITY AS j (
                    agency, requested_by, job, epoch, job_number, lease, expires_at, attempt, referral, place)
                WHERE j.place <> ALL (ARRAY(SELECT d.place FROM unnest(v_done) AS d)));
            RAISE EXCEPTION 'undone' USING ERRCODE = 'DG001';
        EXCEPTION WHEN SQLSTATE 'DG001' THEN
            -- Their claims are undone with everybody's; the others lease again without them.
            v_alone := v_alone || v_odd;
        END;
    END LOOP;
    RETURN QUERY
        SELECT (v_jobs[d.place]).agency, false, (v_jobs[d.place]).lease, (v_jobs[d.place]).expires_at,
            (v_jobs[d.place]).attempt, d.referral_id, d.number, d.purpose, d.legal_basis, d.tier, d.answer_due_at,
            d.disclosure
        FROM unnest(v_done) AS d
        UNION ALL
        SELECT a, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM unnest(p_agencies) AS a WHERE a = ANY (v_alone);
END
$$;

-- Packages of whatever agencies, each against a record of the agency beside it that an earlier transaction committed. No row for one
-- that is to be read alone: somebody holds what it rests on, or it may not be read.
CREATE FUNCTION gateway.read_packages_each(p_agencies uuid[], p_disclosures uuid[])
RETURNS TABLE (disclosure uuid, profile text, fields text[], sealed bytea, checkpoint text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_checkpoint text := ledger.latest_checkpoint();
BEGIN
    RETURN QUERY
        SELECT p.disclosure, p.profile, p.fields, p.sealed, v_checkpoint
        FROM door.read_free_packages(p_agencies, p_disclosures) AS p;
END
$$;

-- Acceptances without a word to them, each by the agency and under the lease beside it. Returns the leases that accepted; whoever is
-- missing answers alone.
CREATE FUNCTION gateway.accept_each(p_agencies uuid[], p_numbers text[], p_leases uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY SELECT unnest(door.accept(p_agencies, p_numbers, p_leases));
END
$$;

REVOKE ALL ON FUNCTION
    gateway.lease_each(uuid[], integer[], interval[], text[]),
    gateway.read_packages_each(uuid[], uuid[]),
    gateway.accept_each(uuid[], text[], uuid[])
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    gateway.lease_each(uuid[], integer[], interval[], text[]),
    gateway.read_packages_each(uuid[], uuid[]),
    gateway.accept_each(uuid[], text[], uuid[])
TO dandelion_gateway;
