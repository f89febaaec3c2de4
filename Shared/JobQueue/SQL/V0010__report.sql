-- What a job says of itself: how far it has come, and what it leaves behind. Numbers, short codes and opaque bytes of
-- bounded size; operators see them, so neither holds personal data.

-- Refuse what is no code (1 to 64 of a-z, 0-9 and _ . : -) or too many bytes. Internal.
CREATE FUNCTION queue.require_report(p_code text, p_detail bytea) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_code !~ '^[a-z0-9][a-z0-9_.:-]{0,63}$' THEN
        RAISE EXCEPTION 'a code is made of 1 to 64 letters, digits and _ . : -' USING ERRCODE = 'DQ004';
    END IF;
    IF length(p_detail) > 1024 THEN
        RAISE EXCEPTION 'a report holds at most 1024 bytes' USING ERRCODE = 'DQ004';
    END IF;
END
$$;

CREATE FUNCTION queue.progress(
    p_id bigint, p_epoch integer, p_number bigint, p_done bigint DEFAULT NULL, p_total bigint DEFAULT NULL,
    p_code text DEFAULT NULL, p_detail bytea DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_cancel boolean;
BEGIN
    PERFORM require_report(p_code, p_detail);
    IF p_done < 0 OR p_total < p_done OR p_total < 0 THEN
        RAISE EXCEPTION 'progress counts from zero to its total' USING ERRCODE = 'DQ004';
    END IF;
    PERFORM with_lease(p_id, p_epoch, p_number);
    UPDATE job_ready
    SET progress = jsonb_strip_nulls(jsonb_build_object(
        'done', p_done, 'total', p_total, 'code', p_code, 'detail', encode(p_detail, 'base64'),
        'at', clock_timestamp()))
    WHERE id = p_id RETURNING cancel_requested_at IS NOT NULL INTO v_cancel;
    RETURN v_cancel;
END
$$;

CREATE FUNCTION queue.complete_with(
    p_id bigint, p_epoch integer, p_number bigint, p_code text, p_outcome bytea DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = queue, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM require_report(p_code, p_outcome);
    PERFORM with_lease(p_id, p_epoch, p_number);
    PERFORM finish(p_id, 'completed', p_code, NULL, p_outcome);
END
$$;

REVOKE ALL ON FUNCTION
    queue.require_report(text, bytea),
    queue.progress(bigint, integer, bigint, bigint, bigint, text, bytea),
    queue.complete_with(bigint, integer, bigint, text, bytea)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    queue.progress(bigint, integer, bigint, bigint, bigint, text, bytea),
    queue.complete_with(bigint, integer, bigint, text, bytea)
TO queue_worker;
