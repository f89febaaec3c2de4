import Foundation
@testable import Ledger
import PostgresClient
import TestSupport
import Testing

/// An agency can show what it was given, and learns nothing of what others were given.
@Suite struct AgencyExportTests {
    @Test func anExportOpensNothingOfAnother() async throws {
        try await LedgerFixture.with { ledger, _ in
            let first = try await ledger.referral(to: "150104-a")
            let second = try await ledger.referral(to: "150104-b")
            try await ledger.course(first)
            try await ledger.course(second)
            try await ledger.event("consent_recorded", first)
            try await ledger.event("case_read", second)
            _ = try await ledger.signer().round()
            let lines = try await ledger.export(agency: "150104-a")
            let report = try ledger.report(lines)
            #expect(report.problems == [])
            #expect(report.agency == "150104-a")
            #expect(report.opened == 5)
            #expect(report.bare == 5)
            let text = lines.joined()
            #expect(text.contains(first.number))
            for secret in [
                second.number, "150104-b", first.caseID.uuidString.lowercased(), second.caseID.uuidString.lowercased(),
                first.id.uuidString.lowercased(), second.id.uuidString.lowercased(), "actor",
            ] {
                #expect(!text.contains(secret), "\(secret)")
            }
            // Nothing that opens an entry of another stands in it: no nonce but those of its own.
            let others = try await ledger.pool.execute(Self.othersNonces)
            #expect(others.count == 5)
            for row in others {
                let nonce = Base64.encode(try row.decode([UInt8].self))
                #expect(!text.contains(nonce))
            }
        }
    }

    private static let othersNonces = Statement(
        name: "test_others_nonces",
        """
        SELECT n.nonce FROM ledger.entry AS n
        WHERE NOT (n.source = 'event' AND EXISTS (SELECT 1 FROM casework.event AS e
                JOIN casework.referral AS r ON r.id = e.referral_id JOIN casework.agency AS a ON a.id = r.agency_id
                WHERE e.id = n.source_id AND a.code = '150104-a')
            OR n.source = 'disclosure' AND EXISTS (SELECT 1 FROM safeguarding.disclosure AS d
                JOIN casework.agency AS a ON a.id = d.agency_id WHERE d.number = n.source_id AND a.code = '150104-a'))
        """)

    /// Why a referral was taken back is the person's business, not the agency's.
    @Test func theReasonsOfOthersAreSealed() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.pool.execute(Self.revoke, referral.caseID, referral.id)
            _ = try await ledger.signer().round()
            let own = try await ledger.export(agency: "150104-a").joined()
            #expect(own.contains("referral_revoked"))
            #expect(!own.contains("consent_withdrawn"))
            #expect(!own.contains("S-0001"))
            #expect(try await ledger.export().joined().contains("consent_withdrawn"))
        }
    }

    private static let revoke = Statement(
        name: "test_revoke",
        """
        INSERT INTO casework.event (case_id, referral_id, kind, actor_kind, actor, data)
        VALUES ($1, $2, 'referral_revoked', 'staff', 'S-0001', '{"reason": "consent_withdrawn"}')
        """)

    /// An export that opens an entry of somebody else is not an agency's.
    @Test func anExportWithAnEntryOfAnotherIsNotClean() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            try await ledger.course(try await ledger.referral(to: "150104-b"))
            _ = try await ledger.signer().round()
            var lines = try await ledger.export()
            lines[0] = lines[0].replacing("{", with: "{\"agency\":\"150104-a\",")
            #expect(try ledger.report(lines).problemCount == 4)
        }
    }

    @Test func nobodysAgencyOpensNothing() async throws {
        try await LedgerFixture.with { ledger, _ in
            try await ledger.course(try await ledger.referral(to: "150104-a"))
            _ = try await ledger.signer().round()
            let report = try ledger.report(try await ledger.export(agency: "nobody"))
            #expect(report.opened == 0)
            #expect(report.bare == 4)
        }
    }

    /// The same thing said twice has two commitments: without its nonce nobody can try out what an entry says.
    @Test func equalEntriesHaveDifferentCommitments() async throws {
        try await LedgerFixture.with { ledger, _ in
            let referral = try await ledger.referral(to: "150104-a")
            try await ledger.pool.withTransaction("test_twice") { transaction in
                for _ in 0..<50 { try await ledger.disclose(referral, on: transaction) }
            }
            _ = try await ledger.signer().round()
            let distinct = Statement(
                name: "test_distinct",
                "SELECT count(DISTINCT nonce), count(DISTINCT commitment), min(length(nonce)) FROM ledger.entry")
            let (nonces, commitments, length) = try #require(await ledger.pool.execute(distinct).first)
                .decode((Int64, Int64, Int32).self)
            #expect(nonces == 50)
            #expect(commitments == 50)
            #expect(length == 32)
        }
    }
}
