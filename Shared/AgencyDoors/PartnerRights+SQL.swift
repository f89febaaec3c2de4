package import PostgresClient

extension PartnerRights {
    /// Tables, views and sequences outside PostgreSQL's own schemas that the role has any right on.
    static let relations = Statement(
        name: "partner_rights_relations",
        """
        SELECT 'relation ' || n.nspname || '.' || c.relname
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^(pg_|information_schema$)'
            AND CASE WHEN c.relkind IN ('r', 'p', 'v', 'm', 'f')
                THEN has_table_privilege($1::name, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                    OR has_any_column_privilege($1::name, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                WHEN c.relkind = 'S' THEN has_sequence_privilege($1::name, c.oid, 'USAGE, SELECT, UPDATE') END
        """)
    /// Functions it can call outside `partner`, rows of system tables it may change, and everything else that could be owned or
    /// made use of: schemas to create in, languages to create with, foreign servers, other databases' creation, roles to become.
    static let others = Statement(
        name: "partner_rights_others",
        """
        SELECT 'function ' || n.nspname || '.' || p.proname
        FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^(pg_|information_schema$)' AND n.nspname <> 'partner'
            AND has_function_privilege($1::name, p.oid, 'EXECUTE') AND has_schema_privilege($1::name, n.oid, 'USAGE')
        UNION ALL
        SELECT 'system relation ' || c.relname FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
            AND c.relkind IN ('r', 'v') AND c.relname <> 'pg_settings'  -- An UPDATE of it is a SET.
            AND has_table_privilege($1::name, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        UNION ALL
        SELECT 'creating in schema ' || n.nspname FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname !~ '^pg_(temp|toast)' AND has_schema_privilege($1::name, n.oid, 'CREATE')
        UNION ALL
        SELECT 'foreign server ' || s.srvname FROM pg_catalog.pg_foreign_server AS s
        WHERE has_server_privilege($1::name, s.oid, 'USAGE')
        UNION ALL
        SELECT 'creating in database ' || d.datname FROM pg_catalog.pg_database AS d
        WHERE d.datname = current_database() AND has_database_privilege($1::name, d.oid, 'CREATE')
        UNION ALL
        SELECT 'role ' || r.rolname FROM pg_catalog.pg_roles AS r
        WHERE r.rolname <> $1::name AND r.rolname <> 'dandelion_partner' AND pg_has_role($1::name, r.oid, 'MEMBER')
        UNION ALL
        SELECT 'attribute of ' || r.rolname FROM pg_catalog.pg_roles AS r
        WHERE r.rolname = $1::name AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls)
        """)
    /// Functions of a door that look names up along the caller's path, or run with the caller's rights.
    static let unpinned = Statement(
        name: "partner_rights_unpinned",
        """
        SELECT 'function ' || n.nspname || '.' || p.proname || ' without a pinned path'
        FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('partner', 'gateway')
            AND (NOT p.prosecdef OR NOT coalesce(p.proconfig, '{}') @> ARRAY['search_path=door, pg_temp'])
        """)
    /// What close_public.psql takes away, by class, where the role still has it.
    static let leftovers = Statement(
        name: "partner_rights_leftovers",
        """
        SELECT 'temporary tables' FROM pg_catalog.pg_database AS d
        WHERE d.datname = current_database() AND has_database_privilege($1::name, d.oid, 'TEMPORARY')
        UNION ALL
        SELECT 'code of its own (' || l.lanname || ')' FROM pg_catalog.pg_language AS l
        WHERE l.lanpltrusted AND l.lanispl AND has_language_privilege($1::name, l.oid, 'USAGE')
        UNION ALL
        SELECT DISTINCT CASE
            WHEN p.proname ~ 'advisory' THEN 'advisory locks'
            WHEN p.proname ~ '^(lo_|loread$|lowrite$)' THEN 'large objects'
            WHEN p.proname = 'pg_logical_emit_message' THEN 'messages in the log'
            ELSE 'measurements (pg_stat_*, pg_locks, sizes, transaction numbers)' END
        FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege($1::name, p.oid, 'EXECUTE') AND (
            p.proname ~ '^pg_(try_)?advisory_' OR p.proname ~ '^(lo_|loread$|lowrite$)'
            OR p.proname ~ '^pg_stat_get_(activity|tuples_|live_|numscans|db_xact|xact_|wal)'
            OR p.proname IN (
                'pg_logical_emit_message', 'pg_lock_status', 'pg_relation_size', 'pg_total_relation_size',
                'pg_database_size', 'pg_current_xact_id', 'pg_current_snapshot', 'pg_current_wal_lsn'))
        """)
    static let logins = Statement(
        name: "partner_rights_logins",
        "SELECT login FROM door.login_overview WHERE closed_at IS NULL ORDER BY login")

    /// Every statement, for the test that prepares each.
    package static let statements = [relations, others, unpinned, leftovers, logins]
}
