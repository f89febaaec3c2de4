public import FoundationEssentials
public import PostgresClient

/// A webhook as operators see it: ids, codes and times.
public struct WebhookOverview: Sendable, Equatable {
    public let id: UUID
    public let agencyCode: String
    /// `nil` for a test of the endpoint.
    public let referral: String?
    public let event: String
    public let state: DeliveryState
    public let createdAt: Date
    public let settledAt: Date?
    public let attempts: Int
    /// What the last attempt came to.
    public let lastCode: String?

    init(row: PostgresRow) throws {
        self.id = try row.decode(column: "id")
        self.agencyCode = try row.decode(column: "agency_code")
        self.referral = try row.decode(column: "referral")
        self.event = try row.decode(column: "event")
        self.state = try row.word(column: "state")
        self.createdAt = try row.decode(column: "created_at")
        self.settledAt = try row.decode(column: "settled_at")
        self.attempts = Int(try row.decode(Int64.self, column: "attempts"))
        self.lastCode = try row.decode(column: "last_code")
    }
}

/// What operators do about webhooks.
public struct WebhookOperations: Sendable {
    public init() {}

    /// Has a test event sent to the agency's endpoint; `nil` when it has none or is suspended.
    public func test(code: String, on executor: some PostgresExecutor) async throws -> UUID? {
        try await executor.callForRow(Self.test, [code]).decode(UUID?.self)
    }

    /// Has a settled delivery sent once more, under its id. False when there is none, or it is under way.
    public func redeliver(_ id: UUID, on executor: some PostgresExecutor) async throws -> Bool {
        try await executor.callForRow(Self.redeliver, [id]).decode(Bool.self)
    }

    /// Gives the agency's webhooks a new secret; the one before it signs as well for as long as `overlap`. False when the agency
    /// has no webhook, or this is its secret already.
    public func rotateSecret(
        code: String, to secret: [UInt8], overlap: Duration, on executor: some PostgresExecutor
    ) async throws -> Bool {
        try await executor.callForRow(Self.rotateSecret, [code, secret, PostgresInterval(overlap)]).decode(Bool.self)
    }

    /// A delivery; `nil` for an unknown one.
    public func delivery(_ id: UUID, on executor: some PostgresExecutor) async throws -> WebhookOverview? {
        try await executor.call(Self.byID, [id]).first.map(WebhookOverview.init(row:))
    }

    /// The newest deliveries of an agency, in a state or in any.
    public func deliveries(
        code: String, state: DeliveryState? = nil, limit: Int, on executor: some PostgresExecutor
    ) async throws -> [WebhookOverview] {
        try await executor.call(Self.ofAgency, [code, state?.rawValue, Int64(limit)]).map(WebhookOverview.init(row:))
    }

    static let test = Statement(name: "casework_test_webhook", "SELECT casework.test_webhook($1)")
    static let redeliver = Statement(name: "casework_redeliver_webhook", "SELECT casework.redeliver_webhook($1)")
    static let rotateSecret = Statement(
        name: "casework_rotate_webhook_secret", "SELECT casework.rotate_webhook_secret($1, $2, $3)")
    static let byID = Statement(
        name: "casework_webhook_overview",
        """
        SELECT id, agency_code, referral, event, state, created_at, settled_at, attempts, last_code
        FROM casework.webhook_overview WHERE id = $1
        """)
    static let ofAgency = Statement(
        name: "casework_webhooks_of_agency",
        """
        SELECT id, agency_code, referral, event, state, created_at, settled_at, attempts, last_code
        FROM casework.webhook_overview WHERE agency_code = $1 AND ($2::text IS NULL OR state = $2)
        ORDER BY created_at DESC LIMIT $3
        """)

    /// Every statement, for the test that prepares each.
    package static let statements = [test, redeliver, rotateSecret, byID, ofAgency]
}
