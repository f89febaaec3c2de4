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

-- Internal: the first state of a message is an event, too; its job is enqueued with it. Danger to life has a queue of
-- its own.
CREATE FUNCTION casework.insert_message(
    p_audience text, p_case uuid, p_person uuid, p_station uuid, p_agency uuid, p_referral uuid, p_template text,
    p_about text, p_step integer, p_lane integer, p_within interval, p_wait interval
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_id uuid;
    v_now timestamptz := clock_timestamp();
BEGIN
    IF p_audience <> ALL (ARRAY['person', 'station', 'duty', 'agency', 'operator']) OR p_lane NOT BETWEEN 0 AND 3
        OR (p_audience = 'person') <> (p_person IS NOT NULL)
        OR (p_audience IN ('station', 'duty')) <> (p_station IS NOT NULL)
        OR (p_audience = 'agency') <> (p_agency IS NOT NULL)
        OR p_case IS NULL AND p_audience <> 'operator' AND p_template <> 'digest'
        OR p_template !~ '^[a-z][a-z0-9_]{1,63}$' OR p_about !~ '^[a-z0-9_-]{1,64}$'
    THEN
        RAISE EXCEPTION 'not a message' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO message (audience, case_id, person_id, station_id, agency_id, referral_id, template, about, step, lane,
        deliver_by)
    VALUES (p_audience, p_case, p_person, p_station, p_agency, p_referral, p_template, p_about, p_step, p_lane,
        v_now + coalesce(p_wait, '0') + p_within)
    RETURNING id INTO v_id;
    INSERT INTO message_event (message_id, state, attempt) VALUES (v_id, 'pending', 0);
    PERFORM queue.enqueue(
        CASE p_lane WHEN 0 THEN 'notification-urgent' ELSE 'notification' END,
        CASE p_audience WHEN 'person' THEN 'notify_person' ELSE 'notify_staff' END,
        jsonb_build_object(CASE p_audience WHEN 'person' THEN 'message_id' ELSE 'notice_id' END, v_id, 'version', 1),
        (ARRAY[0, 1, 4, 6])[p_lane + 1], v_now + p_wait);
    RETURN v_id;
END
$$;

-- Internal: by when a desk has to be told.
CREATE FUNCTION casework.notice_time(p_lane integer) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['2 minutes', '30 minutes', '1 day', '3 days'])[p_lane + 1]::interval
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

-- Something for a station's desk. While the same thing about the same case waits to be said, it is said once.
--
-- In danger to life the task stands from the first moment, and telling the desk ends it: if notification is down, the
-- station's list still says so, and the next one up is told when the time is over. The duty's phone is told with it.
CREATE FUNCTION casework.notify_station(p_case uuid, p_station uuid, p_kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_id uuid;
    v_lane integer := notice_lane(p_kind, (SELECT risk FROM cases WHERE id = p_case));
BEGIN
    PERFORM 1 FROM message
    WHERE case_id = p_case AND station_id = p_station AND audience = 'station' AND template = p_kind
        AND state IN ('pending', 'scheduled');
    IF FOUND THEN
        RETURN;
    END IF;
    v_id := insert_message('station', p_case, NULL, p_station, NULL, NULL, p_kind, NULL, 0, v_lane,
        notice_time(v_lane), NULL);
    IF v_lane = 0 THEN
        INSERT INTO staff_task (case_id, station_id, kind, message_id, reason)
        VALUES (p_case, p_station, 'look_at_case', v_id, p_kind);
        PERFORM notify_duty(p_case, p_station, p_kind, 0, 1);
    END IF;
END
$$;

-- Something for one person. Her hours come round within a week. What waits to be said already is said once.
CREATE FUNCTION casework.notify_person(p_case uuid, p_person uuid, p_template text, p_referral uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM 1 FROM message
    WHERE person_id = p_person AND case_id = p_case AND template = p_template
        AND (state IN ('pending', 'scheduled') OR referral_id = p_referral);
    IF NOT FOUND THEN
        PERFORM insert_message('person', p_case, p_person, NULL, NULL, p_referral, p_template, NULL, 0, 2,
            interval '8 days', NULL);
    END IF;
END
$$;

-- Something for the help-seekers of a case. What is only courteous is asked for where she has agreed to be written to:
-- the sending judges, and where it may not send somebody has to act, which is for what she has to know.
CREATE FUNCTION casework.notify_help_seekers(p_case uuid, p_template text, p_referral uuid, p_if_agreed boolean)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_person uuid;
BEGIN
    FOR v_person IN
        SELECT p.id FROM person AS p
        WHERE p.case_id = p_case AND p.role = 'help_seeker' AND (NOT p_if_agreed OR (
            SELECT bool_and(r.channel <> 'none' AND r.stopped_at IS NULL) AND bool_or(r.channel IN ('sms', 'email'))
            FROM contact_rule AS r
            WHERE r.person_id = p.id AND r.confirmed_at = (
                SELECT max(n.confirmed_at) FROM contact_rule AS n WHERE n.person_id = p.id)))
        ORDER BY p.id
    LOOP
        PERFORM notify_person(p_case, v_person, p_template, p_referral);
    END LOOP;
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
