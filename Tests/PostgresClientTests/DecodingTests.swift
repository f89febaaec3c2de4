import FoundationEssentials
import Testing

@testable import PostgresClient

@Suite struct DecodingTests {
    private static let types: [PostgresType] = [
        .bool, .bytea, .name, .int8, .int2, .int4, .text, .oid, .json, .float4, .float8, .bpchar, .varchar,
        .timestamptz, .interval, .void, .uuid, .jsonb, .unknown, .boolArray, .byteaArray, .int8Array, .textArray,
        .uuidArray, .jsonbArray, .timestamptzArray, PostgresType(rawValue: 16_400), PostgresType(rawValue: 0),
    ]

    private static let targets: [any PostgresDecodable.Type] = [
        Bool.self, Int16.self, Int32.self, Int64.self, Int.self, Double.self, String.self, UUID.self, Date.self,
        PostgresInterval.self, PostgresJSON.self, [UInt8].self, [Bool].self, [Int64].self, [Int32?].self, [String].self,
        [UUID].self, [Date].self, [PostgresJSON?].self, [[UInt8]].self, [PostgresInterval].self, Int?.self,
    ]

    /// Bytes from the server never trap, whatever they are.
    @Test func anyBytesAreAValueOrAnError() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<150 {
            var bytes = (0..<Int.random(in: 0...48)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Small numbers where lengths and counts stand find more than noise does.
            for index in bytes.indices where Bool.random() { bytes[index] = [0, 0, 0, 1, 0xff].randomElement() ?? 0 }
            bytes.withUnsafeBytes { buffer in
                for type in Self.types {
                    for target in Self.targets { Self.decode(target, buffer, type) }
                }
            }
        }
    }

    private static func decode(
        _ target: any PostgresDecodable.Type, _ bytes: UnsafeRawBufferPointer, _ type: PostgresType
    ) {
        do throws(PostgresError) {
            _ = try target.decode(bytes, type: type)
        } catch {
            if error.code != .decoding { Issue.record("\(error)") }
        }
    }

    @Test func damagedArraysAreErrors() throws {
        var whole: [UInt8] = []
        (["one", nil, "three"] as [String?]).encode(into: &whole)
        for count in 0..<whole.count {
            whole[..<count].withUnsafeBytes { buffer in
                let error = #expect(throws: PostgresError.self) { try [String?].decode(buffer, type: .textArray) }
                #expect(error?.code == .decoding)
            }
        }
        for index in whole.indices {
            for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
                var damaged = whole
                damaged[index] = value
                damaged.withUnsafeBytes { Self.decode([String?].self, $0, .textArray) }
            }
        }
    }

    @Test func theExtremesOfTheServerDoNotTrap() async throws {
        try await withConnection { connection async throws in
            for (sql, isValue) in [
                ("interval '2147483647 days'", false), ("interval '-2147483648 days'", false),
                ("interval '106751991 days'", true), ("interval '1 month'", false),
            ] {
                let rows = try await connection.run("SELECT \(sql)")
                if isValue {
                    _ = try rows[0].decode(PostgresInterval.self)
                } else {
                    #expect(throws: PostgresError.self) { try rows[0].decode(PostgresInterval.self) }
                }
            }
            for sql in ["'4713-01-01 BC'", "'294276-12-31'", "'infinity'", "'-infinity'"] {
                let date: Date = try await connection.value("SELECT \(sql)::timestamptz")
                #expect(date.timeIntervalSinceReferenceDate.isFinite)
            }
        }
    }

    @Test func valuesThatHaveNoPlaceInAColumnDoNotTrap() async throws {
        try await withConnection { connection async throws in
            let nothing: Date? = try await connection.value(
                "SELECT $1::timestamptz", Date(timeIntervalSinceReferenceDate: .nan))
            #expect(nothing == nil)
            #expect(PostgresInterval(.seconds(Int64.max)).microseconds == .max)
            #expect(PostgresInterval(.seconds(Int64.min)).microseconds == .min)
            let error = try await failure { try await connection.run("SELECT $1::text", "nul \0 character") }
            #expect(error.code == .server)
        }
    }

    @Test func aMismatchNamesTheStatementAndTheConnectionStaysUsable() async throws {
        try await withConnection { connection async throws in
            let statement = TestAddress.statement("SELECT 'x'::text, NULL::int8", name: "some_text")
            let row = try #require(try await connection.execute(statement).first)
            for body: () throws -> Void in [
                { _ = try row.decode((Int, Int?).self) }, { _ = try row.decode((String, Int).self) },
                { _ = try row.decode(String.self) }, { _ = try row.decode(Int.self, column: "none") },
            ] {
                let error = #expect(throws: PostgresError.self) { try body() }
                #expect(error?.code == .decoding)
                #expect(error?.statement == "some_text")
            }
            #expect(try await connection.value("SELECT 1") == 1)
        }
    }

    @Test func tooManyValuesAreRefusedAndTheConnectionStaysUsable() async throws {
        try await withConnection { connection async throws in
            let values = [(any PostgresEncodable)?](repeating: 1, count: 65_536)
            let error = try await failure {
                try await connection.execute(TestAddress.statement("SELECT 1"), parameters: values)
            }
            #expect(error.code == .misuse)
            let pipelined = try await failure {
                try await connection.pipeline([BoundStatement(TestAddress.statement("SELECT 1"), parameters: values)])
            }
            #expect(pipelined.code == .misuse)
            #expect(try await connection.value("SELECT 1") == 1)
        }
    }
}
