-- Disputes between agencies about who is responsible: the first objection sends a referral on, the second asks the common
-- superior, whose decision binds (Petition Regulations art. 23, 24).

-- One dispute for a purpose of a case.
CREATE TABLE casework.dispute (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES casework.cases,
    purpose text NOT NULL,
    division_code text NOT NULL REFERENCES casework.division,  -- whose station decides
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_agency_id uuid REFERENCES casework.agency,
    staff_id text,
    decided_at timestamptz,
    settled_at timestamptz,  -- when routing has offered it to the agency that was named
    CHECK ((decided_agency_id IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX dispute_open ON casework.dispute (case_id, purpose) WHERE settled_at IS NULL;

-- The nearest agency that is above all of these, each counted as above itself: its division and kind. Nothing when they
-- have none in common, as far as anybody said.
CREATE FUNCTION casework.common_superior(p_agencies uuid[]) RETURNS TABLE (agency_id uuid, division_code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Agencies, whatever their state, by id: a superior may name one outside the case's own divisions.
CREATE FUNCTION casework.agencies_by_id(p_ids uuid[])
RETURNS TABLE (
    id uuid, code text, kind text, name text, division_code text, status text, public_key bytea,
    key_valid_from timestamptz, key_signature bytea, webhook_url text, services text[], hours text, capacity integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, code, kind, name, division_code, status, public_key, key_valid_from, key_signature, webhook_url,
            services, hours, capacity
        FROM agency WHERE id = ANY (p_ids) ORDER BY code;
END
$$;

-- Routing asks: once while it is open. False when it was asked already.
CREATE FUNCTION casework.ask_superior(p_case uuid, p_purpose text, p_division text, p_agencies uuid[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    INSERT INTO dispute (case_id, purpose, division_code) VALUES (p_case, p_purpose, p_division) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    RETURN record_event(p_case, NULL, 'superior_asked', 'service', 'routing', NULL,
        jsonb_build_object('purpose', p_purpose, 'division', p_division, 'agencies', p_agencies));
END
$$;

-- Nobody has decided in time: another station up has to.
CREATE FUNCTION casework.move_dispute(p_case uuid, p_purpose text, p_division text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    UPDATE dispute SET division_code = p_division WHERE case_id = p_case AND purpose = p_purpose AND decided_at IS NULL
$$;

CREATE FUNCTION casework.disputes_of(p_case uuid)
RETURNS TABLE (purpose text, division_code text, decided_agency_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT d.purpose, d.division_code, d.decided_agency_id FROM dispute AS d
    WHERE d.case_id = p_case AND d.settled_at IS NULL ORDER BY d.asked_at
$$;

-- The superior names the responsible agency: a supervisor who serves the division that was asked, or one around it.
CREATE FUNCTION casework.decide_dispute(
    p_number text, p_client uuid, p_staff text, p_purpose text, p_agency_code text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Routing has done what was decided: the referral to the agency that was named binds it.
CREATE FUNCTION casework.settle_dispute(p_case uuid, p_purpose text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

REVOKE ALL ON FUNCTION casework.common_superior(uuid[]), casework.agencies_by_id(uuid[]),
    casework.ask_superior(uuid, text, text, uuid[]), casework.move_dispute(uuid, text, text),
    casework.disputes_of(uuid), casework.decide_dispute(text, uuid, text, text, text),
    casework.settle_dispute(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.common_superior(uuid[]), casework.agencies_by_id(uuid[]),
    casework.ask_superior(uuid, text, text, uuid[]), casework.move_dispute(uuid, text, text),
    casework.disputes_of(uuid), casework.settle_dispute(uuid, text) TO dandelion_routing;
GRANT EXECUTE ON FUNCTION casework.decide_dispute(text, uuid, text, text, text) TO dandelion_intake;
