import FoundationEssentials
import Testing

@testable import PostgresClient

@Suite struct RoundTripTests {
    /// Sends each value as a parameter of its own type and as NULL, and expects them back.
    private func roundTrip<Value: PostgresCodable & Equatable>(
        _ values: [Value], _ cast: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withConnection { connection async throws in
            for value in values {
                let returned: Value = try await connection.value("SELECT $1::\(cast)", value)
                #expect(returned == value, sourceLocation: sourceLocation)
            }
            let none: Value? = try await connection.value("SELECT $1::\(cast)", Value?.none)
            #expect(none == nil, sourceLocation: sourceLocation)
            let untyped: Value? = try await connection.value("SELECT $1::\(cast)", nil)
            #expect(untyped == nil, sourceLocation: sourceLocation)
            if let first = values.first {
                let some: Value? = try await connection.value("SELECT $1::\(cast)", Value?.some(first))
                #expect(some == first, sourceLocation: sourceLocation)
            }
        }
    }

    @Test func scalars() async throws {
        try await self.roundTrip([true, false], "bool")
        try await self.roundTrip([0, -1, .min, .max] as [Int16], "int2")
        try await self.roundTrip([0, -1, .min, .max] as [Int32], "int4")
        try await self.roundTrip([0, -1, .min, .max] as [Int64], "int8")
        try await self.roundTrip([0, -1, .min, .max] as [Int], "int8")
        try await self.roundTrip([0, -0.5, .pi, .infinity, .leastNonzeroMagnitude] as [Double], "float8")
        try await self.roundTrip([UUID(), UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))], "uuid")
    }

    @Test func notANumberStaysOne() async throws {
        try await withConnection { connection async throws in
            let value: Double = try await connection.value("SELECT $1::float8", Double.nan)
            #expect(value.isNaN)
        }
    }

    @Test func text() async throws {
        try await self.roundTrip(["", " ", "'; DROP TABLE x; --", "求助 🌼 Ünïcode \u{301}\n\t\\", "\u{10FFFF}"], "text")
        try await self.roundTrip(["name", "通知"], "varchar")
    }

    @Test func bytes() async throws {
        try await self.roundTrip([[], [0], [0, 255, 0], Array(0...255)] as [[UInt8]], "bytea")
    }

    @Test func json() async throws {
        try await self.roundTrip(
            [PostgresJSON(text: "{}"), PostgresJSON(text: "null"), PostgresJSON(text: #"{"a": [1, "ü"]}"#)], "jsonb")
        struct Arguments: Codable, Equatable {
            var id: UUID
            var at: Date
        }
        let arguments = Arguments(id: UUID(), at: Date(timeIntervalSince1970: 1_700_000_000))
        let json: PostgresJSON = try await withConnection {
            try await $0.value("SELECT $1::jsonb", try PostgresJSON(encoding: arguments))
        }
        #expect(try json.decode(Arguments.self) == arguments)
    }

    @Test func times() async throws {
        let moments = [0, 1, -1, 1.5e9 + 0.123456, -1.2e10, 2e11].map { Date(timeIntervalSince1970: $0) }
        try await self.roundTrip(moments + [.distantFuture, .distantPast], "timestamptz")
        try await self.roundTrip(
            [.init(microseconds: 0), .init(.seconds(90)), .init(.milliseconds(-1))] as [PostgresInterval], "interval")
    }

    @Test func timesMeanTheSameToTheServer() async throws {
        try await withConnection { connection async throws in
            let date = Date(timeIntervalSince1970: 1_700_000_000.25)
            #expect(
                try await connection.value("SELECT extract(epoch FROM $1::timestamptz)::float8", date)
                    == 1_700_000_000.25)
            #expect(try await connection.value("SELECT 'infinity'::timestamptz") == Date.distantFuture)
            #expect(
                try await connection.value("SELECT interval '2 days 1 second'") == PostgresInterval(.seconds(172_801)))
        }
    }

    @Test func arrays() async throws {
        try await self.roundTrip([[], [true, false]] as [[Bool]], "bool[]")
        try await self.roundTrip([[], [1, .max]] as [[Int32]], "int4[]")
        try await self.roundTrip([[], [1, .min]] as [[Int64]], "int8[]")
        try await self.roundTrip([[], ["", "NULL", "a,b\"{}", "語"]] as [[String]], "text[]")
        try await self.roundTrip([[], [UUID(), UUID()]] as [[UUID]], "uuid[]")
        try await self.roundTrip([[], [[], [0, 1]]] as [[[UInt8]]], "bytea[]")
        try await self.roundTrip([[], [PostgresJSON(text: "[]")]] as [[PostgresJSON]], "jsonb[]")
        try await self.roundTrip([[], [Date(timeIntervalSince1970: 0)]] as [[Date]], "timestamptz[]")
    }

    @Test func arraysWithNull() async throws {
        try await self.roundTrip([[nil], [1, nil, 3]] as [[Int64?]], "int8[]")
        try await self.roundTrip([["a", nil]] as [[String?]], "text[]")
    }

    @Test func fiveMegabytes() async throws {
        let bytes = [UInt8](unsafeUninitializedCapacity: 5 << 20) { buffer, count in
            for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: index &* 31) }
            count = buffer.count
        }
        try await self.roundTrip([bytes], "bytea")
        try await self.roundTrip([String(repeating: "求", count: 5 << 20 / 3)], "text")
    }

    @Test func integersOfAnyWidthAreReadIntoAnyThatHoldThem() async throws {
        try await withConnection { connection async throws in
            #expect(try await connection.value("SELECT 7::int2") == 7 as Int64)
            #expect(try await connection.value("SELECT 7::int4") == 7 as Int)
            #expect(try await connection.value("SELECT count(*) FROM (VALUES (1), (2)) AS x") == 2 as Int16)
            #expect(try await connection.value("SELECT 1.5::float4") == 1.5 as Double)
            let error = try await failure { try await connection.value("SELECT 70000::int4", as: Int16.self) }
            #expect(error.code == .decoding)
        }
    }
}
