-- Messages: what is to be said to whom, in which state that is, and who has to act when nothing could be said.
--
-- Locks are always taken in this order: message, person, contact rules. What is done for several messages at once joins
-- them to their rows by keys, whatever a plan that was made while the tables were small would find as cheap.

-- MARK: reading for sending

-- Messages to people under lock, with the people and their rules: nobody stops contact, changes a row of theirs or settles
-- a message before this transaction ends, and two messages to one person are judged one after the other, so that the cap
-- counts each. Taken before the rules are read. Whoever asks and is never heard of again lets
-- go after a minute.
--
-- Who may not wait gets those that nobody else has under lock: several at a time are not to wait for one of them.
CREATE FUNCTION casework.lock_person_messages(p_messages uuid[], p_may_wait boolean)
RETURNS TABLE (
    message_id uuid, case_id uuid, person_id uuid, template text, lane integer, state text, attempts integer,
    division_code text, guardian_suspected boolean, role text, is_minor boolean, phone bytea, email bytea,
    sent_today bigint, looked_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_messages uuid[];
    v_people uuid[];
    v_rules uuid[];
    v_since timestamptz := clock_timestamp() - interval '1 day';
BEGIN
    PERFORM set_config('idle_in_transaction_session_timeout', '60s', true);
    IF p_may_wait THEN
        v_messages := ARRAY(
            SELECT m.id FROM message AS m WHERE m.id = ANY (p_messages) ORDER BY m.id FOR NO KEY UPDATE);
        v_people := ARRAY(SELECT m.person_id FROM message AS m WHERE m.id = ANY (v_messages));
        v_people := ARRAY(SELECT p.id FROM person AS p WHERE p.id = ANY (v_people) ORDER BY p.id FOR NO KEY UPDATE);
        PERFORM FROM contact_rule AS r WHERE r.person_id = ANY (v_people) ORDER BY r.id FOR SHARE;
    ELSE
        v_messages := ARRAY(
            SELECT m.id FROM message AS m WHERE m.id = ANY (p_messages) ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED);
        v_people := ARRAY(SELECT m.person_id FROM message AS m WHERE m.id = ANY (v_messages));
        v_people := ARRAY(
            SELECT p.id FROM person AS p WHERE p.id = ANY (v_people) ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED);
        v_rules := ARRAY(
            SELECT r.id FROM contact_rule AS r WHERE r.person_id = ANY (v_people) ORDER BY r.id FOR SHARE SKIP LOCKED);
        -- One message for each phone, so that each is counted before the next is judged; and none for whom somebody is
        -- changing a rule.
        v_messages := ARRAY(
            SELECT DISTINCT ON (coalesce(p.phone_index, uuid_send(p.id))) m.id
            FROM message AS m JOIN person AS p ON p.id = m.person_id
            WHERE m.id = ANY (v_messages) AND (m.person_id = ANY (v_people)) IS TRUE
                AND NOT EXISTS (SELECT FROM contact_rule AS r WHERE r.person_id = p.id AND r.id <> ALL (v_rules))
            ORDER BY coalesce(p.phone_index, uuid_send(p.id)), m.id);
    END IF;
    RETURN QUERY
        SELECT m.id, m.case_id, m.person_id, m.template, m.lane::integer, m.state, m.attempts, c.division_code,
            coalesce(c.facts -> 'flags', '[]') ? 'guardian_suspected', p.role, p.is_minor, p.phone, p.email,
            (SELECT count(*) FROM message AS o WHERE o.person_id = ANY (same.people) AND o.settled_at > v_since
                AND o.state IN ('sent', 'delivered')),
            clock_timestamp()
        FROM message AS m JOIN person AS p ON p.id = m.person_id JOIN cases AS c ON c.id = m.case_id
        -- On other cases the same phone is somebody's, too: it is one phone that buzzes.
        CROSS JOIN LATERAL (SELECT CASE WHEN p.phone_index IS NULL THEN ARRAY[p.id] ELSE ARRAY[p.id] || ARRAY(
            SELECT o.id FROM person AS o WHERE o.phone_index = p.phone_index AND o.id <> p.id LIMIT 100) END AS people
        ) AS same
        WHERE m.id = ANY (v_messages);
END
$$;

-- The rules of the people of messages that are locked.
CREATE FUNCTION casework.contact_rules_of_messages(p_messages uuid[])
RETURNS TABLE (
    person_id uuid, id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint,
    never_mention boolean, code_word bytea, confirmed_at timestamptz, expires_at timestamptz, tag bytea,
    stopped_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT r.person_id, r.id, r.channel, r.days, r.from_minute, r.to_minute, r.never_mention, r.code_word,
            r.confirmed_at, r.expires_at, r.tag, r.stopped_at
        FROM contact_rule AS r
        WHERE r.person_id = ANY (ARRAY(SELECT m.person_id FROM message AS m WHERE m.id = ANY (p_messages)))
        ORDER BY r.id;
END
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

-- The same for all people of cases.
CREATE FUNCTION casework.contact_rules_of_cases(p_cases uuid[])
RETURNS TABLE (
    case_id uuid, person_id uuid, id uuid, channel text, days smallint[], from_minute smallint, to_minute smallint,
    never_mention boolean, code_word bytea, confirmed_at timestamptz, expires_at timestamptz, tag bytea,
    stopped_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT p.case_id, r.person_id, r.id, r.channel, r.days, r.from_minute, r.to_minute, r.never_mention, r.code_word,
            r.confirmed_at, r.expires_at, r.tag, r.stopped_at
        FROM person AS p JOIN contact_rule AS r ON r.person_id = p.id WHERE p.case_id = ANY (p_cases) ORDER BY r.id;
END
$$;

-- Everybody on the cases of messages: whom these must not reach by mistake, and whose name they must not say.
CREATE FUNCTION casework.contacts_of_messages(p_messages uuid[])
RETURNS TABLE (case_id uuid, person_id uuid, role text, name bytea, phone bytea, email bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT p.case_id, p.id, p.role, p.name, p.phone, p.email FROM person AS p
        WHERE p.case_id = ANY (ARRAY(SELECT m.case_id FROM message AS m WHERE m.id = ANY (p_messages))) ORDER BY p.id;
END
$$;

-- Messages to staff under lock: to a station's desk or its duty, an agency's desk, the operators. Who may not wait gets
-- those that nobody else has under lock, and no digest: that takes what waits for its agency.
--
-- `sent_lately` counts what the agency's desk was sent in the last hour, to a hundred.
CREATE FUNCTION casework.lock_staff_messages(p_messages uuid[], p_may_wait boolean)
RETURNS TABLE (
    message_id uuid, audience text, case_number text, referral_number text, name text, division_code text, email text,
    phone text, template text, about text, lane integer, state text, attempts integer, is_muted boolean,
    sent_lately bigint, items text[], looked_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_messages uuid[];
    v_since timestamptz := clock_timestamp() - interval '1 hour';
BEGIN
    PERFORM set_config('idle_in_transaction_session_timeout', '60s', true);
    IF p_may_wait THEN
        v_messages := ARRAY(
            SELECT m.id FROM message AS m WHERE m.id = ANY (p_messages) AND m.audience <> 'person'
            ORDER BY m.id FOR NO KEY UPDATE);
        UPDATE digest_item AS i SET message_id = m.id FROM message AS m
        WHERE m.id = ANY (v_messages) AND m.template = 'digest' AND m.settled_at IS NULL
            AND i.agency_id = m.agency_id AND i.message_id IS NULL;
    ELSE
        v_messages := ARRAY(
            SELECT m.id FROM message AS m
            WHERE m.id = ANY (p_messages) AND m.audience <> 'person' AND m.template <> 'digest'
            ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED);
        -- One for each agency, so that each is counted before the next is judged.
        v_messages := ARRAY(
            SELECT DISTINCT ON (coalesce(m.agency_id, m.id)) m.id FROM message AS m WHERE m.id = ANY (v_messages)
            ORDER BY coalesce(m.agency_id, m.id), m.id);
    END IF;
    RETURN QUERY
        SELECT m.id, m.audience, c.number, r.number, coalesce(s.name, a.name),
            coalesce(s.division_code, a.division_code), coalesce(s.email, a.desk_email), s.duty_phones[m.step],
            m.template, m.about, m.lane::integer, m.state, m.attempts,
            coalesce(m.template = ANY (coalesce(s.muted, a.muted)), false),
            CASE WHEN m.agency_id IS NULL THEN 0 ELSE (SELECT count(*) FROM (
                SELECT FROM message AS o
                WHERE o.agency_id = m.agency_id AND o.created_at > v_since - interval '1 day'
                    AND o.state IN ('sent', 'delivered') AND o.settled_at > v_since LIMIT 100) AS sent) END,
            CASE m.template WHEN 'digest' THEN (SELECT array_agg(i.kind || ' ' || ir.number ORDER BY i.id)
                FROM digest_item AS i JOIN referral AS ir ON ir.id = i.referral_id WHERE i.message_id = m.id) END,
            clock_timestamp()
        FROM message AS m LEFT JOIN cases AS c ON c.id = m.case_id LEFT JOIN referral AS r ON r.id = m.referral_id
        LEFT JOIN station AS s ON s.id = m.station_id LEFT JOIN agency AS a ON a.id = m.agency_id
        WHERE m.id = ANY (v_messages);
END
$$;

-- MARK: states

-- Internal: puts a message that is locked into a state and says so in its own trail, and where it matters in the
-- case's. That it was sent says put_sent().
CREATE FUNCTION casework.put_message_state(
    p_message uuid, p_old text, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer,
    p_cost bigint
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_row casework.message%ROWTYPE;
    v_kind text;
    v_is_known boolean := p_state = p_old;
BEGIN
    -- That it waits for her hours the case's trail says once.
    IF p_state = 'scheduled' THEN
        v_is_known := EXISTS (SELECT FROM message_event AS e WHERE e.message_id = p_message AND e.state = 'scheduled');
    END IF;
    UPDATE message SET state = p_state, reason = p_reason,
        provider = coalesce(p_provider, provider), reference = coalesce(p_reference, reference),
        segments = segments + coalesce(p_segments, 0), cost = cost + coalesce(p_cost, 0),
        settled_at = CASE WHEN p_state IN ('pending', 'scheduled', 'sending') THEN NULL
            ELSE coalesce(settled_at, clock_timestamp()) END
    WHERE id = p_message RETURNING * INTO v_row;
    INSERT INTO message_event (message_id, state, reason, attempt, provider)
    VALUES (p_message, p_state, p_reason, v_row.attempts, p_provider);
    IF p_state IN ('pending', 'sending') OR v_is_known THEN
        RETURN;
    END IF;
    v_kind := CASE
        WHEN v_row.case_id IS NULL THEN NULL
        WHEN v_row.audience = 'person' THEN 'message_' || p_state
        WHEN p_state IN ('failed', 'denied') THEN 'notice_failed'
        WHEN p_state = 'muted' THEN 'notice_muted' END;
    IF v_kind IS NOT NULL THEN
        PERFORM record_event(v_row.case_id, v_row.referral_id, v_kind, 'service', 'notification', NULL,
            jsonb_build_object(
                CASE v_row.audience WHEN 'person' THEN 'message' ELSE 'notice' END, p_message,
                CASE v_row.audience WHEN 'person' THEN 'template' ELSE 'kind' END, v_row.template, 'reason', p_reason));
    END IF;
    -- The desk knows: the task that stood in for that is over.
    IF v_row.audience = 'station' AND p_state = 'delivered' AND v_row.lane = 0 THEN
        UPDATE staff_task SET done_at = clock_timestamp(), done_by = 'notification'
        WHERE message_id = p_message AND done_at IS NULL;
    END IF;
END
$$;

-- Internal: messages that are locked were taken by their providers; their own trails and the cases' say so. Those that are
-- settled stay as they are. Returns which changed.
CREATE FUNCTION casework.put_sent(
    p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]
) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
        WITH changed AS (
            UPDATE message AS m SET state = 'sent', reason = NULL, provider = coalesce(w.provider, m.provider),
                reference = coalesce(w.reference, m.reference), segments = m.segments + coalesce(w.segments, 0),
                cost = m.cost + coalesce(w.cost, 0), settled_at = clock_timestamp()
            FROM unnest(p_messages, p_providers, p_references, p_segments, p_costs)
                AS w (id, provider, reference, segments, cost)
            WHERE m.id = w.id AND m.state IN ('pending', 'scheduled', 'sending')
            RETURNING m.id, m.case_id, m.referral_id, m.audience, m.template, m.lane, m.attempts, w.provider
        ), trail AS (
            INSERT INTO message_event (message_id, state, attempt, provider)
            SELECT c.id, 'sent', c.attempts, c.provider FROM changed AS c
        ), told AS (
            INSERT INTO event (case_id, referral_id, kind, actor_kind, actor, data)
            SELECT c.case_id, c.referral_id,
                CASE c.audience WHEN 'person' THEN 'message_sent' WHEN 'agency' THEN 'agency_notified'
                    ELSE 'staff_notified' END,
                'service', 'notification',
                CASE c.audience WHEN 'person'
                    THEN jsonb_build_object('message', c.id, 'template', c.template, 'reason', NULL)
                    ELSE jsonb_build_object('notice', c.id, 'kind', c.template, 'reason', NULL) END
            FROM changed AS c WHERE c.case_id IS NOT NULL
        ), done AS (
            -- The desk knows: the task that stood in for that is over.
            UPDATE staff_task AS t SET done_at = clock_timestamp(), done_by = 'notification'
            FROM changed AS c
            WHERE c.audience = 'station' AND c.lane = 0 AND t.message_id = c.id AND t.done_at IS NULL
        )
        SELECT c.id FROM changed AS c;
END
$$;

-- Internal: an attempt of each of these begins; they are locked and not settled.
CREATE FUNCTION casework.put_sending(p_messages uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
        WITH begun AS (
            UPDATE message AS m SET state = 'sending', attempts = m.attempts + 1,
                reason = CASE m.state WHEN 'sending' THEN 'repeat' END
            WHERE m.id = ANY (p_messages)
            RETURNING m.id, m.reason, m.attempts
        )
        INSERT INTO message_event (message_id, state, reason, attempt)
        SELECT b.id, 'sending', b.reason, b.attempts FROM begun AS b RETURNING message_id;
END
$$;

-- An attempt begins. It commits before anything is handed to a provider, so that a crash leaves a trace: `repeats` says
-- that the attempt before this one never came to an end, and may have sent. Nothing when the message is settled.
CREATE FUNCTION casework.begin_message(p_message uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
BEGIN
    PERFORM FROM message AS m
    WHERE m.id = p_message AND m.state IN ('pending', 'scheduled', 'sending') FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM put_sending(ARRAY[p_message]);
    END IF;
END
$$;

-- An attempt of each of these messages begins under the lease of its job, where neither is under somebody's lock: nothing
-- is waited for. Returns of which, and by which channel each will go if nothing changes; null where that depends.
CREATE FUNCTION casework.begin_messages(
    p_messages uuid[], p_jobs bigint[], p_epochs integer[], p_numbers bigint[]
) RETURNS TABLE (message_id uuid, channel text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_held bigint[] := ARRAY(SELECT queue.hold_many(p_jobs, p_epochs, p_numbers));
    v_messages uuid[] := ARRAY(SELECT w.message FROM unnest(p_messages, p_jobs) AS w (message, job)
        WHERE w.job = ANY (v_held));
BEGIN
    v_messages := ARRAY(
        SELECT m.id FROM message AS m
        WHERE m.id = ANY (v_messages) AND m.state IN ('pending', 'scheduled', 'sending')
        ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED);
    v_messages := ARRAY(SELECT put_sending(v_messages));
    RETURN QUERY
        SELECT m.id, CASE m.audience WHEN 'duty' THEN 'sms' WHEN 'person' THEN (
            SELECT CASE WHEN min(r.channel) = max(r.channel) THEN min(r.channel) END FROM contact_rule AS r
            WHERE r.person_id = m.person_id AND r.stopped_at IS NULL)
            ELSE 'email' END
        FROM message AS m WHERE m.id = ANY (v_messages);
END
$$;

-- What came of an attempt, or of looking at the message. True for the one call that changed it: a message that is
-- settled stays as it is.
CREATE FUNCTION casework.settle_message(
    p_message uuid, p_state text, p_reason text, p_provider text, p_reference text, p_segments integer, p_cost bigint
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_state text;
BEGIN
    IF p_state <> ALL (ARRAY['pending', 'scheduled', 'sending', 'sent', 'failed', 'denied', 'cleared', 'muted']) THEN
        RAISE EXCEPTION 'not a state of a message' USING ERRCODE = 'check_violation';
    END IF;
    SELECT state INTO v_state FROM message
    WHERE id = p_message AND state IN ('pending', 'scheduled', 'sending') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_state = 'sent' THEN
        PERFORM put_sent(ARRAY[p_message], ARRAY[p_provider], ARRAY[p_reference], ARRAY[p_segments], ARRAY[p_cost]);
    ELSE
        PERFORM put_message_state(p_message, v_state, p_state, p_reason, p_provider, p_reference, p_segments, p_cost);
    END IF;
    RETURN true;
END
$$;

-- The same for several that were taken by their providers, and that this transaction has under lock. Returns which are
-- recorded: where one cannot be, the others are, each by itself, since all of them are out.
CREATE FUNCTION casework.settle_sent_messages(
    p_messages uuid[], p_providers text[], p_references text[], p_segments integer[], p_costs bigint[]
) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_done uuid[];
    v_all uuid[] := '{}';
BEGIN
    BEGIN
        v_done := ARRAY(SELECT put_sent(p_messages, p_providers, p_references, p_segments, p_costs));
        RETURN QUERY SELECT unnest(v_done);
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'messages are recorded one by one: SQLSTATE %', SQLSTATE;
    END;
    FOR i IN 1 .. cardinality(p_messages) LOOP
        BEGIN
            v_done := ARRAY(SELECT put_sent(
                p_messages[i:i], p_providers[i:i], p_references[i:i], p_segments[i:i], p_costs[i:i]));
            v_all := v_all || v_done;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'message % is not recorded: SQLSTATE %', p_messages[i], SQLSTATE;
        END;
    END LOOP;
    RETURN QUERY SELECT unnest(v_all);
END
$$;

-- MARK: when nobody was told

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

-- Internal: somebody has to act, since nothing could be said. Once per message and case; a task that was opened before,
-- or was thought done, is open again.
CREATE FUNCTION casework.open_staff_task(p_case uuid, p_station uuid, p_kind text, p_message uuid, p_reason text)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
    VALUES (p_case, p_station, p_kind, p_message, p_reason)
    ON CONFLICT (message_id, case_id) DO UPDATE SET reason = excluded.reason, done_at = NULL, done_by = NULL
$$;

-- A message reached nobody: the task is opened, and whoever can act is told by another way. Of a person's, the owner of
-- the case; of a desk's in haste, the phones of its duty one after the other, then the station above; of an agency's, the
-- owner, who calls.
CREATE FUNCTION casework.follow_message(p_message uuid, p_reason text, p_was_forbidden boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_message message%ROWTYPE;
    v_owner uuid;
    v_above uuid;
    v_case uuid;
BEGIN
    SELECT * INTO v_message FROM message WHERE id = p_message;
    SELECT owner_station_id INTO v_owner FROM cases WHERE id = v_message.case_id;
    CASE v_message.audience
    WHEN 'person' THEN
        PERFORM open_staff_task(v_message.case_id, v_owner, 'contact_person', p_message, p_reason);
        PERFORM notify_station(v_message.case_id, v_owner,
            CASE WHEN p_was_forbidden THEN 'contact_suppressed' ELSE 'contact_failed' END);
    WHEN 'station', 'duty' THEN
        PERFORM open_staff_task(v_message.case_id, v_message.station_id, 'look_at_case', p_message, p_reason);
        IF v_message.lane > 1 THEN
            RETURN;
        END IF;
        -- In danger to life the first phone rang with the desk's mail.
        IF v_message.audience = 'station' AND v_message.lane = 0
            AND EXISTS (SELECT FROM station WHERE id = v_message.station_id AND cardinality(duty_phones) > 0)
        THEN
            RETURN;
        END IF;
        IF NOT notify_duty(v_message.case_id, v_message.station_id, v_message.template, v_message.lane,
            v_message.step + 1)
        THEN
            v_above := station_above(v_message.station_id);
            IF v_above IS NOT NULL THEN
                PERFORM notify_station(v_message.case_id, v_above, 'station_unreachable');
            END IF;
        END IF;
    WHEN 'agency' THEN
        FOR v_case, v_owner IN
            SELECT c.id, c.owner_station_id FROM cases AS c
            WHERE c.id = v_message.case_id OR c.id IN (
                SELECT r.case_id FROM digest_item AS i JOIN referral AS r ON r.id = i.referral_id
                WHERE i.message_id = p_message)
            ORDER BY c.id
        LOOP
            PERFORM open_staff_task(v_case, v_owner, 'call_agency', p_message, p_reason);
            IF v_message.lane <= 1 THEN
                PERFORM notify_station(v_case, v_owner, 'call_agency');
            END IF;
        END LOOP;
    WHEN 'operator' THEN
        NULL;  -- The log and the metrics say it as well.
    END CASE;
END
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
    -- A provider that gives two messages one name says nothing by it.
    IF 1 <> (SELECT count(*) FROM (
        SELECT FROM message AS m WHERE m.provider = p_provider AND m.reference = p_reference LIMIT 2) AS named)
    THEN
        RETURN QUERY SELECT NULL::uuid, 'unknown'::text;
        RETURN;
    END IF;
    SELECT * INTO v_row FROM message AS m WHERE m.provider = p_provider AND m.reference = p_reference
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT NULL::uuid, 'unknown'::text;
        RETURN;
    END IF;
    IF v_row.state = 'sent' THEN
        PERFORM put_message_state(v_row.id, v_row.state, p_state, p_reason, p_provider, NULL, NULL, NULL);
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

-- She wants no more contact: every rule of hers is stopped, and what waits is cleared; so it is where the same number or
-- mailbox stands on another case, of which nobody learns anything by that. A message that is on its way to a provider at
-- this moment is waited for; none is begun after this commits. Returns what was cleared on her own case.
CREATE FUNCTION casework.stop_person(p_person uuid, p_actor_kind text, p_actor text) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_own uuid := (SELECT p.case_id FROM person AS p WHERE p.id = p_person);
    v_person uuid;
    v_case uuid;
    v_message uuid;
    v_state text;
BEGIN
    FOR v_person, v_case IN
        SELECT p.id, p.case_id FROM person AS p WHERE p.id = p_person
        UNION
        SELECT o.id, o.case_id FROM person AS p JOIN person AS o ON o.phone_index = p.phone_index WHERE p.id = p_person
        UNION
        SELECT o.id, o.case_id FROM person AS p JOIN person AS o ON o.email_index = p.email_index WHERE p.id = p_person
        ORDER BY 1
    LOOP
        FOR v_message, v_state IN
            SELECT m.id, m.state FROM message AS m
            WHERE m.person_id = v_person AND m.state IN ('pending', 'scheduled', 'sending')
            ORDER BY m.id FOR NO KEY UPDATE
        LOOP
            PERFORM put_message_state(v_message, v_state, 'cleared', 'stopped', NULL, NULL, NULL, NULL);
            PERFORM open_staff_task(c.id, c.owner_station_id, 'contact_person', v_message, 'stopped')
            FROM message AS m JOIN cases AS c ON c.id = m.case_id WHERE m.id = v_message;
            IF v_case = v_own THEN
                RETURN NEXT v_message;
            END IF;
        END LOOP;
        PERFORM 1 FROM person AS p WHERE p.id = v_person FOR NO KEY UPDATE;
        UPDATE contact_rule SET stopped_at = clock_timestamp() WHERE person_id = v_person AND stopped_at IS NULL;
        IF FOUND OR v_person = p_person THEN
            PERFORM record_event(v_case, NULL, 'contact_stopped', p_actor_kind, p_actor, NULL,
                jsonb_build_object('person', v_person));
        END IF;
    END LOOP;
END
$$;

-- For operators.
CREATE FUNCTION casework.stop_contact(p_person uuid, p_actor text) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT stop_person(p_person, 'operator', p_actor)
$$;

-- For the desk she says it to: the help-seekers of a case that this client may read. Returns how many messages were
-- cleared; nothing for a case that it may not.
CREATE FUNCTION casework.stop_contact_of_case(p_number text, p_client uuid) RETURNS TABLE (cleared bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_case uuid;
    v_client intake_client%ROWTYPE;
BEGIN
    SELECT * INTO v_client FROM intake_client WHERE intake_client.id = p_client AND revoked_at IS NULL;
    SELECT c.id INTO v_case FROM cases AS c
    WHERE c.number = p_number AND v_client.may_read_cases
        AND EXISTS (SELECT 1 FROM division_path(c.division_code) AS p WHERE p.code = v_client.division_scope);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT count(s.message) FROM person AS p
        LEFT JOIN LATERAL stop_person(p.id, 'client', v_client.name) AS s (message) ON true
        WHERE p.case_id = v_case AND p.role = 'help_seeker';
END
$$;

-- Messages that reached nobody in time, each once: somebody else is told. Returns how many.
CREATE FUNCTION casework.follow_late_messages(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_message record;
    v_count integer := 0;
BEGIN
    FOR v_message IN
        SELECT m.id, m.state, m.attempts FROM message AS m
        WHERE m.settled_at IS NULL AND m.late_at IS NULL AND m.deliver_by < v_now
        ORDER BY m.deliver_by LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        UPDATE message SET late_at = v_now WHERE id = v_message.id;
        INSERT INTO message_event (message_id, state, reason, attempt)
        VALUES (v_message.id, v_message.state, 'late', v_message.attempts);
        PERFORM follow_message(v_message.id, 'late', false);
        v_count := v_count + 1;
    END LOOP;
    -- What nothing came of for another week has no job any more, whoever took it away: it ends here.
    FOR v_message IN
        SELECT m.id, m.state FROM message AS m
        WHERE m.settled_at IS NULL AND m.late_at < v_now - interval '7 days'
        ORDER BY m.late_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM put_message_state(v_message.id, v_message.state, 'failed', 'late', NULL, NULL, NULL, NULL);
    END LOOP;
    RETURN v_count;
END
$$;

-- Somebody of the station has read a notice in its inbox, where it stands from the moment it was made: nobody has to be
-- told any more.
CREATE FUNCTION casework.read_notice(p_message uuid, p_actor text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_row message%ROWTYPE;
BEGIN
    UPDATE message SET read_at = clock_timestamp()
    WHERE id = p_message AND audience = 'station' AND read_at IS NULL RETURNING * INTO v_row;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF v_row.state IN ('pending', 'scheduled', 'sending', 'sent') THEN
        PERFORM put_message_state(p_message, v_row.state, 'delivered', 'read', 'inbox', NULL, NULL, NULL);
        -- Nor does the phone of its duty have to ring.
        PERFORM put_message_state(m.id, m.state, 'muted', 'read', 'inbox', NULL, NULL, NULL) FROM message AS m
        WHERE m.case_id = v_row.case_id AND m.station_id = v_row.station_id AND m.audience = 'duty'
            AND m.template = v_row.template AND m.state IN ('pending', 'scheduled');
    ELSE
        INSERT INTO message_event (message_id, state, reason, attempt, provider)
        VALUES (p_message, v_row.state, 'read', v_row.attempts, 'inbox');
    END IF;
    UPDATE staff_task SET done_at = clock_timestamp(), done_by = p_actor
    WHERE message_id = p_message AND done_at IS NULL;
    RETURN true;
END
$$;

-- MARK: preferences

CREATE FUNCTION casework.set_station_mutes(p_division text, p_kinds text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM lock_network();
    UPDATE station SET muted = p_kinds WHERE division_code = p_division;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_operator_event('station_muted', p_division, jsonb_build_object('kinds', p_kinds));
    RETURN true;
END
$$;

-- The phones of a station's duty, in the order in which they are told.
CREATE FUNCTION casework.set_duty_phones(p_division text, p_phones text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM lock_network();
    UPDATE station SET duty_phones = p_phones WHERE division_code = p_division;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_operator_event('duty_phones_set', p_division, jsonb_build_object('phones', cardinality(p_phones)));
    RETURN true;
END
$$;

-- How an agency's desk is told; an argument that is null changes nothing, an empty address takes the desk away.
CREATE FUNCTION casework.set_agency_desk(p_code text, p_email text, p_digest_minutes integer, p_muted text[])
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM lock_network();
    UPDATE agency SET desk_email = CASE WHEN p_email IS NULL THEN desk_email ELSE nullif(p_email, '') END,
        digest_minutes = coalesce(p_digest_minutes, digest_minutes), muted = coalesce(p_muted, muted)
    WHERE code = p_code;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_operator_event('agency_desk_set', p_code, jsonb_build_object(
        'address', CASE WHEN p_email IS NULL THEN 'kept' WHEN p_email = '' THEN 'removed' ELSE 'set' END,
        'digest_minutes', p_digest_minutes, 'muted', p_muted));
    RETURN true;
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
