import FoundationEssentials
import JobTestKit
import Testing
import TestSupport

@testable import PostgresClient

/// Runs a listener for the time of the body and passes its events on.
func withListener<Value>(
    _ channels: [String], _ body: (PostgresListener, [TestSignal<PostgresListenerEvent>]) async throws -> Value
) async throws -> Value {
    let listener = PostgresListener(try TestAddress.configuration(), logger: TestAddress.logger)
    let signals = channels.map { TestSignal<PostgresListenerEvent>("an event on \($0)") }
    return try await withThrowingTaskGroup(of: Void.self) { group async throws in
        for (channel, signal) in zip(channels, signals) {
            let events = listener.subscribe(channel)
            group.addTask { for await event in events { signal.send(event) } }
        }
        group.addTask { try await listener.run() }
        do {
            let value = try await body(listener, signals)
            group.cancelAll()
            return value
        } catch {
            group.cancelAll()
            throw error
        }
    }
}

@Suite struct ListenerTests {
    static func channel() -> String { "client_test_\(UUID().uuidString.lowercased())" }

    @Test func aNotificationIsDeliveredToItsChannelOnly() async throws {
        let channels = [Self.channel(), "Odd \"name\" \(UUID().uuidString)"]
        try await withListener(channels) { _, signals async throws in
            for signal in signals { #expect(try await signal.wait() == .mayHaveMissed) }
            try await withConnection { connection async throws in
                try await connection.run("SELECT pg_notify($1, $2)", channels[1], "second")
                try await connection.run("SELECT pg_notify($1, $2)", channels[0], "first")
            }
            #expect(try await signals[0].wait() == .notification(payload: "first"))
            #expect(try await signals[1].wait() == .notification(payload: "second"))
        }
    }

    /// The listener's own session.
    private func backend(_ activity: ServerActivity, listeningOn channel: String) async throws -> Int32 {
        try await eventuallySome("the session that listens") {
            try await activity.connection.run(
                "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND strpos(query, $1) > 0", channel
            ).first?.decode(Int32.self)
        }
    }

    @Test func afterALostLinkItListensAgainAndSaysSo() async throws {
        let channel = Self.channel()
        try await withListener([channel]) { _, signals async throws in
            #expect(try await signals[0].wait() == .mayHaveMissed)
            try await ServerActivity.with { activity async throws in
                for round in 0..<3 {
                    let backend = try await self.backend(activity, listeningOn: channel)
                    try await activity.terminate(backend)
                    #expect(try await signals[0].wait() == .mayHaveMissed)
                    try await activity.connection.run("SELECT pg_notify($1, $2)", channel, "\(round)")
                    #expect(try await signals[0].wait() == .notification(payload: "\(round)"))
                }
            }
        }
    }

    @Test func aLinkThatIsSilentlyDeadIsReplaced() async throws {
        try await FaultProxy.with(.freeze(at: "SELECT 1")) { proxy in
            let listener = PostgresListener(
                try proxy.configuration(), logger: TestAddress.logger, keepalive: .milliseconds(100))
            try await withThrowingTaskGroup(of: Void.self) { group async throws in
                let signal = TestSignal<PostgresListenerEvent>("an event")
                let events = listener.subscribe(Self.channel())
                group.addTask { for await event in events { signal.send(event) } }
                group.addTask { try await listener.run() }
                for _ in 0..<3 { #expect(try await signal.wait() == .mayHaveMissed) }
                group.cancelAll()
            }
        }
    }

    @Test func aSubscriberThatComesLaterIsToldWhenListeningHasBegun() async throws {
        let channel = Self.channel()
        try await withListener([channel]) { listener, signals async throws in
            #expect(try await signals[0].wait() == .mayHaveMissed)
            var late = listener.subscribe(channel).makeAsyncIterator()
            #expect(await late.next() == .mayHaveMissed)
            var other = listener.subscribe(channel + "_other").makeAsyncIterator()
            #expect(await other.next() == .mayHaveMissed)
            #expect(signals[0].pending == 0)
        }
    }

    @Test func aChannelWithoutSubscribersIsLeft() async throws {
        let channel = Self.channel()
        let other = Self.channel()
        try await withListener([other]) { listener, _ async throws in
            do {
                var events = listener.subscribe(channel).makeAsyncIterator()
                #expect(await events.next() == .mayHaveMissed)
            }
            try await ServerActivity.with { activity async throws in
                try await eventually("the channel is left") {
                    try await activity.connection.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'UNLISTEN%' AND strpos(query, $1) > 0",
                        channel) == 1
                }
            }
        }
    }

    @Test func theEndEndsEveryStream() async throws {
        let listener = PostgresListener(try TestAddress.configuration(), logger: TestAddress.logger)
        var events = listener.subscribe(Self.channel()).makeAsyncIterator()
        try await withThrowingTaskGroup(of: Void.self) { group async throws in
            group.addTask { try await listener.run() }
            #expect(await events.next() == .mayHaveMissed)
            group.cancelAll()
            #expect(await events.next() == nil)
        }
        var late = listener.subscribe(Self.channel()).makeAsyncIterator()
        #expect(await late.next() == nil)
    }

    @Test func anUnreachableServerIsTriedAgain() async throws {
        var configuration = try TestAddress.configuration()
        configuration.dsn = "host=/nonexistent"
        let listener = PostgresListener(configuration, logger: TestAddress.logger)
        try await withThrowingTaskGroup(of: Void.self) { group async throws in
            group.addTask { try await listener.run() }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
