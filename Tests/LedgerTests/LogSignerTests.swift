import Foundation
@testable import Ledger
import PostgresClient
import TestSupport
import Testing

/// One signer at a time, and whatever it signed stands: across crashes between any two of its steps, and when the database
/// has lost what was signed.
@Suite struct LogSignerTests {
    private func contradiction(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
        } catch LedgerError.contradiction(let text) {
            return text
        } catch {
            Issue.record("another error: \(error)")
        }
        return nil
    }

    @Test func aCheckpointIsOverEverythingThatWasCommitted() async throws {
        try await LedgerFixture.with { ledger, _ in
            let signer = ledger.signer()
            #expect(try await LedgerStore().latestCheckpoint(on: ledger.pool) == nil)
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            #expect(try await signer.round() == LogSigner.Round(isLeader: true, taken: 4, signedSize: 4))
            let note = try #require(await LedgerStore().latestCheckpoint(on: ledger.pool))
            let signed = try SignedCheckpoint(note: note, verifiedBy: ledger.key.verifier)
            #expect(signed.checkpoint.size == 4)
            #expect(try SignedFile(path: "\(ledger.directory)/signed").read() == note)
            #expect(try await signer.round() == LogSigner.Round(isLeader: true, taken: 0, signedSize: 4))
        }
    }

    /// A process that is killed leaves at most what one of its steps had done. The next one, at once or later, goes on.
    @Test func aSuccessorGoesOnAfterEachStep() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            let store = LedgerStore()
            let file = SignedFile(path: "\(ledger.directory)/signed")
            var notes: [String] = []
            for round in 0..<60 {
                for _ in 0..<(round % 7 + 1) { try await ledger.course(referral) }
                try await ledger.tamper("UPDATE ledger.progress SET signer = NULL")
                if round % 3 == 0 {
                    notes.append(try await self.publishedNote(by: ledger.signer(), ledger))
                    continue
                }
                // Killed after it had taken entries, or after it had signed them, and before it published.
                let id = UUID()
                let head = try await store.head(on: ledger.pool)
                #expect(try await store.lead(id, seconds: 60, on: ledger.pool))
                let nonces = (0..<5 * 32).map { _ in UInt8.random(in: 0...255) }
                let taken = try await store.sequence(
                    id, size: head.size, last: head.lastCommitment, nonces: nonces, on: ledger.pool)
                guard round % 3 == 1 else { continue }
                var builder = TreeBuilder()
                for commitment in try await store.commitments(from: 0, limit: 10_000, on: ledger.pool) {
                    _ = builder.append(.leaf(commitment))
                }
                #expect(builder.size == head.size + UInt64(taken.count))
                let signed = try SignedCheckpoint(size: builder.size, root: builder.root, by: ledger.key)
                try file.write(signed.note)
                notes.append(signed.note)
            }
            try await ledger.tamper("UPDATE ledger.progress SET signer = NULL")
            notes.append(try await self.publishedNote(by: ledger.signer(), ledger))
            // Every note that was ever signed, published or not, is of this one history.
            let report = try ledger.report(try await ledger.export(), kept: notes)
            #expect(report.problems == [])
            #expect(report.kept == Set(notes).count || report.kept == notes.count)
            #expect(report.size > 512, "several tiles were completed on the way")
        }
    }

    private func publishedNote(by signer: LogSigner, _ ledger: LedgerFixture) async throws -> String {
        repeat {} while try await signer.round().taken > 0
        return try #require(await LedgerStore().latestCheckpoint(on: ledger.pool))
    }

    @Test func oneSignerAtATime() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            let first = ledger.signer(file: "first")
            let second = ledger.signer(file: "second")
            try await ledger.course(referral)
            #expect(try await first.round().taken == 4)
            #expect(try await second.round() == LogSigner.Round(isLeader: false, taken: 0, signedSize: 4))
            // Whoever stands by knows what was signed, and holds a successor's log against it.
            let kept = try SignedFile(path: "\(ledger.directory)/second").read()
            #expect(kept == (try SignedFile(path: "\(ledger.directory)/first").read()))
            // The lease runs out while the first one stands still; then it is refused whatever it had begun.
            try await ledger.tamper("UPDATE ledger.progress SET leads_until = clock_timestamp() - interval '1 s'")
            try await ledger.course(referral)
            #expect(try await second.round() == LogSigner.Round(isLeader: true, taken: 4, signedSize: 8))
            try await ledger.course(referral)
            #expect(try await first.round().isLeader == false)
            #expect(try await second.round().taken == 4)
            try await second.resign()
            try await ledger.course(referral)
            #expect(try await first.round() == LogSigner.Round(isLeader: true, taken: 4, signedSize: 16))
            #expect(try ledger.report(try await ledger.export()).problems == [])
        }
    }

    /// A stale signer that wakes up with a signed checkpoint in its hand gets nothing in.
    @Test func aStaleSignerIsRefused() async throws {
        try await LedgerFixture.with { ledger, _ in
            let store = LedgerStore()
            let (stale, current) = (UUID(), UUID())
            #expect(try await store.lead(stale, seconds: 0.001, on: ledger.pool))
            try await eventually("the lease has run out") {
                try await store.lead(current, seconds: 60, on: ledger.pool)
            }
            let signed = try SignedCheckpoint(size: 0, root: .empty, by: ledger.key)
            await #expect(throws: LedgerError.notLeader) {
                try await store.publish(stale, signed, tiles: [], on: ledger.pool)
            }
            await #expect(throws: LedgerError.notLeader) {
                _ = try await store.sequence(stale, size: 0, last: nil, nonces: [], on: ledger.pool)
            }
            #expect(try await store.lead(stale, seconds: 60, on: ledger.pool) == false)
        }
    }

    /// After a failover the new primary may lack the last transactions: the log is shorter than what was signed.
    @Test func aLogThatLostItsEndIsNotSigned() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.course(referral)
            _ = try await ledger.signer().round()
            let before = try await self.progress(ledger)
            try await ledger.course(referral)
            try await ledger.tamper("UPDATE ledger.progress SET signer = NULL")
            let signer = ledger.signer()
            #expect(try await signer.round().signedSize == 8)

            try await ledger.tamper("DELETE FROM ledger.checkpoint WHERE size = 8")
            try await ledger.tamper("DELETE FROM ledger.entry WHERE position >= 4")
            try await ledger.tamper("DELETE FROM casework.event WHERE id > 3")
            try await ledger.tamper("DELETE FROM safeguarding.disclosure WHERE number > 1")
            try await ledger.tamper(
                "UPDATE ledger.progress SET size = 4, done = '\(before.done)', last_commitment = '\(before.last)'")

            // The process that was at work notices, and so does one that is started.
            #expect(try await signer.round() == LogSigner.Round(isLeader: true, taken: 0, signedSize: 0))
            let text = await self.contradiction { _ = try await signer.round() }
            #expect(text?.contains("has 4 entries and this signer has signed 8") == true)
            try await ledger.tamper("UPDATE ledger.progress SET signer = NULL")
            #expect(await self.contradiction { _ = try await ledger.signer().round() } != nil)
            // Grown again beyond what was signed, it is another history.
            for _ in 0..<3 { try await ledger.course(referral) }
            try await ledger.tamper("UPDATE ledger.progress SET signer = NULL")
            let successor = LogSigner(
                key: ledger.key, file: SignedFile(path: "\(ledger.directory)/empty"), pool: ledger.pool)
            #expect(try await successor.round().signedSize == 16)
            try await ledger.tamper("UPDATE ledger.progress SET signer = NULL")
            let other = await self.contradiction { _ = try await ledger.signer().round() }
            #expect(other?.contains("first 8 entries are not those") == true)
            // And whoever kept a checkpoint sees it.
            let kept = try #require(try SignedFile(path: "\(ledger.directory)/signed").read())
            let report = try ledger.report(try await ledger.export(), kept: [kept])
            #expect(report.problemCount == 1)
            #expect(report.problems.first?.contains("two histories") == true)
        }
    }

    private func progress(_ ledger: LedgerFixture) async throws -> (done: String, last: String) {
        let statement = Statement(
            name: "test_ledger_progress", "SELECT done::text, last_commitment::text FROM ledger.progress")
        return try #require(await ledger.pool.execute(statement).first).decode((String, String).self)
    }

    @Test func anotherKeysLogIsNotGoneOnWith() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            _ = try await ledger.signer().round()
            try await ledger.tamper("UPDATE ledger.progress SET signer = NULL")
            let other = LogSigner(
                key: try NoteSigner(generating: "test.invalid/ledger"),
                file: SignedFile(path: "\(ledger.directory)/other"), pool: ledger.pool)
            let error = await #expect(throws: LedgerError.self) { _ = try await other.round() }
            guard case .signature = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    /// A tile or a checkpoint changed in the database: the signer compares before it goes on.
    @Test func aChangedTreeIsNotGoneOnWith() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            for _ in 0..<70 { try await ledger.course(referral) }
            let signer = ledger.signer()
            repeat {} while try await signer.round().taken > 0
            try await signer.resign()
            try await ledger.tamper("UPDATE ledger.tile SET root = sha256('') WHERE level = 0 AND number = 0")
            #expect(await self.contradiction { _ = try await ledger.signer().round() } != nil)
        }
    }

    @Test func aFullDiskEndsTheSignerBeforeItPublishes() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            let signer = LogSigner(
                key: ledger.key, file: SignedFile(path: "\(ledger.directory)/missing/signed"), pool: ledger.pool)
            let error = await #expect(throws: LedgerError.self) { _ = try await signer.round() }
            guard case .file = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await LedgerStore().latestCheckpoint(on: ledger.pool) == nil)
        }
    }

    @Test func proofsOutOfTheStoredTreeHold() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            let signer = ledger.signer(batch: 1000)
            var old: [SignedCheckpoint] = []
            for count in [1, 63, 64, 1, 66] {
                for _ in 0..<count { try await ledger.course(referral) }
                _ = try await signer.round()
                let note = try #require(await LedgerStore().latestCheckpoint(on: ledger.pool))
                old.append(try SignedCheckpoint(note: note, verifiedBy: ledger.key.verifier))
            }
            for position in [0, 1, 255, 256, 511, 512, 515, 516, 779] as [UInt64] {
                let proof = try await LedgerProof.make(position: position, from: nil, on: ledger.pool)
                #expect(try proof.problems(key: ledger.key.verifier) == [])
                #expect(proof.inclusion?.isEmpty == false)
            }
            for checkpoint in old {
                let proof = try await LedgerProof.make(position: nil, from: checkpoint.note, on: ledger.pool)
                #expect(try proof.problems(key: ledger.key.verifier) == [])
            }
            await #expect(throws: LedgerError.self) {
                _ = try await LedgerProof.make(position: 780, from: nil, on: ledger.pool)
            }
        }
    }
}
