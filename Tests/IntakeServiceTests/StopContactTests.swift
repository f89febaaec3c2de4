import HTTPTypes
import HummingbirdTesting
import PostgresClient
import TestSupport
import Testing

@testable import IntakeService

/// S10 through the desk's door: what waits is cleared, nothing is sent afterwards, and each is a task.
@Suite struct StopContactTests {
    private struct Answer: Decodable {
        let cleared: Int
    }

    @Test func stopClearsWhatWaitsForTheHelpSeekers() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened()
            try await intake.db.pool.execute(
                Statement(
                    name: "t_ask",
                    """
                    SELECT casework.notify_person(case_id, id, 'please_call_back', NULL) FROM casework.person
                    WHERE role = 'help_seeker'
                    """))
            let path = "/v1/cases/\(opened.number.lowercased())/contact/stop"
            let response = try await intake.send(.post, path)
            #expect(response.status == .ok && response.headers[.cacheControl] == "no-store")
            #expect(try response.json(Answer.self).cleared == 1)
            #expect(try await intake.send(.post, path).json(Answer.self).cleared == 0, "again changes nothing")
            #expect(
                try await intake.text(
                    "t_state", "SELECT state || ' ' || reason FROM casework.message WHERE audience = 'person'")
                    == "cleared stopped")
            #expect(
                try await intake.text(
                    "t_task", "SELECT kind || ' ' || reason FROM casework.staff_task WHERE kind = 'contact_person'")
                    == "contact_person stopped")
            #expect(
                try await intake.text(
                    "t_rules", "SELECT bool_and(stopped_at IS NOT NULL)::text FROM casework.contact_rule") == "true")
            #expect(
                try await intake.text(
                    "t_events",
                    "SELECT string_agg(actor_kind || ' ' || actor, ',') FROM casework.event WHERE kind = 'contact_stopped'"
                )
                    == "client region,client region")
        }
    }

    /// It is one phone that must not ring any more, on whatever case its number stands; of the other case nobody learns.
    @Test func theSameNumberOnAnotherCaseIsLeftAloneToo() async throws {
        try await withIntake { intake in
            let first = try await intake.opened()
            _ = try await intake.opened(idempotencyKey: "another")
            try await intake.db.pool.execute(
                Statement(
                    name: "t_ask",
                    """
                    SELECT casework.notify_person(case_id, id, 'please_call_back', NULL) FROM casework.person
                    WHERE role = 'help_seeker'
                    """))
            let response = try await intake.send(.post, "/v1/cases/\(first.number)/contact/stop")
            #expect(try response.json(Answer.self).cleared == 1)
            #expect(
                try await intake.text(
                    "t_states", "SELECT string_agg(DISTINCT state, ',') FROM casework.message WHERE audience = 'person'"
                )
                    == "cleared")
            #expect(
                try await intake.text(
                    "t_rules", "SELECT bool_and(stopped_at IS NOT NULL)::text FROM casework.contact_rule") == "true")
        }
    }

    @Test func whoMayNotReadStopsNothing() async throws {
        try await withIntake { intake in
            let opened = try await intake.opened()
            for number in [opened.number, "C-0000-0000", "nonsense"] {
                let response = try await intake.send(.post, "/v1/cases/\(number)/contact/stop", key: Intake.districtKey)
                #expect(response.status == .notFound)
            }
            #expect(
                try await intake.text(
                    "t_rules", "SELECT count(*)::text FROM casework.contact_rule WHERE stopped_at IS NOT NULL") == "0")
        }
    }
}
