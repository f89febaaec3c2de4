import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends one signed webhook. Follows no redirect, waits for nobody long, and reads little of what comes back.
struct WebhookSender: Sendable {
    /// What the endpoint made of it.
    enum Result: Sendable, Equatable {
        case delivered
        /// 410: it wants no more.
        case gone
        /// Anything else, as a code without data: `http_503`, `timed_out`, `not_reached`, `insecure_url`, `bad_url`.
        case failed(code: String)

        /// Whether the endpoint was there and said something.
        var isAnswer: Bool {
            switch self {
            case .delivered, .gone: true
            case .failed(let code): code != Self.timedOut && code != Self.notReached
            }
        }

        static let timedOut = "timed_out"
        static let notReached = "not_reached"
    }

    struct Settings: Sendable {
        /// Endpoints without TLS: for tests and demonstrations on one machine.
        var allowsPlainHTTP = false
        /// From the first byte sent to the last byte read.
        var timeout: TimeAmount = .seconds(15)
        /// Of the answer, which is thrown away.
        var maximumAnswer = 64 * 1024
    }

    let settings: Settings

    init(_ settings: Settings) {
        self.settings = settings
    }

    /// One client for the process.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(15)))
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    func send(_ body: [UInt8], id: UUID, to url: String, secret: [UInt8], at now: Date) async throws -> Result {
        guard let parsed = URL(string: url), let scheme = parsed.scheme?.lowercased(), parsed.host()?.isEmpty == false,
            scheme == "https" || scheme == "http"
        else { return .failed(code: "bad_url") }
        guard scheme == "https" || self.settings.allowsPlainHTTP else { return .failed(code: "insecure_url") }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: CloudEvent.contentType)
        request.headers.add(name: "user-agent", value: "dandelion-gateway")
        let signature = WebhookSignature.headers(
            id: id.uuidString.lowercased(), timestamp: now, body: body, secret: secret)
        for (name, value) in signature { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await Self.client.execute(request, timeout: self.settings.timeout)
            return try await self.result(of: response)
        } catch let error where Task.isCancelled {
            throw error
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            return .failed(code: Result.timedOut)
        } catch {
            // Which of the many ways it failed is between the endpoint and its network; nothing of it is data of ours.
            return .failed(code: Result.notReached)
        }
    }

    /// The status decides. The rest is read so that the connection can be used again, but no more than a little.
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
