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

-- Open cases: each with its people, contact rules, consents, first clock and first events, all or nothing. The first arrays
-- have an element for each case; those of people, contact rules and consents name the case of each of theirs.
--
-- Without keys the caller has taken the one of each case, and whatever is refused is raised. With keys they are taken here, in
-- their order, so that two such transactions never wait for each other in a circle. Then only what is usual is done: a case whose
-- client was revoked or is under somebody's lock, whose key or number is taken, or that would be refused is left out before
-- anything is written for it, and nobody is waited for long. Returns the cases that were opened.
CREATE FUNCTION casework.open_cases(
    p_ids uuid[], p_numbers text[], p_receipt_hashes bytea[], p_channels text[], p_divisions text[], p_risks text[],
    p_facts jsonb[], p_narratives bytea[], p_clients uuid[], p_client_names text[], p_clocks uuid[], p_clock_names text[],
    p_clock_bases text[], p_due_at timestamptz[],
    p_people uuid[], p_people_of uuid[], p_roles text[], p_names bytea[], p_phones bytea[], p_emails bytea[],
    p_birth_dates bytea[], p_sexes text[], p_capacities text[], p_minors boolean[], p_name_indexes bytea[],
    p_phone_indexes bytea[], p_email_indexes bytea[],
    p_rules uuid[], p_rules_of uuid[], p_rule_people uuid[], p_rule_channels text[], p_rule_days text[],
    p_from_minutes smallint[], p_to_minutes smallint[], p_never_mention boolean[], p_code_words bytea[],
    p_confirmed_at timestamptz[], p_expires_at timestamptz[], p_tags bytea[],
    p_consents jsonb, p_keys text[], p_request_hashes bytea[]
) RETURNS TABLE (case_id uuid, owner_station_id uuid, owner_station_name text, opened_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
    v_ids uuid[];  -- what is opened
    v_clients uuid[];
    v_stations uuid[];  -- an element for each case that was asked for, as in the arguments
    v_names text[];
BEGIN
    IF p_keys IS NOT NULL THEN
        PERFORM set_config('lock_timeout', '100ms', true);
    END IF;
    SELECT array_agg(o.id), array_agg(o.name),
        array_agg(o.case_id) FILTER (WHERE o.id IS NOT NULL AND o.is_possible
            AND (p_keys IS NULL OR NOT EXISTS (SELECT 1 FROM cases AS t WHERE t.number = o.number)))
    INTO v_stations, v_names, v_ids
    FROM (
        SELECT c.case_id, c.number, s.id, s.name,
            length(c.receipt_hash) = 32 AND c.risk = ANY (ARRAY['imminent', 'high', 'medium', 'low']) AS is_possible
        FROM unnest(p_ids, p_numbers, p_receipt_hashes, p_risks, p_divisions) WITH ORDINALITY
            AS c (case_id, number, receipt_hash, risk, division, place)
        LEFT JOIN LATERAL (
            SELECT t.id, t.name FROM station AS t WHERE t.division_code = c.division
            UNION ALL
            SELECT p.station_id, p.station_name FROM division_path(c.division) AS p WHERE p.station_id IS NOT NULL
            LIMIT 1
        ) AS s ON true
        ORDER BY c.place
    ) AS o;
    IF p_keys IS NULL THEN
        IF cardinality(v_ids) IS DISTINCT FROM cardinality(p_ids) THEN
            IF (SELECT bool_and(length(c.receipt_hash) = 32 AND c.risk = ANY (ARRAY['imminent', 'high', 'medium', 'low']))
                FROM unnest(p_receipt_hashes, p_risks) AS c (receipt_hash, risk)) IS NOT TRUE
            THEN
                RAISE EXCEPTION 'not the facts of a case' USING ERRCODE = 'check_violation';
            END IF;
            RAISE EXCEPTION 'no such division' USING ERRCODE = 'DC011';
        END IF;
    ELSE
        -- As in take_idempotency_key: the revocation of a client waits for this transaction, or this sees it. Under way, it is
        -- waited for by that client's requests alone.
        v_clients := ARRAY(
            SELECT id FROM intake_client WHERE id = ANY (p_clients) AND revoked_at IS NULL FOR KEY SHARE SKIP LOCKED);
        WITH taken AS (
            INSERT INTO idempotency (client_id, key, request_hash, case_id)
            SELECT c.client_id, c.key, c.request_hash, c.case_id
            FROM unnest(p_ids, p_clients, p_keys, p_request_hashes) AS c (case_id, client_id, key, request_hash)
            WHERE c.case_id = ANY (v_ids) AND c.client_id = ANY (v_clients)
            ORDER BY c.client_id, c.key COLLATE "C"
            ON CONFLICT DO NOTHING RETURNING case_id
        )
        SELECT array_agg(t.case_id) INTO v_ids FROM taken AS t;
        IF v_ids IS NULL THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO cases (id, number, receipt_hash, channel, division_code, owner_station_id, risk, facts, narrative,
        client_id, opened_at)
    SELECT c.case_id, c.number, c.receipt_hash, c.channel, c.division, c.station, c.risk, c.facts, c.narrative, c.client,
        v_now
    FROM unnest(p_ids, p_numbers, p_receipt_hashes, p_channels, p_divisions, v_stations, p_risks, p_facts, p_narratives,
        p_clients) AS c (case_id, number, receipt_hash, channel, division, station, risk, facts, narrative, client)
    WHERE c.case_id = ANY (v_ids);
    INSERT INTO person (id, case_id, role, name, phone, email, birth_date, sex, capacity, is_minor, name_index,
        phone_index, email_index)
    SELECT p.id, p.case_id, p.role, p.name, p.phone, p.email, p.birth_date, p.sex, p.capacity, p.is_minor, p.name_index,
        p.phone_index, p.email_index
    FROM unnest(p_people, p_people_of, p_roles, p_names, p_phones, p_emails, p_birth_dates, p_sexes, p_capacities, p_minors,
        p_name_indexes, p_phone_indexes, p_email_indexes)
        AS p (id, case_id, role, name, phone, email, birth_date, sex, capacity, is_minor, name_index, phone_index,
            email_index)
    WHERE p.case_id = ANY (v_ids);
    IF cardinality(p_rules) > 0 THEN
        INSERT INTO contact_rule (id, person_id, channel, days, from_minute, to_minute, never_mention, code_word,
            confirmed_at, expires_at, tag)
        SELECT r.id, r.person_id, r.channel, r.days::smallint[], r.from_minute, r.to_minute, r.never_mention, r.code_word,
            r.confirmed_at, r.expires_at, r.tag
        FROM unnest(p_rules, p_rules_of, p_rule_people, p_rule_channels, p_rule_days, p_from_minutes, p_to_minutes,
            p_never_mention, p_code_words, p_confirmed_at, p_expires_at, p_tags)
            AS r (id, case_id, person_id, channel, days, from_minute, to_minute, never_mention, code_word, confirmed_at,
                expires_at, tag)
        WHERE r.case_id = ANY (v_ids);
    END IF;
    IF p_consents IS NOT NULL THEN
        INSERT INTO consent (case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at)
        SELECT (c ->> 'case_id')::uuid, ARRAY(SELECT jsonb_array_elements_text(c -> 'agency_kinds')), c ->> 'purpose',
            (c ->> 'granted')::boolean, coalesce(c ->> 'given_by', 'herself'),
            CASE WHEN c ? 'data_kinds' THEN ARRAY(SELECT jsonb_array_elements_text(c -> 'data_kinds')) END,
            CASE WHEN c ? 'agencies' THEN ARRAY(SELECT jsonb_array_elements_text(c -> 'agencies')::uuid) END,
            from_micros((c ->> 'expires_at')::bigint)
        FROM jsonb_array_elements(p_consents) AS c WHERE (c ->> 'case_id')::uuid = ANY (v_ids);
    END IF;
    INSERT INTO clock (id, case_id, kind, name, basis, due_at, look_at)
    SELECT k.id, k.case_id, 'first_response', k.name, k.basis, k.due_at, least(k.due_at, k.due_at - (k.due_at - v_now) / 2)
    FROM unnest(p_clocks, p_ids, p_clock_names, p_clock_bases, p_due_at) AS k (id, case_id, name, basis, due_at)
    WHERE k.case_id = ANY (v_ids);
    INSERT INTO event (case_id, kind, actor_kind, actor, data)
    SELECT c.case_id, e.kind, e.actor_kind, e.actor, e.data
    FROM unnest(p_ids, p_channels, p_divisions, p_risks, p_client_names, v_stations, p_clocks, p_clock_names, p_due_at)
        AS c (case_id, channel, division, risk, client, station, clock, clock_name, due_at)
    CROSS JOIN LATERAL (VALUES
        ('case_opened', 'client', c.client,
            jsonb_build_object('channel', c.channel, 'division', c.division, 'risk', c.risk)),
        ('owner_assigned', 'service', 'intake', jsonb_build_object('station', c.station)),
        ('clock_started', 'service', 'intake', jsonb_build_object(
            'clock', c.clock, 'kind', 'first_response', 'name', c.clock_name, 'due_at', c.due_at))
    ) AS e (kind, actor_kind, actor, data)
    WHERE c.case_id = ANY (v_ids);
    RETURN QUERY
        SELECT c.case_id, c.station, c.name, v_now FROM unnest(p_ids, v_stations, v_names) AS c (case_id, station, name)
        WHERE c.case_id = ANY (v_ids);
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
