public import FoundationEssentials
public import PostgresClient

extension GatewayDoorStore {
    /// What a key that an agency has given to a request stands for.
    public enum KeyTaken: Sendable, Equatable {
        /// For nothing yet: the request is to be done.
        case new
        /// For this request, and what it was answered; `nil` when it was not, and is to be done (again).
        case same([UInt8]?)
        /// For another one.
        case other
    }

    /// Takes an idempotency key for a request, or finds what it stands for.
    public func takeKey(
        _ key: String, for hash: [UInt8], of agency: UUID, on executor: some PostgresExecutor
    ) async throws -> KeyTaken {
        guard let row = try await executor.execute(Self.takeKey, agency, key, hash).first else {
            throw AgencyDoorError(place: "no row")
        }
        switch try row.decode(String.self, column: "result") {
        case "new": return .new
        case "same": return .same(try row.decode([UInt8]?.self, column: "answer"))
        case "other": return .other
        default: throw AgencyDoorError(place: "take_key")
        }
    }

    /// Keeps what a request was answered, for its repeats.
    public func keepAnswer(
        _ answer: [UInt8], to key: String, for hash: [UInt8], of agency: UUID, on executor: some PostgresExecutor
    ) async throws {
        try await executor.execute(Self.keepAnswer, agency, key, hash, answer)
    }

    /// Forgets keys that are older; at most `limit`. Returns how many.
    public func forgetKeys(olderThan age: Duration, limit: Int, on executor: some PostgresExecutor) async throws -> Int
    {
        guard let row = try await executor.execute(Self.forgetKeys, PostgresInterval(age), Int32(limit)).first else {
            throw AgencyDoorError(place: "no row")
        }
        return Int(try row.decode(Int64.self))
    }

    static let takeKey = Statement(name: "gateway_take_key", "SELECT result, answer FROM gateway.take_key($1, $2, $3)")
    static let keepAnswer = Statement(name: "gateway_keep_answer", "SELECT gateway.keep_answer($1, $2, $3, $4)")
    static let forgetKeys = Statement(name: "gateway_forget_keys", "SELECT gateway.forget_keys($1, $2)")
}
