import NIOConcurrencyHelpers
import PostgresClient

/// Said once, heard by another task.
final class TestFlag: Sendable {
    private let box = NIOLockedValueBox(false)
    var isSet: Bool { self.box.withLockedValue { $0 } }
    func set() { self.box.withLockedValue { $0 = true } }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// A connection beside the pool, closed at the end.
enum TestConnection {
    static func with(_ configuration: PostgresConfiguration, _ body: (PostgresConnection) async throws -> Void)
        async throws
    {
        let connection = try await PostgresConnection.connect(configuration)
        do {
            try await body(connection)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
