import FoundationEssentials
import Logging
import Migrations
import PostgresClient
import TestSupport
import Testing

@Suite struct MigratorTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static let table = """
        CREATE SCHEMA shop;
        CREATE TABLE shop.item (id bigint PRIMARY KEY, name text NOT NULL);
        INSERT INTO shop.item (id, name) VALUES (1, 'one');
        """
    private static let column = "ALTER TABLE shop.item ADD COLUMN price bigint;"

    private func set(_ files: (name: String, sql: String)...) -> MigrationSet {
        MigrationSet(module: "Shop", files.map { Migration(name: $0.name, sql: Array($0.sql.utf8)) })
    }

    private func migrator(_ sets: MigrationSet..., lockTimeout: Duration = .seconds(60)) -> Migrator {
        Migrator(sets: sets, logger: self.logger, lockTimeout: lockTimeout)
    }

    private func names(_ reports: [MigrationReport]) -> [String] { reports.map(\.name) }

    private func count(_ statement: Statement, on executor: some PostgresExecutor) async throws -> Int64 {
        try #require(try await executor.execute(statement).first).decode(Int64.self)
    }

    private static let items = Statement(name: "test_items", "SELECT count(*) FROM shop.item")
    private static let columns = Statement(
        name: "test_columns",
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'item'")
    private static let applied = Statement(
        name: "test_applied", "SELECT count(*) FROM dandelion_migrations.applied")

    @Test func runningTwiceAppliesOnce() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            let migrator = self.migrator(self.set(("V0001__table", Self.table), ("V0002__column", Self.column)))
            #expect(self.names(try await migrator.apply(owner)) == ["V0001__table", "V0002__column"])
            #expect(try await migrator.apply(owner).isEmpty)
            #expect(try await self.count(Self.items, on: db.pool) == 1)
            #expect(try await self.count(Self.columns, on: db.pool) == 3)
        }
    }

    @Test func laterFilesAreAppliedLater() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            try await self.migrator(self.set(("V0001__table", Self.table))).apply(owner)
            let both = self.migrator(self.set(("V0001__table", Self.table), ("V0002__column", Self.column)))
            #expect(self.names(try await both.apply(owner)) == ["V0002__column"])
        }
    }

    @Test func tenAtOnceApplyEachFileOnce() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            let migrator = self.migrator(self.set(("V0001__table", Self.table), ("V0002__column", Self.column)))
            let reports = try await withThrowingTaskGroup(of: [MigrationReport].self) { group in
                for _ in 0..<10 { group.addTask { try await migrator.apply(owner) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reports.count == 10)
            #expect(reports.filter(\.isEmpty).count == 9)
            #expect(try await self.count(Self.applied, on: db.pool) == 2)
        }
    }

    @Test func aFailingFileIsRolledBackAndNamed() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            let broken =
                "ALTER TABLE shop.item ADD COLUMN half bigint; INSERT INTO shop.item (id, name) VALUES (1, 'again');"
            let migrator = self.migrator(self.set(("V0001__table", Self.table), ("V0002__broken", broken)))
            let error = await #expect(throws: MigrationError.self) { try await migrator.apply(owner) }
            #expect(error?.code == .failed)
            #expect(error?.module == "Shop")
            #expect(error?.migration == "V0002__broken")
            let description = try #require(error?.description)
            #expect(description.contains("Shop/V0002__broken.sql failed"))
            #expect(description.contains("23505"))
            #expect(!description.contains("\n"))
            // The one before it stays, of the broken one nothing does.
            #expect(try await self.count(Self.applied, on: db.pool) == 1)
            #expect(try await self.count(Self.columns, on: db.pool) == 2)

            let mended = self.migrator(self.set(("V0001__table", Self.table), ("V0002__broken", Self.column)))
            #expect(self.names(try await mended.apply(owner)) == ["V0002__broken"])
        }
    }

    @Test func anEditedFileChangesNothing() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            try await self.migrator(self.set(("V0001__table", Self.table))).apply(owner)
            let edited = self.migrator(
                self.set(("V0001__table", Self.table + "-- once more"), ("V0002__column", Self.column)))
            let error = await #expect(throws: MigrationError.self) { try await edited.apply(owner) }
            #expect(error?.code == .edited)
            #expect(try await self.count(Self.columns, on: db.pool) == 2)
            let status = try await edited.status(owner)
            #expect(status.map(\.name) == ["V0001__table", "V0002__column"])
            guard case .edited = status[0].state else {
                Issue.record("expected an edited file, got \(status[0].state)")
                return
            }
            #expect(status[1].state == .pending)
        }
    }

    @Test func anOlderProgramRefusesANewerDatabase() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            try await self.migrator(self.set(("V0001__table", Self.table), ("V0002__column", Self.column))).apply(owner)
            let older = self.migrator(self.set(("V0001__table", Self.table)))
            let error = await #expect(throws: MigrationError.self) { try await older.apply(owner) }
            #expect(error?.code == .databaseIsNewer)
            #expect(error?.description.contains("Shop/V0002__column") == true)
            guard case .unknown = try await older.status(owner).last?.state else {
                Issue.record("the status does not show the unknown file")
                return
            }
        }
    }

    @Test func anIndexIsBuiltConcurrentlyOutsideATransaction() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            let index = """
                -- migrate: no-transaction
                CREATE INDEX CONCURRENTLY item_by_name ON shop.item (name);
                """
            let migrator = self.migrator(self.set(("V0001__table", Self.table), ("V0002__index", index)))
            // Several at once: a waiting migrator must not hold a snapshot that the index build waits for.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await migrator.apply(owner) } }
                try await group.waitForAll()
            }
            let isValid = Statement(
                name: "test_index",
                "SELECT count(*) FROM pg_index WHERE indexrelid = 'shop.item_by_name'::regclass AND indisvalid")
            #expect(try await self.count(isValid, on: db.pool) == 1)
            #expect(try await self.count(Self.applied, on: db.pool) == 2)
        }
    }

    @Test func aDryRunChangesNothing() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            let migrator = self.migrator(self.set(("V0001__table", Self.table), ("V0002__column", Self.column)))
            let reports = try await migrator.apply(owner, dryRun: true)
            #expect(reports.map(\.outcome) == [.wouldApply, .wouldApply])
            let schemas = Statement(
                name: "test_schemas",
                "SELECT count(*) FROM pg_namespace WHERE nspname IN ('shop', 'dandelion_migrations')")
            #expect(try await self.count(schemas, on: db.pool) == 0)
        }
    }

    @Test func statusTellsWhoAppliedWhat() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let owner = db.configuration(user: "dandelion_owner")
            try await self.migrator(self.set(("V0001__table", Self.table))).apply(owner)
            let both = self.migrator(self.set(("V0001__table", Self.table), ("V0002__column", Self.column)))
            let status = try await both.status(owner)
            guard case .applied(_, by: "dandelion_owner") = status[0].state else {
                Issue.record("expected an applied file, got \(status[0].state)")
                return
            }
            #expect(status[1].state == .pending)
        }
    }

    @Test func aHeldLockIsReportedAfterTheTimeout() async throws {
        try await withTestDatabase(.empty) { db async throws in
            let hold = Statement(
                name: "test_hold", "SELECT pg_advisory_lock(hashtextextended('dandelion_migrations', 0))")
            try await db.pool.withConnection { connection in
                try await connection.execute(hold)
                let migrator = self.migrator(
                    self.set(("V0001__table", Self.table)), lockTimeout: .milliseconds(300))
                let error = await #expect(throws: MigrationError.self) {
                    try await migrator.apply(db.configuration(user: "dandelion_owner"))
                }
                #expect(error?.code == .lockTimeout)
                #expect(error?.description.contains("server process") == true)
            }
        }
    }

    @Test func servicesMayReadWhatWasApplied() async throws {
        try await withTestDatabase { db in
            for role in ["intake", "routing", "notification", "gateway", "operator"] {
                try await db.withPool(user: "dandelion_\(role)") { pool in
                    try await SchemaVersion.require(TestTemplate.sets, on: pool)
                }
            }
        }
    }
}
