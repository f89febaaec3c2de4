import JobTestKit
import PostgresClient
import TestSupport
import Testing

/// The fault proxy does to a link what it says, and what comes after is whole.
@Suite struct FaultProxyTests {
    private static let number = Statement(name: "proxy_number", "SELECT 42::int8")
    private static let long = Statement(name: "proxy_long", "SELECT repeat('x', 60000)")

    private func connect(
        _ database: TestDatabase, _ proxy: FaultProxy, connectSeconds: Int = 30
    ) async throws -> PostgresConnection {
        var configuration = database.configuration()
        configuration.dsn += " \(proxy.detour) connect_timeout=\(connectSeconds)"
        return try await PostgresConnection.connect(configuration)
    }

    private func number(_ connection: PostgresConnection) async throws -> Int64? {
        try await connection.execute(Self.number).first?.decode(Int64.self)
    }

    @Test func nothingPassesAHalfOpenLinkUntilItIsWholeAgain() async throws {
        try await withTestDatabase { database in
            try await FaultProxy.with(.none, dsn: database.configuration().dsn) { proxy in
                let connection = try await self.connect(database, proxy)
                proxy.set(.halfOpen)
                await #expect(throws: PostgresError.self) {
                    _ = try await self.connect(database, proxy, connectSeconds: 2)
                }
                // What was sent into it arrives when it is whole.
                async let answer = self.number(connection)
                proxy.set(.none)
                #expect(try await answer == 42)
                await connection.close()
            }
        }
    }

    @Test func aDelayIsWaitedInBothDirections() async throws {
        try await withTestDatabase { database in
            try await FaultProxy.with(.none, dsn: database.configuration().dsn) { proxy in
                let connection = try await self.connect(database, proxy)
                proxy.set(.delay(.milliseconds(60)))
                let start = ContinuousClock.now
                #expect(try await self.number(connection) == 42)
                #expect(ContinuousClock.now - start >= .milliseconds(120))
                await connection.close()
            }
        }
    }

    @Test func aSlowReaderHearsAllOfALongAnswer() async throws {
        try await withTestDatabase { database in
            try await FaultProxy.with(.none, dsn: database.configuration().dsn) { proxy in
                let connection = try await self.connect(database, proxy)
                proxy.set(.slowRead(bytesPerSecond: 100_000))
                let start = ContinuousClock.now
                let text = try await connection.execute(Self.long).first?.decode(String.self)
                #expect(text?.utf8.count == 60_000)
                #expect(ContinuousClock.now - start >= .milliseconds(500))
                await connection.close()
            }
        }
    }

    @Test func cutLinksAreBrokenAndNewOnesAreMadeAfterwards() async throws {
        try await withTestDatabase { database in
            try await FaultProxy.with(.none, dsn: database.configuration().dsn) { proxy in
                let connection = try await self.connect(database, proxy)
                proxy.set(.cutAll)
                await #expect(throws: PostgresError.self) { _ = try await self.number(connection) }
                await #expect(throws: PostgresError.self) { _ = try await self.connect(database, proxy) }
                proxy.set(.none)
                let another = try await self.connect(database, proxy)
                #expect(try await self.number(another) == 42)
                await another.close()
                await connection.close()
            }
        }
    }
}
