import HTTPTypes
public import Hummingbird
import JobTypes
import Logging

/// Continues the caller's trace: from the `traceparent` header of W3C Trace Context, with a span of its own, around all that
/// the request does. Jobs that it enqueues carry the trace on, and its log lines name it (`trace.id`, `span.id`).
///
/// A header that is not well-formed is no trace, as the specification has it; nothing is invented in its place, since every
/// request has an id of its own. `tracestate` is free text of others and is not passed on.
public struct TraceMiddleware<Context: RequestContext>: RouterMiddleware {
    /// One instance serves all requests of a router.
    public init() {}

    /// Runs one request in its trace.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.traceparent], let caller = TraceContext(traceparent: header) else {
            return try await next(request, context)
        }
        let trace = caller.child()
        var context = context
        context.logger[metadataKey: "trace.id"] = .string(trace.traceID)
        context.logger[metadataKey: "span.id"] = .string(trace.spanID)
        let inTrace = context
        return try await TraceContext.$current.withValue(trace) { try await next(request, inTrace) }
    }
}

extension HTTPField.Name {
    /// `traceparent`, of W3C Trace Context.
    static let traceparent: HTTPField.Name = {
        guard let name = HTTPField.Name("traceparent") else { preconditionFailure("traceparent is a header name") }
        return name
    }()
}
