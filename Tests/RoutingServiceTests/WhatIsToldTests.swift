import Casework
import CaseworkStore
import Contracts
import FoundationEssentials
import JobQueue
import PostgresClient
import TestSupport
import Testing

@testable import RoutingService

/// Who is told what as a case goes on: each message is asked for in the transaction of what calls for it, with its job.
@Suite struct WhatIsToldTests {
    /// Each text is a statement of its own.
    private static func name() -> String { "t_\(UInt64.random(in: 0 ... .max))" }

    private func text(_ database: TestDatabase, _ sql: String) async throws -> String {
        let row = try #require(try await database.pool.execute(Statement(name: Self.name(), unchecked: sql)).first)
        return try row.decode(String.self)
    }

    private func run(_ database: TestDatabase, _ sql: String) async throws {
        try await database.pool.execute(Statement(name: Self.name(), unchecked: sql))
    }

    /// `audience template` of every message, in the order of asking.
    private func told(_ database: TestDatabase) async throws -> [String] {
        try await self.text(
            database,
            """
            SELECT coalesce(string_agg(audience || ' ' || template, ',' ORDER BY created_at, id), '')
            FROM casework.message
            """
        ).split(separator: ",").map(String.init)
    }

    /// Every message has exactly one job, in the queue of its lane.
    private func expectJobs(_ database: TestDatabase) async throws {
        let wrong = try await self.text(
            database,
            """
            SELECT count(*)::text FROM casework.message AS m WHERE 1 <> (
                SELECT count(*) FROM queue.job AS j
                WHERE coalesce(j.args ->> 'message_id', j.args ->> 'notice_id') = m.id::text
                    AND j.queue = CASE m.lane WHEN 0 THEN 'notification-urgent' ELSE 'notification' END)
            """)
        #expect(wrong == "0")
    }

    private func allowMail(_ database: TestDatabase, channel: String = "email") async throws {
        try await self.run(
            database,
            """
            INSERT INTO casework.contact_rule (id, person_id, channel, days, from_minute, to_minute, confirmed_at,
                expires_at, tag)
            SELECT gen_random_uuid(), id, '\(channel)', '{1,2,3,4,5,6,7}', 0, 1440, now(), now() + interval '90 days', ''
            FROM casework.person WHERE role = 'help_seeker'
            """)
    }

    @Test func theOwnerIsToldOfItsNewCaseAndSheThatItHasArrived() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            _ = try await network.open("05-legal-aid-sonid")
            try await self.allowMail(database)
            try await network.route()
            let told = try await self.told(database)
            #expect(told.filter { $0 == "station new_case" }.count == 1)
            #expect(told.filter { $0.hasPrefix("person") } == ["person request_received"])
            try await self.expectJobs(database)
            // A repeat of the job decides nothing and tells nobody.
            try await self.run(database, "UPDATE casework.message SET state = 'sent', settled_at = now()")
            try await database.pool.withTransaction("again") { transaction in
                let id = try await transaction.execute(Statement(name: "t_case", "SELECT id FROM casework.cases")).first
                try await network.jobs.enqueue(
                    JobRequest(CaseOpened(caseID: try #require(id).decode(UUID.self)), queue: Queues.routing),
                    in: transaction)
            }
            try await network.route()
            #expect(try await self.told(database) == told)
        }
    }

    /// Whoever called has been told; whoever has not agreed to be written to is not, and nobody has a task of it (S35).
    @Test(arguments: [
        ("07-rejected-dongsheng", "email"), ("05-legal-aid-sonid", "none"), ("05-legal-aid-sonid", "phone"),
    ])
    func whatIsOnlyCourteousIsNotAskedFor(name: String, channel: String) async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            _ = try await network.open(name)
            try await self.allowMail(database, channel: channel)
            try await network.route()
            #expect(try await self.told(database).allSatisfy { !$0.hasPrefix("person") })
        }
    }

    @Test func aRefusalIsToldTheOwnerAndTheNextAgencyGetsTheReferral() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("07-rejected-dongsheng")
            try await self.run(
                database, "UPDATE casework.agency SET desk_email = 'desk@example.org', digest_minutes = 0")
            try await network.route()
            let first = try #require(try await network.referrals(of: caseID).first)
            #expect(try await self.told(database).contains("agency referral_offered"))
            try await network.reject(first)
            try await network.route()
            let told = try await self.told(database)
            #expect(told.filter { $0 == "station referral_rejected" }.count == 1)
            #expect(told.filter { $0 == "agency referral_offered" }.count == 2)
            try await self.expectJobs(database)
        }
    }

    @Test func aBreachIsToldBothStationsAndTheSilentAgency() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("08-silent-linhe")
            try await self.run(
                database, "UPDATE casework.agency SET desk_email = 'desk@example.org', digest_minutes = 0")
            try await network.route()
            try await network.letRunOut(.referralAnswer, of: caseID)
            try await network.route()
            let told = try await self.told(database)
            #expect(told.contains("station clock_breached") && told.contains("station escalated"))
            #expect(told.contains("agency referral_escalated") && told.contains("agency referral_withdrawn"))
            let stations = try await self.text(
                database,
                """
                SELECT string_agg(m.template || ' ' || d.level, ',' ORDER BY m.template) FROM casework.message AS m
                JOIN casework.station AS s ON s.id = m.station_id JOIN casework.division AS d ON d.code = s.division_code
                WHERE m.template IN ('clock_breached', 'escalated')
                """)
            #expect(stations == "clock_breached county,escalated league")
            try await self.expectJobs(database)
        }
    }

    @Test func anAppointmentIsToldHerOnceAndACallBackToo() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            let caseID = try await network.open("01-burn-injury")
            try await self.allowMail(database)
            try await network.route()
            let referrals = try await network.referrals(of: caseID)
            let first = try #require(referrals.first)
            try await network.accept(first)
            try await network.route()
            for _ in 0..<2 {
                try await self.run(
                    database, "UPDATE casework.referral SET status = 'scheduled' WHERE id = '\(first.id)'")
                try await database.pool.withTransaction("look") { transaction in
                    try await network.jobs.enqueue(
                        JobRequest(ReferralAnswered(referralID: first.id), queue: Queues.routing), in: transaction)
                }
                try await network.route()
                try await self.run(database, "UPDATE casework.message SET state = 'sent', settled_at = now()")
            }
            #expect(try await self.told(database).filter { $0 == "person appointment" }.count == 1)
            for referral in referrals {
                if referral.id != first.id {
                    try await network.accept(referral)
                    try await network.route()
                }
                try await network.report(referral, .completed, .aidDelivered)
                try await network.route()
            }
            // The case closes only after she has been called back.
            try await network.callBack(.confirmed, on: caseID)
            try await network.route()
            let atTheEnd = try await self.told(database)
            #expect(atTheEnd.contains("person news_for_you") && atTheEnd.contains("station case_closed"))
            try await network.letRunOut(.followUp, of: caseID)
            try await network.route()
            let told = try await self.told(database)
            #expect(told.contains("station follow_up_due") && told.contains("person follow_up"))
        }
    }

    /// An emergency goes the urgent way whatever the case's own risk is.
    @Test func anEmergencyHasTheUrgentLane() async throws {
        try await withTestDatabase { database in
            let network = try await NetworkFixture(database)
            _ = try await network.open("03-violence-baotou")
            try await network.route()
            let lanes = try await self.text(
                database,
                """
                SELECT coalesce(string_agg(DISTINCT lane::text, ','), 'none') FROM casework.message
                WHERE template = 'call_agency_emergency'
                """)
            #expect(lanes == "0")
            try await self.expectJobs(database)
        }
    }
}
