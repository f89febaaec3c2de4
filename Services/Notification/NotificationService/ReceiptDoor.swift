import CaseworkStore
import Contracts
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import JobQueue
import Logging
import Messaging
import Metrics
import NIOCore
import PostgresClient
import SMS
import ServiceKit

/// `POST /v1/receipts/{provider}`: what carriers report about messages, believed when it is signed with the secret that
/// was agreed, and at most five minutes old. Carriers that sign nothing show the secret as `?token=`; put their addresses
/// on a list in the proxy as well.
///
/// Replays change nothing: a receipt that says what is known is counted and answered like any other.
struct ReceiptDoor: Sendable {
    private struct Answer: Encodable {
        let code = 0
    }

    let callbacks: [String: ProvidersFile.Callback]
    let pool: PostgresPool
    let store: JobStore
    let logger: Logger
    private let messages = MessageStore()

    init(callbacks: [ProvidersFile.Callback], pool: PostgresPool, store: JobStore, logger: Logger) {
        self.callbacks = Dictionary(callbacks.map { ($0.provider, $0) }) { first, _ in first }
        self.pool = pool
        self.store = store
        self.logger = logger
    }

    func add(to router: Router<BasicEdgeContext>) {
        router.post("/v1/receipts/:provider") { request, context in
            try await self.respond(request, provider: context.parameters.get("provider"))
        }
    }

    private func respond(_ request: Request, provider: String?) async throws -> Response {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: SMSReceipts.longestBody)
        } catch {
            return Response(status: .contentTooLarge)
        }
        let body = Array(buffer.readableBytesView)
        // One answer for unknown providers and bad signatures: nobody learns which providers there are.
        guard let provider, let callback = self.callbacks[provider], self.isGenuine(request, body, callback) else {
            Counter(label: "notification_receipts", dimensions: [("result", "refused")]).increment()
            return Response(status: .unauthorized)
        }
        guard let receipts = SMSReceipts.read(body, form: callback.form) else {
            Counter(label: "notification_receipts", dimensions: [("result", "unreadable")]).increment()
            return Response(status: .badRequest)
        }
        for receipt in receipts { try await self.take(receipt, of: provider) }
        let data = try JSONConventions.encoder.encode(Answer())
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    /// Each receipt is a transaction of its own: one that is unknown takes none with it.
    func take(_ receipt: SMSReceipt, of provider: String) async throws {
        let record = ReceiptRecord(
            provider: provider, reference: receipt.reference, isDelivered: receipt.isDelivered, reason: receipt.reason)
        let result = try await self.pool.withTransaction("message_receipt") { transaction in
            let (result, message) = try await self.messages.record(record, on: transaction)
            if result == .failed, let message {
                try self.messages.postFollow(
                    message, reason: receipt.reason ?? "undelivered", wasForbidden: false, in: transaction)
                self.store.ringAfterCommit([Queues.urgentNotification, Queues.notification], in: transaction)
            }
            return result
        }
        Counter(label: "notification_receipts", dimensions: [("result", result.rawValue)]).increment()
        if result == .unknown || result == .late {
            self.logger.notice(
                "A receipt changed nothing", metadata: ["provider": "\(provider)", "result": "\(result.rawValue)"])
        }
    }

    private func isGenuine(_ request: Request, _ body: [UInt8], _ callback: ProvidersFile.Callback) -> Bool {
        switch callback.form {
        case .plain:
            guard let timestamp = HTTPField.Name("x-timestamp"), let signature = HTTPField.Name("x-signature") else {
                return false
            }
            return SMSReceipts.isSigned(
                body, timestamp: request.headers[timestamp], signature: request.headers[signature],
                secret: callback.secret, now: Date())
        case .aliyun:
            guard let token = request.uri.queryParameters["token"] else { return false }
            // Of hashes, so that the time it takes says nothing about the secret.
            return TokenHash(ofToken: String(token)) == TokenHash(ofToken: callback.secret)
        }
    }
}
