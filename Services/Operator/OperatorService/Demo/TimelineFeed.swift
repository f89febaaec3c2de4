import FoundationEssentials
import PostgresClient

/// Every case's events as they happen.
struct TimelineFeed {
    struct Entry: Sendable {
        let id: Int64
        let caseNumber: String
        let referral: String?
        let agency: String?
        let kind: String
        let data: PostgresJSON
        let occurredAt: Date
    }

    static let entriesAfter = Statement(
        name: "operator_timeline_after",
        """
        SELECT t.id, c.number, t.referral, t.agency_name, t.kind, t.data, t.occurred_at
        FROM casework.timeline AS t JOIN casework.case_overview AS c ON c.id = t.case_id
        WHERE t.id > $1 ORDER BY t.id LIMIT 5000
        """)
    static let lastEntry = Statement(
        name: "operator_timeline_last", "SELECT coalesce(max(id), 0) FROM casework.timeline")

    /// Every statement, for the test that prepares each.
    static let statements = [entriesAfter, lastEntry]

    /// A number is drawn before its transaction commits, so a smaller one may come up after a greater one: this many
    /// are looked at again each time.
    private static let overlap: Int64 = 1000

    private var last: Int64
    private let first: Int64
    private var seen: Set<Int64> = []

    /// Begins with what happens from now on.
    init(on executor: some PostgresExecutor) async throws {
        self.last = try await executor.execute(Self.lastEntry).first?.decode(Int64.self) ?? 0
        self.first = self.last
    }

    /// What is new.
    mutating func next(on executor: some PostgresExecutor) async throws -> [Entry] {
        let from = max(self.first, self.last - Self.overlap)
        var entries: [Entry] = []
        for row in try await executor.execute(Self.entriesAfter, from) {
            let id = try row.decode(Int64.self, column: "id")
            self.last = max(self.last, id)
            guard self.seen.insert(id).inserted else { continue }
            entries.append(
                Entry(
                    id: id, caseNumber: try row.decode(column: "number"), referral: try row.decode(column: "referral"),
                    agency: try row.decode(column: "agency_name"), kind: try row.decode(column: "kind"),
                    data: try row.decode(column: "data"), occurredAt: try row.decode(column: "occurred_at")))
        }
        if self.seen.count > 4 * Int(Self.overlap) {
            let floor = self.last - Self.overlap
            self.seen = self.seen.filter { $0 > floor }
        }
        return entries
    }
}
