-- What operators may do. They see queues, codes and times, never people.

-- MARK: what they change is an event (invariant 8)

-- Who changed the network, when, and what: the login, codes and ids. No address, no secret, no free text, no person.
CREATE TABLE casework.operator_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,  -- an agency's code, a client's name, a division's code, a version of the rules
    data jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    database_role text NOT NULL DEFAULT session_user
);
CREATE INDEX operator_event_subject ON casework.operator_event (subject, id);
CREATE TRIGGER operator_event_append_only BEFORE UPDATE OR DELETE ON casework.operator_event
    FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();
CREATE TRIGGER operator_event_no_truncate BEFORE TRUNCATE ON casework.operator_event
    FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

-- Internal: the event of a change, in the transaction of the change.
CREATE FUNCTION casework.record_operator_event(p_kind text, p_subject text, p_data jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    INSERT INTO operator_event (kind, subject, data) VALUES (p_kind, p_subject, jsonb_strip_nulls(p_data));
END
$$;

-- Internal: what tells one secret or key from another without giving it away.
CREATE FUNCTION casework.fingerprint(p_bytes bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = casework, pg_temp AS $$
BEGIN
    RETURN encode(sha256(p_bytes), 'hex');
END
$$;

-- Internal: one change of the network after another, each in the order version, then row.
CREATE FUNCTION casework.lock_network() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM 1 FROM network_version FOR NO KEY UPDATE;
END
$$;

-- MARK: divisions and stations

CREATE FUNCTION casework.import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[])
RETURNS TABLE (imported bigint, stations bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Where a station's duty desk is told. The event says that it was changed and not to what.
CREATE FUNCTION casework.set_station_email(p_division text, p_email text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- MARK: agencies

-- Makes or updates an agency. A public key (which comes with its signature) or a webhook that is not given stays as it was;
-- remove_agency_key() and remove_agency_webhook() remove one. A key that was signed earlier than the one there is not put
-- back: it may be the lost one. What a new key changes for hand-overs that wait, routing does.
CREATE FUNCTION casework.put_agency(
    p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_key_valid_from timestamptz,
    p_key_signature bytea, p_webhook_url text, p_webhook_secret bytea
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- No more webhooks: the agency polls. What is still to be delivered is called off. False when there is no such agency.
CREATE FUNCTION casework.remove_agency_webhook(p_code text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

CREATE FUNCTION casework.set_agency_status(p_code text, p_status text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

CREATE FUNCTION casework.add_agency_key(
    p_agency uuid, p_key_hash bytea, p_label text, p_scopes text[], p_expires_at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

CREATE FUNCTION casework.revoke_agency_keys(p_agency uuid, p_except uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- MARK: clients of intake

-- Makes or replaces a client by its name. Replacing sets a new key and undoes a revocation.
CREATE FUNCTION casework.put_intake_client(
    p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean,
    p_may_change boolean
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Ends a client: nothing that it sends from now on is taken. False when there is none of that name.
CREATE FUNCTION casework.revoke_intake_client(p_name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- MARK: rules

-- A new version, unless the active one has the same text and discloses the same. Returns the active version. What the rules
-- disclose to whom the caller says, since the program knows the profiles; what no impact assessment approves is refused
-- (DC056), and the active version stays.
CREATE FUNCTION casework.activate_rule_set(p_yaml text, p_checksum bytea, p_disclosures jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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
$$;

CREATE VIEW casework.agency_overview AS
    SELECT a.id, a.code, a.kind, a.name, a.division_code, d.name AS division_name, d.level, a.status,
        a.public_key IS NOT NULL AS has_key, a.public_key, a.key_valid_from, a.key_signature,
        a.webhook_url IS NOT NULL AS has_webhook,
        (SELECT count(*) FROM casework.agency_key AS k WHERE k.agency_id = a.id AND k.revoked_at IS NULL
            AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())) AS live_keys
    FROM casework.agency AS a JOIN casework.division AS d ON d.code = a.division_code;

CREATE VIEW casework.case_overview AS
    SELECT c.id, c.number, c.status, c.channel, c.division_code, d.name AS division_name, c.risk,
        s.name AS owner_station, sd.level AS owner_level, c.outcome, c.opened_at, c.closed_at
    FROM casework.cases AS c
    JOIN casework.division AS d ON d.code = c.division_code
    JOIN casework.station AS s ON s.id = c.owner_station_id
    JOIN casework.division AS sd ON sd.code = s.division_code;

CREATE VIEW casework.referral_overview AS
    SELECT r.id, r.number, r.case_id, a.code AS agency_code, a.name AS agency_name, a.kind AS agency_kind,
        a.division_code, r.tier, r.purpose, r.profile, r.status, r.reason_code, r.outcome_code, r.legal_basis,
        r.consent_basis, r.rule_version, r.explanation, p.number AS predecessor, r.requested_at, r.received_at,
        r.answered_at, r.settled_at
    FROM casework.referral AS r JOIN casework.agency AS a ON a.id = r.agency_id
    LEFT JOIN casework.referral AS p ON p.id = r.predecessor_id;

CREATE VIEW casework.clock_overview AS
    SELECT k.id, k.case_id, r.number AS referral, k.kind, k.name, k.basis, k.state, k.started_at, k.due_at, k.ended_at,
        k.paused_at
    FROM casework.clock AS k LEFT JOIN casework.referral AS r ON r.id = k.referral_id;

CREATE VIEW casework.timeline AS
    SELECT e.id, e.case_id, r.number AS referral, a.name AS agency_name, e.kind, e.actor_kind, e.actor, e.rule_version,
        e.data, e.occurred_at
    FROM casework.event AS e LEFT JOIN casework.referral AS r ON r.id = e.referral_id
    LEFT JOIN casework.agency AS a ON a.id = r.agency_id;

CREATE VIEW casework.client_overview AS
    SELECT c.id, c.name, c.channels, c.division_scope, d.name AS division_name, c.requests_per_minute,
        c.may_read_cases, c.may_change_cases, c.created_at, c.revoked_at
    FROM casework.intake_client AS c JOIN casework.division AS d ON d.code = c.division_scope;

CREATE VIEW casework.operator_timeline AS
    SELECT id, kind, subject, data, occurred_at, database_role FROM casework.operator_event;

CREATE VIEW casework.message_overview AS
    SELECT m.id, m.case_id, p.role, m.template, m.state, m.reason, m.created_at, m.settled_at
    FROM casework.message AS m JOIN casework.person AS p ON p.id = m.person_id;

-- What stands in the inboxes of stations, unread.
CREATE VIEW casework.station_inbox AS
    SELECT m.id, s.division_code, s.name AS station_name, c.number AS case_number, m.template, m.lane, m.state, m.created_at
    FROM casework.message AS m JOIN casework.station AS s ON s.id = m.station_id
    JOIN casework.cases AS c ON c.id = m.case_id WHERE m.audience = 'station' AND m.read_at IS NULL;

-- How desks and duties are told: whether there is an address, never which.
CREATE VIEW casework.station_desk AS
    SELECT s.division_code, s.name AS station_name, s.email IS NOT NULL AS has_address,
        cardinality(s.duty_phones) AS duty_phones, s.muted
    FROM casework.station AS s;
CREATE VIEW casework.agency_desk AS
    SELECT a.code, a.name AS agency_name, a.desk_email IS NOT NULL AS has_address, a.digest_minutes, a.muted
    FROM casework.agency AS a;

-- What people of the stations have to do because no message could.
CREATE VIEW casework.staff_task_overview AS
    SELECT t.id, c.number AS case_number, s.name AS station_name, s.division_code, t.kind, t.reason, m.template, m.lane,
        t.opened_at, t.done_at, t.done_by
    FROM casework.staff_task AS t JOIN casework.cases AS c ON c.id = t.case_id
    JOIN casework.station AS s ON s.id = t.station_id JOIN casework.message AS m ON m.id = t.message_id;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA casework FROM PUBLIC;

GRANT EXECUTE ON FUNCTION
    casework.intake_client_by_key(bytea),
    casework.division_path(text),
    casework.take_idempotency_key(uuid, text, bytea, uuid),
    casework.open_cases(uuid[], text[], bytea[], text[], text[], text[], jsonb[], bytea[], uuid[], text[], uuid[], text[],
        text[], timestamptz[], uuid[], uuid[], text[], bytea[], bytea[], bytea[], bytea[], text[], text[], boolean[],
        bytea[], bytea[], bytea[], uuid[], uuid[], uuid[], text[], text[], smallint[], smallint[], boolean[], bytea[],
        timestamptz[], timestamptz[], bytea[], jsonb, text[], bytea[]),
    casework.read_case(text, uuid),
    casework.receipt_status(bytea),
    casework.opened_case(uuid, text),
    casework.forget_idempotency_keys(interval, integer),
    casework.stop_contact_of_case(text, uuid),
    casework.active_rule_set()
TO dandelion_intake;

GRANT EXECUTE ON FUNCTION
    casework.division_path(text),
    casework.lock_cases(uuid[], boolean),
    casework.people_of(uuid[]),
    casework.consents_of(uuid[]),
    casework.referrals_of(uuid[]),
    casework.cases_of_referrals(uuid[]),
    casework.clocks_of(uuid[]),
    casework.clock_by_id(uuid),
    casework.agencies_at(text[]),
    casework.create_referrals(uuid[], text[], uuid[], uuid[], text[], text[], text[], bigint[], jsonb[], text[], text[],
        integer[], text[], uuid[]),
    casework.set_referral_status(uuid, text[], text, text, text, bigint),
    casework.start_clocks(uuid[], uuid[], uuid[], text[], text[], text[], timestamptz[], text),
    casework.end_clocks(uuid[], text, text),
    casework.take_due_clocks(integer, interval),
    casework.unrouted_cases(interval, integer),
    casework.rule_set_by_version(bigint),
    casework.change_owner(uuid, uuid, text, text),
    casework.record_decisions(uuid[], bigint[], jsonb[], uuid[]),
    casework.record_escalation(uuid, uuid, uuid, jsonb),
    casework.record_routing_event(uuid, uuid, text, bigint, jsonb),
    casework.confirm_safety(uuid),
    casework.contact_rules_of_cases(uuid[]),
    casework.moments_of(uuid[]),
    casework.add_webhook_delivery(uuid, uuid, uuid, text),
    casework.close_case(uuid, text, text)
TO dandelion_routing;

GRANT EXECUTE ON FUNCTION
    casework.agencies_by_keys(bytea[]),
    casework.agency_referrals(uuid, text, uuid, integer, text, text[], text),
    casework.agency_counts(uuid),
    casework.webhook_delivery_by_id(uuid),
    casework.settle_webhook_delivery(uuid, text)
TO dandelion_gateway;

GRANT EXECUTE ON FUNCTION
    casework.lock_person_messages(uuid[], boolean),
    casework.contact_rules_of_messages(uuid[]),
    casework.contacts_of_messages(uuid[]),
    casework.lock_staff_messages(uuid[], boolean),
    casework.begin_message(uuid),
    casework.begin_messages(uuid[], bigint[], integer[], bigint[]),
    casework.settle_sent_messages(uuid[], text[], text[], integer[], bigint[]),
    casework.settle_message(uuid, text, text, text, text, integer, bigint),
    casework.follow_message(uuid, text, boolean),
    casework.record_receipt(text, text, text, text),
    casework.follow_late_messages(integer)
TO dandelion_notification;

GRANT EXECUTE ON FUNCTION
    casework.import_divisions(text[], text[], text[], text[]),
    casework.set_station_email(text, text),
    casework.put_agency(text, text, text, text, bytea, timestamptz, bytea, text, bytea),
    casework.remove_agency_webhook(text),
    casework.set_agency_status(text, text),
    casework.add_agency_key(uuid, bytea, text, text[], timestamptz),
    casework.revoke_agency_keys(uuid, uuid),
    casework.put_intake_client(text, bytea, text[], text, integer, boolean, boolean),
    casework.revoke_intake_client(text),
    casework.activate_rule_set(text, bytea, jsonb),
    casework.active_rule_set(),
    casework.division_path(text),
    casework.stop_contact(uuid, text),
    casework.finish_staff_task(uuid, text),
    casework.read_notice(uuid, text),
    casework.set_station_mutes(text, text[]),
    casework.set_duty_phones(text, text[]),
    casework.set_agency_desk(text, text, integer, text[]),
    casework.message_counts(timestamptz)
TO dandelion_operator;
GRANT SELECT ON casework.agency_overview, casework.case_overview, casework.referral_overview, casework.clock_overview,
    casework.timeline, casework.message_overview, casework.client_overview, casework.operator_timeline,
    casework.staff_task_overview, casework.station_inbox, casework.station_desk, casework.agency_desk,
    casework.division, casework.station
TO dandelion_operator;
