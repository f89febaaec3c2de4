-- What agencies can do and when, agreements across divisions, and the units of stations ("1+N").

-- Services, hours, capacity and the agency above it, which settles disputes. A superior may not stand below itself.
CREATE FUNCTION casework.put_agency_details(
    p_code text, p_services text[], p_hours text, p_capacity integer, p_superior_code text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_old agency%ROWTYPE;
    v_superior uuid;
BEGIN
    PERFORM lock_network();
    SELECT * INTO v_old FROM agency WHERE code = p_code FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
    END IF;
    IF p_superior_code IS NOT NULL THEN
        SELECT id INTO v_superior FROM agency WHERE code = p_superior_code;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such agency' USING ERRCODE = 'DC052';
        END IF;
        PERFORM 1 FROM (
            WITH RECURSIVE above AS (
                SELECT v_superior AS id, 1 AS height
                UNION ALL
                SELECT a.superior_id, u.height + 1 FROM above AS u JOIN agency AS a ON a.id = u.id
                WHERE a.superior_id IS NOT NULL AND u.height < 20
            )
            SELECT id FROM above WHERE id = v_old.id
        ) AS ring;
        IF FOUND THEN
            RAISE EXCEPTION 'an agency cannot be above itself' USING ERRCODE = 'DC055';
        END IF;
    END IF;
    IF (v_old.services, v_old.hours, v_old.capacity, v_old.superior_id)
        IS NOT DISTINCT FROM (p_services, p_hours, p_capacity, v_superior)
    THEN
        RETURN;
    END IF;
    UPDATE agency SET services = p_services, hours = p_hours, capacity = p_capacity, superior_id = v_superior
    WHERE id = v_old.id;
    PERFORM record_operator_event('agency_details_changed', p_code, jsonb_build_object('services', p_services,
        'hours', p_hours, 'capacity', p_capacity, 'superior', p_superior_code));
END
$$;

CREATE TABLE casework.alliance (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,78}[a-z0-9]$'),
    name text NOT NULL,
    members text[] NOT NULL CHECK (cardinality(members) BETWEEN 2 AND 200),  -- in the order in which they are looked in
    purposes text[] NOT NULL CHECK (cardinality(purposes) >= 1),
    holds_from date NOT NULL,
    holds_until date CHECK (holds_until >= holds_from),
    basis text NOT NULL CHECK (basis <> '')
);
CREATE TRIGGER alliance_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON casework.alliance
    FOR EACH STATEMENT EXECUTE FUNCTION casework.network_changed();

CREATE FUNCTION casework.put_alliance(
    p_code text, p_name text, p_members text[], p_purposes text[], p_from date, p_until date, p_basis text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    PERFORM lock_network();
    IF EXISTS (SELECT 1 FROM unnest(p_members) AS m (code) WHERE NOT EXISTS (
        SELECT 1 FROM division AS d WHERE d.code = m.code))
    THEN
        RAISE EXCEPTION 'no such division' USING ERRCODE = 'DC011';
    END IF;
    IF EXISTS (SELECT 1 FROM alliance WHERE (code, name, members, purposes, holds_from, basis)
            = (p_code, p_name, p_members, p_purposes, p_from, p_basis) AND holds_until IS NOT DISTINCT FROM p_until)
    THEN
        RETURN;
    END IF;
    INSERT INTO alliance (code, name, members, purposes, holds_from, holds_until, basis)
    VALUES (p_code, p_name, p_members, p_purposes, p_from, p_until, p_basis)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, members = excluded.members, purposes = excluded.purposes,
        holds_from = excluded.holds_from, holds_until = excluded.holds_until, basis = excluded.basis;
    PERFORM record_operator_event('alliance_put', p_code, jsonb_build_object('members', p_members,
        'purposes', p_purposes, 'from', p_from, 'until', p_until));
END
$$;

CREATE FUNCTION casework.alliances()
RETURNS TABLE (
    code text, name text, members text[], purposes text[], holds_from date, holds_until date, basis text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = casework, pg_temp AS $$
    SELECT a.code, a.name, a.members, a.purposes, a.holds_from, a.holds_until, a.basis FROM alliance AS a ORDER BY a.code
$$;

-- A station's rooms: exactly one core, and typed stations and studios around it.
CREATE TABLE casework.station_unit (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    division_code text NOT NULL REFERENCES casework.division,
    kind text NOT NULL CHECK (kind IN ('core', 'legal_education', 'counselling', 'family_education', 'anti_violence',
        'mediation', 'studio')),
    name text NOT NULL CHECK (name <> ''),
    UNIQUE (division_code, name)
);
CREATE UNIQUE INDEX station_unit_core ON casework.station_unit (division_code) WHERE kind = 'core';

CREATE FUNCTION casework.require_core() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM station_unit AS u WHERE u.division_code = coalesce(NEW.division_code, OLD.division_code))
        AND NOT EXISTS (SELECT 1 FROM station_unit AS u
            WHERE u.division_code = coalesce(NEW.division_code, OLD.division_code) AND u.kind = 'core')
    THEN
        RAISE EXCEPTION 'a station with units has a core' USING ERRCODE = 'DC055';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER station_unit_has_core AFTER INSERT OR UPDATE OR DELETE ON casework.station_unit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION casework.require_core();

-- Replaces the units of every division that is named; others stay as they are.
CREATE FUNCTION casework.put_station_units(p_kinds text[], p_divisions text[], p_names text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = casework, pg_temp AS $$
DECLARE
    v_changed text[];
BEGIN
    PERFORM lock_network();
    SELECT array_agg(DISTINCT x.division_code) INTO v_changed FROM (
        (SELECT n.kind, n.division_code, n.name FROM unnest(p_kinds, p_divisions, p_names) AS n (kind, division_code, name)
         EXCEPT SELECT u.kind, u.division_code, u.name FROM station_unit AS u)
        UNION ALL
        (SELECT u.kind, u.division_code, u.name FROM station_unit AS u WHERE u.division_code = ANY (p_divisions)
         EXCEPT SELECT n.kind, n.division_code, n.name
            FROM unnest(p_kinds, p_divisions, p_names) AS n (kind, division_code, name))
    ) AS x;
    IF v_changed IS NULL THEN
        RETURN;
    END IF;
    DELETE FROM station_unit WHERE division_code = ANY (v_changed);
    INSERT INTO station_unit (kind, division_code, name)
    SELECT n.kind, n.division_code, n.name FROM unnest(p_kinds, p_divisions, p_names) AS n (kind, division_code, name)
    WHERE n.division_code = ANY (v_changed);
    INSERT INTO operator_event (kind, subject, data)
    SELECT 'station_units_put', c.code, jsonb_build_object('units',
        (SELECT count(*) FROM station_unit AS u WHERE u.division_code = c.code))
    FROM unnest(v_changed) AS c (code) ORDER BY c.code;
END
$$;

CREATE VIEW casework.station_unit_overview AS
    SELECT u.kind, u.division_code, u.name FROM casework.station_unit AS u
    ORDER BY u.division_code, u.kind <> 'core', u.kind, u.name LIMIT ALL;

CREATE VIEW casework.agency_details AS
    SELECT a.code, a.services, a.hours, a.capacity, s.code AS superior_code
    FROM casework.agency AS a LEFT JOIN casework.agency AS s ON s.id = a.superior_id;

REVOKE ALL ON FUNCTION casework.put_agency_details(text, text[], text, integer, text),
    casework.put_alliance(text, text, text[], text[], date, date, text), casework.alliances(),
    casework.put_station_units(text[], text[], text[]), casework.require_core() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework.put_agency_details(text, text[], text, integer, text),
    casework.put_alliance(text, text, text[], text[], date, date, text), casework.alliances(),
    casework.put_station_units(text[], text[], text[]) TO dandelion_operator;
GRANT EXECUTE ON FUNCTION casework.alliances() TO dandelion_routing;
GRANT SELECT ON casework.station_unit_overview, casework.agency_details TO dandelion_operator;
