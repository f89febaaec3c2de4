import HTTPTypes
public import Hummingbird
import Logging

/// Turns every error of the handlers below it into a problem document. The only place where errors become statuses.
public struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    /// One instance serves all requests of a router.
    public init() {}

    /// Answers one request, with a problem document when a handler throws.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = HTTPProblem(answering: error)
            Self.log(error, as: problem, route: context.endpointPath ?? "unknown", logger: context.logger)
            return try problem.response(from: request, context: context)
        }
    }

    private static func log(_ error: any Error, as problem: HTTPProblem, route: String, logger: Logger) {
        let metadata: Logger.Metadata = ["http.route": .string(route), "error": .string(SafeDiagnosis.of(error))]
        if problem.type.status.code == 503 {
            logger.warning("Request refused for now", metadata: metadata)
        } else if problem.type.status.kind == .serverError {
            logger.error("Request failed", metadata: metadata)
        } else {
            logger.debug("Request rejected", metadata: metadata)
        }
    }
}
