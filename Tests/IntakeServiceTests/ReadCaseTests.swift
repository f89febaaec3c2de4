import HTTPTypes
import HummingbirdTesting
import PostgresClient
import TestSupport
import Testing

@testable import IntakeService

@Suite struct ReadCaseTests {
    private struct CaseBody: Decodable {
        struct Clock: Decodable {
            let kind: String
            let state: String
            let due_at: String
        }

        let number: String
        let status: String
        let division: String
        let risk: String
        let owner_station: String
        let referrals: [String]
        let clocks: [Clock]
    }

    @Test func aClientWithTheRightReadsAndIsRecorded() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened()
            let response = try await intake.send(.get, "/v1/cases/\(opened.number.lowercased())")
            #expect(response.status == .ok)
            let body = try response.json(CaseBody.self)
            #expect(body.number == opened.number)
            #expect(body.status == "open")
            #expect(body.division == "150104")
            #expect(body.risk == "imminent")
            #expect(body.owner_station == opened.owner_station)
            #expect(body.referrals.isEmpty)
            #expect(body.clocks.map(\.kind) == ["first_response"])
            #expect(body.clocks.map(\.due_at) == [opened.first_response_due_at])
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(!response.text.contains(Bodies.name))
            let reads = try await intake.text(
                "t_reads", "SELECT string_agg(actor, ',') FROM casework.event WHERE kind = 'case_read'")
            #expect(reads == "region")
        }
    }

    @Test func whoMayNotReadLearnsNothing() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened()
            let elsewhere = try await intake.opened(Bodies.small(division: "150102"))
            // May not read at all, whether the case exists or not.
            for number in [opened.number, elsewhere.number, "C-0000-0000", "nonsense"] {
                let response = try await intake.send(.get, "/v1/cases/\(number)", key: Intake.districtKey)
                #expect(response.status == .notFound)
                #expect(try response.json(Problem.self).type == "/problems/not-found")
            }
            // May read, but not there.
            let grant = Statement(
                name: "t_grant", "UPDATE casework.intake_client SET may_read_cases = true WHERE name = 'district'")
            _ = try await intake.db.pool.execute(grant)
            try await eventually("the right to be read again") {
                try await intake.send(.get, "/v1/cases/\(opened.number)", key: Intake.districtKey).status == .ok
            }
            let outside = try await intake.send(.get, "/v1/cases/\(elsewhere.number)", key: Intake.districtKey)
            #expect(outside.status == .notFound)
            #expect(try await intake.send(.get, "/v1/cases/\(opened.number)", key: nil).status == .unauthorized)
        }
    }
}

/// The public's door: a receipt shows one neutral word and nothing else.
@Suite struct ReceiptTests {
    private struct StatusBody: Decodable {
        let status: String
    }

    @Test func theHolderOfAReceiptSeesANeutralStatus() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened()
            let path = "/v1/receipts/\(opened.receipt)"
            let response = try await intake.send(.get, path, key: nil)
            #expect(response.status == .ok)
            #expect(try response.json(StatusBody.self).status == "received")
            #expect(response.text == #"{"status":"received"}"#)
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[.init("Referrer-Policy")!] == "no-referrer")
            // As somebody types it.
            let typed = opened.receipt.lowercased().replacing("-", with: "")
            #expect(try await intake.send(.get, "/v1/receipts/\(typed)", key: nil).status == .ok)

            let close = Statement(
                name: "t_close", "UPDATE casework.cases SET status = 'closed', closed_at = now()")
            _ = try await intake.db.pool.execute(close)
            #expect(try await intake.send(.get, path, key: nil).text == #"{"status":"finished"}"#)
            #expect(try await intake.count("casework.event") == 3, "a receipt is no reading of the case")
        }
    }

    @Test func anUnknownReceiptIsAnsweredInTheSameShape() async throws {
        try await withIntake { intake in
            for receipt in ["00000-00000-00000-00000-00000-0", "nonsense", String(repeating: "0", count: 500), "%00"] {
                let response = try await intake.send(.get, "/v1/receipts/\(receipt)", key: nil)
                #expect(response.status == .notFound)
                #expect(response.text == #"{"status":"unknown"}"#)
                #expect(response.headers[.contentType] == "application/json")
                #expect(response.headers[.cacheControl] == "no-store")
            }
        }
    }

    @Test func receiptsAreLookedAtAtABoundedRate() async throws {
        try await withTestDatabase { db in
            let route = ReceiptRoute(pool: db.pool, perSecond: 2)
            var refused = 0
            for _ in 0..<5 {
                do { _ = try await route.respond("x") } catch { refused += 1 }
            }
            #expect(refused >= 2)
        }
    }
}
