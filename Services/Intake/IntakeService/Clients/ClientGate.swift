import Casework
import CaseworkStore
import Hummingbird
import PostgresClient
import ServiceKit

/// Lets known clients in: looks their key up by its hash, and holds each to its own rate.
///
/// What the database says of a key is believed for a few seconds, so that opening a case costs no look-up. A client that
/// was revoked opens and reads nothing all the same: the functions that do it look at the client, in the transaction. A
/// key that was replaced works for those few seconds more.
struct ClientGate: Sendable {
    private let pool: PostgresPool
    private let store = IntakeStore()
    private let known: ExpiringCache<[UInt8], IntakeClient>
    private let limiter = ClientLimiter()
    private let keys: KeyLookUps
    private let proxies: Int

    /// - Parameter proxies: how many reverse proxies of ours stand in front.
    init(
        pool: PostgresPool, lifetime: Duration = .seconds(5), unknownKeys: KeyLookUps.Limits = .init(),
        proxies: Int = 0
    ) {
        self.pool = pool
        self.known = ExpiringCache(lifetime: lifetime, capacity: 2000)
        self.keys = KeyLookUps(unknownKeys)
        self.proxies = proxies
    }

    /// The client that sent a request.
    /// - Throws: `HTTPProblem` 401 without a valid key, 429 over the client's rate or with too many unknown keys; `PostgresError` when the database
    ///   cannot be asked.
    func client(of request: Request, _ context: some EdgeRequestContext) async throws -> IntakeClient {
        let hash = try BearerToken(of: request).hash
        let client = try await self.client(
            hash, from: Peer(of: request, remoteAddress: context.remoteAddress, proxies: self.proxies))
        try self.limiter.admit(client.id, perMinute: client.requestsPerMinute)
        return client
    }

    /// Asks the database again the next time: a transaction has found the client revoked.
    func forget(_ request: Request) throws {
        self.known.forget(try BearerToken(of: request).hash.bytes)
    }

    private func client(_ hash: TokenHash, from peer: Peer) async throws -> IntakeClient {
        if let client = self.known.value(for: hash.bytes) { return client }
        let client = try await self.keys.find(hash, from: peer) {
            try await self.store.intakeClient(keyHash: hash.bytes, on: self.pool)
        }
        self.known.remember(client, for: hash.bytes)
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
