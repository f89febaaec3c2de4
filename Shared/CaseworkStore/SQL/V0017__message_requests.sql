-- Asking for messages: each in the transaction of what calls for it, with the job that sends it. The functions of the
-- services call these where something happens; what comes of it is the business of V0005.

-- Internal: how urgent it is to tell a desk this. 0 danger to life, 1 haste, 2 today, 3 can wait for the morning.
CREATE FUNCTION casework.notice_lane(p_kind text, p_risk text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_kind IN ('call_agency_emergency', 'station_unreachable') THEN 0
        WHEN p_kind IN ('case_closed', 'follow_up_due', 'digest') THEN 3
        WHEN p_risk = 'imminent' THEN 0
        WHEN p_risk = 'high'
            OR p_kind IN ('escalated', 'clock_breached', 'contact_suppressed', 'contact_failed', 'referral_escalated')
            THEN 1
        ELSE 2 END
$$;

-- Internal: messages of one template, an element of each array for each. The first state of a message is an event, too; its
-- job is enqueued with it. Danger to life has a queue of its own. Returns them in the order of the arrays.
CREATE FUNCTION casework.insert_messages(
    p_audience text, p_cases uuid[], p_people uuid[], p_stations uuid[], p_agencies uuid[], p_referrals uuid[],
    p_template text, p_about text, p_steps integer[], p_lanes integer[], p_within interval[], p_wait interval
) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_ids uuid[] := ARRAY(SELECT gen_random_uuid() FROM unnest(p_lanes));
BEGIN
    IF p_audience <> ALL (ARRAY['person', 'station', 'duty', 'agency', 'operator'])
        OR p_template !~ '^[a-z][a-z0-9_]{1,63}$' OR p_about !~ '^[a-z0-9_-]{1,64}$'
        OR EXISTS (SELECT FROM unnest(p_cases, p_people, p_stations, p_agencies, p_lanes)
                AS n (case_id, person_id, station_id, agency_id, lane)
            WHERE n.lane NOT BETWEEN 0 AND 3
                OR (p_audience = 'person') <> (n.person_id IS NOT NULL)
                OR (p_audience IN ('station', 'duty')) <> (n.station_id IS NOT NULL)
                OR (p_audience = 'agency') <> (n.agency_id IS NOT NULL)
                OR n.case_id IS NULL AND p_audience <> 'operator' AND p_template <> 'digest')
    THEN
        RAISE EXCEPTION 'not a message' USING ERRCODE = 'check_violation';
    END IF;
    WITH new AS (
        INSERT INTO message (id, audience, case_id, person_id, station_id, agency_id, referral_id, template, about, step,
            lane, deliver_by)
        SELECT n.id, p_audience, n.case_id, n.person_id, n.station_id, n.agency_id, n.referral_id, p_template, p_about,
            coalesce(n.step, 0), n.lane, v_now + coalesce(p_wait, '0') + n.within
        FROM unnest(v_ids, p_cases, p_people, p_stations, p_agencies, p_referrals, p_steps, p_lanes, p_within)
            AS n (id, case_id, person_id, station_id, agency_id, referral_id, step, lane, within)
    )
    INSERT INTO message_event (message_id, state, attempt) SELECT n.id, 'pending', 0 FROM unnest(v_ids) AS n (id);
    PERFORM queue.enqueue_each(
        array_agg(CASE n.lane WHEN 0 THEN 'notification-urgent' ELSE 'notification' END),
        array_agg(CASE p_audience WHEN 'person' THEN 'notify_person' ELSE 'notify_staff' END),
        array_agg(jsonb_build_object(
            CASE p_audience WHEN 'person' THEN 'message_id' ELSE 'notice_id' END, n.id, 'version', 1)),
        array_agg((ARRAY[0, 1, 4, 6])[n.lane + 1]), v_now + p_wait)
    FROM unnest(v_ids, p_lanes) AS n (id, lane);
    RETURN QUERY SELECT unnest(v_ids);
END
$$;

-- Internal: one message.
CREATE FUNCTION casework.insert_message(
    p_audience text, p_case uuid, p_person uuid, p_station uuid, p_agency uuid, p_referral uuid, p_template text,
    p_about text, p_step integer, p_lane integer, p_within interval, p_wait interval
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    RETURN (SELECT insert_messages(p_audience, ARRAY[p_case], ARRAY[p_person], ARRAY[p_station], ARRAY[p_agency],
        ARRAY[p_referral], p_template, p_about, ARRAY[p_step], ARRAY[p_lane], ARRAY[p_within], p_wait));
END
$$;

-- Internal: by when a desk has to be told.
CREATE FUNCTION casework.notice_time(p_lane integer) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY[interval '2 minutes', interval '30 minutes', interval '1 day', interval '3 days'])[p_lane + 1]
$$;

-- Internal: one of the phones of a station's duty. False when it has no such phone.
CREATE FUNCTION casework.notify_duty(p_case uuid, p_station uuid, p_kind text, p_lane integer, p_step integer)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM station WHERE id = p_station AND cardinality(duty_phones) >= p_step;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM insert_message('duty', p_case, NULL, p_station, NULL, NULL, p_kind, NULL, p_step, p_lane,
        CASE p_lane WHEN 0 THEN interval '2 minutes' ELSE interval '10 minutes' END, NULL);
    RETURN true;
END
$$;

-- Something for the desks of stations, each about a case. While the same thing about the same case waits to be said, it is
-- said once.
--
-- In danger to life the task stands from the first moment, and telling the desk ends it: if notification is down, the
-- station's list still says so, and the next one up is told when the time is over. The duty's phone is told with it.
CREATE FUNCTION casework.notify_stations(p_cases uuid[], p_stations uuid[], p_kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_cases uuid[];
    v_stations uuid[];
    v_lanes integer[];
    v_messages uuid[];
    v_are_known boolean;
BEGIN
    -- Asked for each case by itself (OFFSET 0): joined, a plan that was made while there were few messages would read all of
    -- them.
    SELECT array_agg(w.case_id), array_agg(w.station_id), array_agg(w.lane), bool_and(w.is_known)
    INTO v_cases, v_stations, v_lanes, v_are_known
    FROM (
        SELECT DISTINCT n.case_id, n.station_id, notice_lane(p_kind, c.risk) AS lane,
            c.id IS NOT NULL AND s.id IS NOT NULL AS is_known
        FROM unnest(p_cases, p_stations) AS n (case_id, station_id)
        LEFT JOIN cases AS c ON c.id = n.case_id LEFT JOIN station AS s ON s.id = n.station_id
        WHERE NOT EXISTS (
            SELECT FROM message AS m
            WHERE m.case_id = n.case_id AND m.station_id = n.station_id AND m.audience = 'station'
                AND m.template = p_kind AND m.state IN ('pending', 'scheduled')
            OFFSET 0)
    ) AS w;
    IF v_cases IS NULL THEN
        RETURN;
    ELSIF NOT v_are_known THEN
        RAISE EXCEPTION 'no such case or station' USING ERRCODE = 'foreign_key_violation';
    END IF;
    v_messages := ARRAY(SELECT insert_messages('station', v_cases, NULL, v_stations, NULL, NULL, p_kind, NULL, NULL, v_lanes,
        ARRAY(SELECT notice_time(l.lane) FROM unnest(v_lanes) AS l (lane)), NULL));
    IF 0 = ANY (v_lanes) THEN
        INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
        SELECT n.case_id, n.station_id, 'look_at_case', n.message_id, p_kind
        FROM unnest(v_cases, v_stations, v_messages, v_lanes) AS n (case_id, station_id, message_id, lane)
        WHERE n.lane = 0;
        PERFORM notify_duty(n.case_id, n.station_id, p_kind, 0, 1)
        FROM unnest(v_cases, v_stations, v_lanes) AS n (case_id, station_id, lane) WHERE n.lane = 0;
    END IF;
END
$$;

CREATE FUNCTION casework.notify_station(p_case uuid, p_station uuid, p_kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM notify_stations(ARRAY[p_case], ARRAY[p_station], p_kind);
END
$$;

-- Internal: something for people, each of a case. Their hours come round within a week. What waits to be said already is said
-- once.
CREATE FUNCTION casework.notify_people(p_cases uuid[], p_people uuid[], p_template text, p_referral uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_cases uuid[];
    v_people uuid[];
    v_count integer;
BEGIN
    SELECT array_agg(n.case_id ORDER BY n.person_id), array_agg(n.person_id ORDER BY n.person_id), count(*)
    INTO v_cases, v_people, v_count
    FROM unnest(p_cases, p_people) AS n (case_id, person_id)
    WHERE NOT EXISTS (
        SELECT FROM message AS m
        WHERE m.person_id = n.person_id AND m.case_id = n.case_id AND m.template = p_template
            AND (m.state IN ('pending', 'scheduled') OR m.referral_id = p_referral)
        OFFSET 0);  -- as in notify_stations
    IF v_count > 0 THEN
        IF p_referral IS NOT NULL
            AND NOT EXISTS (SELECT FROM referral AS r WHERE r.id = p_referral AND r.case_id = ANY (v_cases))
        THEN
            RAISE EXCEPTION 'no such referral of the case' USING ERRCODE = 'foreign_key_violation';
        END IF;
        PERFORM insert_messages('person', v_cases, v_people, NULL, NULL, array_fill(p_referral, ARRAY[v_count]),
            p_template, NULL, NULL, array_fill(2, ARRAY[v_count]), array_fill(interval '8 days', ARRAY[v_count]), NULL);
    END IF;
END
$$;

CREATE FUNCTION casework.notify_person(p_case uuid, p_person uuid, p_template text, p_referral uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM notify_people(ARRAY[p_case], ARRAY[p_person], p_template, p_referral);
END
$$;

-- Something for the help-seekers of cases. What is only courteous is asked for where she has agreed to be written to: the
-- sending judges, and where it may not send somebody has to act, which is for what she has to know.
CREATE FUNCTION casework.notify_all_help_seekers(
    p_cases uuid[], p_template text, p_referral uuid, p_if_agreed boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    v_cases uuid[];
    v_people uuid[];
BEGIN
    SELECT array_agg(p.case_id), array_agg(p.id) INTO v_cases, v_people
    FROM person AS p
    WHERE p.case_id = ANY (p_cases) AND p.role = 'help_seeker' AND (NOT p_if_agreed OR (
        SELECT bool_and(r.channel <> 'none' AND r.stopped_at IS NULL) AND bool_or(r.channel IN ('sms', 'email'))
        FROM contact_rule AS r
        WHERE r.person_id = p.id AND r.confirmed_at = (
            SELECT max(n.confirmed_at) FROM contact_rule AS n WHERE n.person_id = p.id)));
    IF v_people IS NOT NULL THEN
        PERFORM notify_people(v_cases, v_people, p_template, p_referral);
    END IF;
END
$$;

CREATE FUNCTION casework.notify_help_seekers(p_case uuid, p_template text, p_referral uuid, p_if_agreed boolean)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM notify_all_help_seekers(ARRAY[p_case], p_template, p_referral, p_if_agreed);
END
$$;

-- Internal: something about a referral for its agency. Whoever has an endpoint gets a webhook from the gateway, whoever
-- has a desk a mail: at once in haste, else together with other things at the time it has chosen. An agency with neither
-- looks by itself.
CREATE FUNCTION casework.notify_agency(p_referral uuid, p_kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_agency record;
    v_lane integer;
    v_delivery uuid;
    v_message uuid;
BEGIN
    SELECT a.id, a.webhook_url IS NOT NULL AS has_webhook, a.desk_email IS NOT NULL AS has_desk, a.digest_minutes,
        p_kind = ANY (a.muted) AS is_muted, r.case_id, r.consent_basis, c.risk
    INTO v_agency
    FROM referral AS r JOIN agency AS a ON a.id = r.agency_id JOIN cases AS c ON c.id = r.case_id
    WHERE r.id = p_referral;
    -- Of the hand-over itself the gateway's webhook tells, which routing asks for.
    IF v_agency.has_webhook AND p_kind <> 'referral_offered' THEN
        INSERT INTO webhook_delivery (agency_id, referral_id, event)
        VALUES (v_agency.id, p_referral, replace(p_kind, '_', '.')) RETURNING id INTO v_delivery;
        PERFORM queue.enqueue('gateway', 'webhook_delivery',
            jsonb_build_object('delivery_id', v_delivery, 'version', 1));
    END IF;
    IF v_agency.has_desk IS NOT TRUE THEN
        RETURN;
    END IF;
    v_lane := CASE v_agency.consent_basis WHEN 'emergency' THEN 0 ELSE notice_lane(p_kind, v_agency.risk) END;
    IF v_lane <= 1 OR v_agency.digest_minutes = 0 THEN
        PERFORM insert_message('agency', v_agency.case_id, NULL, NULL, v_agency.id, p_referral, p_kind, NULL, 0, v_lane,
            notice_time(v_lane), NULL);
    ELSIF NOT v_agency.is_muted THEN
        INSERT INTO digest_item (agency_id, referral_id, kind) VALUES (v_agency.id, p_referral, p_kind)
        ON CONFLICT DO NOTHING;
        -- At most one digest of an agency waits: whoever comes first makes it, the others' items go with it. Two that
        -- come at the same moment may make two, of which the second finds nothing to say.
        PERFORM 1 FROM message
        WHERE agency_id = v_agency.id AND template = 'digest' AND state IN ('pending', 'scheduled')
            AND created_at > clock_timestamp() - interval '2 days';
        IF NOT FOUND THEN
            PERFORM insert_message('agency', NULL, NULL, NULL, v_agency.id, NULL, 'digest', NULL, 0, 3,
                notice_time(3), make_interval(mins => v_agency.digest_minutes));
        END IF;
    END IF;
END
$$;

-- A reminder to an agency that a time of a referral is coming to its end.
CREATE FUNCTION casework.remind_agency(p_referral uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT notify_agency(p_referral, 'referral_due')
$$;

-- What agencies' desks were to be told together and no digest will say, because the one that waited was sent at the very
-- moment: makes a new one. Returns how many.
CREATE FUNCTION casework.gather_digests() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_agency uuid;
    v_now timestamptz := clock_timestamp();
    v_count integer := 0;
BEGIN
    FOR v_agency IN
        SELECT a.id FROM agency AS a
        WHERE a.id IN (SELECT i.agency_id FROM digest_item AS i WHERE i.message_id IS NULL
                AND i.created_at < v_now - interval '1 minute')
            AND NOT EXISTS (SELECT FROM message AS m WHERE m.agency_id = a.id AND m.template = 'digest'
                AND m.settled_at IS NULL AND m.created_at > v_now - interval '4 days')
        ORDER BY a.id FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM insert_message('agency', NULL, NULL, NULL, v_agency, NULL, 'digest', NULL, 0, 3, notice_time(3), NULL);
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

-- Something for the operators about the network itself: a code and the code of what is in trouble. The same is said once
-- an hour. True when it will be said.
CREATE FUNCTION casework.notify_operators(p_kind text, p_about text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_since timestamptz := clock_timestamp() - interval '1 hour';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.notify_operators', 0));
    PERFORM 1 FROM message
    WHERE audience = 'operator' AND template = p_kind AND about IS NOT DISTINCT FROM p_about AND created_at > v_since;
    IF FOUND THEN
        RETURN false;
    END IF;
    PERFORM insert_message('operator', NULL, NULL, NULL, NULL, NULL, p_kind, p_about, 0, 1, notice_time(1), NULL);
    RETURN true;
END
$$;

-- What operators have to know although no process fails: clocks that ran out longer ago than that and still run, and jobs
-- that became dead letters in the last hour. Counted to 1,000.
CREATE FUNCTION casework.network_troubles(p_clock_age interval)
RETURNS TABLE (overdue_clocks bigint, dead_letters bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_clock_age;
    v_soon timestamptz := clock_timestamp() + interval '5 minutes';  -- what is looked at again and again, too
    v_since timestamptz := clock_timestamp() - interval '1 hour';
BEGIN
    RETURN QUERY SELECT
        (SELECT count(*) FROM (
            SELECT FROM clock
            WHERE state = 'running' AND look_at < v_soon AND due_at < v_before AND paused_at IS NULL LIMIT 1000) AS late),
        (SELECT count(*) FROM (
            SELECT FROM queue.job_history AS h WHERE h.state = 'discarded' AND h.finished_at > v_since
            LIMIT 1000) AS dead);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA casework FROM PUBLIC;

GRANT EXECUTE ON FUNCTION
    casework.notify_station(uuid, uuid, text),
    casework.notify_help_seekers(uuid, text, uuid, boolean),
    casework.remind_agency(uuid)
TO dandelion_routing;

GRANT EXECUTE ON FUNCTION
    casework.gather_digests(),
    casework.notify_operators(text, text),
    casework.network_troubles(interval)
TO dandelion_notification;
