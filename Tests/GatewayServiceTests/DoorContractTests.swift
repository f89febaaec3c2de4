import DandelionAgency
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// What the HTTP door promises beside its operations: pages, entity tags, limits that can be seen, keys that are good for some things only.
@Suite struct DoorContractTests {
    @Test func pagesGoOnWhereTheLastEndedWhateverComesInBetween() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let other = try await gateway.network.addAgency("150000-other")
            let foreign = try await gateway.network.offer(to: other)
            var offers: [String] = []
            for _ in 0..<5 { offers.append(try await gateway.network.offer(to: agency).number) }
            // Three of one instant: the order among them is still one order.
            try await gateway.database.pool.execute(Self.sameInstant, agency.id)
            let client = try gateway.client(agency)
            var seen: [String] = []
            var after: String?
            repeat {
                let page = try await client.referrals(limit: 2, after: after).map(\.number)
                seen += page
                after = page.last
                _ = try await gateway.network.offer(to: agency)
            } while after != nil && seen.count < 20
            #expect(seen.count == 5 && Set(seen) == Set(offers))
            let first = try await gateway.send(.GET, "/v1/referrals?limit=2", key: agency.key)
            #expect(first.body.contains(#""next":"R-"#))
            let all = try await gateway.send(.GET, "/v1/referrals?limit=200", key: agency.key)
            #expect(!all.body.contains(#""next""#))
            // Another's number says nothing about where it stands.
            #expect(try await client.referrals(after: foreign.number).isEmpty)
            let bad = try await gateway.send(.GET, "/v1/referrals?limit=0&after=x", key: agency.key)
            #expect(bad.status == 422 && bad.body.contains("?after") && bad.body.contains("?limit"))
        }
    }

    @Test func whatTheClientHasIsNotSentAgain() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let path = "/v1/referrals/\(offer.number)"
            let first = try await gateway.send(.GET, path, key: agency.key)
            let tag = try #require(first.headers["etag"])
            #expect(first.status == 200 && first.headers["cache-control"] == "private, no-cache")
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let same = try await gateway.send(.GET, path, key: agency.key, headers: [("if-none-match", known)])
                #expect(same.status == 304 && same.body.isEmpty && same.headers["etag"] == tag, "\(known)")
            }
            _ = try await gateway.client(agency).lease(wait: .zero)
            let changed = try await gateway.send(.GET, path, key: agency.key, headers: [("if-none-match", tag)])
            #expect(changed.status == 200 && changed.headers["etag"] != tag)
        }
    }

    @Test func theLimitCanBeSeenBeforeItIsMet() async throws {
        var settings = GatewaySettings()
        settings.requestsPerSecond = 2
        try await withGateway(settings: settings) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            var remaining: [String] = []
            var last = try await gateway.send(.GET, "/v1/tasks", key: agency.key)
            while last.status == 200, remaining.count < 50 {
                #expect(last.headers["ratelimit-policy"] == #""agency";q=4"#)
                remaining.append(try #require(last.headers["ratelimit"]))
                last = try await gateway.send(.GET, "/v1/tasks", key: agency.key)
            }
            #expect(remaining.first?.hasPrefix(#""agency";r=3;t="#) == true)
            #expect(last.status == 429 && last.headers["retry-after"] != nil)
        }
    }

    @Test func aKeyIsGoodForItsScopesAndItsTime() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let pool = gateway.database.pool
            try await pool.execute(Self.readOnly, agency.id)
            #expect(try await gateway.send(.GET, "/v1/referrals", key: agency.key).status == 200)
            for path in ["/v1/leases", "/v1/referrals/\(offer.number)/progress", "/v1/tasks/\(UUID())/done"] {
                let answer = try await gateway.send(.POST, path, key: agency.key, body: "{}")
                #expect(answer.status == 403 && answer.body.contains("outside-scope"), "\(path)")
            }
            #expect(try await gateway.network.disclosures(of: offer) == 0)
            try await pool.execute(Self.ended, agency.id)
            #expect(try await gateway.send(.GET, "/v1/referrals", key: agency.key).status == 401)
        }
    }

    private static let sameInstant = Statement(
        name: "t_same_instant",
        """
        UPDATE casework.referral SET requested_at = '2026-01-01' WHERE id IN (
            SELECT id FROM casework.referral WHERE agency_id = $1 LIMIT 3)
        """)
    private static let readOnly = Statement(
        name: "t_read_only", "UPDATE casework.agency_key SET scopes = '{read}' WHERE agency_id = $1")
    private static let ended = Statement(
        name: "t_ended",
        "UPDATE casework.agency_key SET expires_at = clock_timestamp() - interval '1 second' WHERE agency_id = $1")
}
