-- Messages: what is to be said to whom, in which state that is, and who has to act when nothing could be said.
--
-- Locks are always taken in this order: message, person, contact rules.

-- MARK: adding (with the job that sends it, in the caller's transaction)

-- Internal: the first state of a message is an event, too.
CREATE FUNCTION casework.insert_message(
    p_audience text, p_case uuid, p_person uuid, p_station uuid, p_template text, p_lane integer, p_within interval
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_id uuid;
BEGIN
    INSERT INTO message (audience, case_id, person_id, station_id, template, lane, deliver_by)
    VALUES (p_audience, p_case, p_person, p_station, p_template, p_lane, clock_timestamp() + p_within)
    RETURNING id INTO v_id;
    INSERT INTO message_event (message_id, state, attempt) VALUES (v_id, 'pending', 0);
    RETURN v_id;
END
$$;

-- Something for a station's desk. While the same thing about the same case waits to be said, it is said once.
--
-- In danger to life the task stands from the first moment, and telling the desk ends it: if notification is down, the
-- station's list still says so, and the next one up is told when the time is over.
CREATE FUNCTION casework.add_notice(p_case uuid, p_station uuid, p_kind text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_id uuid;
    v_risk text;
    v_lane integer;
BEGIN
    SELECT id INTO v_id FROM message
    WHERE case_id = p_case AND station_id = p_station AND template = p_kind AND state IN ('pending', 'scheduled')
    ORDER BY created_at LIMIT 1;
    IF FOUND THEN
        RETURN v_id;
    END IF;
    SELECT risk INTO v_risk FROM cases WHERE id = p_case;
    v_lane := CASE
        WHEN p_kind = 'call_agency_emergency' OR p_kind = 'station_unreachable' THEN 0
        WHEN p_kind IN ('case_closed', 'follow_up_due') THEN 3
        WHEN v_risk = 'imminent' THEN 0
        WHEN v_risk = 'high' OR p_kind IN ('escalated', 'contact_suppressed', 'contact_failed') THEN 1
        ELSE 2 END;
    v_id := insert_message('station', p_case, NULL, p_station, p_kind, v_lane,
        (ARRAY['2 minutes', '30 minutes', '1 day', '3 days'])[v_lane + 1]::interval);
    IF v_lane = 0 THEN
        INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
        VALUES (p_case, p_station, 'look_at_case', v_id, p_kind);
    END IF;
    RETURN v_id;
END
$$;

-- Something for a person. Her hours come round within a week. What waits to be said already is said once.
CREATE FUNCTION casework.add_message(p_case uuid, p_person uuid, p_template text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_id uuid;
BEGIN
    SELECT id INTO v_id FROM message
    WHERE case_id = p_case AND person_id = p_person AND template = p_template AND state IN ('pending', 'scheduled')
    ORDER BY created_at LIMIT 1;
    IF NOT FOUND THEN
        v_id := insert_message('person', p_case, p_person, NULL, p_template, 2, interval '8 days');
    END IF;
    RETURN v_id;
END
$$;

-- MARK: reading for sending

-- The message of a person under lock: nobody stops contact, changes her row or settles the message before this
-- transaction ends. Taken before the rules are read.
CREATE FUNCTION casework.lock_person_message(p_message uuid)
RETURNS TABLE (
    case_id uuid, person_id uuid, template text, lane integer, state text, attempts integer, division_code text,
    guardian_suspected boolean, role text, is_minor boolean, phone bytea, email bytea, sent_today bigint,
    looked_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM 1 FROM message AS m WHERE m.id = p_message FOR NO KEY UPDATE;
    PERFORM 1 FROM person AS p WHERE p.id = (SELECT m.person_id FROM message AS m WHERE m.id = p_message) FOR SHARE;
    RETURN QUERY
        SELECT m.case_id, m.person_id, m.template, m.lane::integer, m.state, m.attempts, c.division_code,
            coalesce(c.facts -> 'flags', '[]') ? 'guardian_suspected', p.role, p.is_minor, p.phone, p.email,
            (SELECT count(*) FROM message AS o WHERE o.person_id = m.person_id AND o.state IN ('sent', 'delivered')
                AND o.settled_at > clock_timestamp() - interval '1 day'),
            clock_timestamp()
        FROM message AS m JOIN person AS p ON p.id = m.person_id JOIN cases AS c ON c.id = m.case_id
        WHERE m.id = p_message;
END
$$;

-- Her rules under a lock that keeps them as they are to the end of the transaction.
CREATE FUNCTION casework.lock_contact_rules(p_person uuid)
RETURNS TABLE (
    id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint, never_mention boolean,
    code_word bytea, confirmed_at timestamptz, expires_at timestamptz, tag bytea, stopped_at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT id, channel, days, from_minute, to_minute, never_mention, code_word, confirmed_at, expires_at, tag,
        stopped_at
    FROM contact_rule WHERE person_id = p_person ORDER BY id FOR SHARE
$$;

CREATE FUNCTION casework.contact_rules_of(p_person uuid)
RETURNS TABLE (
    id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint, never_mention boolean,
    code_word bytea, confirmed_at timestamptz, expires_at timestamptz, tag bytea, stopped_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT id, channel, days, from_minute, to_minute, never_mention, code_word, confirmed_at, expires_at, tag,
        stopped_at
    FROM contact_rule WHERE person_id = p_person ORDER BY id
$$;

-- The same for all people of a case.
CREATE FUNCTION casework.contact_rules_of_case(p_case uuid)
RETURNS TABLE (
    person_id uuid, id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint,
    never_mention boolean, code_word bytea, confirmed_at timestamptz, expires_at timestamptz, tag bytea,
    stopped_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.person_id, r.id, r.channel, r.days, r.from_minute, r.to_minute, r.never_mention, r.code_word,
            r.confirmed_at, r.expires_at, r.tag, r.stopped_at
        FROM person AS p JOIN contact_rule AS r ON r.person_id = p.id WHERE p.case_id = p_case ORDER BY r.id;
END
$$;

-- Everybody on the case: whom a message must not reach by mistake, and whose name it must not say.
CREATE FUNCTION casework.case_contacts(p_case uuid)
RETURNS TABLE (person_id uuid, role text, name bytea, phone bytea, email bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT id, role, name, phone, email FROM person WHERE case_id = p_case ORDER BY id
$$;

-- The message of a station under lock.
CREATE FUNCTION casework.lock_station_message(p_message uuid)
RETURNS TABLE (
    case_id uuid, case_number text, station_id uuid, station_name text, division_code text, email text, template text,
    lane integer, state text, attempts integer, is_muted boolean, looked_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM 1 FROM message AS m WHERE m.id = p_message FOR NO KEY UPDATE;
    RETURN QUERY
        SELECT m.case_id, c.number, s.id, s.name, s.division_code, s.email, m.template, m.lane::integer, m.state,
            m.attempts, m.template = ANY (s.muted), clock_timestamp()
        FROM message AS m JOIN cases AS c ON c.id = m.case_id JOIN station AS s ON s.id = m.station_id
        WHERE m.id = p_message;
END
$$;

-- MARK: states

-- Internal: puts a message into a state and says so in its own trail, and where it matters in the case's.
CREATE FUNCTION casework.put_message_state(
    p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_old text;
    v_row message%ROWTYPE;
    v_kind text;
BEGIN
    SELECT state INTO v_old FROM message WHERE id = p_message;
    UPDATE message SET state = p_state, reason = p_reason,
        provider = coalesce(p_provider, provider), reference = coalesce(p_reference, reference),
        segments = segments + coalesce(p_segments, 0), cost = cost + coalesce(p_cost, 0),
        settled_at = CASE WHEN p_state IN ('pending', 'scheduled', 'sending') THEN NULL
            ELSE coalesce(settled_at, clock_timestamp()) END
    WHERE id = p_message RETURNING * INTO v_row;
    INSERT INTO message_event (message_id, state, reason, attempt, provider)
    VALUES (p_message, p_state, p_reason, v_row.attempts, p_provider);
    v_kind := CASE
        WHEN p_state IN ('pending', 'sending') OR p_state = v_old THEN NULL
        WHEN v_row.audience = 'person' THEN 'message_' || p_state
        WHEN p_state = 'sent' THEN 'staff_notified'
        WHEN p_state IN ('failed', 'denied') THEN 'notice_failed'
        WHEN p_state = 'muted' THEN 'notice_muted' END;
    IF v_kind IS NOT NULL THEN
        PERFORM record_event(v_row.case_id, NULL, v_kind, 'service', 'notification', NULL, jsonb_build_object(
            CASE v_row.audience WHEN 'person' THEN 'message' ELSE 'notice' END, p_message,
            CASE v_row.audience WHEN 'person' THEN 'template' ELSE 'kind' END, v_row.template, 'reason', p_reason));
    END IF;
    -- The desk knows: the task that stood in for that is over.
    IF v_row.audience = 'station' AND p_state IN ('sent', 'delivered') THEN
        UPDATE staff_task SET done_at = clock_timestamp(), done_by = 'notification'
        WHERE message_id = p_message AND done_at IS NULL;
    END IF;
END
$$;

-- An attempt begins. It commits before anything is handed to a provider, so that a crash leaves a trace: `repeats` says
-- that the attempt before this one never came to an end, and may have sent. Nothing when the message is settled.
CREATE FUNCTION casework.begin_message(p_message uuid) RETURNS TABLE (attempt integer, repeats boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_state text;
    v_attempt integer;
BEGIN
    SELECT m.state INTO v_state FROM message AS m WHERE m.id = p_message FOR NO KEY UPDATE;
    IF v_state IS NULL OR v_state NOT IN ('pending', 'scheduled', 'sending') THEN
        RETURN;
    END IF;
    UPDATE message AS m SET attempts = m.attempts + 1 WHERE m.id = p_message RETURNING m.attempts INTO v_attempt;
    PERFORM put_message_state(p_message, 'sending', CASE v_state WHEN 'sending' THEN 'repeat' END,
        NULL, NULL, NULL, NULL);
    RETURN QUERY SELECT v_attempt, v_state = 'sending';
END
$$;

-- What came of an attempt, or of looking at the message. True for the one call that changed it: a message that is
-- settled stays as it is.
CREATE FUNCTION casework.settle_message(
    p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM 1 FROM message WHERE id = p_message AND state IN ('pending', 'scheduled', 'sending') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM put_message_state(p_message, p_state, p_reason, p_provider, p_reference, p_segments, p_cost);
    RETURN true;
END
$$;

-- Somebody of the station that owns the case now has to act, since nothing could be said. Once per message; a task that
-- was opened before, or was thought done, is open again.
CREATE FUNCTION casework.open_staff_task(p_message uuid, p_kind text, p_reason text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
    SELECT m.case_id, coalesce(m.station_id, c.owner_station_id), p_kind, m.id, p_reason
    FROM message AS m JOIN cases AS c ON c.id = m.case_id WHERE m.id = p_message
    ON CONFLICT (message_id) DO UPDATE SET reason = excluded.reason, done_at = NULL, done_by = NULL
$$;

-- MARK: receipts, stop, lateness

-- What a provider reports later. A final state stays; a contradiction is kept in the trail only.
CREATE FUNCTION casework.record_receipt(p_provider text, p_reference text, p_state text, p_reason text)
RETURNS TABLE (message_id uuid, result text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_row message%ROWTYPE;
    v_result text;
BEGIN
    IF p_state NOT IN ('delivered', 'failed') THEN
        RAISE EXCEPTION 'not a state of a receipt' USING ERRCODE = 'DC022';
    END IF;
    SELECT * INTO v_row FROM message AS m WHERE m.provider = p_provider AND m.reference = p_reference
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT NULL::uuid, 'unknown'::text;
        RETURN;
    END IF;
    IF v_row.state = 'sent' THEN
        PERFORM put_message_state(v_row.id, p_state, p_reason, p_provider, NULL, NULL, NULL);
        v_result := p_state;
    ELSIF v_row.state = p_state OR EXISTS (
        SELECT FROM message_event AS e WHERE e.message_id = v_row.id AND e.reason = 'late_receipt_' || p_state)
    THEN
        v_result := 'repeated';
    ELSE
        INSERT INTO message_event (message_id, state, reason, attempt, provider)
        VALUES (v_row.id, v_row.state, 'late_receipt_' || p_state, v_row.attempts, p_provider);
        v_result := 'late';
    END IF;
    RETURN QUERY SELECT v_row.id, v_result;
END
$$;

-- She wants no more contact: every rule of hers is stopped, and what waits is cleared. A message that is on its way to
-- a provider at this moment is waited for; none is begun after this commits. Returns what was cleared.
CREATE FUNCTION casework.stop_contact(p_person uuid, p_actor text) RETURNS TABLE (message_id uuid, case_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_case uuid;
BEGIN
    FOR message_id, case_id IN
        SELECT m.id, m.case_id FROM message AS m
        WHERE m.person_id = p_person AND m.state IN ('pending', 'scheduled', 'sending') ORDER BY m.id FOR NO KEY UPDATE
    LOOP
        PERFORM put_message_state(message_id, 'cleared', 'stopped', NULL, NULL, NULL, NULL);
        PERFORM open_staff_task(message_id, 'contact_person', 'stopped');
        RETURN NEXT;
    END LOOP;
    SELECT p.case_id INTO v_case FROM person AS p WHERE p.id = p_person FOR NO KEY UPDATE;
    UPDATE contact_rule SET stopped_at = clock_timestamp() WHERE person_id = p_person AND stopped_at IS NULL;
    IF v_case IS NOT NULL THEN
        PERFORM record_event(v_case, NULL, 'contact_stopped', 'operator', p_actor, NULL,
            jsonb_build_object('person', p_person));
    END IF;
END
$$;

-- Internal: the nearest station above that can be written to.
CREATE FUNCTION casework.station_above(p_station uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    WITH RECURSIVE above AS (
        SELECT d.parent_code, 1 AS step FROM station AS s JOIN division AS d ON d.code = s.division_code
        WHERE s.id = p_station
        UNION ALL
        SELECT d.parent_code, above.step + 1 FROM above JOIN division AS d ON d.code = above.parent_code
    )
    SELECT s.id FROM above JOIN station AS s ON s.division_code = above.parent_code
    WHERE s.email IS NOT NULL ORDER BY above.step LIMIT 1
$$;

-- Which station has to know that a message did not get through: for a person's the owner of the case now, for an urgent
-- one to a station the nearest above. Null when there is none.
CREATE FUNCTION casework.whom_to_tell(p_message uuid) RETURNS TABLE (case_id uuid, audience text, tell uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT m.case_id, m.audience, CASE
        WHEN m.audience = 'person' THEN c.owner_station_id
        WHEN m.lane <= 1 THEN station_above(m.station_id) END
    FROM message AS m JOIN cases AS c ON c.id = m.case_id WHERE m.id = p_message
$$;

-- Messages that reached nobody in time, each once: the task is opened, and whoever has to know is named.
CREATE FUNCTION casework.late_messages(p_limit integer)
RETURNS TABLE (message_id uuid, case_id uuid, audience text, lane integer, template text, tell uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    FOR message_id, case_id, audience, lane, template, tell IN
        WITH late AS (
            SELECT m.id FROM message AS m
            WHERE m.state IN ('pending', 'scheduled', 'sending') AND m.late_at IS NULL
                AND m.deliver_by < clock_timestamp()
            ORDER BY m.lane, m.deliver_by LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE message AS m SET late_at = clock_timestamp() FROM late WHERE m.id = late.id
        RETURNING m.id, m.case_id, m.audience, m.lane::integer, m.template,
            (SELECT w.tell FROM whom_to_tell(m.id) AS w)
    LOOP
        INSERT INTO message_event (message_id, state, reason, attempt)
        SELECT m.id, m.state, 'late', m.attempts FROM message AS m WHERE m.id = late_messages.message_id;
        PERFORM open_staff_task(message_id, CASE audience WHEN 'person' THEN 'contact_person' ELSE 'look_at_case' END,
            'late');
        RETURN NEXT;
    END LOOP;
END
$$;

-- Somebody of the station has read a notice in its inbox, where it stands from the moment it was made: nobody has to be
-- told any more.
CREATE FUNCTION casework.read_notice(p_message uuid, p_actor text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_state text;
BEGIN
    UPDATE message SET read_at = clock_timestamp()
    WHERE id = p_message AND audience = 'station' AND read_at IS NULL RETURNING state INTO v_state;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_state IN ('pending', 'scheduled', 'sending', 'sent') THEN
        PERFORM put_message_state(p_message, 'delivered', 'read', 'inbox', NULL, NULL, NULL);
    ELSE
        INSERT INTO message_event (message_id, state, reason, attempt, provider)
        SELECT id, state, 'read', attempts, 'inbox' FROM message WHERE id = p_message;
    END IF;
    UPDATE staff_task SET done_at = clock_timestamp(), done_by = p_actor
    WHERE message_id = p_message AND done_at IS NULL;
    RETURN true;
END
$$;

CREATE FUNCTION casework.set_station_mutes(p_division text, p_kinds text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    UPDATE station SET muted = p_kinds WHERE division_code = p_division;
    RETURN FOUND;
END
$$;

-- A person of the station did it.
CREATE FUNCTION casework.finish_staff_task(p_task uuid, p_actor text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    UPDATE staff_task SET done_at = clock_timestamp(), done_by = p_actor WHERE id = p_task AND done_at IS NULL;
    RETURN FOUND;
END
$$;

-- The station that owns a case now: whom a denied message is put to.
CREATE FUNCTION casework.owner_of(p_case uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT owner_station_id FROM cases WHERE id = p_case
$$;

-- Messages by state since a time, for operators: no case and nobody in it.
CREATE FUNCTION casework.message_counts(p_since timestamptz)
RETURNS TABLE (audience text, lane integer, state text, reason text, provider text, messages bigint, segments bigint,
    cost bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT audience, lane::integer, state, reason, provider, count(*), sum(segments)::bigint, sum(cost)::bigint,
        min(created_at)
    FROM message WHERE created_at >= p_since OR state IN ('pending', 'scheduled', 'sending')
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
$$;
