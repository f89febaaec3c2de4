import AsyncHTTPClient
import FoundationEssentials
import JobTypes
import NIOCore
import NIOHTTP1

/// Plain requests, as curl would send them.
enum HTTPCaller {
    /// The status, or nil when nobody answers.
    static func status(_ url: String) async -> Int? {
        var request = HTTPClientRequest(url: url)
        request.method = .GET
        // Nobody there is an answer too.
        return try? await Int(HTTPClient.shared.execute(request, timeout: .seconds(5)).status.code)
    }

    /// Posts a request for help. Nil when no certain answer came: then the same is sent again under the same key.
    static func post(
        _ body: [UInt8], to url: String, key: String, idempotencyKey: String, trace: TraceContext? = nil
    ) async -> (status: Int, body: String)? {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(key)")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Idempotency-Key", value: idempotencyKey)
        if let trace { request.headers.add(name: "traceparent", value: trace.traceparent) }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            return (Int(response.status.code), text)
        } catch {
            return nil
        }
    }
}
