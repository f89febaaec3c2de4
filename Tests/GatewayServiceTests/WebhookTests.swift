import CaseworkStore
import Contracts
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JobQueue
import JobTypes
import Logging
import NIOCore
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

@Suite struct WebhookTests {
    private func withEndpoint<Value: Sendable>(
        _ body: @escaping @Sendable (String, TestSignal<WebhookEndpoint.Received>) async throws -> Value
    ) async throws -> Value {
        try await withWebhookEndpoint { try await body($0.url, $0.received) }
    }

    private var plain: WebhookSender.Settings {
        var settings = WebhookSender.Settings()
        settings.allowsPlainHTTP = true
        settings.networks = .loopback
        return settings
    }

    /// While the endpoint changes over, it may know either secret: of both there is a signature.
    @Test func signsWithBothSecretsWhileTheyChange() {
        let headers = { (secrets: [[UInt8]]) in
            WebhookSignature.headers(
                id: "m", timestamp: Date(timeIntervalSince1970: 1), body: [1], secrets: secrets)[2].value
        }
        #expect(headers([[1], [2]]) == "\(headers([[1]])) \(headers([[2]]))")
    }

    /// The example of the Standard Webhooks specification.
    @Test func signsAsTheSpecificationDoes() throws {
        let secret = try #require(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let headers = WebhookSignature.headers(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: Date(timeIntervalSince1970: 1_614_265_330),
            body: Array(#"{"test": 2432232314}"#.utf8), secrets: [Array(secret)])
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers[1].value == "1614265330")
        #expect(headers[2].value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func anEnvelopeHoldsIdsOnly() throws {
        let event = CloudEvent(
            id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)), event: "referral_offered",
            referralNumber: "R-0000-0001", time: Date(timeIntervalSince1970: 0))
        let text = String(decoding: try event.encoded(), as: UTF8.self)
        #expect(
            text == """
                {"data":{"referral":"R-0000-0001"},"datacontenttype":"application/json",\
                "id":"00000000-0000-0000-0000-000000000001","source":"urn:dandelion:gateway","specversion":"1.0",\
                "subject":"R-0000-0001","time":"1970-01-01T08:00:00.000+08:00","type":"dandelion.referral_offered"}
                """)
    }

    @Test func theStatusOfTheEndpointDecides() async throws {
        try await self.withEndpoint { url, received in
            let sender = WebhookSender(self.plain)
            func send(_ path: String) async throws -> WebhookSender.Result {
                try await sender.send([1, 2], id: UUID(), to: url + path, secrets: [[3]], at: Date())
            }
            #expect(try await send("/status/200") == .delivered)
            #expect(try await send("/status/204") == .delivered)
            #expect(try await send("/status/410") == .gone)
            #expect(try await send("/status/500") == .failed(code: "http_500"))
            #expect(try await send("/status/404") == .failed(code: "http_404"))
            _ = try await received.wait()
            let before = received.pending
            #expect(try await send("/status/302") == .failed(code: "http_302"))
            #expect(received.pending == before + 1)  // The redirect was not followed.
        }
    }

    @Test func anEndpointThatDoesNotAnswerIsNotWaitedForLong() async throws {
        try await self.withEndpoint { url, received in
            var settings = self.plain
            settings.timeout = .milliseconds(200)
            let result = try await WebhookSender(settings).send(
                [1, 2], id: UUID(), to: url + "/hang/one", secrets: [[3]], at: Date())
            #expect(result == .failed(code: "timed_out"))
        }
    }

    /// Invariant 11: more hanging webhooks of one agency than there are places, and the other's is delivered while they hang.
    @Test func anEndpointThatHangsDelaysNoOtherAgency() async throws {
        try await self.withEndpoint { url, received in
            var settings = GatewaySettings()
            settings.webhooks.allowsPlainHTTP = true
            settings.webhooks.networks = .loopback
            settings.webhooks.timeout = .seconds(60)
            settings.webhookConcurrency = 4
            let places = settings.webhookLanes.perAgency
            try await withGateway(settings: settings, runsWorker: true) { gateway in
                let hanging = try await gateway.network.addAgency(
                    "150000-civil-affairs", webhookURL: url + "/hang/civil-affairs", webhookSecret: [1, 2, 3])
                let other = try await gateway.network.addAgency(
                    "150000-police", webhookURL: url + "/status/200", webhookSecret: [1, 2, 3])
                var stuck: [UUID] = []
                for _ in 0..<8 {
                    stuck.append(try await self.enqueue(try await gateway.network.offer(to: hanging), gateway))
                }
                for _ in 0..<places {
                    #expect(try await received.wait(timeout: .seconds(60)).path == "/hang/civil-affairs")
                }
                let delivery = try await self.enqueue(try await gateway.network.offer(to: other), gateway)
                #expect(try await received.wait(timeout: .seconds(60)).path == "/status/200")
                try await self.expect("delivered", of: delivery, gateway)
                for delivery in stuck { try await self.expect("pending", of: delivery, gateway) }
            }
        }
    }

    @Test func whereItCannotBeSentIsSaidWithoutTheAddress() async throws {
        let sender = WebhookSender(self.plain)
        func send(_ url: String, _ sender: WebhookSender) async throws -> WebhookSender.Result {
            try await sender.send([1], id: UUID(), to: url, secrets: [[2]], at: Date())
        }
        let port = try ServiceProcess.freePort()
        #expect(try await send("http://localhost:\(port)/", sender) == .failed(code: "not_reached"))
        #expect(try await send("ftp://localhost/", sender) == .failed(code: "bad_url"))
        #expect(try await send("nonsense", sender) == .failed(code: "bad_url"))
        #expect(try await send("http://localhost:\(port)/", WebhookSender(.init())) == .failed(code: "insecure_url"))
    }

    @Test func aDeliveryIsSignedSentAndSettledByTheWorker() async throws {
        try await self.withEndpoint { url, received in
            var settings = GatewaySettings()
            settings.webhooks.allowsPlainHTTP = true
            settings.webhooks.networks = .loopback
            try await withGateway(settings: settings, runsWorker: true) { gateway in
                let secret: [UInt8] = Array("a secret of the agency".utf8)
                let agency = try await gateway.network.addAgency(
                    "150000-civil-affairs", webhookURL: url + "/status/200", webhookSecret: secret)
                let offer = try await gateway.network.offer(to: agency)
                let delivery = try await self.enqueue(offer, gateway)
                let webhook = try await received.wait(timeout: .seconds(60))
                #expect(webhook.body.contains(offer.number))
                let header = { (name: String) in HTTPField.Name(name).flatMap { webhook.headers[$0] } }
                #expect(header("webhook-id") == delivery.uuidString.lowercased())
                let seconds = try #require(header("webhook-timestamp").flatMap(Double.init))
                let signature = WebhookSignature.headers(
                    id: delivery.uuidString.lowercased(),
                    timestamp: Date(timeIntervalSince1970: seconds),
                    body: Array(webhook.body.utf8), secrets: [secret])[2].value
                #expect(header("webhook-signature") == signature)
                try await self.expect("delivered", of: delivery, gateway)
            }
        }
    }

    @Test func anEndpointThatIsGoneEndsTheDelivery() async throws {
        try await self.withEndpoint { url, received in
            var settings = GatewaySettings()
            settings.webhooks.allowsPlainHTTP = true
            settings.webhooks.networks = .loopback
            try await withGateway(settings: settings, runsWorker: true) { gateway in
                let agency = try await gateway.network.addAgency(
                    "150000-civil-affairs", webhookURL: url + "/status/410", webhookSecret: [1, 2, 3])
                let delivery = try await self.enqueue(try await gateway.network.offer(to: agency), gateway)
                try await self.expect("failed", of: delivery, gateway)
                #expect(received.pending == 1)
            }
        }
    }

    @Test func anEndpointInTroubleIsTriedAgain() async throws {
        try await self.withEndpoint { url, received in
            var settings = GatewaySettings()
            settings.webhooks.allowsPlainHTTP = true
            settings.webhooks.networks = .loopback
            try await withGateway(settings: settings, runsWorker: true) { gateway in
                let agency = try await gateway.network.addAgency(
                    "150000-civil-affairs", webhookURL: url + "/status/503", webhookSecret: [1, 2, 3])
                let delivery = try await self.enqueue(try await gateway.network.offer(to: agency), gateway)
                _ = try await received.wait(timeout: .seconds(60))
                try await eventually("the job waits for its next attempt") {
                    let rows = try await gateway.database.pool.execute(Self.selectJob)
                    return try rows.first?.decode(String.self) == "retryable"
                }
                try await self.expect("pending", of: delivery, gateway)
            }
        }
    }

    @Test func whatEachAttemptCameToIsInTheLogAndItCanBeSentAgain() async throws {
        try await self.withEndpoint { url, received in
            var settings = GatewaySettings()
            settings.webhooks.allowsPlainHTTP = true
            settings.webhooks.networks = .loopback
            try await withGateway(settings: settings, runsWorker: true) { gateway in
                let agency = try await gateway.network.addAgency(
                    "150000-civil-affairs", webhookURL: url + "/status/200", webhookSecret: [1, 2, 3])
                let delivery = try await self.enqueue(try await gateway.network.offer(to: agency), gateway)
                try await self.expect("delivered", of: delivery, gateway)
                try await gateway.database.withPool(user: "dandelion_operator") { pool async throws in
                    let operations = WebhookOperations()
                    let logged = try #require(await operations.delivery(delivery, on: pool))
                    #expect(logged.attempts == 1 && logged.lastCode == "delivered")
                    #expect(try await operations.redeliver(delivery, on: pool))
                    _ = try await received.wait(timeout: .seconds(60))
                    let again = try await received.wait(timeout: .seconds(60))
                    let name = try #require(HTTPField.Name("webhook-id"))
                    #expect(again.headers[name] == delivery.uuidString.lowercased(), "under the same id")
                    try await self.expect("delivered", of: delivery, gateway)
                    #expect(try await operations.redeliver(UUID(), on: pool) == false)
                }
            }
        }
    }

    @Test func aTestEventIsAboutNothingAndIsSignedByBothSecrets() async throws {
        try await self.withEndpoint { url, received in
            var settings = GatewaySettings()
            settings.webhooks.allowsPlainHTTP = true
            settings.webhooks.networks = .loopback
            try await withGateway(settings: settings, runsWorker: true) { gateway in
                let agency = try await gateway.network.addAgency(
                    "150000-civil-affairs", webhookURL: url + "/status/200", webhookSecret: [1, 2, 3])
                let other = try await gateway.network.addAgency("150000-police")
                let id = try await gateway.database.withPool(user: "dandelion_operator") { pool async throws in
                    let operations = WebhookOperations()
                    #expect(try await operations.test(code: other.code, on: pool) == nil)
                    #expect(
                        try await operations.rotateSecret(
                            code: agency.code, to: [4, 5, 6], overlap: .seconds(3600), on: pool))
                    return try #require(await operations.test(code: agency.code, on: pool))
                }
                let webhook = try await received.wait(timeout: .seconds(60))
                #expect(webhook.body.contains(#""type":"dandelion.test""#))
                #expect(webhook.body.contains(#""data":{}"#) && !webhook.body.contains("subject"))
                let header = { (name: String) in HTTPField.Name(name).flatMap { webhook.headers[$0] } ?? "" }
                let signed = WebhookSignature.headers(
                    id: id.uuidString.lowercased(),
                    timestamp: Date(timeIntervalSince1970: Double(header("webhook-timestamp")) ?? 0),
                    body: Array(webhook.body.utf8), secrets: [[4, 5, 6], [1, 2, 3]])
                #expect(header("webhook-signature") == signed[2].value)
                try await self.expect("delivered", of: id, gateway)
            }
        }
    }

    @Test func aSuspendedAgencyIsSentNothing() async throws {
        try await self.withEndpoint { url, received in
            var settings = GatewaySettings()
            settings.webhooks.allowsPlainHTTP = true
            settings.webhooks.networks = .loopback
            try await withGateway(settings: settings, runsWorker: true) { gateway in
                let agency = try await gateway.network.addAgency(
                    "150000-civil-affairs", webhookURL: url + "/status/200", webhookSecret: [1, 2, 3])
                let offer = try await gateway.network.offer(to: agency)
                try await gateway.database.pool.execute(Self.suspend, agency.id)
                let delivery = try await self.enqueue(offer, gateway)
                try await self.expect("failed", of: delivery, gateway)
                #expect(received.pending == 0)
            }
        }
    }

    private static let suspend = Statement(
        name: "test_suspend", "UPDATE casework.agency SET status = 'suspended' WHERE id = $1")

    private func enqueue(_ offer: NetworkFixture.Offer, _ gateway: GatewayHarness) async throws -> UUID {
        let jobs = JobStore(bell: gateway.parts.bell)
        return try await gateway.database.pool.withTransaction("test_webhook") { transaction in
            let delivery = try GatewayStore().addWebhookDelivery(
                agency: offer.agency.id, referral: offer.referralID, event: "referral_offered", in: transaction)
            try await jobs.enqueue(
                JobRequest(Contracts.WebhookDelivery(deliveryID: delivery), queue: Queues.gateway), in: transaction)
            return delivery
        }
    }

    private func expect(_ state: String, of delivery: UUID, _ gateway: GatewayHarness) async throws {
        try await eventually("the delivery is \(state)") {
            try await gateway.database.pool.execute(Self.selectState, delivery).first?.decode(String.self) == state
        }
    }

    private static let selectState = Statement(
        name: "test_delivery_state", "SELECT state FROM casework.webhook_delivery WHERE id = $1")
    private static let selectJob = Statement(
        name: "test_webhook_job", "SELECT state FROM queue.job WHERE kind = 'webhook_delivery'")
}
