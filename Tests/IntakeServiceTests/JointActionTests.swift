import Casework
import CaseworkStore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import PostgresClient
import TestSupport
import Testing

@testable import IntakeService

/// Several agencies on one case: who may take part, tasks that are never left to nobody, minutes that are sealed, and two
/// lawyers for one referral.
@Suite struct JointActionTests {
    private struct Made: Decodable {
        let id: String
    }

    private struct Board: Decodable {
        struct Party: Decodable {
            let agency: String
            let left_at: String?
        }

        struct Task: Decodable {
            let id: String
            let agency: String?
            let status: String
        }

        struct Conference: Decodable {
            let id: String
            let agencies: [String]
        }

        struct Assignee: Decodable {
            let staff: String
        }

        let parties: [Party]
        let tasks: [Task]
        let conferences: [Conference]
        let assignees: [Assignee]
    }

    @Test func onlyWhoHasAReferralTakesPart() async throws {
        try await withIntake { intake in
            let agency = try await intake.addAgency("150104-legal-aid", .legalAidCentre)
            let opened = try await intake.opened(Bodies.small())
            let path = "/v1/cases/\(opened.number)/parties"
            let join = #"{"by":"S-0001","agency":"150104-legal-aid"}"#
            #expect(try await intake.send(.post, path, body: join).status == .conflict, "no referral")
            _ = try await intake.refer(opened.number, to: agency)
            #expect(try await intake.send(.post, path, body: join).status == .conflict, "not taken on")
            try await intake.db.pool.execute(Self.acceptAll)
            #expect(try await intake.send(.post, path, body: join).status == .ok)
            #expect(try await intake.send(.post, path, body: join).status == .conflict, "already")
            let unknown = try await intake.send(.post, path, body: #"{"by":"S-0001","agency":"150104-nobody"}"#)
            #expect(unknown.status.code == 422)
        }
    }

    @Test func tasksFallToTheOwnerWhenAnAgencyLeaves() async throws {
        try await withIntake { intake in
            let number = try await self.joined(intake)
            let path = "/v1/cases/\(number)"
            let due = "2099-01-01T10:00:00+08:00"
            let far = try await intake.send(
                .post, "\(path)/tasks", body: #"{"by":"S-0001","kind":"visit","due_at":"\#(due)"}"#)
            #expect(far.status.code == 422, "within a year")
            let soon = Date().addingTimeInterval(86_400).formatted(.iso8601)
            let given = try await intake.send(
                .post, "\(path)/tasks",
                body: #"{"by":"S-0001","kind":"document","agency":"150104-legal-aid","due_at":"\#(soon)"}"#)
            let task = try given.json(Made.self).id
            let clock = try await intake.text(
                "t_task_clock", "SELECT state || ' ' || kind FROM casework.clock WHERE kind = 'joint_task'")
            #expect(clock == "running joint_task")
            let other = try await intake.send(
                .post, "\(path)/tasks",
                body: #"{"by":"S-0001","kind":"document","agency":"150104-police","due_at":"\#(soon)"}"#)
            #expect(other.status.code == 422, "takes no part")
            let left = try await intake.send(
                .post, "\(path)/parties/leaving", body: #"{"by":"S-0001","agency":"150104-legal-aid"}"#)
            #expect(left.status == .ok)
            var board = try await intake.send(.get, "\(path)/board").json(Board.self)
            #expect(board.tasks.map(\.agency) == [nil] && board.tasks.map(\.status) == ["open"])
            #expect(board.parties.first?.left_at != nil)
            let end = #"{"by":"S-0001","task":"\#(task)","status":"done"}"#
            #expect(try await intake.send(.post, "\(path)/tasks/ending", body: end).status == .ok)
            #expect(try await intake.send(.post, "\(path)/tasks/ending", body: end).status == .conflict)
            board = try await intake.send(.get, "\(path)/board").json(Board.self)
            #expect(board.tasks.map(\.status) == ["done"])
            let state = try await intake.text(
                "t_task_state", "SELECT state FROM casework.clock WHERE kind = 'joint_task'")
            #expect(state == "met")
        }
    }

    @Test func minutesAreSealedAndTheirReadingIsAnEvent() async throws {
        try await withIntake { intake in
            let number = try await self.joined(intake)
            let path = "/v1/cases/\(number)"
            let words = "会商意见：由法援中心陪同测试李女士取证"
            let held = Date().addingTimeInterval(-3600).formatted(.iso8601)
            let made = try await intake.send(
                .post, "\(path)/conferences",
                body: #"{"by":"S-0001","held_at":"\#(held)","agencies":["150104-legal-aid"],"minutes":"\#(words)"}"#)
            let id = try made.json(Made.self).id
            let stored = try await intake.text(
                "t_minutes", "SELECT encode(minutes, 'escape') FROM casework.conference")
            #expect(!stored.contains("测试李女士"))
            let read = try await intake.send(
                .post, "\(path)/minutes-reading", body: #"{"by":"S-0002","conference":"\#(id)"}"#)
            #expect(read.status == .ok && read.text.contains(words))
            let board = try await intake.send(.get, "\(path)/board")
            #expect(!board.text.contains("李女士"))
            #expect(try board.json(Board.self).conferences.map(\.agencies) == [["150104-legal-aid"]])
            let events = try await intake.text(
                "t_joint_events",
                """
                SELECT string_agg(kind || coalesce(' ' || (data ->> 'what'), ''), ',' ORDER BY id) FROM casework.event
                WHERE kind IN ('conference_held', 'case_read')
                """)
            #expect(events == "conference_held,case_read minutes")
            let nobody = try await intake.send(
                .post, "\(path)/minutes-reading", body: #"{"by":"S-0002","conference":"\#(UUID().uuidString)"}"#)
            #expect(nobody.status == .notFound)
        }
    }

    @Test func twoLawyersWhoAreTrainedUnrelatedAndHaveRoom() async throws {
        try await withIntake { intake in
            let league = try #require(DivisionCode("150100"))
            let trained = [Training(code: "family_law", validUntil: try #require(LocalDate("2099-12-31")))]
            let expired = [Training(code: "family_law", validUntil: try #require(LocalDate("2020-12-31")))]
            for (id, trainings, capacity) in [
                ("L-01", expired, 5), ("L-02", trained, 0), ("L-03", trained, 5), ("L-04", trained, 5),
                ("L-05", trained, 5),
            ] {
                let member = StaffMember(
                    id: StaffID(rawValue: id), roles: [.lawyer], divisions: [league], trainings: trainings,
                    capacity: capacity)
                _ = try await StaffStore().put(StaffEntry(member), on: intake.db.pool)
            }
            let opened = try await intake.opened()
            _ = try await intake.send(
                .post, "/v1/staff/relations", body: #"{"by":"L-03","phone":"\#(Bodies.phone)"}"#)
            let answer = try await intake.send(
                .post, "/v1/cases/\(opened.number)/assignments",
                body: #"{"by":"S-0001","role":"lawyer","count":3,"trainings":["family_law"]}"#)
            #expect(answer.status == .ok)
            struct Assigned: Decodable {
                let assigned: [String]
                let missing: Int
                let passed_over: [String: String]
            }
            let assigned = try answer.json(Assigned.self)
            #expect(assigned.assigned == ["L-04", "L-05"] && assigned.missing == 1)
            #expect(
                assigned.passed_over == [
                    "L-01": "training_expired", "L-02": "no_room", "L-03": "conflict_of_interest",
                ])
            let board = try await intake.send(.get, "/v1/cases/\(opened.number)/board").json(Board.self)
            #expect(board.assignees.map(\.staff) == ["L-04", "L-05"])
            let related = try await intake.send(
                .post, "/v1/cases/\(opened.number)/assignments",
                body: #"{"by":"S-0001","role":"lawyer","staff":["L-03"]}"#)
            #expect(related.status == .forbidden)
        }
    }

    private func joined(_ intake: Intake) async throws -> String {
        let agency = try await intake.addAgency("150104-legal-aid", .legalAidCentre)
        try await intake.addAgency("150104-police", .police)
        let opened = try await intake.opened(Bodies.small())
        _ = try await intake.refer(opened.number, to: agency, status: "accepted")
        let joined = try await intake.send(
            .post, "/v1/cases/\(opened.number)/parties", body: #"{"by":"S-0001","agency":"150104-legal-aid"}"#)
        #expect(joined.status == .ok)
        return opened.number
    }

    private static let acceptAll = Statement(
        name: "t_accept_all", "UPDATE casework.referral SET status = 'accepted', answered_at = clock_timestamp()")
}
