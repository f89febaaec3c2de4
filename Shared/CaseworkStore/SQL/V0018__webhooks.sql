-- Webhooks: what each attempt came to, and what operators may do about them.

-- The delivery log: one line an attempt.
CREATE FUNCTION casework.record_webhook_attempt(p_delivery uuid, p_code text, p_milliseconds integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO webhook_attempt (delivery_id, code, milliseconds) VALUES (p_delivery, p_code, p_milliseconds);
END
$$;

-- Internal: a delivery's job, and the gateway's bell.
CREATE FUNCTION casework.enqueue_webhook(p_delivery uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM queue.enqueue('gateway', 'webhook_delivery', jsonb_build_object('delivery_id', p_delivery, 'version', 1));
    PERFORM queue.ring_at_commit(ARRAY['gateway']);
END
$$;

-- Send an agency's endpoint a test event, which is about nothing. Null when the agency has no endpoint or is suspended.
CREATE FUNCTION casework.test_webhook(p_code text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_id uuid;
BEGIN
    INSERT INTO webhook_delivery (agency_id, event)
    SELECT a.id, 'test' FROM agency AS a WHERE a.code = p_code AND a.status = 'active' AND a.webhook_url IS NOT NULL
    RETURNING id INTO v_id;
    IF v_id IS NOT NULL THEN
        PERFORM enqueue_webhook(v_id);
        PERFORM record_operator_event('agency_webhook_tested', p_code, jsonb_build_object('delivery', v_id));
    END IF;
    RETURN v_id;
END
$$;

-- Send a delivery that was settled once more, under the same id: an endpoint that has it drops it. False when there is no such
-- delivery, or it is still under way.
CREATE FUNCTION casework.redeliver_webhook(p_delivery uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_agency text;
BEGIN
    UPDATE webhook_delivery AS d SET state = 'pending', settled_at = NULL FROM agency AS a
    WHERE d.id = p_delivery AND d.state <> 'pending' AND a.id = d.agency_id RETURNING a.code INTO v_agency;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM enqueue_webhook(p_delivery);
    PERFORM record_operator_event('webhook_redelivered', v_agency, jsonb_build_object('delivery', p_delivery));
    RETURN true;
END
$$;

-- A new secret; the one before it signs as well for as long as p_overlap. False when the agency has no webhook.
CREATE FUNCTION casework.rotate_webhook_secret(p_code text, p_secret bytea, p_overlap interval) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM lock_network();
    UPDATE agency
    SET webhook_secret_before = webhook_secret, webhook_secret_before_until = clock_timestamp() + p_overlap,
        webhook_secret = p_secret
    WHERE code = p_code AND webhook_url IS NOT NULL AND webhook_secret <> p_secret;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM record_operator_event('agency_webhook_secret_rotated', p_code,
        jsonb_build_object('overlap_hours', extract(epoch FROM p_overlap) / 3600));
    RETURN true;
END
$$;

CREATE INDEX webhook_delivery_settled ON casework.webhook_delivery (settled_at) WHERE state <> 'pending';

-- The log is kept for a time: settled deliveries with what each attempt came to. Returns how many are gone.
CREATE FUNCTION casework.forget_webhooks(p_older interval, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_older;
    v_old uuid[];
BEGIN
    v_old := ARRAY(
        SELECT d.id FROM webhook_delivery AS d WHERE d.state <> 'pending' AND d.settled_at < v_before
        ORDER BY d.settled_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    DELETE FROM webhook_attempt WHERE delivery_id = ANY (v_old);
    DELETE FROM webhook_delivery WHERE id = ANY (v_old);
    RETURN cardinality(v_old);
END
$$;

CREATE VIEW casework.webhook_overview AS
    SELECT d.id, a.code AS agency_code, r.number AS referral, d.event, d.state, d.created_at, d.settled_at,
        (SELECT count(*) FROM casework.webhook_attempt AS t WHERE t.delivery_id = d.id) AS attempts,
        (SELECT t.code FROM casework.webhook_attempt AS t WHERE t.delivery_id = d.id ORDER BY t.at DESC LIMIT 1)
            AS last_code
    FROM casework.webhook_delivery AS d JOIN casework.agency AS a ON a.id = d.agency_id
    LEFT JOIN casework.referral AS r ON r.id = d.referral_id;
CREATE VIEW casework.webhook_attempt_overview AS
    SELECT t.delivery_id, t.at, t.code, t.milliseconds FROM casework.webhook_attempt AS t;

REVOKE ALL ON FUNCTION
    casework.record_webhook_attempt(uuid, text, integer),
    casework.enqueue_webhook(uuid),
    casework.forget_webhooks(interval, integer),
    casework.test_webhook(text),
    casework.redeliver_webhook(uuid),
    casework.rotate_webhook_secret(text, bytea, interval)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    casework.record_webhook_attempt(uuid, text, integer), casework.forget_webhooks(interval, integer)
TO dandelion_gateway;
GRANT EXECUTE ON FUNCTION
    casework.test_webhook(text), casework.redeliver_webhook(uuid),
    casework.rotate_webhook_secret(text, bytea, interval)
TO dandelion_operator;
GRANT SELECT ON casework.webhook_overview, casework.webhook_attempt_overview TO dandelion_operator;
