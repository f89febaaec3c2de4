-- What a hand-over discloses, sealed to the agency's key: ciphertext for everybody else, this database included.
-- SQLSTATE DC102: the agency has no such package. DC103: the record in the ledger is not about what the package holds.

CREATE TABLE safeguarding.sealed_package (
    referral_id uuid PRIMARY KEY,
    agency_id uuid NOT NULL,
    profile text NOT NULL,
    fields text[] NOT NULL,
    key_fingerprint bytea NOT NULL,  -- SHA-256 of the key it is sealed to
    sealed bytea NOT NULL,  -- version, key, tag
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A referral has one package, for one agency. Sealing it again (the agency changed its key) replaces it; what was
-- recorded in the ledger for other fields or another key then no longer opens the door. An element of each array for each;
-- the fields as an array of names.
CREATE FUNCTION safeguarding.put_sealed_packages(
    p_referrals uuid[], p_agencies uuid[], p_profiles text[], p_fields jsonb[], p_key_fingerprints bytea[], p_sealed bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_count bigint;
BEGIN
    IF EXISTS (SELECT FROM unnest(p_profiles, p_fields, p_key_fingerprints, p_sealed)
            AS n (profile, fields, key_fingerprint, sealed)
        WHERE (is_profile(n.profile, ARRAY(SELECT jsonb_array_elements_text(n.fields)))
            AND length(n.key_fingerprint) = 32 AND length(n.sealed) >= 49 AND get_byte(n.sealed, 0) = 1) IS NOT TRUE)
    THEN
        RAISE EXCEPTION 'not a sealed package' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO sealed_package (referral_id, agency_id, profile, fields, key_fingerprint, sealed)
    SELECT n.referral_id, n.agency_id, n.profile, ARRAY(SELECT jsonb_array_elements_text(n.fields)), n.key_fingerprint,
        n.sealed
    FROM unnest(p_referrals, p_agencies, p_profiles, p_fields, p_key_fingerprints, p_sealed)
        AS n (referral_id, agency_id, profile, fields, key_fingerprint, sealed)
    ON CONFLICT (referral_id) DO UPDATE
    SET profile = excluded.profile, fields = excluded.fields, key_fingerprint = excluded.key_fingerprint,
        sealed = excluded.sealed, sealed_at = clock_timestamp()
    WHERE sealed_package.agency_id = excluded.agency_id;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> cardinality(p_referrals) THEN
        RAISE EXCEPTION 'the agency has no such package' USING ERRCODE = 'DC102';
    END IF;
END
$$;

-- Write into the ledger that the package, as it is now, is about to be disclosed. Reading asks for the record.
CREATE FUNCTION safeguarding.record_package_disclosure(
    p_id uuid, p_referral uuid, p_agency uuid, p_purpose text, p_legal_basis text, p_requested_by text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF is_record(p_purpose, p_legal_basis, p_requested_by) IS NOT TRUE THEN
        RAISE EXCEPTION 'not a record of a disclosure' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO disclosure (id, referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by, key_fingerprint)
    SELECT p_id, p_referral, p_agency, s.profile, s.fields, p_purpose, p_legal_basis, p_requested_by, s.key_fingerprint
    FROM sealed_package AS s WHERE s.referral_id = p_referral AND s.agency_id = p_agency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no such package' USING ERRCODE = 'DC102';
    END IF;
END
$$;

-- The same for several, an element of each array for each, and for packages under these keys alone: all of them, or none (DC102).
CREATE FUNCTION safeguarding.record_package_disclosures(
    p_ids uuid[], p_referrals uuid[], p_agencies uuid[], p_purposes text[], p_legal_bases text[], p_requested_by text[],
    p_keys bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_count bigint;
BEGIN
    INSERT INTO disclosure (id, referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by, key_fingerprint)
    SELECT w.id, w.referral, w.agency, s.profile, s.fields, w.purpose, w.legal_basis, w.requested_by, s.key_fingerprint
    FROM unnest(p_ids, p_referrals, p_agencies, p_purposes, p_legal_bases, p_requested_by, p_keys)
        AS w (id, referral, agency, purpose, legal_basis, requested_by, key)
    JOIN sealed_package AS s ON s.referral_id = w.referral
    WHERE s.agency_id = w.agency AND s.key_fingerprint = w.key AND is_record(w.purpose, w.legal_basis, w.requested_by);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> cardinality(p_ids) THEN
        RAISE EXCEPTION 'the agency has no such package' USING ERRCODE = 'DC102';
    END IF;
END
$$;

-- What would be disclosed, and sealed to which key: everything but the bytes.
CREATE FUNCTION safeguarding.describe_sealed_package(p_referral uuid, p_agency uuid)
RETURNS TABLE (profile text, fields text[], sealed_at timestamptz, key_fingerprint bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT profile, fields, sealed_at, key_fingerprint FROM sealed_package
        WHERE referral_id = p_referral AND agency_id = p_agency;
END
$$;

-- The bytes, against a record of this very disclosure that an earlier transaction committed.
CREATE FUNCTION safeguarding.read_sealed_package(p_disclosure uuid, p_referral uuid, p_agency uuid)
RETURNS TABLE (profile text, fields text[], sealed bytea, sealed_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_package sealed_package%ROWTYPE;
BEGIN
    PERFORM require_disclosure(p_disclosure, p_referral, p_agency);
    SELECT * INTO v_package FROM sealed_package AS s WHERE s.referral_id = p_referral AND s.agency_id = p_agency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no such package' USING ERRCODE = 'DC102';
    END IF;
    PERFORM 1 FROM disclosure AS d
    WHERE d.id = p_disclosure AND d.profile = v_package.profile AND d.fields @> v_package.fields
        AND d.key_fingerprint IS NOT DISTINCT FROM v_package.key_fingerprint;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the record is not about what the package holds' USING ERRCODE = 'DC103';
    END IF;
    RETURN QUERY SELECT v_package.profile, v_package.fields, v_package.sealed, v_package.sealed_at;
END
$$;

-- The same for several, an element of each array for each. No row for one that may not be read: read_sealed_package says why.
CREATE FUNCTION safeguarding.read_sealed_packages(p_disclosures uuid[], p_referrals uuid[], p_agencies uuid[])
RETURNS TABLE (disclosure uuid, profile text, fields text[], sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT d.id, s.profile, s.fields, s.sealed
        FROM unnest(p_disclosures, p_referrals, p_agencies) AS w (disclosure, referral, agency)
        JOIN disclosure AS d ON d.id = w.disclosure JOIN sealed_package AS s ON s.referral_id = w.referral
        WHERE (d.referral_id = w.referral) IS TRUE AND d.agency_id = w.agency AND s.agency_id = w.agency
            AND d.transaction IS DISTINCT FROM pg_current_xact_id_if_assigned()
            AND d.profile = s.profile AND d.fields @> s.fields
            AND d.key_fingerprint IS NOT DISTINCT FROM s.key_fingerprint;
END
$$;

-- After a withdrawal of consent, at the end of a referral, at erasure: the bytes are gone, the ledger stays.
CREATE FUNCTION safeguarding.discard_sealed_package(p_referral uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    DELETE FROM sealed_package WHERE referral_id = p_referral;
    RETURN FOUND;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA safeguarding FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    safeguarding.put_sealed_packages(uuid[], uuid[], text[], jsonb[], bytea[], bytea[]),
    safeguarding.describe_sealed_package(uuid, uuid),
    safeguarding.discard_sealed_package(uuid)
TO dandelion_routing;
-- Agencies' doors alone read the bytes (schema door).
