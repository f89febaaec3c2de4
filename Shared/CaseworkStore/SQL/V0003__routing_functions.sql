-- What routing may do. Whoever ends a clock or changes a case's status or owner locks the case's row first: two
-- transactions that each end one of two clocks would otherwise leave none, unseen by either.
-- SQLSTATE DC020: no such case. DC021: no such referral, or it is not in a state that allows this.

CREATE FUNCTION casework.lock_case(p_case uuid)
RETURNS TABLE (
    number text, status text, channel text, division_code text, owner_station_id uuid, risk text, facts jsonb,
    narrative bytea, opened_at timestamptz, version integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT c.number, c.status, c.channel, c.division_code, c.owner_station_id, c.risk, c.facts, c.narrative,
            c.opened_at, c.version
        FROM cases AS c WHERE c.id = p_case FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such case' USING ERRCODE = 'DC020';
    END IF;
END
$$;

CREATE FUNCTION casework.people_of(p_case uuid)
RETURNS TABLE (
    id uuid, role text, name bytea, phone bytea, email bytea, birth_date bytea, sex text, capacity text,
    is_minor boolean, phone_index bytea, email_index bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, role, name, phone, email, birth_date, sex, capacity, is_minor, phone_index, email_index
        FROM person WHERE case_id = p_case ORDER BY id;
END
$$;

CREATE FUNCTION casework.consents_of(p_case uuid)
RETURNS TABLE (
    agency_kinds text[], purpose text, granted boolean, given_by text, data_kinds text[], agencies uuid[],
    expires_at timestamptz, withdrawn_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at, withdrawn_at FROM consent
        WHERE case_id = p_case AND superseded_at IS NULL
        ORDER BY recorded_at, id;
END
$$;

CREATE FUNCTION casework.referrals_of(p_case uuid)
RETURNS TABLE (
    id uuid, number text, agency_id uuid, agency_kind text, division_code text, purpose text, profile text, status text,
    tier text, outcome_clock text, reason_code text, suggested_kind text, outcome_code text, predecessor_id uuid,
    rule_version bigint, legal_basis text, consent_basis text, priority smallint, explanation jsonb,
    requested_at timestamptz, answered_at timestamptz, settled_at timestamptz, is_past boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.id, r.number, r.agency_id, a.kind, a.division_code, r.purpose, r.profile, r.status, r.tier,
            r.outcome_clock, r.reason_code, r.suggested_kind, r.outcome_code, r.predecessor_id, r.rule_version,
            r.legal_basis, r.consent_basis, r.priority, r.explanation, r.requested_at, r.answered_at, r.settled_at, r.is_past
        FROM referral AS r JOIN agency AS a ON a.id = r.agency_id WHERE r.case_id = p_case ORDER BY r.requested_at, r.id;
END
$$;

CREATE FUNCTION casework.case_of_referral(p_referral uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN (
        SELECT case_id FROM referral WHERE id = p_referral
    );
END
$$;

CREATE FUNCTION casework.clocks_of(p_case uuid)
RETURNS TABLE (
    id uuid, referral_id uuid, kind text, name text, basis text, state text, started_at timestamptz,
    due_at timestamptz, paused_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, referral_id, kind, name, basis, state, started_at, due_at, paused_at FROM clock
        WHERE case_id = p_case
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

-- The moment a case is looked at: the database's clock, whether the rules have decided on it yet, and which rules and
-- which state of the network are in force.
CREATE FUNCTION casework.moment_of(p_case uuid)
RETURNS TABLE (now timestamptz, is_routed boolean, rule_version bigint, network_version bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN QUERY SELECT clock_timestamp(), (SELECT c.routed_at IS NOT NULL FROM cases AS c WHERE c.id = p_case),
        (SELECT max(r.version) FROM rule_set AS r), (SELECT n.version FROM network_version AS n);
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

CREATE FUNCTION casework.create_referral(
    p_id uuid, p_number text, p_case uuid, p_agency uuid, p_purpose text, p_profile text, p_tier text,
    p_rule_version bigint, p_explanation jsonb, p_legal_basis text, p_consent_basis text, p_priority integer,
    p_outcome_clock text, p_predecessor uuid
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO referral (id, number, case_id, agency_id, purpose, profile, status, tier, rule_version, explanation,
        legal_basis, consent_basis, priority, outcome_clock, predecessor_id)
    VALUES (p_id, p_number, p_case, p_agency, p_purpose, p_profile, 'requested', p_tier, p_rule_version, p_explanation,
        p_legal_basis, p_consent_basis, p_priority, p_outcome_clock, p_predecessor);
    PERFORM 1 FROM agency WHERE id = p_agency AND desk_email IS NOT NULL;
    IF FOUND THEN
        PERFORM notify_agency(p_id, 'referral_offered');
    END IF;
    RETURN record_event(p_case, p_id, 'referral_requested', 'service', 'routing', p_rule_version,
        jsonb_build_object('agency', p_agency, 'purpose', p_purpose, 'tier', p_tier, 'consent_basis', p_consent_basis,
            'article', CASE WHEN p_consent_basis IN ('emergency', 'statutory_duty') THEN p_legal_basis END,
            'predecessor', p_predecessor));
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

CREATE FUNCTION casework.start_clock(
    p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamptz, p_actor text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO clock (id, case_id, referral_id, kind, name, basis, due_at, look_at)
    VALUES (p_id, p_case, p_referral, p_kind, p_name, p_basis, p_due_at,
        -- Of what somebody can be late with, people are warned: it is first looked at when half of its time is over.
        CASE WHEN p_kind IN ('follow_up', 'consent_expiry', 'risk_review') THEN p_due_at
            ELSE least(p_due_at, p_due_at - (p_due_at - clock_timestamp()) / 2) END);
    RETURN record_event(p_case, p_referral, 'clock_started', 'service', p_actor, NULL,
        jsonb_build_object('clock', p_id, 'kind', p_kind, 'name', p_name, 'due_at', p_due_at));
END
$$;

-- End a clock once: true for the one call that ended it.
--
-- What decides is when the thing it waited for happened, not when somebody looked: an answer in time is never a breach
-- however late it is looked at, and one that came too late is never met, so the breach still fires.
CREATE FUNCTION casework.end_clock(p_clock uuid, p_state text, p_actor text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_clock clock%ROWTYPE;
    v_at timestamptz;
BEGIN
    IF p_state IS NULL OR p_state <> ALL (ARRAY['met', 'breached', 'cancelled']) THEN
        RAISE EXCEPTION 'not how a clock ends' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM 1 FROM cases WHERE id = (SELECT case_id FROM clock WHERE id = p_clock) FOR NO KEY UPDATE;
    SELECT * INTO v_clock FROM clock WHERE id = p_clock;
    IF p_state = 'breached' THEN
        -- An answer under way commits first, or waits.
        PERFORM 1 FROM referral
        WHERE id = v_clock.referral_id OR v_clock.kind = 'first_response' AND case_id = v_clock.case_id
        ORDER BY id FOR SHARE;
    END IF;
    IF v_clock.kind = 'referral_answer' THEN
        SELECT answered_at INTO v_at FROM referral WHERE id = v_clock.referral_id;
    ELSIF v_clock.kind = 'referral_outcome' THEN
        SELECT settled_at INTO v_at FROM referral WHERE id = v_clock.referral_id;
    ELSIF v_clock.kind = 'first_response' THEN
        SELECT min(answered_at) INTO v_at FROM referral WHERE case_id = v_clock.case_id;
    END IF;
    -- A clock that stands still is neither early nor late: what happens meanwhile happens when it was paused.
    v_at := least(v_at, v_clock.paused_at);
    IF p_state = 'met' AND v_clock.kind NOT IN ('follow_up', 'consent_expiry')
        AND coalesce(v_at, v_clock.paused_at, clock_timestamp()) > v_clock.due_at
    THEN
        RETURN false;
    END IF;
    IF p_state = 'breached' AND (v_clock.paused_at IS NOT NULL OR v_clock.due_at > clock_timestamp()
        OR v_at <= v_clock.due_at)
    THEN
        RETURN false;
    END IF;
    UPDATE clock SET state = p_state, ended_at = clock_timestamp() WHERE id = p_clock AND state = 'running';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    RETURN record_event(v_clock.case_id, v_clock.referral_id, 'clock_' || p_state, 'service', p_actor, NULL,
        jsonb_build_object('clock', p_clock, 'kind', v_clock.kind, 'name', v_clock.name));
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

-- The first decision tells the station that the rules name of its new case, and her that it has arrived, if she has
-- agreed to be written to and has spoken with nobody yet.
CREATE FUNCTION casework.record_decision(p_case uuid, p_rule_version bigint, p_explanation jsonb, p_owner uuid)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_channel text;
BEGIN
    UPDATE cases SET routed_at = clock_timestamp() WHERE id = p_case AND routed_at IS NULL
    RETURNING channel INTO v_channel;
    IF FOUND THEN
        PERFORM notify_station(p_case, p_owner, 'new_case');
        IF v_channel NOT IN ('hotline', 'walk_in', 'screening', 'import') THEN
            PERFORM notify_help_seekers(p_case, 'request_received', NULL, true);
        END IF;
    END IF;
    RETURN record_event(p_case, NULL, 'case_routed', 'service', 'routing', p_rule_version, p_explanation);
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
