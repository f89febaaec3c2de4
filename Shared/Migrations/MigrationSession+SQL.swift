import PostgresClient

extension MigrationSession {
    /// Session-level and asked for in a poll loop: a waiting `pg_advisory_lock` would hold a snapshot, and
    /// `CREATE INDEX CONCURRENTLY` in the session that has the lock would wait for that snapshot for ever.
    static let tryLock = Statement(
        name: "migration_try_lock",
        "SELECT pg_try_advisory_lock(hashtextextended('dandelion_migrations', 0))")

    static let unlock = Statement(
        name: "migration_unlock",
        "SELECT pg_advisory_unlock(hashtextextended('dandelion_migrations', 0))")

    static let lockHolder = Statement(
        name: "migration_lock_holder",
        """
        SELECT lock.pid
        FROM pg_locks AS lock,
            hashtextextended('dandelion_migrations', 0) AS key
        WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
            AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND lock.classid::bigint = (key >> 32) & 4294967295 AND lock.objid::bigint = key & 4294967295
        LIMIT 1
        """)

    static let hasTable = Statement(
        name: "migration_has_table",
        "SELECT to_regclass('dandelion_migrations.applied') IS NOT NULL")

    static let fetchApplied = Statement(
        name: "migration_fetch_applied",
        """
        SELECT module, name, checksum, applied_at, applied_by
        FROM dandelion_migrations.applied
        ORDER BY ordinal
        """)

    static let recordApplied = Statement(
        name: "migration_record_applied",
        "INSERT INTO dandelion_migrations.applied (module, name, checksum) VALUES ($1, $2, $3)")

    static let missingRoles = Statement(
        name: "migration_missing_roles",
        """
        SELECT role
        FROM unnest($1::text[]) WITH ORDINALITY AS wanted (role, position)
        WHERE NOT EXISTS (SELECT FROM pg_roles WHERE pg_roles.rolname = wanted.role)
        ORDER BY position
        """)

    static let begin = Statement(name: "migration_begin", "BEGIN")
    static let commit = Statement(name: "migration_commit", "COMMIT")

    /// A migration that waits behind a long query makes everybody wait who comes after it: it rather gives up.
    static let limitLockWait = Statement(name: "migration_limit_lock_wait", "SET LOCAL lock_timeout = '10s'")

    /// Repeatable; run under the lock. The group roles may see what was applied: services ask at their start.
    static let createTable = """
        CREATE SCHEMA IF NOT EXISTS dandelion_migrations;
        CREATE TABLE IF NOT EXISTS dandelion_migrations.applied (
            ordinal bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
            module text NOT NULL,
            name text NOT NULL,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            applied_by text NOT NULL DEFAULT session_user,
            PRIMARY KEY (module, name)
        );
        COMMENT ON TABLE dandelion_migrations.applied IS 'Which migrations this database has applied, in order.';
        GRANT USAGE ON SCHEMA dandelion_migrations TO \(MigrationRoles.all.joined(separator: ", "));
        GRANT SELECT ON dandelion_migrations.applied TO \(MigrationRoles.all.joined(separator: ", "));
        """
}
