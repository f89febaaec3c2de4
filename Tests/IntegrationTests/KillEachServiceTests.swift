import FoundationEssentials
import JobTypes
import NIOConcurrencyHelpers
import PostgresClient
import TestSupport
import Testing

/// Invariants 1, 2, 3 and 9, on the whole network: any process may be killed at any instant and the database may crash;
/// every request that was answered 201 reaches its agencies, once.
@Suite struct KillEachServiceTests {
    @Test(.timeLimit(.minutes(8))) func everyAcceptedRequestReachesItsAgencies() async throws {
        try await withTestCluster { cluster in
            let network = try await RunningNetwork.start(on: cluster)
            let stopPosting = NIOLockedValueBox(false)
            let accepted = NIOLockedValueBox<[String: String]>([:])
            let bodies = try ["01-burn-injury", "05-legal-aid-sonid", "07-rejected-dongsheng"].map(Self.body)

            try await withThrowingTaskGroup(of: Void.self) { group in
                for desk in 0..<3 {
                    group.addTask {
                        var count = 0
                        while !stopPosting.withLockedValue({ $0 }) {
                            let key = "desk-\(desk)-\(count)"
                            let number = try await Self.post(
                                bodies[count % bodies.count], key: key, to: network)
                            accepted.withLockedValue { $0[key] = number }
                            count += 1
                        }
                    }
                }
                // Each in turn while cases flow: some were accepted since the last one died.
                for name in ["routing", "gateway", "agency-worker", "notification", "ledger-signer", "intake"] {
                    try await Self.waitForCases(5, more: accepted)
                    try await network.killAndRestart(name)
                }
                try await Self.waitForCases(5, more: accepted)
                try await cluster.crash()
                try await cluster.start()
                try await Self.waitForCases(5, more: accepted)
                stopPosting.withLockedValue { $0 = true }
                try await group.waitForAll()
            }

            let numbers = accepted.withLockedValue { $0 }
            #expect(Set(numbers.values).count == numbers.count, "two requests were given one case")
            #expect(try await network.query(Self.cases) == numbers.count, "one case for each accepted request, no more")
            try await eventually("every referral is answered", timeout: .seconds(150), every: .milliseconds(500)) {
                let open: Int = try await network.query(Self.unanswered)
                let unrouted: Int = try await network.query(Self.unrouted)
                return open == 0 && unrouted == 0
            }
            #expect(try await network.query(Self.acceptedTwice) == 0, "a hand-over is accepted once")
            #expect(try await network.query(Self.completedTwice) == 0, "an outcome is committed once")
            #expect(try await network.query(Self.replacedTwice) == 0, "a referral is replaced once")
            #expect(try await network.query(Self.withoutClock) == 0, "an open case has a running clock")
            #expect(try await network.query(Self.deadLetters) == 0, "no job was given up")
            try await eventually("the ledger is signed to its end", timeout: .seconds(30)) {
                try await network.query(Self.notSigned) == 0
            }
            try await network.verifyLedger()
            let exits = try await network.stop()
            for name in ["intake", "routing", "gateway", "notification", "ledger-signer"] {
                #expect(exits[name] == .status(0), "\(name) drains on SIGTERM")
            }
        }
    }

    // MARK: - Sending

    static func body(_ name: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        return [UInt8](
            try #require(FileManager.default.contents(atPath: "\(root)/deploy/demo/cases/\(name).json")))
    }

    /// Sends until it is accepted, as a desk does whose line breaks.
    static func post(
        _ body: [UInt8], key: String, trace: TraceContext? = nil, to network: RunningNetwork
    ) async throws -> String {
        try await eventuallySome("the request is accepted", timeout: .seconds(90), every: .milliseconds(50)) {
            let answer = await HTTPCaller.post(
                body, to: "http://127.0.0.1:\(network.intakePort)/v1/requests", key: network.clientKey,
                idempotencyKey: key, trace: trace)
            guard let answer, answer.status == 201 else {
                if let answer, [400, 401, 403, 409, 422].contains(answer.status) {
                    throw Refused(description: "\(answer.status): \(answer.body)")
                }
                return nil
            }
            let object = try JSONDecoder().decode(Answer.self, from: Data(answer.body.utf8))
            return object.number
        }
    }

    private struct Answer: Decodable {
        let number: String
    }

    private struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    private static func waitForCases(_ more: Int, more accepted: NIOLockedValueBox<[String: String]>) async throws {
        let before = accepted.withLockedValue { $0.count }
        try await eventually("\(more) more cases are accepted", timeout: .seconds(90)) {
            accepted.withLockedValue { $0.count } >= before + more
        }
    }

    // MARK: - Looking

    private static let cases = Statement(name: "test_cases", "SELECT count(*)::int8 FROM casework.cases")
    private static let notSigned = Statement(
        name: "test_not_signed",
        """
        SELECT (SELECT count(*) FROM casework.event AS e WHERE casework.is_ledger_entry(e.kind) AND NOT EXISTS (
                SELECT 1 FROM ledger.entry AS n WHERE n.source = 'event' AND n.source_id = e.id))
            + (SELECT size - coalesce((SELECT max(c.size) FROM ledger.checkpoint AS c), 0) FROM ledger.progress)
        """)
    private static let unrouted = Statement(
        name: "test_unrouted",
        """
        SELECT count(*)::int8 FROM casework.cases AS c
        WHERE NOT EXISTS (SELECT 1 FROM casework.referral AS r WHERE r.case_id = c.id)
        """)
    private static let unanswered = Statement(
        name: "test_unanswered",
        "SELECT count(*)::int8 FROM casework.referral WHERE status IN ('requested', 'received')")
    private static let acceptedTwice = Statement(
        name: "test_accepted_twice",
        """
        SELECT count(*)::int8 FROM (
            SELECT 1 FROM casework.event WHERE kind = 'referral_accepted' GROUP BY referral_id HAVING count(*) > 1) AS e
        """)
    private static let completedTwice = Statement(
        name: "test_completed_twice",
        """
        SELECT count(*)::int8 FROM (
            SELECT 1 FROM casework.event WHERE kind = 'referral_completed' GROUP BY referral_id HAVING count(*) > 1) AS e
        """)
    private static let replacedTwice = Statement(
        name: "test_replaced_twice",
        """
        SELECT count(*)::int8 FROM (
            SELECT 1 FROM casework.referral WHERE predecessor_id IS NOT NULL
            GROUP BY predecessor_id HAVING count(*) > 1) AS r
        """)
    private static let withoutClock = Statement(
        name: "test_without_clock",
        """
        SELECT count(*)::int8 FROM casework.cases AS c WHERE c.status = 'open'
            AND NOT EXISTS (SELECT 1 FROM casework.clock AS k WHERE k.case_id = c.id AND k.state = 'running')
        """)
    private static let deadLetters = Statement(
        name: "test_dead_letters", "SELECT count(*)::int8 FROM queue.job_history WHERE state = 'discarded'")
}
