import FoundationEssentials
public import HTTPTypes
public import Hummingbird
import Logging
import NIOCore

/// The error that a request handler throws to answer with a problem document.
public struct HTTPProblem: HTTPResponseError, Sendable, CustomStringConvertible {
    /// The kind of problem, which sets the status.
    public var type: ProblemType
    /// What is wrong this time and what to do about it. Constant text and names of fields, never values.
    public var detail: String?
    /// The fields at fault.
    public var errors: [FieldError]
    /// When to try again, answered as `Retry-After` in whole seconds.
    public var retryAfter: Duration?
    /// Further headers of the answer.
    public var headers: HTTPFields

    /// A problem to answer with.
    public init(
        _ type: ProblemType, _ detail: String? = nil, errors: [FieldError] = [], retryAfter: Duration? = nil,
        headers: HTTPFields = [:]
    ) {
        self.type = type
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
        self.headers = headers
    }

    /// 422 with every field that is not right.
    public static func validation(_ errors: [FieldError]) -> HTTPProblem {
        HTTPProblem(.validationFailed, "Correct the fields named in errors and send the request again.", errors: errors)
    }

    /// 401 with the challenge that RFC 6750 asks for.
    public static func unauthenticated(_ detail: String) -> HTTPProblem {
        HTTPProblem(.unauthenticated, detail, headers: [.wwwAuthenticate: "Bearer"])
    }

    /// 413 that names the limit.
    public static func bodyTooLarge(limit: Int) -> HTTPProblem {
        HTTPProblem(.bodyTooLarge, "The body may have at most \(limit) bytes.")
    }

    /// 429 that says when to try again.
    public static func rateLimited(retryAfter: Duration) -> HTTPProblem {
        HTTPProblem(.rateLimited, "Wait as long as Retry-After says.", retryAfter: retryAfter)
    }

    /// The status of the type.
    public var status: HTTPResponse.Status { self.type.status }

    /// The type and status only: this is what logs may show.
    public var description: String { "HTTPProblem(\(self.type.status.code) \(self.type.slug))" }

    /// The document for a request with this id.
    public func document(requestID: String) -> ProblemDocument {
        ProblemDocument(
            type: self.type.uriPath, title: self.type.title, status: self.type.status.code, detail: self.detail,
            instance: "urn:dandelion:request:\(requestID)", errors: self.errors.isEmpty ? nil : self.errors)
    }

    /// The answer as `application/problem+json`.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        // Not `context.id`, which traps when the log handler keeps no metadata.
        let requestID = context.logger[metadataKey: "hb.request.id"]?.description ?? "unknown"
        let data = try JSONConventions.encoder.encode(self.document(requestID: requestID))
        var headers = self.headers
        headers[.contentType] = "application/problem+json"
        if let retryAfter = self.retryAfter {
            let (seconds, rest) = retryAfter.components
            headers[.retryAfter] = String(max(1, rest > 0 ? seconds + 1 : seconds))
        }
        return Response(
            status: self.type.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}
