-- A sealing key that is new, signed at last, or lost: what waits for the agency is sealed to the new key, or cannot be read
-- any more. Routing does it, which alone can open and seal; the record of it is an event of each case.

-- Internal: has routing look at the packages that an agency has still to read.
CREATE FUNCTION casework.seal_again(p_agency uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_referral uuid;
BEGIN
    FOR v_referral IN
        SELECT r.id FROM referral AS r WHERE r.agency_id = p_agency AND r.is_live AND r.status IN ('requested', 'received')
        ORDER BY r.id
    LOOP
        PERFORM ask_to_seal(v_referral);
    END LOOP;
    PERFORM queue.ring_at_commit(ARRAY['routing']);
END
$$;

-- Internal: the same for one referral, which a door asks for when the package it found is not under the agency's key. A job
-- that is running may have looked before; one that waits will look.
CREATE FUNCTION casework.ask_to_seal(p_referral uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM queue.enqueue_unique('routing', 'seal_again', jsonb_build_object('referral_id', p_referral, 'version', 1),
        'seal:' || p_referral::text, 'waiting');
END
$$;

-- The agency lost its key, or somebody else has it: nothing is sealed to it any more, and what was can no longer be read. Until
-- another key is registered, staff call. False when there is no such agency.
CREATE FUNCTION casework.remove_agency_key(p_code text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_old agency%ROWTYPE;
BEGIN
    PERFORM lock_network();
    SELECT * INTO v_old FROM agency WHERE code = p_code FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_old.public_key IS NOT NULL THEN
        UPDATE agency SET public_key = NULL, key_valid_from = NULL, key_signature = NULL WHERE id = v_old.id;
        PERFORM record_operator_event('agency_sealing_key_removed', p_code,
            jsonb_build_object('public_key', fingerprint(v_old.public_key)));
        PERFORM seal_again(v_old.id);
    END IF;
    RETURN true;
END
$$;

-- Routing says what it did with a package: sealed it to another key, or discarded it for want of one.
CREATE FUNCTION casework.record_sealing(p_case uuid, p_referral uuid, p_kind text, p_key bytea, p_key_before bytea)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF (p_kind IN ('package_resealed', 'package_discarded')) IS NOT TRUE THEN
        RAISE EXCEPTION 'not what is done with a package' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM record_event(p_case, p_referral, p_kind, 'service', 'routing', NULL, jsonb_strip_nulls(jsonb_build_object(
        'key', encode(p_key, 'hex'), 'key_before', encode(p_key_before, 'hex'))));
END
$$;

REVOKE ALL ON FUNCTION casework.seal_again(uuid), casework.ask_to_seal(uuid), casework.remove_agency_key(text),
    casework.record_sealing(uuid, uuid, text, bytea, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.remove_agency_key(text) TO dandelion_operator;
GRANT EXECUTE ON FUNCTION casework.record_sealing(uuid, uuid, text, bytea, bytea) TO dandelion_routing;
