import FoundationEssentials
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Invariants 1 and 9: intake is killed while many requests are opened together. What was answered 201 is there, and what was not
/// is opened once when it is sent again.
@Suite struct KilledInABurstTests {
    private static let desks = 40
    private static let each = 5

    @Test(.timeLimit(.minutes(5))) func nothingThatWasAnsweredIsLost() async throws {
        try await withTestCluster { cluster in
            let network = try await RunningNetwork.start(on: cluster)
            let body = try KillEachServiceTests.body("05-legal-aid-sonid")
            let accepted = NIOLockedValueBox<[String: String]>([:])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for desk in 0..<Self.desks {
                    group.addTask {
                        for count in 0..<Self.each {
                            let key = "desk-\(desk)-\(count)"
                            let number = try await KillEachServiceTests.post(body, key: key, to: network)
                            accepted.withLockedValue { $0[key] = number }
                        }
                    }
                }
                for share in [10, Self.desks * Self.each / 2] {
                    try await eventually("\(share) are accepted", every: .milliseconds(2)) {
                        accepted.withLockedValue { $0.count } >= share
                    }
                    try await network.killAndRestart("intake")
                }
                try await group.waitForAll()
            }
            let numbers = accepted.withLockedValue { $0 }
            #expect(numbers.count == Self.desks * Self.each)
            #expect(Set(numbers.values).count == numbers.count, "two requests were given one case")
            #expect(try await network.query(Self.cases) == numbers.count, "one case for each request, no more")
            #expect(try await network.query(Self.keys) == numbers.count)
            #expect(try await network.query(Self.firstJobs) == numbers.count, "each has its first job, once")
            #expect(try await network.query(Self.transactions) < numbers.count, "many went together")
            for (key, number) in numbers.shuffled().prefix(20) {
                #expect(try await KillEachServiceTests.post(body, key: key, to: network) == number)
            }
            let exits = try await network.stop()
            #expect(exits["intake"] == .status(0))
        }
    }

    private static let cases = Statement(name: "test_burst_cases", "SELECT count(*)::int8 FROM casework.cases")
    private static let keys = Statement(name: "test_burst_keys", "SELECT count(*)::int8 FROM casework.idempotency")
    private static let firstJobs = Statement(
        name: "test_burst_first_jobs", "SELECT count(*)::int8 FROM queue.job_overview WHERE kind = 'case_opened'")
    private static let transactions = Statement(
        name: "test_burst_transactions",
        "SELECT count(DISTINCT transaction)::int8 FROM casework.event WHERE kind = 'case_opened'")
}
