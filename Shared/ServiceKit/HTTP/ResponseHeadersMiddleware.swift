import HTTPTypes
public import Hummingbird

/// Keeps answers out of every cache and history, and browsers from guessing their type.
public struct ResponseHeadersMiddleware<Context: RequestContext>: RouterMiddleware {
    /// One instance serves all requests of a router.
    public init() {}

    /// Adds the headers to one answer.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }
}
