import Foundation
@testable import Ledger
import PostgresClient
import TestSupport
import Testing

/// Whoever owns the database can change every row of it, triggers or not. What was signed he cannot change with it.
@Suite struct TamperTests {
    static let changes = [
        // A row that entries are of.
        "UPDATE casework.event SET actor = 'somebody else' WHERE id = 2",
        "UPDATE casework.event SET data = '{}' WHERE id = 2",
        "UPDATE casework.event SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = 2",
        "UPDATE casework.event SET kind = 'referral_rejected' WHERE id = 3",
        "UPDATE casework.event SET case_id = gen_random_uuid() WHERE id = 2",
        "UPDATE casework.event SET referral_id = NULL WHERE id = 2",
        "DELETE FROM casework.event WHERE id = 2",
        "UPDATE safeguarding.disclosure SET fields = '{address}' WHERE number = 1",
        "UPDATE safeguarding.disclosure SET legal_basis = 'another' WHERE number = 1",
        "UPDATE safeguarding.disclosure SET agency_id = gen_random_uuid() WHERE number = 1",
        "DELETE FROM safeguarding.disclosure WHERE number = 1",
        "UPDATE casework.referral SET number = 'R-0000-0000'",
        "UPDATE casework.agency SET code = 'another'",
        // A row that pretends to be older than the log.
        """
        INSERT INTO casework.event (case_id, kind, actor_kind, actor, transaction)
        VALUES (gen_random_uuid(), 'consent_recorded', 'staff', 'S-1', '3')
        """,
        """
        INSERT INTO safeguarding.disclosure (referral_id, agency_id, profile, fields, purpose, legal_basis, requested_by,
            transaction) VALUES (gen_random_uuid(), gen_random_uuid(), 'court', '{a}', 'p', 'b', 'x', '3')
        """,
        // The log itself.
        "UPDATE ledger.entry SET commitment = sha256('x') WHERE position = 1",
        "UPDATE ledger.entry SET nonce = sha256('x') WHERE position = 1",
        "UPDATE ledger.entry SET nonce = NULL WHERE position = 1",
        "UPDATE ledger.entry SET source_id = 99 WHERE position = 1",
        "UPDATE ledger.entry SET position = CASE position WHEN 0 THEN -1 ELSE 0 END WHERE position IN (0, 1)",
        // Nonces taken away, with a row that says so and was never in the log.
        """
        WITH gone AS (UPDATE ledger.entry SET nonce = NULL WHERE position = 1 RETURNING position)
        INSERT INTO ledger.erasure (positions, transaction) SELECT array_agg(position), '3' FROM gone
        """,
    ]

    @Test(arguments: changes)
    func isFoundByVerify(_ change: String) async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.course(referral)
            try await ledger.course(referral)
            _ = try await ledger.signer().round()
            #expect(try ledger.report(try await ledger.export()).problems == [])
            try await ledger.tamper(change)
            let lines = try await ledger.export()
            let found = Result { try ledger.report(lines) }
            switch found {
            case .success(let report): #expect(report.problemCount > 0)
            case .failure(let error): #expect(error is LedgerError, "the leaves are not those of a log at all")
            }
        }
    }

    /// Two entries change places, with everything that belongs to them.
    @Test func entriesThatChangedPlacesAreFound() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            _ = try await ledger.signer().round()
            try await ledger.tamper("UPDATE ledger.entry SET position = -1 WHERE position = 0")
            try await ledger.tamper("UPDATE ledger.entry SET position = 0 WHERE position = 1")
            try await ledger.tamper("UPDATE ledger.entry SET position = 1 WHERE position = -1")
            let report = try ledger.report(try await ledger.export())
            #expect(report.problems.contains { $0.contains("not those that were signed") })
        }
    }

    /// Rewritten as a whole, with tiles and a root that fit: only the key is missing.
    @Test func aLogThatWasMadeAnewIsNotSigned() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            _ = try await ledger.signer().round()
            let forger = try NoteSigner(generating: ledger.key.verifier.name)
            let forged = try SignedCheckpoint(size: 4, root: .leaf([1]), by: forger)
            try await ledger.tamper(
                "UPDATE ledger.checkpoint SET note = '\(forged.note)', root = '\\x\(Hex.encode(forged.checkpoint.root.bytes))'"
            )
            let lines = try await ledger.export()
            let error = #expect(throws: LedgerError.self) { try ledger.report(lines) }
            guard case .signature = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func anExportThatWasCutOrTouchedIsRefused() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            _ = try await ledger.signer().round()
            let lines = try await ledger.export()
            for index in lines.indices {
                var short = lines
                short.remove(at: index)
                #expect(throws: LedgerError.self, "line \(index)") { try ledger.report(short) }
            }
            for count in 0..<lines.count {
                #expect(throws: LedgerError.self) { try ledger.report(Array(lines.prefix(count))) }
            }
            #expect(throws: LedgerError.self) { try ledger.report(lines + [lines[2]]) }
            #expect(throws: LedgerError.self) { try ledger.report(["not json"] + lines) }
            #expect(throws: LedgerError.self) { try ledger.report([]) }
            let stranger = try NoteSigner(generating: ledger.key.verifier.name).verifier
            #expect(throws: LedgerError.self) {
                var verifier = try LedgerVerifier(key: stranger)
                for line in lines { try verifier.take(line) }
            }
        }
    }

    /// Two logs for two readers: whoever kept a checkpoint of one is not convinced by the other.
    @Test func aSplitViewIsFoundByConsistency() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.course(referral)
            _ = try await ledger.signer().round()
            // The holder of the key himself signs another history for somebody.
            let other = try SignedCheckpoint(size: 3, root: .leaf([1]), by: ledger.key)
            let report = try ledger.report(try await ledger.export(), kept: [other.note])
            #expect(report.problems.contains { $0.contains("two histories") })
            let proof = try await LedgerProof.make(position: nil, from: other.note, on: ledger.pool)
            #expect(try proof.problems(key: ledger.key.verifier).contains { $0.contains("two histories") })
            // A longer one than there is: the end is hidden.
            let longer = try SignedCheckpoint(size: 9, root: .leaf([1]), by: ledger.key)
            #expect(try ledger.report(try await ledger.export(), kept: [longer.note]).problemCount == 1)
        }
    }

    @Test func aProofOfAnotherEntryIsRefused() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            _ = try await ledger.signer().round()
            let proof = try await LedgerProof.make(position: 2, from: nil, on: ledger.pool)
            let text = String(decoding: try JSONEncoder().encode(proof), as: UTF8.self)
            #expect(LedgerProof(decoding: text) == proof)
            func problems(_ change: (inout [String: Any]) -> Void) throws -> [String] {
                var fields = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
                change(&fields)
                let data = try JSONSerialization.data(withJSONObject: fields)
                let changed = try #require(LedgerProof(decoding: String(decoding: data, as: UTF8.self)))
                return try changed.problems(key: ledger.key.verifier)
            }
            #expect(try problems { _ in } == [])
            #expect(try problems { $0["position"] = 1 } != [])
            #expect(try problems { $0["text"] = (proof.text ?? "").replacing("referral", with: "referrel") } != [])
            #expect(try problems { $0["nonce"] = Base64.encode([UInt8](repeating: 0, count: 32)) } != [])
            #expect(try problems { $0["commitment"] = Base64.encode([UInt8](repeating: 0, count: 32)) } != [])
            #expect(try problems { $0["inclusion"] = (proof.inclusion ?? []).reversed() as [String] } != [])
        }
    }
}
