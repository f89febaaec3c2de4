import Foundation
import Ledger
import PostgresClient
import TestSupport
import Testing

@testable import OperatorService

/// `dandelion ledger`, as an operator, an agency and an auditor use it.
struct LedgerCommandTests {
    /// A log of three entries, signed, with its keys in a directory.
    private struct Place {
        let database: TestDatabase
        let directory: String

        func dandelion(_ arguments: String...) async throws -> (status: ServiceProcess.Exit, output: String) {
            let process = try ServiceProcess(
                "dandelion", arguments: arguments,
                environment: ["DANDELION_DATABASE": self.database.dsn(user: "dandelion_operator")])
            return (try await process.waitForExit(timeout: .seconds(60)), process.output)
        }

        /// Without a database, as somebody else does it.
        func offline(_ arguments: String...) async throws -> (status: ServiceProcess.Exit, output: String) {
            let process = try ServiceProcess("dandelion", arguments: arguments, environment: [:])
            return (try await process.waitForExit(timeout: .seconds(60)), process.output)
        }

        func sign() async throws {
            let signer = LogSigner(
                key: try LedgerKeyFile.signer(path: "\(self.directory)/\(LedgerKeyFile.secretName)"),
                file: SignedFile(path: "\(self.directory)/signed"), pool: self.database.pool)
            _ = try await signer.round()
            try await signer.resign()
        }

        func record() async throws -> String {
            try #require(await self.database.pool.execute(LedgerCommandTests.record).first).decode(UUID.self).uuidString
        }
    }

    private static let record = Statement(
        name: "test_ledger_record",
        """
        SELECT safeguarding.record_disclosure(gen_random_uuid(), gen_random_uuid(), 'court', '{a}', 'purpose', 'basis', 'test')
        """)

    private func withPlace(_ body: (Place) async throws -> Void) async throws {
        try await withTestDatabase { database in
            try await TemporaryDirectory.with { directory in
                let place = Place(database: database, directory: directory)
                let made = try await place.offline(
                    "keys", "create", "--directory", directory, "--ledger-origin", "t.invalid/l")
                #expect(made.output.contains("made \(directory)/ledger-key.pub"), "\(made.output)")
                for _ in 0..<3 { _ = try await place.record() }
                try await body(place)
            }
        }
    }

    @Test func whatWasExportedIsVerifiedOffline() async throws {
        try await self.withPlace { place in
            let (file, key) = ("\(place.directory)/ledger.jsonl", "\(place.directory)/ledger-key.pub")
            let early = try await place.dandelion("ledger", "export", "--to", file)
            #expect(early.status == .status(69) && early.output.contains("no checkpoint yet"), "\(early.output)")
            try await place.sign()
            let exported = try await place.dandelion("ledger", "export", "--to", file, "--json")
            #expect(exported.status == .status(0) && exported.output.contains("\"entries\":3"), "\(exported.output)")
            let again = try await place.dandelion("ledger", "export", "--to", file)
            #expect(again.status == .status(78) && again.output.contains("never overwritten"))

            let verified = try await place.offline("ledger", "verify", file, "--key", key, "--json")
            #expect(verified.status == .status(0), "\(verified.output)")
            #expect(verified.output.contains("\"opened\":3") && verified.output.contains("\"problem_count\":0"))
            let kept = try await place.offline(
                "ledger", "verify", file, "--key", key, "--checkpoint", "\(place.directory)/signed")
            #expect(
                kept.status == .status(0) && kept.output.contains("and 1 that were kept elsewhere"), "\(kept.output)")

            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacingOccurrences(of: "basis", with: "bases").write(
                toFile: "\(file).changed", atomically: true, encoding: .utf8)
            let changed = try await place.offline("ledger", "verify", "\(file).changed", "--key", key)
            #expect(changed.status == .status(1) && changed.output.contains("3 problems"), "\(changed.output)")
            try String(text.dropLast(text.split(separator: "\n").last?.count ?? 0)).write(
                toFile: "\(file).cut", atomically: true, encoding: .utf8)
            let cut = try await place.offline("ledger", "verify", "\(file).cut", "--key", key)
            #expect(cut.status == .status(65), "\(cut.output)")
            let other = try NoteSigner(generating: "t.invalid/l").verifier
            try "\(other)".write(toFile: "\(place.directory)/other.pub", atomically: true, encoding: .utf8)
            let wrong = try await place.offline("ledger", "verify", file, "--key", "\(place.directory)/other.pub")
            #expect(wrong.status == .status(1) && wrong.output.contains("another key"), "\(wrong.output)")
            let noKey = try await place.offline("ledger", "verify", file, "--key", file)
            #expect(noKey.status == .status(65))
            let none = try await place.offline("ledger", "verify", "\(place.directory)/none", "--key", key)
            #expect(none.status == .status(65))
        }
    }

    @Test func anAgencysExportIsVerifiedOffline() async throws {
        try await self.withPlace { place in
            try await place.sign()
            let exported = try await place.dandelion("ledger", "export", "--agency", "150104-police")
            #expect(exported.status == .status(0))
            let file = "\(place.directory)/theirs"
            try exported.output.write(toFile: file, atomically: true, encoding: .utf8)
            let verified = try await place.offline(
                "ledger", "verify", file, "--key", "\(place.directory)/ledger-key.pub")
            #expect(verified.status == .status(0) && verified.output.contains("0 of 150104-police opened, 3 bare"))
        }
    }

    @Test func aDisclosureAndTheLogsGrowthAreProven() async throws {
        try await self.withPlace { place in
            let key = "\(place.directory)/ledger-key.pub"
            try await place.sign()
            let old = "\(place.directory)/old"
            try FileManager.default.copyItem(atPath: "\(place.directory)/signed", toPath: old)
            let id = try await place.record()
            let early = try await place.dandelion("ledger", "prove", "--disclosure", id)
            #expect(
                early.status == .status(65) && early.output.contains("nothing of it is in the log"), "\(early.output)")
            try await place.sign()
            let file = "\(place.directory)/proof.json"
            let proven = try await place.dandelion("ledger", "prove", "--disclosure", id, "--from", old, "--to", file)
            #expect(proven.status == .status(0), "\(proven.output)")
            #expect(proven.output.contains("entry 3:") && proven.output.contains(id.lowercased()), "\(proven.output)")
            let verified = try await place.offline("ledger", "verify", file, "--key", key)
            #expect(verified.status == .status(0) && verified.output == "1 proofs hold\n", "\(verified.output)")
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacingOccurrences(of: "court", with: "coart").write(
                toFile: "\(file).changed", atomically: true, encoding: .utf8)
            let changed = try await place.offline("ledger", "verify", "\(file).changed", "--key", key)
            #expect(changed.status == .status(1), "\(changed.output)")

            let grown = try await place.dandelion(
                "ledger", "prove", "--from", old, "--until", "\(place.directory)/signed", "--json")
            #expect(grown.status == .status(0) && grown.output.contains("\"consistency\":["), "\(grown.output)")
            let nothing = try await place.dandelion("ledger", "prove")
            #expect(nothing.status == .status(64))
        }
    }

    @Test func theDoctorSeesASignerThatIsMissing() {
        let now = Date()
        func level(_ change: (inout LedgerHealth) -> Void) -> Finding.Level {
            var health = LedgerHealth()
            health.hasSigner = true
            health.publishedAt = now - 5
            change(&health)
            return LedgerChecks.finding(health, now: now).level
        }
        #expect(level { _ in } == .ok)
        #expect(level { $0.publishedAt = nil } == .ok)
        #expect(level { $0.publishedAt = now - 86_400 } == .ok)
        #expect(level { $0.waitingSince = now - 5 } == .ok)
        #expect(level { $0.waitingSince = now - 15 } == .warning)
        #expect(level { $0.waitingSince = now - 90 } == .failed)
        #expect(level { $0.hasSigner = false } == .warning)
    }
}
