import FoundationEssentials
public import JobQueue
import JobTypes
public import PostgresClient

/// The Swift client under test: `JobStore`.
public struct StoreClient: ConformanceClient {
    private struct Undone: Error {}

    private let store: JobStore
    private let pool: PostgresPool

    /// - Parameter pool: with the rights of producers, workers and operators.
    public init(store: JobStore, pool: PostgresPool) {
        self.store = store
        self.pool = pool
    }

    public func answer(_ call: ConformanceCall) async throws -> ConformanceAnswer {
        do {
            return try await self.carriedOut(call)
        } catch let error as JobQueueError {
            var answer = ConformanceAnswer()
            answer.refused = error.sqlState
            return answer
        }
    }

    private func carriedOut(_ call: ConformanceCall) async throws -> ConformanceAnswer {
        var answer = ConformanceAnswer()
        let job = LeasedJob(
            id: JobID(call.id ?? 0), token: FencingToken(epoch: call.epoch ?? 0, number: call.number ?? 0))
        let code = call.code ?? ""
        let delay = Duration.seconds(call.delaySeconds ?? 0)
        let lease = Duration.seconds(call.leaseSeconds ?? 60)
        switch call.call {
        case .enqueue:
            let made = try await self.store.enqueue(try Self.request(call), on: self.pool)
            answer.alias = made.alias.uuidString.lowercased()
            answer.isNew = made.isNew
        case .enqueueUndone:
            let request = try Self.request(call)
            try await self.undone { _ = try await self.store.enqueue(request, in: $0) }
        case .enqueueMany:
            let list = try PostgresJSON(text: call.args ?? "[]").decode([Payload].self)
            let queue = QueueName(rawValue: call.queue ?? "")
            try await self.pool.withTransaction("conformance_many") { transaction in
                _ = try await self.store.enqueue(many: list, queue: queue, in: transaction)
            }
        case .claim:
            let jobs = try await self.store.claim(
                queue: QueueName(rawValue: call.queue ?? ""), limit: call.limit ?? 1, leaseFor: lease,
                holder: call.holder ?? "", on: self.pool)
            answer.jobs = jobs.map { job in
                ConformanceAnswer.Job(
                    id: job.id.rawValue, epoch: job.token.epoch, number: job.token.number,
                    alias: job.alias.uuidString.lowercased(), kind: job.kind.rawValue, args: job.arguments.text,
                    attempt: job.attempt)
            }
        case .complete: try await self.store.complete(job, on: self.pool)
        case .completeUndone: try await self.undone { try await self.store.complete(job, on: $0) }
        case .fail: answer.state = try await self.store.fail(job, code: code, retryAfter: delay, on: self.pool)
        case .discard: try await self.store.discard(job, code: code, on: self.pool)
        case .snooze: try await self.store.snooze(job, delay: delay, on: self.pool)
        case .extend: _ = try await self.store.extend(job, by: lease, on: self.pool)
        case .cancel:
            let alias = call.alias.flatMap { UUID(uuidString: $0) }
            answer.state = try await self.store.cancel(alias: alias ?? UUID(), code: code, on: self.pool)
        }
        return answer
    }

    private func undone(_ body: (PostgresTransaction) async throws -> Void) async throws {
        do {
            try await self.pool.withTransaction("conformance_undone") { transaction in
                try await body(transaction)
                throw Undone()
            }
        } catch is Undone {}
    }

    private static func request(_ call: ConformanceCall) throws -> JobRequest {
        func request<Arguments: JobArguments>(_ arguments: Arguments) throws -> JobRequest {
            try JobRequest(
                arguments, queue: QueueName(rawValue: call.queue ?? ""), priority: call.priority ?? 4,
                scheduledAt: call.delaySeconds.map { Date(timeIntervalSinceNow: $0) },
                maximumAttempts: call.maxAttempts ?? 25, uniqueKey: call.uniqueKey)
        }
        // A kind is a type here: a wrong one is a type of its own.
        guard call.kind?.isEmpty == false else { return try request(Nameless()) }
        return try request(try PostgresJSON(text: call.args ?? "{}").decode(Payload.self))
    }

    /// The suite's kind; its arguments are whatever the suite sends.
    struct Payload: JobArguments {
        static let kind: JobKind = "conformance"
        let value: JSONValue

        init(from decoder: any Decoder) throws { self.value = try JSONValue(from: decoder) }
        func encode(to encoder: any Encoder) throws { try self.value.encode(to: encoder) }
    }

    struct Nameless: JobArguments {
        static let kind: JobKind = ""
    }
}

/// Any JSON.
enum JSONValue: Codable, Sendable {
    case null
    case bool(Bool)
    case number(Int64)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let bool = try? container.decode(Bool.self) {  // One of these is it; the last one says what is wrong.
            self = .bool(bool)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let bool): try container.encode(bool)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }
}
