import Foundation
@testable import Ledger
import PostgresClient
import TestSupport
import Testing

/// After an erasure the leaves stay, and what they were of opens no more, in any export.
@Suite struct ErasureTests {
    private static let erase = Statement(name: "test_ledger_erase", "SELECT ledger.erase($1)")
    private static let nonces = Statement(
        name: "test_ledger_nonces",
        "SELECT count(*) FILTER (WHERE nonce IS NOT NULL), count(*) FILTER (WHERE case_id IS NOT NULL) FROM ledger.entry"
    )

    @Test func anErasedCaseKeepsVerifyingAndOpensNoMore() async throws {
        try await LedgerFixture.with { ledger, _ in
            let (hers, another) = (try await ledger.referral(to: "150104-a"), try await ledger.referral(to: "150104-a"))
            let signer = ledger.signer()
            try await ledger.course(hers)
            try await ledger.course(another)
            _ = try await signer.round()
            let kept = try #require(await LedgerStore().latestCheckpoint(on: ledger.pool))
            // What the erasure commits together with the end of her case is erased, too.
            try await ledger.pool.withTransaction("test_erase") { transaction in
                try await ledger.event("referral_cancelled", hers, on: transaction)
                try await transaction.execute(Self.erase, hers.caseID)
            }
            #expect(try await signer.round().taken == 2)
            let (nonces, cases) = try #require(await ledger.pool.execute(Self.nonces).first).decode((Int64, Int64).self)
            #expect(nonces == 5, "the other case's, and the erasure's own")
            #expect(cases == 4)

            let lines = try await ledger.export()
            let report = try ledger.report(lines, kept: [kept])
            #expect(report.problems == [])
            #expect(report.erased == 5)
            #expect(report.opened == 5)
            #expect(!lines.joined().contains(hers.number))
            #expect(!lines.joined().contains(hers.caseID.uuidString.lowercased()))
            #expect(lines.joined().contains(another.number))
            let agency = try await ledger.export(agency: "150104-a")
            #expect(try ledger.report(agency).opened == 4)
            #expect(!agency.joined().contains(hers.number))
            // A proof still shows that something stood there.
            let proof = try await LedgerProof.make(position: 0, from: kept, on: ledger.pool)
            #expect(proof.text == nil)
            #expect(try proof.problems(key: ledger.key.verifier) == [])
        }
    }

    @Test func anErasureThatNobodyAskedForIsFound() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            _ = try await ledger.signer().round()
            try await ledger.pool.execute(Statement(name: "test_gone", "UPDATE ledger.entry SET nonce = NULL"))
            #expect(try ledger.report(try await ledger.export()).problemCount == 4)
        }
    }

    @Test func theFunctionsTablesRefuseEveryOtherChange() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            for _ in 0..<70 { try await ledger.course(referral) }
            let signer = ledger.signer()
            repeat {} while try await signer.round().taken > 0
            for (index, change) in [
                "UPDATE ledger.entry SET commitment = sha256('')", "UPDATE ledger.entry SET nonce = sha256('')",
                "UPDATE ledger.entry SET position = position + 1000000, nonce = NULL",
                "UPDATE ledger.entry SET source_id = 0, nonce = NULL WHERE position = 0",
                "DELETE FROM ledger.entry", "TRUNCATE ledger.entry", "UPDATE ledger.checkpoint SET note = ''",
                "DELETE FROM ledger.checkpoint", "TRUNCATE ledger.checkpoint", "UPDATE ledger.tile SET root = ''",
                "DELETE FROM ledger.tile", "TRUNCATE ledger.tile",
            ].enumerated() {
                let error = await #expect(throws: PostgresError.self, "\(change)") {
                    try await ledger.pool.execute(Statement(name: "test_change_\(index)", unchecked: change))
                }
                #expect(error?.sqlState == "DL100", "\(change)")
            }
        }
    }
}
