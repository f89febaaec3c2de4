-- Joint handling 联办: several agencies on one case, their tasks on one board, and conferences with minutes. An agency takes
-- part only while it has a referral of the case: nobody learns of a case by being put on a board.

CREATE TABLE casework.joint_party (
    case_id uuid NOT NULL REFERENCES casework.cases,
    agency_id uuid NOT NULL REFERENCES casework.agency,
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    left_at timestamptz,
    PRIMARY KEY (case_id, agency_id, joined_at)
);
CREATE UNIQUE INDEX joint_party_live ON casework.joint_party (case_id, agency_id) WHERE left_at IS NULL;

-- A task is its clock: the clock has the task's id, and what the task is about is a code.
CREATE TABLE casework.joint_task (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES casework.cases,
    kind text NOT NULL CHECK (kind IN ('visit', 'accompany', 'document', 'assess', 'raise_aid', 'place', 'coordinate')),
    agency_id uuid REFERENCES casework.agency,  -- NULL: the station that owns the case
    due_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'dropped')),
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz,
    CHECK ((status = 'open') = (settled_at IS NULL))
);
CREATE INDEX joint_task_case ON casework.joint_task (case_id, due_at);
CREATE INDEX joint_task_agency ON casework.joint_task (agency_id, due_at) WHERE status = 'open';

CREATE TABLE casework.conference (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES casework.cases,
    held_at timestamptz NOT NULL,
    agencies uuid[] NOT NULL,  -- who was there beside the owner
    minutes bytea NOT NULL,  -- sealed
    staff_id text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX conference_case ON casework.conference (case_id, held_at);

-- Internal: an agency of this code that takes part in the case now.
CREATE FUNCTION casework.joint_agency(p_case uuid, p_code text) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
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

-- An agency joins. Its referral must have been taken on: before that it knows too little, after revocation nothing.
CREATE FUNCTION casework.join_agency(p_number text, p_client uuid, p_staff text, p_agency_code text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Internal: an agency leaves, and its open tasks fall to the owner, so that none is left to nobody.
CREATE FUNCTION casework.end_part(p_case uuid, p_agency uuid, p_actor_kind text, p_actor text) RETURNS boolean
LANGUAGE plpgsql AS $$
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

CREATE FUNCTION casework.leave_joint(p_number text, p_client uuid, p_staff text, p_agency_code text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['caseworker', 'supervisor'], false);
    v_left boolean := end_part(v_case, joint_agency(v_case, p_agency_code), 'staff', p_staff);
BEGIN
    RETURN v_case;
END
$$;

-- For routing: agencies that take part though no referral of theirs stands any more.
CREATE FUNCTION casework.end_lost_parts(p_case uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- A task for somebody who takes part, or (p_agency_code NULL) for the owner. Its clock has its id.
CREATE FUNCTION casework.give_task(
    p_number text, p_client uuid, p_staff text, p_task uuid, p_kind text, p_agency_code text, p_due timestamptz
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- Internal: a task ends, and its clock with it.
CREATE FUNCTION casework.end_task(p_task uuid, p_status text, p_actor_kind text, p_actor text) RETURNS uuid
LANGUAGE plpgsql AS $$
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

-- The owner ends a task, as done or as no longer wanted.
CREATE FUNCTION casework.settle_task(p_number text, p_client uuid, p_staff text, p_task uuid, p_status text)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- What an agency has to do: its own open tasks, and the referral each belongs to. It sees nothing else of the board.
CREATE FUNCTION casework.agency_tasks(p_agency uuid)
RETURNS TABLE (id uuid, kind text, due_at timestamptz, referral_number text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT t.id, t.kind, t.due_at, (SELECT r.number FROM referral AS r WHERE r.case_id = t.case_id
        AND r.agency_id = p_agency AND r.status NOT IN ('revoked', 'entered_in_error') ORDER BY r.requested_at LIMIT 1)
    FROM joint_task AS t JOIN joint_party AS j
        ON j.case_id = t.case_id AND j.agency_id = p_agency AND j.left_at IS NULL
    WHERE t.agency_id = p_agency AND t.status = 'open' ORDER BY t.due_at, t.id
$$;

-- The agency has done what it had to. Not another's task, nor one of a case it no longer takes part in.
CREATE FUNCTION casework.finish_agency_task(p_agency uuid, p_task uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- A conference with its minutes, which are sealed. Who was there takes part.
CREATE FUNCTION casework.hold_conference(
    p_number text, p_client uuid, p_staff text, p_conference uuid, p_held timestamptz, p_agency_codes text[],
    p_minutes bytea
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- The minutes, for staff of the case. Reading is an event.
CREATE FUNCTION casework.read_minutes(p_number text, p_client uuid, p_staff text, p_conference uuid) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

-- The board: who takes part, what is to be done, when they met. Codes, no words. JSON arrays, oldest first; times in
-- seconds since 1970.
CREATE FUNCTION casework.joint_board(p_number text, p_client uuid)
RETURNS TABLE (parties jsonb, tasks jsonb, conferences jsonb, assignees jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
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

REVOKE ALL ON FUNCTION casework.joint_agency(uuid, text), casework.join_agency(text, uuid, text, text),
    casework.end_part(uuid, uuid, text, text), casework.leave_joint(text, uuid, text, text),
    casework.end_lost_parts(uuid), casework.give_task(text, uuid, text, uuid, text, text, timestamptz),
    casework.end_task(uuid, text, text, text), casework.settle_task(text, uuid, text, uuid, text),
    casework.agency_tasks(uuid), casework.finish_agency_task(uuid, uuid),
    casework.hold_conference(text, uuid, text, uuid, timestamptz, text[], bytea),
    casework.read_minutes(text, uuid, text, uuid), casework.joint_board(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.join_agency(text, uuid, text, text), casework.leave_joint(text, uuid, text, text),
    casework.give_task(text, uuid, text, uuid, text, text, timestamptz),
    casework.settle_task(text, uuid, text, uuid, text),
    casework.hold_conference(text, uuid, text, uuid, timestamptz, text[], bytea),
    casework.read_minutes(text, uuid, text, uuid), casework.joint_board(text, uuid) TO dandelion_intake;
GRANT EXECUTE ON FUNCTION casework.end_lost_parts(uuid) TO dandelion_routing;
GRANT EXECUTE ON FUNCTION casework.agency_tasks(uuid), casework.finish_agency_task(uuid, uuid) TO dandelion_gateway;
