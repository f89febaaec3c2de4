import Casework
import CaseworkStore
import Hummingbird
import PostgresClient
import ServiceKit

/// Lets known clients in: looks their key up by its hash, and holds each to its own rate.
///
/// What the database says of a key is believed for a few seconds, so a revoked key may still be used for that long;
/// opening a case costs no look-up.
struct ClientGate: Sendable {
    private let pool: PostgresPool
    private let store = IntakeStore()
    private let known: ExpiringCache<[UInt8], IntakeClient>
    private let limiter = ClientLimiter()
    /// Keys nobody has seen may be guesses: they are looked up at a bounded rate, all callers together.
    private let strangers: RateLimiter<String>

    init(pool: PostgresPool, lifetime: Duration = .seconds(5), strangersPerSecond: Int = 50) {
        self.pool = pool
        self.known = ExpiringCache(lifetime: lifetime, capacity: 2000)
        self.strangers = RateLimiter(
            capacity: strangersPerSecond, perSecond: Double(strangersPerSecond), maximumKeys: 1)
    }

    /// The client that sent a request.
    /// - Throws: `HTTPProblem` 401 without a valid key, 429 over the client's rate; `PostgresError` when the database
    ///   cannot be asked.
    func client(of request: Request) async throws -> IntakeClient {
        let hash = try BearerToken(of: request).hash.bytes
        let client = try await self.client(keyHash: hash)
        try self.limiter.admit(client.id, perMinute: client.requestsPerMinute)
        return client
    }

    private func client(keyHash: [UInt8]) async throws -> IntakeClient {
        switch self.known.answer(for: keyHash) {
        case .fresh(let client): return client
        case .stale: break
        case .unknown: try self.strangers.admit("strangers")
        }
        guard let client = try await self.store.intakeClient(keyHash: keyHash, on: self.pool) else {
            self.known.forget(keyHash)
            throw HTTPProblem.unauthenticated("This key is not known or was revoked.")
        }
        self.known.remember(client, for: keyHash)
        return client
    }
}

extension IntakeClient {
    /// What of a request lies outside the client's scope; empty when nothing does.
    func outsideScope(_ request: IntakeRequest, path: [DivisionCode]) -> [FieldError] {
        var errors: [FieldError] = []
        if !self.channels.contains(request.channel) {
            errors.append(
                FieldError(
                    field: "/channel", code: "outside_scope",
                    message: "This client may not send requests of this channel."))
        }
        if !path.contains(self.divisionScope) {
            errors.append(
                FieldError(
                    field: "/division", code: "outside_scope",
                    message: "This client may not send requests for this division."))
        }
        return errors
    }
}
