import AgencyDoors
import DandelionAgency
import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

@testable import GatewayService

/// What the client library promises of texts, and what the HTTP door says of those it does not take.
@Suite struct AgencyTextTests {
    private typealias Text = DandelionAgency.AgencyText

    /// A key is believed for its signature, and who does not look is told so.
    @Test func whoseAKeyIsTheOnboardingKeySays() async throws {
        try await withGateway { gateway in
            let onboarding = OnboardingKey.generate()
            let pair = try await gateway.network.addNetworkKey(signedBy: onboarding)
            let agency = try await gateway.network.addAgency("150000-court")
            let client = try gateway.client(agency)
            let unseen = try await client.networkKey()
            #expect(!unseen.isVerified && unseen.keyId == pair.publicKey.fingerprintText)
            let file = "# the network's\n\(onboarding.trusted)\n"
            #expect(try await client.networkKey(verifiedBy: file).isVerified)
            let stranger = OnboardingKey.generate().trusted.description
            let refused: [(String, AgencyError.Code)] = [
                (stranger, .untrustedKey), ("\(file)revoked \(unseen.keyId)\n", .untrustedKey),
                ("", .invalidConfiguration), ("ed25519 x", .invalidConfiguration),
                ("\(file)what is this", .invalidConfiguration),
            ]
            for (keys, code) in refused {
                let error = await #expect(throws: AgencyError.self) { try await client.networkKey(verifiedBy: keys) }
                #expect(error?.code == code, "\(keys)")
            }
            #expect(
                try await client.networkKey(verifiedBy: "\(stranger)\n\(file)").isVerified, "one replaces the other")
            #expect(throws: AgencyError.self) {
                _ = try unseen.verified(by: file, at: Date(timeIntervalSince1970: 1_600_000_000))
            }
            // Somebody who writes in the database puts his own key there, under the signature of the other.
            let own = try AgencyKeyPair.generate().publicKey
            try await gateway.network.pool.execute(Self.exchange, own.bytes, own.fingerprintText)
            let error = await #expect(throws: AgencyError.self) { try await client.networkKey(verifiedBy: file) }
            #expect(error?.code == .untrustedKey)
        }
    }

    private static let exchange = Statement(
        name: "t_exchange_key", "UPDATE safeguarding.network_key SET public_key = $1, id = $2")

    @Test func lengthsSayLittleAndAreBounded() async throws {
        try await withGateway { gateway in
            _ = try await gateway.network.addNetworkKey()
            let agency = try await gateway.network.addAgency("150000-court")
            let key = try await gateway.client(agency).networkKey()
            func size(_ text: String) throws -> Int? {
                try Text.seal(text, with: .accepted, about: "R-7K2M-0QX9", to: key).sealed?.count
            }
            #expect(try size("好") == 256 + 49)
            #expect(try size("她说丈夫昨天来过") == 256 + 49)
            #expect(try size(String(repeating: "a", count: 257)) == 512 + 49)
            #expect(try size(String(repeating: "a", count: 8192 - 49)) == 8192)
            for (text, attachments) in [(String(repeating: "a", count: 8192 - 48), 0), (nil, 0), ("好", 9)] {
                let file = Text.Attachment(content: [1], mediaType: "image/png", location: "柜 3")
                #expect(throws: AgencyError.self) {
                    _ = try Text.seal(
                        text, attachments: Array(repeating: file, count: attachments), with: .accepted,
                        about: "R-7K2M-0QX9", to: key)
                }
            }
            #expect(
                "\(try Text.seal("她", with: .accepted, about: "R-1", to: key))"
                    == "AgencyText(305 bytes sealed, 0 attachments)")
        }
    }

    /// Each with the reason why; nothing of what was sent is in the answer.
    @Test(arguments: [
        (#""她住在新城区""#, "clear_text"), ("1", "clear_text"), ("[]", "clear_text"), ("{}", "/text/key_id"),
        (#"{"key_id":"K"}"#, "clear_text"), (#"{"key_id":"她","sealed":"S"}"#, "/text/key_id"),
        (#"{"key_id":"K","sealed":"她住在新城区"}"#, "/text/sealed"), (#"{"key_id":"K","sealed":"AQ=="}"#, "/text/sealed"),
        (#"{"key_id":"K","sealed":"S","note":"她住在新城区"}"#, "unknown_field"),
        (#"{"key_id":"K","sealed":"S","她住在新城区":1}"#, "unknown_field"),
        (#"{"key_id":"K","sealed":7}"#, "clear_text"),
        (#"{"key_id":"K","attachments":[]}"#, "/text/attachments"),
        (#"{"key_id":"K","attachments":[{"name":"她住在新城区.pdf"}]}"#, "unknown_field"),
        (
            #"{"key_id":"K","attachments":[{"sha256":"K","media_type":"text/html","bytes":1,"location":"S"}]}"#,
            "media_type"
        ),
        (#"{"key_id":"K","attachments":[{"sha256":"K","media_type":"image/png","bytes":0,"location":"S"}]}"#, "bytes"),
        (
            #"{"key_id":"K","attachments":[{"sha256":"K","media_type":"image/png","bytes":9223372036854775807,"location":"S"}]}"#,
            "bytes"
        ),
        (
            #"{"key_id":"K","attachments":[{"sha256":"K","media_type":"image/png","bytes":1,"location":"/home/她住在新城区"}]}"#,
            "/text/attachments"
        ),
    ])
    func whatIsNoSealedTextIsRefusedWithTheReason(text: String, says: String) async throws {
        try await withGateway { gateway in
            let pair = try await gateway.network.addNetworkKey()
            let agency = try await gateway.network.addAgency("150000-court")
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.network.setStatus("accepted", of: offer)
            let sealed = Data([UInt8](repeating: 1, count: 60)).base64EncodedString()
            let body = text.replacing("K", with: pair.publicKey.fingerprintText).replacing(
                #""S""#, with: "\"\(sealed)\"")
            let answer = try await gateway.send(
                .POST, "/v1/referrals/\(offer.number)/progress", key: agency.key,
                body: #"{"status":"in_progress","text":\#(body)}"#)
            #expect(answer.status == 422 && answer.body.contains(says), "\(answer.body)")
            #expect(answer.body.contains(#""field":"/text"#) && !answer.body.contains("新城区"))
            #expect(try await gateway.network.status(of: offer) == "accepted")
        }
    }

    /// The desk shows its own agency that words were sent, by whom and with what, and not which.
    @Test func theDeskListsWhatWasSentAndNotWhatItSays() async throws {
        try await withGateway { gateway in
            _ = try await gateway.network.addNetworkKey()
            let agency = try await gateway.network.addAgency("150000-court")
            let other = try await gateway.network.addAgency("150000-police")
            let offer = try await gateway.network.offer(to: agency)
            let desk = AgencyAtDesk(gateway: gateway, agency: agency)
            let key = try #require(try await desk.networkKey())
            let lease = try #require(try await desk.lease(1).first).lease
            let file = Text.Attachment(content: [1, 2, 3], mediaType: "image/png", location: "柜 3")
            let accepted = try Text.seal("收到", with: .accepted, about: offer.number, to: key)
            #expect(try await desk.say(accepted, .accepted, lease) == .done)
            let attached = try Text.seal(nil, attachments: [file], with: .inProgress, about: offer.number, to: key)
            #expect(try await desk.say(attached, .inProgress, offer.number) == .done)
            // What the agency's own system sends is nobody's at the desk.
            let automatic = try Text.seal("系统", with: .completed, about: offer.number, to: key)
            #expect(
                try await AgencyByHTTP(gateway: gateway, agency: agency).say(automatic, .completed, offer.number)
                    == .done)
            let view = try await gateway.send(.GET, "/v1/desk/referrals/\(offer.number)", key: agency.key)
            let texts = try AgencyAtDesk.decode(View.self, view.body).texts
            #expect(texts.map(\.status) == ["accepted", "in_progress", "completed"])
            #expect(texts.map(\.by) == ["C-01", "C-01", nil])
            #expect(texts.map(\.attachments) == [0, 1, 0] && texts.allSatisfy { $0.bytes == 305 })
            #expect(!view.body.contains(try #require(accepted.sealed).base64EncodedString()))
            #expect(
                try await gateway.send(.GET, "/v1/desk/referrals/\(offer.number)", key: other.key).status == 404)
        }
    }

    private struct View: Decodable {
        struct Text: Decodable {
            let status: String
            let by: String?
            let bytes: Int
            let attachments: Int
        }

        let texts: [Text]
    }

    /// The key that is given with the answer is that of the request under its idempotency key, text and all.
    @Test func anIdempotencyKeyStandsForTheTextToo() async throws {
        try await withGateway { gateway in
            _ = try await gateway.network.addNetworkKey()
            let agency = try await gateway.network.addAgency("150000-court")
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.network.setStatus("accepted", of: offer)
            let key = try await gateway.client(agency).networkKey()
            func send(_ text: Text) async throws -> Int {
                try await gateway.send(
                    .POST, "/v1/referrals/\(offer.number)/progress", key: agency.key,
                    body: #"{"status":"in_progress","text":\#(try text.json())}"#, headers: [("idempotency-key", "k1")]
                ).status
            }
            let text = try Text.seal("一", with: .inProgress, about: offer.number, to: key)
            #expect(try await send(text) == 200)
            #expect(try await send(text) == 200)
            #expect(try await send(try Text.seal("二", with: .inProgress, about: offer.number, to: key)) == 422)
            #expect(try await gateway.network.texts(of: offer).count == 1)
        }
    }
}
