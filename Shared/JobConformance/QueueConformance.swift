import FoundationEssentials

/// What every client of the queue must do, checked through the client itself: the promises of the SQL API as a consumer with leases of
/// its own and a producer see them. Uses queues of its own, with random names, so it may run beside others.
public struct QueueConformance: Sendable {
    /// One promise and whether the client keeps it.
    public struct Result: Sendable, Codable {
        public let scenario: String
        /// Nil when it is kept.
        public let failure: String?
    }

    struct Broken: Error { let what: String }

    let client: any ConformanceClient

    public init(_ client: any ConformanceClient) {
        self.client = client
    }

    /// Runs every scenario, whatever became of those before.
    /// - Throws: what the client throws.
    public func run() async throws -> [Result] {
        var results: [Result] = []
        for (name, scenario) in Self.scenarios {
            do {
                try await scenario(Bench(client: self.client, queue: "conformance-\(UUID().uuidString.lowercased())"))
                results.append(Result(scenario: name, failure: nil))
            } catch let broken as Broken {
                results.append(Result(scenario: name, failure: broken.what))
            }
        }
        return results
    }

    /// A queue of one scenario, and short words for what is done with it.
    struct Bench: Sendable {
        let client: any ConformanceClient
        let queue: String

        func enqueue(
            _ args: String = "{}", _ change: (inout ConformanceCall) -> Void = { _ in }
        ) async throws -> ConformanceAnswer {
            var call = ConformanceCall(.enqueue)
            (call.queue, call.kind, call.args) = (self.queue, "conformance", args)
            change(&call)
            return try await self.client.answer(call)
        }

        func claim(limit: Int = 10, seconds: Double = 60) async throws -> [ConformanceAnswer.Job] {
            var call = ConformanceCall(.claim)
            (call.queue, call.limit, call.leaseSeconds, call.holder) = (self.queue, limit, seconds, "conformance")
            return try await self.client.answer(call).jobs ?? []
        }

        func claimOne(seconds: Double = 60) async throws -> ConformanceAnswer.Job {
            let jobs = try await self.claim(limit: 1, seconds: seconds)
            guard let job = jobs.first, jobs.count == 1 else {
                throw Broken(what: "a claim of 1 gave \(jobs.count) jobs")
            }
            return job
        }

        func settle(
            _ job: ConformanceAnswer.Job, _ name: ConformanceCall.Name,
            _ change: (inout ConformanceCall) -> Void = { _ in }
        ) async throws -> ConformanceAnswer {
            var call = ConformanceCall.about(job, name)
            (call.code, call.delaySeconds, call.leaseSeconds) = ("conformance", 0, 60)
            change(&call)
            return try await self.client.answer(call)
        }

        func expect(_ isSo: Bool, _ what: String) throws {
            if !isSo { throw Broken(what: what) }
        }

        func cancel(_ alias: String?) async throws -> ConformanceAnswer {
            var call = ConformanceCall(.cancel)
            (call.alias, call.code) = (alias, "conformance")
            return try await self.client.answer(call)
        }
    }
}
