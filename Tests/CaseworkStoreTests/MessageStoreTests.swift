import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Testing

struct MessageStoreTests {
    @Test func aMessageIsSettledOnceAndMayWaitBefore() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let store = MessageStore()
            let id = try await casework.pool.withTransaction("test_message") { transaction in
                try await store.add(
                    caseID: new.id, person: new.people[0].id, template: "request_received", in: transaction)
            }
            let message = try #require(
                try await casework.pool.withTransaction("test_lock") { try await store.lockForPerson(id, in: $0) })
            #expect(message.phone == [4, 5, 6] && message.email == nil)
            #expect(message.role == .helpSeeker && message.state == .pending && !message.guardianSuspected)
            #expect(try await store.settle(id, as: .scheduled, reason: "outside_hours", on: casework.pool))
            #expect(try await store.begin(id, on: casework.pool) == MessageAttempt(number: 1, repeats: false))
            #expect(try await store.begin(id, on: casework.pool) == MessageAttempt(number: 2, repeats: true))
            let sent = SentRecord(provider: "p", reference: "r", segments: 2, cost: 9000)
            #expect(try await store.settle(id, as: .sent, sent: sent, on: casework.pool))
            #expect(try await store.settle(id, as: .denied, reason: "no_rule", on: casework.pool) == false)
            #expect(try await store.begin(id, on: casework.pool) == nil)
            #expect(try await casework.events(of: new.id).suffix(2) == ["message_scheduled", "message_sent"])
            let overview = try #require(try await OperatorStore().messages(of: new.id, on: casework.pool).first)
            #expect(overview.state == .sent && overview.template == "request_received")
            #expect(overview.settledAt != nil)
            let counts = try await store.counts(since: .distantPast, on: casework.pool)
            #expect(counts.map(\.messages) == [1] && counts.map(\.cost) == [9000] && counts.map(\.segments) == [2])
        }
    }

    @Test func everybodyOnTheCaseIsNamedForTheCheck() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let contacts = try await MessageStore().contacts(of: new.id, on: casework.pool)
            #expect(Set(contacts.map(\.personID)) == Set(new.people.map(\.id)))
            #expect(contacts.first { $0.role == .respondent }?.phone == [7, 8])
        }
    }

    @Test func aNoticeGoesToTheStationsDesk() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            #expect(
                try await DivisionStore().setStationEmail(
                    "desk@station.example", division: CaseworkFixture.township, on: casework.pool))
            let owner = try #require(try await CaseStore().owner(of: new.id, on: casework.pool))
            let (notices, store) = (NoticeStore(), MessageStore())
            func add() async throws -> UUID {
                try await casework.pool.withTransaction("test_notice") { transaction in
                    try await notices.add(caseID: new.id, station: owner, kind: "escalated", in: transaction)
                }
            }
            let id = try await add()
            #expect(try await add() == id, "what waits to be said is said once")
            let notice = try #require(
                try await casework.pool.withTransaction("test_lock") { try await store.lockForStation(id, in: $0) })
            #expect(notice.email == "desk@station.example" && notice.caseNumber == new.number)
            #expect(notice.stationID == owner && notice.template == "escalated")
            #expect(try await store.settle(id, as: .sent, on: casework.pool))
            #expect(try await store.settle(id, as: .failed, reason: "late", on: casework.pool) == false)
            #expect(try await add() != id, "what is said again later is said again")
        }
    }

    /// What was recorded of a message stays, whoever asks.
    @Test(arguments: [
        "UPDATE casework.message_event SET state = 'delivered'", "DELETE FROM casework.message_event",
        "TRUNCATE casework.message_event",
    ])
    func theTrailIsAppendOnly(sql: String) async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            _ = try await casework.pool.withTransaction("test_message") { transaction in
                try await MessageStore().add(
                    caseID: new.id, person: new.people[0].id, template: "request_received", in: transaction)
            }
            let error = await #expect(throws: PostgresError.self) {
                try await casework.pool.execute(Statement(name: "test_change", unchecked: sql))
            }
            #expect(error?.sqlState == "DC001")
        }
    }

    @Test func aTaskIsOpenUntilSomebodyDidIt() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let store = MessageStore()
            let id = try await casework.pool.withTransaction("test_message") { transaction in
                try await store.add(
                    caseID: new.id, person: new.people[0].id, template: "follow_up", in: transaction)
            }
            try await store.openTask(id, kind: .contactPerson, reason: "never", on: casework.pool)
            try await store.openTask(id, kind: .contactPerson, reason: "never", on: casework.pool)
            let task = try #require(try await store.openTasks(limit: 10, on: casework.pool).first)
            #expect(task.caseNumber == "\(new.number)" && task.reason == "never" && task.template == "follow_up")
            #expect(try await store.finishTask(task.id, actor: "t", on: casework.pool))
            #expect(try await store.finishTask(task.id, actor: "t", on: casework.pool) == false)
            #expect(try await store.openTasks(limit: 10, on: casework.pool).isEmpty)
        }
    }
}
