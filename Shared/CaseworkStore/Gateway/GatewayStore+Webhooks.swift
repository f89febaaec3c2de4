public import FoundationEssentials
public import PostgresClient

extension GatewayStore {
    /// Records that an agency's endpoint is to be told. For routing, which enqueues the `webhook_delivery` job with it.
    public func addWebhookDelivery(
        agency: UUID, referral: UUID, event: String, in transaction: PostgresTransaction
    ) throws -> UUID {
        let id = UUID()
        try transaction.post(Self.addDelivery, id, agency, referral, event)
        return id
    }

    /// A delivery with the endpoint as it is now; `nil` for an unknown one.
    public func webhookDelivery(
        _ id: UUID, on executor: some PostgresExecutor
    ) async throws -> WebhookDelivery? {
        try await executor.call(Self.deliveryByID, [id]).first.map { try WebhookDelivery(id: id, row: $0) }
    }

    /// Settles a pending delivery; one that is settled stays as it is.
    public func settleWebhookDelivery(
        _ id: UUID, as state: DeliveryState, on executor: some PostgresExecutor
    ) async throws {
        try await executor.call(Self.settleDelivery, [id, state.rawValue])
    }

    /// Forgets settled deliveries that are older, with what each attempt came to; at most `limit`. Returns how many.
    public func forgetWebhooks(
        olderThan age: Duration, limit: Int, on executor: some PostgresExecutor
    ) async throws -> Int {
        let count = try await executor.callForRow(
            Self.forgetWebhooks, [Double(age.components.seconds), Int32(limit)]
        ).decode(Int64.self)
        return Int(count)
    }

    /// The delivery log: what an attempt came to, as a code.
    public func recordWebhookAttempt(
        _ id: UUID, code: String, took: Duration, on executor: some PostgresExecutor
    ) async throws {
        let milliseconds = Int32(clamping: Int64(took / .milliseconds(1)))
        try await executor.call(Self.recordAttempt, [id, code, milliseconds])
    }
}
