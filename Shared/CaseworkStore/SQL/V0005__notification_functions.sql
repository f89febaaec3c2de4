-- What notification may do.

CREATE FUNCTION casework.message_for_sending(p_message uuid)
RETURNS TABLE (
    case_id uuid, person_id uuid, template text, state text, role text, phone bytea, email bytea, is_minor boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT m.case_id, m.person_id, m.template, m.state, p.role, p.phone, p.email, p.is_minor
        FROM message AS m JOIN person AS p ON p.id = m.person_id WHERE m.id = p_message;
END
$$;

CREATE FUNCTION casework.contact_rules_of(p_person uuid)
RETURNS TABLE (
    id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint, never_mention boolean,
    code_word bytea, confirmed_at timestamptz, expires_at timestamptz, tag bytea, stopped_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, channel, days, from_minute, to_minute, never_mention, code_word, confirmed_at, expires_at, tag,
            stopped_at
        FROM contact_rule WHERE person_id = p_person ORDER BY id;
END
$$;

-- The same for all people of a case.
CREATE FUNCTION casework.contact_rules_of_case(p_case uuid)
RETURNS TABLE (
    person_id uuid, id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint,
    never_mention boolean, code_word bytea, confirmed_at timestamptz, expires_at timestamptz, tag bytea,
    stopped_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.person_id, r.id, r.channel, r.days, r.from_minute, r.to_minute, r.never_mention, r.code_word,
            r.confirmed_at, r.expires_at, r.tag, r.stopped_at
        FROM person AS p JOIN contact_rule AS r ON r.person_id = p.id WHERE p.case_id = p_case ORDER BY r.id;
END
$$;

-- Contacts of the people a message must not reach by mistake: the respondents of the case.
CREATE FUNCTION casework.respondent_contacts(p_case uuid)
RETURNS TABLE (person_id uuid, phone bytea, email bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT id, phone, email FROM person WHERE case_id = p_case AND role = 'respondent';
END
$$;

-- Settle a message once. Suppressed means that nothing was sent and a person of the station has to act.
CREATE FUNCTION casework.settle_message(p_message uuid, p_state text, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_row message%ROWTYPE;
BEGIN
    UPDATE message SET state = p_state, reason = p_reason,
        settled_at = CASE WHEN p_state = 'deferred' THEN NULL ELSE clock_timestamp() END
    WHERE id = p_message AND state IN ('pending', 'deferred') RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_event(v_row.case_id, NULL, 'message_' || p_state, 'service', 'notification', NULL,
        jsonb_build_object('message', p_message, 'template', v_row.template, 'reason', p_reason));
    RETURN true;
END
$$;

CREATE FUNCTION casework.notice_for_sending(p_notice uuid)
RETURNS TABLE (case_id uuid, case_number text, station_id uuid, station_name text, email text, kind text, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT n.case_id, c.number, s.id, s.name, s.email, n.kind, n.state
        FROM notice AS n JOIN cases AS c ON c.id = n.case_id JOIN station AS s ON s.id = n.station_id WHERE n.id = p_notice;
END
$$;

CREATE FUNCTION casework.settle_notice(p_notice uuid, p_state text, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_row notice%ROWTYPE;
BEGIN
    UPDATE notice SET state = p_state, reason = p_reason, settled_at = clock_timestamp()
    WHERE id = p_notice AND state = 'pending' RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_event(v_row.case_id, NULL,
        CASE p_state WHEN 'sent' THEN 'staff_notified' ELSE 'notice_' || p_state END, 'service', 'notification', NULL,
        jsonb_build_object('notice', p_notice, 'kind', v_row.kind, 'reason', p_reason));
    RETURN true;
END
$$;

-- The station that owns a case now: whom a suppressed message is put to.
CREATE FUNCTION casework.owner_of(p_case uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (
        SELECT owner_station_id FROM cases WHERE id = p_case
    );
END
$$;
