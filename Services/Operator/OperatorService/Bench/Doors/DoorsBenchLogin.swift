import AgencyDoors
import FoundationEssentials
import PostgresClient

/// An agency at the SQL door: a session of its own login, and one that listens in the database of the bells.
struct DoorsBenchLogin: Sendable {
    private static let lease = Statement(name: "bench_doors_lease", "SELECT referral FROM partner.lease(10, 900)")
    private static let bell = Statement(name: "bench_doors_bell", "SELECT partner.bell()")

    private let door: PostgresConfiguration
    private let bells: PostgresConfiguration

    init(_ agency: DoorsBenchAgency, beside database: PostgresConfiguration) {
        var door = database
        door.dsn += " user=\(PartnerLogins.name(for: agency.code))"
        door.maximumConnections = 1
        self.door = door
        var bells = door
        bells.dsn += " dbname=\(PartnerGuard.bellDatabase)"
        self.bells = bells
    }

    /// Leases whenever the bell rings, and once a second, until the task is cancelled.
    func take(_ leased: @escaping @Sendable (String) -> Void) async throws {
        let pool = PostgresPool(self.door, logger: .quiet)
        let listener = PostgresListener(self.bells, logger: .quiet)
        do {
            guard let channel = try await pool.execute(Self.bell).first?.decode(String?.self) else {
                throw CommandFailure(.internalError, "the login has no bell")
            }
            let rings = listener.subscribe(channel)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.run() }
                group.addTask {
                    for await _ in rings { try await Self.leaseAll(pool, leased) }
                }
                group.addTask {
                    while true {
                        try await Self.leaseAll(pool, leased)
                        try await Task.sleep(for: .seconds(1))
                    }
                }
                _ = try await group.next()
                group.cancelAll()
            }
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }

    private static func leaseAll(_ pool: PostgresPool, _ leased: (String) -> Void) async throws {
        while true {
            let rows = try await pool.execute(Self.lease)
            for row in rows { leased(try row.decode(String.self)) }
            if rows.count < 10 { return }
        }
    }
}
