-- What routing may do. Whoever ends a clock or changes a case's status or owner locks the case's row first: two
-- transactions that each end one of two clocks would otherwise leave none, unseen by either.
-- SQLSTATE DC021: no such referral, or it is not in a state that allows this.

-- What reads or writes for routing does so for any number of cases at once: what a statement costs is paid once for all. Rows
-- are joined by keys, whatever a plan that was made while the tables were small would find as cheap.

-- Cases under lock, in the order in which everybody locks several. Who may not wait gets those that nobody else has under lock.
CREATE FUNCTION casework.lock_cases(p_cases uuid[], p_may_wait boolean)
RETURNS TABLE (
    id uuid, number text, status text, channel text, division_code text, owner_station_id uuid, risk text, facts jsonb,
    narrative bytea, opened_at timestamptz, version integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    IF p_may_wait THEN
        RETURN QUERY
            SELECT c.id, c.number, c.status, c.channel, c.division_code, c.owner_station_id, c.risk, c.facts, c.narrative,
                c.opened_at, c.version
            FROM cases AS c WHERE c.id = ANY (p_cases) ORDER BY c.id FOR NO KEY UPDATE;
    ELSE
        RETURN QUERY
            SELECT c.id, c.number, c.status, c.channel, c.division_code, c.owner_station_id, c.risk, c.facts, c.narrative,
                c.opened_at, c.version
            FROM cases AS c WHERE c.id = ANY (p_cases) ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED;
    END IF;
END
$$;

CREATE FUNCTION casework.people_of(p_cases uuid[])
RETURNS TABLE (
    case_id uuid, id uuid, role text, name bytea, phone bytea, email bytea, birth_date bytea, sex text, capacity text,
    is_minor boolean, phone_index bytea, email_index bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, id, role, name, phone, email, birth_date, sex, capacity, is_minor, phone_index, email_index
        FROM person WHERE case_id = ANY (p_cases) ORDER BY id;
END
$$;

CREATE FUNCTION casework.consents_of(p_cases uuid[])
RETURNS TABLE (
    case_id uuid, agency_kinds text[], purpose text, granted boolean, given_by text, data_kinds text[], agencies uuid[],
    expires_at timestamptz, withdrawn_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at, withdrawn_at
        FROM consent
        WHERE case_id = ANY (p_cases) AND superseded_at IS NULL
        ORDER BY recorded_at, id;
END
$$;

CREATE FUNCTION casework.referrals_of(p_cases uuid[])
RETURNS TABLE (
    case_id uuid, id uuid, number text, agency_id uuid, agency_kind text, division_code text, purpose text, profile text,
    status text, tier text, outcome_clock text, reason_code text, suggested_kind text, outcome_code text,
    predecessor_id uuid, rule_version bigint, legal_basis text, consent_basis text, priority smallint, explanation jsonb,
    requested_at timestamptz, answered_at timestamptz, settled_at timestamptz, is_past boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.case_id, r.id, r.number, r.agency_id, a.kind, a.division_code, r.purpose, r.profile, r.status, r.tier,
            r.outcome_clock, r.reason_code, r.suggested_kind, r.outcome_code, r.predecessor_id, r.rule_version,
            r.legal_basis, r.consent_basis, r.priority, r.explanation, r.requested_at, r.answered_at, r.settled_at, r.is_past
        FROM referral AS r JOIN agency AS a ON a.id = r.agency_id
        WHERE r.case_id = ANY (p_cases) ORDER BY r.requested_at, r.id;
END
$$;

CREATE FUNCTION casework.cases_of_referrals(p_referrals uuid[]) RETURNS TABLE (id uuid, case_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT r.id, r.case_id FROM referral AS r WHERE r.id = ANY (p_referrals);
END
$$;

CREATE FUNCTION casework.clocks_of(p_cases uuid[])
RETURNS TABLE (
    case_id uuid, id uuid, referral_id uuid, kind text, name text, basis text, state text, started_at timestamptz,
    due_at timestamptz, paused_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, id, referral_id, kind, name, basis, state, started_at, due_at, paused_at FROM clock
        WHERE case_id = ANY (p_cases)
        ORDER BY started_at, id;
END
$$;

CREATE FUNCTION casework.clock_by_id(p_clock uuid)
RETURNS TABLE (
    case_id uuid, referral_id uuid, kind text, name text, basis text, state text, started_at timestamptz,
    due_at timestamptz, paused_at timestamptz, now timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, referral_id, kind, name, basis, state, started_at, due_at, paused_at, clock_timestamp()
        FROM clock
        WHERE id = p_clock;
END
$$;

-- The moment cases are looked at: the database's clock, whether the rules have decided on each yet, and which rules and
-- which state of the network are in force.
CREATE FUNCTION casework.moments_of(p_cases uuid[])
RETURNS TABLE (case_id uuid, now timestamptz, is_routed boolean, rule_version bigint, network_version bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_rules bigint := (SELECT max(r.version) FROM rule_set AS r);
    v_network bigint := (SELECT n.version FROM network_version AS n);
BEGIN
    RETURN QUERY
        SELECT c.id, clock_timestamp(), c.routed_at IS NOT NULL, v_rules, v_network
        FROM cases AS c WHERE c.id = ANY (p_cases);
END
$$;

-- Active agencies of the given divisions. Of one whose capacity somebody has said, its referrals under way are counted.
CREATE FUNCTION casework.agencies_at(p_divisions text[])
RETURNS TABLE (
    id uuid, code text, kind text, name text, division_code text, public_key bytea, key_valid_from timestamptz,
    key_signature bytea, webhook_url text, services text[], hours text, capacity integer, load bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT a.id, a.code, a.kind, a.name, a.division_code, a.public_key, a.key_valid_from, a.key_signature,
            a.webhook_url, a.services, a.hours, a.capacity, CASE WHEN a.capacity IS NOT NULL THEN (
                SELECT count(*) FROM referral AS r WHERE r.agency_id = a.id AND r.status IN (
                    'requested', 'received', 'accepted', 'scheduled', 'in_progress', 'on_hold')) END
        FROM agency AS a WHERE a.division_code = ANY (p_divisions) AND a.status = 'active' ORDER BY a.code;
END
$$;

CREATE FUNCTION casework.active_rule_set() RETURNS TABLE (version bigint, yaml text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT version, yaml FROM rule_set ORDER BY version DESC LIMIT 1;
END
$$;

-- Referrals that are asked for, an element of each array for each.
CREATE FUNCTION casework.create_referrals(
    p_ids uuid[], p_numbers text[], p_cases uuid[], p_agencies uuid[], p_purposes text[], p_profiles text[], p_tiers text[],
    p_rule_versions bigint[], p_explanations jsonb[], p_legal_bases text[], p_consent_bases text[], p_priorities integer[],
    p_outcome_clocks text[], p_predecessors uuid[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
BEGIN
    WITH new AS MATERIALIZED (
        SELECT * FROM unnest(p_ids, p_numbers, p_cases, p_agencies, p_purposes, p_profiles, p_tiers, p_rule_versions,
                p_explanations, p_legal_bases, p_consent_bases, p_priorities, p_outcome_clocks, p_predecessors)
            AS n (id, number, case_id, agency_id, purpose, profile, tier, rule_version, explanation, legal_basis,
                consent_basis, priority, outcome_clock, predecessor_id)
    ), made AS (
        INSERT INTO referral (id, number, case_id, agency_id, purpose, profile, status, tier, rule_version, explanation,
            legal_basis, consent_basis, priority, outcome_clock, predecessor_id)
        SELECT n.id, n.number, n.case_id, n.agency_id, n.purpose, n.profile, 'requested', n.tier, n.rule_version,
            n.explanation, n.legal_basis, n.consent_basis, n.priority, n.outcome_clock, n.predecessor_id
        FROM new AS n
    )
    INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, rule_version, data)
    SELECT n.case_id, n.id, 'referral_requested', 'service', 'routing', n.rule_version,
        jsonb_build_object('agency', n.agency_id, 'purpose', n.purpose, 'tier', n.tier, 'consent_basis', n.consent_basis,
            'article', CASE WHEN n.consent_basis IN ('emergency', 'statutory_duty') THEN n.legal_basis END,
            'predecessor', n.predecessor_id)
    FROM new AS n;
    PERFORM notify_agency(n.id, 'referral_offered')
    FROM unnest(p_ids, p_agencies) AS n (id, agency_id) JOIN agency AS a ON a.id = n.agency_id
    WHERE a.desk_email IS NOT NULL;
END
$$;

-- A change of status by the sender or the system (cancel_requested, cancelled, revoked, closed_verified, failed).
CREATE FUNCTION casework.set_referral_status(
    p_referral uuid, p_expected text[], p_status text, p_code text, p_actor text, p_rule_version bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_case uuid;
BEGIN
    IF p_status IS NULL
        OR p_status <> ALL (ARRAY['cancel_requested', 'cancelled', 'revoked', 'closed_verified', 'failed', 'entered_in_error'])
    THEN
        RAISE EXCEPTION 'not a status the network sets' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE referral SET status = p_status, reason_code = coalesce(p_code, reason_code),
        settled_at = CASE WHEN p_status IN ('cancelled', 'revoked', 'failed', 'entered_in_error')
            THEN clock_timestamp() ELSE settled_at END
    WHERE id = p_referral AND status = ANY (p_expected) RETURNING case_id INTO v_case;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the referral is not in a state that allows this' USING ERRCODE = 'DC021';
    END IF;
    IF p_status IN ('cancel_requested', 'cancelled', 'revoked') THEN
        PERFORM notify_agency(p_referral, 'referral_withdrawn');
    END IF;
    PERFORM record_event(v_case, p_referral, 'referral_' || p_status, 'service', p_actor, p_rule_version,
        jsonb_build_object('code', p_code));
END
$$;

-- Start clocks, an element of each array for each.
CREATE FUNCTION casework.start_clocks(
    p_ids uuid[], p_cases uuid[], p_referrals uuid[], p_kinds text[], p_names text[], p_bases text[], p_due timestamptz[],
    p_actor text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
BEGIN
    WITH new AS MATERIALIZED (
        SELECT * FROM unnest(p_ids, p_cases, p_referrals, p_kinds, p_names, p_bases, p_due)
            AS n (id, case_id, referral_id, kind, name, basis, due_at)
    ), made AS (
        INSERT INTO clock (id, case_id, referral_id, kind, name, basis, due_at, look_at)
        SELECT n.id, n.case_id, n.referral_id, n.kind, n.name, n.basis, n.due_at,
            -- Of what somebody can be late with, people are warned: it is first looked at when half of its time is over.
            CASE WHEN n.kind IN ('follow_up', 'consent_expiry', 'risk_review') THEN n.due_at
                ELSE least(n.due_at, n.due_at - (n.due_at - clock_timestamp()) / 2) END
        FROM new AS n
    )
    INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, data)
    SELECT n.case_id, n.referral_id, 'clock_started', 'service', p_actor,
        jsonb_build_object('clock', n.id, 'kind', n.kind, 'name', n.name, 'due_at', n.due_at)
    FROM new AS n;
END
$$;

-- Internal: starts one.
CREATE FUNCTION casework.start_clock(
    p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamptz, p_actor text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM start_clocks(ARRAY[p_id], ARRAY[p_case], ARRAY[p_referral], ARRAY[p_kind], ARRAY[p_name], ARRAY[p_basis],
        ARRAY[p_due_at], p_actor);
    RETURN true;
END
$$;

-- End clocks, each once: returns those that this call ended.
--
-- What decides is when the thing it waited for happened, not when somebody looked: an answer in time is never a breach
-- however late it is looked at, and one that came too late is never met, so the breach still fires.
CREATE FUNCTION casework.end_clocks(p_clocks uuid[], p_state text, p_actor text) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_cases uuid[];
    v_now timestamptz;
BEGIN
    IF p_state IS NULL OR p_state <> ALL (ARRAY['met', 'breached', 'cancelled']) THEN
        RAISE EXCEPTION 'not how a clock ends' USING ERRCODE = 'check_violation';
    END IF;
    v_cases := ARRAY(SELECT k.case_id FROM clock AS k WHERE k.id = ANY (p_clocks));
    PERFORM 1 FROM cases AS c WHERE c.id = ANY (v_cases) ORDER BY c.id FOR NO KEY UPDATE;
    IF p_state = 'breached' THEN
        -- An answer under way commits first, or waits.
        PERFORM 1 FROM referral AS r
        WHERE r.id = ANY (ARRAY(
            SELECT r.id FROM clock AS k JOIN referral AS r ON r.id = k.referral_id WHERE k.id = ANY (p_clocks)
            UNION ALL
            SELECT r.id FROM clock AS k JOIN referral AS r ON r.case_id = k.case_id
            WHERE k.id = ANY (p_clocks) AND k.kind = 'first_response'))
        ORDER BY r.id FOR SHARE;
    END IF;
    v_now := clock_timestamp();
    RETURN QUERY
        WITH looked AS MATERIALIZED (
            -- A clock that stands still is neither early nor late: what happens meanwhile happens when it was paused.
            SELECT k.id, k.kind, k.due_at, k.paused_at, least(k.paused_at, CASE k.kind
                WHEN 'referral_answer' THEN (SELECT r.answered_at FROM referral AS r WHERE r.id = k.referral_id)
                WHEN 'referral_outcome' THEN (SELECT r.settled_at FROM referral AS r WHERE r.id = k.referral_id)
                WHEN 'first_response' THEN (
                    SELECT min(r.answered_at) FROM referral AS r WHERE r.case_id = k.case_id) END) AS at
            FROM clock AS k WHERE k.id = ANY (p_clocks)
        ), ended AS (
            UPDATE clock AS k SET state = p_state, ended_at = v_now FROM looked AS l
            WHERE k.id = l.id AND k.state = 'running' AND CASE p_state
                WHEN 'met' THEN l.kind IN ('follow_up', 'consent_expiry') OR coalesce(l.at, v_now) <= l.due_at
                WHEN 'breached' THEN l.paused_at IS NULL AND l.due_at <= v_now AND (l.at <= l.due_at) IS NOT TRUE
                ELSE true END
            RETURNING k.id, k.case_id, k.referral_id, k.kind, k.name
        ), told AS (
            INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, data)
            SELECT e.case_id, e.referral_id, 'clock_' || p_state, 'service', p_actor,
                jsonb_build_object('clock', e.id, 'kind', e.kind, 'name', e.name)
            FROM ended AS e
        )
        SELECT e.id FROM ended AS e;
END
$$;

-- Internal: ends one. True for the one call that ended it.
CREATE FUNCTION casework.end_clock(p_clock uuid, p_state text, p_actor text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM end_clocks(ARRAY[p_clock], p_state, p_actor);
    RETURN FOUND;
END
$$;

-- Take clocks that somebody has to look at, longest waiting first. Whoever takes one enqueues its job in the same
-- transaction; one that still runs after p_again_after is taken again, which makes a lost job harmless. was_taken: that
-- has happened before.
CREATE FUNCTION casework.take_due_clocks(p_limit integer, p_again_after interval)
RETURNS TABLE (id uuid, was_taken boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH due AS MATERIALIZED (
            SELECT k.id, k.look_at > k.due_at AS was_taken FROM clock AS k
            WHERE k.state = 'running' AND k.paused_at IS NULL AND k.look_at <= v_now
            ORDER BY k.look_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE clock AS k SET look_at = v_now + p_again_after FROM due AS d WHERE k.id = d.id
        RETURNING k.id, d.was_taken;
END
$$;

-- Open cases that the rules should have decided on by now.
CREATE FUNCTION casework.unrouted_cases(p_older_than interval, p_limit integer) RETURNS TABLE (id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    -- Not in the condition: an index is not searched by what may change while it is searched.
    v_before timestamptz := clock_timestamp() - p_older_than;
BEGIN
    RETURN QUERY
        SELECT c.id FROM cases AS c
        WHERE c.status = 'open' AND c.routed_at IS NULL AND c.opened_at < v_before
        ORDER BY c.opened_at LIMIT p_limit;
END
$$;

-- The rules a referral was made under: its clocks are theirs, whatever has been activated since.
CREATE FUNCTION casework.rule_set_by_version(p_version bigint) RETURNS TABLE (version bigint, yaml text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT version, yaml FROM rule_set WHERE version = p_version;
END
$$;

CREATE FUNCTION casework.change_owner(p_case uuid, p_station uuid, p_reason text, p_actor text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_old uuid;
BEGIN
    SELECT owner_station_id INTO v_old FROM cases WHERE id = p_case FOR NO KEY UPDATE;
    UPDATE cases SET owner_station_id = p_station, version = version + 1 WHERE id = p_case;
    PERFORM record_event(p_case, NULL, 'owner_changed', 'service', p_actor, NULL,
        jsonb_build_object('from', v_old, 'station', p_station, 'reason', p_reason));
END
$$;

-- Decisions of the rules on cases, an element of each array for each. The first on a case tells the station that the rules
-- name of its new case, and her that it has arrived, if she has agreed to be written to and has spoken with nobody yet.
CREATE FUNCTION casework.record_decisions(
    p_cases uuid[], p_rule_versions bigint[], p_explanations jsonb[], p_owners uuid[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_new uuid[];
    v_owners uuid[];
    v_distant uuid[];
BEGIN
    WITH routed AS (
        UPDATE cases AS c SET routed_at = clock_timestamp() FROM unnest(p_cases, p_owners) AS d (case_id, owner)
        WHERE c.id = d.case_id AND c.routed_at IS NULL RETURNING c.id, c.channel, d.owner
    )
    SELECT array_agg(r.id), array_agg(r.owner),
        array_agg(r.id) FILTER (WHERE r.channel NOT IN ('hotline', 'walk_in', 'screening', 'import'))
    INTO v_new, v_owners, v_distant FROM routed AS r;
    IF v_new IS NOT NULL THEN
        PERFORM notify_stations(v_new, v_owners, 'new_case');
    END IF;
    IF v_distant IS NOT NULL THEN
        PERFORM notify_all_help_seekers(v_distant, 'request_received', NULL, true);
    END IF;
    INSERT INTO event (case_id, kind, actor_kind, actor, rule_version, data)
    SELECT d.case_id, 'case_routed', 'service', 'routing', d.rule_version, coalesce(d.explanation, '{}')
    FROM unnest(p_cases, p_rule_versions, p_explanations) AS d (case_id, rule_version, explanation);
END
$$;

-- Events of routing that change no row of their own.
CREATE FUNCTION casework.record_routing_event(
    p_case uuid, p_referral uuid, p_kind text, p_rule_version bigint, p_data jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF p_kind NOT IN (
        'referral_withheld', 'referral_rerouted', 'backstop_used', 'follow_up_scheduled', 'follow_up_due',
        'consent_expired', 'risk_review_due', 'call_back_asked')
    THEN
        RAISE EXCEPTION 'not an event of routing' USING ERRCODE = 'DC021';
    END IF;
    IF jsonb_typeof(p_data) <> 'object' THEN
        RAISE EXCEPTION 'what an event says is an object' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM record_event(p_case, p_referral, p_kind, 'service', 'routing', p_rule_version, p_data);
END
$$;

-- Every safety referral removed the danger: what waited for that may be decided now. True the first time.
CREATE FUNCTION casework.confirm_safety(p_case uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    UPDATE cases SET facts = jsonb_set(facts, '{flags}', coalesce(facts -> 'flags', '[]') || '["safe"]'),
        version = version + 1
    WHERE id = p_case AND status = 'open' AND NOT coalesce(facts -> 'flags', '[]') ? 'safe';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_event(p_case, NULL, 'safety_confirmed', 'service', 'routing', NULL, NULL);
    RETURN true;
END
$$;

-- The station that had it, if another has it now, and the agency that let its time run out are told.
CREATE FUNCTION casework.record_escalation(p_case uuid, p_referral uuid, p_from uuid, p_data jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF p_from IS NOT NULL THEN
        PERFORM notify_station(p_case, p_from, 'clock_breached');
    END IF;
    IF p_referral IS NOT NULL THEN
        PERFORM notify_agency(p_referral, 'referral_escalated');
    END IF;
    PERFORM record_event(p_case, p_referral, 'case_escalated', 'service', 'routing', NULL, p_data);
END
$$;

CREATE FUNCTION casework.add_webhook_delivery(p_id uuid, p_agency uuid, p_referral uuid, p_event text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO webhook_delivery (id, agency_id, referral_id, event) VALUES (p_id, p_agency, p_referral, p_event);
END
$$;

-- Close a case: its running clocks end with it.
CREATE FUNCTION casework.close_case(p_case uuid, p_outcome text, p_actor text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_clock uuid;
BEGIN
    PERFORM 1 FROM cases WHERE id = p_case AND status = 'open' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    -- The application decides whether a case may be closed; the database holds to it that somebody has called back, and
    -- that the last call was not a bad one.
    IF (SELECT b.result IN ('confirmed', 'unreachable', 'not_allowed') FROM call_back AS b WHERE b.case_id = p_case
        ORDER BY b.called_at DESC LIMIT 1) IS NOT TRUE
    THEN
        RAISE EXCEPTION 'nobody has called back' USING ERRCODE = 'DC055';
    END IF;
    FOR v_clock IN SELECT id FROM clock WHERE case_id = p_case AND state = 'running' AND kind <> 'follow_up' LOOP
        PERFORM end_clock(v_clock, 'met', p_actor);
    END LOOP;
    UPDATE cases SET status = 'closed', closed_at = clock_timestamp(), outcome = p_outcome, version = version + 1
    WHERE id = p_case;
    PERFORM record_event(p_case, NULL, 'case_closed', 'service', p_actor, NULL,
        jsonb_build_object('outcome', p_outcome));
    RETURN true;
END
$$;
