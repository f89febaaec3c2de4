import Logging
import Migrations
import PostgresClient
import TestSupport
import Testing

@Suite struct SchemaVersionTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private let first = Migration(name: "V0001__first", sql: Array("CREATE SCHEMA first".utf8))
    private let second = Migration(name: "V0002__second", sql: Array("CREATE SCHEMA second".utf8))
    private let third = Migration(name: "V0003__third", sql: Array("CREATE SCHEMA third".utf8))

    private func migrate(_ migrations: [Migration], _ db: TestDatabase) async throws {
        let migrator = Migrator(sets: [MigrationSet(module: "A", migrations)], logger: self.logger)
        try await migrator.apply(db.configuration(user: "dandelion_owner"))
    }

    @Test func aDatabaseThatWasNeverMigratedGivesOneClearLine() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let error = await #expect(throws: MigrationError.self) {
                try await SchemaVersion.require([MigrationSet(module: "A", [self.first])], on: db.pool)
            }
            #expect(error?.code == .schemaMissing)
            #expect(error?.description == "The database has no schema yet: run `dandelion migrate`.")
        }
    }

    @Test func anOldSchemaGivesOneClearLine() async throws {
        try await withTestDatabase(.empty) { db async throws in
            try await self.migrate([self.first], db)
            let error = await #expect(throws: MigrationError.self) {
                try await SchemaVersion.require(
                    [MigrationSet(module: "A", [self.first, self.second, self.third])], on: db.pool)
            }
            #expect(error?.code == .schemaTooOld)
            #expect(
                error?.description
                    == "The database schema is too old, it lacks A/V0002__second (and 1 more): run `dandelion migrate`."
            )
        }
    }

    /// Invariant 10: migrations run while the previous version is running.
    @Test func aNewerSchemaIsFineForAService() async throws {
        try await withTestDatabase(.empty) { db async throws in
            try await self.migrate([self.first, self.second], db)
            try await SchemaVersion.require([MigrationSet(module: "A", [self.first])], on: db.pool)
        }
    }

    @Test func anEditedMigrationIsNotTheSchemaOfTheCode() async throws {
        try await withTestDatabase(.empty) { db async throws in
            try await self.migrate([self.first], db)
            let edited = Migration(name: "V0001__first", sql: Array("CREATE SCHEMA other".utf8))
            let error = await #expect(throws: MigrationError.self) {
                try await SchemaVersion.require([MigrationSet(module: "A", [edited])], on: db.pool)
            }
            #expect(error?.code == .edited)
        }
    }
}
