-- What the doors look at in a text before it is kept (door.sent_text), and how it is kept beside its answer.

-- Nothing when nothing was sent. Inlined where it is used.
CREATE FUNCTION door.sent(p_key_id text, p_sealed bytea, p_attachments jsonb, p_staff text) RETURNS door.sent_text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_key_id IS NOT NULL OR p_sealed IS NOT NULL OR p_attachments IS NOT NULL
        THEN ROW(p_key_id, p_sealed, p_attachments, p_staff)::door.sent_text END
$$;

-- Version, encapsulated key, ciphertext and tag. That it opens only whoever reads can tell.
CREATE FUNCTION door.is_sealed(p_bytes bytea, p_limit integer) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT length(p_bytes) BETWEEN 49 AND p_limit AND substr(p_bytes, 1, 1) = '\x01'::bytea
$$;

CREATE FUNCTION door.is_media_type(p_type text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_type = ANY (ARRAY[
        'application/pdf', 'application/ofd', 'image/jpeg', 'image/png', 'image/tiff', 'audio/mpeg', 'audio/mp4', 'video/mp4',
        'text/plain'])
$$;

-- Nothing that is not on this list is in an attachment: a name of a file says who somebody is.
CREATE FUNCTION door.is_attachment(p_attachment jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_location text := p_attachment ->> 'location';
BEGIN
    IF jsonb_typeof(p_attachment) <> 'object' THEN
        RETURN false;
    ELSIF (p_attachment - ARRAY['sha256', 'media_type', 'bytes', 'location'] = '{}'
        AND p_attachment ->> 'sha256' ~ '^[0-9a-f]{64}$' AND is_media_type(p_attachment ->> 'media_type')
        AND jsonb_typeof(p_attachment -> 'bytes') = 'number' AND p_attachment ->> 'bytes' ~ '^[1-9][0-9]{0,11}$'
        AND length(v_location) BETWEEN 68 AND 1368 AND length(v_location) % 4 = 0
        AND v_location ~ '^[A-Za-z0-9+/]+={0,2}$') IS NOT TRUE
    THEN
        RETURN false;
    END IF;
    RETURN is_sealed(decode(v_location, 'base64'), 1024);
END
$$;

-- Why a text is not taken, before anything is locked; nothing when it may be.
CREATE FUNCTION door.fault_of(p_text door.sent_text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_attachment jsonb;
BEGIN
    IF (p_text.key_id ~ '^[0-9a-f]{64}$') IS NOT TRUE OR p_text.sealed IS NULL AND p_text.attachments IS NULL
        OR p_text.sealed IS NOT NULL AND is_sealed(p_text.sealed, 8192) IS NOT TRUE
    THEN
        RETURN 'bad_text';
    END IF;
    IF p_text.attachments IS NOT NULL THEN
        IF jsonb_typeof(p_text.attachments) <> 'array' THEN
            RETURN 'bad_text';
        ELSIF jsonb_array_length(p_text.attachments) NOT BETWEEN 1 AND 8 THEN
            RETURN 'bad_text';
        END IF;
        FOR v_attachment IN SELECT a FROM jsonb_array_elements(p_text.attachments) AS a LOOP
            IF NOT is_attachment(v_attachment) THEN
                RETURN 'bad_text';
            END IF;
        END LOOP;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM safeguarding.network_keys_in_use() AS k WHERE k.id = p_text.key_id) THEN
        RETURN 'unknown_key';
    END IF;
    RETURN NULL;
END
$$;

-- All that is sealed in it, as it came: the text, then each attachment's location.
CREATE FUNCTION door.bytes_of(p_text door.sent_text) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(p_text.sealed, '') || coalesce((
        SELECT string_agg(decode(a ->> 'location', 'base64'), ''::bytea ORDER BY place)
        FROM jsonb_array_elements(p_text.attachments) WITH ORDINALITY AS e (a, place)), '')
$$;

-- The same text once more, as one sends it whose answer was lost.
CREATE FUNCTION door.has_text(p_referral uuid, p_status text, p_text door.sent_text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM safeguarding.sealed_text AS t
        WHERE t.referral_id = p_referral AND t.status = p_status AND t.digest = sha256(door.bytes_of(p_text)))
$$;

-- Whether a text came with that answer. One whose answer was lost may have sealed it anew, which is other bytes.
CREATE FUNCTION door.has_text_with(p_referral uuid, p_status text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM safeguarding.sealed_text AS t WHERE t.referral_id = p_referral AND t.status = p_status)
$$;

-- Why there is no room for a text, under the referral's lock, which is all that counting takes; nothing when there is.
CREATE FUNCTION door.no_room_for(p_referral uuid, p_text door.sent_text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_held record;
BEGIN
    PERFORM 1 FROM casework.referral AS r JOIN casework.cases AS c ON c.id = r.case_id
    WHERE r.id = p_referral AND c.anonymised_at IS NOT NULL;
    IF FOUND THEN
        RETURN 'referral_state';  -- Nothing of people comes into the case any more.
    END IF;
    SELECT count(*) AS texts, coalesce(sum(t.size), 0) AS bytes INTO v_held
    FROM safeguarding.sealed_text AS t WHERE t.referral_id = p_referral;
    IF v_held.texts >= 64 OR v_held.bytes + length(bytes_of(p_text)) > 262144 THEN
        RETURN 'text_quota';
    END IF;
    RETURN NULL;
END
$$;

-- What the event of the answer says of the text: its digest, by which the ledger's entry holds it.
CREATE FUNCTION door.mention(p_text door.sent_text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('text', encode(sha256(door.bytes_of(p_text)), 'hex'))
$$;

CREATE FUNCTION door.keep_text(p_agency uuid, p_referral uuid, p_status text, p_text door.sent_text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_bytes bytea := bytes_of(p_text);
BEGIN
    PERFORM safeguarding.keep_text(p_referral, p_agency, p_status, p_text.staff, p_text.key_id, sha256(v_bytes),
        length(v_bytes), p_text.sealed, p_text.attachments);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
