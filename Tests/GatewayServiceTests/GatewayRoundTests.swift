import DandelionAgency
import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// What agencies ask at the same moment goes together: fewer transactions, and everything that each is promised alone.
@Suite struct GatewayRoundTests {
    // MARK: - How many transactions

    @Test func whatManyAskIsOneTransactionEach() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let agencies = try await gateway.agencies(6, offers: 2)
            let leases = try await gateway.leaseTogether(agencies.map(\.agency))
            for (leased, entry) in zip(leases, agencies) {
                #expect(
                    Set(leased.map(\.referral.number)) == Set(entry.offers.map(\.number)), "its own, and no other's")
                for lease in leased {
                    _ = try AgencyPackage.open(lease.package, privateKey: entry.agency.privateKey)
                }
            }
            #expect(try await gateway.transactions(of: "referral_received") == 1)
            let records = "SELECT count(DISTINCT transaction) FROM safeguarding.disclosure"
            #expect(try await gateway.network.count(records) == 1)

            let answers = try await gateway.acceptTogether(
                leases.flatMap { $0.map(\.lease) }, of: agencies.flatMap { [$0.agency, $0.agency] })
            #expect(answers == Array(repeating: "accepted", count: 12))
            #expect(try await gateway.transactions(of: "referral_accepted") == 1)
            let jobs = "SELECT count(DISTINCT xmin::text) FROM queue.job WHERE kind = 'referral_answered'"
            #expect(try await gateway.network.count(jobs) == 1)
            for entry in agencies {
                #expect(
                    try await gateway.outcome(of: entry.offers)
                        == Array(repeating: "accepted completed 1 1 1 1", count: 2))
            }
        }
    }

    @Test func whileNoRoundsRunEverybodyGoesAtOnce() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let all = try await gateway.agencies(1, offers: 3)
            let client = try gateway.client(all[0].agency)
            let leases = try await client.lease(max: 2, wait: .zero)
            #expect(leases.count == 2)
            for lease in leases { try await client.accept(lease.lease) }
        }
    }

    // MARK: - The same as alone

    /// Every kind of trouble that a hand-over can be in: half of the agencies go together, the other half alone.
    @Test func eachIsAnsweredWhatItWouldBeAlone() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let network = gateway.network
            let together = try await gateway.agencies(8, offers: 2)
            let alone = try await gateway.agencies(8, offers: 2)
            for agencies in [together, alone] {
                try await network.setStatus("cancelled", of: agencies[0].offers[0])
                try await network.setStatus("accepted", of: agencies[1].offers[0])
                try await network.endConsent(of: agencies[2].offers[1])
                try await network.run(
                    "DELETE FROM safeguarding.sealed_package WHERE referral_id = '\(agencies[3].offers[0].referralID)'")
                try await network.run(
                    """
                    UPDATE safeguarding.sealed_package SET key_fingerprint = sha256('other')
                    WHERE referral_id = '\(agencies[4].offers[1].referralID)'
                    """)
                try await network.run(
                    """
                    UPDATE queue.job SET args = args || '{"version":2}'
                    WHERE lower(args ->> 'referral_id') = '\(agencies[5].offers[0].referralID.uuidString.lowercased())'
                    """)
                let queue = "agency.\(agencies[6].agency.id.uuidString.lowercased())"
                try await network.run("SELECT queue.set_limit('\(queue)', 1)")
            }
            let gathered = try await gateway.leaseTogether(together.map(\.agency)).map(\.count)
            var single: [Int] = []
            for entry in alone {
                single.append(try await gateway.client(entry.agency).lease(max: 5, wait: .zero).count)
            }
            #expect(gathered == [1, 1, 1, 1, 1, 1, 1, 2] && single == gathered)
            for (left, right) in zip(together, alone) {
                #expect(try await gateway.outcome(of: left.offers) == gateway.outcome(of: right.offers))
            }
        }
    }

    // MARK: - One among many

    @Test func onePoisonedReferral() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let agencies = try await gateway.agencies(4, offers: 2)
            try await gateway.network.poison(agencies[1].offers[0])
            let leases = try await gateway.leaseTogether(agencies.map(\.agency))
            #expect(leases.map(\.count) == [2, 1, 2, 2])
            #expect(try await gateway.network.handOver(of: agencies[1].offers[0]) == "retryable")
        }
    }

    /// What somebody holds of one agency is waited for by that agency alone.
    @Test(arguments: ["referral", "consent"]) func oneThatIsUnderLock(table: String) async throws {
        try await withGateway(runsRounds: false) { gateway in
            let agencies = try await gateway.agencies(4, offers: 1)
            let id = agencies[2].offers[0].referralID
            let row = table == "referral" ? "id = '\(id)'" : NetworkFixture.isOfCase(of: agencies[2].offers[0])
            try await gateway.whileHeld("SELECT FROM casework.\(table) WHERE \(row) FOR UPDATE") { release in
                async let leases = gateway.leaseTogether(agencies.map(\.agency))
                try await eventually("the others have theirs") {
                    try await gateway.network.count(
                        "SELECT count(*) FROM casework.referral WHERE status = 'received'") == 3
                }
                release()
                #expect(try await leases.map(\.count) == [1, 1, 1, 1])
            }
        }
    }

    @Test(arguments: ["casework.referral", "queue.job"])
    func oneThatIsUnderLockWhenItIsAccepted(table: String) async throws {
        try await withGateway(runsRounds: false) { gateway in
            let agencies = try await gateway.agencies(4, offers: 1)
            let leases = try await gateway.leaseTogether(agencies.map(\.agency)).map { try #require($0.first).lease }
            let id = agencies[2].offers[0].referralID.uuidString.lowercased()
            let row = table == "queue.job" ? "lower(args ->> 'referral_id') = '\(id)'" : "id = '\(id)'"
            try await gateway.whileHeld("SELECT FROM \(table) WHERE \(row) FOR UPDATE") { release in
                async let answers = gateway.acceptTogether(leases, of: agencies.map(\.agency))
                try await eventually("the others have accepted") {
                    try await gateway.network.count(
                        "SELECT count(*) FROM casework.referral WHERE status = 'accepted'") == 3
                }
                release()
                #expect(try await answers == Array(repeating: "accepted", count: 4))
            }
            #expect(try await gateway.transactions(of: "referral_accepted") == 2)
        }
    }

    /// S17: she takes it back while requests gather, and between the two transactions.
    @Test func consentThatIsWithdrawnMeanwhile() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let agencies = try await gateway.agencies(4, offers: 1)
            let leases = try await gateway.leaseTogether(agencies.map(\.agency)) {
                try await gateway.network.endConsent(of: agencies[1].offers[0])
            }
            #expect(leases.map(\.count) == [1, 0, 1, 1])
            #expect(try await gateway.network.disclosures(of: agencies[1].offers[0]) == 0)
            #expect(try await gateway.network.handOver(of: agencies[1].offers[0]) == "cancelled")

            let rounds = gateway.parts.rounds
            let records = try await gateway.network.texts(
                "SELECT d.id::text FROM safeguarding.disclosure AS d ORDER BY d.number")
            let owners = try await gateway.network.texts(
                "SELECT d.agency_id::text FROM safeguarding.disclosure AS d ORDER BY d.number")
            let wanted = try zip(records, owners).map { record, owner in
                (try #require(UUID(uuidString: record)), try #require(UUID(uuidString: owner)))
            }
            let read = try await rounds.together(
                wanted, meanwhile: { try await gateway.network.endConsent(of: agencies[3].offers[0]) }
            ) { id, agency in await rounds.read([id], of: agency)?.count }
            let gone = owners.firstIndex(of: agencies[3].agency.id.uuidString.lowercased())
            for (index, answer) in read.enumerated() { #expect(try answer.get() == (index == gone ? nil : 1)) }
        }
    }

    /// Two that one agency sends at once never get the same hand-over; the same answer twice is one answer.
    @Test func twoOfOneAgency() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let all = try await gateway.agencies(2, offers: 2)
            let agencies = [all[0].agency, all[0].agency, all[1].agency]
            let leases = try await gateway.leaseTogether(agencies, max: 1)
            #expect(leases.map(\.count) == [1, 1, 1])
            #expect(leases[0][0].referral.number != leases[1][0].referral.number)
            let handles = [leases[0][0].lease, leases[0][0].lease, leases[1][0].lease, leases[2][0].lease]
            let owners = [all[0].agency, all[0].agency, all[0].agency, all[1].agency]
            #expect(
                try await gateway.acceptTogether(handles, of: owners) == Array(repeating: "accepted", count: 4))
            #expect(
                try await gateway.network.count(
                    "SELECT count(*) FROM casework.event WHERE kind = 'referral_accepted'") == 3)
            #expect(
                try await gateway.network.count(
                    "SELECT count(*) FROM queue.job WHERE kind = 'referral_answered'") == 3)
        }
    }

    /// Invariants 3 and 5: a stale lease and another agency's are refused in a round as alone; the others accept.
    @Test func oneStaleAndOneForeignLease() async throws {
        try await withGateway(runsRounds: false) { gateway in
            let all = try await gateway.agencies(4, offers: 1)
            let leases = try await gateway.leaseTogether(all.map(\.agency)).map { try #require($0.first).lease }
            let id = all[0].offers[0].referralID.uuidString.lowercased()
            try await gateway.network.run(
                """
                UPDATE queue.job SET lease_expires_at = clock_timestamp() - interval '1 second'
                WHERE lower(args ->> 'referral_id') = '\(id)'
                """)
            // The second agency comes with the third one's lease.
            let handles = [leases[0], leases[2], leases[2], leases[3]]
            // Of one lease a round has one.
            let answers = try await gateway.answerTogether(handles, of: all.map(\.agency))
            #expect(answers.map(Self.code) == [.leaseLost, .notFound, nil, nil])
            #expect(
                try await gateway.network.count(
                    "SELECT count(*) FROM casework.referral WHERE status = 'accepted'") == 2)
        }
    }

    private static func code(_ answer: Result<String, any Error>) -> AgencyError.Code? {
        if case .failure(let error) = answer { (error as? AgencyError)?.code } else { nil }
    }
}

extension NetworkFixture {
    static func isOfCase(of offer: Offer) -> String {
        "case_id = (SELECT case_id FROM casework.referral WHERE id = '\(offer.referralID)')"
    }

    func endConsent(of offer: Offer) async throws {
        try await self.run("UPDATE casework.consent SET withdrawn_at = now() WHERE \(Self.isOfCase(of: offer))")
    }

    func texts(_ sql: String) async throws -> [String] {
        try await self.pool.execute(Self.statement(sql)).map { try $0.decode(String.self) }
    }
}

extension GatewayHarness {
    func acceptTogether(_ leases: [String], of agencies: [NetworkFixture.Agency]) async throws -> [String] {
        try await self.answerTogether(leases, of: agencies).map { try $0.get() }
    }

    func answerTogether(
        _ leases: [String], of agencies: [NetworkFixture.Agency]
    ) async throws -> [Result<String, any Error>] {
        let clients = try agencies.map { try self.client($0) }
        return try await self.parts.rounds.together(Array(zip(clients, leases))) { client, lease in
            try await client.accept(lease).status
        }
    }

    /// While somebody holds rows, which the body lets go of.
    func whileHeld(_ sql: String, _ body: (_ release: () -> Void) async throws -> Void) async throws {
        let rows = HeldRows()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await rows.hold(sql, self.database.pool) }
            try await rows.held()
            do {
                try await body { rows.release() }
            } catch {
                rows.release()
                throw error
            }
            try await group.waitForAll()
        }
    }
}
