import FoundationEssentials
import JobTestKit
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Invariant 1, on the whole network: the link between intake and PostgreSQL breaks exactly at COMMIT, by turns before the
/// server sees it and after it has committed. Every request is answered in the end, exists once, and is the same case
/// when it is repeated.
@Suite struct CutAtCommitTests {
    private struct Accepted: Sendable {
        let number: String
        /// The answer to the letter.
        let answer: String
    }

    @Test(.timeLimit(.minutes(4))) func whatIsAnsweredExistsOnceWhateverBecomesOfItsCommit() async throws {
        try await withTestCluster { cluster in
            try await FaultProxy.with(.harm(at: "COMMIT", every: 3), dsn: cluster.dsn) { proxy in
                let network = try await RunningNetwork.start(on: cluster, intakeDetour: proxy.detour)
                let body = try Self.body("05-legal-aid-sonid")
                let accepted = NIOLockedValueBox<[String: Accepted]>([:])
                do {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for desk in 0..<3 {
                            group.addTask {
                                for count in 0..<20 {
                                    let key = "desk-\(desk)-\(count)"
                                    let first = try await Self.post(body, key: key, to: network)
                                    accepted.withLockedValue { $0[key] = first }
                                    // At once again, as a desk does that has not seen the answer.
                                    let again = try await Self.post(body, key: key, to: network)
                                    #expect(again.answer == first.answer, "\(key)")
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                } catch {
                    let sessions: String = try await network.query(Self.sessions)
                    Issue.record("\(proxy.harm)\n\(sessions)\n\(network.output(of: "intake").suffix(6000))")
                    throw error
                }
                let harm = proxy.harm
                #expect(harm.cut >= 5 && harm.answersLost >= 5, "the link was hardly harmed: \(harm)")
                let numbers = accepted.withLockedValue { $0.mapValues(\.number) }
                #expect(numbers.count == 60)
                #expect(Set(numbers.values).count == numbers.count, "two requests were given one case")
                // Long after, with the link as it is.
                for (key, number) in numbers.shuffled().prefix(15) {
                    #expect(try await Self.post(body, key: key, to: network).number == number)
                }
                #expect(try await network.query(Self.cases) == numbers.count, "no case that nobody was told of")
                #expect(try await network.query(Self.keys) == numbers.count)
                #expect(try await network.query(Self.openedTwice) == 0, "a case is opened once")
                #expect(try await network.query(Self.firstJobs) == numbers.count, "each has its first job, once")
                try await eventually("every case is routed", timeout: .seconds(60), every: .milliseconds(200)) {
                    try await network.query(Self.unrouted) == 0
                }
                let exits = try await network.stop()
                #expect(exits["intake"] == .status(0))
            }
        }
    }

    private static func body(_ name: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        return [UInt8](
            try #require(FileManager.default.contents(atPath: "\(root)/deploy/demo/cases/\(name).json")))
    }

    /// Sends until it is accepted. Everything but 201 must say that it is worth repeating.
    private static func post(_ body: [UInt8], key: String, to network: RunningNetwork) async throws -> Accepted {
        try await eventuallySome("the request is accepted", timeout: .seconds(60), every: .milliseconds(50)) {
            let answer = await HTTPCaller.post(
                body, to: "http://127.0.0.1:\(network.intakePort)/v1/requests", key: network.clientKey,
                idempotencyKey: key)
            guard let answer, answer.status == 201 else {
                #expect(answer == nil || answer?.status == 503, "\(answer?.status ?? 0): \(answer?.body ?? "")")
                return nil
            }
            let number = try JSONDecoder().decode(Number.self, from: Data(answer.body.utf8)).number
            return Accepted(number: number, answer: answer.body)
        }
    }

    private struct Number: Decodable {
        let number: String
    }

    private static let sessions = Statement(
        name: "test_cut_sessions",
        """
        SELECT coalesce(string_agg(concat_ws(' ', pid, usename, application_name, state, wait_event_type, wait_event,
            clock_timestamp() - state_change, pg_blocking_pids(pid)::text, left(query, 120)), E'\\n'), '')
        FROM pg_stat_activity WHERE backend_type = 'client backend'
        """)
    private static let cases = Statement(name: "test_cut_cases", "SELECT count(*)::int8 FROM casework.cases")
    private static let keys = Statement(name: "test_cut_keys", "SELECT count(*)::int8 FROM casework.idempotency")
    private static let openedTwice = Statement(
        name: "test_cut_opened_twice",
        """
        SELECT count(*)::int8 FROM (
            SELECT 1 FROM casework.event WHERE kind = 'case_opened' GROUP BY case_id HAVING count(*) > 1) AS e
        """)
    private static let firstJobs = Statement(
        name: "test_cut_first_jobs", "SELECT count(*)::int8 FROM queue.job_overview WHERE kind = 'case_opened'")
    private static let unrouted = Statement(
        name: "test_cut_unrouted",
        """
        SELECT count(*)::int8 FROM casework.cases AS c
        WHERE NOT EXISTS (SELECT 1 FROM casework.referral AS r WHERE r.case_id = c.id)
        """)
}
