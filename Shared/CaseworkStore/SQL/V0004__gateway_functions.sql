-- What the gateway may do for an agency. Every function takes the agency and touches nothing that is not its own.
-- SQLSTATE DC021 as before. DC030: the agency has no such referral. DC031: the time to object is over. DC032: what she
-- agreed to does not hold any more.

CREATE FUNCTION casework.agencies_by_keys(p_key_hashes bytea[])
RETURNS TABLE (key_hash bytea, id uuid, code text, kind text, name text, division_code text, scopes text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        SELECT k.key_hash, a.id, a.code, a.kind, a.name, a.division_code, k.scopes
        FROM agency_key AS k JOIN agency AS a ON a.id = k.agency_id
        WHERE k.key_hash = ANY (p_key_hashes) AND k.revoked_at IS NULL AND a.status = 'active'
            AND (k.expires_at IS NULL OR k.expires_at > v_now);
END
$$;

-- What the agency sees of its referrals: never the case, never another agency's. Newest first; with p_after those that come
-- after its referral of that number.
CREATE FUNCTION casework.agency_referrals(
    p_agency uuid, p_number text, p_referral uuid, p_limit integer, p_after text DEFAULT NULL,
    p_statuses text[] DEFAULT NULL, p_purpose text DEFAULT NULL)
RETURNS TABLE (
    id uuid, number text, purpose text, profile text, status text, legal_basis text, tier text,
    requested_at timestamptz, received_at timestamptz, answered_at timestamptz, settled_at timestamptz,
    reason_code text, outcome_code text, answer_due_at timestamptz, outcome_due_at timestamptz, accepted_lease text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_before timestamptz := 'infinity';
    v_before_id uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
BEGIN
    IF p_after IS NOT NULL THEN
        SELECT r.requested_at, r.id INTO v_before, v_before_id FROM referral AS r
        WHERE r.number = p_after AND (r.agency_id = p_agency) IS TRUE;
    END IF;
    RETURN QUERY
        WITH chosen AS MATERIALIZED (
            SELECT id FROM referral WHERE p_referral IS NOT NULL AND id = p_referral
            UNION ALL
            SELECT id FROM referral WHERE p_referral IS NULL AND p_number IS NOT NULL AND number = p_number
            UNION ALL (
                SELECT id FROM referral WHERE p_referral IS NULL AND p_number IS NULL AND agency_id = p_agency
                    AND (requested_at, id) < (v_before, v_before_id)
                    AND (p_statuses IS NULL OR status = ANY (p_statuses)) AND (p_purpose IS NULL OR purpose = p_purpose)
                ORDER BY requested_at DESC, id DESC LIMIT p_limit)
        )
        SELECT r.id, r.number, r.purpose, r.profile, r.status, r.legal_basis, r.tier, r.requested_at, r.received_at,
            r.answered_at, r.settled_at, r.reason_code, r.outcome_code,
            (SELECT max(k.due_at) FROM clock AS k WHERE k.referral_id = r.id AND k.kind = 'referral_answer'),
            (SELECT max(k.due_at) FROM clock AS k WHERE k.referral_id = r.id AND k.kind = 'referral_outcome'),
            r.accepted_lease
        FROM chosen JOIN referral AS r ON r.id = chosen.id WHERE (r.agency_id = p_agency) IS TRUE
        ORDER BY r.requested_at DESC, r.id DESC;
END
$$;

-- How many referrals an agency has in each state that is not over, and how many of them are past their time: what an inbox
-- shows at its head.
CREATE FUNCTION casework.agency_counts(p_agency uuid) RETURNS TABLE (status text, referrals bigint, overdue bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT r.status, count(*), count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM clock AS k WHERE k.referral_id = r.id AND k.due_at < clock_timestamp()
            AND k.kind = CASE WHEN r.status IN ('requested', 'received') THEN 'referral_answer' ELSE 'referral_outcome' END))
    FROM referral AS r
    WHERE r.agency_id = p_agency AND r.status IN (
        'requested', 'received', 'accepted', 'scheduled', 'in_progress', 'on_hold', 'cancel_requested')
    GROUP BY r.status ORDER BY r.status
$$;

-- Internal: what she agreed to stays as it is to the end of the transaction. A withdrawal that commits before this wins: the
-- next statement sees it. One that comes later waits. Before the referral's lock, and in the order of ids, as everybody who
-- changes consents locks (lock_consents).
CREATE FUNCTION casework.hold_consents(p_case uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_held bigint;
BEGIN
    LOOP
        PERFORM 1 FROM consent WHERE case_id = p_case AND superseded_at IS NULL ORDER BY id FOR SHARE;
        GET DIAGNOSTICS v_held = ROW_COUNT;
        -- An answer that came while this waited is held, too.
        EXIT WHEN v_held = (SELECT count(*) FROM consent WHERE case_id = p_case AND superseded_at IS NULL);
    END LOOP;
END
$$;

-- Internal: for whoever is about to change what she agreed to.
CREATE FUNCTION casework.lock_consents(p_case uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM consent WHERE case_id = p_case AND superseded_at IS NULL ORDER BY id FOR UPDATE;
END
$$;

-- One referral of the agency, by its id or its number, held to the end of the transaction together with the consent it rests
-- on; and whether it may be shown what that discloses, as of now. For the doors alone.
CREATE FUNCTION casework.lock_agency_referral(p_agency uuid, p_referral uuid, p_number text)
RETURNS TABLE (
    id uuid, number text, purpose text, legal_basis text, status text, tier text, reason_code text, outcome_code text,
    accepted_lease text, received_at timestamptz, answer_due_at timestamptz, may_disclose boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_id uuid := p_referral;
    v_case uuid;
BEGIN
    IF v_id IS NULL THEN
        SELECT r.id INTO v_id FROM referral AS r WHERE r.number = p_number;
    END IF;
    SELECT r.case_id INTO v_case FROM referral AS r
    WHERE r.id = v_id AND (r.agency_id = p_agency) IS TRUE AND r.consent_basis = 'consent'
        AND r.status IN ('requested', 'received');
    IF FOUND THEN
        PERFORM hold_consents(v_case);
    END IF;
    RETURN QUERY
        SELECT r.id, r.number, r.purpose, r.legal_basis, r.status, r.tier, r.reason_code, r.outcome_code,
            r.accepted_lease, r.received_at,
            (SELECT max(k.due_at) FROM clock AS k WHERE k.referral_id = r.id AND k.kind = 'referral_answer'),
            r.status IN ('requested', 'received') AND (
                r.consent_basis <> 'consent' OR consent_stands(r.case_id, p_agency, a.kind, r.purpose, r.profile))
        FROM referral AS r JOIN agency AS a ON a.id = r.agency_id
        WHERE r.id = v_id AND (r.agency_id = p_agency) IS TRUE FOR NO KEY UPDATE OF r;
END
$$;

-- Internal: the kinds of data a package under a profile holds. Another profile holds, for all that is known here,
-- everything. A test holds this against the application's own list.
CREATE FUNCTION casework.profile_data_kinds(p_profile text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_profile
        WHEN 'police_report' THEN '{identity,contact,place,narrative,danger,matter,respondent}'
        WHEN 'legal_aid' THEN '{identity,contact,place,narrative,matter,respondent}'
        WHEN 'shelter' THEN '{identity,contact,place,danger,matter,children}'
        WHEN 'mediation' THEN '{identity,contact,place,matter,respondent}'
        WHEN 'counselling' THEN '{identity,contact,place,danger,matter}'
        WHEN 'assistance' THEN '{identity,contact,place,matter}'
        WHEN 'medical' THEN '{identity,contact,place,danger,matter}'
        WHEN 'employment' THEN '{identity,contact,place,matter}'
        WHEN 'minimal' THEN '{place}'
        ELSE '{identity,contact,place,narrative,danger,matter,children,respondent}' END::text[]
$$;

-- Internal: whether an answer of hers is about telling this agency for this purpose. One that is not to be heard (a suspected
-- guardian's) is about nothing. Inlined where it is used, like the next two.
CREATE FUNCTION casework.consent_is_about(
    p_consent casework.consent, p_facts jsonb, p_agency uuid, p_kind text, p_purpose text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_consent.purpose = p_purpose AND p_kind = ANY (p_consent.agency_kinds)
        AND (p_consent.agencies IS NULL OR p_agency = ANY (p_consent.agencies))
        AND NOT (p_consent.given_by = 'guardian' AND coalesce(p_facts -> 'flags', '[]') ? 'guardian_suspected')
$$;

-- Internal: a yes to what a package under this profile holds, at this moment.
CREATE FUNCTION casework.consent_grants(
    p_consent casework.consent, p_facts jsonb, p_profile text, p_now timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_consent.granted AND p_consent.withdrawn_at IS NULL
        AND (p_consent.expires_at IS NULL OR p_consent.expires_at > p_now)
        AND (p_consent.data_kinds IS NULL OR p_consent.data_kinds @> casework.profile_data_kinds(p_profile))
        AND NOT (p_consent.given_by = 'herself' AND coalesce(p_facts -> 'people', '[]') ? 'seeker_under_14')
$$;

-- Internal: a no, or a yes that she took back.
CREATE FUNCTION casework.consent_refuses(p_consent casework.consent) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT NOT p_consent.granted OR p_consent.withdrawn_at IS NOT NULL
$$;

-- Internal: whether she agrees, at this moment, to this agency's being told this for this purpose. Fails closed: no
-- answer, one that has ended, and one that is not to be heard are a no. The domain's rule in SQL, for the moment in which
-- bytes are about to leave; a test holds the two against each other. `lock_offered` asks the same of several.
CREATE FUNCTION casework.consent_stands(p_case uuid, p_agency uuid, p_kind text, p_purpose text, p_profile text)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_stands boolean;
BEGIN
    SELECT bool_or(consent_grants(c, k.facts, p_profile, v_now)) AND NOT bool_or(consent_refuses(c)) INTO v_stands
    FROM consent AS c JOIN cases AS k ON k.id = c.case_id
    WHERE c.case_id = p_case AND c.superseded_at IS NULL AND consent_is_about(c, k.facts, p_agency, p_kind, p_purpose);
    RETURN v_stands IS TRUE;
END
$$;

-- Several offered referrals, each of the agency beside it, held to the end of the transaction with the consents they rest
-- on, as lock_agency_referral holds one, consents first. Those alone that may be shown what they disclose, as of now, and
-- of which no row is under somebody's lock: nobody is waited for. Of the others lock_agency_referral says more, one by one,
-- and waits: so of a case whose consents are not to be had whole nothing is held, no consent of it and no referral that rests
-- on them. For the doors alone.
CREATE FUNCTION casework.lock_offered(p_agencies uuid[], p_referrals uuid[])
RETURNS TABLE (
    place bigint, id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamptz,
    agency_id uuid, key_fingerprint bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_wanted uuid[] := ARRAY(  -- cases
        SELECT r.case_id FROM unnest(p_agencies, p_referrals) AS w (agency, referral)
        JOIN referral AS r ON r.id = w.referral
        WHERE (r.agency_id = w.agency) IS TRUE AND r.consent_basis = 'consent' AND r.status IN ('requested', 'received'));
    v_held uuid[];  -- consents
    v_cases uuid[];  -- of which the consents are held, all of them
    v_short uuid[];  -- of which somebody has one
    v_now timestamptz;
BEGIN
    WHILE v_wanted <> '{}' LOOP
        BEGIN
            SELECT array_agg(h.id), array_agg(h.case_id) INTO v_held, v_cases FROM (
                SELECT c.id, c.case_id FROM consent AS c
                WHERE c.case_id = ANY (v_wanted) AND c.superseded_at IS NULL FOR SHARE SKIP LOCKED
            ) AS h;
            -- In a statement of its own, which sees what was committed meanwhile. Whoever has one comes to the others next.
            v_short := ARRAY(
                SELECT c.case_id FROM consent AS c
                WHERE c.case_id = ANY (v_wanted) AND c.superseded_at IS NULL AND (c.id = ANY (v_held)) IS NOT TRUE);
            EXIT WHEN v_short = '{}';
            RAISE EXCEPTION 'let go' USING ERRCODE = 'DG001';
        EXCEPTION WHEN SQLSTATE 'DG001' THEN
            v_wanted := ARRAY(SELECT c FROM unnest(v_wanted) AS c WHERE c <> ALL (v_short));
            v_cases := NULL;
        END;
    END LOOP;
    v_now := clock_timestamp();
    RETURN QUERY
        WITH locked AS MATERIALIZED (
            SELECT w.place, r.id, r.number, r.purpose, r.legal_basis, r.tier, r.case_id, r.profile,
                r.consent_basis <> 'consent' AS needs_none, a.id AS agency_id, a.kind, sha256(a.public_key) AS key
            FROM unnest(p_agencies, p_referrals) WITH ORDINALITY AS w (agency, referral, place)
            JOIN referral AS r ON r.id = w.referral JOIN agency AS a ON a.id = w.agency
            WHERE (r.agency_id = w.agency) IS TRUE AND r.status IN ('requested', 'received')
                AND (r.consent_basis <> 'consent' OR r.case_id = ANY (v_cases))
            FOR NO KEY UPDATE OF r SKIP LOCKED
        )
        SELECT l.place, l.id, l.number, l.purpose, l.legal_basis, l.tier,
            (SELECT max(t.due_at) FROM clock AS t WHERE t.referral_id = l.id AND t.kind = 'referral_answer'),
            l.agency_id, l.key
        FROM locked AS l
        WHERE l.needs_none OR (
            SELECT bool_or(consent_grants(c, k.facts, l.profile, v_now)) FILTER (
                    WHERE consent_is_about(c, k.facts, l.agency_id, l.kind, l.purpose))
                AND NOT bool_or(consent_refuses(c)) FILTER (
                    WHERE consent_is_about(c, k.facts, l.agency_id, l.kind, l.purpose))
            FROM consent AS c JOIN cases AS k ON k.id = c.case_id
            WHERE c.case_id = l.case_id AND c.superseded_at IS NULL);
END
$$;

-- Internal: a step of an agency found no row to change. Says why, as an error.
CREATE FUNCTION casework.refuse_step(p_agency uuid, p_referral uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM referral WHERE id = p_referral AND (agency_id = p_agency) IS TRUE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no such referral' USING ERRCODE = 'DC030';
    END IF;
    PERFORM 1 FROM referral AS r JOIN agency AS a ON a.id = r.agency_id
    WHERE r.id = p_referral AND r.status IN ('requested', 'received') AND r.consent_basis = 'consent'
        AND NOT consent_stands(r.case_id, r.agency_id, a.kind, r.purpose, r.profile);
    IF FOUND THEN
        RAISE EXCEPTION 'what she agreed to does not hold any more' USING ERRCODE = 'DC032';
    END IF;
    RAISE EXCEPTION 'the referral is not in a state that allows this' USING ERRCODE = 'DC021';
END
$$;

-- The hand-over was leased: the agency has it in hand. Repeats are no news. What rests on her consent is looked at here
-- once more, under the referral's lock: nothing leaves on a consent that was withdrawn or has ended (S17, S38).
CREATE FUNCTION casework.referral_received(p_agency uuid, p_referral uuid, p_lease text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_case uuid;
    v_agency text;
    v_recorded boolean;
BEGIN
    UPDATE referral AS r SET status = 'received', received_at = coalesce(r.received_at, clock_timestamp())
    FROM agency AS a
    WHERE r.id = p_referral AND (r.agency_id = p_agency) IS TRUE AND r.status = ANY (ARRAY['requested', 'received']) AND a.id = p_agency
        AND (r.consent_basis <> 'consent' OR consent_stands(r.case_id, p_agency, a.kind, r.purpose, r.profile))
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_received', 'agency', v_agency, NULL,
        jsonb_build_object('lease', p_lease));
    RETURN;
END
$$;

-- Accepted, once: by this lease. `p_text` here and below is what the event says of a text that came with it: its digest.
CREATE FUNCTION casework.accept_referral(
    p_agency uuid, p_referral uuid, p_lease text, p_text jsonb DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_case uuid;
    v_agency text;
    v_recorded boolean;
BEGIN
    UPDATE referral AS r SET status = 'accepted', accepted_lease = p_lease, answered_at = clock_timestamp()
    FROM agency AS a
    WHERE r.id = p_referral AND (r.agency_id = p_agency) IS TRUE AND r.status = ANY (ARRAY['requested', 'received']) AND a.id = p_agency
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_accepted', 'agency', v_agency, NULL,
        jsonb_build_object('lease', p_lease) || coalesce(p_text, '{}'));
    RETURN v_case;
END
$$;

-- The hand-overs of referrals that `lock_offered` holds were leased, each under the lease beside it. Whether they rest on her
-- consent was looked at there, and is held since.
CREATE FUNCTION casework.receive_referrals(p_referrals uuid[], p_leases uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_count bigint;
BEGIN
    WITH received AS (
        UPDATE referral AS r SET status = 'received', received_at = coalesce(r.received_at, clock_timestamp())
        FROM unnest(p_referrals, p_leases) AS w (referral, lease), agency AS a
        WHERE r.id = w.referral AND r.status IN ('requested', 'received') AND a.id = r.agency_id
        RETURNING r.case_id, r.id, a.code, w.lease
    ), noted AS (
        INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, data)
        SELECT r.case_id, r.id, 'referral_received', 'agency', r.code, jsonb_build_object('lease', r.lease)
        FROM received AS r
    )
    SELECT count(*) INTO v_count FROM received;
    IF v_count <> cardinality(p_referrals) THEN
        RAISE EXCEPTION 'the referral is not in a state that allows this' USING ERRCODE = 'DC021';
    END IF;
END
$$;

-- Several, each accepted by the agency and the lease beside it, where its row is under nobody's lock and it is open: nobody is
-- waited for. Returns the leases that accepted.
CREATE FUNCTION casework.accept_referrals(p_agencies uuid[], p_referrals uuid[], p_numbers text[], p_leases uuid[])
RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_leases uuid[];
BEGIN
    WITH free AS MATERIALIZED (
        SELECT r.id, w.lease
        FROM unnest(p_agencies, p_referrals, p_numbers, p_leases) AS w (agency, referral, number, lease)
        JOIN referral AS r ON r.id = w.referral
        WHERE (r.agency_id = w.agency) IS TRUE AND r.number = w.number AND r.status IN ('requested', 'received')
        FOR NO KEY UPDATE OF r SKIP LOCKED
    ), accepted AS (
        UPDATE referral AS r
        SET status = 'accepted', accepted_lease = f.lease::text, answered_at = clock_timestamp()
        FROM free AS f, agency AS a
        WHERE r.id = f.id AND r.status IN ('requested', 'received') AND a.id = r.agency_id
        RETURNING r.case_id, r.id, a.code, f.lease
    ), noted AS (
        INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, data)
        SELECT r.case_id, r.id, 'referral_accepted', 'agency', r.code, jsonb_build_object('lease', r.lease)
        FROM accepted AS r
    )
    SELECT array_agg(r.lease) INTO v_leases FROM accepted AS r;
    RETURN v_leases;
END
$$;

-- Rejected or objected to, with a reason code and perhaps the kind of agency that should have it. Not after p_not_after,
-- by the database's clock.
CREATE FUNCTION casework.decline_referral(
    p_agency uuid, p_referral uuid, p_lease text, p_status text, p_reason text, p_suggested_kind text,
    p_not_after timestamptz, p_text jsonb DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_case uuid;
    v_agency text;
    v_recorded boolean;
BEGIN
    IF p_status NOT IN ('rejected', 'objected') THEN
        RAISE EXCEPTION 'the referral is not in a state that allows this' USING ERRCODE = 'DC021';
    END IF;
    UPDATE referral AS r SET status = p_status, reason_code = p_reason, suggested_kind = p_suggested_kind,
        answered_at = clock_timestamp(), settled_at = clock_timestamp()
    FROM agency AS a
    WHERE r.id = p_referral AND (r.agency_id = p_agency) IS TRUE AND r.status = ANY (ARRAY['requested', 'received']) AND a.id = p_agency
        AND NOT (r.is_binding AND p_status = 'objected')
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_' || p_status, 'agency', v_agency, NULL,
        jsonb_build_object('lease', p_lease, 'reason', p_reason, 'suggested_kind', p_suggested_kind)
            || coalesce(p_text, '{}'));
    IF clock_timestamp() > p_not_after THEN
        RAISE EXCEPTION 'the time to object is over' USING ERRCODE = 'DC031';
    END IF;
    RETURN v_case;
END
$$;

-- Progress: scheduled, in_progress or on_hold.
CREATE FUNCTION casework.report_progress(
    p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_text jsonb DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_case uuid;
    v_agency text;
    v_recorded boolean;
BEGIN
    IF p_status NOT IN ('scheduled', 'in_progress', 'on_hold') THEN
        RAISE EXCEPTION 'the referral is not in a state that allows this' USING ERRCODE = 'DC021';
    END IF;
    UPDATE referral AS r SET status = p_status
    FROM agency AS a
    WHERE r.id = p_referral AND (r.agency_id = p_agency) IS TRUE AND r.status = ANY (p_expected) AND a.id = p_agency
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_' || p_status, 'agency', v_agency, NULL,
        p_text);
    RETURN v_case;
END
$$;

-- The outcome: completed, failed or no_show, with a code.
CREATE FUNCTION casework.report_outcome(
    p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_outcome text, p_text jsonb DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_case uuid;
    v_agency text;
    v_recorded boolean;
BEGIN
    IF p_status NOT IN ('completed', 'failed', 'no_show') THEN
        RAISE EXCEPTION 'the referral is not in a state that allows this' USING ERRCODE = 'DC021';
    END IF;
    UPDATE referral AS r SET status = p_status, outcome_code = p_outcome, settled_at = clock_timestamp()
    FROM agency AS a
    WHERE r.id = p_referral AND (r.agency_id = p_agency) IS TRUE AND r.status = ANY (p_expected) AND a.id = p_agency
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_' || p_status, 'agency', v_agency, NULL,
        jsonb_build_object('outcome', p_outcome) || coalesce(p_text, '{}'));
    RETURN v_case;
END
$$;

-- A delivery and its endpoint as it is now: none for an agency that is suspended. Both secrets sign.
CREATE FUNCTION casework.webhook_delivery_by_id(p_delivery uuid)
RETURNS TABLE (
    agency_id uuid, url text, secret bytea, secret_before bytea, event text, state text, referral_number text,
    created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT a.id, CASE a.status WHEN 'active' THEN a.webhook_url END,
            a.webhook_secret,
            CASE WHEN a.webhook_secret_before_until > clock_timestamp() THEN a.webhook_secret_before END,
            d.event, d.state, r.number, d.created_at
        FROM webhook_delivery AS d JOIN agency AS a ON a.id = d.agency_id
        LEFT JOIN referral AS r ON r.id = d.referral_id
        WHERE d.id = p_delivery;
END
$$;

CREATE FUNCTION casework.settle_webhook_delivery(p_delivery uuid, p_state text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    UPDATE webhook_delivery SET state = p_state, settled_at = clock_timestamp()
    WHERE id = p_delivery AND state = 'pending';
END
$$;
