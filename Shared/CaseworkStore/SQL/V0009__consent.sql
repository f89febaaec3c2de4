-- What she agrees to, refuses and takes back, for each agency or kind of agency and purpose (S16, S17). A later answer to
-- the same question supersedes the earlier one; nothing is changed or removed.
-- SQLSTATE DC051: there is no such consent. DC052: no such agency.

-- Internal: the rows that answer for these kinds and this purpose are superseded; what they said of other kinds stays. An
-- answer about agencies by name only supersedes what was refused to those by name.
CREATE FUNCTION casework.supersede_consent(p_case uuid, p_kinds text[], p_purpose text, p_agencies uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
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

-- Internal: referrals that have lost the consent they rest on are revoked at once: from here on nothing is disclosed,
-- accepted or reported under them. Taking the hand-overs back and discarding the packages is routing's.
CREATE FUNCTION casework.revoke_unconsented(p_case uuid, p_actor_kind text, p_actor text, p_code text) RETURNS integer
LANGUAGE plpgsql AS $$
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

-- Her answer for these kinds of agency and this purpose. Refusing stops no service: it only takes this disclosure away.
CREATE FUNCTION casework.record_consent(
    p_number text, p_client uuid, p_staff text, p_kinds text[], p_agencies uuid[], p_purpose text, p_granted boolean,
    p_given_by text, p_data_kinds text[], p_expires_at timestamptz
) RETURNS TABLE (case_id uuid, revoked integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- She takes back what she agreed to: for a purpose, a kind of agency or one agency, or all of it when none is named. What
-- she never agreed to cannot be taken back (DC051).
CREATE FUNCTION casework.withdraw_consent(
    p_number text, p_client uuid, p_staff text, p_kind text, p_agency uuid, p_purpose text
) RETURNS TABLE (case_id uuid, revoked integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Routing's side of it: what has ended by itself (a consent's last day) is revoked by the clock that says so.
CREATE FUNCTION casework.revoke_expired(p_case uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM 1 FROM cases WHERE id = p_case FOR NO KEY UPDATE;
    RETURN revoke_unconsented(p_case, 'service', 'routing', 'consent_expired');
END
$$;

-- The agencies of these codes that there are.
CREATE FUNCTION casework.agencies_by_code(p_codes text[]) RETURNS TABLE (id uuid, code text, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT a.id, a.code, a.kind FROM agency AS a WHERE a.code = ANY (p_codes)
$$;

-- The kinds among these of which the network has an agency.
CREATE FUNCTION casework.known_agency_kinds(p_kinds text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT k.kind FROM unnest(p_kinds) AS k (kind) WHERE EXISTS (SELECT 1 FROM agency AS a WHERE a.kind = k.kind)
$$;

-- What stands, for the door and for operators: codes and times.
CREATE VIEW casework.consent_overview AS
    SELECT c.case_id, k.number AS case_number, c.agency_kinds,
        (SELECT array_agg(a.code ORDER BY a.code) FROM casework.agency AS a WHERE a.id = ANY (c.agencies)) AS agencies,
        c.purpose, c.granted, c.given_by, c.data_kinds, c.recorded_at, c.expires_at, c.withdrawn_at
    FROM casework.consent AS c JOIN casework.cases AS k ON k.id = c.case_id WHERE c.superseded_at IS NULL;

CREATE FUNCTION casework.consents_for_client(p_number text, p_client uuid)
RETURNS TABLE (
    agency_kinds text[], agencies text[], purpose text, granted boolean, given_by text, data_kinds text[],
    recorded_at timestamptz, expires_at timestamptz, withdrawn_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

CREATE INDEX agency_kind ON casework.agency (kind);

REVOKE ALL ON FUNCTION casework.supersede_consent(uuid, text[], text, uuid[]),
    casework.revoke_unconsented(uuid, text, text, text),
    casework.record_consent(text, uuid, text, text[], uuid[], text, boolean, text, text[], timestamptz),
    casework.withdraw_consent(text, uuid, text, text, uuid, text), casework.revoke_expired(uuid),
    casework.agencies_by_code(text[]), casework.known_agency_kinds(text[]),
    casework.consents_for_client(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    casework.record_consent(text, uuid, text, text[], uuid[], text, boolean, text, text[], timestamptz),
    casework.withdraw_consent(text, uuid, text, text, uuid, text),
    casework.agencies_by_code(text[]), casework.known_agency_kinds(text[])
TO dandelion_intake, dandelion_operator;
GRANT EXECUTE ON FUNCTION casework.consents_for_client(text, uuid) TO dandelion_intake;
GRANT EXECUTE ON FUNCTION casework.revoke_expired(uuid) TO dandelion_routing;
GRANT SELECT ON casework.consent_overview TO dandelion_operator;

-- MARK: without her consent

-- A disclosure without consent that no rule makes: by staff, on an article of the law, with a supervisor who is told (S18).
-- It becomes a fact of the case, so that the decision that follows says what it rests on. Returns the notice for the
-- owner's desk.
CREATE FUNCTION casework.override_consent(
    p_number text, p_client uuid, p_staff text, p_supervisor text, p_kind text, p_purpose text, p_basis text,
    p_article text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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
REVOKE ALL ON FUNCTION casework.override_consent(text, uuid, text, text, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.override_consent(text, uuid, text, text, text, text, text, text) TO dandelion_intake;
