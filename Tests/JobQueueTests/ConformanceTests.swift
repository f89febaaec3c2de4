import FoundationEssentials
import JobConformance
import JobQueue
import PostgresClient
import TestSupport
import Testing

private enum Python {
    static let program = "/usr/bin/python3"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: Self.program) }
}

/// The suite that any client can run: ours and one in Python pass it, and one that breaks a promise does not.
struct ConformanceTests {
    @Test func theSwiftClientKeepsEveryPromise() async throws {
        try await withQueue { queue in
            let results = try await QueueConformance(StoreClient(store: queue.store, pool: queue.pool)).run()
            #expect(results.count > 10)
            for result in results { #expect(result.failure == nil, "\(result.scenario)") }
        }
    }

    @Test(.enabled(if: Python.isInstalled))
    func aClientOfFunctionsAloneKeepsEveryPromise() async throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        try await withTestDatabase { database in
            let client = try ClientProcess([Python.program, "\(root)/deploy/conformance/client.py", database.dsn])
            for result in try await QueueConformance(client).run() {
                #expect(result.failure == nil, "\(result.scenario)")
            }
        }
    }

    /// What a client may get wrong.
    enum Fault: CaseIterable {
        case hidesRefusals, allIsNew, claimsOneLess, forgetsArguments, ignoresPriority, commitsWhatIsUndone,
            callsRetryable
    }

    private struct Faulty: ConformanceClient {
        let fault: Fault
        let client: StoreClient

        func answer(_ call: ConformanceCall) async throws -> ConformanceAnswer {
            var call = call
            switch self.fault {
            case .ignoresPriority: call.priority = nil
            case .forgetsArguments where call.call == .enqueue: call.args = "{}"
            case .commitsWhatIsUndone where call.call == .enqueueUndone: call.call = .enqueue
            case .hidesRefusals, .allIsNew, .claimsOneLess, .callsRetryable, .forgetsArguments, .commitsWhatIsUndone:
                break
            }
            var answer = try await self.client.answer(call)
            switch self.fault {
            case .hidesRefusals: answer.refused = nil
            case .allIsNew: answer.isNew = answer.isNew == nil ? nil : true
            case .claimsOneLess: answer.jobs = answer.jobs.map { Array($0.dropLast()) }
            case .callsRetryable: answer.state = answer.state == nil ? nil : "retryable"
            case .forgetsArguments, .ignoresPriority, .commitsWhatIsUndone: break
            }
            return answer
        }
    }

    @Test(arguments: Fault.allCases) func aBrokenPromiseIsSeen(fault: Fault) async throws {
        try await withQueue { queue in
            let client = Faulty(fault: fault, client: StoreClient(store: queue.store, pool: queue.pool))
            let results = try await QueueConformance(client).run()
            #expect(results.contains { $0.failure != nil })
        }
    }
}
