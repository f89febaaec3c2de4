import AgencyDoors
import Casework
import CaseworkStore
import FoundationEssentials
import PostgresClient
import TestSupport
import Testing

@testable import GatewayService

/// Invariant 5, S17, S38: what she no longer agrees to does not leave, at whichever moment she says so.
@Suite struct ConsentGoneTests {
    @Test func aHandOverWithoutConsentIsNotLeased() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.database.pool.execute(Self.endConsents)
            let answer = try await gateway.send(.POST, "/v1/leases", key: agency.key, body: "{}")
            #expect(answer.status == 200 && answer.body == #"{"leases":[]}"#)
            #expect(try await gateway.network.disclosures(of: offer) == 0)
            #expect(try await gateway.network.handOver(of: offer) == "cancelled")
        }
    }

    /// She takes it back between the record and the reading.
    @Test func theReadingAsksOnceMore() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            let pool = gateway.database.pool
            let doors = GatewayDoorStore()
            let leased = try await doors.lease(
                limit: 1, for: .seconds(60), of: agency.id, requestedBy: "test", on: pool)
            let record = try #require(leased.first?.referral).disclosure
            #expect(try await gateway.network.disclosures(of: offer) == 1)
            #expect(try await doors.readPackages([record], of: agency.id, on: pool).count == 1)
            try await pool.execute(Self.endConsents)
            #expect(try await doors.readPackages([record], of: agency.id, on: pool).isEmpty)
        }
    }

    @Test func whatRestsOnADutyNeedsNoConsent() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let offer = try await gateway.network.offer(to: agency)
            try await gateway.database.pool.execute(Self.endConsents)
            try await gateway.database.pool.execute(Self.onDuty, offer.referralID)
            let answer = try await gateway.send(.POST, "/v1/leases", key: agency.key, body: "{}")
            #expect(answer.status == 200 && answer.body.contains(offer.number))
            #expect(try await gateway.network.disclosures(of: offer) == 1)
        }
    }

    private static let endConsents = Statement(
        name: "t_end_consents", "UPDATE casework.consent SET expires_at = clock_timestamp() - interval '1 second'")
    private static let onDuty = Statement(
        name: "t_on_duty", "UPDATE casework.referral SET consent_basis = 'statutory_duty' WHERE id = $1")
}

/// Joint handling: an agency sees and ends its own tasks, and learns nothing of others'.
@Suite struct JointTaskTests {
    @Test func anAgencySeesAndEndsItsOwnTasks() async throws {
        try await withGateway { gateway in
            let agency = try await gateway.network.addAgency("150000-civil-affairs")
            let other = try await gateway.network.addAgency("150000-other")
            let offer = try await gateway.network.offer(to: agency)
            let task = UUID()
            try await gateway.database.pool.execute(Self.giveTask, task, offer.referralID, agency.id)
            let id = task.uuidString.lowercased()
            let list = try await gateway.send(.GET, "/v1/tasks", key: agency.key)
            #expect(list.status == 200 && list.body.contains(id) && list.body.contains(offer.number))
            let others = try await gateway.send(.GET, "/v1/tasks", key: other.key)
            #expect(others.body == #"{"tasks":[]}"#)
            #expect(try await gateway.send(.POST, "/v1/tasks/\(id)/done", key: other.key, body: "{}").status == 404)
            #expect(try await gateway.send(.POST, "/v1/tasks/x/done", key: agency.key, body: "{}").status == 404)
            for _ in 0..<2 {
                let done = try await gateway.send(.POST, "/v1/tasks/\(id)/done", key: agency.key, body: "{}")
                #expect(done.status == 200 && done.body.contains("done"))
            }
            #expect(try await gateway.send(.GET, "/v1/tasks", key: agency.key).body == #"{"tasks":[]}"#)
            let events = try #require(try await gateway.database.pool.execute(Self.settled).first).decode(Int64.self)
            #expect(events == 1)
        }
    }

    private static let giveTask = Statement(
        name: "t_give_task",
        """
        WITH party AS (
            INSERT INTO casework.joint_party (case_id, agency_id) SELECT case_id, $3 FROM casework.referral WHERE id = $2
        ), clock AS (
            INSERT INTO casework.clock (id, case_id, kind, name, basis, due_at, look_at)
            SELECT $1, case_id, 'joint_task', 'joint_task', 'test', clock_timestamp() + interval '1 day',
                clock_timestamp() + interval '1 day' FROM casework.referral WHERE id = $2
        )
        INSERT INTO casework.joint_task (id, case_id, kind, agency_id, due_at)
        SELECT $1, case_id, 'visit', $3, clock_timestamp() + interval '1 day' FROM casework.referral WHERE id = $2
        """)
    private static let settled = Statement(
        name: "t_settled",
        "SELECT count(*)::int8 FROM casework.event WHERE kind = 'task_settled' AND actor_kind = 'agency'")
}
