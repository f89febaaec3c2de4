import FoundationEssentials
import Testing
import TestSupport

@testable import PostgresClient

/// Runs a listener for the time of the body and passes its events on.
func withListener<Value>(
    _ channels: [String], _ body: (PostgresListener, [TestSignal<PostgresListenerEvent>]) async throws -> Value
) async throws -> Value {
    let listener = PostgresListener(try TestAddress.configuration(), logger: TestAddress.logger)
    let signals = channels.map { TestSignal<PostgresListenerEvent>("an event on \($0)") }
    return try await withThrowingTaskGroup(of: Void.self) { group in
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
        try await withListener(channels) { _, signals in
            for signal in signals { #expect(try await signal.wait() == .mayHaveMissed) }
            try await withConnection { connection async throws in
                try await connection.run("SELECT pg_notify($1, $2)", channels[1], "second")
                try await connection.run("SELECT pg_notify($1, $2)", channels[0], "first")
            }
            #expect(try await signals[0].wait() == .notification(payload: "first"))
            #expect(try await signals[1].wait() == .notification(payload: "second"))
        }
    }
}
