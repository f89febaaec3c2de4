import FoundationEssentials
import JobQueue
import JobTypes
import PostgresClient
import TestSupport
import Testing

/// The second version of a kind: it used to have one name, and now has two.
private struct Greeting: JobArguments, Equatable {
    static let kind: JobKind = "greeting"
    static let version = 3

    var first: String
    var last: String

    private struct Older: Decodable {
        let name: String
    }

    static func upgrade(from version: Int, _ decoder: any Decoder) throws -> Self {
        guard version == 2 else { throw UnsupportedJobVersion(kind: Self.kind, version: version, known: Self.version) }
        return Greeting(first: try Older(from: decoder).name, last: "")
    }
}

private struct Nothing: JobArguments, Equatable {
    static let kind: JobKind = "nothing"
    static let version = 2
}

private struct NoObject: JobArguments {
    static let kind: JobKind = "no_object"
    func encode(to encoder: any Encoder) throws { try [1].encode(to: encoder) }
    init(from decoder: any Decoder) throws {}
    init() {}
}

/// Versions and traces in stored arguments.
struct EnvelopeTests {
    private static let enqueue = Statement(name: "test_enqueue_raw", "SELECT queue.enqueue('probes', $1, $2)")

    private func claim(_ kind: String, _ json: String, _ queue: QueueFixture) async throws -> LeasedJob {
        try await queue.pool.execute(Self.enqueue, kind, PostgresJSON(text: json))
        return try #require(try await queue.claim(holder: "agency"))
    }

    @Test func argumentsComeBackAsTheyWent() async throws {
        try await withQueue { queue in
            for _ in 0..<2 {
                try await queue.pool.withTransaction("test") { transaction in
                    let request = try JobRequest(Greeting(first: "a", last: "b"), queue: QueueFixture.queue)
                    try await queue.store.enqueue(request, in: transaction)
                }
                let job = try #require(try await queue.claim(holder: "agency"))
                #expect(try job.decode(Greeting.self) == Greeting(first: "a", last: "b"))
            }
            try await queue.pool.withTransaction("test") { transaction in
                try await queue.store.enqueue(many: [Nothing(), Nothing()], queue: QueueFixture.queue, in: transaction)
            }
            let job = try #require(try await queue.claim(holder: "agency"))
            #expect(try job.decode(Nothing.self) == Nothing())
        }
    }

    @Test func olderArgumentsAreUpgradedAndNewerOnesWait() async throws {
        try await withQueue { queue in
            let older = try await self.claim("greeting", #"{"version": 2, "name": "x"}"#, queue)
            #expect(try older.decode(Greeting.self) == Greeting(first: "x", last: ""))
            let newer = try await self.claim("greeting", #"{"version": 4, "first": "a", "last": "b"}"#, queue)
            #expect(throws: JobQueueError(code: .newerArguments)) { try newer.decode(Greeting.self) }
            // No version is the first one, which nobody reads any more.
            let first = try await self.claim("greeting", #"{"name": "x"}"#, queue)
            #expect(throws: JobQueueError(code: .undecodableArguments)) { try first.decode(Greeting.self) }
            // A kind that never had a version of its own knows its first.
            let probe = try await self.claim("probe", #"{"version": 2, "number": 1}"#, queue)
            #expect(throws: JobQueueError(code: .newerArguments)) { try probe.decode(ProbeArguments.self) }
        }
    }

    @Test(arguments: [#"{"version": "x", "number": 1}"#, "[]", "7", #"{"number": "version"}"#, #"{"version": null}"#])
    func whatCannotBeReadIsSaidWithoutQuotingIt(_ json: String) async throws {
        try await withQueue { queue in
            let job = try await self.claim("probe", json, queue)
            #expect(throws: JobQueueError(code: .undecodableArguments)) { try job.decode(ProbeArguments.self) }
        }
    }

    @Test func argumentsAreAnObject() {
        #expect(throws: EncodingError.self) { try JobRequest(NoObject(), queue: "q") }
    }

    @Test func theCallersTraceTravelsWithTheJob() async throws {
        try await withQueue { queue in
            let trace = TraceContext(isSampled: true)
            try await TraceContext.$current.withValue(trace) {
                try await queue.enqueue(7)
                try await queue.pool.withTransaction("test") { transaction in
                    try await queue.store.enqueue(
                        many: [ProbeArguments(number: 8)], queue: QueueFixture.queue, in: transaction)
                }
            }
            for number in [7, 8] {
                let job = try #require(try await queue.claim(holder: "agency"))
                #expect(job.trace == trace)
                #expect(try job.decode(ProbeArguments.self).number == number)
            }
            try await queue.enqueue(9)
            #expect(try await queue.claim(holder: "agency")?.trace == nil)
            let broken = try await self.claim("probe", #"{"number": 1, "traceparent": "00-zz"}"#, queue)
            #expect(broken.trace == nil)
            #expect(try broken.decode(ProbeArguments.self).number == 1)
        }
    }

    /// Functions of the database enqueue, too. The transaction says which trace it belongs to, if any.
    @Test func whatSQLEnqueuesBelongsToTheTransactionsTrace() async throws {
        try await withQueue { queue in
            let trace = TraceContext(isSampled: true)
            let name = QueueFixture.queue.rawValue
            func enqueued(under setting: String) async throws -> [LeasedJob] {
                try await queue.pool.withTransaction("test_trace") { transaction in
                    try await transaction.execute(Self.setTrace, setting)
                    try await transaction.execute(Self.enqueueOne, name)
                    try await transaction.execute(Self.enqueueSome, name)
                    try await transaction.execute(Self.enqueueLater, name)
                }
                var jobs: [LeasedJob] = []
                while let job = try await queue.claim(holder: "agency") { jobs.append(job) }
                return jobs
            }
            let traced = try await enqueued(under: trace.traceparent)
            #expect(traced.count == 4)
            #expect(traced.filter { $0.trace == trace }.count == 3, "what carries a trace keeps it")
            // Anybody who may log in may set anything: no text of theirs gets into a job.
            for text in ["", "13800000000", trace.traceparent + "; 李"] {
                let jobs = try await enqueued(under: text)
                #expect(jobs.count == 4 && jobs.filter { $0.arguments.text.contains("traceparent") }.count == 1)
            }
            try await queue.pool.execute(Self.enqueueOne, name)
            #expect(try await queue.claim(holder: "agency")?.trace == nil, "it ends with its transaction")
        }
    }

    private static let setTrace = Statement(
        name: "test_set_trace", "SELECT set_config('queue.traceparent', $1, true)")
    private static let enqueueOne = Statement(
        name: "test_enqueue_one", #"SELECT queue.enqueue($1, 'probe', '{"number": 1}')"#)
    private static let enqueueSome = Statement(
        name: "test_enqueue_some",
        """
        SELECT queue.enqueue_many($1, 'probe', ARRAY['{"number": 1}',
            '{"number": 2, "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00"}']::jsonb[])
        """)
    private static let enqueueLater = Statement(
        name: "test_enqueue_later",
        """
        SELECT queue.enqueue($1, 'probe', '{"number": 1}', 4, clock_timestamp(), 25, 'trace-' || gen_random_uuid())
        """)
}
