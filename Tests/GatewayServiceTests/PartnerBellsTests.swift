import AgencyDoors
import Foundation
import Logging
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// The bells of agencies with a login of their own, in a database without tables.
@Suite struct PartnerBellsTests {
    private static let login = Statement(
        name: "test_partner_login",
        """
        INSERT INTO door.agency_login (login, agency_id) VALUES ('agency_' || replace($1::text, '-', '_'), $2)
        RETURNING channel
        """)

    private static let tables = Statement(
        name: "test_bell_tables",
        "SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema)'")

    @Test func aHandOverRingsItsAgencysBellAndNoOther() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let other = try await gateway.network.addAgency("150000-police")
            let channels = try await [agency, other].asyncMap { agency in
                try #require(await gateway.database.pool.execute(Self.login, agency.code, agency.id).first)
                    .decode(String.self)
            }
            #expect(Set(channels).count == 2 && channels.allSatisfy { $0.count == 37 })

            let database = gateway.database.configuration(user: "dandelion_gateway")
            let place = try #require(PartnerBells.configuration(beside: database))
            let logger = GatewayHarness.logger
            let queueBells = PostgresListener(database, logger: logger)
            let bells = PartnerBells(pool: gateway.database.pool, bells: place, listener: queueBells, logger: logger)
            let ears = PostgresListener(place, logger: logger)
            let heard = TestSignal<String>("a bell rings")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await queueBells.run() }
                group.addTask { try await bells.run() }
                group.addTask { try await ears.run() }
                for (index, channel) in channels.enumerated() {
                    let events = ears.subscribe(channel)
                    group.addTask {
                        for await event in events {
                            switch event {
                            case .mayHaveMissed: heard.send("listening")
                            case .notification(let payload): heard.send("\(index) \(payload)")
                            }
                        }
                    }
                }
                for _ in channels { #expect(try await heard.wait(timeout: .seconds(60)) == "listening") }
                // The queue's bell may ring before its listener listens: rung until it was heard.
                var rung: String?
                while rung == nil {
                    try await gateway.database.pool.execute(
                        Self.ringQueue, "agency.\(agency.id.uuidString.lowercased())")
                    rung = try? await heard.wait(timeout: .milliseconds(500))
                }
                #expect(rung == "0 ", "the first agency's, without a payload")
                // The other's comes after all of the first's that were rung before it.
                try await gateway.database.pool.execute(Self.ringQueue, "agency.\(other.id.uuidString.lowercased())")
                var last = ""
                while last != "1 " {
                    last = try await heard.wait(timeout: .seconds(60))
                    #expect(["0 ", "1 "].contains(last))
                }
                group.cancelAll()
            }
        }
    }

    @Test func theirDatabaseHoldsNothingAndGivesNothing() async throws {
        try await withTestDatabase { database in
            let place = try #require(PartnerBells.configuration(beside: database.configuration()))
            let connection = try await PostgresConnection.connect(place)
            let rows = try await connection.execute(Self.tables)
            #expect(try rows.first?.decode(Int64.self) == 0)
            let left = try await PartnerRights().leftovers(of: PartnerRights.role, on: connection)
            #expect(left.filter { $0 != "temporary tables" } == [])
            await connection.close()
        }
    }

    private static let ringQueue = Statement(name: "test_ring_queue", "SELECT queue.ring_at_commit(ARRAY[$1])")
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
