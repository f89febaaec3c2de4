import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends one signed webhook. Follows no redirect, connects to no address inside, waits for nobody long, and reads little of what
/// comes back.
struct WebhookSender: Sendable {
    /// What the endpoint made of it.
    enum Result: Sendable, Equatable {
        case delivered
        /// 410: it wants no more.
        case gone
        /// Anything else, as a code without data: `http_503`, `timed_out`, `not_reached`, `forbidden_address`, `insecure_url`,
        /// `bad_url`.
        case failed(code: String)

        /// Whether the endpoint was there and said something.
        var isAnswer: Bool {
            switch self {
            case .delivered, .gone: true
            case .failed(let code): code.hasPrefix("http_")
            }
        }

        /// For the delivery log.
        var code: String {
            switch self {
            case .delivered: "delivered"
            case .gone: "gone"
            case .failed(let code): code
            }
        }

        static let timedOut = "timed_out"
        static let notReached = "not_reached"
        static let forbiddenAddress = "forbidden_address"
    }

    struct Settings: Sendable {
        /// Endpoints without TLS: for tests and demonstrations on one machine.
        var allowsPlainHTTP = false
        /// Networks beside the internet in which endpoints may be.
        var networks = WebhookNetworks()
        /// From the look-up of the name to the last byte read.
        var timeout: TimeAmount = .seconds(15)
        /// Of the answer, which is thrown away.
        var maximumAnswer = 64 * 1024
        var resolver = NameResolver.system
    }

    let settings: Settings

    init(_ settings: Settings) {
        self.settings = settings
    }

    func send(_ body: [UInt8], id: UUID, to url: String, secrets: [[UInt8]], at now: Date) async throws -> Result {
        guard let parsed = URL(string: url), let scheme = parsed.scheme?.lowercased(), let host = parsed.host(),
            Self.isPlain(host: host), scheme == "https" || scheme == "http", parsed.user == nil, parsed.password == nil
        else { return .failed(code: "bad_url") }
        guard scheme == "https" || self.settings.allowsPlainHTTP else { return .failed(code: "insecure_url") }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: CloudEvent.contentType)
        request.headers.add(name: "user-agent", value: "dandelion-gateway")
        let signature = WebhookSignature.headers(
            id: id.uuidString.lowercased(), timestamp: now, body: body, secrets: secrets)
        for (name, value) in signature { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            return try await self.withinTime { [request] in try await self.perform(request, host: host) }
        } catch let error where Task.isCancelled {
            throw error
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            return .failed(code: Result.timedOut)
        } catch {
            // Which of the many ways it failed is between the endpoint and its network; nothing of it is data of ours.
            return .failed(code: Result.notReached)
        }
    }

    /// A name or address that can be read in one way only: with escapes in it, we and the client could read different ones.
    private static func isPlain(host: String) -> Bool {
        !host.isEmpty
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                case UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): true
                default: false
                }
            }
    }

    /// The whole of it, whatever the endpoint does: one that sends a byte a second keeps every other timeout away.
    private func withinTime(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .nanoseconds(self.settings.timeout.nanoseconds))
                return .failed(code: Result.timedOut)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { return .failed(code: Result.notReached) }
            return first
        }
    }

    /// Looks the name up, judges the address, and connects to that address and no other: between a look-up of ours and one of
    /// the client's the name could change.
    private func perform(_ request: HTTPClientRequest, host: String) async throws -> Result {
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let addresses =
            NetworkAddress(name) == nil ? try await self.settings.resolver.resolve(name) : [name]
        guard !addresses.isEmpty else { return .failed(code: Result.notReached) }
        let permitted = addresses.first { text in
            // What names an interface of ours (fe80::1%eth0) is none that we know.
            NetworkAddress(text).map(self.settings.networks.permits) ?? false
        }
        guard let permitted else { return .failed(code: Result.forbiddenAddress) }
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: self.configuration(host: name, address: permitted))
        do {
            let response = try await client.execute(request, timeout: self.settings.timeout)
            let result = try await self.result(of: response)
            try? await client.shutdown()  // There is nothing to be done about a connection that does not close well.
            return result
        } catch {
            try? await client.shutdown()  // As above: the error that counts is the one at hand.
            throw error
        }
    }

    /// Of a client for one webhook: an address that was judged must not be kept for the next one.
    private func configuration(host: String, address: String) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(15)))
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // However the client writes the name.
        for name in [host, host.lowercased(), "[\(host)]"] { configuration.dnsOverride[name] = address }
        return configuration
    }

    /// The status decides. The rest is read for the connection to end well, but no more than a little.
    private func result(of response: HTTPClientResponse) async throws -> Result {
        var rest = self.settings.maximumAnswer
        for try await part in response.body {
            rest -= part.readableBytes
            guard rest > 0 else { break }
        }
        switch response.status.code {
        case 200..<300: return .delivered
        case 410: return .gone
        default: return .failed(code: "http_\(response.status.code)")
        }
    }

    private static let timeouts: [HTTPClientError] = [.connectTimeout, .readTimeout, .deadlineExceeded, .writeTimeout]
}
