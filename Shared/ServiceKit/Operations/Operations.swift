import FoundationEssentials
import HTTPTypes
public import Hummingbird
public import Logging
import NIOConcurrencyHelpers
import NIOCore

/// What operators and orchestrators ask every service: is it alive (`/health`), is it ready (`/ready`), how is it doing
/// (`/metrics`).
public final class Operations: Sendable {
    private struct State {
        var lastReport: (report: ReadinessReport, at: ContinuousClock.Instant)?
    }

    static let paths: Set<String> = ["/health", "/ready", "/metrics"]

    /// The registry that `/metrics` shows.
    public let metrics: MetricsRegistry
    private let checks: [ReadinessCheck]
    private let patience: Duration
    private let reuse: Duration
    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    /// - Parameters:
    ///   - checks: what must pass for `/ready` to answer 200.
    ///   - patience: how long one check may take before it counts as failed.
    ///   - reuse: for how long a result is given again, so that callers of `/ready` cannot load the database.
    public init(
        metrics: MetricsRegistry, checks: [ReadinessCheck], patience: Duration = .seconds(3),
        reuse: Duration = .seconds(1), logger: Logger
    ) {
        self.metrics = metrics
        self.checks = checks
        self.patience = patience
        self.reuse = reuse
        self.logger = logger
    }

    /// Adds the three routes.
    public func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        router.get("/health") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: #"{"alive":true}"#)))
        }
        router.get("/ready") { _, _ in
            let report = await self.readiness()
            let data = try JSONConventions.encoder.encode(report)
            return Response(
                status: report.ready ? .ok : .serviceUnavailable, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
        }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: self.metrics.exposition())))
        }
    }

    /// Runs every check, or gives the result of a moment ago again.
    public func readiness() async -> ReadinessReport {
        let now = ContinuousClock.now
        let last = self.state.withLockedValue { $0.lastReport }
        if let last, now - last.at < self.reuse { return last.report }
        let report = ReadinessReport(await self.runChecks())
        self.state.withLockedValue { $0.lastReport = (report, ContinuousClock.now) }
        return report
    }

    private func runChecks() async -> [ReadinessReport.Check] {
        await withTaskGroup(of: (Int, Bool).self) { group in
            for (index, check) in self.checks.enumerated() {
                group.addTask { (index, await self.passes(check)) }
            }
            var passed = Array(repeating: false, count: self.checks.count)
            for await (index, ready) in group { passed[index] = ready }
            return zip(self.checks, passed).map { ReadinessReport.Check(name: $0.name, ready: $1) }
        }
    }

    private func passes(_ check: ReadinessCheck) async -> Bool {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await check.check() }
                group.addTask {
                    try await Task.sleep(for: self.patience)
                    throw ReadinessTimeout()
                }
                try await group.next()
            }
            return true
        } catch {
            self.logger.warning(
                "Readiness check failed",
                metadata: ["check": .string(check.name), "error": .string(SafeDiagnosis.of(error))])
            return false
        }
    }
}

/// A readiness check took longer than it may.
struct ReadinessTimeout: Error {}
