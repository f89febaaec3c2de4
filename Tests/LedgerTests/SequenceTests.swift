import Foundation
@testable import Ledger
import PostgresClient
import TestSupport
import Testing

/// What is committed gets into the log, once, whatever the order in which transactions begin, write and end.
@Suite struct SequenceTests {
    private static let writing = Statement(
        name: "test_ledger_write",
        """
        INSERT INTO casework.event (case_id, kind, actor_kind, actor) VALUES ($1, 'case_read', 'staff', 'test')
        """)
    private static let wanted = Statement(
        name: "test_ledger_wanted",
        """
        SELECT (SELECT count(*) FROM casework.event WHERE kind = 'case_read'),
            (SELECT count(*) FROM ledger.entry), (SELECT count(DISTINCT source_id) FROM ledger.entry),
            (SELECT coalesce(max(position) + 1, 0) FROM ledger.entry),
            (SELECT count(*) FROM casework.event AS e WHERE kind = 'case_read' AND NOT EXISTS (
                SELECT 1 FROM ledger.entry AS n WHERE n.source = 'event' AND n.source_id = e.id))
        """)

    private struct Undone: Error {}

    /// Transactions that overlap in random ways, some undone, some with savepoints, while a signer takes all the time: at the
    /// end every committed row is an entry, once, and nothing else is.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func noCommittedRowIsEverSkipped(seed: UInt64) async throws {
        try await LedgerFixture.with { ledger, _ in
            let signer = ledger.signer(batch: Int(seed) * 3)
            let isOver = TestFlag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !isOver.isSet { _ = try await signer.round() }
                }
                try await withThrowingTaskGroup(of: Void.self) { writers in
                    for writer in 0..<8 {
                        var generator = SeededGenerator(seed: seed &* 1000 &+ UInt64(writer))
                        let plan = (0..<25).map { _ in
                            (
                                rows: Int.random(in: 1...4, using: &generator),
                                pauses: Int.random(in: 0...3, using: &generator),
                                ending: Int.random(in: 0...5, using: &generator)
                            )
                        }
                        writers.addTask {
                            for step in plan { try await Self.write(step, ledger.pool) }
                        }
                    }
                    try await writers.waitForAll()
                }
                isOver.set()
                try await group.waitForAll()
            }
            // One that takes nothing may have come to the end of what an earlier snapshot saw: the next one looks anew.
            var idle = 0
            while idle < 2 { idle = try await signer.round().taken == 0 ? idle + 1 : 0 }
            let row = try #require(await ledger.pool.execute(Self.wanted).first)
            let (rows, entries, distinct, length, left) = try row.decode((Int64, Int64, Int64, Int64, Int64).self)
            #expect(rows > 0)
            #expect(left == 0)
            #expect(entries == rows)
            #expect(distinct == rows)
            #expect(length == rows, "positions have no gap")
            let report = try ledger.report(try await ledger.export())
            #expect(report.problems == [])
            #expect(report.opened == Int(rows))
        }
    }

    /// Between its rows a transaction lets others go first: as many turns as it was told.
    private static func write(_ step: (rows: Int, pauses: Int, ending: Int), _ pool: PostgresPool) async throws {
        do {
            try await pool.withTransaction("test_write") { transaction in
                for _ in 0..<step.rows {
                    if step.ending == 1 {
                        _ = try await transaction.savepoint { inner in
                            try await inner.execute(self.writing, UUID())
                        }
                    } else {
                        try await transaction.execute(self.writing, UUID())
                    }
                    for _ in 0..<step.pauses { await Task.yield() }
                }
                if step.ending == 0 { throw Undone() }
            }
        } catch is Undone {}
    }

    /// A number from a sequence is drawn long before the commit, and a transaction may stay open for hours: what is written
    /// beside it does not wait for it, and it is taken when it ends.
    @Test func aTransactionThatStaysOpenDelaysNobodyAndIsNotLost() async throws {
        try await LedgerFixture.with { ledger, _ in
            let signer = ledger.signer()
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.pool.withTransaction("test_open") { transaction in
                try await ledger.event("referral_requested", referral, on: transaction)
                try await ledger.disclose(referral, on: transaction)
                try await ledger.event("referral_received", referral)
                #expect(try await signer.round().taken == 1)
                for size in UInt64(2)...5 {
                    try await ledger.event("referral_scheduled", referral)
                    #expect(try await signer.round().signedSize == size)
                }
            }
            #expect(try await signer.round().taken == 2)
            #expect(try await signer.round().taken == 0)
            #expect(try ledger.report(try await ledger.export()).problems == [])
        }
    }

    @Test func whatIsNotOfTheLedgerIsLeftOut() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.event("clock_started", referral)
            try await ledger.event("case_routed", referral)
            #expect(try await ledger.signer().round().taken == 0)
            for kind in ["referral_requested", "consent_withdrawn", "people_read", "disclosure_overridden"] {
                try await ledger.event(kind, referral)
            }
            #expect(try await ledger.signer().round().taken == 0, "another signer holds the lease")
        }
    }

    /// A long absence leaves more than one transaction takes: the work goes on where it stopped, over all three sources.
    @Test func aBacklogIsTakenInBatches() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            for _ in 0..<30 { try await ledger.course(referral) }
            let signer = ledger.signer(batch: 7)
            var taken: [Int] = []
            repeat { taken.append(try await signer.round().taken) } while taken.last != 0
            #expect(taken.reduce(0, +) == 120)
            #expect(taken.first == 56, "eight batches of a round")
            #expect(try ledger.report(try await ledger.export()).opened == 120)
        }
    }

    /// What was there filled a batch to its last place: the next rows come in all the same.
    @Test func aBatchThatFitsExactlyDoesNotStopTheLog() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            let signer = ledger.signer(batch: 4)
            for size in stride(from: UInt64(4), through: 20, by: 4) {
                try await ledger.course(referral)
                _ = try await signer.round()
                let round = try await signer.round()
                #expect(round.signedSize == size)
            }
        }
    }

    /// A copy of the database restored from a dump counts its transactions anew.
    @Test func transactionNumbersThatWentBackStopTheSigner() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.event("referral_requested", referral)
            _ = try await ledger.signer().round()
            try await ledger.tamper("UPDATE ledger.progress SET done = '9000000000:9000000000:', signer = NULL")
            let error = await #expect(throws: LedgerError.self) { _ = try await ledger.signer().round() }
            guard case .contradiction = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    /// Nothing of the writers' is locked or written by the signer: a case's own transaction never waits for it.
    @Test func noWriterWaitsForTheSigner() async throws {
        try await LedgerFixture.with { ledger, database in
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.event("referral_requested", referral)
            try await ledger.pool.withTransaction("test_signer_in_the_middle") { transaction in
                let store = LedgerStore()
                let id = UUID()
                #expect(try await store.lead(id, seconds: 60, on: transaction))
                let nonces = (0..<10).flatMap { [UInt8](repeating: $0, count: 32) }
                #expect(
                    try await store.sequence(id, size: 0, last: nil, nonces: nonces, on: transaction).count == 1)
                let quick = database.configuration()
                try await TestConnection.with(quick) { connection in
                    try await connection.execute(Self.impatient)
                    try await ledger.event("referral_received", referral, on: connection)
                    try await ledger.disclose(referral, on: connection)
                }
            }
        }
    }

    private static let impatient = Statement(name: "test_impatient", "SET lock_timeout = '1ms'")
}
