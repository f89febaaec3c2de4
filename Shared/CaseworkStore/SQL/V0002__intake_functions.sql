-- What intake may do. SQLSTATE DC010: the idempotency key was used for another request. DC011: no such division.
-- DC012: the client was revoked.

-- Every function here plans its statements once a session and keeps the plan (plan_cache_mode): they are look-ups by key,
-- and planning them for each value costs several times their execution. A plan made while a table was empty must not read
-- the whole of it when it is full (enable_seqscan); where nothing else is left it still may, and its pretended cost must
-- not call the compiler (jit).

-- Internal: an event of a change of state (invariant 8). Data is ids and codes only. Its callers are the functions of this
-- schema, whose rights and path it runs with. It returns something, so that calling it is an expression and not one more
-- statement.
CREATE FUNCTION casework.record_event(
    p_case uuid, p_referral uuid, p_kind text, p_actor_kind text, p_actor text, p_rule_version bigint, p_data jsonb
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, rule_version, data)
    VALUES (p_case, p_referral, p_kind, p_actor_kind, p_actor, p_rule_version, coalesce(p_data, '{}'));
    RETURN true;
END
$$;

-- Internal: an instant from microseconds since 1970, exactly. Inlined where it is used, which is why it says no more than
-- what it is made of: adding an interval is only STABLE.
CREATE FUNCTION casework.from_micros(p_micros bigint) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT timestamptz '1970-01-01 00:00:00+00' + p_micros * interval '1 microsecond'
$$;

CREATE FUNCTION casework.intake_client_by_key(p_key_hash bytea)
RETURNS TABLE (
    id uuid, name text, channels text[], division_scope text, requests_per_minute integer, may_read_cases boolean,
    may_change_cases boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, name, channels, division_scope, requests_per_minute, may_read_cases, may_change_cases
        FROM intake_client WHERE key_hash = p_key_hash AND revoked_at IS NULL;
END
$$;

-- The division and all above it, lowest first, with the station of each.
CREATE FUNCTION casework.division_path(p_code text)
RETURNS TABLE (code text, name text, level text, parent_code text, station_id uuid, station_name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        WITH RECURSIVE path AS (
            SELECT d.code, d.name, d.level, d.parent_code, 0 AS height FROM division AS d WHERE d.code = p_code
            UNION ALL
            SELECT d.code, d.name, d.level, d.parent_code, path.height + 1
            FROM division AS d JOIN path ON d.code = path.parent_code
        )
        SELECT path.code, path.name, path.level, path.parent_code, s.id, s.name
        FROM path LEFT JOIN station AS s ON s.division_code = path.code
        ORDER BY path.height;
END
$$;

-- Take an idempotency key, or hear which case it already stands for. Waits for a request under way with the same key.
-- Whatever a process still believes of the client, one that was revoked opens nothing: the revocation waits for this
-- transaction or this sees it.
CREATE FUNCTION casework.take_idempotency_key(p_client uuid, p_key text, p_request_hash bytea, p_case uuid)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_row idempotency%ROWTYPE;
BEGIN
    PERFORM 1 FROM intake_client WHERE id = p_client AND revoked_at IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the client was revoked' USING ERRCODE = 'DC012';
    END IF;
    INSERT INTO idempotency (client_id, key, request_hash, case_id)
    VALUES (p_client, p_key, p_request_hash, p_case) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    -- The lock is a write, so this COMMIT too waits for the replicas: a repeat proves what the first COMMIT could not.
    SELECT * INTO v_row FROM idempotency WHERE client_id = p_client AND key = p_key FOR KEY SHARE;
    IF v_row.request_hash IS DISTINCT FROM p_request_hash THEN
        RAISE EXCEPTION 'the idempotency key was used for another request' USING ERRCODE = 'DC010';
    END IF;
    RETURN v_row.case_id;
END
$$;

-- Open a case: the case, its people, contact rules, consents, first clock and first events, all or nothing.
-- p_people, p_rules, p_consents are arrays of objects; sealed fields are base64, times microseconds since 1970.
CREATE FUNCTION casework.open_case(
    p_id uuid, p_number text, p_receipt_hash bytea, p_channel text, p_division text, p_risk text, p_facts jsonb,
    p_narrative bytea, p_client uuid, p_client_name text, p_people jsonb, p_rules jsonb, p_consents jsonb,
    p_clock uuid, p_clock_name text, p_clock_basis text, p_due_at timestamptz
) RETURNS TABLE (owner_station_id uuid, owner_station_name text, opened_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_station uuid;
    v_name text;
BEGIN
    IF length(p_receipt_hash) IS DISTINCT FROM 32 OR p_risk IS NULL
        OR p_risk <> ALL (ARRAY['imminent', 'high', 'medium', 'low'])
    THEN
        RAISE EXCEPTION 'not the facts of a case' USING ERRCODE = 'check_violation';
    END IF;
    SELECT t.id, t.name INTO v_station, v_name FROM station AS t WHERE t.division_code = p_division;
    IF NOT FOUND THEN
        SELECT p.station_id, p.station_name INTO v_station, v_name
        FROM division_path(p_division) AS p WHERE p.station_id IS NOT NULL LIMIT 1;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such division' USING ERRCODE = 'DC011';
    END IF;
    INSERT INTO cases (id, number, receipt_hash, channel, division_code, owner_station_id, risk, facts, narrative,
        client_id)
    VALUES (p_id, p_number, p_receipt_hash, p_channel, p_division, v_station, p_risk, p_facts, p_narrative, p_client);
    INSERT INTO person (id, case_id, role, name, phone, email, birth_date, sex, capacity, is_minor, name_index,
        phone_index, email_index)
    SELECT (p ->> 'id')::uuid, p_id, p ->> 'role', decode(p ->> 'name', 'base64'), decode(p ->> 'phone', 'base64'),
        decode(p ->> 'email', 'base64'), decode(p ->> 'birth_date', 'base64'), p ->> 'sex',
        coalesce(p ->> 'capacity', 'full'), coalesce((p ->> 'is_minor')::boolean, false),
        decode(p ->> 'name_index', 'base64'), decode(p ->> 'phone_index', 'base64'),
        decode(p ->> 'email_index', 'base64')
    FROM jsonb_array_elements(p_people) AS p;
    INSERT INTO contact_rule (id, person_id, channel, days, from_minute, to_minute, never_mention, code_word,
        confirmed_at, expires_at, tag)
    SELECT (r ->> 'id')::uuid, (r ->> 'person_id')::uuid, r ->> 'channel',
        ARRAY(SELECT d::smallint FROM jsonb_array_elements_text(r -> 'days') AS d),
        (r ->> 'from_minute')::smallint, (r ->> 'to_minute')::smallint, (r ->> 'never_mention')::boolean,
        decode(r ->> 'code_word', 'base64'), from_micros((r ->> 'confirmed_at')::bigint),
        from_micros((r ->> 'expires_at')::bigint), decode(r ->> 'tag', 'base64')
    FROM jsonb_array_elements(p_rules) AS r;
    INSERT INTO consent (case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at)
    SELECT p_id, ARRAY(SELECT jsonb_array_elements_text(c -> 'agency_kinds')), c ->> 'purpose',
        (c ->> 'granted')::boolean, coalesce(c ->> 'given_by', 'herself'),
        CASE WHEN c ? 'data_kinds' THEN ARRAY(SELECT jsonb_array_elements_text(c -> 'data_kinds')) END,
        CASE WHEN c ? 'agencies' THEN ARRAY(SELECT jsonb_array_elements_text(c -> 'agencies')::uuid) END,
        from_micros((c ->> 'expires_at')::bigint)
    FROM jsonb_array_elements(p_consents) AS c;
    INSERT INTO clock (id, case_id, kind, name, basis, due_at, look_at)
    VALUES (p_clock, p_id, 'first_response', p_clock_name, p_clock_basis, p_due_at,
        least(p_due_at, p_due_at - (p_due_at - clock_timestamp()) / 2));
    INSERT INTO event (case_id, kind, actor_kind, actor, data) VALUES
        (p_id, 'case_opened', 'client', p_client_name,
            jsonb_build_object('channel', p_channel, 'division', p_division, 'risk', p_risk)),
        (p_id, 'owner_assigned', 'service', 'intake', jsonb_build_object('station', v_station)),
        (p_id, 'clock_started', 'service', 'intake',
            jsonb_build_object('clock', p_clock, 'kind', 'first_response', 'name', p_clock_name, 'due_at', p_due_at));
    RETURN QUERY SELECT v_station, v_name, c.opened_at FROM cases AS c WHERE c.id = p_id;
END
$$;

-- What a client may see of a case within its scope. Reading is itself an event. Times inside the JSON are seconds since
-- 1970.
CREATE FUNCTION casework.read_case(p_number text, p_client uuid)
RETURNS TABLE (
    id uuid, number text, status text, channel text, division_code text, risk text, owner_station text,
    opened_at timestamptz, closed_at timestamptz, outcome text, referrals jsonb, clocks jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_case uuid;
    v_client intake_client%ROWTYPE;
BEGIN
    SELECT * INTO v_client FROM intake_client WHERE intake_client.id = p_client AND revoked_at IS NULL;
    SELECT c.id INTO v_case FROM cases AS c
    WHERE c.number = p_number AND v_client.may_read_cases
        AND EXISTS (SELECT 1 FROM division_path(c.division_code) AS p WHERE p.code = v_client.division_scope);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM record_event(v_case, NULL, 'case_read', 'client', v_client.name, NULL, NULL);
    RETURN QUERY
        SELECT c.id, c.number, c.status, c.channel, c.division_code, c.risk, s.name, c.opened_at, c.closed_at,
            c.outcome,
            (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'number', r.number, 'agency', a.name, 'agency_kind', a.kind, 'division', a.division_code,
                'purpose', r.purpose, 'status', r.status, 'legal_basis', r.legal_basis,
                'requested_at', extract(epoch FROM r.requested_at), 'answered_at', extract(epoch FROM r.answered_at),
                'settled_at', extract(epoch FROM r.settled_at),
                'outcome', r.outcome_code, 'reason', r.reason_code) ORDER BY r.requested_at, r.number), '[]')
             FROM referral AS r JOIN agency AS a ON a.id = r.agency_id WHERE r.case_id = c.id),
            (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'kind', k.kind, 'name', k.name, 'basis', k.basis, 'state', k.state,
                'due_at', extract(epoch FROM k.due_at))
                ORDER BY k.started_at, k.id), '[]')
             FROM clock AS k WHERE k.case_id = c.id)
        FROM cases AS c JOIN station AS s ON s.id = c.owner_station_id WHERE c.id = v_case;
END
$$;

-- What the holder of a receipt sees: a neutral word, nothing of what the case is about.
CREATE FUNCTION casework.receipt_status(p_receipt_hash bytea) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN status = 'closed' THEN 'finished'
            WHEN EXISTS (SELECT 1 FROM referral AS r WHERE r.case_id = cases.id) THEN 'in_progress'
            ELSE 'received' END
        FROM cases WHERE receipt_hash = p_receipt_hash
    );
END
$$;

-- The answer of a request that is repeated, and what became of a COMMIT whose outcome was unknown.
CREATE FUNCTION casework.opened_case(p_client uuid, p_key text)
RETURNS TABLE (
    request_hash bytea, case_id uuid, number text, status text, owner_station_name text, opened_at timestamptz,
    due_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT i.request_hash, c.id, c.number, c.status, s.name, c.opened_at,
            (SELECT k.due_at FROM clock AS k WHERE k.case_id = c.id AND k.kind = 'first_response'
                ORDER BY k.started_at LIMIT 1)
        FROM idempotency AS i JOIN cases AS c ON c.id = i.case_id JOIN station AS s ON s.id = c.owner_station_id
        WHERE i.client_id = p_client AND i.key = p_key;
END
$$;

-- Forget the keys of requests that are older than this. A request that comes again later than that opens another case.
CREATE FUNCTION casework.forget_idempotency_keys(p_older interval, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_count bigint;
BEGIN
    DELETE FROM idempotency WHERE (client_id, key) IN (
        SELECT client_id, key FROM idempotency WHERE created_at < clock_timestamp() - p_older
        ORDER BY created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;
