import FoundationEssentials
import PostgresClient

/// The server: its version, clock, connections, and what it does to keep what it was told.
struct ServerChecks: Sendable {
    static let settings = Statement(
        name: "doctor_settings",
        """
        SELECT name, setting FROM pg_catalog.pg_settings
        WHERE name IN ('server_version', 'server_version_num', 'max_connections', 'superuser_reserved_connections',
            'reserved_connections', 'fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names',
            'wal_level', 'archive_mode', 'log_statement', 'log_parameter_max_length_on_error')
        """)
    static let now = Statement(name: "doctor_now", "SELECT clock_timestamp()")
    static let connections = Statement(
        name: "doctor_connections",
        """
        SELECT coalesce(application_name, ''), count(*) FROM pg_catalog.pg_stat_activity
        WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datid IS NOT NULL GROUP BY 1
        """)
    static let snapshots = Statement(
        name: "doctor_snapshots",
        """
        SELECT 'connection ' || pid || coalesce(' of ' || nullif(application_name, ''), ''), age(backend_xmin)::int8,
            extract(epoch FROM clock_timestamp() - xact_start)::float8
        FROM pg_catalog.pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
        UNION ALL
        SELECT 'replication slot ' || slot_name, greatest(age(xmin), age(catalog_xmin))::int8, NULL
        FROM pg_catalog.pg_replication_slots WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL
        UNION ALL
        SELECT 'prepared transaction ' || gid, age(transaction)::int8,
            extract(epoch FROM clock_timestamp() - prepared)::float8
        FROM pg_catalog.pg_prepared_xacts
        """)
    static let seesOthers = Statement(
        name: "doctor_sees_others", "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')")
    static let superusers = Statement(
        name: "doctor_superusers",
        """
        SELECT rolname::text, rolname = session_user FROM pg_catalog.pg_roles
        WHERE (rolsuper OR rolbypassrls) AND (rolname = session_user OR rolname LIKE 'dandelion\\_%')
        ORDER BY rolname
        """)

    static let partners = Statement(
        name: "doctor_partner_connections",
        """
        SELECT coalesce(sum(greatest(r.rolconnlimit, 0)), 0)::int8 FROM pg_catalog.pg_roles AS r
        WHERE r.rolcanlogin AND EXISTS (
            SELECT FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
            WHERE m.member = r.oid AND g.rolname = 'dandelion_partner')
        """)

    /// Every statement, for the test that prepares each.
    static let statements = [partners, settings, now, connections, snapshots, seesOthers, superusers]

    /// Counts by service that the operator gave; `nil` to read them off the connections.
    let replicas: [String: Int]?
    let poolSize: Int

    func findings(on pool: PostgresPool) async throws -> [Finding] {
        var settings: [String: String] = [:]
        for row in try await pool.execute(Self.settings) {
            let (name, value) = try row.decode((String, String).self)
            settings[name] = value
        }
        var findings = [Self.version(settings)]
        findings.append(try await self.clock(on: pool))
        findings += try await self.connections(settings, on: pool)
        findings += Self.durability(settings)
        findings.append(try await self.snapshot(on: pool))
        findings.append(try await self.superuser(on: pool))
        return findings
    }

    static func version(_ settings: [String: String]) -> Finding {
        let said = "PostgreSQL \(settings["server_version"] ?? "of an unknown version")"
        guard let number = settings["server_version_num"].flatMap(Int.init), number >= 150_000 else {
            return .failed("server version", said, "use PostgreSQL 15 or later")
        }
        return .ok("server version", said)
    }

    func clock(on pool: PostgresPool) async throws -> Finding {
        _ = try await pool.execute(Self.now)  // So that no connection is opened while we measure.
        let before = Date()
        guard let server = try await pool.execute(Self.now).first?.decode(Date.self) else {
            return .failed("clocks", "the server told no time", "look at the server's log")
        }
        let after = Date()
        return Self.clock(
            difference: server.timeIntervalSince1970
                - (before.timeIntervalSince1970 + after.timeIntervalSince1970) / 2,
            uncertainty: after.timeIntervalSince(before) / 2)
    }

    /// Rows have the database's clock; a process with another one shows and sends at the wrong time.
    static func clock(difference: Double, uncertainty: Double) -> Finding {
        let milliseconds = Int((difference * 1000).rounded())
        let said =
            "the server's clock is \(abs(milliseconds)) ms \(milliseconds < 0 ? "behind" : "ahead of") this machine's"
        let certain = abs(difference) - uncertainty
        if certain > 10 { return .failed("clocks", said, "let both keep time by NTP") }
        if certain > 1 { return .warning("clocks", said, "let both keep time by NTP") }
        return .ok("clocks", said)
    }

    private func connections(_ settings: [String: String], on pool: PostgresPool) async throws -> [Finding] {
        func number(_ name: String) -> Int { settings[name].flatMap(Int.init) ?? 0 }
        let available =
            number("max_connections") - number("superuser_reserved_connections") - number("reserved_connections")
        var open: [String: Int] = [:]
        for row in try await pool.execute(Self.connections) {
            let (name, count) = try row.decode((String, Int64).self)
            open[name] = Int(count)
        }
        let used = open.values.reduce(0, +)
        let inUse: Finding =
            used * 10 > available * 9
            ? .failed(
                "connections in use", "\(used) of \(available) are open", "raise max_connections or close idle clients")
            : .ok("connections in use", "\(used) of \(available) are open")
        let replicas = self.replicas ?? ConnectionBudget.replicas(applicationNames: open)
        guard !replicas.isEmpty else {
            return [
                inUse,
                .warning(
                    "connections", "no service is connected", "start the services, or plan with --replicas intake=2,…"),
            ]
        }
        return [
            ConnectionBudget(
                replicas: replicas, poolSize: self.poolSize, available: available,
                partners: try await Self.partnerConnections(on: pool)
            ).finding, inUse,
        ]
    }

    /// What agencies' logins may open at the SQL door.
    private static func partnerConnections(on executor: some PostgresExecutor) async throws -> Int {
        try await executor.execute(Self.partners).first.map { Int(try $0.decode(Int64.self)) } ?? 0
    }

    static func durability(_ settings: [String: String]) -> [Finding] {
        var findings: [Finding] = []
        let commit = settings["synchronous_commit"] ?? "unknown"
        if settings["fsync"] == "off" || settings["full_page_writes"] == "off" {
            findings.append(
                .failed(
                    "durability", "fsync or full_page_writes is off: a crash of the machine loses or breaks data",
                    "set both on"))
        } else if commit == "off" {
            findings.append(
                .failed(
                    "durability", "synchronous_commit is off: a request that was answered may be lost in a crash",
                    "set synchronous_commit to on"))
        } else {
            findings.append(.ok("durability", "fsync on, synchronous_commit \(commit)"))
        }
        let standbys = settings["synchronous_standby_names"] ?? ""
        if standbys.isEmpty && settings["archive_mode"] == "off" {
            findings.append(
                .warning(
                    "replication",
                    "no synchronous standby and no WAL archive: a lost disk loses what was not backed up",
                    "set up a standby (synchronous_standby_names) or archive_mode"))
        } else {
            findings.append(.ok("replication", standbys.isEmpty ? "WAL is archived" : "synchronous standbys are named"))
        }
        if let logged = settings["log_statement"], logged != "none",
            settings["log_parameter_max_length_on_error"] != "0" || logged != "ddl"
        {
            findings.append(
                .warning(
                    "server log", "log_statement is \(logged): the server's log gets the text of statements",
                    "set log_statement to none"))
        }
        return findings
    }

    func snapshot(on pool: PostgresPool) async throws -> Finding {
        var oldest: (who: String, transactions: Int64, seconds: Double?)?
        for row in try await pool.execute(Self.snapshots) {
            let (who, age, seconds) = try row.decode((String, Int64, Double?).self)
            if age >= (oldest?.transactions ?? -1) { oldest = (who, age, seconds) }
        }
        let seesOthers = try await pool.execute(Self.seesOthers).first?.decode(Bool.self) ?? false
        guard let oldest else {
            guard seesOthers else {
                return .warning(
                    "oldest snapshot", "this login cannot see those of others",
                    "GRANT pg_read_all_stats TO dandelion_operator")
            }
            return .ok("oldest snapshot", "none is held")
        }
        return Self.snapshot(of: oldest.who, transactions: oldest.transactions, seconds: oldest.seconds)
    }

    /// While an old snapshot is held, dead rows of every table stay and the queue slows down.
    static func snapshot(of who: String, transactions: Int64, seconds: Double?) -> Finding {
        let held = seconds.map { ", held for \(BeijingTime.span($0))" } ?? ""
        let said = "\(transactions) transactions old\(held) (\(who))"
        let remedy = "end it: pg_terminate_backend, pg_drop_replication_slot or ROLLBACK PREPARED"
        if transactions > 5_000_000 || (seconds ?? 0) > 3600 { return .failed("oldest snapshot", said, remedy) }
        if transactions > 200_000 || (seconds ?? 0) > 300 { return .warning("oldest snapshot", said, remedy) }
        return .ok("oldest snapshot", said)
    }

    private func superuser(on pool: PostgresPool) async throws -> Finding {
        var services: [String] = []
        var isOurs = false
        for row in try await pool.execute(Self.superusers) {
            let (name, isSession) = try row.decode((String, Bool).self)
            isOurs = isOurs || isSession
            if name.hasPrefix("dandelion_") { services.append(name) }
        }
        if !services.isEmpty {
            return .failed(
                "superusers", "\(services.joined(separator: ", ")) may do anything",
                "ALTER ROLE … NOSUPERUSER NOBYPASSRLS: services need nothing but their functions")
        }
        if isOurs {
            return .warning(
                "superusers", "this command runs as a superuser, whom no right stops",
                "use a login that is a member of dandelion_operator")
        }
        return .ok("superusers", "neither this login nor a service's is one")
    }
}
