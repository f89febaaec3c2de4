public import Hummingbird
public import NIOCore

/// The request context of our doors: JSON by our conventions. A service that adds state of its own (such as the client
/// that was authenticated) conforms its own type.
public protocol EdgeRequestContext: RequestContext
where Source == ApplicationRequestContextSource, Decoder == JSONBodyDecoder, Encoder == JSONBodyEncoder {
    /// The other end of the connection; `nil` where there is none.
    var remoteAddress: SocketAddress? { get }
}

extension EdgeRequestContext {
    /// JSON by our conventions.
    public var requestDecoder: JSONBodyDecoder { JSONBodyDecoder() }
    /// JSON by our conventions.
    public var responseEncoder: JSONBodyEncoder { JSONBodyEncoder() }
    /// 256 KiB: requests are forms and short reports, never files.
    public var maxUploadSize: Int { 256 * 1024 }
}

/// The context for doors that need nothing of their own.
public struct BasicEdgeContext: EdgeRequestContext {
    /// What Hummingbird itself needs.
    public var coreContext: CoreRequestContextStorage
    /// The other end of the connection.
    public let remoteAddress: SocketAddress?

    /// A context for one request.
    public init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.remoteAddress = source.channel.remoteAddress
    }
}
