import FoundationEssentials
import Ledger
import PostgresClient
import TestSupport
import Testing

/// The real process, with its own login, killed as a machine is that loses power.
@Suite struct SignerProcessTests {
    private static let write = Statement(
        name: "test_signer_write",
        "INSERT INTO casework.event (case_id, kind, actor_kind, actor) VALUES ($1, 'case_read', 'staff', 'test')")
    private static let left = Statement(
        name: "test_signer_left",
        """
        SELECT (SELECT count(*) FROM casework.event AS e WHERE NOT EXISTS (
            SELECT 1 FROM ledger.entry AS n WHERE n.source = 'event' AND n.source_id = e.id)),
            (SELECT size - coalesce((SELECT max(size) FROM ledger.checkpoint), 0) FROM ledger.progress)
        """)

    private struct Place {
        let directory: String
        let database: TestDatabase
        let key: NoteVerifier

        /// Short leases, so that a successor of a killed process need not wait long.
        func start(_ file: String = "signed") throws -> ServiceProcess {
            try ServiceProcess(
                "ledger-signer",
                environment: [
                    "DANDELION_DATABASE": self.database.dsn(user: "dandelion_ledger"), "DANDELION_HTTP_PORT": "0",
                    "DANDELION_LEDGER_KEY_FILE": "\(self.directory)/\(LedgerKeyFile.secretName)",
                    "DANDELION_LEDGER_SIGNED_FILE": "\(self.directory)/\(file)", "DANDELION_LEDGER_INTERVAL": "50",
                    "DANDELION_LEDGER_LEASE": "1",
                ])
        }

        func latest() async throws -> String? { try await LedgerStore().latestCheckpoint(on: self.database.pool) }

        func report(kept: [String]) async throws -> LedgerReport {
            var verifier = try LedgerVerifier(key: self.key, kept: kept)
            var lines: [String] = []
            _ = try await LedgerExport().write(from: self.database.pool) { lines.append($0) }
            for line in lines { try verifier.take(line) }
            return try verifier.finish()
        }

        func waitUntilEverythingIsSigned() async throws {
            try await eventually("everything is signed", timeout: .seconds(60)) {
                let row = try #require(await self.database.pool.execute(SignerProcessTests.left).first)
                let (left, unsigned) = try row.decode((Int64, Int64).self)
                return left == 0 && unsigned == 0
            }
        }
    }

    private func withPlace(_ body: (Place) async throws -> Void) async throws {
        try await withTestDatabase(maximumConnections: 8) { database in
            let directory = "/tmp/ddl-signer-\(UUID().uuidString.prefix(8))"
            defer { try? FileManager.default.removeItem(atPath: directory) }  // A leftover in /tmp harms nobody.
            _ = try LedgerKeyFile.create(directory: directory, origin: "test.invalid/ledger")
            let text = try String(contentsOfFile: "\(directory)/\(LedgerKeyFile.publicName)", encoding: .utf8)
            let key = try NoteVerifier(text.filter { !$0.isWhitespace })
            try await body(Place(directory: directory, database: database, key: key))
        }
    }

    private func writer(_ place: Place, for rows: Int) async throws {
        for _ in 0..<rows { try await place.database.pool.execute(Self.write, UUID()) }
    }

    /// Whenever it dies, nothing that it published or wrote to its file is ever contradicted, and nothing is left out.
    @Test func killedAtAnyInstantItLosesAndForksNothing() async throws {
        try await self.withPlace { place in
            var kept: [String] = []
            for turn in 0..<12 {
                let process = try place.start()
                let before = try await place.latest()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 { group.addTask { try await self.writer(place, for: 100 + turn) } }
                    // In the middle of work: rows are being written, and a checkpoint has just come out.
                    let note = try await eventuallySome("a checkpoint", timeout: .seconds(30), every: .milliseconds(1))
                    {
                        let note = try await place.latest()
                        return note == before ? nil : note
                    }
                    kept.append(note)
                    process.kill()
                    try await group.waitForAll()
                }
                #expect(try await process.waitForExit() == .signal(9))
                kept.append(try String(contentsOfFile: "\(place.directory)/signed", encoding: .utf8))
            }
            let process = try place.start()
            try await process.waitForOutput(containing: "Signs the ledger")
            try await place.waitUntilEverythingIsSigned()
            process.terminate()
            #expect(try await process.waitForExit() == .status(0))
            let report = try await place.report(kept: kept)
            #expect(report.problems == [])
            #expect(report.kept == kept.count)
            #expect(report.opened == (0..<12).reduce(0) { $0 + 3 * (100 + $1) })
        }
    }

    @Test func aSecondProcessStandsByAndTakesOver() async throws {
        try await self.withPlace { place in
            try await self.writer(place, for: 5)
            let first = try place.start("first")
            try await first.waitForOutput(containing: "Signs the ledger")
            let second = try place.start("second")
            try await second.waitForOutput(containing: "standing by")
            try await place.waitUntilEverythingIsSigned()
            first.kill()
            _ = try await first.waitForExit()
            try await self.writer(place, for: 5)
            try await second.waitForOutput(containing: "Signs the ledger")
            try await place.waitUntilEverythingIsSigned()
            // Told to end, it gives the lease back: a third one need not wait for it to run out.
            second.terminate()
            #expect(try await second.waitForExit() == .status(0))
            #expect(try await place.report(kept: []).problems == [])
        }
    }

    /// The database comes back without its last transactions, as after a failover to a standby that lagged: a copy of how it
    /// was before stands for it.
    @Test func aDatabaseThatLostItsEndStopsIt() async throws {
        try await withTestCluster { cluster in
            let directory = "/tmp/ddl-signer-\(UUID().uuidString.prefix(8))"
            defer { try? FileManager.default.removeItem(atPath: directory) }  // A leftover in /tmp harms nobody.
            _ = try LedgerKeyFile.create(directory: directory)
            let migrate = try ServiceProcess(
                "dandelion", arguments: ["migrate"], environment: ["DANDELION_DATABASE": cluster.dsn])
            #expect(try await migrate.waitForExit(timeout: .seconds(120)) == .status(0), "\(migrate.output)")
            func signer(_ dsn: String) throws -> ServiceProcess {
                try ServiceProcess(
                    "ledger-signer",
                    environment: [
                        "DANDELION_DATABASE": dsn, "DANDELION_HTTP_PORT": "0", "DANDELION_LEDGER_LEASE": "1",
                        "DANDELION_LEDGER_KEY_FILE": "\(directory)/\(LedgerKeyFile.secretName)",
                    ])
            }
            try await self.write(10, signedBy: signer(cluster.dsn), on: cluster.dsn)
            try await cluster.withStandby { standby in
                try await eventually("the standby has it") { try await self.length(standby.dsn) == 10 }
                // It is away while the rest is written, signed and published.
                try await standby.stop()
                try await self.write(20, signedBy: signer(cluster.dsn), on: cluster.dsn)
                try await cluster.crash()
                try await standby.start()
                try await standby.promote()
                let process = try signer(standby.dsn)
                #expect(try await process.waitForExit(timeout: .seconds(60)) == .status(69))
                #expect(process.output.contains("has 10 entries and this signer has signed 30"), "\(process.output)")
                #expect(process.output.contains("0016-ledger.md"))
                // It stays like that, however long the new log becomes.
                try await self.run(
                    "INSERT INTO casework.event (case_id, kind, actor_kind, actor) "
                        + "SELECT gen_random_uuid(), 'case_read', 'staff', 'test' FROM generate_series(1, 100)",
                    on: standby.dsn)
                let again = try signer(standby.dsn)
                #expect(try await again.waitForExit(timeout: .seconds(60)) == .status(69))
            }
        }
    }

    private static let length = Statement(name: "test_ledger_length", "SELECT size FROM ledger.progress")

    private func length(_ dsn: String) async throws -> Int64 {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(dsn: dsn, applicationName: "dandelion-test"))
        let length = try #require(await connection.execute(Self.length).first).decode(Int64.self)
        await connection.close()
        return length
    }

    private func run(_ sql: String, on dsn: String) async throws {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(dsn: dsn, applicationName: "dandelion-test"))
        try await connection.run(script: sql, name: "test_script")
        await connection.close()
    }

    /// Writes rows and waits until as many are signed; then the signer is told to end.
    private func write(_ rows: Int, signedBy process: ServiceProcess, on dsn: String) async throws {
        let connection = try await PostgresConnection.connect(
            PostgresConfiguration(dsn: dsn, applicationName: "dandelion-test"))
        for _ in 0..<rows { try await connection.execute(Self.write, UUID()) }
        try await eventually("everything is signed", timeout: .seconds(60)) {
            let row = try #require(await connection.execute(Self.left).first)
            let (left, unsigned) = try row.decode((Int64, Int64).self)
            return left == 0 && unsigned == 0
        }
        await connection.close()
        process.terminate()
        #expect(try await process.waitForExit() == .status(0))
    }
}
