import CaseworkStore
import PostgresClient
import TestSupport
import Testing

struct EventTests {
    static let changes = [
        Statement(name: "test_update_events", "UPDATE casework.event SET actor = 'nobody'"),
        Statement(name: "test_delete_events", "DELETE FROM casework.event"),
        Statement(name: "test_truncate_events", "TRUNCATE casework.event"),
    ]

    @Test(arguments: [nil, "dandelion_owner"])
    func eventsAreAppendOnlyEvenForTheirOwner(user: String?) async throws {
        try await withTestDatabase { database in
            let casework = try await CaseworkFixture(database)
            let new = try await casework.openCase()
            let before = try await casework.events(of: new.id)
            for change in Self.changes {
                let code: CaseworkError.Code?
                if let user {
                    code = try await database.withPool(user: user) { pool in
                        await refusal { try await pool.execute(change) }
                    }
                } else {
                    code = await refusal { try await database.pool.execute(change) }
                }
                #expect(code == .eventsAreAppendOnly, "\(change.name)")
            }
            #expect(try await casework.events(of: new.id) == before)
            #expect(!before.isEmpty)
        }
    }
}
