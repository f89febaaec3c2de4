import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import Metrics
import NIOConcurrencyHelpers
import Testing

@testable import ServiceKit

@Suite struct OperationsTests {
    struct Down: Error {}

    private let recorder = LogRecorder()

    private func operations(
        _ checks: [ReadinessCheck], metrics: MetricsRegistry = MetricsRegistry(), reuse: Duration = .zero
    ) -> Operations {
        Operations(
            metrics: metrics, checks: checks, patience: .milliseconds(50), reuse: reuse, logger: self.recorder.logger())
    }

    private func get(_ path: String, _ operations: Operations) async throws -> TestResponse {
        let router = Router(context: BasicEdgeContext.self, options: .autoGenerateHeadEndpoints).addEdgeMiddleware()
        let door = HTTPDoor(
            router, address: HTTPAddress(host: "127.0.0.1", port: 0), operations: operations,
            logger: self.recorder.logger())
        return try await door.application.test(.router) { try await $0.execute(uri: path, method: .get) }
    }

    @Test func aliveEvenWhenNothingIsReady() async throws {
        let response = try await self.get("/health", self.operations([ReadinessCheck("database") { throw Down() }]))
        #expect(response.status == .ok)
    }

    @Test func notReadyNamesTheCheckThatFailed() async throws {
        let operations = self.operations([ReadinessCheck("database") {}, ReadinessCheck("schema") { throw Down() }])
        let response = try await self.get("/ready", operations)
        #expect(response.status == .serviceUnavailable)
        #expect(
            String(buffer: response.body)
                == #"{"checks":[{"name":"database","ready":true},{"name":"schema","ready":false}],"ready":false}"#)
        #expect(self.recorder.entries.contains { $0.metadata["check"] == "schema" })
    }

    @Test func readyAgainWhenTheCheckPassesAgain() async throws {
        let down = NIOLockedValueBox(true)
        let operations = self.operations([
            ReadinessCheck("database") { if down.withLockedValue({ $0 }) { throw Down() } }
        ])
        #expect(try await self.get("/ready", operations).status == .serviceUnavailable)
        down.withLockedValue { $0 = false }
        #expect(try await self.get("/ready", operations).status == .ok)
    }

    @Test func aCheckThatHangsCountsAsFailed() async throws {
        let operations = self.operations([ReadinessCheck("database") { try await Task.sleep(for: .seconds(600)) }])
        #expect(await operations.readiness().ready == false)
    }

    @Test func manyQuestionsInAMomentAreOneCheck() async throws {
        let runs = NIOLockedValueBox(0)
        let operations = self.operations(
            [ReadinessCheck("database") { runs.withLockedValue { $0 += 1 } }], reuse: .seconds(600))
        for _ in 0..<10 { #expect(await operations.readiness().ready) }
        #expect(runs.withLockedValue { $0 } == 1)
    }

    @Test func metricsAreTextForPrometheus() async throws {
        let metrics = MetricsRegistry()
        let response = try await withMetricsFactory(metrics) {
            Counter(label: "cases_opened").increment()
            return try await self.get("/metrics", self.operations([], metrics: metrics))
        }
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(String(buffer: response.body).contains("cases_opened_total 1\n"))
    }

    @Test func requestsAreMeasuredByRouteAndNotByPath() async throws {
        let metrics = MetricsRegistry()
        let operations = self.operations([], metrics: metrics)
        _ = try await withMetricsFactory(metrics) { try await self.get("/secret/path", operations) }
        let text = metrics.exposition()
        #expect(
            text.contains(
                "http_server_request_duration_seconds_count{method=\"GET\",route=\"NotFound\",status=\"404\"} 1\n"))
        #expect(!text.contains("secret"))
    }
}
