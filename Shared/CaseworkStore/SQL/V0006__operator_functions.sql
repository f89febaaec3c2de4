-- What operators may do. They see queues, codes and times, never people.

CREATE FUNCTION casework.import_divisions(p_codes text[], p_names text[], p_levels text[], p_parents text[])
RETURNS TABLE (imported bigint, stations bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_imported bigint;
    v_stations bigint;
BEGIN
    INSERT INTO division (code, name, level, parent_code)
    SELECT d.code, d.name, d.level, nullif(d.parent, '')
    FROM unnest(p_codes, p_names, p_levels, p_parents) AS d (code, name, level, parent)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, parent_code = excluded.parent_code;
    GET DIAGNOSTICS v_imported = ROW_COUNT;
    -- Every division has its Women's Federation station from the start.
    INSERT INTO station (division_code, name)
    SELECT code, name || '妇联维权站' FROM division WHERE code = ANY (p_codes)
    ON CONFLICT (division_code) DO UPDATE SET name = excluded.name;
    GET DIAGNOSTICS v_stations = ROW_COUNT;
    RETURN QUERY SELECT v_imported, v_stations;
END
$$;

CREATE FUNCTION casework.set_station_email(p_division text, p_email text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    UPDATE station SET email = p_email WHERE division_code = p_division;
    RETURN FOUND;
END
$$;

CREATE FUNCTION casework.put_agency(
    p_code text, p_kind text, p_name text, p_division text, p_public_key bytea, p_webhook_url text,
    p_webhook_secret bytea
) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    INSERT INTO agency (code, kind, name, division_code, public_key, webhook_url, webhook_secret)
    VALUES (p_code, p_kind, p_name, p_division, p_public_key, p_webhook_url, p_webhook_secret)
    ON CONFLICT (code) DO UPDATE
    SET kind = excluded.kind, name = excluded.name, division_code = excluded.division_code,
        public_key = coalesce(excluded.public_key, agency.public_key),
        webhook_url = excluded.webhook_url, webhook_secret = excluded.webhook_secret
    RETURNING id
$$;

CREATE FUNCTION casework.set_agency_status(p_code text, p_status text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    UPDATE agency SET status = p_status WHERE code = p_code;
    RETURN FOUND;
END
$$;

CREATE FUNCTION casework.add_agency_key(p_agency uuid, p_key_hash bytea, p_label text) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    INSERT INTO agency_key (agency_id, key_hash, label) VALUES (p_agency, p_key_hash, p_label) RETURNING id
$$;

CREATE FUNCTION casework.revoke_agency_keys(p_agency uuid, p_except uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_count bigint;
BEGIN
    UPDATE agency_key SET revoked_at = clock_timestamp()
    WHERE agency_id = p_agency AND revoked_at IS NULL AND id IS DISTINCT FROM p_except;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

CREATE FUNCTION casework.put_intake_client(
    p_name text, p_key_hash bytea, p_channels text[], p_scope text, p_requests_per_minute integer, p_may_read boolean
) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    INSERT INTO intake_client (name, key_hash, channels, division_scope, requests_per_minute, may_read_cases)
    VALUES (p_name, p_key_hash, p_channels, p_scope, p_requests_per_minute, p_may_read)
    ON CONFLICT (name) DO UPDATE
    SET key_hash = excluded.key_hash, channels = excluded.channels, division_scope = excluded.division_scope,
        requests_per_minute = excluded.requests_per_minute, may_read_cases = excluded.may_read_cases, revoked_at = NULL
    RETURNING id
$$;

-- A new version, unless the active one has the same text. Returns the active version.
CREATE FUNCTION casework.activate_rule_set(p_yaml text, p_checksum bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_version bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.rule_set', 0));
    SELECT version INTO v_version FROM rule_set
    WHERE checksum = p_checksum AND version = (SELECT max(version) FROM rule_set);
    IF NOT FOUND THEN
        INSERT INTO rule_set (yaml, checksum) VALUES (p_yaml, p_checksum) RETURNING version INTO v_version;
    END IF;
    RETURN v_version;
END
$$;

CREATE VIEW casework.agency_overview AS
    SELECT a.id, a.code, a.kind, a.name, a.division_code, d.name AS division_name, d.level, a.status,
        a.public_key IS NOT NULL AS has_key, a.webhook_url IS NOT NULL AS has_webhook,
        (SELECT count(*) FROM casework.agency_key AS k WHERE k.agency_id = a.id AND k.revoked_at IS NULL) AS live_keys
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
    SELECT k.id, k.case_id, r.number AS referral, k.kind, k.name, k.basis, k.state, k.started_at, k.due_at, k.ended_at
    FROM casework.clock AS k LEFT JOIN casework.referral AS r ON r.id = k.referral_id;

CREATE VIEW casework.timeline AS
    SELECT e.id, e.case_id, r.number AS referral, a.name AS agency_name, e.kind, e.actor_kind, e.actor, e.rule_version,
        e.data, e.occurred_at
    FROM casework.event AS e LEFT JOIN casework.referral AS r ON r.id = e.referral_id
    LEFT JOIN casework.agency AS a ON a.id = r.agency_id;

CREATE VIEW casework.message_overview AS
    SELECT m.id, m.case_id, p.role, m.template, m.state, m.reason, m.created_at, m.settled_at
    FROM casework.message AS m JOIN casework.person AS p ON p.id = m.person_id;

-- What stands in the inboxes of stations, unread.
CREATE VIEW casework.station_inbox AS
    SELECT m.id, s.division_code, s.name AS station_name, c.number AS case_number, m.template, m.lane, m.state, m.created_at
    FROM casework.message AS m JOIN casework.station AS s ON s.id = m.station_id
    JOIN casework.cases AS c ON c.id = m.case_id WHERE m.read_at IS NULL;

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
    casework.open_case(uuid, text, bytea, text, text, text, jsonb, bytea, uuid, text, jsonb, jsonb, jsonb, uuid, text,
        text, timestamptz),
    casework.read_case(text, uuid),
    casework.receipt_status(bytea),
    casework.opened_case(uuid, text),
    casework.active_rule_set()
TO dandelion_intake;

GRANT EXECUTE ON FUNCTION
    casework.division_path(text),
    casework.lock_case(uuid),
    casework.people_of(uuid),
    casework.consents_of(uuid),
    casework.referrals_of(uuid),
    casework.case_of_referral(uuid),
    casework.clocks_of(uuid),
    casework.clock_by_id(uuid),
    casework.agencies_at(text[]),
    casework.active_rule_set(),
    casework.create_referral(uuid, text, uuid, uuid, text, text, text, bigint, jsonb, text, text, integer, text, uuid),
    casework.set_referral_status(uuid, text[], text, text, text, bigint),
    casework.start_clock(uuid, uuid, uuid, text, text, text, timestamptz, text),
    casework.end_clock(uuid, text, text),
    casework.overdue_clocks(integer, timestamptz, uuid),
    casework.is_routed(uuid),
    casework.unrouted_cases(interval, integer),
    casework.rule_set_by_version(bigint),
    casework.change_owner(uuid, uuid, text, text),
    casework.record_decision(uuid, bigint, jsonb),
    casework.record_escalation(uuid, uuid, jsonb),
    casework.record_routing_event(uuid, uuid, text, bigint, jsonb),
    casework.confirm_safety(uuid),
    casework.contact_rules_of(uuid),
    casework.add_notice(uuid, uuid, text),
    casework.add_message(uuid, uuid, text),
    casework.add_webhook_delivery(uuid, uuid, text),
    casework.close_case(uuid, text, text)
TO dandelion_routing;

GRANT EXECUTE ON FUNCTION
    casework.agency_by_key(bytea),
    casework.agency_referrals(uuid, text, uuid, integer),
    casework.referral_received(uuid, uuid, text),
    casework.accept_referral(uuid, uuid, text),
    casework.decline_referral(uuid, uuid, text, text, text, text),
    casework.report_progress(uuid, uuid, text[], text),
    casework.report_outcome(uuid, uuid, text[], text, text),
    casework.webhook_delivery_by_id(uuid),
    casework.settle_webhook_delivery(uuid, text)
TO dandelion_gateway;

GRANT EXECUTE ON FUNCTION
    casework.lock_person_message(uuid),
    casework.lock_contact_rules(uuid),
    casework.case_contacts(uuid),
    casework.lock_station_message(uuid),
    casework.begin_message(uuid),
    casework.settle_message(uuid, text, text, text, text, integer, bigint),
    casework.open_staff_task(uuid, text, text),
    casework.whom_to_tell(uuid),
    casework.record_receipt(text, text, text, text),
    casework.late_messages(integer),
    casework.owner_of(uuid),
    casework.add_notice(uuid, uuid, text)
TO dandelion_notification;

GRANT EXECUTE ON FUNCTION
    casework.import_divisions(text[], text[], text[], text[]),
    casework.set_station_email(text, text),
    casework.put_agency(text, text, text, text, bytea, text, bytea),
    casework.set_agency_status(text, text),
    casework.add_agency_key(uuid, bytea, text),
    casework.revoke_agency_keys(uuid, uuid),
    casework.put_intake_client(text, bytea, text[], text, integer, boolean),
    casework.activate_rule_set(text, bytea),
    casework.active_rule_set(),
    casework.division_path(text),
    casework.stop_contact(uuid, text),
    casework.finish_staff_task(uuid, text),
    casework.read_notice(uuid, text),
    casework.set_station_mutes(text, text[]),
    casework.message_counts(timestamptz)
TO dandelion_operator;
GRANT SELECT ON casework.agency_overview, casework.case_overview, casework.referral_overview, casework.clock_overview,
    casework.timeline, casework.message_overview, casework.staff_task_overview, casework.station_inbox,
    casework.division, casework.station
TO dandelion_operator;
