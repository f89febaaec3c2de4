import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

extension AgencyClient {
    /// 20 packages of the largest size fit.
    private static let maximumAnswer = 16 * 1024 * 1024

    /// Sends a call, again and again while that is allowed and may help.
    func send<Body: Encodable, Answer: Decodable>(
        _ method: HTTPMethod, _ path: String, body: Body?, repeatability: Repeatability,
        timeout: Duration = .seconds(30)
    ) async throws -> Answer {
        let data = try body.map { try AgencyJSON.encoder.encode($0) }
        var attempt = 1
        while true {
            do {
                return try await self.sendOnce(method, path, data: data, timeout: timeout)
            } catch let error as AgencyError {
                guard attempt < self.retry.maximumAttempts, repeatability.allows(error) else { throw error }
                try await Task.sleep(for: self.retry.delay(afterAttempt: attempt, asked: error.retryAfter))
                attempt += 1
            }
        }
    }

    private func sendOnce<Answer: Decodable>(
        _ method: HTTPMethod, _ path: String, data: Data?, timeout: Duration
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: self.gatewayURL + path)
        request.method = method
        request.headers.add(name: "authorization", value: "Bearer \(self.key)")
        request.headers.add(name: "accept", value: "application/json, application/problem+json")
        if let data {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: data))
        }
        let response: HTTPClientResponse
        let answer: ByteBuffer
        do {
            response = try await self.httpClient.execute(
                request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
            answer = try await response.body.collect(upTo: Self.maximumAnswer)
        } catch {
            throw Self.failure(error)
        }
        let status = Int(response.status.code)
        guard (200..<300).contains(status) else {
            throw AgencyError(
                status: status, problem: Self.problem(in: answer, of: response),
                retryAfter: response.headers.first(name: "retry-after").flatMap { Int64($0) }.map(Duration.seconds))
        }
        do {
            return try AgencyJSON.decoder.decode(Answer.self, from: Data(answer.readableBytesView))
        } catch {
            // What the decoder stumbled over may quote the answer, so it is not kept.
            throw AgencyError(
                code: .unexpectedAnswer, status: status, detail: "the answer is not one of this gateway version")
        }
    }

    /// The problem document of an answer, nil when there is none.
    private static func problem(in answer: ByteBuffer, of response: HTTPClientResponse) -> AgencyProblem? {
        guard response.headers.first(name: "content-type")?.hasPrefix("application/problem+json") == true else {
            return nil
        }
        do {
            return try AgencyJSON.decoder.decode(AgencyProblem.self, from: Data(answer.readableBytesView))
        } catch {
            return nil  // The status alone has to do.
        }
    }

    /// Whether the call can have reached the gateway decides what an error of the transport means.
    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError:
            return error
        case let error as HTTPClientError where error == .cancelled:
            return CancellationError()
        case let error as HTTPClientError where Self.beforeSending.contains(error):
            return AgencyError(
                code: .connectionFailed, detail: "the gateway cannot be reached", underlying: error)
        case let error as IOError where Self.whileConnecting.contains(error.errnoCode):
            return AgencyError(code: .connectionFailed, detail: "the gateway cannot be reached", underlying: error)
        case is NIOConnectionError:
            return AgencyError(code: .connectionFailed, detail: "the gateway cannot be reached", underlying: error)
        case is NIOTooManyBytesError:
            return AgencyError(code: .unexpectedAnswer, detail: "the answer is too large", underlying: error)
        default:
            return AgencyError(
                code: .outcomeUnknown, detail: "the connection ended before the answer", underlying: error)
        }
    }

    /// What only an attempt to connect ends with.
    private static let whileConnecting: [CInt] = [
        ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, ENETDOWN, EHOSTDOWN,
    ]

    private static let beforeSending: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout,
        .socksHandshakeTimeout,
    ]
}
