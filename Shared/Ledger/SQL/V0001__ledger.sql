-- The ledger: an append-only Merkle log (RFC 9162) over what was offered, leased, read, answered, disclosed and consented to.
-- A leaf is a commitment, SHA-256 of a random nonce and the entry's bytes. Nonces stand here, beside the tree, until the case
-- is erased; with its nonce gone a leaf stays what it is and says nothing about anybody.
--
-- Entries are not written with the case: the signer's process takes them from rows that have been committed (casework.event,
-- safeguarding.disclosure, ledger.erasure). So no statement is added to anybody's transaction and no writer waits for another.
-- Numbers from a sequence are not in the order of commits, so progress is a snapshot: what a snapshot saw and an earlier one
-- did not is new, which skips nothing and waits for no transaction that stays open.
--
-- SQLSTATE DL001: another signer is at work. DL002: the log is not what the signer knows. DL003: the transaction numbers
-- went back (a restored dump). DL004: a checkpoint or a tile contradicts what is stored. DL100: append-only.

CREATE SCHEMA ledger;
REVOKE ALL ON SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO dandelion_ledger, dandelion_operator, dandelion_gateway, dandelion_routing;

-- Written by the functions below only. No CHECK and no foreign key: a thousand rows a second.
CREATE TABLE ledger.entry (
    position bigint PRIMARY KEY,  -- from 0, without gaps
    source text COLLATE "C" NOT NULL,  -- event, disclosure, erasure
    source_id bigint NOT NULL,
    case_id uuid,  -- null: of no case, or erased
    nonce bytea,  -- null: erased
    commitment bytea NOT NULL,
    UNIQUE (source, source_id)
);
CREATE INDEX entry_case ON ledger.entry (case_id) WHERE case_id IS NOT NULL;

-- 256 neighbouring hashes of every eighth level of the tree, stored when they are complete.
CREATE TABLE ledger.tile (
    level smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    root bytea NOT NULL,
    PRIMARY KEY (level, number)
);
ALTER TABLE ledger.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes cannot be compressed

CREATE TABLE ledger.checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL,
    note text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A case whose nonces are to be destroyed. When the signer has done so this is an entry, too, that says which positions.
CREATE TABLE ledger.erasure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id uuid,  -- null: done
    positions bigint[],
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX erasure_ledger ON ledger.erasure (transaction, id);

-- How far the log has come. The signer alone touches it.
CREATE TABLE ledger.progress (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    size bigint NOT NULL DEFAULT 0,
    last_commitment bytea,
    done pg_snapshot NOT NULL DEFAULT '1:1:',  -- everything that this sees is in the log
    target pg_snapshot,  -- being worked off: everything that this sees is being taken
    event_transaction xid8 NOT NULL DEFAULT '0',
    event_id bigint NOT NULL DEFAULT 0,
    disclosure_transaction xid8 NOT NULL DEFAULT '0',
    disclosure_number bigint NOT NULL DEFAULT 0,
    erasure_transaction xid8 NOT NULL DEFAULT '0',
    erasure_id bigint NOT NULL DEFAULT 0,
    signer uuid,
    leads_until timestamptz
) WITH (fillfactor = 50);
INSERT INTO ledger.progress DEFAULT VALUES;

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = ledger, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'DL100';
END
$$;
CREATE TRIGGER tile_append_only BEFORE UPDATE OR DELETE ON ledger.tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER tile_no_truncate BEFORE TRUNCATE ON ledger.tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE ON ledger.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON ledger.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER entry_no_removal BEFORE DELETE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
-- An entry changes once, when its nonce is destroyed.
CREATE TRIGGER entry_append_only BEFORE UPDATE ON ledger.entry FOR EACH ROW
    WHEN (new.nonce IS NOT NULL OR new.position <> old.position OR new.source <> old.source
        OR new.source_id <> old.source_id OR new.commitment <> old.commitment)
    EXECUTE FUNCTION ledger.refuse_change();

-- MARK: what an entry says

-- Internal: microseconds since 1970, exactly.
CREATE FUNCTION ledger.micros(p_at timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT (extract(epoch FROM p_at) * 1000000)::bigint
$$;

-- Internal: an entry's two parts. Between `head` and `tail` stands what the agency concerned may be shown of it: codes, and
-- names that it knows. `sealed` is the rest, of which the entry holds a hash that only a reader who knows the case's random id
-- can look through. Both are text as PostgreSQL writes jsonb, with its order of keys (by length, then by bytes), but are not
-- made by way of it: taking an object apart and putting it together for each key costs more than all else. An export carries
-- the bytes. `place` is that of the number among those that are asked for.
--
-- One query without settings, so that it is planned as part of whichever calls it.
CREATE FUNCTION ledger.contents(p_source text, p_ids bigint[])
RETURNS TABLE (place bigint, id bigint, case_id uuid, agency text, head text, tail text, sealed text)
LANGUAGE sql STABLE AS $$
    SELECT w.place, e.id, e.case_id, a.code,
        '{"v": 1, "at": ' || ledger.micros(e.occurred_at) || ', "kind": ' || to_json(e.kind)
            -- The digest of what the agency sent with it, sealed.
            || CASE WHEN e.data ? 'text' THEN ', "text": ' || coalesce((e.data -> 'text')::text, 'null') ELSE '' END
            || ', "lease": ' || coalesce((e.data -> 'lease')::text, 'null')
            || ', "agency": ' || coalesce(to_json(a.code)::text, 'null')
            || ', "reason": '
            || coalesce(CASE WHEN e.actor_kind = 'agency' THEN (e.data -> 'reason')::text END, 'null'),
        ', "outcome": ' || coalesce((e.data -> 'outcome')::text, 'null')
            || ', "referral": ' || coalesce(to_json(r.number)::text, 'null') || '}',
        '{"case": "' || e.case_id || '", "data": ' || e.data::text || ', "role": ' || to_json(e.database_role)
            || ', "actor": ' || to_json(e.actor) || ', "event": ' || e.id || ', "actor_kind": ' || to_json(e.actor_kind)
            || ', "rule_version": ' || coalesce(e.rule_version::text, 'null') || '}'
    FROM unnest(p_ids) WITH ORDINALITY AS w (id, place) JOIN casework.event AS e ON e.id = w.id
    LEFT JOIN casework.referral AS r ON r.id = e.referral_id LEFT JOIN casework.agency AS a ON a.id = r.agency_id
    WHERE p_source = 'event'
    UNION ALL
    SELECT w.place, d.number, coalesce(r.case_id, d.referral_id), a.code,
        '{"v": 1, "at": ' || ledger.micros(d.recorded_at) || ', "by": ' || to_json(d.requested_by)
            || ', "key": ' || coalesce('"' || encode(d.key_fingerprint, 'hex') || '"', 'null')
            || ', "kind": "disclosure", "basis": ' || to_json(d.legal_basis)
            || ', "agency": ' || coalesce(to_json(a.code)::text, 'null') || ', "fields": ' || to_jsonb(d.fields)::text,
        ', "profile": ' || to_json(d.profile) || ', "purpose": ' || to_json(d.purpose)
            || ', "referral": ' || coalesce(to_json(r.number)::text, 'null') || ', "disclosure": "' || d.id || '"}',
        '{"case": "' || coalesce(r.case_id, d.referral_id) || '", "role": ' || to_json(d.database_role)
            || ', "agency": "' || d.agency_id || '", "number": ' || d.number || ', "referral": "' || d.referral_id || '"}'
    FROM unnest(p_ids) WITH ORDINALITY AS w (id, place) JOIN safeguarding.disclosure AS d ON d.number = w.id
    LEFT JOIN casework.referral AS r ON r.id = d.referral_id LEFT JOIN casework.agency AS a ON a.id = d.agency_id
    WHERE p_source = 'disclosure'
    UNION ALL
    SELECT w.place, e.id, NULL, NULL, '{"v": 1, "at": ' || ledger.micros(e.requested_at) || ', "kind": "erased"',
        ', "positions": ' || coalesce(to_jsonb(e.positions)::text, 'null') || '}', NULL
    FROM unnest(p_ids) WITH ORDINALITY AS w (id, place) JOIN ledger.erasure AS e ON e.id = w.id
    WHERE p_source = 'erasure'
$$;

-- Internal: the entry itself, as it is committed to.
CREATE FUNCTION ledger.entry_text(p_nonce bytea, p_head text, p_tail text, p_sealed text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT p_head || ', "sealed": '
        || coalesce('"' || encode(sha256(p_nonce || convert_to(p_sealed, 'UTF8')), 'hex') || '"', 'null') || p_tail
$$;

-- MARK: the signer's

-- Internal: the signer's row, locked; only while this signer leads.
CREATE FUNCTION ledger.locked(p_signer uuid) RETURNS ledger.progress
LANGUAGE plpgsql AS $$
DECLARE
    v_progress ledger.progress%ROWTYPE;
BEGIN
    SELECT * INTO v_progress FROM progress FOR NO KEY UPDATE;
    IF (v_progress.signer = p_signer) IS NOT TRUE THEN
        RAISE EXCEPTION 'another signer is at work' USING ERRCODE = 'DL001';
    END IF;
    RETURN v_progress;
END
$$;

-- Become the signer or stay it. Whoever let the lease run out may be followed by another, and is then refused everything.
CREATE FUNCTION ledger.lead(p_signer uuid, p_seconds float8) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    PERFORM 1 FROM progress WHERE signer = p_signer AND leads_until > clock_timestamp() + make_interval(secs => p_seconds / 2);
    IF FOUND THEN
        RETURN true;
    END IF;
    UPDATE progress SET signer = p_signer, leads_until = clock_timestamp() + make_interval(secs => p_seconds)
    WHERE signer IS NULL OR signer = p_signer OR leads_until < clock_timestamp();
    RETURN FOUND;
END
$$;

CREATE FUNCTION ledger.resign(p_signer uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    UPDATE progress SET signer = NULL, leads_until = NULL WHERE signer = p_signer;
END
$$;

-- How long the log is, its last commitment, and its latest checkpoint.
CREATE FUNCTION ledger.head() RETURNS TABLE (size bigint, last_commitment bytea, signed_size bigint, note text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT p.size, p.last_commitment, coalesce(c.size, 0), c.note
        FROM progress AS p LEFT JOIN LATERAL (SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1) AS c ON true;
END
$$;

-- Take the next entries, at most one for each nonce of 32 bytes: what has been committed and is not in the log gets the next positions,
-- is bound to its nonce, and is committed here before anything is signed. The caller names the log it knows by its length and
-- last commitment, which is random: after a failover that lost an end the two no longer agree.
CREATE FUNCTION ledger.sequence(p_signer uuid, p_size bigint, p_last bytea, p_nonces bytea)
RETURNS TABLE (pos bigint, commitment bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_progress progress%ROWTYPE := locked(p_signer);
    v_room integer := length(p_nonces) / 32;
    v_goes_on boolean := v_progress.target IS NOT NULL;
    v_open xid8[];
    v_from xid8;
    v_until xid8;
    v_ids bigint[];
    v_taken integer := 0;
    v_written integer;
    v_source text;
    v_erasure record;
    v_last_transaction xid8;
    v_last_id bigint;
BEGIN
    IF v_progress.size <> p_size OR v_progress.last_commitment IS DISTINCT FROM p_last THEN
        RAISE EXCEPTION 'the log is not what the signer knows' USING ERRCODE = 'DL002';
    END IF;
    IF v_progress.target IS NULL THEN
        -- Every later statement of this transaction sees at least what this snapshot sees, and is held to it below.
        v_progress.target := pg_current_snapshot();
        IF pg_snapshot_xmax(v_progress.target) < pg_snapshot_xmax(v_progress.done) THEN
            RAISE EXCEPTION 'the transaction numbers went back' USING ERRCODE = 'DL003';
        END IF;
        v_progress.event_transaction := '0';
        v_progress.event_id := 0;
        v_progress.disclosure_transaction := '0';
        v_progress.disclosure_number := 0;
        v_progress.erasure_transaction := '0';
        v_progress.erasure_id := 0;
    END IF;
    -- New are the transactions that were open in the earlier snapshot, and those that began after it.
    v_open := ARRAY(SELECT pg_snapshot_xip(v_progress.done));
    v_from := pg_snapshot_xmax(v_progress.done);
    v_until := pg_snapshot_xmax(v_progress.target);

    FOREACH v_source IN ARRAY ARRAY['event', 'disclosure', 'erasure'] LOOP
        EXIT WHEN v_taken = v_room;
        v_last_id := NULL;
        IF v_source = 'event' THEN
            SELECT array_agg(t.id ORDER BY t.transaction, t.id),
                (array_agg(t.transaction ORDER BY t.transaction DESC, t.id DESC))[1],
                (array_agg(t.id ORDER BY t.transaction DESC, t.id DESC))[1]
            INTO v_ids, v_last_transaction, v_last_id
            FROM (
                SELECT * FROM (
                    SELECT o.transaction, o.id FROM unnest(v_open) AS x (x), LATERAL (
                        SELECT e.transaction, e.id FROM casework.event AS e
                        WHERE casework.is_ledger_entry(e.kind)
                            AND e.transaction = x.x) AS o
                    WHERE (o.transaction, o.id) > (v_progress.event_transaction, v_progress.event_id)
                        AND pg_visible_in_snapshot(o.transaction, v_progress.target)
                    ORDER BY o.transaction, o.id LIMIT v_room - v_taken) AS late
                UNION ALL
                SELECT * FROM (
                    SELECT e.transaction, e.id FROM casework.event AS e
                    WHERE casework.is_ledger_entry(e.kind)
                        AND (e.transaction, e.id) > (greatest(v_progress.event_transaction, v_from),
                            CASE WHEN v_progress.event_transaction >= v_from THEN v_progress.event_id ELSE 0 END)
                        AND e.transaction < v_until AND pg_visible_in_snapshot(e.transaction, v_progress.target)
                    ORDER BY e.transaction, e.id LIMIT v_room - v_taken) AS fresh
                ORDER BY 1, 2 LIMIT v_room - v_taken) AS t;
            IF v_last_id IS NOT NULL THEN
                v_progress.event_transaction := v_last_transaction;
                v_progress.event_id := v_last_id;
            END IF;
        ELSIF v_source = 'disclosure' THEN
            SELECT array_agg(t.number ORDER BY t.transaction, t.number),
                (array_agg(t.transaction ORDER BY t.transaction DESC, t.number DESC))[1],
                (array_agg(t.number ORDER BY t.transaction DESC, t.number DESC))[1]
            INTO v_ids, v_last_transaction, v_last_id
            FROM (
                SELECT * FROM (
                    SELECT o.transaction, o.number FROM unnest(v_open) AS x (x), LATERAL (
                        SELECT d.transaction, d.number FROM safeguarding.disclosure AS d WHERE d.transaction = x.x) AS o
                    WHERE (o.transaction, o.number)
                            > (v_progress.disclosure_transaction, v_progress.disclosure_number)
                        AND pg_visible_in_snapshot(o.transaction, v_progress.target)
                    ORDER BY o.transaction, o.number LIMIT v_room - v_taken) AS late
                UNION ALL
                SELECT * FROM (
                    SELECT d.transaction, d.number FROM safeguarding.disclosure AS d
                    WHERE (d.transaction, d.number) > (greatest(v_progress.disclosure_transaction, v_from),
                            CASE WHEN v_progress.disclosure_transaction >= v_from THEN v_progress.disclosure_number
                            ELSE 0 END)
                        AND d.transaction < v_until AND pg_visible_in_snapshot(d.transaction, v_progress.target)
                    ORDER BY d.transaction, d.number LIMIT v_room - v_taken) AS fresh
                ORDER BY 1, 2 LIMIT v_room - v_taken) AS t;
            IF v_last_id IS NOT NULL THEN
                v_progress.disclosure_transaction := v_last_transaction;
                v_progress.disclosure_number := v_last_id;
            END IF;
        ELSE
            -- Few. What a case has in the log up to here loses its nonces; what comes later is a new erasure's business.
            v_ids := NULL;
            FOR v_erasure IN
                SELECT e.transaction, e.id, e.case_id FROM erasure AS e
                WHERE (e.transaction = ANY (v_open) OR e.transaction >= v_from AND e.transaction < v_until)
                    AND (e.transaction, e.id) > (v_progress.erasure_transaction, v_progress.erasure_id)
                    AND pg_visible_in_snapshot(e.transaction, v_progress.target)
                ORDER BY e.transaction, e.id LIMIT v_room - v_taken
            LOOP
                UPDATE erasure AS e SET case_id = NULL, positions = coalesce(ARRAY(
                    SELECT n.position FROM entry AS n WHERE n.case_id = v_erasure.case_id ORDER BY n.position), '{}')
                WHERE e.id = v_erasure.id;
                UPDATE entry AS n SET nonce = NULL, case_id = NULL WHERE n.case_id = v_erasure.case_id;
                v_ids := v_ids || v_erasure.id;
                v_progress.erasure_transaction := v_erasure.transaction;
                v_progress.erasure_id := v_erasure.id;
            END LOOP;
        END IF;
        CONTINUE WHEN v_ids IS NULL;
        INSERT INTO entry (position, source, source_id, case_id, nonce, commitment)
        SELECT v_progress.size + c.place - 1, v_source, c.id, c.case_id, c.nonce,
            sha256(c.nonce || convert_to(entry_text(c.nonce, c.head, c.tail, c.sealed), 'UTF8'))
        FROM (
            SELECT c.place, c.id, c.case_id, c.head, c.tail, c.sealed,
                substring(p_nonces FROM 32 * (v_taken + c.place::integer - 1) + 1 FOR 32) AS nonce
            FROM contents(v_source, v_ids) AS c OFFSET 0) AS c;  -- a nonce is cut out once
        GET DIAGNOSTICS v_written = ROW_COUNT;
        IF v_written <> cardinality(v_ids) THEN
            RAISE EXCEPTION 'an entry has no row' USING ERRCODE = 'DL002';
        END IF;
        v_progress.size := v_progress.size + v_written;
        v_taken := v_taken + v_written;
    END LOOP;

    -- Nothing left of what the target sees: the log is as far as that.
    IF v_taken < v_room THEN
        v_progress.done := v_progress.target;
        v_progress.target := NULL;
    END IF;
    -- Written only when there was something: an idle second costs no row. That a target is done with is something.
    IF v_taken > 0 OR v_goes_on OR v_open <> '{}' THEN
        UPDATE progress AS p SET size = v_progress.size, done = v_progress.done, target = v_progress.target,
            last_commitment = coalesce(
                (SELECT n.commitment FROM entry AS n WHERE n.position = v_progress.size - 1), p.last_commitment),
            event_transaction = v_progress.event_transaction, event_id = v_progress.event_id,
            disclosure_transaction = v_progress.disclosure_transaction,
            disclosure_number = v_progress.disclosure_number,
            erasure_transaction = v_progress.erasure_transaction, erasure_id = v_progress.erasure_id;
    END IF;
    RETURN QUERY
        SELECT n.position, n.commitment FROM entry AS n
        WHERE n.position >= p_size AND n.position < v_progress.size ORDER BY n.position;
END
$$;

-- The commitments of entries that stand in the log, from a position on.
CREATE FUNCTION ledger.commitments(p_from bigint, p_limit integer) RETURNS TABLE (pos bigint, commitment bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT n.position, n.commitment FROM entry AS n WHERE n.position >= p_from ORDER BY n.position LIMIT p_limit;
END
$$;

-- Publish a checkpoint with the tiles that are complete since the last one. One that is there already is no news; another
-- root for the same length never gets in.
CREATE FUNCTION ledger.publish(
    p_signer uuid, p_size bigint, p_root bytea, p_note text, p_levels smallint[], p_numbers bigint[], p_hashes bytea[],
    p_roots bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_progress progress%ROWTYPE := locked(p_signer);
BEGIN
    IF p_size > v_progress.size THEN
        RAISE EXCEPTION 'the log is not what the signer knows' USING ERRCODE = 'DL002';
    END IF;
    PERFORM 1 FROM checkpoint AS c WHERE c.size > p_size OR c.size = p_size AND c.root <> p_root;
    IF FOUND THEN
        RAISE EXCEPTION 'the checkpoint contradicts one that is published' USING ERRCODE = 'DL004';
    END IF;
    PERFORM 1 FROM unnest(p_levels, p_numbers, p_hashes, p_roots) AS t (level, number, hashes, root)
    JOIN tile AS s ON s.level = t.level AND s.number = t.number WHERE s.hashes <> t.hashes OR s.root <> t.root;
    IF FOUND THEN
        RAISE EXCEPTION 'a tile contradicts one that is stored' USING ERRCODE = 'DL004';
    END IF;
    INSERT INTO tile (level, number, hashes, root)
    SELECT t.level, t.number, t.hashes, t.root
    FROM unnest(p_levels, p_numbers, p_hashes, p_roots) AS t (level, number, hashes, root)
    ON CONFLICT DO NOTHING;
    INSERT INTO checkpoint (size, root, note) VALUES (p_size, p_root, p_note) ON CONFLICT DO NOTHING;
END
$$;

-- MARK: readers'

-- The hashes of a tile, as far as there are any: 32 bytes each, at most 256. Those of an unfinished one are put together.
CREATE FUNCTION ledger.tile_hashes(p_level smallint, p_number bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    v_hashes bytea;
BEGIN
    SELECT t.hashes INTO v_hashes FROM tile AS t WHERE t.level = p_level AND t.number = p_number;
    IF FOUND THEN
        RETURN v_hashes;
    ELSIF p_level = 0 THEN
        SELECT string_agg(sha256('\x00'::bytea || n.commitment), '' ORDER BY n.position) INTO v_hashes FROM entry AS n
        WHERE n.position >= p_number * 256 AND n.position < (p_number + 1) * 256;
    ELSE
        SELECT string_agg(t.root, '' ORDER BY t.number) INTO v_hashes FROM tile AS t
        WHERE t.level = p_level - 1 AND t.number >= p_number * 256 AND t.number < (p_number + 1) * 256;
    END IF;
    RETURN coalesce(v_hashes, '');
END
$$;

-- The newest checkpoint, as a signed note; null before the first. It goes into each hand-over, so that an agency can tell
-- later whether the log it is shown is the one it was shown.
CREATE FUNCTION ledger.latest_checkpoint() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    RETURN (SELECT c.note FROM checkpoint AS c ORDER BY c.size DESC LIMIT 1);
END
$$;

CREATE FUNCTION ledger.checkpoints_after(p_size bigint, p_limit integer) RETURNS TABLE (size bigint, note text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT c.size, c.note FROM checkpoint AS c WHERE c.size > p_size ORDER BY c.size LIMIT p_limit;
END
$$;

-- A page of the log. With an agency's code only its own entries are opened, and of these what it may be shown; all others are
-- bare commitments. `state` says what there is: open, bare, erased, or missing (the row that the entry is of is gone).
CREATE FUNCTION ledger.page(p_from bigint, p_until bigint, p_agency text)
RETURNS TABLE (pos bigint, commitment bytea, state text, nonce bytea, shared text, sealed text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_events bigint[];
    v_disclosures bigint[];
    v_erasures bigint[];
BEGIN
    SELECT array_agg(n.source_id) FILTER (WHERE n.source = 'event'),
        array_agg(n.source_id) FILTER (WHERE n.source = 'disclosure'),
        array_agg(n.source_id) FILTER (WHERE n.source = 'erasure')
    INTO v_events, v_disclosures, v_erasures
    FROM entry AS n WHERE n.position >= p_from AND n.position < p_until AND n.nonce IS NOT NULL;
    RETURN QUERY
        WITH opened AS MATERIALIZED (
            SELECT 'event' AS source, c.id, c.agency, c.head, c.tail, c.sealed FROM contents('event', v_events) AS c
            UNION ALL
            SELECT 'disclosure', c.id, c.agency, c.head, c.tail, c.sealed FROM contents('disclosure', v_disclosures) AS c
            UNION ALL
            SELECT 'erasure', c.id, c.agency, c.head, c.tail, c.sealed FROM contents('erasure', v_erasures) AS c
        ), listed AS (
            SELECT n.position, n.commitment, n.nonce, o.head, o.tail, o.sealed,
                CASE WHEN p_agency IS NOT NULL AND o.agency IS DISTINCT FROM p_agency THEN 'bare'
                    WHEN n.nonce IS NULL THEN 'erased' WHEN o.id IS NULL THEN 'missing' ELSE 'open' END AS state
            FROM entry AS n LEFT JOIN opened AS o ON o.source = n.source AND o.id = n.source_id
            WHERE n.position >= p_from AND n.position < p_until
        )
        SELECT l.position, l.commitment, l.state, CASE WHEN l.state = 'open' THEN l.nonce END,
            CASE WHEN l.state = 'open' THEN entry_text(l.nonce, l.head, l.tail, l.sealed) END,
            CASE WHEN l.state = 'open' AND p_agency IS NULL THEN l.sealed END
        FROM listed AS l ORDER BY l.position;
END
$$;

-- Rows that must be in the log and are not, although everything of their time has been taken: written behind its back. By
-- source and number, at most so many.
CREATE FUNCTION ledger.strays(p_limit integer) RETURNS TABLE (source text, id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_done pg_snapshot := (SELECT done FROM progress);
BEGIN
    RETURN QUERY
        SELECT 'event', e.id FROM casework.event AS e
        WHERE casework.is_ledger_entry(e.kind)
            AND pg_visible_in_snapshot(e.transaction, v_done)
            AND NOT EXISTS (SELECT 1 FROM entry AS n WHERE n.source = 'event' AND n.source_id = e.id)
        UNION ALL
        SELECT 'disclosure', d.number FROM safeguarding.disclosure AS d
        WHERE pg_visible_in_snapshot(d.transaction, v_done)
            AND NOT EXISTS (SELECT 1 FROM entry AS n WHERE n.source = 'disclosure' AND n.source_id = d.number)
        LIMIT p_limit;
END
$$;

-- Where the entries about a referral (by its number) or a disclosure (by its id) stand.
CREATE FUNCTION ledger.locate(p_number text, p_disclosure uuid) RETURNS TABLE (pos bigint, kind text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT n.position, e.kind FROM casework.referral AS r JOIN casework.event AS e ON e.case_id = r.case_id
        JOIN entry AS n ON n.source = 'event' AND n.source_id = e.id
        WHERE r.number = p_number AND e.referral_id = r.id
        UNION ALL
        SELECT n.position, 'disclosure' FROM safeguarding.disclosure AS d
        JOIN entry AS n ON n.source = 'disclosure' AND n.source_id = d.number
        WHERE d.id = p_disclosure
            OR d.referral_id = (SELECT r.id FROM casework.referral AS r WHERE r.number = p_number)
        ORDER BY 1;
END
$$;

-- For the doctor: how long the log is, how much of it is signed, since when, and the oldest row that waits to be taken.
CREATE FUNCTION ledger.health()
RETURNS TABLE (size bigint, signed_size bigint, published_at timestamptz, is_led boolean, waiting_since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_progress progress%ROWTYPE;
    v_from xid8;
BEGIN
    SELECT * INTO v_progress FROM progress;
    v_from := pg_snapshot_xmax(v_progress.done);
    RETURN QUERY
        SELECT v_progress.size, coalesce(c.size, 0), c.published_at, coalesce(v_progress.leads_until > clock_timestamp(), false),
            least(
                (SELECT e.occurred_at FROM casework.event AS e
                    WHERE casework.is_ledger_entry(e.kind) AND (e.transaction, e.id) > (greatest(v_progress.event_transaction, v_from),
                        CASE WHEN v_progress.event_transaction >= v_from THEN v_progress.event_id ELSE 0 END)
                    ORDER BY e.transaction, e.id LIMIT 1),
                (SELECT d.recorded_at FROM safeguarding.disclosure AS d
                    WHERE (d.transaction, d.number) > (greatest(v_progress.disclosure_transaction, v_from),
                        CASE WHEN v_progress.disclosure_transaction >= v_from THEN v_progress.disclosure_number
                        ELSE 0 END)
                    ORDER BY d.transaction, d.number LIMIT 1))
        FROM (SELECT 1) AS one
        LEFT JOIN LATERAL (SELECT size, published_at FROM checkpoint ORDER BY size DESC LIMIT 1) AS c ON true;
END
$$;

-- Destroy what opens a case's entries. For whoever erases the case; the signer does it within seconds and enters it in the
-- log, so that an erased entry is told from a lost one. Routing asks for it when the time of a closed case is over.
CREATE FUNCTION ledger.erase(p_case uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    INSERT INTO erasure (case_id) VALUES (p_case);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    ledger.lead(uuid, float8),
    ledger.resign(uuid),
    ledger.sequence(uuid, bigint, bytea, bytea),
    ledger.publish(uuid, bigint, bytea, text, smallint[], bigint[], bytea[], bytea[])
TO dandelion_ledger;
GRANT EXECUTE ON FUNCTION
    ledger.head(),
    ledger.commitments(bigint, integer),
    ledger.tile_hashes(smallint, bigint),
    ledger.checkpoints_after(bigint, integer)
TO dandelion_ledger, dandelion_operator;
GRANT EXECUTE ON FUNCTION ledger.erase(uuid) TO dandelion_routing;
GRANT EXECUTE ON FUNCTION ledger.latest_checkpoint() TO dandelion_ledger, dandelion_operator, dandelion_gateway;
GRANT EXECUTE ON FUNCTION
    ledger.page(bigint, bigint, text),
    ledger.strays(integer),
    ledger.locate(text, uuid),
    ledger.health()
TO dandelion_operator;
