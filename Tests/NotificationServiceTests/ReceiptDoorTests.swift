import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Messaging
import NIOCore
import SMS
import ServiceKit
import Testing

@testable import NotificationService

/// What carriers report: believed only when signed, and once.
@Suite struct ReceiptDoorTests {
    private func withDoor(
        _ notification: Notification, _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let router = Router(context: BasicEdgeContext.self).addEdgeMiddleware()
        ReceiptDoor(
            callbacks: [
                ProvidersFile.Callback(provider: "people", form: .plain, secret: "geheim"),
                ProvidersFile.Callback(provider: "carrier", form: .aliyun, secret: "token-1"),
            ], pool: notification.pool, store: notification.bell, logger: quiet
        ).add(to: router)
        try await Application(router: router).test(.router, body)
    }

    private func post(
        _ client: any TestClientProtocol, _ text: String, to path: String = "/v1/receipts/people",
        secret: String = "geheim", at date: Date = Date()
    ) async throws -> HTTPResponse.Status {
        let timestamp = "\(Int64(date.timeIntervalSince1970))"
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(timestamp).\(text)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
        var headers = HTTPFields()
        headers[try #require(HTTPField.Name("x-timestamp"))] = timestamp
        headers[try #require(HTTPField.Name("x-signature"))] = code.map { String(format: "%02x", $0) }.joined()
        return try await client.execute(
            uri: path, method: .post, headers: headers, body: ByteBuffer(string: text)
        ).status
    }

    @Test func aSignedReceiptEndsItsMessage() async throws {
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [Outbox(.accepted(reference: "r-1", segments: 1))])
            try await self.withDoor(notification) { (client: any TestClientProtocol) async throws -> Void in
                let text = #"[{"id": "r-1", "status": "delivered"}, {"id": "r-9", "status": "failed"}]"#
                #expect(try await self.post(client, text) == .ok)
                #expect(try await self.post(client, text) == .ok, "a replay changes nothing")
            }
            #expect(try await notification.messageStates() == "delivered")
            #expect(try await notification.trail() == "pending, sending, sent, delivered")
        }
    }

    /// What did not arrive after all is a task, like what could not be sent.
    @Test func aReceiptOfFailureIsPutToTheDesk() async throws {
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [Outbox(.accepted(reference: "r-1", segments: 1))])
            try await self.withDoor(notification) { (client: any TestClientProtocol) async throws -> Void in
                let text = #"[{"id": "r-1", "status": "failed"}]"#
                #expect(try await self.post(client, text) == .ok)
                #expect(try await self.post(client, text) == .ok)
            }
            #expect(try await notification.messageStates() == "failed undelivered")
            #expect(try await notification.openTasks() == "contact_person undelivered")
            #expect(try await notification.noticeStates() == "contact_failed pending")
        }
    }

    @Test func nothingElseIsBelieved() async throws {
        try await withNotification { notification in
            _ = try await notification.message()
            try await notification.work(people: [Outbox(.accepted(reference: "r-1", segments: 1))])
            try await self.withDoor(notification) { (client: any TestClientProtocol) async throws -> Void in
                let text = #"[{"id": "r-1", "status": "failed"}]"#
                #expect(try await self.post(client, text, secret: "x") == .unauthorized)
                #expect(try await self.post(client, text, at: Date().addingTimeInterval(-600)) == .unauthorized)
                #expect(try await self.post(client, text, to: "/v1/receipts/nobody") == .unauthorized)
                #expect(try await self.post(client, text, to: "/v1/receipts/carrier") == .unauthorized)
                #expect(try await self.post(client, text, to: "/v1/receipts/carrier?token=x") == .unauthorized)
                #expect(try await self.post(client, "[1]") == .badRequest)
                #expect(try await self.post(client, #"[{"id": "r-1", "status": "?"}]"#) == .badRequest)
                let huge = "[" + String(repeating: " ", count: 300_000) + "]"
                #expect(try await self.post(client, huge) == .contentTooLarge)
                #expect(try await self.post(client, "[]", to: "/v1/receipts/carrier?token=token-1") == .ok)
            }
            #expect(try await notification.messageStates() == "sent")
        }
    }
}
