import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Testing

struct ReadCaseTests {
    @Test func readerInScopeSeesTheCaseAndTheReadingIsRecorded() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let referral = try await casework.refer(new.id)
            let view = try #require(
                try await IntakeStore().readCase(number: new.number, client: casework.client, on: casework.pool))
            #expect(view.id == new.id)
            #expect(view.ownerStation == "某街道妇联维权站")
            #expect(view.referrals.map(\.number) == [referral.number])
            #expect(view.referrals.first?.status == .requested)
            #expect(view.referrals.first?.answeredAt == nil)
            let clock = try #require(view.clocks.first)
            #expect(clock.status == .running)
            #expect(abs(clock.dueAt.timeIntervalSince(new.firstResponse.dueAt)) < 0.001)
            #expect(try await casework.events(of: new.id).last == "case_read")
        }
    }

    @Test func readerOutsideTheScopeOrWithoutTheRightSeesNothing() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let village = try await IntakeStore().put(
                NewIntakeClient(
                    name: "village", keyHash: hash(2), channels: [.gridWorker], divisionScope: CaseworkFixture.village,
                    mayReadCases: true),
                on: casework.pool)
            let form = try await IntakeStore().put(
                NewIntakeClient(
                    name: "form", keyHash: hash(3), channels: [.online], divisionScope: CaseworkFixture.region),
                on: casework.pool)
            for client in [village, form] {
                #expect(try await IntakeStore().readCase(number: new.number, client: client, on: casework.pool) == nil)
            }
            #expect(try await casework.events(of: new.id).contains("case_read") == false)
        }
    }

    @Test func receiptTellsANeutralWord() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let store = IntakeStore()
            #expect(try await store.receiptStatus(receiptHash: hash(77), on: casework.pool) == nil)
            #expect(try await store.receiptStatus(receiptHash: new.receiptHash, on: casework.pool) == .received)
            try await casework.refer(new.id)
            #expect(try await store.receiptStatus(receiptHash: new.receiptHash, on: casework.pool) == .inProgress)
            _ = try await casework.pool.withTransaction("test_close") { transaction in
                _ = try await ClosingStore().recordCallBack(
                    .confirmed, on: new.number, by: casework.worker, clocks: [:], in: transaction)
                return try await CaseStore().close(new.id, outcome: .resolved, actor: "test", in: transaction)
            }
            #expect(try await store.receiptStatus(receiptHash: new.receiptHash, on: casework.pool) == .finished)
        }
    }
}
