import FoundationEssentials
import Migrations
import Testing

@Suite struct MigrationPlanTests {
    private let first = Migration(name: "V0001__first", sql: Array("SELECT 1".utf8))
    private let second = Migration(name: "V0002__second", sql: Array("SELECT 2".utf8))
    private let third = Migration(name: "V0003__third", sql: Array("SELECT 3".utf8))

    private func row(_ migration: Migration, module: String = "A") -> AppliedMigration {
        AppliedMigration(
            module: module, name: migration.name, checksum: migration.checksum,
            appliedAt: Date(timeIntervalSince1970: 0),
            appliedBy: "owner")
    }

    private func pending(_ sets: [MigrationSet], applied: [AppliedMigration]) throws -> [String] {
        try MigrationPlan(sets: sets, applied: applied).pending.map { "\($0.module)/\($0.migration.name)" }
    }

    @Test func anEmptyDatabaseNeedsEverythingInTheOrderOfTheSets() throws {
        let sets = [MigrationSet(module: "B", [self.first]), MigrationSet(module: "A", [self.first, self.second])]
        #expect(try self.pending(sets, applied: []) == ["B/V0001__first", "A/V0001__first", "A/V0002__second"])
    }

    @Test func whatWasAppliedIsNotAppliedAgain() throws {
        let set = MigrationSet(module: "A", [self.first, self.second, self.third])
        let applied = [self.row(self.first), self.row(self.second)]
        #expect(try self.pending([set], applied: applied) == ["A/V0003__third"])
    }

    @Test func anotherModulesRowsAreLeftAlone() throws {
        let set = MigrationSet(module: "A", [self.first])
        #expect(try self.pending([set], applied: [self.row(self.second, module: "B")]) == ["A/V0001__first"])
    }

    @Test func anEditedFileIsAnError() {
        let edited = Migration(name: self.first.name, sql: Array("SELECT 1 ".utf8))
        let error = #expect(throws: MigrationError.self) {
            try MigrationPlan(sets: [MigrationSet(module: "A", [edited])], applied: [self.row(self.first)])
        }
        #expect(error?.code == .edited)
        #expect(error?.description.contains("A/V0001__first was edited") == true)
    }

    @Test func aDatabaseThatKnowsMoreIsNewer() {
        let set = MigrationSet(module: "A", [self.first])
        let error = #expect(throws: MigrationError.self) {
            try MigrationPlan(sets: [set], applied: [self.row(self.first), self.row(self.second)])
        }
        #expect(error?.code == .databaseIsNewer)
        #expect(error?.migration == "V0002__second")
    }

    @Test func aFilePutBetweenAppliedOnesIsAnError() {
        let set = MigrationSet(module: "A", [self.first, self.second, self.third])
        let error = #expect(throws: MigrationError.self) {
            try MigrationPlan(sets: [set], applied: [self.row(self.first), self.row(self.third)])
        }
        #expect(error?.code == .outOfOrder)
        #expect(error?.migration == "V0002__second")
    }

    @Test func checksumsAreSHA256() {
        let migration = Migration(name: "V0001__abc", sql: Array("abc".utf8))
        #expect(migration.checksum == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func onlyTheFirstLineSwitchesTheTransactionOff() {
        func runs(_ sql: String) -> Bool { Migration(name: "V0001__x", sql: Array(sql.utf8)).runsInTransaction }
        #expect(!runs("-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);\n"))
        #expect(!runs("-- migrate: no-transaction\r\nSELECT 1"))
        #expect(runs("-- a comment\n-- migrate: no-transaction\nSELECT 1"))
        #expect(runs(""))
    }
}
