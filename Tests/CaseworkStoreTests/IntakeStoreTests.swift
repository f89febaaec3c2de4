import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

struct IntakeStoreTests {
    @Test func openingStoresTheCaseWithAllItsParts() async throws {
        try await withCasework { casework in
            let new = casework.newCase()
            let opened = try await casework.pool.withTransaction("test_open") { transaction in
                try await IntakeStore().openCase(new, in: transaction)
            }
            #expect(opened.ownerStationName == "某街道妇联维权站")
            let snapshot = try await casework.pool.withTransaction("test_read") { transaction in
                try await CaseStore().read(new.id, in: transaction)
            }
            let record = snapshot.outline.record
            #expect(record.number == new.number)
            #expect(record.status == .open)
            #expect(record.facts == new.facts)
            #expect(record.narrative == new.narrative)
            #expect(record.ownerStationID == opened.ownerStationID)
            #expect(record.openedAt == opened.openedAt)
            let people = snapshot.people
            let helpSeeker = try #require(people.first { $0.role == .helpSeeker })
            #expect(people.count == 2)
            #expect(helpSeeker.id == new.people[0].id)
            #expect(helpSeeker.name == [1, 2, 3])
            #expect(helpSeeker.email == nil)
            #expect(helpSeeker.phoneIndex == hash(4))
            #expect(helpSeeker.sex == .female)
            #expect(snapshot.consents == new.consents)
            let clocks = try await ClockStore().of(caseID: new.id, on: casework.pool)
            #expect(clocks.map(\.id) == [new.firstResponse.id])
            #expect(clocks.map(\.kind) == [.firstResponse])
            #expect(try await casework.events(of: new.id) == ["case_opened", "owner_assigned", "clock_started"])
        }
    }

    /// A contact rule is authenticated with its times: rounding one would make it unusable.
    @Test func contactRulesComeBackToTheMicrosecond() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let rules = try await MessageStore().contactRules(of: new.people[0].id, on: casework.pool)
            let rule = try #require(rules.first)
            let asked = new.contactRules[0]
            #expect(rule.days == [1, 2, 7])
            #expect(rule.codeWord == [9])
            #expect(rule.tag == asked.tag)
            #expect(abs(rule.confirmedAt.timeIntervalSince(asked.confirmedAt)) < 0.000_001)
            #expect(abs(rule.expiresAt.timeIntervalSince(asked.expiresAt)) < 0.000_001)
            #expect(rule.stoppedAt == nil)
        }
    }

    @Test func unknownDivisionIsRefusedAndNothingIsStored() async throws {
        try await withCasework { casework in
            let other = try #require(DivisionCode("990000"))
            let code = await refusal { try await casework.openCase { $0.division = other } }
            #expect(code == .unknownDivision)
            #expect(try await OperatorStore().recentCases(limit: 10, on: casework.pool).isEmpty)
        }
    }

    @Test func usedNumberIsReported() async throws {
        try await withCasework { casework in
            let first = try await casework.openCase()
            #expect(await refusal { try await casework.openCase { $0.number = first.number } } == .numberTaken)
            #expect(
                await refusal { try await casework.openCase { $0.receiptHash = first.receiptHash } } == .numberTaken)
        }
    }

    @Test func oneKeyOpensOneCaseAmongTwentyRacingRequests() async throws {
        try await withCasework(maximumConnections: 10) { casework in
            let numbers = try await withThrowingTaskGroup(of: CaseNumber.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await Self.request(key: "k-1", hash: hash(1), casework) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(numbers.count == 1)
            let cases = try await OperatorStore().recentCases(limit: 100, on: casework.pool)
            #expect(Set(cases.map(\.number)) == numbers)
        }
    }

    @Test func keyOfAnotherRequestIsRefused() async throws {
        try await withCasework { casework in
            let number = try await Self.request(key: "k-1", hash: hash(1), casework)
            let code = await refusal { _ = try await Self.request(key: "k-1", hash: hash(2), casework) }
            #expect(code == .idempotencyKeyReused)
            let earlier = try await IntakeStore().openedCase(client: casework.client, key: "k-1", on: casework.pool)
            #expect(earlier?.number == number)
            #expect(earlier?.requestHash == hash(1))
            #expect(earlier?.status == .open)
            #expect(earlier?.dueAt != nil)
        }
    }

    @Test func keyOfARequestThatFailedIsFreeAgain() async throws {
        try await withCasework { casework in
            struct Failed: Error {}
            await #expect(throws: Failed.self) {
                try await casework.pool.withTransaction("test_fail") { transaction in
                    let earlier = try await IntakeStore().takeIdempotencyKey(
                        "k-1", client: casework.client, requestHash: hash(1), caseID: UUID(), in: transaction)
                    #expect(earlier == nil)
                    throw Failed()
                }
            }
            _ = try await Self.request(key: "k-1", hash: hash(2), casework)
            #expect(try await OperatorStore().recentCases(limit: 10, on: casework.pool).count == 1)
        }
    }

    @Test func clientIsFoundByItsKeyOnly() async throws {
        try await withCasework { casework in
            let client = try await IntakeStore().intakeClient(keyHash: hash(1), on: casework.pool)
            #expect(
                client
                    == IntakeClient(
                        id: casework.client, name: "hotline", channels: [.hotline, .walkIn],
                        divisionScope: CaseworkFixture.league, requestsPerMinute: 60, mayReadCases: true,
                        mayChangeCases: true))
            #expect(try await IntakeStore().intakeClient(keyHash: hash(2), on: casework.pool) == nil)
        }
    }

    /// What a request does: take the key, open, or answer with the case there is.
    private static func request(key: String, hash: [UInt8], _ casework: CaseworkFixture) async throws -> CaseNumber {
        let new = casework.newCase()
        let store = IntakeStore()
        let earlier = try await casework.pool.withTransaction("test_request") { transaction in
            let earlier = try await store.takeIdempotencyKey(
                key, client: casework.client, requestHash: hash, caseID: new.id, in: transaction)
            if earlier == nil { _ = try await store.openCase(new, in: transaction) }
            return earlier
        }
        guard earlier != nil else { return new.number }
        let opened = try await store.openedCase(client: casework.client, key: key, on: casework.pool)
        return try #require(opened?.number)
    }

    /// Whatever a process believes of a client: what it does for one that was revoked comes to nothing.
    @Test func aRevokedClientTakesNoKey() async throws {
        try await withCasework { casework in
            func take(_ key: String) async throws -> UUID? {
                try await casework.pool.withTransaction("test_take") { transaction in
                    try await IntakeStore().takeIdempotencyKey(
                        key, client: casework.client, requestHash: hash(1), caseID: UUID(), in: transaction)
                }
            }
            #expect(try await take("before") == nil)
            #expect(try await IntakeStore().revoke(name: "hotline", on: casework.pool))
            #expect(await refusal { _ = try await take("after") } == .clientRevoked)
            #expect(await refusal { _ = try await take("before") } == .clientRevoked)
            #expect(try await IntakeStore().intakeClient(keyHash: hash(1), on: casework.pool) == nil)
            let client = try #require(try await OperatorStore().clients(on: casework.pool).first)
            #expect(client.name == "hotline")
            #expect(client.revokedAt != nil)
            #expect(try await IntakeStore().revoke(name: "nobody", on: casework.pool) == false)
        }
    }

    @Test func onlyOldIdempotencyKeysAreForgotten() async throws {
        try await withCasework { casework in
            for (key, age) in [("new", 29), ("old", 31), ("older", 400)] {
                try await casework.pool.execute(
                    Statement(
                        name: "test_age_\(key)",
                        unchecked: """
                            INSERT INTO casework.idempotency (client_id, key, request_hash, case_id, created_at)
                            VALUES ($1, '\(key)', '', gen_random_uuid(), clock_timestamp() - interval '\(age) days')
                            """),
                    casework.client)
            }
            func forget(_ limit: Int) async throws -> Int {
                try await IntakeStore().forgetIdempotencyKeys(
                    olderThan: .seconds(30 * 86_400), limit: limit, on: casework.pool)
            }
            #expect(try await forget(1) == 1)
            #expect(try await forget(10) == 1)
            #expect(try await forget(10) == 0)
            let left = try await casework.pool.execute(
                Statement(name: "test_keys_left", "SELECT key FROM casework.idempotency"))
            #expect(try left.map { try $0.decode(String.self) } == ["new"])
        }
    }
}
