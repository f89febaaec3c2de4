import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One request over one connection, to an address that was judged and no other: there is no look-up behind it, no proxy, no redirect
/// and no connection of an earlier judgement.
///
/// A connection each, and nothing kept: what costs is the trust in the certificate authorities, which is read once for all.
struct WebhookConnection: Sendable {
    struct Request: Sendable {
        /// As the URL has it: what the certificate must be for.
        var host: String
        var port: Int
        var isSecure: Bool
        /// Path and query.
        var target: String
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    enum Failure: Error {
        /// Connecting took too long.
        case connectTimeout
        /// It ended before an answer.
        case closed
    }

    private let tls: Result<NIOSSLContext, any Error>
    /// Of the answer, which is thrown away.
    private let maximumAnswer: Int

    init(maximumAnswer: Int) {
        self.maximumAnswer = maximumAnswer
        self.tls = Self.sharedTLS
    }

    private static let sharedTLS = Result<NIOSSLContext, any Error> {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    /// The status of the answer, once it has been read to its end or to as much as is read. Ends at once when the task is cancelled.
    func send(_ request: Request, to address: String) async throws -> HTTPResponseStatus {
        let tls = request.isSecure ? try self.tls.get() : nil
        // A name goes to the server, to choose its certificate; an address must not.
        let name = NetworkAddress(request.host) == nil ? request.host : nil
        let remote = try SocketAddress(ipAddress: address, port: request.port)
        let channel = NIOLockedValueBox<(any Channel)?>(nil)
        return try await withTaskCancellationHandler {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let promise = loop.makePromise(of: HTTPResponseStatus.self)
            let bootstrap = ClientBootstrap(group: loop)
                .connectTimeout(.seconds(5))
                .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
                .channelInitializer { made in
                    channel.withLockedValue { $0 = made }
                    return made.eventLoop.makeCompletedFuture {
                        let pipeline = made.pipeline.syncOperations
                        if let tls {
                            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                        }
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(
                            WebhookExchange(request, maximumAnswer: self.maximumAnswer, promise: promise))
                    }
                }
            bootstrap.connect(to: remote).whenFailure { promise.fail($0) }
            if Task.isCancelled { channel.withLockedValue { $0 }?.close(promise: nil) }
            do {
                return try await promise.futureResult.get()
            } catch let error as ChannelError {
                if case .connectTimeout = error { throw Failure.connectTimeout }
                throw error
            }
        } onCancel: {
            channel.withLockedValue { $0 }?.close(promise: nil)
        }
    }
}

/// Writes the request as soon as there is a connection, and closes it when it knows the status.
private final class WebhookExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: WebhookConnection.Request
    private let promise: EventLoopPromise<HTTPResponseStatus>
    private var status: HTTPResponseStatus?
    private var rest: Int

    init(_ request: WebhookConnection.Request, maximumAnswer: Int, promise: EventLoopPromise<HTTPResponseStatus>) {
        self.request = request
        self.promise = promise
        self.rest = maximumAnswer
    }

    func channelActive(context: ChannelHandlerContext) {
        var headers = self.request.headers
        headers.replaceOrAdd(name: "host", value: self.hostAndPort)
        headers.replaceOrAdd(name: "content-length", value: String(self.request.body.count))
        headers.replaceOrAdd(name: "connection", value: "close")
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: self.request.target, headers: headers)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(
            self.wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: self.request.body)))),
            promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.status = head.status
        case .body(let part):
            self.rest -= part.readableBytes
            if self.rest <= 0 { self.finish(context) }
        case .end: self.finish(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Nothing, when it was answered.
        self.promise.fail(WebhookConnection.Failure.closed)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A connection that was never made tells nobody else.
        self.promise.fail(WebhookConnection.Failure.closed)
    }

    private func finish(_ context: ChannelHandlerContext) {
        if let status = self.status { self.promise.succeed(status) }
        context.close(promise: nil)
    }

    private var hostAndPort: String {
        let host = self.request.host.contains(":") ? "[\(self.request.host)]" : self.request.host
        return self.request.port == (self.request.isSecure ? 443 : 80) ? host : "\(host):\(self.request.port)"
    }
}
