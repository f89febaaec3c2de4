import CaseworkStore
import PostgresClient
import TestSupport
import Testing

struct RuleDraftTests {
    private static func sum(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    @Test func aDraftIsNotInForceUntilItIsActivated() async throws {
        try await withTestDatabase { database in
            let (drafts, sets) = (RuleDraftStore(), RuleSetStore())
            let first = try await drafts.load(name: "1", yaml: "one", checksum: Self.sum(1), on: database.pool)
            #expect(try await sets.active(on: database.pool) == nil)
            let version = try #require(try await drafts.activate(first, disclosures: [], on: database.pool))
            #expect(try await sets.active(on: database.pool)?.yaml == "one")
            _ = try await drafts.load(name: "2", yaml: "two", checksum: Self.sum(2), on: database.pool)
            #expect(try await sets.active(on: database.pool)?.version == version)
        }
    }

    @Test func anEarlierDraftComesBackAsAVersionOfItsOwn() async throws {
        try await withTestDatabase { database in
            let drafts = RuleDraftStore()
            let one = try await drafts.load(name: "1", yaml: "one", checksum: Self.sum(1), on: database.pool)
            let two = try await drafts.load(name: "2", yaml: "two", checksum: Self.sum(2), on: database.pool)
            let versions = [
                try await drafts.activate(one, disclosures: [], on: database.pool),
                try await drafts.activate(two, disclosures: [], on: database.pool),
                try await drafts.activate(one, disclosures: [], on: database.pool),
                try await drafts.activate(one, disclosures: [], on: database.pool),
            ].compactMap(\.self)
            #expect(versions[0] < versions[1] && versions[1] < versions[2])
            #expect(versions[3] == versions[2], "in force already")
            #expect(try await RuleSetStore().active(on: database.pool)?.yaml == "one")
            #expect(try await drafts.list(limit: 5, on: database.pool).map(\.version) == [versions[1], versions[2]])
        }
    }

    @Test func theSameTextIsTheSameDraft() async throws {
        try await withTestDatabase { database in
            let drafts = RuleDraftStore()
            let first = try await drafts.load(name: "1", yaml: "one", checksum: Self.sum(1), on: database.pool)
            #expect(
                try await drafts.load(name: "1", yaml: "one", checksum: Self.sum(1), on: database.pool) == first)
            #expect(try await drafts.yaml(of: first, on: database.pool) == "one")
            #expect(try await drafts.yaml(of: first + 1, on: database.pool) == nil)
            #expect(try await drafts.activate(first + 1, disclosures: [], on: database.pool) == nil)
        }
    }
}
