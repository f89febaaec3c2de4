import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import ServiceKit

/// Sends requests for help to intake, as a client with a key does.
struct IntakeCaller: Sendable {
    private let http: HTTPClient
    private let url: String
    private let key: String

    /// What a request is answered with.
    struct Opened: Decodable, Sendable {
        let number: String
        let receipt: String
    }

    private struct Problem: Decodable {
        struct Field: Decodable {
            let field: String
            let message: String
        }

        let title: String
        let detail: String?
        let errors: [Field]?
    }

    /// - Parameter intakeURL: such as `http://127.0.0.1:8081`.
    init(http: HTTPClient, intakeURL: String, key: String) {
        self.http = http
        self.url = (intakeURL.hasSuffix("/") ? String(intakeURL.dropLast()) : intakeURL) + "/v1"
        self.key = key
    }

    /// A client for the length of a command.
    static func withHTTPClient<Value>(
        connections: Int = 8, _ body: (HTTPClient) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(90)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.httpVersion = .http1Only
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let value = try await body(http)
            try await http.shutdown()
            return value
        } catch {
            try await http.shutdown()
            throw error
        }
    }

    /// Opens a case. With the same idempotency key the call may be repeated: there is one case.
    /// - Throws: `CommandFailure` with intake's own words.
    func open(_ body: [UInt8], idempotencyKey: String) async throws -> Opened {
        let pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3)]
        for pause in pauses {
            do {
                return try await self.openOnce(body, idempotencyKey)
            } catch let failure as CommandFailure where failure.status == .unavailable {
                try await Task.sleep(for: pause)
            }
        }
        return try await self.openOnce(body, idempotencyKey)
    }

    /// Records that she was called back and confirms. Repeating it does nothing more.
    func callBack(_ number: String, by staff: String) async throws {
        struct Body: Encodable {
            let by: String
            let result = "confirmed"
            let satisfaction = 5
        }
        let body = try JSONConventions.encoder.encode(Body(by: staff))
        let (status, data) = try await self.post(
            "/cases/\(number)/call-backs", Array(body), idempotencyKey: "call-back:\(number)")
        guard status == 200 else { throw Self.failure(status, data) }
    }

    /// The call, once.
    func openOnce(_ body: [UInt8], _ idempotencyKey: String) async throws -> Opened {
        let (status, data) = try await self.post("/requests", body, idempotencyKey: idempotencyKey)
        guard status == 201 else { throw Self.failure(status, data) }
        do {
            return try JSONConventions.decoder.decode(Opened.self, from: data)
        } catch {
            throw CommandFailure(.internalError, "intake's answer is not one of this version")
        }
    }

    private func post(
        _ path: String, _ body: [UInt8], idempotencyKey: String
    ) async throws -> (status: Int, Data) {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer \(self.key)")
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "idempotency-key", value: idempotencyKey)
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await self.http.execute(request, timeout: .seconds(30))
            return (
                Int(response.status.code), Data(try await response.body.collect(upTo: 1 << 20).readableBytesView)
            )
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw CommandFailure(.unavailable, "intake does not answer at \(self.url); start it, or correct --intake")
        }
    }

    private static func failure(_ status: Int, _ data: Data) -> CommandFailure {
        var said = ""
        do {
            let problem = try JSONConventions.decoder.decode(Problem.self, from: data)
            let fields = (problem.errors ?? []).map { "\($0.field): \($0.message)" }
            said = ([problem.detail ?? problem.title] + fields).joined(separator: " ")
        } catch {
            said = "no problem document"
        }
        let kind: ExitStatus =
            switch status {
            case 401, 403: .configuration
            case 429, 500...599: .unavailable
            default: .badData
            }
        return CommandFailure(kind, "intake answered \(status): \(said.printable)")
    }
}
