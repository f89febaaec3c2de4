import AgencyDoors
import Casework
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import PostgresClient
import ServiceKit

/// Requests under an `Idempotency-Key`: one that comes again is answered as it was, and its key is refused to another.
struct RepeatedRequests: Sendable {
    let pool: PostgresPool
    let doors: GatewayDoorStore
    let logger: Logger

    /// One request of one agency under the key that the client chose.
    struct Key: Sendable {
        let text: String
        /// SHA-256 of what was asked: the path and the body.
        let hash: [UInt8]
    }

    /// The key of a request; `nil` without one. The body is read for it, and is there to be read again.
    /// - Throws: `HTTPProblem` 400 for a header that is no key, 413 for a body that is too large.
    func key(of request: inout Request, limit: Int) async throws -> Key? {
        let values = request.headers[values: .idempotencyKey]
        guard let text = values.first else { return nil }
        guard values.count == 1, (1...200).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw HTTPProblem(
                .badRequest, "The Idempotency-Key header must be one value of 1 to 200 printable ASCII characters.")
        }
        var hash = SHA256()
        hash.update(data: Array(request.uri.path.utf8) + [0])
        hash.update(data: Array(try await request.collectBody(upTo: limit).readableBytesView))
        return Key(text: text, hash: Array(hash.finalize()))
    }

    /// The answer to a request: the earlier one, or what `perform` gives.
    /// - Throws: `HTTPProblem` 422 when the key stands for another request; what `perform` throws, which is not kept.
    func answer(
        under key: Key, of agency: UUID, _ perform: () async throws -> any Encodable & Sendable
    ) async throws -> [UInt8] {
        switch try await self.doors.takeKey(key.text, for: key.hash, of: agency, on: self.pool) {
        case .same(.some(let answer)): return answer
        case .other: throw HTTPProblem.idempotencyKeyReused
        // It is under way, was refused, or its process died. What was done has its effect once, whoever asks again.
        case .new, .same(nil): break
        }
        let answer = Array(try JSONConventions.encoder.encode(try await perform()))
        do {
            try await self.doors.keepAnswer(answer, to: key.text, for: key.hash, of: agency, on: self.pool)
        } catch {
            // It is done and must be said so; a repeat is then answered by what it finds.
            self.logger.warning("Answer not kept for repeats", metadata: ["error": .string(SafeDiagnosis.of(error))])
        }
        return answer
    }
}

extension HTTPField.Name {
    // A token, which is all that can be wrong with a name.
    static let idempotencyKey = Self("Idempotency-Key") ?? .retryAfter
}
