import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request is not whole in time: one that sends a byte a minute is never silent, and would be read for ever.
///
/// The head is bounded by the server's idle time, since what is no head yet counts as silence; this bounds what follows it. Nothing is
/// set up for a request that comes in one piece.
final class RequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let time: TimeAmount
    private var isReading = false
    private var deadline: Scheduled<Void>?

    init(_ time: TimeAmount) {
        self.time = time
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head: self.isReading = true
        case .body: break
        case .end:
            self.isReading = false
            self.cancel()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.isReading, self.deadline == nil {
            let channel = context.channel
            self.deadline = context.eventLoop.scheduleTask(in: self.time) { channel.close(promise: nil) }
        }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.cancel()
    }

    private func cancel() {
        self.deadline?.cancel()
        self.deadline = nil
    }
}
