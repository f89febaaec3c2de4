import Hummingbird
import NIOCore
import ServiceKit

/// What a request to the gateway carries: the connection too, so that a poll can notice when its client has gone.
struct GatewayContext: EdgeRequestContext {
    var coreContext: CoreRequestContextStorage
    let connection: any Channel

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.connection = source.channel
    }

    var remoteAddress: SocketAddress? { self.connection.remoteAddress }

    /// 32 KiB: bodies are a few codes and numbers, and at most a sealed text of 8 KiB with eight attachments in base64.
    var maxUploadSize: Int { 32 * 1024 }
}
