import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import Testing

struct MessageStoreTests {
    /// Asks for a message and finds it.
    private func ask(_ casework: CaseworkFixture, _ new: NewCase, _ template: String) async throws -> UUID {
        try await casework.pool.withTransaction("test_message") { transaction in
            try MessageRequests().tellHelpSeekers(
                of: new.id, template: template, onlyIfAgreed: false, in: transaction)
        }
        return try await self.newest(casework, template)
    }

    private func newest(_ casework: CaseworkFixture, _ template: String) async throws -> UUID {
        let row = try #require(
            try await casework.pool.execute(
                Statement(
                    name: "test_newest_message",
                    "SELECT id FROM casework.message WHERE template = $1 ORDER BY created_at DESC LIMIT 1"), template
            ).first)
        return try row.decode(UUID.self)
    }

    private func begin(_ casework: CaseworkFixture, _ id: UUID) async throws {
        try await casework.pool.withTransaction("test_begin") { try MessageStore().postBegin(id, in: $0) }
    }

    @Test func aMessageIsSettledOnceAndMayWaitBefore() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            let store = MessageStore()
            let id = try await self.ask(casework, new, "request_received")
            let sending = try #require(
                try await casework.pool.withTransaction("test_lock") {
                    try await store.lockForPeople([id], mayWait: true, in: $0)[id]
                })
            let message = sending.message
            #expect(Set(sending.contacts.map(\.personID)) == Set(new.people.map(\.id)))
            #expect(sending.contacts.first { $0.role == .respondent }?.phone == [7, 8])
            #expect(sending.rules.map(\.id) == new.contactRules.map(\.id))
            #expect(message.phone == [4, 5, 6] && message.email == nil)
            #expect(message.role == .helpSeeker && message.state == .pending && !message.guardianSuspected)
            #expect(try await store.settle(id, as: .scheduled, reason: "outside_hours", on: casework.pool))
            for _ in 0..<2 { try await self.begin(casework, id) }
            let sent = SentRecord(provider: "p", reference: "r", segments: 2, cost: 9000)
            try await casework.pool.withTransaction("test_sent") { transaction in
                try store.postSettle(id, as: .sent, sent: sent, in: transaction)
            }
            #expect(try await store.settle(id, as: .denied, reason: "no_rule", on: casework.pool) == false)
            try await self.begin(casework, id)
            #expect(
                try await casework.trail(of: id)
                    == "0 pending, 0 scheduled outside_hours, 1 sending, 2 sending repeat, 2 sent")
            #expect(try await casework.events(of: new.id).suffix(2) == ["message_scheduled", "message_sent"])
            let overview = try #require(try await OperatorStore().messages(of: new.id, on: casework.pool).first)
            #expect(overview.state == .sent && overview.template == "request_received")
            #expect(overview.settledAt != nil)
            let counts = try await store.counts(since: .distantPast, on: casework.pool)
            #expect(counts.map(\.messages) == [1] && counts.map(\.cost) == [9000] && counts.map(\.segments) == [2])
        }
    }

    @Test func aNoticeGoesToTheStationsDesk() async throws {
        try await withCasework { casework in
            let new = try await casework.openCase()
            #expect(
                try await DivisionStore().setStationEmail(
                    "desk@station.example", division: CaseworkFixture.township, on: casework.pool))
            let owner = try #require(try await CaseStore().owner(of: new.id, on: casework.pool))
            let store = MessageStore()
            func ask() async throws -> UUID {
                try await casework.pool.withTransaction("test_notice") { transaction in
                    try MessageRequests().tellStation(owner, of: new.id, kind: "escalated", in: transaction)
                }
                return try await self.newest(casework, "escalated")
            }
            let id = try await ask()
            #expect(try await ask() == id, "what waits to be said is said once")
            let notice = try #require(
                try await casework.pool.withTransaction("test_lock") {
                    try await store.lockForStaff([id], mayWait: true, in: $0)[id]
                })
            #expect(notice.email == "desk@station.example" && notice.caseNumber == new.number)
            #expect(notice.audience == .station && notice.template == "escalated")
            #expect(try await store.settle(id, as: .sent, on: casework.pool))
            #expect(try await store.settle(id, as: .failed, reason: "late", on: casework.pool) == false)
            #expect(try await ask() != id, "what is said again later is said again")
        }
    }

    /// A provider may call itself anything: what cannot be a name is not kept, and two messages of one name are not told
    /// apart by it.
    @Test func aReferenceThatIsNoneChangesNothing() async throws {
        #expect(SentRecord(provider: "p", reference: "").reference == nil)
        #expect(SentRecord(provider: "p", reference: "a b").reference == nil)
        #expect(SentRecord(provider: "p", reference: "a\u{0}b").reference == nil)
        #expect(SentRecord(provider: "p", reference: String(repeating: "x", count: 200)).reference == nil)
        try await withCasework { casework in
            let new = try await casework.openCase()
            let store = MessageStore()
            for template in ["follow_up", "news_for_you"] {
                let id = try await self.ask(casework, new, template)
                try await casework.pool.withTransaction("test_sent") { transaction in
                    try store.postSettle(
                        id, as: .sent, sent: SentRecord(provider: "p", reference: "same"), in: transaction)
                }
            }
            let receipt = ReceiptRecord(provider: "p", reference: "same", isDelivered: true, reason: nil)
            #expect(try await store.record(receipt, on: casework.pool).result == .unknown)
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
            _ = try await self.ask(casework, new, "request_received")
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
            let id = try await self.ask(casework, new, "follow_up")
            for _ in 0..<2 {
                try await casework.pool.withTransaction("test_follow") { transaction in
                    try store.postFollow(id, reason: "never", wasForbidden: true, in: transaction)
                }
            }
            let task = try #require(try await store.openTasks(limit: 10, on: casework.pool).first)
            #expect(task.caseNumber == "\(new.number)" && task.reason == "never" && task.template == "follow_up")
            #expect(try await store.finishTask(task.id, actor: "t", on: casework.pool))
            #expect(try await store.finishTask(task.id, actor: "t", on: casework.pool) == false)
            #expect(try await store.openTasks(limit: 10, on: casework.pool).isEmpty)
        }
    }
}
