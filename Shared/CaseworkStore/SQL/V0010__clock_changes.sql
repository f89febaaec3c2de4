-- Clocks that stand still or get longer, on a legal ground the rules name, and warnings before they run out.
-- SQLSTATE DC053: the clock has changed meanwhile; look again.

-- Why and by whom a clock's time was changed: nothing else has moved it.
CREATE TABLE casework.clock_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    clock_id uuid NOT NULL REFERENCES casework.clock,
    kind text NOT NULL CHECK (kind IN ('paused', 'resumed', 'extended')),
    ground text NOT NULL,
    basis text NOT NULL CHECK (basis <> ''),
    staff_id text NOT NULL,
    changed_at timestamptz NOT NULL,
    due_before timestamptz NOT NULL,
    due_after timestamptz NOT NULL,
    CHECK (due_after >= due_before)
);
CREATE INDEX clock_change_clock ON casework.clock_change (clock_id, id);
CREATE TRIGGER clock_change_append_only BEFORE UPDATE OR DELETE ON casework.clock_change
    FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();
CREATE TRIGGER clock_change_no_truncate BEFORE TRUNCATE ON casework.clock_change
    FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

-- A clock of the case with everything that changed it, under the case's lock, for somebody who may change it: a
-- supervisor. Changes are a JSON array, times in microseconds since 1970.
CREATE FUNCTION casework.clock_to_change(p_number text, p_client uuid, p_staff text, p_clock uuid)
RETURNS TABLE (
    case_id uuid, referral_id uuid, kind text, name text, basis text, state text, started_at timestamptz,
    due_at timestamptz, paused_at timestamptz, changes jsonb, now timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['supervisor']);
BEGIN
    RETURN QUERY
        SELECT k.case_id, k.referral_id, k.kind, k.name, k.basis, k.state, k.started_at, k.due_at, k.paused_at,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', h.kind, 'ground', h.ground, 'basis', h.basis,
                'actor', h.staff_id, 'at', (extract(epoch FROM h.changed_at) * 1000000)::bigint,
                'due_before', (extract(epoch FROM h.due_before) * 1000000)::bigint,
                'due_after', (extract(epoch FROM h.due_after) * 1000000)::bigint) ORDER BY h.id), '[]')
             FROM clock_change AS h WHERE h.clock_id = k.id),
            clock_timestamp()
        FROM clock AS k WHERE k.id = p_clock AND k.case_id = v_case;
END
$$;

-- Writes one change down and makes it, in the transaction that read the clock. What is not as it was read is refused.
CREATE FUNCTION casework.change_clock(
    p_clock uuid, p_client uuid, p_kind text, p_ground text, p_basis text, p_staff text, p_at timestamptz,
    p_due_before timestamptz, p_due_after timestamptz
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_clock clock%ROWTYPE;
BEGIN
    UPDATE clock SET due_at = p_due_after, paused_at = CASE p_kind
            WHEN 'paused' THEN p_at WHEN 'resumed' THEN NULL ELSE paused_at END,
        -- What is due later is looked at later, and warned of anew.
        warned = 0, look_at = CASE WHEN kind IN ('follow_up', 'consent_expiry', 'risk_review') THEN p_due_after
            ELSE least(p_due_after, p_due_after - (p_due_after - clock_timestamp()) / 2) END
    WHERE id = p_clock AND state = 'running' AND due_at = p_due_before
        AND (paused_at IS NOT NULL) = (p_kind = 'resumed' OR p_kind = 'extended' AND paused_at IS NOT NULL)
    RETURNING * INTO v_clock;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the clock has changed meanwhile' USING ERRCODE = 'DC053';
    END IF;
    PERFORM require_staff(v_clock.case_id, p_staff, ARRAY['supervisor']);
    INSERT INTO clock_change (clock_id, kind, ground, basis, staff_id, changed_at, due_before, due_after)
    VALUES (p_clock, p_kind, p_ground, p_basis, p_staff, p_at, p_due_before, p_due_after);
    PERFORM record_staff_event(v_clock.case_id, v_clock.referral_id, 'clock_' || p_kind, p_staff, p_client,
        jsonb_build_object('clock', p_clock, 'kind', v_clock.kind, 'name', v_clock.name, 'ground', p_ground,
            'basis', p_basis, 'due_before', p_due_before, 'due_at', p_due_after));
END
$$;

-- A clock was looked at before its time: when to look again, and whether people are to be warned now. True for the one
-- call that warns of this part of its time, however often the job comes.
CREATE FUNCTION casework.warn_clock(p_clock uuid, p_percent integer, p_next timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_clock clock%ROWTYPE;
BEGIN
    SELECT * INTO v_clock FROM clock
    WHERE id = p_clock AND state = 'running' AND paused_at IS NULL AND due_at > v_now FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE clock SET look_at = coalesce(p_next, v_clock.due_at), warned = greatest(warned, coalesce(p_percent, 0))
    WHERE id = p_clock;
    RETURN p_percent > v_clock.warned AND record_event(v_clock.case_id, v_clock.referral_id, 'clock_due_soon', 'service',
        'routing', NULL, jsonb_build_object('clock', p_clock, 'kind', v_clock.kind, 'name', v_clock.name,
            'percent', p_percent, 'due_at', v_clock.due_at));
END
$$;

CREATE VIEW casework.clock_change_overview AS
    SELECT h.clock_id, k.case_id, h.kind, h.ground, h.basis, h.staff_id, h.changed_at, h.due_before, h.due_after
    FROM casework.clock_change AS h JOIN casework.clock AS k ON k.id = h.clock_id;

REVOKE ALL ON FUNCTION casework.clock_to_change(text, uuid, text, uuid),
    casework.change_clock(uuid, uuid, text, text, text, text, timestamptz, timestamptz, timestamptz),
    casework.warn_clock(uuid, integer, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.clock_to_change(text, uuid, text, uuid),
    casework.change_clock(uuid, uuid, text, text, text, text, timestamptz, timestamptz, timestamptz)
TO dandelion_operator;
GRANT EXECUTE ON FUNCTION casework.warn_clock(uuid, integer, timestamptz) TO dandelion_routing;
GRANT SELECT ON casework.clock_change_overview TO dandelion_operator;
