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
DECLARE
    v_checkpoint text := ledger.latest_checkpoint();
BEGIN
    RETURN QUERY
        -- With the ledger's latest checkpoint, against which the agency can hold what it is shown later.
        SELECT p.disclosure, p.profile, p.fields, p.sealed, v_checkpoint FROM door.read_packages(p_agency, p_disclosures) AS p;
END
$$;

CREATE FUNCTION gateway.answer(
    p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text,
    p_not_after timestamptz,
    p_text_key text DEFAULT NULL, p_text bytea DEFAULT NULL, p_attachments jsonb DEFAULT NULL,
    OUT result text, OUT status text, OUT reason_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT * INTO result, status, reason_code FROM door.answer(
        p_agency, p_number, p_lease, p_status, p_reason, p_suggested_kind, p_not_after,
        door.sent(p_text_key, p_text, p_attachments, NULL));
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
    p_text_key text DEFAULT NULL, p_text bytea DEFAULT NULL, p_attachments jsonb DEFAULT NULL,
    OUT result text, OUT status text, OUT outcome_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT * INTO result, status, outcome_code FROM door.report(
        p_agency, p_number, p_status, p_outcome, door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

-- MARK: the desk: the inbox of an agency without a system of its own. It leases like every consumer, sees ids and words, and
-- opens a package when somebody has said who reads it and why. Whoever acts is named; the same implementation does it.

CREATE FUNCTION gateway.desk_lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text)
RETURNS TABLE (
    lease uuid, expires_at timestamptz, attempt integer, referral_id uuid, number text, purpose text, legal_basis text,
    tier text, answer_due_at timestamptz, disclosure uuid, refused text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY SELECT * FROM door.lease(p_agency, p_limit, p_lease_for, p_requested_by, false);
END
$$;

-- The package is read after this has committed, by read_packages.
CREATE FUNCTION gateway.desk_request_package(
    p_agency uuid, p_number text, p_lease uuid, p_requested_by text, p_staff text, p_reason text,
    OUT result text, OUT disclosure uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF (door.is_staff(p_staff) AND door.is_reading(p_reason)) IS NOT TRUE THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    SELECT * INTO result, disclosure FROM door.request_package(
        p_agency, p_number, p_lease, p_requested_by || ' ' || p_lease::text || ' ' || p_staff || ' ' || p_reason);
    IF result = 'done' THEN
        PERFORM door.note_act(p_agency, p_number, 'package_read', p_staff, p_reason);
    END IF;
END
$$;

CREATE FUNCTION gateway.desk_answer(
    p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text,
    p_not_after timestamptz, p_staff text,
    p_text_key text DEFAULT NULL, p_text bytea DEFAULT NULL, p_attachments jsonb DEFAULT NULL,
    OUT result text, OUT status text, OUT reason_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF door.is_staff(p_staff) IS NOT TRUE THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    SELECT * INTO result, status, reason_code FROM door.answer(
        p_agency, p_number, p_lease, p_status, p_reason, p_suggested_kind, p_not_after,
        door.sent(p_text_key, p_text, p_attachments, p_staff));
    IF result = 'done' THEN
        PERFORM door.note_act(p_agency, p_number, p_status, p_staff, p_reason);
    END IF;
END
$$;

CREATE FUNCTION gateway.desk_report(
    p_agency uuid, p_number text, p_status text, p_outcome text, p_staff text,
    p_text_key text DEFAULT NULL, p_text bytea DEFAULT NULL, p_attachments jsonb DEFAULT NULL,
    OUT result text, OUT status text, OUT outcome_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF door.is_staff(p_staff) IS NOT TRUE THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    SELECT * INTO result, status, outcome_code FROM door.report(
        p_agency, p_number, p_status, p_outcome, door.sent(p_text_key, p_text, p_attachments, p_staff));
    IF result = 'done' THEN
        PERFORM door.note_act(p_agency, p_number, p_status, p_staff, p_outcome);
    END IF;
END
$$;

-- Who did what with one of the agency's referrals, in order.
CREATE FUNCTION gateway.desk_acts(p_agency uuid, p_number text)
RETURNS TABLE (act text, staff_id text, reason text, acted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = door, pg_temp AS $$
    SELECT d.act, d.staff_id, d.reason, d.acted_at
    FROM casework.referral AS r JOIN desk_act AS d ON d.referral_id = r.id AND d.agency_id = p_agency
    WHERE r.number = p_number AND (r.agency_id = p_agency) IS TRUE ORDER BY d.id
$$;

-- What the agency sent in its own words with one of its referrals, in order: with which answer and how much, and not what.
CREATE FUNCTION gateway.desk_texts(p_agency uuid, p_number text)
RETURNS TABLE (status text, staff_id text, sent_at timestamptz, size integer, attachments integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = door, pg_temp AS $$
    SELECT t.status, t.staff_id, t.sent_at, t.size, coalesce(jsonb_array_length(t.attachments), 0)
    FROM casework.referral AS r JOIN safeguarding.sealed_text AS t ON t.referral_id = r.id AND t.agency_id = p_agency
    WHERE r.number = p_number AND (r.agency_id = p_agency) IS TRUE ORDER BY t.number
$$;

-- The network's key that agencies seal their texts to now, with the onboarding key's signature; no row when there is none.
CREATE FUNCTION gateway.network_key() RETURNS TABLE (id text, public_key bytea, valid_from timestamptz, signature bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = door, pg_temp AS $$
    SELECT k.id, k.public_key, k.valid_from, k.signature FROM safeguarding.network_keys_in_use() AS k LIMIT 1
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door, gateway FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO dandelion_gateway;
