public import FoundationEssentials
public import PostgresClient

/// What the gateway does for the SQL door: it ends sessions that go too far, and knows where the agencies' bells hang.
public struct PartnerGuard: Sendable {
    public init() {}

    /// A session that was ended, and why.
    public struct Ended: Sendable, Equatable {
        public let login: String
        /// `closed`, `advisory_lock`, `transaction`, `statement` or `snapshot`.
        public let reason: String

        public init(login: String, reason: String) {
            self.login = login
            self.reason = reason
        }
    }

    /// Ends agencies' sessions that are in a transaction or a statement for longer than `longest`, hold back the clean-up of
    /// `snapshot` transactions, have an advisory lock that is none of theirs, or whose door was closed.
    public func watch(
        longest: Duration, snapshot: Int64 = 1_000_000, on executor: some PostgresExecutor
    ) async throws -> [Ended] {
        try await executor.execute(Self.watch, PostgresInterval(longest), snapshot).map {
            Ended(login: try $0.decode(column: "login"), reason: try $0.decode(column: "reason"))
        }
    }

    /// The channel, in ``bellDatabase``, of each agency with a login of its own.
    public func bells(on executor: some PostgresExecutor) async throws -> [UUID: String] {
        let pairs = try await executor.execute(Self.bells).map { try $0.decode((UUID, String).self) }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Rings bells. In the database of the bells.
    public func ring(_ channels: [String], on executor: some PostgresExecutor) async throws {
        try await executor.execute(Self.ring, channels)
    }

    /// Where agencies listen: a database without tables, so that bells of the network neither wake nor inform them.
    public static let bellDatabase = "dandelion_bell"

    static let watch = Statement(
        name: "gateway_watch_partners", "SELECT login, reason FROM gateway.watch_partners($1, $2)")
    static let bells = Statement(name: "gateway_bells", "SELECT agency_id, channel FROM gateway.bells()")
    /// A ring that a crash loses is harmless: its commit need not wait for the disk.
    static let ring = Statement(
        name: "partner_ring",
        """
        SELECT pg_catalog.pg_notify(c, '')
        FROM pg_catalog.set_config('synchronous_commit', 'off', true) AS s CROSS JOIN unnest($1::text[]) AS c
        """)

    /// Every statement, for the test that prepares each.
    package static let statements = [watch, bells, ring]
}
