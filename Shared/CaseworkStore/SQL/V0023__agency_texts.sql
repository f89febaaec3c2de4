-- Opening what agencies wrote with their answers (safeguarding.sealed_text): somebody on the staff, a reason, and two transactions.
-- The first enters in the case, and so in the ledger, who reads and why; the second gives the bytes against that record, and
-- refuses one of its own transaction, which could still roll back.
-- SQLSTATE DC020, DC040, DC041 and DC042 as before. DC101: no committed record allows this.

CREATE FUNCTION casework.ask_texts(p_number text, p_staff text, p_reason text, OUT request bigint, OUT texts bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_case uuid := act(p_number, NULL, p_staff, ARRAY['caseworker', 'supervisor'], false);
BEGIN
    IF p_reason <> ALL (ARRAY['handling', 'handing_over', 'supervision', 'complaint', 'audit']) THEN
        RAISE EXCEPTION 'no reason to read' USING ERRCODE = 'check_violation';
    END IF;
    SELECT count(*) INTO texts FROM referral AS r JOIN safeguarding.sealed_text AS t ON t.referral_id = r.id
    WHERE r.case_id = v_case;
    INSERT INTO event (case_id, kind, actor_kind, actor, data)
    VALUES (v_case, 'text_read', 'staff', p_staff, jsonb_build_object('reason', p_reason, 'texts', texts))
    RETURNING id INTO request;
END
$$;

-- What there was when it was asked for, oldest first, within ten minutes. `sealed` and `attachments` are null when they are erased.
CREATE FUNCTION casework.read_texts(p_request bigint)
RETURNS TABLE (
    referral text, agency_id uuid, agency text, status text, staff text, sent_at timestamptz, key_id text, digest bytea,
    sealed bytea, attachments jsonb, erased_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_event record;
BEGIN
    SELECT e.case_id, e.occurred_at INTO v_event FROM event AS e
    WHERE e.id = p_request AND e.kind = 'text_read' AND e.occurred_at > clock_timestamp() - interval '10 minutes'
        AND e.transaction IS DISTINCT FROM pg_current_xact_id_if_assigned();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no committed record allows this disclosure' USING ERRCODE = 'DC101';
    END IF;
    RETURN QUERY
        SELECT r.number, t.agency_id, a.code, t.status, t.staff_id, t.sent_at, t.key_id, t.digest, t.sealed, t.attachments,
            t.erased_at
        FROM referral AS r JOIN safeguarding.sealed_text AS t ON t.referral_id = r.id JOIN agency AS a ON a.id = t.agency_id
        WHERE r.case_id = v_event.case_id AND t.sent_at <= v_event.occurred_at ORDER BY t.number;
END
$$;

REVOKE ALL ON FUNCTION casework.ask_texts(text, text, text), casework.read_texts(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.ask_texts(text, text, text), casework.read_texts(bigint) TO dandelion_operator;
