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
-- Name: ledger; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA ledger;

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
-- Name: claimed; Type: TYPE; Schema: door; Owner: -
--

CREATE TYPE door.claimed AS (
	agency uuid,
	requested_by text,
	job bigint,
	epoch integer,
	number bigint,
	lease uuid,
	expires_at timestamp with time zone,
	attempt integer,
	referral uuid
);

--
-- Name: delivered; Type: TYPE; Schema: door; Owner: -
--

CREATE TYPE door.delivered AS (
	place bigint,
	referral_id uuid,
	number text,
	purpose text,
	legal_basis text,
	tier text,
	answer_due_at timestamp with time zone,
	disclosure uuid
);

--
-- Name: sent_text; Type: TYPE; Schema: door; Owner: -
--

CREATE TYPE door.sent_text AS (
	key_id text,
	sealed bytea,
	attachments jsonb,
	staff text
);

--
-- Name: accept_referral(uuid, uuid, text, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.accept_referral(p_agency uuid, p_referral uuid, p_lease text, p_text jsonb DEFAULT NULL::jsonb) RETURNS uuid
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

--
-- Name: accept_referrals(uuid[], uuid[], text[], uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.accept_referrals(p_agencies uuid[], p_referrals uuid[], p_numbers text[], p_leases uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: act(text, uuid, text, text[], boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.act(p_number text, p_client uuid, p_staff text, p_roles text[], p_open boolean DEFAULT true) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_case uuid;
    v_status text;
BEGIN
    IF p_client IS NULL AND NOT pg_has_role(session_user, 'dandelion_operator', 'MEMBER') THEN
        RAISE EXCEPTION 'the client was revoked' USING ERRCODE = 'DC012';
    END IF;
    SELECT c.id, c.status INTO v_case, v_status FROM cases AS c
    WHERE c.number = p_number AND (p_client IS NULL OR EXISTS (
        SELECT 1 FROM intake_client AS i, division_path(c.division_code) AS d
        WHERE i.id = p_client AND i.revoked_at IS NULL AND i.may_change_cases AND d.code = i.division_scope))
    FOR NO KEY UPDATE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such case' USING ERRCODE = 'DC020';
    END IF;
    PERFORM require_staff(v_case, p_staff, p_roles);
    IF p_open AND v_status <> 'open' THEN
        RAISE EXCEPTION 'the case is closed' USING ERRCODE = 'DC050';
    END IF;
    RETURN v_case;
END
$$;

--
-- Name: activate_rule_draft(bigint, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.activate_rule_draft(p_id bigint, p_disclosures jsonb) RETURNS bigint
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
    v_version := activate_rule_set(v_yaml, v_checksum, p_disclosures);
    UPDATE rule_draft SET version = v_version WHERE id = p_id;
    RETURN v_version;
END
$$;

--
-- Name: activate_rule_set(text, bytea, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.activate_rule_set(p_yaml text, p_checksum bytea, p_disclosures jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $_$
DECLARE
    v_version bigint;
    v_assessed jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.rule_set', 0));
    SELECT coalesce(jsonb_agg(to_jsonb(d)), '[]') INTO v_assessed FROM assess_disclosures(p_disclosures) AS d;
    IF p_disclosures IS NULL OR jsonb_path_exists(v_assessed, '$[*] ? (@.why != null)') THEN
        RAISE EXCEPTION 'a disclosure of these rules was not assessed' USING ERRCODE = 'DC056';
    END IF;
    SELECT s.version INTO v_version FROM rule_set AS s
    WHERE s.checksum = p_checksum AND s.version = (SELECT max(version) FROM rule_set)
        AND ARRAY(SELECT ROW(r.agency_kind, r.purpose, r.profile, r.fields)::text FROM rule_set_disclosure AS r
                WHERE r.version = s.version ORDER BY 1)
            = ARRAY(SELECT ROW(d.agency_kind, d.purpose, d.profile, d.fields)::text FROM jsonb_to_recordset(v_assessed)
                AS d (agency_kind text, purpose text, profile text, fields text[]) ORDER BY 1);
    IF NOT FOUND THEN
        INSERT INTO rule_set (yaml, checksum) VALUES (p_yaml, p_checksum) RETURNING version INTO v_version;
        INSERT INTO rule_set_disclosure (version, agency_kind, purpose, profile, fields, assessment)
        SELECT v_version, d.agency_kind, d.purpose, d.profile, d.fields, d.assessment
        FROM jsonb_to_recordset(v_assessed)
            AS d (agency_kind text, purpose text, profile text, fields text[], assessment text);
        PERFORM record_operator_event('rules_activated', v_version::text,
            jsonb_build_object('checksum', encode(p_checksum, 'hex')));
    END IF;
    RETURN v_version;
END
$_$;

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
-- Name: add_agency_key(uuid, bytea, text, text[], timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.add_agency_key(p_agency uuid, p_key_hash bytea, p_label text, p_scopes text[], p_expires_at timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
BEGIN
    INSERT INTO agency_key (agency_id, key_hash, label, scopes, expires_at)
    VALUES (p_agency, p_key_hash, p_label, p_scopes, p_expires_at) RETURNING id INTO v_id;
    PERFORM record_operator_event('agency_key_added', (SELECT code FROM agency WHERE id = p_agency),
        jsonb_build_object('key', v_id, 'scopes', p_scopes, 'expires_at', p_expires_at));
    RETURN v_id;
END
$$;

--
-- Name: add_staff_relation(uuid, text, bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.add_staff_relation(p_client uuid, p_staff text, p_token bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM intake_client AS i JOIN staff AS s ON s.id = p_staff
    WHERE i.id = p_client AND i.revoked_at IS NULL AND i.may_change_cases AND EXISTS (
        SELECT 1 FROM unnest(s.divisions) AS d (code)
        WHERE EXISTS (SELECT 1 FROM division_path(d.code) AS p WHERE p.code = i.division_scope)
            OR EXISTS (SELECT 1 FROM division_path(i.division_scope) AS p WHERE p.code = d.code));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such member of staff' USING ERRCODE = 'DC040';
    END IF;
    INSERT INTO staff_relation (staff_id, token) VALUES (p_staff, p_token) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        PERFORM record_operator_event('staff_related', p_staff, jsonb_build_object('client', p_client));
        RETURN true;
    END IF;
    RETURN false;
END
$$;

--
-- Name: add_triage(uuid, boolean, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.add_triage(p_case uuid, p_station_notice boolean, p_suggestions jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO triage (id, case_id, subject, manner, words)
    SELECT (s ->> 'id')::uuid, p_case, s ->> 'subject', s ->> 'manner', decode(s ->> 'words', 'base64')
    FROM jsonb_array_elements(p_suggestions) AS s;
    PERFORM record_event(p_case, NULL, 'triage_suggested', 'service', 'intake', NULL, jsonb_build_object('subjects',
        (SELECT jsonb_agg(s ->> 'subject') FROM jsonb_array_elements(p_suggestions) AS s)));
    IF p_station_notice THEN
        PERFORM notify_station(p_case, (SELECT owner_station_id FROM cases WHERE id = p_case), 're_assess');
    END IF;
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

CREATE FUNCTION casework.agencies_at(p_divisions text[]) RETURNS TABLE(id uuid, code text, kind text, name text, division_code text, public_key bytea, key_valid_from timestamp with time zone, key_signature bytea, webhook_url text, services text[], hours text, capacity integer, load bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: agencies_by_code(text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agencies_by_code(p_codes text[]) RETURNS TABLE(id uuid, code text, kind text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT a.id, a.code, a.kind FROM agency AS a WHERE a.code = ANY (p_codes)
$$;

--
-- Name: agencies_by_id(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agencies_by_id(p_ids uuid[]) RETURNS TABLE(id uuid, code text, kind text, name text, division_code text, status text, public_key bytea, key_valid_from timestamp with time zone, key_signature bytea, webhook_url text, services text[], hours text, capacity integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, code, kind, name, division_code, status, public_key, key_valid_from, key_signature, webhook_url,
            services, hours, capacity
        FROM agency WHERE id = ANY (p_ids) ORDER BY code;
END
$$;

--
-- Name: agencies_by_keys(bytea[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agencies_by_keys(p_key_hashes bytea[]) RETURNS TABLE(key_hash bytea, id uuid, code text, kind text, name text, division_code text, scopes text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
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
        SELECT k.key_hash, a.id, a.code, a.kind, a.name, a.division_code, k.scopes
        FROM agency_key AS k JOIN agency AS a ON a.id = k.agency_id
        WHERE k.key_hash = ANY (p_key_hashes) AND k.revoked_at IS NULL AND a.status = 'active'
            AND (k.expires_at IS NULL OR k.expires_at > v_now);
END
$$;

--
-- Name: agency_backlog(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agency_backlog(p_agency uuid, OUT waiting bigint, OUT waiting_bytes bigint, OUT max_waiting integer, OUT max_waiting_bytes bigint) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    SELECT a.max_waiting, a.max_waiting_bytes INTO max_waiting, max_waiting_bytes FROM agency AS a WHERE a.id = p_agency;
    SELECT count(*), coalesce(sum(length(s.sealed)), 0)::bigint INTO waiting, waiting_bytes
    FROM (
        SELECT r.id FROM referral AS r WHERE r.agency_id = p_agency AND r.is_live AND r.status IN ('requested', 'received')
        LIMIT max_waiting) AS w
    LEFT JOIN safeguarding.sealed_package AS s ON s.referral_id = w.id;
END
$$;

--
-- Name: agency_backlogs(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agency_backlogs() RETURNS TABLE(code text, waiting bigint, waiting_bytes bigint, max_waiting integer, max_waiting_bytes bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
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

--
-- Name: agency_counts(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agency_counts(p_agency uuid) RETURNS TABLE(status text, referrals bigint, overdue bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT r.status, count(*), count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM clock AS k WHERE k.referral_id = r.id AND k.due_at < clock_timestamp()
            AND k.kind = CASE WHEN r.status IN ('requested', 'received') THEN 'referral_answer' ELSE 'referral_outcome' END))
    FROM referral AS r
    WHERE r.agency_id = p_agency AND r.status IN (
        'requested', 'received', 'accepted', 'scheduled', 'in_progress', 'on_hold', 'cancel_requested')
    GROUP BY r.status ORDER BY r.status
$$;

--
-- Name: agency_referrals(uuid, text, uuid, integer, text, text[], text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agency_referrals(p_agency uuid, p_number text, p_referral uuid, p_limit integer, p_after text DEFAULT NULL::text, p_statuses text[] DEFAULT NULL::text[], p_purpose text DEFAULT NULL::text) RETURNS TABLE(id uuid, number text, purpose text, profile text, status text, legal_basis text, tier text, requested_at timestamp with time zone, received_at timestamp with time zone, answered_at timestamp with time zone, settled_at timestamp with time zone, reason_code text, outcome_code text, answer_due_at timestamp with time zone, outcome_due_at timestamp with time zone, accepted_lease text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: agency_tasks(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.agency_tasks(p_agency uuid) RETURNS TABLE(id uuid, kind text, due_at timestamp with time zone, referral_number text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT t.id, t.kind, t.due_at, (SELECT r.number FROM referral AS r WHERE r.case_id = t.case_id
        AND r.agency_id = p_agency AND r.status NOT IN ('revoked', 'entered_in_error') ORDER BY r.requested_at LIMIT 1)
    FROM joint_task AS t JOIN joint_party AS j
        ON j.case_id = t.case_id AND j.agency_id = p_agency AND j.left_at IS NULL
    WHERE t.agency_id = p_agency AND t.status = 'open' ORDER BY t.due_at, t.id
$$;

--
-- Name: alliances(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.alliances() RETURNS TABLE(code text, name text, members text[], purposes text[], holds_from date, holds_until date, basis text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT a.code, a.name, a.members, a.purposes, a.holds_from, a.holds_until, a.basis FROM alliance AS a ORDER BY a.code
$$;

--
-- Name: anonymise_cases(interval, integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.anonymise_cases(p_after interval, p_limit integer) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_after;
    v_case uuid;
    v_free bigint;
BEGIN
    FOR v_case IN
        SELECT c.id FROM cases AS c
        WHERE c.status = 'closed' AND c.anonymised_at IS NULL AND c.closed_at < v_before
            AND NOT EXISTS (SELECT 1 FROM legal_hold AS h WHERE h.case_id = c.id AND h.released_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM clock AS k WHERE k.case_id = c.id AND k.state = 'running')
        ORDER BY c.closed_at LIMIT p_limit FOR NO KEY UPDATE OF c SKIP LOCKED
    LOOP
        UPDATE person SET name = NULL, phone = NULL, email = NULL, birth_date = NULL, name_index = NULL,
            phone_index = NULL, email_index = NULL WHERE case_id = v_case;
        DELETE FROM contact_rule WHERE person_id IN (SELECT p.id FROM person AS p WHERE p.case_id = v_case);
        DELETE FROM triage WHERE case_id = v_case;
        DELETE FROM conference WHERE case_id = v_case;
        DELETE FROM access_grant WHERE case_id = v_case;
        -- An agency that speaks of one of the referrals at this moment holds it: the case is for the next sweep, and nobody waits.
        SELECT count(*) INTO v_free
        FROM (SELECT 1 FROM referral WHERE case_id = v_case FOR NO KEY UPDATE SKIP LOCKED) AS f;
        CONTINUE WHEN v_free <> (SELECT count(*) FROM referral WHERE case_id = v_case);
        -- Written and not only locked: a door's transaction with an older snapshot fails then, and brings no words in behind this.
        UPDATE referral SET reason_code = reason_code WHERE case_id = v_case;
        PERFORM safeguarding.erase_texts(ARRAY(SELECT r.id FROM referral AS r WHERE r.case_id = v_case));
        UPDATE cases SET narrative = NULL, anonymised_at = clock_timestamp(), version = version + 1 WHERE id = v_case;
        PERFORM record_event(v_case, NULL, 'case_anonymised', 'service', 'routing', NULL, NULL);
        RETURN NEXT v_case;
    END LOOP;
END
$$;

--
-- Name: answer_triage(text, uuid, text, text, boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.answer_triage(p_number text, p_client uuid, p_staff text, p_subject text, p_answer boolean) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['reception', 'caseworker', 'counsellor', 'supervisor']);
BEGIN
    UPDATE triage SET answer = p_answer, staff_id = p_staff, answered_at = clock_timestamp()
    WHERE case_id = v_case AND subject = p_subject AND answer IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing of this is to be asked' USING ERRCODE = 'DC054';
    END IF;
    PERFORM record_staff_event(v_case, NULL, 'triage_answered', p_staff, p_client,
        jsonb_build_object('subject', p_subject, 'answer', p_answer));
    RETURN v_case;
END
$$;

--
-- Name: ask_superior(uuid, text, text, uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.ask_superior(p_case uuid, p_purpose text, p_division text, p_agencies uuid[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO dispute (case_id, purpose, division_code) VALUES (p_case, p_purpose, p_division) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    RETURN record_event(p_case, NULL, 'superior_asked', 'service', 'routing', NULL,
        jsonb_build_object('purpose', p_purpose, 'division', p_division, 'agencies', p_agencies));
END
$$;

--
-- Name: ask_texts(text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.ask_texts(p_number text, p_staff text, p_reason text, OUT request bigint, OUT texts bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, NULL, p_staff, ARRAY['caseworker', 'supervisor'], false);
BEGIN
    IF p_reason <> ALL (ARRAY['handling', 'handing_over', 'supervision', 'complaint', 'audit']) THEN
        RAISE EXCEPTION 'no reason to read' USING ERRCODE = 'check_violation';
    END IF;
    SELECT count(*) INTO texts FROM referral AS r JOIN safeguarding.sealed_text AS t ON t.referral_id = r.id
    WHERE r.case_id = v_case;
    INSERT INTO event (case_id, kind, actor_kind, actor, data)
    VALUES (v_case, 'text_read', 'staff', p_staff, jsonb_build_object('reason', p_reason, 'texts', texts))
    RETURNING id INTO request;
END
$$;

--
-- Name: ask_to_close(uuid, uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.ask_to_close(p_case uuid, p_client uuid, p_staff text, p_outcome text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM require_staff(p_case, p_staff, ARRAY['caseworker', 'supervisor']);
    UPDATE cases SET closing_outcome = p_outcome WHERE id = p_case AND status = 'open';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the case is closed' USING ERRCODE = 'DC050';
    END IF;
    PERFORM record_staff_event(p_case, NULL, 'closing_asked', p_staff, p_client,
        jsonb_build_object('outcome', p_outcome));
END
$$;

--
-- Name: ask_to_seal(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.ask_to_seal(p_referral uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM queue.enqueue_unique('routing', 'seal_again', jsonb_build_object('referral_id', p_referral, 'version', 1),
        'seal:' || p_referral::text, 'waiting');
END
$$;

--
-- Name: assess_disclosures(jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.assess_disclosures(p_disclosures jsonb) RETURNS TABLE(agency_kind text, purpose text, profile text, fields text[], assessment text, why text, lapsed boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_active bigint := (SELECT max(version) FROM rule_set);
    v_today date := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    RETURN QUERY
    SELECT n.agency_kind, n.purpose, n.profile, n.fields, coalesce(yes.reference, standing.assessment),
        CASE
            WHEN no.number > coalesce(yes.number, 0) THEN 'refused'
            WHEN coalesce(yes.reference, standing.assessment) IS NOT NULL THEN NULL
            WHEN ended.number IS NOT NULL THEN 'lapsed'
            WHEN EXISTS (SELECT 1 FROM rule_set_disclosure AS r WHERE r.version = v_active
                AND r.agency_kind = n.agency_kind AND r.purpose = n.purpose) THEN 'widened'
            ELSE 'new'
        END,
        yes.number IS NULL AND ended.number IS NOT NULL
    FROM jsonb_to_recordset(p_disclosures) AS n (agency_kind text, purpose text, profile text, fields text[])
    LEFT JOIN LATERAL (
        SELECT a.number, a.reference FROM impact_assessment_disclosure AS d
        JOIN impact_assessment AS a ON a.number = d.assessment
        WHERE d.agency_kind = n.agency_kind AND d.purpose = n.purpose AND d.fields @> n.fields
            AND a.outcome = 'approved' AND (a.valid_until IS NULL OR a.valid_until >= v_today)
        ORDER BY a.number DESC LIMIT 1
    ) AS yes ON true
    LEFT JOIN LATERAL (
        SELECT a.number FROM impact_assessment_disclosure AS d
        JOIN impact_assessment AS a ON a.number = d.assessment
        WHERE d.agency_kind = n.agency_kind AND d.purpose = n.purpose AND d.fields <@ n.fields
            AND a.outcome = 'refused'
        ORDER BY a.number DESC LIMIT 1
    ) AS no ON true
    LEFT JOIN LATERAL (
        SELECT a.number FROM impact_assessment_disclosure AS d
        JOIN impact_assessment AS a ON a.number = d.assessment
        WHERE d.agency_kind = n.agency_kind AND d.purpose = n.purpose AND d.fields @> n.fields
            AND a.outcome = 'approved' AND a.valid_until < v_today
        ORDER BY a.number DESC LIMIT 1
    ) AS ended ON true
    LEFT JOIN LATERAL (
        SELECT r.assessment FROM rule_set_disclosure AS r
        WHERE r.version = v_active AND r.agency_kind = n.agency_kind AND r.purpose = n.purpose
            AND r.fields @> n.fields
        ORDER BY r.profile LIMIT 1
    ) AS standing ON true
    ORDER BY n.agency_kind, n.purpose, n.profile;
END
$$;

--
-- Name: assign_staff(text, uuid, text, text[], text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.assign_staff(p_number text, p_client uuid, p_by text, p_staff text[], p_role text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_by, ARRAY['caseworker', 'supervisor']);
    v_staff text;
BEGIN
    FOREACH v_staff IN ARRAY p_staff LOOP
        PERFORM require_staff(v_case, v_staff, ARRAY[p_role]);
        INSERT INTO assignment (case_id, staff_id, role) VALUES (v_case, v_staff, p_role) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            PERFORM record_staff_event(v_case, NULL, 'staff_assigned', p_by, p_client,
                jsonb_build_object('staff', v_staff, 'role', p_role));
        END IF;
    END LOOP;
    RETURN v_case;
END
$$;

--
-- Name: begin_message(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.begin_message(p_message uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    PERFORM FROM message AS m
    WHERE m.id = p_message AND m.state IN ('pending', 'scheduled', 'sending') FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM put_sending(ARRAY[p_message]);
    END IF;
END
$$;

--
-- Name: begin_messages(uuid[], bigint[], integer[], bigint[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.begin_messages(p_messages uuid[], p_jobs bigint[], p_epochs integer[], p_numbers bigint[]) RETURNS TABLE(message_id uuid, channel text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_held bigint[] := ARRAY(SELECT queue.hold_many(p_jobs, p_epochs, p_numbers));
    v_messages uuid[] := ARRAY(SELECT w.message FROM unnest(p_messages, p_jobs) AS w (message, job)
        WHERE w.job = ANY (v_held));
BEGIN
    v_messages := ARRAY(
        SELECT m.id FROM message AS m
        WHERE m.id = ANY (v_messages) AND m.state IN ('pending', 'scheduled', 'sending')
        ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED);
    v_messages := ARRAY(SELECT put_sending(v_messages));
    RETURN QUERY
        SELECT m.id, CASE m.audience WHEN 'duty' THEN 'sms' WHEN 'person' THEN (
            SELECT CASE WHEN min(r.channel) = max(r.channel) THEN min(r.channel) END FROM contact_rule AS r
            WHERE r.person_id = m.person_id AND r.stopped_at IS NULL)
            ELSE 'email' END
        FROM message AS m WHERE m.id = ANY (v_messages);
END
$$;

--
-- Name: call_backs_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.call_backs_of(p_case uuid) RETURNS TABLE(result text, satisfaction smallint, staff_id text, called_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT c.result, c.satisfaction, c.staff_id, c.called_at FROM call_back AS c WHERE c.case_id = p_case
    ORDER BY c.called_at
$$;

--
-- Name: case_to_close(text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.case_to_close(p_number text, p_client uuid, p_staff text) RETURNS TABLE(case_id uuid, risk text, is_safe boolean, referrals jsonb, settled_at timestamp with time zone, opened_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor']);
BEGIN
    RETURN QUERY
        SELECT c.id, c.risk, coalesce(c.facts -> 'flags', '[]') ? 'safe',
            (SELECT coalesce(jsonb_agg(jsonb_build_object('agency_kind', a.kind, 'purpose', r.purpose,
                'status', r.status, 'outcome', r.outcome_code)), '[]')
             FROM referral AS r JOIN agency AS a ON a.id = r.agency_id WHERE r.case_id = c.id),
            (SELECT max(r.settled_at) FROM referral AS r WHERE r.case_id = c.id), c.opened_at
        FROM cases AS c WHERE c.id = v_case;
END
$$;

--
-- Name: cases_of_referrals(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.cases_of_referrals(p_referrals uuid[]) RETURNS TABLE(id uuid, case_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT r.id, r.case_id FROM referral AS r WHERE r.id = ANY (p_referrals);
END
$$;

--
-- Name: change_clock(uuid, uuid, text, text, text, text, timestamp with time zone, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.change_clock(p_clock uuid, p_client uuid, p_kind text, p_ground text, p_basis text, p_staff text, p_at timestamp with time zone, p_due_before timestamp with time zone, p_due_after timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_clock clock%ROWTYPE;
BEGIN
    UPDATE clock SET due_at = p_due_after, paused_at = CASE p_kind
            WHEN 'paused' THEN p_at WHEN 'resumed' THEN NULL ELSE paused_at END,
        -- What is due later is looked at later, and warned of anew.
        warned = 0, look_at = CASE WHEN kind IN ('follow_up', 'consent_expiry', 'risk_review') THEN p_due_after
            ELSE least(p_due_after, p_due_after - (p_due_after - clock_timestamp()) / 2) END
    WHERE id = p_clock AND state = 'running' AND due_at = p_due_before
        AND (paused_at IS NOT NULL) = (p_kind = 'resumed' OR p_kind = 'extended' AND paused_at IS NOT NULL)
    RETURNING * INTO v_clock;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the clock has changed meanwhile' USING ERRCODE = 'DC053';
    END IF;
    PERFORM require_staff(v_clock.case_id, p_staff, ARRAY['supervisor']);
    INSERT INTO clock_change (clock_id, kind, ground, basis, staff_id, changed_at, due_before, due_after)
    VALUES (p_clock, p_kind, p_ground, p_basis, p_staff, p_at, p_due_before, p_due_after);
    PERFORM record_staff_event(v_clock.case_id, v_clock.referral_id, 'clock_' || p_kind, p_staff, p_client,
        jsonb_build_object('clock', p_clock, 'kind', v_clock.kind, 'name', v_clock.name, 'ground', p_ground,
            'basis', p_basis, 'due_before', p_due_before, 'due_at', p_due_after));
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
-- Name: change_referral(uuid, uuid, text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.change_referral(p_referral uuid, p_client uuid, p_staff text, p_from text, p_to text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid;
BEGIN
    UPDATE referral SET status = p_to, settled_at = CASE
        WHEN p_to IN ('cancelled', 'revoked', 'entered_in_error') THEN coalesce(settled_at, clock_timestamp())
        ELSE settled_at END
    WHERE id = p_referral AND status = p_from
        AND p_to IN ('cancel_requested', 'cancelled', 'closed_verified', 'entered_in_error')
    RETURNING case_id INTO v_case;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the referral is not in a state that allows this' USING ERRCODE = 'DC021';
    END IF;
    PERFORM require_staff(v_case, p_staff, ARRAY['caseworker', 'supervisor']);
    PERFORM record_staff_event(v_case, p_referral, 'referral_' || p_to, p_staff, p_client, NULL);
END
$$;

--
-- Name: clock_by_id(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.clock_by_id(p_clock uuid) RETURNS TABLE(case_id uuid, referral_id uuid, kind text, name text, basis text, state text, started_at timestamp with time zone, due_at timestamp with time zone, paused_at timestamp with time zone, now timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, referral_id, kind, name, basis, state, started_at, due_at, paused_at, clock_timestamp()
        FROM clock
        WHERE id = p_clock;
END
$$;

--
-- Name: clock_to_change(text, uuid, text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.clock_to_change(p_number text, p_client uuid, p_staff text, p_clock uuid) RETURNS TABLE(case_id uuid, referral_id uuid, kind text, name text, basis text, state text, started_at timestamp with time zone, due_at timestamp with time zone, paused_at timestamp with time zone, changes jsonb, now timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['supervisor']);
BEGIN
    RETURN QUERY
        SELECT k.case_id, k.referral_id, k.kind, k.name, k.basis, k.state, k.started_at, k.due_at, k.paused_at,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', h.kind, 'ground', h.ground, 'basis', h.basis,
                'actor', h.staff_id, 'at', (extract(epoch FROM h.changed_at) * 1000000)::bigint,
                'due_before', (extract(epoch FROM h.due_before) * 1000000)::bigint,
                'due_after', (extract(epoch FROM h.due_after) * 1000000)::bigint) ORDER BY h.id), '[]')
             FROM clock_change AS h WHERE h.clock_id = k.id),
            clock_timestamp()
        FROM clock AS k WHERE k.id = p_clock AND k.case_id = v_case;
END
$$;

--
-- Name: clocks_of(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.clocks_of(p_cases uuid[]) RETURNS TABLE(case_id uuid, id uuid, referral_id uuid, kind text, name text, basis text, state text, started_at timestamp with time zone, due_at timestamp with time zone, paused_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, id, referral_id, kind, name, basis, state, started_at, due_at, paused_at FROM clock
        WHERE case_id = ANY (p_cases)
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

--
-- Name: closing_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.closing_of(p_case uuid) RETURNS TABLE(outcome text, settled_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT c.closing_outcome, (SELECT max(r.settled_at) FROM referral AS r WHERE r.case_id = c.id)
    FROM cases AS c WHERE c.id = p_case
$$;

--
-- Name: common_superior(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.common_superior(p_agencies uuid[]) RETURNS TABLE(agency_id uuid, division_code text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    WITH RECURSIVE above AS (
        SELECT a.id AS start, a.superior_id AS id, 1 AS height FROM agency AS a WHERE a.id = ANY (p_agencies)
        UNION ALL
        SELECT b.start, a.superior_id, b.height + 1 FROM above AS b JOIN agency AS a ON a.id = b.id
        WHERE b.height < 8  -- Nobody has more above it; a ring ends here.
    )
    SELECT b.id, a.division_code FROM above AS b JOIN agency AS a ON a.id = b.id
    GROUP BY b.id, a.division_code
    HAVING count(DISTINCT b.start) = (SELECT count(DISTINCT x) FROM unnest(p_agencies) AS x)
    ORDER BY max(b.height), b.id LIMIT 1
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

SET default_tablespace = '';

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
    agencies uuid[],
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone,
    withdrawn_at timestamp with time zone,
    superseded_at timestamp with time zone,
    CONSTRAINT consent_given_by_check CHECK ((given_by = ANY (ARRAY['herself'::text, 'guardian'::text, 'other_guardian'::text, 'civil_affairs'::text])))
);

--
-- Name: consent_grants(casework.consent, jsonb, text, timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.consent_grants(p_consent casework.consent, p_facts jsonb, p_profile text, p_now timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT p_consent.granted AND p_consent.withdrawn_at IS NULL
        AND (p_consent.expires_at IS NULL OR p_consent.expires_at > p_now)
        AND (p_consent.data_kinds IS NULL OR p_consent.data_kinds @> casework.profile_data_kinds(p_profile))
        AND NOT (p_consent.given_by = 'herself' AND coalesce(p_facts -> 'people', '[]') ? 'seeker_under_14')
$$;

--
-- Name: consent_is_about(casework.consent, jsonb, uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.consent_is_about(p_consent casework.consent, p_facts jsonb, p_agency uuid, p_kind text, p_purpose text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT p_consent.purpose = p_purpose AND p_kind = ANY (p_consent.agency_kinds)
        AND (p_consent.agencies IS NULL OR p_agency = ANY (p_consent.agencies))
        AND NOT (p_consent.given_by = 'guardian' AND coalesce(p_facts -> 'flags', '[]') ? 'guardian_suspected')
$$;

--
-- Name: consent_refuses(casework.consent); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.consent_refuses(p_consent casework.consent) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT NOT p_consent.granted OR p_consent.withdrawn_at IS NOT NULL
$$;

--
-- Name: consent_stands(uuid, uuid, text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.consent_stands(p_case uuid, p_agency uuid, p_kind text, p_purpose text, p_profile text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
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

--
-- Name: consents_for_client(text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.consents_for_client(p_number text, p_client uuid) RETURNS TABLE(agency_kinds text[], agencies text[], purpose text, granted boolean, given_by text, data_kinds text[], recorded_at timestamp with time zone, expires_at timestamp with time zone, withdrawn_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM cases AS c, intake_client AS i, division_path(c.division_code) AS d
    WHERE c.number = p_number AND i.id = p_client AND i.revoked_at IS NULL AND i.may_read_cases
        AND d.code = i.division_scope;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such case' USING ERRCODE = 'DC020';
    END IF;
    RETURN QUERY
        SELECT o.agency_kinds, o.agencies, o.purpose, o.granted, o.given_by, o.data_kinds, o.recorded_at, o.expires_at,
            o.withdrawn_at
        FROM consent_overview AS o WHERE o.case_number = p_number ORDER BY o.recorded_at, o.purpose;
END
$$;

--
-- Name: consents_of(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.consents_of(p_cases uuid[]) RETURNS TABLE(case_id uuid, agency_kinds text[], purpose text, granted boolean, given_by text, data_kinds text[], agencies uuid[], expires_at timestamp with time zone, withdrawn_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at, withdrawn_at
        FROM consent
        WHERE case_id = ANY (p_cases) AND superseded_at IS NULL
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
-- Name: contact_rules_of_cases(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.contact_rules_of_cases(p_cases uuid[]) RETURNS TABLE(case_id uuid, person_id uuid, id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint, never_mention boolean, code_word bytea, confirmed_at timestamp with time zone, expires_at timestamp with time zone, tag bytea, stopped_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT p.case_id, r.person_id, r.id, r.channel, r.days, r.from_minute, r.to_minute, r.never_mention, r.code_word,
            r.confirmed_at, r.expires_at, r.tag, r.stopped_at
        FROM person AS p JOIN contact_rule AS r ON r.person_id = p.id WHERE p.case_id = ANY (p_cases) ORDER BY r.id;
END
$$;

--
-- Name: contact_rules_of_messages(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.contact_rules_of_messages(p_messages uuid[]) RETURNS TABLE(person_id uuid, id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint, never_mention boolean, code_word bytea, confirmed_at timestamp with time zone, expires_at timestamp with time zone, tag bytea, stopped_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.person_id, r.id, r.channel, r.days, r.from_minute, r.to_minute, r.never_mention, r.code_word,
            r.confirmed_at, r.expires_at, r.tag, r.stopped_at
        FROM contact_rule AS r
        WHERE r.person_id = ANY (ARRAY(SELECT m.person_id FROM message AS m WHERE m.id = ANY (p_messages)))
        ORDER BY r.id;
END
$$;

--
-- Name: contacts_of_messages(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.contacts_of_messages(p_messages uuid[]) RETURNS TABLE(case_id uuid, person_id uuid, role text, name bytea, phone bytea, email bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT p.case_id, p.id, p.role, p.name, p.phone, p.email FROM person AS p
        WHERE p.case_id = ANY (ARRAY(SELECT m.case_id FROM message AS m WHERE m.id = ANY (p_messages))) ORDER BY p.id;
END
$$;

--
-- Name: create_referrals(uuid[], text[], uuid[], uuid[], text[], text[], text[], bigint[], jsonb[], text[], text[], integer[], text[], uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.create_referrals(p_ids uuid[], p_numbers text[], p_cases uuid[], p_agencies uuid[], p_purposes text[], p_profiles text[], p_tiers text[], p_rule_versions bigint[], p_explanations jsonb[], p_legal_bases text[], p_consent_bases text[], p_priorities integer[], p_outcome_clocks text[], p_predecessors uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: decide_dispute(text, uuid, text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.decide_dispute(p_number text, p_client uuid, p_staff text, p_purpose text, p_agency_code text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['supervisor']);
    v_agency uuid;
BEGIN
    SELECT id INTO v_agency FROM agency WHERE code = p_agency_code AND status = 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
    END IF;
    PERFORM 1 FROM dispute AS d WHERE d.case_id = v_case AND d.purpose = p_purpose AND d.settled_at IS NULL
        AND EXISTS (SELECT 1 FROM staff AS s, division_path(d.division_code) AS p
            WHERE s.id = p_staff AND p.code = ANY (s.divisions));
    IF NOT FOUND THEN
        PERFORM 1 FROM dispute AS d WHERE d.case_id = v_case AND d.purpose = p_purpose AND d.settled_at IS NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'another division decides' USING ERRCODE = 'DC041';
        END IF;
        RAISE EXCEPTION 'nothing is disputed' USING ERRCODE = 'DC055';
    END IF;
    UPDATE dispute SET decided_agency_id = v_agency, staff_id = p_staff, decided_at = clock_timestamp()
    WHERE case_id = v_case AND purpose = p_purpose AND settled_at IS NULL AND decided_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'it is decided' USING ERRCODE = 'DC054';
    END IF;
    PERFORM record_staff_event(v_case, NULL, 'superior_decided', p_staff, p_client,
        jsonb_build_object('purpose', p_purpose, 'agency', v_agency));
    RETURN v_case;
END
$$;

--
-- Name: decline_referral(uuid, uuid, text, text, text, text, timestamp with time zone, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.decline_referral(p_agency uuid, p_referral uuid, p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text jsonb DEFAULT NULL::jsonb) RETURNS uuid
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

--
-- Name: disputes_of(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.disputes_of(p_case uuid) RETURNS TABLE(purpose text, division_code text, decided_agency_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT d.purpose, d.division_code, d.decided_agency_id FROM dispute AS d
    WHERE d.case_id = p_case AND d.settled_at IS NULL ORDER BY d.asked_at
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
    AS $$
BEGIN
    PERFORM end_clocks(ARRAY[p_clock], p_state, p_actor);
    RETURN FOUND;
END
$$;

--
-- Name: end_clocks(uuid[], text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.end_clocks(p_clocks uuid[], p_state text, p_actor text) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: end_lost_parts(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.end_lost_parts(p_case uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_agency uuid;
    v_count integer := 0;
BEGIN
    FOR v_agency IN SELECT j.agency_id FROM joint_party AS j WHERE j.case_id = p_case AND j.left_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM referral AS r WHERE r.case_id = p_case AND r.agency_id = j.agency_id
            AND r.status IN ('accepted', 'scheduled', 'in_progress', 'on_hold', 'completed', 'closed_verified'))
    LOOP
        v_count := v_count + end_part(p_case, v_agency, 'service', 'routing')::integer;
    END LOOP;
    RETURN v_count;
END
$$;

--
-- Name: end_part(uuid, uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.end_part(p_case uuid, p_agency uuid, p_actor_kind text, p_actor text) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE joint_party SET left_at = clock_timestamp() WHERE case_id = p_case AND agency_id = p_agency AND left_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE joint_task SET agency_id = NULL WHERE case_id = p_case AND agency_id = p_agency AND status = 'open';
    RETURN record_event(p_case, NULL, 'joint_left', p_actor_kind, p_actor, NULL,
        jsonb_build_object('agency', p_agency));
END
$$;

--
-- Name: end_task(uuid, text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.end_task(p_task uuid, p_status text, p_actor_kind text, p_actor text) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_case uuid;
    v_ended boolean;
BEGIN
    UPDATE joint_task SET status = p_status, settled_at = clock_timestamp() WHERE id = p_task AND status = 'open'
    RETURNING case_id INTO v_case;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such open task' USING ERRCODE = 'DC054';
    END IF;
    v_ended := end_clock(p_task, CASE p_status WHEN 'done' THEN 'met' ELSE 'cancelled' END, p_actor);
    RETURN CASE WHEN record_event(v_case, NULL, 'task_settled', p_actor_kind, p_actor, NULL,
        jsonb_build_object('task', p_task, 'status', p_status)) THEN v_case END;
END
$$;

--
-- Name: enqueue_webhook(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.enqueue_webhook(p_delivery uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM queue.enqueue('gateway', 'webhook_delivery', jsonb_build_object('delivery_id', p_delivery, 'version', 1));
    PERFORM queue.ring_at_commit(ARRAY['gateway']);
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
-- Name: finish_agency_task(uuid, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.finish_agency_task(p_agency uuid, p_task uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_code text;
BEGIN
    -- The case before its clock, as everybody does.
    PERFORM 1 FROM cases WHERE id = (SELECT t.case_id FROM joint_task AS t WHERE t.id = p_task) FOR NO KEY UPDATE;
    SELECT a.code INTO v_code FROM joint_task AS t JOIN agency AS a ON a.id = t.agency_id
    JOIN joint_party AS j ON j.case_id = t.case_id AND j.agency_id = p_agency AND j.left_at IS NULL
    WHERE t.id = p_task AND t.agency_id = p_agency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no such task' USING ERRCODE = 'DC030';
    END IF;
    RETURN end_task(p_task, 'done', 'agency', v_code);
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
-- Name: follow_late_messages(integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.follow_late_messages(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_message record;
    v_count integer := 0;
BEGIN
    FOR v_message IN
        SELECT m.id, m.state, m.attempts FROM message AS m
        WHERE m.settled_at IS NULL AND m.late_at IS NULL AND m.deliver_by < v_now
        ORDER BY m.deliver_by LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        UPDATE message SET late_at = v_now WHERE id = v_message.id;
        INSERT INTO message_event (message_id, state, reason, attempt)
        VALUES (v_message.id, v_message.state, 'late', v_message.attempts);
        PERFORM follow_message(v_message.id, 'late', false);
        v_count := v_count + 1;
    END LOOP;
    -- What nothing came of for another week has no job any more, whoever took it away: it ends here.
    FOR v_message IN
        SELECT m.id, m.state FROM message AS m
        WHERE m.settled_at IS NULL AND m.late_at < v_now - interval '7 days'
        ORDER BY m.late_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM put_message_state(v_message.id, v_message.state, 'failed', 'late', NULL, NULL, NULL, NULL);
    END LOOP;
    RETURN v_count;
END
$$;

--
-- Name: follow_message(uuid, text, boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.follow_message(p_message uuid, p_reason text, p_was_forbidden boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_message message%ROWTYPE;
    v_owner uuid;
    v_above uuid;
    v_case uuid;
BEGIN
    SELECT * INTO v_message FROM message WHERE id = p_message;
    SELECT owner_station_id INTO v_owner FROM cases WHERE id = v_message.case_id;
    CASE v_message.audience
    WHEN 'person' THEN
        PERFORM open_staff_task(v_message.case_id, v_owner, 'contact_person', p_message, p_reason);
        PERFORM notify_station(v_message.case_id, v_owner,
            CASE WHEN p_was_forbidden THEN 'contact_suppressed' ELSE 'contact_failed' END);
    WHEN 'station', 'duty' THEN
        PERFORM open_staff_task(v_message.case_id, v_message.station_id, 'look_at_case', p_message, p_reason);
        IF v_message.lane > 1 THEN
            RETURN;
        END IF;
        -- In danger to life the first phone rang with the desk's mail.
        IF v_message.audience = 'station' AND v_message.lane = 0
            AND EXISTS (SELECT FROM station WHERE id = v_message.station_id AND cardinality(duty_phones) > 0)
        THEN
            RETURN;
        END IF;
        IF NOT notify_duty(v_message.case_id, v_message.station_id, v_message.template, v_message.lane,
            v_message.step + 1)
        THEN
            v_above := station_above(v_message.station_id);
            IF v_above IS NOT NULL THEN
                PERFORM notify_station(v_message.case_id, v_above, 'station_unreachable');
            END IF;
        END IF;
    WHEN 'agency' THEN
        FOR v_case, v_owner IN
            SELECT c.id, c.owner_station_id FROM cases AS c
            WHERE c.id = v_message.case_id OR c.id IN (
                SELECT r.case_id FROM digest_item AS i JOIN referral AS r ON r.id = i.referral_id
                WHERE i.message_id = p_message)
            ORDER BY c.id
        LOOP
            PERFORM open_staff_task(v_case, v_owner, 'call_agency', p_message, p_reason);
            IF v_message.lane <= 1 THEN
                PERFORM notify_station(v_case, v_owner, 'call_agency');
            END IF;
        END LOOP;
    WHEN 'operator' THEN
        NULL;  -- The log and the metrics say it as well.
    END CASE;
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
-- Name: forget_impact_assessments(timestamp with time zone, integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.forget_impact_assessments(p_now timestamp with time zone, p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_now timestamptz := least(p_now, clock_timestamp());
    v_assessment record;
    v_count integer := 0;
BEGIN
    FOR v_assessment IN
        SELECT a.number, a.reference, a.checksum FROM impact_assessment AS a
        WHERE a.kept_until <= v_now
            AND (a.subject = 'disclosure' OR a.valid_until < (v_now AT TIME ZONE 'Asia/Shanghai')::date)
            AND NOT EXISTS (SELECT 1 FROM impact_assessment_hold AS h
                WHERE h.assessment = a.number AND h.released_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM impact_assessment_disclosure AS d
                JOIN rule_set_disclosure AS r ON r.agency_kind = d.agency_kind AND r.purpose = d.purpose
                WHERE d.assessment = a.number AND r.version = (SELECT max(version) FROM rule_set))
        ORDER BY a.number LIMIT p_limit FOR UPDATE OF a SKIP LOCKED
    LOOP
        -- Asked again under the lock: a hold may have come between.
        IF EXISTS (SELECT 1 FROM impact_assessment_hold AS h
            WHERE h.assessment = v_assessment.number AND h.released_at IS NULL)
        THEN
            CONTINUE;
        END IF;
        DELETE FROM impact_assessment WHERE number = v_assessment.number;
        PERFORM record_operator_event('assessment_forgotten', v_assessment.reference,
            jsonb_build_object('checksum', encode(v_assessment.checksum, 'hex')));
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

--
-- Name: forget_webhooks(interval, integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.forget_webhooks(p_older interval, p_limit integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_older;
    v_old uuid[];
BEGIN
    v_old := ARRAY(
        SELECT d.id FROM webhook_delivery AS d WHERE d.state <> 'pending' AND d.settled_at < v_before
        ORDER BY d.settled_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    DELETE FROM webhook_attempt WHERE delivery_id = ANY (v_old);
    DELETE FROM webhook_delivery WHERE id = ANY (v_old);
    RETURN cardinality(v_old);
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
-- Name: gather_digests(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.gather_digests() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_agency uuid;
    v_now timestamptz := clock_timestamp();
    v_count integer := 0;
BEGIN
    FOR v_agency IN
        SELECT a.id FROM agency AS a
        WHERE a.id IN (SELECT i.agency_id FROM digest_item AS i WHERE i.message_id IS NULL
                AND i.created_at < v_now - interval '1 minute')
            AND NOT EXISTS (SELECT FROM message AS m WHERE m.agency_id = a.id AND m.template = 'digest'
                AND m.settled_at IS NULL AND m.created_at > v_now - interval '4 days')
        ORDER BY a.id FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM insert_message('agency', NULL, NULL, NULL, v_agency, NULL, 'digest', NULL, 0, 3, notice_time(3), NULL);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

--
-- Name: give_task(text, uuid, text, uuid, text, text, timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.give_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_kind text, p_agency_code text, p_due timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor']);
    v_agency uuid;
    v_started boolean;
BEGIN
    IF p_agency_code IS NOT NULL THEN
        v_agency := joint_agency(v_case, p_agency_code);
    END IF;
    INSERT INTO joint_task (id, case_id, kind, agency_id, due_at) VALUES (p_task, v_case, p_kind, v_agency, p_due);
    PERFORM record_staff_event(v_case, NULL, 'task_given', p_staff, p_client,
        jsonb_build_object('task', p_task, 'kind', p_kind, 'agency', v_agency, 'due_at', p_due));
    v_started := start_clock(p_task, v_case, NULL, 'joint_task', 'joint_task', '联办任务（会商确定）', p_due, p_staff);
    RETURN v_case;
END
$$;

--
-- Name: hold_conference(text, uuid, text, uuid, timestamp with time zone, text[], bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.hold_conference(p_number text, p_client uuid, p_staff text, p_conference uuid, p_held timestamp with time zone, p_agency_codes text[], p_minutes bytea) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor'], false);
    v_code text;
    v_agencies uuid[] := '{}';
BEGIN
    FOREACH v_code IN ARRAY p_agency_codes LOOP
        v_agencies := v_agencies || joint_agency(v_case, v_code);
    END LOOP;
    INSERT INTO conference (id, case_id, held_at, agencies, minutes, staff_id)
    VALUES (p_conference, v_case, p_held, v_agencies, p_minutes, p_staff);
    PERFORM record_staff_event(v_case, NULL, 'conference_held', p_staff, p_client,
        jsonb_build_object('conference', p_conference, 'agencies', v_agencies));
    RETURN v_case;
END
$$;

--
-- Name: hold_consents(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.hold_consents(p_case uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

--
-- Name: hold_impact_assessment(text, text, boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.hold_impact_assessment(p_reference text, p_reason text, p_stands boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_number bigint;
BEGIN
    -- The sweep holds the row it deletes: a hold comes before it, or finds nothing any more.
    SELECT number INTO v_number FROM impact_assessment WHERE reference = p_reference FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_stands THEN
        INSERT INTO impact_assessment_hold (assessment, reason) VALUES (v_number, p_reason) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE impact_assessment_hold SET released_at = clock_timestamp()
        WHERE assessment = v_number AND reason = p_reason AND released_at IS NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'it is so already' USING ERRCODE = 'DC054';
    END IF;
    PERFORM record_operator_event(CASE WHEN p_stands THEN 'assessment_held' ELSE 'assessment_released' END,
        p_reference, jsonb_build_object('reason', p_reason));
    RETURN true;
END
$$;

--
-- Name: impact_assessments(text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.impact_assessments(p_reference text) RETURNS TABLE(number bigint, assessment jsonb, checksum bytea, recorded_at timestamp with time zone, recorded_by text, kept_until timestamp with time zone, holds text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT a.number, jsonb_strip_nulls(jsonb_build_object('reference', a.reference, 'subject', a.subject,
            'title', a.title, 'processing', a.processing, 'assessed_by', a.assessed_by, 'assessed_on', a.assessed_on,
            'valid_until', a.valid_until, 'lawfulness', a.lawfulness, 'necessity', a.necessity, 'impact', a.impact,
            'risk', a.risk, 'measures', a.measures, 'outcome', a.outcome, 'document', a.document,
            'document_sha256', a.document_sha256,
            'disclosures', (SELECT coalesce(jsonb_agg(jsonb_build_object('agency_kind', d.agency_kind,
                    'purpose', d.purpose, 'profile', d.profile, 'fields', d.fields)
                    ORDER BY d.agency_kind, d.purpose), '[]')
                FROM impact_assessment_disclosure AS d WHERE d.assessment = a.number))),
        a.checksum, a.recorded_at, a.recorded_by, a.kept_until,
        ARRAY(SELECT h.reason FROM impact_assessment_hold AS h
            WHERE h.assessment = a.number AND h.released_at IS NULL ORDER BY h.reason)
    FROM impact_assessment AS a WHERE p_reference IS NULL OR a.reference = p_reference ORDER BY a.number DESC
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
-- Name: insert_message(text, uuid, uuid, uuid, uuid, uuid, text, text, integer, integer, interval, interval); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.insert_message(p_audience text, p_case uuid, p_person uuid, p_station uuid, p_agency uuid, p_referral uuid, p_template text, p_about text, p_step integer, p_lane integer, p_within interval, p_wait interval) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    RETURN (SELECT insert_messages(p_audience, ARRAY[p_case], ARRAY[p_person], ARRAY[p_station], ARRAY[p_agency],
        ARRAY[p_referral], p_template, p_about, ARRAY[p_step], ARRAY[p_lane], ARRAY[p_within], p_wait));
END
$$;

--
-- Name: insert_messages(text, uuid[], uuid[], uuid[], uuid[], uuid[], text, text, integer[], integer[], interval[], interval); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.insert_messages(p_audience text, p_cases uuid[], p_people uuid[], p_stations uuid[], p_agencies uuid[], p_referrals uuid[], p_template text, p_about text, p_steps integer[], p_lanes integer[], p_within interval[], p_wait interval) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $_$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_ids uuid[] := ARRAY(SELECT gen_random_uuid() FROM unnest(p_lanes));
BEGIN
    IF p_audience <> ALL (ARRAY['person', 'station', 'duty', 'agency', 'operator'])
        OR p_template !~ '^[a-z][a-z0-9_]{1,63}$' OR p_about !~ '^[a-z0-9_-]{1,64}$'
        OR EXISTS (SELECT FROM unnest(p_cases, p_people, p_stations, p_agencies, p_lanes)
                AS n (case_id, person_id, station_id, agency_id, lane)
            WHERE n.lane NOT BETWEEN 0 AND 3
                OR (p_audience = 'person') <> (n.person_id IS NOT NULL)
                OR (p_audience IN ('station', 'duty')) <> (n.station_id IS NOT NULL)
                OR (p_audience = 'agency') <> (n.agency_id IS NOT NULL)
                OR n.case_id IS NULL AND p_audience <> 'operator' AND p_template <> 'digest')
    THEN
        RAISE EXCEPTION 'not a message' USING ERRCODE = 'check_violation';
    END IF;
    WITH new AS (
        INSERT INTO message (id, audience, case_id, person_id, station_id, agency_id, referral_id, template, about, step,
            lane, deliver_by)
        SELECT n.id, p_audience, n.case_id, n.person_id, n.station_id, n.agency_id, n.referral_id, p_template, p_about,
            coalesce(n.step, 0), n.lane, v_now + coalesce(p_wait, '0') + n.within
        FROM unnest(v_ids, p_cases, p_people, p_stations, p_agencies, p_referrals, p_steps, p_lanes, p_within)
            AS n (id, case_id, person_id, station_id, agency_id, referral_id, step, lane, within)
    )
    INSERT INTO message_event (message_id, state, attempt) SELECT n.id, 'pending', 0 FROM unnest(v_ids) AS n (id);
    PERFORM queue.enqueue_each(
        array_agg(CASE n.lane WHEN 0 THEN 'notification-urgent' ELSE 'notification' END),
        array_agg(CASE p_audience WHEN 'person' THEN 'notify_person' ELSE 'notify_staff' END),
        array_agg(jsonb_build_object(
            CASE p_audience WHEN 'person' THEN 'message_id' ELSE 'notice_id' END, n.id, 'version', 1)),
        array_agg((ARRAY[0, 1, 4, 6])[n.lane + 1]), v_now + p_wait)
    FROM unnest(v_ids, p_lanes) AS n (id, lane);
    RETURN QUERY SELECT unnest(v_ids);
END
$_$;

--
-- Name: intake_client_by_key(bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.intake_client_by_key(p_key_hash bytea) RETURNS TABLE(id uuid, name text, channels text[], division_scope text, requests_per_minute integer, may_read_cases boolean, may_change_cases boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, name, channels, division_scope, requests_per_minute, may_read_cases, may_change_cases
        FROM intake_client WHERE key_hash = p_key_hash AND revoked_at IS NULL;
END
$$;

--
-- Name: is_ledger_entry(text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.is_ledger_entry(p_kind text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT starts_with(p_kind, 'referral_') OR starts_with(p_kind, 'consent_') OR p_kind IN (
        'case_opened', 'case_read', 'people_read', 'access_opened', 'disclosure_overridden', 'contact_stopped',
        'package_resealed', 'package_discarded', 'text_read')
$$;

--
-- Name: join_agency(text, uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.join_agency(p_number text, p_client uuid, p_staff text, p_agency_code text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor']);
    v_agency uuid;
BEGIN
    SELECT id INTO v_agency FROM agency WHERE code = p_agency_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
    END IF;
    PERFORM 1 FROM referral WHERE case_id = v_case AND agency_id = v_agency AND status IN (
        'accepted', 'scheduled', 'in_progress', 'on_hold', 'completed', 'closed_verified');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no referral it took on' USING ERRCODE = 'DC055';
    END IF;
    INSERT INTO joint_party (case_id, agency_id) VALUES (v_case, v_agency) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency takes part already' USING ERRCODE = 'DC054';
    END IF;
    PERFORM record_staff_event(v_case, NULL, 'joint_joined', p_staff, p_client, jsonb_build_object('agency', v_agency));
    RETURN v_case;
END
$$;

--
-- Name: joint_agency(uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.joint_agency(p_case uuid, p_code text) RETURNS uuid
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_agency uuid;
BEGIN
    SELECT id INTO v_agency FROM agency WHERE code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
    END IF;
    PERFORM 1 FROM joint_party WHERE case_id = p_case AND agency_id = v_agency AND left_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency takes no part' USING ERRCODE = 'DC055';
    END IF;
    RETURN v_agency;
END
$$;

--
-- Name: joint_board(text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.joint_board(p_number text, p_client uuid) RETURNS TABLE(parties jsonb, tasks jsonb, conferences jsonb, assignees jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid;
BEGIN
    SELECT c.id INTO v_case FROM cases AS c, intake_client AS i, division_path(c.division_code) AS d
    WHERE c.number = p_number AND i.id = p_client AND i.revoked_at IS NULL AND i.may_read_cases
        AND d.code = i.division_scope;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such case' USING ERRCODE = 'DC020';
    END IF;
    RETURN QUERY SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_object('agency', a.code, 'joined_at', extract(epoch FROM j.joined_at),
            'left_at', extract(epoch FROM j.left_at)) ORDER BY j.joined_at), '[]')
         FROM joint_party AS j JOIN agency AS a ON a.id = j.agency_id WHERE j.case_id = v_case),
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'kind', t.kind, 'agency', a.code,
            'status', t.status, 'due_at', extract(epoch FROM t.due_at),
            'settled_at', extract(epoch FROM t.settled_at)) ORDER BY t.due_at, t.id), '[]')
         FROM joint_task AS t LEFT JOIN agency AS a ON a.id = t.agency_id WHERE t.case_id = v_case),
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'held_at', extract(epoch FROM c.held_at),
            'agencies', (SELECT coalesce(jsonb_agg(a.code ORDER BY a.code), '[]') FROM agency AS a
                WHERE a.id = ANY (c.agencies))) ORDER BY c.held_at), '[]')
         FROM conference AS c WHERE c.case_id = v_case),
        (SELECT coalesce(jsonb_agg(jsonb_build_object('staff', s.staff_id, 'role', s.role) ORDER BY s.assigned_at), '[]')
         FROM assignment AS s WHERE s.case_id = v_case AND s.ended_at IS NULL);
END
$$;

--
-- Name: keep_assessed_disclosure(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.keep_assessed_disclosure() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM impact_assessment AS a WHERE a.number = OLD.assessment) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an impact assessment stays as it was made' USING ERRCODE = 'DC001';
END
$$;

--
-- Name: keep_impact_assessment(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.keep_impact_assessment() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.kept_until <= clock_timestamp() AND NOT EXISTS (
        SELECT 1 FROM impact_assessment_hold AS h WHERE h.assessment = OLD.number AND h.released_at IS NULL)
    THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an impact assessment stays as it was made' USING ERRCODE = 'DC001';
END
$$;

--
-- Name: known_agency_kinds(text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.known_agency_kinds(p_kinds text[]) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT k.kind FROM unnest(p_kinds) AS k (kind) WHERE EXISTS (SELECT 1 FROM agency AS a WHERE a.kind = k.kind)
$$;

--
-- Name: leave_joint(text, uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.leave_joint(p_number text, p_client uuid, p_staff text, p_agency_code text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor'], false);
    v_left boolean := end_part(v_case, joint_agency(v_case, p_agency_code), 'staff', p_staff);
BEGIN
    RETURN v_case;
END
$$;

--
-- Name: link_cases(text, uuid, text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.link_cases(p_number text, p_client uuid, p_staff text, p_other text, p_relation text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_roles text[] := ARRAY['caseworker', 'supervisor'];
    v_first uuid;
    v_second uuid;
    v_case uuid;
    v_other uuid;
BEGIN
    -- Both are locked in one order, whichever is named first.
    v_first := act(least(p_number, p_other), p_client, p_staff, v_roles, false);
    v_second := act(greatest(p_number, p_other), p_client, p_staff, v_roles, false);
    v_case := CASE WHEN p_number < p_other THEN v_first ELSE v_second END;
    v_other := CASE WHEN p_number < p_other THEN v_second ELSE v_first END;
    IF v_case = v_other THEN
        RAISE EXCEPTION 'a case is not linked to itself' USING ERRCODE = 'DC055';
    END IF;
    INSERT INTO case_link (case_id, other_id, relation, staff_id)
    VALUES (least(v_case, v_other), greatest(v_case, v_other), p_relation, p_staff)
    ON CONFLICT (case_id, other_id) DO UPDATE SET relation = excluded.relation, staff_id = excluded.staff_id,
        linked_at = clock_timestamp();
    PERFORM record_staff_event(v_case, NULL, 'cases_linked', p_staff, p_client,
        jsonb_build_object('other', v_other, 'relation', p_relation));
    PERFORM record_staff_event(v_other, NULL, 'cases_linked', p_staff, p_client,
        jsonb_build_object('other', v_case, 'relation', p_relation));
    RETURN v_case;
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

CREATE FUNCTION casework.lock_agency_referral(p_agency uuid, p_referral uuid, p_number text) RETURNS TABLE(id uuid, number text, purpose text, legal_basis text, status text, tier text, reason_code text, outcome_code text, accepted_lease text, received_at timestamp with time zone, answer_due_at timestamp with time zone, may_disclose boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: lock_cases(uuid[], boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_cases(p_cases uuid[], p_may_wait boolean) RETURNS TABLE(id uuid, number text, status text, channel text, division_code text, owner_station_id uuid, risk text, facts jsonb, narrative bytea, opened_at timestamp with time zone, version integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: lock_consents(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_consents(p_case uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM 1 FROM consent WHERE case_id = p_case AND superseded_at IS NULL ORDER BY id FOR UPDATE;
END
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
-- Name: lock_offered(uuid[], uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_offered(p_agencies uuid[], p_referrals uuid[]) RETURNS TABLE(place bigint, id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamp with time zone, agency_id uuid, key_fingerprint bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: lock_person_messages(uuid[], boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_person_messages(p_messages uuid[], p_may_wait boolean) RETURNS TABLE(message_id uuid, case_id uuid, person_id uuid, template text, lane integer, state text, attempts integer, division_code text, guardian_suspected boolean, role text, is_minor boolean, phone bytea, email bytea, sent_today bigint, looked_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_messages uuid[];
    v_people uuid[];
    v_rules uuid[];
    v_since timestamptz := clock_timestamp() - interval '1 day';
BEGIN
    PERFORM set_config('idle_in_transaction_session_timeout', '60s', true);
    IF p_may_wait THEN
        v_messages := ARRAY(
            SELECT m.id FROM message AS m WHERE m.id = ANY (p_messages) ORDER BY m.id FOR NO KEY UPDATE);
        v_people := ARRAY(SELECT m.person_id FROM message AS m WHERE m.id = ANY (v_messages));
        v_people := ARRAY(SELECT p.id FROM person AS p WHERE p.id = ANY (v_people) ORDER BY p.id FOR NO KEY UPDATE);
        PERFORM FROM contact_rule AS r WHERE r.person_id = ANY (v_people) ORDER BY r.id FOR SHARE;
    ELSE
        v_messages := ARRAY(
            SELECT m.id FROM message AS m WHERE m.id = ANY (p_messages) ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED);
        v_people := ARRAY(SELECT m.person_id FROM message AS m WHERE m.id = ANY (v_messages));
        v_people := ARRAY(
            SELECT p.id FROM person AS p WHERE p.id = ANY (v_people) ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED);
        v_rules := ARRAY(
            SELECT r.id FROM contact_rule AS r WHERE r.person_id = ANY (v_people) ORDER BY r.id FOR SHARE SKIP LOCKED);
        -- One message for each phone, so that each is counted before the next is judged; and none for whom somebody is
        -- changing a rule.
        v_messages := ARRAY(
            SELECT DISTINCT ON (coalesce(p.phone_index, uuid_send(p.id))) m.id
            FROM message AS m JOIN person AS p ON p.id = m.person_id
            WHERE m.id = ANY (v_messages) AND (m.person_id = ANY (v_people)) IS TRUE
                AND NOT EXISTS (SELECT FROM contact_rule AS r WHERE r.person_id = p.id AND r.id <> ALL (v_rules))
            ORDER BY coalesce(p.phone_index, uuid_send(p.id)), m.id);
    END IF;
    RETURN QUERY
        SELECT m.id, m.case_id, m.person_id, m.template, m.lane::integer, m.state, m.attempts, c.division_code,
            coalesce(c.facts -> 'flags', '[]') ? 'guardian_suspected', p.role, p.is_minor, p.phone, p.email,
            (SELECT count(*) FROM message AS o WHERE o.person_id = ANY (same.people) AND o.settled_at > v_since
                AND o.state IN ('sent', 'delivered')),
            clock_timestamp()
        FROM message AS m JOIN person AS p ON p.id = m.person_id JOIN cases AS c ON c.id = m.case_id
        -- On other cases the same phone is somebody's, too: it is one phone that buzzes.
        CROSS JOIN LATERAL (SELECT CASE WHEN p.phone_index IS NULL THEN ARRAY[p.id] ELSE ARRAY[p.id] || ARRAY(
            SELECT o.id FROM person AS o WHERE o.phone_index = p.phone_index AND o.id <> p.id LIMIT 100) END AS people
        ) AS same
        WHERE m.id = ANY (v_messages);
END
$$;

--
-- Name: lock_staff_messages(uuid[], boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lock_staff_messages(p_messages uuid[], p_may_wait boolean) RETURNS TABLE(message_id uuid, audience text, case_number text, referral_number text, name text, division_code text, email text, phone text, template text, about text, lane integer, state text, attempts integer, is_muted boolean, sent_lately bigint, items text[], looked_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_messages uuid[];
    v_since timestamptz := clock_timestamp() - interval '1 hour';
BEGIN
    PERFORM set_config('idle_in_transaction_session_timeout', '60s', true);
    IF p_may_wait THEN
        v_messages := ARRAY(
            SELECT m.id FROM message AS m WHERE m.id = ANY (p_messages) AND m.audience <> 'person'
            ORDER BY m.id FOR NO KEY UPDATE);
        UPDATE digest_item AS i SET message_id = m.id FROM message AS m
        WHERE m.id = ANY (v_messages) AND m.template = 'digest' AND m.settled_at IS NULL
            AND i.agency_id = m.agency_id AND i.message_id IS NULL;
    ELSE
        v_messages := ARRAY(
            SELECT m.id FROM message AS m
            WHERE m.id = ANY (p_messages) AND m.audience <> 'person' AND m.template <> 'digest'
            ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED);
        -- One for each agency, so that each is counted before the next is judged.
        v_messages := ARRAY(
            SELECT DISTINCT ON (coalesce(m.agency_id, m.id)) m.id FROM message AS m WHERE m.id = ANY (v_messages)
            ORDER BY coalesce(m.agency_id, m.id), m.id);
    END IF;
    RETURN QUERY
        SELECT m.id, m.audience, c.number, r.number, coalesce(s.name, a.name),
            coalesce(s.division_code, a.division_code), coalesce(s.email, a.desk_email), s.duty_phones[m.step],
            m.template, m.about, m.lane::integer, m.state, m.attempts,
            coalesce(m.template = ANY (coalesce(s.muted, a.muted)), false),
            CASE WHEN m.agency_id IS NULL THEN 0 ELSE (SELECT count(*) FROM (
                SELECT FROM message AS o
                WHERE o.agency_id = m.agency_id AND o.created_at > v_since - interval '1 day'
                    AND o.state IN ('sent', 'delivered') AND o.settled_at > v_since LIMIT 100) AS sent) END,
            CASE m.template WHEN 'digest' THEN (SELECT array_agg(i.kind || ' ' || ir.number ORDER BY i.id)
                FROM digest_item AS i JOIN referral AS ir ON ir.id = i.referral_id WHERE i.message_id = m.id) END,
            clock_timestamp()
        FROM message AS m LEFT JOIN cases AS c ON c.id = m.case_id LEFT JOIN referral AS r ON r.id = m.referral_id
        LEFT JOIN station AS s ON s.id = m.station_id LEFT JOIN agency AS a ON a.id = m.agency_id
        WHERE m.id = ANY (v_messages);
END
$$;

--
-- Name: lower_risk(uuid, uuid, text, text, text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.lower_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_items text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_proposal risk_proposal%ROWTYPE;
BEGIN
    PERFORM require_staff(p_case, p_staff, ARRAY['caseworker', 'supervisor']);
    DELETE FROM risk_proposal WHERE case_id = p_case AND level = p_level AND staff_id <> p_staff
    RETURNING * INTO v_proposal;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a second person must confirm what a first proposed' USING ERRCODE = 'DC055';
    END IF;
    PERFORM record_staff_event(p_case, NULL, 'risk_lowered', p_staff, p_client, jsonb_build_object(
        'level', p_level, 'withdrawn', v_proposal.withdrawn, 'reason', v_proposal.reason,
        'proposed_by', v_proposal.staff_id));
    PERFORM set_risk(p_case, p_level, p_items);
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
-- Name: moments_of(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.moments_of(p_cases uuid[]) RETURNS TABLE(case_id uuid, now timestamp with time zone, is_routed boolean, rule_version bigint, network_version bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: move_dispute(uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.move_dispute(p_case uuid, p_purpose text, p_division text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    UPDATE dispute SET division_code = p_division WHERE case_id = p_case AND purpose = p_purpose AND decided_at IS NULL
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
-- Name: network_troubles(interval); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.network_troubles(p_clock_age interval) RETURNS TABLE(overdue_clocks bigint, dead_letters bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_clock_age;
    v_soon timestamptz := clock_timestamp() + interval '5 minutes';  -- what is looked at again and again, too
    v_since timestamptz := clock_timestamp() - interval '1 hour';
BEGIN
    RETURN QUERY SELECT
        (SELECT count(*) FROM (
            SELECT FROM clock
            WHERE state = 'running' AND look_at < v_soon AND due_at < v_before AND paused_at IS NULL LIMIT 1000) AS late),
        (SELECT count(*) FROM (
            SELECT FROM queue.job_history AS h WHERE h.state = 'discarded' AND h.finished_at > v_since
            LIMIT 1000) AS dead);
END
$$;

--
-- Name: notice_lane(text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notice_lane(p_kind text, p_risk text) RETURNS integer
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE
        WHEN p_kind IN ('call_agency_emergency', 'station_unreachable') THEN 0
        WHEN p_kind IN ('case_closed', 'follow_up_due', 'digest') THEN 3
        WHEN p_risk = 'imminent' THEN 0
        WHEN p_risk = 'high'
            OR p_kind IN ('escalated', 'clock_breached', 'contact_suppressed', 'contact_failed', 'referral_escalated')
            THEN 1
        ELSE 2 END
$$;

--
-- Name: notice_time(integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notice_time(p_lane integer) RETURNS interval
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT (ARRAY[interval '2 minutes', interval '30 minutes', interval '1 day', interval '3 days'])[p_lane + 1]
$$;

--
-- Name: notify_agency(uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_agency(p_referral uuid, p_kind text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record;
    v_lane integer;
    v_delivery uuid;
    v_message uuid;
BEGIN
    SELECT a.id, a.webhook_url IS NOT NULL AS has_webhook, a.desk_email IS NOT NULL AS has_desk, a.digest_minutes,
        p_kind = ANY (a.muted) AS is_muted, r.case_id, r.consent_basis, c.risk
    INTO v_agency
    FROM referral AS r JOIN agency AS a ON a.id = r.agency_id JOIN cases AS c ON c.id = r.case_id
    WHERE r.id = p_referral;
    -- Of the hand-over itself the gateway's webhook tells, which routing asks for.
    IF v_agency.has_webhook AND p_kind <> 'referral_offered' THEN
        INSERT INTO webhook_delivery (agency_id, referral_id, event)
        VALUES (v_agency.id, p_referral, replace(p_kind, '_', '.')) RETURNING id INTO v_delivery;
        PERFORM queue.enqueue('gateway', 'webhook_delivery',
            jsonb_build_object('delivery_id', v_delivery, 'version', 1));
    END IF;
    IF v_agency.has_desk IS NOT TRUE THEN
        RETURN;
    END IF;
    v_lane := CASE v_agency.consent_basis WHEN 'emergency' THEN 0 ELSE notice_lane(p_kind, v_agency.risk) END;
    IF v_lane <= 1 OR v_agency.digest_minutes = 0 THEN
        PERFORM insert_message('agency', v_agency.case_id, NULL, NULL, v_agency.id, p_referral, p_kind, NULL, 0, v_lane,
            notice_time(v_lane), NULL);
    ELSIF NOT v_agency.is_muted THEN
        INSERT INTO digest_item (agency_id, referral_id, kind) VALUES (v_agency.id, p_referral, p_kind)
        ON CONFLICT DO NOTHING;
        -- At most one digest of an agency waits: whoever comes first makes it, the others' items go with it. Two that
        -- come at the same moment may make two, of which the second finds nothing to say.
        PERFORM 1 FROM message
        WHERE agency_id = v_agency.id AND template = 'digest' AND state IN ('pending', 'scheduled')
            AND created_at > clock_timestamp() - interval '2 days';
        IF NOT FOUND THEN
            PERFORM insert_message('agency', NULL, NULL, NULL, v_agency.id, NULL, 'digest', NULL, 0, 3,
                notice_time(3), make_interval(mins => v_agency.digest_minutes));
        END IF;
    END IF;
END
$$;

--
-- Name: notify_all_help_seekers(uuid[], text, uuid, boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_all_help_seekers(p_cases uuid[], p_template text, p_referral uuid, p_if_agreed boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_cases uuid[];
    v_people uuid[];
BEGIN
    SELECT array_agg(p.case_id), array_agg(p.id) INTO v_cases, v_people
    FROM person AS p
    WHERE p.case_id = ANY (p_cases) AND p.role = 'help_seeker' AND (NOT p_if_agreed OR (
        SELECT bool_and(r.channel <> 'none' AND r.stopped_at IS NULL) AND bool_or(r.channel IN ('sms', 'email'))
        FROM contact_rule AS r
        WHERE r.person_id = p.id AND r.confirmed_at = (
            SELECT max(n.confirmed_at) FROM contact_rule AS n WHERE n.person_id = p.id)));
    IF v_people IS NOT NULL THEN
        PERFORM notify_people(v_cases, v_people, p_template, p_referral);
    END IF;
END
$$;

--
-- Name: notify_duty(uuid, uuid, text, integer, integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_duty(p_case uuid, p_station uuid, p_kind text, p_lane integer, p_step integer) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM 1 FROM station WHERE id = p_station AND cardinality(duty_phones) >= p_step;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM insert_message('duty', p_case, NULL, p_station, NULL, NULL, p_kind, NULL, p_step, p_lane,
        CASE p_lane WHEN 0 THEN interval '2 minutes' ELSE interval '10 minutes' END, NULL);
    RETURN true;
END
$$;

--
-- Name: notify_help_seekers(uuid, text, uuid, boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_help_seekers(p_case uuid, p_template text, p_referral uuid, p_if_agreed boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM notify_all_help_seekers(ARRAY[p_case], p_template, p_referral, p_if_agreed);
END
$$;

--
-- Name: notify_operators(text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_operators(p_kind text, p_about text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_since timestamptz := clock_timestamp() - interval '1 hour';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.notify_operators', 0));
    PERFORM 1 FROM message
    WHERE audience = 'operator' AND template = p_kind AND about IS NOT DISTINCT FROM p_about AND created_at > v_since;
    IF FOUND THEN
        RETURN false;
    END IF;
    PERFORM insert_message('operator', NULL, NULL, NULL, NULL, NULL, p_kind, p_about, 0, 1, notice_time(1), NULL);
    RETURN true;
END
$$;

--
-- Name: notify_people(uuid[], uuid[], text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_people(p_cases uuid[], p_people uuid[], p_template text, p_referral uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_cases uuid[];
    v_people uuid[];
    v_count integer;
BEGIN
    SELECT array_agg(n.case_id ORDER BY n.person_id), array_agg(n.person_id ORDER BY n.person_id), count(*)
    INTO v_cases, v_people, v_count
    FROM unnest(p_cases, p_people) AS n (case_id, person_id)
    WHERE NOT EXISTS (
        SELECT FROM message AS m
        WHERE m.person_id = n.person_id AND m.case_id = n.case_id AND m.template = p_template
            AND (m.state IN ('pending', 'scheduled') OR m.referral_id = p_referral)
        OFFSET 0);  -- as in notify_stations
    IF v_count > 0 THEN
        IF p_referral IS NOT NULL
            AND NOT EXISTS (SELECT FROM referral AS r WHERE r.id = p_referral AND r.case_id = ANY (v_cases))
        THEN
            RAISE EXCEPTION 'no such referral of the case' USING ERRCODE = 'foreign_key_violation';
        END IF;
        PERFORM insert_messages('person', v_cases, v_people, NULL, NULL, array_fill(p_referral, ARRAY[v_count]),
            p_template, NULL, NULL, array_fill(2, ARRAY[v_count]), array_fill(interval '8 days', ARRAY[v_count]), NULL);
    END IF;
END
$$;

--
-- Name: notify_person(uuid, uuid, text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_person(p_case uuid, p_person uuid, p_template text, p_referral uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM notify_people(ARRAY[p_case], ARRAY[p_person], p_template, p_referral);
END
$$;

--
-- Name: notify_station(uuid, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_station(p_case uuid, p_station uuid, p_kind text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM notify_stations(ARRAY[p_case], ARRAY[p_station], p_kind);
END
$$;

--
-- Name: notify_stations(uuid[], uuid[], text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.notify_stations(p_cases uuid[], p_stations uuid[], p_kind text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_cases uuid[];
    v_stations uuid[];
    v_lanes integer[];
    v_messages uuid[];
    v_are_known boolean;
BEGIN
    -- Asked for each case by itself (OFFSET 0): joined, a plan that was made while there were few messages would read all of
    -- them.
    SELECT array_agg(w.case_id), array_agg(w.station_id), array_agg(w.lane), bool_and(w.is_known)
    INTO v_cases, v_stations, v_lanes, v_are_known
    FROM (
        SELECT DISTINCT n.case_id, n.station_id, notice_lane(p_kind, c.risk) AS lane,
            c.id IS NOT NULL AND s.id IS NOT NULL AS is_known
        FROM unnest(p_cases, p_stations) AS n (case_id, station_id)
        LEFT JOIN cases AS c ON c.id = n.case_id LEFT JOIN station AS s ON s.id = n.station_id
        WHERE NOT EXISTS (
            SELECT FROM message AS m
            WHERE m.case_id = n.case_id AND m.station_id = n.station_id AND m.audience = 'station'
                AND m.template = p_kind AND m.state IN ('pending', 'scheduled')
            OFFSET 0)
    ) AS w;
    IF v_cases IS NULL THEN
        RETURN;
    ELSIF NOT v_are_known THEN
        RAISE EXCEPTION 'no such case or station' USING ERRCODE = 'foreign_key_violation';
    END IF;
    v_messages := ARRAY(SELECT insert_messages('station', v_cases, NULL, v_stations, NULL, NULL, p_kind, NULL, NULL, v_lanes,
        ARRAY(SELECT notice_time(l.lane) FROM unnest(v_lanes) AS l (lane)), NULL));
    IF 0 = ANY (v_lanes) THEN
        INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
        SELECT n.case_id, n.station_id, 'look_at_case', n.message_id, p_kind
        FROM unnest(v_cases, v_stations, v_messages, v_lanes) AS n (case_id, station_id, message_id, lane)
        WHERE n.lane = 0;
        PERFORM notify_duty(n.case_id, n.station_id, p_kind, 0, 1)
        FROM unnest(v_cases, v_stations, v_lanes) AS n (case_id, station_id, lane) WHERE n.lane = 0;
    END IF;
END
$$;

--
-- Name: open_access(text, uuid, text, uuid, bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.open_access(p_number text, p_client uuid, p_staff text, p_grant uuid, p_reason bytea) RETURNS TABLE(case_id uuid, ends_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_case uuid;
    v_owner uuid;
    v_end timestamptz := clock_timestamp() + interval '1 hour';
BEGIN
    SELECT c.id, c.owner_station_id INTO v_case, v_owner FROM cases AS c
    WHERE c.number = p_number AND EXISTS (
        SELECT 1 FROM intake_client AS i, division_path(c.division_code) AS d
        WHERE i.id = p_client AND i.revoked_at IS NULL AND i.may_change_cases AND d.code = i.division_scope)
    FOR NO KEY UPDATE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such case' USING ERRCODE = 'DC020';
    END IF;
    PERFORM 1 FROM staff WHERE id = p_staff AND status = 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such member of staff' USING ERRCODE = 'DC040';
    END IF;
    PERFORM 1 FROM staff WHERE id = p_staff
        AND roles && ARRAY['caseworker', 'mediator', 'part_time_mediator', 'counsellor', 'lawyer', 'supervisor'];
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this member of staff may not do this' USING ERRCODE = 'DC041';
    END IF;
    PERFORM 1 FROM staff_relation AS r JOIN person AS p
        ON p.case_id = v_case AND r.token IN (p.phone_index, p.email_index) WHERE r.staff_id = p_staff;
    IF FOUND THEN
        RAISE EXCEPTION 'related to a party of the case' USING ERRCODE = 'DC042';
    END IF;
    INSERT INTO access_grant (id, case_id, staff_id, reason, ends_at) VALUES (p_grant, v_case, p_staff, p_reason, v_end);
    PERFORM record_staff_event(v_case, NULL, 'access_opened', p_staff, p_client,
        jsonb_build_object('grant', p_grant, 'ends_at', v_end));
    PERFORM notify_station(v_case, v_owner, 'access_opened');
    RETURN QUERY SELECT v_case, v_end;
END
$$;

--
-- Name: open_cases(uuid[], text[], bytea[], text[], text[], text[], jsonb[], bytea[], uuid[], text[], uuid[], text[], text[], timestamp with time zone[], uuid[], uuid[], text[], bytea[], bytea[], bytea[], bytea[], text[], text[], boolean[], bytea[], bytea[], bytea[], uuid[], uuid[], uuid[], text[], text[], smallint[], smallint[], boolean[], bytea[], timestamp with time zone[], timestamp with time zone[], bytea[], jsonb, text[], bytea[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.open_cases(p_ids uuid[], p_numbers text[], p_receipt_hashes bytea[], p_channels text[], p_divisions text[], p_risks text[], p_facts jsonb[], p_narratives bytea[], p_clients uuid[], p_client_names text[], p_clocks uuid[], p_clock_names text[], p_clock_bases text[], p_due_at timestamp with time zone[], p_people uuid[], p_people_of uuid[], p_roles text[], p_names bytea[], p_phones bytea[], p_emails bytea[], p_birth_dates bytea[], p_sexes text[], p_capacities text[], p_minors boolean[], p_name_indexes bytea[], p_phone_indexes bytea[], p_email_indexes bytea[], p_rules uuid[], p_rules_of uuid[], p_rule_people uuid[], p_rule_channels text[], p_rule_days text[], p_from_minutes smallint[], p_to_minutes smallint[], p_never_mention boolean[], p_code_words bytea[], p_confirmed_at timestamp with time zone[], p_expires_at timestamp with time zone[], p_tags bytea[], p_consents jsonb, p_keys text[], p_request_hashes bytea[]) RETURNS TABLE(case_id uuid, owner_station_id uuid, owner_station_name text, opened_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: open_staff_task(uuid, uuid, text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.open_staff_task(p_case uuid, p_station uuid, p_kind text, p_message uuid, p_reason text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
    VALUES (p_case, p_station, p_kind, p_message, p_reason)
    ON CONFLICT (message_id, case_id) DO UPDATE SET reason = excluded.reason, done_at = NULL, done_by = NULL
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
-- Name: override_consent(text, uuid, text, text, text, text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.override_consent(p_number text, p_client uuid, p_staff text, p_supervisor text, p_kind text, p_purpose text, p_basis text, p_article text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor']);
    v_override jsonb := jsonb_build_object('agency_kind', p_kind, 'purpose', p_purpose, 'basis', p_basis,
        'article', p_article);
BEGIN
    PERFORM require_staff(v_case, p_supervisor, ARRAY['supervisor']);
    IF p_staff = p_supervisor OR p_basis NOT IN ('emergency', 'statutory_duty') OR p_article !~ '第.+条' THEN
        RAISE EXCEPTION 'an override needs a second person, a basis and an article' USING ERRCODE = 'DC055';
    END IF;
    UPDATE cases SET facts = jsonb_set(facts, '{overrides}', coalesce(facts -> 'overrides', '[]') || v_override),
        version = version + 1
    WHERE id = v_case;
    PERFORM record_staff_event(v_case, NULL, 'disclosure_overridden', p_staff, p_client,
        v_override || jsonb_build_object('told', p_supervisor));
    PERFORM notify_station(v_case, (SELECT c.owner_station_id FROM cases AS c WHERE c.id = v_case), 'disclosure_overridden');
    RETURN v_case;
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
-- Name: people_of(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.people_of(p_cases uuid[]) RETURNS TABLE(case_id uuid, id uuid, role text, name bytea, phone bytea, email bytea, birth_date bytea, sex text, capacity text, is_minor boolean, phone_index bytea, email_index bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT case_id, id, role, name, phone, email, birth_date, sex, capacity, is_minor, phone_index, email_index
        FROM person WHERE case_id = ANY (p_cases) ORDER BY id;
END
$$;

--
-- Name: possible_matches(text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.possible_matches(p_number text, p_client uuid, p_staff text) RETURNS TABLE(role text, other_role text, by_phone boolean, by_email boolean, other_number text, station_name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor'], false);
BEGIN
    PERFORM record_staff_event(v_case, NULL, 'case_read', p_staff, p_client, jsonb_build_object('what', 'matches'));
    RETURN QUERY
        WITH found AS MATERIALIZED (
            SELECT p.role AS role, o.role AS other_role, o.case_id AS other_case, true AS phone, false AS email
            FROM person AS p JOIN person AS o ON o.phone_index = p.phone_index AND o.case_id <> v_case
            WHERE p.case_id = v_case AND p.phone_index IS NOT NULL
            UNION ALL
            SELECT p.role, o.role, o.case_id, false, true
            FROM person AS p JOIN person AS o ON o.email_index = p.email_index AND o.case_id <> v_case
            WHERE p.case_id = v_case AND p.email_index IS NOT NULL
        )
        SELECT f.role, f.other_role, bool_or(f.phone), bool_or(f.email),
            CASE WHEN EXISTS (SELECT 1 FROM staff AS s, division_path(c.division_code) AS d
                    WHERE s.id = p_staff AND d.code = ANY (s.divisions))
                AND EXISTS (SELECT 1 FROM intake_client AS i, division_path(c.division_code) AS d
                    WHERE i.id = p_client AND d.code = i.division_scope)
                AND NOT EXISTS (SELECT 1 FROM staff_relation AS r JOIN person AS q
                    ON q.case_id = c.id AND r.token IN (q.phone_index, q.email_index) WHERE r.staff_id = p_staff)
                THEN c.number END,
            t.name
        FROM found AS f JOIN cases AS c ON c.id = f.other_case JOIN station AS t ON t.id = c.owner_station_id
        WHERE NOT EXISTS (SELECT 1 FROM case_link AS l WHERE l.relation = 'different'
            AND l.case_id = least(v_case, c.id) AND l.other_id = greatest(v_case, c.id))
        GROUP BY f.role, f.other_role, c.id, c.number, c.division_code, t.name
        ORDER BY bool_or(f.phone) DESC, c.number LIMIT 50;
END
$$;

--
-- Name: profile_data_kinds(text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.profile_data_kinds(p_profile text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    AS $$
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

--
-- Name: propose_risk(uuid, uuid, text, text, text[], text, timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.propose_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_withdrawn text[], p_reason text, p_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM require_staff(p_case, p_staff, ARRAY['caseworker', 'supervisor']);
    INSERT INTO risk_proposal (case_id, level, withdrawn, reason, staff_id, proposed_at)
    VALUES (p_case, p_level, p_withdrawn, p_reason, p_staff, p_at)
    ON CONFLICT (case_id) DO UPDATE SET level = excluded.level, withdrawn = excluded.withdrawn,
        reason = excluded.reason, staff_id = excluded.staff_id, proposed_at = excluded.proposed_at;
    PERFORM record_staff_event(p_case, NULL, 'risk_lowering_proposed', p_staff, p_client,
        jsonb_build_object('level', p_level, 'withdrawn', p_withdrawn, 'reason', p_reason));
END
$$;

--
-- Name: put_agency(text, text, text, text, bytea, timestamp with time zone, bytea, text, bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_agency(p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_key_valid_from timestamp with time zone, p_key_signature bytea, p_webhook_url text, p_webhook_secret bytea) RETURNS uuid
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
    INSERT INTO agency (code, kind, name, division_code, public_key, key_valid_from, key_signature, webhook_url,
        webhook_secret)
    VALUES (p_code, p_kind, p_name, p_division, p_public_key, p_key_valid_from, p_key_signature, p_webhook_url,
        p_webhook_secret)
    ON CONFLICT (code) DO NOTHING RETURNING id INTO v_id;
    IF FOUND THEN
        PERFORM record_operator_event('agency_added', p_code, jsonb_build_object(
            'kind', p_kind, 'division', p_division, 'public_key', fingerprint(p_public_key),
            'webhook', fingerprint(convert_to(p_webhook_url, 'UTF8'))));
        RETURN v_id;
    END IF;
    SELECT * INTO STRICT v_old FROM agency WHERE code = p_code FOR NO KEY UPDATE;
    IF p_public_key <> v_old.public_key AND p_key_valid_from < v_old.key_valid_from THEN
        RAISE EXCEPTION 'the agency has a key that was signed later' USING ERRCODE = 'DC055';
    END IF;
    UPDATE agency
    SET kind = p_kind, name = p_name, division_code = p_division, public_key = coalesce(p_public_key, public_key),
        key_valid_from = CASE WHEN p_public_key IS NULL THEN key_valid_from ELSE p_key_valid_from END,
        key_signature = CASE WHEN p_public_key IS NULL THEN key_signature ELSE p_key_signature END,
        webhook_url = coalesce(p_webhook_url, webhook_url), webhook_secret = coalesce(p_webhook_secret, webhook_secret)
    WHERE id = v_old.id RETURNING * INTO v_new;
    v_changed := array_remove(ARRAY[
        CASE WHEN v_new.kind <> v_old.kind THEN 'kind' END,
        CASE WHEN v_new.name <> v_old.name THEN 'name' END,
        CASE WHEN v_new.division_code <> v_old.division_code THEN 'division' END,
        CASE WHEN v_new.public_key IS DISTINCT FROM v_old.public_key THEN 'public_key' END,
        CASE WHEN v_new.key_signature IS DISTINCT FROM v_old.key_signature THEN 'key_signature' END,
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
    IF v_changed && ARRAY['public_key', 'key_signature', 'kind', 'division'] THEN
        PERFORM seal_again(v_old.id);
    END IF;
    RETURN v_old.id;
END
$$;

--
-- Name: put_agency_details(text, text[], text, integer, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_agency_details(p_code text, p_services text[], p_hours text, p_capacity integer, p_superior_code text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_old agency%ROWTYPE;
    v_superior uuid;
BEGIN
    PERFORM lock_network();
    SELECT * INTO v_old FROM agency WHERE code = p_code FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
    END IF;
    IF p_superior_code IS NOT NULL THEN
        SELECT id INTO v_superior FROM agency WHERE code = p_superior_code;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
        END IF;
        PERFORM 1 FROM (
            WITH RECURSIVE above AS (
                SELECT v_superior AS id, 1 AS height
                UNION ALL
                SELECT a.superior_id, u.height + 1 FROM above AS u JOIN agency AS a ON a.id = u.id
                WHERE a.superior_id IS NOT NULL AND u.height < 20
            )
            SELECT id FROM above WHERE id = v_old.id
        ) AS ring;
        IF FOUND THEN
            RAISE EXCEPTION 'an agency cannot be above itself' USING ERRCODE = 'DC055';
        END IF;
    END IF;
    IF (v_old.services, v_old.hours, v_old.capacity, v_old.superior_id)
        IS NOT DISTINCT FROM (p_services, p_hours, p_capacity, v_superior)
    THEN
        RETURN;
    END IF;
    UPDATE agency SET services = p_services, hours = p_hours, capacity = p_capacity, superior_id = v_superior
    WHERE id = v_old.id;
    PERFORM record_operator_event('agency_details_changed', p_code, jsonb_build_object('services', p_services,
        'hours', p_hours, 'capacity', p_capacity, 'superior', p_superior_code));
END
$$;

--
-- Name: put_alliance(text, text, text[], text[], date, date, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_alliance(p_code text, p_name text, p_members text[], p_purposes text[], p_from date, p_until date, p_basis text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM lock_network();
    IF EXISTS (SELECT 1 FROM unnest(p_members) AS m (code) WHERE NOT EXISTS (
        SELECT 1 FROM division AS d WHERE d.code = m.code))
    THEN
        RAISE EXCEPTION 'no such division' USING ERRCODE = 'DC011';
    END IF;
    IF EXISTS (SELECT 1 FROM alliance WHERE (code, name, members, purposes, holds_from, basis)
            = (p_code, p_name, p_members, p_purposes, p_from, p_basis) AND holds_until IS NOT DISTINCT FROM p_until)
    THEN
        RETURN;
    END IF;
    INSERT INTO alliance (code, name, members, purposes, holds_from, holds_until, basis)
    VALUES (p_code, p_name, p_members, p_purposes, p_from, p_until, p_basis)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, members = excluded.members, purposes = excluded.purposes,
        holds_from = excluded.holds_from, holds_until = excluded.holds_until, basis = excluded.basis;
    PERFORM record_operator_event('alliance_put', p_code, jsonb_build_object('members', p_members,
        'purposes', p_purposes, 'from', p_from, 'until', p_until));
END
$$;

--
-- Name: put_intake_client(text, bytea, text[], text, integer, boolean, boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_intake_client(p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean, p_may_change boolean) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
    v_old intake_client%ROWTYPE;
    v_data jsonb := jsonb_build_object('channels', p_channels, 'division', p_scope,
        'requests_per_minute', p_requests_per_minute, 'may_read_cases', p_may_read, 'may_change_cases', p_may_change);
BEGIN
    INSERT INTO intake_client (name, key_hash, channels, division_scope, requests_per_minute, may_read_cases,
        may_change_cases)
    VALUES (p_name, p_key_hash, p_channels, p_scope, p_requests_per_minute, p_may_read, p_may_change)
    ON CONFLICT (name) DO NOTHING RETURNING id INTO v_id;
    IF FOUND THEN
        PERFORM record_operator_event('client_added', p_name, v_data || jsonb_build_object('client', v_id));
        RETURN v_id;
    END IF;
    SELECT * INTO STRICT v_old FROM intake_client WHERE name = p_name FOR NO KEY UPDATE;
    IF (v_old.key_hash, v_old.channels, v_old.division_scope, v_old.requests_per_minute, v_old.may_read_cases,
        v_old.may_change_cases, v_old.revoked_at) IS NOT DISTINCT FROM
        (p_key_hash, p_channels, p_scope, p_requests_per_minute, p_may_read, p_may_change, NULL::timestamptz)
    THEN
        RETURN v_old.id;
    END IF;
    UPDATE intake_client
    SET key_hash = p_key_hash, channels = p_channels, division_scope = p_scope,
        requests_per_minute = p_requests_per_minute, may_read_cases = p_may_read, may_change_cases = p_may_change,
        revoked_at = NULL
    WHERE id = v_old.id;
    PERFORM record_operator_event('client_changed', p_name, v_data || jsonb_build_object(
        'client', v_old.id, 'new_key', v_old.key_hash <> p_key_hash, 'was_revoked', v_old.revoked_at IS NOT NULL));
    RETURN v_old.id;
END
$$;

--
-- Name: put_message_state(uuid, text, text, text, text, text, integer, bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_message_state(p_message uuid, p_old text, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_row casework.message%ROWTYPE;
    v_kind text;
    v_is_known boolean := p_state = p_old;
BEGIN
    -- That it waits for her hours the case's trail says once.
    IF p_state = 'scheduled' THEN
        v_is_known := EXISTS (SELECT FROM message_event AS e WHERE e.message_id = p_message AND e.state = 'scheduled');
    END IF;
    UPDATE message SET state = p_state, reason = p_reason,
        provider = coalesce(p_provider, provider), reference = coalesce(p_reference, reference),
        segments = segments + coalesce(p_segments, 0), cost = cost + coalesce(p_cost, 0),
        settled_at = CASE WHEN p_state IN ('pending', 'scheduled', 'sending') THEN NULL
            ELSE coalesce(settled_at, clock_timestamp()) END
    WHERE id = p_message RETURNING * INTO v_row;
    INSERT INTO message_event (message_id, state, reason, attempt, provider)
    VALUES (p_message, p_state, p_reason, v_row.attempts, p_provider);
    IF p_state IN ('pending', 'sending') OR v_is_known THEN
        RETURN;
    END IF;
    v_kind := CASE
        WHEN v_row.case_id IS NULL THEN NULL
        WHEN v_row.audience = 'person' THEN 'message_' || p_state
        WHEN p_state IN ('failed', 'denied') THEN 'notice_failed'
        WHEN p_state = 'muted' THEN 'notice_muted' END;
    IF v_kind IS NOT NULL THEN
        PERFORM record_event(v_row.case_id, v_row.referral_id, v_kind, 'service', 'notification', NULL,
            jsonb_build_object(
                CASE v_row.audience WHEN 'person' THEN 'message' ELSE 'notice' END, p_message,
                CASE v_row.audience WHEN 'person' THEN 'template' ELSE 'kind' END, v_row.template, 'reason', p_reason));
    END IF;
    -- The desk knows: the task that stood in for that is over.
    IF v_row.audience = 'station' AND p_state = 'delivered' AND v_row.lane = 0 THEN
        UPDATE staff_task SET done_at = clock_timestamp(), done_by = 'notification'
        WHERE message_id = p_message AND done_at IS NULL;
    END IF;
END
$$;

--
-- Name: put_sending(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_sending(p_messages uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
        WITH begun AS (
            UPDATE message AS m SET state = 'sending', attempts = m.attempts + 1,
                reason = CASE m.state WHEN 'sending' THEN 'repeat' END
            WHERE m.id = ANY (p_messages)
            RETURNING m.id, m.reason, m.attempts
        )
        INSERT INTO message_event (message_id, state, reason, attempt)
        SELECT b.id, 'sending', b.reason, b.attempts FROM begun AS b RETURNING message_id;
END
$$;

--
-- Name: put_sent(uuid[], text[], text[], integer[], bigint[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_sent(p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]) RETURNS SETOF uuid
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
        WITH changed AS (
            UPDATE message AS m SET state = 'sent', reason = NULL, provider = coalesce(w.provider, m.provider),
                reference = coalesce(w.reference, m.reference), segments = m.segments + coalesce(w.segments, 0),
                cost = m.cost + coalesce(w.cost, 0), settled_at = clock_timestamp()
            FROM unnest(p_messages, p_providers, p_references, p_segments, p_costs)
                AS w (id, provider, reference, segments, cost)
            WHERE m.id = w.id AND m.state IN ('pending', 'scheduled', 'sending')
            RETURNING m.id, m.case_id, m.referral_id, m.audience, m.template, m.lane, m.attempts, w.provider
        ), trail AS (
            INSERT INTO message_event (message_id, state, attempt, provider)
            SELECT c.id, 'sent', c.attempts, c.provider FROM changed AS c
        ), told AS (
            INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, data)
            SELECT c.case_id, c.referral_id,
                CASE c.audience WHEN 'person' THEN 'message_sent' WHEN 'agency' THEN 'agency_notified'
                    ELSE 'staff_notified' END,
                'service', 'notification',
                CASE c.audience WHEN 'person'
                    THEN jsonb_build_object('message', c.id, 'template', c.template, 'reason', NULL)
                    ELSE jsonb_build_object('notice', c.id, 'kind', c.template, 'reason', NULL) END
            FROM changed AS c WHERE c.case_id IS NOT NULL
        ), done AS (
            -- The desk knows: the task that stood in for that is over.
            UPDATE staff_task AS t SET done_at = clock_timestamp(), done_by = 'notification'
            FROM changed AS c
            WHERE c.audience = 'station' AND c.lane = 0 AND t.message_id = c.id AND t.done_at IS NULL
        )
        SELECT c.id FROM changed AS c;
END
$$;

--
-- Name: put_staff(text, text[], text[], integer, text, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_staff(p_id text, p_roles text[], p_divisions text[], p_capacity integer, p_status text, p_trainings jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_old staff%ROWTYPE;
    v_old_trainings jsonb;
BEGIN
    IF EXISTS (SELECT 1 FROM unnest(p_divisions) AS d (code) WHERE NOT EXISTS (
        SELECT 1 FROM division WHERE division.code = d.code))
    THEN
        RAISE EXCEPTION 'no such division' USING ERRCODE = 'DC011';
    END IF;
    SELECT * INTO v_old FROM staff WHERE id = p_id FOR NO KEY UPDATE;
    SELECT coalesce(jsonb_object_agg(t.code, to_char(t.valid_until, 'YYYY-MM-DD')), '{}') INTO v_old_trainings
    FROM staff_training AS t WHERE t.staff_id = p_id;
    IF (v_old.roles, v_old.divisions, v_old.capacity, v_old.status, v_old_trainings)
        IS NOT DISTINCT FROM (p_roles, p_divisions, p_capacity, p_status, p_trainings)
    THEN
        RETURN false;
    END IF;
    INSERT INTO staff (id, roles, divisions, capacity, status)
    VALUES (p_id, p_roles, p_divisions, p_capacity, p_status)
    ON CONFLICT (id) DO UPDATE
    SET roles = excluded.roles, divisions = excluded.divisions, capacity = excluded.capacity, status = excluded.status;
    DELETE FROM staff_training WHERE staff_id = p_id;
    INSERT INTO staff_training (staff_id, code, valid_until)
    SELECT p_id, t.key, t.value::date FROM jsonb_each_text(p_trainings) AS t;
    PERFORM record_operator_event(CASE WHEN v_old.id IS NULL THEN 'staff_added' ELSE 'staff_changed' END, p_id,
        jsonb_build_object('roles', p_roles, 'divisions', p_divisions, 'capacity', p_capacity, 'status', p_status,
            'trainings', p_trainings));
    RETURN true;
END
$$;

--
-- Name: put_station_units(text[], text[], text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.put_station_units(p_kinds text[], p_divisions text[], p_names text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_changed text[];
BEGIN
    PERFORM lock_network();
    SELECT array_agg(DISTINCT x.division_code) INTO v_changed FROM (
        (SELECT n.kind, n.division_code, n.name FROM unnest(p_kinds, p_divisions, p_names) AS n (kind, division_code, name)
         EXCEPT SELECT u.kind, u.division_code, u.name FROM station_unit AS u)
        UNION ALL
        (SELECT u.kind, u.division_code, u.name FROM station_unit AS u WHERE u.division_code = ANY (p_divisions)
         EXCEPT SELECT n.kind, n.division_code, n.name
            FROM unnest(p_kinds, p_divisions, p_names) AS n (kind, division_code, name))
    ) AS x;
    IF v_changed IS NULL THEN
        RETURN;
    END IF;
    DELETE FROM station_unit WHERE division_code = ANY (v_changed);
    INSERT INTO station_unit (kind, division_code, name)
    SELECT n.kind, n.division_code, n.name FROM unnest(p_kinds, p_divisions, p_names) AS n (kind, division_code, name)
    WHERE n.division_code = ANY (v_changed);
    INSERT INTO operator_event (kind, subject, data)
    SELECT 'station_units_put', c.code, jsonb_build_object('units',
        (SELECT count(*) FROM station_unit AS u WHERE u.division_code = c.code))
    FROM unnest(v_changed) AS c (code) ORDER BY c.code;
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
-- Name: read_minutes(text, uuid, text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.read_minutes(p_number text, p_client uuid, p_staff text, p_conference uuid) RETURNS bytea
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor'], false);
    v_minutes bytea;
BEGIN
    SELECT c.minutes INTO v_minutes FROM conference AS c WHERE c.id = p_conference AND c.case_id = v_case;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such case' USING ERRCODE = 'DC020';
    END IF;
    PERFORM record_staff_event(v_case, NULL, 'case_read', p_staff, p_client,
        jsonb_build_object('what', 'minutes', 'conference', p_conference));
    RETURN v_minutes;
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
    v_row message%ROWTYPE;
BEGIN
    UPDATE message SET read_at = clock_timestamp()
    WHERE id = p_message AND audience = 'station' AND read_at IS NULL RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_row.state IN ('pending', 'scheduled', 'sending', 'sent') THEN
        PERFORM put_message_state(p_message, v_row.state, 'delivered', 'read', 'inbox', NULL, NULL, NULL);
        -- Nor does the phone of its duty have to ring.
        PERFORM put_message_state(m.id, m.state, 'muted', 'read', 'inbox', NULL, NULL, NULL) FROM message AS m
        WHERE m.case_id = v_row.case_id AND m.station_id = v_row.station_id AND m.audience = 'duty'
            AND m.template = v_row.template AND m.state IN ('pending', 'scheduled');
    ELSE
        INSERT INTO message_event (message_id, state, reason, attempt, provider)
        VALUES (p_message, v_row.state, 'read', v_row.attempts, 'inbox');
    END IF;
    UPDATE staff_task SET done_at = clock_timestamp(), done_by = p_actor
    WHERE message_id = p_message AND done_at IS NULL;
    RETURN true;
END
$$;

--
-- Name: read_people(text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.read_people(p_number text, p_client uuid, p_staff text) RETURNS TABLE(id uuid, role text, name bytea, phone bytea, email bytea, birth_date bytea, sex text, is_minor boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := reader(p_number, p_client, p_staff);
    v_supervises boolean := EXISTS (SELECT 1 FROM staff AS s WHERE s.id = p_staff AND 'supervisor' = ANY (s.roles));
BEGIN
    PERFORM record_staff_event(v_case, NULL, 'people_read', p_staff, p_client, NULL);
    RETURN QUERY
        SELECT p.id, p.role, p.name, p.phone, p.email, p.birth_date, p.sex, p.is_minor FROM person AS p
        WHERE p.case_id = v_case AND (p.role <> 'reporter' OR v_supervises) ORDER BY p.id;
END
$$;

--
-- Name: read_texts(bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.read_texts(p_request bigint) RETURNS TABLE(referral text, agency_id uuid, agency text, status text, staff text, sent_at timestamp with time zone, key_id text, digest bytea, sealed bytea, attachments jsonb, erased_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_event record;
BEGIN
    SELECT e.case_id, e.occurred_at INTO v_event FROM event AS e
    WHERE e.id = p_request AND e.kind = 'text_read' AND e.occurred_at > clock_timestamp() - interval '10 minutes'
        AND e.transaction IS DISTINCT FROM pg_current_xact_id_if_assigned();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no committed record allows this disclosure' USING ERRCODE = 'DC101';
    END IF;
    RETURN QUERY
        SELECT r.number, t.agency_id, a.code, t.status, t.staff_id, t.sent_at, t.key_id, t.digest, t.sealed, t.attachments,
            t.erased_at
        FROM referral AS r JOIN safeguarding.sealed_text AS t ON t.referral_id = r.id JOIN agency AS a ON a.id = t.agency_id
        WHERE r.case_id = v_event.case_id AND t.sent_at <= v_event.occurred_at ORDER BY t.number;
END
$$;

--
-- Name: read_triage(text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.read_triage(p_number text, p_client uuid, p_staff text) RETURNS TABLE(id uuid, subject text, manner text, words bytea, answer boolean, answered_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['reception', 'caseworker', 'counsellor', 'supervisor'], false);
BEGIN
    PERFORM record_staff_event(v_case, NULL, 'case_read', p_staff, p_client, jsonb_build_object('what', 'triage'));
    RETURN QUERY SELECT t.id, t.subject, t.manner, t.words, t.answer, t.answered_at FROM triage AS t
        WHERE t.case_id = v_case ORDER BY t.answer IS NOT NULL, t.manner DESC, t.subject;
END
$$;

--
-- Name: reader(text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.reader(p_number text, p_client uuid, p_staff text) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_case uuid;
BEGIN
    SELECT g.case_id INTO v_case FROM access_grant AS g JOIN cases AS c ON c.id = g.case_id
        JOIN staff AS s ON s.id = g.staff_id
    WHERE c.number = p_number AND g.staff_id = p_staff AND g.ends_at > clock_timestamp() AND s.status = 'active'
        AND EXISTS (SELECT 1 FROM intake_client AS i, division_path(c.division_code) AS d
            WHERE i.id = p_client AND i.revoked_at IS NULL AND i.may_change_cases AND d.code = i.division_scope)
    LIMIT 1;
    IF FOUND THEN
        PERFORM 1 FROM staff_relation AS r JOIN person AS p
            ON p.case_id = v_case AND r.token IN (p.phone_index, p.email_index) WHERE r.staff_id = p_staff;
        IF FOUND THEN
            RAISE EXCEPTION 'related to a party of the case' USING ERRCODE = 'DC042';
        END IF;
        RETURN v_case;
    END IF;
    RETURN act(p_number, p_client, p_staff, ARRAY['caseworker', 'counsellor', 'lawyer', 'mediator', 'supervisor'], false);
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
-- Name: receive_referrals(uuid[], uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.receive_referrals(p_referrals uuid[], p_leases uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: record_assessment(uuid, uuid, text, text, text[], text[], text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_assessment(p_case uuid, p_client uuid, p_staff text, p_occasion text, p_answers text[], p_items text[], p_level text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_levels text[] := ARRAY['low', 'medium', 'high', 'imminent'];
    v_case cases%ROWTYPE;
    v_clock uuid;
BEGIN
    PERFORM require_staff(p_case, p_staff, ARRAY['reception', 'caseworker', 'mediator', 'counsellor', 'supervisor']);
    SELECT * INTO STRICT v_case FROM cases WHERE id = p_case FOR NO KEY UPDATE;
    IF array_position(v_levels, p_level) < array_position(v_levels, v_case.risk) OR NOT p_items @> ARRAY(
        SELECT jsonb_array_elements_text(coalesce(v_case.facts -> 'risk_items', '[]')))
    THEN
        RAISE EXCEPTION 'an assessment lowers nothing' USING ERRCODE = 'DC055';
    END IF;
    INSERT INTO risk_assessment (case_id, occasion, items, level_before, level_after, staff_id)
    VALUES (p_case, p_occasion, p_answers, v_case.risk, p_level, p_staff);
    PERFORM record_staff_event(p_case, NULL, 'risk_assessed', p_staff, p_client,
        jsonb_build_object('occasion', p_occasion, 'items', p_answers, 'level', p_level));
    IF p_level <> v_case.risk THEN
        PERFORM record_staff_event(p_case, NULL, 'risk_raised', p_staff, p_client,
            jsonb_build_object('from', v_case.risk, 'level', p_level));
    END IF;
    -- Anything new that was learnt voids a proposal to lower the level.
    IF NOT p_items <@ ARRAY(SELECT jsonb_array_elements_text(coalesce(v_case.facts -> 'risk_items', '[]')))
        OR p_level <> v_case.risk
    THEN
        DELETE FROM risk_proposal WHERE case_id = p_case;
        PERFORM set_risk(p_case, p_level, p_items);
    END IF;
    FOR v_clock IN SELECT id FROM clock WHERE case_id = p_case AND state = 'running' AND kind = 'risk_review' LOOP
        PERFORM end_clock(v_clock, 'met', 'staff');
    END LOOP;
END
$$;

--
-- Name: record_call_back(text, uuid, text, text, integer, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_call_back(p_number text, p_client uuid, p_staff text, p_result text, p_satisfaction integer, p_clocks jsonb) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff,
        CASE WHEN p_result = 'not_allowed' THEN ARRAY['supervisor']
            ELSE ARRAY['reception', 'caseworker', 'mediator', 'counsellor', 'supervisor'] END, false);
BEGIN
    INSERT INTO call_back (case_id, result, satisfaction, staff_id)
    VALUES (v_case, p_result, p_satisfaction, p_staff);
    PERFORM record_staff_event(v_case, NULL, 'called_back', p_staff, p_client,
        jsonb_build_object('result', p_result, 'satisfaction', p_satisfaction));
    IF p_result IN ('not_settled', 'unsafe') THEN
        PERFORM take_up_again(v_case, p_staff, p_client, p_result = 'unsafe', p_clocks);
    END IF;
    RETURN v_case;
END
$$;

--
-- Name: record_consent(text, uuid, text, text[], uuid[], text, boolean, text, text[], timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_consent(p_number text, p_client uuid, p_staff text, p_kinds text[], p_agencies uuid[], p_purpose text, p_granted boolean, p_given_by text, p_data_kinds text[], p_expires_at timestamp with time zone) RETURNS TABLE(case_id uuid, revoked integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_case uuid := act(p_number, p_client, p_staff,
        ARRAY['reception', 'caseworker', 'mediator', 'part_time_mediator', 'counsellor', 'lawyer', 'supervisor']);
    v_id uuid := gen_random_uuid();
BEGIN
    IF EXISTS (SELECT 1 FROM unnest(p_agencies) AS g (id) WHERE NOT EXISTS (
        SELECT 1 FROM agency AS a WHERE a.id = g.id AND a.kind = ANY (p_kinds)))
    THEN
        RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
    END IF;
    PERFORM lock_consents(v_case);
    PERFORM supersede_consent(v_case, p_kinds, p_purpose, p_agencies);
    INSERT INTO consent (id, case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at)
    VALUES (v_id, v_case, p_kinds, p_purpose, p_granted, p_given_by, p_data_kinds, p_agencies, p_expires_at);
    PERFORM record_staff_event(v_case, NULL, 'consent_recorded', p_staff, p_client, jsonb_build_object(
        'consent', v_id, 'agency_kinds', p_kinds, 'agencies', p_agencies, 'purpose', p_purpose, 'granted', p_granted,
        'given_by', p_given_by, 'data_kinds', p_data_kinds, 'expires_at', p_expires_at));
    RETURN QUERY SELECT v_case, revoke_unconsented(v_case, 'staff', p_staff, 'consent_refused');
END
$$;

--
-- Name: record_decisions(uuid[], bigint[], jsonb[], uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_decisions(p_cases uuid[], p_rule_versions bigint[], p_explanations jsonb[], p_owners uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: record_escalation(uuid, uuid, uuid, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_escalation(p_case uuid, p_referral uuid, p_from uuid, p_data jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
-- Name: record_impact_assessment(jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_impact_assessment(p_assessment jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_checksum bytea := sha256(convert_to(p_assessment::text, 'UTF8'));
    v_old bytea;
    v_number bigint;
BEGIN
    -- Whoever puts rules in force meanwhile sees all of it or nothing.
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.rule_set', 0));
    SELECT checksum INTO v_old FROM impact_assessment WHERE reference = p_assessment ->> 'reference';
    IF FOUND THEN
        IF v_old <> v_checksum THEN
            RAISE EXCEPTION 'another assessment has this reference' USING ERRCODE = 'DC055';
        END IF;
        RETURN false;
    END IF;
    INSERT INTO impact_assessment (reference, subject, title, processing, assessed_by, assessed_on, valid_until,
        lawfulness, necessity, impact, risk, measures, outcome, document, document_sha256, checksum, recorded_at,
        kept_until)
    SELECT a.reference, a.subject, a.title, a.processing, a.assessed_by, a.assessed_on, a.valid_until, a.lawfulness,
        a.necessity, a.impact, a.risk, a.measures, a.outcome, a.document, a.document_sha256, v_checksum, v_now,
        v_now + interval '3 years'
    FROM jsonb_to_record(p_assessment) AS a (reference text, subject text, title text, processing text,
        assessed_by text, assessed_on date, valid_until date, lawfulness text, necessity text, impact text, risk text,
        measures text[], outcome text, document text, document_sha256 text)
    RETURNING number INTO v_number;
    INSERT INTO impact_assessment_disclosure (assessment, agency_kind, purpose, profile, fields)
    SELECT v_number, d.agency_kind, d.purpose, d.profile, d.fields
    FROM jsonb_to_recordset(p_assessment -> 'disclosures')
        AS d (agency_kind text, purpose text, profile text, fields text[]);
    PERFORM record_operator_event('assessment_recorded', p_assessment ->> 'reference', jsonb_build_object(
        'subject', p_assessment ->> 'subject', 'outcome', p_assessment ->> 'outcome',
        'checksum', encode(v_checksum, 'hex')));
    RETURN true;
END
$$;

--
-- Name: record_milestone(text, uuid, text, text, date, date); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_milestone(p_number text, p_client uuid, p_staff text, p_kind text, p_reached date, p_until date) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'mediator', 'lawyer', 'supervisor'], false);
BEGIN
    INSERT INTO milestone (case_id, kind, reached_on, until, staff_id)
    VALUES (v_case, p_kind, p_reached, p_until, p_staff);
    -- Rules look ahead to the day an order or a stay ends.
    UPDATE cases SET facts = jsonb_set(facts, '{deadlines}', coalesce(facts -> 'deadlines', '{}')
            || jsonb_build_object(CASE p_kind WHEN 'protection_order_in_force' THEN 'protection_order_expiry'
                ELSE 'shelter_stay_end' END, to_char(p_until, 'YYYY-MM-DD'))),
        version = version + 1
    WHERE id = v_case AND p_until IS NOT NULL AND p_kind IN ('protection_order_in_force', 'shelter_stay');
    PERFORM record_staff_event(v_case, NULL, 'milestone_reached', p_staff, p_client, jsonb_build_object(
        'kind', p_kind, 'reached_on', p_reached, 'until', p_until));
    RETURN v_case;
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
    -- A provider that gives two messages one name says nothing by it.
    IF 1 <> (SELECT count(*) FROM (
        SELECT FROM message AS m WHERE m.provider = p_provider AND m.reference = p_reference LIMIT 2) AS named)
    THEN
        RETURN QUERY SELECT NULL::uuid, 'unknown'::text;
        RETURN;
    END IF;
    SELECT * INTO v_row FROM message AS m WHERE m.provider = p_provider AND m.reference = p_reference
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT NULL::uuid, 'unknown'::text;
        RETURN;
    END IF;
    IF v_row.state = 'sent' THEN
        PERFORM put_message_state(v_row.id, v_row.state, p_state, p_reason, p_provider, NULL, NULL, NULL);
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

--
-- Name: record_sealing(uuid, uuid, text, bytea, bytea); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_sealing(p_case uuid, p_referral uuid, p_kind text, p_key bytea, p_key_before bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF (p_kind IN ('package_resealed', 'package_discarded')) IS NOT TRUE THEN
        RAISE EXCEPTION 'not what is done with a package' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM record_event(p_case, p_referral, p_kind, 'service', 'routing', NULL, jsonb_strip_nulls(jsonb_build_object(
        'key', encode(p_key, 'hex'), 'key_before', encode(p_key_before, 'hex'))));
END
$$;

--
-- Name: record_staff_event(uuid, uuid, text, text, uuid, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_staff_event(p_case uuid, p_referral uuid, p_kind text, p_staff text, p_client uuid, p_data jsonb) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN record_event(p_case, p_referral, p_kind, 'staff', p_staff, NULL,
        jsonb_strip_nulls(coalesce(p_data, '{}') || jsonb_build_object('client', p_client)));
END
$$;

--
-- Name: record_webhook_attempt(uuid, text, integer); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.record_webhook_attempt(p_delivery uuid, p_code text, p_milliseconds integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    INSERT INTO webhook_attempt (delivery_id, code, milliseconds) VALUES (p_delivery, p_code, p_milliseconds);
END
$$;

--
-- Name: redeliver_webhook(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.redeliver_webhook(p_delivery uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_agency text;
BEGIN
    UPDATE webhook_delivery AS d SET state = 'pending', settled_at = NULL FROM agency AS a
    WHERE d.id = p_delivery AND d.state <> 'pending' AND a.id = d.agency_id RETURNING a.code INTO v_agency;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM enqueue_webhook(p_delivery);
    PERFORM record_operator_event('webhook_redelivered', v_agency, jsonb_build_object('delivery', p_delivery));
    RETURN true;
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

--
-- Name: referral_to_change(text, uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.referral_to_change(p_number text, p_client uuid, p_staff text, p_referral text) RETURNS TABLE(case_id uuid, referral_id uuid, status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor'], false);
BEGIN
    RETURN QUERY SELECT r.case_id, r.id, r.status FROM referral AS r
        WHERE r.number = p_referral AND r.case_id = v_case FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such case' USING ERRCODE = 'DC020';
    END IF;
END
$$;

--
-- Name: referrals_of(uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.referrals_of(p_cases uuid[]) RETURNS TABLE(case_id uuid, id uuid, number text, agency_id uuid, agency_kind text, division_code text, purpose text, profile text, status text, tier text, outcome_clock text, reason_code text, suggested_kind text, outcome_code text, predecessor_id uuid, rule_version bigint, legal_basis text, consent_basis text, priority smallint, explanation jsonb, requested_at timestamp with time zone, answered_at timestamp with time zone, settled_at timestamp with time zone, is_past boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: remind_agency(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.remind_agency(p_referral uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT notify_agency(p_referral, 'referral_due')
$$;

--
-- Name: remove_agency_key(text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.remove_agency_key(p_code text) RETURNS boolean
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
    IF v_old.public_key IS NOT NULL THEN
        UPDATE agency SET public_key = NULL, key_valid_from = NULL, key_signature = NULL WHERE id = v_old.id;
        PERFORM record_operator_event('agency_sealing_key_removed', p_code,
            jsonb_build_object('public_key', fingerprint(v_old.public_key)));
        PERFORM seal_again(v_old.id);
    END IF;
    RETURN true;
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
        UPDATE agency
        SET webhook_url = NULL, webhook_secret = NULL, webhook_secret_before = NULL, webhook_secret_before_until = NULL
        WHERE id = v_old.id;
        PERFORM record_operator_event('agency_webhook_removed', p_code,
            jsonb_build_object('webhook', fingerprint(convert_to(v_old.webhook_url, 'UTF8'))));
    END IF;
    RETURN true;
END
$$;

--
-- Name: report_outcome(uuid, uuid, text[], text, text, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.report_outcome(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_outcome text, p_text jsonb DEFAULT NULL::jsonb) RETURNS uuid
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

--
-- Name: report_progress(uuid, uuid, text[], text, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.report_progress(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_text jsonb DEFAULT NULL::jsonb) RETURNS uuid
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

--
-- Name: require_core(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.require_core() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM station_unit AS u WHERE u.division_code = coalesce(NEW.division_code, OLD.division_code))
        AND NOT EXISTS (SELECT 1 FROM station_unit AS u
            WHERE u.division_code = coalesce(NEW.division_code, OLD.division_code) AND u.kind = 'core')
    THEN
        RAISE EXCEPTION 'a station with units has a core' USING ERRCODE = 'DC055';
    END IF;
    RETURN NULL;
END
$$;

--
-- Name: require_running_clock(); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.require_running_clock() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_case uuid;
    v_status text;
    v_is_running boolean;
BEGIN
    -- Each branch names columns of its own table only; the other's is never looked at.
    IF TG_TABLE_NAME = 'cases' THEN
        v_case := NEW.id;
    ELSE
        v_case := OLD.case_id;
    END IF;
    -- The lock makes two transactions that each end one of two clocks check one after the other, even those that did
    -- not go through end_clock().
    SELECT c.status INTO v_status FROM cases AS c WHERE c.id = v_case FOR NO KEY UPDATE;
    IF v_status = 'open' THEN
        SELECT bool_or(k.state = 'running' AND k.paused_at IS NULL) INTO v_is_running FROM clock AS k WHERE k.case_id = v_case;
        IF v_is_running IS NOT TRUE THEN
            RAISE EXCEPTION 'an open case has no running clock' USING ERRCODE = 'DC002';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

--
-- Name: require_staff(uuid, text, text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.require_staff(p_case uuid, p_staff text, p_roles text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_staff casework.staff%ROWTYPE;
BEGIN
    SELECT * INTO v_staff FROM staff WHERE id = p_staff AND status = 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such member of staff' USING ERRCODE = 'DC040';
    END IF;
    IF NOT v_staff.roles && p_roles OR NOT EXISTS (
        SELECT 1 FROM cases AS c, division_path(c.division_code) AS d
        WHERE c.id = p_case AND d.code = ANY (v_staff.divisions))
    THEN
        RAISE EXCEPTION 'this member of staff may not do this' USING ERRCODE = 'DC041';
    END IF;
    PERFORM 1 FROM staff_relation AS r JOIN person AS p
        ON p.case_id = p_case AND r.token IN (p.phone_index, p.email_index)
    WHERE r.staff_id = p_staff;
    IF FOUND THEN
        RAISE EXCEPTION 'related to a party of the case' USING ERRCODE = 'DC042';
    END IF;
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
-- Name: revoke_expired(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.revoke_expired(p_case uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM cases WHERE id = p_case FOR NO KEY UPDATE;
    RETURN revoke_unconsented(p_case, 'service', 'routing', 'consent_expired');
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
-- Name: revoke_unconsented(uuid, text, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.revoke_unconsented(p_case uuid, p_actor_kind text, p_actor text, p_code text) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_referral uuid;
    v_count integer := 0;
BEGIN
    FOR v_referral IN
        SELECT r.id FROM referral AS r JOIN agency AS a ON a.id = r.agency_id
        WHERE r.case_id = p_case AND r.consent_basis = 'consent'
            AND r.status IN ('draft', 'requested', 'received', 'accepted', 'objected', 'scheduled', 'in_progress',
                'on_hold', 'cancel_requested')
            AND NOT consent_stands(p_case, r.agency_id, a.kind, r.purpose, r.profile)
        ORDER BY r.id
    LOOP
        -- An answer of the agency that is under way commits first, or waits and finds this.
        UPDATE referral SET status = 'revoked', reason_code = p_code, settled_at = clock_timestamp()
        WHERE id = v_referral AND status IN ('draft', 'requested', 'received', 'accepted', 'objected', 'scheduled',
            'in_progress', 'on_hold', 'cancel_requested');
        IF FOUND THEN
            v_count := v_count + 1;
            PERFORM record_event(p_case, v_referral, 'referral_revoked', p_actor_kind, p_actor, NULL,
                jsonb_build_object('code', p_code));
        END IF;
    END LOOP;
    RETURN v_count;
END
$$;

--
-- Name: risk_to_change(text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.risk_to_change(p_number text, p_client uuid, p_staff text) RETURNS TABLE(case_id uuid, level text, items jsonb, categories jsonb, assessed_at timestamp with time zone, proposed_level text, withdrawn text[], reason text, proposed_by text, proposed_at timestamp with time zone, now timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff,
        ARRAY['reception', 'caseworker', 'mediator', 'counsellor', 'supervisor']);
BEGIN
    RETURN QUERY
        SELECT c.id, c.risk, coalesce(c.facts -> 'risk_items', '[]'), coalesce(c.facts -> 'categories', '[]'),
            coalesce((SELECT max(a.assessed_at) FROM risk_assessment AS a WHERE a.case_id = c.id), c.opened_at),
            p.level, p.withdrawn, p.reason, p.staff_id, p.proposed_at, clock_timestamp()
        FROM cases AS c LEFT JOIN risk_proposal AS p ON p.case_id = c.id WHERE c.id = v_case;
END
$$;

--
-- Name: rotate_webhook_secret(text, bytea, interval); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.rotate_webhook_secret(p_code text, p_secret bytea, p_overlap interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM lock_network();
    UPDATE agency
    SET webhook_secret_before = webhook_secret, webhook_secret_before_until = clock_timestamp() + p_overlap,
        webhook_secret = p_secret
    WHERE code = p_code AND webhook_url IS NOT NULL AND webhook_secret <> p_secret;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_operator_event('agency_webhook_secret_rotated', p_code,
        jsonb_build_object('overlap_hours', extract(epoch FROM p_overlap) / 3600));
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
-- Name: seal_again(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.seal_again(p_agency uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_referral uuid;
BEGIN
    FOR v_referral IN
        SELECT r.id FROM referral AS r WHERE r.agency_id = p_agency AND r.is_live AND r.status IN ('requested', 'received')
        ORDER BY r.id
    LOOP
        PERFORM ask_to_seal(v_referral);
    END LOOP;
    PERFORM queue.ring_at_commit(ARRAY['routing']);
END
$$;

--
-- Name: set_agency_desk(text, text, integer, text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_agency_desk(p_code text, p_email text, p_digest_minutes integer, p_muted text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM lock_network();
    UPDATE agency SET desk_email = CASE WHEN p_email IS NULL THEN desk_email ELSE nullif(p_email, '') END,
        digest_minutes = coalesce(p_digest_minutes, digest_minutes), muted = coalesce(p_muted, muted)
    WHERE code = p_code;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_operator_event('agency_desk_set', p_code, jsonb_build_object(
        'address', CASE WHEN p_email IS NULL THEN 'kept' WHEN p_email = '' THEN 'removed' ELSE 'set' END,
        'digest_minutes', p_digest_minutes, 'muted', p_muted));
    RETURN true;
END
$$;

--
-- Name: set_agency_quota(text, integer, bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_agency_quota(p_code text, p_waiting integer, p_bytes bigint) RETURNS boolean
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
-- Name: set_duty_phones(text, text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_duty_phones(p_division text, p_phones text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM lock_network();
    UPDATE station SET duty_phones = p_phones WHERE division_code = p_division;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_operator_event('duty_phones_set', p_division, jsonb_build_object('phones', cardinality(p_phones)));
    RETURN true;
END
$$;

--
-- Name: set_legal_hold(text, uuid, text, text, boolean); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_legal_hold(p_number text, p_client uuid, p_staff text, p_reason text, p_stands boolean) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['supervisor'], false);
BEGIN
    IF p_stands THEN
        PERFORM 1 FROM cases WHERE id = v_case AND anonymised_at IS NOT NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'nothing of people is left in the case' USING ERRCODE = 'DC055';
        END IF;
        INSERT INTO legal_hold (case_id, reason, staff_id) VALUES (v_case, p_reason, p_staff) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE legal_hold SET released_at = clock_timestamp()
        WHERE case_id = v_case AND reason = p_reason AND released_at IS NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'it is so already' USING ERRCODE = 'DC054';
    END IF;
    PERFORM record_staff_event(v_case, NULL, CASE WHEN p_stands THEN 'hold_set' ELSE 'hold_released' END, p_staff, p_client,
        jsonb_build_object('reason', p_reason));
    RETURN v_case;
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
    IF p_status IN ('cancel_requested', 'cancelled', 'revoked') THEN
        PERFORM notify_agency(p_referral, 'referral_withdrawn');
    END IF;
    PERFORM record_event(v_case, p_referral, 'referral_' || p_status, 'service', p_actor, p_rule_version,
        jsonb_build_object('code', p_code));
END
$$;

--
-- Name: set_risk(uuid, text, text[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.set_risk(p_case uuid, p_level text, p_items text[]) RETURNS void
    LANGUAGE sql
    AS $$
    UPDATE casework.cases SET risk = p_level, version = version + 1,
        facts = facts || jsonb_build_object('risk', p_level, 'risk_items', to_jsonb(p_items))
    WHERE id = p_case
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
    PERFORM lock_network();
    UPDATE station SET muted = p_kinds WHERE division_code = p_division;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_operator_event('station_muted', p_division, jsonb_build_object('kinds', p_kinds));
    RETURN true;
END
$$;

--
-- Name: settle_dispute(uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.settle_dispute(p_case uuid, p_purpose text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_dispute dispute%ROWTYPE;
BEGIN
    UPDATE dispute SET settled_at = clock_timestamp()
    WHERE case_id = p_case AND purpose = p_purpose AND settled_at IS NULL AND decided_at IS NOT NULL
    RETURNING * INTO v_dispute;
    UPDATE referral SET is_binding = true
    WHERE case_id = p_case AND purpose = p_purpose AND agency_id = v_dispute.decided_agency_id
        AND status IN ('requested', 'received');
END
$$;

--
-- Name: settle_message(uuid, text, text, text, text, integer, bigint); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.settle_message(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_state text;
BEGIN
    IF p_state <> ALL (ARRAY['pending', 'scheduled', 'sending', 'sent', 'failed', 'denied', 'cleared', 'muted']) THEN
        RAISE EXCEPTION 'not a state of a message' USING ERRCODE = 'check_violation';
    END IF;
    SELECT state INTO v_state FROM message
    WHERE id = p_message AND state IN ('pending', 'scheduled', 'sending') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_state = 'sent' THEN
        PERFORM put_sent(ARRAY[p_message], ARRAY[p_provider], ARRAY[p_reference], ARRAY[p_segments], ARRAY[p_cost]);
    ELSE
        PERFORM put_message_state(p_message, v_state, p_state, p_reason, p_provider, p_reference, p_segments, p_cost);
    END IF;
    RETURN true;
END
$$;

--
-- Name: settle_sent_messages(uuid[], text[], text[], integer[], bigint[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.settle_sent_messages(p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_done uuid[];
    v_all uuid[] := '{}';
BEGIN
    BEGIN
        v_done := ARRAY(SELECT put_sent(p_messages, p_providers, p_references, p_segments, p_costs));
        RETURN QUERY SELECT unnest(v_done);
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'messages are recorded one by one: SQLSTATE %', SQLSTATE;
    END;
    FOR i IN 1 .. cardinality(p_messages) LOOP
        BEGIN
            v_done := ARRAY(SELECT put_sent(
                p_messages[i:i], p_providers[i:i], p_references[i:i], p_segments[i:i], p_costs[i:i]));
            v_all := v_all || v_done;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'message % is not recorded: SQLSTATE %', p_messages[i], SQLSTATE;
        END;
    END LOOP;
    RETURN QUERY SELECT unnest(v_all);
END
$$;

--
-- Name: settle_task(text, uuid, text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.settle_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_status text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor'], false);
BEGIN
    PERFORM 1 FROM joint_task WHERE id = p_task AND case_id = v_case;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such case' USING ERRCODE = 'DC020';
    END IF;
    RETURN end_task(p_task, p_status, 'staff', p_staff);
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
-- Name: staff_for(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.staff_for(p_case uuid) RETURNS TABLE(id text, roles text[], divisions text[], capacity integer, trainings jsonb, load bigint, is_related boolean, case_division text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    RETURN QUERY
        SELECT s.id, s.roles, s.divisions, s.capacity,
            (SELECT coalesce(jsonb_object_agg(t.code, to_char(t.valid_until, 'YYYY-MM-DD')), '{}')
             FROM staff_training AS t WHERE t.staff_id = s.id),
            (SELECT count(*) FROM assignment AS a JOIN cases AS c ON c.id = a.case_id
             WHERE a.staff_id = s.id AND a.ended_at IS NULL AND c.status = 'open'),
            EXISTS (SELECT 1 FROM staff_relation AS r JOIN person AS p
                ON p.case_id = p_case AND r.token IN (p.phone_index, p.email_index) WHERE r.staff_id = s.id),
            c.division_code
        FROM cases AS c, staff AS s WHERE c.id = p_case AND s.status = 'active'
            AND s.divisions && ARRAY(SELECT d.code FROM division_path(c.division_code) AS d) ORDER BY s.id;
END
$$;

--
-- Name: start_clock(uuid, uuid, uuid, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.start_clock(p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamp with time zone, p_actor text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
BEGIN
    PERFORM start_clocks(ARRAY[p_id], ARRAY[p_case], ARRAY[p_referral], ARRAY[p_kind], ARRAY[p_name], ARRAY[p_basis],
        ARRAY[p_due_at], p_actor);
    RETURN true;
END
$$;

--
-- Name: start_clocks(uuid[], uuid[], uuid[], text[], text[], text[], timestamp with time zone[], text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.start_clocks(p_ids uuid[], p_cases uuid[], p_referrals uuid[], p_kinds text[], p_names text[], p_bases text[], p_due timestamp with time zone[], p_actor text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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

CREATE FUNCTION casework.stop_contact(p_person uuid, p_actor text) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    SELECT stop_person(p_person, 'operator', p_actor)
$$;

--
-- Name: stop_contact_of_case(text, uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.stop_contact_of_case(p_number text, p_client uuid) RETURNS TABLE(cleared bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
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
    RETURN QUERY
        SELECT count(s.message) FROM person AS p
        LEFT JOIN LATERAL stop_person(p.id, 'client', v_client.name) AS s (message) ON true
        WHERE p.case_id = v_case AND p.role = 'help_seeker';
END
$$;

--
-- Name: stop_person(uuid, text, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.stop_person(p_person uuid, p_actor_kind text, p_actor text) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_own uuid := (SELECT p.case_id FROM person AS p WHERE p.id = p_person);
    v_person uuid;
    v_case uuid;
    v_message uuid;
    v_state text;
BEGIN
    FOR v_person, v_case IN
        SELECT p.id, p.case_id FROM person AS p WHERE p.id = p_person
        UNION
        SELECT o.id, o.case_id FROM person AS p JOIN person AS o ON o.phone_index = p.phone_index WHERE p.id = p_person
        UNION
        SELECT o.id, o.case_id FROM person AS p JOIN person AS o ON o.email_index = p.email_index WHERE p.id = p_person
        ORDER BY 1
    LOOP
        FOR v_message, v_state IN
            SELECT m.id, m.state FROM message AS m
            WHERE m.person_id = v_person AND m.state IN ('pending', 'scheduled', 'sending')
            ORDER BY m.id FOR NO KEY UPDATE
        LOOP
            PERFORM put_message_state(v_message, v_state, 'cleared', 'stopped', NULL, NULL, NULL, NULL);
            PERFORM open_staff_task(c.id, c.owner_station_id, 'contact_person', v_message, 'stopped')
            FROM message AS m JOIN cases AS c ON c.id = m.case_id WHERE m.id = v_message;
            IF v_case = v_own THEN
                RETURN NEXT v_message;
            END IF;
        END LOOP;
        PERFORM 1 FROM person AS p WHERE p.id = v_person FOR NO KEY UPDATE;
        UPDATE contact_rule SET stopped_at = clock_timestamp() WHERE person_id = v_person AND stopped_at IS NULL;
        IF FOUND OR v_person = p_person THEN
            PERFORM record_event(v_case, NULL, 'contact_stopped', p_actor_kind, p_actor, NULL,
                jsonb_build_object('person', v_person));
        END IF;
    END LOOP;
END
$$;

--
-- Name: supersede_consent(uuid, text[], text, uuid[]); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.supersede_consent(p_case uuid, p_kinds text[], p_purpose text, p_agencies uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH old AS (
        UPDATE consent SET superseded_at = clock_timestamp()
        WHERE case_id = p_case AND superseded_at IS NULL AND purpose = p_purpose AND agency_kinds && p_kinds
            AND (agencies IS NULL OR granted AND withdrawn_at IS NULL OR agencies <@ p_agencies)
        RETURNING *
    )
    INSERT INTO consent (case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, recorded_at, expires_at,
        withdrawn_at)
    SELECT o.case_id, left_over.kinds, o.purpose, o.granted, o.given_by, o.data_kinds, o.agencies, o.recorded_at,
        o.expires_at, o.withdrawn_at
    FROM old AS o, LATERAL (
        SELECT array_agg(k.kind) AS kinds FROM unnest(o.agency_kinds) AS k (kind) WHERE k.kind <> ALL (p_kinds)
    ) AS left_over
    WHERE left_over.kinds IS NOT NULL;
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
            WHERE k.state = 'running' AND k.paused_at IS NULL AND k.look_at <= v_now
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
-- Name: take_milestones(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.take_milestones(p_case uuid) RETURNS TABLE(kind text, reached_on date, until date)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
    UPDATE milestone AS m SET started_at = clock_timestamp() WHERE m.case_id = p_case AND m.started_at IS NULL
    RETURNING m.kind, m.reached_on, m.until
$$;

--
-- Name: take_up_again(uuid, text, uuid, boolean, jsonb); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.take_up_again(p_case uuid, p_staff text, p_client uuid, p_unsafe boolean, p_clocks jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_case casework.cases%ROWTYPE;
    v_risk text;
    v_clock jsonb;
BEGIN
    SELECT * INTO STRICT v_case FROM cases WHERE id = p_case FOR NO KEY UPDATE;
    v_risk := CASE WHEN p_unsafe AND v_case.risk IN ('low', 'medium') THEN 'high' ELSE v_case.risk END;
    -- And with it what it was the end of: the referrals that it replaced.
    UPDATE referral AS r SET is_past = true
    WHERE r.case_id = p_case AND NOT r.is_past AND (r.status IN ('completed', 'closed_verified')
        OR r.status IN ('rejected', 'failed', 'no_show', 'cancelled') AND EXISTS (
            SELECT 1 FROM referral AS n WHERE n.predecessor_id = r.id));
    IF v_risk <> v_case.risk THEN
        PERFORM set_risk(p_case, v_risk,
            ARRAY(SELECT jsonb_array_elements_text(coalesce(v_case.facts -> 'risk_items', '[]'))));
        PERFORM record_staff_event(p_case, NULL, 'risk_raised', p_staff, p_client,
            jsonb_build_object('from', v_case.risk, 'level', v_risk));
    END IF;
    IF p_unsafe THEN
        -- Nobody lowers a level on what was known before this, and nobody holds her to be safe.
        DELETE FROM risk_proposal WHERE case_id = p_case;
        IF coalesce(v_case.facts -> 'flags', '[]') ? 'safe' THEN
            UPDATE cases SET facts = jsonb_set(facts, '{flags}', (facts -> 'flags') - 'safe'), version = version + 1
            WHERE id = p_case;
            PERFORM record_staff_event(p_case, NULL, 'safety_lost', p_staff, p_client, NULL);
        END IF;
    END IF;
    UPDATE cases SET closing_outcome = NULL WHERE id = p_case AND closing_outcome IS NOT NULL;
    IF v_case.status = 'closed' THEN
        UPDATE cases SET status = 'open', closed_at = NULL, outcome = NULL, version = version + 1 WHERE id = p_case;
        PERFORM record_staff_event(p_case, NULL, 'case_reopened', p_staff, p_client,
            jsonb_build_object('outcome', v_case.outcome));
        v_clock := p_clocks -> v_risk;
        PERFORM start_clock(gen_random_uuid(), p_case, NULL, 'case_action', v_clock ->> 'name', v_clock ->> 'basis',
            from_micros((v_clock ->> 'due_at')::bigint), 'intake');
        PERFORM notify_station(p_case, v_case.owner_station_id, 'not_settled');
    END IF;
    PERFORM record_staff_event(p_case, NULL, 'risk_review_due', p_staff, p_client,
        jsonb_build_object('occasion', 'contact'));
    PERFORM notify_station(p_case, v_case.owner_station_id, 're_assess');
END
$$;

--
-- Name: test_webhook(text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.test_webhook(p_code text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
DECLARE
    v_id uuid;
BEGIN
    INSERT INTO webhook_delivery (agency_id, event)
    SELECT a.id, 'test' FROM agency AS a WHERE a.code = p_code AND a.status = 'active' AND a.webhook_url IS NOT NULL
    RETURNING id INTO v_id;
    IF v_id IS NOT NULL THEN
        PERFORM enqueue_webhook(v_id);
        PERFORM record_operator_event('agency_webhook_tested', p_code, jsonb_build_object('delivery', v_id));
    END IF;
    RETURN v_id;
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
-- Name: warn_clock(uuid, integer, timestamp with time zone); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.warn_clock(p_clock uuid, p_percent integer, p_next timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_clock clock%ROWTYPE;
BEGIN
    SELECT * INTO v_clock FROM clock
    WHERE id = p_clock AND state = 'running' AND paused_at IS NULL AND due_at > v_now FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE clock SET look_at = coalesce(p_next, v_clock.due_at), warned = greatest(warned, coalesce(p_percent, 0))
    WHERE id = p_clock;
    RETURN p_percent > v_clock.warned AND record_event(v_clock.case_id, v_clock.referral_id, 'clock_due_soon', 'service',
        'routing', NULL, jsonb_build_object('clock', p_clock, 'kind', v_clock.kind, 'name', v_clock.name,
            'percent', p_percent, 'due_at', v_clock.due_at));
END
$$;

--
-- Name: webhook_delivery_by_id(uuid); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.webhook_delivery_by_id(p_delivery uuid) RETURNS TABLE(agency_id uuid, url text, secret bytea, secret_before bytea, event text, state text, referral_number text, created_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: withdraw_consent(text, uuid, text, text, uuid, text); Type: FUNCTION; Schema: casework; Owner: -
--

CREATE FUNCTION casework.withdraw_consent(p_number text, p_client uuid, p_staff text, p_kind text, p_agency uuid, p_purpose text) RETURNS TABLE(case_id uuid, revoked integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'casework', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_case uuid := act(p_number, p_client, p_staff,
        ARRAY['reception', 'caseworker', 'mediator', 'part_time_mediator', 'counsellor', 'lawyer', 'supervisor']);
    v_kind text := p_kind;
    v_consent consent%ROWTYPE;
    v_found integer := 0;
BEGIN
    IF p_agency IS NOT NULL THEN
        SELECT a.kind INTO v_kind FROM agency AS a WHERE a.id = p_agency;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
        END IF;
    END IF;
    PERFORM lock_consents(v_case);
    FOR v_consent IN
        SELECT * FROM consent AS c
        WHERE c.case_id = v_case AND c.superseded_at IS NULL AND c.granted AND c.withdrawn_at IS NULL
            AND (p_purpose IS NULL OR c.purpose = p_purpose) AND (v_kind IS NULL OR v_kind = ANY (c.agency_kinds))
            AND (p_agency IS NULL OR c.agencies IS NULL OR p_agency = ANY (c.agencies))
        ORDER BY c.id
    LOOP
        v_found := v_found + 1;
        IF p_agency IS NOT NULL THEN
            -- The others of the kind she still agrees to: this one alone is withdrawn, by name.
            INSERT INTO consent (case_id, agency_kinds, purpose, granted, given_by, agencies, withdrawn_at)
            VALUES (v_case, ARRAY[v_kind], v_consent.purpose, true, v_consent.given_by, ARRAY[p_agency],
                clock_timestamp());
        ELSIF v_kind IS NULL OR v_consent.agency_kinds = ARRAY[v_kind] THEN
            UPDATE consent SET withdrawn_at = clock_timestamp() WHERE id = v_consent.id;
        ELSE
            PERFORM supersede_consent(v_case, ARRAY[v_kind], v_consent.purpose, v_consent.agencies);
            INSERT INTO consent (case_id, agency_kinds, purpose, granted, given_by, data_kinds, agencies, expires_at,
                withdrawn_at)
            VALUES (v_case, ARRAY[v_kind], v_consent.purpose, true, v_consent.given_by, v_consent.data_kinds,
                v_consent.agencies, v_consent.expires_at, clock_timestamp());
        END IF;
    END LOOP;
    IF v_found = 0 THEN
        RAISE EXCEPTION 'there is no such consent' USING ERRCODE = 'DC051';
    END IF;
    PERFORM record_staff_event(v_case, NULL, 'consent_withdrawn', p_staff, p_client, jsonb_build_object(
        'agency_kind', v_kind, 'agency', p_agency, 'purpose', p_purpose));
    RETURN QUERY SELECT v_case, revoke_unconsented(v_case, 'staff', p_staff, 'consent_withdrawn');
END
$$;

--
-- Name: accept(uuid[], text[], uuid[]); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.accept(p_agencies uuid[], p_numbers text[], p_leases uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_places bigint[];
    v_jobs bigint[];
    v_epochs integer[];
    v_lease_numbers bigint[];
    v_referrals uuid[];
    v_accepted uuid[];
    v_done bigint[];
BEGIN
    SELECT array_agg(j.place), array_agg(j.id), array_agg(j.lease_epoch), array_agg(j.lease_number),
        array_agg((j.args ->> 'referral_id')::uuid)
    INTO v_places, v_jobs, v_epochs, v_lease_numbers, v_referrals
    FROM queue.leases_by_alias(p_leases, ARRAY(SELECT queue_of(a) FROM unnest(p_agencies) AS a)) AS j;
    IF v_places IS NULL THEN
        RETURN NULL;
    END IF;
    v_accepted := casework.accept_referrals(
        ARRAY(SELECT p_agencies[p] FROM unnest(v_places) AS p), v_referrals,
        ARRAY(SELECT p_numbers[p] FROM unnest(v_places) AS p), ARRAY(SELECT p_leases[p] FROM unnest(v_places) AS p));
    IF v_accepted IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(v_places) = 1 THEN
        PERFORM queue.complete(v_jobs[1], v_epochs[1], v_lease_numbers[1]);
        PERFORM tell_routing(v_referrals[1]);
        RETURN v_accepted;
    END IF;
    v_done := ARRAY(SELECT i FROM generate_subscripts(v_places, 1) AS i WHERE p_leases[v_places[i]] = ANY (v_accepted));
    PERFORM queue.complete_all(
        ARRAY(SELECT v_jobs[i] FROM unnest(v_done) AS i), ARRAY(SELECT v_epochs[i] FROM unnest(v_done) AS i),
        ARRAY(SELECT v_lease_numbers[i] FROM unnest(v_done) AS i));
    PERFORM queue.enqueue_many('routing', 'referral_answered', ARRAY(
        SELECT jsonb_build_object('referral_id', v_referrals[i], 'version', 1) FROM unnest(v_done) AS i));
    RETURN v_accepted;
END
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
    WHERE l.login = session_user::text AND l.closed_at IS NULL AND a.status = 'active' AND a.public_key IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this login is not an active agency''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

--
-- Name: answer(uuid, text, uuid, text, text, text, timestamp with time zone, door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text door.sent_text, OUT result text, OUT status text, OUT reason_code text) RETURNS record
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_locked record;
    v_mention jsonb;
BEGIN
    IF p_status <> ALL (ARRAY['accepted', 'rejected', 'objected'])
        OR p_status <> 'accepted' AND is_reason(p_reason) IS NOT TRUE
        OR p_suggested_kind !~ '^[a-z][a-z0-9_]{1,63}$'
    THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    IF NOT (p_text IS NULL) THEN
        result := fault_of(p_text);
        IF result IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    IF p_status = 'accepted' AND p_text IS NULL
        AND accept(ARRAY[p_agency], ARRAY[p_number], ARRAY[p_lease]) IS NOT NULL
    THEN
        result := 'done';
        status := p_status;
        reason_code := p_reason;
        RETURN;
    END IF;
    v_locked := locked(p_agency, p_number, p_lease);
    result := v_locked.result;
    status := v_locked.status;
    reason_code := v_locked.reason_code;
    IF result = 'lease_lost' AND p_status = 'accepted' AND v_locked.accepted_lease = p_lease::text THEN
        result := 'done';
        IF NOT (p_text IS NULL) AND NOT has_text_with(v_locked.referral_id, 'accepted') THEN
            result := 'referral_state';
        END IF;
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
    IF NOT (p_text IS NULL) THEN
        result := coalesce(no_room_for(v_locked.referral_id, p_text), 'done');
        IF result <> 'done' THEN
            RETURN;
        END IF;
        v_mention := mention(p_text);
    END IF;
    IF p_status = 'accepted' THEN
        PERFORM casework.accept_referral(p_agency, v_locked.referral_id, p_lease::text, v_mention);
    ELSE
        BEGIN
            PERFORM casework.decline_referral(
                p_agency, v_locked.referral_id, p_lease::text, p_status, p_reason, p_suggested_kind, p_not_after,
                v_mention);
        EXCEPTION
            -- A superior has decided, and there is nothing to object to; or the time ended just now.
            WHEN SQLSTATE 'DC021' OR SQLSTATE 'DC032' THEN
                result := 'referral_state';
                RETURN;
            WHEN SQLSTATE 'DC031' THEN
                result := 'objection_too_late';
                RETURN;
        END;
    END IF;
    IF NOT (p_text IS NULL) THEN
        PERFORM keep_text(p_agency, v_locked.referral_id, p_status, p_text);
    END IF;
    PERFORM queue.complete(v_locked.job_id, v_locked.epoch, v_locked.lease_number);
    PERFORM tell_routing(v_locked.referral_id);
    status := p_status;
    reason_code := p_reason;
END
$_$;

--
-- Name: bytes_of(door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.bytes_of(p_text door.sent_text) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT coalesce(p_text.sealed, '') || coalesce((
        SELECT string_agg(decode(a ->> 'location', 'base64'), ''::bytea ORDER BY place)
        FROM jsonb_array_elements(p_text.attachments) WITH ORDINALITY AS e (a, place)), '')
$$;

--
-- Name: claim(uuid, integer, interval, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.claim(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) RETURNS door.claimed[]
    LANGUAGE plpgsql
    AS $_$
BEGIN
    RETURN ARRAY(
        SELECT ROW(
            p_agency, p_requested_by, c.id, c.lease_epoch, c.lease_number, c.lease_alias, c.lease_expires_at, c.attempt,
            CASE WHEN c.kind = 'referral_offered' AND c.args ->> 'version' = '1'
                AND c.args ->> 'referral_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                THEN (c.args ->> 'referral_id')::uuid END
        )::door.claimed
        FROM queue.claim(queue_of(p_agency), p_limit, NULL, p_lease_for, queue_of(p_agency)) AS c);
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
    UPDATE door.agency_login AS l SET closed_at = clock_timestamp() FROM casework.agency AS a
    WHERE a.id = l.agency_id AND a.code = p_agency_code AND l.closed_at IS NULL RETURNING l.login INTO v_login;
    IF v_login IS NULL THEN
        RETURN 'no_login';
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN', v_login);
    EXECUTE format('REVOKE dandelion_partner FROM %I', v_login);
    PERFORM pg_catalog.pg_terminate_backend(s.pid) FROM pg_catalog.pg_stat_activity AS s WHERE s.usename = v_login;
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
    IF NOT FOUND THEN
        UPDATE door.agency_login AS l SET closed_at = NULL WHERE l.login = p_login AND l.agency_id = v_agency.id;
        IF NOT FOUND THEN
            RETURN 'taken';
        END IF;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = p_login) THEN
        EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', p_login, p_verifier);
    ELSE
        EXECUTE format(
            'CREATE ROLE %I LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 4 PASSWORD %L',
            p_login, p_verifier);
    END IF;
    EXECUTE format('GRANT dandelion_partner TO %I', p_login);
    -- What lets the guard see the login's sessions and end them; whoever owns these functions could do so anyway.
    EXECUTE format('GRANT %I TO %I', p_login, current_user);
    EXECUTE format('ALTER ROLE %I SET statement_timeout = ''15s''', p_login);
    EXECUTE format('ALTER ROLE %I SET lock_timeout = ''5s''', p_login);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''15s''', p_login);
    EXECUTE format('ALTER ROLE %I SET idle_session_timeout = ''15min''', p_login);
    BEGIN
        -- The one limit that the login cannot set away; for that it takes a superuser, or the right to set it.
        EXECUTE format('ALTER ROLE %I SET temp_file_limit = ''256MB''', p_login);
    EXCEPTION WHEN insufficient_privilege THEN
        NULL;  -- Then the server's own limit holds, which `dandelion doctor` looks at.
    END;
    PERFORM door.open_databases(p_login);
    PERFORM casework.record_operator_event('agency_login_set', p_agency_code, jsonb_build_object('login', p_login));
    RETURN 'done';
END
$_$;

--
-- Name: deliver(door.claimed[], boolean); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.deliver(p_jobs door.claimed[], p_records boolean) RETURNS SETOF door.delivered
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_places bigint[];
    v_referrals uuid[];
    v_numbers text[];
    v_purposes text[];
    v_bases text[];
    v_tiers text[];
    v_due timestamptz[];
    v_agencies uuid[];
    v_keys bytea[];
    v_leases uuid[];
    v_askers text[];
    v_records uuid[];
BEGIN
    SELECT array_agg(r.place), array_agg(r.id), array_agg(r.number), array_agg(r.purpose), array_agg(r.legal_basis),
        array_agg(r.tier), array_agg(r.answer_due_at), array_agg(r.agency_id), array_agg(r.key_fingerprint),
        array_agg((p_jobs[r.place]).lease), array_agg((p_jobs[r.place]).requested_by || ' ' || (p_jobs[r.place]).lease),
        array_agg(CASE WHEN p_records THEN gen_random_uuid() END)
    INTO v_places, v_referrals, v_numbers, v_purposes, v_bases, v_tiers, v_due, v_agencies, v_keys, v_leases, v_askers,
        v_records
    FROM casework.lock_offered(
        ARRAY(SELECT j.agency FROM unnest(p_jobs) AS j), ARRAY(SELECT j.referral FROM unnest(p_jobs) AS j)) AS r
    WHERE NOT p_records OR r.key_fingerprint = (
        SELECT s.key_fingerprint FROM safeguarding.sealed_package AS s
        WHERE s.referral_id = r.id AND s.agency_id = r.agency_id);
    IF v_places IS NULL THEN
        RETURN;
    END IF;
    IF p_records THEN
        PERFORM safeguarding.record_package_disclosures(
            v_records, v_referrals, v_agencies, v_purposes, v_bases, v_askers, v_keys);
    END IF;
    PERFORM casework.receive_referrals(v_referrals, v_leases);
    RETURN QUERY SELECT * FROM unnest(
        v_places, v_referrals, v_numbers, v_purposes, v_bases, v_tiers, v_due, v_records);
END
$$;

--
-- Name: deliver_one(door.claimed, boolean); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.deliver_one(p_job door.claimed, p_records boolean) RETURNS TABLE(lease uuid, expires_at timestamp with time zone, attempt integer, referral_id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamp with time zone, disclosure uuid, refused text)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
    v_referral record;
BEGIN
    lease := p_job.lease;
    expires_at := p_job.expires_at;
    attempt := p_job.attempt;
    IF p_job.referral IS NULL THEN
        -- Of a newer version than this one knows: a later one gets its chance.
        refused := 'undecodable_arguments';
        PERFORM queue.fail(p_job.job, p_job.epoch, p_job.number, refused, pause_after(p_job.attempt));
        RETURN NEXT;
        RETURN;
    END IF;
    BEGIN
        SELECT * INTO v_referral FROM casework.lock_agency_referral(p_job.agency, p_job.referral, NULL);
        IF NOT FOUND THEN
            refused := 'referral_not_of_this_agency';
            PERFORM queue.discard(p_job.job, p_job.epoch, p_job.number, refused);
        ELSIF v_referral.status <> ALL (ARRAY['requested', 'received']) THEN
            refused := 'referral_not_open';
            PERFORM queue.cancel_leased(p_job.job, p_job.epoch, p_job.number, refused);
        ELSIF NOT v_referral.may_disclose THEN
            refused := 'consent_gone';
            PERFORM queue.cancel_leased(p_job.job, p_job.epoch, p_job.number, refused);
        ELSE
            IF p_records THEN
                disclosure := record_package(p_job.agency, v_referral.id, v_referral.purpose, v_referral.legal_basis,
                    p_job.requested_by || ' ' || p_job.lease);
                IF disclosure IS NULL THEN
                    refused := 'package_unreadable';
                    PERFORM queue.fail(p_job.job, p_job.epoch, p_job.number, refused, pause_after(p_job.attempt));
                END IF;
            END IF;
            IF refused IS NULL THEN
                PERFORM casework.referral_received(p_job.agency, v_referral.id, p_job.lease::text);
            END IF;
        END IF;
    EXCEPTION
        WHEN deadlock_detected OR serialization_failure OR lock_not_available THEN
            RAISE;
        WHEN OTHERS THEN
            -- One that cannot be delivered keeps no other from its agency. What it wrote is undone.
            disclosure := NULL;
            refused := 'delivery_failed';
            PERFORM queue.fail(p_job.job, p_job.epoch, p_job.number, refused, pause_after(p_job.attempt));
    END;
    IF refused IS NULL THEN
        referral_id := v_referral.id;
        number := v_referral.number;
        purpose := v_referral.purpose;
        legal_basis := v_referral.legal_basis;
        tier := v_referral.tier;
        answer_due_at := v_referral.answer_due_at;
    END IF;
    RETURN NEXT;
END
$$;

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
-- Name: fault_of(door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.fault_of(p_text door.sent_text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    v_attachment jsonb;
BEGIN
    IF (p_text.key_id ~ '^[0-9a-f]{64}$') IS NOT TRUE OR p_text.sealed IS NULL AND p_text.attachments IS NULL
        OR p_text.sealed IS NOT NULL AND is_sealed(p_text.sealed, 8192) IS NOT TRUE
    THEN
        RETURN 'bad_text';
    END IF;
    IF p_text.attachments IS NOT NULL THEN
        IF jsonb_typeof(p_text.attachments) <> 'array' THEN
            RETURN 'bad_text';
        ELSIF jsonb_array_length(p_text.attachments) NOT BETWEEN 1 AND 8 THEN
            RETURN 'bad_text';
        END IF;
        FOR v_attachment IN SELECT a FROM jsonb_array_elements(p_text.attachments) AS a LOOP
            IF NOT is_attachment(v_attachment) THEN
                RETURN 'bad_text';
            END IF;
        END LOOP;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM safeguarding.network_keys_in_use() AS k WHERE k.id = p_text.key_id) THEN
        RETURN 'unknown_key';
    END IF;
    RETURN NULL;
END
$_$;

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
-- Name: has_text(uuid, text, door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.has_text(p_referral uuid, p_status text, p_text door.sent_text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (
        SELECT 1 FROM safeguarding.sealed_text AS t
        WHERE t.referral_id = p_referral AND t.status = p_status AND t.digest = sha256(door.bytes_of(p_text)))
$$;

--
-- Name: has_text_with(uuid, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.has_text_with(p_referral uuid, p_status text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (
        SELECT 1 FROM safeguarding.sealed_text AS t WHERE t.referral_id = p_referral AND t.status = p_status)
$$;

--
-- Name: is_attachment(jsonb); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.is_attachment(p_attachment jsonb) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
DECLARE
    v_location text := p_attachment ->> 'location';
BEGIN
    IF jsonb_typeof(p_attachment) <> 'object' THEN
        RETURN false;
    ELSIF (p_attachment - ARRAY['sha256', 'media_type', 'bytes', 'location'] = '{}'
        AND p_attachment ->> 'sha256' ~ '^[0-9a-f]{64}$' AND is_media_type(p_attachment ->> 'media_type')
        AND jsonb_typeof(p_attachment -> 'bytes') = 'number' AND p_attachment ->> 'bytes' ~ '^[1-9][0-9]{0,11}$'
        AND length(v_location) BETWEEN 68 AND 1368 AND length(v_location) % 4 = 0
        AND v_location ~ '^[A-Za-z0-9+/]+={0,2}$') IS NOT TRUE
    THEN
        RETURN false;
    END IF;
    RETURN is_sealed(decode(v_location, 'base64'), 1024);
END
$_$;

--
-- Name: is_media_type(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.is_media_type(p_type text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT p_type = ANY (ARRAY[
        'application/pdf', 'application/ofd', 'image/jpeg', 'image/png', 'image/tiff', 'audio/mpeg', 'audio/mp4', 'video/mp4',
        'text/plain'])
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
-- Name: is_reading(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.is_reading(p_reason text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT p_reason = ANY (ARRAY['first_reading', 'handling', 'contact', 'handing_over', 'supervision', 'complaint'])
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
-- Name: is_sealed(bytea, integer); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.is_sealed(p_bytes bytea, p_limit integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT length(p_bytes) BETWEEN 49 AND p_limit AND substr(p_bytes, 1, 1) = '\x01'::bytea
$$;

--
-- Name: is_staff(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.is_staff(p_staff text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT p_staff ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]$'
$_$;

--
-- Name: keep_text(uuid, uuid, text, door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.keep_text(p_agency uuid, p_referral uuid, p_status text, p_text door.sent_text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_bytes bytea := bytes_of(p_text);
BEGIN
    PERFORM safeguarding.keep_text(p_referral, p_agency, p_status, p_text.staff, p_text.key_id, sha256(v_bytes),
        length(v_bytes), p_text.sealed, p_text.attachments);
END
$$;

--
-- Name: lease(uuid, integer, interval, text, boolean); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text, p_records boolean) RETURNS TABLE(lease uuid, expires_at timestamp with time zone, attempt integer, referral_id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamp with time zone, disclosure uuid, refused text)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
    v_jobs door.claimed[] := claim(p_agency, p_limit, p_lease_for, p_requested_by);
    v_job record;
    v_done bigint[] := '{}';
BEGIN
    IF cardinality(v_jobs) = 0 THEN
        RETURN;
    END IF;
    BEGIN
        FOR v_job IN SELECT * FROM deliver(v_jobs, p_records) LOOP
            v_done := v_done || v_job.place;
            lease := v_jobs[v_job.place].lease;
            expires_at := v_jobs[v_job.place].expires_at;
            attempt := v_jobs[v_job.place].attempt;
            referral_id := v_job.referral_id;
            number := v_job.number;
            purpose := v_job.purpose;
            legal_basis := v_job.legal_basis;
            tier := v_job.tier;
            answer_due_at := v_job.answer_due_at;
            disclosure := v_job.disclosure;
            RETURN NEXT;
        END LOOP;
    EXCEPTION
        WHEN deadlock_detected OR serialization_failure OR lock_not_available THEN
            RAISE;
        WHEN OTHERS THEN
            -- Nothing was returned yet: `deliver` has all its rows before the first is seen.
            v_done := '{}';
    END;
    IF cardinality(v_done) < cardinality(v_jobs) THEN
        RETURN QUERY SELECT l.* FROM unnest(v_jobs) WITH ORDINALITY AS j (
            agency, requested_by, job, epoch, job_number, lease, expires_at, attempt, referral, place)
        CROSS JOIN LATERAL deliver_one(v_jobs[j.place], p_records) AS l
        WHERE j.place <> ALL (v_done) ORDER BY j.place;
    END IF;
END
$$;

--
-- Name: locked(uuid, text, uuid); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.locked(p_agency uuid, p_number text, p_lease uuid, OUT result text, OUT job_id bigint, OUT epoch integer, OUT lease_number bigint, OUT referral_id uuid, OUT status text, OUT reason_code text, OUT accepted_lease text, OUT purpose text, OUT legal_basis text, OUT may_disclose boolean) RETURNS record
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
    may_disclose := v_referral.may_disclose;
END
$$;

--
-- Name: mention(door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.mention(p_text door.sent_text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT jsonb_build_object('text', encode(sha256(door.bytes_of(p_text)), 'hex'))
$$;

--
-- Name: no_room_for(uuid, door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.no_room_for(p_referral uuid, p_text door.sent_text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_held record;
BEGIN
    PERFORM 1 FROM casework.referral AS r JOIN casework.cases AS c ON c.id = r.case_id
    WHERE r.id = p_referral AND c.anonymised_at IS NOT NULL;
    IF FOUND THEN
        RETURN 'referral_state';  -- Nothing of people comes into the case any more.
    END IF;
    SELECT count(*) AS texts, coalesce(sum(t.size), 0) AS bytes INTO v_held
    FROM safeguarding.sealed_text AS t WHERE t.referral_id = p_referral;
    IF v_held.texts >= 64 OR v_held.bytes + length(bytes_of(p_text)) > 262144 THEN
        RETURN 'text_quota';
    END IF;
    RETURN NULL;
END
$$;

--
-- Name: note_act(uuid, text, text, text, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.note_act(p_agency uuid, p_number text, p_act text, p_staff text, p_reason text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO desk_act (agency_id, referral_id, act, staff_id, reason)
    SELECT p_agency, r.id, p_act, p_staff, p_reason FROM casework.referral AS r
    WHERE r.number = p_number AND (r.agency_id = p_agency) IS TRUE AND NOT EXISTS (
        SELECT 1 FROM desk_act AS d WHERE d.referral_id = r.id AND d.act = p_act
            AND p_act = ANY (ARRAY['accepted', 'rejected', 'objected', 'completed', 'failed', 'no_show']));
END
$$;

--
-- Name: open_databases(text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.open_databases(p_login text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_name name;
BEGIN
    FOR v_name IN
        SELECT d.datname FROM pg_catalog.pg_database AS d
        WHERE d.datname IN (current_database(), 'dandelion_bell')
            AND pg_catalog.pg_has_role(current_user, d.datdba, 'USAGE')
    LOOP
        -- Only where it is needed: two who write a database's rights at once fail.
        IF NOT pg_catalog.has_database_privilege('dandelion_partner', v_name, 'CONNECT') THEN
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO dandelion_partner', v_name);
        END IF;
        IF v_name = 'dandelion_bell' THEN
            EXECUTE format('ALTER ROLE %I IN DATABASE %I SET idle_session_timeout = 0', p_login, v_name);
        END IF;
    END LOOP;
END
$$;

--
-- Name: partner_answer(text, text, text, text, timestamp with time zone, door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.partner_answer(p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text door.sent_text) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
    v_answer record;
BEGIN
    v_answer := door.answer(
        v_agency.id, v_lease.number, v_lease.alias, p_status, p_reason, p_suggested_kind, p_not_after, p_text);
    IF v_answer.result = 'done' THEN
        PERFORM queue.ring_at_commit(ARRAY['routing']);
    END IF;
    RETURN v_answer.result;
END
$$;

--
-- Name: partner_report(text, text, text, door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.partner_report(p_referral text, p_status text, p_outcome text, p_text door.sent_text) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_report record;
BEGIN
    v_report := door.report(v_agency.id, p_referral, p_status, p_outcome, p_text);
    IF v_report.result = 'done' AND p_outcome IS NOT NULL THEN
        PERFORM queue.ring_at_commit(ARRAY['routing']);
    END IF;
    RETURN v_report.result;
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
-- Name: put_special_days(date[], date[]); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.put_special_days(p_off date[], p_worked date[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
BEGIN
    LOCK TABLE special_day IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM special_day;
    INSERT INTO special_day (day, is_worked)
        SELECT d, false FROM unnest(p_off) AS d UNION ALL SELECT d, true FROM unnest(p_worked) AS d;
    PERFORM casework.record_operator_event('holidays_set', 'holidays', jsonb_build_object(
        'days', cardinality(p_off) + cardinality(p_worked), 'last', (SELECT max(day) FROM special_day)));
END
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
-- Name: read_free_packages(uuid[], uuid[]); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.read_free_packages(p_agencies uuid[], p_disclosures uuid[]) RETURNS TABLE(disclosure uuid, profile text, fields text[], sealed bytea)
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_referrals uuid[] := ARRAY(
        SELECT (SELECT d.referral_id FROM safeguarding.disclosure AS d WHERE d.id = w.disclosure AND d.agency_id = w.agency)
        FROM unnest(p_agencies, p_disclosures) AS w (agency, disclosure));
    v_free bigint[];
BEGIN
    v_free := ARRAY(SELECT r.place FROM casework.lock_offered(p_agencies, v_referrals) AS r);
    RETURN QUERY SELECT * FROM safeguarding.read_sealed_packages(
        ARRAY(SELECT p_disclosures[f] FROM unnest(v_free) AS f), ARRAY(SELECT v_referrals[f] FROM unnest(v_free) AS f),
        ARRAY(SELECT p_agencies[f] FROM unnest(v_free) AS f));
END
$$;

--
-- Name: read_package(uuid, uuid); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.read_package(p_agency uuid, p_disclosure uuid) RETURNS TABLE(referral text, referral_id uuid, profile text, fields text[], sealed bytea)
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_referral record;
BEGIN
    SELECT r.id, r.number INTO v_referral
    FROM safeguarding.disclosure AS d CROSS JOIN LATERAL casework.lock_agency_referral(p_agency, d.referral_id, NULL) AS r
    WHERE d.id = p_disclosure AND d.agency_id = p_agency AND r.may_disclose;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT v_referral.number, v_referral.id, p.profile, p.fields, p.sealed
        FROM safeguarding.read_sealed_package(p_disclosure, v_referral.id, p_agency) AS p;
EXCEPTION WHEN SQLSTATE 'DC101' OR SQLSTATE 'DC102' OR SQLSTATE 'DC103' THEN
    RETURN;
END
$$;

--
-- Name: read_packages(uuid, uuid[]); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.read_packages(p_agency uuid, p_disclosures uuid[]) RETURNS TABLE(disclosure uuid, profile text, fields text[], sealed bytea)
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_package record;
    v_left uuid[] := p_disclosures;
BEGIN
    FOR v_package IN
        SELECT * FROM read_free_packages(array_fill(p_agency, ARRAY[cardinality(p_disclosures)]), p_disclosures)
    LOOP
        v_left := array_remove(v_left, v_package.disclosure);
        disclosure := v_package.disclosure;
        profile := v_package.profile;
        fields := v_package.fields;
        sealed := v_package.sealed;
        RETURN NEXT;
    END LOOP;
    IF cardinality(v_left) > 0 THEN
        RETURN QUERY SELECT d.id, p.profile, p.fields, p.sealed
            FROM unnest(v_left) AS d (id) CROSS JOIN LATERAL read_package(p_agency, d.id) AS p;
    END IF;
END
$$;

--
-- Name: record_package(uuid, uuid, text, text, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.record_package(p_agency uuid, p_referral uuid, p_purpose text, p_legal_basis text, p_requested_by text) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_id uuid := gen_random_uuid();
    v_key bytea;
    v_sealed_to bytea;
BEGIN
    SELECT sha256(a.public_key), (SELECT s.key_fingerprint FROM safeguarding.describe_sealed_package(p_referral, p_agency) AS s)
    INTO v_key, v_sealed_to FROM casework.agency AS a WHERE a.id = p_agency;
    IF v_key IS NULL THEN
        RETURN NULL;
    END IF;
    IF v_sealed_to IS DISTINCT FROM v_key THEN
        PERFORM casework.ask_to_seal(p_referral);
        RETURN NULL;
    END IF;
    PERFORM safeguarding.record_package_disclosure(v_id, p_referral, p_agency, p_purpose, p_legal_basis, p_requested_by);
    RETURN v_id;
END
$$;

--
-- Name: report(uuid, text, text, text, door.sent_text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.report(p_agency uuid, p_number text, p_status text, p_outcome text, p_text door.sent_text, OUT result text, OUT status text, OUT outcome_code text) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_referral record;
    v_ends boolean := p_status = ANY (ARRAY['completed', 'failed', 'no_show']);
    v_mention jsonb;
BEGIN
    IF sources_of(p_status) IS NULL OR v_ends AND is_outcome(p_outcome) IS NOT TRUE
        OR NOT v_ends AND p_outcome IS NOT NULL
    THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    IF NOT (p_text IS NULL) THEN
        result := fault_of(p_text);
        IF result IS NOT NULL THEN
            RETURN;
        END IF;
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
        IF result = 'done' AND NOT (p_text IS NULL) AND NOT has_text_with(v_referral.id, p_status) THEN
            result := 'referral_state';
        END IF;
        RETURN;
    END IF;
    IF NOT (p_text IS NULL) THEN
        result := CASE WHEN has_text(v_referral.id, p_status, p_text) THEN 'done'
            ELSE no_room_for(v_referral.id, p_text) END;
        IF result IS NOT NULL THEN
            RETURN;
        END IF;
        v_mention := mention(p_text);
    END IF;
    IF v_ends THEN
        PERFORM casework.report_outcome(p_agency, v_referral.id, ARRAY[status], p_status, p_outcome, v_mention);
        PERFORM tell_routing(v_referral.id);
    ELSE
        PERFORM casework.report_progress(p_agency, v_referral.id, ARRAY[status], p_status, v_mention);
    END IF;
    IF NOT (p_text IS NULL) THEN
        PERFORM keep_text(p_agency, v_referral.id, p_status, p_text);
    END IF;
    result := 'done';
    status := p_status;
    outcome_code := p_outcome;
END
$$;

--
-- Name: request_package(uuid, text, uuid, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.request_package(p_agency uuid, p_number text, p_lease uuid, p_requested_by text, OUT result text, OUT disclosure uuid) RETURNS record
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
    IF v_locked.status <> ALL (ARRAY['requested', 'received']) THEN
        result := 'referral_state';
        RETURN;
    ELSIF NOT v_locked.may_disclose THEN
        result := 'no_package';
        RETURN;
    END IF;
    disclosure := record_package(
        p_agency, v_locked.referral_id, v_locked.purpose, v_locked.legal_basis, p_requested_by);
    IF disclosure IS NULL THEN
        result := 'no_package';
    END IF;
END
$$;

--
-- Name: sent(text, bytea, jsonb, text); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.sent(p_key_id text, p_sealed bytea, p_attachments jsonb, p_staff text) RETURNS door.sent_text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE WHEN p_key_id IS NOT NULL OR p_sealed IS NOT NULL OR p_attachments IS NOT NULL
        THEN ROW(p_key_id, p_sealed, p_attachments, p_staff)::door.sent_text END
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
-- Name: working_days_after(timestamp with time zone, integer); Type: FUNCTION; Schema: door; Owner: -
--

CREATE FUNCTION door.working_days_after(p_from timestamp with time zone, p_days integer) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_day date := (p_from AT TIME ZONE interval '8 hours')::date;
    v_left integer := p_days;
BEGIN
    IF p_from IS NULL THEN
        RETURN NULL;  -- Counting from no day never ends.
    END IF;
    WHILE v_left > 0 LOOP
        v_day := v_day + 1;
        IF coalesce((SELECT s.is_worked FROM door.special_day AS s WHERE s.day = v_day), extract(isodow FROM v_day) <= 5)
        THEN
            v_left := v_left - 1;
        END IF;
    END LOOP;
    RETURN (v_day + time '17:30') AT TIME ZONE interval '8 hours';
END
$$;

--
-- Name: accept_each(uuid[], text[], uuid[]); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.accept_each(p_agencies uuid[], p_numbers text[], p_leases uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN QUERY SELECT unnest(door.accept(p_agencies, p_numbers, p_leases));
END
$$;

--
-- Name: answer(uuid, text, uuid, text, text, text, timestamp with time zone, text, bytea, jsonb); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb, OUT result text, OUT status text, OUT reason_code text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    SELECT * INTO result, status, reason_code FROM door.answer(
        p_agency, p_number, p_lease, p_status, p_reason, p_suggested_kind, p_not_after,
        door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

--
-- Name: bells(); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.bells() RETURNS TABLE(agency_id uuid, channel text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT l.agency_id, l.channel FROM agency_login AS l WHERE l.closed_at IS NULL;
END
$$;

--
-- Name: desk_acts(uuid, text); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.desk_acts(p_agency uuid, p_number text) RETURNS TABLE(act text, staff_id text, reason text, acted_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
    SELECT d.act, d.staff_id, d.reason, d.acted_at
    FROM casework.referral AS r JOIN desk_act AS d ON d.referral_id = r.id AND d.agency_id = p_agency
    WHERE r.number = p_number AND (r.agency_id = p_agency) IS TRUE ORDER BY d.id
$$;

--
-- Name: desk_answer(uuid, text, uuid, text, text, text, timestamp with time zone, text, text, bytea, jsonb); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.desk_answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_staff text, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb, OUT result text, OUT status text, OUT reason_code text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF door.is_staff(p_staff) IS NOT TRUE THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    SELECT * INTO result, status, reason_code FROM door.answer(
        p_agency, p_number, p_lease, p_status, p_reason, p_suggested_kind, p_not_after,
        door.sent(p_text_key, p_text, p_attachments, p_staff));
    IF result = 'done' THEN
        PERFORM door.note_act(p_agency, p_number, p_status, p_staff, p_reason);
    END IF;
END
$$;

--
-- Name: desk_lease(uuid, integer, interval, text); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.desk_lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) RETURNS TABLE(lease uuid, expires_at timestamp with time zone, attempt integer, referral_id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamp with time zone, disclosure uuid, refused text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN QUERY SELECT * FROM door.lease(p_agency, p_limit, p_lease_for, p_requested_by, false);
END
$$;

--
-- Name: desk_report(uuid, text, text, text, text, text, bytea, jsonb); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.desk_report(p_agency uuid, p_number text, p_status text, p_outcome text, p_staff text, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb, OUT result text, OUT status text, OUT outcome_code text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF door.is_staff(p_staff) IS NOT TRUE THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    SELECT * INTO result, status, outcome_code FROM door.report(
        p_agency, p_number, p_status, p_outcome, door.sent(p_text_key, p_text, p_attachments, p_staff));
    IF result = 'done' THEN
        PERFORM door.note_act(p_agency, p_number, p_status, p_staff, p_outcome);
    END IF;
END
$$;

--
-- Name: desk_request_package(uuid, text, uuid, text, text, text); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.desk_request_package(p_agency uuid, p_number text, p_lease uuid, p_requested_by text, p_staff text, p_reason text, OUT result text, OUT disclosure uuid) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF (door.is_staff(p_staff) AND door.is_reading(p_reason)) IS NOT TRUE THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    SELECT * INTO result, disclosure FROM door.request_package(
        p_agency, p_number, p_lease, p_requested_by || ' ' || p_lease::text || ' ' || p_staff || ' ' || p_reason);
    IF result = 'done' THEN
        PERFORM door.note_act(p_agency, p_number, 'package_read', p_staff, p_reason);
    END IF;
END
$$;

--
-- Name: desk_texts(uuid, text); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.desk_texts(p_agency uuid, p_number text) RETURNS TABLE(status text, staff_id text, sent_at timestamp with time zone, size integer, attachments integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
    SELECT t.status, t.staff_id, t.sent_at, t.size, coalesce(jsonb_array_length(t.attachments), 0)
    FROM casework.referral AS r JOIN safeguarding.sealed_text AS t ON t.referral_id = r.id AND t.agency_id = p_agency
    WHERE r.number = p_number AND (r.agency_id = p_agency) IS TRUE ORDER BY t.number
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
-- Name: forget_keys(interval, integer); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.forget_keys(p_older interval, p_limit integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
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
-- Name: keep_answer(uuid, text, bytea, bytea); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.keep_answer(p_agency uuid, p_key text, p_request_hash bytea, p_answer bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    UPDATE repeated_request AS r SET answer = p_answer
    WHERE r.agency_id = p_agency AND r.key = p_key AND r.request_hash = p_request_hash AND r.answer IS NULL;
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
-- Name: lease_each(uuid[], integer[], interval[], text[]); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.lease_each(p_agencies uuid[], p_limits integer[], p_lease_for interval[], p_requested_by text[]) RETURNS TABLE(agency uuid, alone boolean, lease uuid, expires_at timestamp with time zone, attempt integer, referral_id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamp with time zone, disclosure uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_alone uuid[];
    v_jobs door.claimed[];
    v_done door.delivered[];
    v_odd uuid[];
    v_wish record;
    v_free text[];
BEGIN
    -- No claim moves the marks of a queue's lanes, for whose rows it might wait. Whoever leases sees to them after that.
    PERFORM set_config('queue.keeps_marks', 'on', true);
    v_free := queue.try_before_claims(ARRAY(SELECT queue_of(a) FROM unnest(p_agencies) AS a));
    v_alone := ARRAY(SELECT a FROM unnest(p_agencies) AS a WHERE queue_of(a) <> ALL (v_free));
    FOR v_pass IN 1 .. 3 LOOP
        IF v_pass = 3 THEN
            v_alone := p_agencies;
            v_jobs := '{}';
            v_done := '{}';
            EXIT;
        END IF;
        BEGIN
            v_jobs := '{}';
            FOR v_wish IN
                SELECT w.agency, w.most, w.lease_for, w.requested_by
                FROM unnest(p_agencies, p_limits, p_lease_for, p_requested_by) AS w (agency, most, lease_for, requested_by)
                WHERE w.agency <> ALL (v_alone)
            LOOP
                v_jobs := v_jobs || claim(v_wish.agency, v_wish.most, v_wish.lease_for, v_wish.requested_by);
            END LOOP;
            v_done := ARRAY(SELECT d FROM deliver(v_jobs, true) AS d);
            EXIT WHEN cardinality(v_done) = cardinality(v_jobs);
            v_odd := ARRAY(
                SELECT j.agency FROM unnest(v_jobs) WITH ORDINALITY AS j (
                    agency, requested_by, job, epoch, job_number, lease, expires_at, attempt, referral, place)
                WHERE j.place <> ALL (ARRAY(SELECT d.place FROM unnest(v_done) AS d)));
            RAISE EXCEPTION 'undone' USING ERRCODE = 'DG001';
        EXCEPTION WHEN SQLSTATE 'DG001' THEN
            -- Their claims are undone with everybody's; the others lease again without them.
            v_alone := v_alone || v_odd;
        END;
    END LOOP;
    RETURN QUERY
        SELECT (v_jobs[d.place]).agency, false, (v_jobs[d.place]).lease, (v_jobs[d.place]).expires_at,
            (v_jobs[d.place]).attempt, d.referral_id, d.number, d.purpose, d.legal_basis, d.tier, d.answer_due_at,
            d.disclosure
        FROM unnest(v_done) AS d
        UNION ALL
        SELECT a, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM unnest(p_agencies) AS a WHERE a = ANY (v_alone);
END
$$;

--
-- Name: network_key(); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.network_key() RETURNS TABLE(id text, public_key bytea, valid_from timestamp with time zone, signature bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
    SELECT k.id, k.public_key, k.valid_from, k.signature FROM safeguarding.network_keys_in_use() AS k LIMIT 1
$$;

--
-- Name: read_packages(uuid, uuid[]); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.read_packages(p_agency uuid, p_disclosures uuid[]) RETURNS TABLE(disclosure uuid, profile text, fields text[], sealed bytea, checkpoint text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_checkpoint text := ledger.latest_checkpoint();
BEGIN
    RETURN QUERY
        -- With the ledger's latest checkpoint, against which the agency can hold what it is shown later.
        SELECT p.disclosure, p.profile, p.fields, p.sealed, v_checkpoint FROM door.read_packages(p_agency, p_disclosures) AS p;
END
$$;

--
-- Name: read_packages_each(uuid[], uuid[]); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.read_packages_each(p_agencies uuid[], p_disclosures uuid[]) RETURNS TABLE(disclosure uuid, profile text, fields text[], sealed bytea, checkpoint text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_checkpoint text := ledger.latest_checkpoint();
BEGIN
    RETURN QUERY
        SELECT p.disclosure, p.profile, p.fields, p.sealed, v_checkpoint
        FROM door.read_free_packages(p_agencies, p_disclosures) AS p;
END
$$;

--
-- Name: report(uuid, text, text, text, text, bytea, jsonb); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.report(p_agency uuid, p_number text, p_status text, p_outcome text, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb, OUT result text, OUT status text, OUT outcome_code text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    SELECT * INTO result, status, outcome_code FROM door.report(
        p_agency, p_number, p_status, p_outcome, door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

--
-- Name: take_key(uuid, text, bytea); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.take_key(p_agency uuid, p_key text, p_request_hash bytea, OUT result text, OUT answer bytea) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

--
-- Name: watch_partners(interval, bigint); Type: FUNCTION; Schema: gateway; Owner: -
--

CREATE FUNCTION gateway.watch_partners(p_longest interval DEFAULT '00:00:30'::interval, p_snapshot bigint DEFAULT 1000000) RETURNS TABLE(login text, reason text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_session record;
BEGIN
    FOR v_session IN
        SELECT s.pid, l.login, CASE
            WHEN l.closed_at IS NOT NULL OR a.status <> 'active' THEN 'closed'
            WHEN EXISTS (
                SELECT 1 FROM pg_catalog.pg_locks AS k
                WHERE k.pid = s.pid AND k.locktype = 'advisory'
                    -- What queue.claim takes: shared, on the agency's own queue.
                    AND (k.classid, k.objid::bigint, k.objsubid, k.mode) IS DISTINCT FROM (
                        1903519093::oid, hashtext(queue_of(l.agency_id))::bigint & 4294967295, 2::smallint, 'ShareLock'))
                THEN 'advisory_lock'
            WHEN s.state = 'active' AND clock_timestamp() - s.query_start > p_longest THEN 'statement'
            WHEN clock_timestamp() - s.xact_start > p_longest THEN 'transaction'
            WHEN age(s.backend_xmin) > p_snapshot THEN 'snapshot'
            END AS reason
        FROM pg_catalog.pg_stat_activity AS s
        JOIN agency_login AS l ON l.login = s.usename
        JOIN casework.agency AS a ON a.id = l.agency_id
    LOOP
        IF v_session.reason IS NOT NULL THEN
            -- False when it has ended by itself in the meantime.
            IF pg_catalog.pg_terminate_backend(v_session.pid) THEN
                login := v_session.login;
                reason := v_session.reason;
                RETURN NEXT;
            END IF;
        END IF;
    END LOOP;
END
$$;

--
-- Name: checkpoints_after(bigint, integer); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.checkpoints_after(p_size bigint, p_limit integer) RETURNS TABLE(size bigint, note text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT c.size, c.note FROM checkpoint AS c WHERE c.size > p_size ORDER BY c.size LIMIT p_limit;
END
$$;

--
-- Name: commitments(bigint, integer); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.commitments(p_from bigint, p_limit integer) RETURNS TABLE(pos bigint, commitment bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT n.position, n.commitment FROM entry AS n WHERE n.position >= p_from ORDER BY n.position LIMIT p_limit;
END
$$;

--
-- Name: contents(text, bigint[]); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.contents(p_source text, p_ids bigint[]) RETURNS TABLE(place bigint, id bigint, case_id uuid, agency text, head text, tail text, sealed text)
    LANGUAGE sql STABLE
    AS $$
    SELECT w.place, e.id, e.case_id, a.code,
        '{"v": 1, "at": ' || ledger.micros(e.occurred_at) || ', "kind": ' || to_json(e.kind)
            -- The digest of what the agency sent with it, sealed.
            || CASE WHEN e.data ? 'text' THEN ', "text": ' || coalesce((e.data -> 'text')::text, 'null') ELSE '' END
            || ', "lease": ' || coalesce((e.data -> 'lease')::text, 'null')
            || ', "agency": ' || coalesce(to_json(a.code)::text, 'null')
            || ', "reason": '
            || coalesce(CASE WHEN e.actor_kind = 'agency' THEN (e.data -> 'reason')::text END, 'null'),
        ', "outcome": ' || coalesce((e.data -> 'outcome')::text, 'null')
            || ', "referral": ' || coalesce(to_json(r.number)::text, 'null') || '}',
        '{"case": "' || e.case_id || '", "data": ' || e.data::text || ', "role": ' || to_json(e.database_role)
            || ', "actor": ' || to_json(e.actor) || ', "event": ' || e.id || ', "actor_kind": ' || to_json(e.actor_kind)
            || ', "rule_version": ' || coalesce(e.rule_version::text, 'null') || '}'
    FROM unnest(p_ids) WITH ORDINALITY AS w (id, place) JOIN casework.event AS e ON e.id = w.id
    LEFT JOIN casework.referral AS r ON r.id = e.referral_id LEFT JOIN casework.agency AS a ON a.id = r.agency_id
    WHERE p_source = 'event'
    UNION ALL
    SELECT w.place, d.number, coalesce(r.case_id, d.referral_id), a.code,
        '{"v": 1, "at": ' || ledger.micros(d.recorded_at) || ', "by": ' || to_json(d.requested_by)
            || ', "key": ' || coalesce('"' || encode(d.key_fingerprint, 'hex') || '"', 'null')
            || ', "kind": "disclosure", "basis": ' || to_json(d.legal_basis)
            || ', "agency": ' || coalesce(to_json(a.code)::text, 'null') || ', "fields": ' || to_jsonb(d.fields)::text,
        ', "profile": ' || to_json(d.profile) || ', "purpose": ' || to_json(d.purpose)
            || ', "referral": ' || coalesce(to_json(r.number)::text, 'null') || ', "disclosure": "' || d.id || '"}',
        '{"case": "' || coalesce(r.case_id, d.referral_id) || '", "role": ' || to_json(d.database_role)
            || ', "agency": "' || d.agency_id || '", "number": ' || d.number || ', "referral": "' || d.referral_id || '"}'
    FROM unnest(p_ids) WITH ORDINALITY AS w (id, place) JOIN safeguarding.disclosure AS d ON d.number = w.id
    LEFT JOIN casework.referral AS r ON r.id = d.referral_id LEFT JOIN casework.agency AS a ON a.id = d.agency_id
    WHERE p_source = 'disclosure'
    UNION ALL
    SELECT w.place, e.id, NULL, NULL, '{"v": 1, "at": ' || ledger.micros(e.requested_at) || ', "kind": "erased"',
        ', "positions": ' || coalesce(to_jsonb(e.positions)::text, 'null') || '}', NULL
    FROM unnest(p_ids) WITH ORDINALITY AS w (id, place) JOIN ledger.erasure AS e ON e.id = w.id
    WHERE p_source = 'erasure'
$$;

--
-- Name: entry_text(bytea, text, text, text); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.entry_text(p_nonce bytea, p_head text, p_tail text, p_sealed text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT p_head || ', "sealed": '
        || coalesce('"' || encode(sha256(p_nonce || convert_to(p_sealed, 'UTF8')), 'hex') || '"', 'null') || p_tail
$$;

--
-- Name: erase(uuid); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.erase(p_case uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO erasure (case_id) VALUES (p_case);
END
$$;

--
-- Name: head(); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.head() RETURNS TABLE(size bigint, last_commitment bytea, signed_size bigint, note text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT p.size, p.last_commitment, coalesce(c.size, 0), c.note
        FROM progress AS p LEFT JOIN LATERAL (SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1) AS c ON true;
END
$$;

--
-- Name: health(); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.health() RETURNS TABLE(size bigint, signed_size bigint, published_at timestamp with time zone, is_led boolean, waiting_since timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_progress progress%ROWTYPE;
    v_from xid8;
BEGIN
    SELECT * INTO v_progress FROM progress;
    v_from := pg_snapshot_xmax(v_progress.done);
    RETURN QUERY
        SELECT v_progress.size, coalesce(c.size, 0), c.published_at, coalesce(v_progress.leads_until > clock_timestamp(), false),
            least(
                (SELECT e.occurred_at FROM casework.event AS e
                    WHERE casework.is_ledger_entry(e.kind) AND (e.transaction, e.id) > (greatest(v_progress.event_transaction, v_from),
                        CASE WHEN v_progress.event_transaction >= v_from THEN v_progress.event_id ELSE 0 END)
                    ORDER BY e.transaction, e.id LIMIT 1),
                (SELECT d.recorded_at FROM safeguarding.disclosure AS d
                    WHERE (d.transaction, d.number) > (greatest(v_progress.disclosure_transaction, v_from),
                        CASE WHEN v_progress.disclosure_transaction >= v_from THEN v_progress.disclosure_number
                        ELSE 0 END)
                    ORDER BY d.transaction, d.number LIMIT 1))
        FROM (SELECT 1) AS one
        LEFT JOIN LATERAL (SELECT size, published_at FROM checkpoint ORDER BY size DESC LIMIT 1) AS c ON true;
END
$$;

--
-- Name: latest_checkpoint(); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.latest_checkpoint() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
BEGIN
    RETURN (SELECT c.note FROM checkpoint AS c ORDER BY c.size DESC LIMIT 1);
END
$$;

--
-- Name: lead(uuid, double precision); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.lead(p_signer uuid, p_seconds double precision) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM progress WHERE signer = p_signer AND leads_until > clock_timestamp() + make_interval(secs => p_seconds / 2);
    IF FOUND THEN
        RETURN true;
    END IF;
    UPDATE progress SET signer = p_signer, leads_until = clock_timestamp() + make_interval(secs => p_seconds)
    WHERE signer IS NULL OR signer = p_signer OR leads_until < clock_timestamp();
    RETURN FOUND;
END
$$;

--
-- Name: locate(text, uuid); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.locate(p_number text, p_disclosure uuid) RETURNS TABLE(pos bigint, kind text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT n.position, e.kind FROM casework.referral AS r JOIN casework.event AS e ON e.case_id = r.case_id
        JOIN entry AS n ON n.source = 'event' AND n.source_id = e.id
        WHERE r.number = p_number AND e.referral_id = r.id
        UNION ALL
        SELECT n.position, 'disclosure' FROM safeguarding.disclosure AS d
        JOIN entry AS n ON n.source = 'disclosure' AND n.source_id = d.number
        WHERE d.id = p_disclosure
            OR d.referral_id = (SELECT r.id FROM casework.referral AS r WHERE r.number = p_number)
        ORDER BY 1;
END
$$;

--
-- Name: progress; Type: TABLE; Schema: ledger; Owner: -
--

CREATE TABLE ledger.progress (
    is_only boolean DEFAULT true NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    last_commitment bytea,
    done pg_snapshot DEFAULT '1:1:'::pg_snapshot NOT NULL,
    target pg_snapshot,
    event_transaction xid8 DEFAULT '0'::xid8 NOT NULL,
    event_id bigint DEFAULT 0 NOT NULL,
    disclosure_transaction xid8 DEFAULT '0'::xid8 NOT NULL,
    disclosure_number bigint DEFAULT 0 NOT NULL,
    erasure_transaction xid8 DEFAULT '0'::xid8 NOT NULL,
    erasure_id bigint DEFAULT 0 NOT NULL,
    signer uuid,
    leads_until timestamp with time zone,
    CONSTRAINT progress_is_only_check CHECK (is_only)
)
WITH (fillfactor='50');

--
-- Name: locked(uuid); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.locked(p_signer uuid) RETURNS ledger.progress
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_progress ledger.progress%ROWTYPE;
BEGIN
    SELECT * INTO v_progress FROM progress FOR NO KEY UPDATE;
    IF (v_progress.signer = p_signer) IS NOT TRUE THEN
        RAISE EXCEPTION 'another signer is at work' USING ERRCODE = 'DL001';
    END IF;
    RETURN v_progress;
END
$$;

--
-- Name: micros(timestamp with time zone); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.micros(p_at timestamp with time zone) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT (extract(epoch FROM p_at) * 1000000)::bigint
$$;

--
-- Name: page(bigint, bigint, text); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.page(p_from bigint, p_until bigint, p_agency text) RETURNS TABLE(pos bigint, commitment bytea, state text, nonce bytea, shared text, sealed text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_events bigint[];
    v_disclosures bigint[];
    v_erasures bigint[];
BEGIN
    SELECT array_agg(n.source_id) FILTER (WHERE n.source = 'event'),
        array_agg(n.source_id) FILTER (WHERE n.source = 'disclosure'),
        array_agg(n.source_id) FILTER (WHERE n.source = 'erasure')
    INTO v_events, v_disclosures, v_erasures
    FROM entry AS n WHERE n.position >= p_from AND n.position < p_until AND n.nonce IS NOT NULL;
    RETURN QUERY
        WITH opened AS MATERIALIZED (
            SELECT 'event' AS source, c.id, c.agency, c.head, c.tail, c.sealed FROM contents('event', v_events) AS c
            UNION ALL
            SELECT 'disclosure', c.id, c.agency, c.head, c.tail, c.sealed FROM contents('disclosure', v_disclosures) AS c
            UNION ALL
            SELECT 'erasure', c.id, c.agency, c.head, c.tail, c.sealed FROM contents('erasure', v_erasures) AS c
        ), listed AS (
            SELECT n.position, n.commitment, n.nonce, o.head, o.tail, o.sealed,
                CASE WHEN p_agency IS NOT NULL AND o.agency IS DISTINCT FROM p_agency THEN 'bare'
                    WHEN n.nonce IS NULL THEN 'erased' WHEN o.id IS NULL THEN 'missing' ELSE 'open' END AS state
            FROM entry AS n LEFT JOIN opened AS o ON o.source = n.source AND o.id = n.source_id
            WHERE n.position >= p_from AND n.position < p_until
        )
        SELECT l.position, l.commitment, l.state, CASE WHEN l.state = 'open' THEN l.nonce END,
            CASE WHEN l.state = 'open' THEN entry_text(l.nonce, l.head, l.tail, l.sealed) END,
            CASE WHEN l.state = 'open' AND p_agency IS NULL THEN l.sealed END
        FROM listed AS l ORDER BY l.position;
END
$$;

--
-- Name: publish(uuid, bigint, bytea, text, smallint[], bigint[], bytea[], bytea[]); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.publish(p_signer uuid, p_size bigint, p_root bytea, p_note text, p_levels smallint[], p_numbers bigint[], p_hashes bytea[], p_roots bytea[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_progress progress%ROWTYPE := locked(p_signer);
BEGIN
    IF p_size > v_progress.size THEN
        RAISE EXCEPTION 'the log is not what the signer knows' USING ERRCODE = 'DL002';
    END IF;
    PERFORM 1 FROM checkpoint AS c WHERE c.size > p_size OR c.size = p_size AND c.root <> p_root;
    IF FOUND THEN
        RAISE EXCEPTION 'the checkpoint contradicts one that is published' USING ERRCODE = 'DL004';
    END IF;
    PERFORM 1 FROM unnest(p_levels, p_numbers, p_hashes, p_roots) AS t (level, number, hashes, root)
    JOIN tile AS s ON s.level = t.level AND s.number = t.number WHERE s.hashes <> t.hashes OR s.root <> t.root;
    IF FOUND THEN
        RAISE EXCEPTION 'a tile contradicts one that is stored' USING ERRCODE = 'DL004';
    END IF;
    INSERT INTO tile (level, number, hashes, root)
    SELECT t.level, t.number, t.hashes, t.root
    FROM unnest(p_levels, p_numbers, p_hashes, p_roots) AS t (level, number, hashes, root)
    ON CONFLICT DO NOTHING;
    INSERT INTO checkpoint (size, root, note) VALUES (p_size, p_root, p_note) ON CONFLICT DO NOTHING;
END
$$;

--
-- Name: refuse_change(); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'DL100';
END
$$;

--
-- Name: resign(uuid); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.resign(p_signer uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
BEGIN
    UPDATE progress SET signer = NULL, leads_until = NULL WHERE signer = p_signer;
END
$$;

--
-- Name: sequence(uuid, bigint, bytea, bytea); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.sequence(p_signer uuid, p_size bigint, p_last bytea, p_nonces bytea) RETURNS TABLE(pos bigint, commitment bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    v_progress progress%ROWTYPE := locked(p_signer);
    v_room integer := length(p_nonces) / 32;
    v_goes_on boolean := v_progress.target IS NOT NULL;
    v_open xid8[];
    v_from xid8;
    v_until xid8;
    v_ids bigint[];
    v_taken integer := 0;
    v_written integer;
    v_source text;
    v_erasure record;
    v_last_transaction xid8;
    v_last_id bigint;
BEGIN
    IF v_progress.size <> p_size OR v_progress.last_commitment IS DISTINCT FROM p_last THEN
        RAISE EXCEPTION 'the log is not what the signer knows' USING ERRCODE = 'DL002';
    END IF;
    IF v_progress.target IS NULL THEN
        -- Every later statement of this transaction sees at least what this snapshot sees, and is held to it below.
        v_progress.target := pg_current_snapshot();
        IF pg_snapshot_xmax(v_progress.target) < pg_snapshot_xmax(v_progress.done) THEN
            RAISE EXCEPTION 'the transaction numbers went back' USING ERRCODE = 'DL003';
        END IF;
        v_progress.event_transaction := '0';
        v_progress.event_id := 0;
        v_progress.disclosure_transaction := '0';
        v_progress.disclosure_number := 0;
        v_progress.erasure_transaction := '0';
        v_progress.erasure_id := 0;
    END IF;
    -- New are the transactions that were open in the earlier snapshot, and those that began after it.
    v_open := ARRAY(SELECT pg_snapshot_xip(v_progress.done));
    v_from := pg_snapshot_xmax(v_progress.done);
    v_until := pg_snapshot_xmax(v_progress.target);

    FOREACH v_source IN ARRAY ARRAY['event', 'disclosure', 'erasure'] LOOP
        EXIT WHEN v_taken = v_room;
        v_last_id := NULL;
        IF v_source = 'event' THEN
            SELECT array_agg(t.id ORDER BY t.transaction, t.id),
                (array_agg(t.transaction ORDER BY t.transaction DESC, t.id DESC))[1],
                (array_agg(t.id ORDER BY t.transaction DESC, t.id DESC))[1]
            INTO v_ids, v_last_transaction, v_last_id
            FROM (
                SELECT * FROM (
                    SELECT o.transaction, o.id FROM unnest(v_open) AS x (x), LATERAL (
                        SELECT e.transaction, e.id FROM casework.event AS e
                        WHERE casework.is_ledger_entry(e.kind)
                            AND e.transaction = x.x) AS o
                    WHERE (o.transaction, o.id) > (v_progress.event_transaction, v_progress.event_id)
                        AND pg_visible_in_snapshot(o.transaction, v_progress.target)
                    ORDER BY o.transaction, o.id LIMIT v_room - v_taken) AS late
                UNION ALL
                SELECT * FROM (
                    SELECT e.transaction, e.id FROM casework.event AS e
                    WHERE casework.is_ledger_entry(e.kind)
                        AND (e.transaction, e.id) > (greatest(v_progress.event_transaction, v_from),
                            CASE WHEN v_progress.event_transaction >= v_from THEN v_progress.event_id ELSE 0 END)
                        AND e.transaction < v_until AND pg_visible_in_snapshot(e.transaction, v_progress.target)
                    ORDER BY e.transaction, e.id LIMIT v_room - v_taken) AS fresh
                ORDER BY 1, 2 LIMIT v_room - v_taken) AS t;
            IF v_last_id IS NOT NULL THEN
                v_progress.event_transaction := v_last_transaction;
                v_progress.event_id := v_last_id;
            END IF;
        ELSIF v_source = 'disclosure' THEN
            SELECT array_agg(t.number ORDER BY t.transaction, t.number),
                (array_agg(t.transaction ORDER BY t.transaction DESC, t.number DESC))[1],
                (array_agg(t.number ORDER BY t.transaction DESC, t.number DESC))[1]
            INTO v_ids, v_last_transaction, v_last_id
            FROM (
                SELECT * FROM (
                    SELECT o.transaction, o.number FROM unnest(v_open) AS x (x), LATERAL (
                        SELECT d.transaction, d.number FROM safeguarding.disclosure AS d WHERE d.transaction = x.x) AS o
                    WHERE (o.transaction, o.number)
                            > (v_progress.disclosure_transaction, v_progress.disclosure_number)
                        AND pg_visible_in_snapshot(o.transaction, v_progress.target)
                    ORDER BY o.transaction, o.number LIMIT v_room - v_taken) AS late
                UNION ALL
                SELECT * FROM (
                    SELECT d.transaction, d.number FROM safeguarding.disclosure AS d
                    WHERE (d.transaction, d.number) > (greatest(v_progress.disclosure_transaction, v_from),
                            CASE WHEN v_progress.disclosure_transaction >= v_from THEN v_progress.disclosure_number
                            ELSE 0 END)
                        AND d.transaction < v_until AND pg_visible_in_snapshot(d.transaction, v_progress.target)
                    ORDER BY d.transaction, d.number LIMIT v_room - v_taken) AS fresh
                ORDER BY 1, 2 LIMIT v_room - v_taken) AS t;
            IF v_last_id IS NOT NULL THEN
                v_progress.disclosure_transaction := v_last_transaction;
                v_progress.disclosure_number := v_last_id;
            END IF;
        ELSE
            -- Few. What a case has in the log up to here loses its nonces; what comes later is a new erasure's business.
            v_ids := NULL;
            FOR v_erasure IN
                SELECT e.transaction, e.id, e.case_id FROM erasure AS e
                WHERE (e.transaction = ANY (v_open) OR e.transaction >= v_from AND e.transaction < v_until)
                    AND (e.transaction, e.id) > (v_progress.erasure_transaction, v_progress.erasure_id)
                    AND pg_visible_in_snapshot(e.transaction, v_progress.target)
                ORDER BY e.transaction, e.id LIMIT v_room - v_taken
            LOOP
                UPDATE erasure AS e SET case_id = NULL, positions = coalesce(ARRAY(
                    SELECT n.position FROM entry AS n WHERE n.case_id = v_erasure.case_id ORDER BY n.position), '{}')
                WHERE e.id = v_erasure.id;
                UPDATE entry AS n SET nonce = NULL, case_id = NULL WHERE n.case_id = v_erasure.case_id;
                v_ids := v_ids || v_erasure.id;
                v_progress.erasure_transaction := v_erasure.transaction;
                v_progress.erasure_id := v_erasure.id;
            END LOOP;
        END IF;
        CONTINUE WHEN v_ids IS NULL;
        INSERT INTO entry (position, source, source_id, case_id, nonce, commitment)
        SELECT v_progress.size + c.place - 1, v_source, c.id, c.case_id, c.nonce,
            sha256(c.nonce || convert_to(entry_text(c.nonce, c.head, c.tail, c.sealed), 'UTF8'))
        FROM (
            SELECT c.place, c.id, c.case_id, c.head, c.tail, c.sealed,
                substring(p_nonces FROM 32 * (v_taken + c.place::integer - 1) + 1 FOR 32) AS nonce
            FROM contents(v_source, v_ids) AS c OFFSET 0) AS c;  -- a nonce is cut out once
        GET DIAGNOSTICS v_written = ROW_COUNT;
        IF v_written <> cardinality(v_ids) THEN
            RAISE EXCEPTION 'an entry has no row' USING ERRCODE = 'DL002';
        END IF;
        v_progress.size := v_progress.size + v_written;
        v_taken := v_taken + v_written;
    END LOOP;

    -- Nothing left of what the target sees: the log is as far as that.
    IF v_taken < v_room THEN
        v_progress.done := v_progress.target;
        v_progress.target := NULL;
    END IF;
    -- Written only when there was something: an idle second costs no row. That a target is done with is something.
    IF v_taken > 0 OR v_goes_on OR v_open <> '{}' THEN
        UPDATE progress AS p SET size = v_progress.size, done = v_progress.done, target = v_progress.target,
            last_commitment = coalesce(
                (SELECT n.commitment FROM entry AS n WHERE n.position = v_progress.size - 1), p.last_commitment),
            event_transaction = v_progress.event_transaction, event_id = v_progress.event_id,
            disclosure_transaction = v_progress.disclosure_transaction,
            disclosure_number = v_progress.disclosure_number,
            erasure_transaction = v_progress.erasure_transaction, erasure_id = v_progress.erasure_id;
    END IF;
    RETURN QUERY
        SELECT n.position, n.commitment FROM entry AS n
        WHERE n.position >= p_size AND n.position < v_progress.size ORDER BY n.position;
END
$$;

--
-- Name: strays(integer); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.strays(p_limit integer) RETURNS TABLE(source text, id bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_done pg_snapshot := (SELECT done FROM progress);
BEGIN
    RETURN QUERY
        SELECT 'event', e.id FROM casework.event AS e
        WHERE casework.is_ledger_entry(e.kind)
            AND pg_visible_in_snapshot(e.transaction, v_done)
            AND NOT EXISTS (SELECT 1 FROM entry AS n WHERE n.source = 'event' AND n.source_id = e.id)
        UNION ALL
        SELECT 'disclosure', d.number FROM safeguarding.disclosure AS d
        WHERE pg_visible_in_snapshot(d.transaction, v_done)
            AND NOT EXISTS (SELECT 1 FROM entry AS n WHERE n.source = 'disclosure' AND n.source_id = d.number)
        LIMIT p_limit;
END
$$;

--
-- Name: tile_hashes(smallint, bigint); Type: FUNCTION; Schema: ledger; Owner: -
--

CREATE FUNCTION ledger.tile_hashes(p_level smallint, p_number bigint) RETURNS bytea
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'ledger', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_hashes bytea;
BEGIN
    SELECT t.hashes INTO v_hashes FROM tile AS t WHERE t.level = p_level AND t.number = p_number;
    IF FOUND THEN
        RETURN v_hashes;
    ELSIF p_level = 0 THEN
        SELECT string_agg(sha256('\x00'::bytea || n.commitment), '' ORDER BY n.position) INTO v_hashes FROM entry AS n
        WHERE n.position >= p_number * 256 AND n.position < (p_number + 1) * 256;
    ELSE
        SELECT string_agg(t.root, '' ORDER BY t.number) INTO v_hashes FROM tile AS t
        WHERE t.level = p_level - 1 AND t.number >= p_number * 256 AND t.number < (p_number + 1) * 256;
    END IF;
    RETURN coalesce(v_hashes, '');
END
$$;

--
-- Name: accept(text, text, bytea, jsonb); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.accept(p_lease text, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN door.partner_answer(
        p_lease, 'accepted', NULL, NULL, NULL, door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

--
-- Name: bell(); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.bell() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
BEGIN
    RETURN (SELECT l.channel FROM door.agency_login AS l WHERE l.agency_id = v_agency.id);
END
$$;

--
-- Name: complete(text, text, text, text, bytea, jsonb); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.complete(p_referral text, p_outcome text, p_status text DEFAULT 'completed'::text, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF (p_status IN ('completed', 'failed', 'no_show')) IS NOT TRUE OR p_outcome IS NULL THEN
        RETURN 'unknown_word';
    END IF;
    RETURN door.partner_report(p_referral, p_status, p_outcome, door.sent(p_text_key, p_text, p_attachments, NULL));
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
-- Name: network_key(); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.network_key() RETURNS TABLE(key_id text, public_key bytea, valid_from timestamp with time zone, signature bytea, agency_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
BEGIN
    RETURN QUERY
        SELECT k.id, k.public_key, k.valid_from, k.signature, v_agency.id FROM safeguarding.network_keys_in_use() AS k LIMIT 1;
END
$$;

--
-- Name: object(text, text, text, text, bytea, jsonb); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.object(p_lease text, p_reason text, p_suggested_kind text DEFAULT NULL::text, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
    v_from timestamptz;
BEGIN
    SELECT coalesce(r.received_at, r.requested_at) INTO v_from
    FROM casework.agency_referrals(v_agency.id, v_lease.number, NULL, 1) AS r WHERE v_lease.number IS NOT NULL;
    RETURN door.partner_answer(
        p_lease, 'objected', p_reason, p_suggested_kind, door.working_days_after(v_from, 5),
        door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

--
-- Name: progress(text, text, text, bytea, jsonb); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.progress(p_referral text, p_status text DEFAULT 'in_progress'::text, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    IF (p_status IN ('scheduled', 'in_progress', 'on_hold')) IS NOT TRUE THEN
        RETURN 'unknown_word';
    END IF;
    RETURN door.partner_report(p_referral, p_status, NULL, door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

--
-- Name: read_package(uuid); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.read_package(p_disclosure uuid) RETURNS TABLE(referral text, referral_id uuid, agency_id uuid, profile text, fields text[], sealed bytea, checkpoint text)
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
        SELECT p.referral, p.referral_id, v_agency.id, p.profile, p.fields, p.sealed, ledger.latest_checkpoint()
        FROM door.read_package(v_agency.id, p_disclosure) AS p;
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
-- Name: reject(text, text, text, text, bytea, jsonb); Type: FUNCTION; Schema: partner; Owner: -
--

CREATE FUNCTION partner.reject(p_lease text, p_reason text, p_suggested_kind text DEFAULT NULL::text, p_text_key text DEFAULT NULL::text, p_text bytea DEFAULT NULL::bytea, p_attachments jsonb DEFAULT NULL::jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'door', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN door.partner_answer(
        p_lease, 'rejected', p_reason, p_suggested_kind, NULL, door.sent(p_text_key, p_text, p_attachments, NULL));
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
BEGIN
    SELECT * INTO result, disclosure FROM door.request_package(
        v_agency.id, v_lease.number, v_lease.alias, v_agency.code || ' ' || v_lease.alias::text);
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
-- Name: add_trace(jsonb, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.add_trace(p_args jsonb, p_traceparent text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT CASE
        WHEN p_args ? 'traceparent' OR jsonb_typeof(p_args) <> 'object'
            OR p_traceparent !~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' THEN p_args
        ELSE p_args || jsonb_build_object('traceparent', p_traceparent) END
$_$;

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
        v_top := pg_sequence_last_value('job_position');
        PERFORM advance_lanes(p_queue, v_top);
    END IF;
END
$$;

--
-- Name: FUNCTION advance(p_queue text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.advance(p_queue text) IS 'Moves the low water of a queue''s lanes up. A hint for claimers without positions; harmless at any time.';

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
    v_lane record;
    v_first bigint;
BEGIN
    FOR v_lane IN
        SELECT p::smallint AS priority, known.low, known.mark_position, known.mark_transaction, known.advanced_at
        FROM generate_series(0, 9) AS p LEFT JOIN LATERAL (
            SELECT l.low, l.mark_position, l.mark_transaction, l.advanced_at FROM lane AS l
            WHERE l.queue = p_queue AND l.priority = p ORDER BY l.zero DESC LIMIT 1
        ) AS known ON true
        WHERE CASE WHEN known.low IS NULL
            THEN EXISTS (SELECT 1 FROM job_ready AS j WHERE j.queue = p_queue AND j.priority = p)
            ELSE known.advanced_at <= clock_timestamp() - interval '1 second'
                AND known.mark_transaction <= pg_snapshot_xmin(pg_current_snapshot()) END
    LOOP
        IF v_lane.low IS NULL THEN
            INSERT INTO lane (queue, priority, low, mark_position, mark_transaction, advanced_at)
            VALUES (p_queue, v_lane.priority, 0, p_top, pg_current_xact_id(), clock_timestamp()) ON CONFLICT DO NOTHING;
            CONTINUE;
        END IF;
        -- A job that another is just claiming is still seen as available here, and may be so again.
        SELECT j.position INTO v_first FROM job_ready AS j
        WHERE j.queue = p_queue AND j.priority = v_lane.priority AND j.position > v_lane.low
            AND j.position <= v_lane.mark_position AND j.state = 'available'
        ORDER BY j.position LIMIT 1;
        -- A lane that is hardly used is left for a minute: each version of its row outlives an old snapshot.
        CONTINUE WHEN coalesce(v_first - 1, v_lane.mark_position) < v_lane.low + 1000
            AND p_top < v_lane.mark_position + 1000 AND v_lane.advanced_at > clock_timestamp() - interval '1 minute';
        PERFORM raise_low(p_queue, v_lane.priority, v_lane.mark_transaction, v_first, p_top);
    END LOOP;
END
$$;

--
-- Name: beat(uuid, integer, boolean, interval, boolean, bigint[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.beat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval, p_stands boolean DEFAULT false, p_over bigint[] DEFAULT NULL::bigint[]) RETURNS TABLE(cancelled bigint[], waiting text[], limited text[], leads boolean, share_version bigint)
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
    v_queues text[];
    v_is_behind boolean;
    v_leader uuid;
    v_term timestamptz;
    v_top bigint;
BEGIN
    -- Before this transaction has its number.
    IF pg_current_xact_id_if_assigned() IS NULL AND current_setting('transaction_isolation') = 'read committed' THEN
        v_top := pg_sequence_last_value('job_position');
    END IF;
    WITH beaten AS (
        UPDATE worker SET seen_at = clock_timestamp(), expires_at = clock_timestamp() + p_alive_for,
            running = p_running, draining = p_draining
        WHERE ctid = (
            SELECT w.ctid FROM worker AS w WHERE w.id = p_id ORDER BY w.zero DESC LIMIT 1 FOR NO KEY UPDATE)
        RETURNING worker.queues
    ), few AS (
        SELECT b.queues FROM beaten AS b WHERE cardinality(b.queues) <= 50
    )
    SELECT b.queues, seen.queues, seen.is_behind,
        ARRAY(
            SELECT j.id FROM job_ready AS j
            WHERE j.cancel_requested_at IS NOT NULL AND j.worker_id = p_id AND j.state = 'running'),
        ARRAY(
            SELECT q FROM few CROSS JOIN unnest(few.queues) AS q
            WHERE (SELECT true FROM queue_limit AS l WHERE l.queue = q ORDER BY l.zero DESC LIMIT 1)),
        (SELECT s.version FROM share_version AS s),
        lead.holder, lead.expires_at
    INTO v_queues, waiting, v_is_behind, cancelled, limited, share_version, v_leader, v_term
    FROM beaten AS b
    -- As in waiting_queues, which see.
    CROSS JOIN LATERAL (
        SELECT array_agg(DISTINCT q) AS queues, bool_or(first.position > known.low + 1000) AS is_behind
        FROM few CROSS JOIN unnest(few.queues) AS q CROSS JOIN generate_series(0, 9) AS p
        LEFT JOIN LATERAL (
            SELECT l.low FROM lane AS l WHERE l.queue = q AND l.priority = p ORDER BY l.zero DESC LIMIT 1
        ) AS known ON true
        CROSS JOIN LATERAL (
            SELECT j.position FROM job_ready AS j
            WHERE j.queue = q AND j.priority = p AND j.position > coalesce(known.low, 0) AND j.state = 'available'
            ORDER BY j.position LIMIT 1
        ) AS first
        WHERE NOT p_draining
    ) AS seen
    LEFT JOIN leader AS lead ON lead.name = 'job_maintenance';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the worker is not registered or was given up' USING ERRCODE = 'DQ003';
    END IF;
    IF p_over IS NOT NULL THEN
        DELETE FROM worker_claim AS c WHERE c.worker_id = p_id AND c.number = ANY (p_over);
    END IF;
    IF NOT p_draining AND (cardinality(v_queues) > 50 OR v_is_behind AND v_top IS NOT NULL) THEN
        waiting := ARRAY(SELECT q FROM waiting_queues(v_queues, v_top) AS q);
    END IF;
    waiting := coalesce(waiting, '{}');
    IF cardinality(v_queues) > 50 THEN
        limited := ARRAY(
            WITH RECURSIVE walk (queue) AS (
                (SELECT l.queue FROM queue_limit AS l ORDER BY l.queue DESC, l.zero DESC LIMIT 1)
                UNION ALL
                SELECT (
                    SELECT l.queue FROM queue_limit AS l WHERE l.queue < w.queue
                    ORDER BY l.queue DESC, l.zero DESC LIMIT 1)
                FROM walk AS w WHERE w.queue IS NOT NULL
            )
            SELECT w.queue FROM walk AS w WHERE w.queue IS NOT NULL);
    END IF;
    leads := false;
    IF p_stands THEN
        -- The row is written when the term is half over or over, not by every candidate's every beat.
        IF v_leader = p_id AND v_term > clock_timestamp() + interval '5 seconds' THEN
            leads := true;
        ELSIF v_leader IS NULL OR v_leader = p_id OR v_term < clock_timestamp() THEN
            leads := elect('job_maintenance', p_id, interval '10 seconds') IS NOT NULL;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

--
-- Name: FUNCTION beat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval, p_stands boolean, p_over bigint[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.beat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval, p_stands boolean, p_over bigint[]) IS 'Says that a worker lives, and tells it in one answer which of its jobs somebody wants cancelled, which of its queues have jobs that wait, and whether it leads. p_over: its claims that are over, by the lowest number of their leases. DQ003: it was given up and must stop its work and register under a new id.';

--
-- Name: before_claim(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.before_claim(p_queue text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    SELECT pg_advisory_xact_lock_shared(1903519093, hashtext(p_queue))
$$;

--
-- Name: FUNCTION before_claim(p_queue text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.before_claim(p_queue text) IS 'First in a transaction that completes jobs of a limited queue and then claims from the queue named: the claim finds the permits that the completions give back.';

--
-- Name: bell_key(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.bell_key() RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    SELECT secret FROM bell_secret
$$;

--
-- Name: FUNCTION bell_key(); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.bell_key() IS 'The 32 bytes that open what queue_ready says: 48 hexadecimal digits are 16 bytes of salt and 8 that name the queue. XOR them with the first 8 of SHA-256(key, salt), and they are the first 8 of the SHA-256 of its name.';

--
-- Name: bell_payload(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.bell_payload(p_queue text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT encode(t.salt, 'hex') || encode(int8send(
        ('x' || encode(substr(sha256(convert_to(p_queue, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
        # ('x' || encode(substr(sha256(s.secret || t.salt), 1, 8), 'hex'))::bit(64)::bigint), 'hex')
    FROM queue.bell_secret AS s CROSS JOIN LATERAL (
        SELECT substr(sha256(s.secret || convert_to(
            format('salt %s %s %s', pg_backend_pid(), extract(epoch FROM transaction_timestamp()), p_queue), 'UTF8')), 1, 16)
    ) AS t (salt)
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
-- Name: FUNCTION cancel(p_alias uuid, p_code text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.cancel(p_alias uuid, p_code text) IS 'Calls a job off by its alias: cancelled, or requested when it runs. DQ002: no such live job.';

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
-- Name: FUNCTION cancel_leased(p_id bigint, p_epoch integer, p_number bigint, p_code text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.cancel_leased(p_id bigint, p_epoch integer, p_number bigint, p_code text) IS 'The holder calls its own job off.';

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
-- Name: FUNCTION cancel_unique(p_kind text, p_unique_key text, p_code text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.cancel_unique(p_kind text, p_unique_key text, p_code text) IS 'Withdraws the live job with the key: cancelled, requested (it runs and is asked to stop) or absent.';

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
-- Name: FUNCTION cancel_waiting(p_kind text, p_unique_key text, p_code text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.cancel_waiting(p_kind text, p_unique_key text, p_code text) IS 'Withdraws the job with the key if it waits and nobody looks at it; never waits for its row.';

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
    v_permits record;
    v_after bigint[];
    v_top bigint;
    v_count integer;
    v_expires_at timestamptz;
BEGIN
    IF (p_worker IS NULL) = (p_lease_for IS NULL) THEN
        RAISE EXCEPTION 'a claim names either a worker or a lease time' USING ERRCODE = 'DQ004';
    END IF;
    IF p_after IS NOT NULL AND (array_ndims(p_after) <> 1 OR cardinality(p_after) <> 10) THEN
        RAISE EXCEPTION 'a claim''s positions are ten' USING ERRCODE = 'DQ004';
    END IF;
    -- A snapshot from before a limit was set, or a queue paused, would see neither.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'jobs are claimed in read committed transactions only' USING ERRCODE = 'DQ004';
    END IF;
    -- Before this transaction gets its number.
    IF pg_current_xact_id_if_assigned() IS NULL THEN
        v_top := pg_sequence_last_value('job_position');
    END IF;
    IF p_worker IS NOT NULL THEN
        -- Held to the commit: a worker that is given up is given up with all its claims.
        SELECT w.expires_at INTO v_expires_at FROM worker AS w WHERE w.id = p_worker
        ORDER BY w.zero DESC LIMIT 1 FOR KEY SHARE;
        IF (v_expires_at > clock_timestamp()) IS NOT TRUE THEN
            RAISE EXCEPTION 'the worker is not registered or was given up' USING ERRCODE = 'DQ003';
        END IF;
    END IF;
    -- Whoever sets a limit waits for the claims under way and holds up the next, so that every claim is counted.
    -- (An expression: what a statement costs is its start. It is never null.)
    v_is_paused := pg_advisory_xact_lock_shared(1903519093, hashtext(p_queue)) IS NULL;
    SELECT
        EXISTS (SELECT 1 FROM paused_queue AS q WHERE q.queue = p_queue),
        (SELECT true FROM queue_limit AS l WHERE l.queue = p_queue ORDER BY l.zero DESC LIMIT 1) IS TRUE,
        ARRAY(
            SELECT CASE WHEN p_after[p + 1] >= 0 THEN p_after[p + 1] ELSE coalesce((
                SELECT l.low FROM lane AS l WHERE l.queue = p_queue AND l.priority = p ORDER BY l.zero DESC LIMIT 1), 0)
            END
            FROM generate_series(0, 9) AS p ORDER BY p)
    INTO v_is_paused, v_is_limited, v_after;
    IF v_is_paused THEN
        RETURN;
    END IF;
    IF v_is_limited THEN
        SELECT t.* INTO v_permits FROM take_permits(p_queue, p_limit) AS t;
        v_limit := v_permits.allowed;
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
    IF v_is_limited THEN
        PERFORM use_permits(p_queue, v_count, v_permits.tokens, v_permits.refilled_at);
    END IF;
    IF random() * 500 < v_count AND v_top IS NOT NULL AND current_setting('queue.keeps_marks', true) IS DISTINCT FROM 'on'
    THEN
        PERFORM advance_lanes(p_queue, v_top);
    END IF;
END
$$;

--
-- Name: FUNCTION claim(p_queue text, p_limit integer, p_worker uuid, p_lease_for interval, p_holder text, p_after bigint[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.claim(p_queue text, p_limit integer, p_worker uuid, p_lease_for interval, p_holder text, p_after bigint[]) IS 'Leases up to p_limit available jobs of a queue, priority 0 first and the others by age: to a worker (p_worker), as long as it beats, or to p_holder for p_lease_for. p_after: ten positions, for priorities 0 to 9, after which to look (those a claimer remembers); null, or a negative one, looks from the lanes'' low water. Pauses and limits apply.';

--
-- Name: clear_limit(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.clear_limit(p_queue text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
DECLARE
    v_running bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(1903519093, hashtext(p_queue));
    DELETE FROM queue_limit WHERE queue = p_queue RETURNING running INTO v_running;
    -- The permits stay with their jobs: a limit that is set again finds them counted.
    IF v_running <> 0 THEN
        INSERT INTO permit (queue, change) VALUES (p_queue, v_running);
    END IF;
END
$$;

--
-- Name: FUNCTION clear_limit(p_queue text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.clear_limit(p_queue text) IS 'Takes a queue''s limit away.';

--
-- Name: clear_share(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.clear_share(p_queue text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM queue_share WHERE queue = p_queue;
    UPDATE share_version SET version = version + 1;
END
$$;

--
-- Name: FUNCTION clear_share(p_queue text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.clear_share(p_queue text) IS 'Lets a queue share slots as usual: weight 1, no group, no minimum.';

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
-- Name: FUNCTION compact_claims(p_worker uuid, p_after bigint); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.compact_claims(p_worker uuid, p_after bigint) IS 'Folds a worker''s list of claims into one row. p_after is what the last call returned, or null now and then.';

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
-- Name: FUNCTION complete(p_id bigint, p_epoch integer, p_number bigint); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.complete(p_id bigint, p_epoch integer, p_number bigint) IS 'The work is done. In the transaction that makes the effect, both commit or neither.';

--
-- Name: complete_all(bigint[], integer[], bigint[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.complete_all(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    IF (SELECT count(*) FROM complete_many(p_ids, p_epochs, p_numbers)) < cardinality(p_ids) THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'DQ001';
    END IF;
END
$$;

--
-- Name: FUNCTION complete_all(p_ids bigint[], p_epochs integer[], p_numbers bigint[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.complete_all(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) IS 'Completes a batch that is held, all of it or none: DQ001 when one had lost its lease.';

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
    v_done bigint[];
    v_keyed bigint[];
    v_kinds text[];
    v_keys text[];
    v_queues text[];
BEGIN
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
    )
    SELECT array_agg(g.id), array_agg(g.id) FILTER (WHERE g.unique_key IS NOT NULL),
        array_agg(g.kind) FILTER (WHERE g.unique_key IS NOT NULL),
        array_agg(g.unique_key) FILTER (WHERE g.unique_key IS NOT NULL),
        array_agg(g.queue) FILTER (WHERE g.has_permit)
    INTO v_done, v_keyed, v_kinds, v_keys, v_queues FROM gone AS g;
    -- Most batches have neither.
    IF v_keyed IS NOT NULL THEN
        DELETE FROM unique_job AS u USING unnest(v_kinds, v_keys, v_keyed) AS k (kind, unique_key, job_id)
        WHERE u.kind = k.kind AND u.unique_key = k.unique_key AND u.job_id = k.job_id;
    END IF;
    IF v_queues IS NOT NULL THEN
        INSERT INTO permit (queue, change) SELECT q, -count(*) FROM unnest(v_queues) AS q GROUP BY q;
    END IF;
    RETURN QUERY SELECT unnest(v_done);
END
$$;

--
-- Name: FUNCTION complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) IS 'Completes a batch. Returns the jobs that were; one that is missing had lost its lease.';

--
-- Name: complete_with(bigint, integer, bigint, text, bytea); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.complete_with(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_outcome bytea DEFAULT NULL::bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    PERFORM require_report(p_code, p_outcome);
    PERFORM with_lease(p_id, p_epoch, p_number);
    PERFORM finish(p_id, 'completed', p_code, NULL, p_outcome);
END
$$;

--
-- Name: FUNCTION complete_with(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_outcome bytea); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.complete_with(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_outcome bytea) IS 'The same, leaving a code and at most 1024 bytes in the history.';

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
-- Name: FUNCTION deregister_worker(p_id uuid); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.deregister_worker(p_id uuid) IS 'Takes a worker out of the register; the leader takes its leases back.';

--
-- Name: discard(bigint, integer, bigint, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.discard(p_id bigint, p_epoch integer, p_number bigint, p_code text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_errors jsonb;
BEGIN
    PERFORM with_lease(p_id, p_epoch, p_number);
    SELECT add_error(j.errors, j.attempt, p_code) INTO v_errors FROM job_ready AS j WHERE j.id = p_id;
    PERFORM finish(p_id, 'discarded', p_code, v_errors);
END
$$;

--
-- Name: FUNCTION discard(p_id bigint, p_epoch integer, p_number bigint, p_code text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.discard(p_id bigint, p_epoch integer, p_number bigint, p_code text) IS 'Gives a leased job up for good: a dead letter.';

--
-- Name: drop_kept(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.drop_kept() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET lock_timeout TO '100ms'
    AS $_$
DECLARE
    v_name text;
    v_dropped integer := 0;
BEGIN
    FOR v_name IN
        SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'queue.job_kept'::regclass AND c.relname ~ '^job_kept_[0-9]{6}$'
            AND (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC' < clock_timestamp()
    LOOP
        EXECUTE format('DROP TABLE queue.%I', v_name);
        v_dropped := v_dropped + 1;
    END LOOP;
    RETURN v_dropped;
END
$_$;

--
-- Name: due_periodic(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.due_periodic() RETURNS TABLE(name text, schedule text, catch_up text, dealt_until timestamp with time zone, now timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY SELECT p.name::text, p.schedule, p.catch_up::text, p.dealt_until, v_now FROM periodic AS p
    WHERE p.paused_at IS NULL AND (p.next_at IS NULL OR p.next_at <= v_now) ORDER BY p.name;
END
$$;

--
-- Name: FUNCTION due_periodic(); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.due_periodic() IS 'The schedules whose next time has come or is not known, with the database''s clock.';

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
-- Name: FUNCTION elect(p_name text, p_holder uuid, p_for interval); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.elect(p_name text, p_holder uuid, p_for interval) IS 'Stands for election or stays the leader for p_for. Returns the term, and no row when another leads.';

--
-- Name: enqueue(text, text, jsonb, integer, timestamp with time zone, integer, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer DEFAULT 4, p_scheduled_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_max_attempts integer DEFAULT 25, p_unique_key text DEFAULT NULL::text, OUT id bigint, OUT alias uuid, OUT inserted boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
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
    IF current_setting('queue.traceparent', true) <> '' THEN
        p_args := add_trace(p_args, current_setting('queue.traceparent', true));
    END IF;
    IF p_unique_key IS NULL AND p_scheduled_at IS NULL THEN
        INSERT INTO job_ready (queue, kind, args, priority, state, max_attempts)
        VALUES (p_queue, p_kind, p_args, p_priority, 'available', p_max_attempts)
        RETURNING job_ready.id, job_ready.alias, true INTO id, alias, inserted;
        RETURN;
    END IF;
    IF p_unique_key IS NULL THEN
        v_id := nextval('queue.job_id');
        v_alias := new_alias();
    ELSE
        SELECT k.id, k.alias, k.inserted INTO v_id, v_alias, inserted FROM take_key(p_kind, p_unique_key) AS k;
    END IF;
    id := v_id;
    alias := v_alias;
    IF NOT inserted THEN
        RETURN;
    END IF;
    inserted := true;
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
END
$$;

--
-- Name: FUNCTION enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean) IS 'Makes a job in the caller''s transaction. p_args is a JSON object of ids, with the keys version (1 when left out) and traceparent (W3C) where they apply. p_priority is 0 (first) to 9. With p_scheduled_at it waits until then. With p_unique_key at most one live job of the kind has that key. Returns the job and whether it is new; the one that holds the key otherwise.';

--
-- Name: enqueue_each(text[], text[], jsonb[], integer[], timestamp with time zone, integer[], text[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.enqueue_each(p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_max_attempts integer[] DEFAULT NULL::integer[], p_unique_keys text[] DEFAULT NULL::text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_count bigint := 0;
    v_alone bigint;
    v_now timestamptz := clock_timestamp();
    v_secret text := gen_random_uuid()::text || gen_random_uuid()::text;
    v_trace text := nullif(current_setting('queue.traceparent', true), '');
    v_prefix text := lpad(to_hex((extract(epoch FROM v_now) * 1000)::bigint), 12, '0');
    v_bad record;
BEGIN
    SELECT j.queue, j.kind, j.priority INTO v_bad
    FROM unnest(p_queues, p_kinds, p_priorities, p_max_attempts) AS j (queue, kind, priority, max_attempts)
    WHERE (length(j.queue) BETWEEN 1 AND 200 AND length(j.kind) BETWEEN 1 AND 200 AND j.priority BETWEEN 0 AND 9
        AND coalesce(j.max_attempts, 25) BETWEEN 1 AND 32767) IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_job(v_bad.queue, v_bad.kind, v_bad.priority);
    END IF;
    IF p_scheduled_at > v_now THEN
        -- Few are: they stand elsewhere, and each goes its own way there.
        SELECT count(*) FILTER (WHERE e.inserted) INTO v_count
        FROM unnest(p_queues, p_kinds, p_args, p_priorities, p_max_attempts, p_unique_keys)
            AS j (queue, kind, args, priority, max_attempts, unique_key)
        CROSS JOIN LATERAL enqueue(j.queue, j.kind, j.args, j.priority, p_scheduled_at, coalesce(j.max_attempts, 25),
            j.unique_key) AS e;
        RETURN v_count;
    END IF;
    PERFORM pg_current_xact_id();  -- Before the positions: see next_position.
    WITH wanted AS MATERIALIZED (
        SELECT nextval('queue.job_id') AS id, (v_prefix || substr(md5(v_secret || j.number), 13))::uuid AS alias, j.queue,
            j.kind, CASE WHEN v_trace IS NULL THEN j.args ELSE add_trace(j.args, v_trace) END AS args, j.priority,
            coalesce(j.max_attempts, 25) AS max_attempts, j.unique_key, j.number
        FROM unnest(p_queues, p_kinds, p_args, p_priorities, p_max_attempts, p_unique_keys)
            WITH ORDINALITY AS j (queue, kind, args, priority, max_attempts, unique_key, number)
    ), taken AS (
        INSERT INTO unique_job (kind, unique_key, job_id, alias)
        SELECT w.kind, w.unique_key, w.id, w.alias FROM wanted AS w WHERE w.unique_key IS NOT NULL
        ON CONFLICT DO NOTHING RETURNING job_id
    ), made AS (
        INSERT INTO job_ready (id, alias, queue, kind, args, priority, state, position, max_attempts, unique_key,
            scheduled_at, created_at)
        SELECT w.id, w.alias, w.queue, w.kind, w.args, w.priority, 'available', nextval('queue.job_position'),
            w.max_attempts, w.unique_key, v_now, v_now
        FROM wanted AS w WHERE w.unique_key IS NULL OR w.id IN (SELECT t.job_id FROM taken AS t)
        RETURNING id
    )
    SELECT count(*) INTO v_count FROM made;
    IF v_count < cardinality(p_queues) THEN
        -- Whose key was there: held by a live job, or by one that is gone, which holds nobody up.
        SELECT count(*) FILTER (WHERE e.inserted) INTO v_alone
        FROM unnest(p_queues, p_kinds, p_args, p_priorities, p_max_attempts, p_unique_keys)
            AS j (queue, kind, args, priority, max_attempts, unique_key)
        CROSS JOIN LATERAL enqueue(j.queue, j.kind, j.args, j.priority, NULL, coalesce(j.max_attempts, 25),
            j.unique_key) AS e
        WHERE j.unique_key IS NOT NULL;
        v_count := v_count + v_alone;
    END IF;
    RETURN v_count;
END
$$;

--
-- Name: FUNCTION enqueue_each(p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamp with time zone, p_max_attempts integer[], p_unique_keys text[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.enqueue_each(p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamp with time zone, p_max_attempts integer[], p_unique_keys text[]) IS 'Makes a job for each element of the arrays, of whatever queues and kinds, as enqueue does for one; one whose unique key a live job holds is left out. Returns how many are new.';

--
-- Name: enqueue_many(text, text, jsonb[], integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer DEFAULT 4) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    v_count bigint;
    v_now timestamptz := clock_timestamp();
    v_secret text := gen_random_uuid()::text || gen_random_uuid()::text;
    v_trace text := nullif(current_setting('queue.traceparent', true), '');
    v_prefix text := lpad(to_hex((extract(epoch FROM v_now) * 1000)::bigint), 12, '0');
BEGIN
    IF (length(p_queue) BETWEEN 1 AND 200 AND length(p_kind) BETWEEN 1 AND 200 AND p_priority BETWEEN 0 AND 9) IS NOT TRUE
    THEN
        PERFORM refuse_job(p_queue, p_kind, p_priority);
    END IF;
    PERFORM pg_current_xact_id();  -- Before the positions: see next_position.
    INSERT INTO job_ready (alias, queue, kind, args, priority, state, position, scheduled_at, created_at)
    SELECT (v_prefix || substr(md5(v_secret || a.number), 13))::uuid, p_queue, p_kind,
        CASE WHEN v_trace IS NULL THEN a.args ELSE add_trace(a.args, v_trace) END, p_priority, 'available',
        nextval('queue.job_position'), v_now, v_now
    FROM unnest(p_args) WITH ORDINALITY AS a (args, number);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

--
-- Name: FUNCTION enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) IS 'Makes a job for each element of p_args, available at once. Returns how many.';

--
-- Name: enqueue_unique(text, text, jsonb, text, text, interval, integer, timestamp with time zone, integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.enqueue_unique(p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text DEFAULT 'live'::text, p_hold interval DEFAULT NULL::interval, p_priority integer DEFAULT 4, p_scheduled_at timestamp with time zone DEFAULT NULL::timestamp with time zone, p_max_attempts integer DEFAULT 25) RETURNS TABLE(id bigint, alias uuid, inserted boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    v_job record;
    v_state text;
    v_tries integer := 0;
BEGIN
    IF p_unique_key IS NULL OR p_scope IS NULL OR p_scope NOT IN ('waiting', 'live')
        OR p_hold <= interval '0' OR (p_hold IS NOT NULL AND p_scope = 'waiting')
    THEN
        RAISE EXCEPTION 'a unique job has a key, a scope (waiting or live) and, with live, a time above zero'
            USING ERRCODE = 'DQ004';
    END IF;
    IF p_hold IS NOT NULL THEN
        LOOP
            -- Whoever comes second waits here for the first one's commit.
            INSERT INTO unique_hold AS h (kind, unique_key, held_until)
            VALUES (p_kind, p_unique_key, clock_timestamp() + p_hold)
            ON CONFLICT (kind, unique_key) DO UPDATE
            SET held_until = excluded.held_until, job_id = NULL, alias = NULL
            WHERE h.held_until <= clock_timestamp();
            EXIT WHEN FOUND;
            SELECT h.job_id, h.alias INTO v_job FROM unique_hold AS h
            WHERE h.kind = p_kind AND h.unique_key = p_unique_key;
            CONTINUE WHEN NOT FOUND;  -- It was forgotten between the two statements.
            -- Work that was called off or given up holds its key against nobody.
            IF NOT EXISTS (SELECT 1 FROM job AS j WHERE j.id = v_job.job_id) AND EXISTS (
                SELECT 1 FROM job_history AS o WHERE o.alias = v_job.alias AND o.state IN ('cancelled', 'discarded'))
            THEN
                DELETE FROM unique_hold AS h
                WHERE h.kind = p_kind AND h.unique_key = p_unique_key AND h.job_id = v_job.job_id;
                CONTINUE;
            END IF;
            RETURN QUERY SELECT v_job.job_id, v_job.alias, false;
            RETURN;
        END LOOP;
    END IF;
    LOOP
        SELECT e.id, e.alias, e.inserted INTO v_job
        FROM enqueue(p_queue, p_kind, p_args, p_priority, p_scheduled_at, p_max_attempts, p_unique_key) AS e;
        EXIT WHEN v_job.inserted OR p_scope = 'live';
        SELECT j.state INTO v_state FROM job AS j WHERE j.id = v_job.id;
        IF v_state <> 'running' THEN
            -- Held to the commit, so that the work cannot begin before it: what this transaction wrote is seen by it.
            BEGIN
                SELECT j.state INTO v_state FROM job AS j WHERE j.id = v_job.id FOR SHARE;
            EXCEPTION WHEN serialization_failure THEN
                v_tries := v_tries + 1;
                IF v_tries = 10 THEN RAISE; END IF;
                CONTINUE;  -- It was just made available, or ended: look again.
            END;
            CONTINUE WHEN NOT FOUND;
            EXIT WHEN v_state <> 'running';
        END IF;
        -- It has begun: the key goes to the job that is now made. The one that runs ends, or waits again, without it.
        DELETE FROM unique_job AS u
        WHERE u.kind = p_kind AND u.unique_key = p_unique_key AND u.job_id = v_job.id;
    END LOOP;
    IF p_hold IS NOT NULL THEN
        UPDATE unique_hold AS h SET job_id = v_job.id, alias = v_job.alias
        WHERE h.kind = p_kind AND h.unique_key = p_unique_key;
    END IF;
    RETURN QUERY SELECT v_job.id, v_job.alias, v_job.inserted;
END
$$;

--
-- Name: FUNCTION enqueue_unique(p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text, p_hold interval, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.enqueue_unique(p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text, p_hold interval, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer) IS 'Makes a job unless its kind has one with the key. p_scope waiting: one that waits (a job that was found waiting does not begin before the caller''s commit); live: one that waits or runs. With live and p_hold the key is held for so long, also when the job is completed by then; a job that was cancelled or discarded frees it. Returns the job and whether it is new.';

--
-- Name: estimate(text, integer, bigint); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.estimate(p_queue text, p_priority integer, p_from bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
DECLARE
    c_sample CONSTANT integer := 64;
    v_end bigint;
    v_froms bigint[] := '{}';
    v_tos bigint[] := '{}';
    v_place integer := 1;
    v_from bigint;
    v_to bigint;
    v_middle bigint;
    v_first record;
    v_last record;
    v_head double precision;
    v_tail double precision;
    v_width bigint;
    v_start bigint;
    v_seen bigint;
    v_sum double precision := 0;
BEGIN
    SELECT furthest INTO v_end FROM probe(p_queue, p_priority, p_from, 9223372036854775807, 1, true);
    IF v_end IS NULL THEN
        RETURN 0;
    END IF;
    FOR i IN 0..15 LOOP
        v_froms := v_froms || (p_from + ((v_end - p_from)::numeric * i / 16)::bigint);
        v_tos := v_tos || (p_from + ((v_end - p_from)::numeric * (i + 1) / 16)::bigint);
    END LOOP;
    -- Breadth first, so that the samples are spent where a stretch is long.
    WHILE v_place <= cardinality(v_froms) LOOP
        v_from := v_froms[v_place];
        v_to := v_tos[v_place];
        v_place := v_place + 1;
        CONTINUE WHEN v_from >= v_to;
        SELECT jobs, furthest INTO v_first FROM probe(p_queue, p_priority, v_from, v_to, c_sample, false);
        IF v_first.jobs < c_sample THEN
            v_sum := v_sum + v_first.jobs;  -- That is all of them.
            CONTINUE;
        END IF;
        SELECT jobs, furthest INTO v_last FROM probe(p_queue, p_priority, v_from, v_to, c_sample, true);
        IF v_last.furthest <= v_first.furthest THEN
            -- The two samples meet: the stretch is hardly longer than they are.
            SELECT jobs INTO v_first FROM probe(p_queue, p_priority, v_from, v_to, 2 * c_sample, false);
            v_sum := v_sum + v_first.jobs;
            CONTINUE;
        END IF;
        v_head := c_sample::double precision / (v_first.furthest - v_from);
        v_tail := c_sample::double precision / (v_to - v_last.furthest + 1);
        IF (v_head > v_tail * 1.25 OR v_tail > v_head * 1.25) AND cardinality(v_froms) < 98 THEN
            v_middle := v_from + (v_to - v_from) / 2;
            v_froms := v_froms || v_from || v_middle;
            v_tos := v_tos || v_middle || v_to;
            CONTINUE;
        END IF;
        -- Windows that do not begin where a job stands: from there on it would always look dense.
        v_width := greatest(least((v_to - v_from) / 4, (2 * c_sample / least(v_head, v_tail))::bigint), 1);
        v_seen := 0;
        FOR i IN 0..3 LOOP
            v_start := v_from + ((v_to - v_from) / 4) * i
                + floor(((v_to - v_from) / 4 - v_width) * mod((v_place * 4 + i) * 0.618034, 1))::bigint;
            SELECT jobs INTO v_first FROM probe(p_queue, p_priority, v_start, v_start + v_width, 8 * c_sample, false);
            v_seen := v_seen + v_first.jobs;
        END LOOP;
        v_sum := v_sum + (v_to - v_from) * (v_seen::double precision / (4 * v_width));
    END LOOP;
    RETURN v_sum::bigint;
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
-- Name: FUNCTION extend(p_id bigint, p_epoch integer, p_number bigint, p_lease_for interval); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.extend(p_id bigint, p_epoch integer, p_number bigint, p_lease_for interval) IS 'Lengthens a lease that has an end of its own, and returns the new end; null for a worker''s.';

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
-- Name: FUNCTION fail(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_retry_after interval); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.fail(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_retry_after interval) IS 'The attempt failed. Returns retryable (again after p_retry_after), discarded (no attempt was left) or cancelled (somebody had asked for that).';

--
-- Name: finish(bigint, text, text, jsonb, bytea); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.finish(p_id bigint, p_state text, p_code text, p_errors jsonb DEFAULT NULL::jsonb, p_outcome bytea DEFAULT NULL::bytea) RETURNS void
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
        finished_at, lease_epoch, lease_number, worker_id, holder, code, errors, progress, outcome)
    VALUES (
        v_job.id, v_job.alias, v_job.queue, v_job.kind, v_job.args, v_job.priority, p_state, v_job.attempt,
        v_job.max_attempts, v_job.unique_key, v_job.created_at, v_job.attempted_at, clock_timestamp(),
        v_job.lease_epoch, v_job.lease_number, v_job.worker_id, v_job.holder, p_code, coalesce(p_errors, v_job.errors),
        CASE WHEN p_state <> 'completed' THEN v_job.progress END, p_outcome);
    IF v_job.unique_key IS NOT NULL THEN
        DELETE FROM unique_job WHERE kind = v_job.kind AND unique_key = v_job.unique_key AND job_id = p_id;
    END IF;
    IF v_job.has_permit THEN
        INSERT INTO permit (queue, change) VALUES (v_job.queue, -1);
    END IF;
END
$$;

--
-- Name: fire_periodic(text, text, timestamp with time zone[], timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.fire_periodic(p_name text, p_schedule text, p_times timestamp with time zone[], p_until timestamp with time zone, p_next_at timestamp with time zone) RETURNS TABLE(queue text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_periodic periodic%ROWTYPE;
    v_time timestamptz;
    v_alias uuid;
    v_fired integer := 0;
BEGIN
    SELECT p.* INTO v_periodic FROM periodic AS p WHERE p.name = p_name FOR UPDATE;
    IF NOT FOUND OR v_periodic.schedule <> p_schedule OR v_periodic.paused_at IS NOT NULL THEN
        RETURN;
    END IF;
    FOR v_time IN SELECT t FROM unnest(p_times) AS t WHERE t > v_periodic.dealt_until ORDER BY t LOOP
        SELECT e.alias INTO v_alias FROM enqueue(
            v_periodic.queue, v_periodic.kind,
            v_periodic.args || jsonb_build_object(
                'nominal_at', to_char(v_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
            v_periodic.priority, NULL, v_periodic.max_attempts,
            'periodic:' || p_name || '@' || extract(epoch FROM v_time)::bigint) AS e;
        v_fired := v_fired + 1;
        RETURN QUERY SELECT v_periodic.queue::text;
    END LOOP;
    UPDATE periodic AS p
    SET dealt_until = greatest(p.dealt_until, p_until), next_at = p_next_at, fired = p.fired + v_fired,
        fired_at = CASE WHEN v_fired > 0 THEN clock_timestamp() ELSE p.fired_at END,
        last_job = coalesce(v_alias, p.last_job)
    WHERE p.name = p_name;
END
$$;

--
-- Name: FUNCTION fire_periodic(p_name text, p_schedule text, p_times timestamp with time zone[], p_until timestamp with time zone, p_next_at timestamp with time zone); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.fire_periodic(p_name text, p_schedule text, p_times timestamp with time zone[], p_until timestamp with time zone, p_next_at timestamp with time zone) IS 'Makes the jobs of these times, says that all up to p_until is dealt with, and when to look again. A time fires once, whoever asks. Returns the queue once for each job.';

--
-- Name: forget_lanes(interval, integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.forget_lanes(p_idle interval, p_limit integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET jit TO 'off'
    AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_idle;
    v_count bigint;
BEGIN
    DELETE FROM lane AS l WHERE l.ctid = ANY (ARRAY(
        SELECT o.ctid FROM lane AS o
        WHERE o.advanced_at < v_before
            AND NOT EXISTS (SELECT 1 FROM job_ready AS j WHERE j.queue = o.queue AND j.priority = o.priority)
        LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

--
-- Name: FUNCTION forget_lanes(p_idle interval, p_limit integer); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.forget_lanes(p_idle interval, p_limit integer) IS 'Forgets up to p_limit lanes without jobs that nobody has used for p_idle. Safe at any time: an unknown lane is looked through from its beginning. Returns how many.';

--
-- Name: forget_unique_holds(integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.forget_unique_holds(p_limit integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_count bigint;
BEGIN
    DELETE FROM unique_hold AS h USING (
        SELECT o.kind, o.unique_key FROM unique_hold AS o WHERE o.held_until <= v_now
        ORDER BY o.held_until LIMIT p_limit FOR UPDATE SKIP LOCKED
    ) AS over
    WHERE h.kind = over.kind AND h.unique_key = over.unique_key;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

--
-- Name: FUNCTION forget_unique_holds(p_limit integer); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.forget_unique_holds(p_limit integer) IS 'Forgets up to p_limit keys whose time is over. Returns how many.';

--
-- Name: health(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.health() RETURNS TABLE(thing text, name text, amount double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET jit TO 'off'
    AS $_$
BEGIN
    -- Rows that are dead and not yet taken away, by table.
    RETURN QUERY SELECT 'dead_rows'::text, s.relname::text, s.n_dead_tup::double precision
        FROM pg_stat_all_tables AS s WHERE s.schemaname = 'queue' AND s.n_dead_tup > 0;
    RETURN QUERY SELECT 'live_rows'::text, s.relname::text, s.n_live_tup::double precision
        FROM pg_stat_all_tables AS s WHERE s.schemaname = 'queue' AND s.n_dead_tup > 0;
    RETURN QUERY SELECT 'table_bytes'::text, s.relname::text, pg_total_relation_size(s.relid)::double precision
        FROM pg_stat_all_tables AS s WHERE s.schemaname = 'queue' AND s.n_dead_tup > 0;
    -- Leases whose end is past and that nobody took back, in seconds of the oldest; workers that are gone likewise.
    RETURN QUERY SELECT 'expired_lease'::text, NULL::text,
        extract(epoch FROM clock_timestamp() - min(j.lease_expires_at))::double precision
        FROM job_ready AS j WHERE j.lease_expires_at < clock_timestamp() AND j.state = 'running' HAVING count(*) > 0;
    RETURN QUERY SELECT 'lost_worker'::text, l.id::text,
        extract(epoch FROM clock_timestamp() - l.lost_at)::double precision FROM lost_worker AS l;
    -- Jobs still leased to workers that have been gone for a while, and hand-overs that a consumer behind a door has held
    -- for over six hours.
    RETURN QUERY SELECT 'orphan_leases'::text, NULL::text, count(*)::double precision FROM (
        SELECT 1 FROM (
            SELECT l.id FROM lost_worker AS l WHERE l.lost_at < clock_timestamp() - interval '15 s'
            UNION SELECT w.id FROM worker AS w WHERE w.expires_at < clock_timestamp() - interval '15 s'
        ) AS gone JOIN worker_claim AS c ON c.worker_id = gone.id CROSS JOIN LATERAL unnest(c.jobs) AS o (id)
        JOIN job_ready AS j ON j.id = o.id AND j.worker_id = gone.id AND j.state = 'running' LIMIT 1000) AS d;
    RETURN QUERY SELECT 'long_leases'::text, NULL::text, count(*)::double precision FROM (
        SELECT 1 FROM job_ready AS j WHERE j.lease_expires_at IS NOT NULL AND j.state = 'running'
            AND j.attempted_at < clock_timestamp() - interval '6 hours' LIMIT 1000) AS d;
    RETURN QUERY SELECT 'silent_worker'::text, w.name,
        extract(epoch FROM clock_timestamp() - w.seen_at)::double precision
        FROM worker AS w WHERE w.expires_at < clock_timestamp();
    -- Deferred jobs that are due and not yet available, in seconds of the first.
    RETURN QUERY SELECT 'overdue_job'::text, NULL::text, v.late FROM (
        SELECT extract(epoch FROM clock_timestamp() - min(j.scheduled_at))::double precision AS late
        FROM job_deferred AS j) AS v WHERE v.late > 0;
    RETURN QUERY SELECT 'leaders'::text, NULL::text, count(*)::double precision
        FROM leader AS l WHERE l.expires_at > clock_timestamp();
    RETURN QUERY SELECT 'dead_letters'::text, NULL::text, count(*)::double precision FROM (
        SELECT 1 FROM job_history AS h WHERE h.state = 'discarded' LIMIT 1000) AS d;
    -- History that found no partition, and months ahead that have one.
    RETURN QUERY SELECT 'default_history'::text, NULL::text, count(*)::double precision FROM (
        SELECT 1 FROM job_history_rest LIMIT 1000) AS d;
    RETURN QUERY SELECT 'history_ahead'::text, NULL::text, count(*)::double precision
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'queue.job_history'::regclass AND c.relname ~ '^job_history_[0-9]{6}$'
            AND to_date(right(c.relname, 6), 'YYYYMM') AT TIME ZONE 'UTC' > clock_timestamp();
    -- Lanes whose low water has not moved although the queue is worked: an old transaction that writes.
    RETURN QUERY SELECT 'held_lane'::text, l.queue::text,
        extract(epoch FROM clock_timestamp() - l.advanced_at)::double precision
        FROM lane AS l WHERE l.mark_transaction > pg_snapshot_xmin(pg_current_snapshot())
            AND l.advanced_at < clock_timestamp() - interval '60 s';
    -- Schedules: how late the next time is, and how far ahead of the clock one has fired.
    RETURN QUERY SELECT 'late_schedule'::text, p.name::text,
        extract(epoch FROM clock_timestamp() - coalesce(p.next_at, p.set_at))::double precision
        FROM periodic AS p WHERE p.paused_at IS NULL AND coalesce(p.next_at, p.set_at) < clock_timestamp();
    RETURN QUERY SELECT 'schedule_ahead'::text, p.name::text,
        extract(epoch FROM p.dealt_until - clock_timestamp())::double precision
        FROM periodic AS p WHERE p.dealt_until > clock_timestamp() + interval '60 s';
END
$_$;

--
-- Name: FUNCTION health(); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.health() IS 'What the doctor looks at: a row per thing, with a number and, where there is one, a name.';

--
-- Name: hold_many(bigint[], integer[], bigint[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.hold_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) RETURNS SETOF bigint
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
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        SELECT j.id FROM unnest(p_ids, p_epochs, p_numbers) AS w (id, epoch, number) JOIN job_ready AS j ON j.id = w.id
        WHERE w.epoch = v_epoch AND j.state = 'running' AND j.lease_epoch = w.epoch AND j.lease_number = w.number
            AND (j.lease_expires_at IS NULL OR j.lease_expires_at > v_now)
        ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED;
END
$$;

--
-- Name: FUNCTION hold_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.hold_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) IS 'Holds a batch to the end of the transaction, and waits for none: returns the jobs whose lease is still this one and whose row nobody else has under lock.';

--
-- Name: keep_history(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.keep_history(p_table text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
DECLARE
    v_month timestamptz;
    v_count bigint;
BEGIN
    FOR v_month IN EXECUTE format(
        'SELECT DISTINCT date_trunc(''month'', h.finished_at + r.keep, ''UTC'')
         FROM queue.%I AS h JOIN queue.kind_retention AS r ON r.kind = h.kind
         WHERE h.finished_at + r.keep > clock_timestamp()', p_table)
    LOOP
        IF to_regclass('queue.job_kept_' || to_char(v_month AT TIME ZONE 'UTC', 'YYYYMM')) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE queue.%I PARTITION OF queue.job_kept FOR VALUES FROM (%L) TO (%L)',
                'job_kept_' || to_char(v_month AT TIME ZONE 'UTC', 'YYYYMM'), v_month,
                date_trunc('month', v_month + interval '32 days', 'UTC'));
        END IF;
    END LOOP;
    EXECUTE format(
        'INSERT INTO queue.job_kept SELECT h.*, h.finished_at + r.keep
         FROM queue.%I AS h JOIN queue.kind_retention AS r ON r.kind = h.kind
         WHERE h.finished_at + r.keep > clock_timestamp()', p_table);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
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
-- Name: FUNCTION lease_by_alias(p_alias uuid, p_holder text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.lease_by_alias(p_alias uuid, p_holder text) IS 'The job that p_holder has under this lease alias, held to the end of the transaction. DQ001: unknown, another''s or over.';

--
-- Name: leases_by_alias(uuid[], text[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.leases_by_alias(p_aliases uuid[], p_holders text[]) RETURNS TABLE(place bigint, id bigint, args jsonb, lease_epoch integer, lease_number bigint)
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
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        SELECT w.place, j.id, j.args, j.lease_epoch, j.lease_number
        FROM unnest(p_aliases, p_holders) WITH ORDINALITY AS w (alias, holder, place)
        JOIN job_ready AS j ON j.lease_alias = w.alias
        WHERE j.holder = w.holder AND j.state = 'running' AND j.lease_epoch = v_epoch AND j.lease_expires_at > v_now
        FOR NO KEY UPDATE OF j SKIP LOCKED;
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
-- Name: FUNCTION lock_unique(p_kind text, p_unique_key text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.lock_unique(p_kind text, p_unique_key text) IS 'Holds the live job with the key to the end of the transaction, to keep an order of locks.';

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
        -- Locked first, so that nothing ends there after what is to be kept was moved.
        EXECUTE format('LOCK TABLE queue.%I IN ACCESS EXCLUSIVE MODE', v_old.relname);
        PERFORM keep_history(v_old.relname);
        EXECUTE format('DROP TABLE queue.%I', v_old.relname);
        v_dropped := v_dropped + 1;
    END LOOP;
    RETURN v_dropped + drop_kept();
END
$_$;

--
-- Name: FUNCTION maintain_history(p_keep interval); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.maintain_history(p_keep interval) IS 'Makes the history''s partitions for this month and the next two, and drops those that ended before p_keep, moving out what is kept longer. Returns how many tables were dropped.';

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
-- Name: FUNCTION next_due(); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.next_due() IS 'When the next deferred job is due.';

--
-- Name: next_permit(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.next_permit(p_queue text) RETURNS double precision
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    SELECT greatest(0, (1 - least(
        l.burst, l.tokens + l.rate * extract(epoch FROM clock_timestamp() - l.refilled_at)::double precision)) / l.rate)
    FROM (SELECT q.* FROM queue_limit AS q WHERE q.queue = p_queue ORDER BY q.zero DESC LIMIT 1) AS l
    WHERE l.rate > 0
$$;

--
-- Name: FUNCTION next_permit(p_queue text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.next_permit(p_queue text) IS 'How many seconds until a claim on a queue whose bucket is empty may have a job; null when there is no rate.';

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
-- Name: FUNCTION pause(p_queue text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.pause(p_queue text) IS 'Lets nobody claim from a queue.';

--
-- Name: pause_periodic(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.pause_periodic(p_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    UPDATE periodic SET paused_at = coalesce(paused_at, clock_timestamp()), paused_by = coalesce(paused_by, session_user)
    WHERE name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such schedule' USING ERRCODE = 'DQ002';
    END IF;
END
$$;

--
-- Name: FUNCTION pause_periodic(p_name text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.pause_periodic(p_name text) IS 'Lets a schedule make no jobs. DQ002: unknown.';

--
-- Name: primary_epoch(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.primary_epoch() RETURNS integer
    LANGUAGE sql
    AS $$
    SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer
$$;

--
-- Name: FUNCTION primary_epoch(); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.primary_epoch() IS 'The primary''s timeline: the first half of every fencing token. It grows with each promotion.';

--
-- Name: probe(text, integer, bigint, bigint, integer, boolean); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.probe(p_queue text, p_priority integer, p_from bigint, p_to bigint, p_limit integer, p_last boolean, OUT jobs bigint, OUT furthest bigint) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    IF p_priority IS NULL AND NOT p_last THEN
        SELECT count(*), max(s.id) INTO jobs, furthest FROM (
            SELECT j.id FROM job_deferred AS j WHERE j.queue = p_queue AND j.id > p_from AND j.id <= p_to
            ORDER BY j.id LIMIT p_limit) AS s;
    ELSIF p_priority IS NULL THEN
        SELECT count(*), min(s.id) INTO jobs, furthest FROM (
            SELECT j.id FROM job_deferred AS j WHERE j.queue = p_queue AND j.id > p_from AND j.id <= p_to
            ORDER BY j.id DESC LIMIT p_limit) AS s;
    ELSIF NOT p_last THEN
        SELECT count(*), max(s.position) INTO jobs, furthest FROM (
            SELECT j.position FROM job_ready AS j
            WHERE j.queue = p_queue AND j.priority = p_priority AND j.position > p_from AND j.position <= p_to
                AND j.state = 'available'
            ORDER BY j.position LIMIT p_limit) AS s;
    ELSE
        SELECT count(*), min(s.position) INTO jobs, furthest FROM (
            SELECT j.position FROM job_ready AS j
            WHERE j.queue = p_queue AND j.priority = p_priority AND j.position > p_from AND j.position <= p_to
                AND j.state = 'available'
            ORDER BY j.position DESC LIMIT p_limit) AS s;
    END IF;
END
$$;

--
-- Name: progress(bigint, integer, bigint, bigint, bigint, text, bytea); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.progress(p_id bigint, p_epoch integer, p_number bigint, p_done bigint DEFAULT NULL::bigint, p_total bigint DEFAULT NULL::bigint, p_code text DEFAULT NULL::text, p_detail bytea DEFAULT NULL::bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_cancel boolean;
BEGIN
    PERFORM require_report(p_code, p_detail);
    IF p_done < 0 OR p_total < p_done OR p_total < 0 THEN
        RAISE EXCEPTION 'progress counts from zero to its total' USING ERRCODE = 'DQ004';
    END IF;
    PERFORM with_lease(p_id, p_epoch, p_number);
    UPDATE job_ready
    SET progress = jsonb_strip_nulls(jsonb_build_object(
        'done', p_done, 'total', p_total, 'code', p_code, 'detail', encode(p_detail, 'base64'),
        'at', clock_timestamp()))
    WHERE id = p_id RETURNING cancel_requested_at IS NOT NULL INTO v_cancel;
    RETURN v_cancel;
END
$$;

--
-- Name: FUNCTION progress(p_id bigint, p_epoch integer, p_number bigint, p_done bigint, p_total bigint, p_code text, p_detail bytea); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.progress(p_id bigint, p_epoch integer, p_number bigint, p_done bigint, p_total bigint, p_code text, p_detail bytea) IS 'Says how far a leased job has come: numbers, a code of 1 to 64 of a-z 0-9 _ . : -, at most 1024 bytes. Replaces the last report. Returns whether somebody wants the job cancelled.';

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
-- Name: FUNCTION promote_due(p_limit integer); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.promote_due(p_limit integer) IS 'Makes up to p_limit due jobs available. Returns their number by queue.';

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
-- Name: put_periodic(text, text, text, text, text, jsonb, integer, integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.put_periodic(p_name text, p_schedule text, p_catch_up text, p_queue text, p_kind text, p_args jsonb, p_priority integer DEFAULT 4, p_max_attempts integer DEFAULT 25) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO periodic AS p (name, schedule, catch_up, queue, kind, args, priority, max_attempts)
    VALUES (p_name, p_schedule, p_catch_up, p_queue, p_kind, p_args, p_priority, p_max_attempts)
    ON CONFLICT (name) DO UPDATE
    SET schedule = excluded.schedule, catch_up = excluded.catch_up, queue = excluded.queue, kind = excluded.kind,
        args = excluded.args, priority = excluded.priority, max_attempts = excluded.max_attempts,
        next_at = CASE WHEN p.schedule = excluded.schedule THEN p.next_at END, set_at = clock_timestamp()
    WHERE (p.schedule, p.catch_up, p.queue, p.kind, p.args, p.priority, p.max_attempts) IS DISTINCT FROM
        (excluded.schedule, excluded.catch_up, excluded.queue, excluded.kind, excluded.args, excluded.priority,
         excluded.max_attempts);
    RETURN FOUND;
END
$$;

--
-- Name: FUNCTION put_periodic(p_name text, p_schedule text, p_catch_up text, p_queue text, p_kind text, p_args jsonb, p_priority integer, p_max_attempts integer); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.put_periodic(p_name text, p_schedule text, p_catch_up text, p_queue text, p_kind text, p_args jsonb, p_priority integer, p_max_attempts integer) IS 'Makes a schedule known or changes it: p_schedule as Schedule in JobTypes reads it, p_catch_up is skip, one or all N. Returns whether anything changed.';

--
-- Name: queue_names(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.queue_names() RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_known text[];
    v_found text[] := '{}';
    v_after text COLLATE "C" := '';
    v_before text COLLATE "C";
    v_name text COLLATE "C";
BEGIN
    SELECT array_agg(DISTINCT n.name ORDER BY n.name) INTO v_known FROM (
        SELECT l.queue FROM lane AS l
        UNION ALL SELECT q FROM worker AS w, unnest(w.queues) AS q
        UNION ALL SELECT p.queue FROM paused_queue AS p
        UNION ALL SELECT l.queue FROM queue_limit AS l
    ) AS n (name);
    FOREACH v_before IN ARRAY coalesce(v_known, '{}') || NULL::text LOOP
        LOOP
            SELECT j.queue INTO v_name FROM job_ready AS j
            WHERE j.queue > v_after AND j.queue < coalesce(v_before, chr(1114111)) ORDER BY j.queue LIMIT 1;
            EXIT WHEN NOT FOUND;
            v_found := v_found || v_name;
            v_after := v_name;
        END LOOP;
        v_after := v_before;
    END LOOP;
    v_after := '';
    LOOP
        SELECT j.queue INTO v_name FROM job_deferred AS j WHERE j.queue > v_after ORDER BY j.queue LIMIT 1;
        EXIT WHEN NOT FOUND;
        v_found := v_found || v_name;
        v_after := v_name;
    END LOOP;
    RETURN ARRAY(SELECT DISTINCT n COLLATE "C" FROM unnest(v_known || v_found) AS n ORDER BY 1);
END
$$;

--
-- Name: raise_low(text, integer, xid8, bigint, bigint); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.raise_low(p_queue text, p_priority integer, p_mark xid8, p_first bigint, p_top bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    AS $$
    UPDATE lane
    SET low = greatest(low, least(p_first - 1, mark_position)), mark_position = p_top,
        mark_transaction = pg_current_xact_id(), advanced_at = clock_timestamp()
    WHERE ctid = (
        SELECT l.ctid FROM lane AS l WHERE l.queue = p_queue AND l.priority = p_priority
        ORDER BY l.zero DESC LIMIT 1 FOR UPDATE SKIP LOCKED) AND mark_transaction = p_mark
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
-- Name: FUNCTION register_worker(p_id uuid, p_name text, p_queues text[], p_slots integer, p_alive_for interval); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.register_worker(p_id uuid, p_name text, p_queues text[], p_slots integer, p_alive_for interval) IS 'Makes a worker known. Its leases live as long as it beats within p_alive_for.';

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
-- Name: FUNCTION release_unheld(p_worker uuid, p_held bigint[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.release_unheld(p_worker uuid, p_held bigint[]) IS 'Gives back what is leased to the worker and not among p_held. Returns how many jobs.';

--
-- Name: remove_periodic(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.remove_periodic(p_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM periodic WHERE name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such schedule' USING ERRCODE = 'DQ002';
    END IF;
END
$$;

--
-- Name: FUNCTION remove_periodic(p_name text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.remove_periodic(p_name text) IS 'Forgets a schedule. DQ002: unknown.';

--
-- Name: require_report(text, bytea); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.require_report(p_code text, p_detail bytea) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
BEGIN
    IF p_code !~ '^[a-z0-9][a-z0-9_.:-]{0,63}$' THEN
        RAISE EXCEPTION 'a code is made of 1 to 64 letters, digits and _ . : -' USING ERRCODE = 'DQ004';
    END IF;
    IF length(p_detail) > 1024 THEN
        RAISE EXCEPTION 'a report holds at most 1024 bytes' USING ERRCODE = 'DQ004';
    END IF;
END
$_$;

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
    v_next uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    v_expires_at timestamptz;
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
    -- Worker by worker, the newest version of each row first.
    LOOP
        SELECT w.id, w.expires_at INTO v_next, v_expires_at FROM worker AS w
        WHERE w.id < v_next ORDER BY w.id DESC, w.zero DESC LIMIT 1;
        EXIT WHEN NOT FOUND;
        CONTINUE WHEN v_expires_at >= v_now;
        -- Seen again under the lock: it may have beaten meanwhile.
        DELETE FROM worker AS w WHERE w.ctid = (
            SELECT e.ctid FROM worker AS e WHERE e.id = v_next AND e.expires_at < v_now
            ORDER BY e.zero DESC LIMIT 1 FOR UPDATE SKIP LOCKED);
    END LOOP;
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
-- Name: FUNCTION rescue(p_limit integer); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.rescue(p_limit integer) IS 'Takes back up to p_limit leases that ran out, whose worker is gone, or that an older primary gave. Returns their number by queue.';

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
-- Name: FUNCTION resign(p_name text, p_holder uuid); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.resign(p_name text, p_holder uuid) IS 'Gives leadership up.';

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
-- Name: FUNCTION resume(p_queue text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.resume(p_queue text) IS 'Lets a queue be claimed from again.';

--
-- Name: resume_periodic(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.resume_periodic(p_name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    UPDATE periodic SET paused_at = NULL, paused_by = NULL, dealt_until = clock_timestamp(), next_at = NULL
    WHERE name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such schedule' USING ERRCODE = 'DQ002';
    END IF;
END
$$;

--
-- Name: FUNCTION resume_periodic(p_name text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.resume_periodic(p_name text) IS 'Lets a schedule go on from now; what passed meanwhile is dropped. DQ002: unknown.';

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
-- Name: FUNCTION retry(p_alias uuid); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.retry(p_alias uuid) IS 'Brings a discarded or cancelled job back, its attempts counted anew. DQ002: no such job.';

--
-- Name: ring(text[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.ring(p_queues text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    -- A ring that a crash loses is harmless: its commit need not wait for the disk. What else the transaction did may
    -- not be: `ring_at_commit` is for that.
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'ring after the commit, or call ring_at_commit' USING ERRCODE = 'DQ004';
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_notify('queue_ready', bell_payload(q)) FROM unnest(p_queues) AS q;
END
$$;

--
-- Name: FUNCTION ring(p_queues text[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.ring(p_queues text[]) IS 'Wakes whoever waits on the queues. Call it after the commit, in a transaction of its own: inside one that writes it is refused.';

--
-- Name: ring_at_commit(text[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.ring_at_commit(p_queues text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    SELECT pg_notify('queue_ready', bell_payload(q)) FROM unnest(p_queues) AS q
$$;

--
-- Name: FUNCTION ring_at_commit(p_queues text[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.ring_at_commit(p_queues text[]) IS 'Wakes whoever waits on the queues when the caller''s transaction commits. Such commits follow each other, one at a time in the whole database: ring after the commit where you can.';

--
-- Name: run_periodic(text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.run_periodic(p_name text) RETURNS TABLE(alias uuid, queue text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    v_periodic periodic%ROWTYPE;
BEGIN
    SELECT p.* INTO v_periodic FROM periodic AS p WHERE p.name = p_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such schedule' USING ERRCODE = 'DQ002';
    END IF;
    RETURN QUERY SELECT e.alias, v_periodic.queue::text FROM enqueue(
        v_periodic.queue, v_periodic.kind,
        v_periodic.args || jsonb_build_object(
            'nominal_at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
        v_periodic.priority, NULL, v_periodic.max_attempts, NULL) AS e;
END
$$;

--
-- Name: FUNCTION run_periodic(p_name text); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.run_periodic(p_name text) IS 'Makes a job of a schedule now, beside its times. DQ002: unknown.';

--
-- Name: set_group(text, double precision); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.set_group(p_name text, p_weight double precision) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO queue_group (name, weight) VALUES (p_name, p_weight)
    ON CONFLICT (name) DO UPDATE SET weight = excluded.weight;
    UPDATE share_version SET version = version + 1;
END
$$;

--
-- Name: FUNCTION set_group(p_name text, p_weight double precision); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.set_group(p_name text, p_weight double precision) IS 'Gives a group of queues its weight among the groups.';

--
-- Name: set_limit(text, integer, double precision, double precision); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.set_limit(p_queue text, p_max_running integer DEFAULT NULL::integer, p_rate double precision DEFAULT NULL::double precision, p_burst double precision DEFAULT NULL::double precision) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
DECLARE
    v_burst double precision := coalesce(p_burst, greatest(p_rate, 1), 1);
    v_uncounted bigint;
BEGIN
    IF p_max_running IS NULL AND p_rate IS NULL OR p_max_running < 0 OR p_rate < 0 OR p_burst < 1 THEN
        RAISE EXCEPTION 'a limit names a number of jobs, or a rate and a burst of at least one' USING ERRCODE = 'DQ004';
    END IF;
    PERFORM pg_advisory_xact_lock(1903519093, hashtext(p_queue));
    INSERT INTO queue_limit AS l (queue, max_running, rate, burst, tokens)
    VALUES (p_queue, p_max_running, p_rate, v_burst, v_burst)
    ON CONFLICT (queue, zero) DO UPDATE
    SET max_running = excluded.max_running, rate = excluded.rate, burst = excluded.burst,
        -- A bucket keeps what is in it: changing the limit again and again gives nothing away.
        tokens = CASE WHEN l.rate IS NULL THEN excluded.tokens ELSE least(l.tokens, excluded.burst) END,
        set_at = clock_timestamp(), set_by = session_user;
    WITH counted AS (
        UPDATE job_ready SET has_permit = true
        WHERE queue = p_queue AND state = 'running' AND NOT has_permit RETURNING 1
    )
    SELECT count(*) INTO v_uncounted FROM counted;
    UPDATE queue_limit SET running = running + v_uncounted WHERE queue = p_queue AND v_uncounted > 0;
END
$$;

--
-- Name: FUNCTION set_limit(p_queue text, p_max_running integer, p_rate double precision, p_burst double precision); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.set_limit(p_queue text, p_max_running integer, p_rate double precision, p_burst double precision) IS 'At most p_max_running jobs of the queue run at a time in the whole fleet, and p_rate start per second with bursts of p_burst. Null leaves that side open.';

--
-- Name: set_retention(text, interval); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.set_retention(p_kind text, p_keep interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    IF p_keep <= interval '0' THEN
        RAISE EXCEPTION 'a time to keep jobs for is above zero' USING ERRCODE = 'DQ004';
    END IF;
    IF p_keep IS NULL THEN
        DELETE FROM kind_retention WHERE kind = p_kind;
    ELSE
        INSERT INTO kind_retention AS r (kind, keep) VALUES (p_kind, p_keep)
        ON CONFLICT (kind) DO UPDATE SET keep = excluded.keep, set_at = clock_timestamp(), set_by = session_user;
    END IF;
END
$$;

--
-- Name: FUNCTION set_retention(p_kind text, p_keep interval); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.set_retention(p_kind text, p_keep interval) IS 'Keeps finished jobs of a kind for so long, if that is longer than the rest; null: as long as the rest.';

--
-- Name: set_share(text, double precision, text, integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.set_share(p_queue text, p_weight double precision DEFAULT NULL::double precision, p_group text DEFAULT NULL::text, p_minimum integer DEFAULT NULL::integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
BEGIN
    IF p_group <> '' THEN
        INSERT INTO queue_group (name, weight) VALUES (p_group, 1) ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO queue_share AS s (queue, weight, group_name, minimum)
    VALUES (p_queue, coalesce(p_weight, 1), nullif(p_group, ''), coalesce(p_minimum, 0))
    ON CONFLICT (queue) DO UPDATE
    SET weight = coalesce(p_weight, s.weight), minimum = coalesce(p_minimum, s.minimum),
        group_name = CASE WHEN p_group IS NULL THEN s.group_name ELSE nullif(p_group, '') END;
    UPDATE share_version SET version = version + 1;
END
$$;

--
-- Name: FUNCTION set_share(p_queue text, p_weight double precision, p_group text, p_minimum integer); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.set_share(p_queue text, p_weight double precision, p_group text, p_minimum integer) IS 'How a queue shares the slots of workers when these are few: its weight, its group, and how many of its jobs go before all others in a worker process. A null leaves that part as it is; an empty group takes it out of its group.';

--
-- Name: shares(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.shares() RETURNS TABLE(queue text, weight double precision, group_name text, group_weight double precision, minimum integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    SELECT s.queue, s.weight, s.group_name, coalesce(g.weight, 1), s.minimum
    FROM queue_share AS s LEFT JOIN queue_group AS g ON g.name = s.group_name
$$;

--
-- Name: FUNCTION shares(); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.shares() IS 'The shares that are set, for workers.';

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
-- Name: FUNCTION snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval) IS 'Hands a leased job back without counting the attempt, for p_delay or, with zero, at once.';

--
-- Name: stats(text[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.stats(p_queues text[] DEFAULT NULL::text[]) RETURNS TABLE(queue text, available bigint, scheduled bigint, running bigint, retryable bigint, oldest_available_at timestamp with time zone, paused boolean, is_exact boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
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
    v_queues text[] := coalesce(p_queues, queue_names());
BEGIN
    RETURN QUERY
        WITH named AS MATERIALIZED (
            SELECT DISTINCT n COLLATE "C" AS name FROM unnest(v_queues) AS n
        ), lanes AS (
            SELECT n.name, p.priority, head.jobs, head.furthest, head.oldest
            FROM named AS n CROSS JOIN generate_series(0, 9) AS p (priority)
            LEFT JOIN lane AS l ON l.queue = n.name AND l.priority = p.priority
            CROSS JOIN LATERAL (
                SELECT count(*) AS jobs, max(s.position) AS furthest,
                    (array_agg(s.scheduled_at ORDER BY s.position))[1] AS oldest
                FROM (
                    SELECT j.position, j.scheduled_at FROM job_ready AS j
                    WHERE j.queue = n.name AND j.priority = p.priority::smallint AND j.position > coalesce(l.low, 0)
                        AND j.state = 'available'
                    ORDER BY j.position LIMIT 1000) AS s
            ) AS head
            WHERE head.jobs > 0
        ), ready AS (
            SELECT l.name, sum(CASE WHEN l.jobs < 1000 THEN l.jobs ELSE 1000 + estimate(l.name, l.priority, l.furthest) END)
                AS jobs, min(l.oldest) AS oldest, bool_and(l.jobs < 1000) AS is_exact
            FROM lanes AS l GROUP BY l.name
        ), deferred AS (
            SELECT n.name, head.jobs, head.retryable, head.jobs < 1000 AS is_exact,
                CASE WHEN head.jobs < 1000 THEN head.jobs ELSE 1000 + estimate(n.name, NULL, head.furthest) END AS estimated
            FROM named AS n CROSS JOIN LATERAL (
                SELECT count(*) AS jobs, max(s.id) AS furthest, count(*) FILTER (WHERE s.state = 'retryable') AS retryable
                FROM (
                    SELECT j.id, j.state FROM job_deferred AS j WHERE j.queue = n.name ORDER BY j.id LIMIT 1000) AS s
            ) AS head
        ), leased AS MATERIALIZED (
            SELECT DISTINCT o.id FROM worker_claim AS c, unnest(c.jobs) AS o (id)
        ), held AS (
            SELECT h.queue AS name, count(*) AS jobs FROM (
                SELECT j.queue FROM leased AS o JOIN job_ready AS j ON j.id = o.id
                WHERE j.state = 'running' AND j.worker_id IS NOT NULL
                UNION ALL
                SELECT j.queue FROM job_ready AS j WHERE j.lease_expires_at IS NOT NULL AND j.state = 'running'
            ) AS h GROUP BY h.queue
        )
        SELECT n.name::text, coalesce(r.jobs, 0)::bigint,
            (d.estimated - CASE WHEN d.jobs > 0 THEN d.retryable * d.estimated / d.jobs ELSE 0 END)::bigint,
            coalesce(h.jobs, 0),
            (CASE WHEN d.jobs > 0 THEN d.retryable * d.estimated / d.jobs ELSE 0 END)::bigint,
            r.oldest, EXISTS (SELECT 1 FROM paused_queue AS p WHERE p.queue = n.name),
            coalesce(r.is_exact, true) AND d.is_exact
        FROM named AS n
        JOIN deferred AS d ON d.name = n.name
        LEFT JOIN ready AS r ON r.name = n.name
        LEFT JOIN held AS h ON h.name = n.name
        ORDER BY n.name;
END
$$;

--
-- Name: FUNCTION stats(p_queues text[]); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.stats(p_queues text[]) IS 'Depth and lag of these queues, or of all, in constant time. Numbers up to a thousand of a lane are exact (is_exact); above they are estimates from samples. oldest_available_at: when the first job of any lane was made or came due.';

--
-- Name: job_id; Type: SEQUENCE; Schema: queue; Owner: -
--

CREATE SEQUENCE queue.job_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

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
    errors jsonb DEFAULT '[]'::jsonb NOT NULL,
    progress jsonb
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
    errors jsonb DEFAULT '[]'::jsonb NOT NULL,
    progress jsonb
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
-- Name: take_key(text, text); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.take_key(p_kind text, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
BEGIN
    LOOP
        id := nextval('queue.job_id');
        alias := new_alias();
        INSERT INTO unique_job (kind, unique_key, job_id, alias) VALUES (p_kind, p_unique_key, id, alias)
        ON CONFLICT DO NOTHING;
        inserted := FOUND;
        EXIT WHEN inserted;
        SELECT u.job_id, u.alias INTO id, alias FROM unique_job AS u
        WHERE u.kind = p_kind AND u.unique_key = p_unique_key;
        -- Not found: the holder of the key finished between the two statements. A key whose job is gone holds nobody
        -- up.
        CONTINUE WHEN NOT FOUND;
        PERFORM 1 FROM job AS j WHERE j.id = take_key.id;
        EXIT WHEN FOUND;
        DELETE FROM unique_job AS u
        WHERE u.kind = p_kind AND u.unique_key = p_unique_key AND u.job_id = take_key.id;
    END LOOP;
END
$$;

--
-- Name: take_permits(text, integer); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.take_permits(p_queue text, p_wanted integer, OUT allowed integer, OUT tokens double precision, OUT refilled_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    v_limit queue_limit%ROWTYPE;
    v_address tid;
    v_start timestamptz;
    v_looks_back boolean;
    v_change bigint;
    v_last bigint;
    v_room bigint := p_wanted;
BEGIN
    SELECT l.ctid INTO v_address FROM queue_limit AS l WHERE l.queue = p_queue
    ORDER BY l.zero DESC LIMIT 1 FOR NO KEY UPDATE;
    SELECT l.* INTO v_limit FROM queue_limit AS l WHERE l.ctid = v_address;
    v_start := clock_timestamp();
    v_looks_back := v_limit.look_back_after < v_start;
    -- A statement of its own, so that it sees what was committed while this one waited for the lock. Mostly it reads on
    -- where the last claim came to; now and then everything, for what was committed after its number had been passed.
    WITH counted AS (
        DELETE FROM permit AS p
        WHERE p.queue = p_queue AND p.number > CASE WHEN v_looks_back THEN 0 ELSE v_limit.read_to END
        RETURNING p.number, p.change
    )
    SELECT coalesce(sum(c.change), 0), max(c.number) INTO v_change, v_last FROM counted AS c;
    IF v_last IS NOT NULL OR v_looks_back THEN
        UPDATE queue_limit AS l
        SET running = l.running + v_change, read_to = greatest(l.read_to, v_last),
            -- Where an old snapshot keeps what was read before, looking back takes a twentieth of the time at most.
            look_back_after = CASE WHEN v_looks_back
                THEN clock_timestamp() + greatest(interval '1 second', 20 * (clock_timestamp() - v_start))
                ELSE l.look_back_after END
        WHERE l.ctid = v_address;
    END IF;
    IF v_limit.max_running IS NOT NULL THEN
        v_room := least(v_room, v_limit.max_running - v_limit.running - v_change);
    END IF;
    tokens := v_limit.tokens;
    refilled_at := v_limit.refilled_at;
    IF v_limit.rate IS NOT NULL THEN
        refilled_at := greatest(v_start, v_limit.refilled_at);  -- A clock that was set back fills no bucket.
        tokens := least(
            v_limit.burst,
            v_limit.tokens + v_limit.rate * extract(epoch FROM refilled_at - v_limit.refilled_at)::double precision);
        v_room := least(v_room, floor(tokens)::bigint);
    END IF;
    allowed := greatest(v_room, 0);
END
$$;

--
-- Name: try_before_claims(text[]); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.try_before_claims(p_queues text[]) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_taken text[] := ARRAY(
        SELECT q FROM unnest(p_queues) AS q WHERE pg_try_advisory_xact_lock_shared(1903519093, hashtext(q)));
BEGIN
    -- After the lock, and so in a statement of its own: nobody sets one any more.
    RETURN ARRAY(
        SELECT q FROM unnest(v_taken) AS q
        WHERE (SELECT true FROM queue_limit AS l WHERE l.queue = q ORDER BY l.zero DESC LIMIT 1) IS NOT TRUE);
END
$$;

--
-- Name: use_permits(text, integer, double precision, timestamp with time zone); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.use_permits(p_queue text, p_taken integer, p_tokens double precision, p_refilled_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    UPDATE queue_limit
    SET running = running + p_taken, tokens = CASE WHEN rate IS NULL THEN tokens ELSE p_tokens - p_taken END,
        refilled_at = p_refilled_at
    WHERE p_taken > 0 AND ctid = (
        SELECT l.ctid FROM queue_limit AS l WHERE l.queue = p_queue ORDER BY l.zero DESC LIMIT 1);
END
$$;

--
-- Name: waiting_queues(text[], bigint); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.waiting_queues(p_queues text[], p_top bigint) RETURNS SETOF text
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
    v_queue text;
    v_found record;
    v_priority smallint := 0;
    v_lane lane%ROWTYPE;
    v_next text;
BEGIN
    IF cardinality(p_queues) <= 50 THEN
        FOR v_found IN
            SELECT q AS queue, p AS priority, known.low, known.mark_transaction, known.advanced_at, first.position,
                known.mark_transaction <= pg_snapshot_xmin(pg_current_snapshot()) AS may_rise
            FROM unnest(p_queues) WITH ORDINALITY AS u (q, n) CROSS JOIN generate_series(0, 9) AS p
            LEFT JOIN LATERAL (
                SELECT l.low, l.mark_transaction, l.advanced_at FROM lane AS l WHERE l.queue = q AND l.priority = p
                ORDER BY l.zero DESC LIMIT 1
            ) AS known ON true
            CROSS JOIN LATERAL (
                SELECT j.position FROM job_ready AS j
                WHERE j.queue = q AND j.priority = p AND j.position > coalesce(known.low, 0) AND j.state = 'available'
                ORDER BY j.position LIMIT 1
            ) AS first
            ORDER BY u.n, p
        LOOP
            IF v_found.queue IS DISTINCT FROM v_queue THEN
                v_queue := v_found.queue;
                RETURN NEXT v_queue;
            END IF;
            IF p_top IS NOT NULL AND v_found.position > v_found.low + 1000 AND v_found.may_rise
                AND v_found.advanced_at < clock_timestamp() - interval '0.5 s'
            THEN
                PERFORM raise_low(v_queue, v_found.priority, v_found.mark_transaction, v_found.position, p_top);
            END IF;
        END LOOP;
        RETURN;
    END IF;
    v_queue := chr(1114111);
    LOOP
        -- The next lane whose low water is known, and before it those that never had enough jobs for one.
        -- Downwards, so that the newest version of a lane's row is the first met.
        SELECT l.* INTO v_lane FROM lane AS l WHERE (l.queue, l.priority) < (v_queue, v_priority)
        ORDER BY l.queue DESC, l.priority DESC, l.zero DESC LIMIT 1;
        SELECT j.queue INTO v_next FROM job_ready AS j
        WHERE (j.queue, j.priority) < (v_queue, v_priority)
            AND (j.queue, j.priority) > (coalesce(v_lane.queue, ''), coalesce(v_lane.priority, 0::smallint))
            AND j.state = 'available'
        ORDER BY j.queue DESC, j.priority DESC, j.position DESC LIMIT 1;
        IF v_next IS NOT NULL THEN
            RETURN NEXT v_next;
            v_queue := v_next;
            v_priority := 0;
        ELSIF v_lane.queue IS NULL THEN
            RETURN;
        ELSE
            v_queue := v_lane.queue;
            v_priority := v_lane.priority;
            PERFORM 1 FROM job_ready AS j
            WHERE j.queue = v_queue AND j.priority = v_priority AND j.position > v_lane.low AND j.state = 'available'
            ORDER BY j.position LIMIT 1;
            IF FOUND THEN
                RETURN NEXT v_queue;
                v_priority := 0;
            END IF;
        END IF;
    END LOOP;
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
-- Name: FUNCTION with_lease(p_id bigint, p_epoch integer, p_number bigint); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.with_lease(p_id bigint, p_epoch integer, p_number bigint) IS 'Holds the lease to the end of the caller''s transaction, so that an effect commits under it or not at all. DQ001: it is lost.';

--
-- Name: worked_stats(); Type: FUNCTION; Schema: queue; Owner: -
--

CREATE FUNCTION queue.worked_stats() RETURNS TABLE(queue text, available bigint, scheduled bigint, running bigint, retryable bigint, oldest_available_at timestamp with time zone, paused boolean, is_exact boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'queue', 'pg_temp'
    AS $$
    SELECT s.* FROM stats(ARRAY(SELECT DISTINCT q FROM worker AS w, unnest(w.queues) AS q)) AS s
$$;

--
-- Name: FUNCTION worked_stats(); Type: COMMENT; Schema: queue; Owner: -
--

COMMENT ON FUNCTION queue.worked_stats() IS 'The same as stats, of the queues that some worker has registered for.';

--
-- Name: add_network_key(bytea, timestamp with time zone, bytea); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.add_network_key(p_public_key bytea, p_valid_from timestamp with time zone, p_signature bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    AS $$
DECLARE
    v_id text := encode(sha256(p_public_key), 'hex');
BEGIN
    LOCK TABLE network_key IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT 1 FROM network_key AS k WHERE k.id = v_id) THEN
        RETURN 'known';
    ELSIF EXISTS (SELECT 1 FROM network_key AS k WHERE k.valid_from > p_valid_from) THEN
        RETURN 'older';
    END IF;
    INSERT INTO network_key (id, public_key, valid_from, signature) VALUES (v_id, p_public_key, p_valid_from, p_signature);
    PERFORM casework.record_operator_event('network_key_added', v_id, jsonb_build_object('valid_from', p_valid_from));
    RETURN 'done';
END
$$;

--
-- Name: describe_sealed_package(uuid, uuid); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.describe_sealed_package(p_referral uuid, p_agency uuid) RETURNS TABLE(profile text, fields text[], sealed_at timestamp with time zone, key_fingerprint bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT profile, fields, sealed_at, key_fingerprint FROM sealed_package
        WHERE referral_id = p_referral AND agency_id = p_agency;
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
-- Name: erase_texts(uuid[]); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.erase_texts(p_referrals uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'safeguarding', 'pg_temp'
    AS $$
BEGIN
    UPDATE sealed_text SET sealed = NULL, attachments = NULL, erased_at = clock_timestamp()
    WHERE referral_id = ANY (p_referrals) AND erased_at IS NULL;
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
-- Name: keep_text(uuid, uuid, text, text, text, bytea, integer, bytea, jsonb); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.keep_text(p_referral uuid, p_agency uuid, p_status text, p_staff text, p_key_id text, p_digest bytea, p_size integer, p_sealed bytea, p_attachments jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'safeguarding', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO sealed_text (referral_id, agency_id, status, staff_id, key_id, digest, size, sealed, attachments)
    VALUES (p_referral, p_agency, p_status, p_staff, p_key_id, p_digest, p_size, p_sealed, p_attachments);
END
$$;

--
-- Name: network_keys(); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.network_keys() RETURNS TABLE(id text, public_key bytea, valid_from timestamp with time zone, signature bytea, added_at timestamp with time zone, retired_at timestamp with time zone, state text, texts bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    AS $$
    SELECT k.id, k.public_key, k.valid_from, k.signature, k.added_at, k.retired_at,
        CASE WHEN k.retired_at IS NOT NULL THEN 'retired' WHEN k.valid_from > clock_timestamp() THEN 'later'
            WHEN u.place = 1 THEN 'current' WHEN u.place = 2 THEN 'before' ELSE 'over' END,
        (SELECT count(*) FROM sealed_text AS t WHERE t.key_id = k.id AND t.erased_at IS NULL)
    FROM network_key AS k
    LEFT JOIN network_keys_in_use() WITH ORDINALITY AS u (id, public_key, valid_from, signature, place) ON u.id = k.id
    ORDER BY k.number DESC
$$;

--
-- Name: network_keys_in_use(); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.network_keys_in_use() RETURNS TABLE(id text, public_key bytea, valid_from timestamp with time zone, signature bytea)
    LANGUAGE sql STABLE
    SET search_path TO 'safeguarding', 'pg_temp'
    AS $$
    SELECT k.id, k.public_key, k.valid_from, k.signature FROM network_key AS k
    WHERE k.retired_at IS NULL AND k.valid_from <= clock_timestamp() ORDER BY k.number DESC LIMIT 2
$$;

--
-- Name: put_sealed_packages(uuid[], uuid[], text[], jsonb[], bytea[], bytea[]); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.put_sealed_packages(p_referrals uuid[], p_agencies uuid[], p_profiles text[], p_fields jsonb[], p_key_fingerprints bytea[], p_sealed bytea[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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
    WHERE d.id = p_disclosure AND d.profile = v_package.profile AND d.fields @> v_package.fields
        AND d.key_fingerprint IS NOT DISTINCT FROM v_package.key_fingerprint;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the record is not about what the package holds' USING ERRCODE = 'DC103';
    END IF;
    RETURN QUERY SELECT v_package.profile, v_package.fields, v_package.sealed, v_package.sealed_at;
END
$$;

--
-- Name: read_sealed_packages(uuid[], uuid[], uuid[]); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.read_sealed_packages(p_disclosures uuid[], p_referrals uuid[], p_agencies uuid[]) RETURNS TABLE(disclosure uuid, profile text, fields text[], sealed bytea)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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
    INSERT INTO disclosure (id, referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by, key_fingerprint)
    SELECT p_id, p_referral, p_agency, s.profile, s.fields, p_purpose, p_legal_basis, p_requested_by, s.key_fingerprint
    FROM sealed_package AS s WHERE s.referral_id = p_referral AND s.agency_id = p_agency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the agency has no such package' USING ERRCODE = 'DC102';
    END IF;
END
$$;

--
-- Name: record_package_disclosures(uuid[], uuid[], uuid[], text[], text[], text[], bytea[]); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.record_package_disclosures(p_ids uuid[], p_referrals uuid[], p_agencies uuid[], p_purposes text[], p_legal_bases text[], p_requested_by text[], p_keys bytea[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET jit TO 'off'
    AS $$
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
-- Name: refuse_text_change(); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.refuse_text_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'safeguarding', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION 'what an agency sent is append-only' USING ERRCODE = 'DC100';
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
-- Name: retire_network_key(text); Type: FUNCTION; Schema: safeguarding; Owner: -
--

CREATE FUNCTION safeguarding.retire_network_key(p_id text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'safeguarding', 'pg_temp'
    AS $$
BEGIN
    UPDATE network_key SET retired_at = clock_timestamp() WHERE id = p_id AND retired_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM casework.record_operator_event('network_key_retired', p_id, '{}');
    RETURN true;
END
$$;

--
-- Name: access_grant; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.access_grant (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    staff_id text NOT NULL,
    reason bytea NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ends_at timestamp with time zone NOT NULL
);

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
    key_valid_from timestamp with time zone,
    key_signature bytea,
    webhook_url text,
    webhook_secret bytea,
    webhook_secret_before bytea,
    webhook_secret_before_until timestamp with time zone,
    desk_email text,
    digest_minutes integer DEFAULT 60 NOT NULL,
    muted text[] DEFAULT '{}'::text[] NOT NULL,
    services text[] DEFAULT '{}'::text[] NOT NULL,
    hours text DEFAULT 'working_time'::text NOT NULL,
    capacity integer,
    superior_id uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    max_waiting integer DEFAULT 1000 NOT NULL,
    max_waiting_bytes bigint DEFAULT 67108864 NOT NULL,
    CONSTRAINT agency_capacity_check CHECK ((capacity >= 0)),
    CONSTRAINT agency_check CHECK ((superior_id <> id)),
    CONSTRAINT agency_check1 CHECK (((num_nulls(key_valid_from, key_signature) = ANY (ARRAY[0, 2])) AND ((key_signature IS NULL) OR (public_key IS NOT NULL)))),
    CONSTRAINT agency_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{1,78}[a-z0-9]$'::text)),
    CONSTRAINT agency_digest_minutes_check CHECK (((digest_minutes >= 0) AND (digest_minutes <= 1440))),
    CONSTRAINT agency_hours_check CHECK ((hours = ANY (ARRAY['always'::text, 'working_time'::text]))),
    CONSTRAINT agency_key_signature_check CHECK ((length(key_signature) = 64)),
    CONSTRAINT agency_kind_check CHECK ((kind ~ '^[a-z][a-z0-9_]{1,63}$'::text)),
    CONSTRAINT agency_max_waiting_bytes_check CHECK (((max_waiting_bytes >= 1) AND (max_waiting_bytes <= '1099511627776'::bigint))),
    CONSTRAINT agency_max_waiting_check CHECK (((max_waiting >= 1) AND (max_waiting <= 100000))),
    CONSTRAINT agency_muted_check CHECK ((muted <@ ARRAY['referral_due'::text])),
    CONSTRAINT agency_public_key_check CHECK ((length(public_key) = 32)),
    CONSTRAINT agency_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text])))
);

--
-- Name: agency_desk; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.agency_desk AS
 SELECT a.code,
    a.name AS agency_name,
    (a.desk_email IS NOT NULL) AS has_address,
    a.digest_minutes,
    a.muted
   FROM casework.agency a;

--
-- Name: agency_details; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.agency_details AS
 SELECT a.code,
    a.services,
    a.hours,
    a.capacity,
    s.code AS superior_code
   FROM (casework.agency a
     LEFT JOIN casework.agency s ON ((s.id = a.superior_id)));

--
-- Name: agency_key; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.agency_key (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    agency_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    label text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT agency_key_key_hash_check CHECK ((length(key_hash) = 32)),
    CONSTRAINT agency_key_scopes_check CHECK (((scopes <@ ARRAY['read'::text, 'hand_overs'::text, 'reports'::text]) AND (cardinality(scopes) > 0)))
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
    a.public_key,
    a.key_valid_from,
    a.key_signature,
    (a.webhook_url IS NOT NULL) AS has_webhook,
    ( SELECT count(*) AS count
           FROM casework.agency_key k
          WHERE ((k.agency_id = a.id) AND (k.revoked_at IS NULL) AND ((k.expires_at IS NULL) OR (k.expires_at > clock_timestamp())))) AS live_keys
   FROM (casework.agency a
     JOIN casework.division d ON ((d.code = a.division_code)));

--
-- Name: alliance; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.alliance (
    code text NOT NULL,
    name text NOT NULL,
    members text[] NOT NULL,
    purposes text[] NOT NULL,
    holds_from date NOT NULL,
    holds_until date,
    basis text NOT NULL,
    CONSTRAINT alliance_basis_check CHECK ((basis <> ''::text)),
    CONSTRAINT alliance_check CHECK ((holds_until >= holds_from)),
    CONSTRAINT alliance_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{1,78}[a-z0-9]$'::text)),
    CONSTRAINT alliance_members_check CHECK (((cardinality(members) >= 2) AND (cardinality(members) <= 200))),
    CONSTRAINT alliance_purposes_check CHECK ((cardinality(purposes) >= 1))
);

--
-- Name: assignment; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.assignment (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    staff_id text NOT NULL,
    role text NOT NULL,
    assigned_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone
);

--
-- Name: call_back; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.call_back (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    result text NOT NULL,
    satisfaction smallint,
    staff_id text NOT NULL,
    called_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT call_back_result_check CHECK ((result = ANY (ARRAY['confirmed'::text, 'not_settled'::text, 'unsafe'::text, 'unreachable'::text, 'not_allowed'::text]))),
    CONSTRAINT call_back_satisfaction_check CHECK (((satisfaction >= 1) AND (satisfaction <= 5)))
);

--
-- Name: case_link; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.case_link (
    case_id uuid NOT NULL,
    other_id uuid NOT NULL,
    relation text NOT NULL,
    staff_id text NOT NULL,
    linked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT case_link_check CHECK ((case_id < other_id)),
    CONSTRAINT case_link_relation_check CHECK ((relation = ANY (ARRAY['same_person'::text, 'same_household'::text, 'related'::text, 'different'::text])))
);

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
    closing_outcome text,
    version integer DEFAULT 1 NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    routed_at timestamp with time zone,
    closed_at timestamp with time zone,
    anonymised_at timestamp with time zone
);

--
-- Name: station; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.station (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    division_code text NOT NULL,
    name text NOT NULL,
    email text,
    duty_phones text[] DEFAULT '{}'::text[] NOT NULL,
    muted text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT station_duty_phones_check CHECK ((cardinality(duty_phones) <= 9)),
    CONSTRAINT station_muted_check CHECK ((muted <@ ARRAY['new_case'::text, 'case_closed'::text, 'follow_up_due'::text, 'referral_rejected'::text]))
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
    may_change_cases boolean DEFAULT false NOT NULL,
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
    c.may_change_cases,
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
    ended_at timestamp with time zone,
    warned smallint DEFAULT 0 NOT NULL,
    paused_at timestamp with time zone
);

--
-- Name: clock_change; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.clock_change (
    id bigint NOT NULL,
    clock_id uuid NOT NULL,
    kind text NOT NULL,
    ground text NOT NULL,
    basis text NOT NULL,
    staff_id text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    due_before timestamp with time zone NOT NULL,
    due_after timestamp with time zone NOT NULL,
    CONSTRAINT clock_change_basis_check CHECK ((basis <> ''::text)),
    CONSTRAINT clock_change_check CHECK ((due_after >= due_before)),
    CONSTRAINT clock_change_kind_check CHECK ((kind = ANY (ARRAY['paused'::text, 'resumed'::text, 'extended'::text])))
);

--
-- Name: clock_change_id_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.clock_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.clock_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: clock_change_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.clock_change_overview AS
 SELECT h.clock_id,
    k.case_id,
    h.kind,
    h.ground,
    h.basis,
    h.staff_id,
    h.changed_at,
    h.due_before,
    h.due_after
   FROM (casework.clock_change h
     JOIN casework.clock k ON ((k.id = h.clock_id)));

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
    is_live boolean GENERATED ALWAYS AS (((NOT is_past) AND (status <> ALL (ARRAY['rejected'::text, 'objected'::text, 'failed'::text, 'no_show'::text, 'cancelled'::text, 'revoked'::text, 'entered_in_error'::text])))) STORED NOT NULL,
    is_past boolean DEFAULT false NOT NULL,
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
    is_binding boolean DEFAULT false NOT NULL,
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
    k.ended_at,
    k.paused_at
   FROM (casework.clock k
     LEFT JOIN casework.referral r ON ((r.id = k.referral_id)));

--
-- Name: conference; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.conference (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    held_at timestamp with time zone NOT NULL,
    agencies uuid[] NOT NULL,
    minutes bytea NOT NULL,
    staff_id text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: consent_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.consent_overview AS
 SELECT c.case_id,
    k.number AS case_number,
    c.agency_kinds,
    ( SELECT array_agg(a.code ORDER BY a.code) AS array_agg
           FROM casework.agency a
          WHERE (a.id = ANY (c.agencies))) AS agencies,
    c.purpose,
    c.granted,
    c.given_by,
    c.data_kinds,
    c.recorded_at,
    c.expires_at,
    c.withdrawn_at
   FROM (casework.consent c
     JOIN casework.cases k ON ((k.id = c.case_id)))
  WHERE (c.superseded_at IS NULL);

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
-- Name: digest_item; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.digest_item (
    id bigint NOT NULL,
    agency_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    kind text NOT NULL,
    message_id uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: digest_item_id_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.digest_item ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.digest_item_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: dispute; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.dispute (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    purpose text NOT NULL,
    division_code text NOT NULL,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    decided_agency_id uuid,
    staff_id text,
    decided_at timestamp with time zone,
    settled_at timestamp with time zone,
    CONSTRAINT dispute_check CHECK (((decided_agency_id IS NULL) = (decided_at IS NULL)))
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
    database_role text DEFAULT SESSION_USER NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL
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
-- Name: impact_assessment; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.impact_assessment (
    number bigint NOT NULL,
    reference text NOT NULL,
    subject text NOT NULL,
    title text NOT NULL,
    processing text,
    assessed_by text NOT NULL,
    assessed_on date NOT NULL,
    valid_until date,
    lawfulness text NOT NULL,
    necessity text NOT NULL,
    impact text NOT NULL,
    risk text NOT NULL,
    measures text[] NOT NULL,
    outcome text NOT NULL,
    document text NOT NULL,
    document_sha256 text,
    checksum bytea NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    recorded_by text DEFAULT SESSION_USER NOT NULL,
    kept_until timestamp with time zone NOT NULL,
    CONSTRAINT impact_assessment_assessed_by_check CHECK (((length(assessed_by) >= 1) AND (length(assessed_by) <= 200))),
    CONSTRAINT impact_assessment_check CHECK ((valid_until >= assessed_on)),
    CONSTRAINT impact_assessment_check1 CHECK (((subject = 'processing'::text) = (processing IS NOT NULL))),
    CONSTRAINT impact_assessment_check2 CHECK (((risk = 'low'::text) OR (outcome = 'refused'::text) OR (cardinality(measures) > 0))),
    CONSTRAINT impact_assessment_check3 CHECK ((kept_until >= (recorded_at + '3 years'::interval))),
    CONSTRAINT impact_assessment_document_check CHECK (((length(document) >= 1) AND (length(document) <= 400))),
    CONSTRAINT impact_assessment_document_sha256_check CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT impact_assessment_impact_check CHECK (((length(impact) >= 1) AND (length(impact) <= 4000))),
    CONSTRAINT impact_assessment_lawfulness_check CHECK (((length(lawfulness) >= 1) AND (length(lawfulness) <= 4000))),
    CONSTRAINT impact_assessment_necessity_check CHECK (((length(necessity) >= 1) AND (length(necessity) <= 4000))),
    CONSTRAINT impact_assessment_outcome_check CHECK ((outcome = ANY (ARRAY['approved'::text, 'refused'::text]))),
    CONSTRAINT impact_assessment_processing_check CHECK (((length(processing) >= 1) AND (length(processing) <= 4000))),
    CONSTRAINT impact_assessment_reference_check CHECK ((reference ~ '^[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]$'::text)),
    CONSTRAINT impact_assessment_risk_check CHECK ((risk = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text]))),
    CONSTRAINT impact_assessment_subject_check CHECK ((subject = ANY (ARRAY['disclosure'::text, 'processing'::text]))),
    CONSTRAINT impact_assessment_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200)))
);

--
-- Name: impact_assessment_disclosure; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.impact_assessment_disclosure (
    assessment bigint NOT NULL,
    agency_kind text NOT NULL,
    purpose text NOT NULL,
    profile text NOT NULL,
    fields text[] NOT NULL,
    CONSTRAINT impact_assessment_disclosure_fields_check CHECK ((cardinality(fields) > 0))
);

--
-- Name: impact_assessment_hold; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.impact_assessment_hold (
    id bigint NOT NULL,
    assessment bigint NOT NULL,
    reason text NOT NULL,
    held_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    held_by text DEFAULT SESSION_USER NOT NULL,
    released_at timestamp with time zone,
    CONSTRAINT impact_assessment_hold_reason_check CHECK ((reason = ANY (ARRAY['lawsuit'::text, 'criminal_case'::text, 'complaint'::text, 'audit'::text])))
);

--
-- Name: impact_assessment_hold_id_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.impact_assessment_hold ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.impact_assessment_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: impact_assessment_number_seq; Type: SEQUENCE; Schema: casework; Owner: -
--

ALTER TABLE casework.impact_assessment ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME casework.impact_assessment_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: joint_party; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.joint_party (
    case_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    joined_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    left_at timestamp with time zone
);

--
-- Name: joint_task; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.joint_task (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    kind text NOT NULL,
    agency_id uuid,
    due_at timestamp with time zone NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    given_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT joint_task_check CHECK (((status = 'open'::text) = (settled_at IS NULL))),
    CONSTRAINT joint_task_kind_check CHECK ((kind = ANY (ARRAY['visit'::text, 'accompany'::text, 'document'::text, 'assess'::text, 'raise_aid'::text, 'place'::text, 'coordinate'::text]))),
    CONSTRAINT joint_task_status_check CHECK ((status = ANY (ARRAY['open'::text, 'done'::text, 'dropped'::text])))
);

--
-- Name: legal_hold; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.legal_hold (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    reason text NOT NULL,
    staff_id text NOT NULL,
    held_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    released_at timestamp with time zone,
    CONSTRAINT legal_hold_reason_check CHECK ((reason = ANY (ARRAY['lawsuit'::text, 'criminal_case'::text, 'complaint'::text, 'audit'::text, 'her_wish'::text])))
);

--
-- Name: message; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.message (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    audience text NOT NULL,
    case_id uuid,
    person_id uuid,
    station_id uuid,
    agency_id uuid,
    referral_id uuid,
    template text NOT NULL,
    about text,
    step smallint DEFAULT 0 NOT NULL,
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
    settled_at timestamp with time zone
)
WITH (fillfactor='70');

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
-- Name: milestone; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.milestone (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    kind text NOT NULL,
    reached_on date NOT NULL,
    until date,
    staff_id text NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    CONSTRAINT milestone_check CHECK (((until IS NULL) OR (until >= reached_on)))
);

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
-- Name: risk_assessment; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.risk_assessment (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    case_id uuid NOT NULL,
    occasion text NOT NULL,
    items text[] NOT NULL,
    level_before text NOT NULL,
    level_after text NOT NULL,
    staff_id text NOT NULL,
    assessed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: risk_proposal; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.risk_proposal (
    case_id uuid NOT NULL,
    level text NOT NULL,
    withdrawn text[] NOT NULL,
    reason text NOT NULL,
    staff_id text NOT NULL,
    proposed_at timestamp with time zone NOT NULL
);

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
-- Name: rule_set_disclosure; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.rule_set_disclosure (
    version bigint NOT NULL,
    agency_kind text NOT NULL,
    purpose text NOT NULL,
    profile text NOT NULL,
    fields text[] NOT NULL,
    assessment text NOT NULL
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
-- Name: staff; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.staff (
    id text NOT NULL,
    roles text[] NOT NULL,
    divisions text[] NOT NULL,
    capacity integer NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    CONSTRAINT staff_capacity_check CHECK (((capacity >= 0) AND (capacity <= 10000))),
    CONSTRAINT staff_divisions_check CHECK (((cardinality(divisions) >= 1) AND (cardinality(divisions) <= 200))),
    CONSTRAINT staff_id_check CHECK ((id ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]$'::text)),
    CONSTRAINT staff_roles_check CHECK (((cardinality(roles) >= 1) AND (cardinality(roles) <= 20))),
    CONSTRAINT staff_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text])))
);

--
-- Name: staff_training; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.staff_training (
    staff_id text NOT NULL,
    code text NOT NULL,
    valid_until date NOT NULL,
    CONSTRAINT staff_training_code_check CHECK ((code ~ '^[a-z][a-z0-9_]{0,63}$'::text))
);

--
-- Name: staff_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.staff_overview AS
 SELECT s.id,
    s.roles,
    s.divisions,
    s.capacity,
    s.status,
    ( SELECT COALESCE(jsonb_object_agg(t.code, to_char((t.valid_until)::timestamp with time zone, 'YYYY-MM-DD'::text)), '{}'::jsonb) AS "coalesce"
           FROM casework.staff_training t
          WHERE (t.staff_id = s.id)) AS trainings,
    ( SELECT count(*) AS count
           FROM (casework.assignment a
             JOIN casework.cases c ON ((c.id = a.case_id)))
          WHERE ((a.staff_id = s.id) AND (a.ended_at IS NULL) AND (c.status = 'open'::text))) AS open_cases
   FROM casework.staff s;

--
-- Name: staff_relation; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.staff_relation (
    staff_id text NOT NULL,
    token bytea NOT NULL,
    CONSTRAINT staff_relation_token_check CHECK ((length(token) = 32))
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
    CONSTRAINT staff_task_kind_check CHECK ((kind = ANY (ARRAY['contact_person'::text, 'look_at_case'::text, 'call_agency'::text])))
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
-- Name: station_desk; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.station_desk AS
 SELECT s.division_code,
    s.name AS station_name,
    (s.email IS NOT NULL) AS has_address,
    cardinality(s.duty_phones) AS duty_phones,
    s.muted
   FROM casework.station s;

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
  WHERE ((m.audience = 'station'::text) AND (m.read_at IS NULL));

--
-- Name: station_unit; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.station_unit (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    division_code text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    CONSTRAINT station_unit_kind_check CHECK ((kind = ANY (ARRAY['core'::text, 'legal_education'::text, 'counselling'::text, 'family_education'::text, 'anti_violence'::text, 'mediation'::text, 'studio'::text]))),
    CONSTRAINT station_unit_name_check CHECK ((name <> ''::text))
);

--
-- Name: station_unit_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.station_unit_overview AS
 SELECT u.kind,
    u.division_code,
    u.name
   FROM casework.station_unit u
  ORDER BY u.division_code, (u.kind <> 'core'::text), u.kind, u.name
 LIMIT ALL;

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
-- Name: triage; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.triage (
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    subject text NOT NULL,
    manner text NOT NULL,
    words bytea NOT NULL,
    suggested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    answer boolean,
    staff_id text,
    answered_at timestamp with time zone,
    CONSTRAINT triage_check CHECK ((((answer IS NULL) = (answered_at IS NULL)) AND ((answer IS NULL) = (staff_id IS NULL)))),
    CONSTRAINT triage_manner_check CHECK ((manner = ANY (ARRAY['stated'::text, 'aside'::text]))),
    CONSTRAINT triage_subject_check CHECK ((subject ~ '^(risk_item|flag|category):[a-z][a-z0-9_]{0,63}$'::text))
);

--
-- Name: webhook_attempt; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.webhook_attempt (
    delivery_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    code text NOT NULL,
    milliseconds integer NOT NULL
);

--
-- Name: webhook_attempt_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.webhook_attempt_overview AS
 SELECT t.delivery_id,
    t.at,
    t.code,
    t.milliseconds
   FROM casework.webhook_attempt t;

--
-- Name: webhook_delivery; Type: TABLE; Schema: casework; Owner: -
--

CREATE TABLE casework.webhook_delivery (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    agency_id uuid NOT NULL,
    referral_id uuid,
    event text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT webhook_delivery_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

--
-- Name: webhook_overview; Type: VIEW; Schema: casework; Owner: -
--

CREATE VIEW casework.webhook_overview AS
 SELECT d.id,
    a.code AS agency_code,
    r.number AS referral,
    d.event,
    d.state,
    d.created_at,
    d.settled_at,
    ( SELECT count(*) AS count
           FROM casework.webhook_attempt t
          WHERE (t.delivery_id = d.id)) AS attempts,
    ( SELECT t.code
           FROM casework.webhook_attempt t
          WHERE (t.delivery_id = d.id)
          ORDER BY t.at DESC
         LIMIT 1) AS last_code
   FROM ((casework.webhook_delivery d
     JOIN casework.agency a ON ((a.id = d.agency_id)))
     LEFT JOIN casework.referral r ON ((r.id = d.referral_id)));

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
    channel text DEFAULT ('bell_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text)) NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text DEFAULT SESSION_USER NOT NULL,
    closed_at timestamp with time zone
);

--
-- Name: desk_act; Type: TABLE; Schema: door; Owner: -
--

CREATE TABLE door.desk_act (
    id bigint NOT NULL,
    agency_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    act text NOT NULL,
    staff_id text NOT NULL,
    reason text,
    acted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT desk_act_act_check CHECK ((act = ANY (ARRAY['package_read'::text, 'accepted'::text, 'rejected'::text, 'objected'::text, 'scheduled'::text, 'in_progress'::text, 'on_hold'::text, 'completed'::text, 'failed'::text, 'no_show'::text])))
);

--
-- Name: desk_act_id_seq; Type: SEQUENCE; Schema: door; Owner: -
--

ALTER TABLE door.desk_act ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME door.desk_act_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: login_overview; Type: VIEW; Schema: door; Owner: -
--

CREATE VIEW door.login_overview AS
 SELECT l.login,
    a.code AS agency_code,
    a.status AS agency_status,
    l.created_at,
    l.closed_at
   FROM (door.agency_login l
     JOIN casework.agency a ON ((a.id = l.agency_id)));

--
-- Name: repeated_request; Type: TABLE; Schema: door; Owner: -
--

CREATE TABLE door.repeated_request (
    agency_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    answer bytea,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT repeated_request_answer_check CHECK ((length(answer) <= 4096)),
    CONSTRAINT repeated_request_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200)))
);

--
-- Name: special_day; Type: TABLE; Schema: door; Owner: -
--

CREATE TABLE door.special_day (
    day date NOT NULL,
    is_worked boolean NOT NULL
);

--
-- Name: checkpoint; Type: TABLE; Schema: ledger; Owner: -
--

CREATE TABLE ledger.checkpoint (
    size bigint NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    published_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: entry; Type: TABLE; Schema: ledger; Owner: -
--

CREATE TABLE ledger.entry (
    "position" bigint NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    source_id bigint NOT NULL,
    case_id uuid,
    nonce bytea,
    commitment bytea NOT NULL
);

--
-- Name: erasure; Type: TABLE; Schema: ledger; Owner: -
--

CREATE TABLE ledger.erasure (
    id bigint NOT NULL,
    case_id uuid,
    positions bigint[],
    requested_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL
);

--
-- Name: erasure_id_seq; Type: SEQUENCE; Schema: ledger; Owner: -
--

ALTER TABLE ledger.erasure ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ledger.erasure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: tile; Type: TABLE; Schema: ledger; Owner: -
--

CREATE TABLE ledger.tile (
    level smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    root bytea NOT NULL
);
ALTER TABLE ONLY ledger.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

--
-- Name: bell_secret; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.bell_secret (
    is_only boolean DEFAULT true NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT bell_secret_is_only_check CHECK (is_only),
    CONSTRAINT bell_secret_secret_check CHECK ((length(secret) = 32))
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
    errors jsonb DEFAULT '[]'::jsonb NOT NULL,
    progress jsonb
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
    errors jsonb NOT NULL,
    progress jsonb,
    outcome bytea
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
    errors jsonb NOT NULL,
    progress jsonb,
    outcome bytea
);

--
-- Name: job_kept; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.job_kept (
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
    errors jsonb NOT NULL,
    progress jsonb,
    outcome bytea,
    keep_until timestamp with time zone NOT NULL
)
PARTITION BY RANGE (keep_until);

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
    job.errors,
    job.progress,
    NULL::bytea AS outcome,
    job.cancel_requested_at
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
    job_history.errors,
    job_history.progress,
    job_history.outcome,
    NULL::timestamp with time zone AS cancel_requested_at
   FROM queue.job_history
UNION ALL
 SELECT job_kept.id,
    job_kept.alias,
    job_kept.queue,
    job_kept.kind,
    job_kept.args,
    job_kept.priority,
    job_kept.state,
    job_kept.attempt,
    job_kept.max_attempts,
    job_kept.created_at,
    NULL::timestamp with time zone AS scheduled_at,
    job_kept.attempted_at,
    job_kept.finished_at,
    job_kept.worker_id,
    job_kept.holder,
    job_kept.code,
    job_kept.errors,
    job_kept.progress,
    job_kept.outcome,
    NULL::timestamp with time zone AS cancel_requested_at
   FROM queue.job_kept;

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
-- Name: kind_retention; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.kind_retention (
    kind text NOT NULL COLLATE pg_catalog."C",
    keep interval NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    set_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT kind_retention_keep_check CHECK ((keep > '00:00:00'::interval))
);

--
-- Name: lane; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.lane (
    queue text NOT NULL COLLATE pg_catalog."C",
    priority smallint NOT NULL,
    low bigint NOT NULL,
    mark_position bigint NOT NULL,
    mark_transaction xid8 NOT NULL,
    advanced_at timestamp with time zone NOT NULL,
    zero smallint DEFAULT 0 NOT NULL
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
    number bigint NOT NULL,
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
    running bigint DEFAULT 0 NOT NULL,
    read_to bigint DEFAULT 0 NOT NULL,
    look_back_after timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    set_by text DEFAULT SESSION_USER NOT NULL,
    zero smallint DEFAULT 0 NOT NULL
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
    (l.running + ( SELECT (COALESCE(sum(p.change), (0)::numeric))::bigint AS "coalesce"
           FROM queue.permit p
          WHERE (p.queue = l.queue))) AS running
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
-- Name: periodic; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.periodic (
    name text NOT NULL COLLATE pg_catalog."C",
    schedule text NOT NULL,
    catch_up text NOT NULL COLLATE pg_catalog."C",
    queue text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    args jsonb NOT NULL,
    priority smallint NOT NULL,
    max_attempts smallint NOT NULL,
    dealt_until timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_at timestamp with time zone,
    fired_at timestamp with time zone,
    fired bigint DEFAULT 0 NOT NULL,
    last_job uuid,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    paused_at timestamp with time zone,
    paused_by text,
    CONSTRAINT periodic_args_check CHECK ((jsonb_typeof(args) = 'object'::text)),
    CONSTRAINT periodic_catch_up_check CHECK ((catch_up ~ '^(skip|one|all [1-9][0-9]{0,2}|all 1000)$'::text)),
    CONSTRAINT periodic_max_attempts_check CHECK ((max_attempts >= 1)),
    CONSTRAINT periodic_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'::text)),
    CONSTRAINT periodic_priority_check CHECK (((priority >= 0) AND (priority <= 9))),
    CONSTRAINT periodic_schedule_check CHECK ((length(schedule) <= 200))
)
WITH (fillfactor='50');

--
-- Name: periodic_overview; Type: VIEW; Schema: queue; Owner: -
--

CREATE VIEW queue.periodic_overview AS
 SELECT p.name,
    p.schedule,
    p.catch_up,
    p.queue,
    p.kind,
    p.args,
    p.priority,
    p.max_attempts,
    p.dealt_until,
    p.next_at,
    p.fired_at,
    p.fired,
    p.last_job,
    p.set_at,
    p.paused_at,
    p.paused_by
   FROM queue.periodic p;

--
-- Name: permit_number_seq; Type: SEQUENCE; Schema: queue; Owner: -
--

ALTER TABLE queue.permit ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME queue.permit_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: queue_group; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.queue_group (
    name text NOT NULL COLLATE pg_catalog."C",
    weight double precision NOT NULL,
    CONSTRAINT queue_group_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT queue_group_weight_check CHECK (((weight >= (0.001)::double precision) AND (weight <= (1000)::double precision)))
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
    draining boolean DEFAULT false NOT NULL,
    zero smallint DEFAULT 0 NOT NULL
)
WITH (fillfactor='20');

--
-- Name: queue_overview; Type: VIEW; Schema: queue; Owner: -
--

CREATE VIEW queue.queue_overview AS
 SELECT s.queue,
    s.available,
    s.scheduled,
    s.running,
    s.retryable,
    s.oldest_available_at,
    s.paused,
    s.is_exact,
    w.workers,
    w.slots
   FROM (queue.stats() s(queue, available, scheduled, running, retryable, oldest_available_at, paused, is_exact)
     CROSS JOIN LATERAL ( SELECT count(*) AS workers,
            COALESCE(sum(w_1.slots), (0)::bigint) AS slots
           FROM queue.worker w_1
          WHERE ((s.queue = ANY (w_1.queues)) AND (w_1.expires_at > clock_timestamp()) AND (NOT w_1.draining))) w)
  WHERE (((((s.available + s.scheduled) + s.running) + s.retryable) > 0) OR s.paused OR (w.workers > 0) OR (EXISTS ( SELECT 1
           FROM queue.queue_limit l
          WHERE (l.queue = s.queue))));

--
-- Name: queue_share; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.queue_share (
    queue text NOT NULL COLLATE pg_catalog."C",
    weight double precision NOT NULL,
    group_name text COLLATE pg_catalog."C",
    minimum integer NOT NULL,
    CONSTRAINT queue_share_minimum_check CHECK (((minimum >= 0) AND (minimum <= 100000))),
    CONSTRAINT queue_share_queue_check CHECK (((length(queue) >= 1) AND (length(queue) <= 200))),
    CONSTRAINT queue_share_weight_check CHECK (((weight >= (0.001)::double precision) AND (weight <= (1000)::double precision)))
);

--
-- Name: rescued_epoch; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.rescued_epoch (
    epoch integer NOT NULL
);

--
-- Name: retention_overview; Type: VIEW; Schema: queue; Owner: -
--

CREATE VIEW queue.retention_overview AS
 SELECT r.kind,
    r.keep,
    r.set_at,
    r.set_by
   FROM queue.kind_retention r;

--
-- Name: share_overview; Type: VIEW; Schema: queue; Owner: -
--

CREATE VIEW queue.share_overview AS
 SELECT s.queue,
    s.weight,
    s.group_name,
    COALESCE(g.weight, (1)::double precision) AS group_weight,
    s.minimum
   FROM (queue.queue_share s
     LEFT JOIN queue.queue_group g ON ((g.name = s.group_name)));

--
-- Name: share_version; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.share_version (
    version bigint NOT NULL
);

--
-- Name: unique_hold; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.unique_hold (
    kind text NOT NULL COLLATE pg_catalog."C",
    unique_key text NOT NULL COLLATE pg_catalog."C",
    job_id bigint,
    alias uuid,
    held_until timestamp with time zone NOT NULL
)
WITH (fillfactor='70');

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
-- Name: worker_claim; Type: TABLE; Schema: queue; Owner: -
--

CREATE TABLE queue.worker_claim (
    worker_id uuid NOT NULL,
    number bigint NOT NULL,
    jobs bigint[] NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY queue.worker_claim ALTER COLUMN jobs SET STORAGE EXTERNAL;

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
    key_fingerprint bytea,
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
-- Name: network_key; Type: TABLE; Schema: safeguarding; Owner: -
--

CREATE TABLE safeguarding.network_key (
    number integer NOT NULL,
    id text NOT NULL,
    public_key bytea NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    signature bytea NOT NULL,
    added_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT network_key_id_check CHECK ((id ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT network_key_public_key_check CHECK ((length(public_key) = 32)),
    CONSTRAINT network_key_signature_check CHECK ((length(signature) = 64))
);

--
-- Name: network_key_number_seq; Type: SEQUENCE; Schema: safeguarding; Owner: -
--

ALTER TABLE safeguarding.network_key ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME safeguarding.network_key_number_seq
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
    key_fingerprint bytea NOT NULL,
    sealed bytea NOT NULL,
    sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

--
-- Name: sealed_text; Type: TABLE; Schema: safeguarding; Owner: -
--

CREATE TABLE safeguarding.sealed_text (
    number bigint NOT NULL,
    referral_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    status text NOT NULL,
    staff_id text,
    key_id text NOT NULL,
    digest bytea NOT NULL,
    size integer NOT NULL,
    sealed bytea,
    attachments jsonb,
    sent_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    erased_at timestamp with time zone
);

--
-- Name: sealed_text_number_seq; Type: SEQUENCE; Schema: safeguarding; Owner: -
--

ALTER TABLE safeguarding.sealed_text ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME safeguarding.sealed_text_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
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
-- Name: access_grant access_grant_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.access_grant
    ADD CONSTRAINT access_grant_pkey PRIMARY KEY (id);

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
-- Name: alliance alliance_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.alliance
    ADD CONSTRAINT alliance_pkey PRIMARY KEY (code);

--
-- Name: assignment assignment_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.assignment
    ADD CONSTRAINT assignment_pkey PRIMARY KEY (id);

--
-- Name: call_back call_back_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.call_back
    ADD CONSTRAINT call_back_pkey PRIMARY KEY (id);

--
-- Name: case_link case_link_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.case_link
    ADD CONSTRAINT case_link_pkey PRIMARY KEY (case_id, other_id);

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
-- Name: clock_change clock_change_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.clock_change
    ADD CONSTRAINT clock_change_pkey PRIMARY KEY (id);

--
-- Name: clock clock_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (id);

--
-- Name: conference conference_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.conference
    ADD CONSTRAINT conference_pkey PRIMARY KEY (id);

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
-- Name: digest_item digest_item_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.digest_item
    ADD CONSTRAINT digest_item_pkey PRIMARY KEY (id);

--
-- Name: dispute dispute_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.dispute
    ADD CONSTRAINT dispute_pkey PRIMARY KEY (id);

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
-- Name: impact_assessment_disclosure impact_assessment_disclosure_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.impact_assessment_disclosure
    ADD CONSTRAINT impact_assessment_disclosure_pkey PRIMARY KEY (agency_kind, purpose, assessment);

--
-- Name: impact_assessment_hold impact_assessment_hold_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.impact_assessment_hold
    ADD CONSTRAINT impact_assessment_hold_pkey PRIMARY KEY (id);

--
-- Name: impact_assessment impact_assessment_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.impact_assessment
    ADD CONSTRAINT impact_assessment_pkey PRIMARY KEY (number);

--
-- Name: impact_assessment impact_assessment_reference_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.impact_assessment
    ADD CONSTRAINT impact_assessment_reference_key UNIQUE (reference);

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
-- Name: joint_party joint_party_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.joint_party
    ADD CONSTRAINT joint_party_pkey PRIMARY KEY (case_id, agency_id, joined_at);

--
-- Name: joint_task joint_task_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.joint_task
    ADD CONSTRAINT joint_task_pkey PRIMARY KEY (id);

--
-- Name: legal_hold legal_hold_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.legal_hold
    ADD CONSTRAINT legal_hold_pkey PRIMARY KEY (id);

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
-- Name: milestone milestone_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.milestone
    ADD CONSTRAINT milestone_pkey PRIMARY KEY (id);

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
-- Name: risk_assessment risk_assessment_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.risk_assessment
    ADD CONSTRAINT risk_assessment_pkey PRIMARY KEY (id);

--
-- Name: risk_proposal risk_proposal_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.risk_proposal
    ADD CONSTRAINT risk_proposal_pkey PRIMARY KEY (case_id);

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
-- Name: rule_set_disclosure rule_set_disclosure_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.rule_set_disclosure
    ADD CONSTRAINT rule_set_disclosure_pkey PRIMARY KEY (version, agency_kind, purpose, profile);

--
-- Name: rule_set rule_set_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.rule_set
    ADD CONSTRAINT rule_set_pkey PRIMARY KEY (version);

--
-- Name: staff staff_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (id);

--
-- Name: staff_relation staff_relation_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_relation
    ADD CONSTRAINT staff_relation_pkey PRIMARY KEY (staff_id, token);

--
-- Name: staff_task staff_task_message_id_case_id_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_task
    ADD CONSTRAINT staff_task_message_id_case_id_key UNIQUE (message_id, case_id);

--
-- Name: staff_task staff_task_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_task
    ADD CONSTRAINT staff_task_pkey PRIMARY KEY (id);

--
-- Name: staff_training staff_training_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_training
    ADD CONSTRAINT staff_training_pkey PRIMARY KEY (staff_id, code);

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
-- Name: station_unit station_unit_division_code_name_key; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.station_unit
    ADD CONSTRAINT station_unit_division_code_name_key UNIQUE (division_code, name);

--
-- Name: station_unit station_unit_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.station_unit
    ADD CONSTRAINT station_unit_pkey PRIMARY KEY (id);

--
-- Name: triage triage_pkey; Type: CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.triage
    ADD CONSTRAINT triage_pkey PRIMARY KEY (id);

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
-- Name: agency_login agency_login_channel_key; Type: CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.agency_login
    ADD CONSTRAINT agency_login_channel_key UNIQUE (channel);

--
-- Name: agency_login agency_login_pkey; Type: CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.agency_login
    ADD CONSTRAINT agency_login_pkey PRIMARY KEY (login);

--
-- Name: desk_act desk_act_pkey; Type: CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.desk_act
    ADD CONSTRAINT desk_act_pkey PRIMARY KEY (id);

--
-- Name: repeated_request repeated_request_pkey; Type: CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.repeated_request
    ADD CONSTRAINT repeated_request_pkey PRIMARY KEY (agency_id, key);

--
-- Name: special_day special_day_pkey; Type: CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.special_day
    ADD CONSTRAINT special_day_pkey PRIMARY KEY (day);

--
-- Name: checkpoint checkpoint_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--

ALTER TABLE ONLY ledger.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (size);

--
-- Name: entry entry_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--

ALTER TABLE ONLY ledger.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY ("position");

--
-- Name: entry entry_source_source_id_key; Type: CONSTRAINT; Schema: ledger; Owner: -
--

ALTER TABLE ONLY ledger.entry
    ADD CONSTRAINT entry_source_source_id_key UNIQUE (source, source_id);

--
-- Name: erasure erasure_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--

ALTER TABLE ONLY ledger.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (id);

--
-- Name: progress progress_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--

ALTER TABLE ONLY ledger.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (is_only);

--
-- Name: tile tile_pkey; Type: CONSTRAINT; Schema: ledger; Owner: -
--

ALTER TABLE ONLY ledger.tile
    ADD CONSTRAINT tile_pkey PRIMARY KEY (level, number);

--
-- Name: bell_secret bell_secret_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.bell_secret
    ADD CONSTRAINT bell_secret_pkey PRIMARY KEY (is_only);

--
-- Name: kind_retention kind_retention_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.kind_retention
    ADD CONSTRAINT kind_retention_pkey PRIMARY KEY (kind);

--
-- Name: lane lane_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.lane
    ADD CONSTRAINT lane_pkey PRIMARY KEY (queue, priority, zero);

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
-- Name: periodic periodic_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.periodic
    ADD CONSTRAINT periodic_pkey PRIMARY KEY (name);

--
-- Name: permit permit_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.permit
    ADD CONSTRAINT permit_pkey PRIMARY KEY (queue, number);

--
-- Name: queue_group queue_group_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.queue_group
    ADD CONSTRAINT queue_group_pkey PRIMARY KEY (name);

--
-- Name: queue_limit queue_limit_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.queue_limit
    ADD CONSTRAINT queue_limit_pkey PRIMARY KEY (queue, zero);

--
-- Name: queue_share queue_share_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.queue_share
    ADD CONSTRAINT queue_share_pkey PRIMARY KEY (queue);

--
-- Name: unique_hold unique_hold_pkey; Type: CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.unique_hold
    ADD CONSTRAINT unique_hold_pkey PRIMARY KEY (kind, unique_key);

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
    ADD CONSTRAINT worker_pkey PRIMARY KEY (id, zero);

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
-- Name: network_key network_key_id_key; Type: CONSTRAINT; Schema: safeguarding; Owner: -
--

ALTER TABLE ONLY safeguarding.network_key
    ADD CONSTRAINT network_key_id_key UNIQUE (id);

--
-- Name: network_key network_key_pkey; Type: CONSTRAINT; Schema: safeguarding; Owner: -
--

ALTER TABLE ONLY safeguarding.network_key
    ADD CONSTRAINT network_key_pkey PRIMARY KEY (number);

--
-- Name: sealed_package sealed_package_pkey; Type: CONSTRAINT; Schema: safeguarding; Owner: -
--

ALTER TABLE ONLY safeguarding.sealed_package
    ADD CONSTRAINT sealed_package_pkey PRIMARY KEY (referral_id);

--
-- Name: sealed_text sealed_text_pkey; Type: CONSTRAINT; Schema: safeguarding; Owner: -
--

ALTER TABLE ONLY safeguarding.sealed_text
    ADD CONSTRAINT sealed_text_pkey PRIMARY KEY (number);

--
-- Name: sealed_text sealed_text_referral_id_status_digest_key; Type: CONSTRAINT; Schema: safeguarding; Owner: -
--

ALTER TABLE ONLY safeguarding.sealed_text
    ADD CONSTRAINT sealed_text_referral_id_status_digest_key UNIQUE (referral_id, status, digest);

--
-- Name: access_grant_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX access_grant_case ON casework.access_grant USING btree (case_id, staff_id, ends_at);

--
-- Name: agency_kind; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX agency_kind ON casework.agency USING btree (kind);

--
-- Name: agency_place; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX agency_place ON casework.agency USING btree (division_code, kind) WHERE (status = 'active'::text);

--
-- Name: agency_superior; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX agency_superior ON casework.agency USING btree (superior_id) WHERE (superior_id IS NOT NULL);

--
-- Name: assignment_live; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX assignment_live ON casework.assignment USING btree (case_id, staff_id, role) WHERE (ended_at IS NULL);

--
-- Name: assignment_staff; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX assignment_staff ON casework.assignment USING btree (staff_id) WHERE (ended_at IS NULL);

--
-- Name: call_back_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX call_back_case ON casework.call_back USING btree (case_id, called_at);

--
-- Name: case_link_other; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX case_link_other ON casework.case_link USING btree (other_id);

--
-- Name: cases_over; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX cases_over ON casework.cases USING btree (closed_at) WHERE ((status = 'closed'::text) AND (anonymised_at IS NULL));

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
-- Name: clock_change_clock; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX clock_change_clock ON casework.clock_change USING btree (clock_id, id);

--
-- Name: clock_referral; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX clock_referral ON casework.clock USING btree (referral_id) WHERE (referral_id IS NOT NULL);

--
-- Name: clock_running; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX clock_running ON casework.clock USING btree (look_at) WHERE ((state = 'running'::text) AND (paused_at IS NULL));

--
-- Name: conference_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX conference_case ON casework.conference USING btree (case_id, held_at);

--
-- Name: consent_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX consent_case ON casework.consent USING btree (case_id);

--
-- Name: contact_rule_person; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX contact_rule_person ON casework.contact_rule USING btree (person_id);

--
-- Name: digest_item_message; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX digest_item_message ON casework.digest_item USING btree (message_id) WHERE (message_id IS NOT NULL);

--
-- Name: digest_item_waiting; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX digest_item_waiting ON casework.digest_item USING btree (agency_id, referral_id, kind) WHERE (message_id IS NULL);

--
-- Name: dispute_open; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX dispute_open ON casework.dispute USING btree (case_id, purpose) WHERE (settled_at IS NULL);

--
-- Name: division_parent; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX division_parent ON casework.division USING btree (parent_code);

--
-- Name: event_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX event_case ON casework.event USING btree (case_id, id);

--
-- Name: event_ledger; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX event_ledger ON casework.event USING btree (transaction, id) WHERE casework.is_ledger_entry(kind);

--
-- Name: idempotency_age; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX idempotency_age ON casework.idempotency USING btree (created_at);

--
-- Name: impact_assessment_hold_standing; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX impact_assessment_hold_standing ON casework.impact_assessment_hold USING btree (assessment, reason) WHERE (released_at IS NULL);

--
-- Name: joint_party_live; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX joint_party_live ON casework.joint_party USING btree (case_id, agency_id) WHERE (left_at IS NULL);

--
-- Name: joint_task_agency; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX joint_task_agency ON casework.joint_task USING btree (agency_id, due_at) WHERE (status = 'open'::text);

--
-- Name: joint_task_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX joint_task_case ON casework.joint_task USING btree (case_id, due_at);

--
-- Name: legal_hold_standing; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX legal_hold_standing ON casework.legal_hold USING btree (case_id, reason) WHERE (released_at IS NULL);

--
-- Name: message_agency; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_agency ON casework.message USING btree (agency_id, created_at) WHERE (agency_id IS NOT NULL);

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

CREATE INDEX message_inbox ON casework.message USING btree (station_id, created_at) WHERE ((audience = 'station'::text) AND (read_at IS NULL));

--
-- Name: message_late; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_late ON casework.message USING btree (late_at) WHERE ((settled_at IS NULL) AND (late_at IS NOT NULL));

--
-- Name: message_operator; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_operator ON casework.message USING btree (template, created_at) WHERE (audience = 'operator'::text);

--
-- Name: message_person; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_person ON casework.message USING btree (person_id, settled_at) WHERE (person_id IS NOT NULL);

--
-- Name: message_reference; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_reference ON casework.message USING btree (provider, reference) WHERE (reference IS NOT NULL);

--
-- Name: message_undelivered; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX message_undelivered ON casework.message USING btree (deliver_by) WHERE ((settled_at IS NULL) AND (late_at IS NULL));

--
-- Name: milestone_new; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX milestone_new ON casework.milestone USING btree (case_id) WHERE (started_at IS NULL);

--
-- Name: operator_event_subject; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX operator_event_subject ON casework.operator_event USING btree (subject, id);

--
-- Name: person_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX person_case ON casework.person USING btree (case_id);

--
-- Name: person_email; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX person_email ON casework.person USING btree (email_index) WHERE (email_index IS NOT NULL);

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
-- Name: referral_under_way; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX referral_under_way ON casework.referral USING btree (agency_id) WHERE is_live;

--
-- Name: risk_assessment_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX risk_assessment_case ON casework.risk_assessment USING btree (case_id, assessed_at);

--
-- Name: staff_division; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX staff_division ON casework.staff USING gin (divisions);

--
-- Name: staff_task_open; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX staff_task_open ON casework.staff_task USING btree (station_id, opened_at) WHERE (done_at IS NULL);

--
-- Name: station_unit_core; Type: INDEX; Schema: casework; Owner: -
--

CREATE UNIQUE INDEX station_unit_core ON casework.station_unit USING btree (division_code) WHERE (kind = 'core'::text);

--
-- Name: triage_case; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX triage_case ON casework.triage USING btree (case_id);

--
-- Name: webhook_attempt_delivery; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX webhook_attempt_delivery ON casework.webhook_attempt USING btree (delivery_id, at);

--
-- Name: webhook_delivery_settled; Type: INDEX; Schema: casework; Owner: -
--

CREATE INDEX webhook_delivery_settled ON casework.webhook_delivery USING btree (settled_at) WHERE (state <> 'pending'::text);

--
-- Name: desk_act_referral; Type: INDEX; Schema: door; Owner: -
--

CREATE INDEX desk_act_referral ON door.desk_act USING btree (referral_id, id);

--
-- Name: repeated_request_age; Type: INDEX; Schema: door; Owner: -
--

CREATE INDEX repeated_request_age ON door.repeated_request USING btree (created_at);

--
-- Name: entry_case; Type: INDEX; Schema: ledger; Owner: -
--

CREATE INDEX entry_case ON ledger.entry USING btree (case_id) WHERE (case_id IS NOT NULL);

--
-- Name: erasure_ledger; Type: INDEX; Schema: ledger; Owner: -
--

CREATE INDEX erasure_ledger ON ledger.erasure USING btree (transaction, id);

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
-- Name: job_deferred_queue; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_deferred_queue ON queue.job_deferred USING btree (queue, id);

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
-- Name: job_kept_alias; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX job_kept_alias ON ONLY queue.job_kept USING btree (alias);

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
-- Name: unique_hold_end; Type: INDEX; Schema: queue; Owner: -
--

CREATE INDEX unique_hold_end ON queue.unique_hold USING btree (held_until);

--
-- Name: disclosure_ledger; Type: INDEX; Schema: safeguarding; Owner: -
--

CREATE INDEX disclosure_ledger ON safeguarding.disclosure USING btree (transaction, number);

--
-- Name: disclosure_referral; Type: INDEX; Schema: safeguarding; Owner: -
--

CREATE INDEX disclosure_referral ON safeguarding.disclosure USING btree (referral_id, number);

--
-- Name: sealed_text_key; Type: INDEX; Schema: safeguarding; Owner: -
--

CREATE INDEX sealed_text_key ON safeguarding.sealed_text USING btree (key_id) WHERE (erased_at IS NULL);

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
-- Name: alliance alliance_changed; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER alliance_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON casework.alliance FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();

--
-- Name: cases cases_has_clock; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE CONSTRAINT TRIGGER cases_has_clock AFTER INSERT OR UPDATE OF status ON casework.cases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework.require_running_clock();

--
-- Name: clock_change clock_change_append_only; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER clock_change_append_only BEFORE DELETE OR UPDATE ON casework.clock_change FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();

--
-- Name: clock_change clock_change_no_truncate; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER clock_change_no_truncate BEFORE TRUNCATE ON casework.clock_change FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

--
-- Name: clock clock_leaves_one; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE CONSTRAINT TRIGGER clock_leaves_one AFTER DELETE OR UPDATE OF state, case_id, paused_at ON casework.clock DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework.require_running_clock();

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
-- Name: impact_assessment_disclosure impact_assessment_disclosure_kept; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER impact_assessment_disclosure_kept BEFORE DELETE OR UPDATE ON casework.impact_assessment_disclosure FOR EACH ROW EXECUTE FUNCTION casework.keep_assessed_disclosure();

--
-- Name: impact_assessment_disclosure impact_assessment_disclosure_no_truncate; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER impact_assessment_disclosure_no_truncate BEFORE TRUNCATE ON casework.impact_assessment_disclosure FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

--
-- Name: impact_assessment impact_assessment_kept; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER impact_assessment_kept BEFORE DELETE OR UPDATE ON casework.impact_assessment FOR EACH ROW EXECUTE FUNCTION casework.keep_impact_assessment();

--
-- Name: impact_assessment impact_assessment_no_truncate; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER impact_assessment_no_truncate BEFORE TRUNCATE ON casework.impact_assessment FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

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
-- Name: rule_set_disclosure rule_set_disclosure_append_only; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER rule_set_disclosure_append_only BEFORE DELETE OR UPDATE ON casework.rule_set_disclosure FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();

--
-- Name: rule_set_disclosure rule_set_disclosure_no_truncate; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER rule_set_disclosure_no_truncate BEFORE TRUNCATE ON casework.rule_set_disclosure FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

--
-- Name: station station_changed; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE TRIGGER station_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON casework.station FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();

--
-- Name: station_unit station_unit_has_core; Type: TRIGGER; Schema: casework; Owner: -
--

CREATE CONSTRAINT TRIGGER station_unit_has_core AFTER INSERT OR DELETE OR UPDATE ON casework.station_unit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework.require_core();

--
-- Name: desk_act desk_act_append_only; Type: TRIGGER; Schema: door; Owner: -
--

CREATE TRIGGER desk_act_append_only BEFORE DELETE OR UPDATE ON door.desk_act FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();

--
-- Name: desk_act desk_act_no_truncate; Type: TRIGGER; Schema: door; Owner: -
--

CREATE TRIGGER desk_act_no_truncate BEFORE TRUNCATE ON door.desk_act FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

--
-- Name: checkpoint checkpoint_append_only; Type: TRIGGER; Schema: ledger; Owner: -
--

CREATE TRIGGER checkpoint_append_only BEFORE DELETE OR UPDATE ON ledger.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

--
-- Name: checkpoint checkpoint_no_truncate; Type: TRIGGER; Schema: ledger; Owner: -
--

CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON ledger.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

--
-- Name: entry entry_append_only; Type: TRIGGER; Schema: ledger; Owner: -
--

CREATE TRIGGER entry_append_only BEFORE UPDATE ON ledger.entry FOR EACH ROW WHEN (((new.nonce IS NOT NULL) OR (new."position" <> old."position") OR (new.source <> old.source) OR (new.source_id <> old.source_id) OR (new.commitment <> old.commitment))) EXECUTE FUNCTION ledger.refuse_change();

--
-- Name: entry entry_no_removal; Type: TRIGGER; Schema: ledger; Owner: -
--

CREATE TRIGGER entry_no_removal BEFORE DELETE ON ledger.entry FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

--
-- Name: entry entry_no_truncate; Type: TRIGGER; Schema: ledger; Owner: -
--

CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON ledger.entry FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

--
-- Name: tile tile_append_only; Type: TRIGGER; Schema: ledger; Owner: -
--

CREATE TRIGGER tile_append_only BEFORE DELETE OR UPDATE ON ledger.tile FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

--
-- Name: tile tile_no_truncate; Type: TRIGGER; Schema: ledger; Owner: -
--

CREATE TRIGGER tile_no_truncate BEFORE TRUNCATE ON ledger.tile FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

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
-- Name: sealed_text sealed_text_append_only; Type: TRIGGER; Schema: safeguarding; Owner: -
--

CREATE TRIGGER sealed_text_append_only BEFORE UPDATE ON safeguarding.sealed_text FOR EACH ROW WHEN (((old.erased_at IS NOT NULL) OR (new.erased_at IS NULL) OR (new.sealed IS NOT NULL) OR (new.attachments IS NOT NULL) OR ((new.number <> old.number) OR (new.referral_id <> old.referral_id) OR (new.agency_id <> old.agency_id) OR (new.status <> old.status) OR (new.key_id <> old.key_id) OR (new.digest <> old.digest) OR (new.size <> old.size) OR (new.sent_at <> old.sent_at)) OR (new.staff_id IS DISTINCT FROM old.staff_id))) EXECUTE FUNCTION safeguarding.refuse_text_change();

--
-- Name: sealed_text sealed_text_no_removal; Type: TRIGGER; Schema: safeguarding; Owner: -
--

CREATE TRIGGER sealed_text_no_removal BEFORE DELETE ON safeguarding.sealed_text FOR EACH STATEMENT EXECUTE FUNCTION safeguarding.refuse_text_change();

--
-- Name: sealed_text sealed_text_no_truncate; Type: TRIGGER; Schema: safeguarding; Owner: -
--

CREATE TRIGGER sealed_text_no_truncate BEFORE TRUNCATE ON safeguarding.sealed_text FOR EACH STATEMENT EXECUTE FUNCTION safeguarding.refuse_text_change();

--
-- Name: access_grant access_grant_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.access_grant
    ADD CONSTRAINT access_grant_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: access_grant access_grant_staff_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.access_grant
    ADD CONSTRAINT access_grant_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES casework.staff(id);

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
-- Name: agency agency_superior_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.agency
    ADD CONSTRAINT agency_superior_id_fkey FOREIGN KEY (superior_id) REFERENCES casework.agency(id);

--
-- Name: assignment assignment_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.assignment
    ADD CONSTRAINT assignment_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: assignment assignment_staff_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.assignment
    ADD CONSTRAINT assignment_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES casework.staff(id);

--
-- Name: call_back call_back_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.call_back
    ADD CONSTRAINT call_back_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: case_link case_link_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.case_link
    ADD CONSTRAINT case_link_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: case_link case_link_other_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.case_link
    ADD CONSTRAINT case_link_other_id_fkey FOREIGN KEY (other_id) REFERENCES casework.cases(id);

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
-- Name: clock_change clock_change_clock_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.clock_change
    ADD CONSTRAINT clock_change_clock_id_fkey FOREIGN KEY (clock_id) REFERENCES casework.clock(id);

--
-- Name: clock clock_referral_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.clock
    ADD CONSTRAINT clock_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES casework.referral(id);

--
-- Name: conference conference_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.conference
    ADD CONSTRAINT conference_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

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
-- Name: digest_item digest_item_agency_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.digest_item
    ADD CONSTRAINT digest_item_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: digest_item digest_item_message_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.digest_item
    ADD CONSTRAINT digest_item_message_id_fkey FOREIGN KEY (message_id) REFERENCES casework.message(id);

--
-- Name: digest_item digest_item_referral_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.digest_item
    ADD CONSTRAINT digest_item_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES casework.referral(id);

--
-- Name: dispute dispute_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.dispute
    ADD CONSTRAINT dispute_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: dispute dispute_decided_agency_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.dispute
    ADD CONSTRAINT dispute_decided_agency_id_fkey FOREIGN KEY (decided_agency_id) REFERENCES casework.agency(id);

--
-- Name: dispute dispute_division_code_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.dispute
    ADD CONSTRAINT dispute_division_code_fkey FOREIGN KEY (division_code) REFERENCES casework.division(code);

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
-- Name: impact_assessment_disclosure impact_assessment_disclosure_assessment_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.impact_assessment_disclosure
    ADD CONSTRAINT impact_assessment_disclosure_assessment_fkey FOREIGN KEY (assessment) REFERENCES casework.impact_assessment(number) ON DELETE CASCADE;

--
-- Name: impact_assessment_hold impact_assessment_hold_assessment_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.impact_assessment_hold
    ADD CONSTRAINT impact_assessment_hold_assessment_fkey FOREIGN KEY (assessment) REFERENCES casework.impact_assessment(number) ON DELETE CASCADE;

--
-- Name: intake_client intake_client_division_scope_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.intake_client
    ADD CONSTRAINT intake_client_division_scope_fkey FOREIGN KEY (division_scope) REFERENCES casework.division(code);

--
-- Name: joint_party joint_party_agency_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.joint_party
    ADD CONSTRAINT joint_party_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: joint_party joint_party_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.joint_party
    ADD CONSTRAINT joint_party_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: joint_task joint_task_agency_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.joint_task
    ADD CONSTRAINT joint_task_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: joint_task joint_task_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.joint_task
    ADD CONSTRAINT joint_task_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: legal_hold legal_hold_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.legal_hold
    ADD CONSTRAINT legal_hold_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: milestone milestone_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.milestone
    ADD CONSTRAINT milestone_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

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
-- Name: risk_assessment risk_assessment_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.risk_assessment
    ADD CONSTRAINT risk_assessment_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: risk_proposal risk_proposal_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.risk_proposal
    ADD CONSTRAINT risk_proposal_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: rule_draft rule_draft_version_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.rule_draft
    ADD CONSTRAINT rule_draft_version_fkey FOREIGN KEY (version) REFERENCES casework.rule_set(version);

--
-- Name: rule_set_disclosure rule_set_disclosure_version_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.rule_set_disclosure
    ADD CONSTRAINT rule_set_disclosure_version_fkey FOREIGN KEY (version) REFERENCES casework.rule_set(version);

--
-- Name: staff_relation staff_relation_staff_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_relation
    ADD CONSTRAINT staff_relation_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES casework.staff(id);

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
-- Name: staff_training staff_training_staff_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.staff_training
    ADD CONSTRAINT staff_training_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES casework.staff(id);

--
-- Name: station station_division_code_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.station
    ADD CONSTRAINT station_division_code_fkey FOREIGN KEY (division_code) REFERENCES casework.division(code);

--
-- Name: station_unit station_unit_division_code_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.station_unit
    ADD CONSTRAINT station_unit_division_code_fkey FOREIGN KEY (division_code) REFERENCES casework.division(code);

--
-- Name: triage triage_case_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.triage
    ADD CONSTRAINT triage_case_id_fkey FOREIGN KEY (case_id) REFERENCES casework.cases(id);

--
-- Name: webhook_attempt webhook_attempt_delivery_id_fkey; Type: FK CONSTRAINT; Schema: casework; Owner: -
--

ALTER TABLE ONLY casework.webhook_attempt
    ADD CONSTRAINT webhook_attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES casework.webhook_delivery(id);

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
-- Name: desk_act desk_act_agency_id_fkey; Type: FK CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.desk_act
    ADD CONSTRAINT desk_act_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: desk_act desk_act_referral_id_fkey; Type: FK CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.desk_act
    ADD CONSTRAINT desk_act_referral_id_fkey FOREIGN KEY (referral_id) REFERENCES casework.referral(id);

--
-- Name: repeated_request repeated_request_agency_id_fkey; Type: FK CONSTRAINT; Schema: door; Owner: -
--

ALTER TABLE ONLY door.repeated_request
    ADD CONSTRAINT repeated_request_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES casework.agency(id);

--
-- Name: queue_share queue_share_group_name_fkey; Type: FK CONSTRAINT; Schema: queue; Owner: -
--

ALTER TABLE ONLY queue.queue_share
    ADD CONSTRAINT queue_share_group_name_fkey FOREIGN KEY (group_name) REFERENCES queue.queue_group(name);

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
GRANT USAGE ON SCHEMA dandelion_migrations TO dandelion_ledger;

--
-- Name: SCHEMA door; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA door TO dandelion_operator;

--
-- Name: SCHEMA gateway; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA gateway TO dandelion_gateway;

--
-- Name: SCHEMA ledger; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA ledger TO dandelion_ledger;
GRANT USAGE ON SCHEMA ledger TO dandelion_operator;
GRANT USAGE ON SCHEMA ledger TO dandelion_gateway;
GRANT USAGE ON SCHEMA ledger TO dandelion_routing;

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
GRANT USAGE ON SCHEMA safeguarding TO dandelion_operator;

--
-- Name: FUNCTION accept_referral(p_agency uuid, p_referral uuid, p_lease text, p_text jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.accept_referral(p_agency uuid, p_referral uuid, p_lease text, p_text jsonb) FROM PUBLIC;

--
-- Name: FUNCTION accept_referrals(p_agencies uuid[], p_referrals uuid[], p_numbers text[], p_leases uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.accept_referrals(p_agencies uuid[], p_referrals uuid[], p_numbers text[], p_leases uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION act(p_number text, p_client uuid, p_staff text, p_roles text[], p_open boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.act(p_number text, p_client uuid, p_staff text, p_roles text[], p_open boolean) FROM PUBLIC;

--
-- Name: FUNCTION activate_rule_draft(p_id bigint, p_disclosures jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.activate_rule_draft(p_id bigint, p_disclosures jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.activate_rule_draft(p_id bigint, p_disclosures jsonb) TO dandelion_operator;

--
-- Name: FUNCTION activate_rule_set(p_yaml text, p_checksum bytea, p_disclosures jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.activate_rule_set(p_yaml text, p_checksum bytea, p_disclosures jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.activate_rule_set(p_yaml text, p_checksum bytea, p_disclosures jsonb) TO dandelion_operator;

--
-- Name: FUNCTION active_rule_set(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.active_rule_set() FROM PUBLIC;
GRANT ALL ON FUNCTION casework.active_rule_set() TO dandelion_intake;
GRANT ALL ON FUNCTION casework.active_rule_set() TO dandelion_operator;

--
-- Name: FUNCTION add_agency_key(p_agency uuid, p_key_hash bytea, p_label text, p_scopes text[], p_expires_at timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.add_agency_key(p_agency uuid, p_key_hash bytea, p_label text, p_scopes text[], p_expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.add_agency_key(p_agency uuid, p_key_hash bytea, p_label text, p_scopes text[], p_expires_at timestamp with time zone) TO dandelion_operator;

--
-- Name: FUNCTION add_staff_relation(p_client uuid, p_staff text, p_token bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.add_staff_relation(p_client uuid, p_staff text, p_token bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.add_staff_relation(p_client uuid, p_staff text, p_token bytea) TO dandelion_intake;

--
-- Name: FUNCTION add_triage(p_case uuid, p_station_notice boolean, p_suggestions jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.add_triage(p_case uuid, p_station_notice boolean, p_suggestions jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.add_triage(p_case uuid, p_station_notice boolean, p_suggestions jsonb) TO dandelion_intake;

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
-- Name: FUNCTION agencies_by_code(p_codes text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agencies_by_code(p_codes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agencies_by_code(p_codes text[]) TO dandelion_intake;
GRANT ALL ON FUNCTION casework.agencies_by_code(p_codes text[]) TO dandelion_operator;

--
-- Name: FUNCTION agencies_by_id(p_ids uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agencies_by_id(p_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agencies_by_id(p_ids uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION agencies_by_keys(p_key_hashes bytea[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agencies_by_keys(p_key_hashes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agencies_by_keys(p_key_hashes bytea[]) TO dandelion_gateway;

--
-- Name: FUNCTION agency_backlog(p_agency uuid, OUT waiting bigint, OUT waiting_bytes bigint, OUT max_waiting integer, OUT max_waiting_bytes bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agency_backlog(p_agency uuid, OUT waiting bigint, OUT waiting_bytes bigint, OUT max_waiting integer, OUT max_waiting_bytes bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agency_backlog(p_agency uuid, OUT waiting bigint, OUT waiting_bytes bigint, OUT max_waiting integer, OUT max_waiting_bytes bigint) TO dandelion_routing;

--
-- Name: FUNCTION agency_backlogs(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agency_backlogs() FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agency_backlogs() TO dandelion_operator;

--
-- Name: FUNCTION agency_counts(p_agency uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agency_counts(p_agency uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agency_counts(p_agency uuid) TO dandelion_gateway;

--
-- Name: FUNCTION agency_referrals(p_agency uuid, p_number text, p_referral uuid, p_limit integer, p_after text, p_statuses text[], p_purpose text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agency_referrals(p_agency uuid, p_number text, p_referral uuid, p_limit integer, p_after text, p_statuses text[], p_purpose text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agency_referrals(p_agency uuid, p_number text, p_referral uuid, p_limit integer, p_after text, p_statuses text[], p_purpose text) TO dandelion_gateway;

--
-- Name: FUNCTION agency_tasks(p_agency uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.agency_tasks(p_agency uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.agency_tasks(p_agency uuid) TO dandelion_gateway;

--
-- Name: FUNCTION alliances(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.alliances() FROM PUBLIC;
GRANT ALL ON FUNCTION casework.alliances() TO dandelion_operator;
GRANT ALL ON FUNCTION casework.alliances() TO dandelion_routing;

--
-- Name: FUNCTION anonymise_cases(p_after interval, p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.anonymise_cases(p_after interval, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.anonymise_cases(p_after interval, p_limit integer) TO dandelion_routing;

--
-- Name: FUNCTION answer_triage(p_number text, p_client uuid, p_staff text, p_subject text, p_answer boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.answer_triage(p_number text, p_client uuid, p_staff text, p_subject text, p_answer boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.answer_triage(p_number text, p_client uuid, p_staff text, p_subject text, p_answer boolean) TO dandelion_intake;

--
-- Name: FUNCTION ask_superior(p_case uuid, p_purpose text, p_division text, p_agencies uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.ask_superior(p_case uuid, p_purpose text, p_division text, p_agencies uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.ask_superior(p_case uuid, p_purpose text, p_division text, p_agencies uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION ask_texts(p_number text, p_staff text, p_reason text, OUT request bigint, OUT texts bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.ask_texts(p_number text, p_staff text, p_reason text, OUT request bigint, OUT texts bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.ask_texts(p_number text, p_staff text, p_reason text, OUT request bigint, OUT texts bigint) TO dandelion_operator;

--
-- Name: FUNCTION ask_to_close(p_case uuid, p_client uuid, p_staff text, p_outcome text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.ask_to_close(p_case uuid, p_client uuid, p_staff text, p_outcome text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.ask_to_close(p_case uuid, p_client uuid, p_staff text, p_outcome text) TO dandelion_intake;

--
-- Name: FUNCTION ask_to_seal(p_referral uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.ask_to_seal(p_referral uuid) FROM PUBLIC;

--
-- Name: FUNCTION assess_disclosures(p_disclosures jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.assess_disclosures(p_disclosures jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.assess_disclosures(p_disclosures jsonb) TO dandelion_operator;

--
-- Name: FUNCTION assign_staff(p_number text, p_client uuid, p_by text, p_staff text[], p_role text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.assign_staff(p_number text, p_client uuid, p_by text, p_staff text[], p_role text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.assign_staff(p_number text, p_client uuid, p_by text, p_staff text[], p_role text) TO dandelion_intake;

--
-- Name: FUNCTION begin_message(p_message uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.begin_message(p_message uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.begin_message(p_message uuid) TO dandelion_notification;

--
-- Name: FUNCTION begin_messages(p_messages uuid[], p_jobs bigint[], p_epochs integer[], p_numbers bigint[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.begin_messages(p_messages uuid[], p_jobs bigint[], p_epochs integer[], p_numbers bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.begin_messages(p_messages uuid[], p_jobs bigint[], p_epochs integer[], p_numbers bigint[]) TO dandelion_notification;

--
-- Name: FUNCTION call_backs_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.call_backs_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.call_backs_of(p_case uuid) TO dandelion_intake;
GRANT ALL ON FUNCTION casework.call_backs_of(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION case_to_close(p_number text, p_client uuid, p_staff text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.case_to_close(p_number text, p_client uuid, p_staff text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.case_to_close(p_number text, p_client uuid, p_staff text) TO dandelion_intake;

--
-- Name: FUNCTION cases_of_referrals(p_referrals uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.cases_of_referrals(p_referrals uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.cases_of_referrals(p_referrals uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION change_clock(p_clock uuid, p_client uuid, p_kind text, p_ground text, p_basis text, p_staff text, p_at timestamp with time zone, p_due_before timestamp with time zone, p_due_after timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.change_clock(p_clock uuid, p_client uuid, p_kind text, p_ground text, p_basis text, p_staff text, p_at timestamp with time zone, p_due_before timestamp with time zone, p_due_after timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.change_clock(p_clock uuid, p_client uuid, p_kind text, p_ground text, p_basis text, p_staff text, p_at timestamp with time zone, p_due_before timestamp with time zone, p_due_after timestamp with time zone) TO dandelion_operator;

--
-- Name: FUNCTION change_owner(p_case uuid, p_station uuid, p_reason text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.change_owner(p_case uuid, p_station uuid, p_reason text, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.change_owner(p_case uuid, p_station uuid, p_reason text, p_actor text) TO dandelion_routing;

--
-- Name: FUNCTION change_referral(p_referral uuid, p_client uuid, p_staff text, p_from text, p_to text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.change_referral(p_referral uuid, p_client uuid, p_staff text, p_from text, p_to text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.change_referral(p_referral uuid, p_client uuid, p_staff text, p_from text, p_to text) TO dandelion_intake;

--
-- Name: FUNCTION clock_by_id(p_clock uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.clock_by_id(p_clock uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.clock_by_id(p_clock uuid) TO dandelion_routing;

--
-- Name: FUNCTION clock_to_change(p_number text, p_client uuid, p_staff text, p_clock uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.clock_to_change(p_number text, p_client uuid, p_staff text, p_clock uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.clock_to_change(p_number text, p_client uuid, p_staff text, p_clock uuid) TO dandelion_operator;

--
-- Name: FUNCTION clocks_of(p_cases uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.clocks_of(p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.clocks_of(p_cases uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION close_case(p_case uuid, p_outcome text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.close_case(p_case uuid, p_outcome text, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.close_case(p_case uuid, p_outcome text, p_actor text) TO dandelion_routing;

--
-- Name: FUNCTION closing_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.closing_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.closing_of(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION common_superior(p_agencies uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.common_superior(p_agencies uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.common_superior(p_agencies uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION confirm_safety(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.confirm_safety(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.confirm_safety(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION consent_grants(p_consent casework.consent, p_facts jsonb, p_profile text, p_now timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.consent_grants(p_consent casework.consent, p_facts jsonb, p_profile text, p_now timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION consent_is_about(p_consent casework.consent, p_facts jsonb, p_agency uuid, p_kind text, p_purpose text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.consent_is_about(p_consent casework.consent, p_facts jsonb, p_agency uuid, p_kind text, p_purpose text) FROM PUBLIC;

--
-- Name: FUNCTION consent_refuses(p_consent casework.consent); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.consent_refuses(p_consent casework.consent) FROM PUBLIC;

--
-- Name: FUNCTION consent_stands(p_case uuid, p_agency uuid, p_kind text, p_purpose text, p_profile text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.consent_stands(p_case uuid, p_agency uuid, p_kind text, p_purpose text, p_profile text) FROM PUBLIC;

--
-- Name: FUNCTION consents_for_client(p_number text, p_client uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.consents_for_client(p_number text, p_client uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.consents_for_client(p_number text, p_client uuid) TO dandelion_intake;

--
-- Name: FUNCTION consents_of(p_cases uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.consents_of(p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.consents_of(p_cases uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION contact_rules_of(p_person uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.contact_rules_of(p_person uuid) FROM PUBLIC;

--
-- Name: FUNCTION contact_rules_of_cases(p_cases uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.contact_rules_of_cases(p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.contact_rules_of_cases(p_cases uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION contact_rules_of_messages(p_messages uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.contact_rules_of_messages(p_messages uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.contact_rules_of_messages(p_messages uuid[]) TO dandelion_notification;

--
-- Name: FUNCTION contacts_of_messages(p_messages uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.contacts_of_messages(p_messages uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.contacts_of_messages(p_messages uuid[]) TO dandelion_notification;

--
-- Name: FUNCTION create_referrals(p_ids uuid[], p_numbers text[], p_cases uuid[], p_agencies uuid[], p_purposes text[], p_profiles text[], p_tiers text[], p_rule_versions bigint[], p_explanations jsonb[], p_legal_bases text[], p_consent_bases text[], p_priorities integer[], p_outcome_clocks text[], p_predecessors uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.create_referrals(p_ids uuid[], p_numbers text[], p_cases uuid[], p_agencies uuid[], p_purposes text[], p_profiles text[], p_tiers text[], p_rule_versions bigint[], p_explanations jsonb[], p_legal_bases text[], p_consent_bases text[], p_priorities integer[], p_outcome_clocks text[], p_predecessors uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.create_referrals(p_ids uuid[], p_numbers text[], p_cases uuid[], p_agencies uuid[], p_purposes text[], p_profiles text[], p_tiers text[], p_rule_versions bigint[], p_explanations jsonb[], p_legal_bases text[], p_consent_bases text[], p_priorities integer[], p_outcome_clocks text[], p_predecessors uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION decide_dispute(p_number text, p_client uuid, p_staff text, p_purpose text, p_agency_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.decide_dispute(p_number text, p_client uuid, p_staff text, p_purpose text, p_agency_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.decide_dispute(p_number text, p_client uuid, p_staff text, p_purpose text, p_agency_code text) TO dandelion_intake;

--
-- Name: FUNCTION decline_referral(p_agency uuid, p_referral uuid, p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.decline_referral(p_agency uuid, p_referral uuid, p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text jsonb) FROM PUBLIC;

--
-- Name: FUNCTION disputes_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.disputes_of(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.disputes_of(p_case uuid) TO dandelion_routing;

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

--
-- Name: FUNCTION end_clocks(p_clocks uuid[], p_state text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.end_clocks(p_clocks uuid[], p_state text, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.end_clocks(p_clocks uuid[], p_state text, p_actor text) TO dandelion_routing;

--
-- Name: FUNCTION end_lost_parts(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.end_lost_parts(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.end_lost_parts(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION end_part(p_case uuid, p_agency uuid, p_actor_kind text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.end_part(p_case uuid, p_agency uuid, p_actor_kind text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION end_task(p_task uuid, p_status text, p_actor_kind text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.end_task(p_task uuid, p_status text, p_actor_kind text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION enqueue_webhook(p_delivery uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.enqueue_webhook(p_delivery uuid) FROM PUBLIC;

--
-- Name: FUNCTION fingerprint(p_bytes bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.fingerprint(p_bytes bytea) FROM PUBLIC;

--
-- Name: FUNCTION finish_agency_task(p_agency uuid, p_task uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.finish_agency_task(p_agency uuid, p_task uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.finish_agency_task(p_agency uuid, p_task uuid) TO dandelion_gateway;

--
-- Name: FUNCTION finish_staff_task(p_task uuid, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.finish_staff_task(p_task uuid, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.finish_staff_task(p_task uuid, p_actor text) TO dandelion_operator;

--
-- Name: FUNCTION follow_late_messages(p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.follow_late_messages(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.follow_late_messages(p_limit integer) TO dandelion_notification;

--
-- Name: FUNCTION follow_message(p_message uuid, p_reason text, p_was_forbidden boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.follow_message(p_message uuid, p_reason text, p_was_forbidden boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.follow_message(p_message uuid, p_reason text, p_was_forbidden boolean) TO dandelion_notification;

--
-- Name: FUNCTION forget_idempotency_keys(p_older interval, p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.forget_idempotency_keys(p_older interval, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.forget_idempotency_keys(p_older interval, p_limit integer) TO dandelion_intake;

--
-- Name: FUNCTION forget_impact_assessments(p_now timestamp with time zone, p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.forget_impact_assessments(p_now timestamp with time zone, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.forget_impact_assessments(p_now timestamp with time zone, p_limit integer) TO dandelion_routing;

--
-- Name: FUNCTION forget_webhooks(p_older interval, p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.forget_webhooks(p_older interval, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.forget_webhooks(p_older interval, p_limit integer) TO dandelion_gateway;

--
-- Name: FUNCTION from_micros(p_micros bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.from_micros(p_micros bigint) FROM PUBLIC;

--
-- Name: FUNCTION gather_digests(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.gather_digests() FROM PUBLIC;
GRANT ALL ON FUNCTION casework.gather_digests() TO dandelion_notification;

--
-- Name: FUNCTION give_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_kind text, p_agency_code text, p_due timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.give_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_kind text, p_agency_code text, p_due timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.give_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_kind text, p_agency_code text, p_due timestamp with time zone) TO dandelion_intake;

--
-- Name: FUNCTION hold_conference(p_number text, p_client uuid, p_staff text, p_conference uuid, p_held timestamp with time zone, p_agency_codes text[], p_minutes bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.hold_conference(p_number text, p_client uuid, p_staff text, p_conference uuid, p_held timestamp with time zone, p_agency_codes text[], p_minutes bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.hold_conference(p_number text, p_client uuid, p_staff text, p_conference uuid, p_held timestamp with time zone, p_agency_codes text[], p_minutes bytea) TO dandelion_intake;

--
-- Name: FUNCTION hold_consents(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.hold_consents(p_case uuid) FROM PUBLIC;

--
-- Name: FUNCTION hold_impact_assessment(p_reference text, p_reason text, p_stands boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.hold_impact_assessment(p_reference text, p_reason text, p_stands boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.hold_impact_assessment(p_reference text, p_reason text, p_stands boolean) TO dandelion_operator;

--
-- Name: FUNCTION impact_assessments(p_reference text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.impact_assessments(p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.impact_assessments(p_reference text) TO dandelion_operator;

--
-- Name: FUNCTION import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[]) TO dandelion_operator;

--
-- Name: FUNCTION insert_message(p_audience text, p_case uuid, p_person uuid, p_station uuid, p_agency uuid, p_referral uuid, p_template text, p_about text, p_step integer, p_lane integer, p_within interval, p_wait interval); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.insert_message(p_audience text, p_case uuid, p_person uuid, p_station uuid, p_agency uuid, p_referral uuid, p_template text, p_about text, p_step integer, p_lane integer, p_within interval, p_wait interval) FROM PUBLIC;

--
-- Name: FUNCTION insert_messages(p_audience text, p_cases uuid[], p_people uuid[], p_stations uuid[], p_agencies uuid[], p_referrals uuid[], p_template text, p_about text, p_steps integer[], p_lanes integer[], p_within interval[], p_wait interval); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.insert_messages(p_audience text, p_cases uuid[], p_people uuid[], p_stations uuid[], p_agencies uuid[], p_referrals uuid[], p_template text, p_about text, p_steps integer[], p_lanes integer[], p_within interval[], p_wait interval) FROM PUBLIC;

--
-- Name: FUNCTION intake_client_by_key(p_key_hash bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.intake_client_by_key(p_key_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.intake_client_by_key(p_key_hash bytea) TO dandelion_intake;

--
-- Name: FUNCTION is_ledger_entry(p_kind text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.is_ledger_entry(p_kind text) FROM PUBLIC;

--
-- Name: FUNCTION join_agency(p_number text, p_client uuid, p_staff text, p_agency_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.join_agency(p_number text, p_client uuid, p_staff text, p_agency_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.join_agency(p_number text, p_client uuid, p_staff text, p_agency_code text) TO dandelion_intake;

--
-- Name: FUNCTION joint_agency(p_case uuid, p_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.joint_agency(p_case uuid, p_code text) FROM PUBLIC;

--
-- Name: FUNCTION joint_board(p_number text, p_client uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.joint_board(p_number text, p_client uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.joint_board(p_number text, p_client uuid) TO dandelion_intake;

--
-- Name: FUNCTION keep_assessed_disclosure(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.keep_assessed_disclosure() FROM PUBLIC;

--
-- Name: FUNCTION keep_impact_assessment(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.keep_impact_assessment() FROM PUBLIC;

--
-- Name: FUNCTION known_agency_kinds(p_kinds text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.known_agency_kinds(p_kinds text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.known_agency_kinds(p_kinds text[]) TO dandelion_intake;
GRANT ALL ON FUNCTION casework.known_agency_kinds(p_kinds text[]) TO dandelion_operator;

--
-- Name: FUNCTION leave_joint(p_number text, p_client uuid, p_staff text, p_agency_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.leave_joint(p_number text, p_client uuid, p_staff text, p_agency_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.leave_joint(p_number text, p_client uuid, p_staff text, p_agency_code text) TO dandelion_intake;

--
-- Name: FUNCTION link_cases(p_number text, p_client uuid, p_staff text, p_other text, p_relation text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.link_cases(p_number text, p_client uuid, p_staff text, p_other text, p_relation text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.link_cases(p_number text, p_client uuid, p_staff text, p_other text, p_relation text) TO dandelion_intake;

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
-- Name: FUNCTION lock_cases(p_cases uuid[], p_may_wait boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_cases(p_cases uuid[], p_may_wait boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.lock_cases(p_cases uuid[], p_may_wait boolean) TO dandelion_routing;

--
-- Name: FUNCTION lock_consents(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_consents(p_case uuid) FROM PUBLIC;

--
-- Name: FUNCTION lock_network(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_network() FROM PUBLIC;

--
-- Name: FUNCTION lock_offered(p_agencies uuid[], p_referrals uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_offered(p_agencies uuid[], p_referrals uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION lock_person_messages(p_messages uuid[], p_may_wait boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_person_messages(p_messages uuid[], p_may_wait boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.lock_person_messages(p_messages uuid[], p_may_wait boolean) TO dandelion_notification;

--
-- Name: FUNCTION lock_staff_messages(p_messages uuid[], p_may_wait boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lock_staff_messages(p_messages uuid[], p_may_wait boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.lock_staff_messages(p_messages uuid[], p_may_wait boolean) TO dandelion_notification;

--
-- Name: FUNCTION lower_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_items text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.lower_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_items text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.lower_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_items text[]) TO dandelion_intake;

--
-- Name: FUNCTION message_counts(p_since timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.message_counts(p_since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.message_counts(p_since timestamp with time zone) TO dandelion_operator;

--
-- Name: FUNCTION moments_of(p_cases uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.moments_of(p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.moments_of(p_cases uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION move_dispute(p_case uuid, p_purpose text, p_division text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.move_dispute(p_case uuid, p_purpose text, p_division text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.move_dispute(p_case uuid, p_purpose text, p_division text) TO dandelion_routing;

--
-- Name: FUNCTION network_changed(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.network_changed() FROM PUBLIC;

--
-- Name: FUNCTION network_troubles(p_clock_age interval); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.network_troubles(p_clock_age interval) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.network_troubles(p_clock_age interval) TO dandelion_notification;

--
-- Name: FUNCTION notice_lane(p_kind text, p_risk text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notice_lane(p_kind text, p_risk text) FROM PUBLIC;

--
-- Name: FUNCTION notice_time(p_lane integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notice_time(p_lane integer) FROM PUBLIC;

--
-- Name: FUNCTION notify_agency(p_referral uuid, p_kind text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_agency(p_referral uuid, p_kind text) FROM PUBLIC;

--
-- Name: FUNCTION notify_all_help_seekers(p_cases uuid[], p_template text, p_referral uuid, p_if_agreed boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_all_help_seekers(p_cases uuid[], p_template text, p_referral uuid, p_if_agreed boolean) FROM PUBLIC;

--
-- Name: FUNCTION notify_duty(p_case uuid, p_station uuid, p_kind text, p_lane integer, p_step integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_duty(p_case uuid, p_station uuid, p_kind text, p_lane integer, p_step integer) FROM PUBLIC;

--
-- Name: FUNCTION notify_help_seekers(p_case uuid, p_template text, p_referral uuid, p_if_agreed boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_help_seekers(p_case uuid, p_template text, p_referral uuid, p_if_agreed boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.notify_help_seekers(p_case uuid, p_template text, p_referral uuid, p_if_agreed boolean) TO dandelion_routing;

--
-- Name: FUNCTION notify_operators(p_kind text, p_about text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_operators(p_kind text, p_about text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.notify_operators(p_kind text, p_about text) TO dandelion_notification;

--
-- Name: FUNCTION notify_people(p_cases uuid[], p_people uuid[], p_template text, p_referral uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_people(p_cases uuid[], p_people uuid[], p_template text, p_referral uuid) FROM PUBLIC;

--
-- Name: FUNCTION notify_person(p_case uuid, p_person uuid, p_template text, p_referral uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_person(p_case uuid, p_person uuid, p_template text, p_referral uuid) FROM PUBLIC;

--
-- Name: FUNCTION notify_station(p_case uuid, p_station uuid, p_kind text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_station(p_case uuid, p_station uuid, p_kind text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.notify_station(p_case uuid, p_station uuid, p_kind text) TO dandelion_routing;

--
-- Name: FUNCTION notify_stations(p_cases uuid[], p_stations uuid[], p_kind text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.notify_stations(p_cases uuid[], p_stations uuid[], p_kind text) FROM PUBLIC;

--
-- Name: FUNCTION open_access(p_number text, p_client uuid, p_staff text, p_grant uuid, p_reason bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.open_access(p_number text, p_client uuid, p_staff text, p_grant uuid, p_reason bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.open_access(p_number text, p_client uuid, p_staff text, p_grant uuid, p_reason bytea) TO dandelion_intake;

--
-- Name: FUNCTION open_cases(p_ids uuid[], p_numbers text[], p_receipt_hashes bytea[], p_channels text[], p_divisions text[], p_risks text[], p_facts jsonb[], p_narratives bytea[], p_clients uuid[], p_client_names text[], p_clocks uuid[], p_clock_names text[], p_clock_bases text[], p_due_at timestamp with time zone[], p_people uuid[], p_people_of uuid[], p_roles text[], p_names bytea[], p_phones bytea[], p_emails bytea[], p_birth_dates bytea[], p_sexes text[], p_capacities text[], p_minors boolean[], p_name_indexes bytea[], p_phone_indexes bytea[], p_email_indexes bytea[], p_rules uuid[], p_rules_of uuid[], p_rule_people uuid[], p_rule_channels text[], p_rule_days text[], p_from_minutes smallint[], p_to_minutes smallint[], p_never_mention boolean[], p_code_words bytea[], p_confirmed_at timestamp with time zone[], p_expires_at timestamp with time zone[], p_tags bytea[], p_consents jsonb, p_keys text[], p_request_hashes bytea[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.open_cases(p_ids uuid[], p_numbers text[], p_receipt_hashes bytea[], p_channels text[], p_divisions text[], p_risks text[], p_facts jsonb[], p_narratives bytea[], p_clients uuid[], p_client_names text[], p_clocks uuid[], p_clock_names text[], p_clock_bases text[], p_due_at timestamp with time zone[], p_people uuid[], p_people_of uuid[], p_roles text[], p_names bytea[], p_phones bytea[], p_emails bytea[], p_birth_dates bytea[], p_sexes text[], p_capacities text[], p_minors boolean[], p_name_indexes bytea[], p_phone_indexes bytea[], p_email_indexes bytea[], p_rules uuid[], p_rules_of uuid[], p_rule_people uuid[], p_rule_channels text[], p_rule_days text[], p_from_minutes smallint[], p_to_minutes smallint[], p_never_mention boolean[], p_code_words bytea[], p_confirmed_at timestamp with time zone[], p_expires_at timestamp with time zone[], p_tags bytea[], p_consents jsonb, p_keys text[], p_request_hashes bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.open_cases(p_ids uuid[], p_numbers text[], p_receipt_hashes bytea[], p_channels text[], p_divisions text[], p_risks text[], p_facts jsonb[], p_narratives bytea[], p_clients uuid[], p_client_names text[], p_clocks uuid[], p_clock_names text[], p_clock_bases text[], p_due_at timestamp with time zone[], p_people uuid[], p_people_of uuid[], p_roles text[], p_names bytea[], p_phones bytea[], p_emails bytea[], p_birth_dates bytea[], p_sexes text[], p_capacities text[], p_minors boolean[], p_name_indexes bytea[], p_phone_indexes bytea[], p_email_indexes bytea[], p_rules uuid[], p_rules_of uuid[], p_rule_people uuid[], p_rule_channels text[], p_rule_days text[], p_from_minutes smallint[], p_to_minutes smallint[], p_never_mention boolean[], p_code_words bytea[], p_confirmed_at timestamp with time zone[], p_expires_at timestamp with time zone[], p_tags bytea[], p_consents jsonb, p_keys text[], p_request_hashes bytea[]) TO dandelion_intake;

--
-- Name: FUNCTION open_staff_task(p_case uuid, p_station uuid, p_kind text, p_message uuid, p_reason text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.open_staff_task(p_case uuid, p_station uuid, p_kind text, p_message uuid, p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION opened_case(p_client uuid, p_key text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.opened_case(p_client uuid, p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.opened_case(p_client uuid, p_key text) TO dandelion_intake;

--
-- Name: FUNCTION override_consent(p_number text, p_client uuid, p_staff text, p_supervisor text, p_kind text, p_purpose text, p_basis text, p_article text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.override_consent(p_number text, p_client uuid, p_staff text, p_supervisor text, p_kind text, p_purpose text, p_basis text, p_article text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.override_consent(p_number text, p_client uuid, p_staff text, p_supervisor text, p_kind text, p_purpose text, p_basis text, p_article text) TO dandelion_intake;

--
-- Name: FUNCTION owner_of(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.owner_of(p_case uuid) FROM PUBLIC;

--
-- Name: FUNCTION people_of(p_cases uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.people_of(p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.people_of(p_cases uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION possible_matches(p_number text, p_client uuid, p_staff text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.possible_matches(p_number text, p_client uuid, p_staff text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.possible_matches(p_number text, p_client uuid, p_staff text) TO dandelion_intake;

--
-- Name: FUNCTION profile_data_kinds(p_profile text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.profile_data_kinds(p_profile text) FROM PUBLIC;

--
-- Name: FUNCTION propose_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_withdrawn text[], p_reason text, p_at timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.propose_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_withdrawn text[], p_reason text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.propose_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_withdrawn text[], p_reason text, p_at timestamp with time zone) TO dandelion_intake;

--
-- Name: FUNCTION put_agency(p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_key_valid_from timestamp with time zone, p_key_signature bytea, p_webhook_url text, p_webhook_secret bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_agency(p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_key_valid_from timestamp with time zone, p_key_signature bytea, p_webhook_url text, p_webhook_secret bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.put_agency(p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_key_valid_from timestamp with time zone, p_key_signature bytea, p_webhook_url text, p_webhook_secret bytea) TO dandelion_operator;

--
-- Name: FUNCTION put_agency_details(p_code text, p_services text[], p_hours text, p_capacity integer, p_superior_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_agency_details(p_code text, p_services text[], p_hours text, p_capacity integer, p_superior_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.put_agency_details(p_code text, p_services text[], p_hours text, p_capacity integer, p_superior_code text) TO dandelion_operator;

--
-- Name: FUNCTION put_alliance(p_code text, p_name text, p_members text[], p_purposes text[], p_from date, p_until date, p_basis text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_alliance(p_code text, p_name text, p_members text[], p_purposes text[], p_from date, p_until date, p_basis text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.put_alliance(p_code text, p_name text, p_members text[], p_purposes text[], p_from date, p_until date, p_basis text) TO dandelion_operator;

--
-- Name: FUNCTION put_intake_client(p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean, p_may_change boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_intake_client(p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean, p_may_change boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.put_intake_client(p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean, p_may_change boolean) TO dandelion_operator;

--
-- Name: FUNCTION put_message_state(p_message uuid, p_old text, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_message_state(p_message uuid, p_old text, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) FROM PUBLIC;

--
-- Name: FUNCTION put_sending(p_messages uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_sending(p_messages uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION put_sent(p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_sent(p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]) FROM PUBLIC;

--
-- Name: FUNCTION put_staff(p_id text, p_roles text[], p_divisions text[], p_capacity integer, p_status text, p_trainings jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_staff(p_id text, p_roles text[], p_divisions text[], p_capacity integer, p_status text, p_trainings jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.put_staff(p_id text, p_roles text[], p_divisions text[], p_capacity integer, p_status text, p_trainings jsonb) TO dandelion_operator;

--
-- Name: FUNCTION put_station_units(p_kinds text[], p_divisions text[], p_names text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.put_station_units(p_kinds text[], p_divisions text[], p_names text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.put_station_units(p_kinds text[], p_divisions text[], p_names text[]) TO dandelion_operator;

--
-- Name: FUNCTION read_case(p_number text, p_client uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.read_case(p_number text, p_client uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.read_case(p_number text, p_client uuid) TO dandelion_intake;

--
-- Name: FUNCTION read_minutes(p_number text, p_client uuid, p_staff text, p_conference uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.read_minutes(p_number text, p_client uuid, p_staff text, p_conference uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.read_minutes(p_number text, p_client uuid, p_staff text, p_conference uuid) TO dandelion_intake;

--
-- Name: FUNCTION read_notice(p_message uuid, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.read_notice(p_message uuid, p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.read_notice(p_message uuid, p_actor text) TO dandelion_operator;

--
-- Name: FUNCTION read_people(p_number text, p_client uuid, p_staff text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.read_people(p_number text, p_client uuid, p_staff text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.read_people(p_number text, p_client uuid, p_staff text) TO dandelion_intake;

--
-- Name: FUNCTION read_texts(p_request bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.read_texts(p_request bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.read_texts(p_request bigint) TO dandelion_operator;

--
-- Name: FUNCTION read_triage(p_number text, p_client uuid, p_staff text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.read_triage(p_number text, p_client uuid, p_staff text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.read_triage(p_number text, p_client uuid, p_staff text) TO dandelion_intake;

--
-- Name: FUNCTION reader(p_number text, p_client uuid, p_staff text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.reader(p_number text, p_client uuid, p_staff text) FROM PUBLIC;

--
-- Name: FUNCTION receipt_status(p_receipt_hash bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.receipt_status(p_receipt_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.receipt_status(p_receipt_hash bytea) TO dandelion_intake;

--
-- Name: FUNCTION receive_referrals(p_referrals uuid[], p_leases uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.receive_referrals(p_referrals uuid[], p_leases uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION record_assessment(p_case uuid, p_client uuid, p_staff text, p_occasion text, p_answers text[], p_items text[], p_level text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_assessment(p_case uuid, p_client uuid, p_staff text, p_occasion text, p_answers text[], p_items text[], p_level text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_assessment(p_case uuid, p_client uuid, p_staff text, p_occasion text, p_answers text[], p_items text[], p_level text) TO dandelion_intake;

--
-- Name: FUNCTION record_call_back(p_number text, p_client uuid, p_staff text, p_result text, p_satisfaction integer, p_clocks jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_call_back(p_number text, p_client uuid, p_staff text, p_result text, p_satisfaction integer, p_clocks jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_call_back(p_number text, p_client uuid, p_staff text, p_result text, p_satisfaction integer, p_clocks jsonb) TO dandelion_intake;

--
-- Name: FUNCTION record_consent(p_number text, p_client uuid, p_staff text, p_kinds text[], p_agencies uuid[], p_purpose text, p_granted boolean, p_given_by text, p_data_kinds text[], p_expires_at timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_consent(p_number text, p_client uuid, p_staff text, p_kinds text[], p_agencies uuid[], p_purpose text, p_granted boolean, p_given_by text, p_data_kinds text[], p_expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_consent(p_number text, p_client uuid, p_staff text, p_kinds text[], p_agencies uuid[], p_purpose text, p_granted boolean, p_given_by text, p_data_kinds text[], p_expires_at timestamp with time zone) TO dandelion_intake;
GRANT ALL ON FUNCTION casework.record_consent(p_number text, p_client uuid, p_staff text, p_kinds text[], p_agencies uuid[], p_purpose text, p_granted boolean, p_given_by text, p_data_kinds text[], p_expires_at timestamp with time zone) TO dandelion_operator;

--
-- Name: FUNCTION record_decisions(p_cases uuid[], p_rule_versions bigint[], p_explanations jsonb[], p_owners uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_decisions(p_cases uuid[], p_rule_versions bigint[], p_explanations jsonb[], p_owners uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_decisions(p_cases uuid[], p_rule_versions bigint[], p_explanations jsonb[], p_owners uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION record_escalation(p_case uuid, p_referral uuid, p_from uuid, p_data jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_escalation(p_case uuid, p_referral uuid, p_from uuid, p_data jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_escalation(p_case uuid, p_referral uuid, p_from uuid, p_data jsonb) TO dandelion_routing;

--
-- Name: FUNCTION record_event(p_case uuid, p_referral uuid, p_kind text, p_actor_kind text, p_actor text, p_rule_version bigint, p_data jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_event(p_case uuid, p_referral uuid, p_kind text, p_actor_kind text, p_actor text, p_rule_version bigint, p_data jsonb) FROM PUBLIC;

--
-- Name: FUNCTION record_impact_assessment(p_assessment jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_impact_assessment(p_assessment jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_impact_assessment(p_assessment jsonb) TO dandelion_operator;

--
-- Name: FUNCTION record_milestone(p_number text, p_client uuid, p_staff text, p_kind text, p_reached date, p_until date); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_milestone(p_number text, p_client uuid, p_staff text, p_kind text, p_reached date, p_until date) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_milestone(p_number text, p_client uuid, p_staff text, p_kind text, p_reached date, p_until date) TO dandelion_intake;

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
-- Name: FUNCTION record_sealing(p_case uuid, p_referral uuid, p_kind text, p_key bytea, p_key_before bytea); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_sealing(p_case uuid, p_referral uuid, p_kind text, p_key bytea, p_key_before bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_sealing(p_case uuid, p_referral uuid, p_kind text, p_key bytea, p_key_before bytea) TO dandelion_routing;

--
-- Name: FUNCTION record_staff_event(p_case uuid, p_referral uuid, p_kind text, p_staff text, p_client uuid, p_data jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_staff_event(p_case uuid, p_referral uuid, p_kind text, p_staff text, p_client uuid, p_data jsonb) FROM PUBLIC;

--
-- Name: FUNCTION record_webhook_attempt(p_delivery uuid, p_code text, p_milliseconds integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.record_webhook_attempt(p_delivery uuid, p_code text, p_milliseconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.record_webhook_attempt(p_delivery uuid, p_code text, p_milliseconds integer) TO dandelion_gateway;

--
-- Name: FUNCTION redeliver_webhook(p_delivery uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.redeliver_webhook(p_delivery uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.redeliver_webhook(p_delivery uuid) TO dandelion_operator;

--
-- Name: FUNCTION referral_received(p_agency uuid, p_referral uuid, p_lease text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.referral_received(p_agency uuid, p_referral uuid, p_lease text) FROM PUBLIC;

--
-- Name: FUNCTION referral_to_change(p_number text, p_client uuid, p_staff text, p_referral text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.referral_to_change(p_number text, p_client uuid, p_staff text, p_referral text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.referral_to_change(p_number text, p_client uuid, p_staff text, p_referral text) TO dandelion_intake;

--
-- Name: FUNCTION referrals_of(p_cases uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.referrals_of(p_cases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.referrals_of(p_cases uuid[]) TO dandelion_routing;

--
-- Name: FUNCTION refuse_change(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.refuse_change() FROM PUBLIC;

--
-- Name: FUNCTION refuse_step(p_agency uuid, p_referral uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.refuse_step(p_agency uuid, p_referral uuid) FROM PUBLIC;

--
-- Name: FUNCTION remind_agency(p_referral uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.remind_agency(p_referral uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.remind_agency(p_referral uuid) TO dandelion_routing;

--
-- Name: FUNCTION remove_agency_key(p_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.remove_agency_key(p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.remove_agency_key(p_code text) TO dandelion_operator;

--
-- Name: FUNCTION remove_agency_webhook(p_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.remove_agency_webhook(p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.remove_agency_webhook(p_code text) TO dandelion_operator;

--
-- Name: FUNCTION report_outcome(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_outcome text, p_text jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.report_outcome(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_outcome text, p_text jsonb) FROM PUBLIC;

--
-- Name: FUNCTION report_progress(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_text jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.report_progress(p_agency uuid, p_referral uuid, p_expected text[], p_status text, p_text jsonb) FROM PUBLIC;

--
-- Name: FUNCTION require_core(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.require_core() FROM PUBLIC;

--
-- Name: FUNCTION require_running_clock(); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.require_running_clock() FROM PUBLIC;

--
-- Name: FUNCTION require_staff(p_case uuid, p_staff text, p_roles text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.require_staff(p_case uuid, p_staff text, p_roles text[]) FROM PUBLIC;

--
-- Name: FUNCTION revoke_agency_keys(p_agency uuid, p_except uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.revoke_agency_keys(p_agency uuid, p_except uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.revoke_agency_keys(p_agency uuid, p_except uuid) TO dandelion_operator;

--
-- Name: FUNCTION revoke_expired(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.revoke_expired(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.revoke_expired(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION revoke_intake_client(p_name text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.revoke_intake_client(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.revoke_intake_client(p_name text) TO dandelion_operator;

--
-- Name: FUNCTION revoke_unconsented(p_case uuid, p_actor_kind text, p_actor text, p_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.revoke_unconsented(p_case uuid, p_actor_kind text, p_actor text, p_code text) FROM PUBLIC;

--
-- Name: FUNCTION risk_to_change(p_number text, p_client uuid, p_staff text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.risk_to_change(p_number text, p_client uuid, p_staff text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.risk_to_change(p_number text, p_client uuid, p_staff text) TO dandelion_intake;

--
-- Name: FUNCTION rotate_webhook_secret(p_code text, p_secret bytea, p_overlap interval); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.rotate_webhook_secret(p_code text, p_secret bytea, p_overlap interval) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.rotate_webhook_secret(p_code text, p_secret bytea, p_overlap interval) TO dandelion_operator;

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
-- Name: FUNCTION seal_again(p_agency uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.seal_again(p_agency uuid) FROM PUBLIC;

--
-- Name: FUNCTION set_agency_desk(p_code text, p_email text, p_digest_minutes integer, p_muted text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_agency_desk(p_code text, p_email text, p_digest_minutes integer, p_muted text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_agency_desk(p_code text, p_email text, p_digest_minutes integer, p_muted text[]) TO dandelion_operator;

--
-- Name: FUNCTION set_agency_quota(p_code text, p_waiting integer, p_bytes bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_agency_quota(p_code text, p_waiting integer, p_bytes bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_agency_quota(p_code text, p_waiting integer, p_bytes bigint) TO dandelion_operator;

--
-- Name: FUNCTION set_agency_status(p_code text, p_status text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_agency_status(p_code text, p_status text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_agency_status(p_code text, p_status text) TO dandelion_operator;

--
-- Name: FUNCTION set_duty_phones(p_division text, p_phones text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_duty_phones(p_division text, p_phones text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_duty_phones(p_division text, p_phones text[]) TO dandelion_operator;

--
-- Name: FUNCTION set_legal_hold(p_number text, p_client uuid, p_staff text, p_reason text, p_stands boolean); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_legal_hold(p_number text, p_client uuid, p_staff text, p_reason text, p_stands boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_legal_hold(p_number text, p_client uuid, p_staff text, p_reason text, p_stands boolean) TO dandelion_intake;

--
-- Name: FUNCTION set_referral_status(p_referral uuid, p_expected text[], p_status text, p_code text, p_actor text, p_rule_version bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_referral_status(p_referral uuid, p_expected text[], p_status text, p_code text, p_actor text, p_rule_version bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.set_referral_status(p_referral uuid, p_expected text[], p_status text, p_code text, p_actor text, p_rule_version bigint) TO dandelion_routing;

--
-- Name: FUNCTION set_risk(p_case uuid, p_level text, p_items text[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.set_risk(p_case uuid, p_level text, p_items text[]) FROM PUBLIC;

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
-- Name: FUNCTION settle_dispute(p_case uuid, p_purpose text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.settle_dispute(p_case uuid, p_purpose text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.settle_dispute(p_case uuid, p_purpose text) TO dandelion_routing;

--
-- Name: FUNCTION settle_message(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.settle_message(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.settle_message(p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint) TO dandelion_notification;

--
-- Name: FUNCTION settle_sent_messages(p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.settle_sent_messages(p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.settle_sent_messages(p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]) TO dandelion_notification;

--
-- Name: FUNCTION settle_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_status text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.settle_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_status text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.settle_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_status text) TO dandelion_intake;

--
-- Name: FUNCTION settle_webhook_delivery(p_delivery uuid, p_state text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.settle_webhook_delivery(p_delivery uuid, p_state text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.settle_webhook_delivery(p_delivery uuid, p_state text) TO dandelion_gateway;

--
-- Name: FUNCTION staff_for(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.staff_for(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.staff_for(p_case uuid) TO dandelion_intake;

--
-- Name: FUNCTION start_clock(p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamp with time zone, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.start_clock(p_id uuid, p_case uuid, p_referral uuid, p_kind text, p_name text, p_basis text, p_due_at timestamp with time zone, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION start_clocks(p_ids uuid[], p_cases uuid[], p_referrals uuid[], p_kinds text[], p_names text[], p_bases text[], p_due timestamp with time zone[], p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.start_clocks(p_ids uuid[], p_cases uuid[], p_referrals uuid[], p_kinds text[], p_names text[], p_bases text[], p_due timestamp with time zone[], p_actor text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.start_clocks(p_ids uuid[], p_cases uuid[], p_referrals uuid[], p_kinds text[], p_names text[], p_bases text[], p_due timestamp with time zone[], p_actor text) TO dandelion_routing;

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
-- Name: FUNCTION stop_contact_of_case(p_number text, p_client uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.stop_contact_of_case(p_number text, p_client uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.stop_contact_of_case(p_number text, p_client uuid) TO dandelion_intake;

--
-- Name: FUNCTION stop_person(p_person uuid, p_actor_kind text, p_actor text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.stop_person(p_person uuid, p_actor_kind text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION supersede_consent(p_case uuid, p_kinds text[], p_purpose text, p_agencies uuid[]); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.supersede_consent(p_case uuid, p_kinds text[], p_purpose text, p_agencies uuid[]) FROM PUBLIC;

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
-- Name: FUNCTION take_milestones(p_case uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.take_milestones(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.take_milestones(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION take_up_again(p_case uuid, p_staff text, p_client uuid, p_unsafe boolean, p_clocks jsonb); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.take_up_again(p_case uuid, p_staff text, p_client uuid, p_unsafe boolean, p_clocks jsonb) FROM PUBLIC;

--
-- Name: FUNCTION test_webhook(p_code text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.test_webhook(p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.test_webhook(p_code text) TO dandelion_operator;

--
-- Name: FUNCTION unrouted_cases(p_older_than interval, p_limit integer); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.unrouted_cases(p_older_than interval, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.unrouted_cases(p_older_than interval, p_limit integer) TO dandelion_routing;

--
-- Name: FUNCTION warn_clock(p_clock uuid, p_percent integer, p_next timestamp with time zone); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.warn_clock(p_clock uuid, p_percent integer, p_next timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.warn_clock(p_clock uuid, p_percent integer, p_next timestamp with time zone) TO dandelion_routing;

--
-- Name: FUNCTION webhook_delivery_by_id(p_delivery uuid); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.webhook_delivery_by_id(p_delivery uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.webhook_delivery_by_id(p_delivery uuid) TO dandelion_gateway;

--
-- Name: FUNCTION withdraw_consent(p_number text, p_client uuid, p_staff text, p_kind text, p_agency uuid, p_purpose text); Type: ACL; Schema: casework; Owner: -
--

REVOKE ALL ON FUNCTION casework.withdraw_consent(p_number text, p_client uuid, p_staff text, p_kind text, p_agency uuid, p_purpose text) FROM PUBLIC;
GRANT ALL ON FUNCTION casework.withdraw_consent(p_number text, p_client uuid, p_staff text, p_kind text, p_agency uuid, p_purpose text) TO dandelion_intake;
GRANT ALL ON FUNCTION casework.withdraw_consent(p_number text, p_client uuid, p_staff text, p_kind text, p_agency uuid, p_purpose text) TO dandelion_operator;

--
-- Name: FUNCTION accept(p_agencies uuid[], p_numbers text[], p_leases uuid[]); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.accept(p_agencies uuid[], p_numbers text[], p_leases uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION agency_of_session(OUT id uuid, OUT code text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.agency_of_session(OUT id uuid, OUT code text) FROM PUBLIC;

--
-- Name: FUNCTION answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text door.sent_text, OUT result text, OUT status text, OUT reason_code text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text door.sent_text, OUT result text, OUT status text, OUT reason_code text) FROM PUBLIC;

--
-- Name: FUNCTION bytes_of(p_text door.sent_text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.bytes_of(p_text door.sent_text) FROM PUBLIC;

--
-- Name: FUNCTION claim(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.claim(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) FROM PUBLIC;

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
-- Name: FUNCTION deliver(p_jobs door.claimed[], p_records boolean); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.deliver(p_jobs door.claimed[], p_records boolean) FROM PUBLIC;

--
-- Name: FUNCTION deliver_one(p_job door.claimed, p_records boolean); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.deliver_one(p_job door.claimed, p_records boolean) FROM PUBLIC;

--
-- Name: FUNCTION extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION fault_of(p_text door.sent_text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.fault_of(p_text door.sent_text) FROM PUBLIC;

--
-- Name: FUNCTION hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text, OUT result text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text, OUT result text) FROM PUBLIC;

--
-- Name: FUNCTION has_text(p_referral uuid, p_status text, p_text door.sent_text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.has_text(p_referral uuid, p_status text, p_text door.sent_text) FROM PUBLIC;

--
-- Name: FUNCTION has_text_with(p_referral uuid, p_status text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.has_text_with(p_referral uuid, p_status text) FROM PUBLIC;

--
-- Name: FUNCTION is_attachment(p_attachment jsonb); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_attachment(p_attachment jsonb) FROM PUBLIC;

--
-- Name: FUNCTION is_media_type(p_type text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_media_type(p_type text) FROM PUBLIC;

--
-- Name: FUNCTION is_outcome(p_outcome text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_outcome(p_outcome text) FROM PUBLIC;

--
-- Name: FUNCTION is_reading(p_reason text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_reading(p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION is_reason(p_reason text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_reason(p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION is_sealed(p_bytes bytea, p_limit integer); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_sealed(p_bytes bytea, p_limit integer) FROM PUBLIC;

--
-- Name: FUNCTION is_staff(p_staff text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.is_staff(p_staff text) FROM PUBLIC;

--
-- Name: FUNCTION keep_text(p_agency uuid, p_referral uuid, p_status text, p_text door.sent_text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.keep_text(p_agency uuid, p_referral uuid, p_status text, p_text door.sent_text) FROM PUBLIC;

--
-- Name: FUNCTION lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text, p_records boolean); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text, p_records boolean) FROM PUBLIC;

--
-- Name: FUNCTION locked(p_agency uuid, p_number text, p_lease uuid, OUT result text, OUT job_id bigint, OUT epoch integer, OUT lease_number bigint, OUT referral_id uuid, OUT status text, OUT reason_code text, OUT accepted_lease text, OUT purpose text, OUT legal_basis text, OUT may_disclose boolean); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.locked(p_agency uuid, p_number text, p_lease uuid, OUT result text, OUT job_id bigint, OUT epoch integer, OUT lease_number bigint, OUT referral_id uuid, OUT status text, OUT reason_code text, OUT accepted_lease text, OUT purpose text, OUT legal_basis text, OUT may_disclose boolean) FROM PUBLIC;

--
-- Name: FUNCTION mention(p_text door.sent_text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.mention(p_text door.sent_text) FROM PUBLIC;

--
-- Name: FUNCTION no_room_for(p_referral uuid, p_text door.sent_text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.no_room_for(p_referral uuid, p_text door.sent_text) FROM PUBLIC;

--
-- Name: FUNCTION note_act(p_agency uuid, p_number text, p_act text, p_staff text, p_reason text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.note_act(p_agency uuid, p_number text, p_act text, p_staff text, p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION open_databases(p_login text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.open_databases(p_login text) FROM PUBLIC;

--
-- Name: FUNCTION partner_answer(p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text door.sent_text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.partner_answer(p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text door.sent_text) FROM PUBLIC;

--
-- Name: FUNCTION partner_report(p_referral text, p_status text, p_outcome text, p_text door.sent_text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.partner_report(p_referral text, p_status text, p_outcome text, p_text door.sent_text) FROM PUBLIC;

--
-- Name: FUNCTION parts_of(p_lease text, OUT number text, OUT alias uuid); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.parts_of(p_lease text, OUT number text, OUT alias uuid) FROM PUBLIC;

--
-- Name: FUNCTION pause_after(p_attempt integer); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.pause_after(p_attempt integer) FROM PUBLIC;

--
-- Name: FUNCTION put_special_days(p_off date[], p_worked date[]); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.put_special_days(p_off date[], p_worked date[]) FROM PUBLIC;
GRANT ALL ON FUNCTION door.put_special_days(p_off date[], p_worked date[]) TO dandelion_operator;

--
-- Name: FUNCTION queue_of(p_agency uuid); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.queue_of(p_agency uuid) FROM PUBLIC;

--
-- Name: FUNCTION read_free_packages(p_agencies uuid[], p_disclosures uuid[]); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.read_free_packages(p_agencies uuid[], p_disclosures uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION read_package(p_agency uuid, p_disclosure uuid); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.read_package(p_agency uuid, p_disclosure uuid) FROM PUBLIC;

--
-- Name: FUNCTION read_packages(p_agency uuid, p_disclosures uuid[]); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.read_packages(p_agency uuid, p_disclosures uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION record_package(p_agency uuid, p_referral uuid, p_purpose text, p_legal_basis text, p_requested_by text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.record_package(p_agency uuid, p_referral uuid, p_purpose text, p_legal_basis text, p_requested_by text) FROM PUBLIC;

--
-- Name: FUNCTION report(p_agency uuid, p_number text, p_status text, p_outcome text, p_text door.sent_text, OUT result text, OUT status text, OUT outcome_code text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.report(p_agency uuid, p_number text, p_status text, p_outcome text, p_text door.sent_text, OUT result text, OUT status text, OUT outcome_code text) FROM PUBLIC;

--
-- Name: FUNCTION request_package(p_agency uuid, p_number text, p_lease uuid, p_requested_by text, OUT result text, OUT disclosure uuid); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.request_package(p_agency uuid, p_number text, p_lease uuid, p_requested_by text, OUT result text, OUT disclosure uuid) FROM PUBLIC;

--
-- Name: FUNCTION sent(p_key_id text, p_sealed bytea, p_attachments jsonb, p_staff text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.sent(p_key_id text, p_sealed bytea, p_attachments jsonb, p_staff text) FROM PUBLIC;

--
-- Name: FUNCTION sources_of(p_status text); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.sources_of(p_status text) FROM PUBLIC;

--
-- Name: FUNCTION tell_routing(p_referral uuid); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.tell_routing(p_referral uuid) FROM PUBLIC;

--
-- Name: FUNCTION working_days_after(p_from timestamp with time zone, p_days integer); Type: ACL; Schema: door; Owner: -
--

REVOKE ALL ON FUNCTION door.working_days_after(p_from timestamp with time zone, p_days integer) FROM PUBLIC;

--
-- Name: FUNCTION accept_each(p_agencies uuid[], p_numbers text[], p_leases uuid[]); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.accept_each(p_agencies uuid[], p_numbers text[], p_leases uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.accept_each(p_agencies uuid[], p_numbers text[], p_leases uuid[]) TO dandelion_gateway;

--
-- Name: FUNCTION answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT reason_code text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT reason_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT reason_code text) TO dandelion_gateway;

--
-- Name: FUNCTION bells(); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.bells() FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.bells() TO dandelion_gateway;

--
-- Name: FUNCTION desk_acts(p_agency uuid, p_number text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.desk_acts(p_agency uuid, p_number text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.desk_acts(p_agency uuid, p_number text) TO dandelion_gateway;

--
-- Name: FUNCTION desk_answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_staff text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT reason_code text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.desk_answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_staff text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT reason_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.desk_answer(p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamp with time zone, p_staff text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT reason_code text) TO dandelion_gateway;

--
-- Name: FUNCTION desk_lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.desk_lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.desk_lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) TO dandelion_gateway;

--
-- Name: FUNCTION desk_report(p_agency uuid, p_number text, p_status text, p_outcome text, p_staff text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT outcome_code text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.desk_report(p_agency uuid, p_number text, p_status text, p_outcome text, p_staff text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT outcome_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.desk_report(p_agency uuid, p_number text, p_status text, p_outcome text, p_staff text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT outcome_code text) TO dandelion_gateway;

--
-- Name: FUNCTION desk_request_package(p_agency uuid, p_number text, p_lease uuid, p_requested_by text, p_staff text, p_reason text, OUT result text, OUT disclosure uuid); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.desk_request_package(p_agency uuid, p_number text, p_lease uuid, p_requested_by text, p_staff text, p_reason text, OUT result text, OUT disclosure uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.desk_request_package(p_agency uuid, p_number text, p_lease uuid, p_requested_by text, p_staff text, p_reason text, OUT result text, OUT disclosure uuid) TO dandelion_gateway;

--
-- Name: FUNCTION desk_texts(p_agency uuid, p_number text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.desk_texts(p_agency uuid, p_number text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.desk_texts(p_agency uuid, p_number text) TO dandelion_gateway;

--
-- Name: FUNCTION extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.extend(p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamp with time zone) TO dandelion_gateway;

--
-- Name: FUNCTION forget_keys(p_older interval, p_limit integer); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.forget_keys(p_older interval, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.forget_keys(p_older interval, p_limit integer) TO dandelion_gateway;

--
-- Name: FUNCTION hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.hand_back(p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text) TO dandelion_gateway;

--
-- Name: FUNCTION keep_answer(p_agency uuid, p_key text, p_request_hash bytea, p_answer bytea); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.keep_answer(p_agency uuid, p_key text, p_request_hash bytea, p_answer bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.keep_answer(p_agency uuid, p_key text, p_request_hash bytea, p_answer bytea) TO dandelion_gateway;

--
-- Name: FUNCTION lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.lease(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) TO dandelion_gateway;

--
-- Name: FUNCTION lease_each(p_agencies uuid[], p_limits integer[], p_lease_for interval[], p_requested_by text[]); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.lease_each(p_agencies uuid[], p_limits integer[], p_lease_for interval[], p_requested_by text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.lease_each(p_agencies uuid[], p_limits integer[], p_lease_for interval[], p_requested_by text[]) TO dandelion_gateway;

--
-- Name: FUNCTION network_key(); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.network_key() FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.network_key() TO dandelion_gateway;

--
-- Name: FUNCTION read_packages(p_agency uuid, p_disclosures uuid[]); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.read_packages(p_agency uuid, p_disclosures uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.read_packages(p_agency uuid, p_disclosures uuid[]) TO dandelion_gateway;

--
-- Name: FUNCTION read_packages_each(p_agencies uuid[], p_disclosures uuid[]); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.read_packages_each(p_agencies uuid[], p_disclosures uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.read_packages_each(p_agencies uuid[], p_disclosures uuid[]) TO dandelion_gateway;

--
-- Name: FUNCTION report(p_agency uuid, p_number text, p_status text, p_outcome text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT outcome_code text); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.report(p_agency uuid, p_number text, p_status text, p_outcome text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT outcome_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.report(p_agency uuid, p_number text, p_status text, p_outcome text, p_text_key text, p_text bytea, p_attachments jsonb, OUT result text, OUT status text, OUT outcome_code text) TO dandelion_gateway;

--
-- Name: FUNCTION take_key(p_agency uuid, p_key text, p_request_hash bytea, OUT result text, OUT answer bytea); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.take_key(p_agency uuid, p_key text, p_request_hash bytea, OUT result text, OUT answer bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.take_key(p_agency uuid, p_key text, p_request_hash bytea, OUT result text, OUT answer bytea) TO dandelion_gateway;

--
-- Name: FUNCTION watch_partners(p_longest interval, p_snapshot bigint); Type: ACL; Schema: gateway; Owner: -
--

REVOKE ALL ON FUNCTION gateway.watch_partners(p_longest interval, p_snapshot bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION gateway.watch_partners(p_longest interval, p_snapshot bigint) TO dandelion_gateway;

--
-- Name: FUNCTION checkpoints_after(p_size bigint, p_limit integer); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.checkpoints_after(p_size bigint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.checkpoints_after(p_size bigint, p_limit integer) TO dandelion_ledger;
GRANT ALL ON FUNCTION ledger.checkpoints_after(p_size bigint, p_limit integer) TO dandelion_operator;

--
-- Name: FUNCTION commitments(p_from bigint, p_limit integer); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.commitments(p_from bigint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.commitments(p_from bigint, p_limit integer) TO dandelion_ledger;
GRANT ALL ON FUNCTION ledger.commitments(p_from bigint, p_limit integer) TO dandelion_operator;

--
-- Name: FUNCTION contents(p_source text, p_ids bigint[]); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.contents(p_source text, p_ids bigint[]) FROM PUBLIC;

--
-- Name: FUNCTION entry_text(p_nonce bytea, p_head text, p_tail text, p_sealed text); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.entry_text(p_nonce bytea, p_head text, p_tail text, p_sealed text) FROM PUBLIC;

--
-- Name: FUNCTION erase(p_case uuid); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.erase(p_case uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.erase(p_case uuid) TO dandelion_routing;

--
-- Name: FUNCTION head(); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.head() FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.head() TO dandelion_ledger;
GRANT ALL ON FUNCTION ledger.head() TO dandelion_operator;

--
-- Name: FUNCTION health(); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.health() FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.health() TO dandelion_operator;

--
-- Name: FUNCTION latest_checkpoint(); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.latest_checkpoint() FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.latest_checkpoint() TO dandelion_ledger;
GRANT ALL ON FUNCTION ledger.latest_checkpoint() TO dandelion_operator;
GRANT ALL ON FUNCTION ledger.latest_checkpoint() TO dandelion_gateway;

--
-- Name: FUNCTION lead(p_signer uuid, p_seconds double precision); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.lead(p_signer uuid, p_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.lead(p_signer uuid, p_seconds double precision) TO dandelion_ledger;

--
-- Name: FUNCTION locate(p_number text, p_disclosure uuid); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.locate(p_number text, p_disclosure uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.locate(p_number text, p_disclosure uuid) TO dandelion_operator;

--
-- Name: FUNCTION locked(p_signer uuid); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.locked(p_signer uuid) FROM PUBLIC;

--
-- Name: FUNCTION micros(p_at timestamp with time zone); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.micros(p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION page(p_from bigint, p_until bigint, p_agency text); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.page(p_from bigint, p_until bigint, p_agency text) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.page(p_from bigint, p_until bigint, p_agency text) TO dandelion_operator;

--
-- Name: FUNCTION publish(p_signer uuid, p_size bigint, p_root bytea, p_note text, p_levels smallint[], p_numbers bigint[], p_hashes bytea[], p_roots bytea[]); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.publish(p_signer uuid, p_size bigint, p_root bytea, p_note text, p_levels smallint[], p_numbers bigint[], p_hashes bytea[], p_roots bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.publish(p_signer uuid, p_size bigint, p_root bytea, p_note text, p_levels smallint[], p_numbers bigint[], p_hashes bytea[], p_roots bytea[]) TO dandelion_ledger;

--
-- Name: FUNCTION refuse_change(); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.refuse_change() FROM PUBLIC;

--
-- Name: FUNCTION resign(p_signer uuid); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.resign(p_signer uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.resign(p_signer uuid) TO dandelion_ledger;

--
-- Name: FUNCTION sequence(p_signer uuid, p_size bigint, p_last bytea, p_nonces bytea); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.sequence(p_signer uuid, p_size bigint, p_last bytea, p_nonces bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.sequence(p_signer uuid, p_size bigint, p_last bytea, p_nonces bytea) TO dandelion_ledger;

--
-- Name: FUNCTION strays(p_limit integer); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.strays(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.strays(p_limit integer) TO dandelion_operator;

--
-- Name: FUNCTION tile_hashes(p_level smallint, p_number bigint); Type: ACL; Schema: ledger; Owner: -
--

REVOKE ALL ON FUNCTION ledger.tile_hashes(p_level smallint, p_number bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION ledger.tile_hashes(p_level smallint, p_number bigint) TO dandelion_ledger;
GRANT ALL ON FUNCTION ledger.tile_hashes(p_level smallint, p_number bigint) TO dandelion_operator;

--
-- Name: FUNCTION accept(p_lease text, p_text_key text, p_text bytea, p_attachments jsonb); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.accept(p_lease text, p_text_key text, p_text bytea, p_attachments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.accept(p_lease text, p_text_key text, p_text bytea, p_attachments jsonb) TO dandelion_partner;

--
-- Name: FUNCTION bell(); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.bell() FROM PUBLIC;
GRANT ALL ON FUNCTION partner.bell() TO dandelion_partner;

--
-- Name: FUNCTION complete(p_referral text, p_outcome text, p_status text, p_text_key text, p_text bytea, p_attachments jsonb); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.complete(p_referral text, p_outcome text, p_status text, p_text_key text, p_text bytea, p_attachments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.complete(p_referral text, p_outcome text, p_status text, p_text_key text, p_text bytea, p_attachments jsonb) TO dandelion_partner;

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
-- Name: FUNCTION network_key(); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.network_key() FROM PUBLIC;
GRANT ALL ON FUNCTION partner.network_key() TO dandelion_partner;

--
-- Name: FUNCTION object(p_lease text, p_reason text, p_suggested_kind text, p_text_key text, p_text bytea, p_attachments jsonb); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.object(p_lease text, p_reason text, p_suggested_kind text, p_text_key text, p_text bytea, p_attachments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.object(p_lease text, p_reason text, p_suggested_kind text, p_text_key text, p_text bytea, p_attachments jsonb) TO dandelion_partner;

--
-- Name: FUNCTION progress(p_referral text, p_status text, p_text_key text, p_text bytea, p_attachments jsonb); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.progress(p_referral text, p_status text, p_text_key text, p_text bytea, p_attachments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.progress(p_referral text, p_status text, p_text_key text, p_text bytea, p_attachments jsonb) TO dandelion_partner;

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
-- Name: FUNCTION reject(p_lease text, p_reason text, p_suggested_kind text, p_text_key text, p_text bytea, p_attachments jsonb); Type: ACL; Schema: partner; Owner: -
--

REVOKE ALL ON FUNCTION partner.reject(p_lease text, p_reason text, p_suggested_kind text, p_text_key text, p_text bytea, p_attachments jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION partner.reject(p_lease text, p_reason text, p_suggested_kind text, p_text_key text, p_text bytea, p_attachments jsonb) TO dandelion_partner;

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
-- Name: FUNCTION add_trace(p_args jsonb, p_traceparent text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.add_trace(p_args jsonb, p_traceparent text) FROM PUBLIC;

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
-- Name: FUNCTION beat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval, p_stands boolean, p_over bigint[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.beat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval, p_stands boolean, p_over bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.beat(p_id uuid, p_running integer, p_draining boolean, p_alive_for interval, p_stands boolean, p_over bigint[]) TO queue_worker;

--
-- Name: FUNCTION before_claim(p_queue text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.before_claim(p_queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.before_claim(p_queue text) TO queue_worker;

--
-- Name: FUNCTION bell_key(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.bell_key() FROM PUBLIC;
GRANT ALL ON FUNCTION queue.bell_key() TO queue_worker;

--
-- Name: FUNCTION bell_payload(p_queue text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.bell_payload(p_queue text) FROM PUBLIC;

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
-- Name: FUNCTION clear_share(p_queue text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.clear_share(p_queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.clear_share(p_queue text) TO queue_operator;

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
-- Name: FUNCTION complete_all(p_ids bigint[], p_epochs integer[], p_numbers bigint[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.complete_all(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.complete_all(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) TO queue_worker;

--
-- Name: FUNCTION complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.complete_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) TO queue_worker;

--
-- Name: FUNCTION complete_with(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_outcome bytea); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.complete_with(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_outcome bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.complete_with(p_id bigint, p_epoch integer, p_number bigint, p_code text, p_outcome bytea) TO queue_worker;

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
-- Name: FUNCTION drop_kept(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.drop_kept() FROM PUBLIC;

--
-- Name: FUNCTION due_periodic(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.due_periodic() FROM PUBLIC;
GRANT ALL ON FUNCTION queue.due_periodic() TO queue_worker;

--
-- Name: FUNCTION elect(p_name text, p_holder uuid, p_for interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.elect(p_name text, p_holder uuid, p_for interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.elect(p_name text, p_holder uuid, p_for interval) TO queue_worker;

--
-- Name: FUNCTION enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean) TO queue_producer;
GRANT ALL ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean) TO queue_worker;
GRANT ALL ON FUNCTION queue.enqueue(p_queue text, p_kind text, p_args jsonb, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean) TO queue_operator;

--
-- Name: FUNCTION enqueue_each(p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamp with time zone, p_max_attempts integer[], p_unique_keys text[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.enqueue_each(p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamp with time zone, p_max_attempts integer[], p_unique_keys text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.enqueue_each(p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamp with time zone, p_max_attempts integer[], p_unique_keys text[]) TO queue_producer;
GRANT ALL ON FUNCTION queue.enqueue_each(p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamp with time zone, p_max_attempts integer[], p_unique_keys text[]) TO queue_worker;
GRANT ALL ON FUNCTION queue.enqueue_each(p_queues text[], p_kinds text[], p_args jsonb[], p_priorities integer[], p_scheduled_at timestamp with time zone, p_max_attempts integer[], p_unique_keys text[]) TO queue_operator;

--
-- Name: FUNCTION enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) TO queue_producer;
GRANT ALL ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) TO queue_worker;
GRANT ALL ON FUNCTION queue.enqueue_many(p_queue text, p_kind text, p_args jsonb[], p_priority integer) TO queue_operator;

--
-- Name: FUNCTION enqueue_unique(p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text, p_hold interval, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.enqueue_unique(p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text, p_hold interval, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.enqueue_unique(p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text, p_hold interval, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer) TO queue_producer;
GRANT ALL ON FUNCTION queue.enqueue_unique(p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text, p_hold interval, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer) TO queue_worker;
GRANT ALL ON FUNCTION queue.enqueue_unique(p_queue text, p_kind text, p_args jsonb, p_unique_key text, p_scope text, p_hold interval, p_priority integer, p_scheduled_at timestamp with time zone, p_max_attempts integer) TO queue_operator;

--
-- Name: FUNCTION estimate(p_queue text, p_priority integer, p_from bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.estimate(p_queue text, p_priority integer, p_from bigint) FROM PUBLIC;

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
-- Name: FUNCTION finish(p_id bigint, p_state text, p_code text, p_errors jsonb, p_outcome bytea); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.finish(p_id bigint, p_state text, p_code text, p_errors jsonb, p_outcome bytea) FROM PUBLIC;

--
-- Name: FUNCTION fire_periodic(p_name text, p_schedule text, p_times timestamp with time zone[], p_until timestamp with time zone, p_next_at timestamp with time zone); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.fire_periodic(p_name text, p_schedule text, p_times timestamp with time zone[], p_until timestamp with time zone, p_next_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.fire_periodic(p_name text, p_schedule text, p_times timestamp with time zone[], p_until timestamp with time zone, p_next_at timestamp with time zone) TO queue_worker;

--
-- Name: FUNCTION forget_lanes(p_idle interval, p_limit integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.forget_lanes(p_idle interval, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.forget_lanes(p_idle interval, p_limit integer) TO queue_worker;

--
-- Name: FUNCTION forget_unique_holds(p_limit integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.forget_unique_holds(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.forget_unique_holds(p_limit integer) TO queue_worker;

--
-- Name: FUNCTION health(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.health() FROM PUBLIC;
GRANT ALL ON FUNCTION queue.health() TO queue_operator;
GRANT ALL ON FUNCTION queue.health() TO queue_observer;

--
-- Name: FUNCTION hold_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.hold_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.hold_many(p_ids bigint[], p_epochs integer[], p_numbers bigint[]) TO queue_worker;

--
-- Name: FUNCTION keep_history(p_table text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.keep_history(p_table text) FROM PUBLIC;

--
-- Name: FUNCTION lease_by_alias(p_alias uuid, p_holder text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.lease_by_alias(p_alias uuid, p_holder text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.lease_by_alias(p_alias uuid, p_holder text) TO queue_worker;

--
-- Name: FUNCTION leases_by_alias(p_aliases uuid[], p_holders text[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.leases_by_alias(p_aliases uuid[], p_holders text[]) FROM PUBLIC;

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
-- Name: FUNCTION next_permit(p_queue text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.next_permit(p_queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.next_permit(p_queue text) TO queue_worker;

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
-- Name: FUNCTION pause_periodic(p_name text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.pause_periodic(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.pause_periodic(p_name text) TO queue_operator;

--
-- Name: FUNCTION primary_epoch(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.primary_epoch() FROM PUBLIC;
GRANT ALL ON FUNCTION queue.primary_epoch() TO queue_producer;
GRANT ALL ON FUNCTION queue.primary_epoch() TO queue_worker;
GRANT ALL ON FUNCTION queue.primary_epoch() TO queue_operator;

--
-- Name: FUNCTION probe(p_queue text, p_priority integer, p_from bigint, p_to bigint, p_limit integer, p_last boolean, OUT jobs bigint, OUT furthest bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.probe(p_queue text, p_priority integer, p_from bigint, p_to bigint, p_limit integer, p_last boolean, OUT jobs bigint, OUT furthest bigint) FROM PUBLIC;

--
-- Name: FUNCTION progress(p_id bigint, p_epoch integer, p_number bigint, p_done bigint, p_total bigint, p_code text, p_detail bytea); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.progress(p_id bigint, p_epoch integer, p_number bigint, p_done bigint, p_total bigint, p_code text, p_detail bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.progress(p_id bigint, p_epoch integer, p_number bigint, p_done bigint, p_total bigint, p_code text, p_detail bytea) TO queue_worker;

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
-- Name: FUNCTION put_periodic(p_name text, p_schedule text, p_catch_up text, p_queue text, p_kind text, p_args jsonb, p_priority integer, p_max_attempts integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.put_periodic(p_name text, p_schedule text, p_catch_up text, p_queue text, p_kind text, p_args jsonb, p_priority integer, p_max_attempts integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.put_periodic(p_name text, p_schedule text, p_catch_up text, p_queue text, p_kind text, p_args jsonb, p_priority integer, p_max_attempts integer) TO queue_worker;

--
-- Name: FUNCTION queue_names(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.queue_names() FROM PUBLIC;

--
-- Name: FUNCTION raise_low(p_queue text, p_priority integer, p_mark xid8, p_first bigint, p_top bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.raise_low(p_queue text, p_priority integer, p_mark xid8, p_first bigint, p_top bigint) FROM PUBLIC;

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
-- Name: FUNCTION remove_periodic(p_name text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.remove_periodic(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.remove_periodic(p_name text) TO queue_operator;

--
-- Name: FUNCTION require_report(p_code text, p_detail bytea); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.require_report(p_code text, p_detail bytea) FROM PUBLIC;

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
-- Name: FUNCTION resume_periodic(p_name text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.resume_periodic(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.resume_periodic(p_name text) TO queue_operator;

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
-- Name: FUNCTION ring_at_commit(p_queues text[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.ring_at_commit(p_queues text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.ring_at_commit(p_queues text[]) TO queue_producer;
GRANT ALL ON FUNCTION queue.ring_at_commit(p_queues text[]) TO queue_worker;
GRANT ALL ON FUNCTION queue.ring_at_commit(p_queues text[]) TO queue_operator;

--
-- Name: FUNCTION run_periodic(p_name text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.run_periodic(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.run_periodic(p_name text) TO queue_operator;

--
-- Name: FUNCTION set_group(p_name text, p_weight double precision); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.set_group(p_name text, p_weight double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.set_group(p_name text, p_weight double precision) TO queue_operator;

--
-- Name: FUNCTION set_limit(p_queue text, p_max_running integer, p_rate double precision, p_burst double precision); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.set_limit(p_queue text, p_max_running integer, p_rate double precision, p_burst double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.set_limit(p_queue text, p_max_running integer, p_rate double precision, p_burst double precision) TO queue_operator;

--
-- Name: FUNCTION set_retention(p_kind text, p_keep interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.set_retention(p_kind text, p_keep interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.set_retention(p_kind text, p_keep interval) TO queue_operator;

--
-- Name: FUNCTION set_share(p_queue text, p_weight double precision, p_group text, p_minimum integer); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.set_share(p_queue text, p_weight double precision, p_group text, p_minimum integer) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.set_share(p_queue text, p_weight double precision, p_group text, p_minimum integer) TO queue_operator;

--
-- Name: FUNCTION shares(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.shares() FROM PUBLIC;
GRANT ALL ON FUNCTION queue.shares() TO queue_worker;

--
-- Name: FUNCTION snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.snooze(p_id bigint, p_epoch integer, p_number bigint, p_delay interval) TO queue_worker;

--
-- Name: FUNCTION stats(p_queues text[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.stats(p_queues text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.stats(p_queues text[]) TO queue_worker;
GRANT ALL ON FUNCTION queue.stats(p_queues text[]) TO queue_operator;
GRANT ALL ON FUNCTION queue.stats(p_queues text[]) TO queue_observer;

--
-- Name: FUNCTION take_back(p_job queue.job_ready, p_code text); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.take_back(p_job queue.job_ready, p_code text) FROM PUBLIC;

--
-- Name: FUNCTION take_key(p_kind text, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.take_key(p_kind text, p_unique_key text, OUT id bigint, OUT alias uuid, OUT inserted boolean) FROM PUBLIC;

--
-- Name: FUNCTION take_permits(p_queue text, p_wanted integer, OUT allowed integer, OUT tokens double precision, OUT refilled_at timestamp with time zone); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.take_permits(p_queue text, p_wanted integer, OUT allowed integer, OUT tokens double precision, OUT refilled_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION try_before_claims(p_queues text[]); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.try_before_claims(p_queues text[]) FROM PUBLIC;

--
-- Name: FUNCTION use_permits(p_queue text, p_taken integer, p_tokens double precision, p_refilled_at timestamp with time zone); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.use_permits(p_queue text, p_taken integer, p_tokens double precision, p_refilled_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION waiting_queues(p_queues text[], p_top bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.waiting_queues(p_queues text[], p_top bigint) FROM PUBLIC;

--
-- Name: FUNCTION with_lease(p_id bigint, p_epoch integer, p_number bigint); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.with_lease(p_id bigint, p_epoch integer, p_number bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION queue.with_lease(p_id bigint, p_epoch integer, p_number bigint) TO queue_worker;

--
-- Name: FUNCTION worked_stats(); Type: ACL; Schema: queue; Owner: -
--

REVOKE ALL ON FUNCTION queue.worked_stats() FROM PUBLIC;
GRANT ALL ON FUNCTION queue.worked_stats() TO queue_worker;

--
-- Name: FUNCTION add_network_key(p_public_key bytea, p_valid_from timestamp with time zone, p_signature bytea); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.add_network_key(p_public_key bytea, p_valid_from timestamp with time zone, p_signature bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.add_network_key(p_public_key bytea, p_valid_from timestamp with time zone, p_signature bytea) TO dandelion_operator;

--
-- Name: FUNCTION describe_sealed_package(p_referral uuid, p_agency uuid); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.describe_sealed_package(p_referral uuid, p_agency uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.describe_sealed_package(p_referral uuid, p_agency uuid) TO dandelion_routing;

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
-- Name: FUNCTION erase_texts(p_referrals uuid[]); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.erase_texts(p_referrals uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION is_profile(p_profile text, p_fields text[]); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.is_profile(p_profile text, p_fields text[]) FROM PUBLIC;

--
-- Name: FUNCTION is_record(p_purpose text, p_legal_basis text, p_requested_by text); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.is_record(p_purpose text, p_legal_basis text, p_requested_by text) FROM PUBLIC;

--
-- Name: FUNCTION keep_text(p_referral uuid, p_agency uuid, p_status text, p_staff text, p_key_id text, p_digest bytea, p_size integer, p_sealed bytea, p_attachments jsonb); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.keep_text(p_referral uuid, p_agency uuid, p_status text, p_staff text, p_key_id text, p_digest bytea, p_size integer, p_sealed bytea, p_attachments jsonb) FROM PUBLIC;

--
-- Name: FUNCTION network_keys(); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.network_keys() FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.network_keys() TO dandelion_operator;

--
-- Name: FUNCTION network_keys_in_use(); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.network_keys_in_use() FROM PUBLIC;

--
-- Name: FUNCTION put_sealed_packages(p_referrals uuid[], p_agencies uuid[], p_profiles text[], p_fields jsonb[], p_key_fingerprints bytea[], p_sealed bytea[]); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.put_sealed_packages(p_referrals uuid[], p_agencies uuid[], p_profiles text[], p_fields jsonb[], p_key_fingerprints bytea[], p_sealed bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.put_sealed_packages(p_referrals uuid[], p_agencies uuid[], p_profiles text[], p_fields jsonb[], p_key_fingerprints bytea[], p_sealed bytea[]) TO dandelion_routing;

--
-- Name: FUNCTION read_sealed_package(p_disclosure uuid, p_referral uuid, p_agency uuid); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.read_sealed_package(p_disclosure uuid, p_referral uuid, p_agency uuid) FROM PUBLIC;

--
-- Name: FUNCTION read_sealed_packages(p_disclosures uuid[], p_referrals uuid[], p_agencies uuid[]); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.read_sealed_packages(p_disclosures uuid[], p_referrals uuid[], p_agencies uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION record_disclosure(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_purpose text, p_legal_basis text, p_requested_by text); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.record_disclosure(p_referral uuid, p_agency uuid, p_profile text, p_fields text[], p_purpose text, p_legal_basis text, p_requested_by text) FROM PUBLIC;

--
-- Name: FUNCTION record_package_disclosure(p_id uuid, p_referral uuid, p_agency uuid, p_purpose text, p_legal_basis text, p_requested_by text); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.record_package_disclosure(p_id uuid, p_referral uuid, p_agency uuid, p_purpose text, p_legal_basis text, p_requested_by text) FROM PUBLIC;

--
-- Name: FUNCTION record_package_disclosures(p_ids uuid[], p_referrals uuid[], p_agencies uuid[], p_purposes text[], p_legal_bases text[], p_requested_by text[], p_keys bytea[]); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.record_package_disclosures(p_ids uuid[], p_referrals uuid[], p_agencies uuid[], p_purposes text[], p_legal_bases text[], p_requested_by text[], p_keys bytea[]) FROM PUBLIC;

--
-- Name: FUNCTION refuse_change(); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.refuse_change() FROM PUBLIC;

--
-- Name: FUNCTION refuse_text_change(); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.refuse_text_change() FROM PUBLIC;

--
-- Name: FUNCTION require_disclosure(p_disclosure uuid, p_referral uuid, p_agency uuid); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.require_disclosure(p_disclosure uuid, p_referral uuid, p_agency uuid) FROM PUBLIC;

--
-- Name: FUNCTION retire_network_key(p_id text); Type: ACL; Schema: safeguarding; Owner: -
--

REVOKE ALL ON FUNCTION safeguarding.retire_network_key(p_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION safeguarding.retire_network_key(p_id text) TO dandelion_operator;

--
-- Name: TABLE agency_desk; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.agency_desk TO dandelion_operator;

--
-- Name: TABLE agency_details; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.agency_details TO dandelion_operator;

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
-- Name: TABLE clock_change_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.clock_change_overview TO dandelion_operator;

--
-- Name: TABLE clock_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.clock_overview TO dandelion_operator;

--
-- Name: TABLE consent_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.consent_overview TO dandelion_operator;

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
-- Name: TABLE staff_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.staff_overview TO dandelion_operator;

--
-- Name: TABLE staff_task_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.staff_task_overview TO dandelion_operator;

--
-- Name: TABLE station_desk; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.station_desk TO dandelion_operator;

--
-- Name: TABLE station_inbox; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.station_inbox TO dandelion_operator;

--
-- Name: TABLE station_unit_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.station_unit_overview TO dandelion_operator;

--
-- Name: TABLE timeline; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.timeline TO dandelion_operator;

--
-- Name: TABLE webhook_attempt_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.webhook_attempt_overview TO dandelion_operator;

--
-- Name: TABLE webhook_overview; Type: ACL; Schema: casework; Owner: -
--

GRANT SELECT ON TABLE casework.webhook_overview TO dandelion_operator;

--
-- Name: TABLE applied; Type: ACL; Schema: dandelion_migrations; Owner: -
--

GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_intake;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_routing;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_notification;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_gateway;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_operator;
GRANT SELECT ON TABLE dandelion_migrations.applied TO dandelion_ledger;

--
-- Name: TABLE login_overview; Type: ACL; Schema: door; Owner: -
--

GRANT SELECT ON TABLE door.login_overview TO dandelion_operator;

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
-- Name: TABLE periodic_overview; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.periodic_overview TO queue_operator;
GRANT SELECT ON TABLE queue.periodic_overview TO queue_observer;

--
-- Name: TABLE worker; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.worker TO queue_operator;
GRANT SELECT ON TABLE queue.worker TO queue_observer;

--
-- Name: TABLE queue_overview; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.queue_overview TO queue_operator;
GRANT SELECT ON TABLE queue.queue_overview TO queue_observer;

--
-- Name: TABLE retention_overview; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.retention_overview TO queue_operator;
GRANT SELECT ON TABLE queue.retention_overview TO queue_observer;

--
-- Name: TABLE share_overview; Type: ACL; Schema: queue; Owner: -
--

GRANT SELECT ON TABLE queue.share_overview TO queue_operator;
GRANT SELECT ON TABLE queue.share_overview TO queue_observer;

--
-- PostgreSQL database dump complete
--

