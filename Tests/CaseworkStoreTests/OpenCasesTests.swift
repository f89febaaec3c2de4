import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

/// Cases that are opened together are each as one that is opened alone, and what is unusual is left out.
struct OpenCasesTests {
    private static func open(
        _ new: [(case: NewCase, key: OpeningKey)], in casework: CaseworkFixture
    ) async throws -> [UUID: OpenedCase] {
        try await casework.pool.withTransaction("test_open_cases") { transaction in
            try await IntakeStore().openCases(new, in: transaction)
        }
    }

    private static func keyed(_ cases: [NewCase]) -> [(case: NewCase, key: OpeningKey)] {
        cases.enumerated().map { number, new in (new, OpeningKey("k-\(number)", requestHash: hash(UInt8(number)))) }
    }

    @Test func eachCaseHasItsOwnParts() async throws {
        try await withCasework { casework in
            var cases = (0..<4).map { _ in casework.newCase() }
            cases[1].people = []
            cases[1].contactRules = []
            cases[1].consents = []
            cases[2].contactRules[0].days = [3]
            cases[2].narrative = nil
            let opened = try await Self.open(Self.keyed(cases), in: casework)
            #expect(Set(opened.keys) == Set(cases.map(\.id)))
            for (number, new) in cases.enumerated() {
                let snapshot = try await casework.pool.withTransaction("test_read") { transaction in
                    try await CaseStore().read(new.id, in: transaction)
                }
                let record = snapshot.outline.record
                #expect(record.number == new.number && record.narrative == new.narrative && record.facts == new.facts)
                #expect(record.openedAt == opened[new.id]?.openedAt)
                #expect(Set(snapshot.people.map(\.id)) == Set(new.people.map(\.id)))
                #expect(snapshot.consents == new.consents)
                let clocks = try await ClockStore().of(caseID: new.id, on: casework.pool)
                #expect(clocks.map(\.id) == [new.firstResponse.id])
                #expect(try await casework.events(of: new.id) == ["case_opened", "owner_assigned", "clock_started"])
                let earlier = try await IntakeStore().openedCase(
                    client: casework.client, key: "k-\(number)", on: casework.pool)
                #expect(earlier?.caseID == new.id && earlier?.requestHash == hash(UInt8(number)))
                for person in new.people {
                    let rules = try await MessageStore().contactRules(of: person.id, on: casework.pool)
                    #expect(rules.map(\.days) == new.contactRules.filter { $0.personID == person.id }.map(\.days))
                }
            }
        }
    }

    @Test func whatIsUnusualIsLeftOutAndNothingIsWrittenForIt() async throws {
        try await withCasework { casework in
            let first = try await casework.openCase()
            let nowhere = try #require(DivisionCode("990000"))
            var cases = (0..<7).map { _ in casework.newCase() }
            cases[0].number = first.number
            cases[1].division = nowhere
            cases[2].receiptHash = [1]
            cases[4].clientID = UUID()
            var new = Self.keyed(cases)
            _ = try await Self.open([(casework.newCase(), OpeningKey("taken", requestHash: hash(9)))], in: casework)
            new[5].key = OpeningKey("taken", requestHash: hash(9))
            let opened = try await Self.open(new, in: casework)
            #expect(Set(opened.keys) == [cases[3].id, cases[6].id])
            let keys = try await casework.pool.execute(
                Statement(name: "test_keys", "SELECT key FROM casework.idempotency ORDER BY key"))
            #expect(try keys.map { try $0.decode(String.self) } == ["k-3", "k-6", "taken"])
            let stored = try await OperatorStore().recentCases(limit: 100, on: casework.pool)
            #expect(stored.count == 4)
            // The same again opens nothing and is no error.
            #expect(try await Self.open(new, in: casework).isEmpty)
        }
    }

    @Test func aRevokedClientOpensNothing() async throws {
        try await withCasework { casework in
            let isRevoked = try await IntakeStore().revoke(name: "hotline", on: casework.pool)
            let opened = try await Self.open(Self.keyed([casework.newCase()]), in: casework)
            #expect(isRevoked && opened.isEmpty)
        }
    }

    /// Somebody is changing a client, and takes his time: the cases of all others are opened.
    @Test func aClientUnderLockIsLeftOutAndNothingIsWrittenForIt() async throws {
        try await withCasework { casework in
            let other = try await IntakeStore().put(
                NewIntakeClient(
                    name: "other", keyHash: hash(2), channels: [.hotline], divisionScope: CaseworkFixture.league,
                    requestsPerMinute: 60, mayReadCases: false, mayChangeCases: false),
                on: casework.pool)
            var cases = (0..<4).map { _ in casework.newCase() }
            for number in [0, 2] { cases[number].clientID = other }
            let new = Self.keyed(cases)
            try await casework.pool.withTransaction("test_hold") { transaction in
                try await transaction.execute(Self.holdClient, other)
                #expect(Set(try await Self.open(new, in: casework).keys) == [cases[1].id, cases[3].id])
                #expect(try await Self.open([new[0]], in: casework).isEmpty)
            }
            #expect(Set(try await Self.open([new[0], new[2]], in: casework).keys) == [cases[0].id, cases[2].id])
        }
    }

    private static let holdClient = Statement(
        name: "test_hold_client", "SELECT FROM casework.intake_client WHERE id = $1 FOR UPDATE")

    /// What somebody else holds is not waited for: it would be everybody's wait.
    @Test func aKeyUnderWayIsWaitedForATenthOfASecondAndThenNothingIsDone() async throws {
        try await withCasework { casework in
            let held = casework.newCase()
            try await casework.pool.withTransaction("test_hold") { transaction in
                _ = try await IntakeStore().takeIdempotencyKey(
                    "k-1", client: casework.client, requestHash: hash(1), caseID: held.id, in: transaction)
                let cases = (0..<3).map { _ in casework.newCase() }
                let error = await #expect(throws: PostgresError.self) {
                    _ = try await Self.open(Self.keyed(cases), in: casework)
                }
                #expect(error?.sqlState == "55P03")
                #expect(try await OperatorStore().recentCases(limit: 10, on: casework.pool).isEmpty)
                // Who is alone waits as long as it takes.
                _ = try await IntakeStore().openCase(held, in: transaction)
            }
            let own = try await casework.pool.withTransaction("test_own_wait") { transaction in
                _ = try await IntakeStore().openCase(casework.newCase(), in: transaction)
                return try await transaction.execute(Statement(name: "test_timeout", "SHOW lock_timeout"))
            }
            #expect(try own.first?.decode(String.self) == "0")
        }
    }

    /// Keys are taken in one order, whoever asks in which: two that want the same ones never wait for each other in a circle.
    @Test func keysAreTakenInTheirOrder() async throws {
        try await withCasework { casework in
            let keys = ["b", "d", "A", "c", "a"]
            _ = try await Self.open(
                keys.map { (casework.newCase(), OpeningKey($0, requestHash: hash(1))) }, in: casework)
            let taken = try await casework.pool.execute(
                Statement(name: "test_order", "SELECT key FROM casework.idempotency ORDER BY ctid"))
            #expect(try taken.map { try $0.decode(String.self) } == ["A", "a", "b", "c", "d"])
        }
    }
}
