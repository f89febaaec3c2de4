-- The gateway's door: it has found out by a key which agency asks, and says so. Nobody else may call these.

CREATE SCHEMA gateway;
REVOKE ALL ON SCHEMA gateway FROM PUBLIC;
GRANT USAGE ON SCHEMA gateway TO dandelion_gateway;

-- Each disclosure is in the ledger when this has committed; the packages are read after that, by read_packages.
CREATE FUNCTION gateway.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text)
RETURNS TABLE (
    lease uuid, expires_at timestamptz, attempt integer, referral_id uuid, number text, purpose text, legal_basis text,
    tier text, answer_due_at timestamptz, disclosure uuid, refused text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY SELECT * FROM door.lease(p_agency, p_limit, p_lease_for, p_requested_by, true);
END
$$;

CREATE FUNCTION gateway.read_packages(p_agency uuid, p_disclosures uuid[])
RETURNS TABLE (disclosure uuid, profile text, fields text[], sealed bytea, checkpoint text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY
        -- With the ledger's latest checkpoint, against which the agency can hold what it is shown later.
        SELECT d.id, p.profile, p.fields, p.sealed, ledger.latest_checkpoint()
        FROM unnest(p_disclosures) AS d (id) CROSS JOIN LATERAL door.read_package(p_agency, d.id) AS p;
END
$$;

CREATE FUNCTION gateway.answer(
    p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text,
    p_not_after timestamptz, OUT result text, OUT status text, OUT reason_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT * INTO result, status, reason_code
    FROM door.answer(p_agency, p_number, p_lease, p_status, p_reason, p_suggested_kind, p_not_after);
END
$$;

CREATE FUNCTION gateway.extend(
    p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT * INTO result, expires_at FROM door.extend(p_agency, p_number, p_lease, p_lease_for);
END
$$;

-- With a code it counts as a failed attempt: what was leased could not be delivered.
CREATE FUNCTION gateway.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN (door.hand_back(p_agency, p_number, p_lease, p_delay, p_code));
END
$$;

CREATE FUNCTION gateway.report(
    p_agency uuid, p_number text, p_status text, p_outcome text,
    OUT result text, OUT status text, OUT outcome_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT * INTO result, status, outcome_code FROM door.report(p_agency, p_number, p_status, p_outcome);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door, gateway FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO dandelion_gateway;
