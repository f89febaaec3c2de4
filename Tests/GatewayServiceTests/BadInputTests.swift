import DandelionAgency
import FoundationEssentials
import ServiceKit
import TestSupport
import Testing

@testable import GatewayService

/// What the door refuses, with a problem that names the cause, and without changing anything.
@Suite struct BadInputTests {
    @Test func withoutAKnownKeyNothingIsAnswered() async throws {
        try await withGateway { gateway in
            for key in [nil, "dak_unknown", "", "a b", String(repeating: "x", count: 600)] {
                let answer = try await gateway.send(.GET, "/v1/referrals", key: key)
                #expect(answer.status == 401)
                #expect(answer.headers["www-authenticate"] == "Bearer")
                #expect(answer.headers["content-type"] == "application/problem+json")
            }
        }
    }

    /// A key that was found once is no guess: neither more guesses nor the same one again hold its bearer up.
    @Test func guessedKeysAreBoundedAndLockNobodyOut() async throws {
        var settings = GatewaySettings()
        settings.unknownKeys.peerBurst = 3
        settings.unknownKeys.perPeer = 0.001
        try await withGateway(settings: settings) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            #expect(try await gateway.send(.GET, "/v1/referrals", key: agency.key).status == 200)
            for guess in 0..<3 {
                #expect(try await gateway.send(.GET, "/v1/referrals", key: "dak_guess\(guess)").status == 401)
            }
            let refused = try await gateway.send(.GET, "/v1/referrals", key: "dak_guess4")
            #expect(refused.status == 429)
            #expect(refused.headers["retry-after"] != nil)
            #expect(try await gateway.send(.GET, "/v1/referrals", key: agency.key).status == 200)
        }
    }

    @Test func aBodyThatIsNotRightIsRefusedWithTheFieldAtFault() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let lease = try #require(try await gateway.client(agency).lease(wait: .zero).first).lease
            let cases: [(path: String, body: String, status: Int, text: String)] = [
                ("/v1/leases", "{\"max\":", 400, "malformed-json"),
                ("/v1/leases", "[]", 400, "unexpected-shape"),
                ("/v1/leases", "{\"max\":\"two\"}", 400, "/max"),
                ("/v1/leases", "{\"max\":1.5}", 400, "problems"),
                ("/v1/leases", "{\"max\":0}", 422, "/max"),
                ("/v1/leases", "{\"max\":21}", 422, "/max"),
                ("/v1/leases", "{\"wait_seconds\":26}", 422, "/wait_seconds"),
                ("/v1/leases", "{\"lease_seconds\":29}", 422, "/lease_seconds"),
                ("/v1/leases", "{\"agency\":\"other\"}", 422, "/agency"),
                ("/v1/leases/\(lease)/extend", "{\"lease_seconds\":901}", 422, "/lease_seconds"),
                ("/v1/leases/\(lease)/reject", "{}", 422, "/reason"),
                ("/v1/leases/\(lease)/reject", "", 422, "/reason"),
                ("/v1/leases/\(lease)/reject", "{\"reason\":\"because\"}", 422, "/reason"),
                ("/v1/leases/\(lease)/reject", "{\"reason\":\"other\",\"note\":\"she said\"}", 422, "/note"),
                (
                    "/v1/leases/\(lease)/reject", "{\"reason\":\"other\",\"suggested_agency_kind\":\"wang_fang\"}", 422,
                    "/suggested_agency_kind"
                ),
                ("/v1/leases/\(lease)/object", "{\"reason\":7}", 400, "/reason"),
                ("/v1/leases/\(lease)/accept", "{\"comment\":\"ok\"}", 422, "/comment"),
                ("/v1/referrals/\(offer.number)/progress", "{\"status\":\"completed\"}", 422, "/status"),
                ("/v1/referrals/\(offer.number)/outcome", "{\"status\":\"completed\"}", 422, "/outcome"),
                (
                    "/v1/referrals/\(offer.number)/outcome", "{\"status\":\"completed\",\"outcome\":\"fine\"}", 422,
                    "/outcome"
                ),
            ]
            for wrong in cases {
                let answer = try await gateway.send(.POST, wrong.path, key: agency.key, body: wrong.body)
                #expect(answer.status == wrong.status, "\(wrong.path) \(wrong.body): \(answer.body)")
                #expect(answer.body.contains(wrong.text), "\(wrong.path) \(wrong.body): \(answer.body)")
                #expect(!answer.body.contains("wang_fang") && !answer.body.contains("she said"))
            }
            #expect(try await gateway.network.status(of: offer) == "received")
            #expect(try await gateway.network.answers(about: offer) == 0)
        }
    }

    @Test func otherMediaTypesSizesMethodsAndPathsAreRefused() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let text = try await gateway.send(
                .POST, "/v1/leases", key: agency.key, body: "{}", contentType: "text/plain")
            #expect(text.status == 415)
            let large = try await gateway.send(
                .POST, "/v1/leases", key: agency.key, body: String(repeating: " ", count: 40_000) + "{}")
            #expect(large.status == 413)
            let deep = try await gateway.send(
                .POST, "/v1/leases", key: agency.key, body: String(repeating: "[", count: 15_000))
            #expect(deep.status == 400)
            for path in ["/v1/leases/x/accept", "/v1/leases/R-0000-0000.x/accept", "/v1/leases/%00/extend"] {
                #expect(try await gateway.send(.POST, path, key: agency.key).status == 404)
            }
            let limit = try await gateway.send(.GET, "/v1/referrals?limit=1000", key: agency.key)
            #expect(limit.status == 422)
            #expect(limit.body.contains("?limit"))
            #expect(try await gateway.send(.GET, "/v1/referrals/drop%20table", key: agency.key).status == 404)
        }
    }

    /// Whatever is nested however deeply, wherever it stands: refused, and the process lives to answer the next.
    @Test func deepNestingIsRefusedEverywhere() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let lease = try #require(try await gateway.client(agency).lease(wait: .zero).first).lease
            let paths = [
                "/v1/leases", "/v1/leases/\(lease)/extend", "/v1/leases/\(lease)/accept", "/v1/leases/\(lease)/reject",
                "/v1/leases/\(lease)/object", "/v1/leases/\(lease)/hand-back",
                "/v1/referrals/\(offer.number)/progress", "/v1/referrals/\(offer.number)/outcome",
            ]
            for path in paths {
                for depth in [2, 600, 2700] {
                    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                        let nest =
                            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
                        for body in [nest, "{\"max\":\(nest)}", String(nest.prefix(depth * open.utf8.count))] {
                            let answer = try await gateway.send(.POST, path, key: agency.key, body: body)
                            #expect([400, 413, 422].contains(answer.status), "\(path) \(depth): \(answer.status)")
                        }
                    }
                }
            }
            #expect(try await gateway.network.status(of: offer) == "received")
            #expect(try await gateway.send(.GET, "/v1/referrals", key: agency.key).status == 200)
        }
    }

    /// Bytes that are no UTF-8, in the body, the path, the query and the headers: refused as what they are, and never repeated.
    @Test func bytesThatAreNoTextAreRefused() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let lease = try #require(try await gateway.client(agency).lease(wait: .zero).first).lease
            // Stray, cut off, overlong, a surrogate, past the last character.
            let wrong: [[UInt8]] = [
                [0xff], [0x80], [0xe4, 0xb8], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xfe, 0xff],
            ]
            for bytes in wrong {
                for (before, after) in [("{\"reason\":\"", "\"}"), ("{\"", "\":1}"), ("", "{}"), ("{}", "")] {
                    let answer = try await gateway.send(
                        .POST, "/v1/leases/\(lease)/reject", key: agency.key,
                        bytes: Array(before.utf8) + bytes + Array(after.utf8))
                    #expect(answer.status == 400, "\(bytes) \(answer.body)")
                    #expect(!answer.body.contains("\u{fffd}"))
                }
                let escaped = bytes.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                for (path, status) in [
                    ("/v1/referrals/\(escaped)", 404), ("/v1/leases/\(escaped)/accept", 404),
                    ("/v1/referrals?after=\(escaped)", 422), ("/\(escaped)", 404),
                ] {
                    let verb = path.hasSuffix("accept") ? GatewayHarness.Verb.POST : .GET
                    let answer = try await gateway.send(verb, path, key: agency.key)
                    #expect(answer.status == status, "\(path) \(answer.body)")
                }
            }
            for escape in [#"\ud800"#, #"\udc00\ud800"#, #"\u12"#] {
                let answer = try await gateway.send(
                    .POST, "/v1/leases/\(lease)/reject", key: agency.key, body: "{\"reason\":\"\(escape)\"}")
                #expect([400, 422].contains(answer.status), "\(escape) \(answer.body)")
            }
            let key = try await gateway.send(.GET, "/v1/referrals", key: "dak_\u{fffd}")
            #expect([400, 401].contains(key.status))
            #expect(try await gateway.network.status(of: offer) == "received")
            #expect(try await gateway.network.answers(about: offer) == 0)
        }
    }

    @Test func anAgencyThatComesTooOftenIsToldToWaitAndOthersAreNot() async throws {
        var settings = GatewaySettings()
        settings.requestsPerSecond = 1
        try await withGateway(settings: settings) { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let other = try await gateway.network.addAgency("150000-police")
            var last = 200
            for _ in 0..<10 where last == 200 {
                let answer = try await gateway.send(.GET, "/v1/referrals", key: agency.key)
                last = answer.status
                if last != 200 { #expect(answer.headers["retry-after"] != nil) }
            }
            #expect(last == 429)
            #expect(try await gateway.send(.GET, "/v1/referrals", key: other.key).status == 200)
        }
    }
}
