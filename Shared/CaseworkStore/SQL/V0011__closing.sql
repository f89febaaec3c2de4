-- The call-back 回访 before a case is closed, and what staff change of referrals and of the case beside it.
-- SQLSTATE DC055: as things stand this is not possible.

CREATE TABLE casework.call_back (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES casework.cases,
    result text NOT NULL CHECK (result IN ('confirmed', 'not_settled', 'unsafe', 'unreachable', 'not_allowed')),
    satisfaction smallint CHECK (satisfaction BETWEEN 1 AND 5),
    staff_id text NOT NULL,
    called_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX call_back_case ON casework.call_back (case_id, called_at);

-- Internal: she says that it does not hold, or that she is in danger. What the agencies reported counts no more: it may be
-- asked for again. A closed case is open again from this transaction on, on its owner's time (p_clocks: by level of danger, an
-- object of name, basis and due time in microseconds since 1970). Routing looks at it after this.
CREATE FUNCTION casework.take_up_again(p_case uuid, p_staff text, p_client uuid, p_unsafe boolean, p_clocks jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
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

-- Somebody has called her, or a supervisor has looked because her rules allow no call. An open case's call-back counts
-- for closing; a closed one's is a follow-up, and opens it again when it is a bad one.
CREATE FUNCTION casework.record_call_back(
    p_number text, p_client uuid, p_staff text, p_result text, p_satisfaction integer, p_clocks jsonb
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

CREATE FUNCTION casework.call_backs_of(p_case uuid)
RETURNS TABLE (result text, satisfaction smallint, staff_id text, called_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT c.result, c.satisfaction, c.staff_id, c.called_at FROM call_back AS c WHERE c.case_id = p_case
    ORDER BY c.called_at
$$;

-- What decides whether a case may be closed, under its lock, for the member of staff who would close it. Referrals are a
-- JSON array of codes.
CREATE FUNCTION casework.case_to_close(p_number text, p_client uuid, p_staff text)
RETURNS TABLE (case_id uuid, risk text, is_safe boolean, referrals jsonb, settled_at timestamptz, opened_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- The owner's decision to close: routing closes the case with this outcome, or finds what has come up since.
CREATE FUNCTION casework.ask_to_close(p_case uuid, p_client uuid, p_staff text, p_outcome text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

CREATE FUNCTION casework.closing_of(p_case uuid) RETURNS TABLE (outcome text, settled_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT c.closing_outcome, (SELECT max(r.settled_at) FROM referral AS r WHERE r.case_id = c.id)
    FROM cases AS c WHERE c.id = p_case
$$;

-- A referral by its number, under its case's lock, for staff who would change its status as its sender.
CREATE FUNCTION casework.referral_to_change(p_number text, p_client uuid, p_staff text, p_referral text)
RETURNS TABLE (case_id uuid, referral_id uuid, status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- The change itself: the sender's, allowed by the state machine of the application, from the status it looked at.
CREATE FUNCTION casework.change_referral(
    p_referral uuid, p_client uuid, p_staff text, p_from text, p_to text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- MARK: milestones

-- Something that starts a time by law beside the referrals, such as an order in force until a day.
CREATE TABLE casework.milestone (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES casework.cases,
    kind text NOT NULL,
    reached_on date NOT NULL,
    until date,  -- the last day of what began
    staff_id text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,  -- when routing started its clocks, once
    CHECK (until IS NULL OR until >= reached_on)
);
CREATE INDEX milestone_new ON casework.milestone (case_id) WHERE started_at IS NULL;

CREATE FUNCTION casework.record_milestone(
    p_number text, p_client uuid, p_staff text, p_kind text, p_reached date, p_until date
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Takes the milestones whose clocks are still to be started: each is handed out once.
CREATE FUNCTION casework.take_milestones(p_case uuid) RETURNS TABLE (kind text, reached_on date, until date)
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    UPDATE milestone AS m SET started_at = clock_timestamp() WHERE m.case_id = p_case AND m.started_at IS NULL
    RETURNING m.kind, m.reached_on, m.until
$$;

REVOKE ALL ON FUNCTION casework.take_up_again(uuid, text, uuid, boolean, jsonb), casework.record_call_back(text, uuid, text, text, integer, jsonb), casework.call_backs_of(uuid),
    casework.case_to_close(text, uuid, text), casework.ask_to_close(uuid, uuid, text, text), casework.closing_of(uuid),
    casework.referral_to_change(text, uuid, text, text), casework.change_referral(uuid, uuid, text, text, text),
    casework.record_milestone(text, uuid, text, text, date, date), casework.take_milestones(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.record_call_back(text, uuid, text, text, integer, jsonb), casework.call_backs_of(uuid),
    casework.case_to_close(text, uuid, text), casework.ask_to_close(uuid, uuid, text, text),
    casework.referral_to_change(text, uuid, text, text), casework.change_referral(uuid, uuid, text, text, text),
    casework.record_milestone(text, uuid, text, text, date, date) TO dandelion_intake;
GRANT EXECUTE ON FUNCTION casework.call_backs_of(uuid), casework.closing_of(uuid), casework.take_milestones(uuid)
TO dandelion_routing;
