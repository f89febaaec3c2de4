import HTTPTypes
public import Hummingbird
import Logging

/// Logs each request once it is answered: method, route pattern, status and duration. Never the path itself, the query,
/// a header or an address, since each of them can name a person or a case.
public struct AccessLogMiddleware<Context: RequestContext>: RouterMiddleware {
    /// One instance serves all requests of a router.
    public init() {}

    /// Logs one request.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let route = context.endpointPath ?? "unknown"
        // Probes come every few seconds and say nothing.
        let level: Logger.Level = Operations.paths.contains(route) && response.status.code < 400 ? .debug : .info
        context.logger.log(
            level: level, "Request answered",
            metadata: [
                "http.method": .string(HTTPMethodName.bounded(request.method)),
                "http.route": .string(route),
                "http.status": .stringConvertible(response.status.code),
                "http.duration_ms": .stringConvertible((ContinuousClock.now - start) / .milliseconds(1)),
            ])
        return response
    }
}

/// Method names for logs and labels, from a fixed set.
enum HTTPMethodName {
    private static let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    static func bounded(_ method: HTTPRequest.Method) -> String {
        Self.known.contains(method) ? method.rawValue : "other"
    }
}
