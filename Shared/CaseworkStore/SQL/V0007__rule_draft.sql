-- Rules that are checked and loaded but not in force: somebody reads what they change before they are activated. The
-- active version stays active until then.

CREATE TABLE casework.rule_draft (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,  -- the version the text gives itself
    yaml text NOT NULL,
    checksum bytea NOT NULL UNIQUE CHECK (length(checksum) = 32),
    loaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    loaded_by text NOT NULL DEFAULT session_user,
    version bigint REFERENCES casework.rule_set  -- what it became when it was last activated
);

-- The same text is the same draft.
CREATE FUNCTION casework.load_rule_draft(p_name text, p_yaml text, p_checksum bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.rule_set', 0));
    SELECT id INTO v_id FROM rule_draft WHERE checksum = p_checksum;
    IF NOT FOUND THEN
        INSERT INTO rule_draft (name, yaml, checksum) VALUES (p_name, p_yaml, p_checksum) RETURNING id INTO v_id;
        PERFORM record_operator_event('rules_loaded', v_id::text,
            jsonb_build_object('checksum', encode(p_checksum, 'hex')));
    END IF;
    RETURN v_id;
END
$$;

CREATE FUNCTION casework.rule_draft_by_id(p_id bigint)
RETURNS TABLE (id bigint, name text, yaml text, loaded_at timestamptz, loaded_by text, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT d.id, d.name, d.yaml, d.loaded_at, d.loaded_by, d.version FROM rule_draft AS d WHERE d.id = p_id
$$;

-- Newest first.
CREATE FUNCTION casework.rule_drafts(p_limit integer)
RETURNS TABLE (id bigint, name text, loaded_at timestamptz, loaded_by text, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT d.id, d.name, d.loaded_at, d.loaded_by, d.version FROM rule_draft AS d ORDER BY d.id DESC LIMIT p_limit
$$;

-- Puts a draft in force; an earlier one again becomes a version of its own. NULL when there is no such draft.
CREATE FUNCTION casework.activate_rule_draft(p_id bigint, p_disclosures jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_yaml text;
    v_checksum bytea;
    v_version bigint;
BEGIN
    SELECT yaml, checksum INTO v_yaml, v_checksum FROM rule_draft WHERE id = p_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    v_version := activate_rule_set(v_yaml, v_checksum, p_disclosures);
    UPDATE rule_draft SET version = v_version WHERE id = p_id;
    RETURN v_version;
END
$$;

REVOKE ALL ON FUNCTION casework.load_rule_draft(text, text, bytea), casework.rule_draft_by_id(bigint),
    casework.rule_drafts(integer), casework.activate_rule_draft(bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.load_rule_draft(text, text, bytea), casework.rule_draft_by_id(bigint),
    casework.rule_drafts(integer), casework.activate_rule_draft(bigint, jsonb) TO dandelion_operator;
