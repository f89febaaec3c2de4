import DandelionAgency
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// `Idempotency-Key` at the HTTP door: a repeat is answered as it was, and a key stands for one request.
@Suite struct RepeatedRequestTests {
    private func post(
        _ gateway: GatewayHarness, _ path: String, _ agency: NetworkFixture.Agency, key: String?, _ body: String = "{}"
    ) async throws -> GatewayHarness.RawAnswer {
        try await gateway.send(
            .POST, path, key: agency.key, body: body, headers: key.map { [("idempotency-key", $0)] } ?? [])
    }

    private func lease(_ gateway: GatewayHarness, _ agency: NetworkFixture.Agency) async throws -> String {
        try #require(try await gateway.client(agency).lease(wait: .zero).first).lease
    }

    @Test func aRepeatIsAnsweredAsTheFirstWas() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            _ = try await gateway.network.offer(to: agency)
            let lease = try await self.lease(gateway, agency)
            let path = "/v1/leases/\(lease)/hand-back"
            let body = #"{"delay_seconds":3600}"#
            let first = try await self.post(gateway, path, agency, key: "back-1", body)
            #expect(first.status == 200, "\(first.body)")
            let again = try await self.post(gateway, path, agency, key: "back-1", body)
            #expect(again.status == 200 && again.body == first.body)
            #expect(again.headers["content-type"] == "application/json" && again.headers["ratelimit"] != nil)
            // Without the key it is found out that the lease is over.
            #expect(try await self.post(gateway, path, agency, key: nil, body).status == 409)
        }
    }

    @Test func anotherRequestUnderTheSameKeyIsRefusedAndDoesNothing() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let lease = try await self.lease(gateway, agency)
            let extended = try await self.post(
                gateway, "/v1/leases/\(lease)/extend", agency, key: "k", #"{"lease_seconds":60}"#)
            #expect(extended.status == 200)
            for (path, body) in [
                ("/v1/leases/\(lease)/extend", #"{"lease_seconds":61}"#), ("/v1/leases/\(lease)/accept", "{}"),
                ("/v1/leases/\(lease)/reject", #"{"reason":"not_our_duty"}"#),
            ] {
                let other = try await self.post(gateway, path, agency, key: "k", body)
                #expect(other.status == 422 && other.body.contains("idempotency-key-reused"), "\(path)")
            }
            #expect(try await gateway.network.status(of: offer) == "received", "nothing was done")
            let accepted = try await self.post(gateway, "/v1/leases/\(lease)/accept", agency, key: "k2")
            #expect(accepted.status == 200)
        }
    }

    /// A refusal is looked at anew each time: what stood in the way may be gone.
    @Test func aRefusalIsNotKept() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let path = "/v1/referrals/\(offer.number)/progress"
            let body = #"{"status":"in_progress"}"#
            #expect(try await self.post(gateway, path, agency, key: "p", body).status == 409)
            let lease = try await self.lease(gateway, agency)
            #expect(try await self.post(gateway, "/v1/leases/\(lease)/accept", agency, key: "a").status == 200)
            #expect(try await self.post(gateway, path, agency, key: "p", body).status == 200)
        }
    }

    @Test func keysAreAnAgencysOwnAndOfOneForm() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let other = try await gateway.network.addAgency("150000-other")
            for each in [agency, other] {
                _ = try await gateway.network.offer(to: each)
                let lease = try await self.lease(gateway, each)
                #expect(try await self.post(gateway, "/v1/leases/\(lease)/accept", each, key: "one").status == 200)
            }
            for wrong in ["", String(repeating: "x", count: 201)] {
                let answer = try await self.post(gateway, "/v1/leases/x/accept", agency, key: wrong)
                #expect(answer.status == 400 && answer.body.contains("Idempotency-Key"), "\(answer.body)")
            }
            let large = "{\"lease_seconds\":\(String(repeating: " ", count: 40_000))60}"
            let answer = try await self.post(gateway, "/v1/leases/x/extend", agency, key: "large", large)
            #expect(answer.status == 413, "\(answer.body)")
        }
    }

    /// Two at once: both are answered, and it is done once.
    @Test func twoAtOnceAreOneRequest() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let lease = try await self.lease(gateway, agency)
            let answers = try await withThrowingTaskGroup(of: GatewayHarness.RawAnswer.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await self.post(gateway, "/v1/leases/\(lease)/accept", agency, key: "same") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 200 && $0.body == answers[0].body })
            #expect(try await gateway.network.answers(about: offer) == 1)
        }
    }

    @Test func keysAndSettledWebhooksAreForgottenAfterTheirTime() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency(
                "150000-civil-affairs", webhookURL: "https://agency.example/hook", webhookSecret: [1, 2, 3])
            let offer = try await gateway.network.offer(to: agency)
            let lease = try await self.lease(gateway, agency)
            let path = "/v1/leases/\(lease)/extend"
            #expect(try await self.post(gateway, path, agency, key: "k", #"{"lease_seconds":60}"#).status == 200)
            for (state, age) in [("delivered", 100), ("failed", 91), ("delivered", 10), ("pending", 100)] {
                try await gateway.database.pool.execute(Self.addWebhook, agency.id, offer.referralID, state, Int32(age))
            }
            try await gateway.database.withPool(user: "dandelion_gateway") { pool async throws in
                let sweep = ForgettingSweep(
                    pool: pool, keepWebhooks: .seconds(90 * 86_400), logger: GatewayHarness.logger)
                #expect(try await sweep.sweep() == 2, "the key is young, and so is one webhook")
                #expect(try await sweep.sweep() == 0)
                let later = ForgettingSweep(
                    pool: pool, keepKeys: .zero, keepWebhooks: .seconds(90 * 86_400), logger: GatewayHarness.logger)
                #expect(try await later.sweep() == 1)
            }
            let left = try #require(await gateway.database.pool.execute(Self.left).first).decode((Int64, Int64).self)
            #expect(left.0 == 2 && left.1 == 2)
            #expect(try await self.post(gateway, path, agency, key: "k", #"{"lease_seconds":90}"#).status == 200)
        }
    }

    private static let addWebhook = Statement(
        name: "test_add_webhook",
        """
        WITH d AS (
            INSERT INTO casework.webhook_delivery (agency_id, referral_id, event, state, created_at, settled_at)
            SELECT $1, $2, 'referral.offered', $3, t, CASE WHEN $3 = 'pending' THEN NULL ELSE t END
            FROM (SELECT clock_timestamp() - make_interval(days => $4::integer) AS t) AS at RETURNING id, created_at)
        INSERT INTO casework.webhook_attempt (delivery_id, at, code, milliseconds) SELECT id, created_at, 'x', 1 FROM d
        """)
    private static let left = Statement(
        name: "test_webhooks_left",
        "SELECT (SELECT count(*) FROM casework.webhook_delivery), (SELECT count(*) FROM casework.webhook_attempt)")
}
