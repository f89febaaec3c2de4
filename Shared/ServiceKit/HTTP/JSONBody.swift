import FoundationEssentials
import HTTPTypes
public import Hummingbird
import NIOCore

/// Decodes JSON bodies by our conventions; whatever is wrong with a body becomes an ``HTTPProblem``.
public struct JSONBodyDecoder: RequestDecoder, Sendable {
    /// Has no state.
    public init() {}

    /// The decoded body.
    /// - Throws: `HTTPProblem`: 415 without a JSON content type, 413 over `context.maxUploadSize`, 400 otherwise.
    public func decode<T: Decodable>(
        _ type: T.Type, from request: Request, context: some RequestContext
    ) async throws -> T {
        let bytes = try await self.bytes(of: request, limit: context.maxUploadSize)
        do {
            return try JSONConventions.decoder.decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw HTTPProblem(rejecting: error, body: bytes)
        }
    }

    /// The body as it was sent, after the same checks: for callers that also need to hash or compare it.
    public func bytes(of request: Request, limit: Int) async throws -> [UInt8] {
        try Self.requireJSON(request)
        if let declared = request.headers[.contentLength].flatMap({ Int($0) }), declared > limit {
            throw HTTPProblem.bodyTooLarge(limit: limit)
        }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw HTTPProblem.bodyTooLarge(limit: limit)
        }
        guard buffer.readableBytes > 0 else {
            throw HTTPProblem(.malformedJSON, "The body is empty; send a JSON document.")
        }
        return Array(buffer.readableBytesView)
    }

    private static func requireJSON(_ request: Request) throws(HTTPProblem) {
        let hint = "Send the header Content-Type: application/json."
        guard let header = request.headers[.contentType], let media = MediaType(from: header) else {
            throw HTTPProblem(.unsupportedMediaType, hint)
        }
        let subType = media.subType.lowercased()
        guard media.type == .application, subType == "json" || subType.hasSuffix("+json") else {
            throw HTTPProblem(.unsupportedMediaType, hint)
        }
        if let parameter = media.parameter, parameter.name.lowercased() == "charset",
            parameter.value.lowercased() != "utf-8"
        {
            throw HTTPProblem(.unsupportedMediaType, "Send the body in UTF-8.")
        }
    }
}

/// Encodes answers by our conventions.
public struct JSONBodyEncoder: ResponseEncoder, Sendable {
    /// Has no state.
    public init() {}

    /// A 200 with the value as its body.
    public func encode(
        _ value: some Encodable, from request: Request, context: some RequestContext
    ) throws -> Response {
        let data = try JSONConventions.encoder.encode(value)
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}
