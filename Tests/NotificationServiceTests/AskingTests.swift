import Foundation
import PostgresClient
import TestSupport
import Testing

/// Asking for messages, which the functions of the services do where something happens.
@Suite struct AskingTests {
    /// Whether the same thing waits is found without reading what waits for others, also by a plan that was made when there was
    /// nothing.
    @Test(arguments: [
        "casework.notify_people(array_fill($1::uuid, ARRAY[12]), $2, 'news_for_you', NULL)",
        "casework.notify_stations($2, array_fill($1::uuid, ARRAY[12]), 'escalated')",
    ])
    func askingReadsNothingOfOthers(call: String) async throws {
        let isForPeople = call.contains("notify_people")
        let asking = Statement(name: "t_ask_\(isForPeople)", unchecked: "SELECT \(call)")
        try await withNotification { notification in
            let others = isForPeople ? "person" : "cases"
            let read = try await notification.db.pool.withTransaction("t_asking") { transaction in
                try await transaction.execute(isForPeople ? Self.people : Self.cases, notification.caseID)
                var all: [UUID] = []
                let list = Statement(
                    name: "t_list_\(others)", unchecked: "SELECT id FROM casework.\(others) ORDER BY id")
                for row in try await transaction.execute(list) { all.append(try row.decode(UUID.self)) }
                let about = isForPeople ? notification.caseID : notification.station
                var before: Int64 = 0
                for first in stride(from: 0, to: 360, by: 12) {
                    before = try await Self.read(transaction)
                    try await transaction.execute(asking, about, Array(all[first..<first + 12]))
                }
                return try await Self.read(transaction) - before
            }
            #expect(
                try await notification.text("SELECT count(*)::text FROM casework.message", "t_count") == "360")
            #expect(read < 100, "read to ask for twelve while 348 wait")
        }
    }

    /// A message about nothing that there is is not made.
    @Test func whatIsNotThereIsRefused() async throws {
        try await withNotification { notification in
            for call in [
                "casework.notify_station('\(notification.caseID)', gen_random_uuid(), 'escalated')",
                "casework.notify_station(gen_random_uuid(), '\(notification.station)', 'escalated')",
                "casework.notify_help_seekers('\(notification.caseID)', 'news_for_you', gen_random_uuid(), false)",
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await notification.run("SELECT \(call)", "t_unknown")
                }
                #expect(error?.sqlState == "23503")
            }
            let count = try await notification.text("SELECT count(*)::text FROM casework.message", "t_count")
            #expect(count == "0")
        }
    }

    /// Rows of messages that this transaction has read.
    private static func read(_ transaction: PostgresTransaction) async throws -> Int64 {
        try #require(await transaction.execute(Self.fetched).first).decode(Int64.self)
    }

    private static let fetched = Statement(
        name: "t_asking_fetched",
        """
        SELECT (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int8 FROM pg_stat_xact_user_tables
        WHERE relid = 'casework.message'::regclass
        """)
    private static let people = Statement(
        name: "t_asking_people",
        """
        INSERT INTO casework.person (id, case_id, role) SELECT gen_random_uuid(), $1, 'help_seeker'
        FROM generate_series(1, 400)
        """)
    private static let cases = Statement(
        name: "t_asking_cases",
        """
        WITH opened AS (
            INSERT INTO casework.cases (id, number, receipt_hash, channel, division_code, owner_station_id, risk, facts)
            SELECT gen_random_uuid(), 'C-T' || n, sha256(n::text::bytea), channel, division_code, owner_station_id, risk, facts
            FROM casework.cases, generate_series(1, 400) AS n WHERE id = $1 RETURNING id
        )
        INSERT INTO casework.clock (id, case_id, kind, name, basis, due_at, look_at)
        SELECT gen_random_uuid(), id, 'first_response', 'first_response_p2', 't', now() + interval '1 day',
            now() + interval '1 day'
        FROM opened
        """)
}
