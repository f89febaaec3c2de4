-- Impact assessments 个人信息保护影响评估 (个人信息保护法 55, 56): made before anything new is disclosed to anybody, and kept for
-- three years at least. Rules are put in force only when all they disclose was assessed, or is disclosed already.

-- What was assessed, by whom, with what result. It speaks of kinds of data and of agencies, never of a person.
CREATE TABLE casework.impact_assessment (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text NOT NULL UNIQUE CHECK (reference ~ '^[a-z0-9][a-z0-9._-]{0,62}[a-z0-9]$'),
    subject text NOT NULL CHECK (subject IN ('disclosure', 'processing')),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    processing text CHECK (length(processing) BETWEEN 1 AND 4000),
    assessed_by text NOT NULL CHECK (length(assessed_by) BETWEEN 1 AND 200),  -- a body or a post, no person
    assessed_on date NOT NULL,
    valid_until date CHECK (valid_until >= assessed_on),
    lawfulness text NOT NULL CHECK (length(lawfulness) BETWEEN 1 AND 4000),
    necessity text NOT NULL CHECK (length(necessity) BETWEEN 1 AND 4000),
    impact text NOT NULL CHECK (length(impact) BETWEEN 1 AND 4000),
    risk text NOT NULL CHECK (risk IN ('low', 'medium', 'high')),
    measures text[] NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('approved', 'refused')),
    document text NOT NULL CHECK (length(document) BETWEEN 1 AND 400),
    document_sha256 text CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    checksum bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL DEFAULT session_user,
    kept_until timestamptz NOT NULL,
    CHECK ((subject = 'processing') = (processing IS NOT NULL)),
    CHECK (risk = 'low' OR outcome = 'refused' OR cardinality(measures) > 0),
    CHECK (kept_until >= recorded_at + interval '3 years')
);

-- To whom and for what, and which fields: one row for each pair of agency kind and purpose.
CREATE TABLE casework.impact_assessment_disclosure (
    assessment bigint NOT NULL REFERENCES casework.impact_assessment ON DELETE CASCADE,
    agency_kind text NOT NULL,
    purpose text NOT NULL,
    profile text NOT NULL,
    fields text[] NOT NULL CHECK (cardinality(fields) > 0),
    PRIMARY KEY (agency_kind, purpose, assessment)
);

-- While it stands, the assessment is kept whatever its time.
CREATE TABLE casework.impact_assessment_hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    assessment bigint NOT NULL REFERENCES casework.impact_assessment ON DELETE CASCADE,
    reason text NOT NULL CHECK (reason IN ('lawsuit', 'criminal_case', 'complaint', 'audit')),
    held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    held_by text NOT NULL DEFAULT session_user,
    released_at timestamptz
);
CREATE UNIQUE INDEX impact_assessment_hold_standing ON casework.impact_assessment_hold (assessment, reason)
    WHERE released_at IS NULL;

-- What each version of the rules discloses, as it was when the version was put in force, and the assessment it rests on.
CREATE TABLE casework.rule_set_disclosure (
    version bigint NOT NULL REFERENCES casework.rule_set,
    agency_kind text NOT NULL,
    purpose text NOT NULL,
    profile text NOT NULL,
    fields text[] NOT NULL,
    assessment text NOT NULL,  -- its reference; it may be gone once the version is no longer in force
    PRIMARY KEY (version, agency_kind, purpose, profile)
);
CREATE TRIGGER rule_set_disclosure_append_only BEFORE UPDATE OR DELETE ON casework.rule_set_disclosure
    FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();
CREATE TRIGGER rule_set_disclosure_no_truncate BEFORE TRUNCATE ON casework.rule_set_disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

-- Nobody changes one, and nobody deletes one before its time or while it is held: not even whoever owns the table by mistake.
CREATE FUNCTION casework.keep_impact_assessment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.kept_until <= clock_timestamp() AND NOT EXISTS (
        SELECT 1 FROM impact_assessment_hold AS h WHERE h.assessment = OLD.number AND h.released_at IS NULL)
    THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an impact assessment stays as it was made' USING ERRCODE = 'DC001';
END
$$;
CREATE TRIGGER impact_assessment_kept BEFORE UPDATE OR DELETE ON casework.impact_assessment
    FOR EACH ROW EXECUTE FUNCTION casework.keep_impact_assessment();
CREATE TRIGGER impact_assessment_no_truncate BEFORE TRUNCATE ON casework.impact_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

-- What it covers goes with it and not before.
CREATE FUNCTION casework.keep_assessed_disclosure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM impact_assessment AS a WHERE a.number = OLD.assessment) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an impact assessment stays as it was made' USING ERRCODE = 'DC001';
END
$$;
CREATE TRIGGER impact_assessment_disclosure_kept BEFORE UPDATE OR DELETE ON casework.impact_assessment_disclosure
    FOR EACH ROW EXECUTE FUNCTION casework.keep_assessed_disclosure();
CREATE TRIGGER impact_assessment_disclosure_no_truncate BEFORE TRUNCATE ON casework.impact_assessment_disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

-- Records an assessment: true when it is new, false when the same one is there. Another one of the same reference is
-- refused (DC055): who assesses anew gives a new reference.
CREATE FUNCTION casework.record_impact_assessment(p_assessment jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_checksum bytea := sha256(convert_to(p_assessment::text, 'UTF8'));
    v_old bytea;
    v_number bigint;
BEGIN
    -- Whoever puts rules in force meanwhile sees all of it or nothing.
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.rule_set', 0));
    SELECT checksum INTO v_old FROM impact_assessment WHERE reference = p_assessment ->> 'reference';
    IF FOUND THEN
        IF v_old <> v_checksum THEN
            RAISE EXCEPTION 'another assessment has this reference' USING ERRCODE = 'DC055';
        END IF;
        RETURN false;
    END IF;
    INSERT INTO impact_assessment (reference, subject, title, processing, assessed_by, assessed_on, valid_until,
        lawfulness, necessity, impact, risk, measures, outcome, document, document_sha256, checksum, recorded_at,
        kept_until)
    SELECT a.reference, a.subject, a.title, a.processing, a.assessed_by, a.assessed_on, a.valid_until, a.lawfulness,
        a.necessity, a.impact, a.risk, a.measures, a.outcome, a.document, a.document_sha256, v_checksum, v_now,
        v_now + interval '3 years'
    FROM jsonb_to_record(p_assessment) AS a (reference text, subject text, title text, processing text,
        assessed_by text, assessed_on date, valid_until date, lawfulness text, necessity text, impact text, risk text,
        measures text[], outcome text, document text, document_sha256 text)
    RETURNING number INTO v_number;
    INSERT INTO impact_assessment_disclosure (assessment, agency_kind, purpose, profile, fields)
    SELECT v_number, d.agency_kind, d.purpose, d.profile, d.fields
    FROM jsonb_to_recordset(p_assessment -> 'disclosures')
        AS d (agency_kind text, purpose text, profile text, fields text[]);
    PERFORM record_operator_event('assessment_recorded', p_assessment ->> 'reference', jsonb_build_object(
        'subject', p_assessment ->> 'subject', 'outcome', p_assessment ->> 'outcome',
        'checksum', encode(v_checksum, 'hex')));
    RETURN true;
END
$$;

-- Assessments, newest first; all of them without a reference.
CREATE FUNCTION casework.impact_assessments(p_reference text)
RETURNS TABLE (number bigint, assessment jsonb, checksum bytea, recorded_at timestamptz, recorded_by text,
    kept_until timestamptz, holds text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT a.number, jsonb_strip_nulls(jsonb_build_object('reference', a.reference, 'subject', a.subject,
            'title', a.title, 'processing', a.processing, 'assessed_by', a.assessed_by, 'assessed_on', a.assessed_on,
            'valid_until', a.valid_until, 'lawfulness', a.lawfulness, 'necessity', a.necessity, 'impact', a.impact,
            'risk', a.risk, 'measures', a.measures, 'outcome', a.outcome, 'document', a.document,
            'document_sha256', a.document_sha256,
            'disclosures', (SELECT coalesce(jsonb_agg(jsonb_build_object('agency_kind', d.agency_kind,
                    'purpose', d.purpose, 'profile', d.profile, 'fields', d.fields)
                    ORDER BY d.agency_kind, d.purpose), '[]')
                FROM impact_assessment_disclosure AS d WHERE d.assessment = a.number))),
        a.checksum, a.recorded_at, a.recorded_by, a.kept_until,
        ARRAY(SELECT h.reason FROM impact_assessment_hold AS h
            WHERE h.assessment = a.number AND h.released_at IS NULL ORDER BY h.reason)
    FROM impact_assessment AS a WHERE p_reference IS NULL OR a.reference = p_reference ORDER BY a.number DESC
$$;

-- An operator holds an assessment beyond its time, or releases it. False when there is none; what is so already is refused
-- (DC054).
CREATE FUNCTION casework.hold_impact_assessment(p_reference text, p_reason text, p_stands boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_number bigint;
BEGIN
    -- The sweep holds the row it deletes: a hold comes before it, or finds nothing any more.
    SELECT number INTO v_number FROM impact_assessment WHERE reference = p_reference FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_stands THEN
        INSERT INTO impact_assessment_hold (assessment, reason) VALUES (v_number, p_reason) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE impact_assessment_hold SET released_at = clock_timestamp()
        WHERE assessment = v_number AND reason = p_reason AND released_at IS NULL;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'it is so already' USING ERRCODE = 'DC054';
    END IF;
    PERFORM record_operator_event(CASE WHEN p_stands THEN 'assessment_held' ELSE 'assessment_released' END,
        p_reference, jsonb_build_object('reason', p_reason));
    RETURN true;
END
$$;

-- Deletes assessments whose time is over, a few at a time, those another has in hand left out: none before three years
-- (whatever the caller thinks the time is), none that is held, none about what the rules in force disclose, and none about
-- a processing that has no end. Returns how many.
CREATE FUNCTION casework.forget_impact_assessments(p_now timestamptz, p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_now timestamptz := least(p_now, clock_timestamp());
    v_assessment record;
    v_count integer := 0;
BEGIN
    FOR v_assessment IN
        SELECT a.number, a.reference, a.checksum FROM impact_assessment AS a
        WHERE a.kept_until <= v_now
            AND (a.subject = 'disclosure' OR a.valid_until < (v_now AT TIME ZONE 'Asia/Shanghai')::date)
            AND NOT EXISTS (SELECT 1 FROM impact_assessment_hold AS h
                WHERE h.assessment = a.number AND h.released_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM impact_assessment_disclosure AS d
                JOIN rule_set_disclosure AS r ON r.agency_kind = d.agency_kind AND r.purpose = d.purpose
                WHERE d.assessment = a.number AND r.version = (SELECT max(version) FROM rule_set))
        ORDER BY a.number LIMIT p_limit FOR UPDATE OF a SKIP LOCKED
    LOOP
        -- Asked again under the lock: a hold may have come between.
        IF EXISTS (SELECT 1 FROM impact_assessment_hold AS h
            WHERE h.assessment = v_assessment.number AND h.released_at IS NULL)
        THEN
            CONTINUE;
        END IF;
        DELETE FROM impact_assessment WHERE number = v_assessment.number;
        PERFORM record_operator_event('assessment_forgotten', v_assessment.reference,
            jsonb_build_object('checksum', encode(v_assessment.checksum, 'hex')));
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

-- How each disclosure of a rule set stands: what it rests on (the assessment), why it may not be put in force (NULL when it may),
-- and whether the approval has run out meanwhile. An approval counts when it names the agency kind and the purpose and all
-- fields; a refusal when it names no more than is to be disclosed; the later one of the two decides. What is in force
-- already, as wide as now, needs no new assessment.
CREATE FUNCTION casework.assess_disclosures(p_disclosures jsonb)
RETURNS TABLE (agency_kind text, purpose text, profile text, fields text[], assessment text, why text, lapsed boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_active bigint := (SELECT max(version) FROM rule_set);
    v_today date := (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    RETURN QUERY
    SELECT n.agency_kind, n.purpose, n.profile, n.fields, coalesce(yes.reference, standing.assessment),
        CASE
            WHEN no.number > coalesce(yes.number, 0) THEN 'refused'
            WHEN coalesce(yes.reference, standing.assessment) IS NOT NULL THEN NULL
            WHEN ended.number IS NOT NULL THEN 'lapsed'
            WHEN EXISTS (SELECT 1 FROM rule_set_disclosure AS r WHERE r.version = v_active
                AND r.agency_kind = n.agency_kind AND r.purpose = n.purpose) THEN 'widened'
            ELSE 'new'
        END,
        yes.number IS NULL AND ended.number IS NOT NULL
    FROM jsonb_to_recordset(p_disclosures) AS n (agency_kind text, purpose text, profile text, fields text[])
    LEFT JOIN LATERAL (
        SELECT a.number, a.reference FROM impact_assessment_disclosure AS d
        JOIN impact_assessment AS a ON a.number = d.assessment
        WHERE d.agency_kind = n.agency_kind AND d.purpose = n.purpose AND d.fields @> n.fields
            AND a.outcome = 'approved' AND (a.valid_until IS NULL OR a.valid_until >= v_today)
        ORDER BY a.number DESC LIMIT 1
    ) AS yes ON true
    LEFT JOIN LATERAL (
        SELECT a.number FROM impact_assessment_disclosure AS d
        JOIN impact_assessment AS a ON a.number = d.assessment
        WHERE d.agency_kind = n.agency_kind AND d.purpose = n.purpose AND d.fields <@ n.fields
            AND a.outcome = 'refused'
        ORDER BY a.number DESC LIMIT 1
    ) AS no ON true
    LEFT JOIN LATERAL (
        SELECT a.number FROM impact_assessment_disclosure AS d
        JOIN impact_assessment AS a ON a.number = d.assessment
        WHERE d.agency_kind = n.agency_kind AND d.purpose = n.purpose AND d.fields @> n.fields
            AND a.outcome = 'approved' AND a.valid_until < v_today
        ORDER BY a.number DESC LIMIT 1
    ) AS ended ON true
    LEFT JOIN LATERAL (
        SELECT r.assessment FROM rule_set_disclosure AS r
        WHERE r.version = v_active AND r.agency_kind = n.agency_kind AND r.purpose = n.purpose
            AND r.fields @> n.fields
        ORDER BY r.profile LIMIT 1
    ) AS standing ON true
    ORDER BY n.agency_kind, n.purpose, n.profile;
END
$$;

REVOKE ALL ON FUNCTION casework.keep_impact_assessment(), casework.keep_assessed_disclosure(),
    casework.record_impact_assessment(jsonb), casework.impact_assessments(text),
    casework.hold_impact_assessment(text, text, boolean), casework.forget_impact_assessments(timestamptz, integer),
    casework.assess_disclosures(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.record_impact_assessment(jsonb), casework.impact_assessments(text),
    casework.hold_impact_assessment(text, text, boolean), casework.assess_disclosures(jsonb) TO dandelion_operator;
GRANT EXECUTE ON FUNCTION casework.forget_impact_assessments(timestamptz, integer) TO dandelion_routing;
