-- Who watches over the SQL door. A login can SET its own timeouts away; these are kept by somebody else: the gateway, every few
-- seconds. It can end sessions of agencies' logins and no others, since only those have let the owner of this function in.

-- End the sessions of agencies' logins, in whatever database, that
--   closed         are of a login that was closed or an agency that was suspended
--   advisory_lock  hold or want an advisory lock that is not their own queue's
--   statement      run a statement for longer than p_longest
--   transaction    are in a transaction for longer than that
--   snapshot       hold back the clean-up of p_snapshot transactions
-- and say which.
CREATE FUNCTION gateway.watch_partners(p_longest interval DEFAULT '30 seconds', p_snapshot bigint DEFAULT 1000000)
RETURNS TABLE (login text, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = door, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_session record;
BEGIN
    FOR v_session IN
        SELECT s.pid, l.login, CASE
            WHEN l.closed_at IS NOT NULL OR a.status <> 'active' THEN 'closed'
            WHEN EXISTS (
                SELECT 1 FROM pg_catalog.pg_locks AS k
                WHERE k.pid = s.pid AND k.locktype = 'advisory'
                    -- What queue.claim takes: shared, on the agency's own queue.
                    AND (k.classid, k.objid::bigint, k.objsubid, k.mode) IS DISTINCT FROM (
                        1903519093::oid, hashtext(queue_of(l.agency_id))::bigint & 4294967295, 2::smallint, 'ShareLock'))
                THEN 'advisory_lock'
            WHEN s.state = 'active' AND clock_timestamp() - s.query_start > p_longest THEN 'statement'
            WHEN clock_timestamp() - s.xact_start > p_longest THEN 'transaction'
            WHEN age(s.backend_xmin) > p_snapshot THEN 'snapshot'
            END AS reason
        FROM pg_catalog.pg_stat_activity AS s
        JOIN agency_login AS l ON l.login = s.usename
        JOIN casework.agency AS a ON a.id = l.agency_id
    LOOP
        IF v_session.reason IS NOT NULL THEN
            -- False when it has ended by itself in the meantime.
            IF pg_catalog.pg_terminate_backend(v_session.pid) THEN
                login := v_session.login;
                reason := v_session.reason;
                RETURN NEXT;
            END IF;
        END IF;
    END LOOP;
END
$$;

-- Where the bell of each agency with a login of its own rings.
CREATE FUNCTION gateway.bells() RETURNS TABLE (agency_id uuid, channel text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = door, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT l.agency_id, l.channel FROM agency_login AS l WHERE l.closed_at IS NULL;
END
$$;

-- The logins of agencies, for the doctor.
CREATE VIEW door.login_overview AS
    SELECT l.login, a.code AS agency_code, a.status AS agency_status, l.created_at, l.closed_at
    FROM door.agency_login AS l JOIN casework.agency AS a ON a.id = l.agency_id;

REVOKE ALL ON FUNCTION gateway.watch_partners(interval, bigint), gateway.bells() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway.watch_partners(interval, bigint), gateway.bells() TO dandelion_gateway;
GRANT SELECT ON door.login_overview TO dandelion_operator;
