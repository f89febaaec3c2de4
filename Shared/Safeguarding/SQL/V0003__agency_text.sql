-- Free text that comes back from agencies: sealed to the network's key before it leaves them, ciphertext for everybody here. What
-- opens it is a file that neither the database nor any service has, only whoever reads.

-- The network's keys, oldest first: public halves, each signed by the onboarding key. A key that is retired is not sealed to any
-- more; what was sealed to it stays readable for as long as its private half is kept.
CREATE TABLE safeguarding.network_key (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE CHECK (id ~ '^[0-9a-f]{64}$'),  -- SHA-256 of the key
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    valid_from timestamptz NOT NULL,
    signature bytea NOT NULL CHECK (length(signature) = 64),
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz
);

-- Internal: what may be sealed to now, the current key first and the one before it, for those who have not asked since.
CREATE FUNCTION safeguarding.network_keys_in_use()
RETURNS TABLE (id text, public_key bytea, valid_from timestamptz, signature bytea)
LANGUAGE sql STABLE SET search_path = safeguarding, pg_temp AS $$
    SELECT k.id, k.public_key, k.valid_from, k.signature FROM network_key AS k
    WHERE k.retired_at IS NULL AND k.valid_from <= clock_timestamp() ORDER BY k.number DESC LIMIT 2
$$;

-- Makes a key the current one, from its day on. `known` when it was there already, `older` when one is that was signed later.
CREATE FUNCTION safeguarding.add_network_key(p_public_key bytea, p_valid_from timestamptz, p_signature bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp AS $$
DECLARE
    v_id text := encode(sha256(p_public_key), 'hex');
BEGIN
    LOCK TABLE network_key IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT 1 FROM network_key AS k WHERE k.id = v_id) THEN
        RETURN 'known';
    ELSIF EXISTS (SELECT 1 FROM network_key AS k WHERE k.valid_from > p_valid_from) THEN
        RETURN 'older';
    END IF;
    INSERT INTO network_key (id, public_key, valid_from, signature) VALUES (v_id, p_public_key, p_valid_from, p_signature);
    PERFORM casework.record_operator_event('network_key_added', v_id, jsonb_build_object('valid_from', p_valid_from));
    RETURN 'done';
END
$$;

-- Nobody seals to this key any more. False when there is none such, or it was retired before.
CREATE FUNCTION safeguarding.retire_network_key(p_id text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = safeguarding, pg_temp AS $$
BEGIN
    UPDATE network_key SET retired_at = clock_timestamp() WHERE id = p_id AND retired_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM casework.record_operator_event('network_key_retired', p_id, '{}');
    RETURN true;
END
$$;

-- What an agency sent with an answer or a report. Append-only but for the end: when the case is anonymised the bytes go, and that
-- there was something stays.
CREATE TABLE safeguarding.sealed_text (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    referral_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    status text NOT NULL,  -- the answer or report it came with, which is sealed in
    staff_id text,  -- who sent it, at an agency's desk
    key_id text NOT NULL,
    digest bytea NOT NULL,  -- SHA-256 of the bytes below, which stands in the ledger's entry of the answer
    size integer NOT NULL,
    sealed bytea,
    attachments jsonb,  -- sha256, media_type, bytes; location: where it lies, sealed, in base64
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at timestamptz,
    UNIQUE (referral_id, status, digest)
);
CREATE INDEX sealed_text_key ON safeguarding.sealed_text (key_id) WHERE erased_at IS NULL;

-- Every key, newest first; what is sealed to it and not erased; and whether it is `current`, `before` it, `later`, `over` or
-- `retired`.
CREATE FUNCTION safeguarding.network_keys()
RETURNS TABLE (
    id text, public_key bytea, valid_from timestamptz, signature bytea, added_at timestamptz, retired_at timestamptz,
    state text, texts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = safeguarding, pg_temp AS $$
    SELECT k.id, k.public_key, k.valid_from, k.signature, k.added_at, k.retired_at,
        CASE WHEN k.retired_at IS NOT NULL THEN 'retired' WHEN k.valid_from > clock_timestamp() THEN 'later'
            WHEN u.place = 1 THEN 'current' WHEN u.place = 2 THEN 'before' ELSE 'over' END,
        (SELECT count(*) FROM sealed_text AS t WHERE t.key_id = k.id AND t.erased_at IS NULL)
    FROM network_key AS k
    LEFT JOIN network_keys_in_use() WITH ORDINALITY AS u (id, public_key, valid_from, signature, place) ON u.id = k.id
    ORDER BY k.number DESC
$$;

CREATE FUNCTION safeguarding.refuse_text_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = safeguarding, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what an agency sent is append-only' USING ERRCODE = 'DC100';
END
$$;
CREATE TRIGGER sealed_text_append_only BEFORE UPDATE ON safeguarding.sealed_text FOR EACH ROW
    WHEN (old.erased_at IS NOT NULL OR new.erased_at IS NULL OR new.sealed IS NOT NULL OR new.attachments IS NOT NULL
        OR (new.number, new.referral_id, new.agency_id, new.status, new.key_id, new.digest, new.size, new.sent_at)
            <> (old.number, old.referral_id, old.agency_id, old.status, old.key_id, old.digest, old.size, old.sent_at)
        OR new.staff_id IS DISTINCT FROM old.staff_id)
    EXECUTE FUNCTION safeguarding.refuse_text_change();
CREATE TRIGGER sealed_text_no_removal BEFORE DELETE ON safeguarding.sealed_text
    FOR EACH STATEMENT EXECUTE FUNCTION safeguarding.refuse_text_change();
CREATE TRIGGER sealed_text_no_truncate BEFORE TRUNCATE ON safeguarding.sealed_text
    FOR EACH STATEMENT EXECUTE FUNCTION safeguarding.refuse_text_change();

-- Internal, for the doors, which have looked at it: keeps a text beside the answer it came with.
CREATE FUNCTION safeguarding.keep_text(
    p_referral uuid, p_agency uuid, p_status text, p_staff text, p_key_id text, p_digest bytea, p_size integer,
    p_sealed bytea, p_attachments jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = safeguarding, pg_temp AS $$
BEGIN
    INSERT INTO sealed_text (referral_id, agency_id, status, staff_id, key_id, digest, size, sealed, attachments)
    VALUES (p_referral, p_agency, p_status, p_staff, p_key_id, p_digest, p_size, p_sealed, p_attachments);
END
$$;

-- Internal, at the end of a case's time: the bytes are gone; the ledger and that there was something stay.
CREATE FUNCTION safeguarding.erase_texts(p_referrals uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = safeguarding, pg_temp AS $$
BEGIN
    UPDATE sealed_text SET sealed = NULL, attachments = NULL, erased_at = clock_timestamp()
    WHERE referral_id = ANY (p_referrals) AND erased_at IS NULL;
END
$$;

REVOKE ALL ON FUNCTION safeguarding.network_keys_in_use(), safeguarding.network_keys(),
    safeguarding.add_network_key(bytea, timestamptz, bytea), safeguarding.retire_network_key(text),
    safeguarding.refuse_text_change(),
    safeguarding.keep_text(uuid, uuid, text, text, text, bytea, integer, bytea, jsonb),
    safeguarding.erase_texts(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION safeguarding.network_keys(), safeguarding.add_network_key(bytea, timestamptz, bytea),
    safeguarding.retire_network_key(text) TO dandelion_operator;
