-- What the migrations make of an empty database. Written by: ./deploy/local/test --update-schema

--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: casework; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA casework;

--
-- Name: dandelion_migrations; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA dandelion_migrations;

--
-- Name: door; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA door;

--
-- Name: gateway; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA gateway;

--
-- Name: partner; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA partner;

--
-- Name: queue; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA queue;

--
-- Name: safeguarding; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA safeguarding;

--
-- Name: accept_referral(uuid, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.accept_referral(p_agency uuid, p_referral uuid, p_lease text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_case uuid;
    v_agency text;
    v_recorded boolean;
BEGIN
    UPDATE referral AS r SET status = 'accepted', accepted_lease = p_lease, answered_at = clock_timestamp()
    FROM agency AS a
    WHERE r.id = p_referral AND r.agency_id = p_agency AND r.status = ANY (ARRAY['requested', 'received']) AND a.id = p_agency
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_accepted', 'agency', v_agency, NULL,
        jsonb_build_object('lease', p_lease));
    RETURN v_case;
END
$$;

--
-- Name: activate_rule_draft(bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.activate_rule_draft(p_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_yaml text;
    v_checksum bytea;
    v_version bigint;
BEGIN
    SELECT yaml, checksum INTO v_yaml, v_checksum FROM rule_draft WHERE id = p_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    v_version := activate_rule_set(v_yaml, v_checksum);
    UPDATE rule_draft SET version = v_version WHERE id = p_id;
    RETURN v_version;
END
$$;

--
-- Name: activate_rule_set(text, bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.activate_rule_set(p_yaml text, p_checksum bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_version bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.rule_set', 0));
    SELECT version INTO v_version FROM rule_set
    WHERE checksum = p_checksum AND version = (SELECT max(version) FROM rule_set);
    IF NOT FOUND THEN
        INSERT INTO rule_set (yaml, checksum) VALUES (p_yaml, p_checksum) RETURNING version INTO v_version;
        PERFORM record_operator_event('rules_activated', v_version::text,
            jsonb_build_object('checksum', encode(p_checksum, 'hex')));
    END IF;
    RETURN v_version;
END
$$;

--
-- Name: active_rule_set(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.active_rule_set() RETURNS TABLE(version bigint, yaml text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT version, yaml FROM rule_set ORDER BY version DESC LIMIT 1;
END
$$;

--
-- Name: add_agency_key(uuid, bytea, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.add_agency_key(p_agency uuid, p_key_hash bytea, p_label text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
BEGIN
    INSERT INTO agency_key (agency_id, key_hash, label) VALUES (p_agency, p_key_hash, p_label) RETURNING id INTO v_id;
    PERFORM record_operator_event('agency_key_added', (SELECT code FROM agency WHERE id = p_agency),
        jsonb_build_object('key', v_id));
    RETURN v_id;
END
$$;

--
-- Name: add_message(uuid, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.add_message(p_case uuid, p_person uuid, p_template text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
BEGIN
    SELECT id INTO v_id FROM message
    WHERE case_id = p_case AND person_id = p_person AND template = p_template AND state IN ('pending', 'scheduled')
    ORDER BY created_at LIMIT 1;
    IF NOT FOUND THEN
        v_id := insert_message('person', p_case, p_person, NULL, p_template, 2, interval '8 days');
    END IF;
    RETURN v_id;
END
$$;

--
-- Name: add_notice(uuid, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.add_notice(p_case uuid, p_station uuid, p_kind text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
    v_risk text;
    v_lane integer;
BEGIN
    SELECT id INTO v_id FROM message
    WHERE case_id = p_case AND station_id = p_station AND template = p_kind AND state IN ('pending', 'scheduled')
    ORDER BY created_at LIMIT 1;
    IF FOUND THEN
        RETURN v_id;
    END IF;
    SELECT risk INTO v_risk FROM cases WHERE id = p_case;
    v_lane := CASE
        WHEN p_kind = 'call_agency_emergency' OR p_kind = 'station_unreachable' THEN 0
        WHEN p_kind IN ('case_closed', 'follow_up_due') THEN 3
        WHEN v_risk = 'imminent' THEN 0
        WHEN v_risk = 'high' OR p_kind IN ('escalated', 'contact_suppressed', 'contact_failed') THEN 1
        ELSE 2 END;
    v_id := insert_message('station', p_case, NULL, p_station, p_kind, v_lane,
        (ARRAY['2 minutes', '30 minutes', '1 day', '3 days'])[v_lane + 1]::interval);
    IF v_lane = 0 THEN
        INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
        VALUES (p_case, p_station, 'look_at_case', v_id, p_kind);
    END IF;
    RETURN v_id;
END
$$;

--
-- Name: add_webhook_delivery(uuid, uuid, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.add_webhook_delivery(p_id uuid, p_agency uuid, p_referral uuid, p_event text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    INSERT INTO webhook_delivery (id, agency_id, referral_id, event) VALUES (p_id, p_agency, p_referral, p_event);
END
$$;

--
-- Name: agencies_at(text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agencies_at(p_divisions text[]) RETURNS TABLE(id uuid, code text, kind text, name text, division_code text, public_key bytea, webhook_url text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, code, kind, name, division_code, public_key, webhook_url FROM agency
        WHERE division_code = ANY (p_divisions) AND status = 'active' ORDER BY code;
END
$$;

--
-- Name: agency_by_key(bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agency_by_key(p_key_hash bytea) RETURNS TABLE(id uuid, code text, kind text, name text, division_code text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT a.id, a.code, a.kind, a.name, a.division_code
        FROM agency_key AS k JOIN agency AS a ON a.id = k.agency_id
        WHERE k.key_hash = p_key_hash AND k.revoked_at IS NULL AND a.status = 'active';
END
$$;

--
-- Name: agency_referrals(uuid, text, uuid, integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agency_referrals(p_agency uuid, p_number text, p_referral uuid, p_limit integer) RETURNS TABLE(id uuid, number text, purpose text, profile text, status text, legal_basis text, tier text, requested_at timestamp with time zone, received_at timestamp with time zone, answered_at timestamp with time zone, settled_at timestamp with time zone, reason_code text, outcome_code text, answer_due_at timestamp with time zone, outcome_due_at timestamp with time zone, accepted_lease text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        WITH chosen AS MATERIALIZED (
            SELECT id FROM referral WHERE p_referral IS NOT NULL AND id = p_referral
            UNION ALL
            SELECT id FROM referral WHERE p_referral IS NULL AND p_number IS NOT NULL AND number = p_number
            UNION ALL (
                SELECT id FROM referral WHERE p_referral IS NULL AND p_number IS NULL AND agency_id = p_agency
                ORDER BY requested_at DESC LIMIT p_limit)
        )
        SELECT r.id, r.number, r.purpose, r.profile, r.status, r.legal_basis, r.tier, r.requested_at, r.received_at,
            r.answered_at, r.settled_at, r.reason_code, r.outcome_code,
            (SELECT max(k.due_at) FROM clock AS k WHERE k.referral_id = r.id AND k.kind = 'referral_answer'),
            (SELECT max(k.due_at) FROM clock AS k WHERE k.referral_id = r.id AND k.kind = 'referral_outcome'),
            r.accepted_lease
        FROM chosen JOIN referral AS r ON r.id = chosen.id WHERE r.agency_id = p_agency
        ORDER BY r.requested_at DESC;
END
$$;

--
-- Name: begin_message(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.begin_message(p_message uuid) RETURNS TABLE(attempt integer, repeats boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_state text;
    v_attempt integer;
BEGIN
    SELECT m.state INTO v_state FROM message AS m WHERE m.id = p_message FOR NO KEY UPDATE;
    IF v_state IS NULL OR v_state NOT IN ('pending', 'scheduled', 'sending') THEN
        RETURN;
    END IF;
    UPDATE message AS m SET attempts = m.attempts + 1 WHERE m.id = p_message RETURNING m.attempts INTO v_attempt;
    PERFORM put_message_state(p_message, 'sending', CASE v_state WHEN 'sending' THEN 'repeat' END,
        NULL, NULL, NULL, NULL);
    RETURN QUERY SELECT v_attempt, v_state = 'sending';
END
$$;

--
-- Name: case_contacts(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.case_contacts(p_case uuid) RETURNS TABLE(person_id uuid, role text, name bytea, phone bytea, email bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT id, role, name, phone, email FROM person WHERE case_id = p_case ORDER BY id
$$;

--
-- Name: case_of_referral(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.case_of_referral(p_referral uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN (
        SELECT case_id FROM referral WHERE id = p_referral
    );
END
$$;

--
-- Name: change_owner(uuid, uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.change_owner(p_case uuid, p_station uuid, p_reason text, p_actor text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_old uuid;
BEGIN
    SELECT owner_station_id INTO v_old FROM cases WHERE id = p_case FOR NO KEY UPDATE;
    UPDATE cases SET owner_station_id = p_station, version = version + 1 WHERE id = p_case;
    PERFORM record_event(p_case, NULL, 'owner_changed', 'service', p_actor, NULL,
        jsonb_build_object('from', v_old, 'station', p_station, 'reason', p_reason));
END
$$;

--
-- Name: clock_by_id(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.clock_by_id(p_clock uuid) RETURNS TABLE(case_id uuid, referral_id uuid, kind text, name text, basis text, state text, due_at timestamp with time zone, now timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, referral_id, kind, name, basis, state, due_at, clock_timestamp() FROM clock
        WHERE id = p_clock;
END
$$;

--
-- Name: clocks_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.clocks_of(p_case uuid) RETURNS TABLE(id uuid, referral_id uuid, kind text, name text, basis text, state text, started_at timestamp with time zone, due_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, referral_id, kind, name, basis, state, started_at, due_at FROM clock WHERE case_id = p_case
        ORDER BY started_at, id;
END
$$;

--
-- Name: close_case(uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.close_case(p_case uuid, p_outcome text, p_actor text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_clock uuid;
BEGIN
    PERFORM 1 FROM cases WHERE id = p_case AND status = 'open' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
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

--
-- Name: confirm_safety(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.confirm_safety(p_case uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: consents_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.consents_of(p_case uuid) RETURNS TABLE(agency_kinds text[], purpose text, granted boolean, given_by text, data_kinds text[], expires_at timestamp with time zone, withdrawn_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT agency_kinds, purpose, granted, given_by, data_kinds, expires_at, withdrawn_at FROM consent
        WHERE case_id = p_case
        ORDER BY recorded_at, id;
END
$$;

--
-- Name: contact_rules_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.contact_rules_of(p_person uuid) RETURNS TABLE(id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint, never_mention boolean, code_word bytea, confirmed_at timestamp with time zone, expires_at timestamp with time zone, tag bytea, stopped_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT id, channel, days, from_minute, to_minute, never_mention, code_word, confirmed_at, expires_at, tag,
        stopped_at
    FROM contact_rule WHERE person_id = p_person ORDER BY id
$$;

--
-- Name: contact_rules_of_case(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.contact_rules_of_case(p_case uuid) RETURNS TABLE(person_id uuid, id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint, never_mention boolean, code_word bytea, confirmed_at timestamp with time zone, expires_at timestamp with time zone, tag bytea, stopped_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.person_id, r.id, r.channel, r.days, r.from_minute, r.to_minute, r.never_mention, r.code_word,
            r.confirmed_at, r.expires_at, r.tag, r.stopped_at
        FROM person AS p JOIN contact_rule AS r ON r.person_id = p.id WHERE p.case_id = p_case ORDER BY r.id;
END
$$;

--
-- Name: create_referral(uuid, text, uuid, uuid, text, text, text, bigint, jsonb, text, text, integer, text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.create_referral(p_id uuid, p_number text, p_case uuid, p_agency uuid, p_purpose text, p_profile text, p_tier text, p_rule_version bigint, p_explanation jsonb, p_legal_basis text, p_consent_basis text, p_priority integer, p_outcome_clock text, p_predecessor uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    INSERT INTO referral (id, number, case_id, agency_id, purpose, profile, status, tier, rule_version, explanation,
        legal_basis, consent_basis, priority, outcome_clock, predecessor_id)
    VALUES (p_id, p_number, p_case, p_agency, p_purpose, p_profile, 'requested', p_tier, p_rule_version, p_explanation,
        p_legal_basis, p_consent_basis, p_priority, p_outcome_clock, p_predecessor);
    RETURN record_event(p_case, p_id, 'referral_requested', 'service', 'routing', p_rule_version,
        jsonb_build_object('agency', p_agency, 'purpose', p_purpose, 'tier', p_tier, 'consent_basis', p_consent_basis,
            'predecessor', p_predecessor));
END
$$;

--
-- Name: decline_referral(uuid, uuid, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.decline_referral(p_agency uuid, p_referral uuid, p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
    WHERE r.id = p_referral AND r.agency_id = p_agency AND r.status = ANY (ARRAY['requested', 'received']) AND a.id = p_agency
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_' || p_status, 'agency', v_agency, NULL,
        jsonb_build_object('lease', p_lease, 'reason', p_reason, 'suggested_kind', p_suggested_kind));
    IF clock_timestamp() > p_not_after THEN
        RAISE EXCEPTION 'the time to object is over' USING ERRCODE = 'DC031';
    END IF;
    RETURN v_case;
END
$$;

--
-- Name: division_path(text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.division_path(p_code text) RETURNS TABLE(code text, name text, level text, parent_code text, station_id uuid, station_name text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: end_clock(uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.end_clock(p_clock uuid, p_state text, p_actor text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
    IF p_state = 'met' AND v_clock.kind <> 'follow_up' AND coalesce(v_at, clock_timestamp()) > v_clock.due_at THEN
        RETURN false;
    END IF;
    IF p_state = 'breached' AND (v_clock.due_at > clock_timestamp() OR v_at <= v_clock.due_at) THEN
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

--
-- Name: fingerprint(bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.fingerprint(p_bytes bytea) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    RETURN encode(sha256(p_bytes), 'hex');
END
$$;

--
-- Name: finish_staff_task(uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.finish_staff_task(p_task uuid, p_actor text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    UPDATE staff_task SET done_at = clock_timestamp(), done_by = p_actor WHERE id = p_task AND done_at IS NULL;
    RETURN FOUND;
END
$$;

--
-- Name: forget_idempotency_keys(interval, integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.forget_idempotency_keys(p_older interval, p_limit integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
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

--
-- Name: from_micros(bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.from_micros(p_micros bigint) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
    SELECT timestamptz '1970-01-01 00:00:00+00' + p_micros * interval '1 microsecond'
$$;

--
-- Name: import_divisions(text[], text[], text[], text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[]) RETURNS TABLE(imported bigint, stations bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM lock_network();
    INSERT INTO operator_event (kind, subject, data)
    SELECT CASE WHEN old.code IS NULL THEN 'division_added' ELSE 'division_changed' END, new.code,
        jsonb_strip_nulls(jsonb_build_object('level', new.level, 'parent', new.parent,
            'level_before', CASE WHEN old.level <> new.level THEN old.level END,
            'parent_before', CASE WHEN old.parent_code IS DISTINCT FROM new.parent THEN old.parent_code END,
            'renamed', CASE WHEN old.name <> new.name THEN true END))
    FROM (SELECT d.code, d.name, d.level, nullif(d.parent, '') AS parent
        FROM unnest(p_codes, p_names, p_levels, p_parents) AS d (code, name, level, parent)) AS new
    LEFT JOIN division AS old ON old.code = new.code
    WHERE (old.name, old.level, old.parent_code) IS DISTINCT FROM (new.name, new.level, new.parent)
    ORDER BY new.code;
    INSERT INTO division (code, name, level, parent_code)
    SELECT d.code, d.name, d.level, nullif(d.parent, '')
    FROM unnest(p_codes, p_names, p_levels, p_parents) AS d (code, name, level, parent)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, parent_code = excluded.parent_code;
    GET DIAGNOSTICS imported = ROW_COUNT;
    -- Every division has its Women's Federation station from the start.
    INSERT INTO station (division_code, name)
    SELECT code, name || '妇联维权站' FROM division WHERE code = ANY (p_codes)
    ON CONFLICT (division_code) DO UPDATE SET name = excluded.name;
    GET DIAGNOSTICS stations = ROW_COUNT;
    RETURN NEXT;
END
$$;

--
-- Name: insert_message(text, uuid, uuid, uuid, text, integer, interval); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.insert_message(p_audience text, p_case uuid, p_person uuid, p_station uuid, p_template text, p_lane integer, p_within interval) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
BEGIN
    INSERT INTO message (audience, case_id, person_id, station_id, template, lane, deliver_by)
    VALUES (p_audience, p_case, p_person, p_station, p_template, p_lane, clock_timestamp() + p_within)
    RETURNING id INTO v_id;
    INSERT INTO message_event (message_id, state, attempt) VALUES (v_id, 'pending', 0);
    RETURN v_id;
END
$$;

--
-- Name: intake_client_by_key(bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.intake_client_by_key(p_key_hash bytea) RETURNS TABLE(id uuid, name text, channels text[], division_scope text, requests_per_minute integer, may_read_cases boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, name, channels, division_scope, requests_per_minute, may_read_cases
        FROM intake_client WHERE key_hash = p_key_hash AND revoked_at IS NULL;
END
$$;

--
-- Name: late_messages(integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.late_messages(p_limit integer) RETURNS TABLE(message_id uuid, case_id uuid, audience text, lane integer, template text, tell uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    FOR message_id, case_id, audience, lane, template, tell IN
        WITH late AS (
            SELECT m.id FROM message AS m
            WHERE m.state IN ('pending', 'scheduled', 'sending') AND m.late_at IS NULL
                AND m.deliver_by < clock_timestamp()
            ORDER BY m.lane, m.deliver_by LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE message AS m SET late_at = clock_timestamp() FROM late WHERE m.id = late.id
        RETURNING m.id, m.case_id, m.audience, m.lane::integer, m.template,
            (SELECT w.tell FROM whom_to_tell(m.id) AS w)
    LOOP
        INSERT INTO message_event (message_id, state, reason, attempt)
        SELECT m.id, m.state, 'late', m.attempts FROM message AS m WHERE m.id = late_messages.message_id;
        PERFORM open_staff_task(message_id, CASE audience WHEN 'person' THEN 'contact_person' ELSE 'look_at_case' END,
            'late');
        RETURN NEXT;
    END LOOP;
END
$$;

--
-- Name: load_rule_draft(text, text, bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.load_rule_draft(p_name text, p_yaml text, p_checksum bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.rule_set', 0));
    SELECT id INTO v_id FROM rule_draft WHERE checksum = p_checksum;
    IF NOT FOUND THEN
        INSERT INTO rule_draft (name, yaml, checksum) VALUES (p_name, p_yaml, p_checksum) RETURNING id INTO v_id;
        PERFORM record_operator_event('rules_loaded', v_id::text,
            jsonb_build_object('checksum', encode(p_checksum, 'hex')));
    END IF;
    RETURN v_id;
END
$$;

--
-- Name: lock_agency_referral(uuid, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_agency_referral(p_agency uuid, p_referral uuid, p_number text) RETURNS TABLE(id uuid, number text, purpose text, legal_basis text, status text, tier text, reason_code text, outcome_code text, accepted_lease text, received_at timestamp with time zone, answer_due_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_id uuid := p_referral;
BEGIN
    IF v_id IS NULL THEN
        SELECT r.id INTO v_id FROM referral AS r WHERE r.number = p_number;
    END IF;
    RETURN QUERY
        SELECT r.id, r.number, r.purpose, r.legal_basis, r.status, r.tier, r.reason_code, r.outcome_code,
            r.accepted_lease, r.received_at,
            (SELECT max(k.due_at) FROM clock AS k WHERE k.referral_id = r.id AND k.kind = 'referral_answer')
        FROM referral AS r WHERE r.id = v_id AND r.agency_id = p_agency FOR NO KEY UPDATE OF r;
END
$$;

--
-- Name: lock_case(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_case(p_case uuid) RETURNS TABLE(number text, status text, channel text, division_code text, owner_station_id uuid, risk text, facts jsonb, narrative bytea, opened_at timestamp with time zone, version integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: lock_contact_rules(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_contact_rules(p_person uuid) RETURNS TABLE(id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint, never_mention boolean, code_word bytea, confirmed_at timestamp with time zone, expires_at timestamp with time zone, tag bytea, stopped_at timestamp with time zone)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT id, channel, days, from_minute, to_minute, never_mention, code_word, confirmed_at, expires_at, tag,
        stopped_at
    FROM contact_rule WHERE person_id = p_person ORDER BY id FOR SHARE
$$;

--
-- Name: lock_network(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_network() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM network_version FOR NO KEY UPDATE;
END
$$;

--
-- Name: lock_person_message(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_person_message(p_message uuid) RETURNS TABLE(case_id uuid, person_id uuid, template text, lane integer, state text, attempts integer, division_code text, guardian_suspected boolean, role text, is_minor boolean, phone bytea, email bytea, sent_today bigint, looked_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM message AS m WHERE m.id = p_message FOR NO KEY UPDATE;
    PERFORM 1 FROM person AS p WHERE p.id = (SELECT m.person_id FROM message AS m WHERE m.id = p_message) FOR SHARE;
    RETURN QUERY
        SELECT m.case_id, m.person_id, m.template, m.lane::integer, m.state, m.attempts, c.division_code,
            coalesce(c.facts -> 'flags', '[]') ? 'guardian_suspected', p.role, p.is_minor, p.phone, p.email,
            (SELECT count(*) FROM message AS o WHERE o.person_id = m.person_id AND o.state IN ('sent', 'delivered')
                AND o.settled_at > clock_timestamp() - interval '1 day'),
            clock_timestamp()
        FROM message AS m JOIN person AS p ON p.id = m.person_id JOIN cases AS c ON c.id = m.case_id
        WHERE m.id = p_message;
END
$$;

--
-- Name: lock_station_message(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_station_message(p_message uuid) RETURNS TABLE(case_id uuid, case_number text, station_id uuid, station_name text, division_code text, email text, template text, lane integer, state text, attempts integer, is_muted boolean, looked_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM message AS m WHERE m.id = p_message FOR NO KEY UPDATE;
    RETURN QUERY
        SELECT m.case_id, c.number, s.id, s.name, s.division_code, s.email, m.template, m.lane::integer, m.state,
            m.attempts, m.template = ANY (s.muted), clock_timestamp()
        FROM message AS m JOIN cases AS c ON c.id = m.case_id JOIN station AS s ON s.id = m.station_id
        WHERE m.id = p_message;
END
$$;

--
-- Name: message_counts(timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.message_counts(p_since timestamp with time zone) RETURNS TABLE(audience text, lane integer, state text, reason text, provider text, messages bigint, segments bigint, cost bigint, oldest timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT audience, lane::integer, state, reason, provider, count(*), sum(segments)::bigint, sum(cost)::bigint,
        min(created_at)
    FROM message WHERE created_at >= p_since OR state IN ('pending', 'scheduled', 'sending')
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
$$;

--
-- Name: moment_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.moment_of(p_case uuid) RETURNS TABLE(now timestamp with time zone, is_routed boolean, rule_version bigint, network_version bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN QUERY SELECT clock_timestamp(), (SELECT c.routed_at IS NOT NULL FROM cases AS c WHERE c.id = p_case),
        (SELECT max(r.version) FROM rule_set AS r), (SELECT n.version FROM network_version AS n);
END
$$;

--
-- Name: network_changed(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.network_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    UPDATE network_version SET version = version + 1;
    RETURN NULL;
END
$$;

--
-- Name: open_case(uuid, text, bytea, text, text, text, jsonb, bytea, uuid, text, jsonb, jsonb, jsonb, uuid, text, text, timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.open_case(p_id uuid, p_number text, p_receipt_hash bytea, p_channel text, p_division text, p_risk text, p_facts jsonb, p_narrative bytea, p_client uuid, p_client_name text, p_people jsonb, p_rules jsonb, p_consents jsonb, p_clock uuid, p_clock_name text, p_clock_basis text, p_due_at timestamp with time zone) RETURNS TABLE(owner_station_id uuid, owner_station_name text, opened_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
    INSERT INTO consent (case_id, agency_kinds, purpose, granted, given_by, data_kinds, expires_at)
    SELECT p_id, ARRAY(SELECT jsonb_array_elements_text(c -> 'agency_kinds')), c ->> 'purpose',
        (c ->> 'granted')::boolean, coalesce(c ->> 'given_by', 'herself'),
        CASE WHEN c ? 'data_kinds' THEN ARRAY(SELECT jsonb_array_elements_text(c -> 'data_kinds')) END,
        from_micros((c ->> 'expires_at')::bigint)
    FROM jsonb_array_elements(p_consents) AS c;
    INSERT INTO clock (id, case_id, kind, name, basis, due_at, look_at)
    VALUES (p_clock, p_id, 'first_response', p_clock_name, p_clock_basis, p_due_at, p_due_at);
    INSERT INTO event (case_id, kind, actor_kind, actor, data) VALUES
        (p_id, 'case_opened', 'client', p_client_name,
            jsonb_build_object('channel', p_channel, 'division', p_division, 'risk', p_risk)),
        (p_id, 'owner_assigned', 'service', 'intake', jsonb_build_object('station', v_station)),
        (p_id, 'clock_started', 'service', 'intake',
            jsonb_build_object('clock', p_clock, 'kind', 'first_response', 'name', p_clock_name, 'due_at', p_due_at));
    RETURN QUERY SELECT v_station, v_name, c.opened_at FROM cases AS c WHERE c.id = p_id;
END
$$;

--
-- Name: open_staff_task(uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.open_staff_task(p_message uuid, p_kind text, p_reason text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
    SELECT m.case_id, coalesce(m.station_id, c.owner_station_id), p_kind, m.id, p_reason
    FROM message AS m JOIN cases AS c ON c.id = m.case_id WHERE m.id = p_message
    ON CONFLICT (message_id) DO UPDATE SET reason = excluded.reason, done_at = NULL, done_by = NULL
$$;

--
-- Name: opened_case(uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.opened_case(p_client uuid, p_key text) RETURNS TABLE(request_hash bytea, case_id uuid, number text, status text, owner_station_name text, opened_at timestamp with time zone, due_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: owner_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.owner_of(p_case uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT owner_station_id FROM cases WHERE id = p_case
$$;

--
-- Name: people_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.people_of(p_case uuid) RETURNS TABLE(id uuid, role text, name bytea, phone bytea, email bytea, birth_date bytea, sex text, capacity text, is_minor boolean, phone_index bytea, email_index bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, role, name, phone, email, birth_date, sex, capacity, is_minor, phone_index, email_index
        FROM person WHERE case_id = p_case ORDER BY id;
END
$$;

--
-- Name: put_agency(text, text, text, text, bytea, text, bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_agency(p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_webhook_url text, p_webhook_secret bytea) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
    v_old agency%ROWTYPE;
    v_new agency%ROWTYPE;
    v_changed text[];
BEGIN
    PERFORM lock_network();
    INSERT INTO agency (code, kind, name, division_code, public_key, webhook_url, webhook_secret)
    VALUES (p_code, p_kind, p_name, p_division, p_public_key, p_webhook_url, p_webhook_secret)
    ON CONFLICT (code) DO NOTHING RETURNING id INTO v_id;
    IF FOUND THEN
        PERFORM record_operator_event('agency_added', p_code, jsonb_build_object(
            'kind', p_kind, 'division', p_division, 'public_key', fingerprint(p_public_key),
            'webhook', fingerprint(convert_to(p_webhook_url, 'UTF8'))));
        RETURN v_id;
    END IF;
    SELECT * INTO STRICT v_old FROM agency WHERE code = p_code FOR NO KEY UPDATE;
    UPDATE agency
    SET kind = p_kind, name = p_name, division_code = p_division, public_key = coalesce(p_public_key, public_key),
        webhook_url = coalesce(p_webhook_url, webhook_url), webhook_secret = coalesce(p_webhook_secret, webhook_secret)
    WHERE id = v_old.id RETURNING * INTO v_new;
    v_changed := array_remove(ARRAY[
        CASE WHEN v_new.kind <> v_old.kind THEN 'kind' END,
        CASE WHEN v_new.name <> v_old.name THEN 'name' END,
        CASE WHEN v_new.division_code <> v_old.division_code THEN 'division' END,
        CASE WHEN v_new.public_key IS DISTINCT FROM v_old.public_key THEN 'public_key' END,
        CASE WHEN v_new.webhook_url IS DISTINCT FROM v_old.webhook_url THEN 'webhook' END,
        CASE WHEN v_new.webhook_secret IS DISTINCT FROM v_old.webhook_secret THEN 'webhook_secret' END
    ], NULL);
    IF cardinality(v_changed) > 0 THEN
        PERFORM record_operator_event('agency_changed', p_code, jsonb_build_object(
            'changed', v_changed,
            'kind_before', CASE WHEN 'kind' = ANY (v_changed) THEN v_old.kind END,
            'kind', CASE WHEN 'kind' = ANY (v_changed) THEN v_new.kind END,
            'division_before', CASE WHEN 'division' = ANY (v_changed) THEN v_old.division_code END,
            'division', CASE WHEN 'division' = ANY (v_changed) THEN v_new.division_code END,
            'public_key_before', CASE WHEN 'public_key' = ANY (v_changed) THEN fingerprint(v_old.public_key) END,
            'public_key', CASE WHEN 'public_key' = ANY (v_changed) THEN fingerprint(v_new.public_key) END,
            'webhook', CASE WHEN 'webhook' = ANY (v_changed)
                THEN fingerprint(convert_to(v_new.webhook_url, 'UTF8')) END));
    END IF;
    RETURN v_old.id;
END
$$;

--
-- Name: put_intake_client(text, bytea, text[], text, integer, boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_intake_client(p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
    v_old intake_client%ROWTYPE;
    v_data jsonb := jsonb_build_object('channels', p_channels, 'division', p_scope,
        'requests_per_minute', p_requests_per_minute, 'may_read_cases', p_may_read);
BEGIN
    INSERT INTO intake_client (name, key_hash, channels, division_scope, requests_per_minute, may_read_cases)
    VALUES (p_name, p_key_hash, p_channels, p_scope, p_requests_per_minute, p_may_read)
    ON CONFLICT (name) DO NOTHING RETURNING id INTO v_id;
    IF FOUND THEN
        PERFORM record_operator_event('client_added', p_name, v_data || jsonb_build_object('client', v_id));
        RETURN v_id;
    END IF;
    SELECT * INTO STRICT v_old FROM intake_client WHERE name = p_name FOR NO KEY UPDATE;
    IF (v_old.key_hash, v_old.channels, v_old.division_scope, v_old.requests_per_minute, v_old.may_read_cases,
        v_old.revoked_at) IS NOT DISTINCT FROM
        (p_key_hash, p_channels, p_scope, p_requests_per_minute, p_may_read, NULL::timestamptz)
    THEN
        RETURN v_old.id;
    END IF;
    UPDATE intake_client
    SET key_hash = p_key_hash, channels = p_channels, division_scope = p_scope,
        requests_per_minute = p_requests_per_minute, may_read_cases = p_may_read, revoked_at = NULL
    WHERE id = v_old.id;
    PERFORM record_operator_event('client_changed', p_name, v_data || jsonb_build_object(
        'client', v_old.id, 'new_key', v_old.key_hash <> p_key_hash, 'was_revoked', v_old.revoked_at IS NOT NULL));
    RETURN v_old.id;
END
$$;

--
-- Name: put_message_state(uuid, text, text, text, text, integer, bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_message_state(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_old text;
    v_row message%ROWTYPE;
    v_kind text;
BEGIN
    SELECT state INTO v_old FROM message WHERE id = p_message;
    UPDATE message SET state = p_state, reason = p_reason,
        provider = coalesce(p_provider, provider), reference = coalesce(p_reference, reference),
        segments = segments + coalesce(p_segments, 0), cost = cost + coalesce(p_cost, 0),
        settled_at = CASE WHEN p_state IN ('pending', 'scheduled', 'sending') THEN NULL
            ELSE coalesce(settled_at, clock_timestamp()) END
    WHERE id = p_message RETURNING * INTO v_row;
    INSERT INTO message_event (message_id, state, reason, attempt, provider)
    VALUES (p_message, p_state, p_reason, v_row.attempts, p_provider);
    v_kind := CASE
        WHEN p_state IN ('pending', 'sending') OR p_state = v_old THEN NULL
        WHEN v_row.audience = 'person' THEN 'message_' || p_state
        WHEN p_state = 'sent' THEN 'staff_notified'
        WHEN p_state IN ('failed', 'denied') THEN 'notice_failed'
        WHEN p_state = 'muted' THEN 'notice_muted' END;
    IF v_kind IS NOT NULL THEN
        PERFORM record_event(v_row.case_id, NULL, v_kind, 'service', 'notification', NULL, jsonb_build_object(
            CASE v_row.audience WHEN 'person' THEN 'message' ELSE 'notice' END, p_message,
            CASE v_row.audience WHEN 'person' THEN 'template' ELSE 'kind' END, v_row.template, 'reason', p_reason));
    END IF;
    -- The desk knows: the task that stood in for that is over.
    IF v_row.audience = 'station' AND p_state IN ('sent', 'delivered') THEN
        UPDATE staff_task SET done_at = clock_timestamp(), done_by = 'notification'
        WHERE message_id = p_message AND done_at IS NULL;
    END IF;
END
$$;

--
-- Name: read_case(text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.read_case(p_number text, p_client uuid) RETURNS TABLE(id uuid, number text, status text, channel text, division_code text, risk text, owner_station text, opened_at timestamp with time zone, closed_at timestamp with time zone, outcome text, referrals jsonb, clocks jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: read_notice(uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.read_notice(p_message uuid, p_actor text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_state text;
BEGIN
    UPDATE message SET read_at = clock_timestamp()
    WHERE id = p_message AND audience = 'station' AND read_at IS NULL RETURNING state INTO v_state;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_state IN ('pending', 'scheduled', 'sending', 'sent') THEN
        PERFORM put_message_state(p_message, 'delivered', 'read', 'inbox', NULL, NULL, NULL);
    ELSE
        INSERT INTO message_event (message_id, state, reason, attempt, provider)
        SELECT id, state, 'read', attempts, 'inbox' FROM message WHERE id = p_message;
    END IF;
    UPDATE staff_task SET done_at = clock_timestamp(), done_by = p_actor
    WHERE message_id = p_message AND done_at IS NULL;
    RETURN true;
END
$$;

--
-- Name: receipt_status(bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.receipt_status(p_receipt_hash bytea) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN status = 'closed' THEN 'finished'
            WHEN EXISTS (SELECT 1 FROM referral AS r WHERE r.case_id = cases.id) THEN 'in_progress'
            ELSE 'received' END
        FROM cases WHERE receipt_hash = p_receipt_hash
    );
END
$$;

--
-- Name: record_decision(uuid, bigint, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_decision(p_case uuid, p_rule_version bigint, p_explanation jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    UPDATE cases SET routed_at = clock_timestamp() WHERE id = p_case AND routed_at IS NULL;
    RETURN record_event(p_case, NULL, 'case_routed', 'service', 'routing', p_rule_version, p_explanation);
END
$$;

--
-- Name: record_escalation(uuid, uuid, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_escalation(p_case uuid, p_referral uuid, p_data jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    PERFORM record_event(p_case, p_referral, 'case_escalated', 'service', 'routing', NULL, p_data);
END
$$;

--
-- Name: record_event(uuid, uuid, text, text, text, bigint, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_event(p_case uuid, p_referral uuid, p_kind text, p_actor_kind text, p_actor text, p_rule_version bigint, p_data jsonb) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, rule_version, data)
    VALUES (p_case, p_referral, p_kind, p_actor_kind, p_actor, p_rule_version, coalesce(p_data, '{}'));
    RETURN true;
END
$$;

--
-- Name: record_operator_event(text, text, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_operator_event(p_kind text, p_subject text, p_data jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO operator_event (kind, subject, data) VALUES (p_kind, p_subject, jsonb_strip_nulls(p_data));
END
$$;

--
-- Name: record_receipt(text, text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_receipt(p_provider text, p_reference text, p_state text, p_reason text) RETURNS TABLE(message_id uuid, result text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_row message%ROWTYPE;
    v_result text;
BEGIN
    IF p_state NOT IN ('delivered', 'failed') THEN
        RAISE EXCEPTION 'not a state of a receipt' USING ERRCODE = 'DC022';
    END IF;
    SELECT * INTO v_row FROM message AS m WHERE m.provider = p_provider AND m.reference = p_reference
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT NULL::uuid, 'unknown'::text;
        RETURN;
    END IF;
    IF v_row.state = 'sent' THEN
        PERFORM put_message_state(v_row.id, p_state, p_reason, p_provider, NULL, NULL, NULL);
        v_result := p_state;
    ELSIF v_row.state = p_state OR EXISTS (
        SELECT FROM message_event AS e WHERE e.message_id = v_row.id AND e.reason = 'late_receipt_' || p_state)
    THEN
        v_result := 'repeated';
    ELSE
        INSERT INTO message_event (message_id, state, reason, attempt, provider)
        VALUES (v_row.id, v_row.state, 'late_receipt_' || p_state, v_row.attempts, p_provider);
        v_result := 'late';
    END IF;
    RETURN QUERY SELECT v_row.id, v_result;
END
$$;

--
-- Name: record_routing_event(uuid, uuid, text, bigint, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_routing_event(p_case uuid, p_referral uuid, p_kind text, p_rule_version bigint, p_data jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF p_kind NOT IN (
        'referral_withheld', 'referral_rerouted', 'backstop_used', 'follow_up_scheduled', 'follow_up_due')
    THEN
        RAISE EXCEPTION 'not an event of routing' USING ERRCODE = 'DC021';
    END IF;
    PERFORM record_event(p_case, p_referral, p_kind, 'service', 'routing', p_rule_version, p_data);
END
$$;

--
-- Name: referral_received(uuid, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.referral_received(p_agency uuid, p_referral uuid, p_lease text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_case uuid;
    v_agency text;
    v_recorded boolean;
BEGIN
    UPDATE referral AS r SET status = 'received', received_at = coalesce(r.received_at, clock_timestamp())
    FROM agency AS a
    WHERE r.id = p_referral AND r.agency_id = p_agency AND r.status = ANY (ARRAY['requested', 'received']) AND a.id = p_agency
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_received', 'agency', v_agency, NULL,
        jsonb_build_object('lease', p_lease));
    RETURN;
END
$$;

--
-- Name: referrals_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.referrals_of(p_case uuid) RETURNS TABLE(id uuid, number text, agency_id uuid, agency_kind text, division_code text, purpose text, profile text, status text, tier text, outcome_clock text, reason_code text, suggested_kind text, outcome_code text, predecessor_id uuid, rule_version bigint, legal_basis text, consent_basis text, priority smallint, explanation jsonb, requested_at timestamp with time zone, answered_at timestamp with time zone, settled_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.id, r.number, r.agency_id, a.kind, a.division_code, r.purpose, r.profile, r.status, r.tier,
            r.outcome_clock, r.reason_code, r.suggested_kind, r.outcome_code, r.predecessor_id, r.rule_version,
            r.legal_basis, r.consent_basis, r.priority, r.explanation, r.requested_at, r.answered_at, r.settled_at
        FROM referral AS r JOIN agency AS a ON a.id = r.agency_id WHERE r.case_id = p_case ORDER BY r.requested_at, r.id;
END
$$;

--
-- Name: refuse_change(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'DC001';
END
$$;

--
-- Name: refuse_step(uuid, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.refuse_step(p_agency uuid, p_referral uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM 1 FROM referral WHERE id = p_referral AND agency_id = p_agency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no such referral' USING ERRCODE = 'DC030';
    END IF;
    RAISE EXCEPTION 'the referral is not in a state that allows this' USING ERRCODE = 'DC021';
END
$$;

--
-- Name: remove_agency_webhook(text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.remove_agency_webhook(p_code text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_old agency%ROWTYPE;
BEGIN
    PERFORM lock_network();
    SELECT * INTO v_old FROM agency WHERE code = p_code FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_old.webhook_url IS NOT NULL OR v_old.webhook_secret IS NOT NULL THEN
        UPDATE agency SET webhook_url = NULL, webhook_secret = NULL WHERE id = v_old.id;
        PERFORM record_operator_event('agency_webhook_removed', p_code,
            jsonb_build_object('webhook', fingerprint(convert_to(v_old.webhook_url, 'UTF8'))));
    END IF;
    RETURN true;
END
$$;

--
-- Name: report_outcome(uuid, uuid, text[], text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.report_outcome(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_outcome text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
    WHERE r.id = p_referral AND r.agency_id = p_agency AND r.status = ANY (p_expected) AND a.id = p_agency
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_' || p_status, 'agency', v_agency, NULL,
        jsonb_build_object('outcome', p_outcome));
    RETURN v_case;
END
$$;

--
-- Name: report_progress(uuid, uuid, text[], text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.report_progress(p_agency uuid, p_referral uuid, p_expected text[], p_status text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
    WHERE r.id = p_referral AND r.agency_id = p_agency AND r.status = ANY (p_expected) AND a.id = p_agency
    RETURNING r.case_id, a.code INTO v_case, v_agency;
    IF NOT FOUND THEN
        PERFORM refuse_step(p_agency, p_referral);
    END IF;
    v_recorded := record_event(v_case, p_referral, 'referral_' || p_status, 'agency', v_agency, NULL,
        NULL);
    RETURN v_case;
END
$$;

--
-- Name: require_running_clock(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.require_running_clock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid;
BEGIN
    -- Each branch names columns of its own table only; the other's is never looked at.
    IF TG_TABLE_NAME = 'cases' THEN
        v_case := NEW.id;
    ELSE
        v_case := OLD.case_id;
    END IF;
    -- The lock makes two transactions that each end one of two clocks check one after the other, even those that did
    -- not go through end_clock().
    PERFORM 1 FROM cases WHERE id = v_case AND status = 'open' FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (SELECT 1 FROM clock WHERE case_id = v_case AND state = 'running') THEN
        RAISE EXCEPTION 'an open case has no running clock' USING ERRCODE = 'DC002';
    END IF;
    RETURN NULL;
END
$$;

--
-- Name: revoke_agency_keys(uuid, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.revoke_agency_keys(p_agency uuid, p_except uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_key uuid;
    v_count bigint := 0;
BEGIN
    FOR v_key IN
        UPDATE agency_key SET revoked_at = clock_timestamp()
        WHERE agency_id = p_agency AND revoked_at IS NULL AND id IS DISTINCT FROM p_except RETURNING id
    LOOP
        v_count := v_count + 1;
        PERFORM record_operator_event('agency_key_revoked', (SELECT code FROM agency WHERE id = p_agency),
            jsonb_build_object('key', v_key));
    END LOOP;
    RETURN v_count;
END
$$;

--
-- Name: revoke_intake_client(text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.revoke_intake_client(p_name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_old intake_client%ROWTYPE;
BEGIN
    SELECT * INTO v_old FROM intake_client WHERE name = p_name FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_old.revoked_at IS NULL THEN
        UPDATE intake_client SET revoked_at = clock_timestamp() WHERE id = v_old.id;
        PERFORM record_operator_event('client_revoked', p_name, jsonb_build_object('client', v_old.id));
    END IF;
    RETURN true;
END
$$;

--
-- Name: rule_draft_by_id(bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.rule_draft_by_id(p_id bigint) RETURNS TABLE(id bigint, name text, yaml text, loaded_at timestamp with time zone, loaded_by text, version bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT d.id, d.name, d.yaml, d.loaded_at, d.loaded_by, d.version FROM rule_draft AS d WHERE d.id = p_id
$$;

--
-- Name: rule_drafts(integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.rule_drafts(p_limit integer) RETURNS TABLE(id bigint, name text, loaded_at timestamp with time zone, loaded_by text, version bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT d.id, d.name, d.loaded_at, d.loaded_by, d.version FROM rule_draft AS d ORDER BY d.id DESC LIMIT p_limit
$$;

--
-- Name: rule_set_by_version(bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.rule_set_by_version(p_version bigint) RETURNS TABLE(version bigint, yaml text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT version, yaml FROM rule_set WHERE version = p_version;
END
$$;

--
-- Name: set_agency_status(text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_agency_status(p_code text, p_status text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_old agency%ROWTYPE;
BEGIN
    PERFORM lock_network();
    SELECT * INTO v_old FROM agency WHERE code = p_code FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_old.status <> p_status THEN
        UPDATE agency SET status = p_status WHERE id = v_old.id;
        PERFORM record_operator_event(
            CASE p_status WHEN 'suspended' THEN 'agency_suspended' ELSE 'agency_resumed' END, p_code, '{}');
    END IF;
    RETURN true;
END
$$;

--
-- Name: set_referral_status(uuid, text[], text, text, text, bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_referral_status(p_referral uuid, p_expected text[], p_status text, p_code text, p_actor text, p_rule_version bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
    PERFORM record_event(v_case, p_referral, 'referral_' || p_status, 'service', p_actor, p_rule_version,
        jsonb_build_object('code', p_code));
END
$$;

--
-- Name: set_station_email(text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_station_email(p_division text, p_email text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_old station%ROWTYPE;
BEGIN
    PERFORM lock_network();
    SELECT * INTO v_old FROM station WHERE division_code = p_division FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_old.email IS DISTINCT FROM p_email THEN
        UPDATE station SET email = p_email WHERE id = v_old.id;
        PERFORM record_operator_event(
            CASE WHEN p_email IS NULL THEN 'station_email_removed' ELSE 'station_email_set' END, p_division,
            jsonb_build_object('was_set', v_old.email IS NOT NULL));
    END IF;
    RETURN true;
END
$$;

--
-- Name: set_station_mutes(text, text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_station_mutes(p_division text, p_kinds text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    UPDATE station SET muted = p_kinds WHERE division_code = p_division;
    RETURN FOUND;
END
$$;

--
-- Name: settle_message(uuid, text, text, text, text, integer, bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.settle_message(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM message WHERE id = p_message AND state IN ('pending', 'scheduled', 'sending') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM put_message_state(p_message, p_state, p_reason, p_provider, p_reference, p_segments, p_cost);
    RETURN true;
END
$$;

--
-- Name: settle_webhook_delivery(uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.settle_webhook_delivery(p_delivery uuid, p_state text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    UPDATE webhook_delivery SET state = p_state, settled_at = clock_timestamp()
    WHERE id = p_delivery AND state = 'pending';
END
$$;

--
-- Name: start_clock(uuid, uuid, uuid, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.start_clock(p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamp with time zone, p_actor text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    INSERT INTO clock (id, case_id, referral_id, kind, name, basis, due_at, look_at)
    VALUES (p_id, p_case, p_referral, p_kind, p_name, p_basis, p_due_at, p_due_at);
    RETURN record_event(p_case, p_referral, 'clock_started', 'service', p_actor, NULL,
        jsonb_build_object('clock', p_id, 'kind', p_kind, 'name', p_name, 'due_at', p_due_at));
END
$$;

--
-- Name: station_above(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.station_above(p_station uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    WITH RECURSIVE above AS (
        SELECT d.parent_code, 1 AS step FROM station AS s JOIN division AS d ON d.code = s.division_code
        WHERE s.id = p_station
        UNION ALL
        SELECT d.parent_code, above.step + 1 FROM above JOIN division AS d ON d.code = above.parent_code
    )
    SELECT s.id FROM above JOIN station AS s ON s.division_code = above.parent_code
    WHERE s.email IS NOT NULL ORDER BY above.step LIMIT 1
$$;

--
-- Name: stop_contact(uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.stop_contact(p_person uuid, p_actor text) RETURNS TABLE(message_id uuid, case_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid;
BEGIN
    FOR message_id, case_id IN
        SELECT m.id, m.case_id FROM message AS m
        WHERE m.person_id = p_person AND m.state IN ('pending', 'scheduled', 'sending') ORDER BY m.id FOR NO KEY UPDATE
    LOOP
        PERFORM put_message_state(message_id, 'cleared', 'stopped', NULL, NULL, NULL, NULL);
        PERFORM open_staff_task(message_id, 'contact_person', 'stopped');
        RETURN NEXT;
    END LOOP;
    SELECT p.case_id INTO v_case FROM person AS p WHERE p.id = p_person FOR NO KEY UPDATE;
    UPDATE contact_rule SET stopped_at = clock_timestamp() WHERE person_id = p_person AND stopped_at IS NULL;
    IF v_case IS NOT NULL THEN
        PERFORM record_event(v_case, NULL, 'contact_stopped', 'operator', p_actor, NULL,
            jsonb_build_object('person', p_person));
    END IF;
END
$$;

--
-- Name: take_due_clocks(integer, interval); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.take_due_clocks(p_limit integer, p_again_after interval) RETURNS TABLE(id uuid, was_taken boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH due AS MATERIALIZED (
            SELECT k.id, k.look_at > k.due_at AS was_taken FROM clock AS k
            WHERE k.state = 'running' AND k.look_at <= v_now
            ORDER BY k.look_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE clock AS k SET look_at = v_now + p_again_after FROM due AS d WHERE k.id = d.id
        RETURNING k.id, d.was_taken;
END
$$;

--
-- Name: take_idempotency_key(uuid, text, bytea, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.take_idempotency_key(p_client uuid, p_key text, p_request_hash bytea, p_case uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: unrouted_cases(interval, integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.unrouted_cases(p_older_than interval, p_limit integer) RETURNS TABLE(id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: webhook_delivery_by_id(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.webhook_delivery_by_id(p_delivery uuid) RETURNS TABLE(agency_id uuid, url text, secret bytea, event text, state text, referral_number text, created_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT a.id, a.webhook_url, a.webhook_secret, d.event, d.state, r.number, d.created_at
        FROM webhook_delivery AS d JOIN agency AS a ON a.id = d.agency_id JOIN referral AS r ON r.id = d.referral_id
        WHERE d.id = p_delivery;
END
$$;

--
-- Name: whom_to_tell(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.whom_to_tell(p_message uuid) RETURNS TABLE(case_id uuid, audience text, tell uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT m.case_id, m.audience, CASE
        WHEN m.audience = 'person' THEN c.owner_station_id
        WHEN m.lane <= 1 THEN station_above(m.station_id) END
    FROM message AS m JOIN cases AS c ON c.id = m.case_id WHERE m.id = p_message
$$;

--
-- Name: agency_of_session(); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.agency_of_session(OUT id uuid, OUT code text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    SELECT a.id, a.code INTO id, code
    FROM door.agency_login AS l JOIN casework.agency AS a ON a.id = l.agency_id
    WHERE l.login = session_user::text AND a.status = 'active' AND a.public_key IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this login is not an active agency''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

--
-- Name: answer(uuid, text, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, OUT result text, OUT status text, OUT reason_code text) RETURNS record
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_locked record;
BEGIN
    IF p_status <> ALL (ARRAY['accepted', 'rejected', 'objected'])
        OR p_status <> 'accepted' AND is_reason(p_reason) IS NOT TRUE
        OR p_suggested_kind !~ '^[a-z][a-z0-9_]{1,63}$'
    THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    v_locked := locked(p_agency, p_number, p_lease);
    result := v_locked.result;
    status := v_locked.status;
    reason_code := v_locked.reason_code;
    IF result = 'lease_lost' AND p_status = 'accepted' AND v_locked.accepted_lease = p_lease::text THEN
        result := 'done';
        RETURN;
    END IF;
    IF result <> 'done' THEN
        RETURN;
    END IF;
    IF status <> ALL (ARRAY['requested', 'received']) THEN
        result := 'referral_state';
        RETURN;
    END IF;
    IF p_status = 'objected' AND clock_timestamp() > p_not_after THEN
        result := 'objection_too_late';
        RETURN;
    END IF;
    IF p_status = 'accepted' THEN
        PERFORM casework.accept_referral(p_agency, v_locked.referral_id, p_lease::text);
    ELSE
        PERFORM casework.decline_referral(
            p_agency, v_locked.referral_id, p_lease::text, p_status, p_reason, p_suggested_kind, p_not_after);
    END IF;
    PERFORM queue.complete(v_locked.job_id, v_locked.epoch, v_locked.lease_number);
    PERFORM tell_routing(v_locked.referral_id);
    status := p_status;
    reason_code := p_reason;
END
$_$;

--
-- Name: close_login(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.close_login(p_agency_code text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
DECLARE
    v_login text;
BEGIN
    DELETE FROM door.agency_login AS l USING casework.agency AS a
    WHERE a.id = l.agency_id AND a.code = p_agency_code RETURNING l.login INTO v_login;
    IF v_login IS NULL THEN
        RETURN 'no_login';
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN', v_login);
    EXECUTE format('REVOKE dandelion_partner FROM %I', v_login);
    PERFORM casework.record_operator_event('agency_login_closed', p_agency_code, jsonb_build_object('login', v_login));
    RETURN 'done';
END
$$;

--
-- Name: create_login(text, text, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.create_login(p_agency_code text, p_login text, p_verifier text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $_$
DECLARE
    v_agency record;
BEGIN
    IF p_login !~ '^agency_[a-z0-9_]{1,55}$' OR p_verifier !~ '^SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$'
    THEN
        RETURN 'unknown_word';
    END IF;
    SELECT a.id, a.public_key INTO v_agency FROM casework.agency AS a WHERE a.code = p_agency_code;
    IF NOT FOUND THEN
        RETURN 'no_agency';
    ELSIF v_agency.public_key IS NULL THEN
        RETURN 'no_key';
    END IF;
    INSERT INTO door.agency_login (login, agency_id) VALUES (p_login, v_agency.id) ON CONFLICT DO NOTHING;
    IF NOT FOUND AND NOT EXISTS (
        SELECT 1 FROM door.agency_login AS l WHERE l.login = p_login AND l.agency_id = v_agency.id)
    THEN
        RETURN 'taken';
    END IF;
    IF EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = p_login) THEN
        EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', p_login, p_verifier);
    ELSE
        EXECUTE format(
            'CREATE ROLE %I LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 4 PASSWORD %L',
            p_login, p_verifier);
    END IF;
    EXECUTE format('GRANT dandelion_partner TO %I', p_login);
    EXECUTE format('ALTER ROLE %I SET statement_timeout = ''15s''', p_login);
    EXECUTE format('ALTER ROLE %I SET lock_timeout = ''5s''', p_login);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''15s''', p_login);
    EXECUTE format('ALTER ROLE %I SET idle_session_timeout = ''15min''', p_login);
    PERFORM casework.record_operator_event('agency_login_set', p_agency_code, jsonb_build_object('login', p_login));
    RETURN 'done';
END
$_$;

--
-- Name: extend(uuid, text, uuid, interval); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_locked record;
BEGIN
    v_locked := locked(p_agency, p_number, p_lease);
    result := v_locked.result;
    IF result = 'done' THEN
        expires_at := queue.extend(v_locked.job_id, v_locked.epoch, v_locked.lease_number, p_lease_for);
    END IF;
END
$$;

--
-- Name: hand_back(uuid, text, uuid, interval, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text, OUT result text) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_locked record;
BEGIN
    v_locked := locked(p_agency, p_number, p_lease);
    result := v_locked.result;
    IF result <> 'done' THEN
        RETURN;
    END IF;
    IF p_code IS NULL THEN
        PERFORM queue.snooze(v_locked.job_id, v_locked.epoch, v_locked.lease_number, p_delay);
    ELSE
        PERFORM queue.fail(v_locked.job_id, v_locked.epoch, v_locked.lease_number, p_code, p_delay);
    END IF;
END
$$;

--
-- Name: is_outcome(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.is_outcome(p_outcome text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT p_outcome = ANY (ARRAY[
        'danger_averted', 'warning_letter_issued', 'report_accepted', 'protection_order_issued',
        'protection_order_refused', 'placed_safely', 'guardianship_arranged', 'reconciled',
        'agreement_reached', 'mediation_failed', 'separated_safely', 'returned_home', 'legal_aid_granted',
        'legal_aid_refused', 'counselling_given', 'aid_delivered', 'employed', 'training_arranged', 'treated',
        'advice_given', 'resolved', 'not_resolved', 'unreachable'])
$$;

--
-- Name: is_reason(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.is_reason(p_reason text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT p_reason = ANY (ARRAY[
        'not_our_jurisdiction', 'not_our_duty', 'not_eligible', 'no_capacity', 'insufficient_information',
        'conflict_of_interest', 'already_handled', 'person_unreachable', 'other'])
$$;

--
-- Name: lease(uuid, integer, interval, text, boolean); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text, p_records boolean) RETURNS TABLE(lease uuid, expires_at timestamp with time zone, attempt integer, referral_id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamp with time zone, disclosure uuid, refused text)
    LANGUAGE plpgsql
    AS $_$
#variable_conflict use_column
DECLARE
    v_job record;
    v_referral record;
BEGIN
    FOR v_job IN
        SELECT * FROM queue.claim(queue_of(p_agency), p_limit, NULL, p_lease_for, queue_of(p_agency))
    LOOP
        lease := v_job.lease_alias;
        expires_at := v_job.lease_expires_at;
        attempt := v_job.attempt;
        referral_id := NULL; number := NULL; purpose := NULL; legal_basis := NULL; tier := NULL; answer_due_at := NULL;
        disclosure := NULL;
        refused := NULL;
        IF v_job.kind <> 'referral_offered' OR v_job.args ->> 'version' IS DISTINCT FROM '1'
            OR (v_job.args ->> 'referral_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') IS NOT TRUE
        THEN
            -- Of a newer version than this one knows: a later one gets its chance.
            refused := 'undecodable_arguments';
            PERFORM queue.fail(
                v_job.id, v_job.lease_epoch, v_job.lease_number, refused, pause_after(v_job.attempt));
            RETURN NEXT;
            CONTINUE;
        END IF;
        SELECT * INTO v_referral
        FROM casework.lock_agency_referral(p_agency, (v_job.args ->> 'referral_id')::uuid, NULL);
        IF NOT FOUND THEN
            refused := 'referral_not_of_this_agency';
            PERFORM queue.discard(v_job.id, v_job.lease_epoch, v_job.lease_number, refused);
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF v_referral.status <> ALL (ARRAY['requested', 'received']) THEN
            refused := 'referral_not_open';
            PERFORM queue.cancel_leased(v_job.id, v_job.lease_epoch, v_job.lease_number, refused);
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF p_records THEN
            disclosure := record_package(p_agency, v_referral.id, v_referral.purpose, v_referral.legal_basis,
                p_requested_by || ' ' || v_job.lease_alias::text);
            IF disclosure IS NULL THEN
                refused := 'package_unreadable';
                PERFORM queue.fail(
                    v_job.id, v_job.lease_epoch, v_job.lease_number, refused, pause_after(v_job.attempt));
                RETURN NEXT;
                CONTINUE;
            END IF;
        END IF;
        PERFORM casework.referral_received(p_agency, v_referral.id, v_job.lease_alias::text);
        referral_id := v_referral.id;
        number := v_referral.number;
        purpose := v_referral.purpose;
        legal_basis := v_referral.legal_basis;
        tier := v_referral.tier;
        answer_due_at := v_referral.answer_due_at;
        RETURN NEXT;
    END LOOP;
END
$_$;

--
-- Name: locked(uuid, text, uuid); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.locked(p_agency uuid, p_number text, p_lease uuid, OUT result text, OUT job_id bigint, OUT epoch integer, OUT lease_number bigint, OUT referral_id uuid, OUT status text, OUT reason_code text, OUT accepted_lease text, OUT purpose text, OUT legal_basis text) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_job record;
    v_referral record;
BEGIN
    SELECT * INTO v_job FROM queue.lease_by_alias(p_lease, queue_of(p_agency));
    IF FOUND THEN
        SELECT * INTO v_referral
        FROM casework.lock_agency_referral(p_agency, (v_job.args ->> 'referral_id')::uuid, NULL);
        IF NOT FOUND OR v_referral.number <> p_number THEN
            result := 'not_yours';
            RETURN;
        END IF;
        result := 'done';
        job_id := v_job.id;
        epoch := v_job.lease_epoch;
        lease_number := v_job.lease_number;
    ELSE
        SELECT * INTO v_referral FROM casework.lock_agency_referral(p_agency, NULL, p_number);
        IF NOT FOUND THEN
            result := 'not_yours';
            RETURN;
        END IF;
        result := 'lease_lost';
    END IF;
    referral_id := v_referral.id;
    status := v_referral.status;
    reason_code := v_referral.reason_code;
    accepted_lease := v_referral.accepted_lease;
    purpose := v_referral.purpose;
    legal_basis := v_referral.legal_basis;
END
$$;

--
-- Name: partner_answer(text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.partner_answer(p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
    v_answer record;
BEGIN
    v_answer := door.answer(
        v_agency.id, v_lease.number, v_lease.alias, p_status, p_reason, p_suggested_kind, p_not_after);
    IF v_answer.result = 'done' THEN
        PERFORM pg_catalog.pg_notify('queue_ready', 'routing');
    END IF;
    RETURN v_answer.result;
END
$$;

--
-- Name: parts_of(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.parts_of(p_lease text, OUT number text, OUT alias uuid) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
BEGIN
    IF p_lease ~ '^[0-9A-Z-]{1,40}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        number := split_part(p_lease, '.', 1);
        alias := split_part(p_lease, '.', 2)::uuid;
    END IF;
END
$_$;

--
-- Name: pause_after(integer); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.pause_after(p_attempt integer) RETURNS interval
    LANGUAGE sql
    AS $$
    SELECT make_interval(secs => least(600, 5 * power(2, least(p_attempt, 10) - 1)) * (0.5 + random() / 2))
$$;

--
-- Name: queue_of(uuid); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.queue_of(p_agency uuid) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT 'agency.' || p_agency::text
$$;

--
-- Name: record_package(uuid, uuid, text, text, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.record_package(p_agency uuid, p_referral uuid, p_purpose text, p_legal_basis text, p_requested_by text) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_id uuid := gen_random_uuid();
BEGIN
    PERFORM 1 FROM safeguarding.describe_sealed_package(p_referral, p_agency);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM safeguarding.record_package_disclosure(v_id, p_referral, p_agency, p_purpose, p_legal_basis, p_requested_by);
    RETURN v_id;
END
$$;

--
-- Name: report(uuid, text, text, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.report(p_agency uuid, p_number text, p_status text, p_outcome text, OUT result text, OUT status text, OUT outcome_code text) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_referral record;
    v_ends boolean := p_status = ANY (ARRAY['completed', 'failed', 'no_show']);
BEGIN
    IF sources_of(p_status) IS NULL OR v_ends AND is_outcome(p_outcome) IS NOT TRUE
        OR NOT v_ends AND p_outcome IS NOT NULL
    THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    SELECT * INTO v_referral FROM casework.lock_agency_referral(p_agency, NULL, p_number);
    IF NOT FOUND THEN
        result := 'not_yours';
        RETURN;
    END IF;
    status := v_referral.status;
    outcome_code := v_referral.outcome_code;
    IF status <> ALL (sources_of(p_status)) THEN
        result := CASE WHEN status = p_status AND outcome_code IS NOT DISTINCT FROM p_outcome THEN 'done'
            ELSE 'referral_state' END;
        RETURN;
    END IF;
    IF v_ends THEN
        PERFORM casework.report_outcome(p_agency, v_referral.id, ARRAY[status], p_status, p_outcome);
        PERFORM tell_routing(v_referral.id);
    ELSE
        PERFORM casework.report_progress(p_agency, v_referral.id, ARRAY[status], p_status);
    END IF;
    result := 'done';
    status := p_status;
    outcome_code := p_outcome;
END
$$;

--
-- Name: sources_of(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.sources_of(p_status text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE p_status
        WHEN 'scheduled' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold']
        WHEN 'in_progress' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold']  -- repeated for reports that change nothing else
        WHEN 'on_hold' THEN ARRAY['accepted', 'scheduled', 'in_progress']
        WHEN 'completed' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold', 'cancel_requested']
        WHEN 'failed' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold']
        WHEN 'no_show' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold']
    END
$$;

--
-- Name: tell_routing(uuid); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.tell_routing(p_referral uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM queue.enqueue(
        'routing', 'referral_answered', jsonb_build_object('referral_id', p_referral, 'version', 1));
END
$$;

--
-- Name: answer(uuid, text, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, OUT result text, OUT status text, OUT reason_code text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    SELECT * INTO result, status, reason_code
    FROM door.answer(p_agency, p_number, p_lease, p_status, p_reason, p_suggested_kind, p_not_after);
END
$$;

--
-- Name: extend(uuid, text, uuid, interval); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    SELECT * INTO result, expires_at FROM door.extend(p_agency, p_number, p_lease, p_lease_for);
END
$$;

--
-- Name: hand_back(uuid, text, uuid, interval, text); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN (door.hand_back(p_agency, p_number, p_lease, p_delay, p_code));
END
$$;

--
-- Name: lease(uuid, integer, interval, text); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) RETURNS TABLE(lease uuid, expires_at timestamp with time zone, attempt integer, referral_id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamp with time zone, disclosure uuid, refused text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN QUERY SELECT * FROM door.lease(p_agency, p_limit, p_lease_for, p_requested_by, true);
END
$$;

--
-- Name: report(uuid, text, text, text); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.report(p_agency uuid, p_number text, p_status text, p_outcome text, OUT result text, OUT status text, OUT outcome_code text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    SELECT * INTO result, status, outcome_code FROM door.report(p_agency, p_number, p_status, p_outcome);
END
$$;

--
-- Name: accept(text); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.accept(p_lease text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN door.partner_answer(p_lease, 'accepted', NULL, NULL, NULL);
END
$$;

--
-- Name: extend(text, integer); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.extend(p_lease text, p_lease_seconds integer DEFAULT 900, OUT result text, OUT expires_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
BEGIN
    SELECT * INTO result, expires_at
    FROM door.extend(
        v_agency.id, v_lease.number, v_lease.alias, make_interval(secs => least(greatest(p_lease_seconds, 30), 3600)));
END
$$;

--
-- Name: hand_back(text, integer); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.hand_back(p_lease text, p_delay_seconds integer DEFAULT 0) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
BEGIN
    RETURN (door.hand_back(
        v_agency.id, v_lease.number, v_lease.alias,
        make_interval(secs => least(greatest(p_delay_seconds, 0), 3600)), NULL));
END
$$;

--
-- Name: lease(integer, integer); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.lease(p_max integer DEFAULT 1, p_lease_seconds integer DEFAULT 900) RETURNS TABLE(lease text, expires_at timestamp with time zone, attempt integer, referral text, purpose text, legal_basis text, tier text, answer_due_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
BEGIN
    RETURN QUERY
        SELECT l.number || '.' || l.lease::text, l.expires_at, l.attempt, l.number, l.purpose, l.legal_basis, l.tier,
            l.answer_due_at
        FROM door.lease(
            v_agency.id, least(greatest(p_max, 1), 100),
            make_interval(secs => least(greatest(p_lease_seconds, 30), 3600)), v_agency.code, false) AS l
        WHERE l.refused IS NULL;
END
$$;

--
-- Name: read_package(uuid); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.read_package(p_disclosure uuid) RETURNS TABLE(referral text, profile text, fields text[], sealed bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_referral record;
BEGIN
    SELECT r.id, r.number INTO v_referral
    FROM safeguarding.disclosure AS d JOIN casework.referral AS r ON r.id = d.referral_id
    WHERE d.id = p_disclosure AND d.agency_id = v_agency.id
        AND r.status <> ALL (ARRAY['cancelled', 'revoked', 'entered_in_error']);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT v_referral.number, p.profile, p.fields, p.sealed
        FROM safeguarding.read_sealed_package(p_disclosure, v_referral.id, v_agency.id) AS p;
EXCEPTION WHEN SQLSTATE 'DC101' OR SQLSTATE 'DC102' OR SQLSTATE 'DC103' THEN
    RETURN;
END
$$;

--
-- Name: referrals(integer); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.referrals(p_limit integer DEFAULT 50) RETURNS TABLE(referral text, purpose text, status text, legal_basis text, tier text, requested_at timestamp with time zone, received_at timestamp with time zone, answered_at timestamp with time zone, settled_at timestamp with time zone, reason text, outcome text, answer_due_at timestamp with time zone, outcome_due_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
BEGIN
    RETURN QUERY
        SELECT r.number, r.purpose, r.status, r.legal_basis, r.tier, r.requested_at, r.received_at, r.answered_at,
            r.settled_at, r.reason_code, r.outcome_code, r.answer_due_at, r.outcome_due_at
        FROM casework.agency_referrals(v_agency.id, NULL, NULL, least(greatest(p_limit, 1), 200)) AS r;
END
$$;

--
-- Name: reject(text, text, text); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.reject(p_lease text, p_reason text, p_suggested_kind text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN door.partner_answer(p_lease, 'rejected', p_reason, p_suggested_kind, NULL);
END
$$;

--
-- Name: report(text, text, text); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.report(p_referral text, p_status text, p_outcome text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_report record;
BEGIN
    v_report := door.report(v_agency.id, p_referral, p_status, p_outcome);
    IF v_report.result = 'done' AND p_outcome IS NOT NULL THEN
        PERFORM pg_catalog.pg_notify('queue_ready', 'routing');
    END IF;
    RETURN v_report.result;
END
$$;

--
-- Name: request_package(text); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.request_package(p_lease text, OUT result text, OUT disclosure uuid) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
    v_locked record;
BEGIN
    v_locked := door.locked(v_agency.id, v_lease.number, v_lease.alias);
    result := v_locked.result;
    IF result <> 'done' THEN
        RETURN;
    END IF;
    IF v_locked.status <> ALL (ARRAY['requested', 'received']) THEN
        result := 'referral_state';
        RETURN;
    END IF;
    disclosure := door.record_package(
        v_agency.id, v_locked.referral_id, v_locked.purpose, v_locked.legal_basis,
        v_agency.code || ' ' || v_lease.alias::text);
    IF disclosure IS NULL THEN
        result := 'no_package';
    END IF;
END
$$;

--
-- Name: add_error(jsonb, integer, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.add_error(p_errors jsonb, p_attempt integer, p_code text) RETURNS jsonb
    LANGUAGE sql
    AS $$
    SELECT (CASE WHEN jsonb_array_length(p_errors) >= 20 THEN p_errors - 0 ELSE p_errors END)
        || jsonb_build_object('attempt', p_attempt, 'code', p_code, 'at', clock_timestamp())
$$;

--
-- Name: advance(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.advance(p_queue text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
DECLARE
    v_top bigint;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NULL AND current_setting('transaction_isolation') = 'read committed' THEN
        SELECT last_value INTO v_top FROM job_position;
        PERFORM advance_lanes(p_queue, v_top);
    END IF;
END
$$;

--
-- Name: advance_lanes(text, bigint); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.advance_lanes(p_queue text, p_top bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_lane lane%ROWTYPE;
    v_first bigint;
BEGIN
    FOR v_priority IN 0..9 LOOP
        SELECT l.* INTO v_lane FROM lane AS l WHERE l.queue = p_queue AND l.priority = v_priority
        FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            INSERT INTO lane (queue, priority, low, mark_position, mark_transaction, advanced_at)
            SELECT p_queue, v_priority, 0, p_top, pg_current_xact_id(), clock_timestamp()
            WHERE EXISTS (SELECT 1 FROM job_ready AS j WHERE j.queue = p_queue AND j.priority = v_priority)
            ON CONFLICT DO NOTHING;
            CONTINUE;
        END IF;
        CONTINUE WHEN v_lane.advanced_at > clock_timestamp() - interval '1 second'
            OR v_lane.mark_transaction > pg_snapshot_xmin(pg_current_snapshot());
        -- A job that another is just claiming is still seen as available here, and may be so again.
        SELECT j.position INTO v_first FROM job_ready AS j
        WHERE j.queue = p_queue AND j.priority = v_priority AND j.position > v_lane.low
            AND j.position <= v_lane.mark_position AND j.state = 'available'
        ORDER BY j.position LIMIT 1;
        UPDATE lane
        SET low = greatest(low, coalesce(v_first - 1, mark_position)), mark_position = p_top,
            mark_transaction = pg_current_xact_id(), advanced_at = clock_timestamp()
        WHERE queue = p_queue AND priority = v_priority;
    END LOOP;
END
$$;

--
-- Name: cancel(uuid, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.cancel(p_alias uuid, p_code text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_id bigint;
    v_state text;
BEGIN
    FOR v_try IN 1..10 LOOP
        BEGIN
            SELECT id, state INTO v_id, v_state FROM job WHERE alias = p_alias FOR UPDATE;
            EXIT;
        EXCEPTION WHEN serialization_failure THEN
            IF v_try = 10 THEN RAISE; END IF;
        END;
    END LOOP;
    IF v_id IS NULL THEN
        RAISE EXCEPTION 'no such live job' USING ERRCODE = 'DQ002';
    END IF;
    IF v_state = 'running' THEN
        UPDATE job_ready SET cancel_requested_at = clock_timestamp() WHERE id = v_id;
        -- Rare enough to be rung in the transaction: the worker looks for what it is to stop without waiting for its beat.
        NOTIFY queue_cancel;
        RETURN 'requested';
    END IF;
    PERFORM finish(v_id, 'cancelled', p_code);
    RETURN 'cancelled';
END
$$;

--
-- Name: cancel_leased(bigint, integer, bigint, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.cancel_leased(p_id bigint, p_epoch integer, p_number bigint, p_code text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    PERFORM finish(p_id, 'cancelled', p_code);
END
$$;

--
-- Name: cancel_unique(text, text, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.cancel_unique(p_kind text, p_unique_key text, p_code text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
DECLARE
    v_alias uuid;
BEGIN
    SELECT alias INTO v_alias FROM unique_job WHERE kind = p_kind AND unique_key = p_unique_key;
    IF NOT FOUND THEN
        RETURN 'absent';
    END IF;
    RETURN cancel(v_alias, p_code);
EXCEPTION WHEN SQLSTATE 'DQ002' THEN
    RETURN 'absent';  -- It finished between the two statements.
END
$$;

--
-- Name: cancel_waiting(text, text, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.cancel_waiting(p_kind text, p_unique_key text, p_code text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_id bigint;
BEGIN
    SELECT job_id INTO v_id FROM unique_job WHERE kind = p_kind AND unique_key = p_unique_key;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM 1 FROM job WHERE id = v_id AND state <> 'running' FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        PERFORM finish(v_id, 'cancelled', p_code);
    END IF;
END
$$;

--
-- Name: claim(text, integer, uuid, interval, text, bigint[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.claim(p_queue text, p_limit integer, p_worker uuid DEFAULT NULL::uuid, p_lease_for interval DEFAULT NULL::interval, p_holder text DEFAULT NULL::text, p_after bigint[] DEFAULT NULL::bigint[]) RETURNS TABLE(id bigint, alias uuid, kind text, args jsonb, attempt integer, max_attempts integer, lease_epoch integer, lease_number bigint, lease_alias uuid, lease_expires_at timestamp with time zone, created_at timestamp with time zone, priority integer, "position" bigint, is_limited boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    v_epoch integer := primary_epoch();
    v_is_paused boolean;
    v_is_limited boolean;
    v_limit integer := p_limit;
    v_after bigint[];
    v_top bigint;
    v_count integer;
BEGIN
    IF (p_worker IS NULL) = (p_lease_for IS NULL) THEN
        RAISE EXCEPTION 'a claim names either a worker or a lease time' USING ERRCODE = 'DQ004';
    END IF;
    IF p_after IS NOT NULL AND (array_ndims(p_after) <> 1 OR cardinality(p_after) <> 10) THEN
        RAISE EXCEPTION 'a claim''s positions are ten' USING ERRCODE = 'DQ004';
    END IF;
    -- About once in two thousand jobs; before this transaction gets its number.
    IF random() * 2000 < p_limit AND pg_current_xact_id_if_assigned() IS NULL
        AND current_setting('transaction_isolation') = 'read committed'
    THEN
        SELECT last_value INTO v_top FROM job_position;
    END IF;
    IF p_worker IS NOT NULL THEN
        -- Held to the commit: a worker that is given up is given up with all its claims.
        PERFORM 1 FROM worker AS w WHERE w.id = p_worker AND w.expires_at > clock_timestamp() FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the worker is not registered or was given up' USING ERRCODE = 'DQ003';
        END IF;
    END IF;
    SELECT
        EXISTS (SELECT 1 FROM paused_queue AS q WHERE q.queue = p_queue),
        EXISTS (SELECT 1 FROM queue_limit AS l WHERE l.queue = p_queue),
        coalesce(p_after, ARRAY(
            SELECT coalesce(l.low, 0) FROM generate_series(0, 9) AS p
            LEFT JOIN lane AS l ON l.queue = p_queue AND l.priority = p ORDER BY p))
    INTO v_is_paused, v_is_limited, v_after;
    IF v_is_paused THEN
        RETURN;
    END IF;
    IF v_is_limited THEN
        v_limit := take_permits(p_queue, p_limit);
        IF v_limit = 0 THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
        WITH claimed AS MATERIALIZED (
            SELECT taken.address
            FROM (
                SELECT a.priority, a.after
                FROM (
                    SELECT (n - 1)::smallint AS priority, after FROM unnest(v_after) WITH ORDINALITY AS u (after, n)
                ) AS a CROSS JOIN LATERAL (
                    SELECT j.scheduled_at FROM job_ready AS j
                    WHERE j.queue = p_queue AND j.priority = a.priority AND j.position > a.after
                        AND j.state = 'available'
                    ORDER BY j.position LIMIT 1
                ) AS head
                ORDER BY a.priority > 0,
                    a.priority - extract(epoch FROM clock_timestamp() - head.scheduled_at) / 600, a.priority
            ) AS lane CROSS JOIN LATERAL (
                SELECT j.ctid AS address FROM job_ready AS j
                WHERE j.queue = p_queue AND j.priority = lane.priority AND j.position > lane.after
                    AND j.state = 'available'
                ORDER BY j.position LIMIT v_limit FOR NO KEY UPDATE SKIP LOCKED
            ) AS taken
            LIMIT v_limit
        ), leased AS (
            UPDATE job_ready AS j
            SET state = 'running', attempt = j.attempt + 1, attempted_at = clock_timestamp(), lease_epoch = v_epoch,
                lease_number = nextval('queue.lease_number'),
                lease_alias = CASE WHEN p_worker IS NULL THEN gen_random_uuid() END,
                lease_expires_at = clock_timestamp() + p_lease_for, worker_id = p_worker, holder = p_holder,
                has_permit = v_is_limited
            FROM claimed AS c WHERE j.ctid = c.address
            RETURNING j.id, j.alias, j.kind, j.args, j.attempt::integer, j.max_attempts::integer, j.lease_epoch,
                j.lease_number, coalesce(j.lease_alias, j.alias), j.lease_expires_at, j.created_at,
                j.priority::integer, j.position, v_is_limited
        ), noted AS (
            INSERT INTO worker_claim (worker_id, number, jobs)
            SELECT p_worker, min(l.lease_number), array_agg(l.id) FROM leased AS l
            WHERE p_worker IS NOT NULL HAVING count(*) > 0
        )
        SELECT l.* FROM leased AS l;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_is_limited AND v_count > 0 THEN
        PERFORM use_permits(p_queue, v_count);
    END IF;
    IF v_top IS NOT NULL AND v_count > 0 THEN
        PERFORM advance_lanes(p_queue, v_top);
    END IF;
END
$$;

--
-- Name: clear_limit(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.clear_limit(p_queue text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    -- The permits stay with their jobs: a limit that is set again finds them counted.
    DELETE FROM queue_limit WHERE queue = p_queue;
END
$$;

--
-- Name: compact_claims(uuid, bigint); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.compact_claims(p_worker uuid, p_after bigint DEFAULT NULL::bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_number bigint := nextval('queue.lease_number');
BEGIN
    WITH old AS (
        DELETE FROM worker_claim AS c
        WHERE c.worker_id = p_worker AND c.number >= coalesce(p_after, 0) RETURNING c.jobs
    ), held AS (
        SELECT j.id FROM old, unnest(old.jobs) AS o (id) JOIN job_ready AS j ON j.id = o.id
        WHERE j.state = 'running' AND j.worker_id = p_worker
    )
    INSERT INTO worker_claim (worker_id, number, jobs)
    SELECT p_worker, v_number, array_agg(h.id) FROM held AS h HAVING count(*) > 0;
    RETURN v_number;
END
$$;

--
-- Name: complete(bigint, integer, bigint); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.complete(p_id bigint, p_epoch integer, p_number bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_end timestamptz;
    v_queue text;
    v_kind text;
    v_key text;
    v_has_permit boolean;
BEGIN
    WITH gone AS (
        DELETE FROM job_ready
        WHERE id = p_id AND state = 'running' AND lease_epoch = p_epoch AND lease_number = p_number
        RETURNING job_ready.*
    ), kept AS (
        INSERT INTO job_history (
            id, alias, queue, kind, args, priority, state, attempt, max_attempts, unique_key, created_at, attempted_at,
            finished_at, lease_epoch, lease_number, worker_id, holder, code, errors)
        SELECT id, alias, queue, kind, args, priority, 'completed', attempt, max_attempts, unique_key, created_at,
            attempted_at, clock_timestamp(), lease_epoch, lease_number, worker_id, holder, NULL, errors
        FROM gone
    )
    SELECT lease_expires_at, queue, kind, unique_key, has_permit
    INTO v_end, v_queue, v_kind, v_key, v_has_permit FROM gone;
    -- The clock is read after the lock was had: the wait for it may have outlived the lease.
    IF NOT FOUND OR v_end <= clock_timestamp() OR p_epoch <> primary_epoch() THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'DQ001';
    END IF;
    IF v_key IS NOT NULL THEN
        DELETE FROM unique_job WHERE kind = v_kind AND unique_key = v_key AND job_id = p_id;
    END IF;
    IF v_has_permit THEN
        INSERT INTO permit (queue, change) VALUES (v_queue, -1);
    END IF;
END
$$;

--
-- Name: complete_many(bigint[], integer[], bigint[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_epoch integer := primary_epoch();
BEGIN
    RETURN QUERY
        WITH wanted AS MATERIALIZED (  -- in id order, so that two batches cannot deadlock
            SELECT w.id, w.epoch, w.number FROM unnest(p_ids, p_epochs, p_numbers) AS w (id, epoch, number)
            WHERE w.epoch = v_epoch ORDER BY w.id
        ), gone AS (
            DELETE FROM job_ready AS j USING wanted AS w
            WHERE j.id = w.id AND j.state = 'running' AND j.lease_epoch = w.epoch AND j.lease_number = w.number
                AND (j.lease_expires_at IS NULL OR j.lease_expires_at > clock_timestamp())
            RETURNING j.*
        ), kept AS (
            INSERT INTO job_history (
                id, alias, queue, kind, args, priority, state, attempt, max_attempts, unique_key, created_at,
                attempted_at, finished_at, lease_epoch, lease_number, worker_id, holder, code, errors)
            SELECT g.id, g.alias, g.queue, g.kind, g.args, g.priority, 'completed', g.attempt, g.max_attempts,
                g.unique_key, g.created_at, g.attempted_at, clock_timestamp(), g.lease_epoch, g.lease_number,
                g.worker_id, g.holder, NULL, g.errors
            FROM gone AS g
        ), freed AS (
            DELETE FROM unique_job AS u USING gone AS g
            WHERE g.unique_key IS NOT NULL AND u.kind = g.kind AND u.unique_key = g.unique_key AND u.job_id = g.id
        ), returned AS (
            INSERT INTO permit (queue, change)
            SELECT g.queue, -count(*) FROM gone AS g WHERE g.has_permit GROUP BY g.queue
        )
        SELECT g.id FROM gone AS g;
END
$$;

--
-- Name: deregister_worker(uuid); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.deregister_worker(p_id uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    DELETE FROM worker WHERE id = p_id
$$;

--
-- Name: discard(bigint, integer, bigint, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.discard(p_id bigint, p_epoch integer, p_number bigint, p_code text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    PERFORM finish(p_id, 'discarded', p_code);
END
$$;

--
-- Name: elect(text, uuid, interval); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.elect(p_name text, p_holder uuid, p_for interval) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    INSERT INTO leader AS l (name, holder, term, expires_at)
    VALUES (p_name, p_holder, 1, clock_timestamp() + p_for)
    ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, expires_at = clock_timestamp() + p_for,
        term = CASE WHEN l.holder = excluded.holder THEN l.term ELSE l.term + 1 END
    WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
    RETURNING l.term
$$;

--
-- Name: enqueue(text, text, jsonb, integer, timestamp with time zone, integer, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer DEFAULT 4, p_scheduled_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_max_attempts integer DEFAULT 25, p_unique_key text DEFAULT NULL::text) RETURNS TABLE(id bigint, alias uuid, inserted boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    v_id bigint;
    v_alias uuid;
BEGIN
    IF (length(p_queue) BETWEEN 1 AND 200 AND length(p_kind) BETWEEN 1 AND 200 AND p_priority BETWEEN 0 AND 9
        AND p_max_attempts BETWEEN 1 AND 32767) IS NOT TRUE
    THEN
        PERFORM refuse_job(p_queue, p_kind, p_priority);
    END IF;
    LOOP
        v_id := nextval('queue.job_id');
        v_alias := new_alias();
        EXIT WHEN p_unique_key IS NULL;
        INSERT INTO unique_job (kind, unique_key, job_id, alias) VALUES (p_kind, p_unique_key, v_id, v_alias)
        ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
        SELECT u.job_id, u.alias INTO v_id, v_alias FROM unique_job AS u
        WHERE u.kind = p_kind AND u.unique_key = p_unique_key;
        -- Not found: the holder of the key finished between the two statements. A key whose job is gone holds nobody
        -- up.
        CONTINUE WHEN NOT FOUND;
        PERFORM 1 FROM job AS j WHERE j.id = v_id;
        IF FOUND THEN
            RETURN QUERY SELECT v_id, v_alias, false;
            RETURN;
        END IF;
        DELETE FROM unique_job AS u WHERE u.kind = p_kind AND u.unique_key = p_unique_key AND u.job_id = v_id;
    END LOOP;
    IF p_scheduled_at > clock_timestamp() THEN
        INSERT INTO job_deferred (
            id, alias, queue, kind, args, priority, state, position, max_attempts, unique_key, scheduled_at)
        VALUES (
            v_id, v_alias, p_queue, p_kind, p_args, p_priority, 'scheduled', NULL, p_max_attempts, p_unique_key,
            p_scheduled_at);
    ELSE
        INSERT INTO job_ready (id, alias, queue, kind, args, priority, state, max_attempts, unique_key, scheduled_at)
        VALUES (
            v_id, v_alias, p_queue, p_kind, p_args, p_priority, 'available', p_max_attempts, p_unique_key,
            coalesce(p_scheduled_at, clock_timestamp()));
    END IF;
    RETURN QUERY SELECT v_id, v_alias, true;
END
$$;

--
-- Name: enqueue_many(text, text, jsonb[], integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer DEFAULT 4) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
DECLARE
    v_count bigint;
BEGIN
    IF (length(p_queue) BETWEEN 1 AND 200 AND length(p_kind) BETWEEN 1 AND 200 AND p_priority BETWEEN 0 AND 9) IS NOT TRUE
    THEN
        PERFORM refuse_job(p_queue, p_kind, p_priority);
    END IF;
    INSERT INTO job_ready (queue, kind, args, priority, state)
    SELECT p_queue, p_kind, a, p_priority, 'available' FROM unnest(p_args) AS a;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

--
-- Name: extend(bigint, integer, bigint, interval); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.extend(p_id bigint, p_epoch integer, p_number bigint, p_lease_for interval) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_end timestamptz;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    UPDATE job_ready SET lease_expires_at = greatest(lease_expires_at, clock_timestamp() + p_lease_for)
    WHERE id = p_id AND lease_expires_at IS NOT NULL RETURNING lease_expires_at INTO v_end;
    RETURN v_end;
END
$$;

--
-- Name: fail(bigint, integer, bigint, text, interval); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.fail(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_retry_after interval) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_job job_ready%ROWTYPE;
    v_errors jsonb;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    SELECT j.* INTO v_job FROM job_ready AS j WHERE j.id = p_id;
    v_errors := add_error(v_job.errors, v_job.attempt, p_code);
    IF v_job.cancel_requested_at IS NOT NULL THEN
        PERFORM finish(p_id, 'cancelled', p_code, v_errors);
        RETURN 'cancelled';
    END IF;
    IF v_job.attempt >= v_job.max_attempts THEN
        PERFORM finish(p_id, 'discarded', p_code, v_errors);
        RETURN 'discarded';
    END IF;
    PERFORM put_back(p_id, 'retryable', p_retry_after, v_job.attempt, v_errors);
    RETURN 'retryable';
END
$$;

--
-- Name: finish(bigint, text, text, jsonb); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.finish(p_id bigint, p_state text, p_code text, p_errors jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_job job%ROWTYPE;
BEGIN
    DELETE FROM job WHERE id = p_id RETURNING * INTO v_job;
    INSERT INTO job_history (
        id, alias, queue, kind, args, priority, state, attempt, max_attempts, unique_key, created_at, attempted_at,
        finished_at, lease_epoch, lease_number, worker_id, holder, code, errors)
    VALUES (
        v_job.id, v_job.alias, v_job.queue, v_job.kind, v_job.args, v_job.priority, p_state, v_job.attempt,
        v_job.max_attempts, v_job.unique_key, v_job.created_at, v_job.attempted_at, clock_timestamp(),
        v_job.lease_epoch, v_job.lease_number, v_job.worker_id, v_job.holder, p_code, coalesce(p_errors, v_job.errors));
    IF v_job.unique_key IS NOT NULL THEN
        DELETE FROM unique_job WHERE kind = v_job.kind AND unique_key = v_job.unique_key AND job_id = p_id;
    END IF;
    IF v_job.has_permit THEN
        INSERT INTO permit (queue, change) VALUES (v_job.queue, -1);
    END IF;
END
$$;

--
-- Name: heartbeat(uuid, integer, boolean, interval); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.heartbeat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval) RETURNS TABLE(cancelled_job bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    UPDATE worker SET seen_at = clock_timestamp(), expires_at = clock_timestamp() + p_alive_for,
        running = p_running, draining = p_draining
    WHERE worker.id = p_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the worker is not registered or was given up' USING ERRCODE = 'DQ003';
    END IF;
    RETURN QUERY
        SELECT j.id FROM job_ready AS j
        WHERE j.cancel_requested_at IS NOT NULL AND j.worker_id = p_id AND j.state = 'running';
END
$$;

--
-- Name: lease_by_alias(uuid, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.lease_by_alias(p_alias uuid, p_holder text) RETURNS TABLE(id bigint, alias uuid, kind text, args jsonb, attempt integer, max_attempts integer, lease_epoch integer, lease_number bigint, lease_expires_at timestamp with time zone, created_at timestamp with time zone, priority integer, "position" bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    v_job job_ready%ROWTYPE;
BEGIN
    SELECT j.* INTO v_job FROM job_ready AS j
    WHERE j.lease_alias = p_alias AND j.holder = p_holder AND j.state = 'running' FOR NO KEY UPDATE;
    -- The clock is read after the lock was had: the wait for it may have outlived the lease.
    IF NOT FOUND OR v_job.lease_expires_at <= clock_timestamp() OR v_job.lease_epoch <> primary_epoch() THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT v_job.id, v_job.alias, v_job.kind, v_job.args, v_job.attempt::integer,
        v_job.max_attempts::integer, v_job.lease_epoch, v_job.lease_number, v_job.lease_expires_at, v_job.created_at,
        v_job.priority::integer, v_job.position;
END
$$;

--
-- Name: lock_unique(text, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.lock_unique(p_kind text, p_unique_key text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_id bigint;
BEGIN
    FOR v_try IN 1..10 LOOP
        BEGIN
            SELECT job_id INTO v_id FROM unique_job WHERE kind = p_kind AND unique_key = p_unique_key;
            PERFORM 1 FROM job WHERE id = v_id FOR UPDATE;
            RETURN;
        EXCEPTION WHEN serialization_failure THEN
            IF v_try = 10 THEN RAISE; END IF;
        END;
    END LOOP;
END
$$;

--
-- Name: maintain_history(interval); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.maintain_history(p_keep interval) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET lock_timeout TO '100ms'
    AS $_$
DECLARE
    v_month timestamptz := date_trunc('month', clock_timestamp(), 'UTC');
    v_from timestamptz;
    v_to timestamptz;
    v_name text;
    v_old record;
    v_dropped integer := 0;
BEGIN
    FOR i IN 0..2 LOOP
        v_from := v_month + make_interval(months => i);
        v_to := v_month + make_interval(months => i + 1);
        v_name := 'job_history_' || to_char(v_from AT TIME ZONE 'UTC', 'YYYYMM');
        IF to_regclass('queue.' || v_name) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE TABLE queue.%I PARTITION OF queue.job_history FOR VALUES FROM (%L) TO (%L)',
                    v_name, v_from, v_to);
            EXCEPTION
                WHEN check_violation THEN NULL;  -- Rows of that month are in the default partition already: they stay.
                WHEN duplicate_table THEN NULL;  -- Another leader was faster.
            END;
        END IF;
    END LOOP;
    FOR v_old IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'queue.job_history'::regclass AND c.relname ~ '^job_history_[0-9]{6}$'
            AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC'
                < clock_timestamp() - p_keep
    LOOP
        EXECUTE format('DROP TABLE queue.%I', v_old.relname);
        v_dropped := v_dropped + 1;
    END LOOP;
    RETURN v_dropped;
END
$_$;

--
-- Name: new_alias(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.new_alias() RETURNS uuid
    LANGUAGE sql
    AS $$
    SELECT encode(
        substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
            || substring(uuid_send(gen_random_uuid()) FROM 7),
        'hex')::uuid
$$;

--
-- Name: next_due(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.next_due() RETURNS timestamp with time zone
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    SELECT min(scheduled_at) FROM job_deferred
$$;

--
-- Name: next_position(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.next_position() RETURNS bigint
    LANGUAGE sql
    AS $$
    SELECT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('queue.job_position') END
$$;

--
-- Name: note_lost_worker(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.note_lost_worker() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO lost_worker (id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

--
-- Name: pause(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.pause(p_queue text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    INSERT INTO paused_queue (queue) VALUES (p_queue) ON CONFLICT DO NOTHING
$$;

--
-- Name: primary_epoch(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.primary_epoch() RETURNS integer
    LANGUAGE sql
    AS $$
    SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer
$$;

--
-- Name: promote_due(integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.promote_due(p_limit integer) RETURNS TABLE(queue text, jobs bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    -- Not in the condition: an index is not searched by what may change while it is searched, and every job that is not
    -- due yet would be read.
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH due AS MATERIALIZED (
            SELECT j.id FROM job_deferred AS j
            WHERE j.scheduled_at <= v_now
            ORDER BY j.scheduled_at, j.id LIMIT p_limit FOR UPDATE SKIP LOCKED
        ), promoted AS (
            -- Through the parent, so that whoever waits for the row is told that it has moved and looks again.
            UPDATE job AS j SET state = 'available', position = next_position()
            FROM due WHERE j.id = due.id AND j.state IN ('scheduled', 'retryable') RETURNING j.queue
        )
        SELECT p.queue::text, count(*) FROM promoted AS p GROUP BY p.queue;
END
$$;

--
-- Name: put_back(bigint, text, interval, integer, jsonb); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.put_back(p_id bigint, p_deferred_state text, p_delay interval, p_attempt integer, p_errors jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    INSERT INTO permit (queue, change) SELECT j.queue, -1 FROM job_ready AS j WHERE j.id = p_id AND j.has_permit;
    IF p_delay > interval '0' THEN
        UPDATE job
        SET state = p_deferred_state, position = NULL, scheduled_at = clock_timestamp() + p_delay, attempt = p_attempt,
            errors = p_errors, lease_epoch = NULL, lease_number = NULL, lease_alias = NULL, lease_expires_at = NULL,
            worker_id = NULL, holder = NULL, has_permit = false
        WHERE id = p_id AND state = 'running';
    ELSE
        UPDATE job_ready
        SET state = 'available', position = next_position(), attempt = p_attempt, errors = p_errors,
            lease_epoch = NULL, lease_number = NULL, lease_alias = NULL, lease_expires_at = NULL, worker_id = NULL,
            holder = NULL, has_permit = false
        WHERE id = p_id;
    END IF;
END
$$;

--
-- Name: refuse_job(text, text, integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.refuse_job(p_queue text, p_kind text, p_priority integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (length(p_queue) BETWEEN 1 AND 200) IS NOT TRUE THEN
        RAISE EXCEPTION 'the name of a queue has 1 to 200 characters' USING ERRCODE = 'DQ004';
    ELSIF (length(p_kind) BETWEEN 1 AND 200) IS NOT TRUE THEN
        RAISE EXCEPTION 'the name of a kind has 1 to 200 characters' USING ERRCODE = 'DQ004';
    ELSIF (p_priority BETWEEN 0 AND 9) IS NOT TRUE THEN
        RAISE EXCEPTION 'a priority is 0 to 9' USING ERRCODE = 'DQ004';
    END IF;
    RAISE EXCEPTION 'a job has 1 to 32767 attempts' USING ERRCODE = 'DQ004';
END
$$;

--
-- Name: register_worker(uuid, text, text[], integer, interval); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.register_worker(p_id uuid, p_name text, p_queues text[], p_slots integer, p_alive_for interval) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    INSERT INTO worker (id, name, queues, slots, expires_at)
    VALUES (p_id, p_name, p_queues, p_slots, clock_timestamp() + p_alive_for)
$$;

--
-- Name: release_unheld(uuid, bigint[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.release_unheld(p_worker uuid, p_held bigint[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_id bigint;
    v_job job_ready%ROWTYPE;
    v_count bigint := 0;
BEGIN
    FOR v_id IN
        SELECT DISTINCT o.id FROM worker_claim AS c, unnest(c.jobs) AS o (id)
        WHERE c.worker_id = p_worker AND NOT o.id = ANY (p_held) ORDER BY o.id
    LOOP
        SELECT j.* INTO v_job FROM job_ready AS j
        WHERE j.id = v_id AND j.worker_id = p_worker AND j.state = 'running' FOR NO KEY UPDATE;
        IF FOUND THEN
            PERFORM take_back(v_job, NULL);
            v_count := v_count + 1;
        END IF;
    END LOOP;
    RETURN v_count;
END
$$;

--
-- Name: rescue(integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.rescue(p_limit integer) RETURNS TABLE(queue text, jobs bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    v_job job_ready%ROWTYPE;
    v_queues text[] := '{}';
    v_worker uuid;
    v_left integer := p_limit;
    -- Not in the conditions: an index is not searched by what may change while it is searched.
    v_now timestamptz := clock_timestamp();
BEGIN
    FOR v_job IN
        SELECT j.* FROM job_ready AS j
        WHERE j.lease_expires_at < v_now AND j.state = 'running'
        LIMIT v_left FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM take_back(v_job, 'lease_lost');
        v_queues := v_queues || v_job.queue;
        v_left := v_left - 1;
    END LOOP;
    DELETE FROM worker AS w USING (
        SELECT e.id FROM worker AS e WHERE e.expires_at < v_now FOR UPDATE SKIP LOCKED
    ) AS gone WHERE w.id = gone.id;
    FOR v_worker IN SELECT l.id FROM lost_worker AS l ORDER BY l.lost_at FOR UPDATE SKIP LOCKED LOOP
        FOR v_job IN
            SELECT j.* FROM worker_claim AS c, unnest(c.jobs) AS o (id) JOIN job_ready AS j ON j.id = o.id
            WHERE c.worker_id = v_worker AND j.worker_id = v_worker AND j.state = 'running'
            LIMIT v_left FOR NO KEY UPDATE OF j SKIP LOCKED
        LOOP
            PERFORM take_back(v_job, 'lease_lost');
            v_queues := v_queues || v_job.queue;
            v_left := v_left - 1;
        END LOOP;
        -- Jobs that are held by a handler's transaction are looked at again next time.
        IF v_left > 0 AND NOT EXISTS (
            SELECT 1 FROM worker_claim AS c, unnest(c.jobs) AS o (id) JOIN job_ready AS j ON j.id = o.id
            WHERE c.worker_id = v_worker AND j.worker_id = v_worker AND j.state = 'running')
        THEN
            DELETE FROM worker_claim AS c WHERE c.worker_id = v_worker;
            DELETE FROM lost_worker AS l WHERE l.id = v_worker;
        END IF;
    END LOOP;
    -- After a failover an older lease opens no door any more.
    IF v_left > 0 AND NOT EXISTS (SELECT 1 FROM rescued_epoch AS e WHERE e.epoch = primary_epoch()) THEN
        FOR v_job IN
            SELECT j.* FROM job_ready AS j
            WHERE j.state = 'running' AND j.lease_epoch <> primary_epoch() LIMIT v_left FOR NO KEY UPDATE SKIP LOCKED
        LOOP
            PERFORM take_back(v_job, 'lease_lost');
            v_queues := v_queues || v_job.queue;
            v_left := v_left - 1;
        END LOOP;
        IF v_left > 0 AND NOT EXISTS (
            SELECT 1 FROM job_ready AS j WHERE j.state = 'running' AND j.lease_epoch <> primary_epoch())
        THEN
            DELETE FROM rescued_epoch;
            INSERT INTO rescued_epoch (epoch) VALUES (primary_epoch());
        END IF;
    END IF;
    RETURN QUERY SELECT q, count(*) FROM unnest(v_queues) AS q GROUP BY q;
END
$$;

--
-- Name: resign(text, uuid); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.resign(p_name text, p_holder uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    UPDATE leader SET expires_at = '-infinity' WHERE name = p_name AND holder = p_holder
$$;

--
-- Name: resume(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.resume(p_queue text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    DELETE FROM paused_queue WHERE queue = p_queue
$$;

--
-- Name: retry(uuid); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.retry(p_alias uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
DECLARE
    v_old job_history%ROWTYPE;
BEGIN
    DELETE FROM job_history WHERE alias = p_alias AND state IN ('discarded', 'cancelled') RETURNING * INTO v_old;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such discarded or cancelled job' USING ERRCODE = 'DQ002';
    END IF;
    IF v_old.unique_key IS NOT NULL THEN
        INSERT INTO unique_job (kind, unique_key, job_id, alias)
        VALUES (v_old.kind, v_old.unique_key, v_old.id, v_old.alias);
    END IF;
    INSERT INTO job_ready (id, alias, queue, kind, args, priority, state, max_attempts, unique_key, created_at, errors)
    VALUES (v_old.id, v_old.alias, v_old.queue, v_old.kind, v_old.args, v_old.priority, 'available',
        v_old.max_attempts, v_old.unique_key, v_old.created_at, v_old.errors);
END
$$;

--
-- Name: ring(text[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.ring(p_queues text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    -- A ring that a crash loses is harmless: its commit need not wait for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_notify('queue_ready', q) FROM unnest(p_queues) AS q;
END
$$;

--
-- Name: set_limit(text, integer, double precision, double precision); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.set_limit(p_queue text, p_max_running integer DEFAULT NULL::integer, p_rate double precision DEFAULT NULL::double precision, p_burst double precision DEFAULT NULL::double precision) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
DECLARE
    v_burst double precision := coalesce(p_burst, greatest(p_rate, 1), 1);
    v_uncounted bigint;
BEGIN
    IF p_max_running IS NULL AND p_rate IS NULL OR p_max_running < 0 OR p_rate < 0 OR p_burst < 1 THEN
        RAISE EXCEPTION 'a limit names a number of jobs, or a rate and a burst of at least one' USING ERRCODE = 'DQ004';
    END IF;
    INSERT INTO queue_limit AS l (queue, max_running, rate, burst, tokens)
    VALUES (p_queue, p_max_running, p_rate, v_burst, v_burst)
    ON CONFLICT (queue) DO UPDATE
    SET max_running = excluded.max_running, rate = excluded.rate, burst = excluded.burst,
        -- A bucket keeps what is in it: changing the limit again and again gives nothing away.
        tokens = CASE WHEN l.rate IS NULL THEN excluded.tokens ELSE least(l.tokens, excluded.burst) END,
        set_at = clock_timestamp(), set_by = session_user;
    WITH counted AS (
        UPDATE job_ready SET has_permit = true
        WHERE queue = p_queue AND state = 'running' AND NOT has_permit RETURNING 1
    )
    SELECT count(*) INTO v_uncounted FROM counted;
    IF v_uncounted > 0 THEN
        INSERT INTO permit (queue, change) VALUES (p_queue, v_uncounted);
    END IF;
END
$$;

--
-- Name: snooze(bigint, integer, bigint, interval); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_job job_ready%ROWTYPE;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    SELECT j.* INTO v_job FROM job_ready AS j WHERE j.id = p_id;
    IF v_job.cancel_requested_at IS NOT NULL THEN
        PERFORM finish(p_id, 'cancelled', 'cancelled');
    ELSE
        PERFORM put_back(p_id, 'scheduled', p_delay, v_job.attempt - 1, v_job.errors);
    END IF;
END
$$;

--
-- Name: job_id; Type: SEQUENCE; Schema: queue; Owner: -
--

CREATE SEQUENCE queue.job_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

SET default_tablespace = '';

--
-- Name: job; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.job (
    id bigint DEFAULT nextval('queue.job_id'::regclass) NOT NULL,
    alias uuid DEFAULT queue.new_alias() NOT NULL,
    queue text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    args jsonb NOT NULL,
    priority smallint DEFAULT 4 NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    "position" bigint DEFAULT queue.next_position(),
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    unique_key text COLLATE pg_catalog."C",
    scheduled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    attempted_at timestamp with time zone,
    lease_epoch integer,
    lease_number bigint,
    lease_alias uuid,
    lease_expires_at timestamp with time zone,
    worker_id uuid,
    holder text,
    has_permit boolean DEFAULT false NOT NULL,
    cancel_requested_at timestamp with time zone,
    errors jsonb DEFAULT '[]'::jsonb NOT NULL
)
PARTITION BY LIST (state);

--
-- Name: job_ready; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.job_ready (
    id bigint DEFAULT nextval('queue.job_id'::regclass) NOT NULL,
    alias uuid DEFAULT queue.new_alias() NOT NULL,
    queue text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    args jsonb NOT NULL,
    priority smallint DEFAULT 4 NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    "position" bigint DEFAULT queue.next_position() NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    unique_key text COLLATE pg_catalog."C",
    scheduled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    attempted_at timestamp with time zone,
    lease_epoch integer,
    lease_number bigint,
    lease_alias uuid,
    lease_expires_at timestamp with time zone,
    worker_id uuid,
    holder text,
    has_permit boolean DEFAULT false NOT NULL,
    cancel_requested_at timestamp with time zone,
    errors jsonb DEFAULT '[]'::jsonb NOT NULL
)
WITH (fillfactor='45', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_cost_delay='0');

--
-- Name: take_back(queue.job_ready, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.take_back(p_job queue.job_ready, p_code text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    IF p_job.cancel_requested_at IS NOT NULL THEN
        PERFORM finish(p_job.id, 'cancelled', 'cancelled_while_lost');
    ELSIF p_job.worker_id IS NOT NULL AND p_job.attempt >= p_job.max_attempts THEN
        PERFORM finish(p_job.id, 'discarded', 'lease_lost');
    ELSE
        -- A consumer without a worker may let its lease run out any number of times: the clocks decide, not a count.
        PERFORM put_back(
            p_job.id, 'scheduled', interval '0',
            CASE WHEN p_job.worker_id IS NULL THEN p_job.attempt - 1 ELSE p_job.attempt END,
            CASE WHEN p_code IS NULL THEN p_job.errors ELSE add_error(p_job.errors, p_job.attempt, p_code) END);
    END IF;
END
$$;

--
-- Name: take_permits(text, integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.take_permits(p_queue text, p_wanted integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_limit queue_limit%ROWTYPE;
    v_running bigint;
    v_allowed bigint := p_wanted;
    v_now timestamptz;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a limited queue is claimed from in read committed transactions only' USING ERRCODE = 'DQ004';
    END IF;
    SELECT l.* INTO v_limit FROM queue_limit AS l WHERE l.queue = p_queue FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN p_wanted;  -- It was lifted meanwhile.
    END IF;
    -- A statement of its own, so that it sees what was committed while this one waited for the lock.
    WITH counted AS (
        DELETE FROM permit WHERE queue = p_queue RETURNING change
    )
    SELECT coalesce(sum(change), 0) INTO v_running FROM counted;
    IF v_running <> 0 THEN
        INSERT INTO permit (queue, change) VALUES (p_queue, v_running);
    END IF;
    IF v_limit.max_running IS NOT NULL THEN
        v_allowed := least(v_allowed, v_limit.max_running - v_running);
    END IF;
    IF v_limit.rate IS NOT NULL THEN
        v_now := greatest(clock_timestamp(), v_limit.refilled_at);  -- A clock that was set back fills no bucket.
        v_limit.tokens := least(
            v_limit.burst,
            v_limit.tokens + v_limit.rate * extract(epoch FROM v_now - v_limit.refilled_at)::double precision);
        UPDATE queue_limit SET tokens = v_limit.tokens, refilled_at = v_now WHERE queue = p_queue;
        v_allowed := least(v_allowed, floor(v_limit.tokens)::bigint);
    END IF;
    RETURN greatest(v_allowed, 0);
END
$$;

--
-- Name: use_permits(text, integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.use_permits(p_queue text, p_taken integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO permit (queue, change) VALUES (p_queue, p_taken);
    UPDATE queue_limit SET tokens = tokens - p_taken WHERE queue = p_queue AND rate IS NOT NULL;
END
$$;

--
-- Name: with_lease(bigint, integer, bigint); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.with_lease(p_id bigint, p_epoch integer, p_number bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_end timestamptz;
BEGIN
    SELECT lease_expires_at INTO v_end FROM job_ready
    WHERE id = p_id AND state = 'running' AND lease_epoch = p_epoch AND lease_number = p_number
    FOR NO KEY UPDATE;
    -- The clock is read after the lock was had: the wait for it may have outlived the lease.
    IF NOT FOUND OR v_end <= clock_timestamp() OR p_epoch <> primary_epoch() THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'DQ001';
    END IF;
END
$$;

--
-- Name: describe_sealed_package(uuid, uuid); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.describe_sealed_package(p_referral uuid, p_agency uuid) RETURNS TABLE(profile text, fields text[], sealed_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT profile, fields, sealed_at FROM sealed_package WHERE referral_id = p_referral AND agency_id = p_agency;
END
$$;

--
-- Name: discard_sealed_package(uuid); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.discard_sealed_package(p_referral uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    DELETE FROM sealed_package WHERE referral_id = p_referral;
    RETURN FOUND;
END
$$;

--
-- Name: disclosures_after(bigint, integer); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.disclosures_after(p_number bigint, p_limit integer) RETURNS TABLE(id uuid, number bigint, referral_id uuid, agency_id uuid, profile text, fields text[], purpose text, legal_basis text, requested_by text, recorded_at timestamp with time zone, database_role text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, number, referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by, recorded_at,
            database_role
        FROM disclosure WHERE number > p_number ORDER BY number LIMIT p_limit;
END
$$;

--
-- Name: disclosures_of(uuid); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.disclosures_of(p_referral uuid) RETURNS TABLE(id uuid, number bigint, agency_id uuid, profile text, fields text[], purpose text, legal_basis text, requested_by text, recorded_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, number, agency_id, profile, fields, purpose, legal_basis, requested_by, recorded_at
        FROM disclosure WHERE referral_id = p_referral ORDER BY number;
END
$$;

--
-- Name: is_profile(text, text[]); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.is_profile(p_profile text, p_fields text[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT p_profile ~ '^[a-z][a-z0-9_]{0,63}$' AND cardinality(p_fields) BETWEEN 1 AND 200
$_$;

--
-- Name: is_record(text, text, text); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.is_record(p_purpose text, p_legal_basis text, p_requested_by text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT length(p_purpose) BETWEEN 1 AND 64 AND length(p_legal_basis) BETWEEN 1 AND 500
        AND length(p_requested_by) BETWEEN 1 AND 200
$$;

--
-- Name: put_sealed_package(uuid, uuid, text, text[], bytea); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.put_sealed_package(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_sealed bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF (is_profile(p_profile, p_fields) AND length(p_sealed) >= 49 AND get_byte(p_sealed, 0) = 1) IS NOT TRUE THEN
        RAISE EXCEPTION 'not a sealed package' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO sealed_package (referral_id, agency_id, profile, fields, sealed)
    VALUES (p_referral, p_agency, p_profile, p_fields, p_sealed)
    ON CONFLICT (referral_id) DO UPDATE
    SET profile = excluded.profile, fields = excluded.fields, sealed = excluded.sealed, sealed_at = clock_timestamp()
    WHERE sealed_package.agency_id = excluded.agency_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no such package' USING ERRCODE = 'DC102';
    END IF;
END
$$;

--
-- Name: read_sealed_package(uuid, uuid, uuid); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.read_sealed_package(p_disclosure uuid, p_referral uuid, p_agency uuid) RETURNS TABLE(profile text, fields text[], sealed bytea, sealed_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
    WHERE d.id = p_disclosure AND d.profile = v_package.profile AND d.fields @> v_package.fields;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the record is not about what the package holds' USING ERRCODE = 'DC103';
    END IF;
    RETURN QUERY SELECT v_package.profile, v_package.fields, v_package.sealed, v_package.sealed_at;
END
$$;

--
-- Name: record_disclosure(uuid, uuid, text, text[], text, text, text); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.record_disclosure(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_purpose text, p_legal_basis text, p_requested_by text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: record_package_disclosure(uuid, uuid, uuid, text, text, text); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.record_package_disclosure(p_id uuid, p_referral uuid, p_agency uuid, p_purpose text, p_legal_basis text, p_requested_by text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF is_record(p_purpose, p_legal_basis, p_requested_by) IS NOT TRUE THEN
        RAISE EXCEPTION 'not a record of a disclosure' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO disclosure (id, referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by)
    SELECT p_id, p_referral, p_agency, s.profile, s.fields, p_purpose, p_legal_basis, p_requested_by
    FROM sealed_package AS s WHERE s.referral_id = p_referral AND s.agency_id = p_agency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no such package' USING ERRCODE = 'DC102';
    END IF;
END
$$;

--
-- Name: refuse_change(); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'safeguarding', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION 'the disclosure ledger is append-only' USING ERRCODE = 'DC100';
END
$$;

--
-- Name: require_disclosure(uuid, uuid, uuid); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.require_disclosure(p_disclosure uuid, p_referral uuid, p_agency uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    PERFORM 1 FROM disclosure
    WHERE id = p_disclosure AND referral_id = p_referral AND agency_id = p_agency
        AND transaction IS DISTINCT FROM pg_current_xact_id_if_assigned();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no committed record allows this disclosure' USING ERRCODE = 'DC101';
    END IF;
END
$$;

--
-- Name: agency; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.agency (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    division_code text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    public_key bytea,
    webhook_url text,
    webhook_secret bytea,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT agency_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{1,78}[a-z0-9]$'::text)),
    CONSTRAINT agency_kind_check CHECK ((kind ~ '^[a-z][a-z0-9_]{1,63}$'::text)),
    CONSTRAINT agency_public_key_check CHECK ((length(public_key) = 32)),
    CONSTRAINT agency_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text])))
);

--
-- Name: agency_key; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.agency_key (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    agency_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    label text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT agency_key_key_hash_check CHECK ((length(key_hash) = 32))
);

--
-- Name: division; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.division (
    code text NOT NULL,
    name text NOT NULL,
    level text NOT NULL,
    parent_code text,
    CONSTRAINT division_check CHECK (((level = 'region'::text) = (parent_code IS NULL))),
    CONSTRAINT division_code_check CHECK ((code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'::text)),
    CONSTRAINT division_level_check CHECK ((level = ANY (ARRAY['region'::text, 'league'::text, 'county'::text, 'township'::text, 'village'::text])))
);

--
-- Name: agency_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.agency_overview AS
 SELECT a.id,
    a.code,
    a.kind,
    a.name,
    a.division_code,
    d.name AS division_name,
    d.level,
    a.status,
    (a.public_key IS NOT NULL) AS has_key,
    (a.webhook_url IS NOT NULL) AS has_webhook,
    ( SELECT count(*) AS count
           FROM casework.agency_key k
          WHERE ((k.agency_id = a.id) AND (k.revoked_at IS NULL))) AS live_keys
   FROM (casework.agency a
     JOIN casework.division d ON ((d.code = a.division_code)));

--
-- Name: cases; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.cases (
    id uuid NOT NULL,
    number text NOT NULL,
    receipt_hash bytea NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    channel text NOT NULL,
    division_code text NOT NULL,
    owner_station_id uuid NOT NULL,
    risk text NOT NULL,
    facts jsonb NOT NULL,
    narrative bytea,
    client_id uuid,
    outcome text,
    version integer DEFAULT 1 NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    routed_at timestamp with time zone,
    closed_at timestamp with time zone
);

--
-- Name: station; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.station (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    division_code text NOT NULL,
    name text NOT NULL,
    email text,
    muted text[] DEFAULT '{}'::text[] NOT NULL
);

--
-- Name: case_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.case_overview AS
 SELECT c.id,
    c.number,
    c.status,
    c.channel,
    c.division_code,
    d.name AS division_name,
    c.risk,
    s.name AS owner_station,
    sd.level AS owner_level,
    c.outcome,
    c.opened_at,
    c.closed_at
   FROM (((casework.cases c
     JOIN casework.division d ON ((d.code = c.division_code)))
     JOIN casework.station s ON ((s.id = c.owner_station_id)))
     JOIN casework.division sd ON ((sd.code = s.division_code)));

--
-- Name: intake_client; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.intake_client (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    key_hash bytea NOT NULL,
    channels text[] NOT NULL,
    division_scope text NOT NULL,
    requests_per_minute integer NOT NULL,
    may_read_cases boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT intake_client_key_hash_check CHECK ((length(key_hash) = 32)),
    CONSTRAINT intake_client_requests_per_minute_check CHECK ((requests_per_minute > 0))
);

--
-- Name: client_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.client_overview AS
 SELECT c.id,
    c.name,
    c.channels,
    c.division_scope,
    d.name AS division_name,
    c.requests_per_minute,
    c.may_read_cases,
    c.created_at,
    c.revoked_at
   FROM (casework.intake_client c
     JOIN casework.division d ON ((d.code = c.division_scope)));

--
-- Name: clock; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.clock (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    referral_id uuid,
    kind text NOT NULL,
    name text NOT NULL,
    basis text NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    due_at timestamp with time zone NOT NULL,
    look_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

--
-- Name: referral; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.referral (
    id uuid NOT NULL,
    number text NOT NULL,
    case_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    purpose text NOT NULL,
    profile text NOT NULL,
    status text NOT NULL,
    is_live boolean GENERATED ALWAYS AS ((status <> ALL (ARRAY['rejected'::text, 'objected'::text, 'failed'::text, 'no_show'::text, 'cancelled'::text, 'revoked'::text, 'entered_in_error'::text]))) STORED NOT NULL,
    rule_version bigint NOT NULL,
    explanation jsonb NOT NULL,
    legal_basis text NOT NULL,
    consent_basis text NOT NULL,
    priority smallint NOT NULL,
    predecessor_id uuid,
    tier text NOT NULL,
    outcome_clock text NOT NULL,
    reason_code text,
    suggested_kind text,
    outcome_code text,
    accepted_lease text,
    requested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    received_at timestamp with time zone,
    answered_at timestamp with time zone,
    settled_at timestamp with time zone
)
WITH (fillfactor='60');

--
-- Name: clock_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.clock_overview AS
 SELECT k.id,
    k.case_id,
    r.number AS referral,
    k.kind,
    k.name,
    k.basis,
    k.state,
    k.started_at,
    k.due_at,
    k.ended_at
   FROM (casework.clock k
     LEFT JOIN casework.referral r ON ((r.id = k.referral_id)));

--
-- Name: consent; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.consent (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    agency_kinds text[] NOT NULL,
    purpose text NOT NULL,
    granted boolean NOT NULL,
    given_by text DEFAULT 'herself'::text NOT NULL,
    data_kinds text[],
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    CONSTRAINT consent_given_by_check CHECK ((given_by = ANY (ARRAY['herself'::text, 'guardian'::text, 'other_guardian'::text, 'civil_affairs'::text])))
);

--
-- Name: contact_rule; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.contact_rule (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    channel text NOT NULL,
    days smallint[] NOT NULL,
    from_minute smallint NOT NULL,
    to_minute smallint NOT NULL,
    never_mention boolean DEFAULT true NOT NULL,
    code_word bytea,
    confirmed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    tag bytea NOT NULL,
    stopped_at timestamp with time zone,
    CONSTRAINT contact_rule_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'phone'::text, 'none'::text]))),
    CONSTRAINT contact_rule_from_minute_check CHECK (((from_minute >= 0) AND (from_minute <= 1440))),
    CONSTRAINT contact_rule_to_minute_check CHECK (((to_minute >= 0) AND (to_minute <= 1440)))
);

--
-- Name: event; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.event (
    id bigint NOT NULL,
    case_id uuid NOT NULL,
    referral_id uuid,
    kind text NOT NULL,
    actor_kind text NOT NULL,
    actor text NOT NULL,
    rule_version bigint,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    database_role text DEFAULT SESSION_USER NOT NULL
);

--
-- Name: event_id_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: idempotency; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.idempotency (
    client_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    case_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: message; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.message (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    audience text NOT NULL,
    case_id uuid NOT NULL,
    person_id uuid,
    station_id uuid,
    template text NOT NULL,
    lane smallint NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    reason text,
    attempts integer DEFAULT 0 NOT NULL,
    provider text,
    reference text,
    segments integer DEFAULT 0 NOT NULL,
    cost bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deliver_by timestamp with time zone NOT NULL,
    late_at timestamp with time zone,
    read_at timestamp with time zone,
    settled_at timestamp with time zone,
    CONSTRAINT message_audience_check CHECK ((audience = ANY (ARRAY['person'::text, 'station'::text]))),
    CONSTRAINT message_check CHECK (((audience = 'person'::text) = (person_id IS NOT NULL))),
    CONSTRAINT message_check1 CHECK (((audience = 'station'::text) = (station_id IS NOT NULL))),
    CONSTRAINT message_lane_check CHECK (((lane >= 0) AND (lane <= 3))),
    CONSTRAINT message_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'scheduled'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'denied'::text, 'cleared'::text, 'muted'::text]))),
    CONSTRAINT message_template_check CHECK ((template ~ '^[a-z][a-z0-9_]{1,63}$'::text))
);

--
-- Name: message_event; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.message_event (
    id bigint NOT NULL,
    message_id uuid NOT NULL,
    state text NOT NULL,
    reason text,
    attempt integer NOT NULL,
    provider text,
    occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: message_event_id_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.message_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.message_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: person; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.person (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    role text NOT NULL,
    name bytea,
    phone bytea,
    email bytea,
    birth_date bytea,
    sex text,
    capacity text DEFAULT 'full'::text NOT NULL,
    is_minor boolean DEFAULT false NOT NULL,
    name_index bytea,
    phone_index bytea,
    email_index bytea
);

--
-- Name: message_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.message_overview AS
 SELECT m.id,
    m.case_id,
    p.role,
    m.template,
    m.state,
    m.reason,
    m.created_at,
    m.settled_at
   FROM (casework.message m
     JOIN casework.person p ON ((p.id = m.person_id)));

--
-- Name: network_version; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.network_version (
    is_only boolean DEFAULT true NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT network_version_is_only_check CHECK (is_only)
)
WITH (fillfactor='50');

--
-- Name: operator_event; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.operator_event (
    id bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    database_role text DEFAULT SESSION_USER NOT NULL
);

--
-- Name: operator_event_id_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.operator_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.operator_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: operator_timeline; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.operator_timeline AS
 SELECT operator_event.id,
    operator_event.kind,
    operator_event.subject,
    operator_event.data,
    operator_event.occurred_at,
    operator_event.database_role
   FROM casework.operator_event;

--
-- Name: referral_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.referral_overview AS
 SELECT r.id,
    r.number,
    r.case_id,
    a.code AS agency_code,
    a.name AS agency_name,
    a.kind AS agency_kind,
    a.division_code,
    r.tier,
    r.purpose,
    r.profile,
    r.status,
    r.reason_code,
    r.outcome_code,
    r.legal_basis,
    r.consent_basis,
    r.rule_version,
    r.explanation,
    p.number AS predecessor,
    r.requested_at,
    r.received_at,
    r.answered_at,
    r.settled_at
   FROM ((casework.referral r
     JOIN casework.agency a ON ((a.id = r.agency_id)))
     LEFT JOIN casework.referral p ON ((p.id = r.predecessor_id)));

--
-- Name: rule_draft; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.rule_draft (
    id bigint NOT NULL,
    name text NOT NULL,
    yaml text NOT NULL,
    checksum bytea NOT NULL,
    loaded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    loaded_by text DEFAULT SESSION_USER NOT NULL,
    version bigint,
    CONSTRAINT rule_draft_checksum_check CHECK ((length(checksum) = 32))
);

--
-- Name: rule_draft_id_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.rule_draft ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.rule_draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: rule_set; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.rule_set (
    version bigint NOT NULL,
    yaml text NOT NULL,
    checksum bytea NOT NULL,
    activated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    activated_by text DEFAULT SESSION_USER NOT NULL
);

--
-- Name: rule_set_version_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.rule_set ALTER COLUMN version ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.rule_set_version_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: staff_task; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.staff_task (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    station_id uuid NOT NULL,
    kind text NOT NULL,
    message_id uuid NOT NULL,
    reason text NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    done_at timestamp with time zone,
    done_by text,
    CONSTRAINT staff_task_kind_check CHECK ((kind = ANY (ARRAY['contact_person'::text, 'look_at_case'::text])))
);

--
-- Name: staff_task_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.staff_task_overview AS
 SELECT t.id,
    c.number AS case_number,
    s.name AS station_name,
    s.division_code,
    t.kind,
    t.reason,
    m.template,
    m.lane,
    t.opened_at,
    t.done_at,
    t.done_by
   FROM (((casework.staff_task t
     JOIN casework.cases c ON ((c.id = t.case_id)))
     JOIN casework.station s ON ((s.id = t.station_id)))
     JOIN casework.message m ON ((m.id = t.message_id)));

--
-- Name: station_inbox; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.station_inbox AS
 SELECT m.id,
    s.division_code,
    s.name AS station_name,
    c.number AS case_number,
    m.template,
    m.lane,
    m.state,
    m.created_at
   FROM ((casework.message m
     JOIN casework.station s ON ((s.id = m.station_id)))
     JOIN casework.cases c ON ((c.id = m.case_id)))
  WHERE (m.read_at IS NULL);

--
-- Name: timeline; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.timeline AS
 SELECT e.id,
    e.case_id,
    r.number AS referral,
    a.name AS agency_name,
    e.kind,
    e.actor_kind,
    e.actor,
    e.rule_version,
    e.data,
    e.occurred_at
   FROM ((casework.event e
     LEFT JOIN casework.referral r ON ((r.id = e.referral_id)))
     LEFT JOIN casework.agency a ON ((a.id = r.agency_id)));

--
-- Name: webhook_delivery; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.webhook_delivery (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    agency_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    event text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT webhook_delivery_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

--
-- Name: applied; Type: TABLE; Schema: dandelion_migrations; Owner: -
--

CREATE TABLE dandelion_migrations.applied (
    ordinal bigint NOT NULL,
    module text NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    applied_by text DEFAULT SESSION_USER NOT NULL
);

--
-- Name: TABLE applied; Type: COMMENT; Schema: dandelion_migrations; Owner: -
--

COMMENT ON TABLE dandelion_migrations.applied IS 'Which migrations this database has applied, in order.';

--
-- Name: applied_ordinal_seq; Type: SEQUENCE; Schema: dandelion_migrations; Owner: -
--

ALTER TABLE dandelion_migrations.applied ALTER COLUMN ordinal ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME dandelion_migrations.applied_ordinal_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: agency_login; Type: TABLE; Schema: door; Owner: -
--

CREATE TABLE door.agency_login (
    login text NOT NULL,
    agency_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text DEFAULT SESSION_USER NOT NULL
);

--
-- Name: job_deferred; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.job_deferred (
    id bigint DEFAULT nextval('queue.job_id'::regclass) NOT NULL,
    alias uuid DEFAULT queue.new_alias() NOT NULL,
    queue text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    args jsonb NOT NULL,
    priority smallint DEFAULT 4 NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    "position" bigint DEFAULT queue.next_position(),
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    unique_key text COLLATE pg_catalog."C",
    scheduled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    attempted_at timestamp with time zone,
    lease_epoch integer,
    lease_number bigint,
    lease_alias uuid,
    lease_expires_at timestamp with time zone,
    worker_id uuid,
    holder text,
    has_permit boolean DEFAULT false NOT NULL,
    cancel_requested_at timestamp with time zone,
    errors jsonb DEFAULT '[]'::jsonb NOT NULL
);

--
-- Name: job_history; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.job_history (
    id bigint NOT NULL,
    alias uuid NOT NULL,
    queue text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    args jsonb NOT NULL,
    priority smallint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    attempt smallint NOT NULL,
    max_attempts smallint NOT NULL,
    unique_key text COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    attempted_at timestamp with time zone,
    finished_at timestamp with time zone NOT NULL,
    lease_epoch integer,
    lease_number bigint,
    worker_id uuid,
    holder text,
    code text,
    errors jsonb NOT NULL
)
PARTITION BY RANGE (finished_at);

--
-- Name: job_history_rest; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.job_history_rest (
    id bigint NOT NULL,
    alias uuid NOT NULL,
    queue text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    args jsonb NOT NULL,
    priority smallint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    attempt smallint NOT NULL,
    max_attempts smallint NOT NULL,
    unique_key text COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    attempted_at timestamp with time zone,
    finished_at timestamp with time zone NOT NULL,
    lease_epoch integer,
    lease_number bigint,
    worker_id uuid,
    holder text,
    code text,
    errors jsonb NOT NULL
);

--
-- Name: job_overview; Type: VIEW; Schema: queue; Owner: -
--

CREATE VIEW queue.job_overview AS
 SELECT job.id,
    job.alias,
    job.queue,
    job.kind,
    job.args,
    job.priority,
    job.state,
    job.attempt,
    job.max_attempts,
    job.created_at,
    job.scheduled_at,
    job.attempted_at,
    NULL::timestamp with time zone AS finished_at,
    job.worker_id,
    job.holder,
    NULL::text AS code,
    job.errors
   FROM queue.job
UNION ALL
 SELECT job_history.id,
    job_history.alias,
    job_history.queue,
    job_history.kind,
    job_history.args,
    job_history.priority,
    job_history.state,
    job_history.attempt,
    job_history.max_attempts,
    job_history.created_at,
    NULL::timestamp with time zone AS scheduled_at,
    job_history.attempted_at,
    job_history.finished_at,
    job_history.worker_id,
    job_history.holder,
    job_history.code,
    job_history.errors
   FROM queue.job_history;

--
-- Name: job_position; Type: SEQUENCE; Schema: queue; Owner: -
--

CREATE SEQUENCE queue.job_position
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

--
-- Name: lane; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.lane (
    queue text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    low bigint NOT NULL,
    mark_position bigint NOT NULL,
    mark_transaction xid8 NOT NULL,
    advanced_at timestamp with time zone NOT NULL
)
WITH (fillfactor='20');

--
-- Name: leader; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.leader (
    name text NOT NULL,
    holder uuid NOT NULL,
    term bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

--
-- Name: lease_number; Type: SEQUENCE; Schema: queue; Owner: -
--

CREATE SEQUENCE queue.lease_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

--
-- Name: permit; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.permit (
    queue text NOT NULL COLLATE pg_catalog."C",
    change bigint NOT NULL
);

--
-- Name: queue_limit; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.queue_limit (
    queue text NOT NULL COLLATE pg_catalog."C",
    max_running integer,
    rate double precision,
    burst double precision NOT NULL,
    tokens double precision NOT NULL,
    refilled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    set_by text DEFAULT SESSION_USER NOT NULL
)
WITH (fillfactor='20');

--
-- Name: limit_overview; Type: VIEW; Schema: queue; Owner: -
--

CREATE VIEW queue.limit_overview AS
 SELECT l.queue,
    l.max_running,
    l.rate,
    l.burst,
    l.set_at,
    l.set_by,
    ( SELECT (COALESCE(sum(p.change), (0)::numeric))::bigint AS "coalesce"
           FROM queue.permit p
          WHERE (p.queue = l.queue)) AS running
   FROM queue.queue_limit l;

--
-- Name: lost_worker; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.lost_worker (
    id uuid NOT NULL,
    lost_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: paused_queue; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.paused_queue (
    queue text NOT NULL COLLATE pg_catalog."C",
    paused_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    paused_by text DEFAULT SESSION_USER NOT NULL
);

--
-- Name: queue_overview; Type: VIEW; Schema: queue; Owner: -
--

CREATE VIEW queue.queue_overview AS
 SELECT j.queue,
    count(*) FILTER (WHERE (j.state = 'available'::text)) AS available,
    count(*) FILTER (WHERE (j.state = 'scheduled'::text)) AS scheduled,
    count(*) FILTER (WHERE (j.state = 'running'::text)) AS running,
    count(*) FILTER (WHERE (j.state = 'retryable'::text)) AS retryable,
    min(j.scheduled_at) FILTER (WHERE (j.state = 'available'::text)) AS oldest_available_at,
    (EXISTS ( SELECT 1
           FROM queue.paused_queue p
          WHERE (p.queue = j.queue))) AS paused
   FROM queue.job j
  GROUP BY j.queue;

--
-- Name: rescued_epoch; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.rescued_epoch (
    epoch integer NOT NULL
);

--
-- Name: unique_job; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.unique_job (
    kind text NOT NULL COLLATE pg_catalog."C",
    unique_key text NOT NULL COLLATE pg_catalog."C",
    job_id bigint NOT NULL,
    alias uuid NOT NULL
);

--
-- Name: worker; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.worker (
    id uuid NOT NULL,
    name text NOT NULL,
    queues text[] NOT NULL,
    slots integer NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    running integer DEFAULT 0 NOT NULL,
    draining boolean DEFAULT false NOT NULL
)
WITH (fillfactor='20');

--
-- Name: worker_claim; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.worker_claim (
    worker_id uuid NOT NULL,
    number bigint NOT NULL,
    jobs bigint[] NOT NULL
);

--
-- Name: disclosure; Type: TABLE; Schema: safeguarding; Owner: -
--

CREATE TABLE safeguarding.disclosure (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    number bigint NOT NULL,
    referral_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    profile text NOT NULL,
    fields text[] NOT NULL,
    purpose text NOT NULL,
    legal_basis text NOT NULL,
    requested_by text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL,
    database_role text DEFAULT SESSION_USER NOT NULL
);

--
-- Name: disclosure_number_seq; Type: SEQUENCE; Schema: safeguarding; Owner: -
--

ALTER TABLE safeguarding.disclosure ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME safeguarding.disclosure_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: sealed_package; Type: TABLE; Schema: safeguarding; Owner: -
--

CREATE TABLE safeguarding.sealed_package (
    referral_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    profile text NOT NULL,
    fields text[] NOT NULL,
    sealed bytea NOT NULL,
    sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: job_deferred; Type: TABLE ATTACH; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.job ATTACH PARTITION queue.job_deferred FOR VALUES IN ('scheduled', 'retryable');

--
-- Name: job_history_rest; Type: TABLE ATTACH; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.job_history ATTACH PARTITION queue.job_history_rest DEFAULT;

--
-- Name: job_ready; Type: TABLE ATTACH; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.job ATTACH PARTITION queue.job_ready FOR VALUES IN ('available', 'running');

--
-- Name: agency agency_code_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.agency
    ADD CONSTRAINT agency_code_key UNIQUE (code);

--
-- Name: agency_key agency_key_key_hash_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.agency_key
    ADD CONSTRAINT agency_key_key_hash_key UNIQUE (key_hash);

--
-- Name: agency_key agency_key_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.agency_key
    ADD CONSTRAINT agency_key_pkey PRIMARY KEY (id);

--
-- Name: agency agency_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.agency
    ADD CONSTRAINT agency_pkey PRIMARY KEY (id);

--
-- Name: cases cases_number_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.cases
    ADD CONSTRAINT cases_number_key UNIQUE (number);

--
-- Name: cases cases_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.cases
    ADD CONSTRAINT cases_pkey PRIMARY KEY (id);

--
-- Name: cases cases_receipt_hash_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.cases
    ADD CONSTRAINT cases_receipt_hash_key UNIQUE (receipt_hash);

--
-- Name: clock clock_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (id);

--
-- Name: consent consent_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (id);

--
-- Name: contact_rule contact_rule_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.contact_rule
    ADD CONSTRAINT contact_rule_pkey PRIMARY KEY (id);

--
-- Name: division division_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.division
    ADD CONSTRAINT division_pkey PRIMARY KEY (code);

--
-- Name: event event_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

--
-- Name: idempotency idempotency_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (client_id, key);

--
-- Name: intake_client intake_client_key_hash_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.intake_client
    ADD CONSTRAINT intake_client_key_hash_key UNIQUE (key_hash);

--
-- Name: intake_client intake_client_name_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.intake_client
    ADD CONSTRAINT intake_client_name_key UNIQUE (name);

--
-- Name: intake_client intake_client_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.intake_client
    ADD CONSTRAINT intake_client_pkey PRIMARY KEY (id);

--
-- Name: message_event message_event_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.message_event
    ADD CONSTRAINT message_event_pkey PRIMARY KEY (id);

--
-- Name: message message_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

--
-- Name: network_version network_version_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.network_version
    ADD CONSTRAINT network_version_pkey PRIMARY KEY (is_only);

--
-- Name: operator_event operator_event_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.operator_event
    ADD CONSTRAINT operator_event_pkey PRIMARY KEY (id);

--
-- Name: person person_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);

--
-- Name: referral referral_number_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.referral
    ADD CONSTRAINT referral_number_key UNIQUE (number);

--
-- Name: referral referral_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.referral
    ADD CONSTRAINT referral_pkey PRIMARY KEY (id);

--
-- Name: rule_draft rule_draft_checksum_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.rule_draft
    ADD CONSTRAINT rule_draft_checksum_key UNIQUE (checksum);

--
-- Name: rule_draft rule_draft_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.rule_draft
    ADD CONSTRAINT rule_draft_pkey PRIMARY KEY (id);

--
-- Name: rule_set rule_set_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.rule_set
    ADD CONSTRAINT rule_set_pkey PRIMARY KEY (version);

--
-- Name: staff_task staff_task_message_id_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_task
    ADD CONSTRAINT staff_task_message_id_key UNIQUE (message_id);

--
-- Name: staff_task staff_task_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_task
    ADD CONSTRAINT staff_task_pkey PRIMARY KEY (id);

--
-- Name: station station_division_code_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.station
    ADD CONSTRAINT station_division_code_key UNIQUE (division_code);

--
-- Name: station station_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.station
    ADD CONSTRAINT station_pkey PRIMARY KEY (id);

--
-- Name: webhook_delivery webhook_delivery_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.webhook_delivery
    ADD CONSTRAINT webhook_delivery_pkey PRIMARY KEY (id);

--
-- Name: applied applied_ordinal_key; Type: CONSTRAINT; Schema: dandelion_migrations; Owner: -
--

ALTER TABLE ONLY dandelion_migrations.applied
    ADD CONSTRAINT applied_ordinal_key UNIQUE (ordinal);

--
-- Name: applied applied_pkey; Type: CONSTRAINT; Schema: dandelion_migrations; Owner: -
--

ALTER TABLE ONLY dandelion_migrations.applied
    ADD CONSTRAINT applied_pkey PRIMARY KEY (module, name);

--
-- Name: agency_login agency_login_agency_id_key; Type: CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.agency_login
    ADD CONSTRAINT agency_login_agency_id_key UNIQUE (agency_id);

--
-- Name: agency_login agency_login_pkey; Type: CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.agency_login
    ADD CONSTRAINT agency_login_pkey PRIMARY KEY (login);

--
-- Name: lane lane_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.lane
    ADD CONSTRAINT lane_pkey PRIMARY KEY (queue, priority);

--
-- Name: leader leader_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.leader
    ADD CONSTRAINT leader_pkey PRIMARY KEY (name);

--
-- Name: lost_worker lost_worker_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.lost_worker
    ADD CONSTRAINT lost_worker_pkey PRIMARY KEY (id);

--
-- Name: paused_queue paused_queue_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.paused_queue
    ADD CONSTRAINT paused_queue_pkey PRIMARY KEY (queue);

--
-- Name: queue_limit queue_limit_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.queue_limit
    ADD CONSTRAINT queue_limit_pkey PRIMARY KEY (queue);

--
-- Name: unique_job unique_job_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.unique_job
    ADD CONSTRAINT unique_job_pkey PRIMARY KEY (kind, unique_key);

--
-- Name: worker_claim worker_claim_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.worker_claim
    ADD CONSTRAINT worker_claim_pkey PRIMARY KEY (worker_id, number);

--
-- Name: worker worker_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.worker
    ADD CONSTRAINT worker_pkey PRIMARY KEY (id);

--
-- Name: disclosure disclosure_number_key; Type: CONSTRAINT; Schema: safeguarding; Owner: -
--

ALTER TABLE ONLY safeguarding.disclosure
    ADD CONSTRAINT disclosure_number_key UNIQUE (number);

--
-- Name: disclosure disclosure_pkey; Type: CONSTRAINT; Schema: safeguarding; Owner: -
--

ALTER TABLE ONLY safeguarding.disclosure
    ADD CONSTRAINT disclosure_pkey PRIMARY KEY (id);

--
-- Name: sealed_package sealed_package_pkey; Type: CONSTRAINT; Schema: safeguarding; Owner: -
--

ALTER TABLE ONLY safeguarding.sealed_package
    ADD CONSTRAINT sealed_package_pkey PRIMARY KEY (referral_id);

--
-- Name: agency_place; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX agency_place ON casework.agency USING btree (division_code, kind) WHERE (status = 'active'::text);

--
-- Name: cases_owner; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX cases_owner ON casework.cases USING btree (owner_station_id, opened_at) WHERE (status = 'open'::text);

--
-- Name: cases_unrouted; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX cases_unrouted ON casework.cases USING btree (opened_at) WHERE ((status = 'open'::text) AND (routed_at IS NULL));

--
-- Name: clock_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX clock_case ON casework.clock USING btree (case_id);

--
-- Name: clock_referral; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX clock_referral ON casework.clock USING btree (referral_id) WHERE (referral_id IS NOT NULL);

--
-- Name: clock_running; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX clock_running ON casework.clock USING btree (look_at) WHERE (state = 'running'::text);

--
-- Name: consent_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX consent_case ON casework.consent USING btree (case_id);

--
-- Name: contact_rule_person; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX contact_rule_person ON casework.contact_rule USING btree (person_id);

--
-- Name: division_parent; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX division_parent ON casework.division USING btree (parent_code);

--
-- Name: event_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX event_case ON casework.event USING btree (case_id, id);

--
-- Name: idempotency_age; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX idempotency_age ON casework.idempotency USING btree (created_at);

--
-- Name: message_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_case ON casework.message USING btree (case_id);

--
-- Name: message_event_message; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_event_message ON casework.message_event USING btree (message_id, id);

--
-- Name: message_inbox; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_inbox ON casework.message USING btree (station_id, created_at) WHERE ((station_id IS NOT NULL) AND (read_at IS NULL));

--
-- Name: message_person; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_person ON casework.message USING btree (person_id) WHERE (person_id IS NOT NULL);

--
-- Name: message_reference; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX message_reference ON casework.message USING btree (provider, reference) WHERE (reference IS NOT NULL);

--
-- Name: message_undelivered; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_undelivered ON casework.message USING btree (deliver_by) WHERE ((state = ANY (ARRAY['pending'::text, 'scheduled'::text, 'sending'::text])) AND (late_at IS NULL));

--
-- Name: operator_event_subject; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX operator_event_subject ON casework.operator_event USING btree (subject, id);

--
-- Name: person_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX person_case ON casework.person USING btree (case_id);

--
-- Name: person_phone; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX person_phone ON casework.person USING btree (phone_index) WHERE (phone_index IS NOT NULL);

--
-- Name: referral_agency; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX referral_agency ON casework.referral USING btree (agency_id, requested_at);

--
-- Name: referral_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX referral_case ON casework.referral USING btree (case_id);

--
-- Name: referral_live; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX referral_live ON casework.referral USING btree (case_id, agency_id, purpose) WHERE is_live;

--
-- Name: referral_predecessor; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX referral_predecessor ON casework.referral USING btree (predecessor_id) WHERE (predecessor_id IS NOT NULL);

--
-- Name: staff_task_open; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX staff_task_open ON casework.staff_task USING btree (station_id, opened_at) WHERE (done_at IS NULL);

--
-- Name: job_deferred_alias; Type: INDEX; Schema: queue; Owner: -
--

CREATE UNIQUE INDEX job_deferred_alias ON queue.job_deferred USING btree (alias);

--
-- Name: job_deferred_due; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_deferred_due ON queue.job_deferred USING btree (scheduled_at, id);

--
-- Name: job_deferred_id; Type: INDEX; Schema: queue; Owner: -
--

CREATE UNIQUE INDEX job_deferred_id ON queue.job_deferred USING btree (id);

--
-- Name: job_history_alias; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_history_alias ON ONLY queue.job_history USING btree (alias);

--
-- Name: job_history_dead; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_history_dead ON ONLY queue.job_history USING btree (queue, finished_at) WHERE (state = 'discarded'::text);

--
-- Name: job_history_rest_alias_idx; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_history_rest_alias_idx ON queue.job_history_rest USING btree (alias);

--
-- Name: job_history_rest_queue_finished_at_idx; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_history_rest_queue_finished_at_idx ON queue.job_history_rest USING btree (queue, finished_at) WHERE (state = 'discarded'::text);

--
-- Name: job_ready_alias; Type: INDEX; Schema: queue; Owner: -
--

CREATE UNIQUE INDEX job_ready_alias ON queue.job_ready USING btree (alias);

--
-- Name: job_ready_cancel; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_ready_cancel ON queue.job_ready USING btree (cancel_requested_at) WHERE (cancel_requested_at IS NOT NULL);

--
-- Name: job_ready_id; Type: INDEX; Schema: queue; Owner: -
--

CREATE UNIQUE INDEX job_ready_id ON queue.job_ready USING btree (id);

--
-- Name: job_ready_lane; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_ready_lane ON queue.job_ready USING btree (queue, priority, "position");

--
-- Name: job_ready_lease_alias; Type: INDEX; Schema: queue; Owner: -
--

CREATE UNIQUE INDEX job_ready_lease_alias ON queue.job_ready USING btree (lease_alias) WHERE (lease_alias IS NOT NULL);

--
-- Name: job_ready_lease_end; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_ready_lease_end ON queue.job_ready USING btree (lease_expires_at) WHERE (lease_expires_at IS NOT NULL);

--
-- Name: permit_queue; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX permit_queue ON queue.permit USING btree (queue);

--
-- Name: disclosure_referral; Type: INDEX; Schema: safeguarding; Owner: -
--

CREATE INDEX disclosure_referral ON safeguarding.disclosure USING btree (referral_id, number);

--
-- Name: job_history_rest_alias_idx; Type: INDEX ATTACH; Schema: queue; Owner: -
--

ALTER INDEX queue.job_history_alias ATTACH PARTITION queue.job_history_rest_alias_idx;

--
-- Name: job_history_rest_queue_finished_at_idx; Type: INDEX ATTACH; Schema: queue; Owner: -
--

ALTER INDEX queue.job_history_dead ATTACH PARTITION queue.job_history_rest_queue_finished_at_idx;

--
-- Name: agency agency_changed; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER agency_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON casework.agency FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();

--
-- Name: cases cases_has_clock; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE CONSTRAINT TRIGGER cases_has_clock AFTER INSERT OR UPDATE OF status ON casework.cases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework.require_running_clock();

--
-- Name: clock clock_leaves_one; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE CONSTRAINT TRIGGER clock_leaves_one AFTER DELETE OR UPDATE OF state, case_id ON casework.clock DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework.require_running_clock();

--
-- Name: division division_changed; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER division_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON casework.division FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();

--
-- Name: event event_append_only; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER event_append_only BEFORE DELETE OR UPDATE ON casework.event FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();

--
-- Name: event event_no_truncate; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON casework.event FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

--
-- Name: message_event message_event_append_only; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER message_event_append_only BEFORE DELETE OR UPDATE ON casework.message_event FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();

--
-- Name: message_event message_event_no_truncate; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER message_event_no_truncate BEFORE TRUNCATE ON casework.message_event FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

--
-- Name: operator_event operator_event_append_only; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER operator_event_append_only BEFORE DELETE OR UPDATE ON casework.operator_event FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();

--
-- Name: operator_event operator_event_no_truncate; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER operator_event_no_truncate BEFORE TRUNCATE ON casework.operator_event FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

--
-- Name: station station_changed; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER station_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON casework.station FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();

--
-- Name: worker worker_lost; Type: TRIGGER; Schema: queue; Owner: -
--

CREATE TRIGGER worker_lost AFTER DELETE ON queue.worker FOR EACH ROW EXECUTE FUNCTION queue.note_lost_worker();

--
-- Name: disclosure disclosure_append_only; Type: TRIGGER; Schema: safeguarding; Owner: -
--

CREATE TRIGGER disclosure_append_only BEFORE DELETE OR UPDATE ON safeguarding.disclosure FOR EACH STATEMENT EXECUTE FUNCTION safeguarding.refuse_change();

--
-- Name: disclosure disclosure_no_truncate; Type: TRIGGER; Schema: safeguarding; Owner: -
--

CREATE TRIGGER disclosure_no_truncate BEFORE TRUNCATE ON safeguarding.disclosure FOR EACH STATEMENT EXECUTE FUNCTION safeguarding.refuse_change();

--
-- Name: agency agency_division_code_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.agency
    ADD CONSTRAINT agency_division_code_fkey FOREIGN KEY (division_code) REFERENCES casework.division(code);

--
-- Name: agency_key agency_key_agency_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.agency_key
    ADD CONSTRAINT agency_key_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: cases cases_client_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.cases
    ADD CONSTRAINT cases_client_id_fkey FOREIGN KEY (client_id) REFERENCES casework.intake_client(id);

--
-- Name: cases cases_division_code_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.cases
    ADD CONSTRAINT cases_division_code_fkey FOREIGN KEY (division_code) REFERENCES casework.division(code);

--
-- Name: cases cases_owner_station_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.cases
    ADD CONSTRAINT cases_owner_station_id_fkey FOREIGN KEY (owner_station_id) REFERENCES casework.station(id);

--
-- Name: clock clock_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.clock
    ADD CONSTRAINT clock_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: clock clock_referral_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.clock
    ADD CONSTRAINT clock_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES casework.referral(id);

--
-- Name: consent consent_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.consent
    ADD CONSTRAINT consent_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: contact_rule contact_rule_person_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.contact_rule
    ADD CONSTRAINT contact_rule_person_id_fkey FOREIGN KEY (person_id) REFERENCES casework.person(id);

--
-- Name: division division_parent_code_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.division
    ADD CONSTRAINT division_parent_code_fkey FOREIGN KEY (parent_code) REFERENCES casework.division(code);

--
-- Name: idempotency idempotency_client_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.idempotency
    ADD CONSTRAINT idempotency_client_id_fkey FOREIGN KEY (client_id) REFERENCES casework.intake_client(id);

--
-- Name: intake_client intake_client_division_scope_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.intake_client
    ADD CONSTRAINT intake_client_division_scope_fkey FOREIGN KEY (division_scope) REFERENCES casework.division(code);

--
-- Name: message message_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.message
    ADD CONSTRAINT message_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: message_event message_event_message_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.message_event
    ADD CONSTRAINT message_event_message_id_fkey FOREIGN KEY (message_id) REFERENCES casework.message(id);

--
-- Name: message message_person_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.message
    ADD CONSTRAINT message_person_id_fkey FOREIGN KEY (person_id) REFERENCES casework.person(id);

--
-- Name: message message_station_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.message
    ADD CONSTRAINT message_station_id_fkey FOREIGN KEY (station_id) REFERENCES casework.station(id);

--
-- Name: person person_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.person
    ADD CONSTRAINT person_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: referral referral_agency_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.referral
    ADD CONSTRAINT referral_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: referral referral_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.referral
    ADD CONSTRAINT referral_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: referral referral_predecessor_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.referral
    ADD CONSTRAINT referral_predecessor_id_fkey FOREIGN KEY (predecessor_id) REFERENCES casework.referral(id);

--
-- Name: referral referral_rule_version_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.referral
    ADD CONSTRAINT referral_rule_version_fkey FOREIGN KEY (rule_version) REFERENCES casework.rule_set(version);

--
-- Name: rule_draft rule_draft_version_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.rule_draft
    ADD CONSTRAINT rule_draft_version_fkey FOREIGN KEY (version) REFERENCES casework.rule_set(version);

--
-- Name: staff_task staff_task_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_task
    ADD CONSTRAINT staff_task_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: staff_task staff_task_message_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_task
    ADD CONSTRAINT staff_task_message_id_fkey FOREIGN KEY (message_id) REFERENCES casework.message(id);

--
-- Name: staff_task staff_task_station_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_task
    ADD CONSTRAINT staff_task_station_id_fkey FOREIGN KEY (station_id) REFERENCES casework.station(id);

--
-- Name: station station_division_code_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.station
    ADD CONSTRAINT station_division_code_fkey FOREIGN KEY (division_code) REFERENCES casework.division(code);

--
-- Name: webhook_delivery webhook_delivery_agency_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.webhook_delivery
    ADD CONSTRAINT webhook_delivery_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: webhook_delivery webhook_delivery_referral_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.webhook_delivery
    ADD CONSTRAINT webhook_delivery_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES casework.referral(id);

--
-- Name: agency_login agency_login_agency_id_fkey; Type: FK CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.agency_login
    ADD CONSTRAINT agency_login_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: SCHEMA casework; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA casework TO dandelion_intake;
GRANT USAGE ON SCHEMA casework TO dandelion_routing;
GRANT USAGE ON SCHEMA casework TO dandelion_notification;
GRANT USAGE ON SCHEMA casework TO dandelion_gateway;
GRANT USAGE ON SCHEMA casework TO dandelion_operator;

--
-- Name: SCHEMA dandelion_migrations; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA dandelion_migrations TO dandelion_intake;
GRANT USAGE ON SCHEMA dandelion_migrations TO dandelion_routing;
GRANT USAGE ON SCHEMA dandelion_migrations TO dandelion_notification;
GRANT USAGE ON SCHEMA dandelion_migrations TO dandelion_gateway;
GRANT USAGE ON SCHEMA dandelion_migrations TO dandelion_operator;

--
-- Name: SCHEMA door; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA door TO dandelion_operator;

--
-- Name: SCHEMA gateway; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA gateway TO dandelion_gateway;

--
-- Name: SCHEMA partner; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA partner TO dandelion_partner;

--
-- Name: SCHEMA queue; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA queue TO queue_producer;
GRANT USAGE ON SCHEMA queue TO queue_worker;
GRANT USAGE ON SCHEMA queue TO queue_operator;
GRANT USAGE ON SCHEMA queue TO queue_observer;

--
-- Name: SCHEMA safeguarding; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA safeguarding TO dandelion_routing;
GRANT USAGE ON SCHEMA safeguarding TO dandelion_gateway;
GRANT USAGE ON SCHEMA safeguarding TO dandelion_operator;

--
-- Name: FUNCTION accept_referral(p_agency uuid, p_referral uuid, p_lease text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.accept_referral(p_agency uuid, p_referral uuid, p_lease text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.accept_referral(p_agency uuid, p_referral uuid, p_lease text) TO dandelion_gateway;

--
-- Name: FUNCTION activate_rule_draft(p_id bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.activate_rule_draft(p_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.activate_rule_draft(p_id bigint) TO dandelion_operator;

--
-- Name: FUNCTION activate_rule_set(p_yaml text, p_checksum bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.activate_rule_set(p_yaml text, p_checksum bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.activate_rule_set(p_yaml text, p_checksum bytea) TO dandelion_operator;

--
-- Name: FUNCTION active_rule_set(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.active_rule_set() FROM PUBLIC;
GRANT ALL ON FUNCTION casework.active_rule_set() TO dandelion_intake;
GRANT ALL ON FUNCTION casework.active_rule_set() TO dandelion_operator;

--
-- Name: FUNCTION add_agency_key(p_agency uuid, p_key_hash bytea, p_label text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.add_agency_key(p_agency uuid, p_key_hash bytea, p_label text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.add_agency_key(p_agency uuid, p_key_hash bytea, p_label text) TO dandelion_operator;

--
-- Name: FUNCTION add_message(p_case uuid, p_person uuid, p_template text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.add_message(p_case uuid, p_person uuid, p_template text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.add_message(p_case uuid, p_person uuid, p_template text) TO dandelion_routing;

--
-- Name: FUNCTION add_notice(p_case uuid, p_station uuid, p_kind text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.add_notice(p_case uuid, p_station uuid, p_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.add_notice(p_case uuid, p_station uuid, p_kind text) TO dandelion_routing;
GRANT ALL ON FUNCTION casework.add_notice(p_case uuid, p_station uuid, p_kind text) TO dandelion_notification;

--
-- Name: FUNCTION add_webhook_delivery(p_id uuid, p_agency uuid, p_referral uuid, p_event text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.add_webhook_delivery(p_id uuid, p_agency uuid, p_referral uuid, p_event text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.add_webhook_delivery(p_id uuid, p_agency uuid, p_referral uuid, p_event text) TO dandelion_routing;

--
-- Name: FUNCTION agencies_at(p_divisions text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agencies_at(p_divisions text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agencies_at(p_divisions text[]) TO dandelion_routing;

--
-- Name: FUNCTION agency_by_key(p_key_hash bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agency_by_key(p_key_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agency_by_key(p_key_hash bytea) TO dandelion_gateway;

--
-- Name: FUNCTION agency_referrals(p_agency uuid, p_number text, p_referral uuid, p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agency_referrals(p_agency uuid, p_number text, p_referral uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agency_referrals(p_agency uuid, p_number text, p_referral uuid, p_limit integer) TO dandelion_gateway;

--
-- Name: FUNCTION begin_message(p_message uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.begin_message(p_message uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.begin_message(p_message uuid) TO dandelion_notification;

--
-- Name: FUNCTION case_contacts(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.case_contacts(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.case_contacts(p_case uuid) TO dandelion_notification;

--
-- Name: FUNCTION case_of_referral(p_referral uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.case_of_referral(p_referral uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.case_of_referral(p_referral uuid) TO dandelion_routing;

--
-- Name: FUNCTION change_owner(p_case uuid, p_station uuid, p_reason text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.change_owner(p_case uuid, p_station uuid, p_reason text, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.change_owner(p_case uuid, p_station uuid, p_reason text, p_actor text) TO dandelion_routing;

--
-- Name: FUNCTION clock_by_id(p_clock uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.clock_by_id(p_clock uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.clock_by_id(p_clock uuid) TO dandelion_routing;

--
-- Name: FUNCTION clocks_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.clocks_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.clocks_of(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION close_case(p_case uuid, p_outcome text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.close_case(p_case uuid, p_outcome text, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.close_case(p_case uuid, p_outcome text, p_actor text) TO dandelion_routing;

--
-- Name: FUNCTION confirm_safety(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.confirm_safety(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.confirm_safety(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION consents_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.consents_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.consents_of(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION contact_rules_of(p_person uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.contact_rules_of(p_person uuid) FROM PUBLIC;

--
-- Name: FUNCTION contact_rules_of_case(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.contact_rules_of_case(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.contact_rules_of_case(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION create_referral(p_id uuid, p_number text, p_case uuid, p_agency uuid, p_purpose text, p_profile text, p_tier text, p_rule_version bigint, p_explanation jsonb, p_legal_basis text, p_consent_basis text, p_priority integer, p_outcome_clock text, p_predecessor uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.create_referral(p_id uuid, p_number text, p_case uuid, p_agency uuid, p_purpose text, p_profile text, p_tier text, p_rule_version bigint, p_explanation jsonb, p_legal_basis text, p_consent_basis text, p_priority integer, p_outcome_clock text, p_predecessor uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.create_referral(p_id uuid, p_number text, p_case uuid, p_agency uuid, p_purpose text, p_profile text, p_tier text, p_rule_version bigint, p_explanation jsonb, p_legal_basis text, p_consent_basis text, p_priority integer, p_outcome_clock text, p_predecessor uuid) TO dandelion_routing;

--
-- Name: FUNCTION decline_referral(p_agency uuid, p_referral uuid, p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.decline_referral(p_agency uuid, p_referral uuid, p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.decline_referral(p_agency uuid, p_referral uuid, p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone) TO dandelion_gateway;

--
-- Name: FUNCTION division_path(p_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.division_path(p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.division_path(p_code text) TO dandelion_intake;
GRANT ALL ON FUNCTION casework.division_path(p_code text) TO dandelion_routing;
GRANT ALL ON FUNCTION casework.division_path(p_code text) TO dandelion_operator;

--
-- Name: FUNCTION end_clock(p_clock uuid, p_state text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.end_clock(p_clock uuid, p_state text, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.end_clock(p_clock uuid, p_state text, p_actor text) TO dandelion_routing;

--
-- Name: FUNCTION fingerprint(p_bytes bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.fingerprint(p_bytes bytea) FROM PUBLIC;

--
-- Name: FUNCTION finish_staff_task(p_task uuid, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.finish_staff_task(p_task uuid, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.finish_staff_task(p_task uuid, p_actor text) TO dandelion_operator;

--
-- Name: FUNCTION forget_idempotency_keys(p_older interval, p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.forget_idempotency_keys(p_older interval, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.forget_idempotency_keys(p_older interval, p_limit integer) TO dandelion_intake;

--
-- Name: FUNCTION from_micros(p_micros bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.from_micros(p_micros bigint) FROM PUBLIC;

--
-- Name: FUNCTION import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[]) TO dandelion_operator;

--
-- Name: FUNCTION insert_message(p_audience text, p_case uuid, p_person uuid, p_station uuid, p_template text, p_lane integer, p_within interval); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.insert_message(p_audience text, p_case uuid, p_person uuid, p_station uuid, p_template text, p_lane integer, p_within interval) FROM PUBLIC;

--
-- Name: FUNCTION intake_client_by_key(p_key_hash bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.intake_client_by_key(p_key_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.intake_client_by_key(p_key_hash bytea) TO dandelion_intake;

--
-- Name: FUNCTION late_messages(p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.late_messages(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.late_messages(p_limit integer) TO dandelion_notification;

--
-- Name: FUNCTION load_rule_draft(p_name text, p_yaml text, p_checksum bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.load_rule_draft(p_name text, p_yaml text, p_checksum bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.load_rule_draft(p_name text, p_yaml text, p_checksum bytea) TO dandelion_operator;

--
-- Name: FUNCTION lock_agency_referral(p_agency uuid, p_referral uuid, p_number text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_agency_referral(p_agency uuid, p_referral uuid, p_number text) FROM PUBLIC;

--
-- Name: FUNCTION lock_case(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_case(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.lock_case(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION lock_contact_rules(p_person uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_contact_rules(p_person uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.lock_contact_rules(p_person uuid) TO dandelion_notification;

--
-- Name: FUNCTION lock_network(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_network() FROM PUBLIC;

--
-- Name: FUNCTION lock_person_message(p_message uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_person_message(p_message uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.lock_person_message(p_message uuid) TO dandelion_notification;

--
-- Name: FUNCTION lock_station_message(p_message uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_station_message(p_message uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.lock_station_message(p_message uuid) TO dandelion_notification;

--
-- Name: FUNCTION message_counts(p_since timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.message_counts(p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.message_counts(p_since timestamp with time zone) TO dandelion_operator;

--
-- Name: FUNCTION moment_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.moment_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.moment_of(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION network_changed(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.network_changed() FROM PUBLIC;

--
-- Name: FUNCTION open_case(p_id uuid, p_number text, p_receipt_hash bytea, p_channel text, p_division text, p_risk text, p_facts jsonb, p_narrative bytea, p_client uuid, p_client_name text, p_people jsonb, p_rules jsonb, p_consents jsonb, p_clock uuid, p_clock_name text, p_clock_basis text, p_due_at timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.open_case(p_id uuid, p_number text, p_receipt_hash bytea, p_channel text, p_division text, p_risk text, p_facts jsonb, p_narrative bytea, p_client uuid, p_client_name text, p_people jsonb, p_rules jsonb, p_consents jsonb, p_clock uuid, p_clock_name text, p_clock_basis text, p_due_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.open_case(p_id uuid, p_number text, p_receipt_hash bytea, p_channel text, p_division text, p_risk text, p_facts jsonb, p_narrative bytea, p_client uuid, p_client_name text, p_people jsonb, p_rules jsonb, p_consents jsonb, p_clock uuid, p_clock_name text, p_clock_basis text, p_due_at timestamp with time zone) TO dandelion_intake;

--
-- Name: FUNCTION open_staff_task(p_message uuid, p_kind text, p_reason text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.open_staff_task(p_message uuid, p_kind text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.open_staff_task(p_message uuid, p_kind text, p_reason text) TO dandelion_notification;

--
-- Name: FUNCTION opened_case(p_client uuid, p_key text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.opened_case(p_client uuid, p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.opened_case(p_client uuid, p_key text) TO dandelion_intake;

--
-- Name: FUNCTION owner_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.owner_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.owner_of(p_case uuid) TO dandelion_notification;

--
-- Name: FUNCTION people_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.people_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.people_of(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION put_agency(p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_webhook_url text, p_webhook_secret bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_agency(p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_webhook_url text, p_webhook_secret bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.put_agency(p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_webhook_url text, p_webhook_secret bytea) TO dandelion_operator;

--
-- Name: FUNCTION put_intake_client(p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_intake_client(p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.put_intake_client(p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean) TO dandelion_operator;

--
-- Name: FUNCTION put_message_state(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_message_state(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) FROM PUBLIC;

--
-- Name: FUNCTION read_case(p_number text, p_client uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.read_case(p_number text, p_client uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.read_case(p_number text, p_client uuid) TO dandelion_intake;

--
-- Name: FUNCTION read_notice(p_message uuid, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.read_notice(p_message uuid, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.read_notice(p_message uuid, p_actor text) TO dandelion_operator;

--
-- Name: FUNCTION receipt_status(p_receipt_hash bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.receipt_status(p_receipt_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.receipt_status(p_receipt_hash bytea) TO dandelion_intake;

--
-- Name: FUNCTION record_decision(p_case uuid, p_rule_version bigint, p_explanation jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_decision(p_case uuid, p_rule_version bigint, p_explanation jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_decision(p_case uuid, p_rule_version bigint, p_explanation jsonb) TO dandelion_routing;

--
-- Name: FUNCTION record_escalation(p_case uuid, p_referral uuid, p_data jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_escalation(p_case uuid, p_referral uuid, p_data jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_escalation(p_case uuid, p_referral uuid, p_data jsonb) TO dandelion_routing;

--
-- Name: FUNCTION record_event(p_case uuid, p_referral uuid, p_kind text, p_actor_kind text, p_actor text, p_rule_version bigint, p_data jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_event(p_case uuid, p_referral uuid, p_kind text, p_actor_kind text, p_actor text, p_rule_version bigint, p_data jsonb) FROM PUBLIC;

--
-- Name: FUNCTION record_operator_event(p_kind text, p_subject text, p_data jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_operator_event(p_kind text, p_subject text, p_data jsonb) FROM PUBLIC;

--
-- Name: FUNCTION record_receipt(p_provider text, p_reference text, p_state text, p_reason text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_receipt(p_provider text, p_reference text, p_state text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_receipt(p_provider text, p_reference text, p_state text, p_reason text) TO dandelion_notification;

--
-- Name: FUNCTION record_routing_event(p_case uuid, p_referral uuid, p_kind text, p_rule_version bigint, p_data jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_routing_event(p_case uuid, p_referral uuid, p_kind text, p_rule_version bigint, p_data jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_routing_event(p_case uuid, p_referral uuid, p_kind text, p_rule_version bigint, p_data jsonb) TO dandelion_routing;

--
-- Name: FUNCTION referral_received(p_agency uuid, p_referral uuid, p_lease text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.referral_received(p_agency uuid, p_referral uuid, p_lease text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.referral_received(p_agency uuid, p_referral uuid, p_lease text) TO dandelion_gateway;

--
-- Name: FUNCTION referrals_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.referrals_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.referrals_of(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION refuse_change(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.refuse_change() FROM PUBLIC;

--
-- Name: FUNCTION refuse_step(p_agency uuid, p_referral uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.refuse_step(p_agency uuid, p_referral uuid) FROM PUBLIC;

--
-- Name: FUNCTION remove_agency_webhook(p_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.remove_agency_webhook(p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.remove_agency_webhook(p_code text) TO dandelion_operator;

--
-- Name: FUNCTION report_outcome(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_outcome text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.report_outcome(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_outcome text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.report_outcome(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_outcome text) TO dandelion_gateway;

--
-- Name: FUNCTION report_progress(p_agency uuid, p_referral uuid, p_expected text[], p_status text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.report_progress(p_agency uuid, p_referral uuid, p_expected text[], p_status text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.report_progress(p_agency uuid, p_referral uuid, p_expected text[], p_status text) TO dandelion_gateway;

--
-- Name: FUNCTION require_running_clock(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.require_running_clock() FROM PUBLIC;

--
-- Name: FUNCTION revoke_agency_keys(p_agency uuid, p_except uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.revoke_agency_keys(p_agency uuid, p_except uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.revoke_agency_keys(p_agency uuid, p_except uuid) TO dandelion_operator;

--
-- Name: FUNCTION revoke_intake_client(p_name text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.revoke_intake_client(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.revoke_intake_client(p_name text) TO dandelion_operator;

--
-- Name: FUNCTION rule_draft_by_id(p_id bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.rule_draft_by_id(p_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.rule_draft_by_id(p_id bigint) TO dandelion_operator;

--
-- Name: FUNCTION rule_drafts(p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.rule_drafts(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.rule_drafts(p_limit integer) TO dandelion_operator;

--
-- Name: FUNCTION rule_set_by_version(p_version bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.rule_set_by_version(p_version bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.rule_set_by_version(p_version bigint) TO dandelion_routing;

--
-- Name: FUNCTION set_agency_status(p_code text, p_status text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_agency_status(p_code text, p_status text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_agency_status(p_code text, p_status text) TO dandelion_operator;

--
-- Name: FUNCTION set_referral_status(p_referral uuid, p_expected text[], p_status text, p_code text, p_actor text, p_rule_version bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_referral_status(p_referral uuid, p_expected text[], p_status text, p_code text, p_actor text, p_rule_version bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_referral_status(p_referral uuid, p_expected text[], p_status text, p_code text, p_actor text, p_rule_version bigint) TO dandelion_routing;

--
-- Name: FUNCTION set_station_email(p_division text, p_email text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_station_email(p_division text, p_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_station_email(p_division text, p_email text) TO dandelion_operator;

--
-- Name: FUNCTION set_station_mutes(p_division text, p_kinds text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_station_mutes(p_division text, p_kinds text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_station_mutes(p_division text, p_kinds text[]) TO dandelion_operator;

--
-- Name: FUNCTION settle_message(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.settle_message(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.settle_message(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) TO dandelion_notification;

--
-- Name: FUNCTION settle_webhook_delivery(p_delivery uuid, p_state text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.settle_webhook_delivery(p_delivery uuid, p_state text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.settle_webhook_delivery(p_delivery uuid, p_state text) TO dandelion_gateway;

--
-- Name: FUNCTION start_clock(p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamp with time zone, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.start_clock(p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamp with time zone, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.start_clock(p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamp with time zone, p_actor text) TO dandelion_routing;

--
-- Name: FUNCTION station_above(p_station uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.station_above(p_station uuid) FROM PUBLIC;

--
-- Name: FUNCTION stop_contact(p_person uuid, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.stop_contact(p_person uuid, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.stop_contact(p_person uuid, p_actor text) TO dandelion_operator;

--
-- Name: FUNCTION take_due_clocks(p_limit integer, p_again_after interval); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.take_due_clocks(p_limit integer, p_again_after interval) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.take_due_clocks(p_limit integer, p_again_after interval) TO dandelion_routing;

--
-- Name: FUNCTION take_idempotency_key(p_client uuid, p_key text, p_request_hash bytea, p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.take_idempotency_key(p_client uuid, p_key text, p_request_hash bytea, p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.take_idempotency_key(p_client uuid, p_key text, p_request_hash bytea, p_case uuid) TO dandelion_intake;

--
-- Name: FUNCTION unrouted_cases(p_older_than interval, p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.unrouted_cases(p_older_than interval, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.unrouted_cases(p_older_than interval, p_limit integer) TO dandelion_routing;

--
-- Name: FUNCTION webhook_delivery_by_id(p_delivery uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.webhook_delivery_by_id(p_delivery uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.webhook_delivery_by_id(p_delivery uuid) TO dandelion_gateway;

--
-- Name: FUNCTION whom_to_tell(p_message uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.whom_to_tell(p_message uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.whom_to_tell(p_message uuid) TO dandelion_notification;

--
-- Name: FUNCTION agency_of_session(OUT id uuid, OUT code text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.agency_of_session(OUT id uuid, OUT code text) FROM PUBLIC;

--
-- Name: FUNCTION answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, OUT result text, OUT status text, OUT reason_code text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, OUT result text, OUT status text, OUT reason_code text) FROM PUBLIC;

--
-- Name: FUNCTION close_login(p_agency_code text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.close_login(p_agency_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION door.close_login(p_agency_code text) TO dandelion_operator;

--
-- Name: FUNCTION create_login(p_agency_code text, p_login text, p_verifier text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.create_login(p_agency_code text, p_login text, p_verifier text) FROM PUBLIC;
GRANT ALL ON FUNCTION door.create_login(p_agency_code text, p_login text, p_verifier text) TO dandelion_operator;

--
-- Name: FUNCTION extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text, OUT result text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text, OUT result text) FROM PUBLIC;

--
-- Name: FUNCTION is_outcome(p_outcome text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_outcome(p_outcome text) FROM PUBLIC;

--
-- Name: FUNCTION is_reason(p_reason text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_reason(p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text, p_records boolean); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text, p_records boolean) FROM PUBLIC;

--
-- Name: FUNCTION locked(p_agency uuid, p_number text, p_lease uuid, OUT result text, OUT job_id bigint, OUT epoch integer, OUT lease_number bigint, OUT referral_id uuid, OUT status text, OUT reason_code text, OUT accepted_lease text, OUT purpose text, OUT legal_basis text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.locked(p_agency uuid, p_number text, p_lease uuid, OUT result text, OUT job_id bigint, OUT epoch integer, OUT lease_number bigint, OUT referral_id uuid, OUT status text, OUT reason_code text, OUT accepted_lease text, OUT purpose text, OUT legal_basis text) FROM PUBLIC;

--
-- Name: FUNCTION partner_answer(p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.partner_answer(p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION parts_of(p_lease text, OUT number text, OUT alias uuid); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.parts_of(p_lease text, OUT number text, OUT alias uuid) FROM PUBLIC;

--
-- Name: FUNCTION pause_after(p_attempt integer); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.pause_after(p_attempt integer) FROM PUBLIC;

--
-- Name: FUNCTION queue_of(p_agency uuid); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.queue_of(p_agency uuid) FROM PUBLIC;

--
-- Name: FUNCTION record_package(p_agency uuid, p_referral uuid, p_purpose text, p_legal_basis text, p_requested_by text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.record_package(p_agency uuid, p_referral uuid, p_purpose text, p_legal_basis text, p_requested_by text) FROM PUBLIC;

--
-- Name: FUNCTION report(p_agency uuid, p_number text, p_status text, p_outcome text, OUT result text, OUT status text, OUT outcome_code text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.report(p_agency uuid, p_number text, p_status text, p_outcome text, OUT result text, OUT status text, OUT outcome_code text) FROM PUBLIC;

--
-- Name: FUNCTION sources_of(p_status text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.sources_of(p_status text) FROM PUBLIC;

--
-- Name: FUNCTION tell_routing(p_referral uuid); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.tell_routing(p_referral uuid) FROM PUBLIC;

--
-- Name: FUNCTION answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, OUT result text, OUT status text, OUT reason_code text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, OUT result text, OUT status text, OUT reason_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, OUT result text, OUT status text, OUT reason_code text) TO dandelion_gateway;

--
-- Name: FUNCTION extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone) TO dandelion_gateway;

--
-- Name: FUNCTION hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text) TO dandelion_gateway;

--
-- Name: FUNCTION lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) TO dandelion_gateway;

--
-- Name: FUNCTION report(p_agency uuid, p_number text, p_status text, p_outcome text, OUT result text, OUT status text, OUT outcome_code text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.report(p_agency uuid, p_number text, p_status text, p_outcome text, OUT result text, OUT status text, OUT outcome_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.report(p_agency uuid, p_number text, p_status text, p_outcome text, OUT result text, OUT status text, OUT outcome_code text) TO dandelion_gateway;

--
-- Name: FUNCTION accept(p_lease text); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.accept(p_lease text) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.accept(p_lease text) TO dandelion_partner;

--
-- Name: FUNCTION extend(p_lease text, p_lease_seconds integer, OUT result text, OUT expires_at timestamp with time zone); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.extend(p_lease text, p_lease_seconds integer, OUT result text, OUT expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.extend(p_lease text, p_lease_seconds integer, OUT result text, OUT expires_at timestamp with time zone) TO dandelion_partner;

--
-- Name: FUNCTION hand_back(p_lease text, p_delay_seconds integer); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.hand_back(p_lease text, p_delay_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.hand_back(p_lease text, p_delay_seconds integer) TO dandelion_partner;

--
-- Name: FUNCTION lease(p_max integer, p_lease_seconds integer); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.lease(p_max integer, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.lease(p_max integer, p_lease_seconds integer) TO dandelion_partner;

--
-- Name: FUNCTION read_package(p_disclosure uuid); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.read_package(p_disclosure uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.read_package(p_disclosure uuid) TO dandelion_partner;

--
-- Name: FUNCTION referrals(p_limit integer); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.referrals(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.referrals(p_limit integer) TO dandelion_partner;

--
-- Name: FUNCTION reject(p_lease text, p_reason text, p_suggested_kind text); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.reject(p_lease text, p_reason text, p_suggested_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.reject(p_lease text, p_reason text, p_suggested_kind text) TO dandelion_partner;

--
-- Name: FUNCTION report(p_referral text, p_status text, p_outcome text); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.report(p_referral text, p_status text, p_outcome text) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.report(p_referral text, p_status text, p_outcome text) TO dandelion_partner;

--
-- Name: FUNCTION request_package(p_lease text, OUT result text, OUT disclosure uuid); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.request_package(p_lease text, OUT result text, OUT disclosure uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.request_package(p_lease text, OUT result text, OUT disclosure uuid) TO dandelion_partner;

--
-- Name: FUNCTION add_error(p_errors jsonb, p_attempt integer, p_code text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.add_error(p_errors jsonb, p_attempt integer, p_code text) FROM PUBLIC;

--
-- Name: FUNCTION advance(p_queue text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.advance(p_queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.advance(p_queue text) TO queue_worker;

--
-- Name: FUNCTION advance_lanes(p_queue text, p_top bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.advance_lanes(p_queue text, p_top bigint) FROM PUBLIC;

--
-- Name: FUNCTION cancel(p_alias uuid, p_code text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.cancel(p_alias uuid, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.cancel(p_alias uuid, p_code text) TO queue_operator;

--
-- Name: FUNCTION cancel_leased(p_id bigint, p_epoch integer, p_number bigint, p_code text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.cancel_leased(p_id bigint, p_epoch integer, p_number bigint, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.cancel_leased(p_id bigint, p_epoch integer, p_number bigint, p_code text) TO queue_worker;

--
-- Name: FUNCTION cancel_unique(p_kind text, p_unique_key text, p_code text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.cancel_unique(p_kind text, p_unique_key text, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.cancel_unique(p_kind text, p_unique_key text, p_code text) TO queue_producer;
GRANT ALL ON FUNCTION queue.cancel_unique(p_kind text, p_unique_key text, p_code text) TO queue_worker;
GRANT ALL ON FUNCTION queue.cancel_unique(p_kind text, p_unique_key text, p_code text) TO queue_operator;

--
-- Name: FUNCTION cancel_waiting(p_kind text, p_unique_key text, p_code text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.cancel_waiting(p_kind text, p_unique_key text, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.cancel_waiting(p_kind text, p_unique_key text, p_code text) TO queue_producer;
GRANT ALL ON FUNCTION queue.cancel_waiting(p_kind text, p_unique_key text, p_code text) TO queue_worker;
GRANT ALL ON FUNCTION queue.cancel_waiting(p_kind text, p_unique_key text, p_code text) TO queue_operator;

--
-- Name: FUNCTION claim(p_queue text, p_limit integer, p_worker uuid, p_lease_for interval, p_holder text, p_after bigint[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.claim(p_queue text, p_limit integer, p_worker uuid, p_lease_for interval, p_holder text, p_after bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.claim(p_queue text, p_limit integer, p_worker uuid, p_lease_for interval, p_holder text, p_after bigint[]) TO queue_worker;

--
-- Name: FUNCTION clear_limit(p_queue text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.clear_limit(p_queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.clear_limit(p_queue text) TO queue_operator;

--
-- Name: FUNCTION compact_claims(p_worker uuid, p_after bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.compact_claims(p_worker uuid, p_after bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.compact_claims(p_worker uuid, p_after bigint) TO queue_worker;

--
-- Name: FUNCTION complete(p_id bigint, p_epoch integer, p_number bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.complete(p_id bigint, p_epoch integer, p_number bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.complete(p_id bigint, p_epoch integer, p_number bigint) TO queue_worker;

--
-- Name: FUNCTION complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) TO queue_worker;

--
-- Name: FUNCTION deregister_worker(p_id uuid); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.deregister_worker(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.deregister_worker(p_id uuid) TO queue_worker;

--
-- Name: FUNCTION discard(p_id bigint, p_epoch integer, p_number bigint, p_code text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.discard(p_id bigint, p_epoch integer, p_number bigint, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.discard(p_id bigint, p_epoch integer, p_number bigint, p_code text) TO queue_worker;

--
-- Name: FUNCTION elect(p_name text, p_holder uuid, p_for interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.elect(p_name text, p_holder uuid, p_for interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.elect(p_name text, p_holder uuid, p_for interval) TO queue_worker;

--
-- Name: FUNCTION enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text) TO queue_producer;
GRANT ALL ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text) TO queue_worker;
GRANT ALL ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text) TO queue_operator;

--
-- Name: FUNCTION enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) TO queue_producer;
GRANT ALL ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) TO queue_worker;
GRANT ALL ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) TO queue_operator;

--
-- Name: FUNCTION extend(p_id bigint, p_epoch integer, p_number bigint, p_lease_for interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.extend(p_id bigint, p_epoch integer, p_number bigint, p_lease_for interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.extend(p_id bigint, p_epoch integer, p_number bigint, p_lease_for interval) TO queue_worker;

--
-- Name: FUNCTION fail(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_retry_after interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.fail(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_retry_after interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.fail(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_retry_after interval) TO queue_worker;

--
-- Name: FUNCTION finish(p_id bigint, p_state text, p_code text, p_errors jsonb); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.finish(p_id bigint, p_state text, p_code text, p_errors jsonb) FROM PUBLIC;

--
-- Name: FUNCTION heartbeat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.heartbeat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.heartbeat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval) TO queue_worker;

--
-- Name: FUNCTION lease_by_alias(p_alias uuid, p_holder text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.lease_by_alias(p_alias uuid, p_holder text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.lease_by_alias(p_alias uuid, p_holder text) TO queue_worker;

--
-- Name: FUNCTION lock_unique(p_kind text, p_unique_key text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.lock_unique(p_kind text, p_unique_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.lock_unique(p_kind text, p_unique_key text) TO queue_producer;
GRANT ALL ON FUNCTION queue.lock_unique(p_kind text, p_unique_key text) TO queue_worker;
GRANT ALL ON FUNCTION queue.lock_unique(p_kind text, p_unique_key text) TO queue_operator;

--
-- Name: FUNCTION maintain_history(p_keep interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.maintain_history(p_keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.maintain_history(p_keep interval) TO queue_worker;

--
-- Name: FUNCTION new_alias(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.new_alias() FROM PUBLIC;

--
-- Name: FUNCTION next_due(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.next_due() FROM PUBLIC;
GRANT ALL ON FUNCTION queue.next_due() TO queue_worker;

--
-- Name: FUNCTION next_position(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.next_position() FROM PUBLIC;

--
-- Name: FUNCTION note_lost_worker(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.note_lost_worker() FROM PUBLIC;

--
-- Name: FUNCTION pause(p_queue text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.pause(p_queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.pause(p_queue text) TO queue_operator;

--
-- Name: FUNCTION primary_epoch(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.primary_epoch() FROM PUBLIC;
GRANT ALL ON FUNCTION queue.primary_epoch() TO queue_producer;
GRANT ALL ON FUNCTION queue.primary_epoch() TO queue_worker;
GRANT ALL ON FUNCTION queue.primary_epoch() TO queue_operator;

--
-- Name: FUNCTION promote_due(p_limit integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.promote_due(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.promote_due(p_limit integer) TO queue_worker;

--
-- Name: FUNCTION put_back(p_id bigint, p_deferred_state text, p_delay interval, p_attempt integer, p_errors jsonb); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.put_back(p_id bigint, p_deferred_state text, p_delay interval, p_attempt integer, p_errors jsonb) FROM PUBLIC;

--
-- Name: FUNCTION refuse_job(p_queue text, p_kind text, p_priority integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.refuse_job(p_queue text, p_kind text, p_priority integer) FROM PUBLIC;

--
-- Name: FUNCTION register_worker(p_id uuid, p_name text, p_queues text[], p_slots integer, p_alive_for interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.register_worker(p_id uuid, p_name text, p_queues text[], p_slots integer, p_alive_for interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.register_worker(p_id uuid, p_name text, p_queues text[], p_slots integer, p_alive_for interval) TO queue_worker;

--
-- Name: FUNCTION release_unheld(p_worker uuid, p_held bigint[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.release_unheld(p_worker uuid, p_held bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.release_unheld(p_worker uuid, p_held bigint[]) TO queue_worker;

--
-- Name: FUNCTION rescue(p_limit integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.rescue(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.rescue(p_limit integer) TO queue_worker;

--
-- Name: FUNCTION resign(p_name text, p_holder uuid); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.resign(p_name text, p_holder uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.resign(p_name text, p_holder uuid) TO queue_worker;

--
-- Name: FUNCTION resume(p_queue text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.resume(p_queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.resume(p_queue text) TO queue_operator;

--
-- Name: FUNCTION retry(p_alias uuid); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.retry(p_alias uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.retry(p_alias uuid) TO queue_operator;

--
-- Name: FUNCTION ring(p_queues text[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.ring(p_queues text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.ring(p_queues text[]) TO queue_producer;
GRANT ALL ON FUNCTION queue.ring(p_queues text[]) TO queue_worker;
GRANT ALL ON FUNCTION queue.ring(p_queues text[]) TO queue_operator;

--
-- Name: FUNCTION set_limit(p_queue text, p_max_running integer, p_rate double precision, p_burst double precision); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.set_limit(p_queue text, p_max_running integer, p_rate double precision, p_burst double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.set_limit(p_queue text, p_max_running integer, p_rate double precision, p_burst double precision) TO queue_operator;

--
-- Name: FUNCTION snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval) TO queue_worker;

--
-- Name: FUNCTION take_back(p_job queue.job_ready, p_code text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.take_back(p_job queue.job_ready, p_code text) FROM PUBLIC;

--
-- Name: FUNCTION take_permits(p_queue text, p_wanted integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.take_permits(p_queue text, p_wanted integer) FROM PUBLIC;

--
-- Name: FUNCTION use_permits(p_queue text, p_taken integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.use_permits(p_queue text, p_taken integer) FROM PUBLIC;

--
-- Name: FUNCTION with_lease(p_id bigint, p_epoch integer, p_number bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.with_lease(p_id bigint, p_epoch integer, p_number bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.with_lease(p_id bigint, p_epoch integer, p_number bigint) TO queue_worker;

--
-- Name: FUNCTION describe_sealed_package(p_referral uuid, p_agency uuid); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.describe_sealed_package(p_referral uuid, p_agency uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.describe_sealed_package(p_referral uuid, p_agency uuid) TO dandelion_gateway;

--
-- Name: FUNCTION discard_sealed_package(p_referral uuid); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.discard_sealed_package(p_referral uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.discard_sealed_package(p_referral uuid) TO dandelion_routing;

--
-- Name: FUNCTION disclosures_after(p_number bigint, p_limit integer); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.disclosures_after(p_number bigint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.disclosures_after(p_number bigint, p_limit integer) TO dandelion_operator;

--
-- Name: FUNCTION disclosures_of(p_referral uuid); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.disclosures_of(p_referral uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.disclosures_of(p_referral uuid) TO dandelion_routing;
GRANT ALL ON FUNCTION safeguarding.disclosures_of(p_referral uuid) TO dandelion_operator;

--
-- Name: FUNCTION is_profile(p_profile text, p_fields text[]); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.is_profile(p_profile text, p_fields text[]) FROM PUBLIC;

--
-- Name: FUNCTION is_record(p_purpose text, p_legal_basis text, p_requested_by text); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.is_record(p_purpose text, p_legal_basis text, p_requested_by text) FROM PUBLIC;

--
-- Name: FUNCTION put_sealed_package(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_sealed bytea); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.put_sealed_package(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_sealed bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.put_sealed_package(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_sealed bytea) TO dandelion_routing;

--
-- Name: FUNCTION read_sealed_package(p_disclosure uuid, p_referral uuid, p_agency uuid); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.read_sealed_package(p_disclosure uuid, p_referral uuid, p_agency uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.read_sealed_package(p_disclosure uuid, p_referral uuid, p_agency uuid) TO dandelion_gateway;

--
-- Name: FUNCTION record_disclosure(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_purpose text, p_legal_basis text, p_requested_by text); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.record_disclosure(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_purpose text, p_legal_basis text, p_requested_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.record_disclosure(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_purpose text, p_legal_basis text, p_requested_by text) TO dandelion_gateway;

--
-- Name: FUNCTION record_package_disclosure(p_id uuid, p_referral uuid, p_agency uuid, p_purpose text, p_legal_basis text, p_requested_by text); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.record_package_disclosure(p_id uuid, p_referral uuid, p_agency uuid, p_purpose text, p_legal_basis text, p_requested_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.record_package_disclosure(p_id uuid, p_referral uuid, p_agency uuid, p_purpose text, p_legal_basis text, p_requested_by text) TO dandelion_gateway;

--
-- Name: FUNCTION refuse_change(); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.refuse_change() FROM PUBLIC;

--
-- Name: FUNCTION require_disclosure(p_disclosure uuid, p_referral uuid, p_agency uuid); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.require_disclosure(p_disclosure uuid, p_referral uuid, p_agency uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.require_disclosure(p_disclosure uuid, p_referral uuid, p_agency uuid) TO dandelion_gateway;

--
-- Name: TABLE division; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.division TO dandelion_operator;

--
-- Name: TABLE agency_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.agency_overview TO dandelion_operator;

--
-- Name: TABLE station; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.station TO dandelion_operator;

--
-- Name: TABLE case_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.case_overview TO dandelion_operator;

--
-- Name: TABLE client_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.client_overview TO dandelion_operator;

--
-- Name: TABLE clock_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.clock_overview TO dandelion_operator;

--
-- Name: TABLE message_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.message_overview TO dandelion_operator;

--
-- Name: TABLE operator_timeline; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.operator_timeline TO dandelion_operator;

--
-- Name: TABLE referral_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.referral_overview TO dandelion_operator;

--
-- Name: TABLE staff_task_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.staff_task_overview TO dandelion_operator;

--
-- Name: TABLE station_inbox; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.station_inbox TO dandelion_operator;

--
-- Name: TABLE timeline; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.timeline TO dandelion_operator;

--
-- Name: TABLE applied; Type: ACL; Schema: dandelion_migrations; Owner: -
--

GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_intake;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_routing;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_notification;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_gateway;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_operator;

--
-- Name: TABLE job_overview; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.job_overview TO queue_operator;
GRANT SELECT ON TABLE queue.job_overview TO queue_observer;

--
-- Name: TABLE leader; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.leader TO queue_operator;
GRANT SELECT ON TABLE queue.leader TO queue_observer;

--
-- Name: TABLE limit_overview; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.limit_overview TO queue_operator;
GRANT SELECT ON TABLE queue.limit_overview TO queue_observer;

--
-- Name: TABLE queue_overview; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.queue_overview TO queue_operator;
GRANT SELECT ON TABLE queue.queue_overview TO queue_observer;

--
-- Name: TABLE worker; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.worker TO queue_operator;
GRANT SELECT ON TABLE queue.worker TO queue_observer;

--
-- PostgreSQL database dump complete
--

