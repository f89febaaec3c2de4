import AgencyDoors
import Foundation
import PostgresClient
import TestSupport
import Testing

/// What an agency may have in hand at once and take in a while is decided by the claim, whichever door it comes through, and
/// by nobody else's traffic.
@Suite struct AdmissionTests {
    private static let limit = Statement(
        name: "admission_limit", "SELECT queue.set_limit('agency.' || $1::text, $2, $3, $4)")
    private static let running = Statement(
        name: "admission_running",
        "SELECT count(*) FROM queue.job WHERE queue = 'agency.' || $1::text AND state = 'running'")

    @Test func anAgencyNeverHasMoreInHandThanItsLimit() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("police")
            let other = try await network.agency("court")
            for _ in 0..<12 { _ = try await network.offer(to: agency) }
            for _ in 0..<3 { _ = try await network.offer(to: other) }
            let none = Optional<Double>.none
            try await database.pool.execute(Self.limit, agency.id, Int32(5), none, none)
            let byGateway = try await database.withPool(user: "dandelion_gateway") { gateway async throws in
                try await network.asAgency(agency) { pool async throws in
                    try await withThrowingTaskGroup(of: Int.self) { group in
                        for _ in 0..<4 {
                            group.addTask { try await pool.lease(3).count }
                            group.addTask {
                                try await GatewayDoorStore().lease(
                                    limit: 3, for: .seconds(60), of: agency.id, requestedBy: agency.code, on: gateway
                                ).count
                            }
                        }
                        return try await group.reduce(0, +)
                    }
                }
            }
            #expect(byGateway == 5)
            try await network.asAgency(agency) { pool async throws in
                let more = try await pool.lease(10)
                #expect(more.isEmpty, "through no door")
            }
            try await network.asAgency(other) { pool async throws in
                let all = try await pool.lease(10)
                #expect(all.count == 3, "another agency's are its own")
            }
            let running = try #require(await database.pool.execute(Self.running, agency.id).first).decode(Int64.self)
            #expect(running == 5)
        }
    }

    @Test func whatItTakesInAWhileIsItsBuckets() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("police")
            for _ in 0..<6 { _ = try await network.offer(to: agency) }
            // One an hour, four at once.
            try await database.pool.execute(Self.limit, agency.id, Optional<Int32>.none, 1.0 / 3600, 4.0)
            try await network.asAgency(agency) { pool async throws in
                let first = try await pool.lease(10)
                let second = try await pool.lease(10)
                #expect(first.count == 4 && second.isEmpty)
            }
        }
    }
}
