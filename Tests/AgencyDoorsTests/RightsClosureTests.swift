import AgencyDoors
import PostgresClient
import TestSupport
import Testing

/// What a login could do with the whole catalogue before it, and all the time it wants.
@Suite struct RightsClosureTests {
    private static let attempts = [
        Statement(name: "closure_jobs", "SELECT count(*) FROM queue.job"),
        Statement(name: "closure_cases", "SELECT count(*) FROM casework.cases"),
        Statement(name: "closure_logins", "SELECT count(*) FROM door.agency_login"),
        Statement(name: "closure_packages", "SELECT count(*) FROM safeguarding.sealed_package"),
        Statement(name: "closure_claim", "SELECT * FROM queue.claim('routing', 1, NULL, '1 min', 'x')"),
        Statement(name: "closure_gateway", "SELECT * FROM gateway.lease(gen_random_uuid(), 1, '1 min', 'x')"),
        Statement(name: "closure_door", "SELECT * FROM door.lease(gen_random_uuid(), 1, '1 min', 'x', true)"),
        Statement(name: "closure_login", "SELECT door.create_login('a', 'agency_a', 'x')"),
        Statement(name: "closure_role", "SET ROLE dandelion_gateway"),
        Statement(name: "closure_session", "SET SESSION AUTHORIZATION postgres"),
        Statement(name: "closure_table", "CREATE TABLE public.mine (a int)"),
        Statement(name: "closure_verifier", "SELECT count(*) FROM pg_authid"),
    ]

    @Test func aPartnerReachesItsFunctionsAndNothingElse() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("hostile")
            let rights = PartnerRights()
            for role in [agency.login, PartnerRights.role] {
                #expect(try await rights.surplus(of: role, on: database.pool) == [])
                #expect(try await rights.leftovers(of: role, on: database.pool) == [], "after close_public.psql")
            }
            try await network.asAgency(agency) { pool async throws in
                for attempt in Self.attempts {
                    let error = await #expect(throws: PostgresError.self) { _ = try await pool.execute(attempt) }
                    #expect(error?.sqlState == "42501", "\(attempt.name)")
                }
            }
        }
    }

    /// The proof fails for each kind of right that is too much.
    @Test(arguments: [
        ("GRANT SELECT ON casework.division TO dandelion_partner", "relation casework.division"),
        ("GRANT SELECT (name) ON casework.division TO PUBLIC", "relation casework.division"),
        ("GRANT USAGE ON SEQUENCE queue.job_position TO dandelion_partner", "relation queue.job_position"),
        (
            "GRANT USAGE ON SCHEMA gateway TO dandelion_partner; GRANT EXECUTE ON FUNCTION gateway.bells() TO PUBLIC",
            "function gateway.bells"
        ),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "creating in schema public"),
        (
            "ALTER FUNCTION partner.bell() RESET search_path", "function partner.bell without a pinned path"
        ),
    ])
    func aRightTooMuchIsFound(change: String, finding: String) async throws {
        try await withTestDatabase { database in
            for (index, statement) in change.split(separator: ";").enumerated() {
                try await database.pool.execute(
                    Statement(name: "closure_change_\(index)", unchecked: String(statement)))
            }
            let found = try await PartnerRights().surplus(of: PartnerRights.role, on: database.pool)
            #expect(found == [finding])
        }
    }
}
