import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// Rows that somebody else holds.
struct HeldRows: Sendable {
    private let isHeld = TestSignal<Void>("the rows are held")
    private let goOn = TestSignal<Void>("let go")

    func hold(_ sql: String, _ pool: PostgresPool) async throws {
        try await pool.withTransaction("t_hold") { transaction in
            try await transaction.execute(NetworkFixture.statement(sql))
            self.isHeld.send()
            try await self.goOn.wait()
        }
    }

    func held() async throws { try await self.isHeld.wait() }
    func release() { self.goOn.send() }
}

extension NetworkFixture {
    static func statement(_ sql: String) -> Statement {
        Statement(name: "t_\(UInt64.random(in: 0 ... .max))", unchecked: sql)
    }

    func offers(_ count: Int, to agency: Agency) async throws -> [Offer] {
        var offers: [Offer] = []
        for _ in 0..<count { offers.append(try await self.offer(to: agency)) }
        return offers
    }

    func run(_ sql: String) async throws { try await self.pool.execute(Self.statement(sql)) }

    func count(_ sql: String) async throws -> Int64 {
        let rows = try await self.pool.execute(Self.statement(sql))
        return try #require(rows.first).decode(Int64.self)
    }

    func events(_ kind: String, of offer: Offer) async throws -> Int64 {
        try await self.count(
            "SELECT count(*) FROM casework.event WHERE kind = '\(kind)' AND referral_id = '\(offer.referralID)'")
    }

    /// From now on nothing can be written to this referral.
    func poison(_ offer: Offer) async throws {
        try await self.run(
            """
            CREATE FUNCTION casework.t_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.id = '\(offer.referralID)' THEN RAISE 'poison'; END IF;
                RETURN NEW;
            END $$
            """)
        try await self.run(
            "CREATE TRIGGER t_poison BEFORE UPDATE ON casework.referral FOR EACH ROW EXECUTE FUNCTION casework.t_poison()"
        )
    }

    func eventuallySomebodyWaits() async throws {
        try await eventually("somebody waits for a row") {
            try await self.count(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND datname = current_database()
                """) > 0
        }
    }
}
