-- What is kept of people after a case is over (S33): for a time, and while anybody holds it. After that nothing in the case
-- identifies anybody; its codes, clocks and events stay, which hold no personal data, for proof and statistics.

CREATE TABLE casework.legal_hold (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    case_id uuid NOT NULL REFERENCES casework.cases,
    reason text NOT NULL CHECK (reason IN ('lawsuit', 'criminal_case', 'complaint', 'audit', 'her_wish')),
    staff_id text NOT NULL,
    held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    released_at timestamptz
);
CREATE UNIQUE INDEX legal_hold_standing ON casework.legal_hold (case_id, reason) WHERE released_at IS NULL;

-- A supervisor holds a case, or releases it. What is so already is refused (DC054); what is gone cannot be held (DC055).
CREATE FUNCTION casework.set_legal_hold(p_number text, p_client uuid, p_staff text, p_reason text, p_stands boolean)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_case uuid := act(p_number, p_client, p_staff, ARRAY['supervisor'], false);
BEGIN
    IF p_stands THEN
        PERFORM 1 FROM cases WHERE id = v_case AND anonymised_at IS NOT NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'nothing of people is left in the case' USING ERRCODE = 'DC055';
        END IF;
        INSERT INTO legal_hold (case_id, reason, staff_id) VALUES (v_case, p_reason, p_staff) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE legal_hold SET released_at = clock_timestamp()
        WHERE case_id = v_case AND reason = p_reason AND released_at IS NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'it is so already' USING ERRCODE = 'DC054';
    END IF;
    PERFORM record_staff_event(v_case, NULL, CASE WHEN p_stands THEN 'hold_set' ELSE 'hold_released' END, p_staff, p_client,
        jsonb_build_object('reason', p_reason));
    RETURN v_case;
END
$$;

-- Takes out of closed cases what identifies people, once their time is over: a few at a time, those another has in hand left
-- out. A case that is held, or of which a follow-up is still to come, is not over. Returns them, so that the packages of
-- their referrals can be discarded in the same transaction.
CREATE FUNCTION casework.anonymise_cases(p_after interval, p_limit integer) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - p_after;
    v_case uuid;
    v_free bigint;
BEGIN
    FOR v_case IN
        SELECT c.id FROM cases AS c
        WHERE c.status = 'closed' AND c.anonymised_at IS NULL AND c.closed_at < v_before
            AND NOT EXISTS (SELECT 1 FROM legal_hold AS h WHERE h.case_id = c.id AND h.released_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM clock AS k WHERE k.case_id = c.id AND k.state = 'running')
        ORDER BY c.closed_at LIMIT p_limit FOR NO KEY UPDATE OF c SKIP LOCKED
    LOOP
        UPDATE person SET name = NULL, phone = NULL, email = NULL, birth_date = NULL, name_index = NULL,
            phone_index = NULL, email_index = NULL WHERE case_id = v_case;
        DELETE FROM contact_rule WHERE person_id IN (SELECT p.id FROM person AS p WHERE p.case_id = v_case);
        DELETE FROM triage WHERE case_id = v_case;
        DELETE FROM conference WHERE case_id = v_case;
        DELETE FROM access_grant WHERE case_id = v_case;
        -- An agency that speaks of one of the referrals at this moment holds it: the case is for the next sweep, and nobody waits.
        SELECT count(*) INTO v_free
        FROM (SELECT 1 FROM referral WHERE case_id = v_case FOR NO KEY UPDATE SKIP LOCKED) AS f;
        CONTINUE WHEN v_free <> (SELECT count(*) FROM referral WHERE case_id = v_case);
        -- Written and not only locked: a door's transaction with an older snapshot fails then, and brings no words in behind this.
        UPDATE referral SET reason_code = reason_code WHERE case_id = v_case;
        PERFORM safeguarding.erase_texts(ARRAY(SELECT r.id FROM referral AS r WHERE r.case_id = v_case));
        UPDATE cases SET narrative = NULL, anonymised_at = clock_timestamp(), version = version + 1 WHERE id = v_case;
        PERFORM record_event(v_case, NULL, 'case_anonymised', 'service', 'routing', NULL, NULL);
        RETURN NEXT v_case;
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION casework.set_legal_hold(text, uuid, text, text, boolean),
    casework.anonymise_cases(interval, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.set_legal_hold(text, uuid, text, text, boolean) TO dandelion_intake;
GRANT EXECUTE ON FUNCTION casework.anonymise_cases(interval, integer) TO dandelion_routing;
