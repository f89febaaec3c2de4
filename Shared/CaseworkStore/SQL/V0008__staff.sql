-- Who works on cases, and what they record on them. A member of staff is an opaque id; names are kept elsewhere.
-- SQLSTATE DC020 as before. DC040: no such member of staff, or not at work any more. DC041: this role may not do this, or
-- does not serve the case's division. DC042: related to a party of the case (S20). DC050: the case is closed.

CREATE TABLE casework.staff (
    id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]$'),
    roles text[] NOT NULL CHECK (cardinality(roles) BETWEEN 1 AND 20),
    divisions text[] NOT NULL CHECK (cardinality(divisions) BETWEEN 1 AND 200),  -- each with everything inside
    capacity integer NOT NULL CHECK (capacity BETWEEN 0 AND 10000),  -- cases at once
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended'))
);
CREATE INDEX staff_division ON casework.staff USING gin (divisions);

CREATE TABLE casework.staff_training (
    staff_id text NOT NULL REFERENCES casework.staff,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,63}$'),
    valid_until date NOT NULL,  -- the last day it counts, in Beijing
    PRIMARY KEY (staff_id, code)
);

-- Whom a member of staff is related to: a keyed blind index of a telephone number or an address, never the thing itself.
CREATE TABLE casework.staff_relation (
    staff_id text NOT NULL REFERENCES casework.staff,
    token bytea NOT NULL CHECK (length(token) = 32),
    PRIMARY KEY (staff_id, token)
);

-- Makes or changes members of staff: all of them or none. Those who are not among them stay as they are. Trainings are a
-- JSON object, code to last day. Returns how many rows differ from before.
CREATE FUNCTION casework.put_staff(
    p_id text, p_roles text[], p_divisions text[], p_capacity integer, p_status text, p_trainings jsonb
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Internal: why this person may not act on this case, as an error.
CREATE FUNCTION casework.require_staff(p_case uuid, p_staff text, p_roles text[]) RETURNS void
LANGUAGE plpgsql STABLE AS $$
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

-- Internal: the case by its number, locked, for a member of staff who acts on it through a client of intake that may
-- change cases within its scope, or (p_client NULL) through an operator's command. What a caller may not know of is no
-- case to it.
CREATE FUNCTION casework.act(p_number text, p_client uuid, p_staff text, p_roles text[], p_open boolean DEFAULT true)
RETURNS uuid
LANGUAGE plpgsql AS $$
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

-- Internal: what a member of staff did, and through what.
CREATE FUNCTION casework.record_staff_event(
    p_case uuid, p_referral uuid, p_kind text, p_staff text, p_client uuid, p_data jsonb
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RETURN record_event(p_case, p_referral, p_kind, 'staff', p_staff, NULL,
        jsonb_strip_nulls(coalesce(p_data, '{}') || jsonb_build_object('client', p_client)));
END
$$;

-- Somebody's relation to a person, by the blind index of a number or an address: cases of that person are not hers (S20).
CREATE FUNCTION casework.add_staff_relation(p_client uuid, p_staff text, p_token bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Every member of staff who serves the case's division, with the trainings, how many open cases each has, and whether
-- each is related to a party of the case.
CREATE FUNCTION casework.staff_for(p_case uuid)
RETURNS TABLE (
    id text, roles text[], divisions text[], capacity integer, trainings jsonb, load bigint, is_related boolean,
    case_division text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- MARK: who works on a case

CREATE TABLE casework.assignment (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES casework.cases,
    staff_id text NOT NULL REFERENCES casework.staff,
    role text NOT NULL,
    assigned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);
CREATE UNIQUE INDEX assignment_live ON casework.assignment (case_id, staff_id, role) WHERE ended_at IS NULL;
CREATE INDEX assignment_staff ON casework.assignment (staff_id) WHERE ended_at IS NULL;

-- Assigns people who were chosen for a case. Each is looked at again under the case's lock: a relation found meanwhile
-- counts.
CREATE FUNCTION casework.assign_staff(p_number text, p_client uuid, p_by text, p_staff text[], p_role text)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

CREATE VIEW casework.staff_overview AS
    SELECT s.id, s.roles, s.divisions, s.capacity, s.status,
        (SELECT coalesce(jsonb_object_agg(t.code, to_char(t.valid_until, 'YYYY-MM-DD')), '{}')
         FROM casework.staff_training AS t WHERE t.staff_id = s.id) AS trainings,
        (SELECT count(*) FROM casework.assignment AS a JOIN casework.cases AS c ON c.id = a.case_id
         WHERE a.staff_id = s.id AND a.ended_at IS NULL AND c.status = 'open') AS open_cases
    FROM casework.staff AS s;

REVOKE ALL ON FUNCTION casework.put_staff(text, text[], text[], integer, text, jsonb),
    casework.require_staff(uuid, text, text[]), casework.act(text, uuid, text, text[], boolean),
    casework.record_staff_event(uuid, uuid, text, text, uuid, jsonb),
    casework.add_staff_relation(uuid, text, bytea), casework.staff_for(uuid),
    casework.assign_staff(text, uuid, text, text[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.add_staff_relation(uuid, text, bytea), casework.staff_for(uuid),
    casework.assign_staff(text, uuid, text, text[], text) TO dandelion_intake;
GRANT EXECUTE ON FUNCTION casework.put_staff(text, text[], text[], integer, text, jsonb) TO dandelion_operator;
GRANT SELECT ON casework.staff_overview TO dandelion_operator;
