import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to a carrier and what came back, with an end to every wait and to every answer.
struct HTTPExchange: Sendable {
    /// What came of it.
    enum Result: Sendable {
        /// A whole answer.
        case answer(status: Int, body: [UInt8])
        /// The connection was never made: nothing was sent.
        case notReached
        /// It was sent, or part of it, and no whole answer came: it timed out, broke off, or was too long.
        case noAnswer(reason: String)
    }

    let timeout: Duration

    private static let longestAnswer = 64 * 1024

    /// One client for the process. No redirects: a number and a text go to nobody that was not configured.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(30)))
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// - Throws: `CancellationError` when the task was cancelled.
    func post(_ url: String, headers: [(name: String, value: String)], body: [UInt8]) async throws -> Result {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in headers where name != "host" { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let limit = TimeAmount.nanoseconds(Int64(self.timeout / .nanoseconds(1)))
        do {
            let response = try await Self.client.execute(request, timeout: limit)
            var bytes: [UInt8] = []
            for try await part in response.body {
                bytes += part.readableBytesView
                guard bytes.count <= Self.longestAnswer else { return .noAnswer(reason: "answer_too_long") }
            }
            return .answer(status: Int(response.status.code), body: bytes)
        } catch let error where Task.isCancelled {
            throw CancellationError(error)
        } catch let error as HTTPClientError where error == .connectTimeout {
            return .notReached
        } catch let error as HTTPClientError where [.deadlineExceeded, .readTimeout, .writeTimeout].contains(error) {
            return .noAnswer(reason: "timeout")
        } catch is NIOConnectionError {
            return .notReached
        } catch let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode) {
            return .notReached
        } catch is HTTPParserError {
            return .noAnswer(reason: "bad_answer")
        } catch {
            return .noAnswer(reason: "connection_lost")
        }
    }
}

extension CancellationError {
    /// Whatever the client threw, it was cancelled.
    fileprivate init(_ cause: any Error) { self.init() }
}
