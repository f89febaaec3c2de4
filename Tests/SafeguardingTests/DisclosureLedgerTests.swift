import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

/// Invariant 5: the disclosure is committed before the bytes leave.
@Suite struct DisclosureLedgerTests {
    private let ledger = DisclosureLedger()
    private let referral = UUID()
    private let agency = UUID()

    private var request: DisclosureRequest {
        DisclosureRequest(
            referralID: self.referral, agencyID: self.agency, profile: "court",
            fields: ["help_seeker.name", "purpose"],
            purpose: "protection_order", legalBasis: "反家庭暴力法第二十三条", requestedBy: "150100-court lease")
    }

    private func refusal(_ body: () async throws -> Void) async -> DisclosureError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? DisclosureError
        }
    }

    @Test func aRecordOfAnEarlierTransactionAllows() async throws {
        try await withTestDatabase { db in
            let id = try await self.ledger.record(self.request, on: db.pool)
            try await self.ledger.require(id, referral: self.referral, agency: self.agency, on: db.pool)
        }
    }

    @Test func aRecordOfItsOwnTransactionDoesNot() async throws {
        try await withTestDatabase { db in
            let refusal = await self.refusal {
                try await db.pool.withTransaction("test_own") { transaction in
                    let id = try await self.ledger.record(self.request, on: transaction)
                    try await self.ledger.require(id, referral: self.referral, agency: self.agency, on: transaction)
                }
            }
            #expect(refusal == .notRecorded)
        }
    }

    @Test func aSavepointIsNoWayAround() async throws {
        try await withTestDatabase { db in
            let refusal = await self.refusal {
                try await db.pool.withTransaction("test_savepoint") { transaction in
                    let id = try await transaction.savepoint { _ in
                        try await self.ledger.record(self.request, on: transaction)
                    }
                    try await self.ledger.require(id, referral: self.referral, agency: self.agency, on: transaction)
                }
            }
            #expect(refusal == .notRecorded)
        }
    }

    @Test func anUncommittedRecordIsNoneForOthers() async throws {
        try await withTestDatabase { db in
            try await db.pool.withTransaction("test_uncommitted") { transaction in
                let id = try await self.ledger.record(self.request, on: transaction)
                let refusal = await self.refusal {
                    try await self.ledger.require(id, referral: self.referral, agency: self.agency, on: db.pool)
                }
                #expect(refusal == .notRecorded)
            }
        }
    }

    @Test func aRecordOfAnotherReferralOrAgencyDoesNot() async throws {
        try await withTestDatabase { db in
            let id = try await self.ledger.record(self.request, on: db.pool)
            for (id, referral, agency) in [
                (UUID(), self.referral, self.agency), (id, UUID(), self.agency), (id, self.referral, UUID()),
                (id, self.agency, self.referral),
            ] {
                let refusal = await self.refusal {
                    try await self.ledger.require(id, referral: referral, agency: agency, on: db.pool)
                }
                #expect(refusal == .notRecorded)
            }
        }
    }

    @Test func theLedgerIsAppendOnlyEvenForItsOwner() async throws {
        let changes = [
            Statement(name: "test_update", "UPDATE safeguarding.disclosure SET purpose = 'x'"),
            Statement(name: "test_delete", "DELETE FROM safeguarding.disclosure"),
            Statement(name: "test_truncate", "TRUNCATE safeguarding.disclosure"),
        ]
        try await withTestDatabase { db in
            _ = try await self.ledger.record(self.request, on: db.pool)
            for change in changes {
                let error = await #expect(throws: PostgresError.self) { try await db.pool.execute(change) }
                #expect(error?.sqlState == "DC100")
            }
            #expect(try await self.ledger.disclosures(of: self.referral, on: db.pool).count == 1)
        }
    }

    @Test func whatWasDisclosedCanBeRead() async throws {
        try await withTestDatabase { db in
            let first = try await self.ledger.record(self.request, on: db.pool)
            let second = try await self.ledger.record(self.request, on: db.pool)
            let records = try await self.ledger.disclosures(of: self.referral, on: db.pool)
            #expect(records.map(\.id) == [first, second])
            #expect(records.allSatisfy { $0.request == self.request })
            #expect(records[0].number < records[1].number && records[0].recordedAt <= records[1].recordedAt)
            let later = try await self.ledger.disclosures(after: records[0].number, on: db.pool)
            #expect(later.map(\.id) == [second])
            #expect(try await self.ledger.disclosures(of: UUID(), on: db.pool).isEmpty)
        }
    }

    @Test func aRecordWithoutFieldsIsRefused() async throws {
        let request = DisclosureRequest(
            referralID: self.referral, agencyID: self.agency, profile: "court", fields: [], purpose: "p",
            legalBasis: "l",
            requestedBy: "r")
        _ = try await withTestDatabase { db in
            await #expect(throws: PostgresError.self) { try await self.ledger.record(request, on: db.pool) }
        }
    }
}
