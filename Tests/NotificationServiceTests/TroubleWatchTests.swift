import Casework
import Foundation
import Messaging
import Safeguarding
import Testing

@testable import NotificationService

/// Operators are told of what no failing process shows.
@Suite struct TroubleWatchTests {
    private func look(_ notification: Notification, _ providers: ProviderSet = ProviderSet([], routes: [])) async throws
    {
        try await TroubleWatch(
            pool: notification.pool, jobs: notification.bell, providers: providers, interval: .seconds(1), logger: quiet
        ).look()
    }

    private func states(_ notification: Notification) async throws -> String {
        try await notification.text(
            """
            SELECT coalesce(string_agg(concat_ws(' ', template, about, state), ', ' ORDER BY template), '')
            FROM casework.message WHERE audience = 'operator'
            """, "t_operator_states")
    }

    @Test func aQuietNetworkSaysNothing() async throws {
        try await withNotification { notification in
            try await self.look(notification)
            #expect(try await self.states(notification) == "")
        }
    }

    @Test func aProviderThatIsDownIsSaidOnceAnHour() async throws {
        let away = Outbox("relay", .later(reason: "mail_unreachable"))
        let desk = Outbox("desk")
        var terms = ProviderSet.Terms()
        terms.failures = 1
        let providers = ProviderSet([away], routes: [], terms: ["relay": terms])
        try await withNotification { notification in
            try await self.look(notification, providers)
            #expect(try await self.states(notification) == "")
            providers.report("relay", .later(reason: "mail_unreachable"), after: .zero)
            for _ in 0..<3 { try await self.look(notification, providers) }
            #expect(try await self.states(notification) == "provider_down relay pending")
            try await notification.work(desk: [desk])
            let mail = try await desk.next().content
            #expect(mail.address == "operators@example.org" && mail.subject == "发送渠道 relay 故障")
            try await notification.run(
                "UPDATE casework.message SET created_at = created_at - interval '2 hours'", "t_old")
            try await self.look(notification, providers)
            #expect(try await self.states(notification) == "provider_down relay sent, provider_down relay pending")
        }
    }

    @Test func deadLettersAndClocksNobodyLooksAtAreSaid() async throws {
        try await withNotification { notification in
            try await notification.run(
                """
                UPDATE casework.clock SET due_at = clock_timestamp() - interval '1 hour', look_at = clock_timestamp()
                """, "t_clock")
            _ = try await notification.notice(maximumAttempts: 1)
            try await notification.work(desk: [Outbox("desk", .later(reason: "mail_timeout"))])
            try await self.look(notification)
            #expect(
                try await self.states(notification)
                    == "clock_backlog routing pending, dead_letters queue pending")
        }
    }

    /// Nobody reads there: it says so and is no task of a station's.
    @Test func withoutAnAddressOperatorsHaveTheLog() async throws {
        try await withNotification { notification in
            try await notification.run("SELECT casework.notify_operators('provider_down', 'relay')", "t_ask")
            let judge = StaffJudge(
                providers: ProviderSet(
                    [Outbox("desk")],
                    routes: [ProviderSet.Route(audience: .station, channel: .email, providers: ["desk"])]),
                catalog: .shipped)
            try await notification.drain([NotifyStaffHandler(judge: judge)])
            #expect(try await self.states(notification) == "provider_down relay denied")
            #expect(try await notification.openTasks() == "")
        }
    }
}
