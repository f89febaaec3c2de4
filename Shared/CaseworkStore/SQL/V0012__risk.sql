-- How dangerous a case is held to be: raised by anybody at any time, lowered by two different people, and looked at anew
-- at each contact and event (S25 to S27).

CREATE TABLE casework.risk_assessment (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES casework.cases,
    occasion text NOT NULL,
    items text[] NOT NULL,  -- those answered yes this time
    level_before text NOT NULL,
    level_after text NOT NULL,
    staff_id text NOT NULL,
    assessed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX risk_assessment_case ON casework.risk_assessment (case_id, assessed_at);

-- What a first person proposed and a second has not confirmed: at most one for a case.
CREATE TABLE casework.risk_proposal (
    case_id uuid PRIMARY KEY REFERENCES casework.cases,
    level text NOT NULL,
    withdrawn text[] NOT NULL,
    reason text NOT NULL,
    staff_id text NOT NULL,
    proposed_at timestamptz NOT NULL
);

-- The standing of a case, under its lock, for somebody who may assess it.
CREATE FUNCTION casework.risk_to_change(p_number text, p_client uuid, p_staff text)
RETURNS TABLE (
    case_id uuid, level text, items jsonb, categories jsonb, assessed_at timestamptz, proposed_level text,
    withdrawn text[], reason text, proposed_by text, proposed_at timestamptz, now timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Internal: the case's level and items as they are now, for the rules and for everybody who reads the case.
CREATE FUNCTION casework.set_risk(p_case uuid, p_level text, p_items text[]) RETURNS void
LANGUAGE sql AS $$
    UPDATE casework.cases SET risk = p_level, version = version + 1,
        facts = facts || jsonb_build_object('risk', p_level, 'risk_items', to_jsonb(p_items))
    WHERE id = p_case
$$;

-- The answers of an assessment. The application has computed the level; the database holds to it that no assessment
-- lowers one or forgets an item. An assessment meets the clock that asked for it.
CREATE FUNCTION casework.record_assessment(
    p_case uuid, p_client uuid, p_staff text, p_occasion text, p_answers text[], p_items text[], p_level text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

CREATE FUNCTION casework.propose_risk(
    p_case uuid, p_client uuid, p_staff text, p_level text, p_withdrawn text[], p_reason text, p_at timestamptz
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- A second person confirms: the database holds to it, too, that she is another one.
CREATE FUNCTION casework.lower_risk(p_case uuid, p_client uuid, p_staff text, p_level text, p_items text[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- MARK: what words of the narrative ask for

-- A question that a text made somebody ask, with the words that caused it: sealed, since they are hers. It is never a fact
-- of the case.
CREATE TABLE casework.triage (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES casework.cases,
    subject text NOT NULL CHECK (subject ~ '^(risk_item|flag|category):[a-z][a-z0-9_]{0,63}$'),
    manner text NOT NULL CHECK (manner IN ('stated', 'aside')),
    words bytea NOT NULL,
    suggested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    answer boolean,  -- whether it is so; asked of her, answered by staff
    staff_id text,
    answered_at timestamptz,
    CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (staff_id IS NULL))
);
CREATE INDEX triage_case ON casework.triage (case_id);

-- What a narrative suggests, beside the case that was opened with it, and a notice for the desk when something is stated
-- that nobody has answered yes to. Suggestions are a JSON array, words base64.
CREATE FUNCTION casework.add_triage(p_case uuid, p_station_notice boolean, p_suggestions jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- What is still to be asked, for staff who may read the narrative. Reading is an event.
CREATE FUNCTION casework.read_triage(p_number text, p_client uuid, p_staff text)
RETURNS TABLE (id uuid, subject text, manner text, words bytea, answer boolean, answered_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['reception', 'caseworker', 'counsellor', 'supervisor'], false);
BEGIN
    PERFORM record_staff_event(v_case, NULL, 'case_read', p_staff, p_client, jsonb_build_object('what', 'triage'));
    RETURN QUERY SELECT t.id, t.subject, t.manner, t.words, t.answer, t.answered_at FROM triage AS t
        WHERE t.case_id = v_case ORDER BY t.answer IS NOT NULL, t.manner DESC, t.subject;
END
$$;

-- She was asked. A yes is recorded as an assessment beside this; a no takes nothing away.
CREATE FUNCTION casework.answer_triage(p_number text, p_client uuid, p_staff text, p_subject text, p_answer boolean)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

REVOKE ALL ON FUNCTION casework.risk_to_change(text, uuid, text), casework.set_risk(uuid, text, text[]),
    casework.record_assessment(uuid, uuid, text, text, text[], text[], text),
    casework.propose_risk(uuid, uuid, text, text, text[], text, timestamptz),
    casework.lower_risk(uuid, uuid, text, text, text[]), casework.add_triage(uuid, boolean, jsonb),
    casework.read_triage(text, uuid, text), casework.answer_triage(text, uuid, text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.risk_to_change(text, uuid, text),
    casework.record_assessment(uuid, uuid, text, text, text[], text[], text),
    casework.propose_risk(uuid, uuid, text, text, text[], text, timestamptz),
    casework.lower_risk(uuid, uuid, text, text, text[]), casework.add_triage(uuid, boolean, jsonb),
    casework.read_triage(text, uuid, text), casework.answer_triage(text, uuid, text, text, boolean)
TO dandelion_intake;
