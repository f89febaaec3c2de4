import AsyncHTTPClient
import DandelionAgency
import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import JobQueue
import JobTypes
import Logging
import NIOCore
import NIOHTTP1
import PostgresClient
import ServiceKit
import TestSupport

@testable import GatewayService

/// A gateway with its own login on a database of its own, reached over a real socket.
struct GatewayHarness: Sendable {
    let database: TestDatabase
    let network: NetworkFixture
    let parts: GatewayService.Parts
    let url: String

    /// Quiet, but a handler that keeps metadata: the request's id lives there.
    static let logger: Logger = {
        var logger = Logger(label: "gateway-test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        return logger
    }()

    /// A client that does not retry, so that each answer is seen.
    func client(_ agency: NetworkFixture.Agency) throws -> AgencyClient {
        try AgencyClient(gatewayURL: self.url, key: agency.key, retry: AgencyRetryPolicy(maximumAttempts: 1))
    }

    struct RawAnswer: Sendable {
        let status: Int
        let body: String
        /// By lower-case name.
        let headers: [String: String]
    }

    enum Verb: String {
        case GET, POST
    }

    /// A request as no client of ours would send it.
    func send(
        _ verb: Verb, _ path: String, key: String?, body: String? = nil, bytes: [UInt8]? = nil,
        contentType: String? = "application/json", headers: [(String, String)] = []
    ) async throws -> RawAnswer {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = HTTPMethod(rawValue: verb.rawValue)
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body = bytes ?? body.map({ Array($0.utf8) }) {
            if let contentType { request.headers.add(name: "content-type", value: contentType) }
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await AgencyClient.standardHTTPClient.execute(request, timeout: .seconds(30))
        let answer = try await response.body.collect(upTo: 1 << 20)
        return RawAnswer(
            status: Int(response.status.code), body: String(buffer: answer),
            headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first })
    }
}

/// Runs the body with a gateway. Bells are rung by the gateway's own bell and the fixture's.
func withGateway<Value: Sendable>(
    settings: GatewaySettings = GatewaySettings(), runsWorker: Bool = false, runsRounds: Bool = true,
    idleTimeout: Duration = .seconds(75),
    bodyTimeout: Duration = .seconds(60),
    _ body: @escaping @Sendable (GatewayHarness) async throws -> Value
) async throws -> Value {
    try await withTestDatabase(maximumConnections: 6) { database in
        let network = NetworkFixture(pool: database.pool)
        try await network.prepare()
        return try await database.withPool(user: "dandelion_gateway", maximumConnections: 8) { pool in
            let configuration = database.configuration(user: "dandelion_gateway")
            let listener = PostgresListener(configuration, logger: GatewayHarness.logger)
            let parts = GatewayService.Parts(
                settings: settings, pool: pool, database: configuration, listener: listener,
                roundPatience: runsRounds ? GatewayRounds.patience : nil, logger: GatewayHarness.logger)
            // The server with the limits that the process has.
            let door = HTTPDoor(
                parts.door.router(), address: HTTPAddress(host: "127.0.0.1", port: 0),
                operations: Operations(metrics: MetricsRegistry(), checks: [], logger: GatewayHarness.logger),
                logger: GatewayHarness.logger, idleTimeout: idleTimeout, bodyTimeout: bodyTimeout)
            var app = door.application
            app.addServices(listener, parts.bell, parts.polls)
            if runsWorker { app.addServices(parts.worker) }
            if runsRounds { app.addServices(parts.rounds) }
            return try await app.test(.live) { client in
                guard let port = client.port else { throw CancellationError() }
                return try await body(
                    GatewayHarness(
                        database: database, network: network, parts: parts, url: "http://localhost:\(port)"))
            }
        }
    }
}
