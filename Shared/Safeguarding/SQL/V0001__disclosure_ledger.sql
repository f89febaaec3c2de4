-- The disclosure ledger: which fields of which referral were shown to which agency, why and on what basis. Append-only.
-- A record is committed before the bytes leave (invariant 5): one transaction records, the next reads, and a record is
-- worth nothing in the transaction that wrote it, which could still roll back.
-- SQLSTATE DC100: the ledger is append-only. DC101: no committed record allows this disclosure.

CREATE SCHEMA safeguarding;
REVOKE ALL ON SCHEMA safeguarding FROM PUBLIC;

GRANT USAGE ON SCHEMA safeguarding TO dandelion_routing, dandelion_operator;

-- No CHECK: the server prepares each anew for every row. Only the functions below write here, which check what they write.
CREATE TABLE safeguarding.disclosure (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,  -- the order of the ledger; may have gaps
    referral_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    profile text NOT NULL,
    fields text[] NOT NULL,  -- names of fields, never their values
    purpose text NOT NULL,
    legal_basis text NOT NULL,
    requested_by text NOT NULL,
    key_fingerprint bytea,  -- SHA-256 of the key that what is disclosed is sealed to
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    database_role text NOT NULL DEFAULT session_user
);
CREATE INDEX disclosure_referral ON safeguarding.disclosure (referral_id, number);
CREATE INDEX disclosure_ledger ON safeguarding.disclosure (transaction, number);  -- see casework.event

CREATE FUNCTION safeguarding.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = safeguarding, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the disclosure ledger is append-only' USING ERRCODE = 'DC100';
END
$$;
CREATE TRIGGER disclosure_append_only BEFORE UPDATE OR DELETE ON safeguarding.disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION safeguarding.refuse_change();
CREATE TRIGGER disclosure_no_truncate BEFORE TRUNCATE ON safeguarding.disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION safeguarding.refuse_change();

-- Internal: what a profile and its fields look like, here and in a package. Inlined where it is used, like the next.
CREATE FUNCTION safeguarding.is_profile(p_profile text, p_fields text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_profile ~ '^[a-z][a-z0-9_]{0,63}$' AND cardinality(p_fields) BETWEEN 1 AND 200
$$;

-- Internal: a record says for what, on what basis and for whom.
CREATE FUNCTION safeguarding.is_record(p_purpose text, p_legal_basis text, p_requested_by text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT length(p_purpose) BETWEEN 1 AND 64 AND length(p_legal_basis) BETWEEN 1 AND 500
        AND length(p_requested_by) BETWEEN 1 AND 200
$$;

CREATE FUNCTION safeguarding.record_disclosure(
    p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_purpose text, p_legal_basis text,
    p_requested_by text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_result uuid;
BEGIN
    IF (is_profile(p_profile, p_fields) AND is_record(p_purpose, p_legal_basis, p_requested_by)) IS NOT TRUE THEN
        RAISE EXCEPTION 'not a record of a disclosure' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO disclosure (referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by)
    VALUES (p_referral, p_agency, p_profile, p_fields, p_purpose, p_legal_basis, p_requested_by)
    RETURNING id INTO v_result;
    RETURN v_result;
END
$$;

-- Returns if this record allows showing this referral to this agency, in a transaction after the one that wrote it.
CREATE FUNCTION safeguarding.require_disclosure(p_disclosure uuid, p_referral uuid, p_agency uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM 1 FROM disclosure
    WHERE id = p_disclosure AND referral_id = p_referral AND agency_id = p_agency
        AND transaction IS DISTINCT FROM pg_current_xact_id_if_assigned();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no committed record allows this disclosure' USING ERRCODE = 'DC101';
    END IF;
END
$$;

CREATE FUNCTION safeguarding.disclosures_of(p_referral uuid)
RETURNS TABLE (
    id uuid, number bigint, agency_id uuid, profile text, fields text[], purpose text, legal_basis text,
    requested_by text, recorded_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, number, agency_id, profile, fields, purpose, legal_basis, requested_by, recorded_at
        FROM disclosure WHERE referral_id = p_referral ORDER BY number;
END
$$;

-- The ledger from a number on, for audit.
CREATE FUNCTION safeguarding.disclosures_after(p_number bigint, p_limit integer)
RETURNS TABLE (
    id uuid, number bigint, referral_id uuid, agency_id uuid, profile text, fields text[], purpose text,
    legal_basis text, requested_by text, recorded_at timestamptz, database_role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = safeguarding, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, number, referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by, recorded_at,
            database_role
        FROM disclosure WHERE number > p_number ORDER BY number LIMIT p_limit;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA safeguarding FROM PUBLIC;
GRANT EXECUTE ON FUNCTION safeguarding.disclosures_of(uuid) TO dandelion_routing, dandelion_operator;
GRANT EXECUTE ON FUNCTION safeguarding.disclosures_after(bigint, integer) TO dandelion_operator;
