-- How much of an agency's may wait for its answer. Nothing is refused for it: a referral over the quota is opened, with its hand-over
-- and its clocks, but no package is sealed for it ahead, and the owner's desk calls. When the agency leases it all the same, the
-- door asks for the package (ask_to_seal).

ALTER TABLE casework.agency
    ADD COLUMN max_waiting integer NOT NULL DEFAULT 1000 CHECK (max_waiting BETWEEN 1 AND 100000),
    ADD COLUMN max_waiting_bytes bigint NOT NULL DEFAULT 67108864 CHECK (max_waiting_bytes BETWEEN 1 AND 1099511627776);

-- Counting costs as much as is under way, whatever the agency has had. Not by status: its steps would no longer be written in
-- place.
CREATE INDEX referral_under_way ON casework.referral (agency_id) WHERE is_live;

-- How an agency stands, counted no further than its quota. It is counted and not kept: a counter would be a row that everybody
-- who opens a referral to the agency writes.
CREATE FUNCTION casework.agency_backlog(
    p_agency uuid, OUT waiting bigint, OUT waiting_bytes bigint, OUT max_waiting integer, OUT max_waiting_bytes bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT a.max_waiting, a.max_waiting_bytes INTO max_waiting, max_waiting_bytes FROM agency AS a WHERE a.id = p_agency;
    SELECT count(*), coalesce(sum(length(s.sealed)), 0)::bigint INTO waiting, waiting_bytes
    FROM (
        SELECT r.id FROM referral AS r WHERE r.agency_id = p_agency AND r.is_live AND r.status IN ('requested', 'received')
        LIMIT max_waiting) AS w
    LEFT JOIN safeguarding.sealed_package AS s ON s.referral_id = w.id;
END
$$;

-- Every agency's, for operators.
CREATE FUNCTION casework.agency_backlogs()
RETURNS TABLE (code text, waiting bigint, waiting_bytes bigint, max_waiting integer, max_waiting_bytes bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT a.code, coalesce(w.waiting, 0), coalesce(w.bytes, 0), a.max_waiting, a.max_waiting_bytes
        FROM agency AS a LEFT JOIN (
            SELECT r.agency_id, count(*) AS waiting, sum(length(s.sealed))::bigint AS bytes
            FROM referral AS r LEFT JOIN safeguarding.sealed_package AS s ON s.referral_id = r.id
            WHERE r.is_live AND r.status IN ('requested', 'received') GROUP BY r.agency_id) AS w ON w.agency_id = a.id
        ORDER BY a.code;
END
$$;

-- A quota that is not given stays as it was. False when there is no such agency.
CREATE FUNCTION casework.set_agency_quota(p_code text, p_waiting integer, p_bytes bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_old agency%ROWTYPE;
BEGIN
    PERFORM lock_network();
    SELECT * INTO v_old FROM agency WHERE code = p_code FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF (coalesce(p_waiting, v_old.max_waiting), coalesce(p_bytes, v_old.max_waiting_bytes))
        <> (v_old.max_waiting, v_old.max_waiting_bytes)
    THEN
        UPDATE agency SET max_waiting = coalesce(p_waiting, max_waiting),
            max_waiting_bytes = coalesce(p_bytes, max_waiting_bytes) WHERE id = v_old.id;
        PERFORM record_operator_event('agency_quota_set', p_code, jsonb_build_object('waiting', p_waiting, 'bytes', p_bytes,
            'waiting_before', v_old.max_waiting, 'bytes_before', v_old.max_waiting_bytes));
    END IF;
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION casework.agency_backlog(uuid), casework.agency_backlogs(),
    casework.set_agency_quota(text, integer, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.agency_backlog(uuid) TO dandelion_routing;
GRANT EXECUTE ON FUNCTION casework.agency_backlogs(), casework.set_agency_quota(text, integer, bigint) TO dandelion_operator;
