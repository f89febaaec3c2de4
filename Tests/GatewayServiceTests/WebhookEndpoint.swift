import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOConcurrencyHelpers
import NIOCore
import TestSupport

@testable import GatewayService

/// An agency's endpoint: answers with the status that the path names, `/status/204`, or not at all, `/hang/…`.
struct WebhookEndpoint: Sendable {
    struct Received: Sendable {
        let path: String
        let headers: HTTPFields
        let body: String
    }

    let url: String
    let received: TestSignal<Received>
    /// All that has come so far, for those who do not take turns.
    let all: NIOLockedValueBox<[Received]>
}

/// Runs the body with an endpoint on a real socket.
func withWebhookEndpoint<Value: Sendable>(
    _ body: @escaping @Sendable (WebhookEndpoint) async throws -> Value
) async throws -> Value {
    let received = TestSignal<WebhookEndpoint.Received>("a webhook arrives")
    let all = NIOLockedValueBox<[WebhookEndpoint.Received]>([])
    let over = TestSignal<Void>("the test is over")
    let router = Router()
    router.post("/status/{code}") { request, context in
        let code = context.parameters.get("code", as: Int.self) ?? 500
        let text = String(buffer: try await request.body.collect(upTo: 1 << 16))
        let event = WebhookEndpoint.Received(path: request.uri.path, headers: request.headers, body: text)
        all.withLockedValue { $0.append(event) }
        received.send(event)
        var headers: HTTPFields = [:]
        if code == 302 { headers[.location] = "/status/200" }
        return Response(
            status: .init(code: code), headers: headers,
            // More than is read, where a body is allowed at all.
            body: code == 204 ? .init() : ResponseBody(byteBuffer: ByteBuffer(repeating: 0x78, count: 300_000)))
    }
    router.post("/hang/{who}") { request, _ -> Response in
        received.send(.init(path: request.uri.path, headers: request.headers, body: ""))
        try await over.wait(timeout: .seconds(120))
        return Response(status: .ok)
    }
    let app = Application(router: router, logger: GatewayHarness.logger)
    return try await app.test(.live) { client in
        guard let port = client.port else { throw CancellationError() }
        // Before the server stops: it waits for the answers that are under way.
        defer { for _ in 0..<100 { over.send() } }
        return try await body(WebhookEndpoint(url: "http://localhost:\(port)", received: received, all: all))
    }
}
