public import Hummingbird
public import Logging
public import PostgresClient

/// What a service is built from. The pool is running and the schema is right when `build` receives it.
public struct ServiceContext: Sendable {
    /// The settings.
    public let configuration: ServiceConfiguration
    /// The database.
    public let pool: PostgresPool
    /// Bells: one LISTEN connection for the process.
    public let listener: PostgresListener
    /// The service's logger.
    public let logger: Logger
    /// The metrics that `/metrics` shows.
    public let metrics: MetricsRegistry
    /// Health, readiness and metrics.
    public let operations: Operations

    /// The service's HTTP door with its routes and those of the operators.
    public func httpDoor<Context: RequestContext>(_ router: Router<Context>) -> HTTPDoor<Context>
    where Context.Source == ApplicationRequestContextSource {
        HTTPDoor(router, address: self.configuration.http, operations: self.operations, logger: self.logger)
    }

    /// The door of a service that has no routes of its own: health, readiness and metrics.
    public func operationsDoor() -> HTTPDoor<BasicEdgeContext> {
        self.httpDoor(Router(context: BasicEdgeContext.self, options: .autoGenerateHeadEndpoints).addEdgeMiddleware())
    }
}
