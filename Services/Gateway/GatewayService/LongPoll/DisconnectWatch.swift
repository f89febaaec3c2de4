import Glibc
import NIOCore

/// Tells when the client of a waiting request has gone: its connection closed, or its side of it did.
final class DisconnectWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    private let onDisconnect: @Sendable () -> Void

    private init(_ onDisconnect: @escaping @Sendable () -> Void) {
        self.onDisconnect = onDisconnect
    }

    /// Runs the body and calls `onDisconnect`, perhaps more than once, when the client goes away in the meantime.
    static func run<Result>(
        on channel: any Channel, onDisconnect: @escaping @Sendable () -> Void, _ body: () async throws -> Result
    ) async throws -> Result {
        let watch = DisconnectWatch(onDisconnect)
        do {
            try await channel.pipeline.addHandler(watch, position: .first).get()
        } catch {
            onDisconnect()  // A pipeline that takes no handler any more is a closed channel's.
        }
        // What came before the handler sent no event to it.
        if await Self.hasLeft(channel) { onDisconnect() }
        // Nobody waits for it; a pipeline that is gone has dropped it already.
        defer { channel.pipeline.removeHandler(watch, promise: nil) }
        return try await body()
    }

    /// Whether the other side has closed already; asks the kernel, because a channel whose input alone is closed is active.
    private static func hasLeft(_ channel: any Channel) async -> Bool {
        guard channel.isActive else { return true }
        guard let socket = channel as? any SocketOptionProvider else { return false }
        do {
            let closeWait: UInt8 = 8  // TCP_CLOSE_WAIT
            return try await socket.getTCPInfo().get().tcpi_state == closeWait
        } catch {
            return !channel.isActive  // It was closed in the meantime, or it is no TCP socket.
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent { self.onDisconnect() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.onDisconnect()
        context.fireChannelInactive()
    }
}
