import AgencyDoors
import PostgresClient

/// The SQL door: that no agency's login reaches anything but its functions, and what PostgreSQL leaves it all the same.
struct PartnerChecks: Sendable {
    static let settings = Statement(
        name: "doctor_partner_settings",
        """
        SELECT current_setting('temp_file_limit') = '-1', EXISTS (
            SELECT 1 FROM pg_catalog.pg_database WHERE datname = 'dandelion_bell'),
            (SELECT count(*) FROM pg_catalog.pg_roles AS r WHERE r.rolcanlogin AND r.rolconnlimit < 0
                AND r.rolname = ANY ($1))
        """)

    /// Every statement, for the test that prepares each.
    static let statements = [settings]

    func findings(on executor: some PostgresExecutor) async throws -> [Finding] {
        let rights = PartnerRights()
        let logins = try await rights.logins(on: executor)
        var surplus: Set<String> = []
        for role in [PartnerRights.role] + logins {
            surplus.formUnion(try await rights.surplus(of: role, on: executor).map { "\(role): \($0)" })
        }
        var findings = [Self.closure(surplus, logins: logins.count)]
        guard !logins.isEmpty else { return findings }
        findings.append(Self.leftovers(try await rights.leftovers(of: PartnerRights.role, on: executor)))
        findings += try await self.limits(logins, on: executor)
        return findings
    }

    static func closure(_ surplus: Set<String>, logins: Int) -> Finding {
        guard surplus.isEmpty else {
            return .failed(
                "SQL door", "reaches past its functions: \(surplus.sorted().joined(separator: ", "))",
                "revoke it; until then `dandelion agency close-login` the logins")
        }
        return .ok("SQL door", "\(logins) logins reach the functions of partner and nothing else")
    }

    static func leftovers(_ left: [String]) -> Finding {
        guard !left.isEmpty else { return .ok("PUBLIC of PostgreSQL", "has nothing that an agency could misuse") }
        return .warning(
            "PUBLIC of PostgreSQL", "leaves agencies' logins \(left.joined(separator: ", "))",
            "as a superuser: psql -f Shared/AgencyDoors/Server/close_public.psql, in this database and in dandelion_bell; "
                + "elsewhere deploy/THREATS.md says what that leaves")
    }

    private func limits(_ logins: [String], on executor: some PostgresExecutor) async throws -> [Finding] {
        guard let row = try await executor.execute(Self.settings, logins).first else { return [] }
        let (isUnlimited, hasBells, unlimited) = try row.decode((Bool, Bool, Int64).self)
        return [
            isUnlimited
                ? .warning(
                    "temporary files", "have no limit: one query of an agency's can fill the disk",
                    "set temp_file_limit in the server's configuration")
                : .ok("temporary files", "are limited"),
            hasBells
                ? .ok("bells", "agencies listen in a database of their own")
                : .warning(
                    "bells", "there is no database dandelion_bell: agencies have to poll",
                    "CREATE DATABASE dandelion_bell, owned like this one; then close_public.psql there"),
            unlimited == 0
                ? .ok("agencies' connections", "\(logins.count) logins may open up to \(4 * logins.count)")
                : .failed(
                    "agencies' connections", "\(unlimited) logins have no limit",
                    "`dandelion agency login` sets it again"),
        ]
    }
}
