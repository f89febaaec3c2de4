import AgencyDoors
import Foundation
import PostgresClient
import TestSupport
import Testing

/// A login may SET its own timeouts away. Somebody else keeps them.
@Suite struct PartnerGuardTests {
    private static let setAway = Statement(
        name: "guard_set_away",
        """
        SELECT set_config('statement_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false),
            set_config('lock_timeout', '0', false), set_config('idle_session_timeout', '0', false)
        """)
    private static let begin = Statement(
        name: "guard_begin", unchecked: "BEGIN ISOLATION LEVEL REPEATABLE READ; ")
    private static let beginPlainly = Statement(name: "guard_begin_plainly", unchecked: "BEGIN")
    private static let snapshot = Statement(name: "guard_snapshot", "SELECT count(*) FROM partner.referrals()")
    private static let sleep = Statement(name: "guard_sleep", "SELECT pg_sleep(300)")
    private static let one = Statement(name: "guard_one", "SELECT 1")
    private static let write = Statement(name: "guard_write", "SELECT pg_current_xact_id()")
    private static let openLocks = Statement(
        name: "guard_open", "GRANT EXECUTE ON FUNCTION pg_advisory_lock(integer, integer) TO PUBLIC")
    private static let lockRouting = Statement(
        name: "guard_lock_routing", "SELECT pg_advisory_lock(1903519093, hashtext('routing'))")
    private static let isActive = Statement(
        name: "guard_active", "SELECT count(*) FROM pg_stat_activity WHERE usename = $1::text AND state = 'active'")
    private static let sessions = Statement(
        name: "guard_sessions", "SELECT count(*) FROM pg_stat_activity WHERE usename = $1::text")

    /// A session of the agency's that a test leaves in some state; closed at the end.
    private func withSession(
        of agency: DoorFixture.Agency, in database: TestDatabase, _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        var configuration = database.configuration(user: agency.login)
        configuration.statementTimeout = nil
        configuration.idleInTransactionTimeout = nil
        let connection = try await PostgresConnection.connect(configuration)
        do {
            try await connection.execute(Self.setAway)
            try await body(connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    /// With the gateway's rights, who does it.
    private func watch(
        _ database: TestDatabase, longest: Duration = .seconds(3600), snapshot: Int64 = 1_000_000
    ) async throws -> [PartnerGuard.Ended] {
        try await database.withPool(user: "dandelion_gateway", maximumConnections: 1) { pool in
            try await PartnerGuard().watch(longest: longest, snapshot: snapshot, on: pool)
        }
    }

    private func count(_ statement: Statement, _ agency: DoorFixture.Agency, _ database: TestDatabase) async throws
        -> Int64
    {
        try #require(await database.pool.execute(statement, agency.login).first).decode(Int64.self)
    }

    @Test func aTransactionThatIsHeldOpenIsEnded() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("hostile")
            let other = try await network.agency("other")
            try await self.withSession(of: agency, in: database) { held async throws in
                try await self.withSession(of: other, in: database) { idle async throws in
                    try await held.execute(Self.begin)
                    try await held.execute(Self.snapshot)
                    #expect(try await self.watch(database) == [], "not yet")
                    let ended = try await self.watch(database, longest: .zero)
                    #expect(ended == [.init(login: agency.login, reason: "transaction")])
                    await #expect(throws: PostgresError.self) { try await held.execute(Self.one) }
                    try await idle.execute(Self.one)
                }
            }
        }
    }

    @Test func aStatementThatRunsAndRunsIsEnded() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("hostile")
            try await self.withSession(of: agency, in: database) { session async throws in
                async let slept = #expect(throws: PostgresError.self) { try await session.execute(Self.sleep) }
                try await eventually("it runs") { try await self.count(Self.isActive, agency, database) == 1 }
                let ended = try await self.watch(database, longest: .zero)
                #expect(ended == [.init(login: agency.login, reason: "statement")])
                _ = await slept
            }
        }
    }

    @Test func aSnapshotThatHoldsBackTheCleanUpIsEnded() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("hostile")
            try await self.withSession(of: agency, in: database) { session async throws in
                try await session.execute(Self.begin)
                try await session.execute(Self.snapshot)
                for _ in 0..<20 { try await database.pool.execute(Self.write) }
                #expect(try await self.watch(database, snapshot: 1_000_000) == [])
                let ended = try await self.watch(database, snapshot: 10)
                #expect(ended == [.init(login: agency.login, reason: "snapshot")])
            }
        }
    }

    /// On a server where advisory locks could not be taken from PUBLIC: every claim of routing's stands behind this one.
    @Test func aLockThatIsNoneOfTheirsIsGivenUp() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("hostile")
            _ = try await network.offer(to: agency)
            try await database.pool.execute(Self.openLocks)
            try await self.withSession(of: agency, in: database) { honest async throws in
                try await honest.execute(Self.beginPlainly)
                let leases = try await honest.lease()
                #expect(leases.count == 1)
                #expect(try await self.watch(database) == [], "a claim's own lock is right")
                try await self.withSession(of: agency, in: database) { session async throws in
                    try await session.execute(Self.lockRouting)
                    let ended = try await self.watch(database)
                    #expect(ended == [.init(login: agency.login, reason: "advisory_lock")])
                }
            }
        }
    }

    @Test func sessionsOfASuspendedAgencyAreEnded() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("hostile")
            try await self.withSession(of: agency, in: database) { session async throws in
                try await database.pool.execute(Self.suspend, agency.id)
                let ended = try await self.watch(database)
                #expect(ended == [.init(login: agency.login, reason: "closed")])
            }
        }
    }

    /// It ends nobody else's: neither the network's services nor the owner.
    @Test func nobodyElseIsTouched() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            _ = try await network.agency("court")
            try await database.withPool(user: "dandelion_routing", maximumConnections: 1) { pool async throws in
                try await pool.withTransaction("long") { transaction async throws in
                    try await transaction.execute(Self.one)
                    #expect(try await self.watch(database, longest: .zero, snapshot: 0) == [])
                    try await transaction.execute(Self.one)
                }
            }
        }
    }

    private static let suspend = Statement(
        name: "guard_suspend", "UPDATE casework.agency SET status = 'suspended' WHERE id = $1")
}
