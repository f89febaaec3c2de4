import AgencyDoors
import Contracts
import Foundation
import JobTypes
import TestSupport
import Testing

@testable import PostgresClient

/// A hostile login may LISTEN on whatever it likes: PostgreSQL knows no right to that. It hears that something happens.
@Suite struct HostileListenerTests {
    /// Two agencies are offered work and answer it, hundreds of channels are listened on: what is heard has one form, never comes
    /// twice, and holds nothing of either agency, the listener's own included.
    @Test func itHearsThatSomethingHappensAndNothingElse() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let victim = try await network.agency("victim")
            let hostile = try await network.agency("hostile")
            let heard = TestSignal<(channel: String, payload: String)>("the last notification")
            let connection = try await PostgresConnection.connect(database.configuration(user: hostile.login))
            await connection.observe {
                heard.send(($0, $1))
            } onClose: {
            }
            var channels = Set(try await connection.execute(Self.words).map { try $0.decode(String.self) })
            channels.formUnion([
                "hostile_over", "queue_ready", "queue_cancel", "job", "routing", "notification", "gateway",
            ])
            for agency in [victim, hostile] {
                let id = agency.id.uuidString.lowercased()
                channels.formUnion([id, agency.code, agency.login, Queues.agency(agency.id).rawValue, "queue_\(id)"])
            }
            #expect(channels.count > 300)
            for (index, channel) in channels.enumerated() {
                try await connection.execute(
                    Statement(name: "hostile_listen_\(index)", unchecked: "LISTEN \"\(channel)\""))
            }
            for _ in 0..<5 {
                for agency in [victim, hostile] {
                    _ = try await network.offer(to: agency)
                    // Nobody rings for the fixture.
                    try await database.pool.execute(Self.ring, [Queues.agency(agency.id).rawValue])
                    try await network.asAgency(agency) { pool async throws in
                        let lease = try #require(await pool.lease().first).lease
                        #expect(try await pool.word(PartnerCalls.accept, lease) == "done")
                    }
                }
            }
            _ = try await network.offer(to: victim)
            try await network.asAgency(victim) { pool async throws in #expect(try await pool.lease().count == 1) }
            try await database.pool.execute(Self.cancel, Queues.agency(victim.id).rawValue)
            try await database.pool.execute(Self.over)
            var all: [(channel: String, payload: String)] = []
            while all.last?.channel != "hostile_over" { all.append(try await heard.wait()) }
            all.removeLast()
            await connection.close()

            // Five offers and five answers of each.
            let rings = all.filter { $0.channel == "queue_ready" }.map(\.payload)
            #expect(rings.count == 20)
            #expect(rings.allSatisfy { $0.utf8.count == 48 })
            // Neither the salt nor what it hides comes again: no pseudonym to count by.
            #expect(Set(rings.map { $0.prefix(32) }).count == rings.count)
            #expect(Set(rings.map { $0.suffix(16) }).count == rings.count)
            let others = all.filter { $0.channel != "queue_ready" }
            #expect(others.map(\.channel) == ["queue_cancel"] && others.allSatisfy(\.payload.isEmpty))
        }
    }

    private static let ring = Statement(name: "test_hostile_ring", "SELECT queue.ring($1)")
    private static let over = Statement(name: "test_hostile_over", "SELECT pg_notify('hostile_over', '')")
    private static let cancel = Statement(
        name: "test_hostile_cancel",
        "SELECT queue.cancel(alias, 'test') FROM queue.job_overview WHERE queue = $1 AND state = 'running'")
    /// Every name in the catalogue that is not PostgreSQL's own.
    private static let words = Statement(
        name: "test_hostile_words",
        """
        SELECT DISTINCT left(w.word, 63) FROM (
            SELECT nspname::text FROM pg_namespace UNION SELECT relname FROM pg_class UNION SELECT rolname FROM pg_roles
            UNION SELECT proname FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
        ) AS w (word) WHERE w.word !~ '^pg_' AND w.word !~ '"'
        """)
}
