-- Who may see the people of a case, access with a reason, and cases that may be about the same person: shown, never merged
-- (S22, S29).

-- Access to a case by somebody who otherwise may not read it: for a reason, for a limited time, with the owner told.
CREATE TABLE casework.access_grant (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES casework.cases,
    staff_id text NOT NULL REFERENCES casework.staff,
    reason bytea NOT NULL,  -- sealed: it may speak of people
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at timestamptz NOT NULL
);
CREATE INDEX access_grant_case ON casework.access_grant (case_id, staff_id, ends_at);

-- Opens an hour of access, and puts a notice on the owner's desk. Returns the case, the notice and the end. Nobody related
-- to a party gets in this way either.
CREATE FUNCTION casework.open_access(p_number text, p_client uuid, p_staff text, p_grant uuid, p_reason bytea)
RETURNS TABLE (case_id uuid, ends_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Internal: the case for somebody who reads its people: who serves its division in a role that takes cases, or has opened
-- access to it that has not ended.
CREATE FUNCTION casework.reader(p_number text, p_client uuid, p_staff text) RETURNS uuid
LANGUAGE plpgsql AS $$
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

-- The people of a case with their sealed fields. Reading is an event. A reporter is shown to supervisors alone: who
-- reported is kept secret.
CREATE FUNCTION casework.read_people(p_number text, p_client uuid, p_staff text)
RETURNS TABLE (id uuid, role text, name bytea, phone bytea, email bytea, birth_date bytea, sex text, is_minor boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- How cases are known to belong together, as staff found out: never by a machine.
CREATE TABLE casework.case_link (
    case_id uuid NOT NULL REFERENCES casework.cases,
    other_id uuid NOT NULL REFERENCES casework.cases,
    relation text NOT NULL CHECK (relation IN ('same_person', 'same_household', 'related', 'different')),
    staff_id text NOT NULL,
    linked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (case_id, other_id),
    CHECK (case_id < other_id)
);
CREATE INDEX case_link_other ON casework.case_link (other_id);

-- Cases that may be about a person of this one: an equal number or address, never a name. The other case's number is
-- shown to somebody who serves it; for others there is one, and whom to ask. Those found to be different are left out.
CREATE FUNCTION casework.possible_matches(p_number text, p_client uuid, p_staff text)
RETURNS TABLE (role text, other_role text, by_phone boolean, by_email boolean, other_number text, station_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
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

-- What somebody found out about two cases. She must be able to act on both.
CREATE FUNCTION casework.link_cases(p_number text, p_client uuid, p_staff text, p_other text, p_relation text)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

REVOKE ALL ON FUNCTION casework.open_access(text, uuid, text, uuid, bytea), casework.reader(text, uuid, text),
    casework.read_people(text, uuid, text), casework.possible_matches(text, uuid, text),
    casework.link_cases(text, uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.open_access(text, uuid, text, uuid, bytea), casework.read_people(text, uuid, text),
    casework.possible_matches(text, uuid, text), casework.link_cases(text, uuid, text, text, text) TO dandelion_intake;
