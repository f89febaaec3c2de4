-- The SQL door of partner agencies. A login is one agency's, and the agency is never an argument. What is refused comes back
-- as a result; SQLSTATE 42501 says that the login is not (or no longer) an agency's.
--
-- A lease is one word outside, `R-7K2M-0QX9.<uuid>`: the referral's number and the lease's random name.

CREATE SCHEMA partner;
REVOKE ALL ON SCHEMA partner FROM PUBLIC;
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = 'dandelion_partner') THEN
        BEGIN
            CREATE ROLE dandelion_partner NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- Made by a migration of another database at this very moment.
        END;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA partner TO dandelion_partner;

CREATE TABLE door.agency_login (
    login text PRIMARY KEY,
    agency_id uuid NOT NULL UNIQUE REFERENCES casework.agency,
    -- Where its bell rings, in the database dandelion_bell. Random: whoever does not know it neither hears nor rings it.
    channel text NOT NULL UNIQUE DEFAULT 'bell_' || replace(gen_random_uuid()::text, '-', ''),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user,
    -- Kept when it is closed, so that the guard still knows whose the sessions are.
    closed_at timestamptz
);

-- Public holidays (false) and weekend days that are worked (true), for what agencies may do within working days. Without
-- rows Monday to Friday are worked.
CREATE TABLE door.special_day (
    day date PRIMARY KEY,
    is_worked boolean NOT NULL
);

-- The agency whose login this session is. One without a registered key has no SQL door: nothing could be sealed to it.
CREATE FUNCTION door.agency_of_session(OUT id uuid, OUT code text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT a.id, a.code INTO id, code
    FROM door.agency_login AS l JOIN casework.agency AS a ON a.id = l.agency_id
    WHERE l.login = session_user::text AND l.closed_at IS NULL AND a.status = 'active' AND a.public_key IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this login is not an active agency''s' USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

-- A lease's word, taken apart: nulls when it cannot be one.
CREATE FUNCTION door.parts_of(p_lease text, OUT number text, OUT alias uuid)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_lease ~ '^[0-9A-Z-]{1,40}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        number := split_part(p_lease, '.', 1);
        alias := split_part(p_lease, '.', 2)::uuid;
    END IF;
END
$$;

-- Lease up to p_max hand-overs for so many seconds. Ids and words only; the package is asked for apart.
CREATE FUNCTION partner.lease(p_max integer DEFAULT 1, p_lease_seconds integer DEFAULT 900)
RETURNS TABLE (
    lease text, expires_at timestamptz, attempt integer, referral text, purpose text, legal_basis text, tier text,
    answer_due_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
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

CREATE FUNCTION partner.extend(
    p_lease text, p_lease_seconds integer DEFAULT 900, OUT result text, OUT expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
BEGIN
    SELECT * INTO result, expires_at
    FROM door.extend(
        v_agency.id, v_lease.number, v_lease.alias, make_interval(secs => least(greatest(p_lease_seconds, 30), 3600)));
END
$$;

-- Give it back unanswered, to come again after so many seconds.
CREATE FUNCTION partner.hand_back(p_lease text, p_delay_seconds integer DEFAULT 0) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
BEGIN
    RETURN (door.hand_back(
        v_agency.id, v_lease.number, v_lease.alias,
        make_interval(secs => least(greatest(p_delay_seconds, 0), 3600)), NULL));
END
$$;

-- Internal: an answer, and the bell for routing. The writer rings it in the transaction: such answers are few, and nobody
-- else would.
CREATE FUNCTION door.partner_answer(
    p_lease text, p_status text, p_reason text, p_suggested_kind text, p_not_after timestamptz, p_text door.sent_text)
RETURNS text
LANGUAGE plpgsql AS $$
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

-- The last instant of so many working days after p_from: the domain's rule in SQL, which a test holds against it. Days are
-- Beijing's, which has one offset.
CREATE FUNCTION door.working_days_after(p_from timestamptz, p_days integer) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
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

-- With every answer and report a text may come, sealed to the network's key: its id, the bytes, and attachments by reference, a list
-- of {"sha256", "media_type", "bytes", "location"} of which the location is sealed, too, and in base64. Clear text is refused.
CREATE FUNCTION partner.accept(
    p_lease text, p_text_key text DEFAULT NULL, p_text bytea DEFAULT NULL, p_attachments jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN door.partner_answer(
        p_lease, 'accepted', NULL, NULL, NULL, door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

-- Not ours, with a reason, and perhaps the kind of agency that should have it.
CREATE FUNCTION partner.reject(
    p_lease text, p_reason text, p_suggested_kind text DEFAULT NULL, p_text_key text DEFAULT NULL,
    p_text bytea DEFAULT NULL, p_attachments jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    RETURN door.partner_answer(
        p_lease, 'rejected', p_reason, p_suggested_kind, NULL, door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

-- Disputed: the agency is not responsible, it says, within five working days of having it. Routing has it decided.
CREATE FUNCTION partner.object(
    p_lease text, p_reason text, p_suggested_kind text DEFAULT NULL, p_text_key text DEFAULT NULL,
    p_text bytea DEFAULT NULL, p_attachments jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
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

-- Internal: a report, and the bell for routing when it ends the referral.
CREATE FUNCTION door.partner_report(p_referral text, p_status text, p_outcome text, p_text door.sent_text) RETURNS text
LANGUAGE plpgsql AS $$
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

-- What becomes of an accepted referral on its way: scheduled, in_progress, on_hold.
CREATE FUNCTION partner.progress(
    p_referral text, p_status text DEFAULT 'in_progress', p_text_key text DEFAULT NULL, p_text bytea DEFAULT NULL,
    p_attachments jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF (p_status IN ('scheduled', 'in_progress', 'on_hold')) IS NOT TRUE THEN
        RETURN 'unknown_word';
    END IF;
    RETURN door.partner_report(p_referral, p_status, NULL, door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

-- And at its end: completed, failed or no_show, with an outcome.
CREATE FUNCTION partner.complete(
    p_referral text, p_outcome text, p_status text DEFAULT 'completed', p_text_key text DEFAULT NULL,
    p_text bytea DEFAULT NULL, p_attachments jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF (p_status IN ('completed', 'failed', 'no_show')) IS NOT TRUE OR p_outcome IS NULL THEN
        RETURN 'unknown_word';
    END IF;
    RETURN door.partner_report(p_referral, p_status, p_outcome, door.sent(p_text_key, p_text, p_attachments, NULL));
END
$$;

-- The channel of the agency's bell: LISTEN to it in the database dandelion_bell. It has no payload, and says no more than
-- that a look is worth while.
CREATE FUNCTION partner.bell() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp AS $$
DECLARE
    v_agency record := door.agency_of_session();
BEGIN
    RETURN (SELECT l.channel FROM door.agency_login AS l WHERE l.agency_id = v_agency.id);
END
$$;

-- The first of two steps to a package: enters the disclosure in the ledger. Commit it, then read.
CREATE FUNCTION partner.request_package(p_lease text, OUT result text, OUT disclosure uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_agency record := door.agency_of_session();
    v_lease record := door.parts_of(p_lease);
BEGIN
    SELECT * INTO result, disclosure FROM door.request_package(
        v_agency.id, v_lease.number, v_lease.alias, v_agency.code || ' ' || v_lease.alias::text);
END
$$;

-- The second: the sealed bytes, against a record that an earlier transaction committed; no row when it may not be read (any more).
-- The two ids and the profile are sealed in: without them the package does not open.
CREATE FUNCTION partner.read_package(p_disclosure uuid)
RETURNS TABLE (
    referral text, referral_id uuid, agency_id uuid, profile text, fields text[], sealed bytea, checkpoint text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_agency record := door.agency_of_session();
BEGIN
    RETURN QUERY
        SELECT p.referral, p.referral_id, v_agency.id, p.profile, p.fields, p.sealed, ledger.latest_checkpoint()
        FROM door.read_package(v_agency.id, p_disclosure) AS p;
END
$$;

-- The network's key to seal texts to, the onboarding key's signature over it, and the agency's id, which is sealed in. No row when
-- there is none yet: then no text is taken.
CREATE FUNCTION partner.network_key()
RETURNS TABLE (key_id text, public_key bytea, valid_from timestamptz, signature bytea, agency_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = door, pg_temp AS $$
DECLARE
    v_agency record := door.agency_of_session();
BEGIN
    RETURN QUERY
        SELECT k.id, k.public_key, k.valid_from, k.signature, v_agency.id FROM safeguarding.network_keys_in_use() AS k LIMIT 1;
END
$$;

-- The agency's own referrals, newest first; ids, words and times only.
CREATE FUNCTION partner.referrals(p_limit integer DEFAULT 50)
RETURNS TABLE (
    referral text, purpose text, status text, legal_basis text, tier text, requested_at timestamptz,
    received_at timestamptz, answered_at timestamptz, settled_at timestamptz, reason text, outcome text,
    answer_due_at timestamptz, outcome_due_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_agency record := door.agency_of_session();
BEGIN
    RETURN QUERY
        SELECT r.number, r.purpose, r.status, r.legal_basis, r.tier, r.requested_at, r.received_at, r.answered_at,
            r.settled_at, r.reason_code, r.outcome_code, r.answer_due_at, r.outcome_due_at
        FROM casework.agency_referrals(v_agency.id, NULL, NULL, least(greatest(p_limit, 1), 200)) AS r;
END
$$;

-- Internal: partners may connect to this database and to that of the bells, where waiting for long is what one does.
CREATE FUNCTION door.open_databases(p_login text) RETURNS void
LANGUAGE plpgsql AS $$
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

-- Give an agency a login of its own: limits on connections, statements and idleness, and EXECUTE on the functions of this
-- schema, nothing else. p_verifier is a SCRAM-SHA-256 verifier: the password itself never comes here.
CREATE FUNCTION door.create_login(p_agency_code text, p_login text, p_verifier text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp AS $$
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
$$;

-- Close an agency's SQL door: no new sessions, and the ones there are are ended; could one be missed, it can call nothing.
CREATE FUNCTION door.close_login(p_agency_code text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp AS $$
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

-- The public holidays and the shifted working days, all of them anew.
CREATE FUNCTION door.put_special_days(p_off date[], p_worked date[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp AS $$
BEGIN
    LOCK TABLE special_day IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM special_day;
    INSERT INTO special_day (day, is_worked)
        SELECT d, false FROM unnest(p_off) AS d UNION ALL SELECT d, true FROM unnest(p_worked) AS d;
    PERFORM casework.record_operator_event('holidays_set', 'holidays', jsonb_build_object(
        'days', cardinality(p_off) + cardinality(p_worked), 'last', (SELECT max(day) FROM special_day)));
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door, partner FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA partner TO dandelion_partner;
GRANT USAGE ON SCHEMA door TO dandelion_operator;
GRANT EXECUTE ON FUNCTION
    door.create_login(text, text, text), door.close_login(text), door.put_special_days(date[], date[])
TO dandelion_operator;
