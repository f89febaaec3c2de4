import Casework
import CaseworkStore
import Foundation
import PostgresClient
import Testing

/// The tables that every case writes have no CHECK: the functions refuse words that are not of the list.
struct WordTests {
    private static let endClock = Statement(name: "test_word_clock", "SELECT casework.end_clock($1, $2, 'test')")
    private static let setStatus = Statement(
        name: "test_word_status",
        "SELECT casework.set_referral_status($1, ARRAY['requested'], $2, NULL, 'test', NULL)")
    private static let openCase = Statement(
        name: "test_word_case",
        """
        SELECT casework.open_cases(ARRAY[gen_random_uuid()], '{C-X}', ARRAY[decode($1, 'hex')], '{hotline}', '{150102}',
            ARRAY[$2], ARRAY['{}'::jsonb], '{NULL}', '{NULL}', '{test}', ARRAY[gen_random_uuid()], '{c}', '{b}',
            ARRAY[clock_timestamp()], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
            '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', NULL, NULL, NULL)
        """)

    @Test(arguments: ["running", "ended", "", "Met"]) func aClockEndsInThreeWays(word: String) async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let clock = try await casework.startClock(.caseAction, of: new.id, dueIn: 60)
            await expectRefusal { try await casework.pool.execute(Self.endClock, clock, word) }
            #expect(try await casework.end(clock, as: .cancelled), "it still runs")
        }
    }

    @Test(arguments: ["requested", "accepted", "completed", "gone"])
    func theNetworkSetsNoStatusOfAnAgencys(word: String) async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            await expectRefusal { try await casework.pool.execute(Self.setStatus, referral.id, word) }
        }
    }

    @Test(arguments: [("00", "high"), (String(repeating: "ab", count: 32), "awful"), ("", "low")])
    func aCaseHasAReceiptAndARisk(hash: String, risk: String) async throws {
        try await withCasework { casework in
            await expectRefusal { try await casework.pool.execute(Self.openCase, hash, risk) }
        }
    }

    @Test(arguments: [
        "'nobody', NULL, NULL, 2", "'person', NULL, NULL, 2", "'operator', NULL, NULL, 4", "'operator', NULL, 'a b', 2",
        "'station', NULL, NULL, 2",
    ])
    func aMessageIsForSomebodyOfTheList(values: String) async throws {
        let parts = values.split(separator: ", ")
        let ask = Statement(
            name: "test_word_message",
            unchecked: """
                SELECT casework.insert_message(\(parts[0]), NULL, \(parts[1]), NULL, NULL, NULL, 'notice', \(parts[2]), 0,
                    \(parts[3]), interval '1 day', NULL)
                """)
        try await withCasework { casework in
            await expectRefusal { try await casework.pool.execute(ask) }
        }
    }

    @Test func aMessageIsSettledInAStateOfTheList() async throws {
        let settle = Statement(
            name: "test_word_settle",
            "SELECT casework.settle_message(gen_random_uuid(), 'lost', NULL, NULL, NULL, NULL, NULL)")
        try await withCasework { casework in
            await expectRefusal { try await casework.pool.execute(settle) }
        }
    }
}

private func expectRefusal(_ body: () async throws -> Void) async {
    let error = await #expect(throws: PostgresError.self) { try await body() }
    #expect(error?.sqlState == "23514")
}
