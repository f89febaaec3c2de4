import HTTPTypes
public import Hummingbird
import Metrics
import NIOConcurrencyHelpers

/// Measures every request by method, route pattern and status: `http_server_request_duration_seconds` (whose count is
/// the number of requests) and `http_server_requests_active`.
public struct HTTPMetricsMiddleware<Context: RequestContext>: RouterMiddleware {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private let timers = NIOLockedValueBox<[Key: Metrics.Timer]>([:])
    private let active = Meter(label: "http_server_requests_active")

    /// One instance serves all requests of a router.
    public init() {}

    /// Measures one request.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        self.active.increment()
        defer { self.active.decrement() }
        let response = try await next(request, context)
        let key = Key(
            method: HTTPMethodName.bounded(request.method), route: context.endpointPath ?? "unknown",
            status: response.status.code)
        self.timer(key).recordNanoseconds(Int64((ContinuousClock.now - start) / .nanoseconds(1)))
        return response
    }

    /// Methods, routes and our statuses are each from a fixed set, so the cache is bounded.
    private func timer(_ key: Key) -> Metrics.Timer {
        self.timers.withLockedValue { timers in
            if let timer = timers[key] { return timer }
            let timer = Metrics.Timer(
                label: "http_server_request_duration",
                dimensions: [("method", key.method), ("route", key.route), ("status", String(key.status))])
            timers[key] = timer
            return timer
        }
    }
}
