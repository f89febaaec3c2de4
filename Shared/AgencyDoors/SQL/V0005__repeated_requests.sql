-- Idempotency keys at the HTTP door: a request that comes again under its key is answered as it was, and the key is refused to
-- another request. The verbs have their effect once by themselves (by lease and by status); what this adds is the same answer, also
-- where a repeat would find the lease over.

CREATE TABLE door.repeated_request (
    agency_id uuid NOT NULL REFERENCES casework.agency,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_hash bytea NOT NULL,
    answer bytea CHECK (length(answer) <= 4096),  -- null: under way, or refused, or its process died; then it is done again
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (agency_id, key)
);
CREATE INDEX repeated_request_age ON door.repeated_request (created_at);  -- for what is to be forgotten

-- `new`; `same` with the answer, if there is one yet; `other` when the key stands for another request.
CREATE FUNCTION gateway.take_key(
    p_agency uuid, p_key text, p_request_hash bytea, OUT result text, OUT answer bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_row repeated_request%ROWTYPE;
BEGIN
    INSERT INTO repeated_request (agency_id, key, request_hash) VALUES (p_agency, p_key, p_request_hash)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        result := 'new';
        RETURN;
    END IF;
    SELECT * INTO v_row FROM repeated_request AS r WHERE r.agency_id = p_agency AND r.key = p_key;
    IF v_row.request_hash IS DISTINCT FROM p_request_hash THEN
        result := 'other';
        RETURN;
    END IF;
    result := 'same';
    answer := v_row.answer;
END
$$;

CREATE FUNCTION gateway.keep_answer(p_agency uuid, p_key text, p_request_hash bytea, p_answer bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    UPDATE repeated_request AS r SET answer = p_answer
    WHERE r.agency_id = p_agency AND r.key = p_key AND r.request_hash = p_request_hash AND r.answer IS NULL;
END
$$;

-- A request that comes again later than that is another one. Returns how many keys were forgotten.
CREATE FUNCTION gateway.forget_keys(p_older interval, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_older;
    v_count bigint;
BEGIN
    DELETE FROM repeated_request AS r USING (
        SELECT o.agency_id, o.key FROM repeated_request AS o WHERE o.created_at < v_before
        ORDER BY o.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED) AS old
    WHERE r.agency_id = old.agency_id AND r.key = old.key;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

REVOKE ALL ON FUNCTION gateway.take_key(uuid, text, bytea), gateway.keep_answer(uuid, text, bytea, bytea),
    gateway.forget_keys(interval, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.take_key(uuid, text, bytea), gateway.keep_answer(uuid, text, bytea, bytea),
    gateway.forget_keys(interval, integer) TO dandelion_gateway;
