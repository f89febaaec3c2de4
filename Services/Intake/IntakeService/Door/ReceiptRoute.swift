import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import PostgresClient
import ServiceKit

/// `GET /v1/receipts/{receipt}`: what the holder of a receipt is told, without a credential: one neutral word.
///
/// Every receipt, well formed or not, is looked up and answered in the same shape, and nothing of it is logged.
struct ReceiptRoute: Sendable {
    private struct Answer: Encodable {
        let status: String
    }

    private let pool: PostgresPool
    private let limiter: RateLimiter<String>
    private let store = IntakeStore()

    /// - Parameter perSecond: how many receipts this process looks at, all callers together; guessing 130 bits is
    ///   hopeless anyway, this only keeps the guesses from loading the database.
    init(pool: PostgresPool, perSecond: Int = 100) {
        self.pool = pool
        self.limiter = RateLimiter(capacity: perSecond, perSecond: Double(perSecond), maximumKeys: 1)
    }

    func respond(_ text: String?) async throws -> Response {
        try self.limiter.admit("receipts")
        let receipt = text.flatMap { $0.utf8.count <= 64 ? Receipt(parsing: $0) : nil }
        let hash = receipt.map(IntakeSecrets.hash) ?? [UInt8](repeating: 0, count: 32)
        let status = try await self.store.receiptStatus(receiptHash: hash, on: self.pool)
        let data = try JSONConventions.encoder.encode(Answer(status: status?.rawValue ?? "unknown"))
        return Response(
            status: status == nil ? .notFound : .ok,
            headers: [
                .contentType: "application/json", .cacheControl: "no-store", Self.referrerPolicy: "no-referrer",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    private static let referrerPolicy: HTTPField.Name = {
        guard let name = HTTPField.Name("Referrer-Policy") else { preconditionFailure("this is a header name") }
        return name
    }()
}
