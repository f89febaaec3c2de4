import Foundation
import PostgresClient
import Safeguarding
import TestSupport
import Testing

/// Invariant 5: a disclosure is committed in the ledger before the bytes leave.
@Suite struct PartnerPackageTests {
    @Test func aPackageIsReadAgainstACommittedRecord() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("shelter")
            let offer = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                let lease = try #require(await pool.lease().first).lease
                #expect(try await network.count(DoorFixture.disclosuresOf, offer) == 0, "a lease shows ids only")
                let asked = try await pool.request(lease)
                let disclosure = try #require(asked.disclosure)
                #expect(asked.result == "done")
                #expect(try await network.count(DoorFixture.disclosuresOf, offer) == 1)
                let row = try #require(await pool.execute(PartnerCalls.read, disclosure).first)
                let sealed = try row.decode([UInt8].self, column: "sealed")
                #expect(!sealed.isEmpty)
                #expect(try row.decode(String.self, column: "referral") == offer.number)
                // What the agency is shown of the entry names the key by which it can read.
                let entry = try await database.pool.withTransaction("entry") { transaction in
                    try await transaction.execute(Self.ledgersPath)
                    return try #require(await transaction.execute(Self.keyOfEntry, disclosure).first)
                }
                #expect(try entry.decode(String.self) == agency.keys.publicKey.fingerprintText)
            }
        }
    }

    private static let ledgersPath = Statement(name: "door_ledgers_path", "SET LOCAL search_path = ledger")
    private static let keyOfEntry = Statement(
        name: "door_key_of_entry",
        """
        SELECT (c.head || c.tail)::jsonb ->> 'key' FROM safeguarding.disclosure AS d
        CROSS JOIN LATERAL ledger.contents('disclosure', ARRAY[d.number]) AS c WHERE d.id = $1
        """)

    /// Rolling back would read without a trace.
    @Test func aRecordOfItsOwnTransactionOpensNothing() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("shelter")
            _ = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                let lease = try #require(await pool.lease().first).lease
                let read = try await pool.withTransaction("sneak") { transaction in
                    let disclosure = try #require(await transaction.request(lease).disclosure)
                    return try await transaction.execute(PartnerCalls.read, disclosure).count
                }
                #expect(read == 0)
            }
        }
    }

    @Test func anotherAgencysRecordOpensNothing() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("shelter")
            let hostile = try await network.agency("hostile")
            _ = try await network.offer(to: agency)
            let disclosure = try await network.asAgency(agency) { pool async throws in
                let lease = try #require(await pool.lease().first).lease
                return try #require(await pool.request(lease).disclosure)
            }
            try await network.asAgency(hostile) { pool async throws in
                #expect(try await pool.execute(PartnerCalls.read, disclosure).isEmpty)
                #expect(try await pool.execute(PartnerCalls.read, UUID()).isEmpty)
            }
        }
    }

    @Test func aWithdrawnReferralIsNotReadAnyMore() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("shelter")
            let offer = try await network.offer(to: agency)
            try await network.asAgency(agency) { pool async throws in
                let lease = try #require(await pool.lease().first).lease
                let disclosure = try #require(await pool.request(lease).disclosure)
                try await database.pool.execute(Self.revoke, offer.id)
                #expect(try await pool.execute(PartnerCalls.read, disclosure).isEmpty)
                #expect(try await pool.request(lease).result == "referral_state")
            }
        }
    }

    /// A package under a key that the agency has no more is not handed out; routing is asked for another.
    @Test func aPackageUnderAnotherKeyIsNotDisclosedAndRoutingIsAsked() async throws {
        try await withTestDatabase { database in
            let network = try await DoorFixture(database)
            let agency = try await network.agency("shelter")
            let offer = try await network.offer(to: agency)
            try await database.pool.execute(
                Self.exchangeKey, agency.id, try AgencyKeyPair.generate().publicKey.bytes)
            try await network.asAgency(agency) { pool async throws in
                let lease = try #require(await pool.lease().first).lease
                for _ in 1...2 {
                    let asked = try await pool.request(lease)
                    #expect(asked.result == "no_package" && asked.disclosure == nil)
                }
            }
            #expect(try await network.count(DoorFixture.disclosuresOf, offer) == 0)
            let jobs = try #require(await database.pool.execute(Self.sealJobs).first).decode(Int64.self)
            #expect(jobs == 1, "asked twice, it waits once")
        }
    }

    private static let exchangeKey = Statement(
        name: "door_exchange_key", "UPDATE casework.agency SET public_key = $2 WHERE id = $1")
    private static let sealJobs = Statement(
        name: "door_seal_jobs", "SELECT count(*) FROM queue.job_overview WHERE kind = 'seal_again'")
    private static let revoke = Statement(
        name: "door_revoke", "UPDATE casework.referral SET status = 'revoked' WHERE id = $1")
}
