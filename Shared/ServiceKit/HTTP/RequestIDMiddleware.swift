import HTTPTypes
public import Hummingbird
import Logging

extension HTTPField.Name {
    /// `X-Request-Id`, in every answer.
    static let requestID: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Request-Id") else { preconditionFailure("X-Request-Id is a header name") }
        return name
    }()
}

/// Gives each request a random id, which is in its log lines, in its problem document and in the answer's `X-Request-Id`.
///
/// Hummingbird's own ids count up, which would tell a caller how many requests others have made. An id that the
/// caller sends is not taken over, since it would be free text in our log.
public struct RequestIDMiddleware<Context: RequestContext>: RouterMiddleware {
    /// One instance serves all requests of a router.
    public init() {}

    /// Gives one request its id.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let id = Self.random()
        var context = context
        context.logger[metadataKey: "hb.request.id"] = .string(id)  // The key under which `context.id` looks.
        var response = try await next(request, context)
        response.headers[.requestID] = id
        return response
    }

    private static func random() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
