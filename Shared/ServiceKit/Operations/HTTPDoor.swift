import Glibc
public import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// An HTTP server as a service: the given routes, the operators' routes, 405 for methods a path does not have, and one
/// clear error when the address cannot be had.
public struct HTTPDoor<Context: RequestContext>: Service, CustomStringConvertible
where Context.Source == ApplicationRequestContextSource {
    /// The application, for tests (`application.test(.router)`).
    public let application: Application<RouterResponder<Context>>
    /// What a service group calls it in its log.
    public var description: String { "HTTPDoor" }
    private let address: HTTPAddress

    /// - Parameters:
    ///   - router: with ``Hummingbird/Router/addEdgeMiddleware()`` called first and all routes added.
    ///   - operations: adds `/health`, `/ready` and `/metrics`.
    ///   - idleTimeout: how long a connection may be silent outside of a request that is being answered. A head that is not whole yet
    ///     is silence.
    ///   - bodyTimeout: how long a request's body may take, however steadily it comes.
    public init(
        _ router: Router<Context>, address: HTTPAddress, operations: Operations, logger: Logger,
        idleTimeout: Duration = .seconds(75), bodyTimeout: Duration = .seconds(60)
    ) {
        operations.addRoutes(to: router)
        router.addMethodNotAllowed()
        self.address = address
        self.application = Application(
            responder: router.buildResponder(),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [RequestDeadline(TimeAmount(bodyTimeout))],
                    idleTimeout: TimeAmount(idleTimeout))),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil, backlog: 1024),
            logger: logger)
    }

    /// Serves until graceful shutdown, then finishes the requests that are being answered.
    /// - Throws: `ServiceExit` when the address cannot be listened on.
    public func run() async throws {
        do {
            try await self.application.run()
        } catch let error as IOError {
            throw self.exit(for: error)
        } catch  where error is SocketAddressError || error is SocketAddressError.UnknownHost {
            throw ServiceExit(
                .configuration, "the host \(self.address.host) cannot be resolved; correct DANDELION_HTTP_HOST")
        }
    }

    private func exit(for error: IOError) -> ServiceExit {
        let place = "port \(self.address.port) on \(self.address.host)"
        return switch error.errnoCode {
        case EADDRINUSE:
            ServiceExit(
                .unavailable,
                "\(place) is already in use; end the other process or set DANDELION_HTTP_PORT to a free one")
        case EACCES, EPERM:
            ServiceExit(
                .configuration, "this user may not listen on \(place); set DANDELION_HTTP_PORT to one above 1023")
        case EADDRNOTAVAIL:
            ServiceExit(
                .configuration, "\(self.address.host) is not an address of this machine; correct DANDELION_HTTP_HOST")
        default:
            ServiceExit(.unavailable, "cannot listen on \(place) (error \(error.errnoCode))")
        }
    }
}
