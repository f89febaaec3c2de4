import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Testing

struct MessageStoreTests {
    @Test func aMessageIsSettledOnceAndMayBeDeferredBefore() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let store = MessageStore()
            let id = try await casework.pool.withTransaction("test_message") { transaction in
                try store.add(
                    caseID: new.id, person: new.people[0].id, template: "case_received", in: transaction)
            }
            let message = try #require(try await store.forSending(id, on: casework.pool))
            #expect(message.phone == [4, 5, 6])
            #expect(message.email == nil)
            #expect(message.role == .helpSeeker)
            #expect(message.state == .pending)
            #expect(try await store.settle(id, as: .deferred, reason: "outside_hours", on: casework.pool))
            #expect(try await store.settle(id, as: .sent, on: casework.pool))
            #expect(try await store.settle(id, as: .suppressed, reason: "no_rule", on: casework.pool) == false)
            #expect(
                try await casework.events(of: new.id).suffix(2) == ["message_deferred", "message_sent"])
            let overview = try #require(try await OperatorStore().messages(of: new.id, on: casework.pool).first)
            #expect(overview.state == .sent)
            #expect(overview.template == "case_received")
            #expect(overview.settledAt != nil)
        }
    }

    @Test func respondentsOfTheCaseAreNamedForTheCheck() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let respondents = try await MessageStore().respondents(of: new.id, on: casework.pool)
            #expect(respondents.map(\.personID) == [new.people[1].id])
            #expect(respondents.first?.phone == [7, 8])
        }
    }

    @Test func aNoticeGoesToTheStationsDesk() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let divisions = DivisionStore()
            #expect(
                try await divisions.setStationEmail(
                    "desk@station.example", division: CaseworkFixture.township, on: casework.pool))
            let owner = try #require(try await CaseStore().owner(of: new.id, on: casework.pool))
            let store = NoticeStore()
            let id = try await casework.pool.withTransaction("test_notice") { transaction in
                try store.add(caseID: new.id, station: owner, kind: "case_assigned", in: transaction)
            }
            let notice = try #require(try await store.forSending(id, on: casework.pool))
            #expect(notice.email == "desk@station.example")
            #expect(notice.caseNumber == new.number)
            #expect(notice.stationID == owner)
            #expect(try await store.settle(id, as: .sent, on: casework.pool))
            #expect(try await store.settle(id, as: .failed, reason: "late", on: casework.pool) == false)
        }
    }
}
