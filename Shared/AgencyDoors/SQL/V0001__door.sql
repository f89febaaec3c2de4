-- What an agency may do with its hand-overs, whichever door it comes through: one implementation behind gateway.* (which takes
-- the agency as an argument and is the gateway's alone) and partner.* (where the login is the agency). Nobody is granted
-- anything in this schema.
--
-- A refusal is a result, not an exception: an exception would undo its own record. `result` is one of
--   done                what was asked for is so now, perhaps since an earlier call that was not heard of
--   not_yours           the agency has no such referral or lease; it may exist, and be another's
--   lease_lost          the lease is over
--   referral_state      the referral was answered or withdrawn, or is not in a state that allows this
--   objection_too_late  the time to object is over
--   unknown_word        a reason, status or outcome that is none
--   no_package          there is nothing to disclose, or it is no longer allowed
--   bad_text            what came as text is not sealed as texts are: clear, too long, or an attachment that is none
--   unknown_key         sealed to a key that is not the network's, or no longer: ask for it (network_key) and seal anew
--   text_quota          of this referral there is as much text as may be kept
-- Locks are taken in the order hand-over, referral, and no row is locked that another agency needs.

CREATE SCHEMA door;
REVOKE ALL ON SCHEMA door FROM PUBLIC;

-- The queue of an agency's hand-overs, which is also who holds its leases.
CREATE FUNCTION door.queue_of(p_agency uuid) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT 'agency.' || p_agency::text
$$;

-- How long a hand-over that cannot be delivered waits: 5 s, doubling, up to ten minutes, by half at random.
CREATE FUNCTION door.pause_after(p_attempt integer) RETURNS interval
LANGUAGE sql VOLATILE AS $$
    SELECT make_interval(secs => least(600, 5 * power(2, least(p_attempt, 10) - 1)) * (0.5 + random() / 2))
$$;

-- A hand-over that an agency has just claimed: whose it is, who asked, its job's lease, and the referral it is about; none when
-- this version does not know what it is about.
CREATE TYPE door.claimed AS (
    agency uuid, requested_by text, job bigint, epoch integer, number bigint, lease uuid, expires_at timestamptz,
    attempt integer, referral uuid);

-- One that was delivered: by its place among those that were claimed, with what its agency is told, and the record of the disclosure.
CREATE TYPE door.delivered AS (
    place bigint, referral_id uuid, number text, purpose text, legal_basis text, tier text, answer_due_at timestamptz,
    disclosure uuid);

CREATE FUNCTION door.claim(p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text) RETURNS door.claimed[]
LANGUAGE plpgsql AS $$
BEGIN
    RETURN ARRAY(
        SELECT ROW(
            p_agency, p_requested_by, c.id, c.lease_epoch, c.lease_number, c.lease_alias, c.lease_expires_at, c.attempt,
            CASE WHEN c.kind = 'referral_offered' AND c.args ->> 'version' = '1'
                AND c.args ->> 'referral_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                THEN (c.args ->> 'referral_id')::uuid END
        )::door.claimed
        FROM queue.claim(queue_of(p_agency), p_limit, NULL, p_lease_for, queue_of(p_agency)) AS c);
END
$$;

-- What is usual, for hand-overs of whatever agencies together: each referral is open, may be disclosed, and is under nobody's lock; with
-- p_records its package is sealed to its agency's present key, and the disclosure is entered in the ledger. These are
-- received; for the others nothing is written. A row for each that was delivered, by its place. Nobody is waited for.
CREATE FUNCTION door.deliver(p_jobs door.claimed[], p_records boolean)
RETURNS SETOF door.delivered
LANGUAGE plpgsql AS $$
DECLARE
    v_places bigint[];
    v_referrals uuid[];
    v_numbers text[];
    v_purposes text[];
    v_bases text[];
    v_tiers text[];
    v_due timestamptz[];
    v_agencies uuid[];
    v_keys bytea[];
    v_leases uuid[];
    v_askers text[];
    v_records uuid[];
BEGIN
    SELECT array_agg(r.place), array_agg(r.id), array_agg(r.number), array_agg(r.purpose), array_agg(r.legal_basis),
        array_agg(r.tier), array_agg(r.answer_due_at), array_agg(r.agency_id), array_agg(r.key_fingerprint),
        array_agg((p_jobs[r.place]).lease), array_agg((p_jobs[r.place]).requested_by || ' ' || (p_jobs[r.place]).lease),
        array_agg(CASE WHEN p_records THEN gen_random_uuid() END)
    INTO v_places, v_referrals, v_numbers, v_purposes, v_bases, v_tiers, v_due, v_agencies, v_keys, v_leases, v_askers,
        v_records
    FROM casework.lock_offered(
        ARRAY(SELECT j.agency FROM unnest(p_jobs) AS j), ARRAY(SELECT j.referral FROM unnest(p_jobs) AS j)) AS r
    WHERE NOT p_records OR r.key_fingerprint = (
        SELECT s.key_fingerprint FROM safeguarding.sealed_package AS s
        WHERE s.referral_id = r.id AND s.agency_id = r.agency_id);
    IF v_places IS NULL THEN
        RETURN;
    END IF;
    IF p_records THEN
        PERFORM safeguarding.record_package_disclosures(
            v_records, v_referrals, v_agencies, v_purposes, v_bases, v_askers, v_keys);
    END IF;
    PERFORM casework.receive_referrals(v_referrals, v_leases);
    RETURN QUERY SELECT * FROM unnest(
        v_places, v_referrals, v_numbers, v_purposes, v_bases, v_tiers, v_due, v_records);
END
$$;

-- Lease hand-overs. A row per job that was claimed: `refused` says why one was not delivered and what became of it (it was
-- settled here and does not keep the others from being). With p_records each disclosure is entered in the ledger with the
-- lease, so that the package can be read in the next transaction.
--
-- What is usual is done for all of them at once. What is left, or all of it if that fails, goes one by one.
CREATE FUNCTION door.lease(
    p_agency uuid, p_limit integer, p_lease_for interval, p_requested_by text, p_records boolean
) RETURNS TABLE (
    lease uuid, expires_at timestamptz, attempt integer, referral_id uuid, number text, purpose text, legal_basis text,
    tier text, answer_due_at timestamptz, disclosure uuid, refused text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_jobs door.claimed[] := claim(p_agency, p_limit, p_lease_for, p_requested_by);
    v_job record;
    v_done bigint[] := '{}';
BEGIN
    IF cardinality(v_jobs) = 0 THEN
        RETURN;
    END IF;
    BEGIN
        FOR v_job IN SELECT * FROM deliver(v_jobs, p_records) LOOP
            v_done := v_done || v_job.place;
            lease := v_jobs[v_job.place].lease;
            expires_at := v_jobs[v_job.place].expires_at;
            attempt := v_jobs[v_job.place].attempt;
            referral_id := v_job.referral_id;
            number := v_job.number;
            purpose := v_job.purpose;
            legal_basis := v_job.legal_basis;
            tier := v_job.tier;
            answer_due_at := v_job.answer_due_at;
            disclosure := v_job.disclosure;
            RETURN NEXT;
        END LOOP;
    EXCEPTION
        WHEN deadlock_detected OR serialization_failure OR lock_not_available THEN
            RAISE;
        WHEN OTHERS THEN
            -- Nothing was returned yet: `deliver` has all its rows before the first is seen.
            v_done := '{}';
    END;
    IF cardinality(v_done) < cardinality(v_jobs) THEN
        RETURN QUERY SELECT l.* FROM unnest(v_jobs) WITH ORDINALITY AS j (
            agency, requested_by, job, epoch, job_number, lease, expires_at, attempt, referral, place)
        CROSS JOIN LATERAL deliver_one(v_jobs[j.place], p_records) AS l
        WHERE j.place <> ALL (v_done) ORDER BY j.place;
    END IF;
END
$$;

-- One hand-over, in whatever state it is: its job is settled when it cannot be delivered.
CREATE FUNCTION door.deliver_one(p_job door.claimed, p_records boolean) RETURNS TABLE (
    lease uuid, expires_at timestamptz, attempt integer, referral_id uuid, number text, purpose text, legal_basis text,
    tier text, answer_due_at timestamptz, disclosure uuid, refused text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_referral record;
BEGIN
    lease := p_job.lease;
    expires_at := p_job.expires_at;
    attempt := p_job.attempt;
    IF p_job.referral IS NULL THEN
        -- Of a newer version than this one knows: a later one gets its chance.
        refused := 'undecodable_arguments';
        PERFORM queue.fail(p_job.job, p_job.epoch, p_job.number, refused, pause_after(p_job.attempt));
        RETURN NEXT;
        RETURN;
    END IF;
    BEGIN
        SELECT * INTO v_referral FROM casework.lock_agency_referral(p_job.agency, p_job.referral, NULL);
        IF NOT FOUND THEN
            refused := 'referral_not_of_this_agency';
            PERFORM queue.discard(p_job.job, p_job.epoch, p_job.number, refused);
        ELSIF v_referral.status <> ALL (ARRAY['requested', 'received']) THEN
            refused := 'referral_not_open';
            PERFORM queue.cancel_leased(p_job.job, p_job.epoch, p_job.number, refused);
        ELSIF NOT v_referral.may_disclose THEN
            refused := 'consent_gone';
            PERFORM queue.cancel_leased(p_job.job, p_job.epoch, p_job.number, refused);
        ELSE
            IF p_records THEN
                disclosure := record_package(p_job.agency, v_referral.id, v_referral.purpose, v_referral.legal_basis,
                    p_job.requested_by || ' ' || p_job.lease);
                IF disclosure IS NULL THEN
                    refused := 'package_unreadable';
                    PERFORM queue.fail(p_job.job, p_job.epoch, p_job.number, refused, pause_after(p_job.attempt));
                END IF;
            END IF;
            IF refused IS NULL THEN
                PERFORM casework.referral_received(p_job.agency, v_referral.id, p_job.lease::text);
            END IF;
        END IF;
    EXCEPTION
        WHEN deadlock_detected OR serialization_failure OR lock_not_available THEN
            RAISE;
        WHEN OTHERS THEN
            -- One that cannot be delivered keeps no other from its agency. What it wrote is undone.
            disclosure := NULL;
            refused := 'delivery_failed';
            PERFORM queue.fail(p_job.job, p_job.epoch, p_job.number, refused, pause_after(p_job.attempt));
    END;
    IF refused IS NULL THEN
        referral_id := v_referral.id;
        number := v_referral.number;
        purpose := v_referral.purpose;
        legal_basis := v_referral.legal_basis;
        tier := v_referral.tier;
        answer_due_at := v_referral.answer_due_at;
    END IF;
    RETURN NEXT;
END
$$;

-- Enter in the ledger that the package is about to be disclosed. Null when there is none under the agency's key as it is now:
-- then routing is asked for one.
CREATE FUNCTION door.record_package(
    p_agency uuid, p_referral uuid, p_purpose text, p_legal_basis text, p_requested_by text
) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := gen_random_uuid();
    v_key bytea;
    v_sealed_to bytea;
BEGIN
    SELECT sha256(a.public_key), (SELECT s.key_fingerprint FROM safeguarding.describe_sealed_package(p_referral, p_agency) AS s)
    INTO v_key, v_sealed_to FROM casework.agency AS a WHERE a.id = p_agency;
    IF v_key IS NULL THEN
        RETURN NULL;
    END IF;
    IF v_sealed_to IS DISTINCT FROM v_key THEN
        PERFORM casework.ask_to_seal(p_referral);
        RETURN NULL;
    END IF;
    PERFORM safeguarding.record_package_disclosure(v_id, p_referral, p_agency, p_purpose, p_legal_basis, p_requested_by);
    RETURN v_id;
END
$$;

-- The sealed bytes, against a record that an earlier transaction committed. No row when there is none, when it is not this
-- agency's, when what it was about has changed, or when the referral was answered or withdrawn, or what she agreed to does not
-- hold any more.
CREATE FUNCTION door.read_package(p_agency uuid, p_disclosure uuid)
RETURNS TABLE (referral text, referral_id uuid, profile text, fields text[], sealed bytea)
LANGUAGE plpgsql AS $$
DECLARE
    v_referral record;
BEGIN
    SELECT r.id, r.number INTO v_referral
    FROM safeguarding.disclosure AS d CROSS JOIN LATERAL casework.lock_agency_referral(p_agency, d.referral_id, NULL) AS r
    WHERE d.id = p_disclosure AND d.agency_id = p_agency AND r.may_disclose;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT v_referral.number, v_referral.id, p.profile, p.fields, p.sealed
        FROM safeguarding.read_sealed_package(p_disclosure, v_referral.id, p_agency) AS p;
EXCEPTION WHEN SQLSTATE 'DC101' OR SQLSTATE 'DC102' OR SQLSTATE 'DC103' THEN
    RETURN;
END
$$;

-- The same for several, each of the agency beside it, with the same guarantees: those whose rows are under nobody's lock, so that
-- none is waited for. Of the others read_package says more, one by one.
CREATE FUNCTION door.read_free_packages(p_agencies uuid[], p_disclosures uuid[])
RETURNS TABLE (disclosure uuid, profile text, fields text[], sealed bytea)
LANGUAGE plpgsql AS $$
DECLARE
    v_referrals uuid[] := ARRAY(
        SELECT (SELECT d.referral_id FROM safeguarding.disclosure AS d WHERE d.id = w.disclosure AND d.agency_id = w.agency)
        FROM unnest(p_agencies, p_disclosures) AS w (agency, disclosure));
    v_free bigint[];
BEGIN
    v_free := ARRAY(SELECT r.place FROM casework.lock_offered(p_agencies, v_referrals) AS r);
    RETURN QUERY SELECT * FROM safeguarding.read_sealed_packages(
        ARRAY(SELECT p_disclosures[f] FROM unnest(v_free) AS f), ARRAY(SELECT v_referrals[f] FROM unnest(v_free) AS f),
        ARRAY(SELECT p_agencies[f] FROM unnest(v_free) AS f));
END
$$;

-- The packages of an agency's disclosures, as read_package reads one.
CREATE FUNCTION door.read_packages(p_agency uuid, p_disclosures uuid[])
RETURNS TABLE (disclosure uuid, profile text, fields text[], sealed bytea)
LANGUAGE plpgsql AS $$
DECLARE
    v_package record;
    v_left uuid[] := p_disclosures;
BEGIN
    FOR v_package IN
        SELECT * FROM read_free_packages(array_fill(p_agency, ARRAY[cardinality(p_disclosures)]), p_disclosures)
    LOOP
        v_left := array_remove(v_left, v_package.disclosure);
        disclosure := v_package.disclosure;
        profile := v_package.profile;
        fields := v_package.fields;
        sealed := v_package.sealed;
        RETURN NEXT;
    END LOOP;
    IF cardinality(v_left) > 0 THEN
        RETURN QUERY SELECT d.id, p.profile, p.fields, p.sealed
            FROM unnest(v_left) AS d (id) CROSS JOIN LATERAL read_package(p_agency, d.id) AS p;
    END IF;
END
$$;

-- The job under a lease and its referral, both locked to the end of the transaction, or why not. p_number is the referral's
-- number, which the lease's name outside begins with: it tells a lease that is over from one that never was.
CREATE FUNCTION door.locked(
    p_agency uuid, p_number text, p_lease uuid,
    OUT result text, OUT job_id bigint, OUT epoch integer, OUT lease_number bigint, OUT referral_id uuid, OUT status text,
    OUT reason_code text, OUT accepted_lease text, OUT purpose text, OUT legal_basis text, OUT may_disclose boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_job record;
    v_referral record;
BEGIN
    SELECT * INTO v_job FROM queue.lease_by_alias(p_lease, queue_of(p_agency));
    IF FOUND THEN
        SELECT * INTO v_referral
        FROM casework.lock_agency_referral(p_agency, (v_job.args ->> 'referral_id')::uuid, NULL);
        IF NOT FOUND OR v_referral.number <> p_number THEN
            result := 'not_yours';
            RETURN;
        END IF;
        result := 'done';
        job_id := v_job.id;
        epoch := v_job.lease_epoch;
        lease_number := v_job.lease_number;
    ELSE
        SELECT * INTO v_referral FROM casework.lock_agency_referral(p_agency, NULL, p_number);
        IF NOT FOUND THEN
            result := 'not_yours';
            RETURN;
        END IF;
        result := 'lease_lost';
    END IF;
    referral_id := v_referral.id;
    status := v_referral.status;
    reason_code := v_referral.reason_code;
    accepted_lease := v_referral.accepted_lease;
    purpose := v_referral.purpose;
    legal_basis := v_referral.legal_basis;
    may_disclose := v_referral.may_disclose;
END
$$;

-- Why an agency may decline: the words of the contract.
CREATE FUNCTION door.is_reason(p_reason text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_reason = ANY (ARRAY[
        'not_our_jurisdiction', 'not_our_duty', 'not_eligible', 'no_capacity', 'insufficient_information',
        'conflict_of_interest', 'already_handled', 'person_unreachable', 'other'])
$$;

-- What an agency sends in its own words: never in clear, which would lie readable in bodies, logs and backups. Bytes sealed to the
-- network's key (HPKE as packages are), of at most 8 KiB, and up to 8 attachments by reference: digest, media type and length in
-- clear, and where it lies as sealed bytes, since a place may itself say who somebody is. Nothing is ever fetched from there.
CREATE TYPE door.sent_text AS (key_id text, sealed bytea, attachments jsonb, staff text);

-- Accept what is usual: each under the lease beside it, by the agency beside it, and without a word to it. Where the lease is not over,
-- the referral is open, and neither is under somebody's lock, it is accepted, the hand-over's job ends and routing is told;
-- for the others nothing is written. Returns the leases that accepted; null when none did. Nobody is waited for.
CREATE FUNCTION door.accept(p_agencies uuid[], p_numbers text[], p_leases uuid[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    v_places bigint[];
    v_jobs bigint[];
    v_epochs integer[];
    v_lease_numbers bigint[];
    v_referrals uuid[];
    v_accepted uuid[];
    v_done bigint[];
BEGIN
    SELECT array_agg(j.place), array_agg(j.id), array_agg(j.lease_epoch), array_agg(j.lease_number),
        array_agg((j.args ->> 'referral_id')::uuid)
    INTO v_places, v_jobs, v_epochs, v_lease_numbers, v_referrals
    FROM queue.leases_by_alias(p_leases, ARRAY(SELECT queue_of(a) FROM unnest(p_agencies) AS a)) AS j;
    IF v_places IS NULL THEN
        RETURN NULL;
    END IF;
    v_accepted := casework.accept_referrals(
        ARRAY(SELECT p_agencies[p] FROM unnest(v_places) AS p), v_referrals,
        ARRAY(SELECT p_numbers[p] FROM unnest(v_places) AS p), ARRAY(SELECT p_leases[p] FROM unnest(v_places) AS p));
    IF v_accepted IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(v_places) = 1 THEN
        PERFORM queue.complete(v_jobs[1], v_epochs[1], v_lease_numbers[1]);
        PERFORM tell_routing(v_referrals[1]);
        RETURN v_accepted;
    END IF;
    v_done := ARRAY(SELECT i FROM generate_subscripts(v_places, 1) AS i WHERE p_leases[v_places[i]] = ANY (v_accepted));
    PERFORM queue.complete_all(
        ARRAY(SELECT v_jobs[i] FROM unnest(v_done) AS i), ARRAY(SELECT v_epochs[i] FROM unnest(v_done) AS i),
        ARRAY(SELECT v_lease_numbers[i] FROM unnest(v_done) AS i));
    PERFORM queue.enqueue_many('routing', 'referral_answered', ARRAY(
        SELECT jsonb_build_object('referral_id', v_referrals[i], 'version', 1) FROM unnest(v_done) AS i));
    RETURN v_accepted;
END
$$;

-- Accept, reject or object: the referral's new status, the end of the hand-over's job and the job that tells routing commit
-- together, with the text that came with it. Accepting with the lease that accepted is no second acceptance and keeps no second
-- text; what was accepted without one is reported on.
CREATE FUNCTION door.answer(
    p_agency uuid, p_number text, p_lease uuid, p_status text, p_reason text, p_suggested_kind text,
    p_not_after timestamptz, p_text door.sent_text, OUT result text, OUT status text, OUT reason_code text)
LANGUAGE plpgsql AS $$
DECLARE
    v_locked record;
    v_mention jsonb;
BEGIN
    IF p_status <> ALL (ARRAY['accepted', 'rejected', 'objected'])
        OR p_status <> 'accepted' AND is_reason(p_reason) IS NOT TRUE
        OR p_suggested_kind !~ '^[a-z][a-z0-9_]{1,63}$'
    THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    IF NOT (p_text IS NULL) THEN
        result := fault_of(p_text);
        IF result IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    IF p_status = 'accepted' AND p_text IS NULL
        AND accept(ARRAY[p_agency], ARRAY[p_number], ARRAY[p_lease]) IS NOT NULL
    THEN
        result := 'done';
        status := p_status;
        reason_code := p_reason;
        RETURN;
    END IF;
    v_locked := locked(p_agency, p_number, p_lease);
    result := v_locked.result;
    status := v_locked.status;
    reason_code := v_locked.reason_code;
    IF result = 'lease_lost' AND p_status = 'accepted' AND v_locked.accepted_lease = p_lease::text THEN
        result := 'done';
        IF NOT (p_text IS NULL) AND NOT has_text_with(v_locked.referral_id, 'accepted') THEN
            result := 'referral_state';
        END IF;
        RETURN;
    END IF;
    IF result <> 'done' THEN
        RETURN;
    END IF;
    IF status <> ALL (ARRAY['requested', 'received']) THEN
        result := 'referral_state';
        RETURN;
    END IF;
    IF p_status = 'objected' AND clock_timestamp() > p_not_after THEN
        result := 'objection_too_late';
        RETURN;
    END IF;
    IF NOT (p_text IS NULL) THEN
        result := coalesce(no_room_for(v_locked.referral_id, p_text), 'done');
        IF result <> 'done' THEN
            RETURN;
        END IF;
        v_mention := mention(p_text);
    END IF;
    IF p_status = 'accepted' THEN
        PERFORM casework.accept_referral(p_agency, v_locked.referral_id, p_lease::text, v_mention);
    ELSE
        BEGIN
            PERFORM casework.decline_referral(
                p_agency, v_locked.referral_id, p_lease::text, p_status, p_reason, p_suggested_kind, p_not_after,
                v_mention);
        EXCEPTION
            -- A superior has decided, and there is nothing to object to; or the time ended just now.
            WHEN SQLSTATE 'DC021' OR SQLSTATE 'DC032' THEN
                result := 'referral_state';
                RETURN;
            WHEN SQLSTATE 'DC031' THEN
                result := 'objection_too_late';
                RETURN;
        END;
    END IF;
    IF NOT (p_text IS NULL) THEN
        PERFORM keep_text(p_agency, v_locked.referral_id, p_status, p_text);
    END IF;
    PERFORM queue.complete(v_locked.job_id, v_locked.epoch, v_locked.lease_number);
    PERFORM tell_routing(v_locked.referral_id);
    status := p_status;
    reason_code := p_reason;
END
$$;

CREATE FUNCTION door.tell_routing(p_referral uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM queue.enqueue(
        'routing', 'referral_answered', jsonb_build_object('referral_id', p_referral, 'version', 1));
END
$$;

CREATE FUNCTION door.extend(
    p_agency uuid, p_number text, p_lease uuid, p_lease_for interval, OUT result text, OUT expires_at timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    v_locked record;
BEGIN
    v_locked := locked(p_agency, p_number, p_lease);
    result := v_locked.result;
    IF result = 'done' THEN
        expires_at := queue.extend(v_locked.job_id, v_locked.epoch, v_locked.lease_number, p_lease_for);
    END IF;
END
$$;

-- Give a hand-over back unanswered: not counted as an attempt, unless p_code says that it failed.
CREATE FUNCTION door.hand_back(
    p_agency uuid, p_number text, p_lease uuid, p_delay interval, p_code text, OUT result text)
LANGUAGE plpgsql AS $$
DECLARE
    v_locked record;
BEGIN
    v_locked := locked(p_agency, p_number, p_lease);
    result := v_locked.result;
    IF result <> 'done' THEN
        RETURN;
    END IF;
    IF p_code IS NULL THEN
        PERFORM queue.snooze(v_locked.job_id, v_locked.epoch, v_locked.lease_number, p_delay);
    ELSE
        PERFORM queue.fail(v_locked.job_id, v_locked.epoch, v_locked.lease_number, p_code, p_delay);
    END IF;
END
$$;

-- From where an agency may report a status: the referral state machine.
CREATE FUNCTION door.sources_of(p_status text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_status
        WHEN 'scheduled' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold']
        WHEN 'in_progress' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold']  -- repeated for reports that change nothing else
        WHEN 'on_hold' THEN ARRAY['accepted', 'scheduled', 'in_progress']
        WHEN 'completed' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold', 'cancel_requested']
        WHEN 'failed' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold']
        WHEN 'no_show' THEN ARRAY['accepted', 'scheduled', 'in_progress', 'on_hold']
    END
$$;

-- Report on an accepted referral, perhaps with a text. What is so already is done; a text that is there already is kept once.
CREATE FUNCTION door.report(
    p_agency uuid, p_number text, p_status text, p_outcome text, p_text door.sent_text,
    OUT result text, OUT status text, OUT outcome_code text)
LANGUAGE plpgsql AS $$
DECLARE
    v_referral record;
    v_ends boolean := p_status = ANY (ARRAY['completed', 'failed', 'no_show']);
    v_mention jsonb;
BEGIN
    IF sources_of(p_status) IS NULL OR v_ends AND is_outcome(p_outcome) IS NOT TRUE
        OR NOT v_ends AND p_outcome IS NOT NULL
    THEN
        result := 'unknown_word';
        RETURN;
    END IF;
    IF NOT (p_text IS NULL) THEN
        result := fault_of(p_text);
        IF result IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    SELECT * INTO v_referral FROM casework.lock_agency_referral(p_agency, NULL, p_number);
    IF NOT FOUND THEN
        result := 'not_yours';
        RETURN;
    END IF;
    status := v_referral.status;
    outcome_code := v_referral.outcome_code;
    IF status <> ALL (sources_of(p_status)) THEN
        result := CASE WHEN status = p_status AND outcome_code IS NOT DISTINCT FROM p_outcome THEN 'done'
            ELSE 'referral_state' END;
        IF result = 'done' AND NOT (p_text IS NULL) AND NOT has_text_with(v_referral.id, p_status) THEN
            result := 'referral_state';
        END IF;
        RETURN;
    END IF;
    IF NOT (p_text IS NULL) THEN
        result := CASE WHEN has_text(v_referral.id, p_status, p_text) THEN 'done'
            ELSE no_room_for(v_referral.id, p_text) END;
        IF result IS NOT NULL THEN
            RETURN;
        END IF;
        v_mention := mention(p_text);
    END IF;
    IF v_ends THEN
        PERFORM casework.report_outcome(p_agency, v_referral.id, ARRAY[status], p_status, p_outcome, v_mention);
        PERFORM tell_routing(v_referral.id);
    ELSE
        PERFORM casework.report_progress(p_agency, v_referral.id, ARRAY[status], p_status, v_mention);
    END IF;
    IF NOT (p_text IS NULL) THEN
        PERFORM keep_text(p_agency, v_referral.id, p_status, p_text);
    END IF;
    result := 'done';
    status := p_status;
    outcome_code := p_outcome;
END
$$;

CREATE FUNCTION door.is_outcome(p_outcome text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_outcome = ANY (ARRAY[
        'danger_averted', 'warning_letter_issued', 'report_accepted', 'protection_order_issued',
        'protection_order_refused', 'placed_safely', 'guardianship_arranged', 'reconciled',
        'agreement_reached', 'mediation_failed', 'separated_safely', 'returned_home', 'legal_aid_granted',
        'legal_aid_refused', 'counselling_given', 'aid_delivered', 'employed', 'training_arranged', 'treated',
        'advice_given', 'resolved', 'not_resolved', 'unreachable'])
$$;

-- The package of a lease is about to be disclosed: entered in the ledger, to be read by the next transaction.
CREATE FUNCTION door.request_package(
    p_agency uuid, p_number text, p_lease uuid, p_requested_by text, OUT result text, OUT disclosure uuid)
LANGUAGE plpgsql AS $$
DECLARE
    v_locked record;
BEGIN
    v_locked := locked(p_agency, p_number, p_lease);
    result := v_locked.result;
    IF result <> 'done' THEN
        RETURN;
    END IF;
    IF v_locked.status <> ALL (ARRAY['requested', 'received']) THEN
        result := 'referral_state';
        RETURN;
    ELSIF NOT v_locked.may_disclose THEN
        result := 'no_package';
        RETURN;
    END IF;
    disclosure := record_package(
        p_agency, v_locked.referral_id, v_locked.purpose, v_locked.legal_basis, p_requested_by);
    IF disclosure IS NULL THEN
        result := 'no_package';
    END IF;
END
$$;

-- Who of an agency's staff did what at its desk, by opaque ids: written in the transaction of what was done.
CREATE TABLE door.desk_act (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES casework.agency,
    referral_id uuid NOT NULL REFERENCES casework.referral,
    act text NOT NULL CHECK (act IN ('package_read', 'accepted', 'rejected', 'objected', 'scheduled', 'in_progress',
        'on_hold', 'completed', 'failed', 'no_show')),
    staff_id text NOT NULL,
    reason text,
    acted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX desk_act_referral ON door.desk_act (referral_id, id);
CREATE TRIGGER desk_act_append_only BEFORE UPDATE OR DELETE ON door.desk_act
    FOR EACH ROW EXECUTE FUNCTION casework.refuse_change();
CREATE TRIGGER desk_act_no_truncate BEFORE TRUNCATE ON door.desk_act
    FOR EACH STATEMENT EXECUTE FUNCTION casework.refuse_change();

-- The form of a staff member's id: letters, digits and hyphens, and no name.
CREATE FUNCTION door.is_staff(p_staff text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_staff ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]$'
$$;

-- Why somebody at a desk reads a package.
CREATE FUNCTION door.is_reading(p_reason text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_reason = ANY (ARRAY['first_reading', 'handling', 'contact', 'handing_over', 'supervision', 'complaint'])
$$;

-- An answer is given once, however often it is repeated.
CREATE FUNCTION door.note_act(p_agency uuid, p_number text, p_act text, p_staff text, p_reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO desk_act (agency_id, referral_id, act, staff_id, reason)
    SELECT p_agency, r.id, p_act, p_staff, p_reason FROM casework.referral AS r
    WHERE r.number = p_number AND (r.agency_id = p_agency) IS TRUE AND NOT EXISTS (
        SELECT 1 FROM desk_act AS d WHERE d.referral_id = r.id AND d.act = p_act
            AND p_act = ANY (ARRAY['accepted', 'rejected', 'objected', 'completed', 'failed', 'no_show']));
END
$$;
