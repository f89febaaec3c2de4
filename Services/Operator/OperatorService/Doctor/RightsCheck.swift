import PostgresClient

/// Least privilege: each service's role has its functions and no table, PUBLIC has nothing of ours.
struct RightsCheck: Sendable {
    static let roleFunctions = Statement(
        name: "doctor_role_functions",
        """
        SELECT r.rolname::text, n.nspname || '.' || p.proname
        FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        CROSS JOIN pg_catalog.pg_roles AS r
        WHERE n.nspname IN ('queue', 'casework', 'safeguarding', 'door', 'gateway', 'partner', 'ledger') AND r.rolname = ANY ($1)
            AND has_function_privilege(r.oid, p.oid, 'EXECUTE') AND has_schema_privilege(r.oid, n.oid, 'USAGE')
        """)
    static let roleTables = Statement(
        name: "doctor_role_tables",
        """
        SELECT r.rolname::text, n.nspname || '.' || c.relname,
            has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        CROSS JOIN pg_catalog.pg_roles AS r
        WHERE n.nspname IN ('queue', 'casework', 'safeguarding', 'door', 'gateway', 'partner', 'ledger') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND r.rolname = ANY ($1)
            AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
        """)
    static let publicRights = Statement(
        name: "doctor_public_rights",
        """
        SELECT 'schema ' || n.nspname FROM pg_catalog.pg_namespace AS n, aclexplode(n.nspacl) AS a
        WHERE n.nspname IN ('queue', 'casework', 'safeguarding', 'door', 'gateway', 'partner', 'ledger') AND a.grantee = 0
        UNION ALL
        SELECT 'function ' || n.nspname || '.' || p.proname
        FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace,
            aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE n.nspname IN ('queue', 'casework', 'safeguarding', 'door', 'gateway', 'partner', 'ledger') AND a.grantee = 0
        UNION ALL
        SELECT 'table ' || n.nspname || '.' || c.relname
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace,
            aclexplode(c.relacl) AS a
        WHERE n.nspname IN ('queue', 'casework', 'safeguarding', 'door', 'gateway', 'partner', 'ledger') AND a.grantee = 0
        """)
    static let missingRoles = Statement(
        name: "doctor_missing_roles",
        """
        SELECT wanted FROM unnest($1::text[]) AS wanted
        WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles AS r WHERE r.rolname = wanted)
        """)

    /// Every statement, for the test that prepares each.
    static let statements = [roleFunctions, roleTables, publicRights, missingRoles]

    func findings(on executor: some PostgresExecutor) async throws -> [Finding] {
        let missing = try await executor.execute(Self.missingRoles, ServiceRights.roles)
            .map { try $0.decode(String.self) }
        guard missing.isEmpty else {
            return [
                .failed(
                    "rights", "there is no role \(missing.joined(separator: ", "))",
                    "run `dandelion migrate` as a login that may create roles")
            ]
        }
        return [
            try await self.functions(on: executor), try await self.tables(on: executor),
            try await self.everybody(on: executor),
        ]
    }

    private func functions(on executor: some PostgresExecutor) async throws -> Finding {
        var held: [String: Set<String>] = [:]
        for row in try await executor.execute(Self.roleFunctions, ServiceRights.roles) {
            let (role, function) = try row.decode((String, String).self)
            held[role, default: []].insert(function)
        }
        var missing: [String] = []
        var surplus: [String] = []
        for (role, functions) in ServiceRights.functions.sorted(by: { $0.key < $1.key }) {
            missing += Set(functions).subtracting(held[role] ?? []).sorted().map { "\(role) \($0)" }
            surplus += (held[role] ?? []).subtracting(functions).sorted().map { "\(role) \($0)" }
        }
        if !missing.isEmpty {
            return .failed(
                "rights", "may not call: \(missing.joined(separator: ", "))",
                "run `dandelion migrate`; grant again what was revoked by hand")
        }
        if !surplus.isEmpty {
            // A newer migration may have granted more: it runs beside the older program.
            return .warning(
                "rights", "may call more than this program knows: \(surplus.joined(separator: ", "))",
                "revoke it, or use the program of the database's version")
        }
        return .ok("rights", "each of \(held.count) roles has its functions and no other")
    }

    private func tables(on executor: some PostgresExecutor) async throws -> Finding {
        var wrong: [String] = []
        for row in try await executor.execute(Self.roleTables, ServiceRights.roles) {
            let (role, table, writes) = try row.decode((String, String, Bool).self)
            let isView = role == "dandelion_operator" && ServiceRights.operatorViews.contains(table)
            if writes || !isView { wrong.append("\(role) \(table)") }
        }
        guard wrong.isEmpty else {
            return .failed(
                "table rights", "reach tables past the functions: \(wrong.sorted().joined(separator: ", "))",
                "REVOKE ALL ON the tables FROM the role")
        }
        return .ok("table rights", "no service reads or writes a table; operators read their views")
    }

    private func everybody(on executor: some PostgresExecutor) async throws -> Finding {
        let open = try await executor.execute(Self.publicRights).map { try $0.decode(String.self) }
        guard open.isEmpty else {
            return .failed(
                "PUBLIC", "everybody may use \(Set(open).sorted().joined(separator: ", "))", "REVOKE ALL … FROM PUBLIC")
        }
        return .ok("PUBLIC", "has no right on our schemas")
    }
}
