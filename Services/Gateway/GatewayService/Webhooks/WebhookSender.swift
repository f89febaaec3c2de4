import FoundationEssentials
import NIOCore
import NIOHTTP1

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
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard let target = Self.target(of: parsed) else { return .failed(code: "bad_url") }
        var request = WebhookConnection.Request(
            host: name, port: parsed.port ?? (scheme == "https" ? 443 : 80), isSecure: scheme == "https",
            target: target,
            headers: ["content-type": CloudEvent.contentType, "user-agent": "dandelion-gateway"], body: body)
        let signature = WebhookSignature.headers(
            id: id.uuidString.lowercased(), timestamp: now, body: body, secrets: secrets)
        for (name, value) in signature { request.headers.add(name: name, value: value) }
        do {
            return try await self.withinTime { [request] in try await self.perform(request) }
        } catch let error where Task.isCancelled {
            throw error
        } catch WebhookConnection.Failure.connectTimeout {
            return .failed(code: Result.timedOut)
        } catch {
            // Which of the many ways it failed is between the endpoint and its network; nothing of it is data of ours.
            return .failed(code: Result.notReached)
        }
    }

    /// Path and query as they go into the request's first line; `nil` when they could begin another.
    private static func target(of url: URL) -> String? {
        let path = url.path(percentEncoded: true)
        let target = (path.isEmpty ? "/" : path) + (url.query(percentEncoded: true).map { "?\($0)" } ?? "")
        return target.hasPrefix("/") && target.utf8.allSatisfy { (0x21...0x7e).contains($0) } ? target : nil
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

    /// Looks the name up, judges the address, and connects to that address and no other: between two look-ups the name could
    /// change.
    private func perform(_ request: WebhookConnection.Request) async throws -> Result {
        let addresses =
            NetworkAddress(request.host) == nil
            ? try await self.settings.resolver.resolve(request.host) : [request.host]
        guard !addresses.isEmpty else { return .failed(code: Result.notReached) }
        let permitted = addresses.first { text in
            // What names an interface of ours (fe80::1%eth0) is none that we know.
            NetworkAddress(text).map(self.settings.networks.permits) ?? false
        }
        guard let permitted else { return .failed(code: Result.forbiddenAddress) }
        // The status decides. The rest is read for the connection to end well, but no more than a little.
        let status = try await WebhookConnection(maximumAnswer: self.settings.maximumAnswer).send(
            request, to: permitted)
        switch status.code {
        case 200..<300: return .delivered
        case 410: return .gone
        default: return .failed(code: "http_\(status.code)")
        }
    }
}
